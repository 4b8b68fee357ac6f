//! One SQLite file per tenant: WAL, one writer, a few readers.
//!
//! Commits are synced to the disk (`synchronous = FULL`): a verdict that went out is never taken
//! back by a power cut. The database is not encrypted by us; the server's disk is the operator's.

mod columns;
mod migrations;
mod read;
mod relayed;
#[cfg(test)]
mod upgrade_tests;
mod visibility;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roadbook_domain::Schema;
use rusqlite::backup::Backup;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension as _, TransactionBehavior, params,
};

use self::columns::Columns;
use super::{Store, StoreError, StoreRead, StoreResult, StoreWrite};

/// How long a connection waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many readers are kept open.
const READERS_KEPT: usize = 4;
/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 160;

/// The name under which a copy says that it is one.
pub(crate) const COPY_MARK: &str = "copied_at";

/// A tenant's SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    columns: Arc<Columns>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a file, or makes it, and brings it to the newest version.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a database of a newer server, [`StoreError::NotATenant`] for
    /// another kind of file, [`StoreError::Failed`].
    pub fn open(path: &Path, schema: &Schema) -> StoreResult<Self> {
        Self::open_limited(path, schema, None)
    }

    /// As [`Self::open`], and lets the file grow no further than this many KiB: what does not fit
    /// is refused like on a full disk. What is there already stays.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_limited(path: &Path, schema: &Schema, max_kib: Option<u32>) -> StoreResult<Self> {
        let mut writer = Connection::open(path).map_err(failed)?;
        configure(&writer)?;
        migrations::run(&mut writer)?;
        if let Some(max_kib) = max_kib {
            limit(&writer, max_kib).map_err(failed)?;
        }
        Ok(Self {
            path: path.to_owned(),
            columns: Arc::new(Columns::of(schema)),
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
        })
    }

    fn reader(&self) -> StoreResult<Connection> {
        let kept = lock(&self.readers).pop();
        if let Some(connection) = kept {
            return Ok(connection);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(failed)?;
        configure(&connection)?;
        connection.pragma_update(None, "query_only", true).map_err(failed)?;
        Ok(connection)
    }
}

fn limit(writer: &Connection, max_kib: u32) -> rusqlite::Result<()> {
    let page_bytes: u32 = writer.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = max_kib.saturating_mul(1024).max(page_bytes) / page_bytes.max(1);
    writer.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
}

fn configure(connection: &Connection) -> StoreResult<()> {
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000;
             PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = OFF;",
        )
        .map_err(failed)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A writer that panicked has been rolled back by its drop; the connection is sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for SqliteStore {
    fn read(&self) -> StoreResult<Box<dyn StoreRead + '_>> {
        let connection = self.reader()?;
        connection.execute_batch("BEGIN").map_err(failed)?;
        Ok(Box::new(Reader { store: self, connection: Some(connection) }))
    }

    fn write(&self) -> StoreResult<Box<dyn StoreWrite + '_>> {
        let writer =
            Writer { columns: &self.columns, connection: lock(&self.writer), committed: false };
        writer.connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        Ok(Box::new(writer))
    }

    fn copy_to(&self, path: &Path) -> StoreResult<(u64, u64)> {
        let source = self.reader()?;
        let copied = copy(&source, path);
        lock(&self.readers).push(source);
        copied
    }
}

/// Copies the database, proves that the copy is sound, and marks it.
fn copy(source: &Connection, path: &Path) -> StoreResult<(u64, u64)> {
    let mut copy = Connection::open(path).map_err(failed)?;
    let steps = Backup::new(source, &mut copy).map_err(failed)?;
    let all = -1;
    while steps.step(all).map_err(failed)? != rusqlite::backup::StepResult::Done {}
    drop(steps);
    let sound: String =
        copy.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(failed)?;
    if sound != "ok" {
        return Err(StoreError::Corrupt("backup"));
    }
    let marked = copy.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let head: i64 = marked
        .query_row("SELECT coalesce(max(seq), 0) FROM log", [], |row| row.get(0))
        .map_err(failed)?;
    marked
        .execute(
            "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)",
            params![COPY_MARK, head.to_be_bytes()],
        )
        .map_err(failed)?;
    marked.commit().map_err(failed)?;
    // One file, without a log beside it that somebody would forget to move along.
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(failed)?;
    let pages: i64 =
        copy.pragma_query_value(None, "page_count", |row| row.get(0)).map_err(failed)?;
    let size: i64 = copy.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(failed)?;
    Ok((unsigned(pages.saturating_mul(size)), unsigned(head)))
}

