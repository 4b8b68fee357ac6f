//! Revenue by month: what was, what is expected with two bands, whole and by product.

use std::rc::Rc;

use roadbook_api::views::planning::{ForecastView, SeriesView};
use yew::prelude::*;

use crate::components::Select;
use crate::components::chart::{Band, BandChart, BandPoint};
use crate::words::figure;

/// A forecast.
#[derive(Properties, PartialEq)]
pub struct RevenueProps {
    /// The forecast.
    pub view: Rc<ForecastView>,
}

/// Months of history that are drawn.
const DRAWN: usize = 30;

/// The points of a series. The month that is not over is told by its forecast.
#[must_use]
pub fn points(series: &SeriesView) -> Vec<BandPoint> {
    let first = series.forecast.first().map(|point| point.date.as_str());
    let known = series.history.iter().filter(|point| Some(point.date.as_str()) != first);
    let known: Vec<BandPoint> = known
        .map(|point| BandPoint {
            label: point.label.clone().into(),
            value: point.value,
            band: None,
            repaired: point.repaired,
        })
        .collect();
    let expected = series.forecast.iter().map(|point| BandPoint {
        label: point.label.clone().into(),
        value: point.mean,
        band: Some(Band { inner: (point.lo80, point.hi80), outer: (point.lo95, point.hi95) }),
        repaired: false,
    });
    let skipped = known.len().saturating_sub(DRAWN);
    known.into_iter().skip(skipped).chain(expected).collect()
}

/// What a series says, in a sentence.
#[must_use]
pub fn summary(series: &SeriesView, currency: &str) -> String {
    let (Some(first), Some(last)) = (series.forecast.first(), series.forecast.last()) else {
        return "There is too little history to forecast from.".to_owned();
    };
    let sum: f64 = series.forecast.iter().map(|point| point.mean).sum();
    format!(
        "{} are expected from {} to {}; four of five times {} brings {} to {}.",
        figure(sum, currency),
        first.label,
        last.label,
        first.label,
        figure(first.lo80, currency),
        figure(first.hi80, currency)
    )
}

/// Revenue by month.
#[function_component]
pub fn Revenue(props: &RevenueProps) -> Html {
    let view = &props.view;
    let chosen = use_state(|| AttrValue::from(""));
    let products = view.products.iter().map(|it| AttrValue::from(it.label.clone()));
    let options: Vec<(AttrValue, AttrValue)> = products.map(|it| (it.clone(), it)).collect();
    let series = view.products.iter().find(|it| it.label == chosen.as_str());
    let series = series.unwrap_or(&view.revenue);
    let told = summary(series, &view.currency);
    let what = if chosen.is_empty() { "All products" } else { chosen.as_str() };
    let on_change = {
        let chosen = chosen.clone();
        Callback::from(move |value| chosen.set(value))
    };
    html! {
        <div class="plan-part">
            if options.len() > 1 {
                <div class="plan-pick">
                    <Select
                        id="forecast-product" label="Product" {options} value={(*chosen).clone()}
                        empty={Some(AttrValue::from("All"))} {on_change}
                    />
                </div>
            }
            <p class="plan-lead">{ &told }</p>
            <BandChart
                title={format!("{what} by month, {}", view.currency)} summary={told}
                points={points(series)}
            />
            { notes(series) }
        </div>
    }
}

fn notes(series: &SeriesView) -> Html {
    let model = (!series.model.is_empty()).then(|| format!("Model: {}.", series.model));
    html! {
        <>
            if let Some(model) = model {
                <p class="quiet small">
                    { model }{ " Dark band: four of five months. Light band: nineteen of twenty." }
                </p>
            }
            if !series.notes.is_empty() {
                <details class="chart-behind">
                    <summary>{ "What was done to the history first" }</summary>
                    <ul class="plan-notes small">
                        { for series.notes.iter().map(|note| html! {
                            <li key={note.clone()}>{ note }</li>
                        }) }
                    </ul>
                </details>
            }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_open_month_stands_once_and_the_sum_of_what_is_expected_is_told() {
        let view = sample::planning::forecast(sample::WALL);
        let points = points(&view.revenue);
        let mut labels: Vec<&str> = points.iter().map(|it| it.label.as_str()).collect();
        let all = labels.len();
        labels.dedup();
        assert_eq!(labels.len(), all, "no month stands twice");
        assert!(points.last().is_some_and(|it| it.band.is_some()));
        assert!(summary(&view.revenue, "EUR").contains("are expected from"));
        let empty = SeriesView { forecast: vec![], ..view.revenue };
        assert!(summary(&empty, "EUR").contains("too little history"));
    }
}
