//! Asking the people of a conflict: a task on their Today, where the user may give them one.

use roadbook_api::commands::writes::CreateRecord;
use roadbook_api::views::ConflictView;
use roadbook_api::{ApiError, Assignment};
use roadbook_domain::UserId;
use yew::prelude::*;

use super::words;
use crate::components::{Button, ButtonKind, ChoiceChips, Dialog, TextArea};
use crate::context::{use_draft, use_session, use_wall, use_write};
use crate::state::tally::Many;

/// The dialog in which the people are asked.
#[derive(Properties, PartialEq)]
pub struct AskThemProps {
    /// The conflict.
    pub conflict: ConflictView,
    /// It closes.
    pub on_close: Callback<()>,
}

/// Asks the people of a conflict.
#[function_component]
pub fn AskThem(props: &AskThemProps) -> Html {
    let conflict = &props.conflict;
    let session = use_session();
    let me = session.view().and_then(|view| view.user);
    let people = others(conflict, me);
    let about = format!("ask {}", conflict.named);
    let text = use_draft(&about, || AttrValue::from(question(conflict)));
    let left_out = use_state(Vec::<AttrValue>::new);
    let (write, wall) = (use_write(), use_wall());
    // Whoever may decide may also give a colleague a task; others may not.
    let asked: Vec<(UserId, String)> = match conflict.can_decide {
        true => people.iter().filter(|it| !left_out.contains(&value(it.0))).cloned().collect(),
        false => Vec::new(),
    };
    let ask = {
        let (text, close, conflict) = (text.clone(), props.on_close.clone(), conflict.clone());
        let (asked, today) = (asked.clone(), wall.today().to_string());
        Callback::from(move |()| {
            let task = |owner| task(&conflict, text.trim(), &today, owner);
            let then = text.send();
            if asked.is_empty() {
                let words = "Task saved: it is on your Today and on the record";
                let then = then.reform(|answer: Result<(), ApiError>| answer.is_ok());
                write.run_then(task(None), words, then);
            } else {
                let names: Vec<&str> = asked.iter().map(|it| words::first_name(&it.1)).collect();
                let done = format!("sent to {}, due today", names.join(" and "));
                let tasks = asked.iter().map(|it| task(Some(it.0))).collect();
                write.run_all_then(tasks, Many::new("question", "questions", done), then);
            }
            close.emit(());
        })
    };
    let (verb, hint) = told(conflict, &people, &asked);
    let actions = html! {
        <Button
            label={verb} kind={ButtonKind::Primary} disabled={text.trim().is_empty()} on_press={ask}
        />
    };
    let on_change = {
        let text = text.clone();
        Callback::from(move |typed| text.set(typed))
    };
    let on_press = {
        Callback::from(move |person: AttrValue| {
            let mut now = (*left_out).clone();
            match now.iter().position(|it| *it == person) {
                Some(at) => drop(now.remove(at)),
                None => now.push(person),
            }
            left_out.set(now);
        })
    };
    let options: Vec<(AttrValue, AttrValue)> =
        people.iter().map(|it| (value(it.0), it.1.clone().into())).collect();
    let chosen: Vec<AttrValue> = asked.iter().map(|it| value(it.0)).collect();
    html! {
        <Dialog title="Ask them" on_close={props.on_close.clone()} {actions}>
            <div class="form">
                if conflict.can_decide && !people.is_empty() {
                    <ChoiceChips name="Whom" {options} {chosen} {on_press} />
                }
                <TextArea
                    id="ask" label="Question" value={(*text).clone()} hint={hint} {on_change}
                />
            </div>
        </Dialog>
    }
}

fn value(user: UserId) -> AttrValue {
    user.to_string().into()
}

/// What the button says, and what will come of it.
fn told(
    conflict: &ConflictView,
    people: &[(UserId, String)],
    asked: &[(UserId, String)],
) -> (&'static str, &'static str) {
    match (asked.is_empty(), people.is_empty(), conflict.can_decide) {
        (false, ..) => (
            "Ask",
            "Each gets it as a task of their own, due today: it is on their Today once their \
             device has synced.",
        ),
        (true, true, _) => (
            "Save the task",
            "Nobody else is known to have set a value. It becomes a task of yours on the record, \
             due today.",
        ),
        (true, false, true) => (
            "Save the task",
            "Nobody is chosen. It becomes a task of yours on the record, due today.",
        ),
        (true, false, false) => (
            "Save the task",
            "You may not give colleagues tasks. It becomes a task of yours on the record, due \
             today; they see it there, not on their Today.",
        ),
    }
}

/// Who set a value, the user apart, each once.
fn others(conflict: &ConflictView, me: Option<UserId>) -> Vec<(UserId, String)> {
    let mut found: Vec<(UserId, String)> = Vec::new();
    for by in conflict.sides.iter().filter_map(|side| side.made_by.as_ref()) {
        if Some(by.user) != me && !found.iter().any(|it| it.0 == by.user) {
            found.push((by.user, by.who.clone()));
        }
    }
    found
}

fn task(conflict: &ConflictView, text: &str, today: &str, owner: Option<UserId>) -> CreateRecord {
    let mut assignments = vec![
        Assignment::set("subject", text),
        Assignment::set("about", conflict.link.record.to_string()),
        Assignment::set("due_on", today),
    ];
    if let Some(account) = &conflict.account {
        assignments.push(Assignment::set("account", account.record.to_string()));
    }
    assignments.extend(owner.map(|owner| Assignment::set("owner", owner.to_string())));
    CreateRecord { entity: "task".to_owned(), assignments, why: None }
}

fn question(conflict: &ConflictView) -> String {
    let values: Vec<String> = conflict.sides.iter().map(|side| words::value(&side.value)).collect();
    format!("{} of {}: {}?", conflict.label, conflict.link.title, values.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{WALL, review};

    #[test]
    fn whoever_set_a_value_is_asked_and_the_user_is_not() {
        let conflict = review::conflict(WALL);
        let names =
            |me| -> Vec<String> { others(&conflict, me).into_iter().map(|it| it.1).collect() };
        assert_eq!(names(None), ["Ana Lindqvist", "Ben Okafor"]);
        let ana = conflict.sides[0].made_by.as_ref().map(|by| by.user);
        assert_eq!(names(ana), ["Ben Okafor"]);
        assert_eq!(question(&conflict), "Amount of Renewal 2027: 12,000 EUR or 14,000 EUR?");
    }

    #[test]
    fn the_task_belongs_to_whoever_is_asked_and_the_hint_says_whose_it_is() {
        let mut conflict = review::conflict(WALL);
        let people = others(&conflict, None);
        let owner = people[0].0;
        let set = |task: CreateRecord, field: &str| {
            task.assignments.into_iter().find(|it| it.field == field).map(|it| it.value)
        };
        let asked = task(&conflict, "Which?", "2026-11-06", Some(owner));
        assert_eq!(set(asked, "owner"), Some(owner.to_string()));
        assert_eq!(set(task(&conflict, "Which?", "2026-11-06", None), "owner"), None);
        assert!(told(&conflict, &people, &people).1.contains("on their Today"));
        conflict.can_decide = false;
        assert!(told(&conflict, &people, &[]).1.contains("not on their Today"));
    }
}
