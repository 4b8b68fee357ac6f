//! Filters in words.

use roadbook_domain::{Entity, Schema, ValueType};

use crate::state::listing::parts;

/// What a comparison of a filter is called for a type of value.
#[must_use]
pub(super) fn comparison(sign: &str, kind: Option<&ValueType>) -> &'static str {
    let day = matches!(kind, Some(ValueType::Date | ValueType::Instant));
    match (sign, day) {
        ("!=", _) => "is not",
        ("<", true) => "before",
        (">", true) => "after",
        ("<", false) => "below",
        (">", false) => "above",
        ("~", _) => "has",
        _ => "is",
    }
}

/// A filter in words: `Stage is Proposal`. `name` is that of the record it refers to.
#[must_use]
pub(super) fn filter(entity: Entity, filter: &str, name: Option<&str>) -> String {
    let Some((field, sign, value)) = parts(filter) else {
        return filter.to_owned();
    };
    if (field, sign, value) == ("owner", "=", "me") {
        return "Mine".to_owned();
    }
    let schema = Schema::crm();
    let definition = schema.field(entity, field);
    let label = definition.map_or(field, |it| it.label);
    let value = match name.unwrap_or(value) {
        "" => "empty",
        value => value,
    };
    format!("{label} {} {value}", comparison(sign, definition.map(|it| &it.value_type)))
}

/// The comparisons that make sense for a type of value.
#[must_use]
pub(super) const fn comparisons(kind: &ValueType) -> &'static [&'static str] {
    match kind {
        ValueType::Text | ValueType::LongText => &["~", "=", "!="],
        ValueType::Integer
        | ValueType::Money
        | ValueType::Percent
        | ValueType::Date
        | ValueType::Instant => &[">", "<", "="],
        ValueType::Set | ValueType::Log | ValueType::Structure => &["~"],
        ValueType::Boolean
        | ValueType::Choice(_)
        | ValueType::State(_)
        | ValueType::Reference(_)
        | ValueType::AnyReference => &["=", "!="],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_as_sentences() {
        let read = |text| filter(Entity::Opportunity, text, None);
        assert_eq!(read("owner=me"), "Mine");
        assert_eq!(read("stage!=Proposal"), "Stage is not Proposal");
        assert_eq!(read("amount>10000 EUR"), "Amount above 10000 EUR");
        assert_eq!(read("close_date<2026-12-31"), "Close date before 2026-12-31");
        assert_eq!(read("next_step="), "Next step is empty");
        assert_eq!(filter(Entity::Opportunity, "account=0f", Some("Acme")), "Account is Acme");
    }
}
