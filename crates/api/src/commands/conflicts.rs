//! The review queue: looking at conflicts, settling them, proposing a value.

use serde::{Deserialize, Serialize};

use crate::ValueView;

/// In which order conflicts are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictOrder {
    /// The most money at stake first.
    #[default]
    Stake,
    /// The oldest first.
    Age,
}

/// Lists the open conflicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListConflicts {
    /// Only those of this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// In which order.
    #[serde(default)]
    pub order: ConflictOrder,
}

/// Shows one conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowConflict {
    /// The conflict: its id or a unique beginning of it, a record with one open conflict, or
    /// `record.field`.
    pub conflict: String,
    /// The order in which its place, and the conflicts before and after it, are counted.
    #[serde(default)]
    pub order: ConflictOrder,
}

/// What settles a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "take", rename_all = "snake_case")]
pub enum Choice {
    /// The value of one side.
    Side {
        /// Its number, from 1.
        side: u32,
    },
    /// Another value.
    Value {
        /// As people write it.
        value: String,
    },
}

/// Settles a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveConflict {
    /// The conflict, as in [`ShowConflict`].
    pub conflict: String,
    /// What shall be.
    #[serde(flatten)]
    pub choice: Choice,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The values of the sides as the person saw them, in their order. Where they are others now,
    /// the answer is `stale` and nothing is settled. Empty if the face does not know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<ValueView>,
}

/// Proposes a value in a conflict, without deciding it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeValue {
    /// The conflict, as in [`ShowConflict`].
    pub conflict: String,
    /// The value.
    #[serde(flatten)]
    pub choice: Choice,
    /// Why, in the person's words.
    pub why: String,
}
