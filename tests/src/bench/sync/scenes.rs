//! The scenes of the `sync` bench: how each is prepared, its steps, and what must hold at the end.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use roadbook_domain::{Intent, UserId, Value};
use roadbook_replica::Verify;
use roadbook_replica::http::SyncReport;
use roadbook_sync_protocol::Checksum;

use super::party::Party;
use super::{Prepared, World};
use crate::bench::device::{edit_next_step, make_opportunity, opportunity};
use crate::story::programs::{Server, TENANT};

/// How large a scene is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// Records on the server.
    pub(super) records: u64,
    /// How many of them are edited.
    pub(super) edited: u64,
    /// Edits per edited record and device.
    pub(super) turns: u64,
    /// Devices that edit.
    pub(super) devices: u64,
}

/// Syncs in a row where nothing has changed.
const UNCHANGED: u32 = 20;

pub(super) struct Scene {
    /// By which it can be asked for alone.
    pub(super) name: &'static str,
    pub(super) extent: Extent,
    pub(super) rounds: u32,
    pub(super) prepare: fn(Extent, &Path) -> Result<Prepared>,
    pub(super) steps: Vec<Step>,
    pub(super) check: fn(Extent, &World) -> Result<()>,
}

/// What is measured as one.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// What its costs are divided by.
    pub(super) units: f64,
    pub(super) deed: fn(Extent, &World) -> Result<SyncReport>,
}

/// What a step tells.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Push {
        cpu_aim: f64,
        bytes_aim: Option<f64>,
    },
    First {
        memory_aim: Option<f64>,
    },
    Unchanged,
    Crowd,
    /// A push whose answers bring nothing.
    CrowdPush,
    /// What was pushed goes to everybody; its units are envelopes times devices.
    CrowdDelivery,
}

const CROWD: Extent = Extent { records: 200, edited: 200, turns: 5, devices: 10 };

/// The scenes of issue size.
pub(super) fn all() -> Vec<Scene> {
    vec![
        new_records(Extent { records: 2_000, edited: 0, turns: 0, devices: 1 }, 5),
        many_records(Extent { records: 20_000, edited: 200, turns: 5, devices: 1 }, 5),
        crowd(CROWD, 3),
        crowd_apart(CROWD, 3),
    ]
}

/// The file of the tenant in a server's folder.
pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join("data").join("tenants").join(format!("{TENANT}.db"))
}

fn step(
    name: String,
    kind: Kind,
    units: u64,
    deed: fn(Extent, &World) -> Result<SyncReport>,
) -> Step {
    Step { name, kind, units: super::as_f64(units), deed }
}

/// An author pushes new records; a reader comes for the first time, then again.
fn new_records(extent: Extent, rounds: u32) -> Scene {
    let records = extent.records;
    let push = Kind::Push { cpu_aim: 200.0, bytes_aim: None };
    let first = Kind::First { memory_aim: Some(40.0) };
    Scene {
        name: "new",
        extent,
        rounds,
        prepare: |extent, programs| {
            let (world, mut author) = begin(programs)?;
            create(&mut author, extent.records)?;
            finish(world, vec![author])
        },
        steps: vec![
            step(format!("push of {records} new records"), push, records, push_records),
            step(format!("first sync of {records} records"), first, records, first_sync),
        ],
        check: |_, world| reader_is_equal(world),
    }
}

