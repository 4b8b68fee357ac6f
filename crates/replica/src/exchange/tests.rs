//! Tests of the exchange: answers are fed in as values, envelopes come from a second device.

use roadbook_domain::{
    DocumentKey, Entity, Facet, Intent, IntentId, Operation, RecordId, Schema, Value,
};
use roadbook_merge::{Document, Envelope};
use roadbook_sync_protocol::proof::{batch_root, is_batch_signed};
use roadbook_sync_protocol::verdict::Denial;
use roadbook_sync_protocol::{PageItem, Provenance, Snapshot, SyncResponse, Verdict};

use crate::testing::{Device, accepted, answer, enrolment, euros, page, tenant, text, verdicts};
use crate::{Comparison, ListQuery, PendingState, SyncMark, TakeInError};

fn denied(intent: IntentId) -> SyncResponse {
    verdicts(vec![(intent, Verdict::Denied(denial()))])
}

fn denial() -> Denial {
    Denial {
        code: "not_permitted".into(),
        reason: "a Rep may not write it".into(),
        remedy: "ask a Manager".into(),
        field: Some("name".into()),
        policy: Some("reps".into()),
    }
}

/// All that a device has pending, as accepted items in order.
fn log_of(device: &Device, from_seq: u64) -> Vec<PageItem> {
    (from_seq..).zip(device.envelopes()).map(|(seq, envelope)| accepted(seq, &envelope)).collect()
}

/// The accepted document behind some envelopes, as a snapshot.
fn snapshot(record: RecordId, facet: Facet, entity: Entity, of: &Device) -> Snapshot {
    let number = crate::opened::find(&of.replica.connection, record).unwrap().unwrap().0;
    let document =
        crate::opened::accepted(&of.replica.connection, number, record, facet).unwrap().unwrap();
    Snapshot {
        document: document.key(),
        entity,
        seq: 1,
        bytes: document.save(),
        provenance: Vec::<Provenance>::new(),
        conflicts: Vec::new(),
        history: Vec::new(),
    }
}

#[test]
fn a_request_carries_signed_work_in_order_and_restores_to_the_same_envelopes() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.set(account, "name", text("Acme AG"));
    let request = device.request();
    let push = request.push.unwrap();
    let by = roadbook_sync_protocol::message::PushedBy {
        tenant: tenant(),
        user: crate::testing::user(3),
        device: device.replica.device(),
        install_epoch: 1,
    };
    let signature = push.signature.clone();
    let envelopes = push.unpack(&by, &enrolment(3, "Rep").salt_key);
    assert_eq!(envelopes, device.envelopes());
    let leaves: Vec<_> = envelopes.iter().map(|envelope| envelope.header.leaf()).collect();
    let key = device.replica.identity.signing.verifying_key();
    let root = batch_root(&leaves);
    assert!(is_batch_signed(&key, tenant(), device.replica.device(), &root, &signature));
    assert_eq!(device.replica.pending().unwrap()[0].state, PendingState::Sending);
}

