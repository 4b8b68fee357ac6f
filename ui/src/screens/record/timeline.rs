//! What happened around a record, newest first.

use roadbook_api::commands::pages::ShowTimeline;
use roadbook_api::views::{RecordLink, RecordView, TimelineEntryView, TimelinePage, TimelineWhat};
use yew::prelude::*;

use super::other_side::{self, OtherSides, use_other_sides};
use super::taking_back::{self, TakingBack, use_taking_back};
use super::words;
use crate::components::{
    Button, ButtonKind, Empty, FieldMark, Glyph, Icon, Problem, RecordName, Skeleton, Standing,
    When,
};
use crate::context::{Watch, use_query, use_wall};
use crate::screens::value::capital;
use crate::words::Wall;

/// How many entries are shown at first, and how many more at a time.
const STEP: u32 = 25;

/// A record.
#[derive(Properties, PartialEq)]
pub struct TimelineProps {
    /// It.
    pub record: RecordView,
}

/// The timeline of a record: asks for it.
#[function_component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let limit = use_state(|| STEP);
    let record = props.record.record.to_string();
    let request = ShowTimeline { entity: None, record, limit: *limit, after: None };
    let found = use_query(Some(request), Watch::All);
    let undo = use_taking_back();
    let sides = use_other_sides(&props.record);
    let more = { Callback::from(move |()| limit.set(*limit + STEP)) };
    match (&found.data, &found.error) {
        (Some(page), _) => html! {
            <TimelineList page={(**page).clone()} on_more={more} {undo} {sides} />
        },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={5} /> },
    }
}

/// A page of a timeline.
#[derive(Properties, PartialEq)]
pub struct TimelineListProps {
    /// The page.
    pub page: TimelinePage,
    /// How one's own changes are taken back.
    #[prop_or_default]
    pub undo: Option<TakingBack>,
    /// How what was set aside is taken.
    #[prop_or_default]
    pub sides: Option<OtherSides>,
    /// More was asked for.
    #[prop_or_default]
    pub on_more: Callback<()>,
}

/// A page of a timeline.
#[function_component]
pub fn TimelineList(props: &TimelineListProps) -> Html {
    let wall = use_wall();
    let page = &props.page;
    if page.entries.is_empty() {
        return html! {
            <Empty
                icon={Icon::History} title="Nothing has happened here yet"
                text="Visits, calls, notes, tasks and changes stand here, newest first."
            />
        };
    }
    html! {
        <>
            <ol class="timeline">
                { for page.entries.iter().map(|entry| line(entry, wall, props)) }
            </ol>
            if page.next.is_some() {
                <Button
                    label={format!("Show more of {}", crate::words::count(page.total))}
                    kind={ButtonKind::Quiet} on_press={props.on_more.clone()}
                />
            }
        </>
    }
}

fn line(entry: &TimelineEntryView, wall: Wall, props: &TimelineListProps) -> Html {
    let (undo, sides) = (props.undo.as_ref(), props.sides.as_ref());
    let standing = if entry.pending { Standing::Saved } else { Standing::Accepted };
    let (icon, class) = look(&entry.what);
    html! {
        <li key={entry.id.clone()} class={classes!("timeline-line", class)}>
            <span class="timeline-icon"><Glyph {icon} size={16} /></span>
            <div class="timeline-words">
                { body(&entry.what, wall, sides) }
            </div>
            <span class="timeline-when small quiet">
                if let TimelineWhat::Change { entry } | TimelineWhat::Decision { entry } = &entry.what {
                    { taking_back::button(entry, wall, undo) }
                }
                <FieldMark {standing} /><When at_ms={entry.at_ms} />
            </span>
        </li>
    }
}

fn look(what: &TimelineWhat) -> (Icon, &'static str) {
    match what {
        TimelineWhat::Activity { kind, .. } => {
            let icon = match kind.as_str() {
                "call" => Icon::Call,
                "meeting" => Icon::Meeting,
                "e-mail" => Icon::Mail,
                "note" => Icon::Note,
                _ => Icon::Visit,
            };
            (icon, "timeline-main")
        }
        TimelineWhat::Note { .. } => (Icon::Note, "timeline-main"),
        TimelineWhat::Task { .. } => (Icon::Task, "timeline-main"),
        TimelineWhat::Change { .. } => (Icon::Edit, "timeline-side"),
        TimelineWhat::Decision { .. } => (Icon::Review, "timeline-side"),
    }
}

fn body(what: &TimelineWhat, wall: Wall, sides: Option<&OtherSides>) -> Html {
    match what {
        TimelineWhat::Activity { link, kind, outcome, text, who, about, .. } => {
            // “Visit at Acme” need not say again that it was a visit.
            let known = link.title.to_lowercase().contains(kind.as_str());
            let said_kind = (!known).then(|| capital(kind));
            html! {
            <>
                <p>
                    <span class="timeline-title">{ name(link) }</span>
                    <span class="quiet">
                        { [said_kind, outcome.clone()].into_iter().flatten()
                            .map(|it| format!(" · {it}")).collect::<String>() }
                    </span>
                </p>
                { long(text.as_deref()) }
                { by(who.as_ref(), about.as_ref()) }
            </>
            }
        }
        TimelineWhat::Note { link, text, who, about } => {
            let same = text.as_deref().is_some_and(|text| text.trim() == link.title.trim());
            html! {
                <>
                    <p class="timeline-title">{ name(link) }</p>
                    { long(text.as_deref().filter(|_| !same)) }
                    { by(who.as_ref(), about.as_ref()) }
                </>
            }
        }
        TimelineWhat::Task { link, state, due_on, completed_ms, who, about } => {
            let due = due_on.as_deref().and_then(|day| day.parse().ok());
            let until = match (completed_ms, due) {
                (Some(at), _) => format!(" · done {}", wall.short(*at)),
                (None, Some(day)) => format!(" · due {}", wall.near_day(day)),
                (None, None) => format!(" · {}", state.to_lowercase()),
            };
            html! {
                <>
                    <p><span class="timeline-title">{ name(link) }</span><span class="quiet">{ until }</span></p>
                    { by(who.as_ref(), about.as_ref()) }
                </>
            }
        }
        TimelineWhat::Change { entry } | TimelineWhat::Decision { entry } => html! {
            <>
                { for words::changes(entry, wall).into_iter().map(|it| html! { <p dir="auto">{ it }</p> }) }
                { for entry.settled.iter().map(|it| html! {
                    <p class="quiet small" dir="auto">
                        { format!("{}: {} ", it.label, words::settled(it, wall)) }
                        { other_side::buttons(it, wall, sides) }
                    </p>
                }) }
                if let Some(why) = &entry.made_by.rationale {
                    <p class="timeline-why" dir="auto">{ format!("“{why}”") }</p>
                }
                <p class="quiet small" dir="auto">{ words::circumstances(&entry.made_by) }</p>
            </>
        },
    }
}

fn name(link: &RecordLink) -> Html {
    html! { <RecordName record={link.record.to_string()} title={link.title.clone()} /> }
}

fn long(text: Option<&str>) -> Html {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => html! { <p class="long-text" dir="auto">{ text }</p> },
        None => Html::default(),
    }
}

fn by(who: Option<&RecordLink>, about: Option<&RecordLink>) -> Html {
    html! {
        <p class="quiet small timeline-by">
            if let Some(who) = who {
                <span dir="auto">{ &who.title }</span>
            }
            if let Some(about) = about {
                <span class="timeline-about">{ "about " }{ name(about) }</span>
            }
        </p>
    }
}
