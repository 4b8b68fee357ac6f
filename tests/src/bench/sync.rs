//! `sync`: real devices against a real server process on loopback.
//!
//! Server figures are the process's own (`/proc/<pid>`, in ticks of 10 ms); bytes are bodies on
//! the wire; wall time is the device's, network on loopback included.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use roadbook_domain::{DeviceId, Entity, Intent, IntentId, RecordId, Schema, UserId, Value};
use roadbook_replica::http::{Cancel, Host, Link, SyncReport};
use roadbook_replica::{CommitStamp, CreateDevice, Durability, ListQuery, Replica, Verify};
use roadbook_sync_protocol::Checksum;
use tempfile::TempDir;

use super::device::{
    Counting, edit_next_step, id, make_opportunity, opportunity, settings, unlock,
};
use super::measure::Figure;
use crate::story::programs::{PASSWORD, Server, TENANT};

const LOGIN: &str = "admin";
/// Edits per record in the offline pushes.
const TURNS: u64 = 5;
/// Records that are edited.
const EDITED: u64 = 200;
/// Devices of the last scene.
const CROWD: u64 = 10;

/// Runs the bench.
///
/// # Errors
/// If a program, a sync or a check fails.
pub fn run(programs: &Path, print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(programs, &folder.path().join("server"))?;
    one_server(&server, print)?;
    drop(server);
    let server = Server::start(programs, &folder.path().join("crowd"))?;
    crowd(&server, print)
}

fn one_server(server: &Server, print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let mut author = Party::enrol(server, 1)?;
    let mut records = 0;
    for (number, upto) in [(2, 2_000_u64), (3, 20_000)] {
        let made = upto - records;
        for n in records..upto {
            author.commit(&owned(n, author.user()?))?;
        }
        records = upto;
        let (report, cost) = measured(server, || author.sync(Verify::No))?;
        ensure!(report.pushed == made, "{} of {made} creations were pushed", report.pushed);
        let what = format!("push of {made} new records");
        print(&cpu(&what, &cost, made).aim(200.0));
        print(&rate(what, &cost, made).aim(5_000.0));
        let mut reader = Party::enrol(server, number)?;
        let (report, cost) = measured(server, || reader.sync(Verify::No))?;
        ensure!(reader.count()? == upto, "the reader has {} of {upto}", reader.count()?);
        let what = format!("first sync of {upto} records");
        let bytes = per(report.bytes_received, upto);
        print(
            &Figure::new("sync", format!("{what}: bytes received per record"), bytes, "B")
                .aim(250.0),
        );
        print(&rate(what.clone(), &cost, upto).aim(15_000.0));
        print(&Figure::new(
            "sync",
            format!("{what}: server CPU per record"),
            cost.cpu_us / as_f64(upto),
            "us",
        ));
        let memory = memory_mb(server)?;
        let figure = Figure::new("sync", format!("server memory after {what}"), memory, "MB");
        print(&if upto == 2_000 { figure.aim(40.0) } else { figure });
        let (report, cost) = measured(server, || reader.sync(Verify::No))?;
        let what = format!("nothing-changed sync of {upto} records");
        let bytes = as_f64(report.bytes_sent + report.bytes_received);
        print(&Figure::new("sync", format!("{what}: bytes of bodies"), bytes, "B").aim(1_000.0));
        print(
            &Figure::new("sync", format!("{what}: round trips"), as_f64(report.exchanges), "")
                .aim(1.0),
        );
        print(&Figure::new("sync", format!("{what}: wall"), cost.wall_ms, "ms"));
        let report = reader.sync(Verify::Yes)?;
        ensure!(report.taken_in.equal == Some(true), "the reader does not equal the server");
    }
    for turn in 0..TURNS {
        for n in 0..EDITED {
            author.commit(&edit_next_step(n, &step(turn), &step(turn + 1)))?;
        }
    }
    let edits = TURNS * EDITED;
    let (report, cost) = measured(server, || author.sync(Verify::No))?;
    ensure!(report.pushed == edits, "{} of {edits} edits were pushed", report.pushed);
    let what = format!("push of {edits} offline edits over {EDITED} records");
    print(&cpu(&what, &cost, edits).aim(100.0));
    let bytes = per(report.bytes_sent, edits);
    print(&Figure::new("sync", format!("{what}: bytes sent per edit"), bytes, "B").aim(90.0));
    print(&rate(what, &cost, edits).aim(5_000.0));
    Ok(())
}

