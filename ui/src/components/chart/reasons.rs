//! Reasons for a score as bars to the left and right of a middle line, each with its words.

use yew::prelude::*;

use crate::state::scale::Scale;

/// A reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// In words, with its points: `no visit for 60 days −8`.
    pub text: AttrValue,
    /// Percentage points.
    pub points: i32,
}

/// Reasons.
#[derive(Properties, PartialEq)]
pub struct ReasonsProps {
    /// What they are reasons for, for screen readers.
    pub name: AttrValue,
    /// The reasons, weightiest first.
    pub reasons: Vec<Reason>,
}

/// Reasons: to the right what speaks for it, to the left what speaks against it.
#[function_component]
pub fn Reasons(props: &ReasonsProps) -> Html {
    let most = props.reasons.iter().map(|it| it.points.unsigned_abs()).max().unwrap_or(1).max(1);
    let x = Scale::new((0.0, f64::from(most)), (0.0, 48.0));
    let line = |(at, reason): (usize, &Reason)| {
        let width = x.at(f64::from(reason.points.abs()));
        let (left, kind) =
            if reason.points < 0 { (50.0 - width, "reason-against") } else { (50.0, "reason-for") };
        html! {
            <li class="reason" key={at}>
                <svg class="reason-bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
                    <line class="plot-grid" x1="50" x2="50" y1="0" y2="12" />
                    <rect class={kind} x={format!("{left:.1}")} y="2" width={format!("{width:.1}")} height="8" />
                </svg>
                <span>{ &reason.text }</span>
            </li>
        }
    };
    html! {
        <ul class="reason-list" aria-label={props.name.clone()}>
            { for props.reasons.iter().enumerate().map(line) }
        </ul>
    }
}
