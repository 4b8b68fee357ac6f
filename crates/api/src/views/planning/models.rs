//! Models that score: how good they are, and whether the world has moved since.

use serde::{Deserialize, Serialize};

/// How good probabilities are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricsView {
    /// Rows that were judged.
    pub rows: u64,
    /// Share of positive labels, 0 to 1.
    pub base_rate: f64,
    /// Area under the ROC curve.
    pub auc: f64,
    /// Average precision.
    pub pr_auc: f64,
    /// Mean negative log-likelihood.
    pub log_loss: f64,
    /// Mean squared error.
    pub brier: f64,
    /// Expected calibration error over 15 bins.
    pub calibration_error: f64,
}

/// One bin of a calibration plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBinView {
    /// Mean probability told.
    pub told: f64,
    /// Share of positive labels seen.
    pub seen: f64,
    /// Rows.
    pub rows: u64,
}

/// A kind of model that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateView {
    /// The kind.
    pub kind: String,
    /// Mean area under the ROC curve on later data.
    pub auc: f64,
    /// Mean log loss on later data.
    pub log_loss: f64,
}

/// How a model does on a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentView {
    /// The column.
    pub feature: String,
    /// The category; absent where it is not known.
    pub category: Option<String>,
    /// Mean probability told; beside `metrics.base_rate` it says whether the segment is favoured.
    pub mean_told: f64,
    /// Measures.
    pub metrics: MetricsView,
}

/// What a model is, what it was trained on, and how good it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCardView {
    /// Its version.
    pub version: u32,
    /// When it was trained.
    pub trained_ms: i64,
    /// The kind that validation in the order of time chose.
    pub kind: String,
    /// What it tells the probability of, such as `Converted is 1`.
    pub outcome: String,
    /// Rows that it was trained on.
    pub rows: u64,
    /// Share of positive labels among them.
    pub base_rate: f64,
    /// The first time among them, as it stands in the data.
    pub from: String,
    /// The last time among them.
    pub to: String,
    /// The columns that it reads.
    pub features: Vec<String>,
    /// All kinds that were tried.
    pub candidates: Vec<CandidateView>,
    /// How probabilities are corrected: `platt`, `temperature`, `shift`, `isotonic`; absent where
    /// they are left as they are.
    pub calibration: Option<String>,
    /// Measures on the newest fifth of the data, by a model that had not seen it.
    pub latest: MetricsView,
    /// Calibration on the same data.
    pub plot: Vec<CalibrationBinView>,
    /// Segments of the same data.
    pub segments: Vec<SegmentView>,
    /// Who signed it: the beginning of the public key.
    pub signer: String,
}

/// How far a column has moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureDriftView {
    /// The column.
    pub name: String,
    /// Population stability index less what chance alone gives: above 0.25 much has moved.
    pub psi: f64,
}

/// Whether the world has moved since training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftView {
    /// Columns, most moved first.
    pub features: Vec<FeatureDriftView>,
    /// The same of the scores.
    pub score_psi: f64,
    /// Log loss now less log loss expected, in standard errors; absent without labels.
    pub standard_errors: Option<f64>,
    /// What to do: `keep`, `recalibrate` or `retrain`.
    pub advice: String,
}
