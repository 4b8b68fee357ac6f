//! A bare SQLCipher connection: a device's database file, opened with the settings that the device
//! opens it with, and nothing of ours in between.

use std::path::Path;

use anyhow::Result;
use roadbook_replica::Entropy as _;
use rusqlite::{Connection, OpenFlags};

use super::device::Counting;

/// The key of every bench device: what its randomness gives after the secret that it signs with.
fn key() -> String {
    let mut entropy = Counting(1);
    let (mut signing, mut key) = ([0; 32], [0; 32]);
    entropy.fill(&mut signing);
    entropy.fill(&mut key);
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Opens the database of a bench device that is closed. `synchronous` as SQLite names it.
///
/// # Errors
/// If the file is not one, or another connection has it.
pub fn open(path: &Path, synchronous: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(256);
    // As `roadbook_replica` sets them. Page size, cipher, secure deletion in the search index and
    // all tables are the file's own.
    connection.execute_batch(&format!(
        "PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{}'\"; PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};
         PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -32000; PRAGMA journal_size_limit = 16777216;",
        key()
    ))?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}
