//! Where a tenant's log, documents, scopes and devices lie.
//!
//! [`Store`] is blocking and knows nothing of any database; every implementation passes the same
//! conformance suite. It judges nothing: what is right to write is `gate`'s, what is right to
//! send is `feed`'s. The invariants: a write transaction that is not committed leaves nothing;
//! a reader sees one state of the store, never a commit in flight; places in the log have no gaps.
//!
//! # Recipe: add a durable table
//!
//! 1. Add `migrations/NNNN_<name>.sql`; open it with its purpose and its effect on older clients.
//! 2. Name it in `sqlite::migrations`.
//! 3. `ROADBOOK_UPDATE=1 cargo test -p roadbook-server schema_file` writes `schema.sql` anew.
//! 4. Add the methods to [`StoreRead`] and [`StoreWrite`], and a test to the conformance suite.

#[cfg(test)]
mod conformance;
mod error;
mod rows;
pub mod sqlite;

use std::collections::BTreeSet;
use std::path::Path;

use roadbook_domain::{
    ChangeHash, ConflictId, DeviceId, DocumentKey, Entity, Facet, Hlc, IntentId, RecordId, UserId,
};
use roadbook_policy::Audience;

pub use error::StoreError;
pub use rows::{
    BatchRow, ConflictRow, Counts, DocumentPlace, Install, LogEntry, LogPart, LogRow, Progress,
    ProjectedRow, QuarantineRow, Receiver, RecordRow, RefusedChange, RelayedRow, Settled, Share,
    StoredDocument, VerdictRow, Window,
};

use crate::tenant::{Credential, Device};

/// The result of a store's method.
pub type StoreResult<T> = Result<T, StoreError>;

/// A tenant's store.
pub trait Store: Send + Sync {
    /// Begins to read: one state of the store, untouched by what is written meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(&self) -> StoreResult<Box<dyn StoreRead + '_>>;

    /// Begins to write. One at a time; waits for its turn. Dropped without commit, it leaves
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    fn write(&self) -> StoreResult<Box<dyn StoreWrite + '_>>;

    /// Writes a verified copy into a new file, marked as a copy. Returns its size in bytes and
    /// the end of its log.
    ///
    /// # Errors
    /// [`StoreError`].
    fn copy_to(&self, path: &Path) -> StoreResult<(u64, u64)>;
}

/// What can be read. All `Result`s are [`StoreError`]s of the store itself.
#[expect(clippy::missing_errors_doc, reason = "every method fails as the trait says")]
pub trait StoreRead {
    /// A single value.
    fn meta(&self, name: &str) -> StoreResult<Option<Vec<u8>>>;
    /// The end of the log; 0 when it is empty.
    fn head(&self) -> StoreResult<u64>;
    /// An entry of the log.
    fn log_entry(&self, seq: u64) -> StoreResult<Option<LogEntry>>;
    /// All parts of an entry, by slot and facet.
    fn log_parts(&self, seq: u64) -> StoreResult<Vec<LogPart>>;

    /// A device.
    fn device(&self, id: DeviceId) -> StoreResult<Option<Device>>;
    /// All devices, by enrolment.
    fn devices(&self) -> StoreResult<Vec<Device>>;
    /// How far an installation has come.
    fn progress(&self, install: &Install) -> StoreResult<Progress>;
    /// What a password is checked against.
    fn credential(&self, login: &str) -> StoreResult<Option<Credential>>;
    /// What a user signs in with.
    fn credential_of(&self, user: UserId) -> StoreResult<Option<Credential>>;
    /// Whether any credential was made by the demo.
    fn has_demo_credentials(&self) -> StoreResult<bool>;

    /// The final verdict on an intent.
    fn verdict(&self, intent: IntentId) -> StoreResult<Option<VerdictRow>>;
    /// A change that was not taken in.
    fn refused_change(&self, change: ChangeHash) -> StoreResult<Option<RefusedChange>>;
    /// The user and intent whose creation of a record was denied.
    fn refused_record(&self, record: RecordId) -> StoreResult<Option<(UserId, IntentId)>>;

