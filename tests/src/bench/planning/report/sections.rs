//! One section for each scene.

use std::fmt::Write as _;

use super::super::compare::Comparison;
use super::super::errors::{COST, Experiment, RECOVERED, Row};
use super::super::kept::Part;
use super::super::tasks::{AIM_S, Tasks};

pub(super) fn section(out: &mut String, part: &Part) {
    let (title, intro) = match part.scene.as_str() {
        "tasks" => ("Four tasks", TASKS),
        "errors" => ("Error on damaged, cleaned and undamaged sales", ERRORS),
        "forecasts" => ("Forecasts beside peers", FORECASTS),
        "slow" => ("Forecasts beside slow peers", SLOW),
        "lstm" => ("A network trained on the device", LSTM),
        "scores" => ("Scores beside peers", SCORES),
        "plans" => ("Assignment, territories and quotas beside peers", PLANS),
        other => (other, ""),
    };
    let _ = writeln!(out, "## {title}\n\n{intro}\n");
    if let Some(all) = &part.found.tasks {
        tasks(out, all);
    }
    for (at, experiment) in part.found.experiments.iter().enumerate() {
        on_set(out, experiment, if at == 0 { Pictures::Shown } else { Pictures::None });
    }
    comparisons(out, &part.found.comparisons);
    if part.scene == "forecasts" && part.found.comparisons.iter().any(|one| one.measure == "OWA") {
        out.push_str("![Our OWA over the peer's, by model and set](pictures/planning-owa.svg)\n\n");
    }
    if !part.found.missing.is_empty() {
        out.push_str("Not compared:\n\n");
        for missing in &part.found.missing {
            let _ = writeln!(out, "- {missing}");
        }
        out.push('\n');
    }
}

const TASKS: &str = "\
Step by step, each task is a public command of its own, with files in between. In one process \
the same work is done in one go, without files between cleaning and forecasting.";

const ERRORS: &str = "\
Damage, seeded: of the months of each series at least 5 % missing, 3 % false zeros, 2 % doubled, \
1 % times ten; one outage of three months; a last month that is not over. `plan clean` is told \
nothing about it. Errors are mean absolute percentage errors. A device that has not synced for a \
month does not know the last month, holds the one before it while that was not over, and the same \
damage in all months before; both devices are judged on the same months. What clean and fresh together gain over neither is shared out by the mean of \
both orders (Shapley); parts are points of error.";

const FORECASTS: &str = "\
Ours is the whole program with starting, reading and writing; a peer's CPU is what its script \
counts, without starting and reading; a run that is short beside the steps of the clock is made \
several times, and its mean told. OWA is counted by the peers' script for both. Intervals are held \
against what came, over all series and steps.";

const SLOW: &str = "\
AutoARIMA and Prophet get every so many-th series of a set, about 3,000 values; ours then gets the \
same. With so few series an OWA says little by itself.";

const LSTM: &str = "\
One network for all series of a set, trained on them, beside the peers' Keras network of the same \
kind. Ours counts the whole program.";

const SCORES: &str = "\
Boosted trees of all sides get the rows and codes of the peers' script; `five folds` are its mean \
over stratified folds, `last fifth in time` the last fifth of the rows told by the four before it. \
A peer's fit counts the coding of categories; ours codes them again and counts that. `score-train` \
picks the kind of model itself. Corrections that follow the labels know the label of each row \
before the next one, and never before the row itself is told. With few labels a calibration error \
shows by chance even where probabilities are exact; how much is told beside it.";

const PLANS: &str = "\
On the instances that the peers' scripts write; CPU is the median of three rounds in turn. Ours is \
the whole program with starting, reading and writing; a peer's CPU is what its script counts, which \
is building and solving for assignment and solving alone for the others. The peers' bound for \
territories is that of a program with the nearest reps of each account only, so that an answer that \
may use all of them can be below it; the gap to our own bound is told, too.";

