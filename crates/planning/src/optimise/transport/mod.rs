//! The transportation problem with many items and few bins, solved exactly.
//!
//! Minimises the sum of `cost[i][j] * flow[i][j]` where each item's flows add up to its supply
//! and each bin's load stays within its limits. All numbers are integers held in `f64`, which is
//! exact below 2^53 and vectorises better than 64-bit integers.
//!
//! Method: successive shortest paths with potentials (Ahuja, Magnanti, Orlin, *Network Flows*,
//! 1993, section 9.7), on the residual network condensed to the bins: the cost of moving from bin
//! `a` to bin `b` is the least `cost[i][b] - cost[i][a]` over the items in `a`. Prices to start
//! from come from the same problem on a quarter of the items (see [`sample`]), so that the first
//! assignment is nearly balanced and few paths remain. Optimality does not rest on them: the
//! residual network starts with no negative reduced cost, whatever the prices.
//!
//! Invariant: between augmentations no residual arc has a negative reduced cost.

mod network;
mod sample;

use network::Network;

/// Cost of a pair that is not allowed.
pub(super) const FORBIDDEN: f64 = f64::INFINITY;

/// A transportation problem; numbers are integers in `f64`.
pub(super) struct Transport<'a> {
    /// Number of bins.
    pub(super) bins: usize,
    /// Cost per unit, item by item; [`FORBIDDEN`] where a pair is not allowed.
    pub(super) cost: &'a [f64],
    /// Units of each item, positive.
    pub(super) supply: &'a [f64],
    /// Least load of each bin.
    pub(super) lower: &'a [f64],
    /// Greatest load of each bin.
    pub(super) upper: &'a [f64],
}

/// Part of an item in a bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    /// The item.
    pub(super) item: u32,
    /// Its units in this bin.
    pub(super) amount: f64,
}

/// An optimal flow with its prices.
#[derive(Debug)]
pub(super) struct Flow {
    /// What each bin holds.
    pub(super) held: Vec<Vec<Piece>>,
    /// Dual price of a unit in each bin: positive where the upper limit binds, negative where the
    /// lower limit does.
    pub(super) price: Vec<f64>,
}

/// Why there is no flow.
#[derive(Debug, PartialEq)]
pub(super) enum Clash {
    /// These items fit only these bins, and they are full.
    Overfull {
        /// The items that compete.
        items: Vec<usize>,
        /// All bins that they may go to.
        bins: Vec<usize>,
    },
    /// These bins need more than all items that may go to them.
    Underfull {
        /// All items that may go to the bins.
        items: Vec<usize>,
        /// The bins that stay short.
        bins: Vec<usize>,
    },
}

impl Transport<'_> {
    /// Solves to optimality.
    pub(super) fn solve(&self) -> Result<Flow, Clash> {
        for (item, row) in self.cost.chunks_exact(self.bins).enumerate() {
            if row.iter().all(|c| !c.is_finite()) {
                return Err(Clash::Overfull { items: vec![item], bins: Vec::new() });
            }
        }
        let price = sample::starting_prices(self);
        Network::new(self, &price).run()
    }

    /// Costs of one item.
    fn row(&self, item: usize) -> &[f64] {
        &self.cost[item * self.bins..(item + 1) * self.bins]
    }
}

#[cfg(test)]
mod tests;
