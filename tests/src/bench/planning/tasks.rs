//! The four tasks: step by step through the public commands, and in one process.
//!
//! Sizes are those of the peers' instances: 1,000 series, 10,000 leads and 200 reps, 5,000 accounts
//! and 50 reps, 1,000 reps and 12 products in 200 territories. All of it is made up here, seeded.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, anyhow};
use roadbook_app::planning::PlanWatch;
use roadbook_app::planning::files;
use serde::{Deserialize, Serialize};

use super::damage::damage;
use super::data::{TASK_SERIES, made_up, write};
use super::kept::Findings;
use super::run::run;
use super::{Bench, Figure};
use crate::world::dice::Dice;

/// The word by which the bench starts itself to do all tasks in one process.
pub const PIPELINE: &str = "planning-pipeline";

/// Seconds of CPU in which all four shall be done.
pub(super) const AIM_S: f64 = 8.0;

/// The four tasks.
#[derive(Serialize, Deserialize)]
pub(super) struct Tasks {
    pub(super) tasks: Vec<Task>,
    /// All of them in one process.
    pub(super) pipeline_cpu_s: f64,
}

impl Tasks {
    /// All of them step by step.
    pub(super) fn steps_cpu_s(&self) -> f64 {
        self.tasks.iter().map(|task| task.cpu_s).sum()
    }

    pub(super) fn figures(&self) -> Vec<Figure> {
        let figure = |name: &str, cpu_s: f64| Figure::new("planning", name, cpu_s, "s CPU");
        let one = |task: &Task| figure(&format!("{}, step by step", task.name), task.cpu_s);
        let mut out: Vec<Figure> = self.tasks.iter().map(one).collect();
        let whole = self.steps_cpu_s();
        out.push(figure("all four tasks, step by step", whole).aim(AIM_S));
        let one = figure("all four tasks, one process", self.pipeline_cpu_s);
        out.push(one.aim(AIM_S).against(whole));
        out
    }
}

/// One task.
#[derive(Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) name: String,
    pub(super) what: String,
    pub(super) cpu_s: f64,
}

const SERIES: &str = "task_series.jsonl";
const LEADS: &str = "task_leads.bin";
const ACCOUNTS: &str = "task_accounts.bin";
const QUOTAS: &str = "task_quotas.bin";
/// The model of the forecasting task.
const MODEL: &str = "combination";

/// Measures the tasks step by step, and all in one process.
pub(super) fn measure(bench: &mut Bench) -> Result<Findings> {
    let (roadbook, folder) = (&bench.roadbook, bench.scratch.as_path());
    let hurt: Vec<_> = made_up(TASK_SERIES, 7).iter().map(|one| damage(one, 7)).collect();
    write(&folder.join(SERIES), &hurt)?;
    leads(&folder.join(LEADS), 10_000, 200)?;
    accounts(&folder.join(ACCOUNTS), 5_000, 50)?;
    quotas(&folder.join(QUOTAS), 1_000, 12, 200)?;
    let path = |name: &str| folder.join(name).display().to_string();
    let (series, clean, out) = (path(SERIES), path("task_clean.jsonl"), path("task_out"));
    let cpu = |words: &[&str]| -> Result<f64> { Ok(roadbook.run(words)?.cpu_s) };
    let assign = cpu(&["plan", "assign", "--input", &path(LEADS), "--out", &out])?;
    let cleaning = cpu(&["plan", "clean", "--input", &series, "--out", &clean])?;
    let forecast = cpu(&["plan", "forecast", "--input", &clean, "--model", MODEL, "--out", &out])?;
    let territory = cpu(&["plan", "territory", "--input", &path(ACCOUNTS), "--out", &out])?;
    let quota = cpu(&["plan", "quota", "--input", &path(QUOTAS), "--out", &out])?;
    let task = |name: &str, what: &str, cpu_s| Task {
        name: name.to_owned(),
        what: what.to_owned(),
        cpu_s,
    };
    let tasks = vec![
        task("lead assignment", "10,000 leads, 200 reps, the exact optimum", assign),
        task(
            "forecast generation",
            "1,000 damaged series cleaned, then forecast by the combination",
            cleaning + forecast,
        ),
        task("territory optimization", "5,000 accounts, 50 reps, within 5 %", territory),
        task("quota allocation", "1,000 reps, 12 products, 200 territories", quota),
    ];
    let itself = std::env::current_exe().context("the bench's own program")?;
    let one = run(Command::new(itself).arg(PIPELINE).arg(folder))?;
    let tasks = Tasks { tasks, pipeline_cpu_s: one.cpu_s };
    Ok(Findings { tasks: Some(tasks), ..Findings::none() })
}