#[test]
fn what_another_device_made_arrives_whole_and_a_second_time_changes_nothing() {
    let mut ana = Device::new(3, "Senior rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme")), ("tax_id", text("CH-1"))]);
    ana.set(account, "description", text("words"));
    let items = log_of(&ana, 1);
    let mut bo = Device::new(4, "Senior rep");
    let taken = bo.take_in(page(items.clone(), 2));
    assert_eq!((taken.accepted, taken.changed), (2, vec![account]));
    let row = bo.replica.record(account).unwrap().unwrap();
    assert_eq!(row.value("tax_id"), &text("CH-1"));
    assert_eq!(row.sync, SyncMark::Confirmed);
    assert_eq!(row.values, ana.replica.record(account).unwrap().unwrap().values);
    let before = bo.replica.checksum().unwrap();
    let again = bo.take_in(page(items, 2));
    assert_eq!(again.accepted, 0, "known by its hash");
    assert_eq!(bo.replica.checksum().unwrap(), before);
    assert_eq!(bo.replica.record(account).unwrap().unwrap(), row);
    let history = bo.replica.history(account, Some("description")).unwrap();
    assert_eq!(history.last().unwrap().made_by.user, crate::testing::user(3));
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn own_work_comes_back_and_is_confirmed() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let intent = device.envelopes()[0].header.intent;
    device.take_in(verdicts(vec![(intent, Verdict::Applied { seq: 1 })]));
    assert_eq!(device.replica.pending().unwrap()[0].state, PendingState::Accepted { seq: 1 });
    assert!(device.request().push.is_none(), "not sent twice");
    let items = log_of(&device, 1);
    device.take_in(page(items, 1));
    assert!(device.replica.pending().unwrap().is_empty());
    assert_eq!(device.replica.record(account).unwrap().unwrap().sync, SyncMark::Confirmed);
    let row = device.replica.record(account).unwrap().unwrap();
    assert_eq!(row.value("name"), &text("Acme"));
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn a_new_record_comes_back_as_a_snapshot_and_leaves_pending() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let mut other = Device::new(4, "Rep");
    other.take_in(page(log_of(&device, 1), 1));
    let came = snapshot(account, Facet::Internal, Entity::Account, &other);
    device.take_in(page(vec![PageItem::Snapshot(came)], 1));
    assert!(device.replica.pending().unwrap().is_empty());
    assert_eq!(device.replica.checksum().unwrap(), other.replica.checksum().unwrap());
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn after_a_denial_later_work_that_only_builds_on_its_bytes_is_issued_again() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.take_in(page(log_of(&device, 1), 1));
    let bad = device.set(account, "name", text("Mine now"));
    let good = device.set(account, "nickname", text("A"));
    let reads = device.set(account, "name", text("Mine, really"));
    let other = device.create(Entity::Note, &[("title", text("Apart"))]);
    let before = device.envelopes();
    let taken = device.take_in(denied(bad));
    assert_eq!(taken.needs_you, [bad]);
    assert_eq!(taken.replayed, [good]);
    assert_eq!(taken.waiting, [reads], "it reads what the denied one wrote");
    assert_eq!(device.value(account, "name"), text("Acme"));
    assert_eq!(device.value(account, "nickname"), text("A"));
    let pending = device.replica.pending().unwrap();
    let replayed = pending.iter().find(|entry| entry.intent == good).unwrap();
    assert_eq!(replayed.parts[0].branch, 1);
    assert_eq!(replayed.parts[0].basis, before[0].parts[0].0.basis, "its own accepted basis");
    assert!(replayed.number > before[3].header.number);
    let untouched = pending.iter().find(|entry| entry.number == before[3].header.number);
    assert_eq!(untouched.unwrap().parts[0].document.record, other);
    let waits = pending.iter().find(|entry| entry.intent == reads).unwrap();
    assert_eq!(waits.state, PendingState::WaitsFor(bad));
    let drawer = device.replica.needs_you().unwrap();
    assert_eq!((drawer[0].intent, &drawer[0].denial), (bad, &denial()));
    assert_eq!(drawer[0].waiting, [reads]);
    assert!(matches!(&drawer[0].parts[0].operations[0],
        Operation::Edit(edit) if edit.to == text("Mine now")));
    let sent = device.request().push.unwrap();
    let sent: Vec<_> = sent.envelopes.iter().map(|envelope| envelope.intent).collect();
    assert!(!sent.contains(&reads) && !sent.contains(&bad) && sent.contains(&good));
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn replays_keep_a_conflict_that_newer_heads_would_hide() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let fields = [("name", text("Deal")), ("account", Value::Reference(account))];
    let deal = ana.create(Entity::Opportunity, &fields);
    ana.set(deal, "amount", euros(10));
    let start = log_of(&ana, 1);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(start.clone(), 3));
    ana.take_in(page(start, 3));
    // Bo edits and is denied for another field; Ana's amount arrives before the denial.
    let bad = bo.set(deal, "name", text("Renamed"));
    bo.set(deal, "amount", euros(20));
    ana.set(deal, "amount", euros(30));
    bo.take_in(page(log_of(&ana, 4), 4));
    assert!(bo.replica.record(deal).unwrap().unwrap().is_disputed("amount"), "before the denial");
    bo.take_in(denied(bad));
    let row = bo.replica.record(deal).unwrap().unwrap();
    assert!(row.is_disputed("amount"), "replayed at its own basis, not on Ana's heads");
    let conflict = bo.replica.conflict(deal, "amount").unwrap().unwrap();
    assert_eq!(conflict.base, euros(10));
    assert_eq!(conflict.sides.len(), 2);
    assert_eq!(conflict.id, None, "one side is pending");
    assert!(conflict.sides.iter().all(|side| side.made_by.len() == 1), "who stands behind it");
    assert_eq!(bo.replica.conflicts().unwrap(), [conflict]);
}

