//! The residual network on bins, and the augmentations.

use super::super::num::index_u32;
use super::{Clash, Flow, Piece, Transport};

/// State of a solve. Node `bins` is the hub that all bins drain into.
pub(super) struct Network<'a> {
    problem: &'a Transport<'a>,
    bins: usize,
    held: Vec<Vec<Piece>>,
    /// Least change of cost from moving a unit between two bins, row by row.
    shift: Vec<f64>,
    /// Flow from each bin to the hub.
    drained: Vec<f64>,
    /// Units too many (positive) or too few (negative) at each node.
    excess: Vec<f64>,
    potential: Vec<f64>,
}

/// Shortest path tree of one search.
struct Tree {
    distance: Vec<f64>,
    parent: Vec<usize>,
    done: Vec<bool>,
    target: Option<usize>,
}

const NONE: usize = usize::MAX;

impl<'a> Network<'a> {
    /// Puts every item where it is cheapest at the given prices.
    pub(super) fn new(problem: &'a Transport<'a>, price: &[f64]) -> Self {
        let bins = problem.bins;
        let mut held: Vec<Vec<Piece>> = vec![Vec::new(); bins];
        let mut load = vec![0.0; bins];
        for (item, supply) in problem.supply.iter().enumerate() {
            let row = problem.row(item);
            let mut best = 0;
            let mut least = f64::INFINITY;
            for bin in 0..bins {
                let total = row[bin] + price[bin];
                if total < least {
                    least = total;
                    best = bin;
                }
            }
            held[best].push(Piece { item: index_u32(item), amount: *supply });
            load[best] += supply;
        }
        let mut potential: Vec<f64> = price.iter().map(|p| -p).collect();
        potential.push(0.0);
        let mut drained = vec![0.0; bins];
        let mut excess = vec![0.0; bins + 1];
        for bin in 0..bins {
            let (lower, upper) = (problem.lower[bin], problem.upper[bin]);
            drained[bin] = if price[bin] > 0.0 {
                upper
            } else if price[bin] < 0.0 {
                lower
            } else {
                f64::clamp(load[bin], lower, upper)
            };
            excess[bin] = load[bin] - drained[bin];
        }
        excess[bins] = drained.iter().sum::<f64>() - load.iter().sum::<f64>();
        let mut network = Self {
            problem,
            bins,
            held,
            shift: vec![f64::INFINITY; bins * bins],
            drained,
            excess,
            potential,
        };
        for bin in 0..bins {
            network.refresh(bin);
        }
        network
    }

    /// Augments until nothing is out of balance.
    pub(super) fn run(mut self) -> Result<Flow, Clash> {
        while self.excess.iter().any(|e| *e > 0.0) {
            let tree = self.search();
            let Some(target) = tree.target else { return Err(self.clash(&tree)) };
            let reach = tree.distance[target];
            for (node, distance) in tree.distance.iter().enumerate() {
                self.potential[node] += distance.min(reach);
            }
            self.augment(&tree, target);
        }
        let hub = self.potential[self.bins];
        let price = self.potential[..self.bins].iter().map(|p| hub - p).collect();
        Ok(Flow { held: self.held, price })
    }

    /// Recomputes the moves out of a bin.
    fn refresh(&mut self, bin: usize) {
        let row = &mut self.shift[bin * self.bins..(bin + 1) * self.bins];
        row.fill(f64::INFINITY);
        for piece in &self.held[bin] {
            lower_to(row, self.problem.row(piece.item as usize), bin);
        }
    }

    /// Dijkstra on reduced costs from every node with too much to the nearest with too little.
    fn search(&self) -> Tree {
        let nodes = self.bins + 1;
        let mut tree = Tree {
            distance: self
                .excess
                .iter()
                .map(|e| if *e > 0.0 { 0.0 } else { f64::INFINITY })
                .collect(),
            parent: vec![NONE; nodes],
            done: vec![false; nodes],
            target: None,
        };
        loop {
            let mut at = NONE;
            let mut near = f64::INFINITY;
            for node in 0..nodes {
                if !tree.done[node] && tree.distance[node] < near {
                    near = tree.distance[node];
                    at = node;
                }
            }
            if at == NONE {
                return tree;
            }
            tree.done[at] = true;
            if self.excess[at] < 0.0 {
                tree.target = Some(at);
                return tree;
            }
            self.relax(&mut tree, at, near);
        }
    }

