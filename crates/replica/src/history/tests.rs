//! Tests of who, when and why.

use roadbook_domain::{ChangeHash, ConflictId, DocumentKey, Entity, Facet, IntentKind, RecordId};
use roadbook_merge::JournalEntry;
use roadbook_merge::journal::Settled;
use roadbook_sync_protocol::{HistoryEntry, HistoryResponse, PageItem, PastEntry, Provenance};

use crate::exchange::apply::entry_of;
use crate::testing::{Device, START_MS, accepted, answer, euros, page, text, user};
use crate::{CommitStamp, SyncMark};

#[test]
fn the_history_of_a_field_names_who_wrote_it_pending_work_last() {
    let mut ana = Device::new(3, "Rep");
    let deal = ana.create(Entity::Opportunity, &[("name", text("Deal"))]);
    ana.set(deal, "amount", euros(10));
    ana.set(deal, "next_step", text("Call"));
    let items: Vec<_> =
        (1..).zip(ana.envelopes()).map(|(seq, envelope)| accepted(seq, &envelope)).collect();
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(items, 3));
    let stamp = CommitStamp { rationale: Some("the buyer said so".into()), ..bo.stamp() };
    let edit =
        roadbook_domain::FieldEdit { field: "amount".into(), from: euros(10), to: euros(12) };
    let intent = roadbook_domain::Intent::EditFields {
        record: deal,
        entity: Entity::Opportunity,
        edits: vec![edit],
    };
    bo.replica.commit(&intent, &stamp).unwrap();
    let rows = bo.replica.history(deal, Some("amount")).unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| (row.made_by.kind, row.made_by.user, row.made_by.seq)).collect();
    assert_eq!(
        told,
        [
            (IntentKind::Create, user(3), Some(1)),
            (IntentKind::EditFields, user(3), Some(2)),
            (IntentKind::EditFields, user(4), None),
        ]
    );
    assert_eq!(rows[2].made_by.rationale.as_deref(), Some("the buyer said so"));
    assert_eq!(bo.replica.history(deal, None).unwrap().len(), 4);
    assert_eq!(bo.replica.record(deal).unwrap().unwrap().sync, SyncMark::Saved);
}

#[test]
fn what_a_merge_settled_and_conflict_ids_come_with_the_log_and_go_with_it() {
    let mut ana = Device::new(3, "Rep");
    let mut bo = Device::new(4, "Rep");
    let deal = ana.create(Entity::Opportunity, &[("name", text("Deal"))]);
    let start = vec![accepted(1, &ana.envelopes()[0])];
    ana.take_in(page(start.clone(), 1));
    bo.take_in(page(start, 1));
    bo.wall_ms += 60_000;
    ana.set(deal, "amount", euros(10));
    bo.set(deal, "amount", euros(20));
    let (first, second) = (ana.envelopes()[0].clone(), bo.envelopes()[0].clone());
    let id = ConflictId { intent: second.header.intent, record: deal, field: "amount".into() };
    let PageItem::Accepted(mut item) = accepted(3, &second) else { panic!("accepted") };
    item.outcomes[0].opened = vec![id.clone()];
    item.outcomes[0].journal = vec![JournalEntry {
        field: "next_step".into(),
        settled: Settled::LaterKept,
        kept: text("Call"),
        set_aside: vec![(text("Write"), ChangeHash([1; 32]))],
    }];
    let items = vec![accepted(2, &first), PageItem::Accepted(item)];
    for device in [&mut ana, &mut bo] {
        device.take_in(page(items.clone(), 3));
        let conflict = device.replica.conflict(deal, "amount").unwrap().unwrap();
        assert_eq!(conflict.id, Some(id.clone()));
        let users: Vec<_> = conflict.sides.iter().map(|side| side.made_by[0].user).collect();
        assert_eq!(users, [user(3), user(4)], "by clock");
        assert_eq!(conflict.title, "Deal");
        let journal = device.replica.journal(10).unwrap();
        assert_eq!(journal.len(), 1);
        assert_eq!((journal[0].record, journal[0].made_by.seq), (deal, Some(3)));
        assert_eq!(journal[0].entry.kept, text("Call"));
    }
    // A decision closes it everywhere, and the history says who decided.
    let conflict = ana.replica.conflict(deal, "amount").unwrap().unwrap();
    let mut chief = Device::new(5, "Manager");
    chief.take_in(page(
        {
            let mut all = vec![accepted(1, &creation(&ana, deal))];
            all.extend(items);
            all
        },
        3,
    ));
    let resolve = roadbook_domain::Intent::ResolveConflict {
        record: deal,
        entity: Entity::Opportunity,
        field: "amount".into(),
        sides: conflict.side_changes(),
        choice: euros(20),
    };
    chief.commit(&resolve).unwrap();
    assert!(chief.replica.conflicts().unwrap().is_empty(), "settled here already");
    let PageItem::Accepted(mut item) = accepted(4, &chief.envelopes()[0]) else {
        panic!("accepted")
    };
    item.outcomes[0].closed = vec![id];
    ana.take_in(page(vec![PageItem::Accepted(item)], 4));
    assert!(ana.replica.conflicts().unwrap().is_empty());
    assert!(!ana.replica.record(deal).unwrap().unwrap().is_disputed("amount"));
    let last = ana.replica.history(deal, Some("amount")).unwrap().pop().unwrap();
    assert_eq!((last.made_by.kind, last.made_by.user), (IntentKind::ResolveConflict, user(5)));
}

