//! The head of a record: name, stage as steps, key facts, what can be done with it.

use roadbook_api::ValueView;
use roadbook_api::views::RecordView;
use roadbook_domain::{Entity, Schema};
use yew::prelude::*;

use super::field::RecordField;
use crate::components::{
    Button, ButtonKind, FieldMark, Icon, IconButton, LabelPlace, Menu, MenuItem, StageSteps,
};
use crate::keys::{Action, keys_of};
use crate::screens::value::{capital, kind_word, record_standing};

/// Where a record is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shown {
    /// In the panel beside a list.
    Panel,
    /// On a page of its own.
    Page,
}

/// What was asked for from the head of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// Moving it to a stage, status or state.
    Move(String),
    /// Logging a visit, call or meeting.
    Log(&'static str),
    /// A new record about it.
    Make(Entity),
    /// Converting it: a lead becomes an account, a contact and an opportunity.
    Convert,
    /// Putting it into the trash.
    Trash,
    /// Taking it out of there.
    Restore,
    /// Its conflict.
    Conflict,
    /// The history of a field.
    Why(&'static str),
}

/// The head of a record.
#[derive(Properties, PartialEq)]
pub struct RecordHeadProps {
    /// The record.
    pub record: RecordView,
    /// Where it is shown.
    pub shown: Shown,
    /// Something was asked for.
    #[prop_or_default]
    pub on_ask: Callback<Asked>,
}

/// The facts that matter most, and what is next.
#[must_use]
pub const fn key_facts(entity: Entity) -> &'static [&'static str] {
    match entity {
        Entity::Account => &["tier", "revenue", "visits", "owner", "next_step"],
        Entity::Contact => &["account", "role", "phones", "owner"],
        Entity::Lead => &["company", "source", "phones", "owner"],
        Entity::Opportunity => &["amount", "close_date", "account", "owner", "next_step"],
        Entity::Quote => &["account", "opportunity", "valid_until", "owner"],
        Entity::Activity => &["kind", "started_at", "outcome", "account"],
        Entity::Task => &["due_on", "priority", "account", "owner"],
        Entity::Note => &["account", "about", "owner"],
        Entity::Product => &["sku", "list_price", "family"],
        Entity::PriceBook => &["currency", "valid_from", "valid_to"],
        Entity::Territory => &["parent"],
        Entity::User => &["role", "territory"],
        Entity::Team => &["lead"],
    }
}

/// The icon of a kind of record.
#[must_use]
pub const fn kind_icon(entity: Entity) -> Icon {
    match entity {
        Entity::Account => Icon::Account,
        Entity::Contact | Entity::User => Icon::Contact,
        Entity::Lead => Icon::Lead,
        Entity::Opportunity => Icon::Opportunity,
        Entity::Quote => Icon::Quote,
        Entity::Activity => Icon::Visit,
        Entity::Task => Icon::Task,
        Entity::Note => Icon::Note,
        Entity::Product | Entity::PriceBook => Icon::Tag,
        Entity::Territory => Icon::List,
        Entity::Team => Icon::Meeting,
    }
}

/// Whether visits and calls are logged and notes are written about such a record.
#[must_use]
pub const fn is_worked_on(entity: Entity) -> bool {
    matches!(
        entity,
        Entity::Account | Entity::Contact | Entity::Lead | Entity::Opportunity | Entity::Quote
    )
}

/// A lead that has not been converted yet.
#[must_use]
pub fn is_convertible(record: &RecordView) -> bool {
    let converted = record.fields.get("converted_to");
    let converted = converted.is_some_and(|it| it.value != ValueView::Null);
    record.entity == Entity::Lead && !record.deleted && !converted
}

