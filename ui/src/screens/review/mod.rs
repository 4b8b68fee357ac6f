//! The review queue: what merges could not settle, for a person to decide.
//!
//! This file is the inbox's page; [`conflict`] is the page of one conflict. [`inbox`] and
//! [`detail`] show; `words` makes the sentences.

pub mod conflict;
pub mod detail;
pub mod inbox;
mod words;

use roadbook_api::commands::conflicts::{ConflictOrder, ListConflicts};
use yew::prelude::*;

pub use self::conflict::ConflictPage;
use self::inbox::Inbox;
use crate::components::{ChoiceChips, PageHead, Problem, Skeleton};
use crate::context::{Watch, use_action, use_go, use_query};
use crate::keys::Action;
use crate::route::Route;
use crate::words::counted;

/// The inbox, by money or by age.
#[function_component]
pub fn Review() -> Html {
    let order = use_state(ConflictOrder::default);
    let at = use_state(|| 0_usize);
    let request = ListConflicts { record: None, order: *order };
    let found = use_query(Some(request), Watch::Conflicts);
    let go = use_go();
    let named: Vec<String> = found
        .data
        .as_ref()
        .map(|list| list.iter().map(|it| it.named.clone()).collect())
        .unwrap_or_default();
    let last = named.len().saturating_sub(1);
    let here = (*at).min(last);
    let step = |to: usize| {
        let at = at.clone();
        Callback::from(move |()| at.set(to))
    };
    use_action(Action::Next, step((here + 1).min(last)));
    use_action(Action::Previous, step(here.saturating_sub(1)));
    use_action(
        Action::Open,
        Callback::from(move |()| {
            if let Some(conflict) = named.get(here) {
                go.to(Route::Conflict(conflict.clone()));
            }
        }),
    );
    let note = found.data.as_ref().map(|list| {
        let open = list.len().try_into().unwrap_or(u64::MAX);
        html! { counted(open, "open conflict", "open conflicts") }
    });
    let body = match (&found.data, &found.error) {
        (Some(list), _) => html! { <Inbox conflicts={list.clone()} at={Some(here)} /> },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={6} /> },
    };
    html! {
        <div class="review">
            <PageHead title="Review" note={note.unwrap_or_default()} actions={order_chips(&order)} />
            { body }
        </div>
    }
}

fn order_chips(order: &UseStateHandle<ConflictOrder>) -> Html {
    let options = vec![("stake".into(), "Most money".into()), ("age".into(), "Oldest".into())];
    let chosen = match **order {
        ConflictOrder::Stake => "stake",
        ConflictOrder::Age => "age",
    };
    let order = order.clone();
    let on_press = Callback::from(move |value: AttrValue| {
        let by_age = value == "age";
        order.set(if by_age { ConflictOrder::Age } else { ConflictOrder::Stake });
    });
    html! { <ChoiceChips name="First" {options} chosen={vec![chosen.into()]} {on_press} /> }
}
