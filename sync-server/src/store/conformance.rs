//! What every store must do, whatever lies behind it.
//!
//! An implementation passes when [`conformance!`] does with a function that makes an empty store.
//! Each test gets a store of its own; `Made` keeps whatever the store needs to live.
//!
//! Long because it is one list of demands.

use std::collections::BTreeSet;

use roadbook_domain::{
    ChangeHash, ConflictId, DeviceId, DocumentKey, Entity, Facet, Hlc, IntentId, Money, RecordId,
    UserId, Value,
};
use roadbook_policy::{Audience, Compartment, RecordPlace, Scope};

use super::{
    BatchRow, Install, LogEntry, LogPart, ProjectedRow, QuarantineRow, Receiver, RecordRow,
    RefusedChange, RelayedRow, Settled, Share, Store, StoreWrite, StoredDocument, VerdictRow,
    Window,
};
use crate::tenant::{Credential, Device, IdentityKind};

/// A store, and what it needs to live.
pub(crate) struct Made {
    pub(crate) store: Box<dyn Store>,
    pub(crate) _needs: Box<dyn std::any::Any>,
}

/// Makes one test per demand.
macro_rules! conformance {
    ($make:expr; $($test:ident),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                let made: $crate::store::conformance::Made = $make();
                $crate::store::conformance::$test(made.store.as_ref());
            }
        )*
    };
}
pub(crate) use conformance;

fn record(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

fn user(n: u8) -> UserId {
    UserId::from_bytes([n; 16])
}

fn device_id(n: u8) -> DeviceId {
    DeviceId::from_bytes([n; 16])
}

fn intent(n: u8) -> IntentId {
    IntentId::from_bytes([n; 16])
}

fn audience(scope: Scope, compartment: Compartment) -> Audience {
    Audience { scope, compartment }
}

fn owner(n: u8) -> Audience {
    audience(Scope::Owner(user(n)), Compartment::Business)
}

fn entry(seq: u64, by: u8) -> LogEntry {
    LogEntry {
        seq,
        intent: intent(u8::try_from(seq).unwrap()),
        user: user(by),
        device: device_id(by),
        install_epoch: 1,
        accepted_ms: 1_000 * i64::try_from(seq).unwrap(),
        batch: None,
        header: vec![1, 2, 3],
        chain: [u8::try_from(seq).unwrap(); 32],
    }
}

fn part(slot: u8, of: u8, facet: Facet) -> LogPart {
    LogPart {
        slot,
        document: DocumentKey::first(record(of), facet),
        change: ChangeHash([of; 32]),
        part: vec![of; 40],
        outcome: vec![slot],
        raw: vec![of; usize::from(slot)],
    }
}

fn document(of: u8, facet: Facet, seq: u64) -> StoredDocument {
    StoredDocument {
        key: DocumentKey::first(record(of), facet),
        entity: Entity::Account,
        seq,
        heads: vec![ChangeHash([of; 32]), ChangeHash([of + 1; 32])],
        bytes: vec![of; 500],
    }
}

fn window(of: u8, from: u64, to: u64, now: u64) -> Window {
    Window { user: user(of), from, to, now }
}

const NOBODY: Install = Install { device: DeviceId::from_bytes([0xee; 16]), install_epoch: 1 };

/// Writes in a transaction of its own.
fn write(store: &dyn Store, work: impl FnOnce(&mut dyn StoreWrite)) {
    let mut write = store.write().unwrap();
    work(write.as_mut());
    write.commit().unwrap();
}

/// An envelope on one document that is open to an owner from its first change on.
fn append(store: &dyn Store, seq: u64, by: u8, of: u8) {
    write(store, |write| {
        write.append(&entry(seq, by), &[part(0, of, Facet::Internal)]).unwrap();
        write.put_document(&document(of, Facet::Internal, seq)).unwrap();
    });
}

pub(crate) fn an_empty_store_is_empty(store: &dyn Store) {
    let read = store.read().unwrap();
    assert_eq!(read.head().unwrap(), 0);
    assert_eq!(read.log_entry(0).unwrap(), None);
    assert_eq!(read.meta("anything").unwrap(), None);
    assert_eq!(read.device(device_id(1)).unwrap(), None);
    assert_eq!(read.document(record(1), Facet::Internal).unwrap(), None);
    assert_eq!(read.progress(&NOBODY).unwrap().last_number, 0);
    assert_eq!(read.gained(&window(1, 0, 0, 0), None, 10).unwrap(), []);
    assert_eq!(read.counts().unwrap().documents, 0);
}

pub(crate) fn single_values_are_set_and_set_again(store: &dyn Store) {
    write(store, |write| write.put_meta("name", b"one").unwrap());
    write(store, |write| write.put_meta("name", b"two").unwrap());
    assert_eq!(store.read().unwrap().meta("name").unwrap(), Some(b"two".to_vec()));
}

pub(crate) fn the_log_is_read_back_as_it_was_appended(store: &dyn Store) {
    let parts = [
        part(0, 1, Facet::Internal),
        part(0, 1, Facet::Confidential),
        part(15, 2, Facet::Internal),
    ];
    let batch = BatchRow {
        device: device_id(1),
        install_epoch: 1,
        received_ms: 5,
        root: [1; 32],
        signature: vec![2; 64],
        leaves: vec![3; 64],
    };
    let mut expected = entry(1, 1);
    write(store, |write| {
        expected.batch = Some(write.put_batch(&batch).unwrap());
        write.append(&expected, &parts).unwrap();
        write.append(&entry(2, 2), &[part(0, 3, Facet::Internal)]).unwrap();
    });
    let read = store.read().unwrap();
    assert_eq!(read.head().unwrap(), 2);
    assert_eq!(read.log_entry(1).unwrap(), Some(expected));
    assert_eq!(read.log_parts(1).unwrap(), parts);
    assert_eq!(read.log_parts(2).unwrap().len(), 1, "parts of another entry stay apart");
    let history = read.history(record(1), Facet::Confidential).unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].0.seq, &history[0].1), (1, &parts[1]));
}

