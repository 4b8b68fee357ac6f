//! Today: the agenda, what is overdue, what to do next, and logging in two taps.
//!
//! The model for other screens. This file is the page: it asks, writes and holds what is open.
//! [`view`] shows; [`quick_log`] is the dialog; `words` makes the sentences.

pub mod quick_log;
pub mod view;
pub(super) mod words;

use roadbook_api::commands::pages::ShowToday;
use roadbook_api::commands::writes::CompleteTask;
use roadbook_api::events::SyncStripView;
use roadbook_api::views::AgendaItemView;
use yew::prelude::*;

use self::quick_log::{Logged, QuickLog, Target};
use self::view::TodayBody;
use crate::components::{Problem, Skeleton};
use crate::context::{
    FirstSync, Watch, use_first_sync, use_go, use_place, use_query, use_session, use_strip,
    use_wall, use_write,
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
    let session = use_session();
    let coming = is_coming(use_first_sync().as_deref(), strip.as_ref(), session.is_hosted());
    let reviews = session.can_review();
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
            <TodayBody
                today={(**today).clone()} {strip} {conflicts} {coming} {on_log} {on_done}
            />
        },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={8} /> },
    };
    let asked = (place.query.as_deref() == Some(LOG)).then(|| Target::of_kind("visit"));
    let target = (*target).clone().or(asked);
    // As they were when the dialog opened: who is chosen does not change under the hand.
    let suggested = use_memo((target.is_some(), found.data.is_some()), |_| {
        found.data.as_ref().map(|today| today.suggested.clone()).unwrap_or_default()
    });
    html! {
        <>
            { body }
            if let Some(target) = target {
                <QuickLog {target} suggested={(*suggested).clone()} {on_logged} on_close={close} />
            }
        </>
    }
}

/// The first records of this device are still on their way: what is not here says nothing yet.
///
/// In a browser the records come with each sign-in, and only what is heard of that counts.
fn is_coming(heard: Option<&FirstSync>, strip: Option<&SyncStripView>, hosted: bool) -> bool {
    let never = !hosted && strip.is_some_and(|strip| strip.last_sync_ms.is_none());
    heard.map_or(never, |heard| !heard.finished)
}

#[cfg(test)]
mod tests {
    use roadbook_api::events::SyncState;

    use super::*;
    use crate::sample;

    #[test]
    fn records_are_coming_until_the_first_sync_came_to_its_end() {
        let heard = |finished| FirstSync { kinds: Vec::new(), to_come: 0, finished };
        let synced = sample::strip(sample::WALL, SyncState::Online, 0, 0);
        let mut never = synced.clone();
        never.last_sync_ms = None;
        assert!(is_coming(Some(&heard(false)), Some(&synced), false));
        assert!(!is_coming(Some(&heard(true)), Some(&never), false));
        assert!(is_coming(None, Some(&never), false));
        assert!(!is_coming(None, Some(&never), true), "a browser keeps no records");
        assert!(!is_coming(None, Some(&synced), false));
        assert!(!is_coming(None, None, false));
    }
}
