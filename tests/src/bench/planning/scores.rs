//! Scores beside those of peers: boosting on the peers' own folds and coding, and the public
//! commands on data in the order of time.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use roadbook_planning::score::calibrate::Calibration;
use roadbook_planning::score::metrics::{ece_by_chance, measure as judge};
use roadbook_planning::score::rolling::RollingCalibration;
use serde_json::Value as Json;

use super::boost::BOOST;
use super::compare::{Aim, Comparison};
use super::forecasts::NO_PEERS;
use super::kept::Findings;
use super::peers::number;
use super::{Bench, folder};

/// Sets of the peers' script, and its ways of splitting them.
const SPLITS: [(&str, &str, &str); 4] = [
    ("bank", "5fold", "five folds"),
    ("bank", "time", "last fifth in time"),
    ("leads", "5fold", "five folds"),
    ("leads", "time", "last fifth in time"),
];
const LIGHTGBM: &str = "lgbm_tuned";
const XGBOOST: &str = "xgb_tuned";
const LOGISTIC: &str = "logistic";
const OURS: &str = "own_boosted";

pub(super) fn measure(bench: &mut Bench) -> Result<Findings> {
    let mut found = Findings::none();
    in_time(bench, &mut found)?;
    if bench.peers.are_there() {
        for (set, split, told) in SPLITS {
            boosting(bench, (set, split, told), &mut found)?;
        }
    } else {
        found.missing.push(NO_PEERS.to_owned());
    }
    Ok(found)
}

/// Our boosting on the rows and codes that the peers' script gives to everybody.
fn boosting(
    bench: &mut Bench,
    (set, split, told): (&str, &str, &str),
    found: &mut Findings,
) -> Result<()> {
    let itself = std::env::current_exe().context("the bench's own program")?;
    let ours = [("RUST_BIN", format!("{} {BOOST}", itself.display()))];
    let models = [LIGHTGBM, XGBOOST, LOGISTIC, OURS].join(",");
    let lines = bench.peers.lines_with("ls_bench.py", &[set, split, &models], &ours);
    let line = |model: &str| lines.iter().find(|line| line["model"] == model);
    let (Some(light), Some(extreme), Some(ours)) = (line(LIGHTGBM), line(XGBOOST), line(OURS))
    else {
        return Ok(());
    };
    let what = format!("boosted trees, {set}, {told}");
    let key = |key: &str| (number(ours, key), number(light, key), number(extreme, key));
    let better = "the better of LightGBM and XGBoost";
    let (auc, one, other) = key("auc");
    found.comparisons.push(
        Comparison::new(&what, "AUC", "", auc)
            .beside(better, f64::max(one, other))
            .aim(Aim::LessByAtMost(0.001)),
    );
    let (loss, one, other) = key("ll");
    found.comparisons.push(
        Comparison::new(&what, "log loss", "", loss)
            .beside(better, f64::min(one, other))
            .aim(Aim::MoreByAtMost(0.0)),
    );
    let (fit, light_fit, _) = key("fit_cpu_s");
    found.comparisons.push(
        Comparison::new(&what, "CPU of a fit", "s", fit)
            .beside("LightGBM", light_fit)
            .aim(Aim::RatioAtMost(0.6)),
    );
    found.comparisons.push(
        Comparison::new(&what, "one row", "us", number(ours, "one_row_p50_us"))
            .aim(Aim::AtMost(5.0)),
    );
    found.comparisons.push(
        Comparison::new(&what, "contributions of one row", "us", number(ours, "shap_us_row"))
            .aim(Aim::AtMost(100.0)),
    );
    if let Some(logistic) = line(LOGISTIC) {
        found.comparisons.push(
            Comparison::new(&what, "AUC", "", auc)
                .beside("logistic regression", number(logistic, "auc")),
        );
    }
    Ok(())
}

