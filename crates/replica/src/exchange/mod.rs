//! The exchange with the server, without any I/O: a request goes out, an answer is taken in.

//!
//! Whoever carries the bytes decides when and how; nothing here waits, and no state of the network
//! is kept but what a request carried until its answer comes.

pub(crate) mod apply;
mod in_hand;
pub(crate) mod kept;
mod page;
mod purge;
mod receipts;
mod relay;
mod restored;
mod take_in;

use std::collections::HashSet;

use roadbook_domain::{DocumentKey, Facet, IntentId, RecordId};
use roadbook_merge::{Envelope, MUTATOR_VERSION};
use roadbook_sync_protocol::proof::sign_batch;
use roadbook_sync_protocol::{
    ClientHello, PullRequest, PushBatch, Quarantined, SyncRequest, Verdict, batch_root,
};
use rusqlite::Connection;

pub use relay::HandedBack;

use crate::{CLIENT_VERSION, Replica, StoreError, pending};

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
        Self { max_envelopes: 500, max_page_bytes: 4 * 1024 * 1024, verify: Verify::No }
    }
}

/// Where the work of one request ends, in bytes as stored; more follows in the next request. Well
/// below what the server takes in one frame, however many long texts are among it.
const REQUEST_BYTES: usize = 4 * 1024 * 1024;

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
    /// A receipt is missing, is not the server's, or speaks of other envelopes.
    #[error("a receipt of the answer is missing or not valid; the answer was not taken in")]
    BadReceipt,
    /// An envelope's parts are not those that its header speaks of.
    #[error("envelope {0} was changed on the way; the page was not taken in")]
    NotIntact(IntentId),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Work for one request.
struct Unsent {
    envelopes: Vec<Envelope>,
    /// Nothing is left for the next request.
    is_all: bool,
}

/// Work that a restore lost goes back under its receipt, not as new work. ?1 is the restore epoch.
const NOT_TO_HAND_BACK: &str = "NOT EXISTS (SELECT 1 FROM envelopes
     WHERE envelopes.intent = pending.intent AND log_epoch <> ?1 AND handed < 2)";

impl Replica {
    /// Makes the next request: unsent work, where to go on reading, acknowledgements. While there
    /// is more to send than one request carries nothing is read: what is read afterwards comes in
    /// fewer pages, and each page costs every record on it a new row.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`] before enrolment.
    pub fn next_request(
        &mut self,
        wall_ms: i64,
        options: RequestOptions,
    ) -> Result<SyncRequest, StoreError> {
        self.sending.clear();
        let unsent = self.unsent(options.max_envelopes)?;
        // What a restore lost is handed back before the restored log is read: else the device
        // would forget what only it has.
        let reads = unsent.is_all && !self.has_to_hand_back()?;
        let request = SyncRequest {
            hello: self.hello(wall_ms),
            push: self.signed(&unsent.envelopes)?,
            pull: reads.then(|| PullRequest {
                cursor: self.state.cursor.clone(),
                max_bytes: options.max_page_bytes,
            }),
            quarantine: first_bytes(self.quarantined()?, |item| item.envelope.len()),
            purged: self.purged()?,
            verify: options.verify == Verify::Yes,
        };
        self.note_sent(&unsent.envelopes)?;
        self.telling.clone_from(&request.purged);
        Ok(request)
    }

    fn hello(&self, wall_ms: i64) -> ClientHello {
        ClientHello {
            client_version: CLIENT_VERSION,
            mutator_version: MUTATOR_VERSION,
            schema_version: self.schema.version(),
            install_epoch: self.state.install_epoch,
            last_number: self.last_number,
            restore_epoch: self.state.restore_epoch,
            wall_ms,
        }
    }

    /// Signs envelopes as a batch; `None` if there are none.
    fn signed(&self, envelopes: &[Envelope]) -> Result<Option<PushBatch>, StoreError> {
        let tenant = self.enrolled()?.tenant;
        if envelopes.is_empty() {
            return Ok(None);
        }
        let leaves: Vec<_> = envelopes.iter().map(|envelope| envelope.header.leaf()).collect();
        let root = batch_root(&leaves);
        let signature = sign_batch(&self.identity.signing, tenant, self.identity.device, &root);
        Ok(Some(PushBatch::pack(envelopes, signature)))
    }

    /// Notes that envelopes are under way.
    fn note_sent(&mut self, envelopes: &[Envelope]) -> Result<(), StoreError> {
        self.newly_sent.clear();
        if !envelopes.is_empty() {
            let numbers: Vec<u64> =
                envelopes.iter().map(|envelope| envelope.header.number).collect();
            self.newly_sent = pending::mark_sent(&self.connection, &numbers)?;
        }
        self.sending.extend(envelopes.iter().map(|envelope| envelope.header.intent));
        Ok(())
    }

