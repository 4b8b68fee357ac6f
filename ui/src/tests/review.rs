//! The review queue as it is shown.

use std::rc::Rc;

use roadbook_api::commands::conflicts::ConflictOrder;
use roadbook_api::views::{NamedValue, ProposalView};
use roadbook_domain::{Entity, IntentId, Value};
use yew::prelude::*;

use super::rendered;
use crate::sample;
use crate::screens::review::comments::comments;
use crate::screens::review::detail::{ConflictDetail, ConflictDetailProps};
use crate::screens::review::inbox::{Inbox, InboxProps};
use crate::state::decision::{Chosen, Decision, Lacking};
use crate::words::Wall;

#[derive(Properties, PartialEq)]
struct WalledProps {
    conflicts: Rc<Vec<roadbook_api::views::ConflictView>>,
    /// Which of them is shown.
    #[prop_or(1)]
    at: usize,
    decision: Option<Decision>,
}

/// The inbox, or one of its conflicts where there is a decision, with a wall around it.
#[function_component]
fn Walled(props: &WalledProps) -> Html {
    let shown = match &props.decision {
        None => {
            let order = ConflictOrder::Stake;
            let second = props.conflicts.get(1).map(|it| it.named.clone());
            let inbox = InboxProps {
                busy: false,
                conflicts: props.conflicts.clone(),
                order,
                at: Some(0),
                selected: Rc::new(second.into_iter().collect()),
                on_select: Callback::noop(),
            };
            html! { <Inbox ..inbox /> }
        }
        Some(decision) => {
            let detail = ConflictDetailProps {
                conflict: props.conflicts[props.at].clone(),
                decision: decision.clone(),
                comments: comments(&props.conflicts[props.at], None),
                wall: sample::WALL,
                on_act: Callback::noop(),
                on_decide: Callback::noop(),
                on_both: Callback::noop(),
                on_comment: Callback::noop(),
                on_ask: Callback::noop(),
                on_next: Some(Callback::noop()),
                on_previous: None,
            };
            html! { <ConflictDetail ..detail /> }
        }
    };
    html! { <ContextProvider<Wall> context={sample::WALL}>{ shown }</ContextProvider<Wall>> }
}

fn shown(chosen: fn() -> Option<Decision>) -> String {
    rendered::<Walled>(move || WalledProps {
        conflicts: Rc::new(sample::review::conflicts(sample::WALL)),
        at: 1,
        decision: chosen(),
    })
}

#[test]
fn the_inbox_looks_as_it_was_accepted_full_and_empty() {
    insta::assert_snapshot!("review_inbox", shown(|| None));
    let empty =
        rendered::<Walled>(|| WalledProps { conflicts: Rc::default(), at: 1, decision: None });
    insta::assert_snapshot!("review_empty", empty);
}

#[test]
fn a_conflict_looks_as_it_was_accepted_while_a_person_decides() {
    insta::assert_snapshot!("conflict_open", shown(|| Some(Decision::default())));
    let taken = shown(|| Some(Decision { chosen: Chosen::Side(2), ..Decision::default() }));
    insta::assert_snapshot!("conflict_taken", taken);
    let refused = shown(|| {
        Some(Decision {
            chosen: Chosen::Typed("13000 EUR".into()),
            problem: Some("Ana decided it at 14:20.".into()),
            ..Decision::default()
        })
    });
    insta::assert_snapshot!("conflict_refused", refused);
}

/// One conflict of the inbox, changed, as it is shown.
fn changed(
    at: usize,
    change: fn(&mut roadbook_api::views::ConflictView),
    decision: fn() -> Decision,
) -> String {
    rendered::<Walled>(move || {
        let mut all = sample::review::conflicts(sample::WALL);
        change(&mut all[at]);
        WalledProps { conflicts: Rc::new(all), at, decision: Some(decision()) }
    })
}

#[test]
fn the_result_is_entered_in_the_field_of_its_type() {
    let taken = || Decision { chosen: Chosen::Side(1), ..Decision::default() };
    let result = |html: &str| {
        let (_, rest) = html.split_once(r#"for="result""#).unwrap();
        rest.split_once(r#"for="why""#).unwrap().0.to_owned()
    };
    let money = result(&changed(1, |_| (), taken));
    assert!(money.contains(r#"class="field-money""#) && money.contains(r#"value="12,000""#));
    let day = result(&changed(0, |_| (), taken));
    assert!(day.contains(r#"type="date""#) && day.contains(r#"value="2026-12-11""#), "{day}");
    let stage = result(&changed(2, |_| (), taken));
    assert!(stage.contains("<select") && stage.contains("Negotiation"), "every stage is offered");
    let text = changed(
        1,
        |it| {
            it.link.entity = Entity::Account;
            it.field = "tax_id".into();
        },
        taken,
    );
    assert!(result(&text).contains(r#"type="text""#));
    assert!(text.contains("Take both"), "of two texts both can be taken");
    assert!(!changed(1, |_| (), taken).contains("Take both"), "of two amounts only one holds");
}

#[test]
fn a_decision_that_lacks_something_says_what() {
    let open =
        changed(1, |_| (), || Decision { lacking: Some(Lacking::Value), ..Decision::default() });
    assert!(open.contains(Lacking::Value.said()));
    let proposing = changed(
        1,
        |it| it.can_decide = false,
        || Decision { chosen: Chosen::Side(1), lacking: Some(Lacking::Why), ..Decision::default() },
    );
    assert!(proposing.contains(Lacking::Why.said()) && proposing.contains("Propose"));
}

#[test]
fn comments_stand_under_the_sides_with_who_and_when() {
    let html = changed(
        1,
        |it| {
            it.proposals = vec![ProposalView {
                intent: IntentId::from_bytes([9; 16]),
                value: NamedValue::plain(&Value::Text("13000 EUR".into())),
                why: "half way".into(),
                made_by: it.sides[0].made_by.clone(),
            }];
        },
        Decision::default,
    );
    insta::assert_snapshot!("conflict_commented", html);
}
