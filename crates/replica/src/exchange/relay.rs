//! Handing back what a restore of the server lost, own work and others', under the server's own
//! receipts (D6). `docs/sync-protocol.md` has the rules.
//!
//! Sans I/O like the exchange: [`Replica::next_relay`] makes a request while there is something to
//! hand back, [`Replica::take_in_relay`] takes its answer in.

use std::collections::BTreeSet;

use roadbook_domain::{DocumentKey, IntentId};
use roadbook_merge::{Digest, Envelope};
use roadbook_sync_protocol::verdict::{Denial, GIVEN_BACK};
use roadbook_sync_protocol::{
    Cursor, Receipt, RelayBatch, RelayRequest, RelayResponse, Relayed, Standing,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::database::{Meta, SyncState};
use crate::exchange::kept;
use crate::{Replica, StoreError, opened, pending};

/// Envelopes of one request.
const ENVELOPES_MAX: usize = 500;
/// About how large a request may be, in bytes before compression.
const REQUEST_BYTES: usize = 2 * 1024 * 1024;

/// Leaves of all receipts of one request: 32 bytes each.
const LEAVES_MAX: usize = 60_000;

/// What is to be handed back.
const LOST: &str = "handed = 0";
/// Own work that the server keeps until the rest of it has come; and what was denied after it was
/// not taken back, which somebody else may have handed back since.
const OWN_WAITING: &str = "(handed = 1 AND (intent IN (SELECT intent FROM own_intents)
    OR intent IN (SELECT intent FROM pending))) OR intent IN (SELECT intent FROM needs_you)";

/// What came of handing back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandedBack {
    /// Envelopes that stand in the log again.
    pub in_log: u64,
    /// Envelopes that the server keeps until the rest of them has come.
    pub waiting: u64,
    /// Envelopes that were not taken back; own ones are sent again as new work.
    pub refused: u64,
}

/// One envelope to be handed back.
struct Lost {
    seq: u64,
    receipt: Option<i64>,
    envelope: Envelope,
}

