//! The review queue as it is shown.

use std::rc::Rc;

use yew::prelude::*;

use super::rendered;
use crate::sample;
use crate::screens::review::detail::{ConflictDetail, ConflictDetailProps};
use crate::screens::review::inbox::{Inbox, InboxProps};
use crate::state::decision::{Chosen, Decision};
use crate::words::Wall;

#[derive(Properties, PartialEq)]
struct WalledProps {
    conflicts: Rc<Vec<roadbook_api::views::ConflictView>>,
    decision: Option<Decision>,
}

/// The inbox, or its second conflict where there is a decision, with a wall around it.
#[function_component]
fn Walled(props: &WalledProps) -> Html {
    let shown = match &props.decision {
        None => {
            let inbox = InboxProps { conflicts: props.conflicts.clone(), at: Some(0) };
            html! { <Inbox ..inbox /> }
        }
        Some(decision) => {
            let detail = ConflictDetailProps {
                conflict: props.conflicts[1].clone(),
                decision: decision.clone(),
                wall: sample::WALL,
                on_act: Callback::noop(),
                on_decide: Callback::noop(),
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
        decision: chosen(),
    })
}

#[test]
fn the_inbox_looks_as_it_was_accepted_full_and_empty() {
    insta::assert_snapshot!("review_inbox", shown(|| None));
    let empty = rendered::<Walled>(|| WalledProps { conflicts: Rc::default(), decision: None });
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
