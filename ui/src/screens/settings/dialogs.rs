//! The dialogs of the settings: another passphrase, the export of unsent work, signing out.

use roadbook_api::commands::session::{ChangePassphrase, ExportBundle, SignOut};
use roadbook_api::views::{BundleView, KeyForm, SessionMode};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::words;
use crate::browser;
use crate::components::{Button, ButtonKind, Dialog, TextArea, TextField};
use crate::context::{use_bridge, use_refresh, use_toast};
use crate::words::{counted, sentence};

/// What the dialogs are told.
#[derive(Properties, PartialEq)]
pub struct DialogsProps {
    /// What opens the device now.
    #[prop_or(KeyForm::KeyStore)]
    pub opened_by: KeyForm,
    /// How much work is nowhere else.
    #[prop_or_default]
    pub unsent: u64,
    /// Where the records are.
    #[prop_or(SessionMode::Device)]
    pub mode: SessionMode,
    /// It is closed.
    pub on_close: Callback<()>,
}

fn setting<T: 'static>(state: &UseStateHandle<T>) -> Callback<T> {
    let state = state.setter();
    Callback::from(move |value| state.set(value))
}

/// Another passphrase.
#[function_component]
pub fn PassphraseDialog(props: &DialogsProps) -> Html {
    let (old, new, again) = (
        use_state(AttrValue::default),
        use_state(AttrValue::default),
        use_state(AttrValue::default),
    );
    let problem = use_state(|| None::<AttrValue>);
    let busy = use_state(|| false);
    let (bridge, toast) = (use_bridge(), use_toast());
    let had_one = props.opened_by == KeyForm::Passphrase;
    let send = {
        let (old, new, again) = (old.clone(), new.clone(), again.clone());
        let (problem, busy, close) = (problem.clone(), busy.clone(), props.on_close.clone());
        Callback::from(move |()| {
            if new.trim().is_empty() || *new != *again {
                problem.set(Some("Write the new passphrase twice, the same both times.".into()));
                return;
            }
            let Some(bridge) = bridge.clone().filter(|_| !*busy) else {
                return;
            };
            busy.set(true);
            let command =
                ChangePassphrase { old: had_one.then(|| old.to_string()), new: new.to_string() };
            let (problem, busy) = (problem.clone(), busy.clone());
            let (close, toast) = (close.clone(), toast.clone());
            spawn_local(async move {
                match bridge.call(command).await {
                    Ok(_) => {
                        toast.done("The new passphrase opens this device from now on", None);
                        close.emit(());
                    }
                    Err(error) => {
                        let wrong = error.code == roadbook_api::ErrorCode::Locked;
                        let text = if wrong {
                            "That is not the passphrase until now.".to_owned()
                        } else {
                            sentence(&error.message)
                        };
                        problem.set(Some(text.into()));
                        busy.set(false);
                    }
                }
            });
        })
    };
    let actions = html! {
        <Button label="Change it" kind={ButtonKind::Primary} busy={*busy} on_press={send.clone()} />
    };
    html! {
        <Dialog title="Another passphrase" on_close={props.on_close.clone()} {actions}>
            <form class="stack" onsubmit={submit(send)}>
                if had_one {
                    <TextField
                        id="pass-old" label="Passphrase until now" kind="password"
                        autocomplete="current-password" value={(*old).clone()} on_change={setting(&old)}
                    />
                }
                <TextField
                    id="pass-new" label="New passphrase" kind="password" autocomplete="new-password"
                    hint="A few words that only you know" value={(*new).clone()} on_change={setting(&new)}
                />
                <TextField
                    id="pass-again" label="New passphrase once more" kind="password"
                    autocomplete="new-password" value={(*again).clone()} problem={(*problem).clone()}
                    on_change={setting(&again)}
                />
                <button type="submit" hidden=true tabindex="-1">{ "Change it" }</button>
            </form>
        </Dialog>
    }
}

fn submit(send: Callback<()>) -> Callback<SubmitEvent> {
    Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        send.emit(());
    })
}

/// The export of unsent work as an encrypted file.
#[function_component]
pub fn ExportDialog(props: &DialogsProps) -> Html {
    let passphrase = use_state(AttrValue::default);
    let bundle = use_state(|| None::<BundleView>);
    let problem = use_state(|| None::<AttrValue>);
    let busy = use_state(|| false);
    let bridge = use_bridge();
    let send = {
        let (passphrase, bundle) = (passphrase.clone(), bundle.clone());
        let (problem, busy) = (problem.clone(), busy.clone());
        Callback::from(move |()| {
            let Some(bridge) = bridge.clone().filter(|_| !*busy) else {
                return;
            };
            busy.set(true);
            let words = Some(passphrase.to_string()).filter(|words| !words.is_empty());
            let (bundle, problem, busy) = (bundle.clone(), problem.clone(), busy.clone());
            spawn_local(async move {
                match bridge.call(ExportBundle { passphrase: words }).await {
                    Ok(made) => {
                        keep(&made);
                        bundle.set(Some(made));
                    }
                    Err(error) => problem.set(Some(sentence(&error.message).into())),
                }
                busy.set(false);
            });
        })
    };
    if let Some(made) = &*bundle {
        let actions = html! {
            <Button label="Done" kind={ButtonKind::Primary} on_press={props.on_close.clone()} />
        };
        return html! {
            <Dialog title="Exported" on_close={props.on_close.clone()} {actions}>
                <div class="stack">
                    <p role="status">{ where_it_is(made) }</p>
                    { text_of_file(made) }
                </div>
            </Dialog>
        };
    }
    let actions = html! {
        <Button label="Export" kind={ButtonKind::Primary} busy={*busy} on_press={send.clone()} />
    };
    html! {
        <Dialog title="Export unsent work" on_close={props.on_close.clone()} {actions}>
            <form class="stack" onsubmit={submit(send)}>
                <p>{ words::unsent(props.unsent) }</p>
                <TextField
                    id="bundle-pass" label="Passphrase of the file (optional)" kind="password"
                    autocomplete="new-password" value={(*passphrase).clone()} problem={(*problem).clone()}
                    hint="Your administrator's recovery key opens it in any case."
                    on_change={setting(&passphrase)}
                />
            </form>
        </Dialog>
    }
}

