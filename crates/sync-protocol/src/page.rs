//! Pages of the log as one user may see it.

use roadbook_domain::{
    ChangeHash, ConflictId, DeviceId, DocumentKey, Entity, Hlc, IntentId, IntentKind, Operation,
    UserId,
};
use roadbook_merge::{Digest, Envelope, JournalEntry};
use serde::{Deserialize, Serialize};

use crate::message::Cursor;
use crate::receipt::Receipt;

/// A bounded piece of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// What happened, in the order in which it must be taken in.
    pub items: Vec<PageItem>,
    /// Where the device is after this page.
    pub next: Cursor,
    /// The place in the log that `next` stands for; the device shows it, and nothing more.
    pub position: u64,
    /// There is more to read.
    pub more: bool,
    /// About how many items are still to come; for progress.
    pub remaining: u64,
    /// The server's receipt for the envelopes of this page.
    pub receipt: Option<Receipt>,
    /// The names of the devices that the items speak of.
    pub devices: Vec<(DeviceId, String)>,
}

impl Page {
    /// The devices that items speak of, sorted.
    #[must_use]
    pub fn devices_of(items: &[PageItem]) -> std::collections::BTreeSet<DeviceId> {
        let mut out = std::collections::BTreeSet::new();
        for item in items {
            match item {
                PageItem::Forget(_) => {}
                PageItem::Snapshot(snapshot) => {
                    out.extend(snapshot.provenance.iter().map(|made| made.device));
                    out.extend(snapshot.history.iter().map(|entry| entry.made_by.device));
                }
                PageItem::Accepted(item) => {
                    out.insert(item.envelope.header.device);
                }
            }
        }
        out
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageItem {
    /// A document is no longer visible to this user: purge it.
    Forget(DocumentKey),
    /// A document became visible to this user.
    Snapshot(Snapshot),
    /// An envelope was accepted.
    Accepted(LogItem),
}

/// An accepted envelope and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogItem {
    /// Its place in the tenant's log.
    pub seq: u64,
    /// When the server took it in, in milliseconds since 1970.
    pub accepted_ms: i64,
    /// The envelope with the parts that this user may see. Never none.
    pub envelope: Envelope,
    /// Per visible part, in order: the raw change, where replaying the operations on the
    /// receiver would not give it (an older mutator version there) or would cost it a copy of the
    /// document (made while others wrote it); otherwise empty.
    pub raw: Vec<Vec<u8>>,
    /// Per visible part, in order: what came of it.
    pub outcomes: Vec<Outcome>,
}

/// What taking in one part did to its document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// What the merge settled.
    pub journal: Vec<JournalEntry>,
    /// Conflicts that it opened.
    pub opened: Vec<ConflictId>,
    /// Conflicts that it closed.
    pub closed: Vec<ConflictId>,
}

/// A document that became visible, as of a place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which document.
    pub document: DocumentKey,
    /// The record's kind.
    pub entity: Entity,
    /// The place in the log that it stands for.
    pub seq: u64,
    /// The accepted document.
    pub bytes: Vec<u8>,
    /// Who made each change whose value survives, older than the history below.
    pub provenance: Vec<Provenance>,
    /// Its open conflicts.
    pub conflicts: Vec<ConflictId>,
    /// What happened to it in the last 90 days, oldest first.
    pub history: Vec<HistoryEntry>,
}

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
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
    /// The client that made it.
    pub client_version: u32,
    /// The policies that the device evaluated.
    pub policy_version: u32,
    /// Its place in the log.
    pub seq: u64,
    /// Why.
    pub rationale: Option<String>,
}

/// One thing that happened to a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Who, when, why.
    pub made_by: Provenance,
    /// What was done. Empty for the creation: the document itself tells.
    pub operations: Vec<Operation>,
    /// What the merge settled.
    pub journal: Vec<JournalEntry>,
}

/// The leaf of an envelope, for receipts.
#[must_use]
pub fn leaf(item: &LogItem) -> (u64, Digest) {
    (item.seq, item.envelope.header.leaf())
}
