//! The doors, the queue and what belongs to the device, as they are shown.

use std::rc::Rc;

use roadbook_api::ErrorCode;
use roadbook_api::commands::queries::SearchPage;
use roadbook_api::commands::queue::Queue;
use roadbook_api::events::{ReceivedKind, SyncState, SyncStripView};
use roadbook_api::views::StorageView;
use yew::prelude::*;

use super::rendered;
use crate::sample;
use crate::screens::queue::edit::{EditAgainForm, EditAgainFormProps};
use crate::screens::queue::view::{QueueBody, QueueBodyProps};
use crate::screens::search::view::{SearchResults, SearchResultsProps};
use crate::screens::settings::first_sync::FirstSync;
use crate::screens::settings::view::{
    Check, SettingsBody, SettingsBodyProps, SyncBody, SyncBodyProps,
};
use crate::screens::sign_in::view::{EntryForm, EntryFormProps};
use crate::state::entry::{Blank, Door, Entry, EntryAction, Opening, Wrong};
use crate::state::retry::{Retry, RetryAction};
use crate::theme::Theme;
use crate::words::Wall;

#[derive(Properties)]
struct DrawnProps {
    draw: fn() -> Html,
}

impl PartialEq for DrawnProps {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.draw, other.draw)
    }
}

/// Something drawn with a wall around it.
#[function_component]
fn Drawn(props: &DrawnProps) -> Html {
    html! {
        <ContextProvider<Wall> context={sample::WALL}>{ (props.draw)() }</ContextProvider<Wall>>
    }
}

fn drawn(draw: fn() -> Html) -> String {
    rendered::<Drawn>(move || DrawnProps { draw })
}

fn form(door: Door, acts: Vec<EntryAction>) -> Html {
    let start = Rc::new(Entry::of_device("Linux computer"));
    let entry = acts.into_iter().fold(start, Entry::reduce);
    let props = EntryFormProps {
        door,
        entry: (*entry).clone(),
        on_act: Callback::noop(),
        on_send: Callback::noop(),
    };
    html! { <EntryForm ..props /> }
}

#[test]
fn the_doors_look_as_they_were_accepted() {
    insta::assert_snapshot!("door_sign_in", drawn(|| form(Door::SignIn, vec![])));
    insta::assert_snapshot!("door_enrol", drawn(|| form(Door::Enrol, vec![])));
    let with_passphrase = drawn(|| form(Door::Enrol, vec![EntryAction::Open(Opening::Passphrase)]));
    assert!(with_passphrase.contains(r#"id="entry-again""#));
    insta::assert_snapshot!("door_unlock", drawn(|| form(Door::Unlock, vec![])));
}

#[test]
fn a_door_that_stays_shut_says_why_where_it_is() {
    let html = drawn(|| {
        let typed = |blank, text: &'static str| EntryAction::Type(blank, text.into());
        let wrong = vec![
            Wrong { blank: Some(Blank::Password), text: "That is not right.".into() },
            Wrong { blank: None, text: "Wait a minute.".into() },
        ];
        let acts = vec![
            typed(Blank::Tenant, "acme"),
            typed(Blank::Login, "ana"),
            typed(Blank::Password, "wrong"),
            EntryAction::Send(Door::SignIn),
            EntryAction::Refused(wrong),
        ];
        form(Door::SignIn, acts)
    });
    insta::assert_snapshot!("door_refused", html);
    assert!(!html.contains("\"wrong\""), "a wrong password is not kept");
}

fn body(queue: Queue, at: Option<usize>) -> Html {
    let props = QueueBodyProps {
        queue: Rc::new(queue),
        wall: sample::WALL,
        at,
        hosted: false,
        on_deed: Callback::noop(),
    };
    html! { <QueueBody ..props /> }
}

#[test]
fn the_queue_looks_as_it_was_accepted_full_and_empty() {
    let full = drawn(|| body(sample::desk::queue(sample::WALL), Some(0)));
    insta::assert_snapshot!("queue_full", full);
    let empty =
        drawn(|| body(Queue { pending: vec![], needs_you: vec![], discarded: vec![] }, None));
    insta::assert_snapshot!("queue_empty", empty);
}

#[test]
fn work_without_values_is_sent_again_whole_or_discarded() {
    let edits = |html: &str| html.matches("Edit and send again").count();
    let before = drawn(|| body(sample::desk::queue(sample::WALL), Some(0)));
    let after = drawn(|| {
        let mut queue = sample::desk::queue(sample::WALL);
        queue.needs_you[0].kind = "convert_lead".into();
        body(queue, Some(0))
    });
    assert!(edits(&before) > 0);
    assert_eq!(edits(&after), edits(&before) - 1);
    assert!(after.contains("Try again") && after.contains("Discard"));
}

#[test]
fn codes_stand_only_behind_details_for_support() {
    let html = drawn(|| body(sample::desk::queue(sample::WALL), None));
    let outside: String = html
        .split("<details")
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once("</details>").unwrap().1 })
        .collect();
    for code in ["discount_limit", "discount_by_role", "record_deleted", "0b0b0b0b", "edit_fields"]
    {
        assert!(html.contains(code) || code == "edit_fields", "{code} is in the details");
        assert!(!outside.contains(code), "{code} is seen without asking");
    }
}

