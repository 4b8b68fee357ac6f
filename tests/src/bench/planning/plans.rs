//! Assignment, territories and quotas on the instances that the peers' scripts write.

use std::collections::BTreeMap;
use std::hint::black_box;

use anyhow::{Context as _, Result};
use roadbook_planning::optimise::assign::assign_one;
use serde_json::Value as Json;

use super::super::measure::{cpu_time, median};
use super::Bench;
use super::compare::{Aim, Comparison};
use super::forecasts::NO_PEERS;
use super::kept::Findings;
use super::peers::number;
use crate::world::dice::Dice;

/// One kind of instance.
struct Case {
    script: &'static str,
    arguments: &'static [&'static str],
    /// The instance that the script writes.
    instance: &'static str,
    /// Our command.
    command: &'static str,
    /// The script's word for the objective.
    objective: &'static str,
    /// The solver that counts, and the aims on objective and CPU beside it; others are told.
    solver: &'static str,
    aims: (Aim, Aim),
}

const CASES: [Case; 3] = [
    Case {
        script: "opt_assign.py",
        arguments: &["10000", "200", "ortools"],
        instance: "assign_10000x200.bin",
        command: "assign",
        objective: "value",
        solver: "ortools_mcf",
        aims: (Aim::RatioWithin(1e-9), Aim::RatioAtMost(0.5)),
    },
    Case {
        script: "opt_territory.py",
        arguments: &["5000", "50", "12", "60", "lp"],
        instance: "territory_5000x50.bin",
        command: "territory",
        objective: "obj",
        solver: "HiGHS LP relaxation (bound)",
        aims: (Aim::RatioAtMost(1.003), Aim::RatioAtMost(0.25)),
    },
    Case {
        script: "opt_quota.py",
        arguments: &["1000", "200", "12"],
        instance: "quota_1000x12.bin",
        command: "quota",
        objective: "obj",
        solver: "highs-ipm",
        aims: (Aim::RatioWithin(1e-6), Aim::RatioAtMost(0.3)),
    },
];

/// How often each instance is solved; figures are medians.
const ROUNDS: usize = 3;

pub(super) fn measure(bench: &mut Bench) -> Result<Findings> {
    let mut found = Findings::none();
    found.comparisons.push(
        Comparison::new("assign, one new lead, 200 reps", "CPU", "us", one_lead_us()?)
            .aim(Aim::AtMost(1_000.0)),
    );
    if !bench.peers.are_there() {
        found.missing.push(NO_PEERS.to_owned());
        return Ok(found);
    }
    for case in &CASES {
        on_instance(bench, case, &mut found)?;
    }
    Ok(found)
}

/// What a solver told last, and its seconds of CPU in each round.
struct Solved {
    objective: f64,
    cpu_s: Vec<f64>,
}

/// Rounds in turn, because solving takes less than what a busy machine adds to it.
fn on_instance(bench: &mut Bench, case: &Case, found: &mut Findings) -> Result<()> {
    let mut theirs: BTreeMap<String, Solved> = BTreeMap::new();
    let (mut ours, mut cpu_s) = (None, Vec::new());
    for _ in 0..ROUNDS {
        let told = bench.peers.written(case.script, case.arguments, "opt_results.jsonl");
        let input = bench.peers.out.join("sim").join(case.instance);
        if told.is_empty() || !input.exists() {
            return Ok(());
        }
        for solver in told {
            let (objective, cpu_s) = (number(&solver, case.objective), number(&solver, "cpu_s"));
            if objective.is_nan() || cpu_s.is_nan() {
                continue;
            }
            let name = solver["solver"].as_str().unwrap_or_default().to_owned();
            let solved = theirs.entry(name).or_insert(Solved { objective, cpu_s: Vec::new() });
            solved.cpu_s.push(cpu_s);
        }
        let input = input.display().to_string();
        let ran = bench.roadbook.run(&["plan", case.command, "--input", &input])?;
        cpu_s.push(ran.cpu_s);
        ours = Some(serde_json::from_str::<Json>(&ran.out)?);
    }
    let ours = ours.context("an answer of ours")?;
    let what = format!("{}, {}", case.command, case.instance);
    let mut put = |one: Comparison| found.comparisons.push(one);
    for (peer, solved) in &theirs {
        let aim = |aim: Aim| if peer == case.solver { aim } else { Aim::None };
        put(Comparison::new(&what, "objective", "", number(&ours, "objective"))
            .beside(peer, solved.objective)
            .aim(aim(case.aims.0)));
        put(Comparison::new(&what, "CPU", "s", median(&cpu_s))
            .beside(peer, median(&solved.cpu_s))
            .aim(aim(case.aims.1)));
    }
    if let Some(imbalance) = ours["imbalance"].as_f64() {
        let gap = 100.0 * (number(&ours, "objective") / number(&ours, "bound") - 1.0);
        put(Comparison::new(&what, "above our own bound, which sees every pair", "%", gap)
            .aim(Aim::AtMost(0.3)));
        put(Comparison::new(&what, "furthest load from the average", "%", 100.0 * imbalance)
            .aim(Aim::AtMost(5.0)));
    }
    Ok(())
}

/// Microseconds of CPU for one new lead, the rationale included, with places and prices as after a
/// batch.
fn one_lead_us() -> Result<f64> {
    const REPS: usize = 200;
    const LEADS: u32 = 2_000;
    let mut dice = Dice::new(5);
    let mut unit = || f64::from(u32::try_from(dice.roll() >> 32).unwrap_or(0)) / 4_294_967_296.0;
    let price: Vec<f64> = (0..REPS).map(|_| 100.0 * unit()).collect();
    let value: Vec<f64> = (0..REPS).map(|_| 1_000.0 * unit()).collect();
    let eligible: Vec<bool> = (0..REPS).map(|_| unit() < 0.6).collect();
    let places = vec![3; REPS];
    let start = cpu_time();
    for _ in 0..LEADS {
        let told = assign_one(black_box(&value), &eligible, &places, black_box(&price));
        black_box(told?);
    }
    Ok((cpu_time() - start).as_secs_f64() * 1e6 / f64::from(LEADS))
}
