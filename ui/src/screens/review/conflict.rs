//! One conflict: asks for it, decides it or proposes in it, and goes on to the next.

use roadbook_api::commands::conflicts::{Choice, ProposeValue, ResolveConflict, ShowConflict};
use roadbook_api::commands::writes::CreateRecord;
use roadbook_api::views::ConflictView;
use roadbook_api::{ApiError, Assignment};
use yew::prelude::*;

use super::detail::ConflictDetail;
use super::words;
use crate::components::{Button, ButtonKind, Dialog, Empty, Icon, Problem, Skeleton, TextArea};
use crate::context::{Watch, Write, use_action, use_go, use_query, use_wall, use_write};
use crate::keys::Action;
use crate::route::Route;
use crate::state::decision::{Decision, DecisionAction};

/// Which conflict.
#[derive(Properties, PartialEq)]
pub struct ConflictPageProps {
    /// Its name.
    pub conflict: AttrValue,
}

/// One conflict.
#[function_component]
pub fn ConflictPage(props: &ConflictPageProps) -> Html {
    let request = ShowConflict { conflict: props.conflict.to_string() };
    let found = use_query(Some(request), Watch::Conflicts);
    let go = use_go();
    let back = Callback::from(move |()| go.to(Route::Review));
    match (&found.data, &found.error) {
        // After a decision the answer of the conflict before stays until the next one is here.
        (Some(conflict), None) if conflict.named == props.conflict => {
            html! { <Deciding key={conflict.named.clone()} conflict={(**conflict).clone()} /> }
        }
        (_, Some(error)) if error.code == roadbook_api::ErrorCode::NotFound => html! {
            <Empty
                icon={Icon::Check} title="This is settled"
                text="Somebody decided it, or it settled itself. The record's history says how."
                action={Some(("Back to the inbox".into(), back))}
            />
        },
        (_, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (_, None) => html! { <Skeleton lines={8} /> },
    }
}

#[derive(Properties, PartialEq)]
struct DecidingProps {
    conflict: ConflictView,
}

#[function_component]
fn Deciding(props: &DecidingProps) -> Html {
    let conflict = &props.conflict;
    let decision = use_reducer(Decision::default);
    let asking = use_state(|| false);
    let (go, write, wall) = (use_go(), use_write(), use_wall());

    let to = |named: &Option<String>| {
        let (go, named) = (go.clone(), named.clone());
        Callback::from(move |()| {
            if let Some(named) = named.clone() {
                go.to(Route::Conflict(named));
            }
        })
    };
    use_action(Action::Next, to(&conflict.next));
    use_action(Action::Previous, to(&conflict.previous));
    let take = |side: u32| {
        let decision = decision.dispatcher();
        Callback::from(move |()| decision.dispatch(DecisionAction::Take(side)))
    };
    use_action(Action::TakeFirst, take(1));
    use_action(Action::TakeSecond, take(2));
    let ask = {
        let asking = asking.clone();
        Callback::from(move |()| asking.set(true))
    };
    use_action(Action::Ask, ask.clone());

    let decide = {
        let (decision, write, conflict) = (decision.clone(), write, conflict.clone());
        // Back to the inbox when it was the last one.
        let then = conflict.next.clone().map_or(Route::Review, Route::Conflict);
        let go = go.clone();
        Callback::from(move |()| {
            // Read before it is told to be busy: a handle shows what holds now.
            let Some(choice) = decision.choice().filter(|_| !decision.busy) else {
                return;
            };
            let why = decision.why.trim().to_owned();
            decision.dispatch(DecisionAction::Send);
            let told = decision.dispatcher();
            let (go, then) = (go.clone(), then.clone());
            let done = Callback::from(move |answer: Result<(), ApiError>| match answer {
                Ok(()) => go.to(then.clone()),
                Err(error) => told.dispatch(DecisionAction::Refused(error.message.into())),
            });
            send(&write, &conflict, choice, why, done);
        })
    };
    use_action(Action::Open, decide.clone());

    let close = {
        let asking = asking.clone();
        Callback::from(move |()| asking.set(false))
    };
    html! {
        <>
            <ConflictDetail
                conflict={conflict.clone()} decision={(*decision).clone()} {wall}
                on_act={let told = decision.dispatcher(); Callback::from(move |act| told.dispatch(act))}
                on_decide={decide} on_ask={ask}
                on_next={conflict.next.as_ref().map(|_| to(&conflict.next))}
                on_previous={conflict.previous.as_ref().map(|_| to(&conflict.previous))}
            />
            if *asking {
                <AskThem conflict={conflict.clone()} on_close={close} />
            }
        </>
    }
}

/// Sends what was chosen: as a decision, or as a proposal by who may not decide.
fn send(
    write: &Write,
    conflict: &ConflictView,
    choice: Choice,
    why: String,
    done: Callback<Result<(), ApiError>>,
) {
    let named = conflict.named.clone();
    let about = format!("{} of {}", conflict.label, conflict.link.title);
    if conflict.can_decide {
        let why = (!why.is_empty()).then_some(why);
        let seen = conflict.sides.iter().map(|side| side.value.value.clone()).collect();
        let command = ResolveConflict { conflict: named, choice, why, seen };
        write.run_then(command, format!("Decided: {about}"), done);
    } else {
        let command = ProposeValue { conflict: named, choice, why };
        write.run_then(command, format!("Proposed: {about}"), done);
    }
}

/// Asks the people of a conflict: a task about the record, due today.
#[function_component]
fn AskThem(props: &AskThemProps) -> Html {
    let conflict = &props.conflict;
    let text = use_state(|| AttrValue::from(question(conflict)));
    let (write, wall) = (use_write(), use_wall());
    let ask = {
        let (text, close, conflict) = (text.clone(), props.on_close.clone(), conflict.clone());
        Callback::from(move |()| {
            let mut assignments = vec![
                Assignment::set("subject", text.trim()),
                Assignment::set("about", conflict.link.record.to_string()),
                Assignment::set("due_on", wall.today().to_string()),
            ];
            if let Some(account) = &conflict.account {
                assignments.push(Assignment::set("account", account.record.to_string()));
            }
            let command = CreateRecord { entity: "task".to_owned(), assignments, why: None };
            write.run(command, "Asked: a task stands on the record");
            close.emit(());
        })
    };
    let actions = html! {
        <Button
            label="Ask" kind={ButtonKind::Primary} disabled={text.trim().is_empty()} on_press={ask}
        />
    };
    let on_change = {
        let text = text.clone();
        Callback::from(move |typed| text.set(typed))
    };
    html! {
        <Dialog title="Ask them" on_close={props.on_close.clone()} {actions}>
            <TextArea
                id="ask" label="Question" value={(*text).clone()}
                hint="It becomes a task on the record, due today, that everybody on it sees." {on_change}
            />
        </Dialog>
    }
}

#[derive(Properties, PartialEq)]
struct AskThemProps {
    conflict: ConflictView,
    on_close: Callback<()>,
}

fn question(conflict: &ConflictView) -> String {
    let people = conflict.sides.iter().filter_map(|side| side.made_by.as_ref());
    let names: Vec<&str> = people.map(|by| words::first_name(&by.who)).collect();
    let values: Vec<String> = conflict.sides.iter().map(|side| words::value(&side.value)).collect();
    let whom = if names.is_empty() { String::new() } else { format!("{}: ", names.join(", ")) };
    format!("{whom}{} - {}?", conflict.label.to_lowercase(), values.join(" or "))
}
