//! What happened to a record, for a device that asks: devices keep 90 days of it (D6).

use std::collections::BTreeSet;

use roadbook_domain::Facet;
use roadbook_sync_protocol::{HistoryRequest, HistoryResponse, PastEntry};

use super::exchange::caller;
use super::{Device, Tenant, TenantError};
use crate::feed;

/// Entries of one answer.
const ENTRIES_MAX: usize = 500;
/// How much of them at most, in bytes as stored: one at least.
const BYTES_MAX: usize = 1024 * 1024;

impl Tenant {
    /// What happened to a record, newest first, of the documents that the device's user sees now.
    /// Nothing for a record that the user does not see, or that is not there.
    ///
    /// # Errors
    /// [`TenantError::Revoked`], [`TenantError::Inactive`], [`TenantError::Store`].
    pub fn history(
        &self,
        device: &Device,
        request: HistoryRequest,
    ) -> Result<HistoryResponse, TenantError> {
        if device.is_revoked() {
            return Err(TenantError::Revoked);
        }
        let HistoryRequest { record, before } = request;
        let read = self.store.read()?;
        let directory = self.directory(read.as_ref())?;
        caller(&directory, device.user)?;
        let mut rows = Vec::new();
        for facet in Facet::ALL {
            if read.sees(device.user, record, facet)? {
                rows.extend(read.history(record, facet)?);
            }
        }
        rows.retain(|(entry, _)| before.is_none_or(|before| entry.seq < before));
        rows.sort_by_key(|(entry, part)| (std::cmp::Reverse(entry.seq), part.document.facet));
        let mut out = HistoryResponse::default();
        let (mut bytes, mut last) = (0, None);
        for (entry, part) in &rows {
            bytes += part.part.len() + part.outcome.len();
            // Both parts of one envelope go together: the next answer begins before its place.
            let is_full = out.entries.len() >= ENTRIES_MAX || bytes > BYTES_MAX;
            if is_full && last.is_some_and(|last| last != entry.seq) {
                out.more = true;
                break;
            }
            last = Some(entry.seq);
            out.entries.push(PastEntry {
                document: part.document,
                accepted_ms: entry.accepted_ms,
                entry: feed::past_entry(entry, part)?,
            });
        }
        let named: BTreeSet<_> = out.entries.iter().map(|it| it.entry.made_by.device).collect();
        for id in named {
            out.devices.extend(read.device(id)?.map(|device| (id, device.name)));
        }
        Ok(out)
    }
}