pub(crate) fn a_place_in_the_log_is_taken_once(store: &dyn Store) {
    append(store, 1, 1, 1);
    let mut write = store.write().unwrap();
    assert!(write.append(&entry(1, 2), &[part(0, 9, Facet::Internal)]).is_err());
}

pub(crate) fn documents_are_replaced_and_listed_in_order(store: &dyn Store) {
    write(store, |write| {
        for of in [3, 1, 2] {
            write.put_document(&document(of, Facet::Internal, 1)).unwrap();
        }
        write.put_document(&document(2, Facet::Confidential, 1)).unwrap();
        let newer = StoredDocument { bytes: vec![9], ..document(2, Facet::Internal, 7) };
        write.put_document(&newer).unwrap();
    });
    let read = store.read().unwrap();
    let found = read.document(record(2), Facet::Internal).unwrap().unwrap();
    assert_eq!((found.seq, found.bytes), (7, vec![9]));
    let first = read.documents_after(None, 3).unwrap();
    let keys: Vec<_> = first.iter().map(|found| (found.key.record, found.key.facet)).collect();
    assert_eq!(
        keys,
        [
            (record(1), Facet::Internal),
            (record(2), Facet::Internal),
            (record(2), Facet::Confidential)
        ]
    );
    let rest = read.documents_after(keys.last().copied(), 3).unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0], document(3, Facet::Internal, 1));
    assert_eq!(read.documents_of(Entity::Account).unwrap().len(), 3, "internal ones only");
    assert_eq!(read.documents_of(Entity::Lead).unwrap(), []);
}

pub(crate) fn records_know_their_place_and_their_children(store: &dyn Store) {
    let row = |of: u8, parent: Option<RecordId>| RecordRow {
        record: record(of),
        place: RecordPlace {
            entity: Entity::Contact,
            owner: Some(user(1)),
            territory: None,
            team: Some(record(50)),
        },
        parent,
        confidential: false,
        created_by: user(2),
        created_seq: 3,
    };
    write(store, |write| {
        write.put_record(&row(1, None)).unwrap();
        write.put_record(&row(2, Some(record(1)))).unwrap();
        write.put_record(&row(3, Some(record(1)))).unwrap();
        write.put_record(&RecordRow { confidential: true, ..row(3, Some(record(1))) }).unwrap();
        write.put_record(&row(2, None)).unwrap();
    });
    let read = store.read().unwrap();
    assert_eq!(read.record(record(1)).unwrap(), Some(row(1, None)));
    let children = read.children(record(1)).unwrap();
    assert_eq!(children, [RecordRow { confidential: true, ..row(3, Some(record(1))) }]);
    assert_eq!(read.record(record(9)).unwrap(), None);
}

