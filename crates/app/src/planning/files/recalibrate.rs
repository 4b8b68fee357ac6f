//! Correcting a model's probabilities on a table of the newest outcomes; weights and trees stay.

use std::path::PathBuf;

use roadbook_api::ApiError;
use roadbook_api::views::planning::RecalibrateFileView;
use roadbook_planning::score::dataset::Dataset;

use super::Made;
use super::input::{bytes, shown, wrong};
use super::predict::unseen;
use super::sheet::{Outcomes, Sheet};
use crate::errors::ApiResult;
use crate::planning::signed::{ModelKey, SignedModel, Trust, open};
use crate::planning::views::TimeKind;
use crate::planning::{PlanWatch, views};

/// A model, and a table of outcomes that are newer than what it has learned from.
#[derive(Clone)]
pub struct RecalibrateFile {
    /// CSV with a header that has the model's columns, in any order. Rows that are no later than
    /// what the model knows are left out.
    pub input: PathBuf,
    /// The model's file.
    pub model: PathBuf,
    /// The column that says what became of a row, named as in training.
    pub label: String,
    /// Which of its values is the positive one; `None` for the one of training.
    pub positive: Option<String>,
    /// The column that says when a row was, if the model was trained with one; without it rows
    /// follow on those of training.
    pub time: Option<String>,
    /// Another signer whose models are trusted, in hex.
    pub signer: Option<String>,
    /// The version of the corrected model; `None` for one more than that of the model.
    pub version: Option<u32>,
    /// Where the corrected model will be written.
    pub out: PathBuf,
    /// The key of this device: its models are trusted, and it signs the corrected one.
    pub key: ModelKey,
}

/// Learns a correction on the newest outcomes and signs the corrected model; beside it its card as
/// JSON.
///
/// # Errors
/// A model that was changed or whose signer is not trusted; a column that is missing; a cell that
/// cannot be read, by line and column; times or outcomes of another kind than in training; no row
/// that is later than what the model knows, or too few outcomes of either kind; cancelled.
pub fn recalibrate(
    command: &RecalibrateFile,
    watch: &PlanWatch<'_>,
) -> ApiResult<Made<RecalibrateFileView>> {
    watch.step("read", 0, 1)?;
    let own = Some(command.key.signer());
    let trust = match &command.signer {
        Some(named) => Trust::Named(own, named),
        None => Trust::Own(own),
    };
    let signed = open(&bytes(&command.model)?, &trust)?;
    let SignedModel { about, model, .. } = &signed;
    let sheet = Sheet::read(&command.input)?;
    let labels = labels(command, &sheet, &about.outcome)?;
    let seen_until = model.card().data_range.1;
    let times = times(command, &sheet, about.times, seen_until)?;
    let newest: Vec<usize> = (0..times.len()).filter(|row| times[*row] > seen_until).collect();
    if newest.is_empty() {
        let problem = format!(
            "has no row that is later than what the model knows, which ends with {}",
            about.times.text(seen_until)
        );
        let remedy = "give rows whose outcomes became known since";
        return Err(wrong(&shown(&command.input), &problem, remedy));
    }
    let of_score = |error| views::of_score(&error);
    let columns = sheet.for_model(model.schema())?;
    let data = Dataset::new(columns).and_then(|data| data.select(&newest)).map_err(of_score)?;
    let unseen = unseen(model.schema(), data.columns());
    let labels: Vec<bool> = newest.iter().map(|row| labels[*row]).collect();
    let times: Vec<i64> = newest.iter().map(|row| times[*row]).collect();
    let from_version = model.card().version;
    let version = command.version.unwrap_or_else(|| from_version.saturating_add(1));
    watch.step("train", 0, 1)?;
    let (corrected, found) =
        model.recalibrated(&data, &labels, &times, version).map_err(of_score)?;
    watch.step("train", 1, 1)?;
    let output = command.key.seal(about, &corrected)?;
    let signer = command.key.signer().short();
    let card = views::card(&corrected, &about.outcome, about.times, about.trained_ms, &signer);
    let beside = serde_json::to_vec_pretty(&card).map_err(|_| super::forecast::not_json())?;
    let report = RecalibrateFileView {
        card,
        from_version,
        how: views::recalibration(found.how).to_owned(),
        rows: newest.len() as u64,
        older: (sheet.lines.len() - newest.len()) as u64,
        before: views::metrics(&found.before),
        after: views::metrics(&found.after),
        unseen,
        model: shown(&command.out),
    };
    Ok(Made { report, output, beside })
}

/// The outcomes, of the kind that the model tells the probability of.
fn labels(command: &RecalibrateFile, sheet: &Sheet, outcome: &str) -> ApiResult<Vec<bool>> {
    let trained = outcome.strip_prefix(&format!("{} is ", command.label));
    let positive = command.positive.as_deref().or(trained);
    let (labels, meant) = sheet.labels(&command.label, positive, Outcomes::Both)?;
    if meant == outcome {
        return Ok(labels);
    }
    let problem = format!("says when {meant}, and the model tells when {outcome}");
    let remedy = "name the same column and value as in training, with --label and --positive";
    Err(wrong(&shown(&command.input), &problem, remedy))
}

/// The times of the rows, on the scale of those that the model has learned from.
fn times(
    command: &RecalibrateFile,
    sheet: &Sheet,
    trained: TimeKind,
    seen_until: i64,
) -> ApiResult<Vec<i64>> {
    let differs = |problem: &str, remedy: &str| -> ApiError {
        wrong(&shown(&command.input), problem, remedy)
    };
    let (times, kind) = sheet.times(command.time.as_deref())?;
    match (trained, kind) {
        (TimeKind::Row, TimeKind::Row) => {
            // They follow on those of training.
            Ok(times
                .into_iter()
                .map(|row| row.saturating_add(seen_until).saturating_add(1))
                .collect())
        }
        (TimeKind::Date, TimeKind::Date) | (TimeKind::Number, TimeKind::Number) => Ok(times),
        (TimeKind::Row, TimeKind::Date | TimeKind::Number) => Err(differs(
            "has times, and the model was trained without",
            "leave --time out: the rows then follow on those of training",
        )),
        (TimeKind::Date | TimeKind::Number, TimeKind::Row) => Err(differs(
            "is read without times, and the model was trained with them",
            "name the column that says when a row was with --time",
        )),
        (TimeKind::Date, TimeKind::Number) => Err(differs(
            "has numbers for times, and the model was trained with dates",
            "name the column with dates with --time",
        )),
        (TimeKind::Number, TimeKind::Date) => Err(differs(
            "has dates for times, and the model was trained with numbers",
            "name the column with the rising numbers with --time",
        )),
    }
}