#[test]
fn what_a_denied_creation_made_waits_with_it_and_follows_when_it_is_sent_again() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let made = device.envelopes()[0].header.intent;
    let edit = device.set(account, "nickname", text("A"));
    let refers = device
        .create(Entity::Contact, &[("name", text("Ana")), ("account", Value::Reference(account))]);
    let taken = device.take_in(denied(made));
    assert_eq!(taken.waiting.len(), 2);
    assert!(device.replica.record(account).unwrap().is_none());
    assert!(device.replica.record(refers).unwrap().is_none());
    let stamp = device.stamp();
    let again = device.replica.retry(made, &stamp).unwrap();
    assert_eq!(again.intent, stamp.intent);
    assert_eq!(device.value(account, "nickname"), text("A"));
    assert_eq!(device.value(refers, "account"), Value::Reference(account));
    assert!(device.replica.needs_you().unwrap().is_empty());
    let pending = device.replica.pending().unwrap();
    assert_eq!(pending.len(), 3);
    assert!(pending.iter().any(|entry| entry.intent == edit), "under its own id");
    assert!(pending.iter().all(|entry| entry.state == PendingState::Saved));
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn giving_a_denied_intent_up_brings_what_waited_into_the_drawer() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.take_in(page(log_of(&device, 1), 1));
    let bad = device.set(account, "name", text("Mine"));
    let reads = device.set(account, "name", text("Mine, really"));
    device.take_in(denied(bad));
    assert!(device.replica.discard(bad, 5).unwrap());
    let drawer = device.replica.needs_you().unwrap();
    assert_eq!(drawer.len(), 1);
    assert_eq!((drawer[0].intent, drawer[0].denial.code.as_str()), (reads, "built_on_dropped"));
    assert!(device.replica.pending().unwrap().is_empty());
    assert!(device.replica.discard(reads, 6).unwrap());
    assert!(!device.replica.discard(reads, 7).unwrap(), "there is none");
    assert!(device.replica.needs_you().unwrap().is_empty());
}

#[test]
fn giving_up_unsent_work_takes_it_back() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let edit = device.set(account, "nickname", text("A"));
    let city = device.set(account, "city", text("Zürich"));
    assert!(device.replica.discard(edit, 5).unwrap());
    let row = device.replica.record(account).unwrap().unwrap();
    assert_eq!(row.value("nickname"), &Value::Null);
    assert_eq!(row.value("city"), &text("Zürich"));
    assert!(device.replica.pending().unwrap().iter().any(|entry| entry.intent == city));
    assert!(device.replica.search("Zur", 5).unwrap().rows.len() == 1);
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn a_clock_that_ran_ahead_is_stamped_again_within_bounds() {
    let mut device = Device::new(3, "Rep");
    let right_ms = device.wall_ms;
    let year_ms = 365 * 24 * 3_600_000;
    device.wall_ms += year_ms;
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.set(account, "name", text("Acme AG"));
    let intents: Vec<_> =
        device.envelopes().iter().map(|envelope| envelope.header.intent).collect();
    let rebase = Verdict::Rebase { reason: "clock".into(), clock_offset_ms: Some(-year_ms) };
    device.take_in(verdicts(vec![(intents[0], rebase)]));
    let envelopes = device.envelopes();
    assert_eq!(envelopes.len(), 2);
    for envelope in &envelopes {
        let off = envelope.header.clock.millis() - right_ms;
        assert!(off.abs() < 60_000, "stamped by the server's time, {off} ms off");
        assert!(intents.contains(&envelope.header.intent));
    }
    assert!(envelopes[0].header.clock < envelopes[1].header.clock);
    assert_eq!(device.value(account, "name"), text("Acme AG"));
}

