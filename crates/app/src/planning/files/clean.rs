//! Cleaning a file of series: what the pipeline before a model does, with every repair listed.

use std::path::PathBuf;

use jiff::Span;
use roadbook_api::views::planning::{CleanFileView, RepairView, SeriesNoteView};
use roadbook_planning::forecast::clean::{self, Cleaned, Life, Repair};
use roadbook_planning::forecast::{Frequency, Series};
use serde::Serialize;
use serde_json::Value;

use super::Made;
use super::forecast::{duplicates_text, not_json};
use super::series::{self, Horizon, Line, Lines, OnBad};
use crate::errors::ApiResult;
use crate::planning::PlanWatch;
use crate::planning::views::{self, counted};

/// Whether the last period of every series is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastPeriod {
    /// It is.
    Closed,
    /// It is not.
    Open,
    /// Nobody knows: it counts as open where it is far below what was to be expected.
    Unknown,
}

/// A file to clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanFile {
    /// JSON lines, as for a forecast; `h` is not needed.
    pub input: PathBuf,
    /// Whether the last period is over.
    pub last: LastPeriod,
    /// What becomes of the file where a series cannot be read.
    pub on_bad: OnBad,
}

/// Cleans every series of a file: the same lines come out with `x` repaired, and beside them one
/// JSON line for each repair.
///
/// # Errors
/// A line that cannot be read, by its number; cancelled.
pub fn clean(command: &CleanFile, watch: &PlanWatch<'_>) -> ApiResult<Made<CleanFileView>> {
    let last = match command.last {
        LastPeriod::Closed => clean::LastPeriod::Closed,
        LastPeriod::Open => clean::LastPeriod::Open,
        LastPeriod::Unknown => clean::LastPeriod::Unknown,
    };
    let Lines { lines, left_out } = series::read(&command.input, Horizon::Unused, command.on_bad)?;
    let total = lines.len();
    let mut report = CleanFileView {
        series: total as u64,
        untouched: 0,
        values: 0,
        repairs: Vec::new(),
        left_out: left_out.len() as u64,
        notes: left_out,
        out: None,
    };
    let (mut output, mut beside) = (Vec::new(), Vec::new());
    for (at, mut line) in lines.into_iter().enumerate() {
        watch.step("clean", at, total)?;
        let cleaned = clean::clean(&line.series, last);
        report.values += line.series.values().len() as u64;
        let is_untouched = cleaned.repairs.is_empty() && line.duplicates.is_empty();
        report.untouched += u64::from(is_untouched);
        if !line.duplicates.is_empty() {
            let text = duplicates_text(line.duplicates.len());
            report.notes.push(line.note("duplicates_left_out", text));
        }
        if line.series.values().iter().flatten().any(|value| *value < 0.0) {
            let text = "has negative values: gaps are filled, other damage is not looked for";
            report.notes.push(line.note("not_examined", text.to_owned()));
        }
        report.notes.extend(life_notes(&line, cleaned.life));
        if is_untouched {
            // To the letter: undamaged data is left alone.
            output.extend_from_slice(line.text.as_bytes());
        } else {
            let values = cleaned.series.values().iter().map(|value| Value::from(*value));
            line.object.insert("x".to_owned(), values.collect());
            serde_json::to_writer(&mut output, &line.object).map_err(|_| not_json())?;
        }
        output.push(b'\n');
        for view in views_of(&line, &cleaned) {
            let repair = ListedRepair {
                id: line.object.get("id"),
                position: view.position,
                date: view.date.as_deref(),
                damage: &view.damage,
                reason: &view.reason,
                before: view.before,
                after: view.after,
            };
            serde_json::to_writer(&mut beside, &repair).map_err(|_| not_json())?;
            beside.push(b'\n');
            report.repairs.push(view);
        }
    }
    Ok(Made { report, output, beside })
}

/// A repair as it stands in the list: an id that was a number stays one.
#[derive(Serialize)]
struct ListedRepair<'a> {
    id: Option<&'a Value>,
    position: u64,
    date: Option<&'a str>,
    damage: &'a str,
    reason: &'a str,
    before: Option<f64>,
    after: f64,
}

/// What is told of the ends of a series that were left as they are.
pub(super) fn life_notes(line: &Line, life: Life) -> Vec<SeriesNoteView> {
    let Life { unknown_before, zeros_before, zeros_after } = life;
    let mut out = Vec::new();
    if unknown_before > 0 {
        let periods = counted(unknown_before, "period", "periods");
        let text = format!("{periods} before the first known value: nothing is made up there");
        out.push(line.note("unknown_before", text));
    }
    if zeros_before > 0 {
        let text = format!("the first {zeros_before} values are zeros and stay: not sold yet");
        out.push(line.note("zeros_kept", text));
    }
    if zeros_after > 0 {
        let text = format!(
            "the last {zeros_after} values are zeros and stay: no longer sold, unless nothing was \
             synced"
        );
        out.push(line.note("zeros_kept", text));
    }
    out
}

/// Every repair of a series in the order of its periods, values that were left out because they
/// stood there twice among them.
fn views_of(line: &Line, cleaned: &Cleaned) -> Vec<RepairView> {
    let mut out = Vec::new();
    for position in line.duplicates.iter().copied() {
        if let Some(value) = line.series.values()[position] {
            out.push(RepairView {
                id: line.id.clone(),
                position: position as u64,
                date: day_of(&line.series, position),
                damage: "duplicate".to_owned(),
                reason: "given twice, with the same value; one of the two was left out".to_owned(),
                before: Some(value),
                after: value,
            });
        }
    }
    out.extend(cleaned.repairs.iter().map(|repair| view(&line.id, &line.series, repair)));
    out.sort_by_key(|view| view.position);
    out
}

fn view(id: &str, series: &Series, repair: &Repair) -> RepairView {
    RepairView {
        id: id.to_owned(),
        position: repair.position as u64,
        date: day_of(series, repair.position),
        damage: views::damage(repair.damage).to_owned(),
        reason: repair.damage.reason().to_owned(),
        before: repair.before,
        after: repair.after,
    }
}

/// The first day of a period; `None` without a start and beyond the calendar.
fn day_of(series: &Series, position: usize) -> Option<String> {
    let periods = i64::try_from(position).ok()?;
    let span = Span::new();
    let span = match series.frequency() {
        Frequency::Yearly => span.try_months(periods * 12),
        Frequency::Quarterly => span.try_months(periods * 3),
        Frequency::Monthly => span.try_months(periods),
        Frequency::Weekly => span.try_days(periods * 7),
        Frequency::Daily => span.try_days(periods),
    };
    Some(series.start()?.checked_add(span.ok()?).ok()?.to_string())
}
