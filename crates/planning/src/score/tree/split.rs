//! Histograms and the best split of a node.

use super::bins::FeatureBins;
use super::node::BinSet;

/// Sums of gradients and hessians.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
}

impl Sums {
    fn plus(self, other: Self) -> Self {
        Self { gradient: self.gradient + other.gradient, hessian: self.hessian + other.hessian }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self { gradient: self.gradient - other.gradient, hessian: self.hessian - other.hessian }
    }

    /// Gain of a leaf with these sums (Chen and Guestrin, *XGBoost*, KDD 2016, equation 6).
    fn gain(self, penalty: f64) -> f64 {
        self.gradient * self.gradient / (self.hessian + penalty)
    }
}

/// What a split must keep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Least training rows of a leaf.
    pub(super) leaf_rows: f64,
    /// Penalty on squared leaf values.
    pub(super) penalty: f64,
    /// Further penalty for splits by category.
    pub(super) category_penalty: f64,
}

/// Where a split sends rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Side {
    UpTo { threshold: u8, missing_left: bool },
    InSet(BinSet),
}

/// A split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub(super) feature: usize,
    pub(super) gain: f64,
    pub(super) side: Side,
    pub(super) left: Sums,
}

/// Sums and rows of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeSums {
    pub(super) all: Sums,
    pub(super) rows: f64,
}

/// Finds the best split of one feature; `None` if none gains.
pub(super) fn best(
    feature: usize,
    bins: &FeatureBins,
    histogram: &[Sums],
    node: NodeSums,
    rules: &Rules,
) -> Option<Split> {
    if bins.is_ordered() {
        by_order(feature, histogram, node, rules)
    } else {
        by_category(feature, histogram, node, rules)
    }
}

/// Thresholds, with missing values on either side.
fn by_order(feature: usize, histogram: &[Sums], node: NodeSums, rules: &Rules) -> Option<Split> {
    let scale = node.rows / node.all.hessian.max(1e-12);
    let least = rules.leaf_rows / scale;
    let parent = node.all.gain(rules.penalty);
    let missing = histogram[0];
    let mut best: Option<Split> = None;
    let mut held = Sums::default();
    let has_missing = missing.hessian > 0.0;
    for (bin, sums) in histogram.iter().enumerate().skip(1).take(histogram.len().saturating_sub(2))
    {
        if sums.hessian <= 0.0 {
            continue;
        }
        held = held.plus(*sums);
        for missing_left in [false, true] {
            if missing_left && !has_missing {
                break;
            }
            let left = if missing_left { held.plus(missing) } else { held };
            let right = node.all.minus(left);
            if left.hessian < least || right.hessian < least {
                continue;
            }
            let gain = left.gain(rules.penalty) + right.gain(rules.penalty) - parent;
            if gain > best.map_or(1e-9, |b| b.gain) {
                let threshold = super::super::num::bin_u8(bin);
                let side = Side::UpTo { threshold, missing_left };
                best = Some(Split { feature, gain, side, left });
            }
        }
    }
    // Missing against everything else.
    let rest = node.all.minus(missing);
    if missing.hessian >= least && rest.hessian >= least {
        let gain = missing.gain(rules.penalty) + rest.gain(rules.penalty) - parent;
        if gain > best.map_or(1e-9, |b| b.gain) {
            let side = Side::UpTo { threshold: 0, missing_left: true };
            best = Some(Split { feature, gain, side, left: missing });
        }
    }
    best
}

/// Categories in the order of their mean gradient; the best cut of that order is the best
/// partition (Fisher, JASA 53, 1958).
fn by_category(feature: usize, histogram: &[Sums], node: NodeSums, rules: &Rules) -> Option<Split> {
    let scale = node.rows / node.all.hessian.max(1e-12);
    let least = rules.leaf_rows / scale;
    let penalty = rules.penalty + rules.category_penalty / scale.max(1.0);
    let parent = node.all.gain(rules.penalty);
    let smooth = 10.0 / scale;
    let mut order: Vec<(f64, usize)> = histogram
        .iter()
        .enumerate()
        .filter(|(_, s)| s.hessian > 0.0)
        .map(|(bin, s)| (s.gradient / (s.hessian + smooth), bin))
        .collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut held = Sums::default();
    let mut found: Option<(f64, usize, Sums)> = None;
    for (at, (_, bin)) in order.iter().enumerate().take(order.len().saturating_sub(1)) {
        held = held.plus(histogram[*bin]);
        let right = node.all.minus(held);
        if held.hessian < least || right.hessian < least {
            continue;
        }
        let gain = held.gain(penalty) + right.gain(penalty) - parent;
        if gain > found.map_or(1e-9, |f| f.0) {
            found = Some((gain, at, held));
        }
    }
    found.map(|(gain, at, left)| {
        let mut set: BinSet = [0; 4];
        for (_, bin) in &order[..=at] {
            set[bin >> 6] |= 1 << (bin & 63);
        }
        Split { feature, gain, side: Side::InSet(set), left }
    })
}
