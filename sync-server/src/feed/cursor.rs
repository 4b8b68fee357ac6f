//! Where a device is: opaque to it, and trusted by nobody. A forged cursor can only ask for less
//! or for the same again; what may be seen is decided by scopes.

use roadbook_sync_protocol::Cursor;
use serde::{Deserialize, Serialize};

use crate::store::DocumentPlace;
use crate::tenant::TenantError;

/// The form of the cursor's bytes.
const FORM: u8 = 1;

/// What comes next inside a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// No window is open.
    AtRest,
    /// Documents to forget, after a place.
    Forgets { after: Option<DocumentPlace> },
    /// Snapshots, after a place.
    Snapshots { after: Option<DocumentPlace> },
    /// Accepted envelopes, after a place in the log.
    Log { after: u64 },
}

/// A place in the log, and how far the window that begins there has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// What the device has seen.
    pub(super) from: u64,
    /// The end of the open window.
    pub(super) to: u64,
    pub(super) phase: Phase,
    /// How many snapshots are still to come in the window.
    pub(super) left: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    form: u8,
    restore_epoch: u64,
    from: u64,
    window: u64,
    phase: Phase,
    left: u64,
}

impl Position {
    /// Between two windows.
    pub(super) const fn at_rest(from: u64) -> Self {
        Self { from, to: from, phase: Phase::AtRest, left: 0 }
    }

    /// Reads a cursor. One from before a restore goes back to what both logs share.
    pub(super) fn of(
        cursor: &Cursor,
        restore_epoch: u64,
        restored_at: u64,
        head: u64,
    ) -> Result<Self, TenantError> {
        if cursor.0.is_empty() {
            return Ok(Self::at_rest(0));
        }
        let stored: Stored = postcard::from_bytes(&cursor.0).map_err(|_| TenantError::BadCursor)?;
        if stored.form != FORM {
            return Err(TenantError::BadCursor);
        }
        if stored.restore_epoch != restore_epoch {
            return Ok(Self::at_rest(stored.from.min(restored_at)));
        }
        let to = stored.from.saturating_add(stored.window);
        if to > head {
            return Err(TenantError::BadCursor);
        }
        Ok(Self { from: stored.from, to, phase: stored.phase, left: stored.left })
    }

    pub(super) fn to_cursor(self, restore_epoch: u64) -> Result<Cursor, TenantError> {
        let stored = Stored {
            form: FORM,
            restore_epoch,
            from: self.from,
            window: self.to - self.from,
            phase: self.phase,
            left: self.left,
        };
        let bytes = postcard::to_allocvec(&stored).map_err(|_| TenantError::Corrupt("cursor"))?;
        Ok(Cursor(bytes))
    }

    /// Says whether a window is open.
    pub(super) const fn is_inside(&self) -> bool {
        !matches!(self.phase, Phase::AtRest)
    }

    /// About how many items are still to come.
    pub(super) const fn remaining(&self, head: u64) -> u64 {
        let log = match self.phase {
            Phase::Log { after } => head.saturating_sub(after),
            // The first window is snapshots only, but for what the device made itself.
            Phase::AtRest | Phase::Forgets { .. } | Phase::Snapshots { .. } if self.from == 0 => 0,
            Phase::AtRest | Phase::Forgets { .. } | Phase::Snapshots { .. } => {
                head.saturating_sub(self.from)
            }
        };
        self.left + log
    }
}
