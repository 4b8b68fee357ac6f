//! Intents: what a person means to do, and the operations that carry it out (D3).
//!
//! [`Intent::plan`] is the validation that device, importer and tests share. It reads no
//! documents; what depends on a document's state is checked by `merge`.

use serde::{Deserialize, Serialize};

use crate::schema::InvalidValue;
use crate::{
    ChangeHash, Entity, Facet, FieldDef, FieldEdit, MergeClass, Operation, RecordId, Schema, Value,
    ValueType,
};

/// The kind of an intent, as it travels with every part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum IntentKind {
    /// Make a record.
    Create = 0,
    /// Set fields.
    EditFields = 1,
    /// Add to a counter.
    AdjustCounter = 2,
    /// Move a record to another state.
    MoveStage = 3,
    /// Note a visit, call, meeting or e-mail that took place.
    LogActivity = 4,
    /// Finish a task.
    CompleteTask = 5,
    /// Add and remove tags.
    Tag = 6,
    /// Write a note about a record.
    AddNote = 7,
    /// Put a record into the trash.
    Delete = 8,
    /// Take a record out of the trash.
    Restore = 9,
    /// Settle a conflict.
    ResolveConflict = 10,
    /// Propose a value in a conflict.
    ProposeInConflict = 11,
}

impl IntentKind {
    /// The name in commands, logs and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::EditFields => "edit_fields",
            Self::AdjustCounter => "adjust_counter",
            Self::MoveStage => "move_stage",
            Self::LogActivity => "log_activity",
            Self::CompleteTask => "complete_task",
            Self::Tag => "tag",
            Self::AddNote => "add_note",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::ResolveConflict => "resolve_conflict",
            Self::ProposeInConflict => "propose_in_conflict",
        }
    }
}

/// What an intent does to one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub entity: Entity,
    /// Which of its documents.
    pub facet: Facet,
    /// What to do, in order. Never empty.
    pub operations: Vec<Operation>,
}

/// An intent that cannot be carried out as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIntent {
    /// The entity has no such field.
    #[error("{entity} has no field `{field}`; it has: {known}")]
    UnknownField {
        /// The entity.
        entity: Entity,
        /// The field's name as given.
        field: String,
        /// The names that there are.
        known: String,
    },
    /// A value does not fit its field.
    #[error(transparent)]
    Value(#[from] InvalidValue),
    /// A required field is missing.
    #[error("{entity}: `{field}` is required; add {field}=...")]
    Missing {
        /// The entity.
        entity: Entity,
        /// The missing field.
        field: &'static str,
    },
    /// The field's merge class cannot be written by this intent, or not yet.
    #[error("{entity}.{field}: {problem}; {remedy}")]
    NotWritable {
        /// The entity.
        entity: Entity,
        /// The field.
        field: String,
        /// A stable word for programs.
        code: &'static str,
        /// What is wrong.
        problem: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// Nothing would change.
    #[error("nothing would change; name at least one field with a new value")]
    Empty,
}

impl InvalidIntent {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownField { .. } => "unknown_field",
            Self::Value(_) => "invalid_value",
            Self::Missing { .. } => "missing_field",
            Self::NotWritable { code, .. } => code,
            Self::Empty => "nothing_to_do",
        }
    }
}

