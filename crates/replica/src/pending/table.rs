//! The tables of pending work: what is stored of an intent until the server has confirmed it.

use roadbook_domain::{ChangeHash, IntentId};
use roadbook_merge::{Envelope, Performed};
use roadbook_sync_protocol::verdict::Denial;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::pending::{read_envelope, write_envelope};
use crate::projection::document_number;
use crate::{StoreError, opened};

/// Where a stored intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Saved,
    /// Taken in at this place in the log; waits to come back.
    Accepted(u64),
    /// Waits with this intent of the drawer.
    Waits(IntentId),
}

/// A stored intent.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) envelope: Envelope,
    pub(crate) state: Stored,
    /// It may be on the server, and no verdict has come yet.
    pub(crate) sent: bool,
}

const COLUMNS: &str = "SELECT number, envelope, state, seq, waits_for, sent FROM pending";

fn read(row: &rusqlite::Row<'_>) -> Result<Entry, StoreError> {
    let unreadable = || StoreError::Unreadable { what: "a pending intent" };
    let state: u8 = row.get(2)?;
    let seq: Option<u64> = row.get(3)?;
    let waits_for: Option<[u8; 16]> = row.get(4)?;
    let state = match (state, seq, waits_for) {
        (0, _, _) => Stored::Saved,
        (1, Some(seq), _) => Stored::Accepted(seq),
        (2, _, Some(intent)) => Stored::Waits(IntentId::from_bytes(intent)),
        _ => return Err(unreadable()),
    };
    let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok(Entry { number: row.get(0)?, envelope: read_envelope(bytes)?, state, sent: row.get(5)? })
}

/// All stored intents, in the order of their numbers.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Entry>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} ORDER BY number"))?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(read(row)?);
    }
    Ok(out)
}

/// The intents that wait with another one, in the order of their numbers.
pub(crate) fn waiting(connection: &Connection) -> Result<Vec<Entry>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("{COLUMNS} WHERE state = 2 ORDER BY number"))?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(read(row)?);
    }
    Ok(out)
}

/// One stored intent.
pub(crate) fn find(connection: &Connection, intent: IntentId) -> Result<Option<Entry>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE intent = ?1"))?;
    let mut rows = statement.query([intent.as_bytes()])?;
    rows.next()?.map(read).transpose()
}

/// Stores an intent.
pub(crate) fn insert(
    connection: &Connection,
    envelope: &Envelope,
    state: Stored,
) -> Result<(), StoreError> {
    let header = &envelope.header;
    let (code, seq, waits_for) = match &state {
        Stored::Saved => (0, None, None),
        Stored::Accepted(seq) => (1, Some(*seq), None),
        Stored::Waits(intent) => (2, None, Some(intent.as_bytes().as_slice())),
    };
    connection
        .prepare_cached(
            "INSERT INTO pending (number, intent, clock, envelope, state, seq, waits_for)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            header.number,
            header.intent.as_bytes(),
            header.clock.0,
            write_envelope(envelope)?,
            code,
            seq,
            waits_for
        ])?;
    Ok(())
}

/// Stores a change of an intent.
pub(crate) fn insert_part(
    connection: &Connection,
    document: i64,
    number: u64,
    performed: &Performed,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO pending_parts (document, number, change, bytes) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![document, number, performed.change.0, performed.bytes])?;
    Ok(())
}

/// Notes that the server has taken an intent in.
pub(crate) fn accept(
    connection: &Connection,
    intent: IntentId,
    seq: u64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE pending SET state = 1, seq = ?2 WHERE intent = ?1 AND state = 0")?
        .execute(params![intent.as_bytes(), seq])?;
    Ok(())
}

/// Notes by their numbers which intents may be on the server from now on. Returns those for which
/// this is new.
pub(crate) fn mark_sent(connection: &Connection, numbers: &[u64]) -> Result<Vec<u64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE pending SET sent = 1 WHERE state = 0 AND sent = 0
         AND number IN (SELECT value FROM json_each(?1)) RETURNING number",
    )?;
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    let rows = statement.query_map([format!("[{}]", numbers.join(","))], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes that an intent is certainly not on the server.
pub(crate) fn mark_not_sent(connection: &Connection, number: u64) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE pending SET sent = 0 WHERE number = ?1")?
        .execute([number])?;
    Ok(())
}

/// Removes an intent and its changes.
pub(crate) fn remove(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    for (part, _) in &entry.envelope.parts {
        if let Some((number, _)) = opened::find(connection, part.document.record)? {
            remove_part(connection, document_number(number, part.document.facet), entry.number)?;
        }
    }
    connection.prepare_cached("DELETE FROM pending WHERE number = ?1")?.execute([entry.number])?;
    Ok(())
}

/// Removes one change of an intent.
pub(crate) fn remove_part(
    connection: &Connection,
    document: i64,
    number: u64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM pending_parts WHERE document = ?1 AND number = ?2")?
        .execute(params![document, number])?;
    Ok(())
}

/// Says whether an intent is in the drawer.
pub(crate) fn is_in_drawer(connection: &Connection, intent: IntentId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM needs_you WHERE intent = ?1)")?
        .query_row([intent.as_bytes()], |row| row.get(0))?)
}

/// Puts an intent into the drawer.
pub(crate) fn put_in_drawer(
    connection: &Connection,
    envelope: &Envelope,
    denial: &Denial,
    answered_ms: i64,
) -> Result<(), StoreError> {
    let denial =
        postcard::to_allocvec(denial).map_err(|_| StoreError::Unreadable { what: "a denial" })?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO needs_you (intent, envelope, denial, answered_ms)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            envelope.header.intent.as_bytes(),
            write_envelope(envelope)?,
            denial,
            answered_ms
        ])?;
    Ok(())
}

/// All of the drawer.
pub(crate) fn drawer(connection: &Connection) -> Result<Vec<(Envelope, Denial, i64)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT envelope, denial, answered_ms FROM needs_you")?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let envelope = read_envelope(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
        let denial =
            postcard::from_bytes(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)
                .map_err(|_| StoreError::Unreadable { what: "a denial" })?;
        out.push((envelope, denial, row.get(2)?));
    }
    Ok(out)
}

/// One intent of the drawer.
pub(crate) fn in_drawer(
    connection: &Connection,
    intent: IntentId,
) -> Result<Option<Envelope>, StoreError> {
    let bytes: Option<Vec<u8>> = connection
        .prepare_cached("SELECT envelope FROM needs_you WHERE intent = ?1")?
        .query_row([intent.as_bytes()], |row| row.get(0))
        .optional()?;
    bytes.map(|bytes| read_envelope(&bytes)).transpose()
}

/// Takes an intent out of the drawer.
pub(crate) fn remove_from_drawer(
    connection: &Connection,
    intent: IntentId,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM needs_you WHERE intent = ?1")?
        .execute([intent.as_bytes()])?;
    Ok(())
}

/// Sets an intent aside for the server's quarantine.
pub(crate) fn quarantine(
    connection: &Connection,
    envelope: &Envelope,
    reason: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO quarantine (intent, envelope, reason) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![envelope.header.intent.as_bytes(), write_envelope(envelope)?, reason])?;
    Ok(())
}

/// The bytes of one pending change.
pub(crate) fn change_bytes(
    connection: &Connection,
    document: i64,
    number: u64,
) -> Result<Option<(ChangeHash, Vec<u8>)>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT change, bytes FROM pending_parts WHERE document = ?1 AND number = ?2",
        )?
        .query_row(params![document, number], |row| {
            Ok((ChangeHash(row.get::<_, [u8; 32]>(0)?), row.get(1)?))
        })
        .optional()?)
}
