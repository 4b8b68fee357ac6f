//! Tests of databases that earlier servers wrote, and of `schema.sql`.
//!
//! `fixtures/first.db` is a tenant of the first version of the tables, as the server of that time
//! left it: people and devices, a deal with a confidential half and a disputed amount, a denied
//! intent, and the unsent work of a revoked device. It is never made again. When a version is
//! released, a tenant of it is put beside it.

use std::path::{Path, PathBuf};

use roadbook_domain::{Entity, Facet, RecordId, Schema, Value};
use roadbook_sync_protocol::Verdict;
use rusqlite::Connection;

use super::{SqliteStore, migrations};
use crate::store::Store as _;
use crate::tenant::Tenant;
use crate::trial::{DAY_MS, START_MS, Seeded, Trial, edit, money, text};

const NOW_MS: i64 = START_MS + DAY_MS;
/// What the fixture has.
const HEAD: u64 = 15;
const ACCOUNT: &str = "01a1f7f9-1a61-7d95-b82e-1a4fad56b70e";
const DEAL: &str = "01a1f7f9-1a63-7a30-89ea-84fb3e62b8d4";
const REFUSED: &str = "01a1f7f9-1a69-71c7-836b-fced6bcecfe9";

fn in_crate(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A copy of the fixture to open.
fn first() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.db");
    std::fs::copy(in_crate("fixtures/first.db"), &path).unwrap();
    (folder, path)
}

