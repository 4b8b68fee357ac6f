//! One conflict: asks for it, decides it or proposes in it, and goes on to the next.

use std::rc::Rc;

use roadbook_api::commands::conflicts::{Choice, ProposeValue, ResolveConflict, ShowConflict};
use roadbook_api::commands::pages::ShowTimeline;
use roadbook_api::views::{ConflictView, TimelinePage};
use roadbook_api::{ApiError, ErrorCode};
use yew::prelude::*;

use super::ask::AskThem;
use super::comments::{CommentDialog, begun_ms, comments};
use super::detail::ConflictDetail;
use super::reference::may_go_on;
use super::result::{both, currency, definition};
use super::{in_order, order_of};
use crate::browser;
use crate::components::{Empty, Icon, Problem, Skeleton};
use crate::context::{
    Draft, Watch, Write, use_action, use_draft, use_go, use_place, use_query, use_shown,
    use_stored, use_wall, use_write,
};
use crate::keys::Action;
use crate::route::{Place, Route};
use crate::screens::value::to_send;
use crate::state::decision::{Chosen, Decision, DecisionAction, Lacking};
use crate::words::{Wall, sentence};

/// So much of what happened to the record is looked at first for what was said about the conflict.
const SAID: u32 = 50;
/// And at most so much, where the conflict is older than that.
const SAID_MAX: u32 = 800;

/// Which conflict.
#[derive(Properties, PartialEq)]
pub struct ConflictPageProps {
    /// Its name.
    pub conflict: AttrValue,
}

