//! Revenue by month: what was, what is expected with two bands, whole and of each product, territory,
//! person and team; and all of these as one table.

use std::rc::Rc;

use roadbook_api::views::planning::{ForecastView, SeriesView};
use yew::prelude::*;

use crate::components::Select;
use crate::components::chart::{Band, BandChart, BandPoint};
use crate::words::{figure, figure_short};

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

/// The parts of the whole in their groups: the name of a group, and its series.
fn groups(view: &ForecastView) -> [(&'static str, &[SeriesView]); 3] {
    [
        ("By product", &view.products),
        ("By territory and person", &view.people),
        ("By team", &view.teams),
    ]
}

/// Revenue by month.
#[function_component]
pub fn Revenue(props: &RevenueProps) -> Html {
    let view = &props.view;
    let chosen = use_state(|| AttrValue::from(""));
    let all = groups(view).into_iter().enumerate();
    let parts: Vec<(AttrValue, &SeriesView)> = all
        .flat_map(|(group, (_, series))| {
            series.iter().enumerate().map(move |(at, it)| (format!("{group}-{at}").into(), it))
        })
        .collect();
    let label = |it: &SeriesView| {
        let steps = usize::try_from(it.depth.saturating_sub(1)).unwrap_or(0);
        AttrValue::from(format!("{}{}", "\u{2003}".repeat(steps), it.label))
    };
    let options: Vec<(AttrValue, AttrValue)> =
        parts.iter().map(|(value, it)| (value.clone(), label(it))).collect();
    let series = parts.iter().find(|(value, _)| *value == *chosen).map(|(_, it)| *it);
    let what = series.map_or("All", |it| it.label.as_str());
    let series = series.unwrap_or(&view.revenue);
    let told = summary(series, &view.currency);
    let on_change = {
        let chosen = chosen.clone();
        Callback::from(move |value| chosen.set(value))
    };
    html! {
        <div class="plan-part">
            if options.len() > 1 {
                <div class="plan-pick">
                    <Select
                        id="forecast-part" label="Of what" {options} value={(*chosen).clone()}
                        empty={Some(AttrValue::from("All"))} {on_change}
                    />
                </div>
            }
            <p class="plan-lead">{ &told }</p>
            <BandChart
                title={format!("{what} by month, {}", view.currency)} summary={told}
                points={points(series)}
            />
            { table(view) }
            { notes(series) }
        </div>
    }
}

/// What is expected of every part by month: each group adds up to the whole.
fn table(view: &ForecastView) -> Html {
    let shown = groups(view).into_iter();
    let shown: Vec<_> = shown.filter(|(_, series)| !series.is_empty()).collect();
    if shown.is_empty() || view.revenue.forecast.is_empty() {
        return Html::default();
    }
    let months = &view.revenue.forecast;
    let columns = (months.len() + 2).to_string();
    let line = |it: &SeriesView| {
        let sum: f64 = it.forecast.iter().map(|point| point.mean).sum();
        let means = it.forecast.iter().map(|point| point.mean).chain(std::iter::once(sum));
        html! {
            <tr>
                <th scope="row" class={format!("roll-depth-{}", it.depth.min(4))}>{ &it.label }</th>
                { for means.map(|mean| html! { <td class="number">{ figure_short(mean) }</td> }) }
            </tr>
        }
    };
    let title = format!("What is expected of each part, {}", view.currency);
    html! {
        <details class="chart-behind">
            <summary>{ "By product, territory, person and team as a table" }</summary>
            <div class="chart-scroll" tabindex="0" role="group" aria-label={title}>
                <table class="plain-table roll-up">
                    <thead>
                        <tr>
                            <th scope="col">{ "Expected" }</th>
                            { for months.iter().map(|it| html! { <th scope="col">{ &it.label }</th> }) }
                            <th scope="col">{ "All months" }</th>
                        </tr>
                    </thead>
                    <tbody>{ line(&view.revenue) }</tbody>
                    { for shown.into_iter().map(|(name, series)| html! {
                        <tbody>
                            <tr><th scope="rowgroup" colspan={columns.clone()}>{ name }</th></tr>
                            { for series.iter().map(line) }
                        </tbody>
                    }) }
                </table>
            </div>
        </details>
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

    #[test]
    fn every_group_of_the_sample_adds_up_to_the_whole() {
        let view = sample::planning::forecast(sample::WALL);
        for (name, series) in groups(&view) {
            for (at, whole) in view.revenue.forecast.iter().enumerate() {
                let first = series.iter().filter(|it| it.depth == 1);
                let sum: f64 = first.map(|it| it.forecast[at].mean).sum();
                assert!((sum - whole.mean).abs() < 1e-6, "{name}, {}", whole.label);
            }
        }
    }
}
