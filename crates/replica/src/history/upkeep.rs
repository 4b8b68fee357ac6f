//! Letting history go that is older than the 90 days that a device keeps (D6); the server has it.
//!
//! Whatever its age there stays what made a value that still stands, and all of a record that has
//! open conflicts or work that waits. Older history that was asked for stays until later history of
//! the record passes the 90 days.

use roadbook_domain::{ChangeHash, Facet};
use roadbook_sync_protocol::HistoryResponse;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::database::SyncState;
use crate::{StoreError, history, opened};

const DAY_MS: i64 = 24 * 3_600_000;
/// How long what happened is kept.
const KEPT_MS: i64 = 90 * DAY_MS;
/// How many entries are looked at in one exchange; the next one goes on.
const ENTRIES_MAX: u32 = if cfg!(test) { 2 } else { 2_000 };

/// Lets go of what is too old, a part of it in each exchange, and once a day when all of it is done.
/// `now_ms` is the server's clock.
pub(crate) fn let_go(
    connection: &Connection,
    state: &mut SyncState,
    now_ms: i64,
) -> Result<(), StoreError> {
    if now_ms.abs_diff(state.history_looked_ms) < DAY_MS.unsigned_abs() {
        return Ok(());
    }
    let done = state.history_until;
    let all = last_before(connection, now_ms.saturating_sub(KEPT_MS))?.max(done);
    let until = place_after(connection, done, all)?.unwrap_or(all);
    for document in documents(connection, done, until)? {
        let_go_of(connection, document, until)?;
    }
    state.history_until = until;
    if until == all {
        state.history_looked_ms = now_ms;
    }
    Ok(())
}

/// What was asked for is not let go of at once, be it old.
pub(super) fn asked_for(state: &mut SyncState, came: &HistoryResponse, now_ms: i64) {
    let is_old = |accepted_ms| accepted_ms < now_ms.saturating_sub(KEPT_MS);
    let old = came.entries.iter().filter(|past| is_old(past.accepted_ms));
    let last = old.map(|past| past.entry.made_by.seq).max();
    state.history_until = state.history_until.max(last.unwrap_or(0));
}

/// The last place in the log that is known to be from before a time; 0 if none is. What came with a
/// snapshot has no time of its own, but its place.
fn last_before(connection: &Connection, before_ms: i64) -> Result<u64, StoreError> {
    Ok(connection.query_row(
        "SELECT coalesce(max(seq), 0) FROM history
         WHERE accepted_ms IS NOT NULL AND accepted_ms < ?1",
        [before_ms],
        |row| row.get(0),
    )?)
}

/// The place up to which as many entries lie as are looked at at once; `None` if there are fewer.
fn place_after(connection: &Connection, from: u64, to: u64) -> Result<Option<u64>, StoreError> {
    Ok(connection
        .query_row(
            "SELECT seq FROM history WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT 1 OFFSET ?3",
            params![from, to, ENTRIES_MAX - 1],
            |row| row.get(0),
        )
        .optional()?)
}

/// The documents of which entries lie between two places.
fn documents(connection: &Connection, from: u64, to: u64) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT DISTINCT document FROM history WHERE seq > ?1 AND seq <= ?2")?;
    let rows = statement.query_map([from, to], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn let_go_of(connection: &Connection, document: i64, until: u64) -> Result<(), StoreError> {
    let is_open: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM conflicts WHERE document = ?1)
                 OR EXISTS (SELECT 1 FROM open_conflicts WHERE document = ?1)
                 OR EXISTS (SELECT 1 FROM pending_parts WHERE document = ?1)",
        )?
        .query_row([document], |row| row.get(0))?;
    if is_open {
        return Ok(());
    }
    let record = connection
        .prepare_cached("SELECT record FROM records WHERE number = ?1")?
        .query_row([document / 2], |row| crate::replica::record_id(row, 0))
        .optional()?;
    let Some(record) = record else { return Ok(()) };
    let facet = if document % 2 == 0 { Facet::Internal } else { Facet::Confidential };
    let standing = match opened::accepted(connection, document / 2, record, facet) {
        Ok(Some(stored)) => stored.surviving_changes(),
        // Nobody knows what stands in it; the doctor tells.
        Ok(None) | Err(StoreError::Document(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut statement = connection
        .prepare_cached("SELECT change, seq FROM history WHERE document = ?1 AND seq <= ?2")?;
    let rows = statement.query_map(params![document, until], |row| {
        Ok((ChangeHash(row.get::<_, [u8; 32]>(0)?), row.get(1)?))
    })?;
    let old: Vec<(ChangeHash, u64)> = rows.collect::<Result<_, _>>()?;
    for (change, seq) in old.into_iter().filter(|(change, _)| !standing.contains(change)) {
        history::remove(connection, document, change, seq)?;
    }
    Ok(())
}
