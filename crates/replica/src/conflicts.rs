//! Open conflicts as this device sees them, with who stands behind each side (D7).
//!
//! The sides are a projection of the documents, so the queue is drawn without loading any; the ids
//! come from the server.

use roadbook_domain::{
    ChangeHash, ConflictId, Entity, Facet, Hlc, IntentId, Money, RecordId, Value,
};
use roadbook_merge::view::Proposal;
use roadbook_merge::{Conflict, Rule};
use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};

use crate::history::MadeBy;
use crate::projection::document_number;
use crate::{Replica, StoreError, opened, projection};

/// One side of an open conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictSide {
    /// The value.
    pub value: Value,
    /// When it was last set.
    pub clock: Hlc,
    /// The changes that set it.
    pub changes: Vec<ChangeHash>,
    /// Who made them, where this device knows.
    pub made_by: Vec<MadeBy>,
}

/// A disagreement that a person must settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenConflict {
    /// Its id; `None` while it exists on this device only, because a side is pending.
    pub id: Option<ConflictId>,
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub entity: Entity,
    /// The name of the record for people.
    pub title: String,
    /// The disputed field.
    pub field: String,
    /// The document that holds it.
    pub facet: Facet,
    /// The rule that gave up.
    pub rule: Rule,
    /// The value that all sides started from.
    pub base: Value,
    /// The sides, by clock; the last one is shown meanwhile.
    pub sides: Vec<ConflictSide>,
    /// What others propose.
    pub proposals: Vec<Proposal>,
    /// The difference between the highest and the lowest side, for money of one currency.
    pub stake: Option<Money>,
}

impl OpenConflict {
    /// The changes behind all sides, sorted: what a resolution must name.
    #[must_use]
    pub fn side_changes(&self) -> Vec<ChangeHash> {
        let mut out: Vec<_> =
            self.sides.iter().flat_map(|side| side.changes.iter().copied()).collect();
        out.sort();
        out
    }
}

/// A conflict as it is written.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredConflict {
    no_legal_join: bool,
    base: Value,
    sides: Vec<(Value, Hlc, Vec<ChangeHash>)>,
    proposals: Vec<(IntentId, Value, String)>,
    stake: Option<Money>,
}

impl From<&Conflict> for StoredConflict {
    fn from(conflict: &Conflict) -> Self {
        Self {
            no_legal_join: conflict.rule == Rule::NoLegalJoin,
            base: conflict.base.clone(),
            sides: conflict
                .sides
                .iter()
                .map(|side| (side.value.clone(), side.clock, side.changes.clone()))
                .collect(),
            proposals: conflict
                .proposals
                .iter()
                .map(|proposal| (proposal.intent, proposal.value.clone(), proposal.why.clone()))
                .collect(),
            stake: conflict.stake,
        }
    }
}

impl Replica {
    /// All open conflicts that are visible here, highest stake first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn conflicts(&self) -> Result<Vec<OpenConflict>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT document, field, body FROM open_conflicts
             ORDER BY stake_minor DESC, document, field",
        )?;
        let found: Vec<(i64, String, Vec<u8>)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        found
            .into_iter()
            .map(|(document, field, body)| self.read_conflict(document, field, &body))
            .collect()
    }

    /// The open conflict about a field of a record; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn conflict(
        &self,
        record: RecordId,
        field: &str,
    ) -> Result<Option<OpenConflict>, StoreError> {
        let Some((number, _)) = opened::find(&self.connection, record)? else { return Ok(None) };
        let documents = Facet::ALL.map(|facet| document_number(number, facet));
        let found: Option<(i64, Vec<u8>)> = self
            .connection
            .prepare_cached(
                "SELECT document, body FROM open_conflicts
                 WHERE document IN (?1, ?2) AND field = ?3",
            )?
            .query_row((documents[0], documents[1], field), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found
            .map(|(document, body)| self.read_conflict(document, field.to_owned(), &body))
            .transpose()
    }

    fn read_conflict(
        &self,
        document: i64,
        field: String,
        body: &[u8],
    ) -> Result<OpenConflict, StoreError> {
        let unreadable = || StoreError::Unreadable { what: "a conflict" };
        let stored: StoredConflict = postcard::from_bytes(body).map_err(|_| unreadable())?;
        let (record, entity): ([u8; 16], u8) = self
            .connection
            .prepare_cached("SELECT record, entity FROM records WHERE number = ?1")?
            .query_row([document / 2], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let entity = Entity::from_number(entity).ok_or_else(unreadable)?;
        let record = RecordId::from_bytes(record);
        let minted: Option<[u8; 16]> = self
            .connection
            .prepare_cached("SELECT intent FROM conflicts WHERE document = ?1 AND field = ?2")?
            .query_row((document, &field), |row| row.get(0))
            .optional()?;
        let row =
            projection::read(&self.connection, &self.schema, &self.tables, entity, document / 2)?;
        let title = row.and_then(|row| {
            row.values.get(self.schema.entity(entity).title).map(ToString::to_string)
        });
        let authors = self.authors(document)?;
        let sides = stored.sides.into_iter().map(|(value, clock, changes)| ConflictSide {
            value,
            clock,
            made_by: changes.iter().filter_map(|change| authors.get(change).cloned()).collect(),
            changes,
        });
        Ok(OpenConflict {
            id: minted.map(|intent| ConflictId {
                intent: IntentId::from_bytes(intent),
                record,
                field: field.clone(),
            }),
            record,
            entity,
            title: title.unwrap_or_default(),
            facet: if document % 2 == 0 { Facet::Internal } else { Facet::Confidential },
            rule: if stored.no_legal_join { Rule::NoLegalJoin } else { Rule::ReviewField },
            base: stored.base,
            sides: sides.collect(),
            proposals: stored
                .proposals
                .into_iter()
                .map(|(intent, value, why)| Proposal { intent, value, why })
                .collect(),
            stake: stored.stake,
            field,
        })
    }
}
