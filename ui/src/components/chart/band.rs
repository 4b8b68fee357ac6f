//! A line of what was, a line of what is expected with two bands around it, and today between them.

use yew::prelude::*;

use super::figure::ChartFigure;
use crate::context::{Room, use_room};
use crate::state::scale::{Scale, marks};
use crate::words::{figure_short, plain_figure};

/// Where values are expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Four of five: from, to.
    pub inner: (f64, f64),
    /// Nineteen of twenty: from, to.
    pub outer: (f64, f64),
}

/// A point of the line.
#[derive(Debug, Clone, PartialEq)]
pub struct BandPoint {
    /// Its period: `Mar 2026`.
    pub label: AttrValue,
    /// Its value.
    pub value: f64,
    /// Around it, where it is expected and not known.
    pub band: Option<Band>,
    /// The period is not over, or the value was repaired before the model saw it.
    pub repaired: bool,
}

/// A line with bands.
#[derive(Properties, PartialEq)]
pub struct BandChartProps {
    /// What it shows, in which unit.
    pub title: AttrValue,
    /// What the drawing says, in a sentence.
    pub summary: AttrValue,
    /// Known points and then expected ones, oldest first.
    pub points: Vec<BandPoint>,
}

/// Width of the drawing at a desk and on a phone: about that of the page, so that letters keep
/// their size.
const WIDE: f64 = 960.0;
const NARROW: f64 = 400.0;
const HEIGHT: f64 = 260.0;
/// Room at the left for numbers, below for periods, above and at the right for labels.
const LEFT: f64 = 44.0;
const BELOW: f64 = 26.0;
const ABOVE: f64 = 20.0;
const RIGHT: f64 = 8.0;
/// Room that the name of a period needs.
const NAME: f64 = 110.0;

struct Drawing {
    width: f64,
    x: Scale,
    y: Scale,
    marks: Vec<f64>,
}

fn drawing(points: &[BandPoint], width: f64) -> Drawing {
    let most = points.iter().map(|it| it.band.map_or(it.value, |band| band.outer.1.max(it.value)));
    let marks = marks(most.fold(0.0, f64::max), 4);
    let top = marks.last().copied().unwrap_or(1.0);
    let last = points.len().saturating_sub(1).max(1);
    Drawing {
        width,
        x: Scale::new((0.0, last as f64), (LEFT, width - RIGHT)),
        y: Scale::new((0.0, top), (HEIGHT - BELOW, ABOVE)),
        marks,
    }
}

impl Drawing {
    fn path(&self, places: impl Iterator<Item = (usize, f64)>) -> String {
        let mut out = String::new();
        for (at, value) in places {
            let step = if out.is_empty() { 'M' } else { 'L' };
            out.push_str(&format!("{step}{} {}", self.x.text(at as f64), self.y.text(value)));
        }
        out
    }

    /// The outline of a band; it begins at the last known point.
    fn area(&self, points: &[BandPoint], of: fn(&Band) -> (f64, f64)) -> String {
        let limits = |point: &BandPoint| point.band.as_ref().map(of);
        let start = points.iter().rposition(|point| point.band.is_none());
        let known = start.map(|at| (at, (points[at].value, points[at].value)));
        let told = points.iter().enumerate().filter_map(|(at, it)| Some((at, limits(it)?)));
        let all: Vec<(usize, (f64, f64))> = known.into_iter().chain(told).collect();
        let up = all.iter().map(|(at, (_, high))| (*at, *high));
        let down = all.iter().rev().map(|(at, (low, _))| (*at, low.max(0.0)));
        let path = self.path(up.chain(down));
        if path.is_empty() { path } else { format!("{path}Z") }
    }
}

/// A line with bands.
#[function_component]
pub fn BandChart(props: &BandChartProps) -> Html {
    let width = match use_room() {
        Room::Desk => WIDE,
        Room::Phone => NARROW,
    };
    let points = &props.points;
    let known = points.iter().take_while(|point| point.band.is_none()).count();
    let heads = ["Month", "Amount", "4 of 5 months", "19 of 20 months"];
    let lines = points.iter().map(table_line).collect::<Vec<_>>();
    html! {
        <ChartFigure
            title={props.title.clone()} {lines}
            heads={heads.map(AttrValue::from).to_vec()}
        >
            <svg
                class="plot plot-wide" viewBox={format!("0 0 {width} {HEIGHT}")} role="img"
                aria-label={props.summary.clone()}
            >
                { inside(points, known, width) }
            </svg>
        </ChartFigure>
    }
}

