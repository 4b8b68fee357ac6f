//! Forecasts, as people read them on a terminal, and what all plans share.

use std::fmt::Write as _;

use roadbook_api::views::planning::{AdjustmentView, AsOfView, ForecastView, SeriesView};

use crate::show::table::{Lean, table};
use crate::show::words::{Now, count, grouped};
use crate::terminal::{Style, Terminal};

/// Months of history that the terminal shows.
const MONTHS_SHOWN: usize = 6;

pub(super) const LEFT: Lean = Lean::Left;
pub(super) const RIGHT: Lean = Lean::Right;

pub(super) fn amount(value: f64) -> String {
    // Adding nothing turns a negative nothing into nothing.
    grouped(&format!("{:.0}", value.round() + 0.0))
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

pub(super) fn optional(value: Option<f64>, text: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), text)
}

pub(super) fn head(terminal: &Terminal, text: &str) -> String {
    terminal.style(Style::Bold, text)
}

/// As of when, and what is not in it.
pub(super) fn as_of(view: &AsOfView, now: &Now) -> String {
    let synced = view
        .synced_ms
        .map_or_else(|| "never synced".to_owned(), |at_ms| format!("synced {}", now.at(at_ms)));
    let mut out = format!(
        "as of {}, {synced}, from {}",
        view.today,
        count(view.records, "record", "records")
    );
    if view.unsent > 0 {
        let _ = write!(out, ", with {} not sent yet", count(view.unsent, "change", "changes"));
    }
    if view.disputed > 0 {
        let _ = write!(out, "; {} disputed", count(view.disputed, "value is", "values are"));
    }
    out
}

pub(super) fn forecast(view: &ForecastView, terminal: &Terminal, now: &Now) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} {} ({}), {}",
        head(terminal, "Forecast"),
        view.quarter,
        view.currency,
        as_of(&view.as_of, now)
    );
    let outlook = &view.outlook;
    let _ = writeln!(
        out,
        "expected {} (80 %: {} to {}; 95 %: {} to {}), won already {}, weighted {}, new business {}",
        amount(outlook.mean),
        amount(outlook.lo80),
        amount(outlook.hi80),
        amount(outlook.lo95),
        amount(outlook.hi95),
        amount(outlook.won),
        amount(outlook.weighted),
        amount(outlook.new_business)
    );
    if let Some(reach) = outlook.reach {
        let _ = writeln!(out, "the quota is reached in {} of simulated quarters", percent(reach));
    }
    for (number, text) in [
        (view.undated, "open deals have no close date: they are in no roll-up"),
        (view.other_currencies, "deals in other currencies are in no figure"),
    ] {
        if number > 0 {
            let _ = writeln!(out, "{} {text}", grouped(&number.to_string()));
        }
    }
    out.push_str(&roll_up(view, terminal));
    out.push_str(&revenue(view, terminal));
    out.push_str(&parts(view, terminal));
    out.push_str(&waterfall(view, terminal));
    out.push_str(&accuracy(view, terminal));
    out
}

fn roll_up(view: &ForecastView, terminal: &Terminal) -> String {
    let header = [
        ("ROLL-UP", LEFT),
        ("CLOSED", RIGHT),
        ("COMMIT", RIGHT),
        ("BEST CASE", RIGHT),
        ("PIPELINE", RIGHT),
        ("ADJUSTED", RIGHT),
        ("QUOTA", RIGHT),
        ("REACHED", RIGHT),
        ("COVERAGE", RIGHT),
    ];
    let row = |row: &roadbook_api::views::planning::RollUpRowView| {
        let indent = "  ".repeat(usize::try_from(row.depth).unwrap_or(0));
        vec![
            format!("{indent}{}", row.label),
            amount(row.closed),
            amount(row.commit_forecast),
            amount(row.best_case_forecast),
            amount(row.pipeline_forecast),
            amount(row.adjusted),
            optional(row.quota, amount),
            optional(row.attainment, percent),
            optional(row.coverage, |times| format!("{times:.1}")),
        ]
    };
    let rows: Vec<Vec<String>> = view.roll_up.iter().map(row).collect();
    format!("\n{}", table(&header, &rows, |text| head(terminal, text)))
}

fn revenue(view: &ForecastView, terminal: &Terminal) -> String {
    let header = [
        ("REVENUE", LEFT),
        ("WON", RIGHT),
        ("EXPECTED", RIGHT),
        ("80 % FROM", RIGHT),
        ("TO", RIGHT),
        ("95 % FROM", RIGHT),
        ("TO", RIGHT),
    ];
    let history = &view.revenue.history;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for point in &history[history.len().saturating_sub(MONTHS_SHOWN)..] {
        let mark = if point.repaired { " *" } else { "" };
        rows.push(vec![format!("{}{mark}", point.label), amount(point.value)]);
    }
    for band in &view.revenue.forecast {
        let cells = [band.mean, band.lo80, band.hi80, band.lo95, band.hi95].map(amount);
        match rows.iter_mut().find(|row| row[0].trim_end_matches(" *") == band.label) {
            Some(row) => row.extend(cells),
            None => {
                let mut row = vec![band.label.clone(), String::new()];
                row.extend(cells);
                rows.push(row);
            }
        }
    }
    let mut out = format!("\n{}", table(&header, &rows, |text| head(terminal, text)));
    for note in &view.revenue.notes {
        let _ = writeln!(out, "* {note}");
    }
    out
}