#[test]
fn editing_again_shows_what_was_and_what_is_wrong() {
    let html = drawn(|| {
        let item = sample::desk::queue(sample::WALL).needs_you[0].clone();
        let error = roadbook_api::ApiError::new(ErrorCode::InvalidValue, "no").at(
            "amount",
            "is not an amount of money",
            "write it like 12000EUR",
        );
        let acts = [
            RetryAction::Type(0, "a lot".into()),
            RetryAction::Send,
            RetryAction::Refused(error.into()),
        ];
        let retry = acts.into_iter().fold(Rc::new(Retry::of(&item.changes)), Retry::reduce);
        let props = EditAgainFormProps {
            item,
            retry: (*retry).clone(),
            on_act: Callback::noop(),
            on_send: Callback::noop(),
            on_close: Callback::noop(),
        };
        html! { <EditAgainForm ..props /> }
    });
    insta::assert_snapshot!("queue_edit", html);
}

fn results(text: &'static str, page: SearchPage) -> Html {
    let props = SearchResultsProps {
        text: text.into(),
        page: Rc::new(page),
        wall: sample::WALL,
        at: 0,
        hosted: false,
        on_open: Callback::noop(),
    };
    html! { <SearchResults ..props /> }
}

#[test]
fn what_was_found_looks_as_it_was_accepted() {
    let full = drawn(|| results("lo", sample::desk::found(sample::WALL)));
    insta::assert_snapshot!("search_full", full);
    let corrected = drawn(|| {
        let found = sample::desk::found(sample::WALL);
        results("acmee", SearchPage { corrected: Some("acme".into()), ..found })
    });
    assert!(corrected.contains("Shown for “acme”"));
    let nothing = drawn(|| results("xyzzy", SearchPage { hits: vec![], corrected: None }));
    insta::assert_snapshot!("search_nothing", nothing);
}

fn settings(storage: Option<StorageView>) -> Html {
    let hosted = storage.is_none();
    let props = SettingsBodyProps {
        session: sample::session(),
        storage: storage.map(Rc::new),
        theme: Theme::Dark,
        wall: sample::WALL,
        hosted,
        on_open: Callback::noop(),
        on_theme: Callback::noop(),
    };
    html! { <SettingsBody ..props /> }
}

#[test]
fn the_settings_of_a_device_and_of_a_browser_look_as_they_were_accepted() {
    let device = drawn(|| settings(Some(sample::desk::storage(sample::WALL))));
    insta::assert_snapshot!("settings_device", device);
    let browser = drawn(|| settings(None));
    assert!(!browser.contains("passphrase") && !browser.contains("Export"), "not of a browser");
    insta::assert_snapshot!("settings_browser", browser);
}

fn sync(check: Check, problem: Option<ErrorCode>) -> Html {
    let state = if problem.is_some() { SyncState::Degraded } else { SyncState::Online };
    let strip = sample::strip(sample::WALL, state, 3, 2);
    let props = SyncBodyProps {
        status: Rc::new(sample::desk::status(sample::WALL)),
        strip: Some(SyncStripView { problem, ..strip }),
        check,
        wall: sample::WALL,
        on_send: Callback::noop(),
        sending: false,
        on_check: Callback::noop(),
        on_stop: Callback::noop(),
    };
    html! { <SyncBody ..props /> }
}

#[test]
fn the_sync_page_says_what_is_wrong_and_what_a_check_found() {
    let checked = drawn(|| sync(Check::Done(sample::desk::doctor().into()), None));
    insta::assert_snapshot!("sync_checked", checked);
    let wrong = drawn(|| sync(Check::Running, Some(ErrorCode::DeviceRefused)));
    assert!(wrong.contains("no longer lets this device in") && wrong.contains("Stop"));
    assert!(!wrong.contains("device_refused"), "a code is not for people");
}

#[test]
fn the_first_sync_says_what_is_here_and_stays_out_of_the_way() {
    let html = drawn(|| {
        let come = |entity: &str, received| ReceivedKind { entity: entity.into(), received };
        html! { <FirstSync kinds={vec![come("account", 312), come("contact", 892)]} /> }
    });
    insta::assert_snapshot!("first_sync", html);
}
