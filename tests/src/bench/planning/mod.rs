//! The bench `planning`: the published experiment, done on data that we have, and the report on it.
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

mod damage;
mod data;
mod errors;
mod peers;
mod plot;
mod report;
mod run;
mod tasks;

pub use tasks::{PIPELINE, pipeline};

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::Figure;
use run::Roadbook;

/// What the whole bench found.
struct Found {
    tasks: Vec<tasks::Task>,
    pipeline_cpu_s: f64,
    experiment: errors::Experiment,
    peers: Vec<peers::Comparison>,
    missing: Vec<String>,
    data: data::Source,
}

/// Measures, prints figures and writes the report.
///
/// # Errors
/// A program that cannot be run or fails, a file that cannot be read or written.
pub fn run(programs: &Path, print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let roadbook = Roadbook::new(programs, folder.path());
    let sets = data::Sets::read()?;
    let (tasks, pipeline_cpu_s) = tasks::measure(&roadbook, folder.path())?;
    for task in &tasks {
        print(&Figure::new(
            "planning",
            format!("{}, step by step", task.name),
            task.cpu_s,
            "s CPU",
        ));
    }
    let whole: f64 = tasks.iter().map(|task| task.cpu_s).sum();
    print(&Figure::new("planning", "all four tasks, step by step", whole, "s CPU").aim(8.0));
    let one = Figure::new("planning", "all four tasks, one process", pipeline_cpu_s, "s CPU");
    print(&one.aim(8.0).against(whole));
    let experiment = errors::measure(&roadbook, folder.path(), &sets)?;
    for row in &experiment.rows {
        let figure = |what: &str, value: f64| {
            Figure::new("planning", format!("{} {what}", row.model), value, "%")
        };
        print(&figure("MAPE, damaged", row.damaged));
        print(&figure("MAPE, cleaned", row.cleaned).against(row.damaged));
        print(&figure("MAPE, undamaged", row.undamaged));
    }
    let (peers, missing) = peers::measure(&roadbook, folder.path(), &sets)?;
    for one in &peers {
        let figure =
            Figure::new("planning", format!("{}: {}", one.what, one.measure), one.ours, one.unit);
        print(&figure.against(one.theirs));
    }
    let found = Found { tasks, pipeline_cpu_s, experiment, peers, missing, data: sets.source() };
    report::write(&found, &docs())
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