/// The bank data in the order of time through the public commands, which pick the model: the first
/// four fifths against the last; then the same with each label known before the next row.
fn in_time(bench: &Bench, found: &mut Findings) -> Result<()> {
    let bank = folder("ROADBOOK_BENCH_DATA").map(|data| data.join("bank_marketing.csv"));
    let Some(bank) = bank.filter(|bank| bank.exists()) else {
        found.missing.push("score-train in the order of time: there is no bank data".to_owned());
        return Ok(());
    };
    let table = super::text(&bank)?;
    let mut lines = table.lines();
    let header = lines.next().context("a header")?;
    let rows: Vec<&str> = lines.collect();
    let (train, test) = rows.split_at(rows.len() * 4 / 5);
    let path = |name: &str| bench.scratch.join(name).display().to_string();
    let (first, last, model) = (path("train.csv"), path("test.csv"), path("bank.rbmodel"));
    std::fs::write(&first, format!("{header}\n{}\n", train.join("\n")))?;
    std::fs::write(&last, format!("{header}\n{}\n", test.join("\n")))?;
    let words = ["plan", "score-train", "--input", &first, "--label", "y", "--time", "row"];
    let fit = bench.roadbook.run(&[&words[..], &["--model", &model]].concat())?;
    let out = path("scores.csv");
    let words = ["plan", "score-predict", "--input", &last, "--model", &model, "--keep", "y"];
    let told = bench.roadbook.run(&[&words[..], &["--label", "y", "--out", &out]].concat())?;
    let told: Json = serde_json::from_str(&told.out)?;
    let metric = |key: &str| number(&told["metrics"], key);
    let what = "score-train picks, bank, last fifth in time";
    let mut put = |measure: &str, unit: &str, ours: f64, aim: Aim| {
        found.comparisons.push(Comparison::new(what, measure, unit, ours).aim(aim));
    };
    put("AUC", "", metric("auc"), Aim::AtLeast(0.745));
    put("log loss", "", metric("log_loss"), Aim::AtMost(0.58));
    put("calibration error", "", metric("calibration_error"), Aim::None);
    put("CPU of trying all kinds and fitting", "s", fit.cpu_s, Aim::None);
    let followed = follow(&super::text(Path::new(&out))?)?;
    put("log loss, each label known before the next row", "", followed.log_loss, Aim::AtMost(0.58));
    put("calibration error, likewise", "", followed.error, Aim::AtMost(0.01));
    let chance = "calibration error that exact probabilities would show by chance";
    put(chance, "", followed.by_chance, Aim::None);
    Ok(())
}

struct Followed {
    log_loss: f64,
    error: f64,
    by_chance: f64,
}

/// Corrects each probability by the labels of the rows before it, and judges what was told.
fn follow(scores: &str) -> Result<Followed> {
    let mut lines = scores.lines();
    let names: Vec<&str> = lines.next().context("a header")?.split(',').collect();
    let place = |name: &str| names.iter().position(|other| *other == name).context("a column");
    // Both come before the first cell that may hold a comma.
    let (label_at, told_at) = (place("y")?, place("probability")?);
    let mut rolling = RollingCalibration::new(Calibration::AsIs);
    let (mut labels, mut told) = (Vec::new(), Vec::new());
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        ensure!(cells.len() >= names.len(), "a row of scores is short");
        let (label, probability) = (cells[label_at] == "yes", cells[told_at].parse()?);
        told.push(rolling.apply(probability));
        labels.push(label);
        rolling.observe(probability, label)?;
    }
    let judged = judge(&labels, &told)?;
    let by_chance = ece_by_chance(&told)?;
    Ok(Followed { log_loss: judged.log_loss, error: judged.ece, by_chance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_told_before_its_label_is_known() {
        let rows = "1,yes,0.2,a\n2,yes,0.2,b\n3,no,0.2,c\n";
        let followed = follow(&format!("line,y,probability,reasons\n{rows}")).unwrap();
        let alone = follow("line,y,probability,reasons\n1,no,0.25,a\n").unwrap();
        assert!((alone.log_loss + 0.75_f64.ln()).abs() < 1e-9, "nothing is known before the first");
        assert!(followed.log_loss < -(2.0 * 0.2_f64.ln() + 0.8_f64.ln()) / 3.0, "two yes help");
        assert!(follow("line,probability\n1,0.5\n").is_err(), "without labels");
    }
}
