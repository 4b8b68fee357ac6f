//! Records and their accepted documents that are in hand while a page is taken in: each loaded when
//! it is touched first, written when all of the page is in it, or earlier where many are in hand.

use roadbook_domain::{ChangeHash, Entity, Facet, RecordId};
use roadbook_merge::{Arrived, Document};
use rusqlite::{Connection, OptionalExtension as _};

use crate::doctor::fault;
use crate::projection::document_number;
use crate::{StoreError, history, opened};

/// One accepted document in hand.
pub(super) struct Accepted {
    pub(super) document: Document,
    /// Changes that came and are not in the document yet.
    pub(super) arrived: Arrived,
    /// The places in the log of those changes.
    pub(super) places: Vec<(ChangeHash, u64)>,
    pub(super) seq: u64,
    /// The stored form, while it is the one that came.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) dirty: bool,
}

impl Accepted {
    pub(super) fn new(document: Document, seq: u64) -> Self {
        let (arrived, places) = (Arrived::default(), Vec::new());
        Self { document, arrived, places, seq, bytes: None, dirty: false }
    }

    pub(super) fn has(&self, change: ChangeHash) -> bool {
        self.arrived.has(change) || self.document.has(change)
    }

    /// Applies what has arrived.
    pub(super) fn catch_up(
        &mut self,
        connection: &Connection,
        document: i64,
    ) -> Result<(), StoreError> {
        let at_fault = self.document.catch_up(&mut self.arrived);
        for (change, error) in at_fault {
            let place = self.places.iter().find(|(other, _)| *other == change);
            if let Some((_, seq)) = place {
                fault(connection, document, *seq, &error.to_string())?;
                history::remove(connection, document, change, *seq)?;
            }
        }
        self.places.clear();
        Ok(())
    }
}

/// One record in hand.
pub(super) struct Work {
    pub(super) number: i64,
    pub(super) entity: Entity,
    /// It was not here before this page.
    pub(super) fresh: bool,
    pub(super) loaded: [bool; 2],
    /// The document was put down while the page was taken in.
    pub(super) put_down: [bool; 2],
    /// The stored bytes cannot be read: only a snapshot, or its whole log again, mends them.
    pub(super) damaged: [bool; 2],
    pub(super) documents: [Option<Accepted>; 2],
}

impl Work {
    /// The accepted documents that are here, for a merge. Loads what is not in hand yet.
    pub(super) fn present(
        &mut self,
        connection: &Connection,
        record: RecordId,
    ) -> Result<Vec<&Document>, StoreError> {
        for facet in Facet::ALL {
            self.load(connection, record, facet, None)?;
        }
        Ok(self.documents.iter().flatten().map(|accepted| &accepted.document).collect())
    }

    /// The accepted documents in hand, by facet.
    pub(super) fn into_documents(self) -> [Option<Document>; 2] {
        self.documents.map(|accepted| accepted.map(|accepted| accepted.document))
    }

    /// Takes a document in hand. While everything is read again, one of an earlier round is as if
    /// it were not here.
    pub(super) fn load(
        &mut self,
        connection: &Connection,
        record: RecordId,
        facet: Facet,
        round: Option<u32>,
    ) -> Result<&mut Option<Accepted>, StoreError> {
        let place = facet as usize;
        if !self.loaded[place] {
            self.loaded[place] = true;
            let document = document_number(self.number, facet);
            let is_left = match round {
                Some(round) if !self.fresh => leave_round(connection, document, round)?,
                Some(_) | None => false,
            };
            if (!self.fresh || self.put_down[place]) && !is_left {
                match opened::accepted(connection, self.number, record, facet) {
                    Ok(stored) => {
                        self.documents[place] = stored.map(|document| Accepted::new(document, 0));
                    }
                    Err(StoreError::Document(error)) => {
                        tracing::warn!(%record, "the stored document of {record} cannot be read: {error}");
                        self.damaged[place] = true;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(&mut self.documents[place])
    }

    /// Says whether a stored document of the record cannot be read. Its row stays as it was.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged.contains(&true)
    }
}

/// Begins a document anew if it is of an earlier round: its history and conflicts come again.
fn leave_round(connection: &Connection, document: i64, round: u32) -> Result<bool, StoreError> {
    let found: Option<u32> = connection
        .prepare_cached("SELECT round FROM documents WHERE document = ?1")?
        .query_row([document], |row| row.get(0))
        .optional()?;
    let is_left = found.is_some_and(|found| found != round);
    if is_left {
        for table in ["history", "journal", "conflicts"] {
            connection
                .prepare_cached(&format!("DELETE FROM {table} WHERE document = ?1"))?
                .execute([document])?;
        }
    }
    Ok(is_left)
}
