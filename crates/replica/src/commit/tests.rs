//! Tests of saving intents.

use roadbook_domain::{
    Classification, Entity, FieldDef, FieldEdit, Intent, MergeClass, RecordId, Schema, Value,
    ValueType,
};
use roadbook_merge::Refusal;
use roadbook_policy::Decision;

use crate::testing::{Device, euros, text};
use crate::{CommitError, CommitStamp, ListQuery, StoreError, SyncMark};

#[test]
fn what_is_saved_is_shown_listed_and_pending() {
    let mut device = Device::new(3, "Senior rep");
    let account = device.create(Entity::Account, &[("name", text("Hôtel Zürich"))]);
    let deal = device.create(
        Entity::Opportunity,
        &[
            ("name", text("Renewal")),
            ("account", Value::Reference(account)),
            ("amount", euros(12_000)),
            ("margin", Value::Percent(1_200)),
        ],
    );
    let row = device.replica.record(deal).unwrap().unwrap();
    assert_eq!(row.value("amount"), &euros(12_000));
    assert_eq!(row.value("margin"), &Value::Percent(1_200), "confidential, and present here");
    assert_eq!(row.value("stage"), &text("Prospecting"));
    assert_eq!(row.value("weighted_amount"), &euros(1_200), "derived");
    assert_eq!(row.sync, SyncMark::Saved);
    let pending = device.replica.pending().unwrap();
    assert_eq!(pending.len(), 2);
    assert_eq!(pending[1].parts.len(), 2, "one part per facet");
    let listed = device.replica.list(&ListQuery::newest(Entity::Opportunity, 10)).unwrap();
    assert_eq!(listed, [row]);
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn every_value_comes_back_from_the_row_as_it_went_in() {
    let mut device = Device::new(3, "Senior rep");
    let record = device.create(
        Entity::Activity,
        &[
            ("subject", text("Visit")),
            ("kind", text("Visit")),
            ("started_at", Value::Instant(1_700_000_000_123)),
            ("participants", Value::Set(vec!["Ana".into(), "Bo \"B\"".into()])),
            ("report", text("Long\ntext, äöü")),
            ("tags", Value::Set(vec!["hot".into()])),
        ],
    );
    let before = device.replica.record(record).unwrap().unwrap();
    device.replica.open.clear();
    assert_eq!(device.replica.record(record).unwrap().unwrap(), before);
    assert_eq!(before.value("participants").members(), ["Ana", "Bo \"B\""]);
    assert_eq!(before.value("started_at"), &Value::Instant(1_700_000_000_123));
    let contact = device.create(
        Entity::Contact,
        &[
            ("name", text("Ana")),
            ("birthday", Value::Date(jiff::civil::date(1969, 12, 31))),
            ("do_not_contact", Value::Boolean(true)),
        ],
    );
    let row = device.replica.record(contact).unwrap().unwrap();
    assert_eq!(row.value("birthday"), &Value::Date(jiff::civil::date(1969, 12, 31)));
    assert_eq!(row.value("do_not_contact"), &Value::Boolean(true));
}

#[test]
fn the_same_intent_id_is_saved_once() {
    let mut device = Device::new(3, "Rep");
    let record = RecordId::from_bytes([8; 16]);
    let intent = Intent::Create {
        record,
        entity: Entity::Account,
        fields: vec![("name".into(), text("Acme"))],
    };
    let stamp = device.stamp();
    let first = device.replica.commit(&intent, &stamp).unwrap();
    let again = device.replica.commit(&intent, &stamp).unwrap();
    assert_eq!(first, again);
    assert_eq!(device.replica.pending().unwrap().len(), 1);
}

#[test]
fn a_refused_intent_changes_nothing_and_does_not_disturb_the_next() {
    let mut device = Device::new(3, "Rep");
    let record = device.create(Entity::Account, &[("name", text("Acme"))]);
    let stale = Intent::EditFields {
        record,
        entity: Entity::Account,
        edits: vec![
            FieldEdit { field: "description".into(), from: Value::Null, to: text("words") },
            FieldEdit { field: "name".into(), from: text("Other"), to: text("New") },
        ],
    };
    assert!(matches!(device.commit(&stale), Err(CommitError::Refused(_))));
    assert_eq!(device.value(record, "name"), text("Acme"));
    device.set(record, "name", text("Acme AG"));
    let envelopes = device.envelopes();
    let created = envelopes[0].parts[0].0.change;
    assert_eq!(envelopes[1].parts[0].0.basis, [created], "no trace of the refused one");
}

#[test]
fn what_the_policies_deny_is_not_saved_and_says_why() {
    let mut device = Device::new(3, "Rep");
    let record = device.create(Entity::Account, &[("name", text("Acme"))]);
    let intent = Intent::EditFields {
        record,
        entity: Entity::Account,
        edits: vec![FieldEdit {
            field: "owner".into(),
            from: Value::Null,
            to: Value::Reference(RecordId::from_bytes([9; 16])),
        }],
    };
    let judged = device.replica.judge(&intent, None).unwrap();
    assert!(!judged.is_allowed());
    let Err(CommitError::NotAllowed(decision)) = device.commit(&intent) else {
        panic!("a rep gives no record to another");
    };
    assert!(matches!(*decision, Decision::Deny { .. } | Decision::NeedsApproval { .. }));
    assert_eq!(device.replica.pending().unwrap().len(), 1);
}

#[test]
fn a_visit_counts_at_the_account_in_the_same_envelope() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let activity = RecordId::from_bytes(device.id());
    let intent = Intent::LogActivity {
        activity,
        account: Some(account),
        fields: vec![("subject".into(), text("Met Ana")), ("kind".into(), text("Visit"))],
    };
    let committed = device.commit(&intent).unwrap();
    assert_eq!(committed.records, [activity, account]);
    assert_eq!(device.value(account, "visits"), Value::Integer(1));
    let slots: Vec<u8> = device.envelopes()[1].parts.iter().map(|(part, _)| part.slot).collect();
    assert_eq!(slots, [0, 1]);
}

