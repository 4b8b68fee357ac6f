//! Values as Automerge scalars and back.
//!
//! Money is `<minor units><currency>`, dates are days since 1970-01-01, references are 16 bytes.
//! A scalar that does not fit its field's type comes back as what it is, never as a guess.

use automerge::ScalarValue;
use jiff::civil::{Date, date};
use roadbook_domain::{Currency, Money, RecordId, Value, ValueType};

const EPOCH: Date = date(1970, 1, 1);

pub(crate) fn to_scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Null => ScalarValue::Null,
        Value::Text(text) => ScalarValue::Str(text.as_str().into()),
        Value::Integer(number) | Value::Percent(number) => ScalarValue::Int(*number),
        Value::Boolean(yes) => ScalarValue::Boolean(*yes),
        Value::Money(money) => {
            ScalarValue::Str(format!("{}{}", money.minor, money.currency.as_str()).into())
        }
        Value::Date(day) => {
            let days = EPOCH.until(*day).map_or(0, |span| span.get_days());
            ScalarValue::Int(i64::from(days))
        }
        Value::Instant(ms) => ScalarValue::Timestamp(*ms),
        Value::Reference(id) => ScalarValue::Bytes(id.as_bytes().to_vec()),
        // Sets, logs and texts have keys or objects of their own; see `mutator`.
        Value::Set(_) | Value::Log(_) => ScalarValue::Null,
    }
}

pub(crate) fn from_scalar(scalar: &ScalarValue, value_type: &ValueType) -> Value {
    match (scalar, value_type) {
        (ScalarValue::Null, _) => Value::Null,
        (ScalarValue::Str(text), ValueType::Money) => {
            money(text).map_or_else(|| Value::Text(text.to_string()), Value::Money)
        }
        (ScalarValue::Str(text), _) => Value::Text(text.to_string()),
        (ScalarValue::Int(number), ValueType::Percent) => Value::Percent(*number),
        (ScalarValue::Int(days), ValueType::Date) => {
            day(*days).map_or(Value::Integer(*days), Value::Date)
        }
        (ScalarValue::Int(number), _) => Value::Integer(*number),
        (ScalarValue::Uint(number), _) => {
            i64::try_from(*number).map_or(Value::Null, Value::Integer)
        }
        (ScalarValue::Boolean(yes), _) => Value::Boolean(*yes),
        (ScalarValue::Timestamp(ms), _) => Value::Instant(*ms),
        (ScalarValue::Bytes(bytes), _) => {
            RecordId::from_slice(bytes).map_or(Value::Null, Value::Reference)
        }
        (ScalarValue::Counter(counter), _) => Value::Integer(i64::from(counter)),
        (ScalarValue::F64(_) | ScalarValue::Unknown { .. }, _) => Value::Null,
    }
}

fn money(text: &str) -> Option<Money> {
    let split = text.len().checked_sub(3)?;
    let (minor, currency) = (text.get(..split)?, text.get(split..)?);
    Some(Money { minor: minor.parse().ok()?, currency: currency.parse::<Currency>().ok()? })
}

fn day(days: i64) -> Option<Date> {
    let span = jiff::Span::new().try_days(days).ok()?;
    EPOCH.checked_add(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_the_document() {
        let cases = [
            (Value::Text("Acme".into()), ValueType::Text),
            (Value::Integer(-4), ValueType::Integer),
            (Value::Boolean(true), ValueType::Boolean),
            (Value::Money(Money::new(-1_200_050, Currency::EUR)), ValueType::Money),
            (Value::Percent(1_250), ValueType::Percent),
            (Value::Date(date(2026, 11, 20)), ValueType::Date),
            (Value::Date(date(1969, 12, 31)), ValueType::Date),
            (Value::Instant(1_700_000_000_000), ValueType::Instant),
            (Value::Reference(RecordId::from_bytes([3; 16])), ValueType::AnyReference),
            (Value::Null, ValueType::Money),
        ];
        for (value, value_type) in cases {
            assert_eq!(from_scalar(&to_scalar(&value), &value_type), value);
        }
    }
}
