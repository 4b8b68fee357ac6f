//! A single tree with a printable path, and the random forest (Breiman 2001).

use serde::{Deserialize, Serialize};

use super::super::ScoreError;
use super::super::dataset::{Matrix, Schema, check_labels};
use super::super::num::{Rng, count, index_u32};
use super::bins::Binner;
use super::ensemble::{Ensemble, Link};
use super::grow::{GrowSettings, Grower};
use super::split::Rules;

/// How to grow a single tree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TreeSettings {
    /// Longest path.
    pub depth: usize,
    /// Least training rows of a leaf.
    pub leaf_rows: usize,
}

impl TreeSettings {
    /// A tree that a person can still read.
    #[must_use]
    pub fn standard() -> Self {
        Self { depth: 6, leaf_rows: 30 }
    }
}

/// How to grow a forest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForestSettings {
    /// Number of trees.
    pub trees: usize,
    /// Least training rows of a leaf.
    pub leaf_rows: usize,
    /// Where the sequence of chances starts.
    pub seed: u64,
}

impl ForestSettings {
    /// Settings that serve a few thousand to a few hundred thousand rows.
    #[must_use]
    pub fn standard(seed: u64) -> Self {
        Self { trees: 100, leaf_rows: 5, seed }
    }
}

/// Against categories that only look different in a small node.
const CATEGORY_PENALTY: f64 = 4.0;

/// Deepest leaf and most leaves of a forest's tree.
const DEPTH: usize = 16;
const LEAVES: usize = 1024;

/// Fits one tree.
///
/// # Errors
/// Labels that do not fit or are all the same; settings out of range.
pub fn fit_tree(
    schema: &Schema,
    data: &Matrix,
    labels: &[bool],
    settings: &TreeSettings,
) -> Result<Ensemble, ScoreError> {
    if settings.depth == 0 || settings.depth > DEPTH {
        return Err(ScoreError::Setting { setting: "depth" });
    }
    let wood = Wood::new(schema, data, labels, settings.leaf_rows)?;
    let mut rows: Vec<u32> = (0..data.rows()).map(index_u32).collect();
    let grow = GrowSettings {
        leaves: LEAVES,
        depth: settings.depth,
        rules: wood.rules,
        features_per_node: 0,
    };
    let tree = wood.grower(grow).grow(&mut rows, &mut Rng::new(0)).tree;
    Ok(Ensemble::new(wood.binner, vec![tree], 0.0, Link::Probability))
}

/// Fits a random forest: trees on rows drawn with replacement, with the square root of the number
/// of features looked at in each node.
///
/// # Errors
/// As [`fit_tree`].
pub fn fit_forest(
    schema: &Schema,
    data: &Matrix,
    labels: &[bool],
    settings: &ForestSettings,
) -> Result<Ensemble, ScoreError> {
    if settings.trees == 0 || settings.trees > 10_000 {
        return Err(ScoreError::Setting { setting: "trees" });
    }
    let wood = Wood::new(schema, data, labels, settings.leaf_rows)?;
    let features_per_node = count((wood.features.len() as f64).sqrt().ceil()).max(1);
    let grow = GrowSettings { leaves: LEAVES, depth: DEPTH, rules: wood.rules, features_per_node };
    let mut rng = Rng::new(settings.seed);
    let rows = data.rows();
    let share = 1.0 / settings.trees as f64;
    let trees = (0..settings.trees)
        .map(|_| {
            let mut drawn: Vec<u32> = (0..rows).map(|_| index_u32(rng.below(rows))).collect();
            drawn.sort_unstable();
            let mut tree = wood.grower(grow).grow(&mut drawn, &mut rng).tree;
            tree.value.iter_mut().for_each(|v| *v *= share);
            tree
        })
        .collect();
    Ok(Ensemble::new(wood.binner, trees, 0.0, Link::Probability))
}

/// What all trees of a forest share.
struct Wood {
    binner: Binner,
    bins: Vec<u8>,
    slopes: Vec<[f32; 2]>,
    features: Vec<usize>,
    rules: Rules,
}

impl Wood {
    fn new(
        schema: &Schema,
        data: &Matrix,
        labels: &[bool],
        leaf_rows: usize,
    ) -> Result<Self, ScoreError> {
        check_labels("trees", data.rows(), labels, 1)?;
        if leaf_rows == 0 {
            return Err(ScoreError::Setting { setting: "leaf rows" });
        }
        let binner = Binner::fit(schema, data);
        let bins = binner.bin_all(data);
        let features = (0..data.width())
            .filter(|f| {
                binner.features[*f].bins() > 2 || super::boost::has_missing(&bins, data.width(), *f)
            })
            .collect();
        // With the label as gradient and one as hessian, a leaf's value is its share of yes and
        // the gain is the decrease of impurity.
        let slopes = labels.iter().map(|l| [if *l { -1.0 } else { 0.0 }, 1.0]).collect();
        let rules =
            Rules { leaf_rows: leaf_rows as f64, penalty: 0.0, category_penalty: CATEGORY_PENALTY };
        Ok(Self { binner, bins, slopes, features, rules })
    }

    fn grower(&self, settings: GrowSettings) -> Grower<'_> {
        Grower {
            binner: &self.binner,
            bins: &self.bins,
            slopes: &self.slopes,
            features: &self.features,
            settings,
        }
    }
}
