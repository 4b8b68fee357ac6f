//! Undoing: what was not sent is withdrawn, what was sent is set back by new intents.
//!
//! Only what is still as the intent left it is set back: later work of others is never
//! overwritten, and the answer names what was left.

use roadbook_api::commands::queue::UndoIntent;
use roadbook_api::views::{ChangeView, DisputeAfter, RecordLink, UndoneHow, UndoneView};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::{
    Entity, FieldEdit, Intent, IntentId, IntentKind, MergeClass, Operation, RecordId, Step, Value,
};
use roadbook_replica::{DonePart, Replica, Row, Standing};

use crate::errors::{self, ApiResult, not_found};
use crate::lookup::Named;
use crate::records::Names;
use crate::{App, Run, describe, lookup, queue};

impl Run<UndoIntent> for App {
    fn run(&self, command: UndoIntent) -> ApiResult<UndoneView> {
        self.with(|replica| {
            let record = match &command.record {
                Some(record) => Some(lookup::record(replica, None, record)?.record),
                None => None,
            };
            let intent = named(replica, &command.intent, record)?;
            let standing =
                replica.standing(intent, record).map_err(|error| errors::of_store(&error))?;
            match standing {
                None => Err(unknown(&command.intent)),
                Some(Standing::Unsent) => self.withdraw(replica, intent),
                Some(Standing::Sent(parts)) => self.reverse(replica, intent, &parts),
            }
        })
    }
}

fn unknown(named: &str) -> ApiError {
    let message = format!(
        "what `{named}` did is not known on this device: it is nobody's intent, or older than 90 \
         days; change the record instead"
    );
    ApiError::new(ErrorCode::NotFound, message)
}

/// The intent that a text names: a whole id, or a part of the id of one that is on its way or in
/// the history of the record.
fn named(replica: &Replica, text: &str, record: Option<RecordId>) -> ApiResult<IntentId> {
    if let Named::Id(id) = Named::of(text) {
        return Ok(IntentId(id.0));
    }
    let of_store = |error| errors::of_store(&error);
    let waiting = replica.pending().map_err(of_store)?;
    let mut ids: Vec<IntentId> = waiting.iter().map(|item| item.intent).collect();
    if let Some(record) = record {
        let history = replica.history(record, None).map_err(of_store)?;
        ids.extend(history.iter().map(|row| row.made_by.intent));
        ids.sort_unstable();
        ids.dedup();
    }
    queue::find(&ids, text)
}

impl App {
    fn withdraw(&self, replica: &mut Replica, intent: IntentId) -> ApiResult<UndoneView> {
        let of_store = |error| errors::of_store(&error);
        let waiting = replica.pending().map_err(of_store)?;
        let item = waiting
            .iter()
            .find(|item| item.intent == intent)
            .ok_or_else(|| not_found("waiting intent", &intent.to_string()))?;
        let (records, changes) = {
            let names = Names::new(replica);
            let parts = item
                .parts
                .iter()
                .map(|part| (part.document.record, part.entity, part.operations.as_slice()));
            describe::of_parts(&names, parts)?
        };
        let dispute = (item.kind == IntentKind::ResolveConflict).then_some(DisputeAfter::Reopened);
        let wall_ms = self.host.wall_ms();
        let set_aside = replica.withdraw(intent, wall_ms).map_err(of_store)?;
        let Some(set_aside) = set_aside else {
            let message = "this was sent just now; try again in a moment";
            return Err(ApiError::new(ErrorCode::Stale, message));
        };
        Ok(UndoneView {
            intent,
            how: UndoneHow::Withdrawn,
            records,
            changes,
            left: Vec::new(),
            reversed_by: Vec::new(),
            set_aside,
            dispute,
        })
    }