/// Every how many periods one is named, where each is so wide.
fn every(step: f64) -> usize {
    let mut every = 1;
    while every as f64 * step < NAME && every < 1_000 {
        every += 1;
    }
    every
}

fn table_line(point: &BandPoint) -> Vec<Html> {
    let range =
        |(low, high): (f64, f64)| format!("{} to {}", plain_figure(low), plain_figure(high));
    let note = match (point.band.is_some(), point.repaired) {
        (true, _) => " (expected)",
        (false, true) => " (open or repaired)",
        (false, false) => "",
    };
    vec![
        html! { format!("{}{note}", point.label) },
        html! { plain_figure(point.value) },
        html! { point.band.map(|band| range(band.inner)).unwrap_or_default() },
        html! { point.band.map(|band| range(band.outer)).unwrap_or_default() },
    ]
}

fn inside(points: &[BandPoint], known: usize, width: f64) -> Html {
    let draw = drawing(points, width);
    let line = |from: usize, to: usize| {
        draw.path(points.iter().enumerate().take(to).skip(from).map(|(at, it)| (at, it.value)))
    };
    let mark = |value: &f64| {
        let y = draw.y.text(*value);
        html! {
            <g key={y.clone()}>
                <line class="plot-grid" x1={LEFT.to_string()} x2={draw.width.to_string()} y1={y.clone()} y2={y.clone()} />
                <text class="plot-text" x={(LEFT - 6.0).to_string()} y={y} dy="4" text-anchor="end">{ figure_short(*value) }</text>
            </g>
        }
    };
    let step = draw.x.at(1.0) - draw.x.at(0.0);
    let named = points.iter().enumerate().rev().step_by(every(step));
    let name = |(at, point): (usize, &BandPoint)| {
        let place = if at + 1 == points.len() { "end" } else { "middle" };
        html! {
            <text class="plot-text" key={at} x={draw.x.text(at as f64)} y={(HEIGHT - 6.0).to_string()} text-anchor={place}>
                { &point.label }
            </text>
        }
    };
    let open =
        points.iter().enumerate().filter(|(_, point)| point.repaired && point.band.is_none());
    let today = draw.x.text(known.saturating_sub(1) as f64);
    html! {
        <>
            { for draw.marks.iter().map(mark) }
            <path class="plot-outer" d={draw.area(points, |band| band.outer)} />
            <path class="plot-inner" d={draw.area(points, |band| band.inner)} />
            if known > 0 {
                <line class="plot-today" x1={today.clone()} x2={today.clone()} y1={(ABOVE - 6.0).to_string()} y2={(HEIGHT - BELOW).to_string()} />
                <text class="plot-text plot-strong" x={today} y="10" text-anchor="middle">{ "Today" }</text>
            }
            <path class="plot-line" d={line(0, known)} />
            <path class="plot-line plot-dashed" d={line(known.saturating_sub(1), points.len())} />
            { for open.map(|(at, point)| html! {
                <circle class="plot-open" key={at} cx={draw.x.text(at as f64)} cy={draw.y.text(point.value)} r="3.5" />
            }) }
            { for named.map(name) }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(value: f64, band: Option<Band>) -> BandPoint {
        BandPoint { label: "Mar 2026".into(), value, band, repaired: false }
    }

    #[test]
    fn a_band_begins_at_the_last_known_point_and_never_goes_below_nothing() {
        let band = Band { inner: (80.0, 120.0), outer: (-50.0, 200.0) };
        let points = [point(90.0, None), point(100.0, None), point(100.0, Some(band))];
        let draw = drawing(&points, WIDE);
        let outer = draw.area(&points, |band| band.outer);
        let start = format!("M{} {}", draw.x.text(1.0), draw.y.text(100.0));
        assert!(outer.starts_with(&start) && outer.ends_with('Z'), "{outer}");
        assert!(outer.contains(&draw.y.text(0.0)), "less than nothing is drawn as nothing");
        assert_eq!(draw.marks.last(), Some(&200.0), "the widest band has room");
    }

    #[test]
    fn names_of_periods_have_room() {
        assert_eq!(every(200.0), 1);
        assert_eq!(every(30.0), 4, "four periods are 120 wide");
        assert_eq!(every(0.0), 1_000, "nothing is wide: only the last one is named");
    }

    #[test]
    fn nothing_known_draws_nothing() {
        assert_eq!(drawing(&[], NARROW).area(&[], |band| band.inner), "");
    }
}
