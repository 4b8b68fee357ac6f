//! Sending a denied intent again with other values: its words, with the person's changes.

use roadbook_api::{Assignment, Change};
use roadbook_domain::{Entity, FieldEdit, Intent, IntentKind, Operation, RecordId, Step, Value};
use roadbook_replica::{Replica, Row, Wanted};

use crate::errors::{self, ApiResult, bad_input};
use crate::{assign, lookup};

/// What shall be sent in place of a denied intent.
pub(crate) fn edited(
    replica: &Replica,
    wanted: Wanted,
    assignments: &[Assignment],
) -> ApiResult<(IntentKind, Vec<Step>)> {
    let Wanted { kind, steps, .. } = wanted;
    if assignments.is_empty() {
        return Ok((kind, steps));
    }
    let Some(first) = steps.first() else { return Ok((kind, steps)) };
    let (record, entity) = (first.record, first.entity);
    match kind {
        IntentKind::Create | IntentKind::AddNote | IntentKind::LogActivity => {
            Ok((kind, creation(replica, &steps, record, entity, assignments)?))
        }
        // It makes several records, and a field alone does not say whose value is meant.
        IntentKind::ConvertLead => {
            let remedy = "send it as it is, or discard it and convert the lead again";
            Err(bad_input("assignments", "a conversion has values of several records", remedy))
        }
        IntentKind::Delete | IntentKind::Restore => {
            let problem = format!("`{}` has no values", kind.name());
            Err(bad_input("assignments", &problem, "send it as it is, or discard it"))
        }
        IntentKind::ResolveConflict | IntentKind::ProposeInConflict => {
            Ok((kind, decision(replica, steps, entity, assignments)?))
        }
        IntentKind::EditFields
        | IntentKind::AdjustCounter
        | IntentKind::MoveStage
        | IntentKind::CompleteTask
        | IntentKind::Tag => {
            let edits = edits(replica, &steps, record, entity, assignments)?;
            let intent = Intent::EditFields { record, entity, edits };
            let steps =
                intent.plan(replica.schema()).map_err(|error| errors::of_invalid(&error))?;
            Ok((IntentKind::EditFields, steps))
        }
    }
}

/// A creation with other first values. Steps on other records stay.
fn creation(
    replica: &Replica,
    steps: &[Step],
    record: RecordId,
    entity: Entity,
    assignments: &[Assignment],
) -> ApiResult<Vec<Step>> {
    let mut fields: Vec<(String, Value)> = Vec::new();
    for operation in of_record(steps, record) {
        if let Operation::Create { fields: first } = operation {
            fields.extend(first.iter().cloned());
        } else {
            fields.extend(wanted_value(operation, &Value::Null));
        }
    }
    for assignment in assignments {
        let def = assign::field(replica.schema(), entity, &assignment.field)?;
        let place = fields.iter().position(|(name, _)| name == def.name);
        let current = place.map_or(Value::Null, |place| fields[place].1.clone());
        let value = assign::wanted(replica, def, &current, assignment)?;
        match place {
            Some(place) => fields[place].1 = value,
            None => fields.push((def.name.to_owned(), value)),
        }
    }
    let intent = Intent::Create { record, entity, fields };
    let mut out = intent.plan(replica.schema()).map_err(|error| errors::of_invalid(&error))?;
    out.extend(steps.iter().filter(|step| step.record != record).cloned());
    Ok(out)
}

/// Edits of a record with other values; a field that gets what is shown is left out.
fn edits(
    replica: &Replica,
    steps: &[Step],
    record: RecordId,
    entity: Entity,
    assignments: &[Assignment],
) -> ApiResult<Vec<FieldEdit>> {
    let row = lookup::row(replica, record)?
        .ok_or_else(|| errors::not_found(entity.name(), &record.to_string()))?;
    let mut edits: Vec<FieldEdit> = Vec::new();
    for operation in of_record(steps, record) {
        let shown = operation.field().map_or(Value::Null, |field| row.value(field).clone());
        if let Some((field, to)) = wanted_value(operation, &shown) {
            edits.push(FieldEdit { field, from: shown, to });
        }
    }
    for assignment in assignments {
        let def = assign::field(replica.schema(), entity, &assignment.field)?;
        let place = edits.iter().position(|edit| edit.field == def.name);
        // Adding and taking away go on from what was wanted; setting replaces it.
        let current = match place {
            Some(place) if assignment.change != Change::Set => edits[place].to.clone(),
            _ => row.value(def.name).clone(),
        };
        let to = assign::wanted(replica, def, &current, assignment)?;
        match place {
            Some(place) => edits[place].to = to,
            None => edits.push(edit(&row, def.name, to)),
        }
    }
    edits.retain(|edit| edit.from != edit.to);
    Ok(edits)
}

fn edit(row: &Row, field: &str, to: Value) -> FieldEdit {
    FieldEdit { field: field.to_owned(), from: row.value(field).clone(), to }
}

/// A decision or proposal with another value.
fn decision(
    replica: &Replica,
    mut steps: Vec<Step>,
    entity: Entity,
    assignments: &[Assignment],
) -> ApiResult<Vec<Step>> {
    for assignment in assignments {
        let def = assign::field(replica.schema(), entity, &assignment.field)?;
        let mut operations = steps.iter_mut().flat_map(|step| &mut step.operations);
        let Some(operation) = operations.find(|operation| operation.field() == Some(def.name))
        else {
            let problem = "is not the field of the conflict";
            return Err(bad_input(def.name, problem, "change it apart from the decision"));
        };
        let value = assign::wanted(replica, def, &Value::Null, assignment)?;
        match operation {
            Operation::Resolve { choice, .. } => *choice = value,
            Operation::Propose { value: proposed, .. } => *proposed = value,
            Operation::Create { .. }
            | Operation::Edit(_)
            | Operation::EditText { .. }
            | Operation::Adjust { .. }
            | Operation::Move { .. }
            | Operation::ChangeSet { .. }
            | Operation::Delete
            | Operation::Restore => {}
        }
    }
    Ok(steps)
}

fn of_record(steps: &[Step], record: RecordId) -> impl Iterator<Item = &Operation> {
    steps.iter().filter(move |step| step.record == record).flat_map(|step| &step.operations)
}

/// The value that an operation brings its field to, from what is shown.
fn wanted_value(operation: &Operation, shown: &Value) -> Option<(String, Value)> {
    let (field, value) = match operation {
        Operation::Edit(edit) | Operation::Move { edit } => (&edit.field, edit.to.clone()),
        Operation::EditText { field, text, .. } => {
            let empty = text.is_empty();
            (field, if empty { Value::Null } else { Value::Text(text.clone()) })
        }
        Operation::Adjust { field, by } => {
            let sum = shown.as_integer().unwrap_or(0).saturating_add(*by);
            (field, Value::Integer(sum))
        }
        Operation::ChangeSet { field, add, remove } => {
            let mut members = shown.members().to_vec();
            members.retain(|member| !remove.contains(member));
            members.extend(add.iter().cloned());
            members.sort();
            members.dedup();
            (field, Value::Set(members))
        }
        Operation::Resolve { field, choice, .. } => (field, choice.clone()),
        Operation::Create { .. }
        | Operation::Delete
        | Operation::Restore
        | Operation::Propose { .. } => return None,
    };
    Some((field.clone(), value))
}
