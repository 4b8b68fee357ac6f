//! Trees together with their bins.

use serde::{Deserialize, Serialize};

use super::super::ScoreError;
use super::super::num::{EDGE, sigmoid};
use super::bins::Binner;
use super::node::Tree;

/// What the sum of leaf values means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// Log-odds.
    LogOdds,
    /// A probability.
    Probability,
}

/// Trees on binned features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ensemble {
    pub(in super::super) binner: Binner,
    pub(in super::super) trees: Vec<Tree>,
    /// Added to the sum of leaf values.
    pub(in super::super) base: f64,
    pub(in super::super) link: Link,
}

impl Ensemble {
    /// Number of trees.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// The sum of leaf values, in the sense of [`Link`].
    #[must_use]
    pub fn raw(&self, row: &[f64]) -> f64 {
        let mut bins = Vec::with_capacity(row.len());
        self.binner.bin_row(row, &mut bins);
        self.raw_binned(&bins)
    }

    pub(in super::super) fn raw_binned(&self, bins: &[u8]) -> f64 {
        self.trees.iter().fold(self.base, |sum, tree| sum + tree.value[tree.leaf(bins)])
    }

    /// The probability of a row, never quite 0 or 1.
    #[must_use]
    pub fn probability(&self, row: &[f64]) -> f64 {
        let raw = self.raw(row);
        match self.link {
            Link::LogOdds => sigmoid(raw),
            Link::Probability => raw.clamp(EDGE, 1.0 - EDGE),
        }
    }

    /// Refuses an ensemble, read from bytes, that could not be walked.
    pub(in super::super) fn check(&self, features: usize) -> Result<(), ScoreError> {
        if self.binner.features.len() != features || !self.base.is_finite() {
            return Err(ScoreError::Artefact { reason: "bins and features differ" });
        }
        self.trees.iter().try_for_each(|tree| tree.check(features))
    }
}
