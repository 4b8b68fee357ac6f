//! From operations and provenance to what faces show of them.

use roadbook_api::views::{ChangeView, MadeByView, RecordLink};
use roadbook_domain::{Entity, Operation, RecordId, Schema, Value};
use roadbook_replica::MadeBy;

use crate::errors::{ApiResult, of_store};
use crate::records::Names;

/// Work that the server had only after so many milliseconds was done offline.
const OFFLINE_MS: i64 = 60_000;

/// The name of the whole record where a field's name is expected.
const RECORD: &str = "record";

/// What some operations on a record of a kind do, field by field.
pub(crate) fn changes(
    names: &Names<'_>,
    entity: Entity,
    operations: &[Operation],
) -> ApiResult<Vec<ChangeView>> {
    let mut out = Vec::new();
    for operation in operations {
        of_operation(names, entity, operation, &mut out)?;
    }
    Ok(out)
}

fn of_operation(
    names: &Names<'_>,
    entity: Entity,
    operation: &Operation,
    out: &mut Vec<ChangeView>,
) -> ApiResult<()> {
    let change = |field: &str, action: &str, from: Option<&Value>, to: Option<&Value>| {
        let named = |value: Option<&Value>| value.map(|value| names.value(value)).transpose();
        Ok(ChangeView {
            field: field.to_owned(),
            label: label(names.replica.schema(), entity, field),
            action: action.to_owned(),
            from: named(from)?,
            to: named(to)?,
            why: None,
        })
    };
    match operation {
        Operation::Create { fields } => {
            out.push(change(RECORD, "create", None, None)?);
            for (field, value) in fields {
                out.push(change(field, "set", None, Some(value))?);
            }
        }
        Operation::Edit(edit) => {
            out.push(change(&edit.field, "set", Some(&edit.from), Some(&edit.to))?);
        }
        Operation::Move { edit } => {
            out.push(change(&edit.field, "move", Some(&edit.from), Some(&edit.to))?);
        }
        Operation::EditText { field, base, text } => {
            let (from, to) = (Value::Text(base.clone()), Value::Text(text.clone()));
            out.push(change(field, "rewrite", Some(&from), Some(&to))?);
        }
        Operation::Adjust { field, by } => {
            out.push(change(field, "adjust", None, Some(&Value::Integer(*by)))?);
        }
        Operation::ChangeSet { field, add, remove } => {
            for (members, action) in [(add, "add"), (remove, "remove")] {
                if !members.is_empty() {
                    let members = Value::Set(members.clone());
                    out.push(change(field, action, None, Some(&members))?);
                }
            }
        }
        Operation::Delete => out.push(change(RECORD, "delete", None, None)?),
        Operation::Restore => out.push(change(RECORD, "restore", None, None)?),
        Operation::Resolve { field, choice, .. } => {
            out.push(change(field, "resolve", None, Some(choice))?);
        }
        Operation::Propose { field, value, why } => {
            let proposed = change(field, "propose", None, Some(value))?;
            out.push(ChangeView { why: Some(why.clone()), ..proposed });
        }
    }
    Ok(())
}

/// What several parts of one intent do, and to which records.
pub(crate) fn of_parts<'p>(
    names: &Names<'_>,
    parts: impl Iterator<Item = (RecordId, Entity, &'p [Operation])>,
) -> ApiResult<(Vec<RecordLink>, Vec<ChangeView>)> {
    let mut links: Vec<RecordLink> = Vec::new();
    let mut all = Vec::new();
    for (record, entity, operations) in parts {
        if !links.iter().any(|link| link.record == record) {
            links.push(names.link(record, entity)?);
        }
        all.extend(changes(names, entity, operations)?);
    }
    Ok((links, all))
}

/// A field's name for people.
pub(crate) fn label(schema: &Schema, entity: Entity, field: &str) -> String {
    let label = schema.field(entity, field).map(|def| def.label);
    label.map_or_else(
        || if field == "alive" || field == RECORD { "Record".to_owned() } else { field.to_owned() },
        str::to_owned,
    )
}

/// Who made a change.
pub(crate) fn made_by(names: &Names<'_>, made: &MadeBy) -> ApiResult<MadeByView> {
    Ok(MadeByView {
        user: made.user,
        who: names.who(made.user)?,
        device: made.device,
        device_name: names.replica.name_of(made.device).map_err(|error| of_store(&error))?,
        at_ms: made.clock.millis(),
        accepted_ms: made.accepted_ms,
        offline: made.accepted_ms.map(|at_ms| at_ms - made.clock.millis() > OFFLINE_MS),
        client: version(made.client_version),
        policy: made.policy_version,
        rationale: made.rationale.clone(),
    })
}

/// A version as people write it, from major * 1_000_000 + minor * 1_000 + patch.
fn version(number: u32) -> String {
    format!("{}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_labels_read_well() {
        assert_eq!(version(1_002_003), "1.2.3");
        let schema = Schema::crm();
        assert_eq!(label(&schema, Entity::Opportunity, "close_date"), "Close date");
        assert_eq!(label(&schema, Entity::Opportunity, "alive"), "Record");
        assert_eq!(label(&schema, Entity::Opportunity, "gone"), "gone", "fields of newer versions");
    }
}
