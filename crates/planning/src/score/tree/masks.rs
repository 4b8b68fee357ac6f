//! All trees of an ensemble at once, without walking them (QuickScorer: Lucchese et al., SIGIR
//! 2015).
//!
//! With the leaves of a tree numbered from left to right, a test that sends a row to the right
//! excludes the leaves on its left; the row's leaf is the first one that no test excludes. Features
//! are bins, so what all tests on a feature exclude in each tree is known for every bin: scoring a
//! row is an intersection of one list of sets for each feature.
//!
//! Rebuildable: computed from the trees, never stored.

use super::bins::Binner;
use super::node::{Go, Tree};

/// Most leaves of a tree, the bits of a set.
const LEAVES: usize = 16;
/// Most sets that are kept, 8 MiB; larger ensembles are walked.
const SETS: usize = 4 << 20;

/// What each bin leaves of each tree's leaves.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Masks {
    trees: usize,
    /// For each feature that a tree tests: the feature, its number of bins and where its sets begin.
    features: Vec<(usize, usize, usize)>,
    /// Leaves that remain, by feature, bin and tree.
    remain: Vec<u16>,
    /// Values of leaves, [`LEAVES`] for each tree.
    value: Vec<f64>,
}

impl Masks {
    /// Computes the sets; `None` where trees or their number are too large for it.
    pub(super) fn new(binner: &Binner, trees: &[Tree]) -> Option<Self> {
        let inner = |tree: &Tree| tree.nodes.iter().filter(|n| n.go != Go::Leaf).count();
        if trees.is_empty() || trees.iter().any(|tree| inner(tree) >= LEAVES) {
            return None;
        }
        let mut tested = vec![false; binner.features.len()];
        for node in trees.iter().flat_map(|t| &t.nodes).filter(|n| n.go != Go::Leaf) {
            *tested.get_mut(usize::from(node.feature))? = true;
        }
        let mut sets = 0;
        let mut features = Vec::new();
        for feature in (0..tested.len()).filter(|f| tested[*f]) {
            let bins = binner.features[feature].bins();
            features.push((feature, bins, sets));
            sets += bins * trees.len();
        }
        if sets > SETS {
            return None;
        }
        let mut masks = Self {
            trees: trees.len(),
            features,
            remain: vec![u16::MAX; sets],
            value: vec![0.0; LEAVES * trees.len()],
        };
        for (number, tree) in trees.iter().enumerate() {
            masks.number(tree, number, 0, &mut 0);
        }
        Some(masks)
    }

    /// Numbers the leaves below a node and returns their set.
    fn number(&mut self, tree: &Tree, number: usize, at: usize, next: &mut usize) -> u16 {
        let node = &tree.nodes[at];
        if node.go == Go::Leaf {
            self.value[number * LEAVES + *next] = tree.value[at];
            *next += 1;
            return 1 << (*next - 1);
        }
        let left = self.number(tree, number, node.child as usize, next);
        let right = self.number(tree, number, node.child as usize + 1, next);
        let feature = usize::from(node.feature);
        if let Some((_, bins, start)) = self.features.iter().find(|f| f.0 == feature).copied() {
            for bin in 0..bins {
                if !tree.goes_left(node, super::super::num::bin_u8(bin)) {
                    self.remain[start + bin * self.trees + number] &= !left;
                }
            }
        }
        left | right
    }

    /// Adds up the values of the leaves that a row of bins ends in.
    pub(super) fn sum(&self, base: f64, bins: &[u8]) -> f64 {
        let mut left = vec![u16::MAX; self.trees];
        for (feature, _, start) in &self.features {
            let from = start + usize::from(bins[*feature]) * self.trees;
            for (set, more) in left.iter_mut().zip(&self.remain[from..from + self.trees]) {
                *set &= more;
            }
        }
        let values = self.value.chunks_exact(LEAVES);
        left.iter().zip(values).fold(base, |sum, (set, values)| {
            // The last leaf is on no test's left, so one always remains.
            sum + values[set.trailing_zeros().min(15) as usize]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::dataset::{Column, Dataset};
    use super::super::super::num::Rng;
    use super::super::{BoostSettings, fit_boosted};

    #[test]
    fn sets_and_walks_end_in_the_same_leaves() {
        let mut rng = Rng::new(5);
        let names = ["a", "b", "c", "d"];
        let numbers: Vec<f64> = (0..900)
            .map(|_| if rng.unit() < 0.2 { f64::NAN } else { (rng.unit() * 40.0).floor() })
            .collect();
        let levels: Vec<Option<&str>> =
            (0..900).map(|_| names.get(rng.below(5)).copied()).collect();
        let labels: Vec<bool> = (0..900)
            .map(|row| numbers[row] > 20.0 || (levels[row] == Some("b") && rng.unit() < 0.8))
            .collect();
        let data = Dataset::new(vec![
            Column::numeric("number", numbers),
            Column::categorical("level", &levels),
        ])
        .unwrap();
        let matrix = data.schema().matrix(&data).unwrap();
        for leaves in [2, 16, 17] {
            let settings =
                BoostSettings { leaves, leaf_rows: 5, rounds: 30, ..BoostSettings::standard(1) };
            let model = fit_boosted(&data.schema(), &matrix, &labels, &settings).unwrap();
            assert!(model.masks.is_some() || leaves == 17, "{leaves} leaves");
            for row in matrix.iter().chain([&[1e300, 7.0][..], &[-1e300, f64::NAN][..]]) {
                let mut bins = Vec::new();
                model.binner.bin_row(row, &mut bins);
                let walked = model
                    .trees
                    .iter()
                    .fold(model.base, |sum, tree| sum + tree.value[tree.leaf(&bins)]);
                assert!((model.raw(row) - walked).abs() < 1e-12, "{row:?}");
            }
        }
    }
}
