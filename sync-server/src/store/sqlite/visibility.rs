//! Who sees what between two places in the log.
//!
//! Long queries, one constant each. `?1` user, `?2` from, `?3` to, `?4` now throughout.

use std::collections::HashMap;

use roadbook_domain::{ChangeHash, DocumentKey, Facet, RecordId, UserId};
use rusqlite::{Connection, params};

use super::read::{self, Hashes};
use super::{failed, signed, unsigned};
use crate::store::{DocumentPlace, LogRow, Receiver, StoreResult, StoredDocument, Window};

/// Whether a document was visible at each of three places. One probe of two primary keys.
const SEEN: &str = "SELECT
    coalesce(max(d.from_seq <= ?2 AND ?2 < d.to_seq AND u.from_seq <= ?2 AND ?2 < u.to_seq), 0),
    coalesce(max(d.from_seq <= ?3 AND ?3 < d.to_seq AND u.from_seq <= ?3 AND ?3 < u.to_seq), 0),
    coalesce(max(d.from_seq <= ?4 AND ?4 < d.to_seq AND u.from_seq <= ?4 AND ?4 < u.to_seq), 0)
    FROM doc_scopes d JOIN user_scopes u ON u.user = ?1 AND u.audience = d.audience
    WHERE d.record = ?5 AND d.facet = ?6";

/// Documents visible now, in their order: the whole set of a device that knows nothing yet.
const ALL_VISIBLE: &str =
    "SELECT c.record, c.facet, c.generation, c.entity, c.seq, c.heads, c.bytes
    FROM documents c
    WHERE (c.record, c.facet) > (?2, ?3) AND EXISTS (
        SELECT 1 FROM doc_scopes d JOIN user_scopes u ON u.user = ?1 AND u.audience = d.audience
        WHERE d.record = c.record AND d.facet = c.facet
        AND d.to_seq = 9223372036854775807 AND u.to_seq = 9223372036854775807)
    ORDER BY c.record, c.facet LIMIT ?4";

/// Documents whose visibility to the user may have grown in the window. `CROSS JOIN` keeps the
/// order of the loops: a user has few audiences, and fewer that changed.
const GAINED: &str = "WITH mine AS MATERIALIZED (
        SELECT audience, from_seq FROM user_scopes
        WHERE user = ?1 AND from_seq <= ?3 AND to_seq > ?2)
    SELECT d.record, d.facet FROM mine m CROSS JOIN doc_scopes d ON d.audience = m.audience
        WHERE d.from_seq > ?2 AND d.from_seq <= ?3 AND (d.record, d.facet) > (?4, ?5)
    UNION
    SELECT d.record, d.facet FROM mine m CROSS JOIN doc_scopes d ON d.audience = m.audience
        WHERE m.from_seq > ?2 AND d.from_seq <= ?3 AND d.to_seq > ?3
        AND (d.record, d.facet) > (?4, ?5)
    ORDER BY 1, 2";

/// Documents whose visibility to the user may have shrunk in the window. That `to_seq` is below
/// its greatest value is said again for the index on closed scopes.
const LOST: &str = "WITH mine AS MATERIALIZED (
        SELECT audience, from_seq, to_seq FROM user_scopes
        WHERE user = ?1 AND from_seq <= ?2 AND to_seq > ?2)
    SELECT d.record, d.facet
        FROM mine m CROSS JOIN doc_scopes d INDEXED BY doc_scopes_closed
        ON d.audience = m.audience
        WHERE d.to_seq > ?2 AND d.to_seq <= ?3 AND d.to_seq < 9223372036854775807
        AND (d.record, d.facet) > (?4, ?5)
    UNION
    SELECT d.record, d.facet FROM mine m CROSS JOIN doc_scopes d ON d.audience = m.audience
        WHERE m.to_seq <= ?3 AND d.from_seq <= ?2 AND d.to_seq > ?2
        AND (d.record, d.facet) > (?4, ?5)
    ORDER BY 1, 2";

/// Parts in the order of the log, each with its entry.
const LOG: &str = "SELECT p.place, p.record, p.facet, p.generation, p.change, p.part, p.outcome,
    p.raw, l.seq, l.intent, l.user, l.device, l.install_epoch, l.accepted_ms, l.batch, l.header, l.chain
    FROM log_parts p JOIN log l ON l.seq = p.place / 32
    WHERE p.place >= ?1 AND p.place < ?2 ORDER BY p.place";

