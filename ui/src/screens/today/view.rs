//! What Today looks like, from plain values.

use roadbook_api::events::SyncStripView;
use roadbook_api::views::{AgendaItemView, NextBestView, TodayView};
use roadbook_domain::{Entity, Money};
use yew::prelude::*;

use super::quick_log::Target;
use super::words::reason;
use crate::components::chip::ChipTone;
use crate::components::{
    Button, ButtonKind, Chip, Empty, FieldMark, Glyph, Icon, IconButton, Link, PageHead,
    RecordName, Section, Standing, SyncStrip,
};
use crate::context::use_wall;
use crate::route::Route;
use crate::words::{Wall, count, counted, long_day};

/// A day.
#[derive(Properties, PartialEq)]
pub struct TodayBodyProps {
    /// The day.
    pub today: TodayView,
    /// How things stand with the server; shown here on a phone, where there is no rail.
    pub strip: Option<SyncStripView>,
    /// How many conflicts wait for the person, where that one may settle them.
    #[prop_or_default]
    pub conflicts: u64,
    /// The first records are still on their way.
    #[prop_or_default]
    pub coming: bool,
    /// Logging was asked for: a planned activity, or anything.
    #[prop_or_default]
    pub on_log: Callback<Target>,
    /// A task was ticked.
    #[prop_or_default]
    pub on_done: Callback<AgendaItemView>,
}

/// A day.
#[function_component]
pub fn TodayBody(props: &TodayBodyProps) -> Html {
    let wall = use_wall();
    let today = &props.today;
    let day = today.day.parse().unwrap_or_else(|_| wall.today());
    let actions = html! {
        <>
            <Button
                label="Log a call" kind={ButtonKind::Quiet} icon={Icon::Call} keys="n c"
                on_press={props.on_log.reform(|()| Target::of_kind("call"))}
            />
            <Button
                label="Log a visit" kind={ButtonKind::Primary} icon={Icon::Visit} keys="n v"
                on_press={props.on_log.reform(|()| Target::of_kind("visit"))}
            />
        </>
    };
    let next = next_up(today, wall);
    html! {
        <div class="today">
            <PageHead title="Today" note={html! { long_day(day) }} {actions} />
            <div class="phone-only">
                <SyncStrip strip={props.strip.clone()} />
                <IconButton
                    icon={Icon::Call} name="Log a call"
                    on_press={props.on_log.reform(|()| Target::of_kind("call"))}
                />
            </div>
            { numbers(today) }
            if props.conflicts > 0 {
                <p class="today-review">
                    <Link to={Route::Review} class="today-review-link">
                        <Glyph icon={Icon::Review} /><span>{ conflicts_wait(props.conflicts) }</span>
                    </Link>
                </p>
            }
            <div class="today-columns">
                <div class="today-main">
                    <Section title="Agenda" count={today.counts.agenda}>
                        if today.agenda.is_empty() {
                            { empty_agenda(props.coming) }
                        } else {
                            <ul class="agenda">
                                { for today.agenda.iter().enumerate().map(|(at, it)| html! {
                                    <li
                                        key={it.link.record.to_string()}
                                        class={classes!("agenda-item", (next == Some(at)).then_some("agenda-next"))}
                                    >
                                        { agenda_line(it, wall, props, if next == Some(at) { Rank::Next } else { Rank::Other }) }
                                    </li>
                                }) }
                            </ul>
                        }
                        if stops(today) > 1 {
                            <p class="agenda-route small">
                                <Link to={Route::DayRoute}><span>{ "The shortest way through today\u{2019}s visits" }</span></Link>
                            </p>
                        }
                    </Section>
                    if !today.overdue.is_empty() {
                        <Section title="Overdue" count={today.counts.overdue}>
                            <ul class="agenda">
                                { for today.overdue.iter().map(|it| html! {
                                    <li class="agenda-item" key={it.link.record.to_string()}>{ agenda_line(it, wall, props, Rank::Other) }</li>
                                }) }
                            </ul>
                        </Section>
                    }
                </div>
                <div class="today-side">
                    <Section title="Next best">
                        if today.next_best.is_empty() {
                            { empty_next(today.counts.open_deals, props.coming) }
                        } else {
                            <ul class="next-list">{ for today.next_best.iter().map(next_best) }</ul>
                        }
                    </Section>
                </div>
            </div>
        </div>
    }
}

/// In the place of the agenda.
fn empty_agenda(coming: bool) -> Html {
    let title =
        if coming { "Your records are on their way" } else { "Nothing is planned for today" };
    html! {
        <Empty
            icon={Icon::Calendar} {title}
            text="Tasks that are due and visits that are planned stand here."
        />
    }
}

/// In the place of the deals that want looking after.
fn empty_next(open_deals: u64, coming: bool) -> Html {
    let (icon, title) = match open_deals {
        _ if coming => (Icon::Opportunity, "Your deals are on their way"),
        0 => (Icon::Opportunity, "No open deals of yours"),
        _ => (Icon::Check, "Every open deal has a next step"),
    };
    html! {
        <Empty {icon} {title} text="Deals that nobody looked after for a while stand here." />
    }
}