pub(crate) fn scopes_are_versioned_by_the_log(store: &dyn Store) {
    // Document 1 is user 1's from 1 on, user 2's from 3 on; user 1 comes back at 5.
    let facet = Facet::Internal;
    write(store, |write| {
        write.open_user(user(1), owner(1), 1).unwrap();
        write.open_user(user(2), owner(2), 1).unwrap();
        write.put_document(&document(1, facet, 1)).unwrap();
        write.open_document(record(1), facet, owner(1), 1).unwrap();
        write.close_document(record(1), facet, owner(1), 3).unwrap();
        write.open_document(record(1), facet, owner(2), 3).unwrap();
        write.open_document(record(1), facet, owner(1), 5).unwrap();
    });
    let read = store.read().unwrap();
    let audiences = read.document_audiences(record(1), facet).unwrap();
    assert_eq!(audiences, BTreeSet::from([owner(1), owner(2)]));
    assert_eq!(read.user_audiences(user(1)).unwrap(), BTreeSet::from([owner(1)]));
    assert!(read.sees(user(1), record(1), facet).unwrap());
    assert!(!read.sees(user(3), record(1), facet).unwrap());
    assert!(!read.sees(user(1), record(1), Facet::Confidential).unwrap());

    let gained = |window| read.gained(&window, None, 10).unwrap().len();
    let lost = |window| read.lost(&window, None, 10).unwrap().len();
    assert_eq!(gained(window(1, 0, 5, 5)), 1);
    assert_eq!((gained(window(2, 1, 2, 5)), gained(window(2, 2, 3, 5))), (0, 1));
    assert_eq!(
        (lost(window(1, 1, 2, 5)), lost(window(1, 1, 3, 5)), lost(window(1, 2, 4, 5))),
        (0, 1, 1)
    );
    assert_eq!((gained(window(1, 4, 5, 5)), lost(window(1, 4, 5, 5))), (1, 0));
    assert_eq!((gained(window(1, 2, 5, 5)), lost(window(1, 2, 5, 5))), (1, 0), "away and back");
    assert_eq!(gained(window(2, 3, 5, 5)), 0, "seen all along");
    assert_eq!(gained(window(3, 0, 5, 5)), 0);
    assert_eq!(read.count_gained(&window(2, 2, 3, 5)).unwrap(), 1);
    assert_eq!(read.count_gained(&window(1, 0, 5, 5)).unwrap(), 1);
}

pub(crate) fn a_users_scopes_are_versioned_by_the_log(store: &dyn Store) {
    let facet = Facet::Internal;
    write(store, |write| {
        for of in 1..=5 {
            write.put_document(&document(of, facet, 1)).unwrap();
            write.open_document(record(of), facet, owner(1), 1).unwrap();
        }
        write.open_user(user(7), owner(1), 4).unwrap();
        write.close_user(user(7), owner(1), 6).unwrap();
    });
    let read = store.read().unwrap();
    assert_eq!(read.gained(&window(7, 2, 3, 5), None, 10).unwrap().len(), 0);
    let all = read.gained(&window(7, 3, 4, 5), None, 10).unwrap();
    assert_eq!(all.len(), 5);
    let first = read.gained(&window(7, 3, 4, 5), None, 2).unwrap();
    let place = (first[1].key.record, first[1].key.facet);
    let rest = read.gained(&window(7, 3, 4, 5), Some(place), 10).unwrap();
    assert_eq!([first, rest].concat(), all, "pages go on where they ended");
    assert_eq!(read.lost(&window(7, 5, 6, 6), None, 10).unwrap().len(), 5);
    assert_eq!(read.lost(&window(7, 5, 6, 6), Some(place), 10).unwrap().len(), 3);
    assert_eq!(read.gained(&window(7, 3, 4, 6), None, 10).unwrap().len(), 0, "not visible now");
    let mut seen = 0;
    read.visible_heads(user(7), &mut |_, _| seen += 1).unwrap();
    assert_eq!(seen, 0);
}

