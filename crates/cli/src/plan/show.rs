//! What `roadbook plan` tells people.

use std::fmt::Write as _;

use roadbook_api::views::planning::{
    AssignFileView, CleanFileView, ForecastFileView, MetricsView, PredictFileView, QuotaFileView,
    RecalibrateFileView, RouteFileView, SeriesNoteView, TerritoryFileView, TrainFileView,
    UnseenView,
};

use crate::show::table::{Lean, table};
use crate::show::words::{count, grouped};
use crate::terminal::{Style, Terminal};

/// So many notes or repairs are shown; the files have them all.
const SHOWN: usize = 10;

fn place(out: Option<&String>) -> String {
    out.map_or_else(String::new, |file| format!(" to {file}"))
}

/// A number with so many decimals and commas.
fn number(value: f64, decimals: usize) -> String {
    grouped(&format!("{value:.decimals$}"))
}

fn gap(gap: f64) -> String {
    if gap < 1e-9 { "proven optimum".to_owned() } else { format!("gap {:.4} %", 100.0 * gap) }
}

fn notes(out: &mut String, notes: &[SeriesNoteView]) {
    for note in notes.iter().take(SHOWN) {
        // A line that cannot be read at all has no id.
        let id = if note.id.is_empty() { String::new() } else { format!(", {}", note.id) };
        let _ = write!(out, "\nline {}{id}: {}", note.line, note.text);
    }
    if notes.len() > SHOWN {
        let _ = write!(out, "\nand {} more notes", notes.len() - SHOWN);
    }
}

/// How many series are not in the answer.
fn missing(out: &mut String, left_out: u64) {
    if left_out > 0 {
        let series = count(left_out, "series was", "series were");
        let _ = write!(out, "\n{series} left out; the notes say why");
    }
}

pub(super) fn forecast(report: &ForecastFileView) -> String {
    let series = count(report.series, "series", "series");
    let mut out = format!(
        "forecast {series} with {}{}; lo and hi hold {} % of values",
        report.model,
        place(report.out.as_ref()),
        report.level
    );
    if report.repairs > 0 {
        let repaired = count(report.repairs, "value was", "values were");
        let _ = write!(out, "\n{repaired} repaired first; `roadbook plan clean` lists each");
    }
    missing(&mut out, report.left_out);
    if report.fallbacks > 0 {
        let _ =
            write!(out, "\na simpler model answers for {}", grouped(&report.fallbacks.to_string()));
    }
    notes(&mut out, &report.notes);
    out
}

pub(super) fn clean(report: &CleanFileView) -> String {
    let repairs = report.repairs.len() as u64;
    let mut out = format!(
        "repaired {} of {} in {}; {} untouched{}",
        count(repairs, "value", "values"),
        grouped(&report.values.to_string()),
        count(report.series, "series", "series"),
        grouped(&report.untouched.to_string()),
        place(report.out.as_ref())
    );
    missing(&mut out, report.left_out);
    for repair in report.repairs.iter().take(SHOWN) {
        let at = repair.date.clone().unwrap_or_else(|| format!("position {}", repair.position));
        let before = repair.before.map_or_else(|| "nothing".to_owned(), |value| number(value, 2));
        let after = number(repair.after, 2);
        let _ = write!(out, "\n{} {at}: {before} became {after}: {}", repair.id, repair.reason);
    }
    if report.repairs.len() > SHOWN {
        let more = report.repairs.len() - SHOWN;
        let _ = write!(out, "\nand {more} more repairs; --repairs FILE has them all");
    }
    notes(&mut out, &report.notes);
    out
}

fn measures(metrics: &MetricsView) -> String {
    format!(
        "AUC {:.4}, average precision {:.4}, log loss {:.4}, Brier {:.4}, calibration error {:.4} \
         over {}",
        metrics.auc,
        metrics.pr_auc,
        metrics.log_loss,
        metrics.brier,
        metrics.calibration_error,
        count(metrics.rows, "row", "rows")
    )
}

pub(super) fn trained(report: &TrainFileView, terminal: &Terminal) -> String {
    let card = &report.card;
    let mut out = format!(
        "{} {}: {}, version {}, tells the probability that {}\n",
        terminal.style(Style::Bold, "trained"),
        report.model,
        card.kind,
        card.version,
        card.outcome
    );
    let _ = writeln!(
        out,
        "{} from {} to {}, {:.1} % positive",
        count(card.rows, "row", "rows"),
        card.from,
        card.to,
        100.0 * card.base_rate
    );
    let _ = writeln!(out, "on the newest fifth, not seen in training: {}", measures(&card.latest));
    let rows: Vec<Vec<String>> = card
        .candidates
        .iter()
        .map(|tried| {
            vec![tried.kind.clone(), format!("{:.4}", tried.auc), format!("{:.4}", tried.log_loss)]
        })
        .collect();
    let header = [("TRIED", Lean::Left), ("AUC", Lean::Right), ("LOG LOSS", Lean::Right)];
    out.push_str(&table(&header, &rows, |text| terminal.style(Style::Bold, text)));
    for left in &report.left_out {
        let _ = writeln!(out, "left out {left}");
    }
    let _ = write!(out, "signed by {}", card.signer);
    out
}

pub(super) fn predicted(report: &PredictFileView) -> String {
    let mut out = format!(
        "scored {}{} with version {}, signed by {}; mean probability that {}: {:.3}",
        count(report.rows, "row", "rows"),
        place(report.out.as_ref()),
        report.version,
        report.signer,
        report.outcome,
        report.mean
    );
    if let Some(metrics) = &report.metrics {
        let _ = write!(out, "\n{}", measures(metrics));
    }
    strangers(&mut out, &report.unseen);
    if report.drift.advice != "keep" {
        let most = report.drift.features.first();
        let moved =
            most.map_or_else(String::new, |f| format!("; most in {} ({:.2})", f.name, f.psi));
        let verb = if report.drift.advice == "retrain" { "train again" } else { "calibrate again" };
        let _ = write!(out, "\nthe world has moved since training{moved}: {verb}");
    }
    out
}

