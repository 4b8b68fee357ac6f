//! A score model as it lives on a device: trained, calibrated, described, stored.
//!
//! Training is a function: data and labels in the order of time come in, a model with its card
//! comes out. Nothing here reads a clock; `trained_at` and `version` are parameters. Bytes are
//! canonical ([`ScoreModel::to_bytes`]): the same model gives the same bytes, so that a caller can
//! sign them.

mod artefact;
mod card;
mod refresh;
mod registry;

pub use artefact::FORMAT;
pub use card::{CandidateCard, ModelCard, Segment};
pub use refresh::{Refresh, refresh};
pub use registry::{Entry, Registry};

use serde::{Deserialize, Serialize};

use super::ScoreError;
use super::calibrate::{Calibration, CalibrationKind};
use super::dataset::{Dataset, Matrix, Schema};
use super::drift::{Background, Drift};
use super::explain::{Explanation, explain};
use super::learner::{Fitted, Learner};
use super::metrics::calibration_plot;
use super::recalibrate::{Recalibrated, Recalibration, recalibrate};
use super::tree::Step;
use super::validate::{Pace, select};

/// What training needs to know besides data.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainOptions {
    /// Version of the model that comes out.
    pub version: u32,
    /// When it is trained, in the unit of the rows' times.
    pub trained_at: i64,
    /// Candidates among which validation picks ([`Learner::candidates`]).
    pub candidates: Vec<Learner>,
    /// Features by which the card tells how fair the model is.
    pub segments: Vec<String>,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreModel {
    schema: Schema,
    learner: Learner,
    fitted: Fitted,
    calibration: Calibration,
    background: Background,
    card: ModelCard,
    /// Rows that the background is of; zero in models of format 1, which did not tell.
    background_rows: u64,
}

/// Trains a model: validates the candidates in the order of time, fits the chosen one on all rows,
/// and calibrates it as validation found to hold. `times` are the rows' times; rows need not be
/// sorted.
///
/// # Errors
/// Labels or times that do not fit, one class only, too few rows to validate.
pub fn train(
    data: &Dataset,
    labels: &[bool],
    times: &[i64],
    options: &TrainOptions,
) -> Result<ScoreModel, ScoreError> {
    train_watched(data, labels, times, options, &|_| Pace::Go)
}

/// The same for whoever shows how far it has come and may stop it: `watch` is asked before each
/// candidate, and once more before the chosen one is fitted, with how many are done.
///
/// # Errors
/// As [`train`]; stopped.
pub fn train_watched(
    data: &Dataset,
    labels: &[bool],
    times: &[i64],
    options: &TrainOptions,
    watch: &dyn Fn(usize) -> Pace,
) -> Result<ScoreModel, ScoreError> {
    check_lengths(data.rows(), labels, times)?;
    let order = super::dataset::time_order(times);
    let schema = data.schema();
    let matrix = schema.matrix(data)?.select(&order)?;
    let labels: Vec<bool> = order.iter().map(|r| labels[*r]).collect();
    let selection = select(&schema, &matrix, &labels, &options.candidates, watch)?;
    if watch(options.candidates.len()) == Pace::Stop {
        return Err(ScoreError::Stopped);
    }
    let learner = options.candidates[selection.chosen];
    let fitted = learner.fit(&schema, &matrix, &labels)?;
    let scores: Vec<f64> =
        fitted.probabilities(&matrix).iter().map(|p| selection.calibration.apply(*p)).collect();
    let background = Background::new(&schema, &matrix, &scores);
    let range = order.first().map(|r| times[*r]).zip(order.last().map(|r| times[*r]));
    let mut model = ScoreModel {
        calibration: selection.calibration.clone(),
        card: ModelCard::new(options, &learner, &selection, &labels, range.unwrap_or_default()),
        schema,
        learner,
        fitted,
        background,
        background_rows: matrix.rows() as u64,
    };
    model.judge(&matrix, &labels, &options.segments, &selection.earlier_calibration)?;
    Ok(model)
}

fn check_lengths(rows: usize, labels: &[bool], times: &[i64]) -> Result<(), ScoreError> {
    for (what, got) in [("labels", labels.len()), ("times", times.len())] {
        if got != rows {
            return Err(ScoreError::Shape { what, expected: rows, got });
        }
    }
    Ok(())
}

impl ScoreModel {
    /// The features that the model wants.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The kind of model, with its settings.
    #[must_use]
    pub fn learner(&self) -> &Learner {
        &self.learner
    }

    /// The fitted model before calibration.
    #[must_use]
    pub fn fitted(&self) -> &Fitted {
        &self.fitted
    }

