//! What an operation reads: by that, later work is judged when an intent is dropped.

use roadbook_domain::{Operation, RecordId, Value};
use roadbook_sync_protocol::verdict::Denial;

/// The denial of what builds on an intent that is in neither log nor drawer.
pub(super) fn built_on_what_is_gone() -> Denial {
    Denial {
        code: "built_on_dropped".to_owned(),
        reason: "it builds on an intent that is not kept".to_owned(),
        remedy: "look at the record as it is now, then send it again or discard it".to_owned(),
        field: None,
        policy: None,
    }
}

/// The fields that an operation reads or writes; `alive` stands for being in the trash or not.
pub(super) fn fields_of(operation: &Operation) -> Vec<String> {
    match operation {
        Operation::Delete | Operation::Restore => vec!["alive".to_owned()],
        Operation::Create { .. }
        | Operation::Edit(_)
        | Operation::EditText { .. }
        | Operation::Adjust { .. }
        | Operation::Move { .. }
        | Operation::ChangeSet { .. }
        | Operation::Resolve { .. }
        | Operation::Propose { .. } => {
            operation.fields().into_iter().map(ToOwned::to_owned).collect()
        }
    }
}

/// The records that an operation names in its values.
pub(super) fn references(operation: &Operation) -> Vec<RecordId> {
    let values: Vec<&Value> = match operation {
        Operation::Create { fields } => fields.iter().map(|(_, value)| value).collect(),
        Operation::Edit(edit) | Operation::Move { edit } => vec![&edit.to],
        Operation::Resolve { choice, .. } => vec![choice],
        Operation::Propose { value, .. } => vec![value],
        Operation::EditText { .. }
        | Operation::Adjust { .. }
        | Operation::ChangeSet { .. }
        | Operation::Delete
        | Operation::Restore => Vec::new(),
    };
    values.into_iter().filter_map(Value::as_reference).collect()
}
