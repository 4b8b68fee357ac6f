//! Growing one tree, best leaf first.

use super::super::num::{Rng, index_u16, index_u32};
use super::bins::Binner;
use super::node::{Go, Node, Tree, holds};
use super::split::{NodeSums, Rules, Side, Split, Sums, best};

/// How a tree is grown.
#[derive(Debug, Clone, Copy)]
pub(super) struct GrowSettings {
    pub(super) leaves: usize,
    pub(super) depth: usize,
    pub(super) rules: Rules,
    /// Features looked at in each node; all if zero.
    pub(super) features_per_node: usize,
}

/// Binned data with gradients.
pub(super) struct Grower<'a> {
    pub(super) binner: &'a Binner,
    /// Bins row by row.
    pub(super) bins: &'a [u8],
    /// Gradient and hessian of each row.
    pub(super) slopes: &'a [[f32; 2]],
    /// Features that this tree may use.
    pub(super) features: &'a [usize],
    pub(super) settings: GrowSettings,
}

/// A leaf that may be split.
struct Open {
    node: usize,
    depth: usize,
    start: usize,
    end: usize,
    sums: Sums,
    histogram: Vec<Sums>,
    split: Option<Split>,
}

/// A grown tree and the rows of each leaf, as stretches of the row list.
pub(super) struct Grown {
    pub(super) tree: Tree,
    pub(super) leaves: Vec<(usize, std::ops::Range<usize>)>,
}