    /// The current document of a record's facet.
    fn document(&self, record: RecordId, facet: Facet) -> StoreResult<Option<StoredDocument>>;
    /// All internal documents of a kind.
    fn documents_of(&self, entity: Entity) -> StoreResult<Vec<StoredDocument>>;
    /// All documents, by record and facet.
    fn documents_after(
        &self,
        after: Option<DocumentPlace>,
        limit: usize,
    ) -> StoreResult<Vec<StoredDocument>>;
    /// What decides who sees a record.
    fn record(&self, record: RecordId) -> StoreResult<Option<RecordRow>>;
    /// The records that a record lends its scopes.
    fn children(&self, parent: RecordId) -> StoreResult<Vec<RecordRow>>;
    /// The open conflicts of a document.
    fn open_conflicts(&self, record: RecordId, facet: Facet) -> StoreResult<Vec<ConflictRow>>;

    /// Who sees a document now.
    fn document_audiences(&self, record: RecordId, facet: Facet)
    -> StoreResult<BTreeSet<Audience>>;
    /// What a user sees now.
    fn user_audiences(&self, user: UserId) -> StoreResult<BTreeSet<Audience>>;
    /// Whether a user sees a document now.
    fn sees(&self, user: UserId, record: RecordId, facet: Facet) -> StoreResult<bool>;
    /// Documents that became visible in a window, or were away for a while, by record and facet:
    /// at most so many, fewer where they are large, none only after the last.
    fn gained(
        &self,
        window: &Window,
        after: Option<DocumentPlace>,
        limit: usize,
    ) -> StoreResult<Vec<StoredDocument>>;
    /// How many documents became visible in a window.
    fn count_gained(&self, window: &Window) -> StoreResult<u64>;
    /// Documents that ceased to be visible in a window, by record and facet.
    fn lost(
        &self,
        window: &Window,
        after: Option<DocumentPlace>,
        limit: usize,
    ) -> StoreResult<Vec<DocumentKey>>;
    /// Accepted envelopes up to the end of a window, after a place, each with the parts of documents
    /// that were visible throughout (of places in the window), that the installation made itself
    /// and may still see (in the window), or that became visible in the window and are in no
    /// backup (also before the window). Entries without such a part are left out. At most so many,
    /// fewer where they are large. Returns also the place up to which it looked.
    fn log_after(
        &self,
        window: &Window,
        receiver: &Receiver,
        after: u64,
        limit: usize,
    ) -> StoreResult<(Vec<LogRow>, u64)>;
    /// Everything that happened to a document, oldest first.
    fn history(&self, record: RecordId, facet: Facet) -> StoreResult<Vec<(LogEntry, LogPart)>>;
    /// Passes every document that a user sees now, with its heads.
    fn visible_heads(
        &self,
        user: UserId,
        take: &mut dyn FnMut(DocumentKey, &[ChangeHash]),
    ) -> StoreResult<()>;

    /// A row of the tables for the central pipeline: the columns that have a value, as text.
    fn projected(
        &self,
        entity: Entity,
        facet: Facet,
        record: RecordId,
    ) -> StoreResult<Option<Vec<(String, String)>>>;
    /// Unsent work that was handed over, by arrival, settled or not.
    fn quarantined(&self) -> StoreResult<Vec<QuarantineRow>>;
    /// Work of a device in the quarantine, settled or not.
    fn quarantined_of(
        &self,
        device: DeviceId,
        intent: IntentId,
    ) -> StoreResult<Option<QuarantineRow>>;
    /// How much of a device waits in the quarantine for an operator.
    fn quarantine_share(&self, device: DeviceId) -> StoreResult<Share>;
    /// A handed-back envelope.
    fn relayed(&self, intent: IntentId) -> StoreResult<Option<RelayedRow>>;
    /// The handed-back envelopes that wait, in the order of the lost logs.
    fn relayed_waiting(&self) -> StoreResult<Vec<RelayedRow>>;
    /// The documents that a device says it purged.
    fn purges(&self, device: DeviceId) -> StoreResult<Vec<DocumentKey>>;
    /// Figures.
    fn counts(&self) -> StoreResult<Counts>;
}

