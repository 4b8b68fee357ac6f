//! One bar of several parts against a goal: closed, commit, best case, pipeline and the quota.

use yew::prelude::*;

use crate::state::scale::Scale;

/// A part of the bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its shade, from 1 (surest) to 4.
    pub shade: u8,
    /// How much.
    pub value: f64,
}

/// The bar; its numbers stand beside it in words.
#[derive(Properties, PartialEq)]
pub struct StackProps {
    /// The parts, in order.
    pub parts: Vec<Part>,
    /// The goal, marked by a line.
    #[prop_or_default]
    pub goal: Option<f64>,
    /// The greatest value of all bars that are compared; the own one where absent.
    #[prop_or_default]
    pub most: Option<f64>,
}

/// The bar. Hidden from screen readers: whoever shows it has the numbers beside it.
#[function_component]
pub fn Stack(props: &StackProps) -> Html {
    let sum: f64 = props.parts.iter().map(|part| part.value.max(0.0)).sum();
    let most = props.most.unwrap_or(0.0).max(sum).max(props.goal.unwrap_or(0.0));
    let x = Scale::new((0.0, most), (0.0, 400.0));
    let mut from = 0.0;
    let part = |part: &Part| {
        let width = (x.at(part.value.max(0.0)) - x.at(0.0)).max(0.0);
        let at = from;
        from += width;
        html! {
            <rect
                key={part.shade} class={format!("shade-{}", part.shade)} x={format!("{at:.1}")} y="3"
                width={format!("{width:.1}")} height="14"
            />
        }
    };
    let parts: Vec<Html> = props.parts.iter().map(part).collect();
    html! {
        <svg class="stack-bar" viewBox="0 0 400 20" preserveAspectRatio="none" aria-hidden="true">
            <rect class="shade-0" x="0" y="3" width="400" height="14" />
            { for parts }
            if let Some(goal) = props.goal {
                <line class="plot-goal" x1={x.text(goal)} x2={x.text(goal)} y1="0" y2="20" />
            }
        </svg>
    }
}
