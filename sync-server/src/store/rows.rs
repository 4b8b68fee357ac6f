//! What goes into a store and comes out of it. Plain values and opaque bytes, no database types.

use roadbook_domain::{
    ChangeHash, ConflictId, DeviceId, DocumentKey, Entity, Facet, Hlc, IntentId, RecordId, UserId,
    Value,
};
use roadbook_merge::Digest;
use roadbook_policy::RecordPlace;

/// An accepted envelope, without its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place in the log.
    pub seq: u64,
    /// Its intent.
    pub intent: IntentId,
    /// Who.
    pub user: UserId,
    /// On which device.
    pub device: DeviceId,
    /// Which installation on that device.
    pub install_epoch: u32,
    /// When it was taken in, in milliseconds since 1970.
    pub accepted_ms: i64,
    /// The batch that it came in; `None` for the server's own.
    pub batch: Option<i64>,
    /// The header, in postcard form.
    pub header: Vec<u8>,
    /// The digest of the whole log up to here.
    pub chain: Digest,
}

/// One part of an accepted envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPart {
    /// The place of its record in the header's slots; below 16.
    pub slot: u8,
    /// The document.
    pub document: DocumentKey,
    /// The change that it made.
    pub change: ChangeHash,
    /// Part and salt, in postcard form.
    pub part: Vec<u8>,
    /// What came of it, in postcard form.
    pub outcome: Vec<u8>,
    /// The change itself where it was made while others wrote the document; otherwise empty.
    pub raw: Vec<u8>,
}

/// An accepted document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Which document.
    pub key: DocumentKey,
    /// The record's kind.
    pub entity: Entity,
    /// The place in the log of its last change.
    pub seq: u64,
    /// Its heads, sorted.
    pub heads: Vec<ChangeHash>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What decides who sees a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordRow {
    /// The record.
    pub record: RecordId,
    /// Its kind, owner, territory and team.
    pub place: RecordPlace,
    /// The account that lends it its scopes.
    pub parent: Option<RecordId>,
    /// Whether it has a confidential document.
    pub confidential: bool,
    /// Who made it.
    pub created_by: UserId,
    /// Where in the log it was made.
    pub created_seq: u64,
}

impl RecordRow {
    /// The facets that it has documents of.
    pub fn facets(&self) -> impl Iterator<Item = Facet> + use<> {
        let confidential = self.confidential;
        Facet::ALL.into_iter().filter(move |facet| *facet == Facet::Internal || confidential)
    }

    /// The place that decides its scopes: what has no owner belongs to its maker.
    #[must_use]
    pub fn effective_place(&self) -> RecordPlace {
        RecordPlace { owner: self.place.owner.or(Some(self.created_by)), ..self.place }
    }
}

/// A signed batch as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Who signed.
    pub device: DeviceId,
    /// Which installation.
    pub install_epoch: u32,
    /// When it came, in milliseconds since 1970.
    pub received_ms: i64,
    /// The Merkle root.
    pub root: Digest,
    /// The signature of the root.
    pub signature: Vec<u8>,
    /// The leaves, one after the other.
    pub leaves: Vec<u8>,
}

/// A final verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictRow {
    /// The intent.
    pub intent: IntentId,
    /// Whose.
    pub user: UserId,
    /// From which device.
    pub device: DeviceId,
    /// The verdict, in postcard form.
    pub verdict: Vec<u8>,
}

/// A change that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedChange {
    /// The change.
    pub change: ChangeHash,
    /// From which device.
    pub device: DeviceId,
    /// The intent that made it.
    pub intent: IntentId,
    /// What those that build on it must not touch, in postcard form.
    pub causes: Vec<u8>,
    /// When it was last refused, in milliseconds since 1970.
    pub refused_ms: i64,
}

/// How far an installation of a device has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// The number of the last envelope that was judged.
    pub last_number: u64,
    /// The clock of the last envelope of the device that was accepted, of any installation.
    pub last_clock: Hlc,
}

/// How much of one device waits in the quarantine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Envelopes that nobody has decided about.
    pub envelopes: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Unsent work that a device handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineRow {
    /// The intent.
    pub intent: IntentId,
    /// From which device.
    pub device: DeviceId,
    /// Whose.
    pub user: UserId,
    /// Why, as a stable word.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub received_ms: i64,
    /// The envelope as it came; empty once it was dropped.
    pub envelope: Vec<u8>,
    /// What an operator did with it; `None` while nobody has decided.
    pub settled: Option<Settled>,
}

/// What an operator did with work in the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// A stable word: `readmitted` or `dropped`.
    pub how: String,
    /// Why, in the operator's words.
    pub note: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// An envelope that was lost with the server and handed back under its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayedRow {
    /// The intent.
    pub intent: IntentId,
    /// The restore epoch of the receipt.
    pub restore_epoch: u64,
    /// Its place in the lost log.
    pub lost_seq: u64,
    /// Which device handed it back first.
    pub device: DeviceId,
    /// When, in milliseconds since 1970.
    pub received_ms: i64,
    /// Where in the log it stands now; `None` while it waits.
    pub seq: Option<u64>,
    /// Header and the parts that have come, in postcard form; empty once it stands in the log.
    pub envelope: Vec<u8>,
}

/// One facet of a record, as the tables for the central pipeline show it. Rebuildable.
#[derive(Debug)]
pub struct ProjectedRow<'a> {
    /// The record's kind.
    pub entity: Entity,
    /// Which facet.
    pub facet: Facet,
    /// The record.
    pub record: RecordId,
    /// The place in the log that the row stands for.
    pub seq: u64,
    /// Whether the record is not in the trash.
    pub alive: bool,
    /// When it was last edited, in milliseconds since 1970.
    pub updated_ms: i64,
    /// The fields that a person must settle.
    pub disputed: Vec<&'static str>,
    /// The values of the facet's fields, in the order of the schema; `Null` where there is none.
    pub values: Vec<&'a Value>,
}

/// Between which places in the log a page reads, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Whose view.
    pub user: UserId,
    /// What the device has seen, exclusive.
    pub from: u64,
    /// How far the page may go, inclusive.
    pub to: u64,
    /// The end of the log now: what is not visible any more is not sent.
    pub now: u64,
}

/// An installation whose own envelopes come back to it in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Install {
    /// The device.
    pub device: DeviceId,
    /// Its install epoch.
    pub install_epoch: u32,
}

/// Who reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receiver {
    /// The installation whose own envelopes come back to it in any case.
    pub own: Install,
    /// Later envelopes are in no backup, and come also with documents that became visible; `None`
    /// if there is no backup.
    pub backed_up: Option<u64>,
}

/// Where in the order of documents a page goes on: after this record and facet.
pub type DocumentPlace = (RecordId, Facet);

/// An accepted envelope with the parts that somebody may see.
pub type LogRow = (LogEntry, Vec<LogPart>);

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRow {
    /// Its id.
    pub id: ConflictId,
    /// The facet that holds the field.
    pub facet: Facet,
    /// Where in the log it opened.
    pub opened_seq: u64,
    /// Where in the log it was settled.
    pub closed_seq: Option<u64>,
}

/// Figures about a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Records.
    pub records: u64,
    /// Documents.
    pub documents: u64,
    /// Devices that are not revoked.
    pub devices: u64,
    /// Open conflicts.
    pub open_conflicts: u64,
    /// Quarantined envelopes.
    pub quarantined: u64,
    /// Bytes of the database.
    pub bytes: u64,
}
