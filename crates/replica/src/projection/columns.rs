//! Values as columns and back. Columns have no declared type: what a document holds is kept as it
//! is, even where it does not fit the field.

use jiff::civil::{Date, date};
use roadbook_domain::value::LogEntry;
use roadbook_domain::{Currency, FieldDef, Money, RecordId, Value, ValueType};
use rusqlite::Row;
use rusqlite::types::{Value as Sql, ValueRef};

const EPOCH: Date = date(1970, 1, 1);

/// How many columns a field takes.
pub(crate) const fn width(field: &FieldDef) -> usize {
    if matches!(field.value_type, ValueType::Money) { 2 } else { 1 }
}

/// The names of a field's columns, quoted. Money has its minor units, then its currency.
pub(crate) fn names(field: &FieldDef) -> Vec<String> {
    let mut out = vec![format!("\"{}\"", field.name)];
    if width(field) == 2 {
        out.push(format!("\"{}__currency\"", field.name));
    }
    out
}

/// The columns of a value.
pub(crate) fn write(field: &FieldDef, value: &Value, out: &mut Vec<Sql>) {
    out.push(scalar(value));
    if width(field) == 2 {
        let currency = value.as_money().map(|money| money.currency.as_str().to_owned());
        out.push(currency.map_or(Sql::Null, Sql::Text));
    }
}

/// The first column of a value: what filters compare with.
pub(crate) fn scalar(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Text(text) => Sql::Text(text.clone()),
        Value::Integer(number) | Value::Percent(number) | Value::Instant(number) => {
            Sql::Integer(*number)
        }
        Value::Boolean(yes) => Sql::Integer(i64::from(*yes)),
        Value::Money(money) => Sql::Integer(money.minor),
        Value::Date(day) => {
            Sql::Integer(EPOCH.until(*day).map_or(0, |span| i64::from(span.get_days())))
        }
        Value::Reference(record) => Sql::Blob(record.as_bytes().to_vec()),
        Value::Set(members) => json(members),
        Value::Log(entries) => {
            let pairs: Vec<(i64, &str)> =
                entries.iter().map(|entry| (entry.at_ms, entry.text.as_str())).collect();
            json(&pairs)
        }
    }
}

fn json<T: serde::Serialize>(value: &T) -> Sql {
    serde_json::to_string(value).map_or(Sql::Null, Sql::Text)
}

/// Reads a field's value from its columns; `None` where there is none.
pub(crate) fn read(
    field: &FieldDef,
    row: &Row<'_>,
    at: usize,
) -> Result<Option<Value>, rusqlite::Error> {
    Ok(match row.get_ref(at)? {
        ValueRef::Null | ValueRef::Real(_) => None,
        ValueRef::Integer(number) => Some(integer(field, number, row, at)?),
        ValueRef::Text(_) => {
            let text: String = row.get(at)?;
            let special = if matches!(field.value_type, ValueType::Set) {
                serde_json::from_str(&text).ok().map(Value::Set)
            } else if matches!(field.value_type, ValueType::Log) {
                log(&text).map(Value::Log)
            } else {
                None
            };
            Some(special.unwrap_or(Value::Text(text)))
        }
        ValueRef::Blob(bytes) => RecordId::from_slice(bytes).map(Value::Reference),
    })
}

fn integer(
    field: &FieldDef,
    number: i64,
    row: &Row<'_>,
    at: usize,
) -> Result<Value, rusqlite::Error> {
    Ok(match field.value_type {
        ValueType::Percent => Value::Percent(number),
        ValueType::Boolean => Value::Boolean(number != 0),
        ValueType::Instant => Value::Instant(number),
        ValueType::Date => day(number).map_or(Value::Integer(number), Value::Date),
        ValueType::Money => {
            let currency: Option<String> = row.get(at + 1)?;
            let currency = currency.and_then(|text| text.parse::<Currency>().ok());
            currency.map_or(Value::Integer(number), |currency| {
                Value::Money(Money { minor: number, currency })
            })
        }
        ValueType::Text
        | ValueType::LongText
        | ValueType::Integer
        | ValueType::Reference(_)
        | ValueType::AnyReference
        | ValueType::Choice(_)
        | ValueType::State(_)
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => Value::Integer(number),
    })
}

fn log(text: &str) -> Option<Vec<LogEntry>> {
    let pairs: Vec<(i64, String)> = serde_json::from_str(text).ok()?;
    Some(pairs.into_iter().map(|(at_ms, text)| LogEntry { at_ms, text }).collect())
}

fn day(days: i64) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}
