//! `intent`: a local intent against a bare SQLCipher transaction that writes the same rows and the
//! same search entries.

use anyhow::Result;
use roadbook_replica::Durability;
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::device::{Device, edit_next_step, id, make_opportunity, name, tag};
use super::measure::{Figure, Sample, Samples, interleave, round};

/// Opportunities that the edits go round.
const RECORDS: u64 = 2_000;
/// Opportunities that are in hand: what a rep works on in one sitting.
const WORKED_ON: u64 = 50;
/// Edits per round.
const EDITS: u32 = 200;
const ROUNDS: u32 = 15;

/// Runs the bench.
///
/// # Errors
/// If a database fails.
pub fn run(print: &mut dyn FnMut(&Figure)) -> Result<()> {
    for (durability, synchronous) in [(Durability::Normal, "NORMAL"), (Durability::Full, "FULL")] {
        let mut device = Device::new(durability)?;
        for n in 0..RECORDS {
            device.commit(&make_opportunity(n))?;
        }
        let mut bare = Bare::new(synchronous)?;
        let mut each = Samples::default();
        let (mut failed, mut bare_failed) = (None, None);
        let mut edit = 0_u64;
        let (ours, baseline) = interleave(
            ROUNDS,
            |_| {
                round(EDITS, || {
                    for _ in 0..EDITS {
                        let (sample, done) = round(1, || device.commit(&next(edit)));
                        failed = failed.take().or(done.err());
                        each.push(sample);
                        edit += 1;
                    }
                })
                .0
            },
            |_| {
                let sample = bare.round();
                sample.unwrap_or_else(|error| {
                    bare_failed = Some(error);
                    Sample::default()
                })
            },
        );
        if let Some(error) = failed.or(bare_failed) {
            return Err(error);
        }
        let figure = |what: &str, value| {
            Figure::new("intent", format!("{what}, synchronous={synchronous}"), value, "us")
        };
        print(
            &figure("CPU of a local intent, median", ours.cpu_us(50.0))
                .against(baseline.cpu_us(50.0))
                .aim(2.0 * baseline.cpu_us(50.0)),
        );
        for percentile in [50.0, 95.0, 99.0] {
            print(&figure(
                &format!("wall of a local intent, p{percentile:.0}"),
                each.wall_us(percentile),
            ));
        }
    }
    Ok(())
}

/// The `n`-th edit: the same text is never written twice in a row to a record.
fn next(n: u64) -> roadbook_domain::Intent {
    let record = n % WORKED_ON;
    let turn = n / WORKED_ON;
    let text = |turn: u64| match turn {
        0 => "Call the buyer".to_owned(),
        turn => format!("Visit again, step {turn}"),
    };
    edit_next_step(record, &text(turn), &text(turn + 1))
}

/// The baseline: the rows that an edit of one field writes, and nothing else.
struct Bare {
    connection: Connection,
    n: i64,
    edits: usize,
    /// Where each record that is worked on stands in the search index.
    places: Vec<i64>,
    _dir: TempDir,
}

