//! The form of a new record: the few fields that matter at first; the rest is edited in place.

use std::collections::BTreeMap;

use roadbook_api::commands::writes::{AddNote, CreateRecord};
use roadbook_api::views::RecordView;
use roadbook_api::{ApiError, Assignment, ValueView};
use roadbook_domain::{Entity, Schema, ValueType};
use yew::prelude::*;

use super::alike::Alike;
use crate::components::{Button, ButtonKind, Dialog, Offer};
use crate::context::{use_draft, use_shown, use_toast, use_wall, use_write};
use crate::screens::list::filters::{ValueInput, ValueInputProps};
use crate::screens::value::{self, HOME_CURRENCY, kind_word};
use crate::words::{Wall, sentence};

/// What was typed into a field: the text, and the id where a record was picked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Typed {
    text: AttrValue,
    picked: Option<AttrValue>,
}

/// What is typed so far, by field.
pub type Draft = BTreeMap<&'static str, Typed>;

/// The dialog for a new record.
#[derive(Properties, PartialEq)]
pub struct CreateDialogProps {
    /// Its kind.
    pub entity: Entity,
    /// The record that it is about.
    #[prop_or_default]
    pub about: Option<RecordView>,
    /// It closes.
    pub on_close: Callback<()>,
}

/// The fields of the form, the name first.
#[must_use]
pub const fn fields(entity: Entity) -> &'static [&'static str] {
    match entity {
        Entity::Account => &["name", "city", "tier", "industry", "phones"],
        Entity::Contact => &["name", "account", "role", "phones", "emails"],
        Entity::Lead => &["name", "company", "phones", "emails", "source"],
        Entity::Opportunity => &["name", "account", "amount", "close_date", "next_step"],
        Entity::Quote => &["number", "account", "opportunity", "valid_until"],
        Entity::Task => &["subject", "due_on", "account", "priority"],
        Entity::Note => &["body", "account"],
        Entity::Activity => &["subject", "kind", "account", "started_at"],
        Entity::Product => &["name", "sku", "family"],
        Entity::PriceBook => &["name", "currency"],
        Entity::Territory | Entity::User | Entity::Team => &["name"],
    }
}

/// What the form begins with: the record that it is about and its account, today for a task.
#[must_use]
pub fn at_start(entity: Entity, about: Option<&RecordView>, wall: Wall) -> Draft {
    let mut draft = Draft::new();
    let pick = |text: &str, id: String| Typed {
        text: AttrValue::from(text.to_owned()),
        picked: Some(id.into()),
    };
    if let Some(about) = about {
        let id = about.record.to_string();
        if about.entity == Entity::Account {
            draft.insert("account", pick(&about.title, id.clone()));
        } else if let Some(field) = about.fields.get("account")
            && let ValueView::Reference { record } = &field.value
        {
            draft.insert("account", pick(&field.text, record.to_string()));
        }
        if about.entity == Entity::Opportunity {
            draft.insert("opportunity", pick(&about.title, id));
        }
    }
    if entity == Entity::Task {
        let today = Typed { text: wall.today().to_string().into(), picked: None };
        draft.insert("due_on", today);
    }
    draft
}

/// What is wrong with a form: by field.
pub type Problems = BTreeMap<&'static str, AttrValue>;