pub(crate) fn large_documents_are_read_a_few_at_a_time(store: &dyn Store) {
    let facet = Facet::Internal;
    let large = |of: u8| StoredDocument { bytes: vec![of; 3 << 20], ..document(of, facet, 1) };
    write(store, |write| {
        write.open_user(user(1), owner(1), 1).unwrap();
        for of in 1..=8 {
            write.put_document(&large(of)).unwrap();
            write.open_document(record(of), facet, owner(1), u64::from(of)).unwrap();
            let long = LogPart { part: vec![of; 3 << 20], ..part(0, of, facet) };
            write.append(&entry(of.into(), 1), &[long]).unwrap();
        }
    });
    let read = store.read().unwrap();
    // To a device that knows nothing, and to one that was away.
    for (from, expected) in [(0, 8), (1, 7)] {
        let window = window(1, from, 8, 8);
        let (mut after, mut seen) = (None, 0);
        loop {
            let some = read.gained(&window, after, 1_000).unwrap();
            let Some(last) = some.last() else { break };
            assert!(some.len() <= 3, "{} large ones in memory at once", some.len());
            after = Some((last.key.record, last.key.facet));
            seen += some.len();
        }
        assert_eq!(seen, expected, "and still all of them");
    }
    let own = Install { device: device_id(1), install_epoch: 1 };
    let receiver = Receiver { own, backed_up: None };
    let (mut after, mut seen) = (0, 0);
    while after < 8 {
        let (some, to) = read.log_after(&window(1, 0, 8, 8), &receiver, after, 1_000).unwrap();
        assert!(some.len() <= 3, "{} large envelopes in memory at once", some.len());
        (after, seen) = (to, seen + some.len());
    }
    assert_eq!(seen, 8);
}

pub(crate) fn a_scope_opened_again_at_the_same_place_is_open(store: &dyn Store) {
    let facet = Facet::Internal;
    write(store, |write| {
        write.open_user(user(1), owner(1), 1).unwrap();
        write.close_user(user(1), owner(1), 1).unwrap();
        write.open_user(user(1), owner(1), 1).unwrap();
        write.put_document(&document(1, facet, 1)).unwrap();
        write.open_document(record(1), facet, owner(1), 1).unwrap();
        write.close_document(record(1), facet, owner(1), 1).unwrap();
        write.open_document(record(1), facet, owner(1), 1).unwrap();
    });
    assert!(store.read().unwrap().sees(user(1), record(1), facet).unwrap());
}

pub(crate) fn the_log_is_read_through_a_users_eyes(store: &dyn Store) {
    let facet = Facet::Internal;
    write(store, |write| {
        write.open_user(user(1), owner(1), 1).unwrap();
        write.open_document(record(1), facet, owner(1), 1).unwrap();
        write.open_document(record(2), facet, owner(2), 1).unwrap();
        write.open_document(record(3), facet, owner(1), 4).unwrap();
    });
    append(store, 1, 1, 1);
    append(store, 2, 2, 2);
    write(store, |write| {
        let parts = [part(0, 1, facet), part(0, 1, Facet::Confidential), part(1, 2, facet)];
        write.append(&entry(3, 2), &parts).unwrap();
    });
    append(store, 4, 1, 3);
    append(store, 5, 2, 1);
    let read = store.read().unwrap();
    let seqs = |window: Window, own: &Install, after, limit| {
        let receiver = Receiver { own: *own, backed_up: None };
        let (rows, to) = read.log_after(&window, &receiver, after, limit).unwrap();
        (rows.iter().map(|(entry, _)| entry.seq).collect::<Vec<_>>(), to)
    };
    let all = window(1, 1, 5, 5);
    assert_eq!(seqs(all, &NOBODY, 1, 10), (vec![3, 5], 5), "3 is newly visible: a snapshot");
    let own = Install { device: device_id(1), install_epoch: 1 };
    assert_eq!(seqs(all, &own, 1, 10), (vec![3, 4, 5], 5), "but its maker gets it back");
    let other_install = Install { install_epoch: 2, ..own };
    assert_eq!(seqs(all, &other_install, 1, 10).0, [3, 5]);
    let nobody = Receiver { own: NOBODY, backed_up: None };
    let (rows, _) = read.log_after(&all, &nobody, 1, 10).unwrap();
    assert_eq!(rows[0].1, [part(0, 1, facet)], "visible parts only");
    let (first, looked_to) = seqs(all, &NOBODY, 1, 1);
    assert_eq!(first, [3]);
    assert_eq!(seqs(all, &NOBODY, looked_to, 10).0, [5], "each entry once");
    assert_eq!(seqs(window(3, 1, 5, 5), &NOBODY, 1, 10), (vec![], 5));
    let backed_up = |watermark: u64, window: Window, after| {
        let receiver = Receiver { own: NOBODY, backed_up: Some(watermark) };
        let (rows, _) = read.log_after(&window, &receiver, after, 10).unwrap();
        rows.iter().map(|(entry, _)| entry.seq).collect::<Vec<_>>()
    };
    assert_eq!(backed_up(3, all, 1), [3, 4, 5], "what no backup has comes with its snapshot too");
    assert_eq!(backed_up(4, all, 1), [3, 5]);
    let later = window(1, 3, 5, 5);
    assert_eq!(backed_up(2, later, 2), [4, 5], "what was visible before the window has come");
    assert_eq!(backed_up(0, window(1, 0, 5, 5), 0), [1, 3, 4, 5], "a device that knows nothing");
    drop(read);
    write(store, |write| write.close_document(record(1), facet, owner(1), 6).unwrap());
    let read = store.read().unwrap();
    let (rows, _) = read.log_after(&window(1, 1, 5, 6), &nobody, 1, 10).unwrap();
    assert_eq!(rows, [], "what is not visible now is not sent, whatever the window says");
}

