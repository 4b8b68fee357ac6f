//! One field of a record, edited where it stands, by the schema.

use roadbook_api::commands::writes::{MoveRecord, SetFields};
use roadbook_api::views::{FieldView, RecordView};
use roadbook_api::{ApiError, Assignment, ErrorCode, ValueView};
use roadbook_domain::intent::check_editable;
use roadbook_domain::{Schema, ValueType};
use yew::prelude::*;

use crate::components::inline_field::Commit;
use crate::components::{Glyph, Icon, InlineField, LabelPlace, Link, Standing};
use crate::context::{use_wall, use_write};
use crate::route::Route;
use crate::screens::offers::use_offers;
use crate::screens::value::{self, HOME_CURRENCY};

/// One field of a record.
#[derive(Properties, PartialEq)]
pub struct RecordFieldProps {
    /// The record.
    pub record: RecordView,
    /// The field's name.
    pub field: &'static str,
    /// Where its label stands.
    #[prop_or_default]
    pub label_place: LabelPlace,
    /// Its mark was pressed.
    #[prop_or_default]
    pub on_mark: Callback<&'static str>,
}

/// One field of a record, edited where it stands.
#[function_component]
pub fn RecordField(props: &RecordFieldProps) -> Html {
    let record = &props.record;
    let (wall, write) = (use_wall(), use_write());
    // What was typed to find a record; nothing is asked before somebody edits.
    let looked_for = use_state(|| None::<AttrValue>);
    // What stood there when the person began: a newer value of somebody else is not replaced unseen.
    let seen = use_mut_ref(|| ValueView::Null);
    let schema = Schema::crm();
    let definition = schema.field(record.entity, props.field).copied();
    let refers = definition.as_ref().is_some_and(|it| {
        matches!(it.value_type, ValueType::Reference(_) | ValueType::AnyReference)
    });
    let offers = use_offers(record.entity, definition.as_ref(), (*looked_for).as_deref());
    let Some(definition) = definition else {
        return Html::default();
    };
    let field = record.fields.get(props.field);
    let text = field.map(|field| value::typed(&definition, field, wall)).unwrap_or_default();
    let said = field.map(|field| AttrValue::from(value::read(&definition, field, wall)));
    let shown = field.map(|field| value::shown(&definition, field, wall)).unwrap_or_default();
    let on_begin = {
        let (seen, now) = (seen.clone(), field.map_or(ValueView::Null, |it| it.value.clone()));
        Callback::from(move |()| *seen.borrow_mut() = now.clone())
    };
    let on_commit = {
        let (record, field) = (record.clone(), field.cloned());
        Callback::from(move |commit: Commit| {
            let currency = currency(field.as_ref());
            match value::to_send(&definition, &commit.text, &currency, wall) {
                Ok(text) => {
                    let seen = seen.borrow().clone();
                    send(&write, &record, &definition, seen, text, commit.done);
                }
                Err(why) => commit.done.emit(Err(ApiError::new(ErrorCode::BadInput, why))),
            }
        })
    };
    let on_type = {
        Callback::from(move |text: AttrValue| {
            if refers {
                looked_for.set(Some(text));
            }
        })
    };
    let named = match field.map(|field| &field.value) {
        Some(ValueView::Reference { record }) => Some(record.to_string()),
        _ => None,
    };
    let beside = named.filter(|_| is_page(&definition)).map(|record| {
        let name = format!("Open {text}");
        html! {
            <Link to={Route::Record(record)} class={classes!("inline-open")} name={name.clone()}>
                <Glyph icon={Icon::Next} size={16} {name} />
            </Link>
        }
    });
    // What is set once, when the record is made, is not offered to be changed.
    let editable =
        value::is_typed(&definition) && check_editable(record.entity, &definition).is_ok();
    let name = definition.name;
    html! {
        <InlineField
            label={definition.label} {shown} {text} {said}
            editor={value::editor(&definition, offers)}
            standing={field.map_or(Standing::Accepted, value::standing)}
            sides={field.map_or(0, |field| field.sides)}
            editable={editable && !record.deleted}
            label_place={props.label_place} beside={beside.unwrap_or_default()} {on_begin} {on_type} {on_commit}
            on_mark={field.map(|_| props.on_mark.reform(move |()| name))}
        />
    }
}

/// Whether the record that a field names has a page of its own.
fn is_page(definition: &roadbook_domain::FieldDef) -> bool {
    use roadbook_domain::Entity::{Team, Territory, User};
    !matches!(definition.value_type, ValueType::Reference(User | Team | Territory))
}

fn currency(field: Option<&FieldView>) -> String {
    match field.map(|field| &field.value) {
        Some(ValueView::Money { currency, .. }) => currency.clone(),
        _ => HOME_CURRENCY.to_owned(),
    }
}

/// Sends another value of a field; `seen` is what stood there when the person chose it.
pub(super) fn send(
    write: &crate::context::Write,
    record: &RecordView,
    definition: &roadbook_domain::FieldDef,
    seen: ValueView,
    text: String,
    done: Callback<Result<(), ApiError>>,
) {
    let entity = Some(record.entity.name().to_owned());
    let named = record.record.to_string();
    if matches!(definition.value_type, ValueType::State(_)) {
        let words = format!("{} moved to {text}", record.title);
        write.run_quietly(MoveRecord { entity, record: named, to: text, why: None }, words, done);
        return;
    }
    let assignment = Assignment { seen: Some(seen), ..Assignment::set(definition.name, text) };
    let command = SetFields { entity, record: named, assignments: vec![assignment], why: None };
    let words = format!("{} of {} saved", definition.label, record.title);
    write.run_quietly(command, words, done);
}
