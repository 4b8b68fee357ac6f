//! The model card: what a model was trained on, how good it is, and for whom (Mitchell et al.,
//! *Model Cards for Model Reporting*, 2019).
//!
//! It is judged by the newest fifth of the rows. Weights and correction come from the rows before
//! them alone; the model that is shipped has learned from the newest rows, too, and should be no
//! worse. Which kind of model is best was found with the newest rows in view.

use serde::{Deserialize, Serialize};

use super::super::ScoreError;
use super::super::calibrate::{Calibration, CalibrationKind};
use super::super::dataset::{Kind, Matrix};
use super::super::learner::Learner;
use super::super::metrics::{CalibrationBin, Metrics, calibration_plot, measure};
use super::super::validate::{Selection, newest_from};
use super::{ScoreModel, TrainOptions};

/// Rows below which a segment is not judged.
const SEGMENT_ROWS: usize = 50;

/// How one candidate did in validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateCard {
    /// Kind of model with settings.
    pub learner: Learner,
    /// Mean area under the ROC curve on later data.
    pub auc: f64,
    /// Mean log loss on later data.
    pub log_loss: f64,
}

/// How the model does on one segment of the data that came after its training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The feature.
    pub feature: String,
    /// The category; `None` is missing.
    pub category: Option<String>,
    /// Mean probability told; beside `metrics.base_rate` it says whether the segment is favoured.
    pub mean_told: f64,
    /// Measures.
    pub metrics: Metrics,
}

/// What a model is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Version of the model.
    pub version: u32,
    /// When it was trained.
    pub trained_at: i64,
    /// Kind of model.
    pub kind: String,
    /// Training rows.
    pub rows: u64,
    /// Share of positive labels.
    pub base_rate: f64,
    /// First and last time in the training rows.
    pub data_range: (i64, i64),
    /// All candidates that were validated.
    pub candidates: Vec<CandidateCard>,
    /// Kind of correction of probabilities.
    pub calibration: Option<CalibrationKind>,
    /// Measures on the newest fifth of the rows, by a model and a correction that had seen none of
    /// their labels.
    pub latest: Metrics,
    /// Calibration plot of the same rows.
    pub plot: Vec<CalibrationBin>,
    /// Segments of the same rows.
    pub segments: Vec<Segment>,
}

impl ModelCard {
    pub(super) fn new(
        options: &TrainOptions,
        learner: &Learner,
        selection: &Selection,
        labels: &[bool],
        data_range: (i64, i64),
    ) -> Self {
        let yes = labels.iter().filter(|l| **l).count() as f64;
        let candidate = |trial: &super::super::validate::Trial| CandidateCard {
            learner: trial.learner,
            auc: trial.auc,
            log_loss: trial.log_loss,
        };
        Self {
            version: options.version,
            trained_at: options.trained_at,
            kind: learner.name().to_owned(),
            rows: labels.len() as u64,
            base_rate: yes / labels.len().max(1) as f64,
            data_range,
            candidates: selection.trials.iter().map(candidate).collect(),
            calibration: selection.calibration_kind,
            latest: selection.latest,
            plot: Vec::new(),
            segments: Vec::new(),
        }
    }
}

impl ScoreModel {
    /// Judges calibration and segments on the newest fifth, by a model that has not seen it.
    /// `earlier` is the correction that the rows before it call for.
    pub(super) fn judge(
        &mut self,
        data: &Matrix,
        labels: &[bool],
        features: &[String],
        earlier: &Calibration,
    ) -> Result<(), ScoreError> {
        let cut = newest_from(data.rows());
        let newest = data.slice(cut..data.rows());
        let labels_then = &labels[cut..];
        let Ok(older) = self.learner.fit(&self.schema, &data.slice(0..cut), &labels[..cut]) else {
            return Ok(());
        };
        if newest.rows() == 0 {
            return Ok(());
        }
        let told: Vec<f64> =
            newest.iter().map(|row| earlier.apply(older.probability(row))).collect();
        self.card.latest = measure(labels_then, &told)?;
        self.card.plot = calibration_plot(labels_then, &told)?;
        for name in features {
            let place = self.schema.features.iter().position(|f| f.name == *name);
            let place = place.ok_or_else(|| ScoreError::Column { column: name.clone() })?;
            let Kind::Categorical { levels } = &self.schema.features[place].kind else {
                return Err(ScoreError::Column { column: name.clone() });
            };
            for code in 0..=levels.len() {
                let category = levels.get(code).cloned();
                let inside = |value: f64| match &category {
                    Some(_) => (value - code as f64).abs() < 0.5,
                    None => value.is_nan(),
                };
                let rows: Vec<usize> =
                    (0..newest.rows()).filter(|r| inside(newest.row(*r)[place])).collect();
                if rows.len() < SEGMENT_ROWS {
                    continue;
                }
                let labels: Vec<bool> = rows.iter().map(|r| labels_then[*r]).collect();
                let told: Vec<f64> = rows.iter().map(|r| told[*r]).collect();
                self.card.segments.push(Segment {
                    feature: name.clone(),
                    category,
                    mean_told: told.iter().sum::<f64>() / told.len() as f64,
                    metrics: measure(&labels, &told)?,
                });
            }
        }
        Ok(())
    }
}
