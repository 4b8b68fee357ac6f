//! The doctor: does what is stored agree with itself, and with the server?

mod faults;

use std::collections::BTreeSet;

use roadbook_domain::{ChangeHash, DocumentKey, Facet, Hlc, RecordId};
use roadbook_merge::Document;
use roadbook_sync_protocol::{Checksum, Cursor};
use rusqlite::Connection;

use crate::database::Meta;
use crate::exchange::kept;
use crate::opened::{self, OpenRecord};
use crate::projection::{Projected, tables};
use crate::{Replica, StoreError, pending};
pub(crate) use faults::fault;

/// One thing that was examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// A stable word: `database`, `documents`, `projections`, `search`, `pending`, `server`.
    pub name: &'static str,
    /// What is wrong; empty when all is well.
    pub problems: Vec<String>,
    /// How many things were looked at.
    pub examined: u64,
}

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorReport {
    /// The examinations, in order.
    pub checks: Vec<Check>,
}

impl DoctorReport {
    /// Says whether nothing is wrong.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.checks.iter().all(|check| check.problems.is_empty())
    }
}

/// The checksum of all accepted documents.
pub(crate) fn checksum(connection: &Connection, seq: u64) -> Result<Checksum, StoreError> {
    let mut out = Checksum { seq, documents: 0, digest: [0; 32] };
    let mut statement = connection.prepare_cached(
        "SELECT records.record, documents.document, documents.generation, documents.heads
         FROM documents JOIN records ON records.number = documents.document / 2",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let document: i64 = row.get(1)?;
        let key = DocumentKey {
            record: crate::replica::record_id(row, 0)?,
            facet: facet_of(document),
            generation: row.get(2)?,
        };
        out.add(&key, &heads(row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?));
    }
    Ok(out)
}

fn heads(bytes: &[u8]) -> Vec<ChangeHash> {
    bytes.chunks_exact(32).filter_map(|head| head.try_into().ok().map(ChangeHash)).collect()
}

const fn facet_of(document: i64) -> Facet {
    if document % 2 == 0 { Facet::Internal } else { Facet::Confidential }
}

/// Makes all projections again, in one transaction. Returns of how many records. One bad record
/// never blocks another, nor the device: what cannot be read is a fault that the doctor tells.
pub(crate) fn rebuild(replica: &mut Replica) -> Result<u64, StoreError> {
    replica.open.clear();
    let transaction = replica.connection.unchecked_transaction()?;
    tables::recreate(&transaction, &replica.schema)?;
    let mut records: Vec<(Hlc, RecordId)> = Vec::new();
    {
        let mut statement = transaction.prepare("SELECT record FROM records ORDER BY number")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            records.push((Hlc::default(), crate::replica::record_id(row, 0)?));
        }
    }
    for (updated, record) in &mut records {
        match opened::load(&transaction, &replica.schema, &replica.tables, *record) {
            Ok(open) => {
                let clocks = open.iter().flat_map(OpenRecord::present).map(Document::updated);
                *updated = clocks.max().unwrap_or_default();
            }
            // Told below, where its row cannot be made either.
            Err(StoreError::Document(_)) => {}
            Err(error) => return Err(error),
        }
    }
    // Oldest first, so that search finds the newest first.
    records.sort();
    let mut next_search = 1;
    let mut made = 0;
    for (_, record) in &records {
        let (schema, tables) = (&replica.schema, &replica.tables);
        match opened::reproject(&transaction, schema, tables, &mut next_search, *record) {
            Ok(()) => made += 1,
            Err(StoreError::Document(error)) => {
                faults::unreadable(&transaction, *record, &error)?;
            }
            Err(error) => return Err(error),
        }
    }
    Meta(&transaction).put_projections(&tables::fingerprint(&replica.schema))?;
    transaction.commit()?;
    replica.next_search = next_search;
    Ok(made)
}

/// The names of what differs in two rows; never the values.
fn differences(should: Option<&Projected>, is: Option<&Projected>) -> Vec<&'static str> {
    let (Some(should), Some(is)) = (should, is) else { return vec!["being there"] };
    let own = [
        ("alive", should.alive == is.alive),
        ("closed", should.closed == is.closed),
        ("updated", should.updated == is.updated),
        ("disputed", should.disputed == is.disputed),
        ("saved", should.saved == is.saved),
    ];
    let mut out: Vec<&'static str> =
        own.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect();
    let names: BTreeSet<&'static str> =
        should.values.keys().chain(is.values.keys()).copied().collect();
    out.extend(names.into_iter().filter(|name| should.values.get(name) != is.values.get(name)));
    out
}

impl Replica {
    /// Examines everything. Reads all documents, so it takes its time.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read at all.
    pub fn doctor(&self) -> Result<DoctorReport, StoreError> {
        Ok(DoctorReport {
            checks: vec![
                self.check_database()?,
                self.check_documents()?,
                self.check_projections()?,
                self.check_search()?,
                self.check_pending()?,
            ],
        })
    }

