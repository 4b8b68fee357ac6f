//! `lists`: opening a device of 50,000 records to the first 50 rows of "my open opportunities",
//! and search as you type over 250,000 indexed rows.
//!
//! The baselines are plain SQL on a copy of the device's database: a bare SQLCipher open with the
//! raw key and the statement for the 50 rows; a bare FTS5 query that fetches the rows that it
//! finds. Both read every column, and both must find what the device finds.

use anyhow::{Context as _, Result, ensure};
use roadbook_domain::{Entity, Schema, Value};
use roadbook_replica::{Closed as Which, Comparison, Durability, ListQuery, Replica, Unlock};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params, params};

use super::bare;
use super::device::{Closed, Device, USER, settings};
use super::measure::{Figure, Samples, round};

/// How much is done.
#[derive(Debug, Clone, Copy)]
struct Extent {
    opened: u64,
    searched: u64,
    rounds: u32,
}

const WHOLE: Extent = Extent { opened: 50_000, searched: 250_000, rounds: 15 };
/// How often each prefix is searched for.
const TYPED: u32 = 3;
const DURABILITY: (Durability, &str) = (Durability::Normal, "NORMAL");

/// Runs the bench.
///
/// # Errors
/// If a database fails, or a baseline finds something else.
pub fn run(print: &mut dyn FnMut(&Figure)) -> Result<()> {
    measure(WHOLE, print)
}

fn measure(extent: Extent, print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let mut device = Device::new(DURABILITY.0)?;
    device.receive(0..extent.opened)?;
    let device = device.close();
    open(extent, &device, print)?;
    let mut device = device.open(DURABILITY.0)?;
    device.receive(extent.opened..extent.searched)?;
    search(extent, device.close(), print)
}

fn open(extent: Extent, device: &Closed, print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let copy = device.copy()?;
    let path = device.dir.path();
    let (mut opening, mut unlocking) = (Samples::default(), Samples::default());
    let mut bare_opening = Samples::default();
    for _ in 0..extent.rounds {
        // A wrong passphrase costs the unlocking and nothing else.
        let wrong = Unlock::Passphrase("wrong".to_owned());
        let (schema, settings) = (Schema::crm(), settings(DURABILITY.0));
        let (sample, refused) = round(1, || Replica::open(path, schema, &wrong, &settings));
        ensure!(refused.is_err(), "a wrong passphrase opened the device");
        unlocking.push(sample);
        let (sample, rows) = round(1, || -> Result<usize> {
            let replica = Device::reopen(path, DURABILITY.0)?;
            Ok(replica.list(&my_open_opportunities())?.len())
        });
        ensure!(rows? == 50, "the list has 50 rows");
        opening.push(sample);
        let (sample, rows) = round(1, || -> Result<usize> {
            let connection = bare::open(&copy.database(), DURABILITY.1)?;
            let sql = "SELECT * FROM row_opportunities
                       WHERE row_alive = 1 AND row_closed = 0 AND owner = ?1
                       ORDER BY row_updated DESC LIMIT 50 OFFSET 0";
            Ok(fetch(&connection, sql, [USER.as_bytes()])?.len())
        });
        ensure!(rows? == 50, "the baseline's list has 50 rows");
        bare_opening.push(sample);
    }
    let unlock_ms = unlocking.cpu_us(50.0) / 1e3;
    let records = extent.opened;
    let what = format!("CPU to unlock the key (cheapest cost), {records} records");
    print(&Figure::new("lists", what, unlock_ms, "ms"));
    let what =
        format!("CPU from unlocked key to 50 rows of my open opportunities, {records} records");
    let open_ms = opening.cpu_us(50.0) / 1e3 - unlock_ms;
    let bare_ms = bare_opening.cpu_us(50.0) / 1e3;
    print(&Figure::new("lists", what, open_ms, "ms").against(bare_ms).aim(50.0));
    Ok(())
}

fn my_open_opportunities() -> ListQuery {
    let mut query = ListQuery::newest(Entity::Opportunity, 50);
    query.closed = Which::Open;
    query.with("owner", Comparison::Equal, Value::Reference(USER.into()))
}

/// All rows of a statement, every column read; of each, the id.
fn fetch(connection: &Connection, sql: &str, bound: impl Params) -> Result<Vec<Vec<u8>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut found = statement.query(bound)?;
    let mut out = Vec::new();
    let mut read = 0;
    while let Some(row) = found.next()? {
        for at in 0..width {
            read += match row.get_ref(at)? {
                ValueRef::Null => 0,
                ValueRef::Integer(_) | ValueRef::Real(_) => 8,
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => std::hint::black_box(bytes).len(),
            };
        }
        out.push(row.get_ref("row_record")?.as_blob()?.to_vec());
    }
    std::hint::black_box(read);
    Ok(out)
}

