//! History older than what devices keep: asked for a record at a time (D6).

use roadbook_domain::{DeviceId, DocumentKey, RecordId};
use serde::{Deserialize, Serialize};

use crate::page::HistoryEntry;

/// `POST /v1/history`: what happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRequest {
    /// The record.
    pub record: RecordId,
    /// Only what stands before this place in the log; from the end without one.
    pub before: Option<u64>,
}

/// What happened to a record, newest first, of the documents that the user may see.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HistoryResponse {
    /// The entries of all its documents.
    pub entries: Vec<PastEntry>,
    /// There is more before the last of them.
    pub more: bool,
    /// What the devices that the entries name are called.
    pub devices: Vec<(DeviceId, String)>,
}

impl HistoryResponse {
    /// `before` of the next request, after one with this `before`; `None` at the end, and where the
    /// answer does not get on.
    #[must_use]
    pub fn goes_on(&self, before: Option<u64>) -> Option<u64> {
        let last = self.entries.last()?.entry.made_by.seq;
        (self.more && before.is_none_or(|before| last < before)).then_some(last)
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastEntry {
    /// To which document.
    pub document: DocumentKey,
    /// When the server took it in, in milliseconds since 1970.
    pub accepted_ms: i64,
    /// Who, what, and what the merge settled.
    pub entry: HistoryEntry,
}