#[test]
fn a_device_that_was_restored_takes_a_new_epoch_and_gets_its_own_work_back() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let first = device.envelopes()[0].clone();
    // The copy that is restored knows only this much; what came later is on the server.
    let backup = copy_of(&device);
    let lost = device.set(account, "city", text("Bern"));
    let later: Vec<Envelope> = device.envelopes();
    let mut restored = Device::new(3, "Rep");
    restored.replica = crate::testing::open(backup.path(), Schema::crm());
    restored.wall_ms = device.wall_ms + 10_000;
    let edit = restored.set(account, "nickname", text("A"));
    let mut response = verdicts(vec![
        (first.header.intent, Verdict::Duplicate(Box::new(Verdict::Applied { seq: 1 }))),
        (edit, Verdict::Rebase { reason: "number".into(), clock_offset_ms: None }),
    ]);
    response.hello.last_number = 9;
    let taken = restored.take_in(response);
    assert!(taken.device_was_restored);
    let envelopes = restored.envelopes();
    let again = envelopes.iter().find(|envelope| envelope.header.intent == edit).unwrap();
    assert_eq!(again.header.install_epoch, 2);
    assert!(again.header.number > 9);
    restored.take_in(page(vec![accepted(1, &later[0]), accepted(2, &later[1])], 2));
    assert_eq!(restored.value(account, "city"), text("Bern"), "pulled back: {lost}");
    assert_eq!(restored.value(account, "nickname"), text("A"));
    assert!(restored.replica.doctor().unwrap().is_healthy());
}

fn copy_of(device: &Device) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(device.dir.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    dir
}

#[test]
fn a_restored_server_gets_again_what_it_lost_of_this_device() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.set(account, "city", text("Bern"));
    device.take_in(page(log_of(&device, 1), 2));
    assert!(device.replica.pending().unwrap().is_empty());
    let mut response = answer();
    response.hello.restore_epoch = 2;
    response.hello.last_number = 1;
    let taken = device.take_in(response);
    assert!(taken.server_was_restored && taken.more);
    let pending = device.replica.pending().unwrap();
    assert_eq!(pending.len(), 1, "the first one is in the backup");
    assert_eq!(pending[0].parts[0].operations[0].field(), Some("city"));
    assert_eq!(device.value(account, "city"), text("Bern"), "nothing is gone meanwhile");
    // The server gives the place out again: the envelope with the old receipt stays.
    let mut other = Device::new(4, "Rep");
    other.create(Entity::Account, &[("name", text("Later"))]);
    let mut next = page(log_of(&other, 2), 2);
    next.hello.restore_epoch = 2;
    device.take_in(next);
    let kept: i64 = device
        .replica
        .connection
        .query_row("SELECT count(*) FROM envelopes WHERE seq = 2", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 2);
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn forgetting_leaves_nothing_and_hands_unsent_work_over_first() {
    let mut ana = Device::new(3, "Rep");
    let account =
        ana.create(Entity::Account, &[("name", text("Zqxcanary")), ("city", text("Bern"))]);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(log_of(&ana, 1), 1));
    assert_eq!(bo.replica.search("zqxc", 5).unwrap().rows.len(), 1);
    let unsent = bo.set(account, "nickname", text("Qzycanary"));
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
    let left = readable(&bo);
    for word in ["zqxcanary", "qzycanary", "bern"] {
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
fn a_part_that_is_hidden_here_does_not_keep_the_rest_away() {
    let mut ana = Device::new(3, "Senior rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme")), ("tax_id", text("CH-1"))]);
    let mut envelope = ana.envelopes()[0].clone();
    envelope.parts.retain(|(part, _)| part.document.facet == Facet::Internal);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(vec![accepted(1, &envelope)], 1));
    let row = bo.replica.record(account).unwrap().unwrap();
    assert_eq!((row.value("name"), row.value("tax_id")), (&text("Acme"), &Value::Null));
}

#[test]
fn a_page_that_was_tampered_with_is_not_taken_in_at_all() {
    let mut ana = Device::new(3, "Rep");
    ana.create(Entity::Account, &[("name", text("Acme"))]);
    let mut bo = Device::new(4, "Rep");
    let mut forged = ana.envelopes()[0].clone();
    forged.parts[0].0.rationale = Some("forged".into());
    let wall_ms = bo.wall_ms;
    let error = bo.replica.take_in(page(vec![accepted(1, &forged)], 1), wall_ms).unwrap_err();
    assert!(matches!(error, TakeInError::NotIntact(_)));
    let mut response = page(log_of(&ana, 1), 1);
    if let Some(receipt) = response.page.as_mut().and_then(|page| page.receipt.as_mut()) {
        receipt.signature[0] ^= 1;
    }
    let error = bo.replica.take_in(response, wall_ms).unwrap_err();
    assert!(matches!(error, TakeInError::BadReceipt));
    assert_eq!(bo.replica.status().unwrap().records, 0);
    assert_eq!(bo.replica.status().unwrap().position, 0);
}

