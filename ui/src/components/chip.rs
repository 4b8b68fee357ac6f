//! Chips: short words that say what something is, and chips to choose one or several of.

use yew::prelude::*;

use super::icon::{Glyph, Icon};

/// What a chip means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ChipTone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// Good.
    Positive,
    /// Look at it.
    Caution,
    /// Loss or overdue only.
    Critical,
    /// For information.
    Info,
}

impl ChipTone {
    const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Positive => "positive",
            Self::Caution => "caution",
            Self::Critical => "critical",
            Self::Info => "info",
        }
    }
}

/// A short word.
#[derive(Properties, PartialEq)]
pub struct ChipProps {
    /// The word.
    pub label: AttrValue,
    /// What it means.
    #[prop_or_default]
    pub tone: ChipTone,
    /// An icon before it.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// Takes it away, where that is possible.
    #[prop_or_default]
    pub on_remove: Option<Callback<()>>,
}

/// A short word.
#[function_component]
pub fn Chip(props: &ChipProps) -> Html {
    html! {
        <span class={classes!("chip", format!("chip-{}", props.tone.word()))}>
            if let Some(icon) = props.icon {
                <Glyph {icon} size={16} />
            }
            <span class="truncate" dir="auto" title={props.label.clone()}>{ &props.label }</span>
            if let Some(on_remove) = &props.on_remove {
                <button
                    type="button" class="chip-remove"
                    aria-label={format!("Remove {}", props.label)}
                    onclick={on_remove.reform(|_: MouseEvent| ())}
                >
                    <Glyph icon={Icon::Close} size={16} />
                </button>
            }
        </span>
    }
}

/// Chips to choose from.
#[derive(Properties, PartialEq)]
pub struct ChoiceChipsProps {
    /// What is chosen, for screen readers.
    pub name: AttrValue,
    /// The choices: value and words.
    pub options: Vec<(AttrValue, AttrValue)>,
    /// The values that are chosen.
    pub chosen: Vec<AttrValue>,
    /// One was pressed.
    #[prop_or_default]
    pub on_press: Callback<AttrValue>,
}

/// Chips to choose from: each is a switch, so that one tap is enough.
#[function_component]
pub fn ChoiceChips(props: &ChoiceChipsProps) -> Html {
    let chip = |(value, label): &(AttrValue, AttrValue)| {
        let on = props.chosen.contains(value);
        let onclick = {
            let (on_press, value) = (props.on_press.clone(), value.clone());
            Callback::from(move |_: MouseEvent| on_press.emit(value.clone()))
        };
        html! {
            <button
                key={value.as_str()} type="button" class="chip chip-choice"
                aria-pressed={on.to_string()} {onclick}
            >
                { label }
            </button>
        }
    };
    html! {
        <div class="chips" role="group" aria-label={props.name.clone()}>
            { for props.options.iter().map(chip) }
        </div>
    }
}