#[test]
fn a_full_disk_is_an_error_and_loses_nothing() {
    let mut device = Device::new(3, "Rep");
    let record = device.create(Entity::Account, &[("name", text("Acme"))]);
    let pages: i64 =
        device.replica.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    device.replica.connection.pragma_update(None, "max_page_count", pages + 2).unwrap();
    let long = "long words ".repeat(4_000);
    let mut failed = false;
    for _ in 0..3 {
        let row = device.replica.record(record).unwrap().unwrap();
        let edit = FieldEdit {
            field: "description".into(),
            from: row.value("description").clone(),
            to: text(&format!("{long}{}", device.wall_ms)),
        };
        let intent = Intent::EditFields { record, entity: Entity::Account, edits: vec![edit] };
        match device.commit(&intent) {
            Ok(_) => {}
            Err(CommitError::Store(error)) => {
                assert_eq!(error.code(), "disk_full");
                assert!(error.is_retryable());
                assert!(matches!(error, StoreError::DiskFull));
                failed = true;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(failed, "the disk was full");
    device.replica.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    device.set(record, "nickname", text("A"));
    assert_eq!(device.value(record, "nickname"), text("A"), "goes on when there is room again");
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn one_schema_line_more_is_stored_projected_and_searched() {
    let extra = FieldDef::new(
        "motto",
        "Motto",
        ValueType::Text,
        MergeClass::Preference,
        Classification::Internal,
    )
    .searched();
    let schema = Schema::crm().with_field(Entity::Account, extra).unwrap();
    let mut device = Device::new(3, "Rep");
    let old = device.create(Entity::Account, &[("name", text("Made before"))]);
    device.reopen(schema.clone());
    assert_eq!(device.value(old, "name"), text("Made before"), "made again from the documents");
    device.set(old, "motto", text("Ever onwards"));
    assert_eq!(device.value(old, "motto"), text("Ever onwards"));
    let found = device.replica.search("onwards", 10).unwrap();
    assert_eq!(found.rows.len(), 1);
    let query = ListQuery::newest(Entity::Account, 10).with(
        "motto",
        crate::Comparison::Contains,
        text("EVER"),
    );
    assert_eq!(device.replica.list(&query).unwrap().len(), 1);
    device.reopen(schema);
    assert_eq!(device.value(old, "motto"), text("Ever onwards"));
}

#[test]
fn work_and_clock_survive_reopening() {
    let mut device = Device::new(3, "Rep");
    let record = device.create(Entity::Account, &[("name", text("Acme"))]);
    let before = device.replica.pending().unwrap();
    device.reopen(Schema::crm());
    assert_eq!(device.replica.pending().unwrap(), before);
    // The wall clock was set back meanwhile.
    let edit = FieldEdit { field: "name".into(), from: text("Acme"), to: text("Acme AG") };
    let intent = Intent::EditFields { record, entity: Entity::Account, edits: vec![edit] };
    let stamp = CommitStamp {
        intent: roadbook_domain::IntentId::from_bytes(device.id()),
        wall_ms: 5,
        rationale: None,
    };
    device.replica.commit(&intent, &stamp).unwrap();
    let after = device.replica.pending().unwrap();
    assert!(after[1].clock > before[0].clock && after[1].number > before[0].number);
}

#[test]
fn nothing_in_the_trash_is_edited_also_not_its_hidden_facet() {
    let mut device = Device::new(3, "Manager");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.commit(&Intent::Delete { record: account, entity: Entity::Account }).unwrap();
    let hidden = |from, to| Intent::EditFields {
        record: account,
        entity: Entity::Account,
        edits: vec![FieldEdit { field: "tax_id".into(), from, to }],
    };
    let error = device.commit(&hidden(Value::Null, text("CH-1"))).unwrap_err();
    assert!(matches!(error, CommitError::Refused(Refusal::Deleted)), "{error}");
    assert_eq!(device.replica.pending().unwrap().len(), 2, "nothing of it was kept");
    device.commit(&Intent::Restore { record: account, entity: Entity::Account }).unwrap();
    device.commit(&hidden(Value::Null, text("CH-1"))).unwrap();
    assert_eq!(device.value(account, "tax_id"), text("CH-1"));
}
