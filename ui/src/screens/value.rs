//! Values of fields as lists and records show and edit them, by the schema.

use roadbook_api::ValueView;
use roadbook_api::views::{FieldView, Mark, NamedValue, RecordView};
use roadbook_domain::{Entity, FieldDef, MergeClass, Money, ValueType};
use yew::prelude::*;

use crate::components::field::read_money;
use crate::components::{Amount, Chip, Editor, Offer, Offers, Standing, When};
use crate::words::{self, Wall};

/// The currency that is meant where none is typed and the record has none.
pub const HOME_CURRENCY: &str = "EUR";

/// A kind of record in a sentence: `price book`.
#[must_use]
pub fn kind_word(entity: Entity) -> String {
    entity.name().replace('_', " ")
}

/// A name at the beginning of a sentence or on a button: `Price book`.
#[must_use]
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Where a field's value stands.
#[must_use]
pub fn standing(field: &FieldView) -> Standing {
    match field.mark {
        _ if field.disputed => Standing::Disputed,
        Mark::Accepted => Standing::Accepted,
        Mark::Pending => Standing::Saved,
        Mark::Proposed => Standing::Requested,
        Mark::NeedsYou => Standing::NeedsYou,
    }
}

/// Where a whole record stands.
#[must_use]
pub const fn record_standing(record: &RecordView) -> Standing {
    if record.disputed {
        Standing::Disputed
    } else if record.pending {
        Standing::Saved
    } else {
        Standing::Accepted
    }
}

/// The money in a value.
#[must_use]
pub fn money_of(value: &ValueView) -> Option<Money> {
    match value {
        ValueView::Money { minor, currency } => Some(Money::new(*minor, currency.parse().ok()?)),
        ValueView::Null
        | ValueView::Text { .. }
        | ValueView::Integer { .. }
        | ValueView::Boolean { .. }
        | ValueView::Percent { .. }
        | ValueView::Date { .. }
        | ValueView::Instant { .. }
        | ValueView::Reference { .. }
        | ValueView::Set { .. }
        | ValueView::Log { .. } => None,
    }
}

/// A value of any field as people read it, without its field.
#[must_use]
pub fn read_named(value: &NamedValue, wall: Wall) -> String {
    read_value(&value.value, &value.text, wall)
}

fn read_value(value: &ValueView, text: &str, wall: Wall) -> String {
    match value {
        ValueView::Money { .. } => money_of(value).map_or_else(|| text.to_owned(), words::money),
        ValueView::Date { date } => date.parse().map_or_else(|_| date.clone(), |day| wall.day(day)),
        ValueView::Instant { at_ms } => wall.short(*at_ms),
        ValueView::Boolean { yes } => if *yes { "Yes" } else { "No" }.to_owned(),
        ValueView::Set { members } => members.join(", "),
        ValueView::Null => String::new(),
        ValueView::Text { .. }
        | ValueView::Integer { .. }
        | ValueView::Percent { .. }
        | ValueView::Reference { .. }
        | ValueView::Log { .. } => text.to_owned(),
    }
}

/// A field's value as people read it, with its unit.
#[must_use]
pub fn read(definition: &FieldDef, field: &FieldView, wall: Wall) -> String {
    let text = read_value(&field.value, &field.text, wall);
    match definition.unit {
        Some(unit) if unit != "year" && !text.is_empty() => format!("{text} {unit}"),
        _ => text,
    }
}

/// A field's value as it is typed.
#[must_use]
pub fn typed(definition: &FieldDef, field: &FieldView, wall: Wall) -> String {
    match (&definition.value_type, &field.value) {
        (ValueType::Date, ValueView::Date { date }) => date.clone(),
        (ValueType::Instant, ValueView::Instant { at_ms }) => wall.moment(*at_ms),
        (ValueType::Integer, ValueView::Integer { number }) => number.to_string(),
        _ => read_value(&field.value, &field.text, wall),
    }
}

/// A field's value in a list or on a page.
pub fn shown(definition: &FieldDef, field: &FieldView, wall: Wall) -> Html {
    match &field.value {
        ValueView::Money { .. } => match money_of(&field.value) {
            Some(money) => html! { <Amount {money} /> },
            None => html! { <span dir="auto">{ &field.text }</span> },
        },
        ValueView::Instant { at_ms } => html! { <When at_ms={*at_ms} /> },
        ValueView::Set { members } => html! {
            <span class="chips">
                { for members.iter().map(|it| html! { <Chip label={it.clone()} /> }) }
            </span>
        },
        ValueView::Text { text } if matches!(definition.value_type, ValueType::LongText) => {
            html! { <span class="long-text" dir="auto">{ text }</span> }
        }
        ValueView::Integer { .. } | ValueView::Date { .. } | ValueView::Percent { .. } => {
            html! { <span class="number" dir="auto">{ read(definition, field, wall) }</span> }
        }
        ValueView::Null
        | ValueView::Text { .. }
        | ValueView::Boolean { .. }
        | ValueView::Reference { .. }
        | ValueView::Log { .. } => {
            html! { <span dir="auto">{ read(definition, field, wall) }</span> }
        }
    }
}

/// A value that a record once had, as the app takes it.
#[must_use]
pub fn as_sent(value: &NamedValue) -> String {
    match &value.value {
        ValueView::Null => String::new(),
        ValueView::Reference { record } => record.to_string(),
        ValueView::Text { .. }
        | ValueView::Integer { .. }
        | ValueView::Boolean { .. }
        | ValueView::Money { .. }
        | ValueView::Percent { .. }
        | ValueView::Date { .. }
        | ValueView::Instant { .. }
        | ValueView::Set { .. }
        | ValueView::Log { .. } => value.text.clone(),
    }
}