impl Replica {
    /// Makes the next request that hands back what a restore lost; `None` when nothing is left to
    /// hand back.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn next_relay(&mut self) -> Result<Option<RelayRequest>, StoreError> {
        let asked = self.state.relayed_epoch == self.state.restore_epoch;
        if self.state.restored_from == 0 && !self.has_lost()? {
            return self.ask_for_waiting();
        }
        // First ask what was never lost: much is in the backup.
        if !asked || self.state.restored_from != 0 {
            return Ok(Some(RelayRequest::default()));
        }
        let lost = self.lost(LOST)?;
        self.relay_of(lost)
    }

    /// Asks, once in a sync, what has become of own work that waits on the server: an operator may
    /// have given it back.
    fn ask_for_waiting(&mut self) -> Result<Option<RelayRequest>, StoreError> {
        if !std::mem::take(&mut self.asks_for_waiting) || self.relay_is_unknown {
            return Ok(None);
        }
        let waiting = self.lost(OWN_WAITING)?;
        self.relay_of(waiting)
    }

    /// A request that hands these back; `None` for none.
    fn relay_of(&mut self, envelopes: Vec<Lost>) -> Result<Option<RelayRequest>, StoreError> {
        let mut batches: Vec<(i64, RelayBatch)> = Vec::new();
        let mut without_receipt = Vec::new();
        let mut leaves = 0;
        for lost in envelopes {
            let intent = lost.envelope.header.intent;
            let batch = match batches.last_mut() {
                Some((receipt, batch)) if Some(*receipt) == lost.receipt => batch,
                _ => match self.batch(lost.receipt)? {
                    Some((receipt, batch)) => {
                        // All leaves of a receipt go along, be it for one envelope.
                        leaves += batch.leaves.len();
                        if leaves > LEAVES_MAX && !batches.is_empty() {
                            break;
                        }
                        batches.push((receipt, batch));
                        &mut batches.last_mut().expect("it was just pushed").1
                    }
                    None => {
                        tracing::warn!(%intent, "there is no whole receipt for intent {intent}");
                        without_receipt.push(intent);
                        continue;
                    }
                },
            };
            batch.envelopes.push(Relayed { seq: lost.seq, envelope: lost.envelope });
        }
        let without_receipt: Vec<_> = without_receipt.into_iter().map(|it| (it, None)).collect();
        self.give_up_handing_back(&without_receipt)?;
        if batches.is_empty() {
            return Ok(None);
        }
        let batches = batches.into_iter().map(|(_, batch)| batch).collect();
        Ok(Some(RelayRequest { batches }))
    }

    /// Takes the answer to a relay in, in one transaction.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed and the same answer may come again.
    pub fn take_in_relay(
        &mut self,
        response: &RelayResponse,
    ) -> Result<Option<HandedBack>, StoreError> {
        let restore_epoch = self.state.restore_epoch;
        if response.restore_epoch != restore_epoch {
            // Restored once more meanwhile: the next exchange says so.
            return Ok(None);
        }
        let mut state = SyncState { relayed_epoch: restore_epoch, ..self.state.clone() };
        let transaction = self.connection.unchecked_transaction()?;
        go_on_reading(&transaction, &mut state, response)?;
        let mut out = HandedBack::default();
        for span in &response.log {
            // By its place when it was kept, or by one of after an earlier restore.
            for (epoch, seq) in [("restore_epoch", "seq"), ("log_epoch", "log_seq")] {
                transaction
                    .prepare_cached(&format!(
                        "UPDATE envelopes SET log_epoch = ?1, log_seq = {seq}, handed = 0
                         WHERE log_epoch <> ?1 AND {epoch} = ?2 AND {seq} <= ?3"
                    ))?
                    .execute(params![restore_epoch, span.restore_epoch, span.end])?;
            }
        }
        let mut refused = Vec::new();
        for (intent, standing) in &response.standings {
            match standing {
                Standing::InLog { seq } => {
                    kept::moved(&transaction, *intent, restore_epoch, *seq)?;
                    pending::accept(&transaction, *intent, *seq)?;
                    pending::remove_from_drawer(&transaction, *intent)?;
                    out.in_log += 1;
                }
                Standing::Replaced { seq } => {
                    // Its author issued it again with other bytes: these stand in no log.
                    tracing::warn!(%intent, "intent {intent} stands in the log with other bytes");
                    kept::moved(&transaction, *intent, restore_epoch, *seq)?;
                    pending::remove_from_drawer(&transaction, *intent)?;
                    out.in_log += 1;
                }
                Standing::Waiting => {
                    transaction
                        .prepare_cached("UPDATE envelopes SET handed = 1 WHERE intent = ?1")?
                        .execute([intent.as_bytes()])?;
                    out.waiting += 1;
                }
                Standing::Refused { code, reason } => {
                    tracing::warn!(%intent, code, "intent {intent} was not taken back: {reason}");
                    refused.push((*intent, gives_back(code, reason)));
                    out.refused += 1;
                }
            }
        }
        Meta(&transaction).put_sync_state(&state)?;
        transaction.commit()?;
        self.state = state;
        self.give_up_handing_back(&refused)?;
        Ok(Some(out))
    }

    /// Tells that the server knows nothing of handing back: own work is sent again as new work;
    /// others' is kept until the server knows more.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub fn relay_unknown(&mut self) -> Result<(), StoreError> {
        let own = self.identity.device;
        let mut mine = Vec::new();
        {
            let mut statement = self.connection.prepare_cached(
                "SELECT envelope FROM envelopes WHERE log_epoch <> ?1 AND handed = 0
                 ORDER BY restore_epoch, seq",
            )?;
            let mut rows = statement.query([self.state.restore_epoch])?;
            while let Some(row) = rows.next()? {
                let body = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                let header = pending::read_envelope(body)?.header;
                if header.device == own {
                    mine.push((header.intent, None));
                }
            }
        }
        self.give_up_handing_back(&mine)?;
        self.relay_is_unknown = true;
        let state = SyncState { restored_from: 0, ..self.state.clone() };
        Meta(&self.connection).put_sync_state(&state)?;
        self.state = state;
        Ok(())
    }

    /// Whether something is to be handed back before the log is read any further.
    pub(crate) fn has_to_hand_back(&self) -> Result<bool, StoreError> {
        if self.relay_is_unknown {
            return Ok(false);
        }
        Ok(self.state.restored_from != 0 || self.has_lost()?)
    }

    /// The accepted envelopes that this device keeps until a backup of the server has them, with the
    /// documents of the parts that it holds: what it could hand back after a restore.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn kept_envelopes(&self) -> Result<Vec<(IntentId, Vec<DocumentKey>)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT envelope FROM envelopes ORDER BY restore_epoch, seq")?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let body = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let envelope = pending::read_envelope(body)?;
            let documents = envelope.parts.iter().map(|(part, _)| part.document).collect();
            out.push((envelope.header.intent, documents));
        }
        Ok(out)
    }

    /// Whether anything is to be handed back.
    pub(crate) fn has_lost(&self) -> Result<bool, StoreError> {
        if self.state.restore_epoch == 0 {
            return Ok(false);
        }
        Ok(self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM envelopes WHERE log_epoch <> ?1 AND handed = 0)",
            )?
            .query_row([self.state.restore_epoch], |row| row.get(0))?)
    }

    /// The next envelopes to be handed back, in the order of the lost log.
    fn lost(&self, which: &str) -> Result<Vec<Lost>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT seq, receipt, envelope FROM envelopes
             WHERE log_epoch <> ?1 AND ({which}) ORDER BY restore_epoch, seq"
        ))?;
        let mut rows = statement.query([self.state.restore_epoch])?;
        let (mut out, mut bytes): (Vec<Lost>, usize) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let body = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            bytes += body.len();
            if !out.is_empty() && (bytes > REQUEST_BYTES || out.len() >= ENVELOPES_MAX) {
                break;
            }
            let envelope = pending::read_envelope(body)?;
            out.push(Lost { seq: row.get(0)?, receipt: row.get(1)?, envelope });
        }
        Ok(out)
    }

    /// An empty batch under a stored receipt; `None` if its leaves are not all known.
    fn batch(&self, receipt: Option<i64>) -> Result<Option<(i64, RelayBatch)>, StoreError> {
        let Some(number) = receipt else { return Ok(None) };
        let found: Option<(Vec<u8>, Vec<u8>)> = self
            .connection
            .prepare_cached("SELECT body, leaves FROM receipts WHERE receipt = ?1")?
            .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((body, leaves)) = found else { return Ok(None) };
        let receipt: Receipt = postcard::from_bytes(&body)
            .map_err(|_| StoreError::Unreadable { what: "a receipt" })?;
        let mut leaves: Vec<Digest> = leaves.as_chunks::<32>().0.to_vec();
        if leaves.is_empty() {
            // Kept by a version that noted no leaves: the envelopes tell, if all are here.
            leaves = self.leaves_of(number)?;
        }
        let whole = leaves.len() == receipt.seqs.len();
        Ok(whole.then(|| (number, RelayBatch { receipt, leaves, envelopes: Vec::new() })))
    }

    fn leaves_of(&self, receipt: i64) -> Result<Vec<Digest>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT envelope FROM envelopes WHERE receipt = ?1 ORDER BY seq")?;
        let mut rows = statement.query([receipt])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let body = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            out.push(pending::read_envelope(body)?.header.leaf());
        }
        Ok(out)
    }

    /// Notes that envelopes are not taken back under their receipts. Own work becomes pending
    /// again, to be judged anew; where only a part of it is left here and an operator gave it back,
    /// that goes to the drawer.
    fn give_up_handing_back(
        &mut self,
        intents: &[(IntentId, Option<Denial>)],
    ) -> Result<(), StoreError> {
        if intents.is_empty() {
            return Ok(());
        }
        let salt_key = self.enrolled()?.salt_key;
        let answered_ms = self.state.last_sync_ms.unwrap_or_default();
        let transaction = self.connection.unchecked_transaction()?;
        let mut touched = BTreeSet::new();
        for (intent, given_back) in intents {
            transaction
                .prepare_cached("UPDATE envelopes SET handed = 2 WHERE intent = ?1")?
                .execute([intent.as_bytes()])?;
            let Some(envelope) = kept_envelope(&transaction, *intent)? else { continue };
            let header = &envelope.header;
            let own = header.device == self.identity.device
                && header.install_epoch == self.state.install_epoch
                && envelope.is_whole(&salt_key);
            let mine = header.device == self.identity.device;
            // What was judged anew before and denied stays so until its author decides.
            let is_open = pending::find(&transaction, *intent)?.is_some()
                || pending::is_in_drawer(&transaction, *intent)?;
            if let (true, false, false, Some(denial)) = (mine, own, is_open, given_back) {
                pending::put_in_drawer(&transaction, &envelope, denial, answered_ms)?;
            }
            if own && !is_open {
                self.make_pending_again(&transaction, &envelope)?;
                touched.extend(envelope.parts.iter().map(|(part, _)| part.document.record));
            }
        }
        for record in touched {
            self.open.pop(&record);
            let done = opened::reproject(
                &transaction,
                &self.schema,
                &self.tables,
                &mut self.next_search,
                record,
            );
            opened::was_made(done, record)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// Where to go on reading the log of a restored server. A device that had read no further than the
/// backup goes on. One that had read into what was lost knows of documents and of visibility that
/// the server does not: it reads everything again, and what the server no longer shows goes.
fn go_on_reading(
    connection: &Connection,
    state: &mut SyncState,
    response: &RelayResponse,
) -> Result<(), StoreError> {
    let from = std::mem::take(&mut state.restored_from);
    if from == 0 || state.position == 0 && !state.unfinished {
        return Ok(());
    }
    let span = response.log.iter().find(|span| span.restore_epoch == from);
    if !state.rereads && !state.unfinished && span.is_some_and(|span| state.position <= span.end) {
        return Ok(());
    }
    state.cursor = Cursor::default();
    state.position = 0;
    state.unfinished = true;
    state.rereads = true;
    state.round += 1;
    kept::forget_faults(connection, state)
}

/// The denial of what an operator gave back; `None` for another refusal.
fn gives_back(code: &str, reason: &str) -> Option<Denial> {
    (code == GIVEN_BACK).then(|| Denial {
        code: code.to_owned(),
        reason: reason.to_owned(),
        remedy: "look at the record as it is now, then send it again or discard it".to_owned(),
        field: None,
        policy: None,
    })
}

fn kept_envelope(
    connection: &Connection,
    intent: IntentId,
) -> Result<Option<Envelope>, StoreError> {
    let bytes: Option<Vec<u8>> = connection
        .prepare_cached("SELECT envelope FROM envelopes WHERE intent = ?1")?
        .query_row([intent.as_bytes()], |row| row.get(0))
        .optional()?;
    bytes.map(|bytes| pending::read_envelope(&bytes)).transpose()
}
