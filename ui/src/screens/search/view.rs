//! What search looks like on its page, from plain values.

use std::rc::Rc;

use roadbook_api::commands::queries::SearchPage;
use roadbook_api::views::SearchHitView;
use yew::prelude::*;

use super::words;
use crate::components::field::input_text;
use crate::components::{Empty, Glyph, Icon};
use crate::route::Route;
use crate::words::Wall;

/// The field of the page.
#[derive(Properties, PartialEq)]
pub struct SearchBoxProps {
    /// What is typed.
    pub typed: AttrValue,
    /// Something else is typed.
    #[prop_or_default]
    pub on_type: Callback<AttrValue>,
    /// An arrow goes so many results further.
    #[prop_or_default]
    pub on_step: Callback<isize>,
    /// The result at hand is opened.
    #[prop_or_default]
    pub on_enter: Callback<()>,
}

/// The field of the page.
#[function_component]
pub fn SearchBox(props: &SearchBoxProps) -> Html {
    let oninput = props.on_type.reform(|event: InputEvent| input_text(&event));
    let onkeydown = {
        let (on_step, on_enter) = (props.on_step.clone(), props.on_enter.clone());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" => on_step.emit(1),
                "ArrowUp" => on_step.emit(-1),
                "Enter" => on_enter.emit(()),
                _ => return,
            }
            event.prevent_default();
        })
    };
    html! {
        <div class="search-box" role="search" aria-label="On this page">
            <Glyph icon={Icon::Search} />
            <input
                id="search-words" class="search-input" type="search" autocomplete="off"
                placeholder="Name, place or word" aria-label="Search" enterkeyhint="search"
                value={props.typed.clone()} {oninput} {onkeydown}
            />
        </div>
    }
}

/// What was found.
#[derive(Properties, PartialEq)]
pub struct SearchResultsProps {
    /// What was looked for.
    pub text: AttrValue,
    /// What was found.
    pub page: Rc<SearchPage>,
    /// Now.
    pub wall: Wall,
    /// The result that the keys stand on.
    #[prop_or_default]
    pub at: usize,
    /// The records are at the server, not on a device.
    #[prop_or_default]
    pub hosted: bool,
    /// A record is opened.
    #[prop_or_default]
    pub on_open: Callback<AttrValue>,
}

/// What was found, newest edit first.
#[function_component]
pub fn SearchResults(props: &SearchResultsProps) -> Html {
    let page = &props.page;
    let said = words::said(&props.text, page, props.hosted);
    if page.hits.is_empty() {
        let text = if props.hosted {
            "Another word may find it; or it belongs to somebody else."
        } else {
            "A device holds your own records and those you share. It may be somebody else's, or not \
             synced yet: ask its owner, or look in the browser."
        };
        return html! {
            <Empty icon={Icon::Search} title={said.unwrap_or_default()} {text} />
        };
    }
    html! {
        <>
            if let Some(said) = said {
                <p class="search-corrected quiet" role="status">{ said }</p>
            }
            <ul class="search-results" aria-label="Found">
                { for page.hits.iter().enumerate().map(|(at, hit)| line(props, at, hit)) }
            </ul>
        </>
    }
}

fn line(props: &SearchResultsProps, at: usize, hit: &SearchHitView) -> Html {
    let record = hit.link.record.to_string();
    let href = Route::Record(record.clone()).to_string();
    let onclick = {
        let (on_open, record) = (props.on_open.clone(), AttrValue::from(record.clone()));
        Callback::from(move |event: MouseEvent| {
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                on_open.emit(record.clone());
            }
        })
    };
    let kind = words::kind(&hit.link);
    let excerpt = words::note(hit);
    let told = if excerpt == kind { excerpt } else { format!("{kind} · {excerpt}") };
    html! {
        <li key={record}>
            <a
                {href} {onclick}
                class={classes!("list-line", "search-result", (props.at == at).then_some("search-here"))}
            >
                <Glyph icon={words::icon(&hit.link)} />
                <span class="queue-words">
                    <span class="queue-title" dir="auto">{ &hit.link.title }</span>
                    <span class="small quiet truncate" dir="auto" title={told.clone()}>{ told }</span>
                </span>
                <span class="quiet small queue-when">{ props.wall.short(hit.updated_ms) }</span>
            </a>
        </li>
    }
}
