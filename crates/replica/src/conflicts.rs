//! Open conflicts as this device sees them, with who stands behind each side (D7).

use roadbook_domain::{ChangeHash, ConflictId, Entity, Facet, Hlc, Money, RecordId, Value};
use roadbook_merge::Rule;
use roadbook_merge::view::Proposal;

use crate::history::MadeBy;
use crate::{Replica, StoreError};

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

impl Replica {
    /// All open conflicts that are visible here, highest stake first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn conflicts(&self) -> Result<Vec<OpenConflict>, StoreError> {
        unimplemented!()
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
        unimplemented!("{record} {field}")
    }
}
