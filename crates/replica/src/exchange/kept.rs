//! Accepted envelopes as they came, kept until a backup of the server has them (D6).
//!
//! One row per intent: parts that come later, and places in the log of after a restore, are noted
//! in it. What is purged here is taken out of it, and never handed to anybody.

use roadbook_domain::{ChangeHash, DocumentKey, IntentId};
use roadbook_merge::{Envelope, Part};
use roadbook_sync_protocol::ServerHello;
use rusqlite::{Connection, params};

use crate::database::{Meta, SyncState};
use crate::projection::document_number;
use crate::{StoreError, history, opened, pending};

/// Where an envelope stands in the log that is in force, and the receipt that says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) restore_epoch: u64,
    pub(super) seq: u64,
    pub(super) accepted_ms: i64,
    pub(super) receipt: Option<i64>,
}

/// What is kept of an intent.
struct Row {
    row: i64,
    log_epoch: u64,
    log_seq: u64,
    /// It came at that place, and was not handed back.
    is_as_it_came: bool,
    envelope: Envelope,
}

fn find(connection: &Connection, intent: IntentId) -> Result<Option<Row>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT rowid, log_epoch, log_seq,
             restore_epoch = log_epoch AND seq = log_seq AND handed = 0 AND receipt IS NOT NULL,
             envelope
         FROM envelopes WHERE intent = ?1",
    )?;
    let mut rows = statement.query([intent.as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let bytes = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok(Some(Row {
        row: row.get(0)?,
        log_epoch: row.get(1)?,
        log_seq: row.get(2)?,
        is_as_it_came: row.get(3)?,
        envelope: pending::read_envelope(bytes)?,
    }))
}

/// The change of a document that was kept of an intent, where another stands in the log now: an
/// earlier form of it came, and was lost with what a restore of the server lost.
pub(super) fn earlier_form(
    connection: &Connection,
    intent: IntentId,
    key: DocumentKey,
    change: ChangeHash,
) -> Result<Option<ChangeHash>, StoreError> {
    let Some(before) = find(connection, intent)? else { return Ok(None) };
    let part = before.envelope.parts.iter().find(|(part, _)| part.document == key);
    Ok(part.map(|(part, _)| part.change).filter(|kept| *kept != change))
}

/// Keeps an accepted envelope, with the parts that are kept of it already.
pub(super) fn keep(
    connection: &Connection,
    place: Place,
    envelope: &Envelope,
) -> Result<(), StoreError> {
    let intent = envelope.header.intent;
    let mut merged = None;
    if let Some(before) = find(connection, intent)? {
        // Own work comes back as it was pushed.
        let same_place = (before.log_epoch, before.log_seq) == (place.restore_epoch, place.seq);
        if same_place && before.is_as_it_came && before.envelope == *envelope {
            return Ok(());
        }
        forget_row(connection, &before, place.seq)?;
        merged = with_parts_of(envelope, before.envelope);
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO envelopes
                 (restore_epoch, seq, accepted_ms, envelope, receipt, intent, log_epoch, log_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?1, ?2)",
        )?
        .execute(params![
            place.restore_epoch,
            place.seq,
            place.accepted_ms,
            pending::write_envelope(merged.as_ref().unwrap_or(envelope))?,
            place.receipt,
            intent.as_bytes()
        ])?;
    Ok(())
}

/// Lets go of an intent: it stands in the log at a place that a backup has.
pub(super) fn let_go(
    connection: &Connection,
    intent: IntentId,
    seq: u64,
) -> Result<(), StoreError> {
    match find(connection, intent)? {
        Some(before) => forget_row(connection, &before, seq),
        None => Ok(()),
    }
}

/// Removes a row, and with it the history of a place that is no longer the envelope's.
fn forget_row(connection: &Connection, before: &Row, seq: u64) -> Result<(), StoreError> {
    if before.log_seq != seq {
        for (part, _) in &before.envelope.parts {
            for_document(connection, part, |document| {
                history::remove(connection, document, part.change, before.log_seq)
            })?;
        }
    }
    connection.prepare_cached("DELETE FROM envelopes WHERE rowid = ?1")?.execute([before.row])?;
    Ok(())
}

/// Notes where an envelope stands in the log of after a restore; its history goes along.
pub(super) fn moved(
    connection: &Connection,
    intent: IntentId,
    restore_epoch: u64,
    seq: u64,
) -> Result<(), StoreError> {
    let Some(before) = find(connection, intent)? else { return Ok(()) };
    if before.log_seq != seq {
        for (part, _) in &before.envelope.parts {
            for_document(connection, part, |document| {
                history::moved(connection, document, part.change, before.log_seq, seq)
            })?;
        }
    }
    connection
        .prepare_cached(
            "UPDATE envelopes SET log_epoch = ?2, log_seq = ?3, handed = 0 WHERE rowid = ?1",
        )?
        .execute(params![before.row, restore_epoch, seq])?;
    Ok(())
}

fn for_document(
    connection: &Connection,
    part: &Part,
    mut work: impl FnMut(i64) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    match opened::find(connection, part.document.record)? {
        Some((number, _)) => work(document_number(number, part.document.facet)),
        None => Ok(()),
    }
}

/// The envelope with the parts that only the earlier one has; `None` if there are none.
fn with_parts_of(envelope: &Envelope, before: Envelope) -> Option<Envelope> {
    if before.header != envelope.header {
        return None;
    }
    let mut merged = envelope.clone();
    for (part, salt) in before.parts {
        if !merged.parts.iter().any(|(other, _)| other.document == part.document) {
            merged.parts.push((part, salt));
        }
    }
    merged.parts.sort_by_key(|(part, _)| (part.slot, part.document.facet));
    (merged.parts.len() > envelope.parts.len()).then_some(merged)
}

/// Says whether the server keeps an intent until the rest of it has come.
pub(super) fn is_handed_back(
    connection: &Connection,
    intent: IntentId,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM envelopes WHERE intent = ?1 AND handed = 1)")?
        .query_row([intent.as_bytes()], |row| row.get(0))?)
}

