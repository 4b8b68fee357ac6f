//! The quarter: closed, commit, best case and pipeline against the quota, and how it may end.

use std::rc::Rc;

use roadbook_api::views::planning::{DealPartView, ForecastView, OutlookView, RollUpRowView};
use yew::prelude::*;

use crate::components::chart::{Bar, Histogram, Mark, Part, Stack};
use crate::components::{Link, RecordName};
use crate::context::use_session;
use crate::route::Route;
use crate::words::{figure, figure_short, percent};

/// A forecast.
#[derive(Properties, PartialEq)]
pub struct QuarterProps {
    /// The forecast.
    pub view: Rc<ForecastView>,
}

/// The parts of a row of the roll-up, surest first.
#[must_use]
pub fn parts(row: &RollUpRowView) -> Vec<Part> {
    let values = [row.closed, row.commit, row.best_case, row.pipeline];
    (1_u8..).zip(values).map(|(shade, value)| Part { shade, value }).collect()
}

/// What the quarter comes to, in a sentence; without a quota it goes on with where to keep one.
#[must_use]
pub fn sentence(row: &RollUpRowView, currency: &str) -> String {
    let closed = figure(row.closed, currency);
    let Some(quota) = row.quota else {
        return format!("{closed} closed. There is no quota for this quarter yet: type one above");
    };
    let share = row.attainment.map(|it| format!(" ({})", percent(it))).unwrap_or_default();
    let head = format!("{closed} closed of {}{share}.", figure(quota, currency));
    match (row.gap, row.coverage) {
        (Some(gap), _) if gap <= 0.0 => format!("{head} The quota is reached."),
        (Some(gap), Some(coverage)) => format!(
            "{head} {} are missing; what is open covers that {coverage:.1} times.",
            figure(gap, currency)
        ),
        (Some(gap), None) => format!("{head} {} are missing.", figure(gap, currency)),
        (None, _) => head,
    }
}

/// Closed, commit, best case and pipeline against the quota.
#[function_component]
pub fn Quarter(props: &QuarterProps) -> Html {
    let view = &props.view;
    // Nothing is kept in a browser.
    let hosted = use_session().is_hosted();
    let Some(row) = view.roll_up.first() else {
        return html! { <p class="plan-part quiet">{ "No deal is to close in this quarter." }</p> };
    };
    let number = |shade: u8, words: &'static str, value: f64| {
        html! {
            <div class="figure" key={words}>
                <dd class="figure-number number">{ figure_short(value) }</dd>
                <dt class="quiet small">
                    <span class={format!("swatch swatch-{shade}")} aria-hidden="true"></span>{ words }
                </dt>
            </div>
        }
    };
    let promised = |words: &'static str, value: f64| {
        html! {
            <div class="figure" key={words}>
                <dd class="figure-number number">{ figure_short(value) }</dd>
                <dt class="quiet small">{ words }</dt>
            </div>
        }
    };
    html! {
        <div class="plan-part quarter">
            <p class="plan-lead">
                { sentence(row, &view.currency) }
                if row.quota.is_none() {
                    if hosted {
                        { "." }
                    } else {
                        { ", or keep one for the year: " }
                        <Link to={Route::Quotas}><span>{ "Quotas" }</span></Link>
                    }
                }
            </p>
            <Stack parts={parts(row)} goal={row.quota} />
            <dl class="figures plan-figures">
                { number(1, "closed", row.closed) }
                { number(2, "commit", row.commit) }
                { number(3, "best case", row.best_case) }
                { number(4, "pipeline", row.pipeline) }
                { promised("commit forecast", row.commit_forecast) }
                { promised("best-case forecast", row.best_case_forecast) }
                if row.adjusted != 0.0 {
                    { promised("adjusted by hand", row.adjusted) }
                }
            </dl>
        </div>
    }
}

/// How the quarter may end, in a sentence.
#[must_use]
pub fn ending(outlook: &OutlookView, currency: &str) -> String {
    let reach = outlook.reach.map(|share| {
        let share = match share {
            low if low < 0.005 => "Hardly any".to_owned(),
            high if high > 0.995 => "Nearly all".to_owned(),
            share => percent(share),
        };
        format!(" {share} of them reach the quota.")
    });
    format!(
        "Expected {}. Four of five simulated quarters end between {} and {}.{}",
        figure(outlook.mean, currency),
        figure(outlook.lo80, currency),
        figure(outlook.hi80, currency),
        reach.unwrap_or_default()
    )
}

