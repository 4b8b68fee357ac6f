//! Before the work: signing in from a browser, setting a device up, unlocking it.
//!
//! This file is the page; [`view`] shows, `words` says why a door stays shut, and
//! [`crate::state::entry`] remembers what was typed.

pub mod view;
mod words;

use roadbook_api::commands::device::EnrolDevice;
use roadbook_api::commands::session::UnlockDevice;
use roadbook_api::views::{SessionMode, SessionState, SessionView};
use roadbook_api::{ApiError, ErrorCode};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use self::view::{EntryForm, Shut};
use crate::bridge::{Bridge, SignIn as SignInRequest};
use crate::browser;
use crate::context::{use_anew, use_bridge, use_go, use_place, use_refresh, use_session};
use crate::route::Route;
use crate::state::entry::{Blank, Door, Entry, EntryAction, Opening, server_address};
use crate::state::session::Session;

/// What is missing before the screens can be used.
#[function_component]
pub fn SignIn() -> Html {
    let session = use_session();
    let go = use_go();
    match &*session {
        Session::Unknown => html! { <Shut title="Roadbook" text="Looking for the app." /> },
        Session::Lost(error) => lost(error),
        Session::Known(view) => match door(view) {
            Some(door) => {
                let name = view.device_name.clone().map(AttrValue::from);
                html! { <Entering key={format!("{door:?}")} {door} {name} /> }
            }
            None => {
                let who = view.who.clone().unwrap_or_else(|| "You".to_owned());
                let on = Callback::from(move |()| go.to(Route::Today));
                html! {
                    <Shut
                        title="You are in" text={format!("{who} uses Roadbook here.")}
                        action={Some(("Go to Today".into(), on))}
                    />
                }
            }
        },
    }
}

/// The form that a session needs; `None` when it is ready.
fn door(view: &SessionView) -> Option<Door> {
    match (view.state, view.mode) {
        (SessionState::Ready, _) => None,
        (SessionState::Locked, _) => Some(Door::Unlock),
        (SessionState::Absent | SessionState::NotEnrolled, SessionMode::Hosted) => {
            Some(Door::SignIn)
        }
        (SessionState::Absent, SessionMode::Device) => Some(Door::Enrol),
        (SessionState::NotEnrolled, SessionMode::Device) => Some(Door::EnrolAgain),
    }
}

fn lost(error: &ApiError) -> Html {
    let (title, text) = if error.code == ErrorCode::NotSignedIn {
        let text = "The link works once. Start `roadbook serve` again, or open the newest link that \
                    it shows.";
        ("This page is not let in", text.to_owned())
    } else if error.code == ErrorCode::Unreachable {
        let text = "It was stopped, or the network is gone. Your records are safe where they are.";
        ("The app does not answer", text.to_owned())
    } else {
        ("Roadbook cannot be opened", crate::words::sentence(&error.message))
    };
    let again = Callback::from(|()| browser::load_again());
    html! { <Shut {title} {text} action={Some(("Try again".into(), again))} /> }
}

#[derive(Properties, PartialEq)]
struct EnteringProps {
    door: Door,
    /// The device's name, where it has one.
    name: Option<AttrValue>,
}

#[function_component]
fn Entering(props: &EnteringProps) -> Html {
    let door = props.door;
    let name = props.name.clone();
    let entry = use_reducer(move || {
        Entry::of_device(name.unwrap_or_else(|| browser::kind_of_device().into()))
    });
    let (bridge, place, refresh) = (use_bridge(), use_place(), use_refresh());
    let anew = use_anew();
    use_focus(door, &entry);
    let on_act = {
        let entry = entry.dispatcher();
        Callback::from(move |action| entry.dispatch(action))
    };
    let on_send = {
        let entry = entry.clone();
        Callback::from(move |()| {
            let ready = !entry.busy && entry.missing(door).is_empty();
            entry.dispatch(EntryAction::Send(door));
            let (Some(bridge), true) = (bridge.clone(), ready) else {
                return;
            };
            let (told, filled) = (entry.dispatcher(), (*entry).clone());
            let (refresh, anew, place) = (refresh.clone(), anew.clone(), place.clone());
            spawn_local(async move {
                match send(&bridge, door, &filled).await {
                    Ok(()) if door == Door::SignIn => {
                        let at_door = place.route == Route::SignIn;
                        anew.emit(if at_door { Route::Today.into() } else { place });
                    }
                    Ok(()) => refresh.emit(()),
                    Err(error) => told.dispatch(EntryAction::Refused(words::refusal(&error, door))),
                }
            });
        })
    };
    html! { <EntryForm {door} entry={(*entry).clone()} {on_act} {on_send} /> }
}

async fn send(bridge: &Bridge, door: Door, entry: &Entry) -> Result<(), ApiError> {
    let trimmed = |blank: Blank| entry.text(blank).trim().to_owned();
    let (tenant, login) = (trimmed(Blank::Tenant), trimmed(Blank::Login));
    let password = entry.text(Blank::Password).to_string();
    let passphrase = entry.text(Blank::Passphrase).to_string();
    match door {
        Door::SignIn => bridge.call(SignInRequest { tenant, login, password }).await.map(drop),
        Door::Unlock => bridge.call(UnlockDevice { passphrase }).await.map(drop),
        Door::Enrol | Door::EnrolAgain => {
            let server = server_address(entry.text(Blank::Server));
            let chosen = door == Door::Enrol && entry.opening == Opening::Passphrase;
            let command = EnrolDevice {
                server,
                tenant,
                login,
                password,
                device_name: trimmed(Blank::DeviceName),
                passphrase: chosen.then_some(passphrase),
            };
            bridge.call(command).await.map(drop)
        }
    }
}

/// The caret begins in the first empty blank, and goes to the first that is wrong.
#[hook]
fn use_focus(door: Door, entry: &Entry) {
    let wrong = entry.wrong.iter().find_map(|it| it.blank);
    let turn = (door, wrong, entry.busy);
    let blanks = entry.blanks(door);
    use_effect_with(turn, move |(_, wrong, busy)| {
        let first = wrong.or_else(|| blanks.first().copied());
        if let (Some(blank), false) = (first, *busy) {
            browser::focus(&format!("#{}", blank.id()));
        }
    });
}
