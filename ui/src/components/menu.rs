//! A menu that opens from a button: arrows move, Enter chooses, Escape closes, keys are shown.

use web_sys::HtmlElement;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use crate::state::palette::stepped;

/// One line of a menu.
#[derive(Clone, PartialEq)]
pub struct MenuItem {
    /// Its words.
    pub label: AttrValue,
    /// Its icon.
    pub icon: Option<Icon>,
    /// The keys that do the same.
    pub keys: AttrValue,
    /// It is the one that holds now.
    pub chosen: bool,
    /// What it does.
    pub on_choose: Callback<()>,
}

impl MenuItem {
    /// A line with words only.
    #[must_use]
    pub fn new(label: impl Into<AttrValue>, on_choose: Callback<()>) -> Self {
        let keys = AttrValue::default();
        Self { label: label.into(), icon: None, keys, chosen: false, on_choose }
    }

    /// The same with an icon.
    #[must_use]
    pub fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }

    /// The same with the keys that do it.
    #[must_use]
    pub fn keys(self, keys: impl Into<AttrValue>) -> Self {
        Self { keys: keys.into(), ..self }
    }

    /// The same, marked as the one that holds now.
    #[must_use]
    pub fn chosen(self) -> Self {
        Self { chosen: true, ..self }
    }
}

/// A menu.
#[derive(Properties, PartialEq)]
pub struct MenuProps {
    /// What it is for.
    pub name: AttrValue,
    /// Words on the button; without them it is an icon.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// The icon of the button.
    #[prop_or(Icon::More)]
    pub icon: Icon,
    /// Its lines.
    pub items: Vec<MenuItem>,
    /// It is open at once, for showing it.
    #[prop_or_default]
    pub open: bool,
}

/// A menu.
#[function_component]
pub fn Menu(props: &MenuProps) -> Html {
    let open = use_state(|| props.open);
    let at = use_state(|| 0_usize);
    let (button, list) = (use_node_ref(), use_node_ref());
    {
        let list = list.clone();
        use_effect_with((*open && !props.open, *at), move |(open, at)| {
            let root = list.cast::<HtmlElement>().filter(|_| *open);
            let line = root
                .and_then(|root| u32::try_from(*at).ok().and_then(|at| root.children().item(at)));
            if let Some(line) =
                line.and_then(|it| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(it).ok())
            {
                drop(line.focus());
            }
        });
    }
    let toggle = {
        let (open, at) = (open.clone(), at.clone());
        Callback::from(move |_: MouseEvent| {
            at.set(0);
            open.set(!*open);
        })
    };
    let close = {
        let (open, button) = (open.clone(), button.clone());
        Callback::from(move |()| {
            open.set(false);
            if let Some(button) = button.cast::<HtmlElement>() {
                drop(button.focus());
            }
        })
    };
    let onkeydown = {
        let (at, close, length) = (at, close.clone(), props.items.len());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" => at.set(stepped(*at, 1, length)),
                "ArrowUp" => at.set(stepped(*at, -1, length)),
                "Home" => at.set(0),
                "End" => at.set(length.saturating_sub(1)),
                "Escape" | "Tab" => close.emit(()),
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let away = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(false))
    };
    html! {
        <span class="menu-root">
            <button
                type="button" ref={button} onclick={toggle} aria-haspopup="menu"
                aria-expanded={open.to_string()} title={props.name.clone()}
                aria-label={props.label.is_none().then(|| props.name.clone())}
                class={if props.label.is_some() { "button button-quiet" } else { "icon-button" }}
            >
                if let Some(label) = &props.label {
                    <span>{ label }</span><Glyph icon={Icon::Down} size={16} />
                } else {
                    <Glyph icon={props.icon} />
                }
            </button>
            if *open {
                if !props.open {
                    <span class="menu-away" onclick={away}></span>
                }
                <div class="menu" role="menu" aria-label={props.name.clone()} ref={list} {onkeydown}>
                    { for props.items.iter().map(|item| line(item, &close)) }
                </div>
            }
        </span>
    }
}

fn line(item: &MenuItem, close: &Callback<()>) -> Html {
    let onclick = {
        let (close, on_choose) = (close.clone(), item.on_choose.clone());
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            on_choose.emit(());
        })
    };
    html! {
        <button
            key={item.label.as_str()} type="button" class="menu-item" role="menuitem"
            tabindex="-1" {onclick}
        >
            if let Some(icon) = item.icon {
                <Glyph {icon} size={16} />
            } else if item.chosen {
                <Glyph icon={Icon::Check} size={16} name="Chosen" />
            } else {
                <span class="menu-gap"></span>
            }
            <span class="spread">{ &item.label }</span>
            if !item.keys.is_empty() {
                <kbd aria-hidden="true">{ &item.keys }</kbd>
            }
        </button>
    }
}