/// Looks at a file without changing it: the name and the end of the log of the tenant that it is a
/// copy of; `None` if it is a tenant, but no copy.
///
/// # Errors
/// [`StoreError::NotATenant`] for another kind of file, [`StoreError::Corrupt`] for a damaged one,
/// [`StoreError::Failed`].
pub fn look_at_copy(path: &Path) -> StoreResult<Option<(String, u64)>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let copy = Connection::open_with_flags(path, flags).map_err(failed)?;
    if !migrations::is_ours(&copy)? {
        return Err(StoreError::NotATenant);
    }
    let sound: String =
        copy.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(failed)?;
    if sound != "ok" {
        return Err(StoreError::Corrupt("backup"));
    }
    let of = |name: &str| -> StoreResult<Option<Vec<u8>>> {
        copy.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .map_err(failed)
    };
    if of(COPY_MARK)?.is_none_or(|mark| mark.is_empty()) {
        return Ok(None);
    }
    let name = of("name")?.and_then(|name| String::from_utf8(name).ok());
    let name = name.ok_or(StoreError::Corrupt("tenant name"))?;
    let head: i64 = copy
        .query_row("SELECT coalesce(max(seq), 0) FROM log", [], |row| row.get(0))
        .map_err(failed)?;
    Ok(Some((name, unsigned(head))))
}

/// What reading needs, whether or not it may also write.
trait Access {
    fn connection(&self) -> &Connection;
}

struct Reader<'a> {
    store: &'a SqliteStore,
    /// Always there until it is dropped.
    connection: Option<Connection>,
}

impl Access for Reader<'_> {
    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("a reader has its connection until it is dropped")
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if connection.execute_batch("ROLLBACK").is_err() {
            return;
        }
        let mut readers = lock(&self.store.readers);
        if readers.len() < READERS_KEPT {
            readers.push(connection);
        }
    }
}

struct Writer<'a> {
    columns: &'a Columns,
    connection: MutexGuard<'a, Connection>,
    committed: bool,
}

impl Access for Writer<'_> {
    fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if !self.committed {
            // When this fails SQLite has rolled back by itself.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
    }
}

/// Translates a database error, once.
fn failed(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy(Box::new(error))
        }
        Some(ErrorCode::DiskFull) => StoreError::Full(Box::new(error)),
        Some(ErrorCode::NotADatabase) => StoreError::NotATenant,
        _ => StoreError::Failed(Box::new(error)),
    }
}

/// Places in the log and counts are never negative.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Numbers that SQLite cannot hold are capped; the gate lets none through.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::{Made, conformance};

    fn make() -> Made {
        let folder = tempfile::TempDir::new().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db"), &Schema::crm()).unwrap();
        Made { store: Box::new(store), _needs: Box::new(folder) }
    }

    conformance!(make;
        an_empty_store_is_empty,
        single_values_are_set_and_set_again,
        the_log_is_read_back_as_it_was_appended,
        a_place_in_the_log_is_taken_once,
        documents_are_replaced_and_listed_in_order,
        records_know_their_place_and_their_children,
        scopes_are_versioned_by_the_log,
        a_users_scopes_are_versioned_by_the_log,
        large_documents_are_read_a_few_at_a_time,
        a_scope_opened_again_at_the_same_place_is_open,
        the_log_is_read_through_a_users_eyes,
        conflicts_open_and_close,
        devices_and_their_progress_are_kept,
        credentials_are_one_per_user,
        an_intent_has_one_final_verdict,
        refusals_are_remembered,
        a_device_has_a_share_of_what_was_refused,
        the_quarantine_takes_the_same_once,
        handed_back_envelopes_wait_in_the_order_of_the_lost_log,
        rows_for_the_pipeline_are_written_over,
        what_is_not_committed_leaves_nothing,
        a_reader_never_sees_a_commit_in_flight,
        many_readers_read_at_once,
        writers_wait_for_each_other,
    );
}
