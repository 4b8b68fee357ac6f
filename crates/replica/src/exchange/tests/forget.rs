//! Tests of forgetting: nothing stays, nothing unsent is lost.

use super::*;

#[test]
fn forgetting_leaves_nothing_and_hands_unsent_work_over_first() {
    let mut ana = Device::new(3, "Rep");
    let account =
        ana.create(Entity::Account, &[("name", text("Zqxcanary")), ("city", text("Bern"))]);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(log_of(&ana, 1), 1));
    assert_eq!(bo.replica.search("zqxc", 5).unwrap().rows.len(), 1);
    let unsent = bo.set(account, "nickname", text("Qzycanary"));
    let withdrawn = bo.set(account, "industry", text("Qzwcanary"));
    assert_eq!(bo.replica.withdraw(withdrawn, 5).unwrap(), Some(vec![]));
    assert!(readable(&bo).contains("qzwcanary"), "it is kept, to be taken back");
    let key = DocumentKey::first(account, Facet::Internal);
    let taken = bo.take_in(page(vec![PageItem::Forget(key)], 2));
    assert_eq!(taken.forgotten, [key]);
    let request = bo.request();
    assert!(request.push.is_none() && request.purged.is_empty());
    assert_eq!(request.quarantine.len(), 1);
    assert_eq!(request.quarantine[0].intent, unsent);
    let mut acknowledged = answer();
    acknowledged.quarantined = vec![unsent];
    let taken = bo.take_in(acknowledged);
    assert_eq!(taken.quarantined, [unsent]);
    assert!(taken.more, "the server is told that it is purged");
    assert!(bo.replica.record(account).unwrap().is_none());
    assert!(bo.replica.search("zqxc", 5).unwrap().rows.is_empty());
    assert!(bo.replica.history(account, None).unwrap().is_empty());
    assert_eq!(bo.request().purged, [key]);
    assert!(!bo.take_in(answer()).more, "told once");
    assert!(bo.request().purged.is_empty());
    let left = readable(&bo);
    for word in ["zqxcanary", "qzycanary", "qzwcanary", "bern"] {
        assert!(!left.contains(word), "`{word}` is still readable");
    }
    let there = readable(&ana);
    assert!(there.contains("zqxcanary"), "the scan finds what is there");
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

/// Everything in the decrypted database: all tables, and the blocks and terms of the search index;
/// in lower case. Free pages are overwritten by `secure_delete`, which is on.
fn readable(device: &Device) -> String {
    let out = tempfile::tempdir().unwrap();
    let plain = out.path().join("plain.db");
    std::fs::File::create(&plain).unwrap();
    let connection = &device.replica.connection;
    connection
        .execute_batch(&format!(
            "ATTACH DATABASE '{}' AS plain KEY '';
             SELECT sqlcipher_export('plain');
             DETACH DATABASE plain;",
            plain.display()
        ))
        .unwrap();
    let mut bytes = std::fs::read(plain).unwrap();
    let mut dump = connection.prepare("SELECT block FROM search_data").unwrap();
    let blocks = dump.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    bytes.extend(blocks.flat_map(Result::unwrap));
    let mut dump = connection.prepare("SELECT term FROM search_terms").unwrap();
    let terms = dump.query_map([], |row| row.get::<_, String>(0)).unwrap();
    bytes.extend(terms.flat_map(|term| term.unwrap().into_bytes()));
    let overwrites: i64 =
        connection.query_row("PRAGMA secure_delete", [], |row| row.get(0)).unwrap();
    assert_eq!(overwrites, 1);
    String::from_utf8_lossy(&bytes).to_lowercase()
}

#[test]
fn losing_the_confidential_right_takes_that_document_only() {
    let mut ana = Device::new(3, "Senior rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme")), ("tax_id", text("CH-99"))]);
    let mut bo = Device::new(4, "Senior rep");
    bo.take_in(page(log_of(&ana, 1), 1));
    assert_eq!(bo.value(account, "tax_id"), text("CH-99"));
    let key = DocumentKey::first(account, Facet::Confidential);
    bo.take_in(page(vec![PageItem::Forget(key)], 2));
    let row = bo.replica.record(account).unwrap().unwrap();
    assert_eq!(row.value("tax_id"), &Value::Null);
    assert_eq!(row.value("name"), &text("Acme"));
    assert!(!readable(&bo).contains("ch-99"));
    assert_eq!(bo.request().purged, [key]);
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn work_that_may_be_on_the_server_is_not_handed_over_before_its_verdict() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(log_of(&ana, 1), 1));
    let sent = bo.set(account, "nickname", text("A"));
    assert!(bo.request().push.is_some());
    assert!(!bo.replica.discard(sent, 5).unwrap(), "nobody knows whether it is on the server");
    // Killed before the answer; then an answer comes that does not speak of it.
    bo.reopen(Schema::crm());
    let key = DocumentKey::first(account, Facet::Internal);
    bo.take_in(page(vec![PageItem::Forget(key)], 2));
    let request = bo.request();
    assert!(request.quarantine.is_empty());
    assert_eq!(request.push.unwrap().envelopes[0].intent, sent, "asked again");
    let given = Verdict::Duplicate(Box::new(Verdict::Applied { seq: 2 }));
    bo.take_in(SyncResponse { page: page(vec![], 2).page, ..verdicts(vec![(sent, given)]) });
    assert!(bo.replica.record(account).unwrap().is_none());
    assert!(bo.replica.pending().unwrap().is_empty());
    assert!(bo.request().quarantine.is_empty());
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn work_that_certainly_did_not_leave_can_be_given_up() {
    let mut device = Device::new(3, "Rep");
    device.create(Entity::Account, &[("name", text("Acme"))]);
    let intent = device.envelopes()[0].header.intent;
    assert!(device.request().push.is_some());
    device.replica.request_failed().unwrap();
    assert!(device.replica.discard(intent, 5).unwrap());
    assert!(device.replica.pending().unwrap().is_empty());
}

#[test]
fn an_envelope_that_could_not_be_taken_in_goes_with_its_document() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    ana.set(account, "city", text("Zqxcanary"));
    let items = log_of(&ana, 1);
    let mut bo = Device::new(4, "Rep");
    // The first item is missing: the second builds on it.
    bo.take_in(page(items[1..].to_vec(), 2));
    assert!(readable(&bo).contains("zqxcanary"), "the envelope is kept for the server");
    bo.take_in(page(vec![PageItem::Forget(DocumentKey::first(account, Facet::Internal))], 3));
    assert!(!readable(&bo).contains("zqxcanary"));
}

#[test]
fn what_history_is_too_old_to_tell_of_goes_with_its_document() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    ana.set(account, "city", text("Zqxcanary"));
    ana.set(account, "city", text("Bern"));
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(log_of(&ana, 1), 3));
    for _ in 0..3 {
        let mut late = answer();
        late.hello.wall_ms += 91 * 24 * 3_600_000;
        bo.take_in(late);
    }
    assert_eq!(bo.replica.history(account, None).unwrap().len(), 2, "its history went");
    assert!(readable(&bo).contains("zqxcanary"), "the envelope is kept for the server");
    bo.take_in(page(vec![PageItem::Forget(DocumentKey::first(account, Facet::Internal))], 4));
    assert!(!readable(&bo).contains("zqxcanary"));
}
