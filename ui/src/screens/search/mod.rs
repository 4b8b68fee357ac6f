//! Search on a page of its own: what a phone has in place of the field on top, and all results.
//!
//! This file is the page; [`view`] shows, `words` makes the sentences.

pub mod view;
pub(crate) mod words;

use roadbook_api::commands::queries::SearchRecords;
use yew::prelude::*;

use self::view::{SearchBox, SearchResults};
use crate::browser;
use crate::components::{Empty, Icon, PageHead, Problem, Skeleton};
use crate::context::{
    Watch, use_action, use_go, use_panel, use_place, use_query, use_session, use_wall,
};
use crate::keys::Action;
use crate::route::{Place, Route};
use crate::state::palette::stepped;
use crate::words::sentence;

/// How many results are shown.
const SHOWN: u32 = 50;

/// Search.
#[function_component]
pub fn Search() -> Html {
    let (place, go, panel) = (use_place(), use_go(), use_panel());
    let (wall, session) = (use_wall(), use_session());
    let at = use_state(|| 0_usize);
    let typed = place.query.unwrap_or_default();
    let text = typed.trim().to_owned();
    let request = (!text.is_empty()).then(|| SearchRecords { text: text.clone(), limit: SHOWN });
    let found = use_query(request, Watch::Nothing);
    use_effect_with((), |()| browser::focus("#search-words"));

    let records: Vec<String> = found
        .data
        .as_ref()
        .filter(|_| !text.is_empty() && found.is_of_this)
        .map(|page| page.hits.iter().map(|hit| hit.link.record.to_string()).collect())
        .unwrap_or_default();
    let here = (*at).min(records.len().saturating_sub(1));
    let step = {
        let (at, length) = (at.clone(), records.len());
        Callback::from(move |by: isize| at.set(stepped(here, by, length)))
    };
    use_action(Action::Next, step.reform(|()| 1));
    use_action(Action::Previous, step.reform(|()| -1));
    let open_here = {
        let (panel, record) = (panel.clone(), records.get(here).cloned());
        Callback::from(move |()| {
            if let Some(record) = record.clone() {
                panel.open(record);
            }
        })
    };
    use_action(Action::Open, open_here.clone());
    let on_type = {
        let (go, at) = (go, at);
        Callback::from(move |words: AttrValue| {
            at.set(0);
            let query = (!words.is_empty()).then(|| words.to_string());
            go.instead(Place { query, ..Route::Search.into() });
        })
    };
    let on_open = Callback::from(move |record: AttrValue| panel.open(record.to_string()));
    let note = found
        .data
        .as_ref()
        .filter(|page| !text.is_empty() && !page.hits.is_empty())
        .map(|page| html! { words::how_many(page, SHOWN) });
    let body = match (&found.data, &found.error) {
        _ if text.is_empty() => html! {
            <Empty
                icon={Icon::Search} title="Search everything on this device"
                text="Names, places, words of notes and visits. The beginning of a word is enough."
            />
        },
        (_, Some(error)) => html! {
            <Problem text={sentence(&error.message)} on_retry={found.reload.clone()} />
        },
        (Some(page), None) => html! {
            <SearchResults
                {text} page={page.clone()} {wall} at={here} hosted={session.is_hosted()} {on_open}
            />
        },
        (None, None) => html! { <Skeleton lines={6} /> },
    };
    html! {
        <div class="desk">
            <PageHead title="Search" note={note.unwrap_or_default()} />
            <SearchBox typed={typed} {on_type} on_step={step} on_enter={open_here} />
            { body }
        </div>
    }
}
