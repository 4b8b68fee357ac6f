//! Scoring a table with a model: probabilities, contributions that sum to them, drift.

use std::collections::BTreeMap;
use std::path::PathBuf;

use roadbook_api::views::planning::{PredictFileView, UnseenView};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_planning::score::dataset::{Cell, Column, Dataset, Kind, MISSING, Schema, Values};
use roadbook_planning::score::explain::{Explanation, reasons};
use roadbook_planning::score::learner::Learner;
use roadbook_planning::score::metrics::measure;
use roadbook_planning::score::tree::Step;

use super::Made;
use super::input::bytes;
use super::sheet::{Outcomes, Sheet};
use crate::errors::ApiResult;
use crate::planning::signed::{Signer, Trust, open};
use crate::planning::{PlanWatch, views};

/// Rows between two looks at whether to stop.
const ROWS_PER_STEP: usize = 256;
/// Reasons that are told in words.
const REASONS: usize = 3;

/// A table to score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictFile {
    /// CSV with a header that has the model's columns, in any order.
    pub input: PathBuf,
    /// The model's file.
    pub model: PathBuf,
    /// The key of this device, if it has one: its models are trusted.
    pub own: Option<Signer>,
    /// Another signer whose models are trusted, in hex.
    pub signer: Option<String>,
    /// Columns that are repeated in the output.
    pub keep: Vec<String>,
    /// The column with what became of each row, to measure against.
    pub label: Option<String>,
    /// Which of its values is the positive one.
    pub positive: Option<String>,
}

/// Scores every row.
///
/// Output: CSV with `line`, the columns to keep, `probability`, `log_odds`, `base`, one column for
/// the contribution of each feature (base and contributions sum to the log-odds), the reasons in
/// words, and, where the model is one tree, the way through it.
///
/// # Errors
/// A model that was changed or whose signer is not trusted; a column that is missing; a cell that
/// cannot be read, by line and column; cancelled.
pub fn predict(command: &PredictFile, watch: &PlanWatch<'_>) -> ApiResult<Made<PredictFileView>> {
    watch.step("read", 0, 1)?;
    let trust = match &command.signer {
        Some(named) => Trust::Named(command.own, named),
        None => Trust::Own(command.own),
    };
    let signed = open(&bytes(&command.model)?, &trust)?;
    let model = &signed.model;
    let sheet = Sheet::read(&command.input)?;
    let labels = match &command.label {
        Some(label) => {
            // The value that the model tells the probability of, where nobody names another.
            let trained = signed.about.outcome.strip_prefix(&format!("{label} is "));
            let positive = command.positive.as_deref().or(trained);
            Some(sheet.labels(label, positive, Outcomes::MayLackPositive)?.0)
        }
        None => None,
    };
    let kept: ApiResult<Vec<&[String]>> =
        command.keep.iter().map(|name| sheet.column(name)).collect();
    let kept = kept?;
    let schema = model.schema();
    let columns = sheet.for_model(schema)?;
    let unseen = unseen(schema, &columns);
    let data = Dataset::new(columns).map_err(|error| views::of_score(&error))?;
    let matrix = schema.matrix(&data).map_err(|error| views::of_score(&error))?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let contributions = schema.features.iter().map(|f| format!("contribution:{}", f.name));
    let header = ["line"].map(str::to_owned).into_iter().chain(command.keep.iter().cloned());
    let is_tree = matches!(model.learner(), Learner::Tree(_));
    let header = header
        .chain(["probability", "log_odds", "base"].map(str::to_owned))
        .chain(contributions)
        .chain(["reasons".to_owned()])
        .chain(is_tree.then(|| "path".to_owned()));
    writer.write_record(header.collect::<Vec<_>>()).map_err(|_| unwritten())?;
    let mut told = Vec::with_capacity(matrix.rows());
    for (row, values) in matrix.iter().enumerate() {
        if row % ROWS_PER_STEP == 0 {
            watch.step("score", row, matrix.rows())?;
        }
        let explained = model.explain(values).map_err(|error| views::of_score(&error))?;
        let mut cells = vec![sheet.lines[row].to_string()];
        cells.extend(kept.iter().map(|column| column[row].clone()));
        cells.extend(numbers(&explained));
        cells.push(words(schema, &data, row, &explained));
        if is_tree {
            let path = model.path(values).map_err(|error| views::of_score(&error))?;
            cells.push(way(schema, &path));
        }
        writer.write_record(&cells).map_err(|_| unwritten())?;
        told.push(explained.probability);
    }
    watch.step("score", matrix.rows(), matrix.rows())?;
    let metrics = match &labels {
        Some(labels) => {
            let measured = measure(labels, &told).map_err(|error| views::of_score(&error))?;
            Some(views::metrics(&measured))
        }
        None => None,
    };
    let drift = model.drift(&data, labels.as_deref()).map_err(|error| views::of_score(&error))?;
    let report = PredictFileView {
        rows: told.len() as u64,
        version: model.card().version,
        outcome: signed.about.outcome.clone(),
        signer: signed.signer.short(),
        mean: told.iter().sum::<f64>() / told.len().max(1) as f64,
        unseen,
        metrics,
        drift: views::drift(&drift),
        out: None,
    };
    let output = writer.into_inner().map_err(|_| unwritten())?;
    Ok(Made { report, output, beside: Vec::new() })
}