    /// Begins anew: what the server asked to send again later is sent again, and it is asked once
    /// what has become of own work that waits there for the rest of it.
    pub fn begin_sync(&mut self) {
        self.deferred.clear();
        self.asks_for_waiting = true;
    }

    /// Tells that the last request certainly did not reach the server: what it carried for the
    /// first time can still be given up.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be noted.
    pub fn request_failed(&mut self) -> Result<(), StoreError> {
        for number in std::mem::take(&mut self.newly_sent) {
            pending::mark_not_sent(&self.connection, number)?;
        }
        self.sending.clear();
        Ok(())
    }

    /// All unsent work for the server's quarantine: what a revoked device hands over before it
    /// purges.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn surrendered(&self) -> Result<Vec<Quarantined>, StoreError> {
        let mut out = self.quarantined()?;
        for entry in pending::all(&self.connection)? {
            if !matches!(entry.state, pending::Stored::Accepted(_)) {
                out.push(Quarantined {
                    intent: entry.envelope.header.intent,
                    envelope: pending::write_envelope(&entry.envelope)?,
                    reason: "revoked".to_owned(),
                });
            }
        }
        for (envelope, _, _) in pending::drawer(&self.connection)? {
            out.push(Quarantined {
                intent: envelope.header.intent,
                envelope: pending::write_envelope(&envelope)?,
                reason: "revoked".to_owned(),
            });
        }
        Ok(out)
    }

    /// How many intents are nowhere but on this device.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn nowhere_else(&self) -> Result<u64, StoreError> {
        Ok(self.connection.query_row(
            "SELECT (SELECT count(*) FROM pending WHERE state <> 1)
                 + (SELECT count(*) FROM needs_you) + (SELECT count(*) FROM quarantine)",
            [],
            |row| row.get(0),
        )?)
    }

    /// The oldest unsent work, without what the server asked to send again later: that must not
    /// keep the rest away.
    fn unsent(&self, limit: u32) -> Result<Unsent, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT intent, envelope FROM pending WHERE state = 0 AND {NOT_TO_HAND_BACK}
             ORDER BY number"
        ))?;
        let mut rows = statement.query([self.state.restore_epoch])?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut out = Unsent { envelopes: Vec::new(), is_all: true };
        let mut size = 0;
        while let Some(row) = rows.next()? {
            if self.deferred.contains(&IntentId::from_bytes(row.get(0)?)) {
                continue;
            }
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            size += bytes.len();
            let is_full = size > REQUEST_BYTES && !out.envelopes.is_empty();
            if out.envelopes.len() >= limit || is_full {
                out.is_all = false;
                break;
            }
            out.envelopes.push(pending::read_envelope(bytes)?);
        }
        Ok(out)
    }

    fn quarantined(&self) -> Result<Vec<Quarantined>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT intent, envelope, reason FROM quarantine")?;
        let rows = statement.query_map([], |row| {
            Ok(Quarantined {
                intent: IntentId::from_bytes(row.get(0)?),
                envelope: row.get(1)?,
                reason: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn purged(&self) -> Result<Vec<DocumentKey>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT record, facet, generation FROM forgets WHERE state = 1 LIMIT 1000",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((crate::replica::record_id(row, 0)?, row.get::<_, u8>(1)?, row.get(2)?))
        })?;
        let mut out = Vec::new();
        for row in rows {
            let (record, facet, generation) = row?;
            let facet = Facet::from_number(facet)
                .ok_or(StoreError::Unreadable { what: "a forgotten document" })?;
            out.push(DocumentKey { record, facet, generation });
        }
        Ok(out)
    }
}

/// Whether a request would have something to say at once, be it after what is deferred.
fn has_unsent(
    connection: &Connection,
    restore_epoch: u64,
    deferred: &HashSet<IntentId>,
) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT intent FROM pending WHERE state = 0 AND {NOT_TO_HAND_BACK}"
    ))?;
    let mut rows = statement.query([restore_epoch])?;
    while let Some(row) = rows.next()? {
        if !deferred.contains(&IntentId::from_bytes(row.get(0)?)) {
            return Ok(true);
        }
    }
    let words: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM quarantine)
             OR EXISTS (SELECT 1 FROM forgets WHERE state = 1)",
        [],
        |row| row.get(0),
    )?;
    Ok(words)
}

/// As many of the first as a request carries: one at least, and no more than [`REQUEST_BYTES`].
pub(crate) fn first_bytes<T>(mut items: Vec<T>, size: impl Fn(&T) -> usize) -> Vec<T> {
    let mut sum = 0;
    let fits = items.iter().take(500).take_while(|item| {
        sum += size(item);
        sum <= REQUEST_BYTES
    });
    items.truncate(fits.count().max(1));
    items
}

#[cfg(test)]
mod tests;
