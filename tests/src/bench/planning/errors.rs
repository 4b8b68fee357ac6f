//! The error of forecasts on damaged, cleaned and undamaged sales, and on a device that has not
//! synced for a month; all through the public commands.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::damage::{damage, damage_stale};
use super::data::{Sales, write};
use super::kept::Findings;
use super::run::Roadbook;
use super::{Bench, Figure};

/// Models of the published experiment, and the one that is used where nobody chooses.
pub(super) const MODELS: [&str; 4] = ["arima", "additive", "lstm", "combination"];
const SEED: u64 = 1;

/// By how much cleaning shall cut the error of each model, in per cent, where that is aimed at.
const CUTS: [(&str, f64); 3] = [("arima", 28.1), ("additive", 38.6), ("lstm", 47.4)];
/// How much of the damage cleaning shall recover, and what it may cost undamaged sales, in per
/// cent.
pub(super) const RECOVERED: f64 = 90.0;
pub(super) const COST: f64 = 2.0;

/// Mean absolute percentage errors of one model.
#[derive(Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) model: String,
    pub(super) damaged: f64,
    pub(super) cleaned: f64,
    pub(super) undamaged: f64,
    /// Undamaged sales, cleaned all the same.
    pub(super) undamaged_cleaned: f64,
    /// Damaged and a month old; cleaned and a month old.
    pub(super) stale_damaged: f64,
    pub(super) stale_cleaned: f64,
}

impl Row {
    /// By how much cleaning cuts the error, in per cent.
    pub(super) fn cut(&self) -> f64 {
        100.0 * (1.0 - self.cleaned / self.damaged)
    }

    /// By how much the error would be cut if all damage were undone, in per cent.
    pub(super) fn most_cut(&self) -> f64 {
        100.0 * (1.0 - self.undamaged / self.damaged)
    }

    /// How much of the damage cleaning recovers, in per cent.
    pub(super) fn recovered(&self) -> f64 {
        100.0 * (self.damaged - self.cleaned) / (self.damaged - self.undamaged)
    }

    /// What cleaning costs where nothing is damaged, in per cent of the error.
    pub(super) fn cost(&self) -> f64 {
        100.0 * (self.undamaged_cleaned / self.undamaged - 1.0)
    }

    /// By how much cleaning shall cut the error, where that is aimed at.
    pub(super) fn cut_aim(&self) -> Option<f64> {
        CUTS.iter().find(|(model, _)| *model == self.model).map(|(_, cut)| *cut)
    }

    /// The parts of cleaning and of fresh data in what both gain over neither: the mean of both
    /// orders (Shapley).
    pub(super) fn parts(&self) -> (f64, f64) {
        let cleaning =
            f64::midpoint(self.stale_damaged - self.stale_cleaned, self.damaged - self.cleaned);
        let fresh =
            f64::midpoint(self.stale_damaged - self.damaged, self.stale_cleaned - self.cleaned);
        (cleaning, fresh)
    }
}

/// The experiment on one set.
#[derive(Serialize, Deserialize)]
pub(super) struct Experiment {
    pub(super) set: String,
    pub(super) series: usize,
    /// Periods ahead.
    pub(super) ahead: usize,
    pub(super) rows: Vec<Row>,
    /// Values that were damaged, and values that were repaired.
    pub(super) damaged: usize,
    pub(super) repaired: usize,
}

impl Experiment {
    pub(super) fn figures(&self) -> Vec<Figure> {
        let of_row = |row: &Row| {
            let figure = |what: &str, value: f64| {
                let name = format!("{}, {} {what}", row.model, self.set);
                Figure::new("planning", name, value, "%")
            };
            [
                figure("MAPE, damaged", row.damaged),
                figure("MAPE, cleaned", row.cleaned).against(row.damaged),
                figure("MAPE, undamaged", row.undamaged),
                figure("damage recovered", row.recovered()).aim(RECOVERED),
                figure("cost of cleaning undamaged sales", row.cost()).aim(COST),
            ]
        };
        self.rows.iter().flat_map(of_row).collect()
    }
}

#[derive(Deserialize)]
struct Forecast {
    id: String,
    f: Vec<f64>,
}

#[derive(Deserialize)]
struct Cleaned {
    repairs: Vec<serde_json::Value>,
}

