//! One property per merge class: days on which only that class is written, against the model.
//!
//! The model computes each class by its own words, so a rule that is taken away from `register`,
//! `view`, `keys` or the mutator is missed here; each test also proves that its rule had work to do.
//!
//! That was tried by hand in December 2026: each line was broken in the code, the tests were run,
//! and the code was put back. Where no module is named, the test is one of this file; `stories`
//! and `golden` were not asked. Whoever adds a rule breaks it once and adds a line.
//!
//! | rule | broken so | missed by |
//! |---|---|---|
//! | preference | the lowest clock wins; Automerge picks; equal clocks go by arrival | `preference_keeps` |
//! | confirmed | two values go to a person; never read | `confirmed_scope` |
//! | set | a removal wins; Automerge picks; a member holds no intent id; removing what is not there removes | `set_lets` |
//! | counter | the sum is written, not the step | `counter_sums` |
//! | append | a move leaves no entry; entries share one key | `append_keeps` |
//! | append | entries by id, not by time | `a_history_is_told` |
//! | text | the whole text is replaced; each device makes its own text object | `text_keeps`, both of `versions` |
//! | state | no two moves join; a contested one joins; a move back joins; two ends of one rank join; the base is the first state | `state_joins` |
//! | review | the later value wins; equal values are disputed | `review_sends` |
//! | review | a disputed field may be edited | `a_disputed_field_waits` of `refusals` |
//! | derived | not computed; not disputed; own probability or category ignored | `derived_values` |
//! | delete against edit | the deletion wins; the later one wins; not journalled | `an_edit_outlives` |
//! | conflicts | no base, or that of one side; a side per change; a decision leaves a survivor | `review_sends`, `state_joins` |
//! | conflicts | old proposals stay; no stake | `review_sends` |
//! | conflicts | a decision need not name the sides | `a_resolution_names` of `refusals` |

use roadbook_domain::{
    DeviceId, DocumentKey, Entity, Facet, FieldEdit, Hlc, IntentId, Operation, Schema, Value,
};
use roadbook_merge::mutator::perform;
use roadbook_merge::{Author, FieldState, Stamp};

use crate::convergence::{check_model, days};
use crate::office::{Office, record, text};
use crate::script::{Played, What, play, steps};

const DEAL: u8 = 1;
const EXCHANGE: [What; 5] = [What::Push, What::Push, What::PullAll, What::Pull, What::Preference];

/// Asserts that a rule had work to do, by how often it is to be seen.
fn at_least(least: usize, count: usize) {
    assert!(count >= least, "seen {count} times, expected {least}");
}

/// Plays days of these actions, compares them with the model, and counts what is to be seen.
fn played(actions: &[What], seen: impl Fn(&Played) -> usize) -> usize {
    let mut from = EXCHANGE[..4].to_vec();
    for _ in 0..3 {
        from.extend_from_slice(actions);
    }
    let mut count = 0;
    for seed in 0..u64::from(days(4, 16)) {
        let day = play(4, &steps(seed * 7 + 1, 70, &from));
        check_model(&day);
        count += seen(&day);
    }
    count
}

fn journalled(code: &'static str, field: &'static str) -> impl Fn(&Played) -> usize {
    move |day| {
        let entries = day.office.log.iter().flat_map(|it| it.journal.iter().flatten());
        entries.filter(|it| it.settled.code() == code && it.field == field).count()
    }
}

fn open(field: &'static str) -> impl Fn(&Played) -> usize {
    move |day| {
        let views = day.office.server.picture();
        let conflicts = views.values().flat_map(|view| view.conflicts.iter());
        conflicts.filter(|conflict| conflict.field == field).count()
    }
}

#[test]
fn preference_keeps_the_highest_clock_then_the_highest_author() {
    let ties = |day: &Played| {
        let log = &day.office.log;
        let clocks: std::collections::BTreeSet<_> =
            log.iter().map(|it| it.sealed.envelope.header.clock).collect();
        log.len() - clocks.len()
    };
    at_least(6, played(&[What::Preference], journalled("later_kept", "next_step")));
    at_least(1, played(&[What::Preference], ties));
}

