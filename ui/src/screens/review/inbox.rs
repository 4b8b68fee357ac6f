//! The inbox: one line for each open conflict, from plain values.

use std::collections::BTreeSet;
use std::rc::Rc;

use roadbook_api::commands::conflicts::ConflictOrder;
use roadbook_api::views::ConflictView;
use roadbook_domain::Money;
use yew::prelude::*;

use super::in_order;
use super::words::{first_name, short_rule, value};
use crate::components::figures::Telling;
use crate::components::{Amount, Avatar, Empty, Glyph, Icon, Link, When};
use crate::context::use_wall;
use crate::route::Route;

/// The open conflicts.
#[derive(Properties, PartialEq)]
pub struct InboxProps {
    /// Them, in the order in which they are shown.
    pub conflicts: Rc<Vec<ConflictView>>,
    /// Their order.
    #[prop_or_default]
    pub order: ConflictOrder,
    /// They are still in the order that was asked for before.
    #[prop_or_default]
    pub busy: bool,
    /// The line that the keys stand on.
    #[prop_or_default]
    pub at: Option<usize>,
    /// The names of those that are selected.
    #[prop_or_default]
    pub selected: Rc<BTreeSet<String>>,
    /// One is to be selected, or no longer.
    #[prop_or_default]
    pub on_select: Callback<String>,
}

/// The open conflicts, one line each.
#[function_component]
pub fn Inbox(props: &InboxProps) -> Html {
    if props.conflicts.is_empty() {
        return html! {
            <Empty
                icon={Icon::Check} title="Nothing waits for a decision"
                text="When two people set different amounts, dates or stages while offline, it stands here."
            />
        };
    }
    html! {
        <ul
            class="inbox" aria-label="Open conflicts" aria-busy={props.busy.then_some("true")}
        >
            { for props.conflicts.iter().enumerate().map(|(at, it)| line(props, it, props.at == Some(at))) }
        </ul>
    }
}

/// A conflict that is open for longer than this is late, in milliseconds: three days.
const LATE_MS: i64 = 3 * 24 * 60 * 60 * 1_000;

#[derive(Properties, PartialEq)]
struct AgeProps {
    since_ms: i64,
}

/// For how long a conflict is open.
#[function_component]
fn Age(props: &AgeProps) -> Html {
    let is_late = use_wall().now_ms - props.since_ms > LATE_MS;
    let tone = if is_late { "inbox-late" } else { "quiet" };
    html! {
        <span class={classes!("inbox-age", "small", tone)}>
            <When at_ms={props.since_ms} telling={Telling::Ago} />
        </span>
    }
}

fn line(props: &InboxProps, conflict: &ConflictView, current: bool) -> Html {
    let account = conflict.account.as_ref().map(|it| format!("{} / ", it.title));
    let stake: Option<Money> = conflict.stake.as_ref().and_then(|it| it.text.parse().ok());
    let people: Vec<&str> = conflict
        .sides
        .iter()
        .filter_map(|it| it.made_by.as_ref())
        .map(|by| by.who.as_str())
        .collect();
    let names: Vec<&str> = people.iter().map(|it| first_name(it)).collect();
    let sides: Vec<String> = conflict.sides.iter().map(|it| value(&it.value)).collect();
    let is_selected = props.selected.contains(&conflict.named);
    let select = {
        let named = conflict.named.clone();
        props.on_select.reform(move |_: MouseEvent| named.clone())
    };
    html! {
        <li key={conflict.named.clone()} class={classes!("inbox-item", current.then_some("inbox-here"))}>
            <button
                type="button" class={format!("check check-{is_selected}")} role="checkbox"
                aria-checked={is_selected.to_string()} onclick={select}
                aria-label={format!("Select {}, {}", conflict.link.title, conflict.label)}
            >
                if is_selected {
                    <Glyph icon={Icon::Check} size={16} />
                }
            </button>
            <Link
                to={in_order(Route::Conflict(conflict.named.clone()), props.order)}
                class={classes!("inbox-line")}
            >
                <span class="inbox-people" aria-hidden="true">
                    { for people.iter().map(|it| html! {
                        <Avatar name={(*it).to_owned()} named_beside=true />
                    }) }
                </span>
                <span class="inbox-words">
                    <span class="inbox-title">
                        { account }{ &conflict.link.title }
                        <span class="quiet">{ format!(" · {}", conflict.label) }</span>
                    </span>
                    <span class="small quiet truncate">
                        { format!(
                            "{}: {} · {}", names.join(" and "), sides.join(" or "),
                            short_rule(&conflict.rule)
                        ) }
                    </span>
                </span>
                <span class="inbox-stake">
                    if let Some(money) = stake {
                        <Amount {money} /><span class="small quiet">{ " at stake" }</span>
                    }
                </span>
                <Age since_ms={conflict.since_ms} />
            </Link>
        </li>
    }
}
