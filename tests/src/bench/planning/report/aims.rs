//! All aims in one list: how many are met, and which are not.

use std::fmt::Write as _;

use super::super::compare::{Aim, Comparison};
use super::super::errors::{COST, Experiment, RECOVERED};
use super::super::kept::Part;
use super::super::tasks::{AIM_S, Tasks};
use super::sections::{number, ratio};

/// Says how many aims are met and lists the others.
pub(super) fn in_short(out: &mut String, parts: &[Part]) {
    let all: Vec<Comparison> = parts.iter().flat_map(aims).collect();
    let (met, missed): (Vec<_>, Vec<_>) = all
        .iter()
        .filter_map(|one| one.is_met().map(|is_met| (one, is_met)))
        .partition(|(_, is_met)| *is_met);
    let _ = writeln!(
        out,
        "## In short\n\n{} of {} figures that have an aim meet it.",
        met.len(),
        met.len() + missed.len()
    );
    if !missed.is_empty() {
        out.push_str(
            "\nMissed:\n\n| what | measure | ours | peer | ratio | aim |\n|---|---|---|---|---|---|\n",
        );
    }
    for (one, _) in missed {
        let theirs =
            one.theirs.map(|theirs| format!("{} ({})", number(theirs, &one.unit), one.peer));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            one.what,
            one.measure,
            number(one.ours, &one.unit),
            theirs.unwrap_or_default(),
            ratio(one),
            one.aim.told()
        );
    }
    out.push('\n');
}

/// Every figure of a scene that may have an aim.
fn aims(part: &Part) -> Vec<Comparison> {
    let mut out = Vec::new();
    if let Some(tasks) = &part.found.tasks {
        out.extend(of_tasks(tasks));
    }
    out.extend(part.found.experiments.iter().flat_map(of_experiment));
    out.extend(part.found.comparisons.iter().cloned());
    out
}

fn of_tasks(tasks: &Tasks) -> [Comparison; 2] {
    let cpu = |how: &str, cpu_s: f64| {
        Comparison::new("all four tasks", &format!("CPU, {how}"), "s", cpu_s)
            .aim(Aim::AtMost(AIM_S))
    };
    [cpu("step by step", tasks.steps_cpu_s()), cpu("one process", tasks.pipeline_cpu_s)]
}

fn of_experiment(experiment: &Experiment) -> Vec<Comparison> {
    let mut out = Vec::new();
    for row in &experiment.rows {
        let what = format!("{}, damaged {}", row.model, experiment.set);
        let figure = |measure: &str, value: f64| Comparison::new(&what, measure, "%", value);
        if let Some(cut) = row.cut_aim() {
            out.push(figure("error cut by cleaning", row.cut()).aim(Aim::AtLeast(cut)));
        }
        let recovered = figure("damage recovered by cleaning", row.recovered());
        out.push(recovered.aim(Aim::AtLeast(RECOVERED)));
        let cost = figure("what cleaning costs undamaged sales", row.cost());
        out.push(cost.aim(Aim::AtMost(COST)));
    }
    out
}
