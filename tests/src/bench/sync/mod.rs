//! `sync`: real devices against a real server process on loopback.
//!
//! A scene is prepared once: the server's folder and its devices', at rest. Every round copies
//! them, starts the server, and measures the scene's steps; then the bare endpoint (`bare`) does
//! the same on the same bytes. What the endpoint needs is recorded in a round of its own, which is
//! not measured.
//!
//! CPU is the server process's own, wall time the devices', network on loopback included; bytes
//! are bodies on the wire.

mod bare;
mod party;
mod scenes;
mod tap;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use roadbook_replica::http::SyncReport;
use rusqlite::Connection;
use tempfile::TempDir;

use self::bare::{Endpoint, Script};
use self::party::{Party, Resting};
use self::scenes::{Kind, Scene, Step};
use self::tap::Tap;
use super::measure::{Figure, Sample, Samples, cpu_time};
use super::process::{CpuReading, memory_mb};
use super::record;
use crate::story::programs::Server;

pub use bare::{OPTION as BARE_ENDPOINT, serve as serve_bare};

/// The numbers of devices that are enrolled before the steps, and do nothing else.
const SIGNED_IN: [u64; 2] = [201, 202];

/// A server and its devices at rest.
struct Prepared {
    server: TempDir,
    devices: Vec<Resting>,
}

/// A server that runs, and its devices.
struct World {
    server: Server,
    parties: Vec<Party>,
    folder: TempDir,
}

/// What a step came to, over all rounds.
#[derive(Default)]
struct Taken {
    /// Per unit of the step.
    ours: Samples,
    /// CPU microseconds of all devices, per unit.
    devices_us: Vec<f64>,
    baseline: Samples,
    memory_mb: Vec<f64>,
    baseline_memory_mb: Vec<f64>,
    exchanges: Vec<f64>,
    /// Of the last round.
    report: SyncReport,
}

/// The names of the scenes, by which each can be asked for alone.
#[must_use]
pub fn scenes() -> Vec<&'static str> {
    scenes::all().iter().map(|scene| scene.name).collect()
}

/// Runs the scenes of these names, all of them if there are none; in other rounds than their own, if
/// that is asked for.
///
/// # Errors
/// If a program, a sync or a check fails.
pub fn run(
    programs: &Path,
    names: &[String],
    rounds: Option<u32>,
    print: &mut dyn FnMut(&Figure),
) -> Result<()> {
    let mut scenes = scenes::all();
    scenes.retain(|scene| names.is_empty() || names.iter().any(|name| name == scene.name));
    for scene in &mut scenes {
        scene.rounds = rounds.unwrap_or(scene.rounds);
    }
    measure(programs, &scenes, print)
}

fn measure(programs: &Path, scenes: &[Scene], print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let prepared: Vec<(&Scene, Prepared)> = scenes
        .iter()
        .map(|scene| Ok((scene, (scene.prepare)(scene.extent, programs)?)))
        .collect::<Result<_>>()?;
    let recorded: Vec<Recorded> = prepared
        .iter()
        .map(|(scene, prepared)| Recorded::make(programs, scene, prepared))
        .collect::<Result<_>>()?;
    let mut taken: Vec<Vec<Taken>> = prepared
        .iter()
        .map(|(scene, _)| scene.steps.iter().map(|_| Taken::default()).collect())
        .collect();
    let rounds = scenes.iter().map(|scene| scene.rounds).max().unwrap_or(0);
    for round in 0..rounds {
        for (n, (scene, prepared)) in prepared.iter().enumerate() {
            if round < scene.rounds {
                let world = World::wake(programs, prepared)?;
                ours(&world, scene, &mut taken[n])?;
                drop(world);
                baseline(scene, prepared, &recorded[n], &mut taken[n])?;
            }
        }
    }
    for (scene, taken) in scenes.iter().zip(&taken) {
        for (step, taken) in scene.steps.iter().zip(taken) {
            step.figures(taken).iter().for_each(&mut *print);
        }
    }
    Ok(())
}

impl World {
    fn wake(programs: &Path, prepared: &Prepared) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        party::copy(prepared.server.path(), folder.path())?;
        let server = Server::resume(programs, folder.path())?;
        let url = format!("http://{}", server.address);
        let parties =
            prepared.devices.iter().map(|device| device.wake(&url)).collect::<Result<_>>()?;
        Ok(Self { server, parties, folder })
    }

    /// Stops everything, to be woken again.
    fn rest(self) -> Result<Prepared> {
        let Self { server, parties, folder } = self;
        server.stop()?;
        // A server that ends does not always get to fold its write-ahead log into the database, and
        // the endpoint is given that file alone.
        let database = Connection::open(scenes::database(folder.path()))?;
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        database.close().map_err(|(_, error)| error)?;
        Ok(Prepared { server: folder, devices: parties.into_iter().map(Party::rest).collect() })
    }
}

/// What the server's part in a scene's steps was.
struct Recorded {
    script: Script,
    /// How many exchanges each step took.
    exchanges: Vec<usize>,
}

