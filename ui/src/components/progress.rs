//! Waiting: the shape of what comes, and how far a long work has come, with a way to stop it.

use yew::prelude::*;

use super::button::{Button, ButtonKind};

/// The shape of what comes.
#[derive(Properties, PartialEq)]
pub struct SkeletonProps {
    /// How many lines.
    #[prop_or(3)]
    pub lines: u8,
}

/// The shape of what comes. Appears only after a moment, so that quick answers do not flicker.
#[function_component]
pub fn Skeleton(props: &SkeletonProps) -> Html {
    html! {
        <div class="skeleton" role="status">
            <span class="unseen">{ "Loading" }</span>
            { for (0..props.lines).map(|at| html! {
                <span key={at} class={classes!("skeleton-line", format!("skeleton-{}", at % 3))}></span>
            }) }
        </div>
    }
}

/// How far a work has come.
#[derive(Properties, PartialEq)]
pub struct ProgressProps {
    /// What is being done.
    pub label: AttrValue,
    /// How many are done.
    pub done: u64,
    /// Of how many; `None` while that is not known.
    #[prop_or_default]
    pub total: Option<u64>,
    /// Stops it; what was done until then stays done.
    #[prop_or_default]
    pub on_cancel: Option<Callback<()>>,
}

/// How far a work has come.
#[function_component]
pub fn Progress(props: &ProgressProps) -> Html {
    let done = crate::words::count(props.done);
    let text = props
        .total
        .map_or_else(|| done.clone(), |total| format!("{done} of {}", crate::words::count(total)));
    html! {
        <div class="progress">
            <div class="progress-head">
                <span>{ &props.label }</span>
                <span class="number quiet">{ text }</span>
            </div>
            <progress
                aria-label={props.label.clone()} max={props.total.map(|total| total.to_string())}
                value={props.total.map(|_| props.done.to_string())}
            />
            if let Some(on_cancel) = &props.on_cancel {
                <Button label="Stop" kind={ButtonKind::Quiet} on_press={on_cancel.clone()} />
            }
        </div>
    }
}