/// What a person means to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Make a record with its first values.
    Create {
        /// The new record's id, made on the device.
        record: RecordId,
        /// Its kind.
        entity: Entity,
        /// Its first values.
        fields: Vec<(String, Value)>,
    },
    /// Set fields of a record, whatever their classes.
    EditFields {
        /// The record.
        record: RecordId,
        /// Its kind.
        entity: Entity,
        /// The new values with what the person saw.
        edits: Vec<FieldEdit>,
    },
    /// Add to a counter.
    AdjustCounter {
        /// The record.
        record: RecordId,
        /// Its kind.
        entity: Entity,
        /// The counter.
        field: String,
        /// How much; may be negative.
        by: i64,
    },
    /// Move a record to another state.
    MoveStage {
        /// The record.
        record: RecordId,
        /// Its kind.
        entity: Entity,
        /// The state that the person saw.
        from: Value,
        /// The state that the person wants.
        to: Value,
    },
    /// Note an activity; a visit also counts at the account.
    LogActivity {
        /// The new activity's id.
        activity: RecordId,
        /// The account it was with.
        account: Option<RecordId>,
        /// Its first values, without the account.
        fields: Vec<(String, Value)>,
    },
    /// Finish a task.
    CompleteTask {
        /// The task.
        task: RecordId,
        /// The state that the person saw.
        from: Value,
        /// When, in milliseconds since 1970.
        at_ms: i64,
    },
    /// Add and remove tags.
    Tag {
        /// The record.
        record: RecordId,
        /// Its kind.
        entity: Entity,
        /// Tags to add.
        add: Vec<String>,
        /// Tags to remove.
        remove: Vec<String>,
    },
    /// Write a note.
    AddNote {
        /// The new note's id.
        note: RecordId,
        /// Its first values.
        fields: Vec<(String, Value)>,
    },
    /// Put a record into the trash.
    Delete {
        /// The record.
        record: RecordId,
        /// Its kind.
        entity: Entity,
    },
    /// Take a record out of the trash.
    Restore {
        /// The record.
        record: RecordId,
        /// Its kind.
        entity: Entity,
    },
    /// Settle a conflict.
    ResolveConflict {
        /// The record.
        record: RecordId,
        /// Its kind.
        entity: Entity,
        /// The disputed field.
        field: String,
        /// The changes behind the sides that the person saw.
        sides: Vec<ChangeHash>,
        /// The value that it shall have.
        choice: Value,
    },
    /// Propose a value in a conflict.
    ProposeInConflict {
        /// The record.
        record: RecordId,
        /// Its kind.
        entity: Entity,
        /// The disputed field.
        field: String,
        /// The proposed value.
        value: Value,
        /// Why.
        why: String,
    },
}

impl Intent {
    /// The kind that travels with every part.
    #[must_use]
    pub const fn kind(&self) -> IntentKind {
        match self {
            Self::Create { .. } => IntentKind::Create,
            Self::EditFields { .. } => IntentKind::EditFields,
            Self::AdjustCounter { .. } => IntentKind::AdjustCounter,
            Self::MoveStage { .. } => IntentKind::MoveStage,
            Self::LogActivity { .. } => IntentKind::LogActivity,
            Self::CompleteTask { .. } => IntentKind::CompleteTask,
            Self::Tag { .. } => IntentKind::Tag,
            Self::AddNote { .. } => IntentKind::AddNote,
            Self::Delete { .. } => IntentKind::Delete,
            Self::Restore { .. } => IntentKind::Restore,
            Self::ResolveConflict { .. } => IntentKind::ResolveConflict,
            Self::ProposeInConflict { .. } => IntentKind::ProposeInConflict,
        }
    }