impl Grower<'_> {
    /// Grows a tree on `rows`, which end up ordered by leaf.
    pub(super) fn grow(&self, rows: &mut [u32], rng: &mut Rng) -> Grown {
        let offsets = self.offsets();
        let width = self.binner.features.len();
        let mut spare = vec![0_u32; rows.len()];
        let mut tree = Tree::default();
        let sums = rows.iter().fold(Sums::default(), |s, r| self.plus(s, *r));
        self.push_leaf(&mut tree, sums, rows.len());
        let mut histogram = vec![Sums::default(); offsets[self.features.len()]];
        self.fill(&mut histogram, &offsets, rows, width);
        let mut root =
            Open { node: 0, depth: 0, start: 0, end: rows.len(), sums, histogram, split: None };
        root.split = self.find(&root, &offsets, rng);
        let mut open = vec![root];
        let mut pool: Vec<Vec<Sums>> = Vec::new();
        let mut count = 1;
        while count < self.settings.leaves {
            let best = open
                .iter()
                .enumerate()
                .filter_map(|(i, o)| o.split.map(|s| (i, s)))
                .max_by(|a, b| a.1.gain.total_cmp(&b.1.gain));
            let Some((at, split)) = best else { break };
            let parent = open.swap_remove(at);
            let middle =
                self.partition(&split, &mut rows[parent.start..parent.end], &mut spare, width)
                    + parent.start;
            if middle == parent.start || middle == parent.end {
                // Bins and sums disagree only by rounding; such a split separates nothing.
                open.push(Open { split: None, ..parent });
                continue;
            }
            let (left, right) = self.children(&mut tree, parent, &split, middle);
            let mut pair = [left, right];
            let small = usize::from(pair[0].end - pair[0].start > pair[1].end - pair[1].start);
            let last = count + 1 >= self.settings.leaves;
            if !last {
                let mut fresh = pool.pop().unwrap_or_default();
                fresh.clear();
                fresh.resize(offsets[self.features.len()], Sums::default());
                let part = pair[small].start..pair[small].end;
                self.fill(&mut fresh, &offsets, &rows[part], width);
                let mut large = std::mem::take(&mut pair[0].histogram);
                for (sums, less) in large.iter_mut().zip(&fresh) {
                    *sums = sums.minus(*less);
                }
                pair[1 - small].histogram = large;
                pair[small].histogram = fresh;
                for child in &mut pair {
                    child.split = self.find(child, &offsets, rng);
                    if child.split.is_none() {
                        pool.push(std::mem::take(&mut child.histogram));
                    }
                }
            }
            open.extend(pair);
            count += 1;
        }
        let leaves = open.into_iter().map(|o| (o.node, o.start..o.end)).collect();
        Grown { tree, leaves }
    }

    fn offsets(&self) -> Vec<usize> {
        let mut offsets = vec![0];
        for feature in self.features {
            let last = offsets.last().copied().unwrap_or(0);
            offsets.push(last + self.binner.features[*feature].bins());
        }
        offsets
    }

    fn plus(&self, sums: Sums, row: u32) -> Sums {
        let [gradient, hessian] = self.slopes[row as usize];
        Sums {
            gradient: sums.gradient + f64::from(gradient),
            hessian: sums.hessian + f64::from(hessian),
        }
    }

    fn fill(&self, histogram: &mut [Sums], offsets: &[usize], rows: &[u32], width: usize) {
        let places: Vec<(usize, usize)> =
            self.features.iter().copied().zip(offsets.iter().copied()).collect();
        for row in rows {
            let row = *row as usize;
            let [gradient, hessian] = self.slopes[row];
            let (gradient, hessian) = (f64::from(gradient), f64::from(hessian));
            let bins = &self.bins[row * width..(row + 1) * width];
            for (feature, offset) in &places {
                let sums = &mut histogram[offset + usize::from(bins[*feature])];
                sums.gradient += gradient;
                sums.hessian += hessian;
            }
        }
    }

    fn find(&self, open: &Open, offsets: &[usize], rng: &mut Rng) -> Option<Split> {
        let settings = &self.settings;
        let rows = (open.end - open.start) as f64;
        if open.depth >= settings.depth || rows < 2.0 * settings.rules.leaf_rows {
            return None;
        }
        let node = NodeSums { all: open.sums, rows };
        let mut places: Vec<usize> = (0..self.features.len()).collect();
        if settings.features_per_node > 0 {
            rng.choose_first(&mut places, settings.features_per_node);
            places.truncate(settings.features_per_node);
        }
        places
            .into_iter()
            .filter_map(|place| {
                let histogram = &open.histogram[offsets[place]..offsets[place + 1]];
                let feature = self.features[place];
                best(feature, &self.binner.features[feature], histogram, node, &settings.rules)
            })
            .max_by(|a, b| a.gain.total_cmp(&b.gain))
    }

    /// Moves rows that go left to the front and returns how many there are.
    fn partition(&self, split: &Split, rows: &mut [u32], spare: &mut [u32], width: usize) -> usize {
        let (mut left, mut right) = (0, 0);
        for at in 0..rows.len() {
            let row = rows[at];
            let bin = self.bins[row as usize * width + split.feature];
            let goes_left = match split.side {
                Side::UpTo { threshold, missing_left: true } => bin <= threshold,
                Side::UpTo { threshold, missing_left: false } => bin.wrapping_sub(1) < threshold,
                Side::InSet(set) => holds(&set, bin),
            };
            if goes_left {
                rows[left] = row;
                left += 1;
            } else {
                spare[right] = row;
                right += 1;
            }
        }
        rows[left..].copy_from_slice(&spare[..right]);
        left
    }

    fn children(
        &self,
        tree: &mut Tree,
        parent: Open,
        split: &Split,
        middle: usize,
    ) -> (Open, Open) {
        let child = index_u32(tree.nodes.len());
        let node = &mut tree.nodes[parent.node];
        node.feature = index_u16(split.feature);
        node.child = child;
        match split.side {
            Side::UpTo { threshold, missing_left } => {
                node.threshold = u16::from(threshold);
                node.go = if missing_left { Go::UpToOrMissing } else { Go::UpTo };
            }
            Side::InSet(set) => {
                node.threshold = index_u16(tree.sets.len());
                node.go = Go::InSet;
                tree.sets.push(set);
            }
        }
        let right = parent.sums.minus(split.left);
        self.push_leaf(tree, split.left, middle - parent.start);
        self.push_leaf(tree, right, parent.end - middle);
        let depth = parent.depth + 1;
        let left = Open {
            node: child as usize,
            depth,
            start: parent.start,
            end: middle,
            sums: split.left,
            histogram: parent.histogram,
            split: None,
        };
        let right = Open {
            node: child as usize + 1,
            depth,
            start: middle,
            end: parent.end,
            sums: right,
            histogram: Vec::new(),
            split: None,
        };
        (left, right)
    }

    /// Adds a leaf with Newton's step as value (Friedman 2001, and Chen and Guestrin 2016).
    fn push_leaf(&self, tree: &mut Tree, sums: Sums, rows: usize) {
        tree.nodes.push(Node { feature: 0, threshold: 0, go: Go::Leaf, child: 0 });
        let value = -sums.gradient / (sums.hessian + self.settings.rules.penalty).max(1e-12);
        tree.value.push(value);
        tree.cover.push(rows.max(1) as f64);
    }
}