/// The assignments of a form, or what is wrong with it.
///
/// # Errors
/// What is wrong, by field.
pub fn assignments(entity: Entity, draft: &Draft, wall: Wall) -> Result<Vec<Assignment>, Problems> {
    let schema = Schema::crm();
    let (mut out, mut problems) = (Vec::new(), Problems::new());
    for name in fields(entity) {
        let Some(definition) = schema.field(entity, name) else {
            continue;
        };
        let typed = draft.get(name).cloned().unwrap_or_default();
        let refers = matches!(definition.value_type, ValueType::Reference(_));
        if refers && typed.picked.is_none() && !typed.text.trim().is_empty() {
            problems.insert(name, "Choose one of those that are offered.".into());
            continue;
        }
        let text = typed.picked.unwrap_or(typed.text);
        match value::to_send(definition, &text, HOME_CURRENCY, wall) {
            Ok(text) if text.is_empty() => {}
            Ok(text) => out.push(Assignment::set(*name, text)),
            Err(why) => {
                problems.insert(name, why.into());
            }
        }
    }
    if entity == Entity::Note && !out.iter().any(|it| it.field == "body") {
        problems.insert("body", "Write the note.".into());
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// The dialog for a new record.
#[function_component]
pub fn CreateDialog(props: &CreateDialogProps) -> Html {
    let (wall, write) = (use_wall(), use_write());
    let (shown, say) = (use_shown(), use_toast());
    let entity = props.entity;
    let about = props.about.as_ref().map(|it| it.record.to_string()).unwrap_or_default();
    let name = format!("new {} {about}", entity.name());
    let draft = use_draft(&name, || at_start(entity, props.about.as_ref(), wall));
    let problems = use_state(Problems::new);
    let refused = use_state(|| None::<AttrValue>);
    let busy = use_state(|| false);
    let save = {
        let (draft, problems, refused, busy) =
            (draft.clone(), problems.clone(), refused.clone(), busy.clone());
        let (about, on_close) = (props.about.clone(), props.on_close.clone());
        Callback::from(move |()| {
            if *busy {
                return;
            }
            let found = match assignments(entity, &draft, wall) {
                Ok(found) => found,
                Err(wrong) => {
                    problems.set(wrong);
                    return;
                }
            };
            busy.set(true);
            let (busy, refused, on_close) = (busy.setter(), refused.setter(), on_close.clone());
            let (draft, typed, shown, say) =
                (draft.clone(), (*draft).clone(), shown.clone(), say.clone());
            // It is on its way: a dialog that is opened anew does not offer to save it once more.
            draft.forget();
            let done = Callback::from(move |answer: Result<(), ApiError>| {
                busy.set(false);
                match answer {
                    Ok(()) if shown.is() => {
                        draft.forget();
                        on_close.emit(());
                    }
                    Ok(()) => {}
                    Err(error) => {
                        draft.keep(typed.clone());
                        if !shown.is() {
                            say.problem(sentence(&error.message));
                        }
                        refused.set(Some(value::capital(&error.message).into()));
                    }
                }
            });
            send(&write, entity, about.as_ref(), found, done);
        })
    };
    let submit = {
        let save = save.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            save.emit(());
        })
    };
    let input = |name: &&'static str| {
        let schema = Schema::crm();
        let definition = schema.field(entity, name)?;
        let typed = draft.get(name).cloned().unwrap_or_default();
        let name: &'static str = name;
        let put = |pick: bool| {
            let (draft, problems) = (draft.clone(), problems.clone());
            move |(text, value): (AttrValue, AttrValue)| {
                let mut next = (*draft).clone();
                next.insert(name, Typed { text, picked: pick.then_some(value) });
                draft.set(next);
                if problems.contains_key(name) {
                    let mut rest = (*problems).clone();
                    rest.remove(name);
                    problems.set(rest);
                }
            }
        };
        let (type_in, pick) = (put(false), put(true));
        let props = ValueInputProps {
            id: format!("new-{name}").into(),
            label: definition.label.into(),
            entity,
            field: name.into(),
            text: typed.text,
            first: Vec::new(),
            hint: hint(&definition.value_type),
            problem: problems.get(name).cloned(),
            on_type: Callback::from(move |text: AttrValue| type_in((text, AttrValue::default()))),
            on_pick: Callback::from(move |offer: Offer| pick((offer.text, offer.value))),
        };
        Some(html! { <ValueInput key={name} ..props /> })
    };
    let anew = {
        let (draft, about) = (draft.clone(), props.about.clone());
        Callback::from(move |()| {
            draft.set(at_start(entity, about.as_ref(), wall));
            draft.forget();
        })
    };
    let what = kind_word(entity);
    let title = match &props.about {
        Some(about) if matches!(entity, Entity::Note | Entity::Task) => {
            format!("New {what}: {}", about.title)
        }
        _ => format!("New {what}"),
    };
    let actions = html! {
        <Button
            label={format!("Save {what}")} kind={ButtonKind::Primary} busy={*busy} on_press={save}
        />
    };
    let shown = fields(entity).iter().filter(|name| !(**name == "account" && is_about(props)));
    html! {
        <Dialog {title} on_close={props.on_close.clone()} {actions}>
            <form class="form" onsubmit={submit}>
                if draft.is_kept {
                    <p class="quiet small kept">
                        { "Kept from before, not saved yet. " }
                        <Button label="Start anew" kind={ButtonKind::Quiet} on_press={anew} />
                    </p>
                }
                { for shown.filter_map(input) }
                <Alike name={named_so_far(entity, &draft)} on_leave={props.on_close.clone()} />
                if let Some(why) = &*refused {
                    <p class="field-problem" role="alert">{ why }</p>
                }
                <button type="submit" class="unseen" tabindex="-1" aria-hidden="true"></button>
            </form>
        </Dialog>
    }
}

/// What a record that may be here already is called, as far as it is typed.
fn named_so_far(entity: Entity, draft: &Draft) -> AttrValue {
    let typed = |field: &str| draft.get(field).map(|it| it.text.clone()).unwrap_or_default();
    match entity {
        Entity::Account | Entity::Contact => typed("name"),
        Entity::Lead if typed("company").trim().is_empty() => typed("name"),
        Entity::Lead => typed("company"),
        Entity::Opportunity
        | Entity::Quote
        | Entity::Task
        | Entity::Note
        | Entity::Activity
        | Entity::Product
        | Entity::PriceBook
        | Entity::Territory
        | Entity::User
        | Entity::Team => AttrValue::default(),
    }
}