#[test]
fn confirmed_scope_fields_keep_the_highest_clock() {
    at_least(6, played(&[What::Owner], journalled("later_kept", "owner")));
}

#[test]
fn set_lets_adding_win() {
    at_least(6, played(&[What::Tag], journalled("adding_won", "tags")));
    at_least(6, played(&[What::Contacts], journalled("adding_won", "contacts")));
}

#[test]
fn counter_sums_all_changes() {
    at_least(6, played(&[What::Count, What::Visit], journalled("summed", "visits")));
}

#[test]
fn append_keeps_every_entry() {
    let moves = |day: &Played| {
        let views = day.office.server.picture();
        let logs = views.values().map(|view| match view.value("stage_history") {
            Value::Log(entries) => entries.len(),
            _ => 0,
        });
        logs.sum()
    };
    at_least(21, played(&[What::Stage], moves));
}

/// Ids of intents usually come in the order of time; a device whose clock was set may break that.
#[test]
fn a_history_is_told_by_time_whatever_the_ids_of_its_moves() {
    let mut office = Office::new(1);
    office.create(0, Entity::Opportunity, DEAL, &[("name", text("Pumps"))]);
    office.meet();
    let (schema, entity) = (Schema::crm(), Entity::Opportunity);
    let author = Author { device: DeviceId::from_bytes([9; 16]), install_epoch: 1, branch: 0 };
    let key = DocumentKey::first(record(DEAL), Facet::Internal);
    let mut from = text("Prospecting");
    for (id, minutes, to) in [(9, 1, "Qualification"), (3, 2, "Proposal")] {
        let clock = Hlc::new(office.now_ms + 60_000 * minutes, 0);
        let stamp = Stamp { author, clock, intent: IntentId::from_bytes([id; 16]) };
        let edit = FieldEdit { field: "stage".into(), from, to: text(to) };
        let document = office.server.document(key, entity);
        let basis = document.heads();
        let moves = [Operation::Move { edit }];
        perform(1, &schema, document, entity, &stamp, &basis, &moves).unwrap();
        from = text(to);
    }
    let Value::Log(entries) = office.server.view(record(DEAL)).value("stage_history").clone()
    else {
        panic!("a deal has a history");
    };
    let told: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(told, ["Qualification", "Proposal"]);
}

#[test]
fn text_keeps_every_word_in_its_place() {
    at_least(6, played(&[What::Text], journalled("texts_merged", "description")));
    at_least(6, played(&[What::Strategy], journalled("texts_merged", "strategy")));
}

#[test]
fn state_joins_moves_forward_and_sends_the_others_to_a_person() {
    at_least(1, played(&[What::Stage], journalled("moves_joined", "stage")));
    at_least(1, played(&[What::Stage], open("stage")));
    at_least(1, played(&[What::Status, What::Resolve], journalled("moves_joined", "status")));
    at_least(1, played(&[What::Status], open("status")));
}

#[test]
fn review_sends_different_values_to_a_person_and_equal_ones_to_nobody() {
    at_least(1, played(&[What::Amount, What::CloseDate], open("amount")));
    let settling = [What::Amount, What::Amount, What::Resolve, What::Propose];
    at_least(1, played(&settling, journalled("decided", "amount")));
    at_least(1, played(&[What::Margin], open("margin")));
}

#[test]
fn derived_values_follow_what_is_shown_and_are_disputed_with_it() {
    let field = |name: &'static str, of: fn(&FieldState) -> bool| {
        move |day: &Played| {
            let views = day.office.server.picture();
            views.values().filter(|view| view.fields.get(name).is_some_and(of)).count()
        }
    };
    let actions = [What::Amount, What::Stage, What::Forecast];
    at_least(1, played(&actions, field("weighted_amount", |it| it.disputed)));
    at_least(1, played(&actions, field("probability", |_| true)));
    at_least(1, played(&actions, field("category_override", |_| true)));
}

#[test]
fn an_edit_outlives_a_deletion() {
    let actions = [What::Delete, What::Restore, What::Preference, What::Tag];
    at_least(6, played(&actions, journalled("revived", "alive")));
}