/// Whether people change a field by typing; counters, logs and what is computed are not typed.
#[must_use]
pub const fn is_typed(definition: &FieldDef) -> bool {
    let computed = matches!(definition.class, MergeClass::Derived | MergeClass::Counter);
    let built = matches!(definition.value_type, ValueType::Log | ValueType::Structure);
    !computed && !built
}

/// What a field is typed into; `offers` are those of a reference.
#[must_use]
pub fn editor(definition: &FieldDef, offers: Offers) -> Editor {
    let words = |words: &[&'static str]| {
        Editor::OneOf(words.iter().map(|word| Offer::word(word)).collect())
    };
    match definition.value_type {
        ValueType::Choice(list) => words(list),
        ValueType::State(machine) => words(&machine.names().collect::<Vec<_>>()),
        ValueType::Boolean => words(&["Yes", "No"]),
        ValueType::Reference(_) | ValueType::AnyReference => Editor::Record(offers),
        ValueType::Date => Editor::Day,
        ValueType::Instant => Editor::Moment,
        ValueType::LongText => Editor::Area,
        ValueType::Text
        | ValueType::Integer
        | ValueType::Money
        | ValueType::Percent
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => Editor::Line,
    }
}

/// What was typed, as the app takes it.
///
/// # Errors
/// What is wrong with it and how to write it, in a sentence.
pub fn to_send(
    definition: &FieldDef,
    text: &str,
    currency: &str,
    wall: Wall,
) -> Result<String, String> {
    let text = text.trim();
    let sent = match definition.value_type {
        _ if text.is_empty() => String::new(),
        ValueType::Money => {
            let read = read_money(text, currency);
            read.map_or_else(|| text.to_owned(), |money| money.to_string())
        }
        ValueType::Instant => wall.instant(text).unwrap_or_else(|| text.to_owned()),
        ValueType::Percent if !text.ends_with('%') => format!("{text}%"),
        ValueType::Boolean => text.to_lowercase(),
        ValueType::Reference(_) | ValueType::AnyReference => return Ok(text.to_owned()),
        ValueType::Text
        | ValueType::LongText
        | ValueType::Integer
        | ValueType::Percent
        | ValueType::Date
        | ValueType::Choice(_)
        | ValueType::State(_)
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => text.to_owned(),
    };
    if sent.is_empty() && definition.required {
        return Err(format!("{} is needed; write one.", definition.label));
    }
    match definition.parse(&sent) {
        Ok(_) => Ok(sent),
        Err(wrong) => Err(format!("“{}” {}; {}.", wrong.given, wrong.problem, wrong.remedy)),
    }
}

#[cfg(test)]
mod tests {
    use roadbook_domain::Schema;

    use super::*;
    use crate::sample::WALL;

    fn sent(entity: Entity, field: &str, text: &str) -> Result<String, String> {
        let schema = Schema::crm();
        to_send(schema.field(entity, field).unwrap(), text, HOME_CURRENCY, WALL)
    }

    #[test]
    fn what_people_type_goes_out_as_the_app_takes_it() {
        let ok = |field, text| sent(Entity::Opportunity, field, text).unwrap();
        assert_eq!(ok("amount", "12,000"), "12000 EUR");
        assert_eq!(ok("amount", "12 000 usd"), "12000 USD");
        assert_eq!(ok("probability", "30"), "30%");
        assert_eq!(ok("close_date", ""), "", "an empty field is cleared");
        let start = sent(Entity::Activity, "started_at", "2026-11-20T14:30").unwrap();
        assert_eq!(start, "2026-11-20T13:30:00Z");
    }

    #[test]
    fn what_cannot_be_taken_says_how_to_write_it() {
        let no = |field, text| sent(Entity::Opportunity, field, text).unwrap_err();
        assert!(
            no("amount", "a lot").contains("write it with its currency"),
            "{}",
            no("amount", "a lot")
        );
        assert_eq!(no("name", " "), "Name is needed; write one.");
        assert!(no("close_date", "soon").contains("year-month-day"));
    }

    #[test]
    fn a_value_that_a_record_once_had_is_taken_as_it_was() {
        use roadbook_domain::{Currency, RecordId, Value};
        let of = |entity, field: &str, value: Value| {
            let text = as_sent(&NamedValue::plain(&value));
            let schema = Schema::crm();
            assert_eq!(schema.field(entity, field).unwrap().parse(&text).unwrap(), value);
        };
        let deal = Entity::Opportunity;
        of(deal, "amount", Value::Money(Money::new(1_234_567, Currency::EUR)));
        of(deal, "probability", Value::Percent(1_250));
        of(deal, "close_date", Value::Date("2026-12-31".parse().unwrap()));
        of(deal, "close_date", Value::Null);
        of(deal, "owner", Value::Reference(RecordId::from_bytes([7; 16])));
        of(deal, "tags", Value::Set(vec!["a".into(), "b".into()]));
        of(Entity::Activity, "started_at", Value::Instant(1_700_000_000_123));
    }

    #[test]
    fn every_field_of_the_table_has_an_editor_that_fits() {
        for entity in Schema::crm().entities() {
            for field in entity.fields.iter().filter(|field| is_typed(field)) {
                if let Editor::OneOf(words) = editor(field, Offers::default()) {
                    assert!(words.len() > 1, "{}", field.name);
                }
            }
        }
    }
}
