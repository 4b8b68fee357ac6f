//! What the settings and the sync page look like, from plain values.

use std::rc::Rc;

use roadbook_api::events::SyncStripView;
use roadbook_api::views::{CheckOutcome, DoctorView, SessionView, StorageView, SyncStatusView};
use yew::prelude::*;

use super::words;
use crate::components::{
    Avatar, Button, ButtonKind, ChoiceChips, Glyph, Icon, Link, Problem, Progress, Section,
};
use crate::route::Route;
use crate::state::strip::sentence as strip_sentence;
use crate::theme::Theme;
use crate::words::{Wall, count};

/// What is opened from the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Opens {
    /// Another passphrase.
    Passphrase,
    /// The export of unsent work.
    Export,
    /// Signing out.
    SignOut,
}

/// The settings.
#[derive(Properties, PartialEq)]
pub struct SettingsBodyProps {
    /// Who and where.
    pub session: SessionView,
    /// What is on the device; absent in a browser, and until it is known.
    pub storage: Option<Rc<StorageView>>,
    /// The theme that is chosen.
    pub theme: Theme,
    /// Now.
    pub wall: Wall,
    /// The records are at the server.
    #[prop_or_default]
    pub hosted: bool,
    /// Something is opened.
    #[prop_or_default]
    pub on_open: Callback<Opens>,
    /// Another theme is chosen.
    #[prop_or_default]
    pub on_theme: Callback<Theme>,
}

/// The settings.
#[function_component]
pub fn SettingsBody(props: &SettingsBodyProps) -> Html {
    let open = |what: Opens| props.on_open.reform(move |()| what);
    let options = Theme::ALL.map(|it| (AttrValue::from(it.word()), AttrValue::from(it.label())));
    let on_press = props.on_theme.reform(|word: AttrValue| Theme::read(&word));
    html! {
        <>
            { who(props) }
            if let Some(storage) = &props.storage {
                { on_device(storage, props.wall) }
                { key(storage, open(Opens::Passphrase)) }
                <Section title="Unsent work">
                    <p>{ words::unsent(storage.unsent) }</p>
                    if storage.unsent > 0 {
                        <p class="quiet">
                            { "An encrypted file keeps it safe if this device must go; your administrator can read it in." }
                        </p>
                    }
                    <div class="settings-actions">
                        <Button
                            label="Export unsent work" icon={Icon::Download}
                            disabled={storage.unsent == 0} on_press={open(Opens::Export)}
                        />
                        <Link to={Route::Queue} class="button button-quiet">{ "Open the queue" }</Link>
                    </div>
                </Section>
            }
            <Section title="Theme">
                <ChoiceChips
                    name="Theme" options={options.to_vec()} chosen={vec![props.theme.word().into()]}
                    {on_press}
                />
            </Section>
            <Section title="Sign out">
                <p>
                    { if props.hosted {
                        "Ends this session in this browser. Nothing of it stays here."
                    } else {
                        "Removes all records from this device. It is refused while work is nowhere else."
                    } }
                </p>
                <div class="settings-actions">
                    <Button
                        label="Sign out" icon={Icon::SignOut}
                        kind={if props.hosted { ButtonKind::Plain } else { ButtonKind::Danger }}
                        on_press={open(Opens::SignOut)}
                    />
                </div>
            </Section>
        </>
    }
}

fn fact(label: &'static str, value: Html) -> Html {
    html! { <div class="fact" key={label}><dt>{ label }</dt><dd>{ value }</dd></div> }
}

fn plain(label: &'static str, value: Option<&String>) -> Html {
    let filled = value.filter(|value| !value.trim().is_empty());
    filled.map_or_else(Html::default, |value| {
        fact(label, html! { <span dir="auto">{ value }</span> })
    })
}

fn who(props: &SettingsBodyProps) -> Html {
    let session = &props.session;
    html! {
        <Section title={if props.hosted { "You" } else { "You and this device" }}>
            <dl class="fact-list">
                if let Some(who) = &session.who {
                    { fact("You", html! {
                        <span class="row"><Avatar name={who.clone()} named_beside=true />{ who }</span>
                    }) }
                }
                { plain("Role", session.role.as_ref()) }
                { plain("Company", session.tenant_name.as_ref()) }
                if !props.hosted {
                    { plain("Device", session.device_name.as_ref()) }
                }
                { plain("Server", session.server.as_ref()) }
                if !props.hosted {
                    { fact("Sync", html! { <Link to={Route::Sync}>{ "How it stands, and checking it" }</Link> }) }
                }
            </dl>
        </Section>
    }
}

