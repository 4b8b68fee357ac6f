//! Scores with reasons, hot deals and leads, and the models of a device.

use serde::{Deserialize, Serialize};

use super::super::RecordLink;
use super::forecast::AsOfView;
use super::models::{DriftView, ModelCardView};

/// One reason for a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonView {
    /// The feature.
    pub feature: String,
    /// In words, with its points: `no visit for 60 days −8`.
    pub text: String,
    /// Percentage points; with `base_percent` all points sum to `percent`.
    pub points: i32,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextActionView {
    /// What: `visit`, `call`, `e-mail`.
    pub action: String,
    /// Percent after it, as the model sees it.
    pub percent: i32,
    /// What it would add to the expected amount.
    pub gain: f64,
    /// Why, in words.
    pub because: String,
}

/// The score of one open deal or lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreView {
    /// The deal or lead.
    pub link: RecordLink,
    /// With whom: the account of a deal, the company of a lead; empty where there is none.
    #[serde(default)]
    pub customer: String,
    /// Whose it is; empty where nobody's.
    pub owner: String,
    /// Its stage; of a lead, its status.
    pub stage: String,
    /// What it is worth, in major units; for a deal without an amount the price of its product, for
    /// a lead what it is expected to bring with its owner once it is qualified.
    pub amount: f64,
    /// The calibrated probability that the deal will be won, or the lead qualified.
    pub probability: f64,
    /// The same in whole per cent.
    pub percent: i32,
    /// Percent of an average deal or lead.
    pub base_percent: i32,
    /// Every reason, weightiest first.
    pub reasons: Vec<ReasonView>,
    /// The questions that it answered on its way, where the model is a decision tree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// What to do next; absent where nothing would help.
    pub next: Option<NextActionView>,
    /// Probability times amount.
    pub expected: f64,
    /// 1 (no hurry) to 2 (today, and long quiet).
    pub urgency: f64,
    /// Expected times urgency: what the list is sorted by.
    pub value: f64,
}

/// Scores of open deals or open leads, most worth a call first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoresView {
    /// As of when.
    pub as_of: AsOfView,
    /// The currency of all amounts.
    pub currency: String,
    /// The model in use; absent where there is none yet, and scores are win rates of stages, or
    /// shares of leads of a source that were qualified.
    pub model: Option<ModelCardView>,
    /// Whether the world has moved since training; absent without a model.
    pub drift: Option<DriftView>,
    /// The deals or leads.
    pub scores: Vec<ScoreView>,
    /// How many open deals or leads there are.
    pub total: u64,
}

/// A model that the device keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelView {
    /// Its version.
    pub version: u32,
    /// When it was trained.
    pub trained_ms: i64,
    /// Area under the ROC curve on the newest data at that time.
    pub auc: f64,
    /// Log loss on the same data.
    pub log_loss: f64,
    /// It is in use.
    pub active: bool,
}

/// What new outcomes called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refreshed {
    /// The model is kept: too few outcomes are new, or nothing moved.
    Kept,
    /// Its probabilities are corrected; what it learned stays.
    Recalibrated,
    /// It was trained again on everything.
    Retrained,
}

/// What came of looking at new outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefreshView {
    /// Deals or leads whose outcomes the model had not learned from.
    pub newest: u64,
    /// What was done.
    pub done: Refreshed,
    /// The models as they are now.
    pub models: ModelsView,
}

/// The models of the device, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelsView {
    /// The models.
    pub models: Vec<ModelView>,
    /// The active one stays active whatever is trained.
    pub pinned: bool,
    /// The card of the active one.
    pub card: Option<ModelCardView>,
}
