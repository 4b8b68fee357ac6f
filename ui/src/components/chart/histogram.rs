//! How simulated outcomes are spread, with marks where it matters.

use yew::prelude::*;

use super::figure::ChartFigure;
use crate::state::scale::Scale;
use crate::words::{figure_short, percent, plain_figure};

/// A bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// From.
    pub from: f64,
    /// To.
    pub to: f64,
    /// Share of outcomes, 0 to 1.
    pub share: f64,
}

/// A mark on the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Its words.
    pub label: AttrValue,
    /// Where.
    pub at: f64,
}

/// Bars.
#[derive(Properties, PartialEq)]
pub struct HistogramProps {
    /// What it shows.
    pub title: AttrValue,
    /// What the drawing says, in a sentence.
    pub summary: AttrValue,
    /// The bars, in order.
    pub bars: Vec<Bar>,
    /// Bars that lie wholly in this range are drawn strongly.
    pub strong: (f64, f64),
    /// Marks; each stands a line higher than the one before.
    pub marks: Vec<Mark>,
}

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 200.0;
const BELOW: f64 = 22.0;
/// Height of a line of marks.
const LINE: f64 = 16.0;

/// Bars with marks.
#[function_component]
pub fn Histogram(props: &HistogramProps) -> Html {
    let line = |bar: &Bar| {
        let range = format!("{} to {}", plain_figure(bar.from), plain_figure(bar.to));
        vec![html! { range }, html! { percent(bar.share) }]
    };
    let heads = ["Outcome", "Share"].map(AttrValue::from).to_vec();
    html! {
        <ChartFigure
            title={props.title.clone()} {heads}
            lines={props.bars.iter().map(line).collect::<Vec<_>>()}
        >
            <svg
                class="plot" viewBox={format!("0 0 {WIDTH} {HEIGHT}")} role="img"
                aria-label={props.summary.clone()}
            >
                { inside(props) }
            </svg>
        </ChartFigure>
    }
}

fn inside(props: &HistogramProps) -> Html {
    let ends = |of: fn(&Bar) -> f64| props.bars.iter().map(of);
    let marked = || props.marks.iter().map(|mark| mark.at);
    let low = ends(|bar| bar.from).chain(marked()).fold(f64::INFINITY, f64::min);
    let high = ends(|bar| bar.to).chain(marked()).fold(f64::NEG_INFINITY, f64::max);
    let x = Scale::new((low, high), (8.0, WIDTH - 8.0));
    let most = ends(|bar| bar.share).fold(0.0, f64::max);
    let above = LINE * props.marks.len() as f64 + 4.0;
    let y = Scale::new((0.0, most.max(1e-9)), (HEIGHT - BELOW, above));
    let (from, to) = props.strong;
    let bar = |(at, bar): (usize, &Bar)| {
        let width = (x.at(bar.to) - x.at(bar.from) - 1.0).max(0.5);
        let height = y.at(0.0) - y.at(bar.share);
        let strong = bar.to > from && bar.from < to;
        html! {
            <rect
                key={at} class={classes!("plot-bar", strong.then_some("plot-bar-strong"))}
                x={x.text(bar.from)} y={y.text(bar.share)} width={format!("{width:.1}")}
                height={format!("{height:.1}")}
            />
        }
    };
    // All lines first: a label stands over the line of another mark.
    let line = |(at, mark): (usize, &Mark)| {
        let (place, top) = (x.text(mark.at), LINE * at as f64);
        html! { <line class="plot-mark" key={at} x1={place.clone()} x2={place} y1={format!("{top:.1}")} y2={y.text(0.0)} /> }
    };
    let label = |(at, mark): (usize, &Mark)| {
        let place = x.at(mark.at);
        let (anchor, dx) = if place > WIDTH / 2.0 { ("end", -4.0) } else { ("start", 4.0) };
        let top = LINE * at as f64;
        html! {
            <text
                class="plot-text plot-strong plot-over" key={at} x={format!("{:.1}", place + dx)}
                y={format!("{:.1}", top + 11.0)} text-anchor={anchor}
            >
                { &mark.label }
            </text>
        }
    };
    html! {
        <>
            { for props.bars.iter().enumerate().map(bar) }
            <line class="plot-grid" x1="0" x2={WIDTH.to_string()} y1={y.text(0.0)} y2={y.text(0.0)} />
            { for props.marks.iter().enumerate().map(line) }
            { for props.marks.iter().enumerate().map(label) }
            if !props.bars.is_empty() {
                <text class="plot-text" x="8" y={(HEIGHT - 6.0).to_string()}>{ figure_short(low) }</text>
                <text class="plot-text" x={(WIDTH - 8.0).to_string()} y={(HEIGHT - 6.0).to_string()} text-anchor="end">{ figure_short(high) }</text>
            }
        </>
    }
}
