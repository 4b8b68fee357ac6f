//! Forgetting: what is no longer visible goes without a trace (D6).
//!
//! Unsent work on it goes to the server's quarantine first; only when the server has acknowledged
//! it are rows, documents, search entries, history and envelopes purged, and the server told.

use std::collections::{HashMap, HashSet};

use roadbook_domain::{DocumentKey, Facet, IntentId, RecordId};
use roadbook_merge::Envelope;
use roadbook_sync_protocol::verdict::{Denial, GIVEN_BACK};
use rusqlite::{Connection, params};

use crate::exchange::kept;
use crate::pending::{self, Fate};
use crate::projection::document_number;
use crate::{StoreError, opened};

/// The word under which forgotten work is handed over.
const FORGOTTEN: &str = "forgotten";

/// The server said that a document is to be forgotten.
const TOLD: u8 = 0;
/// A document is purged; the server is to be told.
const PURGED: u8 = 1;
/// All was read again, and a document did not come: it is no longer visible, or a restore of the
/// server lost it.
const LEFT_BEHIND: u8 = 2;

/// Notes that a document is to be forgotten.
pub(super) fn forget(connection: &Connection, key: DocumentKey) -> Result<(), StoreError> {
    note(connection, key, TOLD)
}

/// Notes that a document did not come when all was read again.
pub(super) fn leave_behind(connection: &Connection, key: DocumentKey) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO forgets (record, facet, generation, state)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![key.record.as_bytes(), key.facet as u8, key.generation, LEFT_BEHIND])?;
    Ok(())
}

/// The documents that are to be forgotten and are still here, each with its state.
fn to_forget(connection: &Connection) -> Result<HashMap<DocumentKey, u8>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT record, facet, generation, state FROM forgets WHERE state <> ?1")?;
    let rows = statement.query_map([PURGED], |row| {
        Ok((crate::replica::record_id(row, 0)?, row.get::<_, u8>(1)?, row.get(2)?, row.get(3)?))
    })?;
    let mut out = HashMap::new();
    for row in rows {
        let (record, facet, generation, state) = row?;
        let facet = Facet::from_number(facet)
            .ok_or(StoreError::Unreadable { what: "a forgotten document" })?;
        out.insert(DocumentKey { record, facet, generation }, state);
    }
    Ok(out)
}

/// Sets unsent work on documents that are to be forgotten aside for the quarantine: by its fate
/// while it is pending, at once where it is in the drawer. What may be on the server waits for its
/// verdict, so that nothing is both taken in and handed over. What an operator gave back to its
/// author stays in the drawer until the server itself says that the document is to be forgotten:
/// a restore lost the document, and its author's words are what can make it again.
pub(super) fn hand_over(
    connection: &Connection,
    judged: &HashSet<IntentId>,
    fates: &mut HashMap<IntentId, Fate>,
) -> Result<(), StoreError> {
    let keys = to_forget(connection)?;
    if keys.is_empty() {
        return Ok(());
    }
    let touches = |envelope: &Envelope| {
        envelope.parts.iter().any(|(part, _)| keys.contains_key(&part.document))
    };
    // Given back, and the server has not said that its author may not see it.
    let stays = |envelope: &Envelope, denial: &Denial| {
        denial.code == GIVEN_BACK
            && envelope.parts.iter().all(|(part, _)| keys.get(&part.document) != Some(&TOLD))
    };
    for entry in pending::all(connection)? {
        let intent = entry.envelope.header.intent;
        let unsent = !matches!(entry.state, pending::Stored::Accepted(_))
            && !kept::is_handed_back(connection, intent)?;
        let under_way = entry.sent && !judged.contains(&intent);
        let stays = matches!(fates.get(&intent), Some(Fate::Denied(denial)) if stays(&entry.envelope, denial));
        if unsent && !under_way && !stays && touches(&entry.envelope) {
            fates.insert(intent, Fate::Quarantined(FORGOTTEN));
        }
    }
    pending::forget_discarded(connection, &touches)?;
    for (envelope, denial, _) in pending::drawer(connection)? {
        if touches(&envelope) && !stays(&envelope, &denial) {
            pending::quarantine(connection, &envelope, FORGOTTEN)?;
            pending::remove_from_drawer(connection, envelope.header.intent)?;
        }
    }
    Ok(())
}

/// Purges the forgotten documents on which no unsent work is left here. Returns their records.
pub(super) fn purge_acknowledged(
    connection: &Connection,
    restore_epoch: u64,
) -> Result<Vec<RecordId>, StoreError> {
    let waiting = to_forget(connection)?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let mut held = HashSet::new();
    for entry in pending::all(connection)? {
        if !matches!(entry.state, pending::Stored::Accepted(_))
            && !kept::is_handed_back(connection, entry.envelope.header.intent)?
        {
            held.extend(entry.envelope.parts.iter().map(|(part, _)| part.document));
        }
    }
    let mut statement = connection.prepare_cached("SELECT envelope FROM quarantine")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let envelope = pending::read_envelope(bytes)?;
        held.extend(envelope.parts.iter().map(|(part, _)| part.document));
    }
    let mut out = Vec::new();
    for key in waiting.into_keys() {
        if !held.contains(&key) {
            purge(connection, key, restore_epoch)?;
            out.push(key.record);
        }
    }
    Ok(out)
}

/// Notes that the server knows of purges.
pub(super) fn told(connection: &Connection, keys: &[DocumentKey]) -> Result<(), StoreError> {
    for key in keys {
        connection
            .prepare_cached("DELETE FROM forgets WHERE record = ?1 AND facet = ?2 AND state = ?3")?
            .execute(params![key.record.as_bytes(), key.facet as u8, PURGED])?;
    }
    Ok(())
}

/// Notes that a document is visible again.
pub(super) fn remember(connection: &Connection, key: DocumentKey) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM forgets WHERE record = ?1 AND facet = ?2")?
        .execute(params![key.record.as_bytes(), key.facet as u8])?;
    Ok(())
}

/// Removes everything durable about a document. The row and the search entries follow when the
/// record is projected again.
fn purge(connection: &Connection, key: DocumentKey, restore_epoch: u64) -> Result<(), StoreError> {
    if let Some((number, _)) = opened::find(connection, key.record)? {
        let document = document_number(number, key.facet);
        kept::strip(connection, document, key, restore_epoch)?;
        for table in
            ["documents", "branches", "pending_parts", "history", "journal", "conflicts", "faults"]
        {
            connection
                .prepare_cached(&format!("DELETE FROM {table} WHERE document = ?1"))?
                .execute([document])?;
        }
    }
    note(connection, key, PURGED)
}

fn note(connection: &Connection, key: DocumentKey, state: u8) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO forgets (record, facet, generation, state) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET generation = excluded.generation, state = excluded.state",
        )?
        .execute(params![key.record.as_bytes(), key.facet as u8, key.generation, state])?;
    Ok(())
}
