//! How earlier forecasts did, and whether they should be trusted as they are.

use roadbook_api::views::planning::{AccuracyView, SnapshotAccuracyView};
use yew::prelude::*;

use crate::components::chip::ChipTone;
use crate::components::{Chip, Icon};
use crate::context::use_wall;
use crate::words::{Wall, figure_short, percent};

/// How earlier forecasts did.
#[derive(Properties, PartialEq)]
pub struct AccuracyProps {
    /// How they did.
    pub accuracy: AccuracyView,
    /// The currency.
    pub currency: AttrValue,
}

/// What they come to, in a sentence.
#[must_use]
pub fn sentence(accuracy: &AccuracyView) -> String {
    let Some(mape) = accuracy.mape else {
        return "No forecast of a quarter that is over yet: this fills as quarters end.".to_owned();
    };
    let side = match accuracy.bias {
        Some(bias) if bias > 0.02 => format!("; on the whole {} too low", percent(bias)),
        Some(bias) if bias < -0.02 => format!("; on the whole {} too high", percent(-bias)),
        Some(_) | None => String::new(),
    };
    format!("Earlier forecasts were off by {mape:.0} % on average{side}.")
}

/// What an alarm means and what to do.
#[must_use]
pub fn alarm(word: &str) -> &'static str {
    if word == "bias" {
        "Forecasts miss to the same side again and again. Adjust for it, and look at close dates."
    } else {
        "Forecasts miss by more than they used to. Look at stages and close dates before you promise."
    }
}

/// How earlier forecasts did.
#[function_component]
pub fn Accuracy(props: &AccuracyProps) -> Html {
    let wall = use_wall();
    let accuracy = &props.accuracy;
    html! {
        <div class="plan-part">
            <p class="plan-lead">{ sentence(accuracy) }</p>
            if let Some(word) = &accuracy.alarm {
                <p class="plan-alarm">
                    <Chip label="Look at this" tone={ChipTone::Caution} icon={Icon::NeedsYou} />
                    <span>{ alarm(word) }</span>
                </p>
            }
            if !accuracy.snapshots.is_empty() {
                <div class="chart-scroll" tabindex="0" role="group" aria-label="How earlier forecasts did">
                    <table class="plain-table">
                        <thead>
                            <tr>
                                <th scope="col">{ "Quarter" }</th>
                                <th scope="col" class="plan-words">{ "Forecast of" }</th>
                                <th scope="col">{ format!("Forecast, {}", props.currency) }</th>
                                <th scope="col">{ "Came" }</th>
                                <th scope="col">{ "Off by" }</th>
                            </tr>
                        </thead>
                        <tbody>{ for accuracy.snapshots.iter().rev().map(|it| row(it, wall)) }</tbody>
                    </table>
                </div>
            }
        </div>
    }
}

fn row(one: &SnapshotAccuracyView, wall: Wall) -> Html {
    let day = one.day.parse().map_or_else(|_| one.day.clone(), |day| wall.day(day));
    let off = one.error_percent.map(|error| {
        let side = if error > 0.0 { "too low" } else { "too high" };
        format!("{:.0} % {side}", error.abs())
    });
    let note = if one.reconstructed { ", worked out afterwards" } else { "" };
    html! {
        <tr key={format!("{}-{}", one.quarter, one.day)}>
            <th scope="row">{ one.quarter.replace('-', " ") }</th>
            <td class="plan-words">{ day }<span class="quiet small">{ note }</span></td>
            <td class="number">{ figure_short(one.forecast) }</td>
            <td class="number">{ figure_short(one.actual) }</td>
            <td class="number">{ off.unwrap_or_default() }</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accuracy(mape: Option<f64>, bias: Option<f64>) -> AccuracyView {
        AccuracyView { snapshots: vec![], mape, bias, alarm: None }
    }

    #[test]
    fn the_side_is_told_where_there_is_one() {
        assert!(sentence(&accuracy(None, None)).contains("fills as quarters end"));
        assert!(sentence(&accuracy(Some(12.0), Some(0.1))).ends_with("10 % too low."));
        assert!(sentence(&accuracy(Some(12.0), Some(-0.1))).ends_with("10 % too high."));
        assert!(sentence(&accuracy(Some(12.0), Some(0.0))).ends_with("12 % on average."));
    }
}
