//! One property per merge class: days on which only that class is written, against the model.
//!
//! Each row fails when its rule is taken away from `register`, `view` or the mutator, because the
//! model computes the class by its own words; each row also proves that its rule had work to do.

use crate::convergence::{check_model, days};
use crate::script::{Played, What, play, steps};

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
            roadbook_domain::Value::Log(entries) => entries.len(),
            _ => 0,
        });
        logs.sum()
    };
    at_least(21, played(&[What::Stage], moves));
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
    let field = |name: &'static str, of: fn(&roadbook_merge::FieldState) -> bool| {
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
