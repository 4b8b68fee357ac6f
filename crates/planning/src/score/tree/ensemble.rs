//! Trees together with their bins.

use serde::{Deserialize, Serialize};

use super::super::ScoreError;
use super::super::num::{EDGE, sigmoid};
use super::bins::Binner;
use super::masks::Masks;
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
    /// The same trees in a form that is quicker to score with; see [`Ensemble::prepare`].
    #[serde(skip)]
    pub(super) masks: Option<Masks>,
    /// Longest way to a leaf; `None` until [`Ensemble::prepare`].
    #[serde(skip)]
    deepest: Option<usize>,
}

impl Ensemble {
    pub(super) fn new(binner: Binner, trees: Vec<Tree>, base: f64, link: Link) -> Self {
        let mut ensemble = Self { binner, trees, base, link, masks: None, deepest: None };
        ensemble.prepare();
        ensemble
    }

    /// Computes what makes scoring quick, after an ensemble was read from bytes and checked.
    pub(in super::super) fn prepare(&mut self) {
        self.masks = Masks::new(&self.binner, &self.trees);
        self.deepest = Some(self.deepest());
    }

    /// The longest way to a leaf of any tree.
    pub(in super::super) fn deepest(&self) -> usize {
        self.deepest.unwrap_or_else(|| self.trees.iter().map(Tree::depth).max().unwrap_or(0))
    }

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
        match &self.masks {
            Some(masks) => masks.sum(self.base, &bins),
            None => self.trees.iter().fold(self.base, |sum, t| sum + t.value[t.leaf(&bins)]),
        }
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
        if !self.binner.is_sound() {
            return Err(ScoreError::Artefact { reason: "bins are broken" });
        }
        self.trees.iter().try_for_each(|tree| tree.check(features))
    }
}