fn on_device(storage: &StorageView, wall: Wall) -> Html {
    let all: u64 = storage.records.values().sum();
    let as_of = storage
        .last_sync_ms
        .map_or_else(|| "not synced yet".to_owned(), |at| format!("as of {}", wall.short(at)));
    let filled = storage.records.iter().filter(|(_, number)| **number > 0);
    html! {
        <Section title="What is on this device" count={all}>
            <p class="quiet">
                { format!("{} on the disk, {as_of}. All of it is encrypted.", words::bytes(storage.bytes)) }
            </p>
            <table class="counts">
                <caption class="unseen">{ "Records on this device by kind" }</caption>
                <thead class="unseen"><tr><th scope="col">{ "Kind" }</th><th scope="col">{ "Records" }</th></tr></thead>
                <tbody>
                    { for filled.map(|(kind, number)| html! {
                        <tr key={kind.clone()}>
                            <th scope="row">{ words::kind(kind) }</th>
                            <td class="number">{ count(*number) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            <details class="queue-details small">
                <summary>{ "Details for support" }</summary>
                <dl>
                    <div><dt>{ "Documents" }</dt><dd>{ format!("{}, {}", count(storage.documents), words::bytes(storage.document_bytes)) }</dd></div>
                    <div><dt>{ "History" }</dt><dd>{ words::bytes(storage.history_bytes) }</dd></div>
                </dl>
            </details>
        </Section>
    }
}

fn key(storage: &StorageView, change: Callback<()>) -> Html {
    let recovery = if storage.recoverable {
        "Your administrator's recovery key can open it too."
    } else {
        "Nobody else can open it: a forgotten passphrase cannot be helped."
    };
    html! {
        <Section title="What opens this device">
            <p>{ words::opened_by(storage.key) }{ ". " }<span class="quiet">{ recovery }</span></p>
            <div class="settings-actions">
                <Button
                    label={match storage.key {
                        roadbook_api::views::KeyForm::KeyStore => "Use a passphrase",
                        roadbook_api::views::KeyForm::Passphrase => "Change the passphrase",
                    }}
                    icon={Icon::Lock} on_press={change}
                />
            </div>
        </Section>
    }
}

/// How a check of the device stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Check {
    /// Nobody asked for one.
    #[default]
    None,
    /// It runs.
    Running,
    /// It came to this.
    Done(Rc<DoctorView>),
    /// It could not be made.
    Failed(AttrValue),
}

/// The sync.
#[derive(Properties, PartialEq)]
pub struct SyncBodyProps {
    /// Where the device stands.
    pub status: Rc<SyncStatusView>,
    /// The strip.
    pub strip: Option<SyncStripView>,
    /// The check.
    pub check: Check,
    /// Now.
    pub wall: Wall,
    /// It is sent and received now.
    #[prop_or_default]
    pub on_send: Callback<()>,
    /// That is under way.
    #[prop_or_default]
    pub sending: bool,
    /// The device is checked.
    #[prop_or_default]
    pub on_check: Callback<()>,
    /// Nobody waits for the check any more.
    #[prop_or_default]
    pub on_stop: Callback<()>,
}

/// The sync.
#[function_component]
pub fn SyncBody(props: &SyncBodyProps) -> Html {
    let (status, wall) = (&props.status, props.wall);
    let oldest = status.oldest_pending_ms.map(|at| wall.short(at));
    let last = status.last_sync_ms.map_or_else(|| "Never".to_owned(), |at| words::since(at, wall));
    let needs = if status.needs_you == 0 {
        html! { "Nothing" }
    } else {
        let what = crate::words::counted(status.needs_you, "change", "changes");
        html! { <Link to={Route::Queue}><span>{ what }</span></Link> }
    };
    html! {
        <>
            if let Some(text) = props.strip.as_ref().and_then(words::problem) {
                <Problem {text} />
            }
            <Section title="How it stands">
                <dl class="fact-list">
                    if let Some(strip) = &props.strip {
                        { fact("Now", html! { strip_sentence(strip, wall) }) }
                    }
                    { fact("Last exchange", html! { last }) }
                    { fact("Waits to be sent", html! { words::waiting(status, oldest.as_deref()) }) }
                    { fact("Needs you", needs) }
                    { fact("Clock", html! { words::clock(status.clock_offset_ms) }) }
                    { plain("Server", status.server.as_ref()) }
                </dl>
                <div class="settings-actions">
                    <Button
                        label="Send and receive now" icon={Icon::Refresh} kind={ButtonKind::Primary}
                        busy={props.sending} on_press={props.on_send.clone()}
                    />
                </div>
                <details class="queue-details small">
                    <summary>{ "Details for support" }</summary>
                    <dl>
                        <div><dt>{ "Read up to" }</dt><dd class="number">{ format!("place {} of the server\u{2019}s log", count(status.position)) }</dd></div>
                    </dl>
                </details>
            </Section>
            <Section title="Check this device">
                <p class="quiet">
                    { "Reads everything that is here, and asks the server whether both hold the same." }
                </p>
                { checked(props) }
            </Section>
        </>
    }
}

fn checked(props: &SyncBodyProps) -> Html {
    let again = |label: &'static str| {
        html! {
            <div class="settings-actions">
                <Button {label} icon={Icon::Check} on_press={props.on_check.clone()} />
            </div>
        }
    };
    match &props.check {
        Check::None => again("Check now"),
        Check::Running => {
            let here: u64 = props.status.records.values().sum();
            html! {
                <Progress label="Checking" done={here} on_cancel={Some(props.on_stop.clone())} />
            }
        }
        Check::Failed(text) => html! {
            <Problem text={text.clone()} on_retry={Some(props.on_check.clone())} />
        },
        Check::Done(doctor) => html! {
            <>
                <p role="status">{ words::verdict(doctor) }</p>
                <ul class="checks">{ for doctor.checks.iter().map(line) }</ul>
                { again("Check again") }
                <details class="queue-details small">
                    <summary>{ "Details for support" }</summary>
                    <dl>
                        <div><dt>{ "Documents" }</dt><dd>{ count(doctor.documents) }</dd></div>
                        <div><dt>{ "Place" }</dt><dd>{ doctor.position }</dd></div>
                        <div><dt>{ "Checksum" }</dt><dd>{ &doctor.checksum }</dd></div>
                    </dl>
                </details>
            </>
        },
    }
}

fn line(check: &roadbook_api::views::CheckView) -> Html {
    let (class, icon, name) = match check.outcome {
        CheckOutcome::Passed => ("check-passed", Icon::Check, "Well"),
        CheckOutcome::Failed => ("check-failed", Icon::NeedsYou, "Wrong"),
        CheckOutcome::Skipped => ("check-skipped", Icon::Clock, "Not checked"),
    };
    html! {
        <li key={check.check.clone()} {class}>
            <Glyph {icon} size={16} {name} /><span>{ crate::words::sentence(&check.detail) }</span>
        </li>
    }
}