    /// Whether a document here cannot be read, or something of one could not be taken in: reading
    /// again mends it. Reads all documents.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn has_damaged_documents(&self) -> Result<bool, StoreError> {
        Ok(!self.check_documents()?.problems.is_empty())
    }

    /// The checksum of all accepted documents here, as of the place that was read up to.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn checksum(&self) -> Result<Checksum, StoreError> {
        checksum(&self.connection, self.state.position)
    }

    /// Makes all projections, search entries and open conflicts again from the documents.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub fn rebuild_projections(&mut self) -> Result<u64, StoreError> {
        rebuild(self)
    }

    /// Forgets how far the log was read, so that the next syncs read it all again: every document
    /// begins anew from what the server sends, and what it does not send is forgotten as if the
    /// server had said so. Unsent work stays; on what is forgotten it goes to the quarantine.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub fn read_again(&mut self) -> Result<(), StoreError> {
        let mut state = self.state.clone();
        state.cursor = Cursor::default();
        state.position = 0;
        state.unfinished = true;
        state.rereads = true;
        state.round += 1;
        let transaction = self.connection.unchecked_transaction()?;
        kept::forget_faults(&transaction, &mut state)?;
        Meta(&transaction).put_sync_state(&state)?;
        transaction.commit()?;
        self.state = state;
        Ok(())
    }

    fn check_database(&self) -> Result<Check, StoreError> {
        let mut problems = Vec::new();
        for pragma in ["PRAGMA cipher_integrity_check", "PRAGMA quick_check"] {
            let mut statement = self.connection.prepare(pragma)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let text: String = row.get(0)?;
                if text != "ok" {
                    problems.push(text);
                }
            }
        }
        let pages = self.connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        Ok(Check { name: "database", problems, examined: pages })
    }

    fn check_documents(&self) -> Result<Check, StoreError> {
        let mut check = Check { name: "documents", problems: Vec::new(), examined: 0 };
        let mut statement = self.connection.prepare(
            "SELECT records.record, documents.document, documents.generation, documents.heads,
                    documents.bytes
             FROM documents JOIN records ON records.number = documents.document / 2",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            check.examined += 1;
            let key = DocumentKey {
                record: crate::replica::record_id(row, 0)?,
                facet: facet_of(row.get(1)?),
                generation: row.get(2)?,
            };
            let stored = heads(row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?);
            let bytes = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
            match Document::load(key, bytes) {
                Ok(document) if document.heads() == stored => {}
                Ok(_) => check.problems.push(format!("{}: other heads than noted", key.record)),
                Err(error) => check.problems.push(error.to_string()),
            }
        }
        check.problems.extend(faults::told(&self.connection)?);
        Ok(check)
    }

    /// Compares each row with what its documents say.
    fn check_projections(&self) -> Result<Check, StoreError> {
        let mut check = Check { name: "projections", problems: Vec::new(), examined: 0 };
        for record in self.all_records()? {
            check.examined += 1;
            let open = match opened::load(&self.connection, &self.schema, &self.tables, record) {
                Ok(Some(open)) => open,
                Ok(None) => continue,
                // Told by the check of the documents.
                Err(StoreError::Document(_)) => continue,
                Err(error) => return Err(error),
            };
            let made = open.present().iter().any(|document| document.is_created());
            let should = made.then(|| {
                let view = roadbook_merge::view(&self.schema, open.entity, &open.present());
                let (mut should, _) = Projected::new(&self.schema, view, open.is_saved());
                should.search = open.row.as_ref().and_then(|row| row.search);
                should
            });
            if should != open.row {
                let names = differences(should.as_ref(), open.row.as_ref()).join(", ");
                check
                    .problems
                    .push(format!("{record}: the row is not what the documents say: {names}"));
            }
        }
        Ok(check)
    }

    fn check_search(&self) -> Result<Check, StoreError> {
        let mut check = Check { name: "search", problems: Vec::new(), examined: 0 };
        let sound =
            self.connection.execute("INSERT INTO search (search) VALUES ('integrity-check')", []);
        if let Err(error) = sound {
            check.problems.push(format!("the index is damaged: {error}"));
        }
        for def in self.schema.entities() {
            let table = &self.tables.of(def.entity).name;
            let sql = format!(
                "SELECT row_record FROM {table} LEFT JOIN search_rows
                     ON search_rows.place = row_search AND search_rows.number = row_number
                 WHERE row_alive = (search_rows.place IS NULL)"
            );
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let record = crate::replica::record_id(row, 0)?;
                check.problems.push(format!("{record}: not in the search index as it should be"));
            }
            let counted: u64 = self.connection.query_row(
                &format!("SELECT count(*) FROM {table} WHERE row_search IS NOT NULL"),
                [],
                |row| row.get(0),
            )?;
            check.examined += counted;
        }
        let places: u64 =
            self.connection.query_row("SELECT count(*) FROM search_rows", [], |row| row.get(0))?;
        if places != check.examined {
            check.problems.push(format!(
                "the search index has {places} entries for {} records",
                check.examined
            ));
        }
        Ok(check)
    }

    /// Every pending intent has its changes, and they can be applied.
    fn check_pending(&self) -> Result<Check, StoreError> {
        let mut check = Check { name: "pending", problems: Vec::new(), examined: 0 };
        for entry in pending::all(&self.connection)? {
            check.examined += 1;
            if matches!(entry.state, pending::Stored::Waits(_)) {
                continue;
            }
            let intent = entry.envelope.header.intent;
            for (part, _) in &entry.envelope.parts {
                let record = part.document.record;
                match opened::load(&self.connection, &self.schema, &self.tables, record) {
                    Ok(open) => {
                        let here = open.is_some_and(|open| {
                            open.present().iter().any(|document| document.has(part.change))
                        });
                        if !here {
                            let problem = format!("{intent}: its change of {record} is missing");
                            check.problems.push(problem);
                        }
                    }
                    Err(StoreError::Document(error)) => {
                        check.problems.push(format!("{intent}: {record} cannot be read: {error}"));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(check)
    }

    pub(crate) fn all_records(&self) -> Result<Vec<RecordId>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT record FROM records ORDER BY number")?;
        let rows = statement.query_map([], |row| crate::replica::record_id(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests;
