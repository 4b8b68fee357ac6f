//! Buttons: one primary a screen, plain for the rest, quiet where chrome must be thin.

use yew::prelude::*;

use super::icon::{Glyph, Icon};

/// How a button looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ButtonKind {
    /// The one action of the screen.
    Primary,
    /// Any other.
    #[default]
    Plain,
    /// Without an edge, for bars and rows.
    Quiet,
    /// Takes something away for good.
    Danger,
}

impl ButtonKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Plain => "plain",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// A button with words.
#[derive(Properties, PartialEq)]
pub struct ButtonProps {
    /// Its words: a verb and what it acts on.
    pub label: AttrValue,
    /// How it looks.
    #[prop_or_default]
    pub kind: ButtonKind,
    /// An icon before the words.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// The keys that do the same, shown after the words.
    #[prop_or_default]
    pub keys: Option<AttrValue>,
    /// It is at work; it cannot be pressed again meanwhile.
    #[prop_or_default]
    pub busy: bool,
    /// It cannot be pressed now; say why beside it.
    #[prop_or_default]
    pub disabled: bool,
    /// It sends the form in which it stands.
    #[prop_or_default]
    pub submits: bool,
    /// What screen readers call it, where its words stand on several buttons: the words, and what
    /// they are about.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// It was pressed.
    #[prop_or_default]
    pub on_press: Callback<()>,
}

/// A button with words.
#[function_component]
pub fn Button(props: &ButtonProps) -> Html {
    let on_press = props.on_press.clone();
    let busy = props.busy;
    let onclick = Callback::from(move |_: MouseEvent| {
        if !busy {
            on_press.emit(());
        }
    });
    html! {
        <button
            type={if props.submits { "submit" } else { "button" }}
            class={classes!("button", format!("button-{}", props.kind.word()))}
            disabled={props.disabled} aria-busy={busy.then_some("true")}
            aria-label={props.name.clone()} {onclick}
        >
            if busy {
                <span class="spinner" aria-hidden="true"></span>
            } else if let Some(icon) = props.icon {
                <Glyph {icon} size={16} />
            }
            <span>{ &props.label }</span>
            if let Some(keys) = &props.keys {
                <kbd aria-hidden="true">{ keys }</kbd>
            }
        </button>
    }
}

/// A button that is only an icon.
#[derive(Properties, PartialEq)]
pub struct IconButtonProps {
    /// The icon.
    pub icon: Icon,
    /// What it does, for screen readers and as a tip.
    pub name: AttrValue,
    /// It is on or off, where it is a switch.
    #[prop_or_default]
    pub pressed: Option<bool>,
    /// It cannot be pressed now.
    #[prop_or_default]
    pub disabled: bool,
    /// It was pressed.
    #[prop_or_default]
    pub on_press: Callback<()>,
}

/// A button that is only an icon.
#[function_component]
pub fn IconButton(props: &IconButtonProps) -> Html {
    let onclick = props.on_press.reform(|_: MouseEvent| ());
    html! {
        <button
            type="button" class="icon-button" title={props.name.clone()}
            aria-label={props.name.clone()} disabled={props.disabled}
            aria-pressed={props.pressed.map(|on| on.to_string())} {onclick}
        >
            <Glyph icon={props.icon} />
        </button>
    }
}