    fn reverse(
        &self,
        replica: &mut Replica,
        intent: IntentId,
        parts: &[DonePart],
    ) -> ApiResult<UndoneView> {
        let mut back = Back::default();
        for part in parts {
            back.part(replica, part)?;
        }
        let intents = back.intents();
        if intents.is_empty() {
            return Err(back.nothing());
        }
        // All or nothing: what the policies refuse is refused before anything is saved.
        for undoing in &intents {
            let decision =
                replica.judge(undoing, None).map_err(|error| errors::of_commit(&error))?;
            if !decision.is_allowed() && !waits_for_server(&decision) {
                return Err(errors::of_decision(&decision));
            }
        }
        let mut reversed_by = Vec::new();
        for undoing in &intents {
            reversed_by.push(self.save(replica, undoing, None)?.intent);
        }
        let names = Names::new(replica);
        let mut records: Vec<RecordLink> = Vec::new();
        let mut changes: Vec<ChangeView> = Vec::new();
        for undoing in &intents {
            let steps =
                undoing.plan(replica.schema()).map_err(|error| errors::of_invalid(&error))?;
            let parts =
                steps.iter().map(|step| (step.record, step.entity, step.operations.as_slice()));
            let (links, done) = describe::of_parts(&names, parts)?;
            records.extend(links);
            changes.extend(done);
        }
        let left =
            back.left.iter().map(|step| describe::changes(&names, step.entity, &step.operations));
        let left: ApiResult<Vec<Vec<ChangeView>>> = left.collect();
        Ok(UndoneView {
            intent,
            how: UndoneHow::Reversed,
            records,
            changes,
            left: left?.into_iter().flatten().collect(),
            reversed_by,
            set_aside: Vec::new(),
            dispute: back.decided.then_some(DisputeAfter::StaysSettled),
        })
    }
}

const fn waits_for_server(decision: &roadbook_policy::Decision) -> bool {
    matches!(decision, roadbook_policy::Decision::ServerDecides { .. })
}

/// What sets an intent back.
#[derive(Default)]
struct Back {
    edits: Vec<(RecordId, Entity, Vec<FieldEdit>)>,
    whole: Vec<Intent>,
    /// What is not set back, because it is not as the intent left it.
    left: Vec<Step>,
    /// A decision in a conflict is set back.
    decided: bool,
    /// A proposal was met, which stays.
    proposed: bool,
    /// A field that is disputed was met.
    disputed: Option<String>,
}

impl Back {
    fn part(&mut self, replica: &Replica, part: &DonePart) -> ApiResult<()> {
        let Some(row) = lookup::row(replica, part.record)? else { return Ok(()) };
        let Some(operations) = &part.operations else {
            // It made the record.
            if row.alive {
                self.whole.push(Intent::Delete { record: part.record, entity: part.entity });
            }
            return Ok(());
        };
        for operation in operations {
            self.operation(replica, part, &row, operation)?;
        }
        Ok(())
    }