/// One conflict.
#[function_component]
pub fn ConflictPage(props: &ConflictPageProps) -> Html {
    let order = order_of(&use_place());
    let request = ShowConflict { conflict: props.conflict.to_string(), order };
    let found = use_query(Some(request), Watch::Conflicts);
    let go = use_go();
    let back = Callback::from(move |()| go.to(in_order(Route::Review, order)));
    match (&found.data, &found.error) {
        // After a decision the answer of the conflict before stays until the next one is here.
        (Some(conflict), None) if conflict.named == props.conflict => {
            html! { <Deciding key={conflict.named.clone()} conflict={(**conflict).clone()} /> }
        }
        (_, Some(error)) if error.code == ErrorCode::NotFound => html! {
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

/// What is open above a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Comment,
    Ask,
}

#[derive(Properties, PartialEq)]
struct DecidingProps {
    conflict: ConflictView,
}

/// What a person has chosen and written, and between which values.
type Begun = (Decision, Vec<String>);

/// A decision that goes on where it was left, as long as it is between the same values.
struct Making {
    decision: UseReducerHandle<Decision>,
    draft: Draft<Begun>,
}

#[hook]
fn use_decision(conflict: &ConflictView) -> Making {
    let seen: Vec<String> = conflict.sides.iter().map(|it| it.value.text.clone()).collect();
    let draft = use_draft(&format!("decision {}", conflict.named), Begun::default);
    let decision = {
        let (draft, seen) = (draft.clone(), seen.clone());
        let known = may_go_on(conflict, &draft.0.chosen);
        use_reducer(move || match known {
            true => draft.0.again(draft.1 == seen),
            false => Decision { chosen: Chosen::Nothing, ..draft.0.again(false) },
        })
    };
    {
        let (told, before) = (decision.dispatcher(), use_mut_ref(|| seen.clone()));
        use_effect_with(seen.clone(), move |seen| {
            if before.replace(seen.clone()) != *seen {
                told.dispatch(DecisionAction::OtherSides);
            }
        });
    }
    let begun = |decision: Decision| (decision, seen.clone());
    use_stored(&draft, begun(decision.again(true)), begun(Decision::default()));
    Making { decision, draft }
}

#[function_component]
fn Deciding(props: &DecidingProps) -> Html {
    let conflict = &props.conflict;
    let Making { decision, draft } = use_decision(conflict);
    let open = use_state(|| Open::Nothing);
    let (place, go, write, wall) = (use_place(), use_go(), use_write(), use_wall());
    let shown = use_shown();
    let said = use_said(conflict);

    let at = |route: Route| in_order(route, order_of(&place));
    let to = |named: &Option<String>| {
        let (go, place) = (go.clone(), named.clone().map(|named| at(Route::Conflict(named))));
        Callback::from(move |()| {
            if let Some(place) = place.clone() {
                go.to(place);
            }
        })
    };
    use_action(Action::Next, to(&conflict.next));
    use_action(Action::Previous, to(&conflict.previous));
    let on_act = {
        let told = decision.dispatcher();
        Callback::from(move |act| told.dispatch(act))
    };
    use_action(Action::TakeFirst, on_act.reform(|()| DecisionAction::Take(1)));
    use_action(Action::TakeSecond, on_act.reform(|()| DecisionAction::Take(2)));
    use_action(Action::Edit, Callback::from(|()| browser::focus_id("result")));
    let take_both = {
        let (on_act, texts) = (on_act.clone(), both(conflict));
        Callback::from(move |()| {
            if let Some(texts) = texts.clone() {
                on_act.emit(DecisionAction::Type(texts.into()));
                browser::focus_id("result");
            }
        })
    };
    use_action(Action::TakeBoth, take_both.clone());
    let set = |to: Open| {
        let open = open.setter();
        Callback::from(move |()| open.set(to))
    };
    use_action(Action::Ask, set(Open::Ask));
    use_action(Action::Comment, set(Open::Comment));
    // Back to the inbox when it was the last one.
    let then = at(conflict.next.clone().map_or(Route::Review, Route::Conflict));
    let on = go.clone();
    // Whoever went on meanwhile is not fetched back.
    let on = Callback::from(move |()| {
        if shown.is() {
            on.to(Place::clone(&then));
        }
    });
    // What is decided is no draft any more.
    let on = on.reform(move |()| draft.forget());
    let decide = deciding(&decision, write, conflict, wall, on);
    use_action(Action::Open, decide.clone());
    html! {
        <>
            <ConflictDetail
                conflict={conflict.clone()} decision={(*decision).clone()} {wall}
                comments={comments(conflict, said.as_deref())} {on_act}
                on_decide={decide} on_both={take_both} on_comment={set(Open::Comment)}
                on_ask={set(Open::Ask)} on_next={conflict.next.as_ref().map(|_| to(&conflict.next))}
                on_previous={conflict.previous.as_ref().map(|_| to(&conflict.previous))}
            />
            if *open == Open::Ask {
                <AskThem conflict={conflict.clone()} on_close={set(Open::Nothing)} />
            }
            if *open == Open::Comment {
                <CommentDialog conflict={conflict.clone()} on_close={set(Open::Nothing)} />
            }
        </>
    }
}

/// What was said on the record since the sides parted: more of it is asked for until all is here.
#[hook]
fn use_said(conflict: &ConflictView) -> Option<Rc<TimelinePage>> {
    let limit = use_state(|| SAID);
    let record = conflict.link.record.to_string();
    let request = ShowTimeline { entity: None, record, limit: *limit, after: None };
    let found = use_query(Some(request), Watch::Records);
    let page = found.data.as_deref().filter(|_| found.is_of_this);
    let more = page.is_some_and(|page| ends_late(page, begun_ms(conflict)));
    use_effect_with((more, *limit), move |(more, now)| {
        if *more && *now < SAID_MAX {
            limit.set(now * 2);
        }
    });
    found.data
}

/// Whether a timeline goes on, and has not come to the time when the sides parted.
fn ends_late(page: &TimelinePage, since_ms: i64) -> bool {
    page.next.is_some() && page.entries.last().is_some_and(|last| last.at_ms >= since_ms)
}

/// Decides: what is missing has the focus and says so; what is refused stands at the result.
fn deciding(
    decision: &UseReducerHandle<Decision>,
    write: Write,
    conflict: &ConflictView,
    wall: Wall,
    then: Callback<()>,
) -> Callback<()> {
    let (decision, conflict) = (decision.clone(), conflict.clone());
    Callback::from(move |()| {
        if decision.busy {
            return;
        }
        let why = decision.why.trim().to_owned();
        let choice = match decision.choice(|text| sent(&conflict, text, wall)) {
            Ok(_) if why.is_empty() && !conflict.can_decide => Err(Lacking::Why),
            choice => choice,
        };
        let choice = match choice {
            Ok(choice) => choice,
            Err(lacking) => {
                decision.dispatch(DecisionAction::Lacks(lacking));
                match lacking {
                    Lacking::Value => browser::focus(".value-side"),
                    Lacking::Why => browser::focus_id("why"),
                }
                return;
            }
        };
        decision.dispatch(DecisionAction::Send);
        let (told, then) = (decision.dispatcher(), then.clone());
        let done = Callback::from(move |answer: Result<(), ApiError>| match answer {
            Ok(()) => then.emit(()),
            Err(error) => told.dispatch(DecisionAction::Refused(sentence(&error.message).into())),
        });
        send(&write, &conflict, choice, why, done);
    })
}

/// A value that was entered, as the app takes it; what it cannot be is said by the app.
fn sent(conflict: &ConflictView, text: &str, wall: Wall) -> String {
    let read = definition(conflict).map(|it| to_send(&it, text, &currency(conflict), wall));
    read.and_then(Result::ok).unwrap_or_else(|| text.to_owned())
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
        write.run_quietly(command, format!("Decided: {about}"), done);
    } else {
        let command = ProposeValue { conflict: named, choice, why };
        write.run_quietly(command, format!("Proposed: {about}"), done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{WALL, work};

    #[test]
    fn a_timeline_is_read_on_until_the_sides_parted() {
        let mut page = work::timeline(WALL);
        let last = page.entries.last().unwrap().at_ms;
        assert!(ends_late(&page, last - 1) && ends_late(&page, last));
        assert!(!ends_late(&page, last + 1), "what is older says nothing of the conflict");
        page.next = None;
        assert!(!ends_late(&page, last - 1), "there is no more");
    }
}
