//! The encrypted database: opening, settings, migrations (D9).
//!
//! One connection, which holds the file for itself: what is kept in memory beside it stays true.
//! A database that a newer version wrote is refused, never touched.

mod meta;

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::OpenError;
use crate::key::RawKey;
use crate::settings::{Durability, Settings};
pub(crate) use meta::{Meta, SyncState};

/// The numbered migrations, in order. Never edited once landed; the next one is appended.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_device.sql"),
    include_str!("../../migrations/0002_sent.sql"),
    include_str!("../../migrations/0003_faces.sql"),
    include_str!("../../migrations/0004_handed_back.sql"),
    include_str!("../../migrations/0005_planning.sql"),
    include_str!("../../migrations/0006_history_by_place.sql"),
];

/// The version of the tables that this build writes.
#[allow(clippy::cast_possible_truncation, reason = "a handful of migrations")]
pub(crate) const VERSION: u32 = MIGRATIONS.len() as u32;

/// How long to wait for another program that has the file.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(3);

const STATEMENTS: usize = 256;

/// Whether the file may be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Create,
    Open,
}

/// How often, and after what pause, the encryption is asked for while another thread sets it up.
const CIPHER_TRIES: u32 = 2_000;
const CIPHER_PAUSE: Duration = Duration::from_millis(1);

/// Waits until the encryption of this process is set up.
///
/// SQLite calls itself initialised before it sets SQLCipher up (`sqlite3_initialize` sets `isInit`,
/// and calls `SQLITE_EXTRA_INIT` then), so a key is refused while another thread is just opening the
/// first connection of the process, whatever that one is for.
fn wait_for_cipher() {
    static READY: Once = Once::new();
    READY.call_once(|| {
        for _ in 0..CIPHER_TRIES {
            if takes_keys() {
                return;
            }
            std::thread::sleep(CIPHER_PAUSE);
        }
    });
}

fn takes_keys() -> bool {
    let keyed = "PRAGMA cipher_log_level = NONE; PRAGMA key = 'any';";
    Connection::open_in_memory().and_then(|memory| memory.execute_batch(keyed)).is_ok()
}

/// Opens the database file and brings its durable tables up to date.
pub(crate) fn open(
    path: &Path,
    key: &RawKey,
    settings: &Settings,
    mode: Mode,
) -> Result<Connection, OpenError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if mode == Mode::Create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let failed = |error: rusqlite::Error| explain(path, error);
    wait_for_cipher();
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(WAIT_FOR_OTHERS).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let pragmas = zeroize::Zeroizing::new(format!(
        "PRAGMA cipher_log_level = NONE;
         PRAGMA key = \"x'{}'\";
         PRAGMA locking_mode = EXCLUSIVE;",
        crate::hex::write(key.as_slice())
    ));
    connection.execute_batch(&pragmas).map_err(failed)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(failed)?;
    let synchronous = match settings.durability {
        Durability::Normal => "NORMAL",
        Durability::Full => "FULL",
    };
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = {synchronous};
             PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -{};
             PRAGMA journal_size_limit = 16777216;",
            settings.page_cache_kib
        ))
        .map_err(failed)?;
    migrate(&mut connection, path)?;
    if let Some(max_kib) = settings.database_max_kib {
        limit(&connection, max_kib).map_err(failed)?;
    }
    Ok(connection)
}

/// Lets the file grow no further than this; what is there already stays.
fn limit(connection: &Connection, max_kib: u32) -> rusqlite::Result<()> {
    let page_bytes: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = max_kib.saturating_mul(1024).max(page_bytes) / page_bytes.max(1);
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| explain(path, error);
    let found: u32 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    if found > VERSION {
        return Err(OpenError::Newer { found, known: VERSION });
    }
    for (version, sql) in (1_u32..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        let transaction = connection.transaction().map_err(failed)?;
        transaction.execute_batch(sql).map_err(failed)?;
        transaction.pragma_update(None, "user_version", version).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        tracing::info!(version, "device database migrated");
    }
    Ok(())
}

fn explain(path: &Path, error: rusqlite::Error) -> OpenError {
    let dir = || path.parent().unwrap_or(path).to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::WrongKey,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse(dir()),
        Some(ErrorCode::CannotOpen) => OpenError::NotFound(dir()),
        Some(_) | None => OpenError::Store(error.into()),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod upgrade_tests;
