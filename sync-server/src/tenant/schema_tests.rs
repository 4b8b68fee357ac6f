//! A schema with a field more than the one that the store was written by, and documents that
//! cannot be read: neither stops what else there is.

use std::path::PathBuf;

use roadbook_domain::schema::SCHEMA_VERSION;
use roadbook_domain::{
    Classification, Entity, Facet, FieldDef, MergeClass, RecordId, Schema, Value, ValueType,
};
use roadbook_sync_protocol::{PageItem, Verdict};

use super::Tenant;
use crate::trial::{Trial, create, edit, text};

const ACCOUNT: Entity = Entity::Account;

#[test]
fn a_field_more_is_taken_in_by_the_gate_and_projected() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let field = FieldDef::new(
        "mascot",
        "Mascot",
        ValueType::Text,
        MergeClass::Preference,
        Classification::Internal,
    )
    .since(SCHEMA_VERSION + 1);
    let schema = Schema::crm().with_field(ACCOUNT, field).unwrap();
    ana.schema = schema.clone();
    let mascot = |from, to: &str| edit(account, ACCOUNT, "mascot", from, text(to));

    // A server that does not have the line names the field and refuses it.
    ana.commit(&mut trial, &mascot(Value::Null, "a stork"));
    let verdicts = ana.sync(&trial).verdicts;
    let [Verdict::Denied(denial)] = &verdicts[..] else {
        panic!("the gate does not know the field: {verdicts:?}");
    };
    assert_eq!((denial.code.as_str(), denial.field.as_deref()), ("unknown_field", Some("mascot")));
    ana.branch += 1;

    let path = trial.folder.path().join("tenant.db");
    trial.tenant = Tenant::open_with_schema(&path, schema.clone(), trial.now_ms).unwrap();
    let row = trial.projected(ACCOUNT, Facet::Internal, account);
    assert_eq!(row.get("name").map(String::as_str), Some("Acme"), "{row:?}");
    assert_eq!(row.get("mascot"), None, "{row:?}");

    let mut ben = trial.device(trial.ben);
    ben.schema = schema;
    ben.sync(&trial);
    ana.commit(&mut trial, &mascot(Value::Null, "a heron"));
    ana.sync_clean(&trial);
    let row = trial.projected(ACCOUNT, Facet::Internal, account);
    assert_eq!(row.get("mascot").map(String::as_str), Some("a heron"), "{row:?}");
    ben.sync(&trial);
    assert_eq!(ben.value(account, ACCOUNT, "mascot"), text("a heron"));
    ben.assert_equal(&trial);
}

#[test]
fn a_damaged_document_does_not_keep_the_server_from_starting_with_a_field_more() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let bad = trial.record();
    ana.commit(&mut trial, &create(bad, ACCOUNT, &[("name", text("Damaged"))]));
    ana.sync_clean(&trial);
    let path = damage(&trial, bad);
    let mascot = FieldDef::new(
        "mascot",
        "Mascot",
        ValueType::Text,
        MergeClass::Preference,
        Classification::Internal,
    );
    let schema = Schema::crm().with_field(ACCOUNT, mascot).unwrap();
    trial.tenant = Tenant::open_with_schema(&path, schema, trial.now_ms).unwrap();
    let row = trial.projected(ACCOUNT, Facet::Internal, account);
    assert_eq!(row.get("name").map(String::as_str), Some("Acme"), "{row:?}");
    assert_eq!(trial.tenant.projected(ACCOUNT, Facet::Internal, bad).unwrap(), None);
}

#[test]
fn a_damaged_document_does_not_keep_other_records_from_a_device() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let bad = trial.record();
    let fields = [
        ("name", text("Damaged")),
        ("owner", Value::Reference(trial.ana.into())),
        ("territory", Value::Reference(trial.north)),
    ];
    ana.commit(&mut trial, &create(bad, ACCOUNT, &fields));
    ana.sync_clean(&trial);
    damage(&trial, bad);
    // Its history is so old that the document itself would say who made what is in it.
    trial.now_ms += 100 * 24 * 60 * 60 * 1_000;
    let ben = trial.device(trial.ben);
    let request = ben.request(&trial);
    let page = ben.exchange(&trial, request).unwrap().page.unwrap();
    let came = |record| {
        page.items.iter().any(|item| {
            matches!(item, PageItem::Snapshot(snapshot) if snapshot.document.record == record)
        })
    };
    assert!(came(account) && came(bad), "the device says itself what it cannot read");
}

#[test]
fn work_on_a_damaged_document_waits_until_it_is_mended_and_holds_nothing_else_up() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let bad = trial.record();
    ana.commit(&mut trial, &create(bad, ACCOUNT, &[("name", text("Damaged"))]));
    ana.sync_clean(&trial);
    let path = trial.folder.path().join("tenant.db");
    let stored = |bytes: Option<&[u8]>| -> Vec<u8> {
        let file = rusqlite::Connection::open(&path).unwrap();
        let mut whole = file.prepare("SELECT bytes FROM documents WHERE record = ?1").unwrap();
        let whole: Vec<u8> = whole.query_row([bad.as_bytes()], |row| row.get(0)).unwrap();
        if let Some(bytes) = bytes {
            let mend = "UPDATE documents SET bytes = ?2 WHERE record = ?1";
            file.execute(mend, (bad.as_bytes(), bytes)).unwrap();
        }
        whole
    };
    let whole = stored(Some(&[0, 255]));
    trial.tenant = Tenant::open(&path, trial.now_ms).unwrap();
    let city = |record| edit(record, ACCOUNT, "city", Value::Null, text("Bern"));
    ana.commit(&mut trial, &city(bad));
    ana.commit(&mut trial, &city(account));
    let verdicts = ana.push(&trial);
    let [Verdict::Held { .. }, other] = &verdicts[..] else { panic!("{verdicts:?}") };
    assert!(other.seq().is_some(), "{other:?}");

    stored(Some(&whole));
    trial.tenant = Tenant::open(&path, trial.now_ms).unwrap();
    let verdicts = ana.push(&trial);
    assert!(verdicts.iter().all(|verdict| verdict.seq().is_some()), "{verdicts:?}");
}

#[test]
fn a_damaged_territory_is_named_and_nothing_is_served_without_it() {
    let trial = Trial::new();
    let path = damage(&trial, trial.north);
    let error = Tenant::open(&path, trial.now_ms).unwrap_err();
    assert_eq!(error.code(), "corrupt");
    let told = error.to_string();
    assert!(told.contains(&format!("territory {}", trial.north)), "{told}");
}

/// Damages what is stored of a record; the file.
fn damage(trial: &Trial, record: RecordId) -> PathBuf {
    let path = trial.folder.path().join("tenant.db");
    let damaged = rusqlite::Connection::open(&path)
        .unwrap()
        .execute("UPDATE documents SET bytes = x'00ff' WHERE record = ?1", [record.as_bytes()]);
    assert!(damaged.unwrap() > 0);
    path
}
