//! Gradient boosting for a yes or no (Friedman 2001; second order as in Chen and Guestrin 2016).

use serde::{Deserialize, Serialize};

use super::super::ScoreError;
use super::super::dataset::{Matrix, Schema, check_labels};
use super::super::num::{Rng, count, index_u32, logit, sigmoid, single};
use super::bins::Binner;
use super::ensemble::{Ensemble, Link};
use super::grow::{GrowSettings, Grower};
use super::split::Rules;

/// How to boost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BoostSettings {
    /// Number of trees.
    pub rounds: usize,
    /// Share of each tree's advice that is followed.
    pub learning_rate: f64,
    /// Most leaves of a tree.
    pub leaves: usize,
    /// Least training rows of a leaf.
    pub leaf_rows: usize,
    /// Penalty on squared leaf values.
    pub penalty: f64,
    /// Share of rows that each tree sees.
    pub row_share: f64,
    /// Share of features that each tree sees.
    pub feature_share: f64,
    /// Where the sequence of chances starts.
    pub seed: u64,
}

impl BoostSettings {
    /// Settings that serve a few thousand to a few hundred thousand rows. Small steps that stop early
    /// do better than larger ones when time moves (measured on the bank and leads data, each cut at
    /// several times).
    #[must_use]
    pub fn standard(seed: u64) -> Self {
        Self {
            rounds: 220,
            learning_rate: 0.03,
            leaves: 12,
            leaf_rows: 20,
            penalty: 1.0,
            row_share: 0.9,
            feature_share: 0.35,
            seed,
        }
    }

    fn check(&self) -> Result<(), ScoreError> {
        let share = |s: f64| s > 0.0 && s <= 1.0;
        let wrong = [
            ("rounds", self.rounds == 0 || self.rounds > 10_000),
            ("learning rate", !share(self.learning_rate)),
            ("leaves", self.leaves < 2 || self.leaves > 1024),
            ("leaf rows", self.leaf_rows == 0),
            ("penalty", !(self.penalty >= 0.0 && self.penalty.is_finite())),
            ("row share", !share(self.row_share)),
            ("feature share", !share(self.feature_share)),
        ];
        match wrong.iter().find(|(_, wrong)| *wrong) {
            Some((setting, _)) => Err(ScoreError::Setting { setting }),
            None => Ok(()),
        }
    }
}

/// Further penalty for splits by category, against categories that only look different.
const CATEGORY_PENALTY: f64 = 45.0;

/// Deepest leaf, so that contributions stay cheap.
const DEPTH: usize = 8;

/// Fits boosted trees.
///
/// # Errors
/// Labels that do not fit or are all the same; settings out of range.
pub fn fit_boosted(
    schema: &Schema,
    data: &Matrix,
    labels: &[bool],
    settings: &BoostSettings,
) -> Result<Ensemble, ScoreError> {
    settings.check()?;
    check_labels("boosting", data.rows(), labels, 1)?;
    let binner = Binner::fit(schema, data);
    let bins = binner.bin_all(data);
    let (rows, width) = (data.rows(), data.width());
    let yes = labels.iter().filter(|l| **l).count() as f64;
    let base = logit(yes / rows as f64);
    let mut score = vec![base; rows];
    let mut slopes = vec![[0.0_f32; 2]; rows];
    let mut rng = Rng::new(settings.seed);
    let useful: Vec<usize> = (0..width)
        .filter(|f| binner.features[*f].bins() > 2 || has_missing(&bins, width, *f))
        .collect();
    let per_tree = count((useful.len() as f64 * settings.feature_share).ceil()).max(1);
    let rules = Rules {
        leaf_rows: settings.leaf_rows as f64,
        penalty: settings.penalty,
        category_penalty: CATEGORY_PENALTY,
    };
    let grow = GrowSettings { leaves: settings.leaves, depth: DEPTH, rules, features_per_node: 0 };
    let mut trees = Vec::with_capacity(settings.rounds);
    let mut order: Vec<u32> = Vec::with_capacity(rows);
    let mut rest: Vec<u32> = Vec::with_capacity(rows);
    for _ in 0..settings.rounds {
        for (slope, (score, label)) in slopes.iter_mut().zip(score.iter().zip(labels)) {
            let p = sigmoid(*score);
            let gradient = p - f64::from(u8::from(*label));
            *slope = [single(gradient), single((p * (1.0 - p)).max(1e-6))];
        }
        order.clear();
        rest.clear();
        for row in 0..rows {
            let row_number = index_u32(row);
            if settings.row_share >= 1.0 || rng.unit() < settings.row_share {
                order.push(row_number);
            } else {
                rest.push(row_number);
            }
        }
        if order.is_empty() {
            continue;
        }
        let mut features = useful.clone();
        rng.choose_first(&mut features, per_tree);
        features.truncate(per_tree);
        features.sort_unstable();
        let grower = Grower {
            binner: &binner,
            bins: &bins,
            slopes: &slopes,
            features: &features,
            settings: grow,
        };
        let mut grown = grower.grow(&mut order, &mut rng);
        grown.tree.value.iter_mut().for_each(|v| *v *= settings.learning_rate);
        for (leaf, range) in &grown.leaves {
            let value = grown.tree.value[*leaf];
            for row in &order[range.clone()] {
                score[*row as usize] += value;
            }
        }
        for row in &rest {
            let row = *row as usize;
            score[row] += grown.tree.value[grown.tree.leaf(&bins[row * width..(row + 1) * width])];
        }
        trees.push(grown.tree);
    }
    Ok(Ensemble::new(binner, trees, base, Link::LogOdds))
}

pub(super) fn has_missing(bins: &[u8], width: usize, feature: usize) -> bool {
    bins.iter().skip(feature).step_by(width.max(1)).any(|b| *b == 0)
}