    /// Checks the intent against the schema and splits it into one step per document.
    ///
    /// # Errors
    /// [`InvalidIntent`] names the field, what is wrong and what to do.
    pub fn plan(&self, schema: &Schema) -> Result<Vec<Step>, InvalidIntent> {
        match self {
            Self::Create {
                record,
                entity,
                fields,
            } => create(schema, *record, *entity, fields),
            Self::AddNote { note, fields } => create(schema, *note, Entity::Note, fields),
            Self::EditFields {
                record,
                entity,
                edits,
            } => edit(schema, *record, *entity, edits),
            Self::AdjustCounter {
                record,
                entity,
                field,
                by,
            } => {
                let def = known(schema, *entity, field)?;
                if def.class != MergeClass::Counter {
                    return Err(wrong_class(
                        *entity,
                        def,
                        "is not a counter",
                        "set it instead",
                    ));
                }
                let adjust = Operation::Adjust {
                    field: field.clone(),
                    by: *by,
                };
                Ok(vec![one(*record, *entity, def.facet(), adjust)])
            }
            Self::MoveStage {
                record,
                entity,
                from,
                to,
            } => {
                let def =
                    schema
                        .entity(*entity)
                        .state_field()
                        .ok_or(InvalidIntent::UnknownField {
                            entity: *entity,
                            field: "stage".into(),
                            known: field_names(schema, *entity),
                        })?;
                let edit = FieldEdit {
                    field: def.name.to_owned(),
                    from: from.clone(),
                    to: def.check(to.clone())?,
                };
                if edit.from == edit.to {
                    return Err(InvalidIntent::Empty);
                }
                Ok(vec![one(
                    *record,
                    *entity,
                    def.facet(),
                    Operation::Move { edit },
                )])
            }
            Self::LogActivity {
                activity,
                account,
                fields,
            } => {
                let mut fields = fields.clone();
                if let Some(account) = account {
                    fields.push(("account".into(), Value::Reference(*account)));
                }
                let mut steps = create(schema, *activity, Entity::Activity, &fields)?;
                let visit = fields
                    .iter()
                    .any(|(name, value)| name == "kind" && value.as_text() == Some("Visit"));
                if let (Some(account), true) = (account, visit) {
                    let adjust = Operation::Adjust {
                        field: "visits".into(),
                        by: 1,
                    };
                    steps.push(one(*account, Entity::Account, Facet::Internal, adjust));
                }
                Ok(steps)
            }
            Self::CompleteTask { task, from, at_ms } => {
                let mut done = edit(
                    schema,
                    *task,
                    Entity::Task,
                    &[FieldEdit {
                        field: "completed_at".into(),
                        from: Value::Null,
                        to: Value::Instant(*at_ms),
                    }],
                )?;
                let to = Value::Text("Done".into());
                let edit = FieldEdit {
                    field: "state".into(),
                    from: from.clone(),
                    to,
                };
                for step in &mut done {
                    step.operations
                        .insert(0, Operation::Move { edit: edit.clone() });
                }
                Ok(done)
            }
            Self::Tag {
                record,
                entity,
                add,
                remove,
            } => {
                let def = known(schema, *entity, "tags")?;
                let set = |members: &[String]| match def.check(Value::Set(members.to_vec()))? {
                    Value::Set(mut members) => {
                        members.sort();
                        members.dedup();
                        Ok::<_, InvalidIntent>(members)
                    }
                    _ => Ok(Vec::new()),
                };
                let change = Operation::ChangeSet {
                    field: "tags".into(),
                    add: set(add)?,
                    remove: set(remove)?,
                };
                if add.is_empty() && remove.is_empty() {
                    return Err(InvalidIntent::Empty);
                }
                Ok(vec![one(*record, *entity, def.facet(), change)])
            }
            Self::Delete { record, entity } => Ok(vec![one(
                *record,
                *entity,
                Facet::Internal,
                Operation::Delete,
            )]),
            Self::Restore { record, entity } => Ok(vec![one(
                *record,
                *entity,
                Facet::Internal,
                Operation::Restore,
            )]),
            Self::ResolveConflict {
                record,
                entity,
                field,
                sides,
                choice,
            } => {
                let def = known(schema, *entity, field)?;
                let mut sides = sides.clone();
                sides.sort();
                let choice = def.check(choice.clone())?;
                let resolve = Operation::Resolve {
                    field: field.clone(),
                    sides,
                    choice,
                };
                Ok(vec![one(*record, *entity, def.facet(), resolve)])
            }
            Self::ProposeInConflict {
                record,
                entity,
                field,
                value,
                why,
            } => {
                let def = known(schema, *entity, field)?;
                let value = def.check(value.clone())?;
                let propose = Operation::Propose {
                    field: field.clone(),
                    value,
                    why: why.clone(),
                };
                Ok(vec![one(*record, *entity, def.facet(), propose)])
            }
        }
    }
}

fn one(record: RecordId, entity: Entity, facet: Facet, operation: Operation) -> Step {
    Step {
        record,
        entity,
        facet,
        operations: vec![operation],
    }
}

fn field_names(schema: &Schema, entity: Entity) -> String {
    let names: Vec<_> = schema
        .entity(entity)
        .fields
        .iter()
        .map(|field| field.name)
        .collect();
    names.join(", ")
}

fn known<'a>(
    schema: &'a Schema,
    entity: Entity,
    field: &str,
) -> Result<&'a FieldDef, InvalidIntent> {
    schema
        .field(entity, field)
        .ok_or_else(|| InvalidIntent::UnknownField {
            entity,
            field: field.to_owned(),
            known: field_names(schema, entity),
        })
}

fn wrong_class(
    entity: Entity,
    field: &FieldDef,
    problem: &'static str,
    remedy: &'static str,
) -> InvalidIntent {
    let field = field.name.to_owned();
    InvalidIntent::NotWritable {
        entity,
        field,
        code: "wrong_class",
        problem,
        remedy,
    }
}

/// Confirmed fields that may be edited already: those that decide who sees a record.
const SCOPE_FIELDS: [&str; 3] = ["owner", "territory", "team"];

