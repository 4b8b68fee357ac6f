//! Cleaning a file of series: what the pipeline before a model does, with every repair listed.

use std::path::PathBuf;

use jiff::Span;
use jiff::civil::Date;
use roadbook_api::views::planning::{CleanFileView, RepairView, SeriesNoteView};
use roadbook_planning::forecast::clean::{self, Repair};
use roadbook_planning::forecast::{Frequency, Series};
use serde_json::Value;

use super::Made;
use super::forecast::{duplicates_text, not_json};
use super::series::{self, Horizon};
use crate::errors::ApiResult;
use crate::planning::{PlanWatch, views};

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
    let lines = series::read(&command.input, Horizon::Unused)?;
    let total = lines.len();
    let mut report = CleanFileView {
        series: total as u64,
        untouched: 0,
        values: 0,
        repairs: Vec::new(),
        notes: Vec::new(),
        out: None,
    };
    let (mut output, mut beside) = (Vec::new(), Vec::new());
    for (at, mut line) in lines.into_iter().enumerate() {
        watch.step("clean", at, total)?;
        let cleaned = clean::clean(&line.series, last);
        report.values += line.series.values().len() as u64;
        report.untouched += u64::from(cleaned.repairs.is_empty() && line.duplicates == 0);
        if line.duplicates > 0 {
            report.notes.push(SeriesNoteView {
                line: line.number,
                id: line.id.clone(),
                code: "duplicates_left_out".to_owned(),
                text: duplicates_text(line.duplicates),
            });
        }
        if line.series.values().iter().flatten().any(|value| *value < 0.0) {
            report.notes.push(SeriesNoteView {
                line: line.number,
                id: line.id.clone(),
                code: "not_examined".to_owned(),
                text: "has negative values: gaps are filled, other damage is not looked for"
                    .to_owned(),
            });
        }
        if cleaned.repairs.is_empty() && line.duplicates == 0 {
            // To the letter: undamaged data is left alone.
            output.extend_from_slice(line.text.as_bytes());
        } else {
            let values = cleaned.series.values().iter().map(|value| Value::from(*value));
            line.object.insert("x".to_owned(), values.collect());
            serde_json::to_writer(&mut output, &line.object).map_err(|_| not_json())?;
        }
        output.push(b'\n');
        for repair in &cleaned.repairs {
            let view = view(&line.id, &line.series, repair);
            serde_json::to_writer(&mut beside, &view).map_err(|_| not_json())?;
            beside.push(b'\n');
            report.repairs.push(view);
        }
    }
    Ok(Made { report, output, beside })
}

fn view(id: &str, series: &Series, repair: &Repair) -> RepairView {
    let date = series.start().and_then(|start| first_day(start, series.frequency(), repair));
    RepairView {
        id: id.to_owned(),
        position: repair.position as u64,
        date: date.map(|date| date.to_string()),
        damage: views::damage(repair.damage).to_owned(),
        reason: repair.damage.reason().to_owned(),
        before: repair.before,
        after: repair.after,
    }
}

/// The first day of a repaired period; `None` beyond the calendar.
fn first_day(start: Date, frequency: Frequency, repair: &Repair) -> Option<Date> {
    let periods = i64::try_from(repair.position).ok()?;
    let span = Span::new();
    let span = match frequency {
        Frequency::Yearly => span.try_months(periods * 12),
        Frequency::Quarterly => span.try_months(periods * 3),
        Frequency::Monthly => span.try_months(periods),
        Frequency::Weekly => span.try_days(periods * 7),
        Frequency::Daily => span.try_days(periods),
    };
    start.checked_add(span.ok()?).ok()
}
