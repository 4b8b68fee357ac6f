//! The kinds of model, behind one face.

use serde::{Deserialize, Serialize};

use super::ScoreError;
use super::dataset::{Matrix, Schema};
use super::linear::{Logistic, LogisticSettings, fit_logistic};
use super::num::sigmoid;
use super::tree::{
    BoostSettings, Ensemble, ForestSettings, TreeSettings, fit_boosted, fit_forest, fit_tree,
};

/// A kind of model with its settings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Learner {
    /// Logistic regression.
    Logistic(LogisticSettings),
    /// One tree.
    Tree(TreeSettings),
    /// Random forest.
    Forest(ForestSettings),
    /// Boosted trees.
    Boosted(BoostSettings),
}

impl Learner {
    /// The candidates among which validation picks, simplest first.
    #[must_use]
    pub fn candidates(seed: u64) -> Vec<Self> {
        vec![
            Self::Logistic(LogisticSettings::standard()),
            Self::Logistic(LogisticSettings::recent()),
            Self::Logistic(LogisticSettings::newest()),
            Self::Tree(TreeSettings::standard()),
            Self::Forest(ForestSettings::standard(seed)),
            Self::Boosted(BoostSettings::standard(seed)),
        ]
    }

    /// Fits the model.
    ///
    /// # Errors
    /// Labels that do not fit or are all the same; settings out of range.
    pub fn fit(
        &self,
        schema: &Schema,
        data: &Matrix,
        labels: &[bool],
    ) -> Result<Fitted, ScoreError> {
        if data.width() != schema.features.len() {
            let (expected, got) = (schema.features.len(), data.width());
            return Err(ScoreError::Shape { what: "matrix", expected, got });
        }
        Ok(match self {
            Self::Logistic(s) => Fitted::Logistic(fit_logistic(schema, data, labels, s)?),
            Self::Tree(s) => Fitted::Trees(fit_tree(schema, data, labels, s)?),
            Self::Forest(s) => Fitted::Trees(fit_forest(schema, data, labels, s)?),
            Self::Boosted(s) => Fitted::Trees(fit_boosted(schema, data, labels, s)?),
        })
    }

    /// A short name for cards and lists.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Logistic(_) => "logistic regression",
            Self::Tree(_) => "decision tree",
            Self::Forest(_) => "random forest",
            Self::Boosted(_) => "boosted trees",
        }
    }
}

/// A fitted model, before calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Fitted {
    /// A linear model of the log-odds.
    Logistic(Logistic),
    /// Trees.
    Trees(Ensemble),
}

impl Fitted {
    /// The probability of a row of the schema's width.
    #[must_use]
    pub fn probability(&self, row: &[f64]) -> f64 {
        match self {
            Self::Logistic(model) => sigmoid(model.log_odds(row)),
            Self::Trees(model) => model.probability(row),
        }
    }

    /// The probabilities of all rows.
    #[must_use]
    pub fn probabilities(&self, data: &Matrix) -> Vec<f64> {
        data.iter().map(|row| self.probability(row)).collect()
    }

    /// Makes a model that was read from bytes and checked as quick as a fitted one.
    pub(super) fn prepare(&mut self) {
        match self {
            Self::Logistic(_) => {}
            Self::Trees(model) => model.prepare(),
        }
    }

    /// Refuses a model, read from bytes, that could not be used.
    pub(super) fn check(&self, features: usize) -> Result<(), ScoreError> {
        match self {
            Self::Logistic(model) => model.check(features),
            Self::Trees(model) => model.check(features),
        }
    }
}
