//! Peers, where they are there: the same series, tables and instances, one thread, CPU seconds.
//!
//! Ours is the whole program: starting, reading, solving, writing. A peer's is what its script
//! counts: fitting or solving, without starting Python and reading files. So ratios lean against
//! us.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value as Json;

use super::data::{Sales, Sets, write};
use super::folder;
use super::run::{Roadbook, run};

/// One figure of ours beside a peer's.
pub(super) struct Comparison {
    pub(super) what: String,
    pub(super) peer: String,
    pub(super) measure: &'static str,
    pub(super) unit: &'static str,
    pub(super) ours: f64,
    pub(super) theirs: f64,
    pub(super) aim: &'static str,
}

/// Scripts of peers and who runs them.
struct Scripts<'a> {
    scripts: PathBuf,
    interpreters: Vec<String>,
    data: PathBuf,
    out: PathBuf,
    roadbook: &'a Roadbook,
    found: Vec<Comparison>,
    missing: Vec<String>,
}

/// Forecasting peers: the script's name, ours, and each how many series one is taken.
const FORECASTS: [(&str, &str, usize, &str); 5] = [
    ("AutoETS", "ets", 1, "OWA at most 1.00, 10 times the speed"),
    ("DOT", "theta", 1, "OWA at most 1.00, 10 times the speed"),
    ("AutoCES", "combination", 1, "OWA at most .98 of the three's mean, 20 times the speed"),
    ("AutoARIMA", "arima", 8, "OWA at most 1.00, 20 times the speed"),
    ("Prophet", "additive", 8, "OWA at most 1.00, 100 times the speed"),
];
/// The set that peers forecast: the one that is most like revenue.
const SET: &str = "ausretail_monthly";