/// A reader comes to many records for the first time, and again; then the author pushes edits.
fn many_records(extent: Extent, rounds: u32) -> Scene {
    let Extent { records, edited, turns, .. } = extent;
    let edits = edited * turns;
    let push = Kind::Push { cpu_aim: 100.0, bytes_aim: Some(90.0) };
    let first = Kind::First { memory_aim: None };
    let unchanged = u64::from(UNCHANGED);
    Scene {
        name: "many",
        extent,
        rounds,
        prepare: |extent, programs| {
            let (world, mut author) = begin(programs)?;
            create(&mut author, extent.records)?;
            author.sync(Verify::No)?;
            edit(&mut author, extent, "")?;
            finish(world, vec![author])
        },
        steps: vec![
            step(format!("first sync of {records} records"), first, records, first_sync),
            step(
                format!("nothing-changed sync of {records} records"),
                Kind::Unchanged,
                unchanged,
                nothing_changed,
            ),
            step(
                format!("push of {edits} offline edits over {edited} records"),
                push,
                edits,
                push_edits,
            ),
        ],
        check: |_, world| {
            reader(world)?.sync(Verify::No)?;
            reader_is_equal(world)
        },
    }
}

/// Devices edit the same fields of the same records, offline; then all sync until all are equal.
fn crowd(extent: Extent, rounds: u32) -> Scene {
    let Extent { edited, turns, devices, .. } = extent;
    let name = format!("{devices} devices x {edited} records x {turns} edits of the same field");
    Scene {
        name: "crowd",
        extent,
        rounds,
        prepare: gather,
        steps: vec![step(name, Kind::Crowd, devices * edited * turns, until_equal)],
        check: |_, world| all_show_the_same(world),
    }
}

/// The same in two steps, so that a push is told from what it costs to deliver: all push at once
/// and read nothing, then all read.
fn crowd_apart(extent: Extent, rounds: u32) -> Scene {
    let Extent { edited, turns, devices, .. } = extent;
    let name =
        |what| format!("{devices} devices x {edited} x {turns} edits of the same field, {what}");
    let envelopes = devices * edited * turns;
    Scene {
        name: "apart",
        extent,
        rounds,
        prepare: gather,
        steps: vec![
            step(name("push alone"), Kind::CrowdPush, envelopes, push_alone),
            step(name("delivery alone"), Kind::CrowdDelivery, envelopes * devices, until_equal),
        ],
        check: |_, world| all_show_the_same(world),
    }
}

/// Devices that have the same records, each with its own edits of them.
fn gather(extent: Extent, programs: &Path) -> Result<Prepared> {
    let (world, mut first) = begin(programs)?;
    create(&mut first, extent.records)?;
    first.sync(Verify::No)?;
    let url = format!("http://{}", world.server.address);
    let mut parties = vec![first];
    for number in 2..=extent.devices {
        let party = Party::enrol(&url, READER + number)?;
        party.sync(Verify::No)?;
        parties.push(party);
    }
    for (number, party) in parties.iter_mut().enumerate() {
        edit(party, extent, &format!(" by {number}"))?;
    }
    let World { server, folder, .. } = world;
    World { server, parties, folder }.rest()
}

fn all_show_the_same(world: &World) -> Result<()> {
    let shown: Vec<String> = world
        .parties
        .iter()
        .map(|party| Ok(party.next_step(opportunity(0))?.to_string()))
        .collect::<Result<_>>()?;
    ensure!(shown.windows(2).all(|pair| pair[0] == pair[1]), "they show {shown:?}");
    Ok(())
}

const AUTHOR: u64 = 1;
const READER: u64 = 2;

/// A new server and the author's device.
fn begin(programs: &Path) -> Result<(World, Party)> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(programs, folder.path())?;
    let author = Party::enrol(&format!("http://{}", server.address), AUTHOR)?;
    Ok((World { server, parties: Vec::new(), folder }, author))
}

/// With a reader's device that has nothing yet, all come to rest.
fn finish(world: World, mut parties: Vec<Party>) -> Result<Prepared> {
    let World { server, folder, .. } = world;
    parties.push(Party::enrol(&format!("http://{}", server.address), READER)?);
    World { server, parties, folder }.rest()
}

fn author(world: &World) -> Result<&Party> {
    world.parties.first().context("the author is there")
}

fn reader(world: &World) -> Result<&Party> {
    world.parties.get(1).context("the reader is there")
}