/// How the quarter may end, and the deals that matter most.
#[function_component]
pub fn Outlook(props: &QuarterProps) -> Html {
    let view = &props.view;
    let outlook = &view.outlook;
    let told = ending(outlook, &view.currency);
    let mut marks = vec![
        Mark { label: format!("Expected {}", figure_short(outlook.mean)).into(), at: outlook.mean },
        Mark { label: format!("Closed {}", figure_short(outlook.won)).into(), at: outlook.won },
    ];
    if let Some(quota) = view.roll_up.first().and_then(|row| row.quota) {
        marks.push(Mark { label: format!("Quota {}", figure_short(quota)).into(), at: quota });
    }
    let bars: Vec<Bar> = outlook
        .bars
        .iter()
        .map(|bar| Bar { from: bar.lower, to: bar.upper, share: bar.share })
        .collect();
    html! {
        <div class="plan-part plan-two">
            <div>
                <p class="plan-lead">{ &told }</p>
                <Histogram
                    title={format!("How the quarter may end, {}", view.currency)} summary={told}
                    {bars} strong={(outlook.lo80, outlook.hi80)} {marks}
                />
                <p class="quiet small">
                    { format!(
                        "By the probabilities written on the deals it would be {}. {} of what is \
                         expected comes from deals that are not there yet.",
                        figure(outlook.weighted, &view.currency),
                        figure(outlook.new_business, &view.currency),
                    ) }
                </p>
            </div>
            { deals(&outlook.deals, &view.currency) }
        </div>
    }
}

/// So many deals are shown at once.
const SHOWN: usize = 8;

fn deals(deals: &[DealPartView], currency: &str) -> Html {
    if deals.is_empty() {
        return html! { <p class="quiet">{ "No deal is open." }</p> };
    }
    let row = |deal: &DealPartView| {
        html! {
            <tr key={deal.link.record.to_string()}>
                <th scope="row">
                    <RecordName record={deal.link.record.to_string()} title={deal.link.title.clone()} />
                    <span class="quiet small plan-under">{ &deal.stage }</span>
                </th>
                <td class="number">{ figure_short(deal.amount) }</td>
                <td class="number">{ percent(deal.within) }</td>
                <td class="number">{ figure_short(deal.expected) }</td>
            </tr>
        }
    };
    html! {
        <div>
            <h3 class="plan-small-head">{ "Deals that matter most for the quarter" }</h3>
            <div class="chart-scroll" tabindex="0" role="group" aria-label="Deals that matter most">
                <table class="plain-table">
                    <thead>
                        <tr>
                            <th scope="col">{ "Deal" }</th>
                            <th scope="col">{ currency }</th>
                            <th scope="col">{ "In time" }</th>
                            <th scope="col">{ "Expected" }</th>
                        </tr>
                    </thead>
                    <tbody>{ for deals.iter().take(SHOWN).map(row) }</tbody>
                </table>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_quarter_is_told_against_its_quota() {
        let view = sample::planning::forecast(sample::WALL);
        let row = view.roll_up[0].clone();
        let told = sentence(&row, "EUR");
        assert!(told.contains("closed of") && told.contains("are missing"), "{told}");
        let reached = RollUpRowView { gap: Some(-1.0), ..row.clone() };
        assert!(sentence(&reached, "EUR").ends_with("The quota is reached."));
        let without = RollUpRowView { quota: None, gap: None, ..row };
        assert!(sentence(&without, "EUR").contains("no quota"));
    }

    #[test]
    fn an_ending_that_is_nearly_sure_is_told_in_words() {
        let view = sample::planning::forecast(sample::WALL);
        let sure = OutlookView { reach: Some(1.0), ..view.outlook.clone() };
        assert!(ending(&sure, "EUR").contains("Nearly all of them"));
        let none = OutlookView { reach: None, ..view.outlook };
        assert!(!ending(&none, "EUR").contains("quota"));
    }
}
