//! What the forms before the work look like, from plain values.

use yew::prelude::*;

use super::words::{heading, verb};
use crate::components::{Button, ButtonKind, TextField};
use crate::state::entry::{Blank, Door, Entry, EntryAction, Opening};

/// One form.
#[derive(Properties, PartialEq)]
pub struct EntryFormProps {
    /// Which.
    pub door: Door,
    /// As far as it is filled in.
    pub entry: Entry,
    /// Something was typed or chosen.
    #[prop_or_default]
    pub on_act: Callback<EntryAction>,
    /// It is sent.
    #[prop_or_default]
    pub on_send: Callback<()>,
}

/// One form.
#[function_component]
pub fn EntryForm(props: &EntryFormProps) -> Html {
    let (door, entry) = (props.door, &props.entry);
    let (title, text) = heading(door);
    let (verb, busy) = verb(door);
    let onsubmit = {
        let on_send = props.on_send.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on_send.emit(());
        })
    };
    let whole = entry.wrong.iter().find(|it| it.blank.is_none());
    html! {
        <form class="entry" novalidate=true aria-label={title} {onsubmit}>
            <img src="/assets/icon.svg" alt="" width="40" height="40" />
            <h1>{ title }</h1>
            <p class="quiet">{ text }</p>
            if let Some(wrong) = whole {
                <p class="entry-wrong" role="alert">{ &wrong.text }</p>
            }
            { for entry.blanks(door).into_iter().filter(|it| !is_secret_of_device(*it, door)).map(|it| blank(props, it)) }
            if door == Door::Enrol {
                { opening(props) }
            }
            if door == Door::Unlock {
                { blank(props, Blank::Passphrase) }
            }
            <Button
                label={if entry.busy { busy } else { verb }} kind={ButtonKind::Primary}
                busy={entry.busy} submits=true
            />
            if door == Door::Unlock {
                <p class="small quiet">
                    { "Forgotten? Ask your administrator first: work that was not sent is still on this device." }
                </p>
            }
        </form>
    }
}

const fn is_secret_of_device(blank: Blank, door: Door) -> bool {
    matches!((blank, door), (Blank::Passphrase | Blank::Again, Door::Enrol | Door::Unlock))
}

/// What opens the device later: a choice, and the passphrase twice.
fn opening(props: &EntryFormProps) -> Html {
    let entry = &props.entry;
    let on = entry.opening == Opening::Passphrase;
    let next = if on { Opening::KeyStore } else { Opening::Passphrase };
    let onchange = props.on_act.reform(move |_: Event| EntryAction::Open(next));
    html! {
        <>
            <label class="entry-check">
                <input type="checkbox" checked={on} disabled={entry.busy} {onchange} />
                <span>
                    { "Ask for a passphrase when Roadbook starts" }
                    <span class="small quiet">{ "Without one, the key store of this computer opens it." }</span>
                </span>
            </label>
            if on {
                { blank(props, Blank::Passphrase) }
                { blank(props, Blank::Again) }
            }
        </>
    }
}

fn blank(props: &EntryFormProps, blank: Blank) -> Html {
    let entry = &props.entry;
    let (label, kind, autocomplete, hint): (_, _, _, Option<&'static str>) = match blank {
        Blank::Server => (
            "Server",
            "url",
            "url",
            Some("The address from your administrator, such as crm.example"),
        ),
        Blank::Tenant => ("Company", "text", "organization", Some("Its short name at the server")),
        Blank::Login => ("Sign-in name", "text", "username", None),
        Blank::Password => ("Password", "password", "current-password", None),
        Blank::DeviceName => (
            "Name of this device",
            "text",
            "off",
            Some("So that colleagues know where a change came from"),
        ),
        Blank::Passphrase if props.door == Door::Unlock => {
            ("Passphrase", "password", "current-password", None)
        }
        Blank::Passphrase => {
            ("Passphrase", "password", "new-password", Some("A few words that only you know"))
        }
        Blank::Again => ("Passphrase once more", "password", "new-password", None),
    };
    let on_change = props.on_act.reform(move |text| EntryAction::Type(blank, text));
    html! {
        <TextField
            key={blank.id()} id={blank.id()} {label} {kind} {autocomplete} hint={hint.map(AttrValue::from)}
            value={entry.text(blank).clone()} problem={entry.wrong_with(blank)} required=true
            disabled={entry.busy} {on_change}
        />
    }
}

/// A door that nothing can be typed at: it is being looked for, or it cannot be used.
#[derive(Properties, PartialEq)]
pub struct ShutProps {
    /// What is the matter.
    pub title: AttrValue,
    /// What to do.
    pub text: AttrValue,
    /// A way on: its words, and what it does.
    #[prop_or_default]
    pub action: Option<(AttrValue, Callback<()>)>,
}

/// A door that nothing can be typed at.
#[function_component]
pub fn Shut(props: &ShutProps) -> Html {
    html! {
        <div class="entry">
            <img src="/assets/icon.svg" alt="" width="40" height="40" />
            <h1>{ &props.title }</h1>
            <p class="quiet" role="status">{ &props.text }</p>
            if let Some((label, on_press)) = &props.action {
                <Button label={label.clone()} kind={ButtonKind::Primary} on_press={on_press.clone()} />
            }
        </div>
    }
}
