//! Tests of databases that earlier versions wrote, and of `schema.sql`.
//!
//! `fixtures/first` is a device of the first version of the tables, as the program of that time
//! left it: a senior rep's phone with accepted records, a disputed amount, work that waits in every
//! state, and a record that it had to forget. It is never made again. When a version is released, a
//! device of it is put beside it.

use std::path::{Path, PathBuf};

use roadbook_domain::{Entity, RecordId, Schema, Value};
use rusqlite::Connection;

use super::{MIGRATIONS, VERSION, migrate};
use crate::key::KeyFile;
use crate::replica::database_path;
use crate::testing::{START_MS, euros, open, text, unlock, user};
use crate::{CommitStamp, PendingState, Replica, RequestOptions, SyncMark};

const ACCOUNT: u8 = 1;
const DEAL: u8 = 3;
const LEAD: u8 = 5;

/// The n-th id that the device of the fixture made.
fn id(n: u8) -> [u8; 16] {
    let mut id = [0; 16];
    (id[3], id[4], id[6]) = (n, 3, 0x70);
    id
}

fn record(n: u8) -> RecordId {
    RecordId::from_bytes(id(n))
}

fn intent(n: u8) -> roadbook_domain::IntentId {
    roadbook_domain::IntentId::from_bytes(id(n))
}

fn in_crate(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A copy of the fixture to open.
fn first() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["device.db", "keys.json"] {
        std::fs::copy(in_crate("fixtures/first").join(name), copy.path().join(name)).unwrap();
    }
    copy
}

/// The database as it lies there, without bringing it up to date.
fn as_it_is(dir: &Path) -> Connection {
    let connection = Connection::open(database_path(dir)).unwrap();
    let key = KeyFile::read(dir).unwrap().unwrap(&unlock()).unwrap();
    let key = format!("PRAGMA key = \"x'{}'\";", crate::hex::write(key.as_slice()));
    connection.execute_batch(&key).unwrap();
    connection
}

fn version(connection: &Connection) -> u32 {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

/// The durable tables of the first version, each with its columns.
fn first_tables() -> Vec<(String, Vec<String>)> {
    let made = Connection::open_in_memory().unwrap();
    made.execute_batch(MIGRATIONS[0]).unwrap();
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
    let mut all = connection.prepare(&format!("SELECT {list} FROM {table}")).unwrap();
    let row = |row: &rusqlite::Row<'_>| -> rusqlite::Result<String> {
        let values: Result<Vec<_>, _> =
            (0..columns.len()).map(|at| row.get::<_, rusqlite::types::Value>(at)).collect();
        Ok(format!("{:?}", values?))
    };
    let mut out: Vec<String> = all.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap();
    out.sort();
    out
}

#[test]
fn no_migration_loses_a_row_or_a_value() {
    let dir = first();
    let found = as_it_is(dir.path());
    assert_eq!(version(&found), 1, "the fixture is of the first version");
    let picture = |connection: &Connection| -> Vec<(String, Vec<String>)> {
        let of = |(table, columns): (String, Vec<String>)| {
            let rows = rows(connection, &table, &columns);
            (table, rows)
        };
        first_tables().into_iter().map(of).collect()
    };
    let before = picture(&found);
    drop(found);
    let mut migrated = as_it_is(dir.path());
    migrate(&mut migrated, dir.path()).unwrap();
    assert_eq!(version(&migrated), VERSION);
    for ((table, before), (_, after)) in before.into_iter().zip(picture(&migrated)) {
        let filled = !["branches", "faults", "journal"].contains(&table.as_str());
        assert_eq!(!before.is_empty(), filled, "what the fixture has in `{table}`");
        assert_eq!(before, after, "`{table}`");
    }
}

