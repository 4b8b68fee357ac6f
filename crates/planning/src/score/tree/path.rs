//! The way of a row through a tree, for people to read.

use super::super::dataset::{Kind, Schema};
use super::super::num::{count, index_u32};
use super::bins::{Binner, FeatureBins};
use super::ensemble::Ensemble;
use super::node::{Go, Node, Tree, holds};

/// A decision on the way to a leaf.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The feature that decides.
    pub feature: usize,
    /// What the row has to be.
    pub test: Test,
    /// Training rows that went the same way.
    pub rows: u64,
    /// Value of the node reached.
    pub value: f64,
}

/// What a row had to be to go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// A number up to this (included), or missing if so said.
    AtMost {
        /// The number.
        limit: f64,
        /// Whether missing values go along.
        or_missing: bool,
    },
    /// A number above this, or missing if so said.
    Above {
        /// The number.
        limit: f64,
        /// Whether missing values go along.
        or_missing: bool,
    },
    /// Missing.
    IsMissing,
    /// Not missing.
    IsKnown,
    /// One of these categories (codes of the schema), or missing if so said.
    OneOf {
        /// Codes.
        codes: Vec<u32>,
        /// Whether missing and unseen categories go along.
        or_missing: bool,
    },
}

impl Step {
    /// The step in words: "days at most 12 or not known".
    #[must_use]
    pub fn text(&self, schema: &Schema) -> String {
        let Some(feature) = schema.features.get(self.feature) else { return String::new() };
        let name = &feature.name;
        let with = |or_missing: bool| if or_missing { " or not known" } else { "" };
        match (&self.test, &feature.kind) {
            (Test::AtMost { limit, or_missing }, _) => {
                format!("{name} at most {limit}{}", with(*or_missing))
            }
            (Test::Above { limit, or_missing }, _) => {
                format!("{name} above {limit}{}", with(*or_missing))
            }
            (Test::IsMissing, _) => format!("{name} not known"),
            (Test::IsKnown, _) => format!("{name} known"),
            (Test::OneOf { codes, or_missing }, Kind::Categorical { levels }) => {
                let names: Vec<&str> = codes
                    .iter()
                    .filter_map(|c| levels.get(*c as usize))
                    .map(String::as_str)
                    .collect();
                format!("{name} is {}{}", names.join(" or "), with(*or_missing))
            }
            (Test::OneOf { .. }, Kind::Numeric) => name.clone(),
        }
    }
}

impl Ensemble {
    /// The way of a row through the first tree: what a printed decision path shows.
    #[must_use]
    pub fn path(&self, row: &[f64]) -> Vec<Step> {
        let Some(tree) = self.trees.first() else { return Vec::new() };
        let mut bins = Vec::with_capacity(row.len());
        self.binner.bin_row(row, &mut bins);
        let mut steps = Vec::new();
        let mut at = 0;
        while tree.nodes[at].go != Go::Leaf {
            let node = tree.nodes[at];
            let feature = usize::from(node.feature);
            let left = tree.goes_left(&node, bins[feature]);
            at = node.child as usize + usize::from(!left);
            steps.push(Step {
                feature,
                test: self.binner.test(tree, &node, left),
                rows: count(tree.cover[at]) as u64,
                value: tree.value[at],
            });
        }
        steps
    }
}

impl Binner {
    /// Says in terms of values what a node asks.
    fn test(&self, tree: &Tree, node: &Node, left: bool) -> Test {
        let bin = usize::from(node.threshold);
        match &self.features[usize::from(node.feature)] {
            FeatureBins::Number { edges } => {
                let with_missing = (node.go == Go::UpToOrMissing) == left;
                match (bin.checked_sub(1).and_then(|b| edges.get(b)), left) {
                    (Some(limit), true) => Test::AtMost { limit: *limit, or_missing: with_missing },
                    (Some(limit), false) => Test::Above { limit: *limit, or_missing: with_missing },
                    (None, _) if with_missing => Test::IsMissing,
                    (None, _) => Test::IsKnown,
                }
            }
            FeatureBins::Category { bin_of, .. } => {
                let set = tree.sets.get(bin).copied().unwrap_or_default();
                let inside = |bin: u8| holds(&set, bin) == left;
                let codes = (0..bin_of.len())
                    .filter(|c| bin_of[*c] > 0 && inside(bin_of[*c]))
                    .map(index_u32)
                    .collect();
                Test::OneOf { codes, or_missing: inside(0) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::dataset::{Column, Dataset};
    use super::super::{TreeSettings, fit_tree};

    #[test]
    fn a_path_reads_like_a_sentence() {
        let days: Vec<f64> = (0..200).map(|i| f64::from(i % 20)).collect();
        let source: Vec<Option<&str>> =
            (0..200).map(|i| if i % 3 == 0 { Some("fair") } else { Some("web") }).collect();
        let labels: Vec<bool> = (0..200).map(|i| i % 20 < 8 && i % 3 == 0).collect();
        let data = Dataset::new(vec![
            Column::numeric("days", days),
            Column::categorical("source", &source),
        ])
        .unwrap();
        let schema = data.schema();
        let matrix = schema.matrix(&data).unwrap();
        let settings = TreeSettings { depth: 2, leaf_rows: 5 };
        let tree = fit_tree(&schema, &matrix, &labels, &settings).unwrap();
        let mut text: Vec<String> =
            tree.path(&[3.0, 0.0]).iter().map(|step| step.text(&schema)).collect();
        text.sort();
        assert_eq!(text, ["days at most 7.5", "source is fair"]);
        assert!(tree.probability(&[3.0, 0.0]) > 0.99, "this way leads to yes");
        assert!(tree.probability(&[3.0, f64::NAN]) < 0.01, "an unseen source goes with the many");
    }
}
