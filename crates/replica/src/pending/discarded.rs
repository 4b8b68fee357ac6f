//! What was given up or withdrawn, and can be taken back for a while.
//!
//! It is no unsent work: nobody waits for it, signing out does not ask about it, and when a record
//! is forgotten it goes without being handed over.

use roadbook_domain::{Hlc, IntentId, IntentKind};
use roadbook_merge::{Envelope, Part};
use roadbook_sync_protocol::verdict::Denial;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{kind_of, read_envelope, table, write_envelope};
use crate::{CommitError, CommitStamp, Committed, Replica, StoreError};

/// How long it is kept: 30 days.
const KEPT_MS: i64 = 30 * 24 * 3_600 * 1_000;

/// An intent that was given up or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discarded {
    /// The intent.
    pub intent: IntentId,
    /// What it is.
    pub kind: IntentKind,
    /// When it was made.
    pub clock: Hlc,
    /// When it was given up, by the device's wall clock, in milliseconds since 1970.
    pub discarded_ms: i64,
    /// Whether the server had denied it; otherwise it had not been sent.
    pub denied: bool,
    /// What it wanted, per document.
    pub parts: Vec<Part>,
}

/// Keeps an intent that is given up, with the server's denial where there is one.
pub(super) fn keep(
    connection: &Connection,
    envelope: &Envelope,
    denial: Option<(&[u8], i64)>,
    wall_ms: i64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM discarded WHERE discarded_ms < ?1")?
        .execute([wall_ms.saturating_sub(KEPT_MS)])?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO discarded
                 (intent, envelope, denial, answered_ms, discarded_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            envelope.header.intent.as_bytes(),
            write_envelope(envelope)?,
            denial.map(|(bytes, _)| bytes),
            denial.map_or(wall_ms, |(_, answered_ms)| answered_ms),
            wall_ms
        ])?;
    Ok(())
}

/// Keeps an intent of the drawer that is given up.
pub(super) fn keep_from_drawer(
    connection: &Connection,
    intent: IntentId,
    wall_ms: i64,
) -> Result<(), StoreError> {
    let found: Option<(Vec<u8>, Vec<u8>, i64)> = connection
        .prepare_cached("SELECT envelope, denial, answered_ms FROM needs_you WHERE intent = ?1")?
        .query_row([intent.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((envelope, denial, answered_ms)) = found else { return Ok(()) };
    keep(connection, &read_envelope(&envelope)?, Some((&denial, answered_ms)), wall_ms)
}

/// Removes what was given up and touches something that is to be forgotten.
pub(crate) fn forget_discarded(
    connection: &Connection,
    touches: &dyn Fn(&Envelope) -> bool,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("SELECT envelope FROM discarded")?;
    let mut rows = statement.query([])?;
    let mut gone = Vec::new();
    while let Some(row) = rows.next()? {
        let envelope = read_envelope(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
        if touches(&envelope) {
            gone.push(envelope.header.intent);
        }
    }
    drop(rows);
    for intent in gone {
        remove(connection, intent)?;
    }
    Ok(())
}

fn remove(connection: &Connection, intent: IntentId) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM discarded WHERE intent = ?1")?
        .execute([intent.as_bytes()])?;
    Ok(())
}

impl Replica {
    /// What was given up or withdrawn in the last 30 days, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn discarded(&self, wall_ms: i64) -> Result<Vec<Discarded>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT envelope, denial IS NOT NULL, discarded_ms FROM discarded
             WHERE discarded_ms >= ?1 ORDER BY discarded_ms DESC, intent DESC",
        )?;
        let mut rows = statement.query([wall_ms.saturating_sub(KEPT_MS)])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let envelope =
                read_envelope(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
            out.push(Discarded {
                intent: envelope.header.intent,
                kind: kind_of(&envelope),
                clock: envelope.header.clock,
                discarded_ms: row.get(2)?,
                denied: row.get(1)?,
                parts: envelope.parts.into_iter().map(|(part, _)| part).collect(),
            });
        }
        Ok(out)
    }

    /// Takes back what was given up: what had been denied returns to the drawer with its denial,
    /// what had not been sent is saved as a new intent on what is shown now (then that is
    /// returned).
    ///
    /// # Errors
    /// [`CommitError::IdUsed`] when it is not there; any [`CommitError`] leaves it there.
    pub fn take_back(
        &mut self,
        intent: IntentId,
        stamp: &CommitStamp,
    ) -> Result<Option<Committed>, CommitError> {
        let found: Option<(Vec<u8>, Option<Vec<u8>>, i64)> = self
            .connection
            .prepare_cached(
                "SELECT envelope, denial, answered_ms FROM discarded WHERE intent = ?1",
            )?
            .query_row([intent.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (envelope, denial, answered_ms) = found.ok_or(CommitError::IdUsed(intent))?;
        let envelope = read_envelope(&envelope)?;
        if let Some(denial) = denial {
            let denial: Denial = postcard::from_bytes(&denial)
                .map_err(|_| StoreError::Unreadable { what: "a denial" })?;
            let transaction = self.connection.unchecked_transaction()?;
            table::put_in_drawer(&transaction, &envelope, &denial, answered_ms)?;
            remove(&transaction, intent)?;
            transaction.commit()?;
            return Ok(None);
        }
        let kind = kind_of(&envelope);
        let rationale = envelope.parts.first().and_then(|(part, _)| part.rationale.clone());
        let steps = self.all_again(envelope)?;
        let stamp = CommitStamp { rationale, ..stamp.clone() };
        let saved =
            self.issue(kind, steps, &stamp, &mut |connection| remove(connection, intent))?;
        Ok(Some(saved))
    }
}