fn strangers(out: &mut String, unseen: &[UnseenView]) {
    for unseen in unseen.iter().take(SHOWN) {
        let _ = write!(
            out,
            "\n{}: `{}` was not seen in training and counts as unknown in {}",
            unseen.column,
            unseen.category,
            count(unseen.rows, "row", "rows")
        );
    }
}

pub(super) fn recalibrated(report: &RecalibrateFileView, terminal: &Terminal) -> String {
    let card = &report.card;
    let how = match report.how.as_str() {
        "kept" => "no correction beats the one in force, which stays",
        "followed" => "the correction followed the rows one by one, newer ones counting more",
        "shift" => "a shift of the base rate",
        "temperature" => "scores drawn nearer together or further apart",
        "platt" => "a shift, and scores drawn nearer together or further apart",
        _ => "steps from score to probability",
    };
    let mut out = format!(
        "{} {}: version {} from version {}, tells the probability that {}\n{} up to {}: {how}\n",
        terminal.style(Style::Bold, "corrected"),
        report.model,
        card.version,
        report.from_version,
        card.outcome,
        count(report.rows, "newest row", "newest rows"),
        card.to,
    );
    if report.older > 0 {
        let older = count(report.older, "row is", "rows are");
        let _ = writeln!(out, "{older} no later than what the model knows already, and left out");
    }
    let _ = writeln!(out, "until now: {}", measures(&report.before));
    let _ = write!(out, "corrected: {}", measures(&report.after));
    strangers(&mut out, &report.unseen);
    let _ = write!(out, "\nsigned by {}", card.signer);
    out
}

pub(super) fn assigned(report: &AssignFileView) -> String {
    let mut out = format!(
        "assigned {} of {} to {}{}\nvalue {}, bound {} ({})\nleads of a rep: {} to {}",
        grouped(&report.assigned.to_string()),
        count(report.leads, "lead", "leads"),
        count(report.reps, "rep", "reps"),
        place(report.out.as_ref()),
        number(report.objective, 2),
        number(report.bound, 2),
        gap(report.gap),
        report.load.0,
        report.load.1
    );
    if report.cost_of_fairness > 0.0 {
        let _ = write!(out, "\nfairness costs {}", number(report.cost_of_fairness, 2));
    }
    out
}

pub(super) fn designed(report: &TerritoryFileView) -> String {
    let mut out = format!(
        "designed territories of {} for {}{}\nwork times distance {}, bound {} ({})\nlargest load \
         is {:.2} % off the average",
        count(report.accounts, "account", "accounts"),
        count(report.reps, "rep", "reps"),
        place(report.out.as_ref()),
        number(report.objective, 2),
        number(report.bound, 2),
        gap(report.gap),
        100.0 * report.imbalance
    );
    if let Some(changed) = report.changed {
        let _ = write!(out, "\n{} change their rep", count(changed, "account", "accounts"));
    }
    if let Some(today) = report.travel_today {
        let _ = write!(out, "\nwork times distance today {}", number(today, 2));
    }
    if let Some(apart) = report.apart {
        let _ = write!(out, "\n{}", lying_apart(apart));
    }
    out
}

/// How many accounts lie apart from most of their rep's, in the design and today.
pub(crate) fn lying_apart((today, then): (Option<u64>, u64)) -> String {
    let then = count(then, "account lies", "accounts lie");
    let today = today.map_or_else(String::new, |n| format!(", {} today", grouped(&n.to_string())));
    format!("{then} apart from most of their rep's{today}")
}

pub(super) fn allocated(report: &QuotaFileView) -> String {
    format!(
        "allocated quotas of {} to {} in {}{}\nobjective {}, bound {} ({})\ngreatest quota over \
         potential {:.4}",
        count(report.products, "product", "products"),
        count(report.reps, "rep", "reps"),
        count(report.territories, "territory", "territories"),
        place(report.out.as_ref()),
        number(report.objective, 6),
        number(report.bound, 6),
        gap(report.gap),
        report.stretch
    )
}

pub(super) fn planned(report: &RouteFileView, terminal: &Terminal) -> String {
    let header = [
        ("ARRIVES", Lean::Left),
        ("STOP", Lean::Left),
        ("DRIVE", Lean::Right),
        ("WAIT", Lean::Right),
        ("SLACK", Lean::Right),
    ];
    let minutes = |value: f64| format!("{value:.0} min");
    let rows: Vec<Vec<String>> = report
        .visits
        .iter()
        .map(|visit| {
            vec![
                visit.arrives.clone(),
                visit.id.clone(),
                minutes(visit.drive_min),
                minutes(visit.waits_min),
                minutes(visit.slack_min),
            ]
        })
        .collect();
    let mut out = table(&header, &rows, |text| terminal.style(Style::Bold, text));
    let proof = if report.proven {
        "no order is shorter".to_owned()
    } else {
        format!("an order could be {:.1} % shorter at most", 100.0 * report.gap)
    };
    let from = if report.travel == "given" { "as given" } else { "on straight lines" };
    let _ = write!(
        out,
        "ends {}, {} of driving {from}, {} of waiting; {proof}",
        report.ends,
        minutes(report.drive_min),
        minutes(report.wait_min)
    );
    out
}
