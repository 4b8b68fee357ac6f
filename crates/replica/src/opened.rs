//! Open records: documents with their pending work applied, and the row as it is written.
//!
//! What is kept open is a cache of the database: dropping it loses nothing. After any error the
//! records that were in hand are dropped, because they may hold a change that was not saved.

use roadbook_domain::{ChangeHash, DocumentKey, Entity, Facet, RecordId, Schema};
use roadbook_merge::{Document, DocumentError};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::StoreError;
use crate::projection::{self, Projected, Projector, Subject, Tables, document_number};

/// One of a record's documents, accepted and pending together.
#[derive(Debug)]
pub(crate) struct OpenDocument {
    pub(crate) document: Document,
    /// The branch of the next change.
    pub(crate) branch: u32,
    /// How many pending changes it has.
    pub(crate) pending: usize,
}

/// A record in hand.
#[derive(Debug)]
pub(crate) struct OpenRecord {
    /// `None` until it is saved for the first time.
    pub(crate) number: Option<i64>,
    pub(crate) record: RecordId,
    pub(crate) entity: Entity,
    /// By facet.
    pub(crate) documents: [Option<OpenDocument>; 2],
    pub(crate) row: Option<Projected>,
}

impl OpenRecord {
    /// A record that is not here yet.
    pub(crate) const fn new(record: RecordId, entity: Entity) -> Self {
        Self { number: None, record, entity, documents: [None, None], row: None }
    }

    /// The document of a facet; an empty one if it is not here.
    pub(crate) fn document(&mut self, facet: Facet) -> &mut OpenDocument {
        let record = self.record;
        self.documents[facet as usize].get_or_insert_with(|| OpenDocument {
            document: Document::new(DocumentKey::first(record, facet)),
            branch: 0,
            pending: 0,
        })
    }

    /// All documents that are here.
    pub(crate) fn present(&self) -> Vec<&Document> {
        self.documents.iter().flatten().map(|open| &open.document).collect()
    }

    /// Whether something is pending.
    pub(crate) fn is_saved(&self) -> bool {
        self.documents.iter().flatten().any(|open| open.pending > 0)
    }

    /// What a projection is written under; `None` before the record has a number.
    pub(crate) fn subject(&self) -> Option<Subject> {
        self.number.map(|number| Subject { number, record: self.record, entity: self.entity })
    }
}

