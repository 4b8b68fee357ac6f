//! Deals or leads: how they are called on the screens of scores, and the choice between them.

use roadbook_api::commands::planning::Scored;
use roadbook_api::views::planning::ScoreView;
use roadbook_domain::Entity;
use yew::prelude::*;

use crate::components::ChoiceChips;
use crate::route::Route;

/// How what is scored is called.
pub struct Words {
    /// One of it.
    pub one: &'static str,
    /// Several of it.
    pub many: &'static str,
    /// What it is when it went well, as in "chance to be won".
    pub good: &'static str,
    /// What its models learn from.
    pub learns: &'static str,
    /// What scores are made of where there is no model.
    pub without: &'static str,
    /// The same for one score.
    pub without_one: &'static str,
    /// What an amount is.
    pub amount: &'static str,
    /// The screen about its model.
    pub scoring: Route,
}

/// The words of deals or of leads.
#[must_use]
pub const fn words(what: Scored) -> Words {
    match what {
        Scored::Deals => Words {
            one: "deal",
            many: "deals",
            good: "won",
            learns: "deals that were won and lost",
            without: "the win rates of stages",
            without_one: "its stage and age",
            amount: "Amount",
            scoring: Route::Scoring,
        },
        Scored::Leads => Words {
            one: "lead",
            many: "leads",
            good: "qualified",
            learns: "leads that were qualified or not",
            without: "the shares of leads of each source that were qualified",
            without_one: "its source",
            amount: "Worth",
            scoring: Route::LeadScoring,
        },
    }
}

/// What a score is of.
#[must_use]
pub fn of_score(score: &ScoreView) -> Scored {
    if score.link.entity == Entity::Lead { Scored::Leads } else { Scored::Deals }
}

/// The choice between deals and leads.
#[derive(Properties, PartialEq)]
pub struct WhatChoiceProps {
    /// What is chosen, for screen readers.
    pub name: AttrValue,
    /// Deals or leads.
    pub what: Scored,
    /// The other one is wanted.
    #[prop_or_default]
    pub on_choose: Callback<Scored>,
}

/// Deals or leads, as chips.
#[function_component]
pub fn WhatChoice(props: &WhatChoiceProps) -> Html {
    let options = vec![("deals".into(), "Deals".into()), ("leads".into(), "Leads".into())];
    let on_press = props
        .on_choose
        .reform(|value: AttrValue| if value == "leads" { Scored::Leads } else { Scored::Deals });
    let chosen = vec![AttrValue::from(words(props.what).many)];
    html! { <ChoiceChips name={props.name.clone()} {options} {chosen} {on_press} /> }
}
