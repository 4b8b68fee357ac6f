//! What one intent does to one document: the typed arguments of a part (D3).
//!
//! An operation names only fields of one facet. It carries what the person saw (`from`), so that
//! it can be judged, replayed and explained.

use serde::{Deserialize, Serialize};

use crate::{ChangeHash, Value};

/// A field set to a value, with the value that the person saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldEdit {
    /// The field's name.
    pub field: String,
    /// The value that the person saw.
    pub from: Value,
    /// The value that the person wants.
    pub to: Value,
}

/// One operation on one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// Makes the record, with its first values. Only on the internal facet.
    Create {
        /// Fields and their first values, in the order of the schema.
        fields: Vec<(String, Value)>,
    },
    /// Sets single-valued fields (preference, review, confirmed).
    Edit(FieldEdit),
    /// Rewrites a text field; merged word by word against what others wrote.
    EditText {
        /// The field's name.
        field: String,
        /// The text that the person saw.
        base: String,
        /// The text that the person left.
        text: String,
    },
    /// Adds to a counter.
    Adjust {
        /// The field's name.
        field: String,
        /// How much; may be negative.
        by: i64,
    },
    /// Moves a state field, and notes the move in `<field>_history` where the entity has it.
    Move {
        /// The state field and its move.
        edit: FieldEdit,
    },
    /// Adds and removes members of a set.
    ChangeSet {
        /// The field's name.
        field: String,
        /// Members to add, sorted.
        add: Vec<String>,
        /// Members to remove, sorted.
        remove: Vec<String>,
    },
    /// Puts the record into the trash.
    Delete,
    /// Takes the record out of the trash.
    Restore,
    /// Settles a disputed field. The only operation that may overwrite several survivors (D5).
    Resolve {
        /// The field's name.
        field: String,
        /// The changes that made the sides that the person saw, sorted.
        sides: Vec<ChangeHash>,
        /// The value that it shall have.
        choice: Value,
    },
    /// Proposes a value in a conflict, without deciding it.
    Propose {
        /// The field's name.
        field: String,
        /// The proposed value.
        value: Value,
        /// Why.
        why: String,
    },
}

impl Operation {
    /// The field that it is about; `None` if it is about the whole record.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Create { .. } | Self::Delete | Self::Restore => None,
            Self::Edit(edit) | Self::Move { edit } => Some(&edit.field),
            Self::EditText { field, .. }
            | Self::Adjust { field, .. }
            | Self::ChangeSet { field, .. }
            | Self::Resolve { field, .. }
            | Self::Propose { field, .. } => Some(field),
        }
    }

    /// The names of all fields that it writes.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Self::Create { fields } => fields.iter().map(|(name, _)| name.as_str()).collect(),
            Self::Delete | Self::Restore => Vec::new(),
            Self::Edit(_)
            | Self::Move { .. }
            | Self::EditText { .. }
            | Self::Adjust { .. }
            | Self::ChangeSet { .. }
            | Self::Resolve { .. }
            | Self::Propose { .. } => self.field().into_iter().collect(),
        }
    }
}