/// Ten devices edit the same fields of the same records, offline; then all sync until all are
/// equal.
fn crowd(server: &Server, print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let mut first = Party::enrol(server, 1)?;
    for n in 0..EDITED {
        first.commit(&owned(n, first.user()?))?;
    }
    first.sync(Verify::No)?;
    let mut parties = vec![first];
    for number in 2..=CROWD {
        let mut party = Party::enrol(server, number)?;
        party.sync(Verify::No)?;
        parties.push(party);
    }
    for (number, party) in parties.iter_mut().enumerate() {
        for turn in 0..TURNS {
            for n in 0..EDITED {
                let mine = |turn: u64| match turn {
                    0 => step(0),
                    turn => format!("{} by {number}", step(turn)),
                };
                party.commit(&edit_next_step(n, &mine(turn), &mine(turn + 1)))?;
            }
        }
    }
    let edits = CROWD * TURNS * EDITED;
    let rounds = std::cell::Cell::new(0_u32);
    let (_, cost) = measured(server, || {
        loop {
            rounds.set(rounds.get() + 1);
            let done: Vec<Result<SyncReport>> = std::thread::scope(|scope| {
                let running: Vec<_> = parties
                    .iter_mut()
                    .map(|party| scope.spawn(|| party.sync(Verify::No)))
                    .collect();
                running
                    .into_iter()
                    .map(|run| run.join().unwrap_or_else(|_| anyhow::bail!("a device panicked")))
                    .collect()
            });
            done.into_iter().collect::<Result<Vec<_>>>()?;
            let held: Vec<Checksum> = parties.iter().map(Party::holds).collect::<Result<_>>()?;
            if held.windows(2).all(|pair| pair[0] == pair[1]) {
                return Ok(SyncReport::default());
            }
            ensure!(rounds.get() < 10, "ten rounds and still not equal");
        }
    })?;
    let shown: Vec<String> = parties
        .iter()
        .map(|party| Ok(party.show(opportunity(0))?.to_string()))
        .collect::<Result<_>>()?;
    ensure!(shown.windows(2).all(|pair| pair[0] == pair[1]), "they show {shown:?}");
    let what = format!("{CROWD} devices x {EDITED} records x {TURNS} edits of the same field");
    print(
        &Figure::new("sync", format!("{what}: wall until all are equal"), cost.wall_ms / 1e3, "s")
            .aim(3.0),
    );
    print(&Figure::new("sync", format!("{what}: rounds"), f64::from(rounds.get()), ""));
    print(&cpu(&what, &cost, edits).aim(100.0));
    Ok(())
}

fn step(turn: u64) -> String {
    match turn {
        0 => "Call the buyer".to_owned(),
        turn => format!("Visit again, step {turn}"),
    }
}

/// The `n`-th opportunity, owned by somebody who is there.
fn owned(n: u64, owner: UserId) -> Intent {
    let mut intent = make_opportunity(n);
    if let Intent::Create { fields, .. } = &mut intent {
        for (name, value) in fields.iter_mut() {
            if name == "owner" {
                *value = Value::Reference(owner.into());
            }
        }
    }
    intent
}

/// What something cost.
struct Cost {
    /// CPU of the server, in microseconds.
    cpu_us: f64,
    wall_ms: f64,
}

fn measured(
    server: &Server,
    work: impl FnOnce() -> Result<SyncReport>,
) -> Result<(SyncReport, Cost)> {
    let (cpu, wall) = (server_cpu_us(server)?, Instant::now());
    let report = work()?;
    let wall_ms = wall.elapsed().as_secs_f64() * 1e3;
    Ok((report, Cost { cpu_us: server_cpu_us(server)? - cpu, wall_ms }))
}

fn cpu(what: &str, cost: &Cost, units: u64) -> Figure {
    Figure::new(
        "sync",
        format!("{what}: server CPU per envelope"),
        cost.cpu_us / as_f64(units),
        "us",
    )
}

