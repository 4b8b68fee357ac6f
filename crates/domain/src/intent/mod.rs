//! Intents: what a person means to do, and the operations that carry it out (D3).
//!
//! [`Intent::plan`] is the validation that device, importer and tests share. It reads no
//! documents; what depends on a document's state is checked by `merge`.

mod plan;

use serde::{Deserialize, Serialize};

use crate::schema::InvalidValue;
use crate::{ChangeHash, Entity, Facet, FieldEdit, Operation, RecordId, Value};

pub use plan::check_editable;

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
    /// Make an account, a contact and an opportunity of a lead.
    ConvertLead = 12,
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
            Self::ConvertLead => "convert_lead",
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
    /// Make of a lead what it becomes, all of it or nothing; the lead is qualified with it.
    ConvertLead {
        /// The lead.
        lead: RecordId,
        /// The status that the person saw.
        from: Value,
        /// What is made: an account, where none is taken that is there, a contact and an
        /// opportunity.
        made: Vec<FirstValues>,
        /// The opportunity.
        opportunity: RecordId,
    },
}

/// A record to be made, with its first values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstValues {
    /// The new record's id, made on the device.
    pub record: RecordId,
    /// Its kind.
    pub entity: Entity,
    /// Its first values.
    pub fields: Vec<(String, Value)>,
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
            Self::ConvertLead { .. } => IntentKind::ConvertLead,
        }
    }
}

#[cfg(test)]
mod tests;