/// A note or task about a record says in its title what it is about.
fn is_about(props: &CreateDialogProps) -> bool {
    props.about.is_some() && matches!(props.entity, Entity::Note | Entity::Task)
}

fn hint(kind: &ValueType) -> Option<AttrValue> {
    match kind {
        ValueType::Set => Some("Several with commas between them.".into()),
        ValueType::Money => {
            Some(format!("In {HOME_CURRENCY}, unless you write a currency.").into())
        }
        ValueType::Text
        | ValueType::LongText
        | ValueType::Integer
        | ValueType::Boolean
        | ValueType::Percent
        | ValueType::Date
        | ValueType::Instant
        | ValueType::Reference(_)
        | ValueType::AnyReference
        | ValueType::Choice(_)
        | ValueType::State(_)
        | ValueType::Log
        | ValueType::Structure => None,
    }
}

fn send(
    write: &crate::context::Write,
    entity: Entity,
    about: Option<&RecordView>,
    mut found: Vec<Assignment>,
    done: Callback<Result<(), ApiError>>,
) {
    let what = value::capital(&kind_word(entity));
    let text = |field: &str| found.iter().find(|it| it.field == field).map(|it| it.value.clone());
    if entity == Entity::Note {
        let body = text("body").unwrap_or_default();
        let account = text("account");
        let record = about.map(|about| about.record.to_string()).or(account);
        if let Some(record) = record {
            let command = AddNote { entity: None, record, text: body, title: None };
            write.run_quietly(command, "Note saved", done);
            return;
        }
        let first = body.lines().next().unwrap_or_default().chars().take(80).collect::<String>();
        found.push(Assignment::set("title", first));
    }
    if let Some(about) = about
        && matches!(entity, Entity::Task | Entity::Activity)
        && about.entity != Entity::Account
    {
        found.push(Assignment::set("about", about.record.to_string()));
        if let Some(ValueView::Reference { record }) =
            about.fields.get("account").map(|it| &it.value)
            && !found.iter().any(|it| it.field == "account")
        {
            found.push(Assignment::set("account", record.to_string()));
        }
    }
    let command = CreateRecord { entity: entity.name().to_owned(), assignments: found, why: None };
    write.run_quietly(command, format!("{what} saved"), done);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, WALL};

    fn typed(text: &str) -> Typed {
        Typed { text: text.to_owned().into(), picked: None }
    }

    #[test]
    fn a_deal_about_an_account_begins_with_it() {
        let account = sample::work::account(WALL);
        let mut draft = at_start(Entity::Opportunity, Some(&account), WALL);
        draft.insert("name", typed("Renewal 2028"));
        draft.insert("amount", typed("12,000"));
        let found = assignments(Entity::Opportunity, &draft, WALL).unwrap();
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        let account = format!("account={}", account.record);
        assert_eq!(said, ["name=Renewal 2028", account.as_str(), "amount=12000 EUR"]);
    }

    #[test]
    fn what_may_be_here_already_is_looked_for_by_company_or_name() {
        let mut draft = Draft::new();
        draft.insert("name", typed("Ana"));
        assert_eq!(named_so_far(Entity::Lead, &draft), "Ana");
        draft.insert("company", typed("Acme"));
        assert_eq!(named_so_far(Entity::Lead, &draft), "Acme");
        assert_eq!(named_so_far(Entity::Contact, &draft), "Ana");
        assert_eq!(named_so_far(Entity::Opportunity, &draft), "", "two deals may be called so");
    }

    #[test]
    fn a_form_says_by_field_what_is_wrong() {
        let mut draft = Draft::new();
        draft.insert("account", typed("Acme"));
        draft.insert("amount", typed("a lot"));
        let wrong = assignments(Entity::Opportunity, &draft, WALL).unwrap_err();
        assert_eq!(wrong.keys().copied().collect::<Vec<_>>(), ["account", "amount", "name"]);
        let note = assignments(Entity::Note, &Draft::new(), WALL).unwrap_err();
        assert_eq!(note.keys().copied().collect::<Vec<_>>(), ["body"]);
    }

    #[test]
    fn every_form_has_fields_of_its_kind_and_all_that_are_required() {
        let schema = Schema::crm();
        for entity in Entity::ALL {
            for name in fields(entity) {
                assert!(schema.field(entity, name).is_some(), "{entity}: {name}");
            }
            let title = schema.entity(entity).title;
            assert!(entity == Entity::Note || fields(entity)[0] == title, "{entity}");
        }
    }
}