/// The durable tables of the first version, each with its columns.
fn first_tables() -> Vec<(String, Vec<String>)> {
    let made = Connection::open_in_memory().unwrap();
    made.execute_batch(migrations::MIGRATIONS[0]).unwrap();
    let mut all =
        made.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let names: Vec<String> =
        all.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let columns = |table: &String| -> Vec<String> {
        let mut info = made.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        info.query_map([table], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    names.into_iter().map(|table| (table.clone(), columns(&table))).collect()
}

/// Every row of some columns of a table, in an order of its own.
fn rows(connection: &Connection, table: &str, columns: &[String]) -> Vec<String> {
    let list = columns.join(", ");
    // By what projections were made is written anew, and which policies were followed is new.
    let only = match table {
        "meta" => "WHERE name NOT IN ('projection_fingerprint', 'policies')",
        _ => "",
    };
    let mut all = connection.prepare(&format!("SELECT {list} FROM {table} {only}")).unwrap();
    let row = |row: &rusqlite::Row<'_>| -> rusqlite::Result<String> {
        let values: Result<Vec<_>, _> =
            (0..columns.len()).map(|at| row.get::<_, rusqlite::types::Value>(at)).collect();
        Ok(format!("{:?}", values?))
    };
    let mut out: Vec<String> = all.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap();
    out.sort();
    out
}

fn picture(path: &Path) -> Vec<(String, Vec<String>)> {
    let connection = Connection::open(path).unwrap();
    let of = |(table, columns): (String, Vec<String>)| {
        let rows = rows(&connection, &table, &columns);
        (table, rows)
    };
    first_tables().into_iter().map(of).collect()
}

#[test]
fn opening_a_tenant_of_the_first_version_loses_no_row_and_no_value() {
    let (_folder, path) = first();
    let version = |path: &Path| -> u32 {
        let connection = Connection::open(path).unwrap();
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    assert_eq!(version(&path), 1, "the fixture is of the first version");
    let before = picture(&path);
    drop(Tenant::open(&path, NOW_MS).unwrap());
    assert_eq!(version(&path), migrations::NEWEST);
    for ((table, before), (_, after)) in before.into_iter().zip(picture(&path)) {
        let filled = !["refused_records", "purges"].contains(&table.as_str());
        assert_eq!(!before.is_empty(), filled, "what the fixture has in `{table}`");
        assert_eq!(before, after, "`{table}`");
    }
}

/// The world of the fixture, under a seed that gives no id twice.
fn trial() -> Trial {
    let (folder, path) = first();
    let tenant = Tenant::open(&path, NOW_MS).unwrap();
    let users = tenant.users().unwrap();
    let user = |name: &str| users.iter().find(|user| user.name == name).unwrap().id;
    let territories = tenant.territories().unwrap();
    let place = |name: &str| territories.iter().find(|place| place.name == name).unwrap().id;
    let [ana, ben, mia, zoe, ada] = ["Ana", "Ben", "Mia", "Zoe", "Ada"].map(user);
    let [north, south] = ["North", "South"].map(place);
    let team = tenant.teams().unwrap()[0].id;
    let ids = Seeded(77);
    Trial { folder, tenant, ids, now_ms: NOW_MS, north, south, team, ana, ben, mia, zoe, ada }
}

#[test]
fn a_tenant_of_the_first_version_serves_what_it_had_and_goes_on() {
    let mut trial = trial();
    let status = trial.tenant.status().unwrap();
    assert_eq!((status.head, status.open_conflicts, status.quarantined), (HEAD, 1, 1));
    assert_eq!((status.users, status.devices, status.restore_epoch), (5, 2, 1));
    let path = trial.folder.path().join("tenant.db");
    let store = SqliteStore::open(&path, &Schema::crm()).unwrap();
    let read = store.read().unwrap();
    let verdict = read.verdict(REFUSED.parse().unwrap()).unwrap().expect("it was given");
    let verdict: Verdict = postcard::from_bytes(&verdict.verdict).unwrap();
    assert!(matches!(verdict, Verdict::Denied(_)), "{verdict:?}");
    drop(read);
    drop(store);
    let waiting = trial.tenant.quarantine().unwrap();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(trial.tenant.credential("ana").unwrap().unwrap().user, trial.ana);

    let (account, deal): (RecordId, RecordId) = (ACCOUNT.parse().unwrap(), DEAL.parse().unwrap());
    let row = trial.projected(Entity::Account, Facet::Internal, account);
    assert_eq!(row["description"], "They build cranes.");
    let row = trial.projected(Entity::Opportunity, Facet::Confidential, deal);
    assert_eq!(row["margin"], "1200");

    // A device that is new reads all of it, with a field of today; both halves, and the dispute.
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    ben.assert_equal(&trial);
    assert_eq!(ben.value(deal, Entity::Opportunity, "margin"), Value::Percent(1_200));
    let field = edit(account, Entity::Account, "postal_code", Value::Null, text("1010"));
    ben.commit(&mut trial, &field);
    ben.sync_clean(&trial);
    let row = trial.projected(Entity::Account, Facet::Internal, account);
    assert_eq!(row["postal_code"], "1010");
    let mut mia = trial.device(trial.mia);
    mia.sync(&trial);
    let key = roadbook_domain::DocumentKey::first(deal, Facet::Internal);
    let document = mia.document(key);
    let shown = roadbook_merge::view(&mia.schema, Entity::Opportunity, &[&document]);
    let sides: Vec<&Value> = shown.conflicts[0].sides.iter().map(|side| &side.value).collect();
    assert_eq!(sides, [&money(1_200), &money(900)]);
    mia.assert_equal(&trial);
}

/// The tables and indexes that the migrations make, one statement a paragraph.
fn schema() -> String {
    let mut made = Connection::open_in_memory().unwrap();
    migrations::run(&mut made).unwrap();
    let mut out = format!(
        "-- The durable tables of a tenant, as the migrations make them: version {}.\n\
         -- Generated; do not edit. `ROADBOOK_UPDATE=1 cargo test -p roadbook-server schema_file` \
         writes it anew.\n\
         -- Projections are made from the schema table, not here.\n",
        migrations::NEWEST
    );
    let mut all = made
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, name")
        .unwrap();
    let statements = all.query_map([], |row| row.get::<_, String>(0)).unwrap();
    for statement in statements {
        out.push_str(&format!("\n{};\n", statement.unwrap()));
    }
    out
}

#[test]
fn the_schema_file_is_what_the_migrations_make() {
    let path = in_crate("schema.sql");
    let expected = schema();
    if std::env::var_os("ROADBOOK_UPDATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "schema.sql is stale; run this test with ROADBOOK_UPDATE=1");
}