pub(crate) fn conflicts_open_and_close(store: &dyn Store) {
    let id =
        |field: &str| ConflictId { intent: intent(1), record: record(1), field: field.to_owned() };
    write(store, |write| {
        write.open_conflict(&id("amount"), Facet::Internal, 4).unwrap();
        write.open_conflict(&id("margin"), Facet::Confidential, 4).unwrap();
        write.open_conflict(&id("stage"), Facet::Internal, 5).unwrap();
        write.close_conflict(&id("amount"), 6, intent(2)).unwrap();
    });
    let read = store.read().unwrap();
    let open = read.open_conflicts(record(1), Facet::Internal).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((&open[0].id, open[0].opened_seq, open[0].closed_seq), (&id("stage"), 5, None));
    assert_eq!(read.open_conflicts(record(1), Facet::Confidential).unwrap().len(), 1);
    assert_eq!(read.counts().unwrap().open_conflicts, 2);
}

pub(crate) fn devices_and_their_progress_are_kept(store: &dyn Store) {
    let device = Device {
        id: device_id(1),
        user: user(1),
        name: "phone".into(),
        public_key: [1; 32],
        salt_key: [2; 32],
        enrolled_ms: 10,
        revoked_ms: None,
        last_sync_ms: None,
    };
    let second = Device { id: device_id(2), enrolled_ms: 5, ..device.clone() };
    let install = Install { device: device_id(1), install_epoch: 1 };
    let renewed = Install { install_epoch: 2, ..install };
    write(store, |write| {
        write.put_device(&device).unwrap();
        write.put_device(&second).unwrap();
        write.touch_device(device_id(1), 77).unwrap();
        write.put_progress(&install, 9, Hlc(100)).unwrap();
        write.put_progress(&install, 4, Hlc(50)).unwrap();
        write.put_progress(&renewed, 1, Hlc(70)).unwrap();
    });
    let read = store.read().unwrap();
    let found = read.device(device_id(1)).unwrap().unwrap();
    assert_eq!(found, Device { last_sync_ms: Some(77), ..device });
    let all = read.devices().unwrap();
    assert_eq!(all.iter().map(|found| found.id).collect::<Vec<_>>(), [device_id(2), device_id(1)]);
    let progress = read.progress(&install).unwrap();
    assert_eq!((progress.last_number, progress.last_clock), (9, Hlc(100)), "never goes back");
    let progress = read.progress(&renewed).unwrap();
    assert_eq!(
        (progress.last_number, progress.last_clock),
        (1, Hlc(100)),
        "a device has one clock"
    );
}

pub(crate) fn credentials_are_one_per_user(store: &dyn Store) {
    let credential = |of: u8, login: &str, kind| Credential {
        user: user(of),
        login: login.to_owned(),
        password_hash: "hash".into(),
        kind,
    };
    write(store, |write| {
        write.put_credential(&credential(1, "ana", IdentityKind::Real)).unwrap();
        write.put_credential(&credential(1, "anna", IdentityKind::Real)).unwrap();
    });
    let read = store.read().unwrap();
    assert_eq!(read.credential("ana").unwrap(), None);
    let found = read.credential("anna").unwrap();
    assert_eq!(found, Some(credential(1, "anna", IdentityKind::Real)));
    assert_eq!(read.credential_of(user(1)).unwrap(), found);
    assert_eq!(read.credential_of(user(2)).unwrap(), None);
    assert!(!read.has_demo_credentials().unwrap());
    drop(read);
    write(store, |write| {
        write.put_credential(&credential(2, "demo", IdentityKind::Demo)).unwrap();
    });
    assert!(store.read().unwrap().has_demo_credentials().unwrap());
}