fn create(party: &mut Party, records: u64) -> Result<()> {
    let owner = party.user()?;
    (0..records).try_for_each(|n| party.commit(&owned(n, owner)))
}

fn edit(party: &mut Party, extent: Extent, mark: &str) -> Result<()> {
    let text = |turn: u64| match turn {
        0 => "Call the buyer".to_owned(),
        turn => format!("Visit again, step {turn}{mark}"),
    };
    for turn in 0..extent.turns {
        for n in 0..extent.edited {
            party.commit(&edit_next_step(n, &text(turn), &text(turn + 1)))?;
        }
    }
    Ok(())
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

fn push_records(extent: Extent, world: &World) -> Result<SyncReport> {
    pushed(author(world)?, extent.records)
}

fn push_edits(extent: Extent, world: &World) -> Result<SyncReport> {
    pushed(author(world)?, extent.edited * extent.turns)
}

fn pushed(author: &Party, envelopes: u64) -> Result<SyncReport> {
    let report = author.sync(Verify::No)?;
    ensure!(report.pushed == envelopes, "{} of {envelopes} were pushed", report.pushed);
    Ok(report)
}

fn first_sync(extent: Extent, world: &World) -> Result<SyncReport> {
    let reader = reader(world)?;
    let report = reader.sync(Verify::No)?;
    let (count, records) = (reader.count()?, extent.records);
    ensure!(count == records, "the reader has {count} of {records}");
    Ok(report)
}

fn nothing_changed(_: Extent, world: &World) -> Result<SyncReport> {
    let mut all = SyncReport::default();
    for _ in 0..UNCHANGED {
        add(&mut all, &reader(world)?.sync(Verify::No)?);
    }
    ensure!(all.taken_in.changed.is_empty(), "something had changed");
    Ok(all)
}

fn reader_is_equal(world: &World) -> Result<()> {
    let report = reader(world)?.sync(Verify::Yes)?;
    ensure!(report.taken_in.equal == Some(true), "the reader does not equal the server");
    Ok(())
}

fn push_alone(extent: Extent, world: &World) -> Result<SyncReport> {
    let all = everybody(world, Party::push)?;
    let expected = extent.devices * extent.edited * extent.turns;
    ensure!(all.pushed == expected, "{} of {expected} were pushed", all.pushed);
    Ok(all)
}

fn until_equal(_: Extent, world: &World) -> Result<SyncReport> {
    let mut all = SyncReport::default();
    for _ in 0..10 {
        add(&mut all, &everybody(world, |party| party.sync(Verify::No))?);
        let held: Vec<Checksum> = world.parties.iter().map(Party::holds).collect::<Result<_>>()?;
        if held.windows(2).all(|pair| pair[0] == pair[1]) {
            return Ok(all);
        }
    }
    anyhow::bail!("ten rounds and still not equal")
}

/// All devices do something at the same time.
fn everybody(
    world: &World,
    deed: impl Fn(&Party) -> Result<SyncReport> + Sync,
) -> Result<SyncReport> {
    let done: Vec<Result<SyncReport>> = std::thread::scope(|scope| {
        let running: Vec<_> =
            world.parties.iter().map(|party| scope.spawn(|| deed(party))).collect();
        running
            .into_iter()
            .map(|run| run.join().unwrap_or_else(|_| anyhow::bail!("a device panicked")))
            .collect()
    });
    let mut all = SyncReport::default();
    for report in done {
        add(&mut all, &report?);
    }
    Ok(all)
}

fn add(all: &mut SyncReport, one: &SyncReport) {
    all.exchanges += one.exchanges;
    all.pushed += one.pushed;
    all.bytes_sent += one.bytes_sent;
    all.bytes_received += one.bytes_received;
    all.taken_in.changed.extend_from_slice(&one.taken_in.changed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_units_to_divide_by() {
        for step in all().iter().flat_map(|scene| &scene.steps) {
            assert!(step.units >= 1.0, "{}", step.name);
        }
    }
}