/// The sales in one state, with a file of them.
struct State {
    name: &'static str,
    /// Periods of the forecast that come before those that are compared.
    skip: usize,
}

pub(super) fn measure(bench: &mut Bench) -> Result<Findings> {
    let mut found = Findings::none();
    for (set, sales) in &bench.sets.sets {
        found.experiments.push(on_set(&bench.roadbook, &bench.scratch, set, sales)?);
    }
    Ok(found)
}

fn on_set(roadbook: &Roadbook, folder: &Path, set: &str, sales: &[Sales]) -> Result<Experiment> {
    let hurt: Vec<Sales> = sales.iter().map(|one| damage(one, SEED)).collect();
    let old: Vec<Sales> = sales.iter().map(|one| damage_stale(one, SEED)).collect();
    let path = |name: &str| folder.join(format!("{name}.jsonl")).display().to_string();
    write(Path::new(&path("undamaged")), sales)?;
    write(Path::new(&path("damaged")), &hurt)?;
    write(Path::new(&path("stale_damaged")), &old)?;
    let clean = |from: &str, to: &str, last: &str| -> Result<usize> {
        let (from, to) = (path(from), path(to));
        let ran =
            roadbook.run(&["plan", "clean", "--input", &from, "--out", &to, "--last", last])?;
        let report: Cleaned = serde_json::from_str(&ran.out).context("the report of plan clean")?;
        Ok(report.repairs.len())
    };
    // Nobody tells the pipeline what was done, nor that the last month is open.
    let repaired = clean("damaged", "cleaned", "unknown")?;
    clean("undamaged", "undamaged_cleaned", "unknown")?;
    clean("stale_damaged", "stale_cleaned", "unknown")?;
    let error = |model: &str, state: &State| -> Result<f64> {
        let (input, out) = (path(state.name), path("forecasts"));
        let words = ["plan", "forecast", "--input", &input, "--model", model, "--out", &out];
        roadbook.run(&words)?;
        mape(sales, &super::text(Path::new(&out))?, state.skip)
    };
    let state = |name: &'static str| State { name, skip: 0 };
    let mut rows = Vec::new();
    for model in MODELS {
        rows.push(Row {
            model: model.to_owned(),
            damaged: error(model, &state("damaged"))?,
            cleaned: error(model, &state("cleaned"))?,
            undamaged: error(model, &state("undamaged"))?,
            undamaged_cleaned: error(model, &state("undamaged_cleaned"))?,
            stale_damaged: error(model, &State { name: "stale_damaged", skip: 1 })?,
            stale_cleaned: error(model, &State { name: "stale_cleaned", skip: 1 })?,
        });
    }
    let changed = |(before, after): (&Sales, &Sales)| {
        before.x.iter().zip(&after.x).filter(|(before, after)| before != after).count()
    };
    Ok(Experiment {
        set: set.to_owned(),
        series: sales.len(),
        ahead: sales.iter().map(|one| one.h).max().unwrap_or(0),
        rows,
        damaged: sales.iter().zip(&hurt).map(changed).sum(),
        repaired,
    })
}

/// The mean over the series of the mean absolute percentage error.
fn mape(sales: &[Sales], forecasts: &str, skip: usize) -> Result<f64> {
    let read = |line: &str| serde_json::from_str::<Forecast>(line).context("a forecast");
    let told: Result<Vec<Forecast>> = forecasts.lines().map(read).collect();
    let told: BTreeMap<String, Vec<f64>> = told?.into_iter().map(|one| (one.id, one.f)).collect();
    let mut sum = 0.0;
    for one in sales {
        let path = told.get(&one.id).with_context(|| format!("no forecast of {}", one.id))?;
        let pairs = one.xx.iter().zip(&path[skip..]).filter(|(actual, _)| **actual != 0.0);
        let (total, count) = pairs.fold((0.0, 0.0), |(total, count), (actual, forecast)| {
            (total + ((actual - forecast) / actual).abs(), count + 1.0)
        });
        sum += 100.0 * total / f64::max(count, 1.0);
    }
    #[allow(clippy::cast_precision_loss, reason = "a count of series")]
    let count = sales.len() as f64;
    Ok(sum / count)
}