fn tasks(out: &mut String, tasks: &Tasks) {
    out.push_str("| task | size | CPU |\n|---|---|---|\n");
    for task in &tasks.tasks {
        let _ = writeln!(out, "| {} | {} | {:.2} s |", task.name, task.what, task.cpu_s);
    }
    let (whole, one) = (tasks.steps_cpu_s(), tasks.pipeline_cpu_s);
    let _ = writeln!(out, "| **all, step by step** | | **{whole:.2} s** |");
    let _ = writeln!(out, "| **all, one process** | | **{one:.2} s** |");
    let met = if one <= AIM_S && whole <= AIM_S { "met" } else { "missed" };
    let _ = writeln!(
        out,
        "\nThe aim of {AIM_S:.0} s for all four together is {met}. One process takes {:.0} % of the \
         CPU of the steps: the work is the same, so what orchestration saves here is starting \
         programs and writing files, and no more.\n\n![Seconds of CPU by task](pictures/planning-tasks.svg)\n",
        100.0 * one / whole
    );
}

/// Whether a set has pictures.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pictures {
    Shown,
    None,
}

fn on_set(out: &mut String, experiment: &Experiment, pictures: Pictures) {
    let _ = writeln!(
        out,
        "### {}\n\n{} monthly series, {} months ahead; {} values were damaged, {} repaired.\n",
        experiment.set,
        experiment.series,
        experiment.ahead,
        experiment.damaged,
        experiment.repaired
    );
    out.push_str(
        "| model | damaged | cleaned | undamaged | error cut by | at most | damage recovered | \
         cleaning undamaged costs |\n|---|---|---|---|---|---|---|---|\n",
    );
    for row in &experiment.rows {
        let aim = row.cut_aim().map_or_else(String::new, |aim| format!(" (aim {aim} %)"));
        let _ = writeln!(
            out,
            "| {} | {:.2} % | {:.2} % | {:.2} % | {:.1} %{aim} | {:.1} % | {:.1} % | {:+.2} % |",
            row.model,
            row.damaged,
            row.cleaned,
            row.undamaged,
            row.cut(),
            row.most_cut(),
            row.recovered(),
            row.cost()
        );
    }
    let _ = writeln!(
        out,
        "\nAt most: what would be cut if every value were as it was before the damage. Aims: \
         {RECOVERED:.0} % of the damage recovered; cleaning undamaged sales costs at most \
         {COST:.0} %.\n"
    );
    if pictures == Pictures::Shown {
        out.push_str("![Error by model and state of the sales](pictures/planning-errors.svg)\n\n");
    }
    clean_and_fresh(out, &experiment.rows);
    if pictures == Pictures::Shown {
        out.push_str(
            "![Points of error saved by cleaning and by fresh data](pictures/planning-parts.svg)\n\n",
        );
    }
}

fn clean_and_fresh(out: &mut String, rows: &[Row]) {
    out.push_str(
        "| model | a month old, damaged | a month old, cleaned | fresh, damaged | fresh, cleaned | \
         owed to cleaning | owed to fresh data |\n|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let (cleaning, fresh) = row.parts();
        let share = |part: f64| 100.0 * part / (cleaning + fresh);
        let _ = writeln!(
            out,
            "| {} | {:.2} % | {:.2} % | {:.2} % | {:.2} % | {cleaning:.2} ({:.0} %) | {fresh:.2} \
             ({:.0} %) |",
            row.model,
            row.stale_damaged,
            row.stale_cleaned,
            row.damaged,
            row.cleaned,
            share(cleaning),
            share(fresh)
        );
    }
    out.push('\n');
}

fn comparisons(out: &mut String, all: &[Comparison]) {
    if all.is_empty() {
        return;
    }
    out.push_str(
        "| what | measure | ours | peer | | ratio | aim | |\n|---|---|---|---|---|---|---|---|\n",
    );
    for one in all {
        let verdict = match one.is_met() {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {verdict} |",
            one.what,
            one.measure,
            number(one.ours, &one.unit),
            one.peer,
            one.theirs.map_or_else(String::new, |theirs| number(theirs, &one.unit)),
            ratio(one),
            one.aim.told(),
        );
    }
    out.push('\n');
}

/// Ours over theirs.
pub(super) fn ratio(one: &Comparison) -> String {
    one.theirs.map_or_else(String::new, |theirs| format!("{:.3}", one.ours / theirs))
}

/// A figure with as many digits as say something.
pub(super) fn number(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        size if size >= 1_000.0 => 2,
        size if size >= 20.0 => 1,
        size if size >= 5.0 => 2,
        _ => 4,
    };
    let unit = if unit == "us" { "µs" } else { unit };
    format!("{value:.digits$} {unit}").trim_end().to_owned()
}
