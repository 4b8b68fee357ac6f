//! Where a device is: opaque to it, and trusted by nobody. A forged cursor can only ask for less
//! or for the same again; what may be seen is decided by scopes.

use roadbook_sync_protocol::relay::shared;
use roadbook_sync_protocol::{Cursor, LogSpan};
use serde::{Deserialize, Serialize};

use crate::store::DocumentPlace;
use crate::tenant::TenantError;

/// The form of the cursor's bytes; form 1 does not say which logs it went through.
const FORM: u8 = 2;
const FORM_WITHOUT_LOG: u8 = 1;

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
    /// Documents became visible in the window.
    pub(super) gained: bool,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    form: u8,
    restore_epoch: u64,
    from: u64,
    window: u64,
    phase: Phase,
    left: u64,
    gained: bool,
    /// What the log began with that the device read.
    log: Vec<LogSpan>,
}

/// A cursor of form 1.
#[derive(Serialize, Deserialize)]
struct WithoutLog {
    form: u8,
    restore_epoch: u64,
    from: u64,
    window: u64,
    phase: Phase,
    left: u64,
}

impl Stored {
    fn read(cursor: &Cursor) -> Option<Self> {
        match *cursor.0.first()? {
            FORM => postcard::from_bytes(&cursor.0).ok(),
            FORM_WITHOUT_LOG => {
                let WithoutLog { form, restore_epoch, from, window, phase, left } =
                    postcard::from_bytes(&cursor.0).ok()?;
                let (gained, log) = (false, Vec::new());
                Some(Self { form, restore_epoch, from, window, phase, left, gained, log })
            }
            _ => None,
        }
    }

    /// How far what the device read is in the log that is in force.
    fn shared(&self, log: &[LogSpan]) -> u64 {
        let mut theirs = self.log.clone();
        theirs.push(LogSpan { restore_epoch: self.restore_epoch, end: self.from });
        if self.form == FORM_WITHOUT_LOG {
            let of = |span: &&LogSpan| span.restore_epoch == self.restore_epoch;
            let known = log.iter().find(of).or_else(|| log.first());
            return known.map_or(0, |span| span.end.min(self.from));
        }
        shared(&theirs, log).min(self.from)
    }
}

impl Position {
    /// Between two windows.
    pub(super) const fn at_rest(from: u64) -> Self {
        Self { from, to: from, phase: Phase::AtRest, left: 0, gained: false }
    }

    /// Reads a cursor. One from before a restore goes back to what both logs share.
    pub(super) fn of(
        cursor: &Cursor,
        restore_epoch: u64,
        log: &[LogSpan],
        head: u64,
    ) -> Result<Self, TenantError> {
        if cursor.0.is_empty() {
            return Ok(Self::at_rest(0));
        }
        let stored = Stored::read(cursor).ok_or(TenantError::BadCursor)?;
        if stored.restore_epoch != restore_epoch {
            return Ok(Self::at_rest(stored.shared(log)));
        }
        let to = stored.from.saturating_add(stored.window);
        if to > head {
            return Err(TenantError::BadCursor);
        }
        let Stored { from, phase, left, gained, .. } = stored;
        Ok(Self { from, to, phase, left, gained })
    }

    pub(super) fn to_cursor(
        self,
        restore_epoch: u64,
        log: &[LogSpan],
    ) -> Result<Cursor, TenantError> {
        let stored = Stored {
            form: FORM,
            restore_epoch,
            from: self.from,
            window: self.to - self.from,
            phase: self.phase,
            left: self.left,
            gained: self.gained,
            log: log.to_vec(),
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

#[cfg(test)]
mod tests {
    use super::*;

    const fn span(restore_epoch: u64, end: u64) -> LogSpan {
        LogSpan { restore_epoch, end }
    }

    fn from(cursor: &Cursor, epoch: u64, log: &[LogSpan]) -> u64 {
        Position::of(cursor, epoch, log, 1_000).unwrap().from
    }

    #[test]
    fn a_cursor_of_an_earlier_log_goes_back_to_what_both_share() {
        let first = Position::at_rest(60).to_cursor(1, &[]).unwrap();
        assert_eq!(from(&first, 1, &[]), 60);
        assert_eq!(from(&first, 2, &[span(1, 50)]), 50);
        assert_eq!(from(&first, 3, &[span(1, 50), span(2, 70)]), 50, "51 to 60 are others now");
        let second = Position::at_rest(65).to_cursor(2, &[span(1, 50)]).unwrap();
        assert_eq!(from(&second, 3, &[span(1, 50), span(2, 70)]), 65);
        assert_eq!(from(&second, 3, &[span(1, 50)]), 50, "the second log was lost whole");
        assert_eq!(from(&second, 3, &[span(1, 40)]), 40, "an older backup");
    }

    #[test]
    fn a_cursor_of_the_form_before_is_read() {
        let before = WithoutLog {
            form: FORM_WITHOUT_LOG,
            restore_epoch: 1,
            from: 60,
            window: 0,
            phase: Phase::AtRest,
            left: 0,
        };
        let cursor = Cursor(postcard::to_allocvec(&before).unwrap());
        assert_eq!(from(&cursor, 1, &[]), 60);
        assert_eq!(from(&cursor, 3, &[span(1, 50), span(2, 70)]), 50);
        let strange = Cursor(vec![9, 9]);
        assert!(matches!(Position::of(&strange, 1, &[], 9), Err(TenantError::BadCursor)));
    }
}