/// Says whether a field may be set by an edit at all. The gate asks the same question.
///
/// # Errors
/// [`InvalidIntent::NotWritable`] with the code `unsupported_class`, `confirmed_only` or
/// `derived`.
pub fn check_editable(entity: Entity, field: &FieldDef) -> Result<(), InvalidIntent> {
    let refuse = |code, problem, remedy| {
        let field = field.name.to_owned();
        Err(InvalidIntent::NotWritable {
            entity,
            field,
            code,
            problem,
            remedy,
        })
    };
    match field.class {
        MergeClass::Structured => refuse(
            "unsupported_class",
            "structured fields cannot be edited yet",
            "leave it out; this version keeps what is there",
        ),
        MergeClass::Confirmed if !SCOPE_FIELDS.contains(&field.name) => refuse(
            "confirmed_only",
            "this field moves only through an approval, which this version does not have yet",
            "ask an administrator to set it when the record is made",
        ),
        MergeClass::Derived => refuse(
            "derived",
            "this value is computed",
            "change the fields that it is computed from",
        ),
        MergeClass::Append => refuse(
            "append_only",
            "entries are written by moves",
            "move the record instead",
        ),
        MergeClass::Preference
        | MergeClass::Set
        | MergeClass::Counter
        | MergeClass::Text
        | MergeClass::State
        | MergeClass::Review
        | MergeClass::Confirmed => Ok(()),
    }
}

fn create(
    schema: &Schema,
    record: RecordId,
    entity: Entity,
    fields: &[(String, Value)],
) -> Result<Vec<Step>, InvalidIntent> {
    for (name, _) in fields {
        let def = known(schema, entity, name)?;
        if !matches!(def.class, MergeClass::Confirmed) {
            check_editable(entity, def)?;
        }
    }
    let mut first = Vec::new();
    let mut confidential = Vec::new();
    for def in &schema.entity(entity).fields {
        let given = fields.iter().rev().find(|(name, _)| name == def.name);
        let value = match given {
            Some((_, value)) => def.check(value.clone())?,
            None if def.required => {
                return Err(InvalidIntent::Missing {
                    entity,
                    field: def.name,
                });
            }
            None => match def.machine() {
                Some(machine) => Value::Text(machine.initial().name.to_owned()),
                None => continue,
            },
        };
        if value.is_null() {
            continue;
        }
        match def.facet() {
            Facet::Internal => first.push((def.name.to_owned(), value)),
            Facet::Confidential => confidential.extend(set_operation(def, Value::Null, value)),
        }
    }
    let mut steps = vec![one(
        record,
        entity,
        Facet::Internal,
        Operation::Create { fields: first },
    )];
    if !confidential.is_empty() {
        let facet = Facet::Confidential;
        steps.push(Step {
            record,
            entity,
            facet,
            operations: confidential,
        });
    }
    Ok(steps)
}

fn edit(
    schema: &Schema,
    record: RecordId,
    entity: Entity,
    edits: &[FieldEdit],
) -> Result<Vec<Step>, InvalidIntent> {
    let mut steps: Vec<Step> = Vec::new();
    for edit in edits {
        let def = known(schema, entity, &edit.field)?;
        check_editable(entity, def)?;
        let to = def.check(edit.to.clone())?;
        let Some(operation) = set_operation(def, edit.from.clone(), to) else {
            continue;
        };
        let facet = def.facet();
        match steps.iter_mut().find(|step| step.facet == facet) {
            Some(step) => step.operations.push(operation),
            None => steps.push(one(record, entity, facet, operation)),
        }
    }
    if steps.is_empty() {
        Err(InvalidIntent::Empty)
    } else {
        Ok(steps)
    }
}

/// The operation that brings a field from one value to another, by its merge class; `None` when
/// they are equal.
fn set_operation(def: &FieldDef, from: Value, to: Value) -> Option<Operation> {
    if from == to {
        return None;
    }
    let field = def.name.to_owned();
    Some(match (&def.class, &def.value_type) {
        (MergeClass::Text, _) => Operation::EditText {
            field,
            base: from.as_text().unwrap_or_default().to_owned(),
            text: to.as_text().unwrap_or_default().to_owned(),
        },
        (MergeClass::Set, _) => {
            let only = |of: &Value, other: &Value| -> Vec<String> {
                let others = other.members();
                of.members()
                    .iter()
                    .filter(|member| !others.contains(member))
                    .cloned()
                    .collect()
            };
            Operation::ChangeSet {
                field,
                add: only(&to, &from),
                remove: only(&from, &to),
            }
        }
        (MergeClass::Counter, _) => Operation::Adjust {
            field,
            by: to
                .as_integer()
                .unwrap_or(0)
                .saturating_sub(from.as_integer().unwrap_or(0)),
        },
        (_, ValueType::State(_)) => Operation::Move {
            edit: FieldEdit { field, from, to },
        },
        _ => Operation::Edit(FieldEdit { field, from, to }),
    })
}

#[cfg(test)]
mod tests;
