//! The three marks that are the same everywhere: saved here, sending, needs you; and disputed.

use yew::prelude::*;

use super::icon::{Glyph, Icon};
use crate::context::use_strip;
use crate::state::strip;

/// Where a value or a piece of work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The server has it: nothing is shown.
    Accepted,
    /// It is safe on this device.
    Saved,
    /// It is on its way.
    Sending,
    /// It is asked for; the server decides.
    Requested,
    /// A person must decide.
    NeedsYou,
    /// Several people set different values.
    Disputed,
}

impl Standing {
    /// The words beside the mark.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accepted => "At the server",
            Self::Saved => "Saved on this device",
            Self::Sending => "Sending",
            Self::Requested => "Requested",
            Self::NeedsYou => "Needs you",
            Self::Disputed => "Disputed",
        }
    }

    /// The word in class names.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Saved => "saved",
            Self::Sending => "sending",
            Self::Requested => "requested",
            Self::NeedsYou => "needs-you",
            Self::Disputed => "disputed",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Accepted => Icon::Check,
            Self::Saved => Icon::Saved,
            Self::Sending => Icon::Sending,
            Self::Requested => Icon::Clock,
            Self::NeedsYou => Icon::NeedsYou,
            Self::Disputed => Icon::Disputed,
        }
    }
}

/// A mark.
#[derive(Properties, PartialEq)]
pub struct FieldMarkProps {
    /// Where it stands.
    pub standing: Standing,
    /// Words beside the icon; without them the name is for screen readers and the tip.
    #[prop_or_default]
    pub words: Option<AttrValue>,
    /// What it is called instead, where there is no room for words.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// It is shown as it is given. Otherwise what is saved here is on its way while the device
    /// sends, as the sync strip says.
    #[prop_or_default]
    pub exact: bool,
    /// What it is about, for the name of a mark that can be pressed: the label of a field.
    #[prop_or_default]
    pub about: Option<AttrValue>,
    /// What a press on it opens: the history of the field, the conflict, the queue.
    #[prop_or_default]
    pub on_press: Option<Callback<()>>,
}

/// A mark; nothing at all where the server has it and there is nothing to open.
#[function_component]
pub fn FieldMark(props: &FieldMarkProps) -> Html {
    let is_sending = use_strip().is_some_and(|strip| strip::is_sending(&strip));
    let on_its_way = is_sending && !props.exact && props.standing == Standing::Saved;
    let standing = if on_its_way { Standing::Sending } else { props.standing };
    if standing == Standing::Accepted && props.on_press.is_none() {
        return Html::default();
    }
    let icon = if standing == Standing::Accepted { Icon::History } else { standing.icon() };
    let usual = if standing == Standing::Accepted { "Why this value" } else { standing.label() };
    let name = props.name.clone().unwrap_or_else(|| usual.into());
    let class = classes!("mark", format!("mark-{}", standing.word()));
    let inside = html! {
        <>
            <Glyph {icon} size={16} name={props.words.is_none().then(|| name.clone())} />
            if let Some(words) = &props.words {
                <span>{ words }</span>
            }
        </>
    };
    // What is seen is part of the name, for who speaks to the page.
    let said = props.words.as_ref().map_or_else(|| name.to_lowercase(), ToString::to_string);
    let label = props.about.as_ref().map(|about| format!("{about}: {said}"));
    match &props.on_press {
        Some(on_press) => html! {
            <button
                type="button" {class} title={name.clone()} aria-label={label}
                onclick={on_press.reform(|_: MouseEvent| ())}
            >
                { inside }
            </button>
        },
        None => html! { <span {class} title={name}>{ inside }</span> },
    }
}
