//! The sync strip: what is where, in a few numbers.

use crate::{Replica, StoreError};

/// How things stand between this device and the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncStatus {
    /// When the last exchange ended well, in milliseconds since 1970; `None` before the first.
    pub last_sync_ms: Option<i64>,
    /// The place in the log up to which this device has read.
    pub position: u64,
    /// Intents that are saved or under way.
    pub pending: u64,
    /// How many of them were sent at least once, and wait for the answer or for their record.
    pub sending: u64,
    /// When the oldest of them was made, in milliseconds since 1970.
    pub oldest_pending_ms: Option<i64>,
    /// Intents that wait with another one.
    pub waiting: u64,
    /// Intents in the drawer "Needs you".
    pub needs_you: u64,
    /// Open conflicts that are visible here.
    pub conflicts: u64,
    /// Records on this device.
    pub records: u64,
    /// Server time minus device time at the last exchange, in milliseconds.
    pub clock_offset_ms: i64,
    /// The last read page was not the last one.
    pub first_sync_unfinished: bool,
    /// Accepted changes that could not be taken in here; the doctor tells more.
    pub faults: u64,
}

impl Replica {
    /// Whether the page that was read last was not the last one.
    #[must_use]
    pub fn reads_on(&self) -> bool {
        self.state.unfinished
    }

    /// How things stand.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn status(&self) -> Result<SyncStatus, StoreError> {
        let mut status = SyncStatus {
            last_sync_ms: self.state.last_sync_ms,
            position: self.state.position,
            clock_offset_ms: self.state.clock_offset_ms,
            first_sync_unfinished: self.state.unfinished,
            ..SyncStatus::default()
        };
        let mut oldest: Option<i64> = None;
        self.connection.query_row(
            "SELECT (SELECT count(*) FROM pending WHERE state < 2),
                    (SELECT min(clock) FROM pending WHERE state < 2),
                    (SELECT count(*) FROM pending WHERE state = 2),
                    (SELECT count(*) FROM needs_you),
                    (SELECT count(*) FROM open_conflicts),
                    (SELECT count(*) FROM records),
                    (SELECT count(*) FROM faults),
                    (SELECT count(*) FROM pending WHERE state = 1 OR (state = 0 AND sent = 1))",
            [],
            |row| {
                status.pending = row.get(0)?;
                oldest = row.get(1)?;
                status.waiting = row.get(2)?;
                status.needs_you = row.get(3)?;
                status.conflicts = row.get(4)?;
                status.records = row.get(5)?;
                status.faults = row.get(6)?;
                status.sending = row.get(7)?;
                Ok(())
            },
        )?;
        status.oldest_pending_ms = oldest.map(|clock| roadbook_domain::Hlc(clock).millis());
        Ok(status)
    }
}
