//! Brings a file to the newest version, and refuses what a newer server wrote.

use rusqlite::{Connection, TransactionBehavior};

use super::failed;
use crate::store::{StoreError, StoreResult};

/// Marks the file as ours: "RBsv".
const APPLICATION_ID: i64 = 0x5242_7376;

/// All migrations, in order; the number of a migration is its place, from 1.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_tenant.sql"),
    include_str!("../../../migrations/0002_raw_changes.sql"),
    include_str!("../../../migrations/0003_relayed.sql"),
    include_str!("../../../migrations/0004_quarantine_settled.sql"),
    include_str!("../../../migrations/0005_refused_share.sql"),
];

/// The newest version that this build knows.
#[expect(clippy::cast_possible_truncation, reason = "a handful of migrations")]
pub(super) const NEWEST: u32 = MIGRATIONS.len() as u32;

/// Runs what is missing, each in a transaction of its own.
pub(super) fn run(connection: &mut Connection) -> StoreResult<()> {
    let found = version(connection)?;
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(failed)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(failed)?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(StoreError::NotATenant);
    }
    if found > NEWEST {
        return Err(StoreError::Newer { found, known: NEWEST });
    }
    for (number, sql) in (1_u32..).zip(MIGRATIONS) {
        let behavior = TransactionBehavior::Immediate;
        let transaction = connection.transaction_with_behavior(behavior).map_err(failed)?;
        // Asked again inside: another process may have been faster.
        if version(&transaction)? < number {
            transaction.execute_batch(sql).map_err(failed)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
            transaction.pragma_update(None, "user_version", number).map_err(failed)?;
            transaction.commit().map_err(failed)?;
        }
    }
    Ok(())
}

/// Says whether a file is a tenant's.
pub(super) fn is_ours(connection: &Connection) -> StoreResult<bool> {
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(failed)?;
    Ok(application == APPLICATION_ID)
}

fn version(connection: &Connection) -> StoreResult<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_a_newer_server_is_refused_and_says_so() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", NEWEST + 1).unwrap();
        let error = run(&mut connection).unwrap_err();
        assert!(matches!(error, StoreError::Newer { .. }), "{error}");
        assert!(error.to_string().contains("newer server"), "{error}");
    }

    #[test]
    fn another_programs_database_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
        assert!(matches!(run(&mut connection), Err(StoreError::NotATenant)));
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 1, "nothing was added");
    }

    #[test]
    fn running_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        run(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), NEWEST);
    }
}
