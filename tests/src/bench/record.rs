//! Records which rows a program writes, and writes the same rows again with plain SQL.
//!
//! Triggers of the bench note every row that is written into a copy of the program's database;
//! the program runs as ever. What they noted becomes prepared statements for a bare database, so
//! that a baseline writes the same bytes into the same tables, indices included. Virtual tables
//! have no triggers: who records a search index adds its statements.

use anyhow::{Context as _, Result, ensure};
use rusqlite::types::{ToSqlOutput, Value as Sql, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use serde::{Deserialize, Serialize};

/// Where the triggers note rows.
const NOTES: &str = "bench_rows";

/// A value of a row, in a form that can be handed to another process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<Sql> for Cell {
    fn from(value: Sql) -> Self {
        match value {
            Sql::Null => Self::Null,
            Sql::Integer(number) => Self::Integer(number),
            Sql::Real(number) => Self::Real(number),
            Sql::Text(text) => Self::Text(text),
            Sql::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A table, its columns and which of them are its key.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<String>,
    key: Vec<usize>,
}

/// What happened to a row.
#[derive(Debug, Clone)]
pub enum Change {
    /// It was written; in place of a row with the same key, if there was one.
    Inserted(Vec<Cell>),
    /// It was changed, from and to.
    Updated(Vec<Cell>, Vec<Cell>),
    /// It was removed.
    Deleted(Vec<Cell>),
}

/// One row that was written.
#[derive(Debug, Clone)]
pub struct Noted {
    /// Its place in the order of all.
    pub at: i64,
    /// Its table, as a place in [`Notes::tables`].
    pub table: usize,
    /// What happened.
    pub change: Change,
}

/// All rows that were written, in order.
#[derive(Debug)]
pub struct Notes {
    /// The tables.
    pub tables: Vec<Table>,
    /// The rows.
    pub rows: Vec<Noted>,
}

/// A plain statement and what it binds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Write {
    /// The statement.
    pub sql: String,
    /// What it binds.
    pub bound: Vec<Cell>,
}

impl Write {
    /// Carries it out, prepared once per text.
    ///
    /// # Errors
    /// If the database refuses it.
    pub fn run(&self, connection: &Connection) -> Result<()> {
        connection.prepare_cached(&self.sql)?.execute(params_from_iter(&self.bound))?;
        Ok(())
    }
}

impl Table {
    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name.trim_matches('"') == column)
    }

    /// A row's value in a column.
    #[must_use]
    pub fn cell<'c>(&self, row: &'c [Cell], column: &str) -> &'c Cell {
        self.place(column).and_then(|place| row.get(place)).unwrap_or(&Cell::Null)
    }

    /// The plain statement that does the same. An update writes the columns that changed.
    #[must_use]
    pub fn write(&self, change: &Change) -> Write {
        let name = &self.name;
        match change {
            Change::Inserted(row) => Write {
                sql: format!(
                    "INSERT OR REPLACE INTO {name} ({}) VALUES ({})",
                    self.columns.join(", "),
                    vec!["?"; row.len()].join(", ")
                ),
                bound: row.clone(),
            },
            Change::Updated(from, to) => {
                let changed: Vec<usize> =
                    (0..self.columns.len()).filter(|place| from[*place] != to[*place]).collect();
                // A row that was written as it was is written as it was.
                let changed = if changed.is_empty() { self.key.clone() } else { changed };
                let sets = self.terms(&changed, ", ");
                let mut bound: Vec<Cell> = changed.iter().map(|at| to[*at].clone()).collect();
                bound.extend(self.key.iter().map(|at| from[*at].clone()));
                let sql = format!("UPDATE {name} SET {sets} WHERE {}", self.terms(&self.key, AND));
                Write { sql, bound }
            }
            Change::Deleted(row) => Write {
                sql: format!("DELETE FROM {name} WHERE {}", self.terms(&self.key, AND)),
                bound: self.key.iter().map(|place| row[*place].clone()).collect(),
            },
        }
    }

    fn terms(&self, places: &[usize], between: &str) -> String {
        let terms: Vec<String> =
            places.iter().map(|place| format!("{} = ?", self.columns[*place])).collect();
        terms.join(between)
    }
}

