//! From what a person or script wrote to a typed value, with errors that say what to do.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::schema::{FieldDef, MergeClass, ValueType};
use crate::{Money, Value};

/// The longest one-line text, in bytes.
const TEXT_MAX_BYTES: usize = 1_000;
/// The longest long text, in bytes.
const LONG_TEXT_MAX_BYTES: usize = 100_000;
/// How far a counter may be from 0 when a record is made; it moves in steps of that size at most.
const COUNTER_MAX: u64 = 1 << 40;

/// Says whether a letter steers a terminal or a printer instead of being read.
fn steers(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\t' | '\n' | '\r')
}

/// A value that a field does not take: which field, what was wrong, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: `{given}` {problem}; {remedy}")]
pub struct InvalidValue {
    /// The field's name.
    pub field: String,
    /// What was given, shortened.
    pub given: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl FieldDef {
    fn invalid(&self, given: &str, problem: &str, remedy: impl Into<String>) -> InvalidValue {
        InvalidValue {
            field: self.name.to_owned(),
            given: given.chars().take(60).collect(),
            problem: problem.to_owned(),
            remedy: remedy.into(),
        }
    }

    /// Reads a value of this field from text. Empty text is no value.
    ///
    /// # Errors
    /// [`InvalidValue`] names the field, what was wrong and how to write it.
    pub fn parse(&self, text: &str) -> Result<Value, InvalidValue> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return self.check(Value::Null);
        }
        let lower = trimmed.to_lowercase();
        let value = match &self.value_type {
            ValueType::Text | ValueType::Choice(_) | ValueType::State(_) => {
                Value::Text(trimmed.to_owned())
            }
            ValueType::LongText => Value::Text(text.to_owned()),
            ValueType::Integer => Value::Integer(trimmed.parse().map_err(|_| {
                self.invalid(trimmed, "is not a whole number", "write digits only, like 42")
            })?),
            ValueType::Boolean => match lower.as_str() {
                "yes" | "true" | "1" => Value::Boolean(true),
                "no" | "false" | "0" => Value::Boolean(false),
                _ => return Err(self.invalid(trimmed, "is neither yes nor no", "write yes or no")),
            },
            ValueType::Money => Value::Money(trimmed.parse::<Money>().map_err(|_| {
                self.invalid(
                    trimmed,
                    "is not an amount of money",
                    "write it with its currency, like 12000EUR or 12000.50EUR",
                )
            })?),
            ValueType::Percent => Value::Percent(parse_percent(trimmed).ok_or_else(|| {
                self.invalid(trimmed, "is not a percentage", "write it like 30% or 12.5%")
            })?),
            ValueType::Date => Value::Date(trimmed.parse::<Date>().map_err(|_| {
                self.invalid(
                    trimmed,
                    "is not a date",
                    "write it as year-month-day, like 2026-12-31",
                )
            })?),
            ValueType::Instant => Value::Instant(
                trimmed
                    .parse::<Timestamp>()
                    .map_err(|_| {
                        self.invalid(
                            trimmed,
                            "is not a point in time",
                            "write it like 2026-12-31T14:30:00Z",
                        )
                    })?
                    .as_millisecond(),
            ),
            ValueType::Reference(_) | ValueType::AnyReference => {
                Value::Reference(trimmed.parse().map_err(|_| {
                    self.invalid(trimmed, "is not a record id", "copy the id from `roadbook list`")
                })?)
            }
            ValueType::Set => {
                let mut members: Vec<String> = trimmed
                    .split(',')
                    .map(|member| member.trim().to_owned())
                    .filter(|member| !member.is_empty())
                    .collect();
                members.sort();
                members.dedup();
                Value::Set(members)
            }
            ValueType::Log | ValueType::Structure => {
                return Err(self.invalid(
                    trimmed,
                    "cannot be written as text",
                    "this field is filled by other actions",
                ));
            }
        };
        self.check(value)
    }

    /// Checks that a typed value fits this field, and brings choices and states to their proper
    /// spelling. The same check runs on the device and at the gate.
    ///
    /// # Errors
    /// [`InvalidValue`] names the field, what was wrong and what would fit.
    pub fn check(&self, value: Value) -> Result<Value, InvalidValue> {
        let too_long = |text: &str, max: usize| {
            (text.len() > max).then(|| {
                self.invalid(text, "is too long", format!("shorten it to {max} bytes at most"))
            })
        };
        match (&self.value_type, &value) {
            (_, Value::Null) if self.required => {
                Err(self.invalid("", "is empty", format!("{} is required", self.label)))
            }
            (_, Value::Null) => Ok(value),
            (ValueType::Text, Value::Text(text)) => {
                if text.contains(['\n', '\r']) {
                    return Err(self.invalid(text, "has a line break", "write it on one line"));
                }
                self.check_readable(text)?;
                too_long(text, TEXT_MAX_BYTES).map_or(Ok(()), Err)?;
                Ok(value)
            }
            (ValueType::LongText, Value::Text(text)) => {
                self.check_readable(text)?;
                too_long(text, LONG_TEXT_MAX_BYTES).map_or(Ok(value.clone()), Err)
            }
            (ValueType::Choice(words), Value::Text(text)) => words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(text))
                .map(|word| Value::Text((*word).to_owned()))
                .ok_or_else(|| {
                    let remedy = format!("choose one of {}", words.join(", "));
                    self.invalid(text, "is not one of the choices", remedy)
                }),
            (ValueType::State(machine), Value::Text(text)) => machine
                .state(text)
                .map(|state| Value::Text(state.name.to_owned()))
                .ok_or_else(|| {
                    let names: Vec<_> = machine.names().collect();
                    let remedy = format!("choose one of {}", names.join(", "));
                    self.invalid(text, "is not one of the states", remedy)
                }),
            (ValueType::Percent, Value::Percent(points)) => {
                if (0..=10_000).contains(points) {
                    Ok(value)
                } else {
                    let given = value.to_string();
                    Err(self.invalid(&given, "is out of range", "write 0% to 100%"))
                }
            }
            (ValueType::Set, Value::Set(members)) => {
                for member in members {
                    if member.is_empty() || member.contains(['/', '\n', '\r']) {
                        return Err(self.invalid(
                            member,
                            "cannot be a member",
                            "leave out slashes and line breaks",
                        ));
                    }
                    self.check_readable(member)?;
                    too_long(member, 200).map_or(Ok(()), Err)?;
                }
                Ok(value)
            }
            (ValueType::Money, Value::Money(money)) if !money.currency.is_spelt_out() => {
                let remedy = "write three capital letters, like EUR";
                Err(self.invalid(&value.to_string(), "has no currency", remedy))
            }
            (ValueType::Integer, Value::Integer(number))
                if self.class == MergeClass::Counter && number.unsigned_abs() > COUNTER_MAX =>
            {
                let remedy = format!("write a number up to {COUNTER_MAX}");
                Err(self.invalid(&number.to_string(), "is too far to count", remedy))
            }
            (ValueType::Integer, Value::Integer(_))
            | (ValueType::Boolean, Value::Boolean(_))
            | (ValueType::Money, Value::Money(_))
            | (ValueType::Date, Value::Date(_))
            | (ValueType::Instant, Value::Instant(_))
            | (ValueType::Reference(_) | ValueType::AnyReference, Value::Reference(_)) => Ok(value),
            _ => {
                let remedy = format!("{} takes a {}", self.label, self.value_type.kind());
                Err(self.invalid(&value.to_string(), "is of the wrong type", remedy))
            }
        }
    }
}

