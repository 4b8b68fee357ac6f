//! A tree as it is stored and walked.

use serde::{Deserialize, Serialize};

use super::super::ScoreError;

/// Where a row goes at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) enum Go {
    /// Stays: this is a leaf.
    Leaf,
    /// Left if the bin is at most the threshold, missing included.
    UpToOrMissing,
    /// Left if the bin is at most the threshold, missing excluded.
    UpTo,
    /// Left if the set with the threshold's number holds the bin.
    InSet,
}

/// A node; its children stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Node {
    pub(in super::super) feature: u16,
    pub(in super::super) threshold: u16,
    pub(in super::super) go: Go,
    /// Left child; the right one follows.
    pub(in super::super) child: u32,
}

/// Longest path of a tree that is read: walks recurse.
const DEEPEST: usize = 64;

/// A set of bins.
pub(in super::super) type BinSet = [u64; 4];

/// A tree. The first node is the root.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(in super::super) struct Tree {
    pub(in super::super) nodes: Vec<Node>,
    /// Value of each node, as if it were a leaf.
    pub(in super::super) value: Vec<f64>,
    /// Training rows that reached each node.
    pub(in super::super) cover: Vec<f64>,
    pub(in super::super) sets: Vec<BinSet>,
}

pub(in super::super) fn holds(set: &BinSet, bin: u8) -> bool {
    set[usize::from(bin >> 6)] >> (bin & 63) & 1 == 1
}

impl Tree {
    /// Whether a row goes left at a node that is not a leaf.
    pub(in super::super) fn goes_left(&self, node: &Node, bin: u8) -> bool {
        match node.go {
            Go::Leaf => false,
            // Without missing, bin 0 wraps round to the end. One form for both: no branch.
            Go::UpToOrMissing | Go::UpTo => {
                let without = u16::from(node.go == Go::UpTo);
                let bin = u16::from(bin).wrapping_sub(without) & 255;
                bin < node.threshold + 1 - without
            }
            Go::InSet => holds(&self.sets[usize::from(node.threshold)], bin),
        }
    }

    /// The leaf that a row ends in.
    pub(in super::super) fn leaf(&self, bins: &[u8]) -> usize {
        let mut at = 0;
        loop {
            let node = &self.nodes[at];
            if node.go == Go::Leaf {
                return at;
            }
            let left = self.goes_left(node, bins[usize::from(node.feature)]);
            at = node.child as usize + usize::from(!left);
        }
    }

    /// The longest way to a leaf.
    pub(super) fn depth(&self) -> usize {
        let mut depths = vec![0_usize; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, n)| n.go != Go::Leaf) {
            // Children come later.
            let below = depths[at] + 1;
            depths[node.child as usize] = below;
            depths[node.child as usize + 1] = below;
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Which share of the rows of the node above comes to each node, and the mean over the training
    /// rows of the leaves' values.
    pub(super) fn shares(&self) -> (Vec<f64>, f64) {
        let mut of_parent = vec![1.0; self.nodes.len()];
        let mut of_all = of_parent.clone();
        let mut mean = 0.0;
        for (at, node) in self.nodes.iter().enumerate() {
            if node.go == Go::Leaf {
                mean += of_all[at] * self.value[at];
                continue;
            }
            // Children come later.
            let children = [node.child as usize, node.child as usize + 1];
            let both: f64 = children.iter().map(|child| self.cover[*child]).sum();
            for child in children {
                of_parent[child] = self.cover[child] / both;
                of_all[child] = of_all[at] * of_parent[child];
            }
        }
        (of_parent, mean)
    }

    /// Refuses a tree, read from bytes, that could not be walked.
    pub(in super::super) fn check(&self, features: usize) -> Result<(), ScoreError> {
        let n = self.nodes.len();
        let broken = ScoreError::Artefact { reason: "a tree is broken" };
        if n == 0 || self.value.len() != n || self.cover.len() != n {
            return Err(broken);
        }
        let finite = self.value.iter().chain(&self.cover).all(|v| v.is_finite());
        if !finite || self.cover.iter().any(|c| *c <= 0.0) {
            return Err(broken);
        }
        let mut depth = vec![0_usize; n];
        let mut claimed = vec![false; n];
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, n)| n.go != Go::Leaf) {
            let child = node.child as usize;
            let set = node.go != Go::InSet || usize::from(node.threshold) < self.sets.len();
            // Children come later, so a walk ends.
            let low = node.threshold <= 255 || node.go == Go::InSet;
            if child <= at
                || child + 1 >= n
                || usize::from(node.feature) >= features
                || !set
                || !low
            {
                return Err(broken);
            }
            for below in [child, child + 1] {
                // One parent each, or ways would multiply.
                if std::mem::replace(&mut claimed[below], true) {
                    return Err(broken);
                }
                depth[below] = depth[below].max(depth[at] + 1);
                if depth[below] > DEEPEST {
                    return Err(broken);
                }
            }
        }
        Ok(())
    }
}
