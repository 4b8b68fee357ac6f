//! Pending work: what is saved here and not yet confirmed, and what needs the person.

use roadbook_domain::{Hlc, IntentId, IntentKind};
use roadbook_merge::Part;
use roadbook_sync_protocol::verdict::Denial;

use crate::{CommitError, CommitStamp, Committed, Replica, StoreError};

/// Where one pending intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PendingState {
    /// Saved on this device.
    Saved,
    /// Under way to the server.
    Sending,
    /// Taken in at this place in the log; waits to come back in a page.
    Accepted {
        /// The place in the log.
        seq: u64,
    },
    /// Waits with another intent: it reads what that one wrote.
    WaitsFor(IntentId),
}

impl PendingState {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Sending => "sending",
            Self::Accepted { .. } => "accepted",
            Self::WaitsFor(_) => "waits",
        }
    }
}

/// An intent that the server has not confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingIntent {
    /// The intent.
    pub intent: IntentId,
    /// The number of its envelope.
    pub number: u64,
    /// What it is.
    pub kind: IntentKind,
    /// When it was made.
    pub clock: Hlc,
    /// Where it stands.
    pub state: PendingState,
    /// What it does, per document.
    pub parts: Vec<Part>,
}

/// An intent that the server did not take, with its words intact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedsYou {
    /// The intent.
    pub intent: IntentId,
    /// What it is.
    pub kind: IntentKind,
    /// When it was made.
    pub clock: Hlc,
    /// When the answer came, by the device's wall clock, in milliseconds since 1970.
    pub answered_ms: i64,
    /// Why, and what to do.
    pub denial: Denial,
    /// What it wanted, per document.
    pub parts: Vec<Part>,
    /// Later intents that wait with it, because they read what it wrote.
    pub waiting: Vec<IntentId>,
}

impl Replica {
    /// All pending intents, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn pending(&self) -> Result<Vec<PendingIntent>, StoreError> {
        unimplemented!()
    }

    /// The drawer "Needs you", oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn needs_you(&self) -> Result<Vec<NeedsYou>, StoreError> {
        unimplemented!()
    }

    /// Sends an intent of the drawer again: the same words on what is shown now, as a new intent.
    /// What waited with it follows.
    ///
    /// # Errors
    /// [`CommitError`]; then it stays in the drawer.
    pub fn retry(
        &mut self,
        intent: IntentId,
        stamp: &CommitStamp,
    ) -> Result<Committed, CommitError> {
        unimplemented!("{intent} {stamp:?}")
    }

    /// Gives up an intent of the drawer, or a pending one that was not sent yet. What waited with
    /// it goes to the drawer, each for itself. Returns whether there was such an intent.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub fn discard(&mut self, intent: IntentId, wall_ms: i64) -> Result<bool, StoreError> {
        unimplemented!("{intent} {wall_ms}")
    }
}
