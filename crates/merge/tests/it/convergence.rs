//! Convergence: whoever holds the same accepted prefix sees the same, whatever the way there.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence};
use roadbook_merge::Document;

use crate::model::Model;
use crate::office::{Accepted, Replica};
use crate::script::{DAY, Played, Step, play, steps, wide_edit};

/// How many random days are tried: few by default, many with `ROADBOOK_SLOW=1`.
pub(crate) fn days(fast: u32, slow: u32) -> u32 {
    if std::env::var("ROADBOOK_SLOW").is_ok_and(|value| value == "1") { slow } else { fast }
}

pub(crate) fn config() -> Config {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions.txt");
    Config {
        cases: days(12, 150),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(file))),
        ..Config::default()
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let what = proptest::sample::select(DAY.to_vec());
    (any::<u8>(), what, any::<u8>(), any::<u8>()).prop_map(|(who, what, which, arg)| Step {
        who,
        what,
        which,
        arg,
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_same_prefix_is_the_same_record_whatever_the_way_there(
        devices in 3_u8..=5,
        steps in proptest::collection::vec(any_step(), 80..140),
        order in any::<u64>(),
    ) {
        let played = play(devices, &steps);
        check_refusals(&played);
        check_model(&played);
        let log = &played.office.log;
        for prefix in [log.len() / 3, log.len() * 2 / 3, log.len()] {
            check_prefix(&played, prefix, order);
        }
    }
}

/// A device refuses only what a person can run into; its own view never contradicts it.
pub(crate) fn check_refusals(played: &Played) {
    let expected =
        ["deleted", "disputed", "from_mismatch", "missing_field", "not_deleted", "nothing_to_do"];
    for code in played.refused.keys() {
        assert!(expected.contains(code), "{code}");
        assert!(*code != "from_mismatch", "an edit says what the view shows");
    }
}

/// The server's records, conflicts and journal are those of the independent model, at every place
/// in the log.
pub(crate) fn check_model(played: &Played) {
    let schema = &played.office.server.schema;
    let mut model = Model::new(schema);
    let mut replica = Replica::new(schema);
    for accepted in &played.office.log {
        let envelope = &accepted.sealed.envelope;
        model.take_in(envelope);
        let journal = replica.take_in(envelope);
        assert_eq!(journal, accepted.journal, "a journal is a function of the log");
        for (at, (part, _)) in envelope.parts.iter().enumerate() {
            let entries = journal[at].iter();
            let found = entries.map(|entry| (entry.field.clone(), entry.settled.code())).collect();
            assert_eq!(model.journal(envelope, at), found, "{part:?}");
        }
        for (part, _) in &envelope.parts {
            let shown = replica.view(part.document.record);
            assert_eq!(shown, model.view(part.document.record, &shown));
        }
    }
    assert_eq!(replica.picture(), played.office.server.picture());
    assert_eq!(model.records().len(), replica.records().len());
}

/// Replicas that took the prefix in by different ways hold and show the same.
fn check_prefix(played: &Played, prefix: usize, order: u64) {
    let accepted = &played.office.log[..prefix];
    let schema = &played.office.server.schema;
    let mut performed = Replica::new(schema);
    for one in accepted {
        performed.take_in(&one.sealed.envelope);
        if one.sealed.envelope.header.number % 3 == 0 {
            performed.take_in(&one.sealed.envelope);
        }
    }
    let shuffled = shuffled(accepted, schema, order);
    let mut stored = Replica::new(schema);
    for one in accepted {
        stored.take_in(&one.sealed.envelope);
        stored = reopened(&stored);
    }
    let (heads, picture) = (performed.heads(), performed.picture());
    for (way, other) in [("in any order", &shuffled), ("through storage", &stored)] {
        assert_eq!(other.heads(), heads, "{way}, after {prefix}");
        assert_eq!(other.picture(), picture, "{way}, after {prefix}");
    }
    for (_, document) in performed.documents.values() {
        let verified = automerge::Automerge::load(&document.save()).unwrap();
        verified.save_and_verify().unwrap();
    }
}

/// The raw changes in a random order, some twice; what comes too early is tried again.
fn shuffled(accepted: &[Accepted], schema: &roadbook_domain::Schema, order: u64) -> Replica {
    let mut raw = Vec::new();
    for one in accepted {
        let parts = one.sealed.envelope.parts.iter().zip(&one.sealed.raw);
        raw.extend(parts.map(|((part, _), bytes)| (part, bytes)));
    }
    let mut arriving = raw.clone();
    arriving.extend(raw.iter().step_by(4));
    let places = steps(order, arriving.len(), &DAY);
    let place = |step: &Step| (step.who, step.which, step.arg);
    let mut arriving: Vec<_> = arriving.into_iter().zip(places.iter().map(place)).collect();
    arriving.sort_by_key(|(_, place)| *place);
    let mut replica = Replica::new(schema);
    let mut waiting: Vec<_> = arriving.into_iter().map(|(item, _)| item).collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|(part, bytes)| !replica.apply(part, bytes));
        assert!(waiting.len() < before, "something always fits");
    }
    replica
}

