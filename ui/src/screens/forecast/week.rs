//! What moved within a week: a waterfall whose bars open the deals.

use roadbook_api::views::planning::{MovedView, WaterfallPartView, WaterfallView};
use yew::prelude::*;

use crate::components::chart::{Fall, Waterfall};
use crate::components::{RecordName, Select};
use crate::context::use_wall;
use crate::words::{Wall, change_short, counted};

/// Weeks.
#[derive(Properties, PartialEq)]
pub struct WeeksProps {
    /// Weeks, oldest first.
    pub weeks: Vec<WaterfallView>,
}

/// The words of a kind of move.
#[must_use]
pub fn words(what: &str) -> &'static str {
    match what {
        "new" => "New",
        "pulled_in" => "Pulled in",
        "pushed" => "Pushed out",
        "won" => "Won",
        "lost" => "Lost",
        "amount" => "Amount changed",
        _ => "No longer here",
    }
}

fn day(text: &str, wall: Wall) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |day| wall.day(day))
}

/// A week and its waterfall.
#[function_component]
pub fn Weeks(props: &WeeksProps) -> Html {
    let wall = use_wall();
    let chosen = use_state(|| None::<usize>);
    let open = use_state(|| None::<AttrValue>);
    let weeks = &props.weeks;
    let last = weeks.len().saturating_sub(1);
    let at = chosen.unwrap_or(last).min(last);
    let Some(week) = weeks.get(at) else {
        return html! { <p class="plan-part quiet">{ "There is no week to compare with yet." }</p> };
    };
    let options = weeks.iter().enumerate().rev().map(|(at, week)| {
        let words = format!("{} to {}", day(&week.from, wall), day(&week.to, wall));
        (AttrValue::from(at.to_string()), AttrValue::from(words))
    });
    let on_change = {
        let open = open.clone();
        Callback::from(move |value: AttrValue| {
            chosen.set(value.parse().ok());
            open.set(None);
        })
    };
    let on_open = {
        let open = open.clone();
        Callback::from(move |what: AttrValue| {
            open.set((open.as_ref() != Some(&what)).then_some(what));
        })
    };
    let inside = open.as_ref().map(|what| deals(&week.moves, what)).unwrap_or_default();
    html! {
        <div class="plan-part">
            <div class="plan-pick">
                <Select
                    id="forecast-week" label="Week" options={options.collect::<Vec<_>>()}
                    value={at.to_string()} {on_change}
                />
            </div>
            <p class="quiet small">
                { "Open and to close in the quarter. " }
                if week.reconstructed {
                    { "There is no snapshot of the start of this week: it was worked out from the records, and changes of amounts and dates are not in it." }
                }
            </p>
            <Waterfall falls={falls(week, wall)} open={(*open).clone()} {inside} {on_open} />
        </div>
    }
}

fn falls(week: &WaterfallView, wall: Wall) -> Vec<Fall> {
    let level = |on: &str, amount: f64| Fall {
        what: AttrValue::default(),
        label: day(on, wall).into(),
        note: AttrValue::default(),
        amount,
        level: true,
    };
    let part = |part: &WaterfallPartView| Fall {
        // What can be opened: the moves of a week are told for the newest one only.
        what: if week.moves.iter().any(|it| it.what == part.what) {
            part.what.clone().into()
        } else {
            AttrValue::default()
        },
        label: words(&part.what).into(),
        note: counted(part.deals, "deal", "deals").into(),
        amount: part.amount,
        level: false,
    };
    let moved = week.parts.iter().filter(|it| it.deals > 0).map(part);
    std::iter::once(level(&week.from, week.start))
        .chain(moved)
        .chain(std::iter::once(level(&week.to, week.end)))
        .collect()
}

/// So many deals are shown at once; the app tells the greatest first.
const SHOWN: usize = 12;

fn deals(moves: &[MovedView], what: &str) -> Html {
    let line = |it: &&MovedView| {
        html! {
            <li key={it.link.record.to_string()}>
                <RecordName record={it.link.record.to_string()} title={it.link.title.clone()} />
                <span class="number">{ change_short(it.amount) }</span>
            </li>
        }
    };
    let all: Vec<&MovedView> = moves.iter().filter(|it| it.what == what).collect();
    let (first, rest) = all.split_at(all.len().min(SHOWN));
    html! {
        <>
            <ul class="plan-deals">{ for first.iter().map(line) }</ul>
            if !rest.is_empty() {
                <details class="chart-behind">
                    <summary>{ format!("{} smaller ones", rest.len()) }</summary>
                    <ul class="plan-deals">{ for rest.iter().map(line) }</ul>
                </details>
            }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::chart::waterfall::spans;
    use crate::sample;

    #[test]
    fn what_is_drawn_ends_where_the_week_ended() {
        let view = sample::planning::forecast(sample::WALL);
        for week in &view.waterfall {
            let falls = falls(week, sample::WALL);
            let spans = spans(&falls);
            let before_last = spans[spans.len() - 2].1;
            assert!((before_last - week.end).abs() < 1.0, "{} {}", week.from, week.to);
        }
        let newest = view.waterfall.last().unwrap();
        let openable = falls(newest, sample::WALL).iter().filter(|it| !it.what.is_empty()).count();
        assert!(openable > 0, "the bars of the newest week open their deals");
    }
}