/// What is expected of each product, territory, person and team; empty where nothing is.
fn parts(view: &ForecastView, terminal: &Terminal) -> String {
    let months = view.revenue.forecast.iter().take(MONTHS_SHOWN).map(|band| band.label.as_str());
    let mut header = vec![("EXPECTED", LEFT)];
    header.extend(months.map(|label| (label, RIGHT)));
    header.push(("ALL MONTHS", RIGHT));
    let row = |series: &SeriesView| {
        let indent = "  ".repeat(usize::try_from(series.depth).unwrap_or(0));
        let all: f64 = series.forecast.iter().map(|band| band.mean).sum();
        let shown = series.forecast.iter().take(MONTHS_SHOWN).map(|band| amount(band.mean));
        std::iter::once(format!("{indent}{}", series.label))
            .chain(shown)
            .chain(std::iter::once(amount(all)))
            .collect::<Vec<String>>()
    };
    let mut rows = Vec::new();
    for (name, group) in [
        ("by product", &view.products),
        ("by territory and person", &view.people),
        ("by team", &view.teams),
    ] {
        if group.iter().any(|series| !series.forecast.is_empty()) {
            rows.push(vec![name.to_owned()]);
            rows.extend(group.iter().map(row));
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    rows.insert(0, row(&view.revenue));
    format!("\n{}", table(&header, &rows, |text| head(terminal, text)))
}

fn waterfall(view: &ForecastView, terminal: &Terminal) -> String {
    let header = [
        ("WEEK TO", LEFT),
        ("START", RIGHT),
        ("NEW", RIGHT),
        ("PULLED IN", RIGHT),
        ("PUSHED", RIGHT),
        ("WON", RIGHT),
        ("LOST", RIGHT),
        ("AMOUNT", RIGHT),
        ("GONE", RIGHT),
        ("END", RIGHT),
    ];
    let row = |week: &roadbook_api::views::planning::WaterfallView| {
        let mark = if week.reconstructed { " *" } else { "" };
        let mut cells = vec![format!("{}{mark}", week.to), amount(week.start)];
        cells.extend(week.parts.iter().map(|part| amount(part.amount)));
        cells.push(amount(week.end));
        cells
    };
    let rows: Vec<Vec<String>> = view.waterfall.iter().map(row).collect();
    let mut out = format!("\n{}", table(&header, &rows, |text| head(terminal, text)));
    if view.waterfall.iter().any(|week| week.reconstructed) {
        out.push_str("* worked out from the records: changes of amounts and dates are not known\n");
    }
    out
}

fn accuracy(view: &ForecastView, terminal: &Terminal) -> String {
    let header = [
        ("FORECAST OF", LEFT),
        ("ON", LEFT),
        ("FORECAST", RIGHT),
        ("CAME", RIGHT),
        ("ERROR", RIGHT),
    ];
    let row = |one: &roadbook_api::views::planning::SnapshotAccuracyView| {
        let mark = if one.reconstructed { " *" } else { "" };
        vec![
            one.quarter.clone(),
            format!("{}{mark}", one.day),
            amount(one.forecast),
            amount(one.actual),
            optional(one.error_percent, |error| format!("{error:.1} %")),
        ]
    };
    let rows: Vec<Vec<String>> = view.accuracy.snapshots.iter().map(row).collect();
    let mut out = format!("\n{}", table(&header, &rows, |text| head(terminal, text)));
    if let Some(mape) = view.accuracy.mape {
        let _ = writeln!(out, "mean absolute error {mape:.1} %");
    }
    let alarm = match view.accuracy.alarm.as_deref() {
        Some("bias") => "forecasts lean to one side: look at win rates and categories",
        Some(_) => "forecasts have become clearly worse: look at what changed",
        None => return out,
    };
    let _ = writeln!(out, "{}", terminal.style(Style::Warn, alarm));
    out
}

pub(super) fn adjustments(all: &[AdjustmentView], terminal: &Terminal) -> String {
    if all.is_empty() {
        return "no adjustments".to_owned();
    }
    let header = [
        ("NUMBER", RIGHT),
        ("WHOSE", LEFT),
        ("QUARTER", LEFT),
        ("CATEGORY", LEFT),
        ("ADDS", RIGHT),
        ("WHY", LEFT),
    ];
    let row = |one: &AdjustmentView| {
        let whose = one.link.as_ref().map_or_else(|| "all".to_owned(), |link| link.title.clone());
        let category = one.category.replace('_', " ");
        let (number, quarter) = (one.number.to_string(), one.quarter.clone());
        vec![number, whose, quarter, category, amount(one.amount), one.why.clone()]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    table(&header, &rows, |text| head(terminal, text))
}