fn reopened(replica: &Replica) -> Replica {
    let documents = replica.documents.iter().map(|(key, (entity, document))| {
        let opened = Document::load(*key, &document.save()).unwrap();
        (*key, (*entity, opened))
    });
    Replica { schema: replica.schema.clone(), documents: documents.collect() }
}

/// The property above is not empty: its days contain every kind of intent and every ending.
#[test]
fn random_days_contain_everything_that_can_happen() {
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut settled, mut refused, mut conflicts) = (BTreeMap::new(), BTreeMap::new(), 0);
    let runs = 20;
    let mut intents = 0;
    for seed in 0..runs {
        let played = play(5, &steps(seed, 120, &DAY));
        for (kind, count) in &played.done {
            *done.entry(kind).or_default() += count;
            intents += count;
        }
        for (code, count) in &played.refused {
            *refused.entry(*code).or_insert(0) += count;
        }
        let entries = played.office.log.iter().flat_map(|it| it.journal.iter().flatten());
        for entry in entries {
            *settled.entry(entry.settled.code()).or_insert(0) += 1;
        }
        let views = played.office.server.picture();
        conflicts += views.values().map(|view| view.conflicts.len()).sum::<usize>();
    }
    let kinds = [
        "create",
        "edit_fields",
        "adjust_counter",
        "move_stage",
        "log_activity",
        "complete_task",
        "tag",
        "add_note",
        "delete",
        "restore",
        "resolve_conflict",
        "propose_in_conflict",
        "convert_lead",
    ];
    for kind in kinds {
        assert!(done.get(kind).is_some_and(|count| *count >= 3), "{kind}: {done:?}");
    }
    let rules = [
        "later_kept",
        "moves_joined",
        "adding_won",
        "revived",
        "texts_merged",
        "summed",
        "decided",
    ];
    for rule in rules {
        assert!(settled.get(rule).is_some_and(|count| *count >= 3), "{rule}: {settled:?}");
    }
    assert!(conflicts >= 3, "{conflicts} conflicts stay open");
    for code in ["deleted", "disputed", "nothing_to_do"] {
        assert!(refused.contains_key(code), "{code}: {refused:?}");
    }
    assert!(intents >= 40 * usize::try_from(runs).unwrap(), "{intents} intents in {runs} days");
}

#[test]
fn one_wide_intent_of_many_devices_merges_field_by_field() {
    let mut office = play(5, &[]).office;
    let deal = crate::office::record(2);
    for who in 0..5 {
        let view = office.view(who, deal);
        office.act(who, &wide_edit(&view, deal, 10 + i64::try_from(who).unwrap()));
    }
    office.meet();
    let view = office.view(0, deal);
    let disputed: Vec<_> = view.conflicts.iter().map(|it| (it.field, it.sides.len())).collect();
    assert_eq!(disputed, [("amount", 5), ("margin", 5)]);
    assert_eq!(view.value("tags").members().len(), 5);
    assert_eq!(*view.value("next_step"), crate::office::text("step 14"), "the latest");
}