impl Recorded {
    /// Plays the scene once, with a tap on the line and the server's rows noted, and proves that
    /// the bare endpoint writes the same.
    fn make(programs: &Path, scene: &Scene, prepared: &Prepared) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        party::copy(prepared.server.path(), folder.path())?;
        let database = scenes::database(folder.path());
        record::start(&Connection::open(&database)?)?;
        let server = Server::resume(programs, folder.path())?;
        let tap = Tap::start(server.address, &database)?;
        let parties =
            prepared.devices.iter().map(|device| device.wake(&tap.url())).collect::<Result<_>>()?;
        let world = World { server, parties, folder };
        let (mut all, mut exchanges) = (Vec::new(), Vec::new());
        for step in &scene.steps {
            (step.deed)(scene.extent, &world)?;
            let done = tap.take();
            exchanges.push(done.len());
            all.extend(done);
        }
        let rested = world.rest()?;
        let noted = Connection::open(scenes::database(rested.server.path()))?;
        let script = Script::of(&all, &record::read(&noted)?)?;
        let copy = tempfile::tempdir()?;
        let bare = copy.path().join("bare.db");
        std::fs::copy(scenes::database(prepared.server.path()), &bare)?;
        let mut endpoint = Endpoint::start(&script, &bare)?;
        endpoint.send(all.len())?;
        drop(endpoint);
        record::ensure_same(&Connection::open(&bare)?, &noted, &[])
            .context("the bare endpoint writes something else than the server")?;
        Ok(Self { script, exchanges })
    }
}

fn ours(world: &World, scene: &Scene, taken: &mut [Taken]) -> Result<()> {
    let pid = world.server.pid().context("the server runs")?;
    // Passwords were checked by the server that the devices were prepared with. One that has been
    // running for a while has done so itself, and its memory remembers.
    for number in SIGNED_IN {
        drop(Party::enrol(&format!("http://{}", world.server.address), number)?);
    }
    for (step, taken) in scene.steps.iter().zip(taken) {
        let before = cpu_time();
        let (sample, report) = cost(pid, step, || (step.deed)(scene.extent, world))?;
        taken.ours.push(sample);
        taken.devices_us.push((cpu_time() - before).as_secs_f64() * 1e6 / step.units);
        taken.memory_mb.push(memory_mb(pid)?);
        taken.exchanges.push(as_f64(report.exchanges));
        taken.report = report;
    }
    (scene.check)(scene.extent, world)
}

fn baseline(
    scene: &Scene,
    prepared: &Prepared,
    recorded: &Recorded,
    taken: &mut [Taken],
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("bare.db");
    std::fs::copy(scenes::database(prepared.server.path()), &database)?;
    let mut endpoint = Endpoint::start(&recorded.script, &database)?;
    let pid = endpoint.pid();
    for ((step, taken), exchanges) in scene.steps.iter().zip(taken).zip(&recorded.exchanges) {
        let (sample, ()) = cost(pid, step, || endpoint.send(*exchanges))?;
        taken.baseline.push(sample);
        taken.baseline_memory_mb.push(memory_mb(pid)?);
    }
    Ok(())
}

/// What a step costs per unit: CPU of a process, wall time.
fn cost<T>(pid: u32, step: &Step, work: impl FnOnce() -> Result<T>) -> Result<(Sample, T)> {
    let (cpu, wall) = (CpuReading::of(pid)?, Instant::now());
    let out = work()?;
    let wall_us = wall.elapsed().as_secs_f64() * 1e6 / step.units;
    let cpu_us = CpuReading::of(pid)?.us_since(cpu) / step.units;
    Ok((Sample { cpu_us, wall_us }, out))
}

impl Step {
    fn figures(&self, taken: &Taken) -> Vec<Figure> {
        let Taken { ours, devices_us, baseline, memory_mb, baseline_memory_mb, exchanges, report } =
            taken;
        let figure = |what: &str, value: f64, unit: &'static str| {
            Figure::new("sync", format!("{}: {what}", self.name), value, unit)
        };
        let cpu = |per: &str| {
            figure(&format!("server CPU per {per}"), ours.cpu_us(50.0), "us")
                .against(baseline.cpu_us(50.0))
        };
        let seconds = |samples: &Samples| samples.wall_us(50.0) * self.units / 1e6;
        let per_second = |samples: &Samples| 1e6 / samples.wall_us(50.0);
        let rate = |per: &str| {
            figure(&format!("{per}s per second"), per_second(ours), "per second")
                .against(per_second(baseline))
        };
        let bytes = |what: &str, bytes: u64| figure(what, as_f64(bytes) / self.units, "B");
        let median = |values: &[f64]| super::measure::median(values);
        let devices =
            |per: &str| figure(&format!("CPU of the devices per {per}"), median(devices_us), "us");
        match self.kind {
            Kind::Push { cpu_aim, bytes_aim } => {
                let sent = bytes("bytes sent per envelope", report.bytes_sent);
                vec![
                    cpu("envelope").aim(cpu_aim),
                    rate("envelope").aim(5_000.0),
                    bytes_aim.map_or(sent.clone(), |aim| sent.aim(aim)),
                ]
            }
            Kind::First { memory_aim } => {
                let memory = figure("server memory after it", median(memory_mb), "MB")
                    .against(median(baseline_memory_mb));
                vec![
                    cpu("record"),
                    rate("record").aim(15_000.0),
                    bytes("bytes received per record", report.bytes_received).aim(250.0),
                    memory_aim.map_or(memory.clone(), |aim| memory.aim(aim)),
                ]
            }
            Kind::Unchanged => vec![
                cpu("sync"),
                figure("wall", ours.wall_us(50.0) / 1e3, "ms")
                    .against(baseline.wall_us(50.0) / 1e3),
                bytes("bytes of bodies", report.bytes_sent + report.bytes_received).aim(1_000.0),
                figure("round trips", median(exchanges) / self.units, "").aim(1.0),
            ],
            Kind::CrowdPush => {
                vec![cpu("envelope").aim(100.0), devices("envelope")]
            }
            Kind::CrowdDelivery => {
                let per = "delivery of an envelope to a device";
                vec![cpu(per), devices(per)]
            }
            Kind::Crowd => vec![
                cpu("envelope and its deliveries"),
                figure("wall until all are equal", seconds(ours), "s")
                    .against(seconds(baseline))
                    .aim(3.0),
                figure("exchanges of all devices", median(exchanges), ""),
            ],
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn as_f64(count: u64) -> f64 {
    count as f64
}