#[test]
fn a_change_that_cannot_be_taken_in_blocks_nothing_else_and_the_doctor_tells() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    ana.set(account, "city", text("Bern"));
    ana.create(Entity::Account, &[("name", text("Other"))]);
    let items = log_of(&ana, 1);
    let mut bo = Device::new(4, "Rep");
    // The first item is missing: the second builds on it.
    let taken = bo.take_in(page(items[1..].to_vec(), 3));
    assert_eq!(taken.accepted, 1);
    assert_eq!(bo.replica.list(&ListQuery::newest(Entity::Account, 9)).unwrap().len(), 1);
    assert_eq!(bo.replica.status().unwrap().faults, 1);
    let report = bo.replica.doctor().unwrap();
    assert!(!report.is_healthy());
    bo.replica.read_again().unwrap();
    bo.take_in(page(items, 3));
    assert_eq!(bo.value(account, "city"), text("Bern"));
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn two_devices_that_read_the_same_log_in_other_pages_are_equal() {
    let mut ana = Device::new(3, "Rep");
    let mut bo = Device::new(4, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let start = log_of(&ana, 1);
    ana.take_in(page(start.clone(), 1));
    bo.take_in(page(start.clone(), 1));
    ana.set(account, "nickname", text("from Ana"));
    bo.set(account, "nickname", text("from Bo"));
    bo.commit(&Intent::Tag {
        record: account,
        entity: Entity::Account,
        add: vec!["vip".into()],
        remove: vec![],
    })
    .unwrap();
    let mut log = start;
    log.extend(log_of(&ana, 2));
    log.extend(log_of(&bo, 3));
    let mut whole = Device::new(5, "Rep");
    whole.take_in(page(log.clone(), 4));
    let mut single = Device::new(6, "Rep");
    for item in &log {
        single.take_in(page(vec![item.clone()], 4));
        single.take_in(page(vec![item.clone()], 4));
    }
    for device in [&mut ana, &mut bo] {
        device.take_in(page(log.clone(), 4));
        assert!(device.replica.pending().unwrap().is_empty());
    }
    for device in [&ana, &bo, &single] {
        assert_eq!(
            device.replica.checksum().unwrap().digest,
            whole.replica.checksum().unwrap().digest
        );
        assert_eq!(device.replica.record(account).unwrap(), whole.replica.record(account).unwrap());
    }
    let tagged =
        ListQuery::newest(Entity::Account, 5).with("tags", Comparison::Contains, text("vip"));
    assert_eq!(whole.replica.list(&tagged).unwrap().len(), 1);
}

#[test]
fn a_checksum_of_the_server_is_compared() {
    let mut ana = Device::new(3, "Rep");
    ana.create(Entity::Account, &[("name", text("Acme"))]);
    let mut bo = Device::new(4, "Rep");
    let mut response = page(log_of(&ana, 1), 1);
    let mut sum = roadbook_sync_protocol::Checksum { seq: 1, documents: 0, digest: [0; 32] };
    let document = document_of(&ana.envelopes()[0]);
    sum.add(&document.key(), &document.heads());
    response.checksum = Some(sum.clone());
    assert_eq!(bo.take_in(response.clone()).equal, Some(true));
    sum.digest[0] ^= 1;
    response.checksum = Some(sum);
    assert_eq!(bo.take_in(response).equal, Some(false));
}

fn document_of(envelope: &Envelope) -> Document {
    let (part, _) = &envelope.parts[0];
    let mut document = Document::new(part.document);
    let author = roadbook_merge::Author {
        device: envelope.header.device,
        install_epoch: envelope.header.install_epoch,
        branch: 0,
    };
    let stamp = roadbook_merge::Stamp {
        author,
        clock: envelope.header.clock,
        intent: envelope.header.intent,
    };
    roadbook_merge::mutator::perform(
        1,
        &Schema::crm(),
        &mut document,
        part.entity,
        &stamp,
        &[],
        &part.operations,
    )
    .unwrap();
    document
}
