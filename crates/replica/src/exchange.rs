//! The exchange with the server, without any I/O: a request goes out, an answer is taken in.

use roadbook_domain::{DocumentKey, IntentId, RecordId};
use roadbook_sync_protocol::{SyncRequest, SyncResponse, Verdict};

use crate::{Replica, StoreError};

/// What a request shall carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestOptions {
    /// At most how many envelopes to push.
    pub max_envelopes: u32,
    /// About how large the page may be, in bytes before compression.
    pub max_page_bytes: u32,
    /// Ask for the checksum of everything that the device should hold.
    pub verify: Verify,
}

/// Whether to ask for the server's checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// No.
    No,
    /// Yes.
    Yes,
}

impl RequestOptions {
    /// What the shipped programs use.
    #[must_use]
    pub const fn shipped() -> Self {
        Self { max_envelopes: 500, max_page_bytes: 1024 * 1024, verify: Verify::No }
    }
}

/// What an answer of the server brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// The verdicts, in the order of the push.
    pub verdicts: Vec<(IntentId, Verdict)>,
    /// How many accepted envelopes were new.
    pub accepted: u64,
    /// How many snapshots were taken in.
    pub snapshots: u64,
    /// The documents that were forgotten.
    pub forgotten: Vec<DocumentKey>,
    /// The records whose rows changed.
    pub changed: Vec<RecordId>,
    /// Intents that went to "Needs you".
    pub needs_you: Vec<IntentId>,
    /// Intents that wait with another one.
    pub waiting: Vec<IntentId>,
    /// Intents that were issued again under their own ids.
    pub replayed: Vec<IntentId>,
    /// Intents whose quarantine the server acknowledged.
    pub quarantined: Vec<IntentId>,
    /// There is more to exchange at once: more pages, or work to send.
    pub more: bool,
    /// About how many items are still to come.
    pub remaining: u64,
    /// The device found that it had itself been restored from an older copy.
    pub device_was_restored: bool,
    /// The server was restored from a backup.
    pub server_was_restored: bool,
    /// Whether the device holds what the server says it should, where that was asked.
    pub equal: Option<bool>,
}

/// Why an answer of the server was not taken in. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum TakeInError {
    /// The receipt is not the server's, or speaks of other envelopes.
    #[error("the receipt of the page is not valid; the page was not taken in")]
    BadReceipt,
    /// An envelope's parts are not those that its header speaks of.
    #[error("envelope {0} was changed on the way; the page was not taken in")]
    NotIntact(IntentId),
    /// Performing the operations gave other bytes, and no raw change came with them.
    #[error("intent {0} gives other bytes here; this program is too old or too new for it")]
    OtherBytes(IntentId),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Replica {
    /// Makes the next request: unsent work, where to go on reading, acknowledgements.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`] before enrolment.
    pub fn next_request(
        &mut self,
        wall_ms: i64,
        options: RequestOptions,
    ) -> Result<SyncRequest, StoreError> {
        unimplemented!("{wall_ms} {options:?}")
    }

    /// Takes an answer in, in one transaction. Taking the same answer in again changes nothing.
    ///
    /// # Errors
    /// [`TakeInError`]; then nothing was changed and the same answer may come again.
    pub fn take_in(
        &mut self,
        response: SyncResponse,
        wall_ms: i64,
    ) -> Result<TakenIn, TakeInError> {
        unimplemented!("{response:?} {wall_ms}")
    }
}
