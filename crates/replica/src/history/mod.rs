//! Why a value is what it is: who, when, on which device, by which intent, and what merges settled.

pub(crate) mod upkeep;

use std::collections::HashMap;

use roadbook_domain::{
    ChangeHash, DeviceId, Entity, Facet, Hlc, IntentId, IntentKind, Operation, RecordId, UserId,
    Value,
};
use roadbook_merge::{Envelope, Header, JournalEntry, Part};
use roadbook_sync_protocol::{HistoryEntry, HistoryResponse, Provenance};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::database::Meta;
use crate::projection::document_number;
use crate::{Replica, StoreError, opened, pending};

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeBy {
    /// The change.
    pub change: ChangeHash,
    /// Its intent.
    pub intent: IntentId,
    /// The kind of the intent.
    pub kind: IntentKind,
    /// Who.
    pub user: UserId,
    /// On which device.
    pub device: DeviceId,
    /// When, by the device's hybrid clock.
    pub clock: Hlc,
    /// The client that made it, as major * 1_000_000 + minor * 1_000 + patch.
    pub client_version: u32,
    /// The policies that the device evaluated.
    pub policy_version: u32,
    /// Its place in the log; `None` while it is pending.
    pub seq: Option<u64>,
    /// When the server took it in, in milliseconds since 1970; `None` while it is pending, and for
    /// what came with a snapshot.
    pub accepted_ms: Option<i64>,
    /// Why.
    pub rationale: Option<String>,
}

/// One thing that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// Who, when, why.
    pub made_by: MadeBy,
    /// In which of the record's documents.
    pub facet: Facet,
    /// What was done. Empty where only the author is known here (older than 90 days).
    pub operations: Vec<Operation>,
    /// What the merge settled.
    pub journal: Vec<JournalEntry>,
}

impl HistoryRow {
    /// The changes between whose values it decided a field; none where it decided nothing of it.
    #[must_use]
    pub fn sides_of(&self, field: &str) -> &[ChangeHash] {
        let sides = self.operations.iter().find_map(|operation| {
            if let Operation::Resolve { field: of, sides, .. } = operation {
                (of == field).then_some(sides.as_slice())
            } else {
                None
            }
        });
        sides.unwrap_or_default()
    }

    /// The value that it gave to a field; `None` where it gave none, or that is not known here.
    #[must_use]
    pub fn value_of(&self, field: &str) -> Option<&Value> {
        self.operations.iter().find_map(|operation| match operation {
            Operation::Edit(edit) | Operation::Move { edit } if edit.field == field => {
                Some(&edit.to)
            }
            Operation::Resolve { field: of, choice, .. } if of == field => Some(choice),
            Operation::Create { fields } => {
                fields.iter().find(|(name, _)| name == field).map(|(_, value)| value)
            }
            Operation::Edit(_)
            | Operation::Move { .. }
            | Operation::Resolve { .. }
            | Operation::EditText { .. }
            | Operation::Adjust { .. }
            | Operation::ChangeSet { .. }
            | Operation::Delete
            | Operation::Restore
            | Operation::Propose { .. } => None,
        })
    }
}

/// Something that a merge settled, for the journal page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub entity: Entity,
    /// In which of the record's documents.
    pub facet: Facet,
    /// Whose change it was.
    pub made_by: MadeBy,
    /// What was settled.
    pub entry: JournalEntry,
}

impl MadeBy {
    pub(crate) fn accepted(by: &Provenance, accepted_ms: Option<i64>) -> Self {
        Self {
            change: by.change,
            intent: by.intent,
            kind: by.kind,
            user: by.user,
            device: by.device,
            clock: by.clock,
            client_version: by.client_version,
            policy_version: by.policy_version,
            seq: Some(by.seq),
            accepted_ms,
            rationale: by.rationale.clone(),
        }
    }

    fn pending(header: &Header, part: &Part) -> Self {
        Self {
            change: part.change,
            intent: header.intent,
            kind: part.kind,
            user: header.user,
            device: header.device,
            clock: header.clock,
            client_version: header.client_version,
            policy_version: header.policy_version,
            seq: None,
            accepted_ms: None,
            rationale: part.rationale.clone(),
        }
    }
}

