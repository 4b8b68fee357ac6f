//! Training a score model on a table.

use std::path::PathBuf;

use roadbook_api::views::planning::TrainFileView;
use roadbook_planning::score::dataset::{Column, Dataset, Values};
use roadbook_planning::score::learner::Learner;
use roadbook_planning::score::model::{TrainOptions, train_watched};

use super::Made;
use super::input::{shown, wrong};
use super::sheet::{Outcomes, Sheet};
use crate::errors::ApiResult;
use crate::planning::signed::{About, ModelKey, Trust, open};
use crate::planning::{PlanWatch, views};

/// A table to learn from.
#[derive(Clone)]
pub struct TrainFile {
    /// CSV with a header.
    pub input: PathBuf,
    /// The column that says what became of a row.
    pub label: String,
    /// Which of its values is the positive one; may be left out where it is 1, yes, true or won.
    pub positive: Option<String>,
    /// The column that says when a row was; without it rows are in the order of time.
    pub time: Option<String>,
    /// Columns that are not read.
    pub drop: Vec<String>,
    /// Columns of categories by which the card tells how fair the model is.
    pub segments: Vec<String>,
    /// Where chance starts.
    pub seed: u64,
    /// The version of the model; `None` for one more than the model that lies at `model`, or 1.
    pub version: Option<u32>,
    /// When it is trained, in milliseconds since 1970.
    pub trained_ms: i64,
    /// Where the model will be written.
    pub model: PathBuf,
    /// The key that signs it.
    pub key: ModelKey,
}

/// Trains, validates in the order of time, calibrates and signs a model; beside it its card as
/// JSON.
///
/// # Errors
/// A cell that cannot be read, by line and column; labels that cannot be told apart; cancelled.
pub fn train(command: &TrainFile, watch: &PlanWatch<'_>) -> ApiResult<Made<TrainFileView>> {
    watch.step("read", 0, 1)?;
    let sheet = Sheet::read(&command.input)?;
    let (labels, outcome) =
        sheet.labels(&command.label, command.positive.as_deref(), Outcomes::Both)?;
    let (times, kind) = sheet.times(command.time.as_deref())?;
    for name in command.drop.iter().chain(&command.segments) {
        sheet.column(name)?;
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut left_out = Vec::new();
    let used = |name: &&String| {
        **name != command.label
            && Some(*name) != command.time.as_ref()
            && !command.drop.contains(name)
    };
    for name in sheet.columns.iter().filter(used) {
        match sheet.feature(name)? {
            Ok(column) => columns.push(column),
            Err(why) => left_out.push(why),
        }
    }
    if columns.is_empty() {
        let remedy = "give columns beside label and time that say something about a row";
        return Err(wrong(&shown(&command.input), "has no column to learn from", remedy));
    }
    for name in &command.segments {
        let is_category = |column: &Column| {
            column.name == *name && matches!(column.values, Values::Categorical { .. })
        };
        if !columns.iter().any(is_category) {
            let problem = format!("`{name}` is no column of categories that the model reads");
            let remedy = "name one that is neither numbers nor dropped, an id, label or time";
            return Err(wrong("segment", &problem, remedy));
        }
    }
    let data = Dataset::new(columns).map_err(|error| views::of_score(&error))?;
    let options = TrainOptions {
        version: version(command),
        trained_at: command.trained_ms,
        candidates: Learner::candidates(command.seed),
        segments: command.segments.clone(),
    };
    // The kinds of models that are tried, and the best one again on all rows.
    let pieces = options.candidates.len() + 1;
    let pace = |done| watch.pace("train", done, pieces);
    let model = train_watched(&data, &labels, &times, &options, &pace)
        .map_err(|error| views::of_score(&error))?;
    watch.step("train", pieces, pieces)?;
    let about = About { outcome, times: kind, trained_ms: command.trained_ms };
    let output = command.key.seal(&about, &model)?;
    let signer = command.key.signer().short();
    let card = views::card(&model, &about.outcome, kind, about.trained_ms, &signer);
    let beside = serde_json::to_vec_pretty(&card).map_err(|_| super::forecast::not_json())?;
    let report = TrainFileView { card, left_out, model: shown(&command.model) };
    Ok(Made { report, output, beside })
}

/// One more than the version of a model of ours that will be replaced.
fn version(command: &TrainFile) -> u32 {
    command.version.unwrap_or_else(|| {
        let there = std::fs::read(&command.model).ok();
        let trust = Trust::Own(Some(command.key.signer()));
        let before = there.and_then(|bytes| open(&bytes, &trust).ok());
        before.map_or(1, |before| before.model.card().version.saturating_add(1))
    })
}
