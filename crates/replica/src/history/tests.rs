//! Tests of who, when and why.

use roadbook_domain::{ChangeHash, ConflictId, DocumentKey, Entity, Facet, IntentKind, RecordId};
use roadbook_merge::JournalEntry;
use roadbook_merge::journal::Settled;
use roadbook_sync_protocol::{HistoryEntry, HistoryResponse, PageItem, PastEntry, Provenance};

use crate::testing::{Device, START_MS, accepted, euros, page, text, user};
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
    ana.replica.keep_history(&came).unwrap();
    ana.replica.keep_history(&came).unwrap();
    assert_eq!(ana.replica.history(account, None).unwrap(), before, "each once");
}