/// What can be written. All `Result`s are [`StoreError`]s of the store itself.
#[expect(clippy::missing_errors_doc, reason = "every method fails as the trait says")]
pub trait StoreWrite: StoreRead {
    /// Sets a single value.
    fn put_meta(&mut self, name: &str, value: &[u8]) -> StoreResult<()>;
    /// Stores a batch and returns its number.
    fn put_batch(&mut self, batch: &BatchRow) -> StoreResult<i64>;
    /// Appends to the log.
    fn append(&mut self, entry: &LogEntry, parts: &[LogPart]) -> StoreResult<()>;
    /// Stores a final verdict.
    fn put_verdict(&mut self, verdict: &VerdictRow) -> StoreResult<()>;
    /// Takes a final verdict back: the intent was handed back under a receipt, which says more.
    fn drop_verdict(&mut self, intent: IntentId) -> StoreResult<()>;
    /// Stores a handed-back envelope, over what is stored of it.
    fn put_relayed(&mut self, row: &RelayedRow) -> StoreResult<()>;
    /// Forgets a handed-back envelope: what is to become of it is decided.
    fn drop_relayed(&mut self, intent: IntentId) -> StoreResult<()>;
    /// Remembers a change that was not taken in; the last word counts.
    fn put_refused_change(&mut self, refused: &RefusedChange) -> StoreResult<()>;
    /// Forgets that a change was not taken in: it has been.
    fn drop_refused_change(&mut self, change: ChangeHash) -> StoreResult<()>;
    /// Forgets all but the newest so many changes of a device that were not taken in.
    fn trim_refused_changes(&mut self, device: DeviceId, keep: u64) -> StoreResult<()>;
    /// Remembers a record whose creation was denied.
    fn put_refused_record(
        &mut self,
        record: RecordId,
        user: UserId,
        intent: IntentId,
    ) -> StoreResult<()>;
    /// Forgets that a record's creation was denied: it has been made.
    fn clear_refused_record(&mut self, record: RecordId) -> StoreResult<()>;

    /// Stores a document.
    fn put_document(&mut self, document: &StoredDocument) -> StoreResult<()>;
    /// Stores what decides who sees a record.
    fn put_record(&mut self, row: &RecordRow) -> StoreResult<()>;
    /// Opens a document to an audience.
    fn open_document(
        &mut self,
        record: RecordId,
        facet: Facet,
        audience: Audience,
        seq: u64,
    ) -> StoreResult<()>;
    /// Closes a document to an audience.
    fn close_document(
        &mut self,
        record: RecordId,
        facet: Facet,
        audience: Audience,
        seq: u64,
    ) -> StoreResult<()>;
    /// Gives a user an audience.
    fn open_user(&mut self, user: UserId, audience: Audience, seq: u64) -> StoreResult<()>;
    /// Takes an audience from a user.
    fn close_user(&mut self, user: UserId, audience: Audience, seq: u64) -> StoreResult<()>;
    /// Opens a conflict.
    fn open_conflict(&mut self, id: &ConflictId, facet: Facet, seq: u64) -> StoreResult<()>;
    /// Closes a conflict.
    fn close_conflict(&mut self, id: &ConflictId, seq: u64, by: IntentId) -> StoreResult<()>;

    /// Stores a device.
    fn put_device(&mut self, device: &Device) -> StoreResult<()>;
    /// Notes when a device last spoke with the server.
    fn touch_device(&mut self, device: DeviceId, at_ms: i64) -> StoreResult<()>;
    /// Notes how far an installation has come; never goes back.
    fn put_progress(&mut self, install: &Install, number: u64, clock: Hlc) -> StoreResult<()>;
    /// Stores what a password is checked against.
    fn put_credential(&mut self, credential: &Credential) -> StoreResult<()>;
    /// Takes unsent work into the quarantine. The same twice is once.
    fn put_quarantined(&mut self, row: &QuarantineRow) -> StoreResult<()>;
    /// Settles work in the quarantine. Its envelope stays only if it is given.
    fn settle_quarantined(&mut self, row: &QuarantineRow) -> StoreResult<()>;
    /// Opens settled work of the quarantine again, with this reason, envelope and time.
    fn reopen_quarantined(&mut self, row: &QuarantineRow) -> StoreResult<()>;
    /// Notes that a device purged a document.
    fn put_purge(&mut self, device: DeviceId, key: &DocumentKey, at_ms: i64) -> StoreResult<()>;

    /// Writes a row of the tables for the central pipeline.
    fn project(&mut self, row: &ProjectedRow<'_>) -> StoreResult<()>;
    /// Whether those tables were made by another schema, or never.
    fn projections_are_stale(&self) -> StoreResult<bool>;
    /// Makes those tables anew, empty.
    fn reset_projections(&mut self) -> StoreResult<()>;

    /// Makes everything durable at once.
    fn commit(self: Box<Self>) -> StoreResult<()>;
}
