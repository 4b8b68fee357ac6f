//! A dialog: above the page on a desktop, a sheet from below on a phone.
//!
//! The focus goes in when it opens, cannot leave while it is open, and returns to where it was.
//! Nor do keys reach the screen behind: what is in the dialog hears them, and nothing else.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::button::IconButton;
use super::icon::Icon;
use crate::browser;
use crate::context::{KeyScope, use_action_in, use_dialog_scope};
use crate::keys::Action;

/// A dialog. It is open as long as it is rendered.
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// What it is about.
    pub title: AttrValue,
    /// It closes: by its cross, by Escape, by a press beside it.
    pub on_close: Callback<()>,
    /// Buttons at the bottom.
    #[prop_or_default]
    pub actions: Html,
    /// What is in it.
    pub children: Children,
}

/// What can have the focus inside.
const REACHABLE: &str = "a[href], button:not([disabled]), input:not([disabled]), \
    select:not([disabled]), textarea:not([disabled]), [tabindex]:not([tabindex='-1'])";

/// What takes the focus when it opens, the first that is there. What is disabled cannot have it.
const WANTED: [&str; 3] = [
    "[autofocus]:not([disabled])",
    ".dialog-body :is(input, select, textarea):not([disabled])",
    ".dialog-body button:not([disabled])",
];

/// A dialog.
#[function_component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    use_focus_inside(&node);
    let scope = use_dialog_scope();
    use_action_in(scope, Action::Close, props.on_close.clone());
    let onkeydown = {
        let node = node.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Tab" {
                keep_inside(&node, &event);
            }
        })
    };
    let beside = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <ContextProvider<KeyScope> context={scope}>
        <div class="dialog-layer">
            <div class="dialog-scrim" onclick={beside}></div>
            <div
                class="dialog" role="dialog" aria-modal="true" aria-label={props.title.clone()}
                tabindex="-1" ref={node} {onkeydown}
            >
                <div class="dialog-head">
                    <h2 dir="auto">{ &props.title }</h2>
                    <IconButton
                        icon={Icon::Close} name="Close" on_press={props.on_close.clone()}
                    />
                </div>
                <div class="dialog-body">{ props.children.clone() }</div>
                if props.actions != Html::default() {
                    <div class="dialog-actions">{ props.actions.clone() }</div>
                }
            </div>
        </div>
        </ContextProvider<KeyScope>>
    }
}

/// Takes the focus in when the component is shown and gives it back when it goes.
#[hook]
fn use_focus_inside(node: &NodeRef) {
    let node = node.clone();
    use_effect_with((), move |()| {
        let before = browser::focused();
        let root = node.cast::<HtmlElement>();
        let wanted = root
            .as_ref()
            .and_then(|it| WANTED.into_iter().find_map(|selector| first(it, selector)));
        if let Some(element) = wanted.or(root) {
            // An element that is going away does not take the focus.
            drop(element.focus());
        }
        move || {
            if let Some(before) = before {
                drop(before.focus());
            }
        }
    });
}

fn first(root: &HtmlElement, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Sends the focus round inside the dialog.
fn keep_inside(node: &NodeRef, event: &KeyboardEvent) {
    let Some(root) = node.cast::<Element>() else {
        return;
    };
    let Ok(list) = root.query_selector_all(REACHABLE) else {
        return;
    };
    let end = |at: u32| list.item(at).and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let (Some(start), Some(last)) = (end(0), end(list.length().saturating_sub(1))) else {
        return;
    };
    let at = browser::focused();
    let to = match event.shift_key() {
        true if at.as_ref() == Some(&start) || at.as_ref().map(AsRef::as_ref) == Some(&root) => {
            last
        }
        false if at.as_ref() == Some(&last) => start,
        _ => return,
    };
    event.prevent_default();
    drop(to.focus());
}
