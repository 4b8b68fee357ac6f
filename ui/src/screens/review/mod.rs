//! The review queue: what merges could not settle, for a person to decide.
//!
//! This file is the inbox's page; [`conflict`] is the page of one conflict. [`inbox`], [`detail`],
//! [`result`] and [`comments`] show; `together` makes the same choice for several; [`ask`] puts a
//! question; `words` makes the sentences. The
//! order of the inbox is part of the address, so that its conflicts are walked through in it.

pub mod ask;
pub mod comments;
pub mod conflict;
pub mod detail;
pub mod inbox;
pub mod reference;
pub mod result;
mod together;
mod words;

use std::collections::BTreeSet;
use std::rc::Rc;

use roadbook_api::commands::conflicts::{ConflictOrder, ListConflicts};
use roadbook_api::views::ConflictView;
use yew::prelude::*;

pub use self::conflict::ConflictPage;
use self::inbox::Inbox;
use self::together::Together;
use crate::components::{ChoiceChips, PageHead, Problem, Skeleton};
use crate::context::{Watch, use_action, use_go, use_place, use_query};
use crate::keys::Action;
use crate::route::{Place, Route};
use crate::words::counted;

/// How an address says that the oldest come first.
const BY_AGE: &str = "age";

/// The order that an address asks for.
#[must_use]
pub(crate) fn order_of(place: &Place) -> ConflictOrder {
    match place.query.as_deref() {
        Some(BY_AGE) => ConflictOrder::Age,
        Some(_) | None => ConflictOrder::Stake,
    }
}

/// A screen of the review queue in an order.
#[must_use]
pub(crate) fn in_order(route: Route, order: ConflictOrder) -> Place {
    let query = match order {
        ConflictOrder::Stake => None,
        ConflictOrder::Age => Some(BY_AGE.to_owned()),
    };
    Place { query, ..route.into() }
}

/// The inbox, by money or by age.
#[function_component]
pub fn Review() -> Html {
    let order = order_of(&use_place());
    let at = use_state(|| 0_usize);
    let request = ListConflicts { record: None, order };
    let found = use_query(Some(request), Watch::Conflicts);
    let selected = use_state(BTreeSet::<String>::new);
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
    let on_select = {
        let selected = selected.clone();
        Callback::from(move |named: String| {
            let mut next = (*selected).clone();
            if !next.remove(&named) {
                next.insert(named);
            }
            selected.set(next);
        })
    };
    let select_here = {
        let (on_select, here) = (on_select.clone(), named.get(here).cloned());
        Callback::from(move |()| here.iter().for_each(|named| on_select.emit(named.clone())))
    };
    use_action(Action::Select, select_here);
    let open = go.clone();
    use_action(
        Action::Open,
        Callback::from(move |()| {
            if let Some(conflict) = named.get(here) {
                open.to(in_order(Route::Conflict(conflict.clone()), order));
            }
        }),
    );
    let sort = Callback::from(move |order| go.instead(in_order(Route::Review, order)));
    let note = found.data.as_ref().map(|list| {
        let open = list.len().try_into().unwrap_or(u64::MAX);
        html! { counted(open, "open conflict", "open conflicts") }
    });
    let body = match (&found.data, &found.error) {
        (Some(list), _) => html! {
            <Inbox
                conflicts={list.clone()} {order} busy={!found.is_of_this} at={Some(here)} {on_select}
                selected={Rc::new((*selected).clone())}
            />
        },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={6} /> },
    };
    let chosen: Vec<ConflictView> = found
        .data
        .iter()
        .flat_map(|list| list.iter())
        .filter(|it| selected.contains(&it.named))
        .cloned()
        .collect();
    let clear = Callback::from(move |()| selected.set(BTreeSet::new()));
    html! {
        <div class="review">
            <PageHead title="Review" note={note.unwrap_or_default()} actions={order_chips(order, sort)} />
            { body }
            if !chosen.is_empty() {
                <Together conflicts={chosen} on_done={clear} />
            }
        </div>
    }
}

fn order_chips(order: ConflictOrder, sort: Callback<ConflictOrder>) -> Html {
    let options = vec![("stake".into(), "Most money".into()), (BY_AGE.into(), "Oldest".into())];
    let chosen = match order {
        ConflictOrder::Stake => "stake",
        ConflictOrder::Age => BY_AGE,
    };
    let on_press = Callback::from(move |value: AttrValue| {
        sort.emit(if value == BY_AGE { ConflictOrder::Age } else { ConflictOrder::Stake });
    });
    html! { <ChoiceChips name="First" {options} chosen={vec![chosen.into()]} {on_press} /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_inbox_stays_in_the_address_of_its_conflicts() {
        for order in [ConflictOrder::Stake, ConflictOrder::Age] {
            let place = in_order(Route::Conflict("22-amount".into()), order);
            let text = place.to_string();
            let (path, query) = text.split_once('?').unwrap_or((&text, ""));
            assert_eq!(order_of(&Place::read(path, query)), order, "{text}");
        }
    }
}
