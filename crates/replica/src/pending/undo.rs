//! What undoing needs to know of an intent: where it stands, and what it did.

use roadbook_domain::{Entity, Facet, Hlc, IntentId, IntentKind, Operation, RecordId};
use rusqlite::OptionalExtension as _;

use super::{Stored, Task, find, kind_of};
use crate::history::{HistoryRow, read_entry};
use crate::{MadeBy, Replica, StoreError};

/// Where an intent stands, for undoing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It cannot be on the server: it can be withdrawn.
    Unsent,
    /// It is on the server, or may be: only new work sets it back. What it did, per document.
    Sent(Vec<DonePart>),
}

/// What an intent did to one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DonePart {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub entity: Entity,
    /// Which of its documents.
    pub facet: Facet,
    /// What the intent is.
    pub kind: IntentKind,
    /// When it was done.
    pub clock: Hlc,
    /// What was done; `None` for the making of the record.
    pub operations: Option<Vec<Operation>>,
}

impl Replica {
    /// Where an intent stands; `None` where this device knows nothing of it, or no longer what it
    /// did. `record` helps to find what other devices did.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn standing(
        &self,
        intent: IntentId,
        record: Option<RecordId>,
    ) -> Result<Option<Standing>, StoreError> {
        if let Some(entry) = find(&self.connection, intent)? {
            let unsent = !entry.sent && !matches!(entry.state, Stored::Accepted(_));
            if unsent {
                return Ok(Some(Standing::Unsent));
            }
            let (kind, clock) = (kind_of(&entry.envelope), entry.envelope.header.clock);
            let parts = entry.envelope.parts.into_iter().map(|(part, _)| {
                let makes = matches!(part.operations.first(), Some(Operation::Create { .. }));
                DonePart {
                    record: part.document.record,
                    entity: part.entity,
                    facet: part.document.facet,
                    kind,
                    clock,
                    operations: (!makes).then_some(part.operations),
                }
            });
            return Ok(Some(Standing::Sent(parts.collect())));
        }
        let mut seq: Option<u64> = self
            .connection
            .prepare_cached("SELECT seq FROM own_intents WHERE intent = ?1 AND seq > 0")?
            .query_row([intent.as_bytes()], |row| row.get(0))
            .optional()?;
        let mut parts = Vec::new();
        if let Some(record) = record {
            let of_record = self.history(record, None)?;
            for row in of_record.iter().filter(|row| row.made_by.intent == intent) {
                seq = seq.or(row.made_by.seq);
                let entity = self.record(record)?.map(|row| row.entity);
                parts.extend(entity.and_then(|entity| done(record, entity, row)));
            }
        }
        if let Some(seq) = seq {
            self.done_at(seq, intent, &mut parts)?;
        }
        Ok((!parts.is_empty()).then_some(Standing::Sent(parts)))
    }

    /// Adds what an intent did at a place in the log, but for what is there already.
    fn done_at(
        &self,
        seq: u64,
        intent: IntentId,
        parts: &mut Vec<DonePart>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT history.document, history.entry, records.record, records.entity
             FROM history JOIN records ON records.number = history.document / 2
             WHERE history.seq = ?1 AND history.accepted_ms IS NOT NULL
             ORDER BY history.document",
        )?;
        let mut rows = statement.query([seq])?;
        while let Some(row) = rows.next()? {
            let document: i64 = row.get(0)?;
            let entry = read_entry(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
            if entry.made_by.intent != intent {
                continue;
            }
            let facet = if document % 2 == 0 { Facet::Internal } else { Facet::Confidential };
            let record = crate::replica::record_id(row, 2)?;
            if parts.iter().any(|part| part.record == record && part.facet == facet) {
                continue;
            }
            let entity = Entity::from_number(row.get(3)?)
                .ok_or(StoreError::Unreadable { what: "a record's kind" })?;
            let row = HistoryRow {
                made_by: MadeBy::accepted(&entry.made_by, None),
                facet,
                operations: entry.operations,
                journal: entry.journal,
            };
            parts.extend(done(record, entity, &row));
        }
        Ok(())
    }

    /// Withdraws an intent that cannot be on the server: as if it had not been saved. It is kept
    /// for 30 days, so that it can be taken back. Returns the later intents that built on it and
    /// went to the drawer; `None` when it cannot be withdrawn.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub fn withdraw(
        &mut self,
        intent: IntentId,
        wall_ms: i64,
    ) -> Result<Option<Vec<IntentId>>, StoreError> {
        let Some(entry) = find(&self.connection, intent)? else { return Ok(None) };
        if entry.sent || matches!(entry.state, Stored::Accepted(_)) {
            return Ok(None);
        }
        Ok(Some(self.rework(wall_ms, Task::Discard(intent))?.needs_you))
    }
}

/// What a history entry did; `None` where that is no longer known here.
fn done(record: RecordId, entity: Entity, row: &HistoryRow) -> Option<DonePart> {
    let kind = row.made_by.kind;
    let makes = row.operations.is_empty()
        && row.facet == Facet::Internal
        && match kind {
            IntentKind::Create => true,
            IntentKind::AddNote => entity == Entity::Note,
            IntentKind::LogActivity => entity == Entity::Activity,
            IntentKind::ConvertLead => entity != Entity::Lead,
            IntentKind::EditFields
            | IntentKind::AdjustCounter
            | IntentKind::MoveStage
            | IntentKind::CompleteTask
            | IntentKind::Tag
            | IntentKind::Delete
            | IntentKind::Restore
            | IntentKind::ResolveConflict
            | IntentKind::ProposeInConflict => false,
        };
    if row.operations.is_empty() && !makes {
        return None;
    }
    Some(DonePart {
        record,
        entity,
        facet: row.facet,
        kind,
        clock: row.made_by.clock,
        operations: (!makes).then(|| row.operations.clone()),
    })
}
