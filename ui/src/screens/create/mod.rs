//! Making something from anywhere: a visit or call that took place, or a new record.
//!
//! [`Makers`] stands in the frame: it hears the keys of the group "New" and shows the dialog that
//! was asked for by [`crate::context::use_make`]; [`Asked`] is that dialog, a part of the page. What
//! is open, a record in the panel or on its page, is what the new thing is about. [`form`] is the
//! form of a new record.

mod alike;
pub mod form;

use roadbook_api::commands::pages::ShowToday;
use roadbook_api::commands::queries::ShowRecord;
use roadbook_api::commands::writes::{LogActivity, SetFields};
use roadbook_api::views::{RecordLink, RecordView, SuggestedAccountView, SuggestedReason};
use roadbook_api::{ApiError, Assignment};
use roadbook_domain::{Entity, Schema};
use yew::prelude::*;

use self::form::CreateDialog;
use super::record::convert::ConvertDialog;
use super::today::quick_log::{Logged, QuickLog, Target};
use crate::components::{Dialog, Problem, Skeleton};
use crate::context::{
    Made, Making, Watch, Write, use_action, use_make, use_place, use_query, use_wall, use_write,
};
use crate::keys::Action;
use crate::parts::{Later, Part};
use crate::route::{Place, Route};
use crate::words::sentence;

/// Hears the keys that make something, and shows the dialog that was asked for.
#[function_component]
pub fn Makers() -> Html {
    let (place, make) = (use_place(), use_make());
    let about = about(&place);
    let open = |what: Made| {
        let (make, about) = (make.clone(), about.clone());
        Callback::from(move |()| make.open(Making { what, about: about.clone() }))
    };
    use_action(Action::NewVisit, open(Made::Log("visit")));
    use_action(Action::NewCall, open(Made::Log("call")));
    use_action(Action::NewLead, open(Made::Record(Entity::Lead)));
    use_action(Action::NewOpportunity, open(Made::Record(Entity::Opportunity)));
    use_action(Action::NewTask, open(Made::Record(Entity::Task)));
    use_action(Action::NewNote, open(Made::Record(Entity::Note)));
    match make.now() {
        Some(_) => html! { <Later part={Part::Making} route={place.route} /> },
        None => Html::default(),
    }
}

/// The dialog that was asked for.
#[function_component]
pub fn Asked() -> Html {
    let make = use_make();
    let Some(making) = make.now() else {
        return Html::default();
    };
    let on_close = Callback::from(move |()| make.close());
    html! { <About {making} {on_close} /> }
}

/// The record that is open: what something new is about.
#[must_use]
pub fn about(place: &Place) -> Option<String> {
    match (&place.panel, &place.route) {
        (Some(record), _) => Some(record.clone()),
        (None, Route::Record(record)) => Some(record.clone()),
        (None, _) => None,
    }
}

#[derive(Properties, PartialEq)]
struct AboutProps {
    making: Making,
    on_close: Callback<()>,
}

/// The dialog, as soon as the record that it is about is here.
#[function_component]
fn About(props: &AboutProps) -> Html {
    let making = &props.making;
    // A conversion asks for its lead itself.
    let about = making.about.as_ref().filter(|_| making.what != Made::Conversion);
    let request = about.map(|record| ShowRecord { entity: None, record: record.clone() });
    let waits = request.is_some();
    let found = use_query(request, Watch::Nothing);
    if waits && found.data.is_none() {
        let inside = match &found.error {
            Some(error) => html! {
                <Problem text={sentence(&error.message)} on_retry={found.reload.clone()} />
            },
            None => html! { <Skeleton lines={4} /> },
        };
        return html! { <Dialog title="New" on_close={props.on_close.clone()}>{ inside }</Dialog> };
    }
    let about = found.data.as_ref().map(|record| (**record).clone());
    let on_close = props.on_close.clone();
    match making.what {
        Made::Log(kind) => html! { <LogDialog {kind} {about} {on_close} /> },
        Made::Record(entity) => html! { <CreateDialog {entity} {about} {on_close} /> },
        Made::Conversion => html! {
            <ConvertDialog lead={making.about.clone().unwrap_or_default()} {on_close} />
        },
    }
}

#[derive(Properties, PartialEq)]
struct LogDialogProps {
    kind: &'static str,
    about: Option<RecordView>,
    on_close: Callback<()>,
}

