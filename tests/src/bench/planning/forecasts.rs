//! Forecasts beside those of peers, and whether intervals hold what they should.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value as Json;

use super::Bench;
use super::compare::{Aim, Comparison};
use super::data::{Sales, write};
use super::kept::Findings;
use super::peers::number;

/// What the combination is held against: the mean of these three.
const THREE: [&str; 3] = ["AutoETS", "DOT", "AutoCES"];
/// One model of ours beside one of theirs, and how many times as fast it should be.
type Pair = (&'static str, &'static str, f64);
/// On whole sets, from the lines of the three.
const QUICK: [Pair; 2] = [("ets", "AutoETS", 10.0), ("theta", "DOT", 10.0)];
/// On a share of each set.
const SLOW: [Pair; 2] = [("arima", "AutoARIMA", 20.0), ("additive", "Prophet", 100.0)];
/// Values that slow peers are given of a set, about.
const FEW_VALUES: usize = 3_000;
/// Models whose intervals are checked.
const INTERVALS: [&str; 7] = ["combination", "ets", "theta", "ces", "arima", "mstl", "additive"];

/// A line of forecasts.
#[derive(Deserialize)]
struct Told {
    id: String,
    intervals: BTreeMap<String, Band>,
}

#[derive(Deserialize)]
struct Band {
    lo: Vec<f64>,
    hi: Vec<f64>,
}

pub(super) fn measure(bench: &mut Bench) -> Result<Findings> {
    let mut found = Findings::none();
    for (name, sales) in bench.sets.sets.clone() {
        for model in INTERVALS {
            let out = ours(bench, &sales, model)?.0;
            found.comparisons.extend(coverage(
                &name,
                model,
                &sales,
                &super::text(Path::new(&out))?,
            )?);
        }
        let three = beside_the_mean(bench, &name, &sales, &mut found)?;
        for pair in QUICK {
            let Some(told) = three.iter().find(|line| line["model"] == pair.1) else { continue };
            beside(bench, &name, &sales, (pair, 1), told, &mut found)?;
        }
    }
    if !bench.peers.are_there() {
        found.missing.push(NO_PEERS.to_owned());
    }
    Ok(found)
}

/// The peers that take seconds a series: every so many-th of each set.
pub(super) fn measure_slow(bench: &mut Bench) -> Result<Findings> {
    let mut found = Findings::none();
    if !bench.peers.are_there() {
        found.missing.push(NO_PEERS.to_owned());
        return Ok(found);
    }
    for (name, sales) in bench.sets.sets.clone() {
        let values: usize = sales.iter().map(|one| one.x.len()).sum();
        let step = values.div_ceil(FEW_VALUES).max(1);
        for pair in SLOW {
            let told = fc_bench(bench, &name, pair.1, step);
            let Some(told) = told.first() else { continue };
            beside(bench, &name, &sales, (pair, step), told, &mut found)?;
        }
    }
    Ok(found)
}

/// Why nothing is beside our figures.
pub(super) const NO_PEERS: &str =
    "no peer was asked: ROADBOOK_BENCH_PEERS and ROADBOOK_BENCH_DATA are not set";

/// The network beside the peers' one, both trained on the whole set.
pub(super) fn measure_lstm(bench: &mut Bench) -> Result<Findings> {
    let mut found = Findings::none();
    for (name, sales) in bench.sets.sets.clone() {
        let (out, cpu_s) = ours(bench, &sales, "lstm")?;
        found.comparisons.extend(coverage(&name, "lstm", &sales, &super::text(Path::new(&out))?)?);
        let set = format!("{name}_monthly");
        let told = bench.peers.lines("fc_lstm.py", &[&set, "public"]);
        let Some(told) = told.first() else { continue };
        let scored = score(bench, &out, &set, 1);
        let what = format!("lstm, {name}, {} series", sales.len());
        found.comparisons.push(
            Comparison::new(&what, "OWA", "", scored)
                .beside("Keras LSTM", number(told, "OWA"))
                .aim(Aim::RatioAtMost(1.0)),
        );
        found.comparisons.push(
            Comparison::new(&what, "CPU of training and forecasting", "s", cpu_s)
                .beside("Keras LSTM", number(told, "train_cpu") + number(told, "infer_cpu"))
                .aim(Aim::RatioAtMost(0.5)),
        );
    }
    if !bench.peers.are_there() {
        found.missing.push(NO_PEERS.to_owned());
    }
    Ok(found)
}

/// Forecasts series with a model of ours; the file of forecasts, and seconds of CPU.
fn ours(bench: &Bench, sales: &[Sales], model: &str) -> Result<(String, f64)> {
    let path = |name: &str| bench.scratch.join(name).display().to_string();
    let (input, out) = (path("part.jsonl"), path("part_forecasts.jsonl"));
    write(Path::new(&input), sales)?;
    let words = ["plan", "forecast", "--input", &input, "--model", model, "--out", &out];
    let ran = bench.roadbook.timed(&words)?;
    Ok((out, ran.cpu_s))
}

/// Our OWA, as the peers' script counts it.
fn score(bench: &mut Bench, forecasts: &str, set: &str, step: usize) -> f64 {
    let step = step.to_string();
    let told = bench.peers.lines("score_forecasts.py", &[forecasts, set, "public", &step]);
    told.first().map_or(f64::NAN, |told| number(told, "OWA"))
}