    /// The correction of its probabilities.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// What the model is and how good it is.
    #[must_use]
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// The same model under another version: the one that is free when it is kept.
    #[must_use]
    pub fn numbered(mut self, version: u32) -> Self {
        self.card.version = version;
        self
    }

    /// The calibrated probability of one row (see [`Schema::row`]).
    ///
    /// # Errors
    /// A row of the wrong length.
    pub fn probability(&self, row: &[f64]) -> Result<f64, ScoreError> {
        self.check_width(row.len())?;
        Ok(self.calibration.apply(self.fitted.probability(row)))
    }

    /// The calibrated probabilities of data with the model's columns.
    ///
    /// # Errors
    /// A column that is absent or of another kind.
    pub fn probabilities(&self, data: &Dataset) -> Result<Vec<f64>, ScoreError> {
        let matrix = self.schema.matrix(data)?;
        Ok(self.tell(&matrix))
    }

    /// Takes the score of a row apart.
    ///
    /// # Errors
    /// A row of the wrong length.
    pub fn explain(&self, row: &[f64]) -> Result<Explanation, ScoreError> {
        self.check_width(row.len())?;
        Ok(explain(&self.fitted, &self.calibration, row))
    }

    /// The way of a row to its leaf, where the model is one tree; empty where it is of another kind.
    /// What it ends with is the score before any correction.
    ///
    /// # Errors
    /// A row of the wrong length.
    pub fn path(&self, row: &[f64]) -> Result<Vec<Step>, ScoreError> {
        self.check_width(row.len())?;
        Ok(match (&self.learner, &self.fitted) {
            (Learner::Tree(_), Fitted::Trees(tree)) => tree.path(row),
            (
                Learner::Logistic(_) | Learner::Tree(_) | Learner::Forest(_) | Learner::Boosted(_),
                Fitted::Logistic(_) | Fitted::Trees(_),
            ) => Vec::new(),
        })
    }

    /// Returns the model with a correction learned on the newest labels (see [`recalibrate`]);
    /// weights and trees stay. Only rows that the model has not learned from may be given; they
    /// need not be sorted. The card's data range then ends with the last of all, and its measures
    /// and calibration plot are of newest rows whose labels the correction had not seen.
    /// `trained_at` still says when the model was trained.
    ///
    /// # Errors
    /// Labels or times that do not fit, labels of one kind or fewer than
    /// [`LEAST`](super::recalibrate::LEAST) of the rarer kind; a column that is absent or of
    /// another kind.
    pub fn recalibrated(
        &self,
        newest: &Dataset,
        labels: &[bool],
        times: &[i64],
        version: u32,
    ) -> Result<(Self, Recalibrated), ScoreError> {
        let matrix = self.schema.matrix(newest)?;
        check_lengths(matrix.rows(), labels, times)?;
        let order = super::dataset::time_order(times);
        let matrix = matrix.select(&order)?;
        let labels: Vec<bool> = order.iter().map(|r| labels[*r]).collect();
        let raw = self.fitted.probabilities(&matrix);
        let found = recalibrate(&self.calibration, &labels, &raw)?;
        let judged = &labels[found.judged_from..];
        let mut model = Self { calibration: found.calibration.clone(), ..self.clone() };
        let card = &mut model.card;
        card.version = version;
        card.latest = found.after;
        card.plot = calibration_plot(judged, &found.told)?;
        card.calibration = match found.how {
            Recalibration::Kept => card.calibration,
            Recalibration::Fitted(kind) => Some(kind),
            Recalibration::Followed => Some(CalibrationKind::Platt),
        };
        if let Some(last) = order.last() {
            card.data_range.1 = card.data_range.1.max(times[*last]);
        }
        let told = model.tell(&matrix);
        model.background = Background::new(&model.schema, &matrix, &told);
        model.background_rows = matrix.rows() as u64;
        Ok((model, found))
    }

    /// Compares newer data with training, and its labels, if known, with what was expected.
    ///
    /// # Errors
    /// Data or labels that do not fit.
    pub fn drift(&self, data: &Dataset, labels: Option<&[bool]>) -> Result<Drift, ScoreError> {
        let matrix = self.schema.matrix(data)?;
        let told = self.tell(&matrix);
        let labels = labels.map(|labels| (labels, &self.card.latest));
        let rows = match self.background_rows {
            0 => self.card.rows,
            rows => rows,
        };
        self.background.compare(rows, &self.schema, &matrix, &told, labels)
    }

    fn tell(&self, matrix: &Matrix) -> Vec<f64> {
        matrix.iter().map(|row| self.calibration.apply(self.fitted.probability(row))).collect()
    }

    fn check_width(&self, got: usize) -> Result<(), ScoreError> {
        let expected = self.schema.features.len();
        if got == expected { Ok(()) } else { Err(ScoreError::Shape { what: "row", expected, got }) }
    }
}
