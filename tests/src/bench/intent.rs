//! `intent`: a local intent against a bare SQLCipher transaction that writes the same rows and the
//! same search entries.
//!
//! A twin of the measured device makes all the edits first, and every row that it writes is noted.
//! The baseline is a copy of the device's database, with its tables, indices and search index, into
//! which plain prepared statements write just those rows, one transaction per edit. At the end both
//! databases are compared row by row, the search index's own tables included: the bench fails if
//! the baseline wrote anything else than the device.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use roadbook_domain::{Entity, EntityDef, Schema};
use roadbook_replica::Durability;
use rusqlite::Connection;

use super::bare;
use super::device::{Closed, Device, edit_next_step, make_opportunity};
use super::measure::{Figure, Samples, interleave, round};
use super::record::{self, Cell, Change, Noted, Notes, Table, Write};

/// Opportunities that are in hand: what a rep works on in one sitting.
const WORKED_ON: u64 = 50;

/// How much is done.
#[derive(Debug, Clone, Copy)]
struct Extent {
    /// Opportunities that are there.
    records: u64,
    /// Edits per round.
    edits: u32,
    rounds: u32,
}

const WHOLE: Extent = Extent { records: 2_000, edits: 200, rounds: 15 };

/// Runs the bench.
///
/// # Errors
/// If a database fails, or the baseline does not write what the device writes.
pub fn run(print: &mut dyn FnMut(&Figure)) -> Result<()> {
    for (durability, synchronous) in [(Durability::Normal, "NORMAL"), (Durability::Full, "FULL")] {
        measure(WHOLE, durability, synchronous, print)?;
    }
    Ok(())
}

fn measure(
    extent: Extent,
    durability: Durability,
    synchronous: &str,
    print: &mut dyn FnMut(&Figure),
) -> Result<()> {
    let mut device = Device::new(durability)?;
    for n in 0..extent.records {
        device.commit(&make_opportunity(n))?;
    }
    let device = device.close();
    let copy = device.copy()?;
    let transactions = written(extent, device.copy()?, durability, synchronous)?;
    let mut device = device.open(durability)?;
    let bare = bare::open(&copy.database(), synchronous)?;
    let mut left = transactions.iter();
    let mut each = Samples::default();
    let (mut failed, mut bare_failed) = (None, None);
    let mut edit = 0_u64;
    let edits = extent.edits;
    let (ours, baseline) = interleave(
        extent.rounds,
        |_| {
            round(edits, || {
                for _ in 0..edits {
                    let (sample, done) = round(1, || device.commit(&next(edit)));
                    failed = failed.take().or(done.err());
                    each.push(sample);
                    edit += 1;
                }
            })
            .0
        },
        |_| {
            let (sample, done) = round(edits, || {
                left.by_ref()
                    .take(usize::try_from(edits)?)
                    .try_for_each(|writes| transaction(&bare, writes))
            });
            bare_failed = bare_failed.take().or(done.err());
            sample
        },
    );
    if let Some(error) = failed.or(bare_failed) {
        return Err(error);
    }
    drop(bare);
    ensure_equal(&device.close(), &copy, synchronous)?;
    let figure = |what: &str, value| {
        Figure::new("intent", format!("{what}, synchronous={synchronous}"), value, "us")
    };
    print(
        &figure("CPU of a local intent, median", ours.cpu_us(50.0))
            .against(baseline.cpu_us(50.0))
            .aim(2.0 * baseline.cpu_us(50.0)),
    );
    for percentile in [50.0, 95.0, 99.0] {
        let what = format!("wall of a local intent, p{percentile:.0}");
        print(&figure(&what, each.wall_us(percentile)));
    }
    let of_rounds = figure("wall of a local intent, median of rounds", ours.wall_us(50.0));
    print(&of_rounds.against(baseline.wall_us(50.0)));
    Ok(())
}

fn transaction(bare: &Connection, writes: &[Write]) -> Result<()> {
    let transaction = bare.unchecked_transaction()?;
    writes.iter().try_for_each(|write| write.run(&transaction))?;
    Ok(transaction.commit()?)
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

/// What each edit writes, as a twin of the device wrote it.
fn written(
    extent: Extent,
    twin: Closed,
    durability: Durability,
    synchronous: &str,
) -> Result<Vec<Vec<Write>>> {
    let schema = Schema::crm();
    let mut index = {
        let connection = bare::open(&twin.database(), synchronous)?;
        record::start(&connection)?;
        Index::of(&connection, schema.entity(Entity::Opportunity))?
    };
    let mut device = twin.open(durability)?;
    let edits = extent.rounds * extent.edits;
    for n in 0..u64::from(edits) {
        device.commit(&next(n))?;
    }
    let twin = device.close();
    let notes = record::read(&bare::open(&twin.database(), synchronous)?)?;
    let mut transactions: Vec<Vec<Noted>> = Vec::new();
    for noted in &notes.rows {
        // The envelope is the first thing that an edit writes.
        let first = matches!(noted.change, Change::Inserted(_))
            && notes.tables[noted.table].name == "\"pending\"";
        if first {
            transactions.push(Vec::new());
        }
        transactions.last_mut().context("an edit begins with its envelope")?.push(noted.clone());
    }
    ensure!(transactions.len() == usize::try_from(edits)?, "each edit is one transaction");
    transactions.iter().map(|rows| index.writes(&notes, rows)).collect()
}

/// The words that the search index has of each record. Its statements are no rows of a table.
struct Index<'s> {
    def: &'s EntityDef,
    words: BTreeMap<i64, String>,
}