/// Lets go of the envelopes that are in a verified backup of the server.
pub(super) fn prune(connection: &Connection, hello: &ServerHello) -> Result<(), StoreError> {
    let gone = connection
        .prepare_cached("DELETE FROM envelopes WHERE log_epoch = ?2 AND log_seq <= ?1")?
        .execute([hello.backup_watermark, hello.restore_epoch])?;
    if gone > 0 {
        connection
            .prepare_cached(
                "DELETE FROM receipts WHERE receipt NOT IN
                     (SELECT receipt FROM envelopes WHERE receipt IS NOT NULL)",
            )?
            .execute([])?;
    }
    Ok(())
}

/// Forgets what could not be taken in, before all is read again; not up to which place there was
/// such, because those envelopes are kept.
pub(crate) fn forget_faults(
    connection: &Connection,
    state: &mut SyncState,
) -> Result<(), StoreError> {
    let last: u64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM faults", [], |row| row.get(0))?;
    state.faults_until = state.faults_until.max(last);
    connection.execute("DELETE FROM faults", [])?;
    Ok(())
}

/// Takes the parts of a document out of the envelopes that are kept.
pub(super) fn strip(
    connection: &Connection,
    document: i64,
    key: DocumentKey,
    restore_epoch: u64,
) -> Result<(), StoreError> {
    // By the document's history; and of what stands elsewhere than there, all is looked through:
    // own work that has not come back, what a restore lost, what history is too old to tell of, and
    // what was not taken in.
    let state = Meta(connection).sync_state()?;
    let untold = state.history_until.max(state.faults_until);
    let mut statement = connection.prepare_cached(
        "SELECT rowid, envelope FROM envelopes
         WHERE seq IN (SELECT seq FROM history WHERE document = ?1)
            OR seq IN (SELECT seq FROM faults WHERE document = ?1)
            OR log_seq IN (SELECT seq FROM history WHERE document = ?1)
            OR restore_epoch <> ?2
            OR intent IN (SELECT intent FROM pending)
            OR seq <= ?3 OR log_seq <= ?3",
    )?;
    let rows = statement.query_map(params![document, restore_epoch, untold], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let found: Vec<(i64, Vec<u8>)> = rows.collect::<Result<_, _>>()?;
    for (row, bytes) in found {
        let mut envelope = pending::read_envelope(&bytes)?;
        let count = envelope.parts.len();
        envelope.parts.retain(|(part, _)| part.document != key);
        if envelope.parts.len() == count {
            continue;
        }
        if envelope.parts.is_empty() {
            connection.prepare_cached("DELETE FROM envelopes WHERE rowid = ?1")?.execute([row])?;
        } else {
            connection
                .prepare_cached("UPDATE envelopes SET envelope = ?2 WHERE rowid = ?1")?
                .execute(params![row, pending::write_envelope(&envelope)?])?;
        }
    }
    Ok(())
}
