//! From what a person wrote (`stage=Negotiation`, `tags+=vip`) to edits with what the person saw.

use roadbook_api::{ApiError, Assignment, Change, ErrorCode};
use roadbook_domain::intent::check_editable;
use roadbook_domain::{
    Entity, FieldDef, FieldEdit, InvalidIntent, MergeClass, Schema, Value, ValueType,
};
use roadbook_replica::{Replica, Row};

use crate::errors::{self, ApiResult, bad_input};
use crate::lookup;

/// Edits of a record as it is shown here.
pub(crate) fn edits(
    replica: &Replica,
    row: &Row,
    assignments: &[Assignment],
) -> ApiResult<Vec<FieldEdit>> {
    let mut out: Vec<FieldEdit> = Vec::new();
    for assignment in assignments {
        let def = field(replica.schema(), row.entity, &assignment.field)?;
        may_be_written(row.entity, def)?;
        let earlier = out.iter().position(|edit| edit.field == def.name);
        if earlier.is_some() && assignment.change == Change::Set {
            return Err(twice(def.name));
        }
        let current = match earlier {
            Some(at) => out[at].to.clone(),
            None => row.value(def.name).clone(),
        };
        let to = wanted(replica, def, &current, assignment)?;
        match earlier {
            Some(at) => out[at].to = to,
            None => {
                let from = seen(assignment)?.unwrap_or_else(|| row.value(def.name).clone());
                out.push(FieldEdit { field: def.name.to_owned(), from, to });
            }
        }
    }
    Ok(out)
}

/// First values of a new record.
pub(crate) fn first_values(
    replica: &Replica,
    entity: Entity,
    assignments: &[Assignment],
) -> ApiResult<Vec<(String, Value)>> {
    let mut out: Vec<(String, Value)> = Vec::new();
    for assignment in assignments {
        let def = field(replica.schema(), entity, &assignment.field)?;
        may_be_written(entity, def)?;
        let earlier = out.iter().position(|(name, _)| name == def.name);
        if earlier.is_some() && assignment.change == Change::Set {
            return Err(twice(def.name));
        }
        let current = earlier.map_or(Value::Null, |at| out[at].1.clone());
        let value = wanted(replica, def, &current, assignment)?;
        match earlier {
            Some(at) => out[at].1 = value,
            None => out.push((def.name.to_owned(), value)),
        }
    }
    Ok(out)
}

/// A value of a field as a person writes it; references by id or name.
pub(crate) fn value(replica: &Replica, def: &FieldDef, text: &str) -> ApiResult<Value> {
    if text.trim().is_empty() {
        return def.parse("").map_err(|invalid| errors::of_value(&invalid));
    }
    match def.value_type {
        ValueType::Reference(entity) => lookup::reference(replica, def.name, Some(entity), text),
        ValueType::AnyReference => lookup::reference(replica, def.name, None, text),
        ValueType::Text
        | ValueType::LongText
        | ValueType::Integer
        | ValueType::Boolean
        | ValueType::Money
        | ValueType::Percent
        | ValueType::Date
        | ValueType::Instant
        | ValueType::Choice(_)
        | ValueType::State(_)
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => def.parse(text).map_err(|invalid| errors::of_value(&invalid)),
    }
}

/// The definition of a field, or an error that lists those that there are.
pub(crate) fn field<'s>(schema: &'s Schema, entity: Entity, name: &str) -> ApiResult<&'s FieldDef> {
    schema.field(entity, name).ok_or_else(|| {
        let known: Vec<_> = schema.entity(entity).fields.iter().map(|def| def.name).collect();
        errors::of_invalid(&InvalidIntent::UnknownField {
            entity,
            field: name.to_owned(),
            known: known.join(", "),
        })
    })
}

/// Whether a field can be written at all comes before how its value is spelled. Confirmed fields
/// have a first value; whether they may be edited is said when the intent is planned.
fn may_be_written(entity: Entity, def: &FieldDef) -> ApiResult<()> {
    if matches!(def.class, MergeClass::Confirmed) {
        return Ok(());
    }
    check_editable(entity, def).map_err(|error| errors::of_invalid(&error))
}

fn seen(assignment: &Assignment) -> ApiResult<Option<Value>> {
    let seen = assignment.seen.as_ref().map(Value::try_from).transpose();
    seen.map_err(|error| {
        bad_input(&assignment.field, &error.to_string(), "send it as it was shown")
    })
}

/// The value that an assignment brings a field to, from what it has.
pub(crate) fn wanted(
    replica: &Replica,
    def: &FieldDef,
    current: &Value,
    assignment: &Assignment,
) -> ApiResult<Value> {
    let given = match assignment.change {
        Change::Set => return value(replica, def, &assignment.value),
        Change::Add | Change::Remove => {
            def.parse(&assignment.value).map_err(|invalid| errors::of_value(&invalid))?
        }
    };
    match (&def.value_type, given) {
        (ValueType::Set, Value::Set(given)) => {
            let mut members = current.members().to_vec();
            if assignment.change == Change::Add {
                members.extend(given);
            } else {
                members.retain(|member| !given.contains(member));
            }
            members.sort();
            members.dedup();
            Ok(Value::Set(members))
        }
        (ValueType::Integer, Value::Integer(by)) => {
            let current = current.as_integer().unwrap_or(0);
            let sum = match assignment.change {
                Change::Add | Change::Set => current.checked_add(by),
                Change::Remove => current.checked_sub(by),
            };
            sum.map(Value::Integer)
                .ok_or_else(|| bad_input(def.name, "would be too large", "write a smaller number"))
        }
        _ => Err(bad_input(
            def.name,
            "takes one value, so nothing can be added to it or taken away",
            &format!("write {}=...", def.name),
        )),
    }
}

fn twice(field: &str) -> ApiError {
    let problem = "is set twice";
    ApiError::new(ErrorCode::BadInput, format!("{field}: {problem}; give it one value")).at(
        field,
        problem,
        "give it one value",
    )
}
