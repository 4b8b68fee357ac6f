//! Tests of handing back what a restore of the server lost.

use roadbook_sync_protocol::verdict::GIVEN_BACK;
use roadbook_sync_protocol::{LogSpan, Outcome, RelayResponse, Standing};

use super::*;
use crate::exchange::apply::entry_of;

const SECOND: u64 = 2;

/// An answer of the restored server, whose log begins with the first `end` places of the lost one.
fn relayed(end: u64, standings: Vec<(IntentId, Standing)>) -> RelayResponse {
    RelayResponse { restore_epoch: SECOND, log: vec![LogSpan { restore_epoch: 1, end }], standings }
}

fn restored_hello(last_number: u64) -> SyncResponse {
    let mut response = answer();
    response.hello.restore_epoch = SECOND;
    response.hello.last_number = last_number;
    response
}

/// A device that made an account and edited it, all accepted and read back; then the server was
/// restored to place 1.
fn after_a_restore() -> (Device, RecordId, IntentId) {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let lost = device.set(account, "city", text("Bern"));
    device.take_in(page(log_of(&device, 1), 2));
    assert!(device.replica.pending().unwrap().is_empty());
    assert_eq!(device.replica.next_relay().unwrap(), None, "nothing was lost");
    assert!(device.take_in(restored_hello(1)).server_was_restored);
    (device, account, lost)
}

/// The intents that the next request hands back.
fn handed_back(device: &mut Device) -> Vec<IntentId> {
    let request = device.replica.next_relay().unwrap().expect("something is to be handed back");
    let batches = request.batches.iter();
    batches
        .flat_map(|batch| &batch.envelopes)
        .map(|relayed| relayed.envelope.header.intent)
        .collect()
}

#[test]
fn what_the_server_lost_is_handed_back_under_its_receipt_and_nothing_else() {
    let (mut device, account, lost) = after_a_restore();
    assert!(handed_back(&mut device).is_empty(), "first it asks what was never lost");
    device.replica.take_in_relay(&relayed(1, Vec::new())).unwrap();
    let request = device.replica.next_relay().unwrap().unwrap();
    let batch = &request.batches[0];
    assert_eq!(batch.envelopes.len(), 1, "the first one is in the backup");
    assert_eq!((batch.envelopes[0].seq, batch.envelopes[0].envelope.header.intent), (2, lost));
    assert!(batch.is_signed(&server_key().verifying_key(), tenant()), "with all its leaves");
    assert_eq!(batch.leaf(2), Some(batch.envelopes[0].envelope.header.leaf()));
    assert!(device.request().push.is_none(), "it is not sent as new work");
    assert_eq!(device.value(account, "city"), text("Bern"), "nothing is gone meanwhile");

    let taken = relayed(1, vec![(lost, Standing::InLog { seq: 5 })]);
    let out = device.replica.take_in_relay(&taken).unwrap().unwrap();
    assert_eq!((out.in_log, out.waiting, out.refused), (1, 0, 0));
    assert_eq!(device.replica.next_relay().unwrap(), None);
    let history = device.replica.history(account, Some("city")).unwrap();
    assert_eq!(history.last().unwrap().made_by.seq, Some(5), "its place is the new one");
    assert_eq!(device.replica.history(account, None).unwrap().len(), 2, "each once");
    assert!(device.replica.doctor().unwrap().is_healthy());
    // Kept until a backup of the restored server has it.
    assert_eq!(kept(&device), [lost]);
    let mut backed_up = restored_hello(2);
    backed_up.hello.backup_watermark = 5;
    device.take_in(backed_up);
    assert_eq!(kept(&device), []);
}

fn kept(device: &Device) -> Vec<IntentId> {
    let mut statement = device
        .replica
        .connection
        .prepare("SELECT intent FROM envelopes WHERE handed < 2 AND log_seq > 1 ORDER BY seq")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(|row| IntentId::from_bytes(row.unwrap())).collect()
}