    fn relax(&self, tree: &mut Tree, at: usize, near: f64) {
        let hub = self.bins;
        if at == hub {
            let base = near + self.potential[hub];
            for bin in 0..hub {
                if self.drained[bin] > self.problem.lower[bin] {
                    let total = base - self.potential[bin];
                    if total < tree.distance[bin] {
                        tree.distance[bin] = total;
                        tree.parent[bin] = hub;
                    }
                }
            }
            return;
        }
        let base = near + self.potential[at];
        let row = &self.shift[at * hub..(at + 1) * hub];
        for (bin, shift) in row.iter().enumerate() {
            let total = base + shift - self.potential[bin];
            if total < tree.distance[bin] {
                tree.distance[bin] = total;
                tree.parent[bin] = at;
            }
        }
        if self.drained[at] < self.problem.upper[at] {
            let total = base - self.potential[hub];
            if total < tree.distance[hub] {
                tree.distance[hub] = total;
                tree.parent[hub] = at;
            }
        }
    }

    /// Sends as much as the path carries.
    fn augment(&mut self, tree: &Tree, target: usize) {
        let hub = self.bins;
        let mut amount = -self.excess[target];
        let mut steps: Vec<(usize, usize, usize)> = Vec::new();
        let mut node = target;
        while tree.parent[node] != NONE {
            let from = tree.parent[node];
            let (slot, room) = if from == hub {
                (NONE, self.drained[node] - self.problem.lower[node])
            } else if node == hub {
                (NONE, self.problem.upper[from] - self.drained[from])
            } else {
                let slot = self.mover(from, node);
                (slot, self.held[from][slot].amount)
            };
            amount = amount.min(room);
            steps.push((from, node, slot));
            node = from;
        }
        amount = amount.min(self.excess[node]);
        self.excess[node] -= amount;
        self.excess[target] += amount;
        let mut arrivals = Vec::new();
        for (from, to, slot) in steps {
            if from == hub {
                self.drained[to] -= amount;
            } else if to == hub {
                self.drained[from] += amount;
            } else {
                arrivals.push((to, self.held[from][slot].item));
                self.take(from, slot, amount);
            }
        }
        for (to, item) in arrivals {
            self.put(to, item, amount);
        }
    }

    /// Finds the item whose move gives the least change of cost between two bins.
    fn mover(&self, from: usize, to: usize) -> usize {
        let mut best = 0;
        let mut least = f64::INFINITY;
        for (slot, piece) in self.held[from].iter().enumerate() {
            let row = self.problem.row(piece.item as usize);
            let change = row[to] - row[from];
            if change < least {
                least = change;
                best = slot;
            }
        }
        best
    }

    fn take(&mut self, bin: usize, slot: usize, amount: f64) {
        let piece = &mut self.held[bin][slot];
        piece.amount -= amount;
        if piece.amount <= 0.0 {
            self.held[bin].swap_remove(slot);
            self.refresh(bin);
        }
    }

    fn put(&mut self, bin: usize, item: u32, amount: f64) {
        match self.held[bin].iter_mut().find(|piece| piece.item == item) {
            Some(piece) => piece.amount += amount,
            None => self.held[bin].push(Piece { item, amount }),
        }
        let row = &mut self.shift[bin * self.bins..(bin + 1) * self.bins];
        lower_to(row, self.problem.row(item as usize), bin);
    }

    /// Names what is stuck: everything that a unit too many can reach is full.
    fn clash(&self, tree: &Tree) -> Clash {
        let bins: Vec<usize> = (0..self.bins).filter(|b| tree.done[*b]).collect();
        if tree.done[self.bins] {
            let short: Vec<usize> = (0..self.bins).filter(|b| !tree.done[*b]).collect();
            let items = (0..self.problem.supply.len())
                .filter(|i| short.iter().any(|b| self.problem.row(*i)[*b].is_finite()))
                .collect();
            return Clash::Underfull { items, bins: short };
        }
        let mut items: Vec<usize> =
            bins.iter().flat_map(|b| &self.held[*b]).map(|piece| piece.item as usize).collect();
        items.sort_unstable();
        items.dedup();
        Clash::Overfull { items, bins }
    }
}

/// Lowers a row of moves by one item's changes of cost.
fn lower_to(row: &mut [f64], cost: &[f64], bin: usize) {
    let here = cost[bin];
    for (shift, there) in row.iter_mut().zip(cost) {
        let change = there - here;
        *shift = if change < *shift { change } else { *shift };
    }
}