pub(super) fn measure(
    roadbook: &Roadbook,
    scratch: &Path,
    sets: &Sets,
) -> Result<(Vec<Comparison>, Vec<String>)> {
    let (Some(scripts), Some(data)) = (folder("ROADBOOK_BENCH_PEERS"), &sets.folder) else {
        let why = "no peer was asked: ROADBOOK_BENCH_PEERS and ROADBOOK_BENCH_DATA are not set";
        return Ok((Vec::new(), vec![why.to_owned()]));
    };
    let named = std::env::var("ROADBOOK_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let out = scratch.join("peers");
    std::fs::create_dir_all(&out)?;
    let mut all = Scripts {
        scripts,
        interpreters: named.split(':').map(str::to_owned).collect(),
        // The scripts put the part's name after the folder.
        data: data.parent().unwrap_or(data).to_owned(),
        out,
        roadbook,
        found: Vec::new(),
        missing: Vec::new(),
    };
    all.forecasts(sets)?;
    all.scores(data)?;
    all.plans()?;
    Ok((all.found, all.missing))
}

impl Scripts<'_> {
    /// Runs a script with the first interpreter that can; its lines of JSON, or none.
    fn run(&mut self, script: &str, arguments: &[&str]) -> Result<Vec<Json>> {
        let mut last = String::new();
        for interpreter in &self.interpreters {
            let mut command = Command::new("nice");
            command.args(["-n", "19", interpreter]);
            command.arg(self.scripts.join(script)).args(arguments);
            for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"] {
                command.env(threads, "1");
            }
            command.env("PYTHONDONTWRITEBYTECODE", "1");
            command.env("NUMBA_CACHE_DIR", self.out.join("numba"));
            command.env("PEERS_DATA", &self.data).env("PEERS_OUT", &self.out);
            match run(&mut command) {
                Ok(ran) => {
                    // Some print JSON, some a Python dictionary.
                    let lines = ran.out.lines().filter(|line| line.starts_with('{'));
                    let plain = |line: &str| line.replace('\'', "\"").replace("None", "null");
                    let read = |line: &str| serde_json::from_str(&plain(line)).ok();
                    return Ok(lines.filter_map(read).collect());
                }
                Err(error) => last = error.to_string(),
            }
        }
        let why = last.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no answer");
        self.missing.push(format!("{script} {}: {}", arguments.join(" "), why.trim()));
        Ok(Vec::new())
    }

    fn add(&mut self, comparison: Comparison) {
        self.found.push(comparison);
    }

    fn forecasts(&mut self, sets: &Sets) -> Result<()> {
        let Some((_, sales)) = sets.sets.iter().find(|(name, _)| SET.starts_with(name.as_str()))
        else {
            return Ok(());
        };
        for (peer, model, stride, aim) in FORECASTS {
            let step = stride.to_string();
            let told = self.run("fc_bench.py", &[SET, "public", peer, &step])?;
            let Some(told) = told.first() else { continue };
            let part: Vec<Sales> = sales.iter().step_by(stride).cloned().collect();
            let input = self.out.join("part.jsonl");
            let output = self.out.join("ours.jsonl");
            write(&input, &part)?;
            let (input, out) = (input.display().to_string(), output.display().to_string());
            let ran = self
                .roadbook
                .run(&["plan", "forecast", "--input", &input, "--model", model, "--out", &out])?;
            let ours = self.run("score_forecasts.py", &[&out, SET, "public", &step])?;
            let what = format!("{model}, {} series of {SET}", part.len());
            let number = |json: &Json, key: &str| json[key].as_f64().unwrap_or(f64::NAN);
            let Some(ours) = ours.first() else { continue };
            let comparison = |measure, unit, ours, theirs| Comparison {
                what: what.clone(),
                peer: peer.to_owned(),
                measure,
                unit,
                ours,
                theirs,
                aim,
            };
            self.add(comparison("OWA", "", number(ours, "OWA"), number(told, "OWA")));
            self.add(comparison("CPU", "s", ran.cpu_s, number(told, "cpu_s")));
        }
        Ok(())
    }

    /// The bank data in the order of time: the first four fifths against the last.
    fn scores(&mut self, data: &Path) -> Result<()> {
        let bank = data.join("bank_marketing.csv");
        if !bank.exists() {
            return Ok(());
        }
        let table = super::text(&bank)?;
        let mut lines = table.lines();
        let header = lines.next().context("a header")?;
        let rows: Vec<&str> = lines.collect();
        let (train, test) = rows.split_at(rows.len() * 4 / 5);
        let path = |name: &str| self.out.join(name).display().to_string();
        let (first, last, model) = (path("train.csv"), path("test.csv"), path("bank.rbmodel"));
        std::fs::write(&first, format!("{header}\n{}\n", train.join("\n")))?;
        std::fs::write(&last, format!("{header}\n{}\n", test.join("\n")))?;
        let words = ["plan", "score-train", "--input", &first, "--label", "y", "--time", "row"];
        let fit = self.roadbook.run(&[&words[..], &["--model", &model]].concat())?;
        let out = path("scores.csv");
        let words = ["plan", "score-predict", "--input", &last, "--model", &model];
        let told = self.roadbook.run(&[&words[..], &["--label", "y", "--out", &out]].concat())?;
        let told: Json = serde_json::from_str(&told.out)?;
        let number = |key: &str| told["metrics"][key].as_f64().unwrap_or(f64::NAN);
        let (auc, log_loss, ece) = (number("auc"), number("log_loss"), number("calibration_error"));
        for peer in ["logistic", "lgbm_tuned", "xgb_tuned"] {
            let theirs = self.run("ls_bench.py", &["bank", "time", peer])?;
            let Some(theirs) = theirs.first() else { continue };
            let number = |key: &str| theirs[key].as_f64().unwrap_or(f64::NAN);
            for (measure, unit, ours, theirs, aim) in [
                ("AUC", "", auc, number("auc"), "AUC 0.745, chosen by no hand"),
                ("log loss", "", log_loss, number("ll"), "0.58"),
                ("calibration error", "", ece, number("ece"), "0.01 after recalibration"),
                (
                    "CPU of the fit; ours tries five kinds on four stretches",
                    "s",
                    fit.cpu_s,
                    number("fit_cpu_s"),
                    "",
                ),
            ] {
                let what = "score, bank, last fifth in time".to_owned();
                let peer = peer.to_owned();
                self.add(Comparison { what, peer, measure, unit, ours, theirs, aim });
            }
        }
        Ok(())
    }

    /// The instances that the peers' scripts write.
    fn plans(&mut self) -> Result<()> {
        // Script, its arguments, the instance that it writes, our command, its word for the
        // objective, the aim.
        type Case = (
            &'static str,
            &'static [&'static str],
            &'static str,
            &'static str,
            &'static str,
            &'static str,
        );
        const CASES: [Case; 3] = [
            (
                "opt_assign.py",
                &["10000", "200", "ortools"],
                "assign_10000x200.bin",
                "assign",
                "value",
                "the exact optimum in half the time",
            ),
            (
                "opt_territory.py",
                &["5000", "50", "12", "60", "lp"],
                "territory_5000x50.bin",
                "territory",
                "obj",
                "within 0.3 % of the bound in a quarter of the time",
            ),
            (
                "opt_quota.py",
                &["1000", "200", "12"],
                "quota_1000x12.bin",
                "quota",
                "obj",
                "the same objective to 1e-6 in 0.3 of the time of interior point",
            ),
        ];
        for (script, arguments, instance, command, objective, aim) in CASES {
            let told = self.run(script, arguments)?;
            let input = self.out.join("sim").join(instance);
            if told.is_empty() || !input.exists() {
                continue;
            }
            let ran =
                self.roadbook.run(&["plan", command, "--input", &input.display().to_string()])?;
            let ours: Json = serde_json::from_str(&ran.out)?;
            for solver in told {
                let number = |key: &str| solver[key].as_f64();
                let (Some(theirs), Some(cpu)) = (number(objective), number("cpu_s")) else {
                    continue;
                };
                let peer = solver["solver"].as_str().unwrap_or_default().to_owned();
                let reached = ours["objective"].as_f64().unwrap_or(f64::NAN);
                for (measure, unit, ours, theirs) in
                    [("objective", "", reached, theirs), ("CPU", "s", ran.cpu_s, cpu)]
                {
                    let what = format!("{command}, {instance}");
                    let peer = peer.clone();
                    self.add(Comparison { what, peer, measure, unit, ours, theirs, aim });
                }
            }
        }
        Ok(())
    }
}