/// Logging a visit or call: the account of the open record first, then those that are likely.
#[function_component]
fn LogDialog(props: &LogDialogProps) -> Html {
    let (wall, write) = (use_wall(), use_write());
    let day = wall.today().to_string();
    let request = ShowToday { day, offset_minutes: wall.offset_minutes };
    let found = use_query(Some(request), Watch::Nothing);
    let mut suggested: Vec<SuggestedAccountView> = props
        .about
        .as_ref()
        .map(|record| SuggestedAccountView {
            link: RecordLink {
                record: record.record,
                entity: record.entity,
                title: record.title.clone(),
            },
            city: None,
            reason: SuggestedReason::Recent { at_ms: record.updated_ms },
        })
        .into_iter()
        .collect();
    let open = props.about.as_ref().map(|record| record.record);
    if let Some(today) = &found.data {
        let others = today.suggested.iter().filter(|it| Some(it.link.record) != open);
        suggested.extend(others.cloned());
    }
    if suggested.is_empty() && found.is_waiting() {
        return Html::default();
    }
    let entity = props.about.as_ref().map(|record| (record.record.to_string(), record.entity));
    let with_next_step = props
        .about
        .as_ref()
        .is_none_or(|record| Schema::crm().field(record.entity, "next_step").is_some());
    let on_logged = {
        let on_close = props.on_close.clone();
        Callback::from(move |logged: Logged| {
            log(&write, logged, entity.as_ref());
            on_close.emit(());
        })
    };
    html! {
        <QuickLog
            target={Target::of_kind(props.kind)} {suggested} {on_logged} {with_next_step}
            on_close={props.on_close.clone()}
        />
    }
}

/// Saves what was logged: a planned activity gets its outcome, anything else is a new activity.
/// `open` is the record that is open, with its kind; everything else that is offered is an account.
pub(super) fn log(write: &Write, logged: Logged, open: Option<&(String, Entity)>) {
    let mut assignments = vec![Assignment::set("outcome", logged.outcome.as_str())];
    if !logged.note.trim().is_empty() {
        assignments.push(Assignment::set("report", logged.note.as_str()));
    }
    let (record, account) = logged.about.unwrap_or_default();
    let words = super::today::words::logged(&logged.kind, &account);
    if let Some(at) = &logged.at {
        assignments.push(Assignment::set("started_at", at.as_str()));
    }
    let entity = open.filter(|(open, _)| *open == record.as_str());
    let entity = entity.map_or(Entity::Account, |(_, entity)| *entity);
    let is_next = !record.is_empty() && !logged.next_step.trim().is_empty();
    let next = is_next.then(|| SetFields {
        entity: Some(entity.name().to_owned()),
        record: record.to_string(),
        assignments: vec![Assignment::set("next_step", logged.next_step.trim())],
        why: None,
    });
    let then = {
        let (write, words) = (write.clone(), words.clone());
        let (noted, stepped) = (logged.noted.clone(), logged.stepped.clone());
        Callback::from(move |answer: Result<(), ApiError>| {
            noted.emit(answer.is_ok());
            match (answer, next.clone()) {
                (Err(_), _) => stepped.emit(false),
                (Ok(()), Some(next)) => {
                    let done = format!("Next step at {account} noted");
                    write.run_quietly(next, done, next_step_told(&write, &words, &stepped));
                }
                (Ok(()), None) => {}
            }
        })
    };
    if let Some(record) = logged.planned {
        let entity = Some("activity".to_owned());
        let command = SetFields { entity, record: record.to_string(), assignments, why: None };
        write.run_then(command, words, then);
        return;
    }
    let command = LogActivity {
        kind: logged.kind.to_string(),
        entity: Some(entity.name().to_owned()),
        record: record.to_string(),
        assignments,
        why: None,
    };
    write.run_then(command, words, then);
}

/// Where what was logged is saved and its next step is refused, says both and keeps the words.
fn next_step_told(
    write: &Write,
    words: &str,
    stepped: &Callback<bool>,
) -> Callback<Result<(), ApiError>> {
    let (write, words, stepped) = (write.clone(), words.to_owned(), stepped.clone());
    Callback::from(move |answer: Result<(), ApiError>| {
        stepped.emit(answer.is_ok());
        if let Err(error) = answer {
            let why = sentence(&error.message);
            write.problem(format!(
                "{words}, but not its next step. {why} Its words are kept in the dialog."
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_is_about_the_record_that_is_open() {
        let list = Place::from(Route::List(Entity::Account));
        assert_eq!(about(&list), None);
        assert_eq!(about(&list.with_panel(Some("a".into()))).as_deref(), Some("a"));
        let page = Place::from(Route::Record("b".into()));
        assert_eq!(about(&page).as_deref(), Some("b"));
        assert_eq!(about(&page.with_panel(Some("a".into()))).as_deref(), Some("a"));
    }
}
