//! Mutators: operations become exactly one change, the same bytes on every device and at the gate.
//!
//! Versioned: the server keeps the mutators of every supported client, and golden files pin their
//! bytes. A mutator refuses what the person could not have meant by what they saw: an edit whose
//! `from` is not the value at its basis, an edit of a deleted record, an edit that would bury a
//! dispute.

mod rewrite;
mod v1;

use automerge::Change;
use roadbook_domain::{ChangeHash, Entity, Hlc, IntentId, Operation, Schema};

use crate::{Author, Document, DocumentError};

/// The newest mutator version.
pub const MUTATOR_VERSION: u16 = 1;

/// What stamps a change: who, when, for which intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Whose change it is.
    pub author: Author,
    /// Its time.
    pub clock: Hlc,
    /// Its intent.
    pub intent: IntentId,
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Performed {
    /// Its hash.
    pub change: ChangeHash,
    /// Its bytes, preceded by the seeds that it needed; [`Document::apply`] takes them as they are.
    pub bytes: Vec<u8>,
}

/// A change that was made, with the seeds that it needed.
struct Made {
    seeds: Vec<Change>,
    change: Change,
}

impl Made {
    fn performed(&self) -> Performed {
        let mut bytes = Vec::new();
        for change in self.seeds.iter().chain([&self.change]) {
            bytes.extend_from_slice(change.raw_bytes());
        }
        Performed { change: ChangeHash(self.change.hash().0), bytes }
    }
}

/// Why operations cannot be performed on a document.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The record has been made already.
    #[error("the record exists already")]
    Exists,
    /// The record has not been made, or not here.
    #[error("there is no such record here")]
    NoRecord,
    /// The record is in the trash.
    #[error("the record was deleted; restore it first")]
    Deleted,
    /// The record is not in the trash.
    #[error("the record is not deleted")]
    NotDeleted,
    /// The value that the person saw is not the value at the basis.
    #[error("`{field}` was not what the edit says it was")]
    FromMismatch {
        /// The field.
        field: String,
    },
    /// The field is disputed at the basis.
    #[error("`{field}` is disputed; settle the conflict, or propose a value in it")]
    Disputed {
        /// The field.
        field: String,
    },
    /// The field is not disputed at the basis.
    #[error("`{field}` is not disputed")]
    NotDisputed {
        /// The field.
        field: String,
    },
    /// The sides that were named are not the sides at the basis.
    #[error("`{field}` has other sides than those that were named; look at the conflict again")]
    OtherSides {
        /// The field.
        field: String,
    },
    /// The operation does not fit the field or the facet.
    #[error("`{field}` cannot be written in this way")]
    WrongOperation {
        /// The field.
        field: String,
    },
    /// Nothing would change; the clock did not rise either.
    #[error("the operations would change nothing")]
    Empty,
    /// This version of the mutators is not known here.
    #[error("mutators of version {0} are not known here")]
    UnknownVersion(u16),
    /// The document itself is at fault.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Automerge refused.
    #[error("the change cannot be made")]
    Automerge(#[source] Box<automerge::AutomergeError>),
}

impl From<automerge::AutomergeError> for Refusal {
    fn from(source: automerge::AutomergeError) -> Self {
        Self::Automerge(Box::new(source))
    }
}

impl Refusal {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::NoRecord => "no_record",
            Self::Deleted => "deleted",
            Self::NotDeleted => "not_deleted",
            Self::FromMismatch { .. } => "from_mismatch",
            Self::Disputed { .. } => "disputed",
            Self::NotDisputed { .. } => "not_disputed",
            Self::OtherSides { .. } => "other_sides",
            Self::WrongOperation { .. } => "wrong_operation",
            Self::Empty => "nothing_to_do",
            Self::UnknownVersion(_) => "unknown_mutator",
            Self::Document(_) => "bad_document",
            Self::Automerge(_) => "bad_change",
        }
    }
}

/// Performs operations on a document as seen at `basis`, and takes the change into the document.
///
/// With `basis` equal to the heads this works in place; otherwise on a copy of the document at
/// the basis, whose change is then merged in. The bytes are the same either way. After an error
/// the document is as it was.
///
/// # Errors
/// [`Refusal`] with a stable code.
pub fn perform(
    version: u16,
    schema: &Schema,
    document: &mut Document,
    entity: Entity,
    stamp: &Stamp,
    basis: &[ChangeHash],
    operations: &[Operation],
) -> Result<Performed, Refusal> {
    Run::new(version, schema).perform(document, entity, stamp, basis, operations)
}

/// A run of parts of one author on one document, where each often builds on the one before.
///
/// Keeps the copy on which the last part was performed, so that only the first part of a run that
/// starts behind the heads costs a copy.
#[derive(Debug)]
pub struct Run<'a> {
    version: u16,
    schema: &'a Schema,
    behind: Option<Document>,
}

impl<'a> Run<'a> {
    /// Starts a run of parts that one mutator version made.
    #[must_use]
    pub const fn new(version: u16, schema: &'a Schema) -> Self {
        Self { version, schema, behind: None }
    }

    /// Performs the next part, as [`perform`] does.
    ///
    /// # Errors
    /// [`Refusal`] with a stable code; then the document is as it was.
    pub fn perform(
        &mut self,
        document: &mut Document,
        entity: Entity,
        stamp: &Stamp,
        basis: &[ChangeHash],
        operations: &[Operation],
    ) -> Result<Performed, Refusal> {
        let mutate = match self.version {
            1 => v1::mutate,
            unknown => return Err(Refusal::UnknownVersion(unknown)),
        };
        if document.heads() == basis {
            return Ok(mutate(self.schema, document, entity, stamp, operations)?.performed());
        }
        let fits = |kept: &Document| kept.key() == document.key() && kept.heads() == basis;
        let mut behind = match self.behind.take().filter(fits) {
            Some(kept) => kept,
            None => document.at(basis)?,
        };
        let made = mutate(self.schema, &mut behind, entity, stamp, operations)?;
        let performed = made.performed();
        let Made { mut seeds, change } = made;
        seeds.push(change);
        document.apply_changes(seeds)?;
        self.behind = Some(behind);
        Ok(performed)
    }
}