/// When a document was visible, from and until.
const TIMES: &str = "SELECT max(d.from_seq, u.from_seq), min(d.to_seq, u.to_seq)
    FROM doc_scopes d JOIN user_scopes u ON u.user = ?1 AND u.audience = d.audience
    WHERE d.record = ?2 AND d.facet = ?3 ORDER BY 1";

/// How much one call reads, in bytes: what lies beyond is asked for again.
const READ_MAX_BYTES: usize = 8 * 1024 * 1024;

/// How many parts one call looks at, visible or not, before it lets others have their turn.
const SCANNED_MAX: usize = 50_000;

/// Where a document was visible.
#[derive(Debug, Clone, Copy)]
struct Seen {
    from: bool,
    to: bool,
    now: bool,
}

fn seen(
    connection: &Connection,
    window: &Window,
    record: RecordId,
    facet: Facet,
) -> StoreResult<Seen> {
    let mut statement = connection.prepare_cached(SEEN).map_err(failed)?;
    statement
        .query_row(
            params![
                window.user.as_bytes(),
                signed(window.from),
                signed(window.to),
                signed(window.now),
                record.as_bytes(),
                facet as u8
            ],
            |row| Ok(Seen { from: row.get(0)?, to: row.get(1)?, now: row.get(2)? }),
        )
        .map_err(failed)
}

/// The keyset bounds: below everything when there is no place to go on from.
pub(super) fn bounds(after: Option<DocumentPlace>) -> (Vec<u8>, i64) {
    match after {
        Some((record, facet)) => (record.as_bytes().to_vec(), facet as i64),
        None => (Vec::new(), -1),
    }
}

fn candidates(
    connection: &Connection,
    sql: &str,
    window: &Window,
    after: Option<DocumentPlace>,
    mut take: impl FnMut(RecordId, Facet) -> StoreResult<bool>,
) -> StoreResult<()> {
    let (record, facet) = bounds(after);
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let (from, to) = (signed(window.from), signed(window.to));
    let bound = params![window.user.as_bytes(), from, to, record, facet];
    let mut rows = statement.query(bound).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let record = RecordId::from_bytes(row.get(0).map_err(failed)?);
        let facet = read::facet(row.get(1).map_err(failed)?)?;
        if !take(record, facet)? {
            break;
        }
    }
    Ok(())
}

/// Whether a document is new to a device in a window. One that was away for a while is, too: a
/// page of the window before may have left it out because it was just not visible.
fn arrives(
    connection: &Connection,
    window: &Window,
    record: RecordId,
    facet: Facet,
) -> StoreResult<bool> {
    let seen = seen(connection, window, record, facet)?;
    if !(seen.to && seen.now) {
        return Ok(false);
    }
    Ok(!seen.from || was_away(connection, window, record, facet)?)
}

/// Whether a document was not visible somewhere between the ends of a window.
fn was_away(
    connection: &Connection,
    window: &Window,
    record: RecordId,
    facet: Facet,
) -> StoreResult<bool> {
    let mut statement = connection.prepare_cached(TIMES).map_err(failed)?;
    let bound = params![window.user.as_bytes(), record.as_bytes(), facet as u8];
    let mut rows = statement.query(bound).map_err(failed)?;
    let mut visible_until = signed(window.from);
    while let Some(row) = rows.next().map_err(failed)? {
        let from: i64 = row.get(0).map_err(failed)?;
        let until: i64 = row.get(1).map_err(failed)?;
        if from <= visible_until {
            visible_until = visible_until.max(until);
        }
    }
    Ok(visible_until <= signed(window.to))
}

pub(super) fn gained(
    connection: &Connection,
    window: &Window,
    after: Option<DocumentPlace>,
    limit: usize,
) -> StoreResult<Vec<StoredDocument>> {
    if window.from == 0 {
        let (record, facet) = bounds(after);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let bound = params![window.user.as_bytes(), record, facet, limit];
        return read::documents(connection, ALL_VISIBLE, bound, READ_MAX_BYTES);
    }
    let mut out = Vec::new();
    let mut bytes = 0;
    candidates(connection, GAINED, window, after, |record, facet| {
        if arrives(connection, window, record, facet)? {
            let found = read::document(connection, record, facet)?;
            bytes += found.as_ref().map_or(0, |found| found.bytes.len());
            out.extend(found);
        }
        Ok(out.len() < limit && bytes < READ_MAX_BYTES)
    })?;
    Ok(out)
}

