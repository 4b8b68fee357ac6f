//! The bench `planning`: the published experiment, done on data that we have, our figures beside
//! those of peers, and the report on both.
//!
//! A review of orchestrated sales planning reports times and errors with no data behind them. Here
//! the same is done so that anybody can do it again: four tasks step by step through the public
//! commands against one process that does them all, and the error of forecasts on damaged, cleaned
//! and undamaged sales, on a device that has synced and on one that has not for a month. The
//! published figures are never printed as ours.
//!
//! `ROADBOOK_BENCH_DATA` names a folder with public sets (`NAME_monthly.jsonl`, `{id,freq,h,x,xx}`
//! a line; `bank_marketing.csv`); without it the sales are made up here, and the report says so.
//! `ROADBOOK_BENCH_PEERS` names a folder with peers' scripts and `ROADBOOK_BENCH_PYTHON` the
//! interpreters that can run them (`:` between); without them nothing is compared. CPU is that of
//! the processes, user and system, from `/proc/self/stat` (10 ms steps); each runs on one thread.
//!
//! The bench has scenes; `planning:SCENE` is one alone. What a scene found is kept in
//! `docs/planning-figures`, with the command and the commit, and the report is written from all that
//! is kept: it never has a figure that no run has found.

mod boost;
mod compare;
mod damage;
mod data;
mod errors;
mod forecasts;
mod kept;
mod peers;
mod plans;
mod plot;
mod report;
mod run;
mod scores;
mod tasks;

pub use boost::{BOOST, boost};
pub use tasks::{PIPELINE, pipeline};

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::Figure;
use kept::{Findings, Kept, Stamp};
use peers::Peers;
use run::Roadbook;

/// What a scene works with.
struct Bench {
    roadbook: Roadbook,
    /// Files of this run.
    scratch: PathBuf,
    sets: data::Sets,
    peers: Peers,
}

/// A scene: its name, and what it does.
type Scene = (&'static str, fn(&mut Bench) -> Result<Findings>);

/// The scenes, in the order of the report.
const SCENES: [Scene; 7] = [
    ("tasks", tasks::measure),
    ("errors", errors::measure),
    ("forecasts", forecasts::measure),
    ("slow", forecasts::measure_slow),
    ("lstm", forecasts::measure_lstm),
    ("scores", scores::measure),
    ("plans", plans::measure),
];

/// Returns the names of the scenes.
#[must_use]
pub fn scenes() -> Vec<&'static str> {
    SCENES.iter().map(|(name, _)| *name).collect()
}

/// Measures the wanted scenes (none named: all), prints figures, and writes the report from what
/// this and earlier runs found.
///
/// # Errors
/// A program that cannot be run or fails, a file that cannot be read or written.
pub fn run(programs: &Path, wanted: &[String], print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let sets = data::Sets::read()?;
    let mut bench = Bench {
        roadbook: Roadbook::new(programs, folder.path()),
        scratch: folder.path().to_owned(),
        peers: Peers::find(folder.path(), &sets)?,
        sets,
    };
    let kept = Kept::of(&docs())?;
    let command = match wanted {
        [] => "cargo xtask bench planning".to_owned(),
        some => format!("cargo xtask bench planning:{}", some.join(" planning:")),
    };
    // Before the first scene: what is committed while they run was not run.
    let stamp = Stamp::now(command, &bench.sets, &bench.peers)?;
    for (name, measure) in SCENES {
        if !wanted.is_empty() && !wanted.iter().any(|scene| scene == name) {
            continue;
        }
        let mut found = measure(&mut bench)?;
        found.missing.append(&mut bench.peers.missing);
        found.figures().iter().for_each(&mut *print);
        // After each scene, so that a later one that fails takes nothing away.
        kept.keep(name, &stamp, found)?;
        report::write(&kept.all(&scenes())?, &docs())?;
    }
    Ok(())
}

/// The folder of the documents.
fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Reads a variable that names a folder.
fn folder(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Reads a file as text, with its name in the error.
fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}
