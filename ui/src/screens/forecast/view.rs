//! The parts of the forecast, in their order on the page.

use std::rc::Rc;

use roadbook_api::views::planning::{ForecastView, StageRateView};
use yew::prelude::*;

use super::Asked;
use super::accuracy::Accuracy;
use super::quarter::{Outlook, Quarter};
use super::revenue::Revenue;
use super::roll_up::{Adjustments, RollUp};
use super::week::Weeks;
use crate::components::Section;
use crate::screens::planning::{AsOf, nothing};
use crate::words::{count, counted, percent, plain_figure};

/// A forecast.
#[derive(Properties, PartialEq)]
pub struct ForecastBodyProps {
    /// The forecast.
    pub view: Rc<ForecastView>,
    /// Something was asked for.
    #[prop_or_default]
    pub on_ask: Callback<Asked>,
}

/// Whether there is anything at all to forecast from.
#[must_use]
pub fn is_empty(view: &ForecastView) -> bool {
    let deals: u64 = view.stages.iter().map(|stage| stage.deals).sum();
    deals == 0 && view.decided == 0 && view.revenue.history.iter().all(|point| point.value <= 0.0)
}

/// A forecast.
#[function_component]
pub fn ForecastBody(props: &ForecastBodyProps) -> Html {
    let view = &props.view;
    if is_empty(view) {
        return nothing(
            "There is nothing to forecast yet",
            "It needs deals on this device: open ones for the quarter, and some that were won or \
             lost to learn from. Make the first deal, or sync.",
        );
    }
    html! {
        <div class="plan-body">
            <p class="plan-as-of quiet small">
                <AsOf as_of={view.as_of.clone()} />{ left_out(view) }
            </p>
            <Section title="The quarter">
                <Quarter view={view.clone()} />
                <Outlook view={view.clone()} />
            </Section>
            <Section title="What moved">
                <Weeks weeks={view.waterfall.clone()} />
            </Section>
            <Section title="Revenue by month"><Revenue view={view.clone()} /></Section>
            <Section title="By territory and person">
                <RollUp view={view.clone()} on_ask={props.on_ask.clone()} />
            </Section>
            <Section title="Adjustments" count={view.adjustments.len() as u64}>
                <Adjustments view={view.clone()} on_ask={props.on_ask.clone()} />
            </Section>
            <Section title="How earlier forecasts did">
                <Accuracy accuracy={view.accuracy.clone()} currency={view.currency.clone()} />
            </Section>
            <Section title="How often stages are won">
                { stages(&view.stages, view.decided, &view.currency) }
            </Section>
        </div>
    }
}

/// What is in no figure, said once.
fn left_out(view: &ForecastView) -> String {
    let mut out = String::new();
    if view.other_currencies > 0 {
        let deals = counted(view.other_currencies, "deal", "deals");
        out.push_str(&format!(" {deals} in other currencies are in no figure."));
    }
    if view.undated > 0 {
        let deals = counted(view.undated, "open deal has", "open deals have");
        out.push_str(&format!(
            " {deals} no close date: part of the simulation only, not of commit to pipeline."
        ));
    }
    out
}

fn stages(stages: &[StageRateView], decided: u64, currency: &str) -> Html {
    let row = |stage: &StageRateView| {
        html! {
            <tr key={stage.stage.clone()}>
                <th scope="row">{ &stage.stage }</th>
                <td class="number">{ count(stage.deals) }</td>
                <td class="number">{ plain_figure(stage.amount) }</td>
                <td class="number">{ percent(stage.written) }</td>
                <td class="number">{ percent(stage.calibrated) }</td>
            </tr>
        }
    };
    let learned = match decided {
        0 => "No deal was decided yet, so the written probabilities count.".to_owned(),
        number => format!(
            "Learned from {}; the simulation uses what happened, by stage and age.",
            counted(number, "decided deal", "decided deals")
        ),
    };
    html! {
        <div class="plan-part">
            <p class="quiet small">{ learned }</p>
            <div class="chart-scroll" tabindex="0" role="group" aria-label="How often stages are won">
                <table class="plain-table">
                    <thead>
                        <tr>
                            <th scope="col">{ "Stage" }</th>
                            <th scope="col">{ "Open deals" }</th>
                            <th scope="col">{ format!("Amount, {currency}") }</th>
                            <th scope="col">{ "Written" }</th>
                            <th scope="col">{ "Happened" }</th>
                        </tr>
                    </thead>
                    <tbody>{ for stages.iter().map(row) }</tbody>
                </table>
            </div>
        </div>
    }
}