impl FieldDef {
    /// Texts are shown in terminals and logs of others: nothing in them may steer those.
    fn check_readable(&self, text: &str) -> Result<(), InvalidValue> {
        if text.contains(steers) {
            let given: String = text.chars().filter(|letter| !steers(*letter)).collect();
            return Err(self.invalid(&given, "has control characters", "leave them out"));
        }
        Ok(())
    }
}

fn parse_percent(text: &str) -> Option<i64> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || part.len() > 2 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{whole}{part:0<2}").parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::{Entity, Schema, Value};

    fn parse(entity: Entity, field: &str, text: &str) -> Result<Value, String> {
        let schema = Schema::crm();
        let field = schema.field(entity, field).unwrap();
        field.parse(text).map_err(|error| error.to_string())
    }

    #[test]
    fn people_write_values_their_way() {
        let opp = Entity::Opportunity;
        assert_eq!(parse(opp, "stage", "negotiation"), Ok(Value::Text("Negotiation".into())));
        assert_eq!(parse(opp, "probability", "12.5%"), Ok(Value::Percent(1_250)));
        assert_eq!(parse(opp, "close_date", "2026-12-31").unwrap().to_string(), "2026-12-31");
        assert_eq!(parse(opp, "next_step", "  "), Ok(Value::Null));
        let tags = Value::Set(vec!["hot".into(), "vip".into()]);
        assert_eq!(parse(opp, "tags", "vip, hot,vip"), Ok(tags));
    }

    #[test]
    fn bad_values_name_the_field_and_the_remedy() {
        let opp = Entity::Opportunity;
        for (field, text, remedy) in [
            ("stage", "Won-ish", "choose one of Prospecting"),
            ("amount", "a lot", "12000EUR"),
            ("close_date", "31.12.2026", "year-month-day"),
            ("probability", "130%", "0% to 100%"),
            ("account", "Acme", "copy the id"),
            ("tags", "a/b", "slashes"),
            ("next_step", "a\nb", "one line"),
        ] {
            let error = parse(opp, field, text).expect_err(text);
            assert!(error.starts_with(field), "{error}");
            assert!(error.contains(remedy), "{error}");
        }
        assert!(parse(Entity::Account, "name", "").is_err(), "a name is required");
    }

    #[test]
    fn nothing_in_a_text_steers_the_terminal_of_others() {
        for (field, text) in [
            ("name", "Acme\u{1b}[2J"),
            ("name", "Acme\u{9b}2J"),
            ("description", "first line\n\u{1b}]0;title\u{7}"),
            ("tags", "vip\u{8}"),
            ("name", "Acme\0"),
        ] {
            let error = parse(Entity::Account, field, text).expect_err(text);
            assert!(error.contains("control characters"), "{error}");
            assert!(!error.contains(super::steers), "{error:?}");
        }
        let tabs = "a\tb\r\nc";
        assert_eq!(parse(Entity::Account, "description", tabs), Ok(Value::Text(tabs.into())));
    }

    #[test]
    fn a_counter_begins_where_adding_to_it_cannot_overflow() {
        let visits = |text: &str| parse(Entity::Account, "visits", text);
        assert_eq!(visits("1099511627776"), Ok(Value::Integer(1 << 40)));
        for text in ["1099511627777", "9223372036854775807", "-9223372036854775808"] {
            assert!(visits(text).unwrap_err().contains("too far"), "{text}");
        }
        let all = parse(Entity::Account, "employees", "9223372036854775807");
        assert_eq!(all, Ok(Value::Integer(i64::MAX)), "only counters are added up");
    }
}
