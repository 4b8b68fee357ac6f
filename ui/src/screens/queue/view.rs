//! What the queue looks like, from plain values.

use std::collections::BTreeMap;
use std::rc::Rc;

use roadbook_api::commands::queue::Queue;
use roadbook_api::views::{
    ChangeView, DiscardedView, NeedsYouView, PendingState, PendingView, RecordLink,
};
use roadbook_domain::IntentId;
use yew::prelude::*;

use super::words;
use crate::components::{
    Button, ButtonKind, Diff, Empty, FieldMark, Glyph, Icon, RecordName, Section, Standing, When,
};
use crate::words::Wall;

/// What is done with a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// It is edited, then sent again.
    Edit,
    /// It is sent again as it is.
    TryAgain,
    /// It is given up.
    Discard,
    /// That it was given up is taken back.
    TakeBack,
}

/// The queue.
#[derive(Properties, PartialEq)]
pub struct QueueBodyProps {
    /// The queue.
    pub queue: Rc<Queue>,
    /// Now.
    pub wall: Wall,
    /// The piece of work that the keys stand on, among those that need a person.
    #[prop_or_default]
    pub at: Option<usize>,
    /// The records are at the server: nothing ever waits here.
    #[prop_or_default]
    pub hosted: bool,
    /// Something is to be done with a piece of work.
    #[prop_or_default]
    pub on_deed: Callback<(Deed, IntentId)>,
}

/// The queue: what needs a person first, then what is on its way, then what is safe here.
#[function_component]
pub fn QueueBody(props: &QueueBodyProps) -> Html {
    let queue = &props.queue;
    let of = |state: fn(PendingState) -> bool| -> Vec<&PendingView> {
        queue.pending.iter().filter(|it| state(it.state)).collect()
    };
    let sending = of(|state| state == PendingState::Sending);
    let saved = of(|state| state != PendingState::Sending);
    let names = titles(queue);
    let nothing = queue.pending.is_empty() && queue.needs_you.is_empty();
    html! {
        <div class="queue">
            if nothing {
                { nothing_waits(props.hosted) }
            }
            if !queue.needs_you.is_empty() {
                <Section title="Needs you" count={count(queue.needs_you.len())}>
                    <ul class="queue-list">
                        { for queue.needs_you.iter().enumerate().map(|(at, it)| needs_you(props, at, it)) }
                    </ul>
                </Section>
            }
            if !sending.is_empty() {
                <Section title="Sending" count={count(sending.len())}>
                    <ul class="queue-list">{ for sending.iter().map(|it| waiting(props, it, &names)) }</ul>
                </Section>
            }
            if !saved.is_empty() {
                <Section title="Saved" count={count(saved.len())}>
                    <ul class="queue-list">{ for saved.iter().map(|it| waiting(props, it, &names)) }</ul>
                </Section>
            }
            if !queue.discarded.is_empty() {
                <details class="section queue-gone">
                    <summary>
                        { "Given up in the last 30 days " }
                        <span class="section-count number">{ queue.discarded.len() }</span>
                    </summary>
                    <ul class="queue-list">{ for queue.discarded.iter().map(|it| given_up(props, it)) }</ul>
                </details>
            }
        </div>
    }
}

fn count(length: usize) -> Option<u64> {
    u64::try_from(length).ok()
}

fn titles(queue: &Queue) -> BTreeMap<IntentId, String> {
    let title =
        |records: &[RecordLink]| records.first().map_or(String::new(), |it| it.title.clone());
    let pending = queue.pending.iter().map(|it| (it.intent, title(&it.records)));
    pending.chain(queue.needs_you.iter().map(|it| (it.intent, title(&it.records)))).collect()
}

fn nothing_waits(hosted: bool) -> Html {
    let text = if hosted {
        "In a browser each change counts as soon as the server has taken it in."
    } else {
        "What you do offline stands here until the server has it; what it does not take comes back here."
    };
    html! { <Empty icon={Icon::Check} title="Everything is at the server" {text} /> }
}

fn press(props: &QueueBodyProps, deed: Deed, intent: IntentId) -> Callback<()> {
    props.on_deed.reform(move |()| (deed, intent))
}

/// The record that a piece of work is about; plain words where it is not here.
fn record(records: &[RecordLink]) -> Html {
    match records {
        [] => html! { <span>{ "A record that is not on this device" }</span> },
        [first, rest @ ..] => html! {
            <>
                <RecordName record={first.record.to_string()} title={first.title.clone()} />
                if !rest.is_empty() {
                    <span class="quiet small">{ format!(" and {} more", rest.len()) }</span>
                }
            </>
        },
    }
}

/// Whether denied work has values that can be edited before it is sent again.
pub(super) fn has_values(item: &NeedsYouView) -> bool {
    !["delete", "restore", "tag", "adjust_counter", "convert_lead"].contains(&item.kind.as_str())
}