pub(crate) fn an_intent_has_one_final_verdict(store: &dyn Store) {
    let row = |verdict: u8| VerdictRow {
        intent: intent(1),
        user: user(1),
        device: device_id(1),
        verdict: vec![verdict],
    };
    write(store, |write| write.put_verdict(&row(1)).unwrap());
    assert_eq!(store.read().unwrap().verdict(intent(1)).unwrap(), Some(row(1)));
    let mut write = store.write().unwrap();
    assert!(write.put_verdict(&row(2)).is_err(), "a verdict that was given is not written over");
    write.drop_verdict(intent(1)).unwrap();
    write.put_verdict(&row(3)).unwrap();
    assert_eq!(write.verdict(intent(1)).unwrap(), Some(row(3)), "a receipt says more than it");
}

pub(crate) fn refusals_are_remembered(store: &dyn Store) {
    let refused = |causes: u8| RefusedChange {
        change: ChangeHash([1; 32]),
        device: device_id(1),
        intent: intent(1),
        causes: vec![causes],
        refused_ms: 0,
    };
    write(store, |write| {
        write.put_refused_change(&refused(1)).unwrap();
        write.put_refused_change(&refused(2)).unwrap();
        write.put_refused_record(record(1), user(1), intent(1)).unwrap();
        write.put_refused_record(record(2), user(1), intent(2)).unwrap();
        write.clear_refused_record(record(2)).unwrap();
    });
    let read = store.read().unwrap();
    assert_eq!(read.refused_change(ChangeHash([1; 32])).unwrap(), Some(refused(2)));
    assert_eq!(read.refused_change(ChangeHash([2; 32])).unwrap(), None);
    assert_eq!(read.refused_record(record(1)).unwrap(), Some((user(1), intent(1))));
    assert_eq!(read.refused_record(record(2)).unwrap(), None);
}

pub(crate) fn a_device_has_a_share_of_what_was_refused(store: &dyn Store) {
    let change = |of: u8| ChangeHash([of; 32]);
    let refused = |of: u8, device: u8, refused_ms: i64| RefusedChange {
        change: change(of),
        device: device_id(device),
        intent: intent(of),
        causes: vec![of],
        refused_ms,
    };
    write(store, |write| {
        for (of, device, at_ms) in [(1, 1, 10), (2, 1, 20), (3, 2, 5), (4, 1, 30), (5, 1, 40)] {
            write.put_refused_change(&refused(of, device, at_ms)).unwrap();
        }
        // Refused once more, it is among the newest.
        write.put_refused_change(&refused(1, 1, 50)).unwrap();
        write.drop_refused_change(change(5)).unwrap();
        write.trim_refused_changes(device_id(1), 2).unwrap();
    });
    let read = store.read().unwrap();
    let kept = |of: u8| read.refused_change(change(of)).unwrap();
    assert_eq!(kept(1), Some(refused(1, 1, 50)));
    assert_eq!(kept(4), Some(refused(4, 1, 30)));
    assert_eq!(kept(3), Some(refused(3, 2, 5)), "another device's");
    assert_eq!((kept(2), kept(5)), (None, None), "the oldest, and what was taken in");
}

