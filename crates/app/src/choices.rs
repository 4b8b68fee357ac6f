//! Values to choose from: the words of a choice or state, and records for a reference.

use roadbook_api::commands::queries::ListChoices;
use roadbook_api::views::ChoiceView;
use roadbook_domain::{Entity, FieldDef, Value, ValueType};
use roadbook_replica::{Comparison, Direction, ListQuery, Order, Replica, Row};

use crate::errors::{self, ApiResult, bad_input};
use crate::records::Names;
use crate::{App, Run, assign, lookup};

/// The most choices at once.
const CHOICES_MAX: u32 = 100;

impl Run<ListChoices> for App {
    fn run(&self, command: ListChoices) -> ApiResult<Vec<ChoiceView>> {
        self.with(|replica| {
            let entity = errors::entity(&command.entity)?;
            let def = assign::field(replica.schema(), entity, &command.field)?;
            let (text, limit) = (command.text.trim(), command.limit.clamp(1, CHOICES_MAX));
            match def.value_type {
                ValueType::Choice(words) => Ok(words_with(words.iter().copied(), text, limit)),
                ValueType::State(machine) => Ok(words_with(machine.names(), text, limit)),
                ValueType::Boolean => Ok(words_with(["yes", "no"].into_iter(), text, limit)),
                ValueType::Reference(entity) => {
                    let rows = of_kind(replica, entity, text, limit)?;
                    choices(replica, &rows)
                }
                ValueType::AnyReference => {
                    let found =
                        replica.search(text, limit).map_err(|error| errors::of_store(&error))?;
                    choices(replica, &found.rows)
                }
                ValueType::Text
                | ValueType::LongText
                | ValueType::Integer
                | ValueType::Money
                | ValueType::Percent
                | ValueType::Date
                | ValueType::Instant
                | ValueType::Set
                | ValueType::Log
                | ValueType::Structure => Err(no_choices(def)),
            }
        })
    }
}

fn no_choices(def: &FieldDef) -> roadbook_api::ApiError {
    let problem = format!("{} takes any {}, so there is no list", def.name, def.value_type.kind());
    bad_input("field", &problem, "let the person write it")
}

fn words_with<'w>(words: impl Iterator<Item = &'w str>, text: &str, limit: u32) -> Vec<ChoiceView> {
    let wanted = text.to_lowercase();
    words
        .filter(|word| word.to_lowercase().contains(&wanted))
        .take(limit as usize)
        .map(|word| ChoiceView {
            value: word.to_owned(),
            text: word.to_owned(),
            hint: None,
            link: None,
        })
        .collect()
}

/// Records of a kind whose name has the text; those that begin with it first.
fn of_kind(replica: &Replica, entity: Entity, text: &str, limit: u32) -> ApiResult<Vec<Row>> {
    let mut query = ListQuery::newest(entity, limit);
    let title = replica.schema().entity(entity).title;
    if !text.is_empty() {
        query.order = Order::Field(title.to_owned(), Direction::Ascending);
        query = query.with(title, Comparison::Contains, Value::Text(text.to_owned()));
    }
    let mut rows = lookup::list(replica, &query)?;
    if !text.is_empty() {
        let wanted = text.to_lowercase();
        let begins = |row: &Row| lookup::title(replica, row).to_lowercase().starts_with(&wanted);
        rows.sort_by_key(|row| !begins(row));
    }
    Ok(rows)
}

fn choices(replica: &Replica, rows: &[Row]) -> ApiResult<Vec<ChoiceView>> {
    let names = Names::new(replica);
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        out.push(ChoiceView {
            value: row.record.to_string(),
            text: lookup::title(replica, row),
            hint: hint(&names, row)?,
            link: Some(names.link(row.record, row.entity)?),
        });
    }
    Ok(out)
}

/// What tells a record from others of its name.
fn hint(names: &Names<'_>, row: &Row) -> ApiResult<Option<String>> {
    for field in ["account", "city", "company", "sku", "role"] {
        let value = row.value(field);
        if !value.is_null() {
            return Ok(Some(names.value(value)?.text));
        }
    }
    Ok(None)
}
