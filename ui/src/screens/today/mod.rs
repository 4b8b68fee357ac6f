//! Today: the agenda, what is overdue, what to do next, and logging in two taps.
//!
//! The model for other screens. This file is the page: it asks, writes and holds what is open.
//! [`view`] shows; [`quick_log`] is the dialog; [`words`] makes the sentences.

pub mod quick_log;
pub mod view;
mod words;

use roadbook_api::Assignment;
use roadbook_api::commands::pages::ShowToday;
use roadbook_api::commands::writes::{CompleteTask, LogActivity, SetFields};
use roadbook_api::views::AgendaItemView;
use yew::prelude::*;

use self::quick_log::{Logged, QuickLog, Target};
use self::view::TodayBody;
use crate::components::{Problem, Skeleton};
use crate::context::{
    Watch, use_action, use_go, use_place, use_query, use_strip, use_wall, use_write,
};
use crate::keys::Action;
use crate::route::Route;

/// The word after `?q=` that opens the quick log: the plus of the bottom bar goes there.
const LOG: &str = "log";

/// Today.
#[function_component]
pub fn Today() -> Html {
    let wall = use_wall();
    let day = wall.today().to_string();
    let request = ShowToday { day, offset_minutes: wall.offset_minutes };
    let found = use_query(Some(request), Watch::Records);
    let strip = use_strip().map(|strip| (*strip).clone());
    let (place, go, write) = (use_place(), use_go(), use_write());
    let target = use_state(|| None::<Target>);

    let open = |kind: &'static str| {
        let target = target.clone();
        Callback::from(move |()| target.set(Some(Target::of_kind(kind))))
    };
    use_action(Action::NewVisit, open("visit"));
    use_action(Action::NewCall, open("call"));

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
            log(&write, logged);
            close.emit(());
        })
    };
    let on_done = Callback::from(move |item: AgendaItemView| {
        let words = format!("Done: {}", item.link.title);
        write.run(CompleteTask { record: item.link.record.to_string() }, words);
    });
    let on_log = {
        let target = target.clone();
        Callback::from(move |item: Option<AgendaItemView>| {
            target
                .set(Some(item.as_ref().map_or_else(|| Target::of_kind("visit"), Target::planned)));
        })
    };
    let body = match (&found.data, &found.error) {
        (Some(today), _) => html! {
            <TodayBody today={(**today).clone()} {strip} {on_log} {on_done} />
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

/// Saves what was logged: a planned activity gets its outcome, anything else is a new activity.
fn log(write: &crate::context::Write, logged: Logged) {
    let mut assignments = vec![Assignment::set("outcome", logged.outcome.as_str())];
    if !logged.note.trim().is_empty() {
        assignments.push(Assignment::set("report", logged.note.as_str()));
    }
    let words = words::logged(&logged.kind, &logged.account);
    if let Some(record) = logged.planned {
        let entity = Some("activity".to_owned());
        write.run(SetFields { entity, record: record.to_string(), assignments, why: None }, words);
        return;
    }
    let command = LogActivity {
        kind: logged.kind.to_string(),
        entity: Some("account".to_owned()),
        record: logged.record.to_string(),
        assignments,
        why: None,
    };
    write.run(command, words);
}