/// Signing out: asked, because it cannot be undone. Where work is nowhere else, it is exported first,
/// and where a browser keeps the file, the person looks for it before anything is removed: a page
/// cannot know that it was kept.
#[function_component]
pub fn SignOutDialog(props: &DialogsProps) -> Html {
    let problem = use_state(|| None::<AttrValue>);
    let busy = use_state(|| false);
    let bundle = use_state(|| None::<BundleView>);
    let (bridge, refresh) = (use_bridge(), use_refresh());
    let hosted = props.mode == SessionMode::Hosted;
    let exports = !hosted && props.unsent > 0 && bundle.is_none();
    let go = {
        let (problem, busy, bundle) = (problem.clone(), busy.clone(), bundle.clone());
        Callback::from(move |()| {
            let Some(bridge) = bridge.clone().filter(|_| !*busy) else {
                return;
            };
            busy.set(true);
            let (problem, busy, refresh) = (problem.clone(), busy.clone(), refresh.clone());
            let bundle = bundle.clone();
            spawn_local(async move {
                let answer = if exports {
                    let made = bridge.call(ExportBundle { passphrase: None }).await;
                    made.map(|made| {
                        keep(&made);
                        bundle.set(Some(made));
                    })
                } else {
                    bridge.call(SignOut {}).await.map(|_| refresh.emit(()))
                };
                match answer {
                    Ok(()) => problem.set(None),
                    // A host that keeps the records ends the session and says nothing more.
                    Err(_) if hosted => browser::load_again(),
                    Err(error) => {
                        // Work that was saved since is in no file: it is exported again.
                        bundle.set(None);
                        problem.set(Some(sentence(&error.message).into()));
                    }
                }
                busy.set(false);
            });
        })
    };
    let (title, text, label) = match &*bundle {
        Some(made) if made.file.is_some() => {
            ("It is exported".to_owned(), where_it_is(made), "Sign out")
        }
        Some(made) => (
            "Is the file there?".to_owned(),
            format!(
                "{} Look that your browser kept it: signing out removes all records from this \
                 device.",
                where_it_is(made)
            ),
            "I have it, sign out",
        ),
        None if exports => (
            format!("{} not at the server yet", counted(props.unsent, "change is", "changes are")),
            "Signing out removes them from this device. Export them into an encrypted file first; \
             your administrator can read it in."
                .to_owned(),
            "Export to a file",
        ),
        None if hosted => {
            ("Sign out?".to_owned(), "This session ends in this browser.".to_owned(), "Sign out")
        }
        None => (
            "Sign out?".to_owned(),
            "All records are removed from this device. They stay at the server.".to_owned(),
            "Sign out",
        ),
    };
    let kind = if hosted || exports { ButtonKind::Primary } else { ButtonKind::Danger };
    let actions = html! {
        <>
            <Button label="Stay" kind={ButtonKind::Quiet} on_press={props.on_close.clone()} />
            <Button {label} {kind} busy={*busy} on_press={go} />
        </>
    };
    html! {
        <Dialog {title} on_close={props.on_close.clone()} {actions}>
            <div class="stack">
                <p role="status">{ text }</p>
                if let Some(made) = &*bundle {
                    { text_of_file(made) }
                }
                if let Some(problem) = &*problem {
                    <p class="field-problem" role="alert">{ problem }</p>
                }
            </div>
        </Dialog>
    }
}

/// Hands the file to the browser, unless the app has written it.
fn keep(made: &BundleView) {
    if made.file.is_none() {
        browser::keep_file(&made.file_name, &made.text);
    }
}

fn where_it_is(made: &BundleView) -> String {
    let place = made.file.as_ref().unwrap_or(&made.file_name);
    format!("{} in {place}, encrypted.", counted(made.intents, "change is", "changes are"))
}

/// The way to the file where the browser did not keep it.
fn text_of_file(made: &BundleView) -> Html {
    if made.file.is_some() {
        return Html::default();
    }
    html! {
        <details class="small">
            <summary>{ "The file did not come? Copy its text" }</summary>
            <TextArea id="bundle-text" label="Text of the file" lines={6} value={made.text.clone()} />
        </details>
    }
}