/// The number and kind of a record that is here.
pub(crate) fn find(
    connection: &Connection,
    record: RecordId,
) -> Result<Option<(i64, Entity)>, StoreError> {
    let found: Option<(i64, u8)> = connection
        .prepare_cached("SELECT number, entity FROM records WHERE record = ?1")?
        .query_row([record.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((number, entity)) = found else { return Ok(None) };
    let entity =
        Entity::from_number(entity).ok_or(StoreError::Unreadable { what: "a record's kind" })?;
    Ok(Some((number, entity)))
}

/// Gives a record its number.
pub(crate) fn number_for(
    connection: &Connection,
    record: RecordId,
    entity: Entity,
) -> Result<i64, StoreError> {
    connection
        .prepare_cached("INSERT INTO records (record, entity) VALUES (?1, ?2)")?
        .execute(params![record.as_bytes(), entity as u8])?;
    Ok(connection.last_insert_rowid())
}

/// An accepted document as it is stored.
pub(crate) fn accepted(
    connection: &Connection,
    number: i64,
    record: RecordId,
    facet: Facet,
) -> Result<Option<Document>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT generation, bytes FROM documents WHERE document = ?1")?;
    let mut rows = statement.query([document_number(number, facet)])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let key = DocumentKey { record, facet, generation: row.get(0)? };
    let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok(Some(Document::load(key, bytes)?))
}

/// The accepted documents that were not written in a round, and that nothing went wrong with since
/// it began.
pub(crate) fn of_other_rounds(
    connection: &Connection,
    round: u32,
) -> Result<Vec<DocumentKey>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT records.record, documents.document, documents.generation
         FROM documents JOIN records ON records.number = documents.document / 2
         WHERE documents.round <> ?1
             AND NOT EXISTS (SELECT 1 FROM faults WHERE faults.document = documents.document)",
    )?;
    let rows = statement.query_map([round], |row| {
        let document: i64 = row.get(1)?;
        let facet = if document % 2 == 0 { Facet::Internal } else { Facet::Confidential };
        let record = crate::replica::record_id(row, 0)?;
        Ok(DocumentKey { record, facet, generation: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The changes that are pending on a document, oldest first.
pub(crate) fn pending_changes(
    connection: &Connection,
    document: i64,
) -> Result<Vec<(u64, ChangeHash, Vec<u8>)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, change, bytes FROM pending_parts WHERE document = ?1 ORDER BY number",
    )?;
    let rows = statement
        .query_map([document], |row| Ok((row.get(0)?, row.get::<_, [u8; 32]>(1)?, row.get(2)?)))?;
    let mut out = Vec::new();
    for row in rows {
        let (number, change, bytes) = row?;
        out.push((number, ChangeHash(change), bytes));
    }
    Ok(out)
}

/// The branch of the next change of a document.
pub(crate) fn branch(connection: &Connection, document: i64) -> Result<u32, StoreError> {
    Ok(connection
        .prepare_cached("SELECT branch FROM branches WHERE document = ?1")?
        .query_row([document], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

/// Opens a record: its documents with their pending work, and its row. `None` if it is not here.
pub(crate) fn load(
    connection: &Connection,
    schema: &Schema,
    tables: &Tables,
    record: RecordId,
) -> Result<Option<OpenRecord>, StoreError> {
    let Some((number, entity)) = find(connection, record)? else { return Ok(None) };
    let mut documents = [None, None];
    for facet in Facet::ALL {
        let accepted = accepted(connection, number, record, facet)?;
        documents[facet as usize] = with_pending(connection, number, record, facet, accepted)?;
    }
    let row = projection::read(connection, schema, tables, entity, number)?;
    Ok(Some(OpenRecord { number: Some(number), record, entity, documents, row }))
}

/// An accepted document, if there is one, with its pending work applied.
fn with_pending(
    connection: &Connection,
    number: i64,
    record: RecordId,
    facet: Facet,
    accepted: Option<Document>,
) -> Result<Option<OpenDocument>, StoreError> {
    let id = document_number(number, facet);
    let changes = pending_changes(connection, id)?;
    if accepted.is_none() && changes.is_empty() {
        return Ok(None);
    }
    let mut document = accepted.unwrap_or_else(|| Document::new(DocumentKey::first(record, facet)));
    let pending = changes.len();
    for (_, _, bytes) in changes {
        apply_pending(&mut document, &bytes)?;
    }
    Ok(Some(OpenDocument { document, branch: branch(connection, id)?, pending }))
}

/// Applies a pending change. One that builds on what is no longer here is left out: it is still
/// pending, and the server's answer will say what becomes of it.
pub(crate) fn apply_pending(document: &mut Document, bytes: &[u8]) -> Result<(), StoreError> {
    match document.apply(bytes) {
        Ok(()) => Ok(()),
        Err(DocumentError::MissingChanges { key, missing }) => {
            let record = key.record;
            tracing::warn!(%record, missing, "pending work on {record} builds on missing changes");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the row of a record again from its documents and pending work. A record of which nothing
/// is left goes.
pub(crate) fn reproject(
    connection: &Connection,
    schema: &Schema,
    tables: &Tables,
    next_search: &mut i64,
    record: RecordId,
) -> Result<(), StoreError> {
    let mut projector = Projector { connection, schema, tables, next_search };
    match load(connection, schema, tables, record)? {
        Some(open) => project_open(&mut projector, &open),
        None => Ok(()),
    }
}

/// Says whether a row was made. One bad record never blocks another: one that cannot be read is
/// shown as it was, and the doctor tells of it.
pub(crate) fn was_made(done: Result<(), StoreError>, record: RecordId) -> Result<bool, StoreError> {
    match done {
        Err(StoreError::Document(error)) => {
            tracing::warn!(%record, "{record} is shown as it was: {error}");
            Ok(false)
        }
        done => done.map(|()| true),
    }
}

/// Makes the row of a record again from the accepted documents in hand and its pending work.
pub(crate) fn reproject_with(
    projector: &mut Projector<'_>,
    of: Subject,
    accepted: [Option<Document>; 2],
) -> Result<(), StoreError> {
    let Subject { number, record, entity } = of;
    let Projector { connection, schema, tables, .. } = *projector;
    let mut documents = [None, None];
    for (facet, accepted) in Facet::ALL.into_iter().zip(accepted) {
        documents[facet as usize] = with_pending(connection, number, record, facet, accepted)?;
    }
    let row = projection::read(connection, schema, tables, entity, number)?;
    project_open(projector, &OpenRecord { number: Some(number), record, entity, documents, row })
}

/// Writes the row of an open record. A record of which nothing is left goes.
fn project_open(projector: &mut Projector<'_>, open: &OpenRecord) -> Result<(), StoreError> {
    let Some(subject) = open.subject() else { return Ok(()) };
    let connection = projector.connection;
    projector.project(subject, &open.present(), open.is_saved(), open.row.as_ref())?;
    if open.documents.iter().all(Option::is_none) {
        for facet in Facet::ALL {
            connection
                .prepare_cached("DELETE FROM branches WHERE document = ?1")?
                .execute([document_number(subject.number, facet)])?;
        }
        // A fault tells of the record, and of no other one that would get its number.
        let [first, second] = Facet::ALL.map(|facet| document_number(subject.number, facet));
        connection
            .prepare_cached(
                "DELETE FROM records WHERE number = ?1
                     AND NOT EXISTS (SELECT 1 FROM faults WHERE document IN (?2, ?3))",
            )?
            .execute([subject.number, first, second])?;
    }
    Ok(())
}