#[test]
fn others_work_is_handed_back_too_and_comes_back_once() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let lost = ana.set(account, "city", text("Bern"));
    let mut bo = Device::new(4, "Rep");
    let items = log_of(&ana, 1);
    bo.take_in(page(items.clone(), 2));
    bo.take_in(restored_hello(0));
    bo.replica.take_in_relay(&relayed(1, Vec::new())).unwrap();
    assert_eq!(handed_back(&mut bo), [lost]);
    // Somebody was faster: it comes in a page, at another place.
    let PageItem::Accepted(mut item) = items[1].clone() else { panic!("an envelope") };
    item.seq = 7;
    let mut response = page(vec![items[0].clone(), PageItem::Accepted(item)], 7);
    response.hello.restore_epoch = SECOND;
    bo.take_in(response);
    assert_eq!(bo.replica.next_relay().unwrap(), None, "it is in the log");
    let history = bo.replica.history(account, None).unwrap();
    let seqs: Vec<_> = history.iter().map(|row| row.made_by.seq).collect();
    assert_eq!(seqs, [Some(1), Some(7)]);
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn what_waits_for_the_rest_of_it_is_handed_back_once() {
    let (mut device, account, lost) = after_a_restore();
    device.replica.take_in_relay(&relayed(1, vec![(lost, Standing::Waiting)])).unwrap();
    assert_eq!(device.replica.next_relay().unwrap(), None);
    assert!(device.request().push.is_none());
    assert_eq!(device.value(account, "city"), text("Bern"));
    // Restored once more: the server that kept it may be gone.
    let mut third = restored_hello(1);
    third.hello.restore_epoch = 3;
    device.take_in(third);
    let response = RelayResponse { restore_epoch: 3, ..relayed(1, Vec::new()) };
    device.replica.take_in_relay(&response).unwrap();
    assert_eq!(handed_back(&mut device), [lost]);
    let stale = device.replica.take_in_relay(&relayed(1, Vec::new())).unwrap();
    assert_eq!(stale, None, "an answer of the server of before says nothing");
}

#[test]
fn it_is_asked_once_in_a_sync_what_has_become_of_own_work_that_waits() {
    let (mut device, account, lost) = after_a_restore();
    let waits = relayed(1, vec![(lost, Standing::Waiting)]);
    device.replica.take_in_relay(&waits).unwrap();
    device.replica.begin_sync();
    assert_eq!(handed_back(&mut device), [lost]);
    device.replica.take_in_relay(&waits).unwrap();
    assert_eq!(device.replica.next_relay().unwrap(), None, "once is enough");
    // An operator gave it back: it is sent again, and denied with the operator's words.
    device.replica.begin_sync();
    assert_eq!(handed_back(&mut device), [lost]);
    let refused = Standing::Refused { code: "given_back".into(), reason: "it is gone".into() };
    device.replica.take_in_relay(&relayed(1, vec![(lost, refused)])).unwrap();
    assert_eq!(device.request().push.unwrap().envelopes.len(), 1);
    let given = Verdict::Duplicate(Box::new(Verdict::Denied(denial())));
    let mut response = verdicts(vec![(lost, given)]);
    response.hello.restore_epoch = SECOND;
    device.take_in(response);
    let drawer = device.replica.needs_you().unwrap();
    assert_eq!((drawer.len(), drawer[0].intent), (1, lost));
    assert_eq!(drawer[0].parts[0].operations[0].fields(), ["city"], "with its words");
    // Somebody else may hand it back; as long as nobody did, it stays where its author sees it.
    device.replica.begin_sync();
    assert_eq!(handed_back(&mut device), [lost]);
    let refused = Standing::Refused { code: "given_back".into(), reason: "it is gone".into() };
    device.replica.take_in_relay(&relayed(1, vec![(lost, refused)])).unwrap();
    assert!(device.request().push.is_none(), "it is not sent again by itself");
    assert_eq!(device.replica.needs_you().unwrap().len(), 1);
    device.replica.begin_sync();
    assert_eq!(handed_back(&mut device), [lost]);
    device.replica.take_in_relay(&relayed(1, vec![(lost, Standing::InLog { seq: 7 })])).unwrap();
    assert!(device.replica.needs_you().unwrap().is_empty(), "a colleague's device had it");
    device.replica.begin_sync();
    assert_eq!(device.replica.next_relay().unwrap(), None);
    assert!(device.replica.record(account).unwrap().is_some());
}