const AND: &str = " AND ";

/// The ordinary tables of a database: no virtual ones, and none that belong to them.
fn tables(connection: &Connection) -> Result<Vec<Table>> {
    let names: Vec<String> = connection
        .prepare(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?1 ORDER BY name",
        )?
        .query_map([NOTES], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    names
        .into_iter()
        .map(|name| {
            let mut columns = Vec::new();
            let mut key = Vec::new();
            let mut statement =
                connection.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?;
            let mut rows = statement.query([&name])?;
            while let Some(row) = rows.next()? {
                if row.get::<_, i64>(1)? > 0 {
                    key.push(columns.len());
                }
                columns.push(format!("\"{}\"", row.get::<_, String>(0)?));
            }
            ensure!(!key.is_empty(), "the table {name} has no key to find its rows by");
            Ok(Table { name: format!("\"{name}\""), columns, key })
        })
        .collect()
}

/// Makes the triggers that note every row written from now on.
///
/// # Errors
/// If the database refuses them.
pub fn start(connection: &Connection) -> Result<()> {
    let tables = tables(connection)?;
    let width = tables.iter().map(|table| table.columns.len()).max().unwrap_or(0);
    let places = |prefix: &str, count: usize| {
        (0..count).map(|n| format!(", {prefix}{n}")).collect::<String>()
    };
    connection.execute_batch(&format!(
        "CREATE TABLE {NOTES} (at INTEGER PRIMARY KEY, place INTEGER NOT NULL{}{})",
        places("old", width),
        places("new", width)
    ))?;
    for (place, table) in tables.iter().enumerate() {
        let count = table.columns.len();
        let values = |of: &str| {
            table.columns.iter().map(|column| format!(", {of}.{column}")).collect::<String>()
        };
        let (old, new) = (places("old", count), places("new", count));
        let kinds = [
            ("INSERT", new.clone(), values("NEW")),
            ("UPDATE", format!("{old}{new}"), format!("{}{}", values("OLD"), values("NEW"))),
            ("DELETE", old, values("OLD")),
        ];
        for (kind, into, values) in kinds {
            // The kind stands in the place: three for each table.
            let code = place * KINDS + kind_code(kind);
            connection.execute_batch(&format!(
                "CREATE TRIGGER bench_{kind}_{place} AFTER {kind} ON {} BEGIN
                     INSERT INTO {NOTES} (place{into}) VALUES ({code}{values});
                 END",
                table.name
            ))?;
        }
    }
    Ok(())
}

const KINDS: usize = 3;

fn kind_code(kind: &str) -> usize {
    ["INSERT", "UPDATE", "DELETE"].iter().position(|name| *name == kind).unwrap_or(0)
}

/// The place of the last row that was noted.
///
/// # Errors
/// If the database cannot be read.
pub fn last(connection: &Connection) -> Result<i64> {
    let sql = format!("SELECT coalesce(max(at), 0) FROM {NOTES}");
    Ok(connection.query_row(&sql, [], |row| row.get(0))?)
}

/// Reads what was noted.
///
/// # Errors
/// If the database cannot be read.
pub fn read(connection: &Connection) -> Result<Notes> {
    let tables = tables(connection)?;
    let width = tables.iter().map(|table| table.columns.len()).max().unwrap_or(0);
    let mut statement = connection.prepare(&format!("SELECT * FROM {NOTES} ORDER BY at"))?;
    let mut found = statement.query([])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let code: usize = row.get(1)?;
        let table = code / KINDS;
        let count = tables.get(table).context("a noted table is there")?.columns.len();
        let cells = |from: usize| -> Result<Vec<Cell>> {
            (from..from + count).map(|at| Ok(row.get::<_, Sql>(at)?.into())).collect()
        };
        let change = match code % KINDS {
            0 => Change::Inserted(cells(2 + width)?),
            1 => Change::Updated(cells(2)?, cells(2 + width)?),
            _ => Change::Deleted(cells(2)?),
        };
        rows.push(Noted { at: row.get(0)?, table, change });
    }
    Ok(Notes { tables, rows })
}