fn search(extent: Extent, device: Closed, print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let copy = device.copy()?;
    let device = device.open(DURABILITY.0)?;
    let bare = bare::open(&copy.database(), DURABILITY.1)?;
    let words = ["acme renewal", "muller", "Pálma heating", "facade", "visit", "jager 1234", "ho"];
    let (mut typed, mut bare_typed) = (Samples::default(), Samples::default());
    let mut slowest = (String::new(), 0.0_f64);
    for prefix in words.into_iter().flat_map(prefixes) {
        for _ in 0..TYPED {
            let (sample, found) = round(1, || device.replica.search(&prefix, 50));
            let found = found?;
            typed.push(sample);
            if sample.cpu_us > slowest.1 {
                slowest = (prefix.clone(), sample.cpu_us);
            }
            let (sample, rows) = round(1, || bare_search(&bare, &prefix));
            bare_typed.push(sample);
            let ours: Vec<_> =
                found.rows.iter().map(|row| row.record.as_bytes().to_vec()).collect();
            let same = found.corrected.is_some() || ours == rows?;
            ensure!(same, "the baseline finds something else for `{prefix}`");
        }
    }
    let rows = extent.searched;
    let figure = |what: String, us: f64| Figure::new("lists", what, us / 1e3, "ms");
    for (name, percentile) in [("median", 50.0), ("p95", 95.0)] {
        let what = format!("CPU of search as you type, {name}, {rows} rows");
        let of =
            figure(what, typed.cpu_us(percentile)).against(bare_typed.cpu_us(percentile) / 1e3);
        print(&if name == "p95" { of.aim(20.0) } else { of });
    }
    print(&figure(format!("CPU of the slowest prefix, `{}`", slowest.0), slowest.1));
    let typos = misspelt(&device)?;
    for (name, percentile) in [("median", 50.0), ("p95", 95.0)] {
        let what = format!("CPU of search as you type a typing error, {name}, {rows} rows");
        let of = figure(what, typos.cpu_us(percentile));
        print(&if name == "p95" { of.aim(20.0) } else { of });
    }
    Ok(())
}

/// Words with an error early, in the middle and late, some that nothing is near to, and a number.
const MISSPELT: [&str; 16] = [
    "acmee",
    "axme",
    "renwal",
    "rneewal",
    "expnsion",
    "expamsion",
    "mullre",
    "mlulers",
    "nordicc",
    "hetaing",
    "coolling",
    "faxade",
    "servcie",
    "zzzyx",
    "callibrate",
    "acme 99999999",
];

/// What searching costs at each letter after which nothing matches what was typed.
fn misspelt(device: &Device) -> Result<Samples> {
    let mut samples = Samples::default();
    for word in MISSPELT {
        for prefix in prefixes(word) {
            for _ in 0..TYPED {
                let (sample, found) = round(1, || device.replica.search(&prefix, 50));
                let found = found?;
                if found.corrected.is_some() || found.rows.is_empty() {
                    samples.push(sample);
                }
            }
        }
    }
    for word in ["acmee", "renwal", "expnsion", "mullre"] {
        let found = device.replica.search(word, 50)?;
        ensure!(!found.rows.is_empty(), "`{word}` finds what was meant");
    }
    Ok(samples)
}

/// What stands in the box after each letter, from the second.
fn prefixes(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    (2..=letters.len()).map(|end| letters[..end].iter().collect()).collect()
}

/// The records whose words begin with those typed, newest first. All here are opportunities.
fn bare_search(connection: &Connection, typed: &str) -> Result<Vec<Vec<u8>>> {
    let query: Vec<String> = typed.split_whitespace().map(|word| format!("\"{word}\"*")).collect();
    let sql = "SELECT row_opportunities.* FROM search
               JOIN search_rows ON search_rows.place = search.rowid
               JOIN row_opportunities ON row_number = search_rows.number
               WHERE search MATCH ?1 ORDER BY search.rowid DESC LIMIT ?2";
    fetch(connection, sql, params![query.join(" "), 50]).context("the bare search")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baselines_find_what_the_device_finds() {
        let mut figures = Vec::new();
        let extent = Extent { opened: 400, searched: 1_500, rounds: 2 };
        measure(extent, &mut |figure: &Figure| figures.push(figure.clone())).unwrap();
        let beside = figures.iter().filter(|figure| figure.ratio.is_some()).count();
        assert_eq!(beside, 3, "opening, the median and the p95 of searches have a baseline");
    }
}
