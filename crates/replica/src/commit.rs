//! Commits: one intent, one transaction. Only when it returns may a face say "Saved" (D4).

use roadbook_domain::{Intent, IntentId, InvalidIntent, RecordId};
use roadbook_merge::Refusal;
use roadbook_policy::Decision;

use crate::{Replica, StoreError};

/// What the host adds to an intent: its id, the wall clock and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitStamp {
    /// The intent's id (UUIDv7), made by the host.
    pub intent: IntentId,
    /// The wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
    /// Why. Required when an automation acts.
    pub rationale: Option<String>,
}

/// An intent that is saved on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The intent.
    pub intent: IntentId,
    /// The records that it touches, in the order of the intent.
    pub records: Vec<RecordId>,
    /// The number of its envelope.
    pub number: u64,
}

/// Why an intent was not saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// It cannot be carried out as asked.
    #[error(transparent)]
    Invalid(#[from] InvalidIntent),
    /// It does not fit the record as it is.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The policies do not let this user do it. Never [`Decision::Allow`].
    #[error("not allowed: {}", .0.policy())]
    NotAllowed(Box<Decision>),
    /// The record, or its confidential part, is not on this device.
    #[error("record {0} is not on this device")]
    NotHere(RecordId),
    /// An earlier intent on the record still waits for a decision in "Needs you".
    #[error("the intent id {0} was used before, for something else")]
    IdUsed(IntentId),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Replica {
    /// Checks an intent, performs it and saves it, in one transaction.
    ///
    /// The same intent id again is saved once, and answered with what was saved then.
    ///
    /// # Errors
    /// [`CommitError`]; then nothing was changed.
    pub fn commit(
        &mut self,
        intent: &Intent,
        stamp: &CommitStamp,
    ) -> Result<Committed, CommitError> {
        unimplemented!("{intent:?} {stamp:?}")
    }

    /// What the policies say to an intent, without saving it.
    ///
    /// # Errors
    /// As for [`Replica::commit`].
    pub fn judge(&self, intent: &Intent, rationale: Option<&str>) -> Result<Decision, CommitError> {
        unimplemented!("{intent:?} {rationale:?}")
    }
}