/// The envelope that made a record, from the accepted ones that are kept for the server.
fn creation(device: &Device, record: RecordId) -> roadbook_merge::Envelope {
    let bytes: Vec<u8> = device
        .replica
        .connection
        .query_row("SELECT envelope FROM envelopes ORDER BY seq LIMIT 1", [], |row| row.get(0))
        .unwrap();
    let envelope = crate::pending::read_envelope(&bytes).unwrap();
    assert_eq!(envelope.parts[0].0.document.record, record);
    envelope
}

#[test]
fn history_that_was_asked_for_is_kept_with_what_is_here() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    ana.set(account, "city", text("Bern"));
    let envelopes = ana.envelopes();
    let items: Vec<_> = (1..).zip(&envelopes).map(|(seq, it)| accepted(seq, it)).collect();
    ana.take_in(page(items, 2));
    let before = ana.replica.history(account, None).unwrap();
    ana.replica.connection.execute("DELETE FROM history WHERE seq = 2", []).unwrap();
    assert_eq!(ana.replica.history(account, None).unwrap().len(), 1);
    let (part, _) = &envelopes[1].parts[0];
    let header = &envelopes[1].header;
    let entry = HistoryEntry {
        made_by: Provenance {
            change: part.change,
            intent: header.intent,
            kind: part.kind,
            user: header.user,
            device: header.device,
            clock: header.clock,
            client_version: header.client_version,
            policy_version: header.policy_version,
            seq: 2,
            rationale: None,
        },
        operations: part.operations.clone(),
        journal: Vec::new(),
    };
    let past = PastEntry { document: part.document, accepted_ms: START_MS, entry };
    let stranger = DocumentKey::first(RecordId::from_bytes([9; 16]), Facet::Internal);
    let elsewhere = PastEntry { document: stranger, ..past.clone() };
    let came = HistoryResponse { entries: vec![past, elsewhere], ..HistoryResponse::default() };
    ana.replica.keep_history(&came, START_MS).unwrap();
    ana.replica.keep_history(&came, START_MS).unwrap();
    assert_eq!(ana.replica.history(account, None).unwrap(), before, "each once");
}

const DAY_MS: i64 = 24 * 3_600_000;

/// An exchange with nothing in it, some days after the log of these tests.
fn exchange_after(device: &mut Device, days: i64) {
    let mut nothing = answer();
    nothing.hello.wall_ms = START_MS + days * DAY_MS;
    device.wall_ms = nothing.hello.wall_ms;
    device.take_in(nothing);
}

