//! Trees together with their bins.

use std::borrow::Cow;

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
    /// What contributions need of the trees; `None` until [`Ensemble::prepare`].
    #[serde(skip)]
    shares: Option<Shares>,
}

/// How the training rows spread over the trees. Rebuildable, never stored.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Shares {
    /// Longest way to a leaf of any tree.
    pub(in super::super) deepest: usize,
    /// Mean over the training rows of the sum of leaf values.
    pub(in super::super) mean: f64,
    /// By tree and node, which share of the rows of the node above comes to it; 1 for a root.
    pub(in super::super) of_parent: Vec<Vec<f64>>,
}

impl Shares {
    fn of(trees: &[Tree], base: f64) -> Self {
        let mut shares = Self {
            deepest: trees.iter().map(Tree::depth).max().unwrap_or(0),
            mean: base,
            of_parent: Vec::with_capacity(trees.len()),
        };
        for tree in trees {
            let (of_parent, mean) = tree.shares();
            shares.mean += mean;
            shares.of_parent.push(of_parent);
        }
        shares
    }
}

impl Ensemble {
    pub(super) fn new(binner: Binner, trees: Vec<Tree>, base: f64, link: Link) -> Self {
        let mut ensemble = Self { binner, trees, base, link, masks: None, shares: None };
        ensemble.prepare();
        ensemble
    }

    /// Computes what makes scoring quick, after an ensemble was read from bytes and checked.
    pub(in super::super) fn prepare(&mut self) {
        self.masks = Masks::new(&self.binner, &self.trees);
        self.shares = Some(Shares::of(&self.trees, self.base));
    }

    /// How the training rows spread over the trees.
    pub(in super::super) fn shares(&self) -> Cow<'_, Shares> {
        let there = self.shares.as_ref().map(Cow::Borrowed);
        there.unwrap_or_else(|| Cow::Owned(Shares::of(&self.trees, self.base)))
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
