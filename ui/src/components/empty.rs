//! What stands where nothing is: what will be here and the first action; or what went wrong.

use yew::prelude::*;

use super::button::{Button, ButtonKind};
use super::icon::{Glyph, Icon};

/// Nothing is here yet.
#[derive(Properties, PartialEq)]
pub struct EmptyProps {
    /// What will be here.
    pub icon: Icon,
    /// What will be here, in a few words.
    pub title: AttrValue,
    /// How it comes here.
    #[prop_or_default]
    pub text: AttrValue,
    /// The first action: its words, and what it does.
    #[prop_or_default]
    pub action: Option<(AttrValue, Callback<()>)>,
}

/// Nothing is here yet.
#[function_component]
pub fn Empty(props: &EmptyProps) -> Html {
    html! {
        <div class="empty">
            <Glyph icon={props.icon} />
            <p class="empty-title">{ &props.title }</p>
            if !props.text.is_empty() {
                <p class="quiet">{ &props.text }</p>
            }
            if let Some((label, on_press)) = &props.action {
                <Button
                    label={label.clone()} kind={ButtonKind::Plain} on_press={on_press.clone()}
                />
            }
        </div>
    }
}

/// Something could not be shown.
#[derive(Properties, PartialEq)]
pub struct ProblemProps {
    /// What is wrong and what to do.
    pub text: AttrValue,
    /// Tries again.
    #[prop_or_default]
    pub on_retry: Option<Callback<()>>,
}

/// Something could not be shown: what is wrong, and trying again.
#[function_component]
pub fn Problem(props: &ProblemProps) -> Html {
    html! {
        <div class="problem" role="alert">
            <Glyph icon={Icon::NeedsYou} />
            <p class="spread">{ &props.text }</p>
            if let Some(on_retry) = &props.on_retry {
                <Button label="Try again" icon={Icon::Refresh} on_press={on_retry.clone()} />
            }
        </div>
    }
}