/// The combination beside the mean of three peers' forecasts, which costs what the three cost;
/// returns the lines of the three.
fn beside_the_mean(
    bench: &mut Bench,
    name: &str,
    sales: &[Sales],
    found: &mut Findings,
) -> Result<Vec<Json>> {
    let set = format!("{name}_monthly");
    let three = THREE.join(",");
    let told = fc_bench(bench, name, &three, 1);
    let mean = bench.peers.lines("ens.py", &[&set, "public", "1", &three]);
    let Some(mean) = mean.iter().find(|line| line["how"] == "mean") else { return Ok(told) };
    let theirs: f64 = told.iter().map(|line| number(line, "cpu_s")).sum();
    let (out, cpu_s) = ours(bench, sales, "combination")?;
    let scored = score(bench, &out, &set, 1);
    let what = format!("combination, {name}, {} series", sales.len());
    let peer = format!("mean of {}", THREE.join(", "));
    found.comparisons.push(
        Comparison::new(&what, "OWA", "", scored)
            .beside(&peer, number(mean, "OWA"))
            .aim(Aim::RatioAtMost(0.98)),
    );
    found.comparisons.push(
        Comparison::new(&what, "CPU", "s", cpu_s).beside(&peer, theirs).aim(Aim::RatioAtMost(0.05)),
    );
    Ok(told)
}

/// The lines of peers on every `step`-th series of a set.
fn fc_bench(bench: &mut Bench, name: &str, peers: &str, step: usize) -> Vec<Json> {
    let set = format!("{name}_monthly");
    bench.peers.lines("fc_bench.py", &[&set, "public", peers, &step.to_string()])
}

fn beside(
    bench: &mut Bench,
    name: &str,
    sales: &[Sales],
    ((model, peer, times), step): (Pair, usize),
    told: &Json,
    found: &mut Findings,
) -> Result<()> {
    let set = format!("{name}_monthly");
    let part: Vec<Sales> = sales.iter().step_by(step).cloned().collect();
    let (out, cpu_s) = ours(bench, &part, model)?;
    let scored = score(bench, &out, &set, step);
    let what = format!("{model}, {name}, {} series", part.len());
    found.comparisons.push(
        Comparison::new(&what, "OWA", "", scored)
            .beside(peer, number(told, "OWA"))
            .aim(Aim::RatioAtMost(1.0)),
    );
    found.comparisons.push(
        Comparison::new(&what, "CPU", "s", cpu_s)
            .beside(peer, number(told, "cpu_s"))
            .aim(Aim::RatioAtMost(1.0 / times)),
    );
    Ok(())
}

/// How many of the values that came each interval holds, in per cent, over all series and steps.
fn coverage(name: &str, model: &str, sales: &[Sales], forecasts: &str) -> Result<Vec<Comparison>> {
    let read = |line: &str| serde_json::from_str::<Told>(line).context("a forecast");
    let told: Result<Vec<Told>> = forecasts.lines().map(read).collect();
    let told: BTreeMap<String, Told> = told?.into_iter().map(|one| (one.id.clone(), one)).collect();
    let mut out = Vec::new();
    for (level, nominal) in [("80", 80.0), ("95", 95.0)] {
        let (mut inside, mut all) = (0.0, 0.0);
        for one in sales {
            let told = told.get(&one.id).with_context(|| format!("no forecast of {}", one.id))?;
            let band = told.intervals.get(level).context("an interval")?;
            for (actual, (lo, hi)) in one.xx.iter().zip(band.lo.iter().zip(&band.hi)) {
                all += 1.0;
                inside += if lo <= actual && actual <= hi { 1.0 } else { 0.0 };
            }
        }
        let what = format!("{model}, {name}, {} series", sales.len());
        let measure = format!("values in the interval of {level} %");
        out.push(
            Comparison::new(&what, &measure, "%", 100.0 * inside / f64::max(all, 1.0))
                .beside("as told", nominal)
                .aim(Aim::Within(3.0)),
        );
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_counts_every_value_of_every_series() {
        let sales = |id: &str, xx: &[f64]| Sales {
            id: id.into(),
            freq: 12,
            h: 2,
            x: vec![Some(1.0)],
            xx: xx.to_vec(),
        };
        let line = |id: &str| {
            format!(
                "{{\"id\":\"{id}\",\"intervals\":{{\"80\":{{\"lo\":[1,1],\"hi\":[2,2]}},\
                 \"95\":{{\"lo\":[0,0],\"hi\":[9,9]}}}}}}"
            )
        };
        let all = [sales("a", &[1.5, 3.0]), sales("b", &[2.0, 0.5])];
        let text = format!("{}\n{}", line("b"), line("a"));
        let told = coverage("made up", "ets", &all, &text).unwrap();
        assert!((told[0].ours - 50.0).abs() < 1e-9, "two of four");
        assert!((told[1].ours - 100.0).abs() < 1e-9);
        assert_eq!([told[0].is_met(), told[1].is_met()], [Some(false), Some(false)]);
        assert!(coverage("made up", "ets", &[sales("c", &[1.0])], &text).is_err(), "no forecast");
    }
}
