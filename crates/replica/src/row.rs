//! Rows: records as lists, search and boards see them, without any document.

use std::collections::BTreeMap;

use roadbook_domain::{Entity, Hlc, RecordId, Value};

/// Where the newest work on a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyncMark {
    /// The server has everything that is shown.
    Confirmed,
    /// Something is saved on this device only.
    Saved,
}

impl SyncMark {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Saved => "saved",
        }
    }
}

/// One record as it is shown on this device: accepted and pending work together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub entity: Entity,
    /// Not in the trash.
    pub alive: bool,
    /// The clock of the last edit.
    pub updated: Hlc,
    /// Every field that has a value here, derived ones included.
    pub values: BTreeMap<&'static str, Value>,
    /// The fields that are disputed, sorted by name: never to be printed as final.
    pub disputed: Vec<&'static str>,
    /// Where the newest work is.
    pub sync: SyncMark,
}

impl Row {
    /// The value of a field; `Null` if it has none here.
    #[must_use]
    pub fn value(&self, field: &str) -> &Value {
        self.values.get(field).unwrap_or(&Value::Null)
    }

    /// Says whether a field is disputed.
    #[must_use]
    pub fn is_disputed(&self, field: &str) -> bool {
        self.disputed.contains(&field)
    }
}