#[test]
fn what_was_given_back_stays_with_its_author_though_its_document_is_lost() {
    let (mut device, account, lost) = after_a_restore();
    let refused = Standing::Refused { code: GIVEN_BACK.into(), reason: "it is gone".into() };
    device.replica.take_in_relay(&relayed(1, vec![(lost, refused)])).unwrap();
    assert_eq!(device.request().push.unwrap().envelopes.len(), 1);
    let given = Denial { code: GIVEN_BACK.into(), ..denial() };
    // All is read again with that answer, and the server has nothing of the account any more.
    device.replica.read_again().unwrap();
    let said = verdicts(vec![(lost, Verdict::Denied(given))]);
    let mut response = SyncResponse { page: page(Vec::new(), 0).page, ..said };
    response.hello.restore_epoch = SECOND;
    let taken = device.take_in(response);
    let key = DocumentKey::first(account, Facet::Internal);
    assert_eq!(taken.forgotten, [key]);
    assert!(device.request().quarantine.is_empty());
    let drawer = device.replica.needs_you().unwrap();
    assert_eq!((drawer.len(), drawer[0].intent), (1, lost));
    assert_eq!(drawer[0].parts[0].operations[0].fields(), ["city"], "with its words");
    // The server says that its author may not see it: now it is handed over.
    let mut response = page(vec![PageItem::Forget(key)], 1);
    response.hello.restore_epoch = SECOND;
    device.take_in(response);
    assert_eq!(device.request().quarantine.len(), 1);
    assert!(device.replica.needs_you().unwrap().is_empty());
}

#[test]
fn own_work_that_is_not_taken_back_is_sent_as_new_work() {
    let refused = Standing::Refused { code: "bad_receipt".into(), reason: "why".into() };
    let (mut device, account, lost) = after_a_restore();
    device.replica.take_in_relay(&relayed(1, vec![(lost, refused)])).unwrap();
    let pending = device.replica.pending().unwrap();
    assert_eq!((pending.len(), pending[0].intent), (1, lost));
    assert_eq!(device.request().push.unwrap().envelopes.len(), 1);
    assert_eq!(device.value(account, "city"), text("Bern"));
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn a_server_of_the_version_before_gets_own_work_as_new_work() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let lost = device.set(account, "city", text("Bern"));
    let mut other = Device::new(4, "Rep");
    other.create(Entity::Account, &[("name", text("Theirs"))]);
    let theirs = other.envelopes()[0].clone();
    let mut items = log_of(&device, 1);
    items.push(accepted(3, &theirs));
    device.take_in(page(items, 3));
    device.take_in(restored_hello(1));
    device.replica.relay_unknown().unwrap();
    let pending = device.replica.pending().unwrap();
    assert!(pending.iter().any(|entry| entry.intent == lost), "own work goes again: {pending:?}");
    // What is others' waits for a server that knows how to take it.
    device.replica.take_in_relay(&relayed(1, Vec::new())).unwrap();
    assert_eq!(handed_back(&mut device), [theirs.header.intent]);
}

#[test]
fn work_that_was_taken_in_and_had_not_come_back_has_a_receipt_too() {
    let mut device = Device::new(3, "Rep");
    device.create(Entity::Account, &[("name", text("Acme"))]);
    let envelope = device.envelopes()[0].clone();
    let intent = envelope.header.intent;
    let mut response = verdicts(vec![(intent, Verdict::Applied { seq: 1 })]);
    response.receipt =
        Some(Receipt::sign(&server_key(), tenant(), 1, &[(1, envelope.header.leaf())]));
    device.take_in(response);
    device.take_in(restored_hello(0));
    assert!(device.request().push.is_none(), "policy is not asked again");
    device.replica.take_in_relay(&relayed(0, Vec::new())).unwrap();
    assert_eq!(handed_back(&mut device), [intent]);
    device.replica.take_in_relay(&relayed(0, vec![(intent, Standing::InLog { seq: 4 })])).unwrap();
    assert_eq!(device.replica.pending().unwrap()[0].state, PendingState::Accepted { seq: 4 });
}