/// The head of a record.
#[function_component]
pub fn RecordHead(props: &RecordHeadProps) -> Html {
    let record = &props.record;
    let ask = |asked: Asked| props.on_ask.reform(move |()| asked.clone());
    let name = if record.title.is_empty() {
        format!("{} without a name", capital(&kind_word(record.entity)))
    } else {
        record.title.clone()
    };
    let title = match props.shown {
        Shown::Page => html! { <h1 class="record-title" dir="auto">{ name }</h1> },
        Shown::Panel => html! { <h2 class="record-title" dir="auto">{ name }</h2> },
    };
    let on_mark = props.on_ask.reform(Asked::Why);
    let fact = |field: &&'static str| {
        html! {
            <RecordField
                key={*field} record={record.clone()} field={*field}
                label_place={LabelPlace::Above} on_mark={on_mark.clone()}
            />
        }
    };
    let mark = record_standing(record);
    let panel = (props.shown == Shown::Panel).then_some("record-head-panel");
    let conflict = record.disputed.then(|| ask(Asked::Conflict));
    html! {
        <header class={classes!("record-head", panel)}>
            <div class="record-names">
                <div class="record-name-line">
                    { title }
                    <FieldMark
                        standing={mark} about={AttrValue::from("Record")}
                        words={record.disputed.then(|| AttrValue::from("disputed"))}
                        on_press={conflict}
                    />
                </div>
                <p class="quiet small">{ capital(&kind_word(record.entity)) }</p>
            </div>
            if record.deleted {
                <div class="record-trash" role="status">
                    <p class="spread">{ "This is in the trash." }</p>
                    <Button label="Restore" icon={Icon::Undo} on_press={ask(Asked::Restore)} />
                </div>
            } else {
                { actions(props) }
            }
            { steps(props) }
            <dl class="key-facts">{ for key_facts(record.entity).iter().map(fact) }</dl>
        </header>
    }
}

fn actions(props: &RecordHeadProps) -> Html {
    let record = &props.record;
    let ask = |asked: Asked| props.on_ask.reform(move |()| asked.clone());
    let item = |label: &'static str, icon: Icon, asked: Asked, keys: Option<Action>| {
        MenuItem::new(label, ask(asked)).icon(icon).keys(keys.map_or("", keys_of))
    };
    let mut items = Vec::new();
    if is_convertible(record) {
        items.push(item("Convert to a deal", Icon::Opportunity, Asked::Convert, None));
    }
    if is_worked_on(record.entity) {
        items.push(item("Log a call", Icon::Call, Asked::Log("call"), Some(Action::NewCall)));
        items.push(item("Log a meeting", Icon::Meeting, Asked::Log("meeting"), None));
        items.push(item("New task", Icon::Task, Asked::Make(Entity::Task), Some(Action::NewTask)));
    }
    if record.entity == Entity::Account {
        items.push(item("New contact", Icon::Contact, Asked::Make(Entity::Contact), None));
        items.push(item(
            "New opportunity",
            Icon::Opportunity,
            Asked::Make(Entity::Opportunity),
            Some(Action::NewOpportunity),
        ));
    }
    if matches!(record.entity, Entity::Account | Entity::Opportunity) {
        items.push(item("New quote", Icon::Quote, Asked::Make(Entity::Quote), None));
    }
    items.push(item("Delete", Icon::Trash, Asked::Trash, None));
    let state = Schema::crm().entity(record.entity).state_field().map(|field| field.name);
    let at = state.and_then(|state| record.fields.get(state)).map(|field| field.text.as_str());
    // Beside a list, the one primary button of the screen is that of the list.
    let (kind, keys) = match props.shown {
        Shown::Page => (ButtonKind::Primary, Some(AttrValue::from(keys_of(Action::NewVisit)))),
        Shown::Panel => (ButtonKind::Plain, None),
    };
    let finish = record.entity == Entity::Task && at != Some("Done");
    html! {
        <div class="record-actions">
            if is_worked_on(record.entity) {
                <Button
                    label="Log a visit" {kind} icon={Icon::Visit} keys={keys}
                    on_press={ask(Asked::Log("visit"))}
                />
                <IconButton
                    icon={Icon::Note} name="Add a note (n n)"
                    on_press={ask(Asked::Make(Entity::Note))}
                />
            } else if finish {
                <Button
                    label="Mark done" {kind} icon={Icon::Check}
                    on_press={ask(Asked::Move("Done".into()))}
                />
            }
            <span class="record-menu"><Menu name="Actions" {items} /></span>
        </div>
    }
}

/// Open states as steps, closed ones apart; a task is just open or done.
fn steps(props: &RecordHeadProps) -> Html {
    let record = &props.record;
    let schema = Schema::crm();
    let field =
        schema.entity(record.entity).state_field().filter(|_| record.entity != Entity::Task);
    let Some((field, machine)) = field.and_then(|field| Some((field, field.machine()?))) else {
        return Html::default();
    };
    let at = record.fields.get(field.name).map(|field| field.text.clone()).unwrap_or_default();
    let names = |closed: bool| {
        let states = machine.states.iter().filter(move |state| state.closed == closed);
        states.map(|state| AttrValue::from(state.name)).collect::<Vec<_>>()
    };
    let on_move =
        (!record.deleted).then(|| props.on_ask.reform(|to: AttrValue| Asked::Move(to.to_string())));
    html! {
        <StageSteps name={field.label} steps={names(false)} ends={names(true)} {at} {on_move} />
    }
}
