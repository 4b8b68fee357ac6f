//! Links that stay in the page: to a screen, and to a record in the panel.

use yew::prelude::*;

use crate::context::{use_go, use_panel};
use crate::route::{Place, Route};

/// A link to a place.
#[derive(Properties, PartialEq)]
pub struct LinkProps {
    /// Where to: a place, or a screen alone.
    pub to: Place,
    /// Its class.
    #[prop_or_default]
    pub class: Classes,
    /// It is where we are.
    #[prop_or_default]
    pub current: bool,
    /// The tip, and the name where only an icon is seen.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// What screen readers say, where that is more than what is seen in it.
    #[prop_or_default]
    pub said: Option<AttrValue>,
    /// What is in it.
    pub children: Children,
}

impl html::IntoPropValue<Place> for Route {
    fn into_prop_value(self) -> Place {
        self.into()
    }
}

/// A plain press, without a key that opens another tab.
fn is_plain(event: &MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key())
}

/// A link to a place.
#[function_component]
pub fn Link(props: &LinkProps) -> Html {
    let go = use_go();
    let to = props.to.clone();
    let onclick = Callback::from(move |event: MouseEvent| {
        if is_plain(&event) {
            event.prevent_default();
            go.to(to.clone());
        }
    });
    html! {
        <a
            href={props.to.to_string()} class={props.class.clone()} title={props.name.clone()}
            aria-label={props.said.clone()} aria-current={props.current.then_some("page")} {onclick}
        >
            { props.children.clone() }
        </a>
    }
}

/// A record by its name.
#[derive(Properties, PartialEq)]
pub struct RecordNameProps {
    /// Its id.
    pub record: AttrValue,
    /// Its name.
    pub title: AttrValue,
    /// It is opened in the panel.
    #[prop_or_default]
    pub on_open: Callback<()>,
}

/// A record by its name; a press opens it in the panel beside the screen.
#[function_component]
pub fn RecordName(props: &RecordNameProps) -> Html {
    let panel = use_panel();
    let (record, on_open) = (props.record.clone(), props.on_open.clone());
    let onclick = Callback::from(move |event: MouseEvent| {
        if is_plain(&event) {
            event.prevent_default();
            event.stop_propagation();
            on_open.emit(());
            panel.open(record.to_string());
        }
    });
    let title = if props.title.is_empty() { "No name here".into() } else { props.title.clone() };
    let href = Place::from(Route::Record(props.record.to_string())).to_string();
    html! { <a class="record-name" dir="auto" {href} {onclick}>{ title }</a> }
}