/// Keeps who made an accepted change, what was done and what the merge settled. Once.
pub(crate) fn keep(
    connection: &Connection,
    document: i64,
    entry: &HistoryEntry,
    accepted_ms: Option<i64>,
) -> Result<(), StoreError> {
    let unreadable = |_| StoreError::Unreadable { what: "a history entry" };
    let by = &entry.made_by;
    let body = postcard::to_allocvec(entry).map_err(unreadable)?;
    connection
        .prepare_cached(
            "INSERT INTO history (document, seq, change, entry, accepted_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET entry = excluded.entry,
                 accepted_ms = coalesce(excluded.accepted_ms, accepted_ms)",
        )?
        .execute(params![document, by.seq, by.change.0, body, accepted_ms])?;
    if !entry.journal.is_empty() {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO journal (seq, document, change) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![by.seq, document, by.change.0])?;
    }
    Ok(())
}

/// Removes what is kept of a change at a place in the log that is no longer its place.
pub(crate) fn remove(
    connection: &Connection,
    document: i64,
    change: ChangeHash,
    seq: u64,
) -> Result<(), StoreError> {
    for table in ["history", "journal"] {
        connection
            .prepare_cached(&format!(
                "DELETE FROM {table} WHERE document = ?1 AND seq = ?2 AND change = ?3"
            ))?
            .execute(params![document, seq, change.0])?;
    }
    Ok(())
}