#[test]
fn a_device_of_the_first_version_opens_with_every_record_intent_and_setting() {
    let dir = first();
    let mut replica = open(dir.path(), Schema::crm());
    let value = |replica: &Replica, record, field: &str| {
        replica.record(record).unwrap().expect("the record is here").value(field).clone()
    };

    let account = record(ACCOUNT);
    for (field, expected) in [
        ("name", text("Acme")),
        ("city", text("Tartu")),
        ("description", text("They build tall cranes. Ask for Ida.")),
        ("tags", Value::Set(vec!["cranes".into(), "old friends".into()])),
        ("visits", Value::Integer(5)),
        ("tax_id", text("LV-1")),
    ] {
        assert_eq!(value(&replica, account, field), expected, "{field}");
    }
    let deal = record(DEAL);
    let row = replica.record(deal).unwrap().unwrap();
    assert_eq!(
        (row.value("name"), row.value("account")),
        (&text("Renewal"), &Value::Reference(account))
    );
    let lead = replica.record(record(LEAD)).unwrap();
    assert!(lead.is_some(), "it goes when its unsent work is in the quarantine");
    assert_eq!(replica.search("cranes", 10).unwrap().rows.len(), 1, "the search is made again");
    let visit = record(12);
    assert_eq!(value(&replica, visit, "subject"), text("Walked the yard"));

    let conflicts = replica.conflicts().unwrap();
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    let sides: Vec<Value> = conflicts[0].sides.iter().map(|side| side.value.clone()).collect();
    assert_eq!((conflicts[0].record, sides), (deal, vec![euros(3_000), euros(2_000)]));

    let states: Vec<(roadbook_domain::IntentId, PendingState)> = replica
        .pending()
        .unwrap()
        .into_iter()
        .map(|pending| (pending.intent, pending.state))
        .collect();
    let drawer = replica.needs_you().unwrap();
    assert_eq!(drawer.len(), 1, "{drawer:?}");
    assert_eq!((drawer[0].intent, drawer[0].denial.code.as_str()), (intent(8), "not_permitted"));
    assert!(format!("{:?}", drawer[0].parts).contains("LV-2"), "with its words");
    assert_eq!(
        states,
        [
            (intent(9), PendingState::Saved),
            (intent(10), PendingState::Saved),
            (intent(11), PendingState::Saved),
            (intent(13), PendingState::Saved),
            (intent(14), PendingState::Saved),
            (intent(15), PendingState::Accepted { seq: 7 }),
        ]
    );

    assert_eq!(replica.device_name(), "Device 3");
    let enrolment = replica.enrolment().expect("it is enrolled");
    assert_eq!(enrolment.user, user(3));
    assert_eq!((enrolment.role.as_str(), enrolment.tenant_name.as_str()), ("Senior rep", "acme"));
    assert_eq!(replica.state.position, 6, "it goes on where it was");
    let history = replica.history(deal, Some("amount")).unwrap();
    assert_eq!(history.len(), 3, "made, and set by two: {history:?}");
    assert!(replica.doctor().unwrap().is_healthy(), "{:?}", replica.doctor());

    // It goes on: what waited is sent, what was for the quarantine too, and there is more to come.
    let edit = roadbook_domain::FieldEdit {
        field: "postal_code".into(),
        from: Value::Null,
        to: text("51009"),
    };
    let later = roadbook_domain::Intent::EditFields {
        record: account,
        entity: Entity::Account,
        edits: vec![edit],
    };
    let wall_ms = START_MS + 3_600_000;
    let stamp = CommitStamp { intent: intent(200), wall_ms, rationale: None };
    replica.commit(&later, &stamp).unwrap();
    assert_eq!(value(&replica, account, "postal_code"), text("51009"), "a field of today");
    let row = replica.record(account).unwrap().unwrap();
    assert_eq!(row.sync, SyncMark::Saved);
    let request = replica.next_request(wall_ms, RequestOptions::shipped()).unwrap();
    assert_eq!(request.push.map(|push| push.envelopes.len()), Some(6));
    assert_eq!(request.quarantine.len(), 1, "the unsent work on the lead");
    assert!(replica.doctor().unwrap().is_healthy());
}

/// The tables and indexes that the migrations make, one statement a paragraph.
fn schema() -> String {
    let mut made = Connection::open_in_memory().unwrap();
    migrate(&mut made, Path::new("memory")).unwrap();
    let mut out = format!(
        "-- The durable tables of a device, as the migrations make them: version {VERSION}.\n\
         -- Generated; do not edit. `ROADBOOK_UPDATE=1 cargo test -p roadbook-replica schema_file` \
         writes it anew.\n\
         -- Projections and the search index are made from the schema table, not here.\n"
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