    fn operation(
        &mut self,
        replica: &Replica,
        part: &DonePart,
        row: &Row,
        operation: &Operation,
    ) -> ApiResult<()> {
        let shown = |field: &str| row.value(field).clone();
        let wanted: Option<(&str, Value)> = match operation {
            // Only where this device knows the making of the record as an operation.
            Operation::Create { .. } => {
                if row.alive {
                    self.whole.push(Intent::Delete { record: part.record, entity: part.entity });
                }
                return Ok(());
            }
            Operation::Delete => {
                if !row.alive {
                    self.whole.push(Intent::Restore { record: part.record, entity: part.entity });
                }
                return Ok(());
            }
            Operation::Restore => {
                if row.alive {
                    self.whole.push(Intent::Delete { record: part.record, entity: part.entity });
                }
                return Ok(());
            }
            Operation::Propose { .. } => {
                self.proposed = true;
                return Ok(());
            }
            Operation::Edit(edit) | Operation::Move { edit } => {
                let from = before(replica, part.entity, edit);
                (shown(&edit.field) == edit.to).then_some((edit.field.as_str(), from))
            }
            Operation::EditText { field, base, text } => {
                let base = if base.is_empty() { Value::Null } else { Value::Text(base.clone()) };
                let is = shown(field).as_text().unwrap_or_default() == text;
                is.then_some((field.as_str(), base))
            }
            Operation::Adjust { field, by } => {
                let current = shown(field).as_integer().unwrap_or(0);
                Some((field.as_str(), Value::Integer(current.saturating_sub(*by))))
            }
            Operation::ChangeSet { field, add, remove } => {
                let mut members = shown(field).members().to_vec();
                members.retain(|member| !add.contains(member));
                members.extend(remove.iter().cloned());
                members.sort();
                members.dedup();
                Some((field.as_str(), Value::Set(members)))
            }
            Operation::Resolve { field, sides, choice } => {
                let was = shown_before(replica, part.record, field, sides)?;
                let as_left = shown(field) == *choice;
                self.decided |= as_left;
                as_left.then_some((field.as_str(), was))
            }
        };
        let Some((field, to)) = wanted else {
            self.left.push(Step {
                record: part.record,
                entity: part.entity,
                facet: part.facet,
                operations: vec![operation.clone()],
            });
            return Ok(());
        };
        if row.is_disputed(field) {
            self.disputed = Some(field.to_owned());
            return Ok(());
        }
        let from = shown(field);
        if from == to {
            return Ok(());
        }
        let edit = FieldEdit { field: field.to_owned(), from, to };
        match self.edits.iter_mut().find(|(record, _, _)| *record == part.record) {
            Some((_, _, edits)) => edits.push(edit),
            None => self.edits.push((part.record, part.entity, vec![edit])),
        }
        Ok(())
    }

    fn intents(&self) -> Vec<Intent> {
        let edits = self.edits.iter().map(|(record, entity, edits)| Intent::EditFields {
            record: *record,
            entity: *entity,
            edits: edits.clone(),
        });
        edits.chain(self.whole.iter().cloned()).collect()
    }

    /// Why nothing can be set back.
    fn nothing(&self) -> ApiError {
        if let Some(field) = &self.disputed {
            let message = format!("{field} is disputed; settle the conflict instead");
            return ApiError::new(ErrorCode::Disputed, message).at(
                field,
                "is disputed",
                "settle the conflict",
            );
        }
        if self.proposed {
            let message = "a proposal that was sent stays; propose another value instead";
            return ApiError::new(ErrorCode::NotWritable, message);
        }
        if self.left.is_empty() {
            let message = "there is nothing left to undo: the record is as it was before";
            return ApiError::new(ErrorCode::NothingToDo, message);
        }
        let fields: Vec<&str> =
            self.left.iter().flat_map(|step| &step.operations).flat_map(|o| o.fields()).collect();
        let message = format!(
            "somebody changed {} since, and undoing would overwrite that; change the record instead",
            fields.join(", ")
        );
        ApiError::new(ErrorCode::Stale, message)
    }
}

/// The value before an edit; a state without one is the first of its machine.
fn before(replica: &Replica, entity: Entity, edit: &FieldEdit) -> Value {
    let def = replica.schema().field(entity, &edit.field);
    match def.and_then(|def| def.machine()) {
        Some(machine) if edit.from.is_null() => Value::Text(machine.initial().name.to_owned()),
        _ if def.is_some_and(|def| def.class == MergeClass::Set) && edit.from.is_null() => {
            Value::Set(Vec::new())
        }
        _ => edit.from.clone(),
    }
}

/// The value that a field showed before a decision: of its sides, the one with the highest clock.
fn shown_before(
    replica: &Replica,
    record: RecordId,
    field: &str,
    sides: &[roadbook_domain::ChangeHash],
) -> ApiResult<Value> {
    let history = replica.history(record, Some(field)).map_err(|error| errors::of_store(&error))?;
    let side = history
        .iter()
        .filter(|row| sides.contains(&row.made_by.change))
        .max_by_key(|row| (row.made_by.clock, row.made_by.device));
    side.and_then(|row| row.value_of(field)).cloned().ok_or_else(|| {
        let message = format!(
            "the values that {field} had before the decision are not known on this device; set it \
             to what it shall be"
        );
        ApiError::new(ErrorCode::NotFound, message)
    })
}

#[cfg(test)]
mod tests;