/// Moves what is kept of a change to its place in the log of after a restore.
pub(crate) fn moved(
    connection: &Connection,
    document: i64,
    change: ChangeHash,
    from: u64,
    to: u64,
) -> Result<(), StoreError> {
    let found: Option<(Vec<u8>, Option<i64>)> = connection
        .prepare_cached(
            "SELECT entry, accepted_ms FROM history
             WHERE document = ?1 AND seq = ?2 AND change = ?3",
        )?
        .query_row(params![document, from, change.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((body, accepted_ms)) = found else { return Ok(()) };
    let mut entry = read_entry(&body)?;
    entry.made_by.seq = to;
    remove(connection, document, change, from)?;
    keep(connection, document, &entry, accepted_ms)
}

/// Reads a stored entry.
pub(crate) fn read_entry(body: &[u8]) -> Result<HistoryEntry, StoreError> {
    postcard::from_bytes(body).map_err(|_| StoreError::Unreadable { what: "a history entry" })
}

impl Replica {
    /// Keeps history that the server was asked for, of the documents that are here, for as long as
    /// no later history of theirs is older than what devices keep.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was kept.
    pub fn keep_history(&mut self, came: &HistoryResponse, wall_ms: i64) -> Result<(), StoreError> {
        let transaction = self.connection.unchecked_transaction()?;
        let mut state = self.state.clone();
        let now_ms = wall_ms.saturating_add(state.clock_offset_ms);
        upkeep::asked_for(&mut state, came, now_ms);
        for past in &came.entries {
            let Some((number, _)) = opened::find(&transaction, past.document.record)? else {
                continue;
            };
            let document = document_number(number, past.document.facet);
            // What was forgotten meanwhile leaves no trace.
            let is_here: bool = transaction
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM documents WHERE document = ?1)")?
                .query_row([document], |row| row.get(0))?;
            if is_here {
                keep(&transaction, document, &past.entry, Some(past.accepted_ms))?;
            }
        }
        for (device, name) in &came.devices {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO devices (device, name) VALUES (?1, ?2)")?
                .execute(params![device.as_bytes(), name])?;
        }
        Meta(&transaction).put_sync_state(&state)?;
        transaction.commit()?;
        self.state = state;
        Ok(())
    }

    /// What happened to a record, oldest first, pending work last; with `field`, only what wrote
    /// that field, or may have: of a creation and of old work only the author is known.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn history(
        &self,
        record: RecordId,
        field: Option<&str>,
    ) -> Result<Vec<HistoryRow>, StoreError> {
        let Some((number, _)) = opened::find(&self.connection, record)? else {
            return Ok(Vec::new());
        };
        let mut out = Vec::new();
        for facet in Facet::ALL {
            let document = document_number(number, facet);
            for (entry, accepted_ms) in self.entries(document)? {
                out.push(HistoryRow {
                    made_by: MadeBy::accepted(&entry.made_by, accepted_ms),
                    facet,
                    operations: entry.operations,
                    journal: entry.journal,
                });
            }
        }
        out.sort_by_key(|row| (row.made_by.seq, row.facet));
        for envelope in self.pending_on(number)? {
            for (part, _) in &envelope.parts {
                if part.document.record == record {
                    out.push(HistoryRow {
                        made_by: MadeBy::pending(&envelope.header, part),
                        facet: part.document.facet,
                        operations: part.operations.clone(),
                        journal: Vec::new(),
                    });
                }
            }
        }
        if let Some(field) = field {
            out.retain(|row| {
                row.operations.is_empty()
                    || row.operations.iter().any(|operation| operation.fields().contains(&field))
                    || row.journal.iter().any(|entry| entry.field == field)
            });
        }
        Ok(out)
    }

    /// What waits on this device about a record and is shown in its row.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn unconfirmed(&self, record: RecordId) -> Result<Vec<Part>, StoreError> {
        let Some((number, _)) = opened::find(&self.connection, record)? else {
            return Ok(Vec::new());
        };
        let parts = self.pending_on(number)?.into_iter().flat_map(|envelope| envelope.parts);
        Ok(parts.map(|(part, _)| part).filter(|part| part.document.record == record).collect())
    }

    /// What merges settled, newest first, at most `limit` entries.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn journal(&self, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT history.document, history.entry, records.record, records.entity,
                 history.accepted_ms
             FROM journal
             JOIN history ON history.document = journal.document
                 AND history.seq = journal.seq AND history.change = journal.change
             JOIN records ON records.number = journal.document / 2
             ORDER BY journal.seq DESC, journal.document, journal.change LIMIT ?1",
        )?;
        let mut rows = statement.query([limit])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let document: i64 = row.get(0)?;
            let entry = read_entry(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
            let record = crate::replica::record_id(row, 2)?;
            let entity = Entity::from_number(row.get(3)?)
                .ok_or(StoreError::Unreadable { what: "a record's kind" })?;
            let accepted_ms: Option<i64> = row.get(4)?;
            for settled in entry.journal {
                out.push(JournalRow {
                    record,
                    entity,
                    facet: if document % 2 == 0 { Facet::Internal } else { Facet::Confidential },
                    made_by: MadeBy::accepted(&entry.made_by, accepted_ms),
                    entry: settled,
                });
            }
        }
        out.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(out)
    }

    /// Who made the changes of a document, as far as it is known here.
    pub(crate) fn authors(&self, document: i64) -> Result<HashMap<ChangeHash, MadeBy>, StoreError> {
        let mut out = HashMap::new();
        for (entry, accepted_ms) in self.entries(document)? {
            out.insert(entry.made_by.change, MadeBy::accepted(&entry.made_by, accepted_ms));
        }
        for envelope in self.pending_on(document / 2)? {
            for (part, _) in &envelope.parts {
                out.insert(part.change, MadeBy::pending(&envelope.header, part));
            }
        }
        Ok(out)
    }

    /// The entries of a document with when the server took them in.
    fn entries(&self, document: i64) -> Result<Vec<(HistoryEntry, Option<i64>)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT entry, accepted_ms FROM history WHERE document = ?1 ORDER BY seq",
        )?;
        let mut rows = statement.query([document])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let body = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            out.push((read_entry(body)?, row.get(1)?));
        }
        Ok(out)
    }

    fn pending_on(&self, record: i64) -> Result<Vec<Envelope>, StoreError> {
        let documents = Facet::ALL.map(|facet| document_number(record, facet));
        let mut statement = self.connection.prepare_cached(
            "SELECT envelope FROM pending WHERE number IN
                 (SELECT number FROM pending_parts WHERE document IN (?1, ?2))
             ORDER BY number",
        )?;
        let mut rows = statement.query(documents)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            out.push(pending::read_envelope(bytes)?);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests;