#[test]
fn what_was_purged_is_not_handed_back_but_its_neighbours_are() {
    let mut ana = Device::new(3, "Rep");
    let gone = ana.create(Entity::Account, &[("name", text("Gone"))]);
    let stays = ana.create(Entity::Account, &[("name", text("Stays"))]);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(log_of(&ana, 1), 2));
    let key = DocumentKey::first(gone, Facet::Internal);
    bo.take_in(page(vec![PageItem::Forget(key)], 3));
    bo.take_in(restored_hello(0));
    bo.replica.take_in_relay(&relayed(0, Vec::new())).unwrap();
    let request = bo.replica.next_relay().unwrap().unwrap();
    let batch = &request.batches[0];
    assert_eq!(batch.envelopes.len(), 1);
    assert_eq!(batch.envelopes[0].envelope.parts[0].0.document.record, stays);
    assert!(
        batch.is_signed(&server_key().verifying_key(), tenant()),
        "the leaf of the other stays"
    );
}

#[test]
fn envelopes_that_an_older_version_kept_can_be_handed_back() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    ana.set(account, "city", text("Bern"));
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(log_of(&ana, 1), 2));
    // As the migration finds them.
    bo.replica
        .connection
        .execute_batch(
            "UPDATE receipts SET leaves = x'';
             UPDATE envelopes SET intent = substr(envelope, 2, 16), log_epoch = restore_epoch,
                 log_seq = seq;",
        )
        .unwrap();
    bo.take_in(restored_hello(0));
    bo.replica.take_in_relay(&relayed(0, Vec::new())).unwrap();
    let intents: Vec<_> = ana.envelopes().iter().map(|it| it.header.intent).collect();
    assert_eq!(handed_back(&mut bo), intents);
}

#[test]
fn work_on_bytes_that_a_restore_replaced_is_issued_again_on_those_that_stand_there_now() {
    for whole in [false, true] {
        let mut ana = Device::new(3, "Rep");
        let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
        let lost = ana.set(account, "city", text("Bern"));
        let mut bo = Device::new(4, "Rep");
        bo.take_in(page(log_of(&ana, 1), 2));
        let on_it = bo.set(account, "city", text("Basel"));
        let before = bo.envelopes()[0].parts[0].0.basis.clone();

        let rebase =
            Verdict::Rebase { reason: "its number was used".into(), clock_offset_ms: None };
        ana.take_in(verdicts(vec![(lost, rebase)]));
        let items = log_of(&ana, 1);
        let anew = ana.envelopes()[1].parts[0].0.change;
        assert_ne!(before, [anew], "the same intent in other bytes");
        bo.replica.read_again().unwrap();
        bo.take_in(if whole {
            ana.take_in(page(items.clone(), 2));
            let PageItem::Accepted(item) = &items[1] else { panic!("an item of the log") };
            let header = &item.envelope.header;
            let history = vec![entry_of(2, header, &item.envelope.parts[0].0, Outcome::default())];
            let of = snapshot(account, Facet::Internal, Entity::Account, &ana);
            page(vec![PageItem::Snapshot(Snapshot { history, ..of })], 2)
        } else {
            page(items, 2)
        });
        let envelope = &bo.envelopes()[0];
        assert_eq!(envelope.header.intent, on_it);
        assert_eq!(envelope.parts[0].0.basis, [anew], "it builds on what it meant");
        assert_eq!(bo.value(account, "city"), text("Basel"));
        assert!(bo.replica.doctor().unwrap().is_healthy());
    }
}
