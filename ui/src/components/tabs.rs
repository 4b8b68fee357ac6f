//! Tabs: one of several parts of a page. Arrows move among them, one stop for the Tab key.

use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::state::palette::stepped;

/// One tab.
#[derive(Debug, Clone, PartialEq)]
pub struct Tab {
    /// Its value.
    pub value: AttrValue,
    /// Its words.
    pub label: AttrValue,
    /// How many are behind it.
    pub count: Option<u64>,
}

/// Tabs.
#[derive(Properties, PartialEq)]
pub struct TabsProps {
    /// Its id, unique on the page.
    pub id: AttrValue,
    /// What they divide, for screen readers.
    pub name: AttrValue,
    /// The tabs.
    pub tabs: Vec<Tab>,
    /// The value of the one that is open.
    pub open: AttrValue,
    /// Another one was chosen.
    #[prop_or_default]
    pub on_choose: Callback<AttrValue>,
    /// What is behind the one that is open.
    pub children: Children,
}

/// Tabs.
#[function_component]
pub fn Tabs(props: &TabsProps) -> Html {
    let list = use_node_ref();
    let base = &props.id;
    let (panel, open_tab) = (format!("{base}-panel"), format!("{base}-tab-{}", props.open));
    let onkeydown = {
        let (list, tabs) = (list.clone(), props.tabs.clone());
        let (open, on_choose) = (props.open.clone(), props.on_choose.clone());
        Callback::from(move |event: KeyboardEvent| {
            let by = match event.key().as_str() {
                "ArrowRight" => 1,
                "ArrowLeft" => -1,
                _ => return,
            };
            event.prevent_default();
            let at = tabs.iter().position(|tab| tab.value == open).unwrap_or(0);
            let to = stepped(at, by, tabs.len());
            on_choose.emit(tabs[to].value.clone());
            let root = list.cast::<HtmlElement>();
            let tab = root.and_then(|it| it.children().item(u32::try_from(to).ok()?));
            if let Some(tab) = tab.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                drop(tab.focus());
            }
        })
    };
    let tab = |tab: &Tab| {
        let on = tab.value == props.open;
        let (on_choose, value) = (props.on_choose.clone(), tab.value.clone());
        let onclick = Callback::from(move |_: MouseEvent| on_choose.emit(value.clone()));
        html! {
            <button
                key={tab.value.as_str()} type="button" role="tab" class="tab"
                id={format!("{base}-tab-{}", tab.value)} aria-controls={on.then(|| panel.clone())}
                aria-selected={on.to_string()} tabindex={if on { "0" } else { "-1" }} {onclick}
            >
                { &tab.label }
                if let Some(count) = tab.count {
                    <span class="tab-count number">{ crate::words::count(count) }</span>
                }
            </button>
        }
    };
    html! {
        <div class="tabs">
            <div
                class="tab-list" role="tablist" aria-label={props.name.clone()} ref={list}
                {onkeydown}
            >
                { for props.tabs.iter().map(tab) }
            </div>
            <div class="tab-panel" role="tabpanel" id={panel.clone()} aria-labelledby={open_tab}>{ props.children.clone() }</div>
        </div>
    }
}
