//! Today: the agenda, what is overdue, what to do next, and logging in two taps.
//!
//! The model for other screens. This file is the page: it asks, writes and holds what is open.
//! [`view`] shows; [`quick_log`] is the dialog; `words` makes the sentences.

pub mod quick_log;
pub mod view;
pub(super) mod words;

use roadbook_api::commands::pages::ShowToday;
use roadbook_api::commands::writes::CompleteTask;
use roadbook_api::views::AgendaItemView;
use yew::prelude::*;

use self::quick_log::{Logged, QuickLog, Target};
use self::view::TodayBody;
use crate::components::{Problem, Skeleton};
use crate::context::{
    Watch, use_go, use_place, use_query, use_session, use_strip, use_wall, use_write,
};
use crate::route::Route;
use crate::screens::create::log;

/// The word after `?q=` that opens the quick log: the plus of the bottom bar goes there.
const LOG: &str = "log";

/// On the page's timeline: the first screen with records was there.
const FIRST_SCREEN: &str = "first-screen";

/// Today.
#[function_component]
pub fn Today() -> Html {
    let wall = use_wall();
    let day = wall.today().to_string();
    let request = ShowToday { day, offset_minutes: wall.offset_minutes };
    let found = use_query(Some(request), Watch::Records);
    let strip = use_strip().map(|strip| (*strip).clone());
    let reviews = use_session().can_review();
    let conflicts = strip.as_ref().filter(|_| reviews).map_or(0, |strip| strip.conflicts);
    let (place, go, write) = (use_place(), use_go(), use_write());
    let target = use_state(|| None::<Target>);
    use_effect_with(found.data.is_some(), |is_there| {
        if *is_there {
            crate::browser::mark(FIRST_SCREEN);
        }
    });

    let close = {
        let (target, go) = (target.clone(), go);
        Callback::from(move |()| {
            target.set(None);
            go.instead(Route::Today);
        })
    };
    let on_logged = {
        let (write, close) = (write.clone(), close.clone());
        Callback::from(move |logged: Logged| {
            log(&write, logged, None);
            close.emit(());
        })
    };
    let on_done = Callback::from(move |item: AgendaItemView| {
        let words = format!("Done: {}", item.link.title);
        write.run(CompleteTask { record: item.link.record.to_string() }, words);
    });
    let on_log = {
        let target = target.clone();
        Callback::from(move |asked: Target| target.set(Some(asked)))
    };
    let body = match (&found.data, &found.error) {
        (Some(today), _) => html! {
            <TodayBody today={(**today).clone()} {strip} {conflicts} {on_log} {on_done} />
        },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={8} /> },
    };
    let asked = (place.query.as_deref() == Some(LOG)).then(|| Target::of_kind("visit"));
    let target = (*target).clone().or(asked);
    let suggested = found.data.as_ref().map(|today| today.suggested.clone()).unwrap_or_default();
    html! {
        <>
            { body }
            if let Some(target) = target {
                <QuickLog {target} {suggested} {on_logged} on_close={close} />
            }
        </>
    }
}
