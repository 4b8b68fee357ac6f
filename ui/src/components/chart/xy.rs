//! Points between 0 and 1 on both axes, with the diagonal: a calibration plot.

use yew::prelude::*;

use super::figure::{ChartFigure, Line};
use crate::state::scale::Scale;

/// A point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// To the right, 0 to 1.
    pub x: f64,
    /// Upward, 0 to 1.
    pub y: f64,
    /// How much stands behind it: its area.
    pub weight: f64,
}

/// Points with the diagonal.
#[derive(Properties, PartialEq)]
pub struct SpotChartProps {
    /// What it shows.
    pub title: AttrValue,
    /// What the drawing says, in a sentence.
    pub summary: AttrValue,
    /// What goes to the right, and what goes upward.
    pub axes: (AttrValue, AttrValue),
    /// The points.
    pub spots: Vec<Spot>,
    /// The heads of the columns of the table.
    pub heads: Vec<AttrValue>,
    /// Its rows.
    pub lines: Vec<Line>,
}

const SIDE: f64 = 240.0;
const EDGE: f64 = 34.0;

/// Points with the diagonal.
#[function_component]
pub fn SpotChart(props: &SpotChartProps) -> Html {
    let x = Scale::new((0.0, 1.0), (EDGE, SIDE - 10.0));
    let y = Scale::new((0.0, 1.0), (SIDE - EDGE, 10.0));
    let most = props.spots.iter().map(|spot| spot.weight).fold(0.0, f64::max).max(1e-9);
    let spot = |(at, spot): (usize, &Spot)| {
        let radius = 2.5 + 6.5 * (spot.weight / most).max(0.0).sqrt();
        html! {
            <circle
                key={at} class="plot-spot" cx={x.text(spot.x)} cy={y.text(spot.y)}
                r={format!("{radius:.1}")}
            />
        }
    };
    let tick = |share: f64| {
        html! {
            <g key={format!("{share}")}>
                <text class="plot-text" x={x.text(share)} y={(SIDE - EDGE + 14.0).to_string()} text-anchor="middle">{ format!("{:.0}", share * 100.0) }</text>
                <text class="plot-text" x={(EDGE - 5.0).to_string()} y={y.text(share)} dy="4" text-anchor="end">{ format!("{:.0}", share * 100.0) }</text>
            </g>
        }
    };
    html! {
        <ChartFigure
            title={props.title.clone()} heads={props.heads.clone()} lines={props.lines.clone()}
        >
            <svg
                class="plot plot-square" viewBox={format!("0 0 {SIDE} {SIDE}")} role="img"
                aria-label={props.summary.clone()}
            >
                <line class="plot-grid" x1={x.text(0.0)} x2={x.text(1.0)} y1={y.text(0.0)} y2={y.text(0.0)} />
                <line class="plot-grid" x1={x.text(0.0)} x2={x.text(0.0)} y1={y.text(0.0)} y2={y.text(1.0)} />
                <line class="plot-today" x1={x.text(0.0)} x2={x.text(1.0)} y1={y.text(0.0)} y2={y.text(1.0)} />
                { for [0.0, 0.5, 1.0].map(tick) }
                { for props.spots.iter().enumerate().map(spot) }
                <text class="plot-text" x={x.text(0.5)} y={(SIDE - 6.0).to_string()} text-anchor="middle">{ &props.axes.0 }</text>
                <text class="plot-text" x={(EDGE + 6.0).to_string()} y="16">{ &props.axes.1 }</text>
            </svg>
        </ChartFigure>
    }
}
