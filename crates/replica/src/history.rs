//! Why a value is what it is: who, when, on which device, by which intent, and what merges settled.

use roadbook_domain::{
    ChangeHash, DeviceId, Entity, Facet, Hlc, IntentId, IntentKind, Operation, RecordId, UserId,
};
use roadbook_merge::JournalEntry;

use crate::{Replica, StoreError};

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeBy {
    /// The change.
    pub change: ChangeHash,
    /// Its intent.
    pub intent: IntentId,
    /// The kind of the intent.
    pub kind: IntentKind,
    /// Who.
    pub user: UserId,
    /// On which device.
    pub device: DeviceId,
    /// When, by the device's hybrid clock.
    pub clock: Hlc,
    /// The client that made it, as major * 1_000_000 + minor * 1_000 + patch.
    pub client_version: u32,
    /// The policies that the device evaluated.
    pub policy_version: u32,
    /// Its place in the log; `None` while it is pending.
    pub seq: Option<u64>,
    /// Why.
    pub rationale: Option<String>,
}

/// One thing that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// Who, when, why.
    pub made_by: MadeBy,
    /// In which of the record's documents.
    pub facet: Facet,
    /// What was done. Empty where only the author is known here (older than 90 days).
    pub operations: Vec<Operation>,
    /// What the merge settled.
    pub journal: Vec<JournalEntry>,
}

/// Something that a merge settled, for the journal page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub entity: Entity,
    /// In which of the record's documents.
    pub facet: Facet,
    /// Whose change it was.
    pub made_by: MadeBy,
    /// What was settled.
    pub entry: JournalEntry,
}

impl Replica {
    /// What happened to a record, oldest first, pending work last; with `field`, only what wrote
    /// that field.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn history(
        &self,
        record: RecordId,
        field: Option<&str>,
    ) -> Result<Vec<HistoryRow>, StoreError> {
        unimplemented!("{record} {field:?}")
    }

    /// What merges settled, newest first, at most `limit` entries.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn journal(&self, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        unimplemented!("{limit}")
    }
}