/// `2 conflicts wait for you`.
fn conflicts_wait(count: u64) -> String {
    let wait = if count == 1 { "waits" } else { "wait" };
    format!("{} {wait} for you", counted(count, "conflict", "conflicts"))
}

/// Visits and meetings that are still to come, at an account.
fn stops(today: &TodayView) -> usize {
    let travels = |kind: &str| matches!(kind, "visit" | "meeting");
    today.agenda.iter().filter(|it| !it.done && it.account.is_some() && travels(&it.kind)).count()
}

/// The place of the item that comes next: the first that is not done and not over.
fn next_up(today: &TodayView, wall: Wall) -> Option<usize> {
    today.agenda.iter().position(|item| {
        let until = item.ends_ms.or(item.at_ms);
        !item.done && until.is_some_and(|until| until >= wall.now_ms)
    })
}

fn numbers(today: &TodayView) -> Html {
    let counts = &today.counts;
    let figure = |number: String, words: &'static str| {
        html! {
            <div class="figure">
                <dd class="figure-number number">{ number }</dd>
                <dt class="quiet small">{ words }</dt>
            </div>
        }
    };
    html! {
        <dl class="figures">
            { figure(format!("{}/{}", counts.done, counts.agenda), "done today") }
            { figure(count(counts.visits), "visits logged") }
            { figure(count(counts.open_deals), "open deals") }
            { figure(count(counts.without_next_step), "no next step") }
        </dl>
    }
}

fn kind_icon(item: &AgendaItemView) -> Icon {
    match item.kind.as_str() {
        "visit" => Icon::Visit,
        "call" => Icon::Call,
        "meeting" => Icon::Meeting,
        "e-mail" => Icon::Mail,
        "note" => Icon::Note,
        _ if item.done => Icon::Task,
        _ => Icon::TaskOpen,
    }
}

/// Whether an item is the one that comes next: only that one has a button with an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    Next,
    Other,
}

fn agenda_line(item: &AgendaItemView, wall: Wall, props: &TodayBodyProps, rank: Rank) -> Html {
    let time = item.at_ms.map(|at| wall.time(at));
    let standing = if item.pending { Standing::Saved } else { Standing::Accepted };
    // “Visit: Acme” need not say again that it is at Acme.
    let account = item.account.as_ref().filter(|it| !item.link.title.contains(&it.title));
    html! {
        <div class={classes!("agenda-line", item.done.then_some("agenda-done"))}>
            <span class="agenda-time number">{ time.unwrap_or_default() }</span>
            <span class="agenda-icon"><Glyph icon={kind_icon(item)} name={item.kind.clone()} /></span>
            <div class="agenda-words">
                <span class="agenda-title">
                    <RecordName record={item.link.record.to_string()} title={item.link.title.clone()} />
                    <FieldMark {standing} />
                </span>
                <span class="agenda-about quiet small">
                    if let Some(account) = account {
                        <RecordName record={account.record.to_string()} title={account.title.clone()} />
                    }
                    if item.days_late > 0 {
                        <span class="late" dir="auto">{ format!("{} late", counted(item.days_late.into(), "day", "days")) }</span>
                    }
                    if item.priority.as_deref() == Some("High") {
                        <span>{ "high priority" }</span>
                    }
                </span>
            </div>
            { agenda_action(item, props, rank) }
        </div>
    }
}

fn agenda_action(item: &AgendaItemView, props: &TodayBodyProps, rank: Rank) -> Html {
    let kind = if rank == Rank::Next { ButtonKind::Plain } else { ButtonKind::Quiet };
    let is_task = item.link.entity == Entity::Task;
    if item.done {
        let words = item.outcome.clone().unwrap_or_else(|| "Done".to_owned());
        return html! { <Chip label={words} icon={Icon::Check} tone={ChipTone::Positive} /> };
    }
    let asked = item.clone();
    if is_task {
        let on_press = props.on_done.reform(move |()| asked.clone());
        return html! { <Button label="Mark done" icon={Icon::Check} {kind} {on_press} /> };
    }
    let on_press = props.on_log.reform(move |()| Target::planned(&asked));
    html! { <Button label="Log it" icon={Icon::Edit} {kind} {on_press} /> }
}

fn next_best(next: &NextBestView) -> Html {
    let account = next.account.as_ref().map(|account| account.title.clone());
    let amount: Option<Money> = next.amount.as_ref().and_then(|amount| amount.text.parse().ok());
    html! {
        <li class="next" key={next.link.record.to_string()}>
            <div class="next-head">
                <RecordName record={next.link.record.to_string()} title={next.link.title.clone()} />
                if let Some(money) = amount {
                    <span class="next-amount"><crate::components::Amount {money} /></span>
                }
                if next.disputed {
                    <FieldMark standing={Standing::Disputed} />
                }
            </div>
            <p class="quiet small" dir="auto">
                { [account, Some(next.stage.clone())].into_iter().flatten().collect::<Vec<_>>().join(" · ") }
            </p>
            <ul class="reasons small">
                { for next.reasons.iter().take(2).map(|it| html! { <li><span dir="auto">{ reason(it) }</span></li> }) }
            </ul>
        </li>
    }
}
