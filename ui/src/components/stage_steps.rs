//! The stage of a record as steps on one line; a press moves it there.

use yew::prelude::*;

/// The stage of a record.
#[derive(Properties, PartialEq)]
pub struct StageStepsProps {
    /// What the steps are, for screen readers.
    #[prop_or(AttrValue::Static("Stage"))]
    pub name: AttrValue,
    /// The open stages, in order.
    pub steps: Vec<AttrValue>,
    /// The closed ones, which stand apart.
    #[prop_or_default]
    pub ends: Vec<AttrValue>,
    /// Where it is.
    pub at: AttrValue,
    /// A move to a stage was asked for; without it the steps are only shown.
    #[prop_or_default]
    pub on_move: Option<Callback<AttrValue>>,
}

/// The stage of a record.
#[function_component]
pub fn StageSteps(props: &StageStepsProps) -> Html {
    let place = props.steps.iter().position(|step| *step == props.at);
    let ended = props.ends.contains(&props.at);
    let state = |at: usize| match place {
        Some(place) if at < place => "past",
        Some(place) if at == place => "now",
        None if ended => "past",
        _ => "ahead",
    };
    let ends = props.ends.iter().map(|end| {
        let is_lost = end.to_lowercase().contains("lost");
        let state = match (*end == props.at, is_lost) {
            (true, true) => "lost",
            (true, false) => "won",
            (false, _) => "ahead",
        };
        step(props, end, state)
    });
    html! {
        <ol class="steps" aria-label={props.name.clone()}>
            { for props.steps.iter().enumerate().map(|(at, name)| step(props, name, state(at))) }
            { for ends }
        </ol>
    }
}

fn step(props: &StageStepsProps, name: &AttrValue, state: &'static str) -> Html {
    let current = (*name == props.at).then_some("step");
    let class = classes!("step", format!("step-{state}"));
    let inside = match &props.on_move {
        Some(on_move) if current.is_none() => {
            let (on_move, to) = (on_move.clone(), name.clone());
            let onclick = Callback::from(move |_: MouseEvent| on_move.emit(to.clone()));
            html! {
                <button
                    type="button" class="step-name" title={format!("Move to {name}")} {onclick}
                >
                    { name }
                </button>
            }
        }
        _ => html! { <span class="step-name" title={name.clone()}>{ name }</span> },
    };
    html! { <li key={name.as_str()} {class} aria-current={current}>{ inside }</li> }
}
