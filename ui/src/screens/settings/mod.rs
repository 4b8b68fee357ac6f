//! What belongs to the device: settings, and how the sync stands.
//!
//! This file holds the pages; [`view`] shows, [`dialogs`] are what is opened from the settings,
//! [`first_sync`] the line while the first records come, `words` makes the sentences.

pub mod dialogs;
pub mod first_sync;
pub mod view;
pub(crate) mod words;

use roadbook_api::commands::device::{CheckHealth, ShowStatus, SyncNow};
use roadbook_api::commands::session::ShowStorage;
use roadbook_api::views::{KeyForm, SessionMode};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use self::dialogs::{ExportDialog, PassphraseDialog, SignOutDialog};
use self::view::{Check, Opens, SettingsBody, SyncBody};
use crate::browser;
use crate::components::{PageHead, Problem, Skeleton};
use crate::context::{Watch, use_bridge, use_query, use_session, use_strip, use_toast, use_wall};
use crate::theme::Theme;
use crate::words::sentence;

/// The settings.
#[function_component]
pub fn Settings() -> Html {
    let (session, wall) = (use_session(), use_wall());
    let hosted = session.is_hosted();
    let request = (session.is_ready() && !hosted).then_some(ShowStorage {});
    let storage = use_query(request, Watch::Queue);
    let theme = use_state(|| None::<Theme>);
    {
        // What was chosen is the browser's to remember; it is read when the page is shown.
        let theme = theme.setter();
        use_effect_with((), move |()| theme.set(Some(browser::theme())));
    }
    let opened = use_state(|| None::<Opens>);
    let close = {
        let (opened, reload) = (opened.clone(), storage.reload.clone());
        Callback::from(move |()| {
            opened.set(None);
            reload.emit(());
        })
    };
    let on_open = {
        let opened = opened.setter();
        Callback::from(move |what| opened.set(Some(what)))
    };
    let on_theme = {
        let theme = theme.setter();
        Callback::from(move |chosen| {
            browser::set_theme(chosen);
            theme.set(Some(chosen));
        })
    };
    let data = storage.data.clone();
    let key = data.as_ref().map_or(KeyForm::KeyStore, |it| it.key);
    let unsent = data.as_ref().map_or(0, |it| it.unsent);
    let mode = if hosted { SessionMode::Hosted } else { SessionMode::Device };
    let dialog = opened.map(|what| match what {
        Opens::Passphrase => html! { <PassphraseDialog opened_by={key} on_close={close} /> },
        Opens::Export => html! { <ExportDialog {unsent} on_close={close} /> },
        Opens::SignOut => html! { <SignOutDialog {unsent} {mode} on_close={close} /> },
    });
    html! {
        <div class="desk">
            <PageHead title="Settings" />
            if let Some(error) = &storage.error {
                <Problem text={sentence(&error.message)} on_retry={storage.reload.clone()} />
            }
            if let Some(view) = session.view() {
                <SettingsBody
                    session={view.clone()} storage={data} theme={theme.unwrap_or_default()} {wall}
                    {hosted} {on_open} {on_theme}
                />
            } else {
                <Skeleton lines={6} />
            }
            { dialog.unwrap_or_default() }
        </div>
    }
}

/// How the sync stands, and checking it.
#[function_component]
pub fn SyncPage() -> Html {
    let (wall, strip, bridge, toast) = (use_wall(), use_strip(), use_bridge(), use_toast());
    let status = use_query(Some(ShowStatus {}), Watch::All);
    let check = use_state(Check::default);
    let sending = use_state(|| false);
    // A check that nobody waits for any more must not show its answer.
    let turn = use_mut_ref(|| 0_u32);
    let on_check = {
        let (check, bridge, turn) = (check.clone(), bridge.clone(), turn.clone());
        Callback::from(move |()| {
            let Some(bridge) = bridge.clone() else {
                return;
            };
            *turn.borrow_mut() += 1;
            let (mine, turn) = (*turn.borrow(), turn.clone());
            check.set(Check::Running);
            let check = check.clone();
            spawn_local(async move {
                let answer = bridge.call(CheckHealth {}).await;
                if *turn.borrow() == mine {
                    check.set(match answer {
                        Ok(doctor) => Check::Done(doctor.into()),
                        Err(error) => Check::Failed(sentence(&error.message).into()),
                    });
                }
            });
        })
    };
    let on_stop = {
        let check = check.clone();
        Callback::from(move |()| {
            *turn.borrow_mut() += 1;
            check.set(Check::None);
        })
    };
    let on_send = {
        let (sending, reload) = (sending.clone(), status.reload.clone());
        Callback::from(move |()| {
            let Some(bridge) = bridge.clone() else {
                return;
            };
            sending.set(true);
            let (sending, reload, toast) = (sending.clone(), reload.clone(), toast.clone());
            spawn_local(async move {
                match bridge.call(SyncNow {}).await {
                    Ok(done) => toast.done(super::queue::sent(done.sent, done.needs_you), None),
                    Err(error) => toast.problem(sentence(&error.message)),
                }
                sending.set(false);
                reload.emit(());
            });
        })
    };
    let body = match (&status.data, &status.error) {
        (Some(status), _) => html! {
            <SyncBody
                status={status.clone()} strip={strip.map(|it| (*it).clone())} check={(*check).clone()}
                {wall} sending={*sending} {on_send} {on_check} {on_stop}
            />
        },
        (None, Some(error)) => html! {
            <Problem text={sentence(&error.message)} on_retry={status.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={6} /> },
    };
    html! { <div class="desk"><PageHead title="Sync" />{ body }</div> }
}
