//! A value of a field as it travels to a face: typed, tagged by `type`.

use roadbook_domain::value::LogEntry;
use roadbook_domain::{Money, RecordId, Value};
use serde::{Deserialize, Serialize};

/// A value, as JSON with a `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ValueView {
    /// No value.
    Null,
    /// A text, choice or state.
    Text {
        /// The text.
        text: String,
    },
    /// A whole number.
    Integer {
        /// The number.
        number: i64,
    },
    /// Yes or no.
    Boolean {
        /// Yes.
        yes: bool,
    },
    /// Money.
    Money {
        /// Minor units (cents).
        minor: i64,
        /// The ISO 4217 code.
        currency: String,
    },
    /// A percentage.
    Percent {
        /// In basis points: 3000 is 30 %.
        basis_points: i64,
    },
    /// A day.
    Date {
        /// Year-month-day (RFC 3339).
        date: String,
    },
    /// A point in time.
    Instant {
        /// Milliseconds since 1970 (UTC).
        at_ms: i64,
    },
    /// Another record.
    Reference {
        /// Its id.
        record: RecordId,
    },
    /// The members of a set, sorted.
    Set {
        /// The members.
        members: Vec<String>,
    },
    /// The entries of an append-only list, oldest first.
    Log {
        /// The entries.
        entries: Vec<LogEntryView>,
    },
}

/// One entry of an append-only list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntryView {
    /// When, in milliseconds since 1970 (UTC).
    pub at_ms: i64,
    /// What.
    pub text: String,
}

/// A text that is no value of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a date nor a currency")]
pub struct InvalidView(pub String);

impl From<&Value> for ValueView {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Text(text) => Self::Text { text: text.clone() },
            Value::Integer(number) => Self::Integer { number: *number },
            Value::Boolean(yes) => Self::Boolean { yes: *yes },
            Value::Money(money) => {
                Self::Money { minor: money.minor, currency: money.currency.as_str().to_owned() }
            }
            Value::Percent(basis_points) => Self::Percent { basis_points: *basis_points },
            Value::Date(date) => Self::Date { date: date.to_string() },
            Value::Instant(at_ms) => Self::Instant { at_ms: *at_ms },
            Value::Reference(record) => Self::Reference { record: *record },
            Value::Set(members) => Self::Set { members: members.clone() },
            Value::Log(entries) => Self::Log {
                entries: entries
                    .iter()
                    .map(|entry| LogEntryView { at_ms: entry.at_ms, text: entry.text.clone() })
                    .collect(),
            },
        }
    }
}

impl TryFrom<&ValueView> for Value {
    type Error = InvalidView;
    fn try_from(view: &ValueView) -> Result<Self, InvalidView> {
        Ok(match view {
            ValueView::Null => Self::Null,
            ValueView::Text { text } => Self::Text(text.clone()),
            ValueView::Integer { number } => Self::Integer(*number),
            ValueView::Boolean { yes } => Self::Boolean(*yes),
            ValueView::Money { minor, currency } => {
                let known = currency.parse().map_err(|_| InvalidView(currency.clone()))?;
                Self::Money(Money::new(*minor, known))
            }
            ValueView::Percent { basis_points } => Self::Percent(*basis_points),
            ValueView::Date { date } => {
                Self::Date(date.parse().map_err(|_| InvalidView(date.clone()))?)
            }
            ValueView::Instant { at_ms } => Self::Instant(*at_ms),
            ValueView::Reference { record } => Self::Reference(*record),
            ValueView::Set { members } => Self::Set(members.clone()),
            ValueView::Log { entries } => Self::Log(
                entries
                    .iter()
                    .map(|entry| LogEntry { at_ms: entry.at_ms, text: entry.text.clone() })
                    .collect(),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadbook_domain::Currency;

    fn examples() -> Vec<Value> {
        vec![
            Value::Null,
            Value::Text("Negotiation".into()),
            Value::Integer(-3),
            Value::Boolean(true),
            Value::Money(Money::new(1_200_050, Currency::EUR)),
            Value::Percent(3_000),
            Value::Date("2026-12-31".parse().unwrap()),
            Value::Instant(1_700_000_000_000),
            Value::Reference(RecordId::from_bytes([7; 16])),
            Value::Set(vec!["hot".into(), "vip".into()]),
            Value::Log(vec![LogEntry { at_ms: 5, text: "Proposal".into() }]),
        ]
    }

    #[test]
    fn every_value_survives_the_way_to_a_face_and_back() {
        for value in examples() {
            let json = serde_json::to_string(&ValueView::from(&value)).unwrap();
            let back: ValueView = serde_json::from_str(&json).unwrap();
            assert_eq!(Value::try_from(&back), Ok(value), "{json}");
        }
    }

    #[test]
    fn the_json_of_every_type_of_value_is_pinned() {
        let lines: Vec<String> = examples()
            .iter()
            .map(|value| serde_json::to_string(&ValueView::from(value)).unwrap())
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"type":"null"}
        {"type":"text","text":"Negotiation"}
        {"type":"integer","number":-3}
        {"type":"boolean","yes":true}
        {"type":"money","minor":1200050,"currency":"EUR"}
        {"type":"percent","basis_points":3000}
        {"type":"date","date":"2026-12-31"}
        {"type":"instant","at_ms":1700000000000}
        {"type":"reference","record":"07070707-0707-0707-0707-070707070707"}
        {"type":"set","members":["hot","vip"]}
        {"type":"log","entries":[{"at_ms":5,"text":"Proposal"}]}
        "#);
    }

    #[test]
    fn a_date_that_is_none_is_refused() {
        let view = ValueView::Date { date: "soon".into() };
        assert_eq!(Value::try_from(&view), Err(InvalidView("soon".into())));
    }
}