/// Compares two databases, row by row: all tables but `except`, those inside virtual tables too.
///
/// # Errors
/// Names the first table that differs.
pub fn ensure_same(one: &Connection, other: &Connection, except: &[&str]) -> Result<()> {
    let names: Vec<String> = one
        .prepare(
            "SELECT name FROM pragma_table_list WHERE schema = 'main'
             AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             ORDER BY name",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for name in names.iter().filter(|name| !except.contains(&name.as_str())) {
        let sql = format!("SELECT * FROM \"{name}\"");
        let (mut one, mut other) = (one.prepare(&sql)?, other.prepare(&sql)?);
        let width = one.column_count();
        let (mut ours, mut theirs) = (one.query([])?, other.query([])?);
        let mut n = 0_u64;
        loop {
            let (left, right) = (ours.next()?, theirs.next()?);
            let (Some(left), Some(right)) = (left, right) else {
                ensure!(left.is_none() && right.is_none(), "{name} has more rows in one database");
                break;
            };
            for at in 0..width {
                let same = left.get_ref(at)? == right.get_ref(at)?;
                ensure!(same, "row {n} of {name} differs in column {at}");
            }
            n += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = "
        CREATE TABLE plain (number INTEGER PRIMARY KEY, \"text\" TEXT, bytes BLOB);
        CREATE TABLE paired (a INTEGER, b TEXT, c REAL, PRIMARY KEY (a, b)) WITHOUT ROWID;
        INSERT INTO plain VALUES (1, 'one', x'01');
        INSERT INTO paired VALUES (1, 'b', 0.5);";

    fn database() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        connection
    }

    #[test]
    fn what_was_noted_and_written_again_gives_the_same_rows() {
        let recorded = database();
        start(&recorded).unwrap();
        recorded
            .execute_batch(
                "INSERT INTO plain VALUES (2, 'two', x'0202');
                 UPDATE plain SET \"text\" = 'eins' WHERE number = 1;
                 INSERT OR REPLACE INTO paired VALUES (1, 'b', 1.5);
                 INSERT INTO paired VALUES (2, 'c', NULL);
                 UPDATE paired SET a = 3 WHERE a = 2;
                 DELETE FROM plain WHERE number = 2;",
            )
            .unwrap();
        let notes = read(&recorded).unwrap();
        assert_eq!(notes.rows.len(), 6);
        assert_eq!(last(&recorded).unwrap(), 6);
        let bare = database();
        assert!(ensure_same(&recorded, &bare, &[NOTES]).is_err(), "they differ before");
        for noted in &notes.rows {
            notes.tables[noted.table].write(&noted.change).run(&bare).unwrap();
        }
        ensure_same(&recorded, &bare, &[NOTES]).unwrap();
    }

    #[test]
    fn an_update_writes_only_what_changed() {
        let recorded = database();
        start(&recorded).unwrap();
        recorded.execute_batch("UPDATE plain SET bytes = x'FF' WHERE number = 1").unwrap();
        let notes = read(&recorded).unwrap();
        let write = notes.tables[notes.rows[0].table].write(&notes.rows[0].change);
        assert_eq!(write.sql, "UPDATE \"plain\" SET \"bytes\" = ? WHERE \"number\" = ?");
        assert_eq!(write.bound, [Cell::Blob(vec![0xFF]), Cell::Integer(1)]);
    }
}