/// The places in the log that a record's history tells of.
fn places(device: &Device, record: RecordId) -> Vec<u64> {
    let rows = device.replica.history(record, None).unwrap();
    rows.iter().filter_map(|row| row.made_by.seq).collect()
}

/// A device with two accounts, one of which moved twice; the log of it.
fn moved_twice() -> (Device, RecordId, RecordId, Vec<PageItem>) {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    ana.set(account, "city", text("Bern"));
    ana.set(account, "nickname", text("A"));
    ana.set(account, "city", text("Basel"));
    let other = ana.create(Entity::Account, &[("name", text("Other"))]);
    ana.set(other, "city", text("Bern"));
    ana.set(other, "city", text("Basel"));
    let mut items: Vec<_> =
        (1..).zip(&ana.envelopes()).map(|(seq, envelope)| accepted(seq, envelope)).collect();
    if let PageItem::Accepted(item) = &mut items[1] {
        item.outcomes[0].journal = vec![JournalEntry {
            field: "city".into(),
            settled: Settled::LaterKept,
            kept: text("Bern"),
            set_aside: vec![(text("Zug"), ChangeHash([1; 32]))],
        }];
    }
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(items.clone(), 7));
    (bo, account, other, items)
}

#[test]
fn history_older_than_ninety_days_goes_but_what_made_a_value_that_stands() {
    let (mut bo, account, other, _) = moved_twice();
    exchange_after(&mut bo, 89);
    assert_eq!(places(&bo, account), [1, 2, 3, 4]);
    assert_eq!(bo.replica.journal(9).unwrap().len(), 1);
    // A few at once; each exchange goes on.
    for _ in 0..4 {
        exchange_after(&mut bo, 91);
    }
    assert_eq!(places(&bo, account), [1, 3, 4], "who was first in Bern does not matter any more");
    assert_eq!(places(&bo, other), [5, 7]);
    assert_eq!(bo.replica.journal(9).unwrap(), []);
    assert_eq!(bo.value(account, "city"), text("Basel"));
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn history_of_work_that_waits_or_is_undecided_stays() {
    let (mut bo, account, other, _) = moved_twice();
    bo.set(account, "city", text("Zug"));
    let document = bo.replica.connection.query_row(
        "SELECT number * 2 FROM records WHERE record = ?1",
        [other.as_bytes()],
        |row| row.get::<_, i64>(0),
    );
    bo.replica
        .connection
        .execute(
            "INSERT INTO conflicts (document, field, intent) VALUES (?1, 'city', zeroblob(16))",
            [document.unwrap()],
        )
        .unwrap();
    for _ in 0..9 {
        exchange_after(&mut bo, 400);
    }
    assert_eq!(places(&bo, account), [1, 2, 3, 4], "its next merge asks what stood there before");
    assert_eq!(places(&bo, other), [5, 6, 7], "and who decides asks, too");
}

#[test]
fn old_history_that_was_asked_for_stays() {
    let (mut bo, account, _, items) = moved_twice();
    for _ in 0..4 {
        exchange_after(&mut bo, 91);
    }
    assert_eq!(places(&bo, account), [1, 3, 4]);
    let PageItem::Accepted(item) = &items[1] else { panic!("an envelope") };
    let (part, _) = &item.envelope.parts[0];
    let entry = entry_of(2, &item.envelope.header, part, item.outcomes[0].clone());
    let past = PastEntry { document: part.document, accepted_ms: START_MS, entry };
    let came = HistoryResponse { entries: vec![past], ..HistoryResponse::default() };
    bo.replica.keep_history(&came, bo.wall_ms).unwrap();
    for days in [92, 95, 400] {
        exchange_after(&mut bo, days);
        assert_eq!(places(&bo, account), [1, 2, 3, 4], "after {days} days");
    }
}