pub(super) fn count_gained(connection: &Connection, window: &Window) -> StoreResult<u64> {
    if window.from == 0 {
        let mut count = 0;
        visible(connection, window.user, &mut |_, _| count += 1)?;
        return Ok(count);
    }
    let mut count = 0;
    candidates(connection, GAINED, window, None, |record, facet| {
        count += u64::from(arrives(connection, window, record, facet)?);
        Ok(true)
    })?;
    Ok(count)
}

pub(super) fn lost(
    connection: &Connection,
    window: &Window,
    after: Option<DocumentPlace>,
    limit: usize,
) -> StoreResult<Vec<DocumentKey>> {
    let mut out = Vec::new();
    if window.from == 0 {
        return Ok(out);
    }
    candidates(connection, LOST, window, after, |record, facet| {
        let seen = seen(connection, window, record, facet)?;
        if seen.from && !seen.to {
            let generation = read::generation(connection, record, facet)?;
            out.push(DocumentKey { record, facet, generation });
        }
        Ok(out.len() < limit)
    })?;
    Ok(out)
}

pub(super) fn log_after(
    connection: &Connection,
    window: &Window,
    receiver: &Receiver,
    after: u64,
    limit: usize,
) -> StoreResult<(Vec<LogRow>, u64)> {
    let mut out: Vec<LogRow> = Vec::new();
    let mut memo: HashMap<(RecordId, Facet), Seen> = HashMap::new();
    let mut statement = connection.prepare_cached(LOG).map_err(failed)?;
    let first = signed(after.saturating_add(1)).saturating_mul(32);
    let end = signed(window.to.saturating_add(1)).saturating_mul(32);
    let mut rows = statement.query([first, end]).map_err(failed)?;
    let (mut scanned, mut bytes) = (0, 0);
    let mut last_seq = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        scanned += 1;
        let place: i64 = row.get(0).map_err(failed)?;
        let seq = unsigned(place / 32);
        let enough = out.len() >= limit || scanned >= SCANNED_MAX || bytes >= READ_MAX_BYTES;
        if seq != last_seq && enough {
            return Ok((out, seq - 1));
        }
        last_seq = seq;
        let device: [u8; 16] = row.get(11).map_err(failed)?;
        let own = receiver.own;
        let is_own = device == *own.device.as_bytes()
            && row.get::<_, u32>(12).map_err(failed)? == own.install_epoch;
        // A device that knows nothing yet gets snapshots of all that others made.
        let in_no_backup = receiver.backed_up.is_some_and(|mark| seq > mark);
        if window.from == 0 && !is_own && !in_no_backup {
            continue;
        }
        let record = RecordId::from_bytes(row.get(1).map_err(failed)?);
        let facet = read::facet(row.get(2).map_err(failed)?)?;
        let seen = match memo.get(&(record, facet)) {
            Some(seen) => *seen,
            None => {
                let found = seen(connection, window, record, facet)?;
                memo.insert((record, facet), found);
                found
            }
        };
        let newly = in_no_backup && !seen.from;
        let comes = newly || (seq > window.from && (seen.from || is_own));
        if !(seen.to && seen.now && comes) {
            continue;
        }
        let part = read::log_part(row)?;
        bytes += part.part.len() + part.outcome.len();
        match out.last_mut() {
            Some((last, parts)) if last.seq == seq => parts.push(part),
            _ => {
                let entry = read::entry(row, 8).map_err(failed)?;
                out.push((entry, vec![part]));
            }
        }
    }
    Ok((out, window.to))
}

pub(super) fn visible(
    connection: &Connection,
    user: UserId,
    take: &mut dyn FnMut(DocumentKey, &[ChangeHash]),
) -> StoreResult<()> {
    let mut statement = connection
        .prepare_cached(
            "SELECT c.record, c.facet, c.generation, c.heads FROM documents c WHERE EXISTS (
                SELECT 1 FROM doc_scopes d
                JOIN user_scopes u ON u.user = ?1 AND u.audience = d.audience
                WHERE d.record = c.record AND d.facet = c.facet
                AND d.to_seq = 9223372036854775807 AND u.to_seq = 9223372036854775807)",
        )
        .map_err(failed)?;
    let mut rows = statement.query([user.as_bytes()]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let key = DocumentKey {
            record: RecordId::from_bytes(row.get(0).map_err(failed)?),
            facet: read::facet(row.get(1).map_err(failed)?)?,
            generation: row.get(2).map_err(failed)?,
        };
        let Hashes(heads) = row.get(3).map_err(failed)?;
        take(key, &heads);
    }
    Ok(())
}
