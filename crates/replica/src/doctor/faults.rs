//! Faults: what of a record could not be taken in or read, noted so that the doctor tells of it and
//! the rest goes on. They are gone when everything is read again.

use roadbook_domain::RecordId;
use roadbook_merge::DocumentError;
use rusqlite::{Connection, params};

use crate::projection::document_number;
use crate::{StoreError, opened};

/// The place in the log of what is not about one place in it.
const NO_PLACE: u64 = 0;

/// Notes what could not be taken in.
pub(crate) fn fault(
    connection: &Connection,
    document: i64,
    seq: u64,
    reason: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO faults (document, seq, reason) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![document, seq, reason])?;
    Ok(())
}

/// Notes that a record's row could not be made from its documents.
pub(super) fn unreadable(
    connection: &Connection,
    record: RecordId,
    error: &DocumentError,
) -> Result<(), StoreError> {
    tracing::warn!(%record, "{record} has no row until its document is read again: {error}");
    let Some((number, _)) = opened::find(connection, record)? else { return Ok(()) };
    fault(connection, document_number(number, error.key().facet), NO_PLACE, &error.to_string())
}

/// The faults that are noted, in words.
pub(super) fn told(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT records.record, faults.seq, faults.reason
         FROM faults LEFT JOIN records ON records.number = faults.document / 2",
    )?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let record: Option<[u8; 16]> = row.get(0)?;
        let record = RecordId::from_bytes(record.unwrap_or_default());
        let (seq, reason): (u64, String) = (row.get(1)?, row.get(2)?);
        out.push(match seq {
            NO_PLACE => format!("{record}: it has no row: {reason}"),
            seq => format!("{record}: change {seq} was not taken in: {reason}"),
        });
    }
    Ok(out)
}