impl<'s> Index<'s> {
    fn of(connection: &Connection, def: &'s EntityDef) -> Result<Self> {
        let searched: Vec<_> = def.fields.iter().filter(|field| field.searched).collect();
        let columns: Vec<String> =
            searched.iter().map(|field| format!("\"{}\"", field.name)).collect();
        let sql = format!("SELECT row_number, {} FROM row_opportunities", columns.join(", "));
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let mut words = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let mut of_record = String::new();
            for at in 1..=searched.len() {
                let cell: rusqlite::types::Value = row.get(at)?;
                add_words(&cell.into(), &mut of_record)?;
            }
            words.insert(row.get(0)?, of_record);
        }
        Ok(Self { def, words })
    }

    /// The statements of one transaction: its rows, and the search entries that go with them.
    fn writes(&mut self, notes: &Notes, rows: &[Noted]) -> Result<Vec<Write>> {
        let mut after = BTreeMap::new();
        for noted in rows {
            let table = &notes.tables[noted.table];
            if let (true, Change::Updated(_, row)) = (is(table, "row_opportunities"), &noted.change)
            {
                let mut words = String::new();
                for field in self.def.fields.iter().filter(|field| field.searched) {
                    add_words(table.cell(row, field.name), &mut words)?;
                }
                after.insert(integer(table.cell(row, "row_number"))?, words);
            }
        }
        let mut out = Vec::new();
        for noted in rows {
            let table = &notes.tables[noted.table];
            if is(table, "search_rows") {
                out.push(match &noted.change {
                    Change::Deleted(row) => entry(
                        "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)",
                        table,
                        row,
                        &self.words,
                    )?,
                    Change::Inserted(row) => entry(
                        "INSERT INTO search (rowid, words) VALUES (?, ?)",
                        table,
                        row,
                        &after,
                    )?,
                    Change::Updated(..) => anyhow::bail!("a place in the index is never reused"),
                });
            }
            out.push(table.write(&noted.change));
        }
        self.words.extend(after);
        Ok(out)
    }
}

fn entry(sql: &str, table: &Table, row: &[Cell], of: &BTreeMap<i64, String>) -> Result<Write> {
    let record = integer(table.cell(row, "number"))?;
    let words = of.get(&record).context("an indexed record has words")?;
    let bound = vec![table.cell(row, "place").clone(), Cell::Text(words.clone())];
    Ok(Write { sql: sql.to_owned(), bound })
}

fn is(table: &Table, name: &str) -> bool {
    table.name.trim_matches('"') == name
}

fn integer(cell: &Cell) -> Result<i64> {
    let Cell::Integer(number) = cell else { anyhow::bail!("{cell:?} is no number") };
    Ok(*number)
}

/// The words of a searched field: a text, or the members of a set.
fn add_words(cell: &Cell, out: &mut String) -> Result<()> {
    if let Cell::Text(text) = cell {
        let members = text.starts_with('[').then(|| serde_json::from_str::<Vec<String>>(text));
        for word in members.transpose()?.unwrap_or_else(|| vec![text.clone()]) {
            out.push_str(&word);
            out.push('\n');
        }
    }
    Ok(())
}

/// The baseline wrote what the device wrote, no less and no more.
fn ensure_equal(device: &Closed, copy: &Closed, synchronous: &str) -> Result<()> {
    let (ours, theirs) =
        (bare::open(&device.database(), synchronous)?, bare::open(&copy.database(), synchronous)?);
    record::ensure_same(&ours, &theirs, &[]).context("the baseline writes something else")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_writes_what_the_device_writes() {
        let mut figures = Vec::new();
        let extent = Extent { records: 60, edits: 60, rounds: 2 };
        let mut keep = |figure: &Figure| figures.push(figure.clone());
        measure(extent, Durability::Normal, "NORMAL", &mut keep).unwrap();
        assert!(figures.iter().any(|figure| figure.ratio.is_some()), "a baseline is beside it");
    }
}