pub(crate) fn the_quarantine_takes_the_same_once(store: &dyn Store) {
    let row = |of: u8, envelope: u8| QuarantineRow {
        intent: intent(of),
        device: device_id(1),
        user: user(1),
        reason: "forgotten".into(),
        received_ms: 3,
        envelope: vec![envelope],
        settled: None,
    };
    write(store, |write| {
        write.put_quarantined(&row(1, 1)).unwrap();
        write.put_quarantined(&row(1, 2)).unwrap();
        write.put_quarantined(&row(2, 3)).unwrap();
        let key = DocumentKey::first(record(1), Facet::Internal);
        write.put_purge(device_id(1), &key, 5).unwrap();
        write.put_purge(device_id(1), &key, 6).unwrap();
    });
    let read = store.read().unwrap();
    assert_eq!(read.quarantined().unwrap(), [row(1, 1), row(2, 3)], "the first word counts");
    assert_eq!(read.counts().unwrap().quarantined, 2);
    assert_eq!(read.purges(device_id(1)).unwrap().len(), 1);
    drop(read);
    let dropped = Settled { how: "dropped".into(), note: "a test".into(), at_ms: 9 };
    let settled = QuarantineRow { envelope: Vec::new(), settled: Some(dropped), ..row(1, 1) };
    write(store, |write| write.settle_quarantined(&settled).unwrap());
    let read = store.read().unwrap();
    assert_eq!(read.quarantined().unwrap(), [settled, row(2, 3)]);
    assert_eq!(read.counts().unwrap().quarantined, 1, "what waits for an operator");
    let found = read.quarantined_of(device_id(1), intent(1)).unwrap();
    assert!(found.is_some_and(|row| row.settled.is_some()), "settled or not");
    assert_eq!(read.quarantined_of(device_id(2), intent(1)).unwrap(), None, "of another device");
    let share = Share { envelopes: 1, bytes: 1 };
    assert_eq!(read.quarantine_share(device_id(1)).unwrap(), share, "what is settled counts not");
    assert_eq!(read.quarantine_share(device_id(2)).unwrap(), Share::default());
    drop(read);
    let again = QuarantineRow { reason: "revoked".into(), received_ms: 9, ..row(1, 7) };
    write(store, |write| write.reopen_quarantined(&again).unwrap());
    let read = store.read().unwrap();
    assert_eq!(read.quarantined_of(device_id(1), intent(1)).unwrap(), Some(again));
    assert_eq!(read.counts().unwrap().quarantined, 2, "it waits for an operator again");
}

pub(crate) fn handed_back_envelopes_wait_in_the_order_of_the_lost_log(store: &dyn Store) {
    let row = |of: u8, restore_epoch, lost_seq, seq| RelayedRow {
        intent: intent(of),
        restore_epoch,
        lost_seq,
        device: device_id(1),
        received_ms: 5,
        seq,
        envelope: vec![of],
    };
    write(store, |write| {
        for waiting in [row(1, 2, 7, None), row(2, 1, 9, None), row(3, 2, 5, None)] {
            write.put_relayed(&waiting).unwrap();
        }
        write.put_relayed(&row(3, 2, 5, Some(11))).unwrap();
    });
    let read = store.read().unwrap();
    assert_eq!(read.relayed_waiting().unwrap(), [row(2, 1, 9, None), row(1, 2, 7, None)]);
    assert_eq!(read.relayed(intent(3)).unwrap(), Some(row(3, 2, 5, Some(11))));
    assert_eq!(read.relayed(intent(4)).unwrap(), None);
}

pub(crate) fn rows_for_the_pipeline_are_written_over(store: &dyn Store) {
    let schema = roadbook_domain::Schema::crm();
    let fields = &schema.entity(Entity::Product).fields;
    let price = Value::Money(Money::new(1_250, roadbook_domain::Currency::EUR));
    let name = Value::Text("Pump".into());
    write(store, |write| {
        assert!(write.projections_are_stale().unwrap(), "there are none yet");
        write.reset_projections().unwrap();
        assert!(!write.projections_are_stale().unwrap());
        for (seq, price) in [(1, &Value::Null), (2, &price)] {
            let internal = fields.iter().filter(|field| field.facet() == Facet::Internal);
            let values = internal.map(|field| match field.name {
                "name" => &name,
                "list_price" => price,
                _ => &Value::Null,
            });
            write
                .project(&ProjectedRow {
                    entity: Entity::Product,
                    facet: Facet::Internal,
                    record: record(1),
                    seq,
                    alive: true,
                    updated_ms: 7,
                    disputed: vec![],
                    values: values.collect(),
                })
                .unwrap();
        }
    });
    let read = store.read().unwrap();
    let row = read.projected(Entity::Product, Facet::Internal, record(1)).unwrap().unwrap();
    let value = |name: &str| row.iter().find(|(column, _)| column == name).map(|(_, text)| &**text);
    assert_eq!(value("name"), Some("Pump"));
    assert_eq!(value("list_price_minor"), Some("1250"));
    assert_eq!(value("list_price_currency"), Some("EUR"));
    assert_eq!((value("seq"), value("cost_minor")), (Some("2"), None), "the facets are apart");
    let other = read.projected(Entity::Product, Facet::Confidential, record(1)).unwrap();
    assert_eq!(other, None);
    drop(read);
    // Lists keep all that the central pipeline could ask for: a stage with the time it was reached.
    let entry =
        |at_ms, text: &str| roadbook_domain::value::LogEntry { at_ms, text: text.to_owned() };
    let stages = Value::Log(vec![entry(7, "New > Qualification"), entry(9, "Qualification > Won")]);
    let tags = Value::Set(vec!["key".into(), "north".into()]);
    let fields = &schema.entity(Entity::Opportunity).fields;
    let internal = fields.iter().filter(|field| field.facet() == Facet::Internal);
    let values = internal.map(|field| match field.name {
        "stage_history" => &stages,
        "tags" => &tags,
        _ => &Value::Null,
    });
    let row = ProjectedRow {
        entity: Entity::Opportunity,
        facet: Facet::Internal,
        record: record(2),
        seq: 3,
        alive: true,
        updated_ms: 9,
        disputed: vec![],
        values: values.collect(),
    };
    write(store, |write| write.project(&row).unwrap());
    let read = store.read().unwrap();
    let row = read.projected(Entity::Opportunity, Facet::Internal, record(2)).unwrap().unwrap();
    let value = |name: &str| {
        let (_, text) = row.iter().find(|(column, _)| column == name).unwrap();
        serde_json::from_str::<serde_json::Value>(text).unwrap()
    };
    let line = |at_ms: i64, text: &str| serde_json::json!({ "at_ms": at_ms, "text": text });
    let history = [line(7, "New > Qualification"), line(9, "Qualification > Won")];
    assert_eq!(value("stage_history"), serde_json::json!(history));
    assert_eq!(value("tags"), serde_json::json!(["key", "north"]));
}

