//! Money and times inside other parts.

use roadbook_domain::Money;
use yew::prelude::*;

use crate::context::use_wall;
use crate::words;

/// An amount.
#[derive(Properties, PartialEq)]
pub struct AmountProps {
    /// The amount.
    pub money: Money,
    /// In few letters; the full amount is in the tip.
    #[prop_or_default]
    pub short: bool,
}

/// An amount of money, with figures of one width.
#[function_component]
pub fn Amount(props: &AmountProps) -> Html {
    let full = words::money(props.money);
    let shown = if props.short { words::money_short(props.money) } else { full.clone() };
    html! { <span class="amount number" dir="auto" title={full}>{ shown }</span> }
}

/// How a point in time is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Telling {
    /// When it was: `14:02`, `Tue 10:40`, `3 Nov`.
    #[default]
    At,
    /// How long ago: `5 min`, `3 weeks`.
    Ago,
}

/// A point in time.
#[derive(Properties, PartialEq)]
pub struct WhenProps {
    /// Milliseconds since 1970 (UTC).
    pub at_ms: i64,
    /// How it is said.
    #[prop_or_default]
    pub telling: Telling,
}

/// A point in time, short; in full in the tip.
#[function_component]
pub fn When(props: &WhenProps) -> Html {
    let wall = use_wall();
    let shown = match props.telling {
        Telling::At => wall.short(props.at_ms),
        Telling::Ago => wall.ago(props.at_ms),
    };
    html! { <time class="number" dir="auto" title={wall.full(props.at_ms)}>{ shown }</time> }
}
