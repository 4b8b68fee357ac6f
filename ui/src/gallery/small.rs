//! Buttons, marks, chips, stages, people, figures, icons.

use roadbook_api::events::{SyncState, SyncStripView};
use roadbook_domain::{Currency, Money};
use yew::prelude::*;

use crate::components::chip::ChipTone;
use crate::components::figures::Telling;
use crate::components::{
    Amount, Avatar, Button, ButtonKind, Chip, ChoiceChips, FieldMark, Glyph, Icon, IconButton,
    StageSteps, Standing, SyncStrip, When,
};

pub(super) fn buttons() -> Html {
    html! {
        <div class="row row-wrap">
            <Button label="Log a visit" kind={ButtonKind::Primary} icon={Icon::Visit} keys="n v" />
            <Button label="Plain" icon={Icon::Edit} />
            <Button label="Quiet" kind={ButtonKind::Quiet} />
            <Button label="Remove for good" kind={ButtonKind::Danger} icon={Icon::Trash} />
            <Button label="Sending" busy=true />
            <Button label="Not now" disabled=true />
            <IconButton icon={Icon::Filter} name="Filter" />
            <IconButton icon={Icon::List} name="As a list" pressed={Some(true)} />
            <IconButton icon={Icon::Undo} name="Nothing to undo" disabled=true />
        </div>
    }
}

const STANDINGS: [Standing; 6] = [
    Standing::Accepted,
    Standing::Saved,
    Standing::Sending,
    Standing::Requested,
    Standing::NeedsYou,
    Standing::Disputed,
];

pub(super) fn marks() -> Html {
    html! {
        <div class="row row-wrap">
            { for STANDINGS.map(|standing| html! {
                <FieldMark {standing} words={standing.label()} />
            }) }
            { for STANDINGS.map(|standing| html! {
                <FieldMark {standing} on_press={Some(Callback::noop())} />
            }) }
        </div>
    }
}

pub(super) fn strips() -> Html {
    // The gallery has no clock of its own; its day begins at the epoch.
    let strip = |state, saved, needs_you| SyncStripView {
        state,
        since_ms: 0,
        last_sync_ms: Some(0),
        saved,
        sending: 0,
        needs_you,
        conflicts: 0,
        problem: None,
    };
    let all = [
        None,
        Some(strip(SyncState::Online, 0, 0)),
        Some(strip(SyncState::Syncing, 3, 0)),
        Some(strip(SyncState::Offline, 3, 0)),
        Some(strip(SyncState::Online, 0, 1)),
        Some(strip(SyncState::Degraded, 0, 0)),
    ];
    html! { <div class="row row-wrap">{ for all.map(|strip| html! { <SyncStrip {strip} /> }) }</div> }
}

pub(super) fn chips() -> Html {
    let options = ["Met", "No one there", "Call back", "Order"];
    let options = options.map(|it| (AttrValue::from(it), AttrValue::from(it))).to_vec();
    html! {
        <div class="stack">
            <div class="row row-wrap">
                <Chip label="Plain" />
                <Chip label="Won" tone={ChipTone::Positive} icon={Icon::Check} />
                <Chip label="No next step" tone={ChipTone::Caution} />
                <Chip label="Overdue" tone={ChipTone::Critical} icon={Icon::Clock} />
                <Chip label="Requested" tone={ChipTone::Info} />
                <Chip label="Owner is me" on_remove={Some(Callback::noop())} />
            </div>
            <ChoiceChips name="How it went" {options} chosen={vec![AttrValue::from("Met")]} />
        </div>
    }
}

pub(super) fn stages() -> Html {
    let steps = ["Prospecting", "Qualification", "Needs analysis", "Proposal", "Negotiation"];
    let (steps, ends) =
        (steps.map(AttrValue::from), ["Closed won", "Closed lost"].map(AttrValue::from));
    let at = ["Prospecting", "Proposal", "Closed won", "Closed lost"];
    html! {
        <div class="stack">
            { for at.map(|at| html! {
                <StageSteps
                    steps={steps.to_vec()} ends={ends.to_vec()} {at}
                    on_move={Some(Callback::noop())}
                />
            }) }
        </div>
    }
}

pub(super) fn people() -> Html {
    let names = [
        "Ana Lindqvist",
        "Ben Okafor",
        "Cleo Martin",
        "Dag Eriksen",
        "Esra Yıldız",
        "Fumiko Ito",
        "Goran Petrov",
        "Hanne Bauer",
        "Ivo Costa",
        "Jana Nowak",
        "Kofi",
        "Łucja Zając",
    ];
    html! {
        <div class="row row-wrap">
            { for names.map(|name| html! { <Avatar {name} /> }) }
            <span class="row"><Avatar name="Ana Lindqvist" named_beside=true />{ "Ana Lindqvist" }</span>
        </div>
    }
}

pub(super) fn figures() -> Html {
    let amounts =
        [1_200_050, -4_000_000, 12_345_678_900, 0].map(|it| Money::new(it, Currency::EUR));
    html! {
        <div class="row row-wrap">
            { for amounts.map(|money| html! {
                <><Amount {money} /><Amount {money} short=true /></>
            }) }
            <When at_ms={0} />
            <When at_ms={0} telling={Telling::Ago} />
        </div>
    }
}

pub(super) fn icons() -> Html {
    html! {
        <div class="gallery-icons">
            { for Icon::ALL.iter().map(|(icon, name)| html! {
                <figure key={*name}>
                    <Glyph icon={*icon} /><Glyph icon={*icon} size={16} />
                    <figcaption class="quiet small truncate" title={*name}>{ *name }</figcaption>
                </figure>
            }) }
        </div>
    }
}
