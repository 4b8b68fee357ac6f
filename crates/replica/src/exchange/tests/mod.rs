//! Tests of the exchange: answers are fed in as values, envelopes come from a second device.

mod damage;
mod forget;
mod relay;
mod replay;
mod restore;
mod sending;

use roadbook_domain::{
    DocumentKey, Entity, Facet, Intent, IntentId, Operation, RecordId, Schema, Value,
};
use roadbook_merge::{Document, Envelope};
use roadbook_sync_protocol::proof::{batch_root, is_batch_signed};
use roadbook_sync_protocol::verdict::Denial;
use roadbook_sync_protocol::{PageItem, Provenance, Receipt, Snapshot, SyncResponse, Verdict};

use crate::testing::{
    Device, START_MS, accepted, answer, enrolment, euros, page, server_key, tenant, text, verdicts,
};
use crate::{Comparison, ListQuery, PendingState, RequestOptions, Standing, SyncMark, TakeInError};

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
fn what_the_server_says_that_it_took_in_is_believed_with_its_receipt_only() {
    let mut ana = Device::new(3, "Rep");
    ana.create(Entity::Account, &[("name", text("Acme"))]);
    let header = ana.envelopes()[0].header.clone();
    let mut bo = Device::new(4, "Rep");
    let mut response = page(log_of(&ana, 1), 1);
    response.page.as_mut().unwrap().receipt = None;
    let wall_ms = bo.wall_ms;
    let error = bo.replica.take_in(response, wall_ms).unwrap_err();
    assert!(matches!(error, TakeInError::BadReceipt), "a page without one");
    assert_eq!(bo.replica.status().unwrap().position, 0);

    let taken_in = verdicts(vec![(header.intent, Verdict::Applied { seq: 1 })]);
    let of_another = Receipt::sign(&server_key(), tenant(), 1, &[(2, header.leaf())]);
    for receipt in [None, Some(of_another)] {
        let response = SyncResponse { receipt, ..taken_in.clone() };
        let error = ana.replica.take_in(response, wall_ms).unwrap_err();
        assert!(matches!(error, TakeInError::BadReceipt), "a verdict without one");
        assert_eq!(ana.replica.pending().unwrap()[0].state, PendingState::Saved);
    }
    assert_eq!(bo.take_in(page(vec![], 1)).accepted, 0, "where nothing is taken in none is needed");
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
fn what_the_server_does_not_send_when_all_is_read_again_goes() {
    let mut ana = Device::new(3, "Rep");
    let kept = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let surplus = ana.create(Entity::Account, &[("name", text("Other"))]);
    let items = log_of(&ana, 1);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(items.clone(), 2));
    bo.set(surplus, "city", text("Bern"));
    let unsent = bo.envelopes()[0].header.intent;

    bo.replica.read_again().unwrap();
    let taken = bo.take_in(page(items[..1].to_vec(), 2));
    assert_eq!(taken.forgotten, [DocumentKey::first(surplus, Facet::Internal)]);
    let request = bo.request();
    assert_eq!(request.quarantine.len(), 1, "unsent work is handed over first");
    assert_eq!(request.quarantine[0].intent, unsent);
    let mut acknowledged = answer();
    acknowledged.quarantined = vec![unsent];
    bo.take_in(acknowledged);
    assert_eq!(bo.replica.record(surplus).unwrap(), None, "then it goes");
    assert_eq!(bo.value(kept, "name"), text("Acme"));
    assert!(bo.replica.doctor().unwrap().is_healthy());
    let mut new = Device::new(5, "Rep");
    new.take_in(page(items[..1].to_vec(), 2));
    assert_eq!(bo.replica.checksum().unwrap(), new.replica.checksum().unwrap());
}

#[test]
fn a_document_that_was_damaged_on_the_disk_blocks_nothing_else_and_is_made_anew() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let start = log_of(&ana, 1);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(start, 1));
    bo.replica.connection.execute("UPDATE documents SET bytes = x'00ff'", []).unwrap();
    ana.set(account, "city", text("Bern"));
    let other = ana.create(Entity::Account, &[("name", text("Other"))]);
    let items = log_of(&ana, 1);
    let taken = bo.take_in(page(items[1..].to_vec(), 3));
    assert_eq!(taken.accepted, 1, "the other record came");
    assert_eq!(bo.value(other, "name"), text("Other"));
    assert_eq!(bo.replica.status().unwrap().faults, 1);
    assert!(!bo.replica.doctor().unwrap().is_healthy());
    let row = bo.replica.record(account).unwrap().unwrap();
    assert_eq!(row.value("name"), &text("Acme"), "its row is still there");

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
