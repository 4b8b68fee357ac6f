//! The roll-up: territories and people below each other, each against its quota, and adjustments.

use std::rc::Rc;

use roadbook_api::views::planning::{AdjustmentView, ForecastView, RollUpRowView};
use yew::prelude::*;

use super::quarter::parts;
use super::{Asked, Whom};
use crate::components::chart::Stack;
use crate::components::{Button, ButtonKind, Icon, IconButton, When};
use crate::words::{change_short, figure_short, percent};

/// A forecast.
#[derive(Properties, PartialEq)]
pub struct RollUpProps {
    /// The forecast.
    pub view: Rc<ForecastView>,
    /// Something was asked for.
    #[prop_or_default]
    pub on_ask: Callback<Asked>,
}

/// The roll-up.
#[function_component]
pub fn RollUp(props: &RollUpProps) -> Html {
    let view = &props.view;
    let sum = |row: &RollUpRowView| row.closed + row.commit + row.best_case + row.pipeline;
    // Below `All`, so that the parts can be compared with each other.
    let below = view.roll_up.iter().filter(|row| row.depth > 0);
    let most = below.map(|row| sum(row).max(row.quota.unwrap_or(0.0))).fold(0.0, f64::max);
    let heads = [
        ("Whose", ""),
        ("Against quota", "roll-bar-cell plan-words"),
        ("Closed", ""),
        ("Commit", ""),
        ("Best case", ""),
        ("Pipeline", ""),
        ("Adjusted", ""),
        ("Quota", ""),
        ("Attained", ""),
        ("Gap", ""),
        ("Coverage", ""),
    ];
    html! {
        <div class="plan-part">
            <p class="quiet small">
                { format!("{}, deals that are to close in {}. ", view.currency, view.quarter.replace('-', " ")) }
                { "A name shows that part alone. Coverage is what is open over what is missing." }
            </p>
            <div class="chart-scroll" tabindex="0" role="group" aria-label="By territory and person">
                <table class="plain-table roll-up">
                    <thead>
                        <tr>
                            { for heads.iter().map(|(head, class)| html! {
                                <th scope="col" key={*head} class={*class}>{ *head }</th>
                            }) }
                        </tr>
                    </thead>
                    <tbody>
                        { for view.roll_up.iter().map(|it| row(it, most, &props.on_ask)) }
                    </tbody>
                </table>
            </div>
        </div>
    }
}

fn row(row: &RollUpRowView, most: f64, on_ask: &Callback<Asked>) -> Html {
    let whom = row.link.as_ref().map(|link| Whom {
        whose: link.record.to_string().into(),
        name: link.title.clone().into(),
    });
    let onclick = on_ask.reform(move |_: MouseEvent| Asked::Whose(whom.clone()));
    let money = |value: f64| html! { <td class="number">{ figure_short(value) }</td> };
    let maybe =
        |value: Option<String>| html! { <td class="number">{ value.unwrap_or_default() }</td> };
    let most = (row.depth > 0).then_some(most);
    html! {
        <tr key={row.link.as_ref().map_or_else(|| row.label.clone(), |link| link.record.to_string())}>
            <th scope="row" class={format!("roll-depth-{}", row.depth.min(4))}>
                <button type="button" class="link-button" {onclick}>{ &row.label }</button>
            </th>
            <td class="roll-bar-cell plan-words"><Stack parts={parts(row)} goal={row.quota} {most} /></td>
            { money(row.closed) }
            { money(row.commit) }
            { money(row.best_case) }
            { money(row.pipeline) }
            { maybe((row.adjusted != 0.0).then(|| change_short(row.adjusted))) }
            { maybe(row.quota.map(figure_short)) }
            { maybe(row.attainment.map(percent)) }
            { maybe(row.gap.map(|gap| figure_short(gap.max(0.0)))) }
            { maybe(row.coverage.map(|times| format!("{times:.1}\u{d7}"))) }
        </tr>
    }
}

/// The word of a category for people.
#[must_use]
pub fn category(word: &str) -> &'static str {
    match word {
        "commit" => "Commit",
        "best_case" => "Best case",
        _ => "Pipeline",
    }
}

/// The adjustments in force.
#[function_component]
pub fn Adjustments(props: &RollUpProps) -> Html {
    let view = &props.view;
    let add = props.on_ask.reform(|()| Asked::Adjust);
    if view.adjustments.is_empty() {
        return html! {
            <div class="plan-part plan-note">
                <span class="quiet">
                    { "Nobody adjusted this forecast. What you know and the records do not goes here, with its reason; it stays on this device." }
                </span>
                <Button label="Adjust" kind={ButtonKind::Plain} icon={Icon::Edit} on_press={add} />
            </div>
        };
    }
    html! {
        <ul class="plan-part plan-adjusted">
            { for view.adjustments.iter().map(|it| adjustment(it, &props.on_ask)) }
        </ul>
    }
}

fn adjustment(one: &AdjustmentView, on_ask: &Callback<Asked>) -> Html {
    let whose = one.link.as_ref().map_or("All", |link| link.title.as_str());
    let number = one.number;
    html! {
        <li key={number}>
            <span class="plan-adjusted-amount number">{ change_short(one.amount) }</span>
            <span class="plan-adjusted-words">
                <span>{ format!("{whose}, {}", category(&one.category).to_lowercase()) }</span>
                <span class="quiet small">{ format!("\u{201c}{}\u{201d}", one.why) }</span>
            </span>
            <span class="quiet small"><When at_ms={one.at_ms} /></span>
            <IconButton
                icon={Icon::Close} name={format!("Remove the adjustment of {}", change_short(one.amount))}
                on_press={on_ask.reform(move |()| Asked::Remove(number))}
            />
        </li>
    }
}