fn rate(what: String, cost: &Cost, units: u64) -> Figure {
    Figure::new("sync", what, as_f64(units) / cost.wall_ms * 1e3, "per second")
}

fn per(bytes: u64, units: u64) -> f64 {
    as_f64(bytes) / as_f64(units)
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

/// User and system time of the server, from `/proc/<pid>/stat` (proc(5), fields 14 and 15).
fn server_cpu_us(server: &Server) -> Result<f64> {
    let pid = server.pid().context("the server runs")?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after = stat.rsplit(')').next().context("a name in brackets")?;
    let mut fields = after.split_whitespace().skip(11);
    let mut ticks = 0_u64;
    for _ in 0..2 {
        ticks += fields.next().context("two times")?.parse::<u64>()?;
    }
    Ok(as_f64(ticks) * 1e6 / as_f64(rustix::param::clock_ticks_per_second()))
}

/// Resident memory of the server.
fn memory_mb(server: &Server) -> Result<f64> {
    let pid = server.pid().context("the server runs")?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("VmRSS")?;
    let kib: u64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
    Ok(as_f64(kib) / 1024.0)
}

/// The machine's clock, and randomness that counts up: every party gets other ids.
struct BenchHost(AtomicU64);

impl Host for BenchHost {
    fn wall_ms(&self) -> i64 {
        #[allow(clippy::disallowed_methods, reason = "the bench is a host")]
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
    }

    fn fill(&self, out: &mut [u8]) {
        use roadbook_replica::Entropy as _;
        Counting(self.0.fetch_add(1, Ordering::Relaxed)).fill(out);
    }
}

/// A device in this process, enrolled with the server.
struct Party {
    replica: Mutex<Replica>,
    link: Link,
    host: BenchHost,
    runtime: tokio::runtime::Runtime,
    number: u64,
    made: u64,
    _dir: TempDir,
}

impl Party {
    /// `number` is another one for every party of a server.
    fn enrol(server: &Server, number: u64) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let device =
            CreateDevice { device: DeviceId(id(9, number)), name: format!("bench {number}") };
        let replica = Replica::create(
            dir.path(),
            &device,
            Schema::crm(),
            &unlock(),
            &settings(Durability::Normal),
            &mut Counting(number),
        )?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let party = Self {
            replica: Mutex::new(replica),
            link: Link::new()?,
            host: BenchHost(AtomicU64::new(number << 32)),
            runtime,
            number,
            made: 0,
            _dir: dir,
        };
        let url = format!("http://{}", server.address);
        party.runtime.block_on(party.link.enrol(
            &party.replica,
            &party.host,
            &url,
            TENANT,
            LOGIN,
            PASSWORD,
        ))?;
        Ok(party)
    }

    fn replica(&self) -> Result<std::sync::MutexGuard<'_, Replica>> {
        self.replica.lock().map_err(|_| anyhow::anyhow!("a sync panicked"))
    }

    fn user(&self) -> Result<UserId> {
        Ok(self.replica()?.enrolment().context("enrolled")?.user)
    }

    fn commit(&mut self, intent: &Intent) -> Result<()> {
        self.made += 1;
        let stamp = CommitStamp {
            intent: IntentId(id(u8::try_from(self.number)?, self.made)),
            wall_ms: self.host.wall_ms(),
            rationale: None,
        };
        self.replica()?.commit(intent, &stamp)?;
        Ok(())
    }

    fn sync(&mut self, verify: Verify) -> Result<SyncReport> {
        let cancel = Cancel::default();
        let done = self.link.sync(&self.replica, &self.host, verify, &|_| {}, &cancel);
        Ok(self.runtime.block_on(done)?)
    }

    /// What it holds, up to which place in the log.
    fn holds(&self) -> Result<Checksum> {
        Ok(self.replica()?.checksum()?)
    }

    fn count(&self) -> Result<u64> {
        Ok(self.replica()?.count(&ListQuery::newest(Entity::Opportunity, 1))?)
    }

    fn show(&self, record: RecordId) -> Result<Value> {
        let row = self.replica()?.record(record)?.context("the record is here")?;
        Ok(row.value("next_step").clone())
    }
}
