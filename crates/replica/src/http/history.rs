//! Asking for history that is older than what devices keep (D6).

use std::sync::Mutex;

use roadbook_domain::RecordId;
use roadbook_sync_protocol::frame::CALLS;
use roadbook_sync_protocol::{HistoryRequest, HistoryResponse, decode, encode_in};

use crate::Replica;
use crate::http::{Host, Link, SyncError, lock, unwritable};

impl Link {
    /// Asks the server for all that happened to a record, also before the 90 days that devices
    /// keep, and keeps it. Returns how many entries came.
    ///
    /// # Errors
    /// [`SyncError`]; what came before it is kept.
    pub async fn fetch_history(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        record: RecordId,
    ) -> Result<u64, SyncError> {
        let mut count = 0;
        let mut before = None;
        loop {
            let frame = encode_in(CALLS, &HistoryRequest { record, before }).map_err(unwritable)?;
            let answer = self.post_frame(replica, host, "/v1/history", &frame).await?;
            let came: HistoryResponse =
                decode(&answer).map_err(|error| SyncError::BadAnswer(error.to_string()))?;
            lock(replica).keep_history(&came, host.wall_ms())?;
            count += came.entries.len() as u64;
            before = came.goes_on(before);
            if before.is_none() {
                return Ok(count);
            }
        }
    }
}