fn needs_you(props: &QueueBodyProps, at: usize, item: &NeedsYouView) -> Html {
    let about = item.records.first().map_or("this", |it| it.title.as_str()).to_owned();
    let here = props.at == Some(at);
    html! {
        <li
            key={item.intent.to_string()} id={format!("queue-{at}")} tabindex="-1"
            class={classes!("queue-item", here.then_some("queue-here"))}
        >
            <div class="queue-head">
                <FieldMark standing={Standing::NeedsYou} />
                <h3 class="queue-title">{ record(&item.records) }</h3>
                <span class="quiet small"><When at_ms={item.at_ms} /></span>
            </div>
            <p class="queue-story" dir="auto">
                { words::what_happened(item) }{ " " }<strong>{ words::what_to_do(item) }</strong>
                if let Some(holds) = words::holds(item) {
                    { " " }<span class="quiet">{ holds }</span>
                }
            </p>
            { differences(&item.changes, item.field.as_deref()) }
            <div class="queue-actions" role="group" aria-label={format!("What to do with {about}")}>
                if has_values(item) {
                    <Button
                        label="Edit and send again" icon={Icon::Edit} keys={here.then_some("e")}
                        kind={if at == 0 { ButtonKind::Primary } else { ButtonKind::Plain }}
                        on_press={press(props, Deed::Edit, item.intent)}
                    />
                }
                <Button
                    label="Try again" icon={Icon::Refresh}
                    on_press={press(props, Deed::TryAgain, item.intent)}
                />
                <Button
                    label="Discard" icon={Icon::Trash} kind={ButtonKind::Quiet}
                    on_press={press(props, Deed::Discard, item.intent)}
                />
            </div>
            <details class="queue-details small">
                <summary>{ "Details for support" }</summary>
                <dl>
                    { detail("Code", &item.code) }
                    { detail("Reason", &item.reason) }
                    if let Some(policy) = &item.policy {
                        { detail("Policy", policy) }
                    }
                    { detail("Work", &item.intent.to_string()) }
                    { detail("Made", &props.wall.full(item.at_ms)) }
                </dl>
            </details>
        </li>
    }
}

fn detail(label: &str, text: &str) -> Html {
    html! { <div><dt>{ label }</dt><dd>{ text }</dd></div> }
}

/// What was and what was wanted, field by field.
fn differences(changes: &[ChangeView], at_fault: Option<&str>) -> Html {
    let rows: Vec<&ChangeView> =
        changes.iter().filter(|it| !words::change(it).is_empty()).collect();
    if rows.is_empty() {
        return Html::default();
    }
    let row = |change: &&ChangeView| {
        let fault = at_fault == Some(change.field.as_str());
        let from = change.from.as_ref().map(|it| it.text.clone()).unwrap_or_default();
        let long = change.action == "rewrite" || from.split_whitespace().count() > 6;
        let (was, now) = (words::value(change.from.as_ref()), words::value(change.to.as_ref()));
        html! {
            <div class={classes!("queue-field", fault.then_some("queue-fault"))} key={change.field.clone()}>
                <dt>
                    { &change.label }
                    if fault {
                        <Glyph icon={Icon::NeedsYou} size={16} name="This is why" />
                    }
                </dt>
                <dd>
                    if long {
                        <Diff before={from} after={now} />
                    } else if matches!(change.action.as_str(), "add" | "remove" | "adjust") {
                        { words::change(change).trim_start_matches(change.label.as_str()).trim_start_matches([':', ' ']).to_owned() }
                    } else {
                        if change.from.is_some() {
                            <s dir="auto"><span class="unseen">{ "was " }</span>{ was }</s>
                            <Glyph icon={Icon::Next} size={16} />
                        }
                        <b dir="auto"><span class="unseen">{ "you wrote " }</span>{ now }</b>
                    }
                </dd>
            </div>
        }
    };
    html! { <dl class="queue-fields">{ for rows.iter().map(row) }</dl> }
}

fn waiting(props: &QueueBodyProps, item: &PendingView, names: &BTreeMap<IntentId, String>) -> Html {
    let standing = match item.state {
        PendingState::Sending => Standing::Sending,
        PendingState::Saved | PendingState::Held => Standing::Saved,
    };
    let about = item.records.first().map_or("this", |it| it.title.as_str()).to_owned();
    let did = words::deed(&item.kind, &item.records, &item.changes);
    let summary = words::summary(&item.changes);
    let waits = item.waits_for.and_then(|intent| names.get(&intent));
    html! {
        <li key={item.intent.to_string()} class="queue-line">
            <FieldMark {standing} exact=true />
            <div class="queue-words">
                <span class="queue-title">{ record(&item.records) }</span>
                <span class="small quiet" dir="auto">
                    { if summary.is_empty() { crate::words::sentence(&format!("you {did}")) } else { summary } }
                </span>
                if item.state == PendingState::Held {
                    <span class="small quiet">
                        { waits.map_or_else(
                            || words::place(PendingState::Held).to_owned(),
                            |name| format!("Waits until {name} is settled"),
                        ) }
                    </span>
                }
            </div>
            <span class="quiet small queue-when"><When at_ms={item.at_ms} /></span>
            if item.state != PendingState::Sending {
                <button
                    type="button" class="button button-quiet" aria-label={format!("Take back: {about}")}
                    onclick={press(props, Deed::Discard, item.intent).reform(|_: MouseEvent| ())}
                >
                    <Glyph icon={Icon::Undo} size={16} /><span>{ "Take back" }</span>
                </button>
            }
        </li>
    }
}

fn given_up(props: &QueueBodyProps, item: &DiscardedView) -> Html {
    let about = item.records.first().map_or("this", |it| it.title.as_str()).to_owned();
    let did = words::deed(&item.kind, &item.records, &item.changes);
    let summary = words::summary(&item.changes);
    html! {
        <li key={item.intent.to_string()} class="queue-line">
            <Glyph icon={Icon::Trash} size={16} />
            <div class="queue-words">
                <span class="queue-title">{ record(&item.records) }</span>
                <span class="small quiet" dir="auto">
                    { if summary.is_empty() { crate::words::sentence(&format!("you {did}")) } else { summary } }
                </span>
            </div>
            <span class="quiet small queue-when"><When at_ms={item.discarded_ms} /></span>
            <button
                type="button" class="button button-quiet" aria-label={format!("Bring back: {about}")}
                onclick={press(props, Deed::TakeBack, item.intent).reform(|_: MouseEvent| ())}
            >
                <Glyph icon={Icon::Undo} size={16} /><span>{ "Bring back" }</span>
            </button>
        </li>
    }
}
