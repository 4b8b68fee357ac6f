//! The value of one field, and its text form for people and scripts.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Money, RecordId};

/// The value of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// No value.
    Null,
    /// Text, a choice or the name of a state.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// An amount of money.
    Money(Money),
    /// A percentage in basis points (100 = 1 %).
    Percent(i64),
    /// A day, without a time zone.
    Date(#[serde(with = "date_days")] Date),
    /// A point in time, in milliseconds since 1970 (UTC).
    Instant(i64),
    /// The id of another record.
    Reference(RecordId),
    /// The members of a set, sorted.
    Set(Vec<String>),
    /// The entries of an append-only list, oldest first.
    Log(Vec<LogEntry>),
}

/// One entry of an append-only list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When it was written, in milliseconds since 1970 (UTC), by the writer's hybrid clock.
    pub at_ms: i64,
    /// What was written.
    pub text: String,
}

impl Value {
    /// Says whether there is no value.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a text, choice or state.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The day, if it is one.
    #[must_use]
    pub const fn as_date(&self) -> Option<Date> {
        if let Self::Date(day) = self { Some(*day) } else { None }
    }

    /// The point in time in milliseconds since 1970, if it is one.
    #[must_use]
    pub const fn as_instant(&self) -> Option<i64> {
        if let Self::Instant(at_ms) = self { Some(*at_ms) } else { None }
    }

    /// The record that a reference names.
    #[must_use]
    pub const fn as_reference(&self) -> Option<RecordId> {
        if let Self::Reference(id) = self { Some(*id) } else { None }
    }

    /// The amount of money.
    #[must_use]
    pub const fn as_money(&self) -> Option<Money> {
        if let Self::Money(money) = self { Some(*money) } else { None }
    }

    /// The whole number.
    #[must_use]
    pub const fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    /// The members of a set; none for any other value.
    #[must_use]
    pub fn members(&self) -> &[String] {
        if let Self::Set(members) = self { members } else { &[] }
    }
}

/// Text as people read it: `12000 EUR`, `30 %`, `2026-11-20`, `-` for no value.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("-"),
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Boolean(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Money(money) => money.fmt(f),
            Self::Percent(points) if points % 100 == 0 => write!(f, "{} %", points / 100),
            Self::Percent(points) => {
                let sign = if *points < 0 { "-" } else { "" };
                let points = points.unsigned_abs();
                write!(f, "{sign}{}.{:02} %", points / 100, points % 100)
            }
            Self::Date(date) => date.fmt(f),
            Self::Instant(ms) => match Timestamp::from_millisecond(*ms) {
                Ok(instant) => instant.fmt(f),
                Err(_) => write!(f, "{ms} ms"),
            },
            Self::Reference(id) => id.fmt(f),
            Self::Set(members) => f.write_str(&members.join(", ")),
            Self::Log(entries) => {
                let texts: Vec<_> = entries.iter().map(|entry| entry.text.as_str()).collect();
                f.write_str(&texts.join(" > "))
            }
        }
    }
}

mod date_days {
    //! Dates travel as days since 1970-01-01.

    use jiff::civil::{Date, date};
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Date, to: S) -> Result<S::Ok, S::Error> {
        let span = date(1970, 1, 1).until(*value).map_err(S::Error::custom)?;
        span.get_days().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let days = i32::deserialize(from)?;
        let span = jiff::Span::new().try_days(days).map_err(D::Error::custom)?;
        date(1970, 1, 1).checked_add(span).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_as_people_read_them() {
        assert_eq!(Value::Percent(3_000).to_string(), "30 %");
        assert_eq!(Value::Percent(-1_250).to_string(), "-12.50 %");
        assert_eq!(Value::Instant(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Value::Set(vec!["a".into(), "b".into()]).to_string(), "a, b");
        assert_eq!(Value::Null.to_string(), "-");
    }
}