pub(crate) fn what_is_not_committed_leaves_nothing(store: &dyn Store) {
    append(store, 1, 1, 1);
    {
        let mut torn = store.write().unwrap();
        torn.append(&entry(2, 1), &[part(0, 2, Facet::Internal)]).unwrap();
        torn.put_document(&document(1, Facet::Internal, 2)).unwrap();
        torn.put_meta("name", b"torn").unwrap();
        torn.open_document(record(1), Facet::Internal, owner(1), 2).unwrap();
        assert_eq!(torn.head().unwrap(), 2, "a writer sees its own work");
    }
    let read = store.read().unwrap();
    assert_eq!(read.head().unwrap(), 1);
    assert_eq!(read.document(record(1), Facet::Internal).unwrap().unwrap().seq, 1);
    assert_eq!(read.meta("name").unwrap(), None);
    assert_eq!(read.document_audiences(record(1), Facet::Internal).unwrap(), BTreeSet::new());
    drop(read);
    append(store, 2, 1, 2);
    assert_eq!(store.read().unwrap().head().unwrap(), 2, "the place is free for the next");
}

pub(crate) fn a_reader_never_sees_a_commit_in_flight(store: &dyn Store) {
    append(store, 1, 1, 1);
    let before = store.read().unwrap();
    assert_eq!(before.head().unwrap(), 1);
    let mut write = store.write().unwrap();
    write.append(&entry(2, 1), &[part(0, 2, Facet::Internal)]).unwrap();
    let during = store.read().unwrap();
    assert_eq!(during.head().unwrap(), 1, "not before it is committed");
    write.commit().unwrap();
    assert_eq!((before.head().unwrap(), during.head().unwrap()), (1, 1), "one state throughout");
    assert_eq!(before.log_parts(2).unwrap(), []);
    drop((before, during));
    assert_eq!(store.read().unwrap().head().unwrap(), 2);
}

pub(crate) fn many_readers_read_at_once(store: &dyn Store) {
    append(store, 1, 1, 1);
    let readers: Vec<_> = (0..12).map(|_| store.read().unwrap()).collect();
    for reader in &readers {
        assert_eq!(reader.head().unwrap(), 1);
    }
}

pub(crate) fn writers_wait_for_each_other(store: &dyn Store) {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let mut write = store.write().unwrap();
                    let seq = write.head().unwrap() + 1;
                    write.append(&entry(seq, 1), &[part(0, 1, Facet::Internal)]).unwrap();
                    write.commit().unwrap();
                }
            });
        }
    });
    let read = store.read().unwrap();
    assert_eq!(read.head().unwrap(), 40, "no place is lost or taken twice");
    assert_eq!(read.history(record(1), Facet::Internal).unwrap().len(), 40);
}
