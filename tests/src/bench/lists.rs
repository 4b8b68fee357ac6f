//! `lists`: opening a device of 50,000 records to the first 50 rows of "my open opportunities",
//! and search as you type over 250,000 indexed rows.

use anyhow::Result;
use roadbook_domain::{Entity, Value};
use roadbook_replica::{Closed, Comparison, Durability, ListQuery, Replica, Unlock};

use super::device::{Device, USER, settings, unlock};
use super::measure::{Figure, Samples, round};

const OPENED: u64 = 50_000;
const SEARCHED: u64 = 250_000;
const ROUNDS: u32 = 15;

/// Runs the bench.
///
/// # Errors
/// If a database fails.
pub fn run(print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let mut device = Device::new(Durability::Normal)?;
    device.receive(0..OPENED)?;
    open(device, print).and_then(|device| search(device, print))
}

fn open(device: Device, print: &mut dyn FnMut(&Figure)) -> Result<Device> {
    let Device { dir, replica, n } = device;
    drop(replica);
    let (mut opening, mut unlocking) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        // A wrong passphrase costs the unlocking and nothing else.
        let wrong = Unlock::Passphrase("wrong".to_owned());
        let schema = roadbook_domain::Schema::crm();
        let settings = settings(Durability::Normal);
        let (sample, refused) = round(1, || Replica::open(dir.path(), schema, &wrong, &settings));
        anyhow::ensure!(refused.is_err(), "a wrong passphrase opened the device");
        unlocking.push(sample);
        let (sample, rows) = round(1, || -> Result<usize> {
            let replica = Device::reopen(dir.path(), Durability::Normal)?;
            Ok(replica.list(&my_open_opportunities())?.len())
        });
        anyhow::ensure!(rows? == 50, "the list has 50 rows");
        opening.push(sample);
    }
    let unlock_ms = unlocking.cpu_us(50.0) / 1e3;
    let what = format!("CPU to unlock the key (cheapest cost), {OPENED} records");
    print(&Figure::new("lists", what, unlock_ms, "ms"));
    let what =
        format!("CPU from unlocked key to 50 rows of my open opportunities, {OPENED} records");
    let open_ms = opening.cpu_us(50.0) / 1e3 - unlock_ms;
    print(&Figure::new("lists", what, open_ms, "ms").aim(50.0));
    let schema = roadbook_domain::Schema::crm();
    let replica = Replica::open(dir.path(), schema, &unlock(), &settings(Durability::Normal))?;
    Ok(Device { dir, replica, n })
}

fn my_open_opportunities() -> ListQuery {
    let mut query = ListQuery::newest(Entity::Opportunity, 50);
    query.closed = Closed::Open;
    query.with("owner", Comparison::Equal, Value::Reference(USER.into()))
}

fn search(mut device: Device, print: &mut dyn FnMut(&Figure)) -> Result<()> {
    device.receive(OPENED..SEARCHED)?;
    let words = ["acme renewal", "muller", "Pálma heating", "facade", "visit", "jager 1234", "ho"];
    let mut typed = Samples::default();
    let mut slowest = (String::new(), 0.0_f64);
    for word in words {
        let letters: Vec<char> = word.chars().collect();
        for end in 2..=letters.len() {
            let prefix: String = letters[..end].iter().collect();
            for _ in 0..3 {
                let (sample, found) = round(1, || device.replica.search(&prefix, 50));
                found?;
                typed.push(sample);
                if sample.cpu_us > slowest.1 {
                    slowest = (prefix.clone(), sample.cpu_us);
                }
            }
        }
    }
    let figure = |what: String, us: f64| Figure::new("lists", what, us / 1e3, "ms");
    print(&figure(
        format!("CPU of search as you type, median, {SEARCHED} rows"),
        typed.cpu_us(50.0),
    ));
    print(
        &figure(format!("CPU of search as you type, p95, {SEARCHED} rows"), typed.cpu_us(95.0))
            .aim(20.0),
    );
    print(&figure(format!("CPU of the slowest prefix, `{}`", slowest.0), slowest.1));
    let mut typos = Samples::default();
    for word in ["acmee", "renwal", "expnsion", "mullre"] {
        let (sample, found) = round(1, || device.replica.search(word, 50));
        anyhow::ensure!(!found?.rows.is_empty(), "`{word}` finds what was meant");
        typos.push(sample);
    }
    print(&figure("CPU of a search with a typing error, median".to_owned(), typos.cpu_us(50.0)));
    Ok(())
}