/// The tables that one edit touches, as the device has them.
const TABLES: &str = "
    CREATE TABLE pending (
        number INTEGER PRIMARY KEY, intent BLOB NOT NULL UNIQUE, clock INTEGER NOT NULL,
        envelope BLOB NOT NULL, state INTEGER NOT NULL, seq INTEGER, waits_for BLOB
    ) STRICT;
    CREATE TABLE pending_parts (
        document INTEGER NOT NULL, number INTEGER NOT NULL, change BLOB NOT NULL,
        bytes BLOB NOT NULL, PRIMARY KEY (document, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE row_opportunities (
        row_number INTEGER PRIMARY KEY, row_record BLOB NOT NULL, row_alive INTEGER NOT NULL,
        row_closed INTEGER NOT NULL, row_updated INTEGER NOT NULL, row_disputed TEXT,
        row_saved INTEGER NOT NULL, row_search INTEGER, name TEXT, account BLOB, stage TEXT,
        amount INTEGER, currency TEXT, next_step TEXT, owner BLOB, territory BLOB, tags TEXT
    );
    CREATE INDEX newest ON row_opportunities (row_alive, row_updated);
    CREATE INDEX by_owner ON row_opportunities (owner, row_alive, row_closed, row_updated);
    CREATE VIRTUAL TABLE search USING fts5(
        words, content = '', columnsize = 0, detail = 'none', prefix = '2 3',
        tokenize = 'unicode61 remove_diacritics 2'
    );
    INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
    CREATE TABLE search_rows (
        place INTEGER PRIMARY KEY, number INTEGER NOT NULL, entity INTEGER NOT NULL
    ) STRICT;";

/// Bytes of an envelope that edits one field, as stored: an estimate, not read from a device.
const ENVELOPE_BYTES: usize = 330;
/// Bytes of its change: an estimate, too.
const CHANGE_BYTES: usize = 160;

impl Bare {
    fn new(synchronous: &str) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let connection = Connection::open(dir.path().join("bare.db"))?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.execute_batch(&format!(
            "PRAGMA key = \"x'{}'\"; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
             PRAGMA synchronous = {synchronous}; PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON; PRAGMA cache_size = -32000;
             PRAGMA journal_size_limit = 16777216; {TABLES}",
            "42".repeat(32)
        ))?;
        let places = (0..i64::try_from(WORKED_ON)?).collect();
        let mut bare = Self { connection, n: 0, edits: 0, places, _dir: dir };
        for record in 0..usize::try_from(RECORDS)? {
            bare.make(record)?;
        }
        Ok(bare)
    }

    fn words(record: usize, turn: usize) -> String {
        let n = u64::try_from(record).unwrap_or(0);
        match turn {
            0 => format!("{}\nCall the buyer\n{}\n", name(n), tag(n)),
            turn => format!("{}\nVisit again, step {turn}\n{}\n", name(n), tag(n)),
        }
    }

    fn make(&mut self, record: usize) -> Result<()> {
        let place = i64::try_from(record)?;
        let transaction = self.connection.unchecked_transaction()?;
        transaction
            .prepare_cached(
                "INSERT INTO row_opportunities VALUES
                 (?1, ?2, 1, 0, ?1, NULL, 1, ?1, ?3, ?2, 'Prospecting', 5, 'EUR', 'Call', ?2, ?2, 'hot')",
            )?
            .execute(params![record, [7_u8; 16], format!("Acme Renewal {record}")])?;
        Self::index(&transaction, place, record, 0)?;
        transaction.commit()?;
        self.n = self.n.max(place);
        Ok(())
    }

    fn index(connection: &Connection, place: i64, record: usize, turn: usize) -> Result<()> {
        connection
            .prepare_cached("INSERT INTO search (rowid, words) VALUES (?1, ?2)")?
            .execute(params![place, Self::words(record, turn)])?;
        connection
            .prepare_cached("INSERT INTO search_rows (place, number, entity) VALUES (?1, ?2, 3)")?
            .execute(params![place, record])?;
        Ok(())
    }

    /// One edit: two inserts of pending work, the search entry out and in again, the row.
    fn edit(&mut self) -> Result<()> {
        let record = self.edits % self.places.len();
        let turn = self.edits / self.places.len();
        let place = self.places[record];
        self.edits += 1;
        self.n += 1;
        let n = self.n;
        let transaction = self.connection.unchecked_transaction()?;
        let intent = id(7, n.unsigned_abs());
        transaction
            .prepare_cached(
                "INSERT INTO pending (number, intent, clock, envelope, state)
                 VALUES (?1, ?2, ?1, ?3, 0)",
            )?
            .execute(params![n, intent.as_bytes(), [0xA5_u8; ENVELOPE_BYTES].as_slice()])?;
        transaction
            .prepare_cached(
                "INSERT INTO pending_parts (document, number, change, bytes)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![record, n, [0x5A_u8; 32], [0xA5_u8; CHANGE_BYTES].as_slice()])?;
        transaction
            .prepare_cached("INSERT INTO search (search, rowid, words) VALUES ('delete', ?1, ?2)")?
            .execute(params![place, Self::words(record, turn)])?;
        transaction.prepare_cached("DELETE FROM search_rows WHERE place = ?1")?.execute([place])?;
        Self::index(&transaction, n, record, turn + 1)?;
        transaction
            .prepare_cached(
                "UPDATE row_opportunities SET row_updated = ?1, row_search = ?1, next_step = ?2
                 WHERE row_number = ?3",
            )?
            .execute(params![n, format!("Visit again, step {turn}"), record])?;
        transaction.commit()?;
        self.places[record] = n;
        Ok(())
    }

    /// As many edits as a round of ours, on as many records.
    fn round(&mut self) -> Result<Sample> {
        let mut done = Ok(());
        let (sample, ()) = round(EDITS, || {
            for _ in 0..EDITS {
                done = self.edit();
                if done.is_err() {
                    return;
                }
            }
        });
        done.map(|()| sample)
    }
}
