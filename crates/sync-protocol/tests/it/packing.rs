//! Packing: what the wire leaves out is computed again, and every leaf comes back.

use proptest::prelude::*;
use roadbook_domain::{ChangeHash, DocumentKey, Facet, Operation};
use roadbook_merge::{Envelope, Part};
use roadbook_sync_protocol::message::records_of;
use roadbook_sync_protocol::{
    LogItem, PackedItems, PackedPage, PackedResponse, Page, PageItem, PushBatch, StoredItem,
    SyncResponse, decode, encode,
};

use crate::samples::{self, SALT_KEY, change, header, key, operations, pushed_by};

/// Which document of which record a generated part is about, and what its basis is.
type Draft = (u8, bool, u8, Vec<u8>, bool);

fn drafts() -> impl Strategy<Value = Vec<Vec<Draft>>> {
    let draft = (
        0_u8..4,
        any::<bool>(),
        0_u8..3,
        proptest::collection::vec(any::<u8>(), 0..3),
        any::<bool>(),
    );
    proptest::collection::vec(proptest::collection::vec(draft, 1..5), 0..20)
}

/// Envelopes as a device makes them: each part builds on the last change of its document, on
/// other heads, or on nothing.
fn envelopes(drafts: &[Vec<Draft>]) -> Vec<Envelope> {
    let mut last: std::collections::BTreeMap<DocumentKey, ChangeHash> =
        std::collections::BTreeMap::new();
    let mut made = 0;
    let mut out = Vec::new();
    for (number, drafts) in (1_u8..).zip(drafts) {
        let mut parts: Vec<Part> = Vec::new();
        for (record, confidential, how, heads, why) in drafts {
            let facet = if *confidential { Facet::Confidential } else { Facet::Internal };
            let document = key(*record, facet);
            if parts.iter().any(|part| part.document == document) {
                continue;
            }
            made += 1;
            let basis = match how {
                0 => last.get(&document).copied().into_iter().collect(),
                1 => heads.iter().map(|head| change(*head)).collect(),
                _ => Vec::new(),
            };
            let operation = usize::from(*record) % operations().len();
            last.insert(document, change(made));
            parts.push(Part {
                slot: *record,
                operations: vec![operations()[operation].clone()],
                rationale: why.then(|| "because".to_owned()),
                ..samples::part(document, basis, made)
            });
        }
        out.push(Envelope::seal(header(number), parts, &SALT_KEY));
    }
    out
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_batch_comes_back_with_the_same_leaves(drafts in drafts()) {
        let sealed = envelopes(&drafts);
        let batch = PushBatch::pack(&sealed, [7; 64]);
        let frame = encode(&batch).unwrap();
        let arrived: PushBatch = decode(&frame).unwrap();
        prop_assert_eq!(&arrived, &batch);
        let unpacked = arrived.unpack(&pushed_by(), &SALT_KEY);
        let leaves = |of: &[Envelope]| of.iter().map(|it| it.header.leaf()).collect::<Vec<_>>();
        prop_assert_eq!(leaves(&unpacked), leaves(&sealed));
        prop_assert_eq!(&unpacked, &sealed);
        prop_assert!(unpacked.iter().all(Envelope::is_intact));
    }

    #[test]
    fn another_key_device_or_word_gives_other_leaves(drafts in drafts()) {
        let sealed = envelopes(&drafts);
        prop_assume!(!sealed.is_empty());
        let batch = PushBatch::pack(&sealed, [7; 64]);
        let leaf = |batch: PushBatch, by, key| batch.unpack(&by, key)[0].header.leaf();
        let honest = sealed[0].header.leaf();
        prop_assert_ne!(leaf(batch.clone(), pushed_by(), &[1; 32]), honest);
        let mut by = pushed_by();
        by.install_epoch += 1;
        prop_assert_ne!(leaf(batch.clone(), by, &SALT_KEY), honest);
        let mut changed = batch;
        changed.envelopes[0].parts[0].operations.push(Operation::Delete);
        prop_assert_ne!(leaf(changed, pushed_by(), &SALT_KEY), honest);
    }
}

#[test]
fn a_basis_that_is_the_previous_change_is_left_out() {
    let document = key(1, Facet::Internal);
    let parts = [
        samples::part(document, vec![], 1),
        samples::part(document, vec![change(1)], 2),
        samples::part(document, vec![change(1), change(2)], 3),
        samples::part(document, vec![], 4),
    ];
    let sealed: Vec<Envelope> = (1..)
        .zip(parts)
        .map(|(number, part)| Envelope::seal(header(number), vec![part], &SALT_KEY))
        .collect();
    let batch = PushBatch::pack(&sealed, [7; 64]);
    let sent: Vec<_> =
        batch.envelopes.iter().map(|envelope| envelope.parts[0].basis.clone()).collect();
    let expected = [Some(vec![]), None, Some(vec![change(1), change(2)]), Some(vec![])];
    assert_eq!(sent, expected);
}

#[test]
fn the_records_of_an_envelope_are_named_once() {
    let parts = vec![
        samples::part(key(2, Facet::Internal), vec![], 1),
        samples::part(key(2, Facet::Confidential), vec![], 2),
        Part { slot: 1, ..samples::part(key(1, Facet::Internal), vec![], 3) },
    ];
    let envelope = Envelope::seal(header(1), parts, &SALT_KEY);
    let records = [1, 2].map(|n| key(n, Facet::Internal).record);
    assert_eq!(records_of(&envelope), records);
}

#[test]
fn an_answer_of_stored_pieces_is_the_answer_that_it_stands_for() {
    let response = samples::response();
    let page = response.page.clone().unwrap();
    let mut items = PackedItems::default();
    for item in &page.items {
        match item {
            PageItem::Accepted(item) => push_stored(&mut items, item),
            PageItem::Forget(_) | PageItem::Snapshot(_) => items.push(item).unwrap(),
        }
    }
    let Page { next, position, more, remaining, receipt, devices, .. } = page;
    let page = PackedPage { items, next, position, more, remaining, receipt, devices };
    let SyncResponse { hello, verdicts, receipt, quarantined, checksum, .. } = response.clone();
    let packed =
        PackedResponse { hello, verdicts, receipt, page: Some(page), quarantined, checksum };
    assert_eq!(packed.clone().encode().unwrap(), encode(&response).unwrap());
    assert_eq!(packed.clone().read().unwrap(), response);
    let without = PackedResponse { page: None, ..packed };
    let response = SyncResponse { page: None, ..response };
    assert_eq!(without.encode().unwrap(), encode(&response).unwrap());
}

fn push_stored(items: &mut PackedItems, item: &LogItem) {
    let header = postcard::to_allocvec(&item.envelope.header).unwrap();
    let parts: Vec<Vec<u8>> =
        item.envelope.parts.iter().map(|part| postcard::to_allocvec(part).unwrap()).collect();
    let outcomes: Vec<Vec<u8>> =
        item.outcomes.iter().map(|outcome| postcard::to_allocvec(outcome).unwrap()).collect();
    let stored = parts.iter().zip(&item.raw).zip(&outcomes);
    let stored = StoredItem {
        seq: item.seq,
        accepted_ms: item.accepted_ms,
        header: &header,
        parts: stored.map(|((part, raw), outcome)| (&**part, &**raw, &**outcome)).collect(),
    };
    items.push_stored(&stored).unwrap();
}