fn numbers(explained: &Explanation) -> Vec<String> {
    let total = explained.base_log_odds + explained.log_odds.iter().sum::<f64>();
    let head = [explained.probability, total, explained.base_log_odds];
    head.iter().chain(&explained.log_odds).map(f64::to_string).collect()
}

/// The reasons that weigh most, in words.
fn words(schema: &Schema, data: &Dataset, row: usize, explained: &Explanation) -> String {
    let cells: Vec<Cell> = data.columns().iter().map(|column| cell(column, row)).collect();
    let told = reasons(explained, schema, &cells, &[], REASONS);
    told.into_iter().map(|reason| reason.text).collect::<Vec<_>>().join("; ")
}

/// The way through a tree: what was asked and answered, and how many rows of training went it.
fn way(schema: &Schema, path: &[Step]) -> String {
    let Some(last) = path.last() else { return "no question is asked".to_owned() };
    let asked: Vec<String> = path.iter().map(|step| step.text(schema)).collect();
    format!("{}: as {} in training", asked.join(", then "), last.rows)
}

fn cell(column: &Column, row: usize) -> Cell {
    match &column.values {
        Values::Numeric(values) if values[row].is_nan() => Cell::Missing,
        Values::Numeric(values) => Cell::Number(values[row]),
        Values::Categorical { codes, levels } => {
            let level = usize::try_from(codes[row]).ok().and_then(|code| levels.get(code));
            level.map_or(Cell::Missing, |level| Cell::Category(level.clone()))
        }
    }
}

/// Counts the categories that the model has not seen; it takes them for unknown.
pub(super) fn unseen(schema: &Schema, columns: &[Column]) -> Vec<UnseenView> {
    let mut out = Vec::new();
    for (feature, column) in schema.features.iter().zip(columns) {
        let (Kind::Categorical { levels: known }, Values::Categorical { codes, levels }) =
            (&feature.kind, &column.values)
        else {
            continue;
        };
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for code in codes.iter().filter(|code| **code != MISSING) {
            let level = usize::try_from(*code).ok().and_then(|code| levels.get(code));
            if let Some(level) = level.filter(|level| !known.contains(level)) {
                *counts.entry(level).or_default() += 1;
            }
        }
        out.extend(counts.into_iter().map(|(category, rows)| UnseenView {
            column: feature.name.clone(),
            category: category.to_owned(),
            rows,
        }));
    }
    out
}

fn unwritten() -> ApiError {
    ApiError::new(ErrorCode::Internal, "a row of the output cannot be written")
}