/// Does all tasks of a folder in this process, writing only the answers.
///
/// # Errors
/// A task that fails.
pub fn pipeline(folder: &Path) -> Result<()> {
    let watch = PlanWatch::UNWATCHED;
    let failed = |error: roadbook_api::ApiError| anyhow!(error.message);
    let keep = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes);
    let assigned = files::assign_leads(
        &files::AssignFile {
            input: folder.join(LEADS),
            fairness: None,
            leftover: files::Leftover::Refuse,
        },
        &watch,
    );
    keep("pipeline_leads.csv", &assigned.map_err(failed)?.output)?;
    let forecasts = files::forecast(
        &files::ForecastFile {
            input: folder.join(SERIES),
            model: MODEL.to_owned(),
            level: files::Level::NinetyFive,
            cleaning: files::Cleaning::On,
            seed: 1,
            on_bad: files::OnBad::Refuse,
        },
        &watch,
    );
    keep("pipeline_forecasts.jsonl", &forecasts.map_err(failed)?.output)?;
    let territories = files::design_territories(
        &files::TerritoryFile {
            input: folder.join(ACCOUNTS),
            balance: 0.05,
            change_penalty: 0.0,
            shape: files::Shape::Any,
        },
        &watch,
    );
    keep("pipeline_territories.csv", &territories.map_err(failed)?.output)?;
    let allocated = files::allocate_quotas(
        &files::QuotaFile {
            input: folder.join(QUOTAS),
            quota_band: (0.7, 1.5),
            territory_band: (0.95, 1.35),
            stretch_weight: 1e3,
            unit: 0.01,
        },
        &watch,
    );
    keep("pipeline_quotas.csv", &allocated.map_err(failed)?.output)?;
    Ok(())
}

/// Numbers from 0 to 1, seeded.
struct Chance(Dice);

impl Chance {
    fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.0.roll() >> 32).unwrap_or(0)) / 4_294_967_296.0
    }

    /// Nearly normal: twelve uniform numbers less six.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// Writes arrays in the form of instance files: per array a count of dimensions, the sizes, the
/// values in row order, all little-endian.
fn arrays(path: &Path, arrays: &[(&[usize], Vec<f64>)]) -> Result<()> {
    let mut bytes = Vec::new();
    for (shape, values) in arrays {
        bytes.extend_from_slice(&(shape.len() as u64).to_le_bytes());
        for size in *shape {
            bytes.extend_from_slice(&(*size as u64).to_le_bytes());
        }
        values.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
    }
    std::fs::write(path, bytes).with_context(|| format!("write {}", path.display()))
}

fn leads(path: &Path, leads: usize, reps: usize) -> Result<()> {
    let mut chance = Chance(Dice::new(1));
    let skill: Vec<f64> = (0..reps).map(|_| chance.normal()).collect();
    let (mut value, mut may) = (Vec::new(), Vec::new());
    for lead in 0..leads {
        let worth = (8.5 + chance.normal()).exp() * 0.4 * chance.unit();
        let home = chance.0.below(reps);
        for (rep, skill) in skill.iter().enumerate() {
            let fit = 1.0 / (1.0 + (-(2.0 * chance.unit() + 0.6 * skill - 1.0)).exp());
            value.push((worth * fit * 100.0).round() / 100.0);
            may.push(if rep == home || chance.unit() < 0.6 { 1.0 } else { 0.0 });
        }
        debug_assert_eq!(value.len(), (lead + 1) * reps);
    }
    #[allow(clippy::cast_precision_loss, reason = "a count of leads")]
    let average = leads as f64 / reps as f64;
    let places = (0..reps).map(|_| (average * (0.8 + 0.6 * chance.unit())).round()).collect();
    arrays(path, &[(&[leads, reps], value), (&[leads, reps], may), (&[reps], places)])
}

fn accounts(path: &Path, accounts: usize, reps: usize) -> Result<()> {
    let mut chance = Chance(Dice::new(2));
    let cities: Vec<(f64, f64)> =
        (0..40).map(|_| (1_000.0 * chance.unit(), 1_000.0 * chance.unit())).collect();
    let mut places = Vec::new();
    for _ in 0..accounts {
        // Cities differ in size: the smaller of two numbers comes more often.
        let city = cities[chance.0.below(40).min(chance.0.below(40))];
        if chance.unit() < 0.85 {
            places.extend([city.0 + 18.0 * chance.normal(), city.1 + 18.0 * chance.normal()]);
        } else {
            places.extend([1_000.0 * chance.unit(), 1_000.0 * chance.unit()]);
        }
    }
    let work: Vec<f64> =
        (0..accounts).map(|_| (1.0 + 0.8 * chance.normal()).exp().clamp(0.2, 30.0)).collect();
    let mut homes = Vec::new();
    for _ in 0..reps {
        let at = 2 * chance.0.below(accounts);
        homes.extend([places[at] + 5.0 * chance.normal(), places[at + 1] + 5.0 * chance.normal()]);
    }
    arrays(path, &[(&[accounts, 2], places), (&[accounts], work), (&[reps, 2], homes)])
}

fn quotas(path: &Path, reps: usize, products: usize, territories: usize) -> Result<()> {
    let mut chance = Chance(Dice::new(3));
    let potential: Vec<f64> =
        (0..reps * products).map(|_| (12.0 + 0.7 * chance.normal()).exp()).collect();
    let history: Vec<f64> = potential.iter().map(|p| p * (0.5 + 0.6 * chance.unit())).collect();
    let territory: Vec<f64> = (0..reps)
        .map(|_| f64::from(u32::try_from(chance.0.below(territories)).unwrap_or(0)))
        .collect();
    let goal = (0..products)
        .map(|product| {
            let sold: f64 = history.iter().skip(product).step_by(products).sum();
            sold * (1.05 + 0.2 * chance.unit())
        })
        .collect();
    let table = [reps, products];
    arrays(
        path,
        &[(&table, potential), (&table, history), (&[reps], territory), (&[products], goal)],
    )
}
