//! The linear program of a quota problem, and how its solution reads.
//!
//! Each quota is `base + up - down`, where `base` is the fair share brought within limits: its
//! deviation then costs `up + down`, and both are bounded below by zero. Amounts are divided by
//! the average quota, so that numbers are near one.

use super::super::num::EXACT;
use super::interior::Solution;
use super::{Quality, QuotaProblem};

/// Relative size below which an amount counts as nothing.
const NOTHING: f64 = 1e-6;

/// A limit that clashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The goal of a product is more than its reps may carry.
    GoalTooHigh {
        /// The product.
        product: usize,
    },
    /// The goal of a product is less than its reps must carry.
    GoalTooLow {
        /// The product.
        product: usize,
    },
    /// The least total of a territory is more than its reps may carry.
    TerritoryFloor {
        /// The territory.
        territory: usize,
    },
    /// The greatest total of a territory is less than its reps must carry.
    TerritoryCeiling {
        /// The territory.
        territory: usize,
    },
}

/// What would have to give way, and by how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clash {
    /// Which limit.
    pub place: Place,
    /// By how much, as an amount.
    pub by: f64,
}

/// Why a quota is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is the fair share by potential.
    FairShare,
    /// Fixed by hand.
    Edited,
    /// The least share of history binds.
    AtFloor,
    /// The greatest share of history binds.
    AtCeiling,
    /// The territory's total is at one of its limits.
    TerritoryBand,
    /// The rep is among the most stretched.
    Stretch,
    /// It carries what others of the product cannot.
    Goal,
}

/// Quotas with their totals.
#[derive(Debug, Clone, PartialEq)]
pub struct Quotas {
    /// Quota by rep and product, rep by rep, in whole units.
    pub amount: Vec<f64>,
    /// Why, in the same order.
    pub why: Vec<Why>,
    /// Total of each rep.
    pub by_rep: Vec<f64>,
    /// Total of each territory.
    pub by_territory: Vec<f64>,
    /// Total of each product: its goal, to the unit.
    pub by_product: Vec<f64>,
    /// Quota over potential of each rep.
    pub stretch: Vec<f64>,
    /// Objective after rounding, and the program's bound.
    pub quality: Quality,
}

impl Quotas {
    pub(super) fn new(
        problem: &QuotaProblem<'_>,
        units: Vec<f64>,
        quality: Quality,
        why: Vec<Why>,
    ) -> Self {
        let products = problem.goal.len();
        let territories = problem.territory.iter().max().map_or(0, |t| t + 1);
        let mut by_rep = vec![0.0; problem.territory.len()];
        let mut by_territory = vec![0.0; territories];
        let mut by_product = vec![0.0; products];
        let mut potential = vec![0.0; by_rep.len()];
        for (cell, amount) in units.iter().enumerate() {
            by_rep[cell / products] += amount;
            by_territory[problem.territory[cell / products]] += amount;
            by_product[cell % products] += amount;
            potential[cell / products] += problem.potential[cell];
        }
        let money = |units: Vec<f64>| -> Vec<f64> {
            let per_one = (1.0 / problem.unit).round();
            let exact = (per_one * problem.unit - 1.0).abs() < 1e-12;
            units.iter().map(|u| if exact { u / per_one } else { u * problem.unit }).collect()
        };
        let by_rep = money(by_rep);
        Self {
            stretch: by_rep.iter().zip(&potential).map(|(q, p)| q / p).collect(),
            amount: money(units),
            why,
            by_rep,
            by_territory: money(by_territory),
            by_product: money(by_product),
            quality,
        }
    }
}

/// Whether totals may give way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Totals are limits.
    Strict,
    /// Totals may give way at a cost, and nothing else costs anything.
    Elastic,
}

/// The scaled program; cells are rep by rep.
pub(super) struct Program<'a> {
    pub(super) problem: &'a QuotaProblem<'a>,
    pub(super) form: Form,
    /// Amount that counts as one.
    pub(super) scale: f64,
    pub(super) products: usize,
    pub(super) territories: usize,
    pub(super) base: Vec<f64>,
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) fair: Vec<f64>,
    /// Cost of a deviation of one.
    pub(super) cost: Vec<f64>,
    /// Potential of each rep.
    pub(super) potential: Vec<f64>,
    pub(super) territory_lower: Vec<f64>,
    pub(super) territory_upper: Vec<f64>,
    pub(super) goal: Vec<f64>,
}

impl<'a> Program<'a> {
    pub(super) fn new(problem: &'a QuotaProblem<'a>, form: Form) -> Self {
        let products = problem.goal.len();
        let reps = problem.territory.len();
        let territories = problem.territory.iter().max().map_or(0, |t| t + 1);
        let unit = problem.unit;
        let goal: Vec<f64> = problem.goal.iter().map(|g| (g / unit).round()).collect();
        let cells = reps * products;
        let scale = (goal.iter().sum::<f64>() / cells as f64).max(1.0);
        let mut whole = vec![0.0; products];
        for (cell, potential) in problem.potential.iter().enumerate() {
            whole[cell % products] += potential;
        }
        let (mut lower, mut upper) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
        let mut history = vec![0.0; territories];
        for (cell, past) in problem.history.iter().enumerate() {
            // Whole units within the limits, so that rounding a quota cannot leave them.
            let least = (problem.quota_band.lower * past / unit - 1e-9).ceil().max(0.0);
            let most = (problem.quota_band.upper * past / unit + 1e-9).floor().max(0.0);
            lower.push(least.min(most));
            upper.push(most);
            history[problem.territory[cell / products]] += past / unit;
        }
        for edit in problem.edits {
            let amount = (edit.amount / unit).round();
            lower[edit.rep * products + edit.product] = amount;
            upper[edit.rep * products + edit.product] = amount;
        }
        // With nothing to share out each quota is at its least.
        for cell in (0..cells).filter(|cell| goal[cell % products] <= 0.0) {
            upper[cell] = lower[cell];
        }
        let fair: Vec<f64> = (0..cells)
            .map(|c| match goal[c % products] {
                goal if goal > 0.0 => problem.potential[c] / whole[c % products] * goal / scale,
                _ => 0.0,
            })
            .collect();
        // A deviation is relative to the fair share; without one, to the average of the product.
        let cost = |(cell, fair): (usize, &f64)| {
            let average = goal[cell % products] / reps as f64 / scale;
            1.0 / if *fair > 0.0 { fair.max(1e-9) } else { average.max(1e-3) }
        };
        let cost = fair.iter().enumerate().map(cost).collect();
        lower.iter_mut().chain(&mut upper).for_each(|limit| *limit /= scale);
        let mut potential = vec![0.0; reps];
        for (cell, p) in problem.potential.iter().enumerate() {
            potential[cell / products] += p / unit / scale;
        }
        Self {
            base: fair
                .iter()
                .zip(lower.iter().zip(&upper))
                .map(|(f, (l, u))| f.max(*l).min(*u))
                .collect(),
            cost,
            territory_lower: history
                .iter()
                .map(|h| problem.territory_band.lower * h / scale)
                .collect(),
            territory_upper: history
                .iter()
                .map(|h| problem.territory_band.upper * h / scale)
                .collect(),
            goal: goal.iter().map(|g| g / scale).collect(),
            problem,
            form,
            scale,
            products,
            territories,
            lower,
            upper,
            fair,
            potential,
        }
    }

    /// Clashes that sums of limits show.
    pub(super) fn obvious_clashes(&self) -> Option<Vec<Clash>> {
        let mut product = vec![(0.0, 0.0); self.products];
        let mut territory = vec![(0.0, 0.0); self.territories];
        for (cell, (lower, upper)) in self.lower.iter().zip(&self.upper).enumerate() {
            let (p, t) = (cell % self.products, self.problem.territory[cell / self.products]);
            product[p] = (product[p].0 + lower, product[p].1 + upper);
            territory[t] = (territory[t].0 + lower, territory[t].1 + upper);
        }
        let mut clashes = Vec::new();
        let mut add = |place, by: f64, size: f64| {
            if by > 1e-9 * size.max(1.0) {
                clashes.push(Clash { place, by: by * self.scale * self.problem.unit });
            }
        };
        for (product, (lower, upper)) in product.into_iter().enumerate() {
            let goal = self.goal[product];
            add(Place::GoalTooHigh { product }, goal - upper, goal);
            add(Place::GoalTooLow { product }, lower - goal, goal);
        }
        for (territory, (lower, upper)) in territory.into_iter().enumerate() {
            let (least, most) = (self.territory_lower[territory], self.territory_upper[territory]);
            add(Place::TerritoryFloor { territory }, least - upper, least);
            add(Place::TerritoryCeiling { territory }, lower - most, most);
        }
        if clashes.is_empty() { None } else { Some(clashes) }
    }

    /// Reads what gave way in the elastic form.
    pub(super) fn clashes(&self, solution: &Solution) -> Vec<Clash> {
        let mut clashes = Vec::new();
        let mut add = |place, by: f64, size: f64| {
            if by > NOTHING * size.max(1.0) {
                clashes.push(Clash { place, by: by * self.scale * self.problem.unit });
            }
        };
        for product in 0..self.products {
            let by = solution.product_elastic[product];
            add(Place::GoalTooHigh { product }, by.0, self.goal[product]);
            add(Place::GoalTooLow { product }, by.1, self.goal[product]);
        }
        for territory in 0..self.territories {
            let by = solution.territory_elastic[territory];
            add(Place::TerritoryFloor { territory }, by.0, self.territory_lower[territory]);
            add(Place::TerritoryCeiling { territory }, by.1, self.territory_upper[territory]);
        }
        clashes
    }

    /// Quotas of a solution, in units.
    pub(super) fn quotas(&self, solution: &Solution) -> Vec<f64> {
        (0..self.base.len())
            .map(|c| {
                let amount = self.base[c] + solution.up[c] - solution.down[c];
                (amount.clamp(self.lower[c], self.upper[c]) * self.scale).min(EXACT)
            })
            .collect()
    }

    /// Objective of whole units.
    pub(super) fn objective(&self, units: &[f64]) -> f64 {
        let mut by_rep = vec![0.0; self.potential.len()];
        let mut deviation = 0.0;
        for (cell, units) in units.iter().enumerate() {
            let amount = units / self.scale;
            by_rep[cell / self.products] += amount;
            deviation += (amount - self.fair[cell]).abs() * self.cost[cell];
        }
        let stretch = by_rep.iter().zip(&self.potential).map(|(q, p)| q / p).fold(0.0, f64::max);
        deviation + self.problem.stretch_weight * stretch
    }

    /// A bound from the solution's prices, made feasible first, so that it holds whatever the
    /// solver's accuracy (weak duality).
    pub(super) fn bound(&self, solution: &Solution) -> f64 {
        let mut rep_price: Vec<f64> = solution.rep_price.iter().map(|y| y.min(0.0)).collect();
        let pull: f64 = rep_price.iter().zip(&self.potential).map(|(y, p)| -y * p).sum();
        if pull > self.problem.stretch_weight {
            let shrink = self.problem.stretch_weight / pull;
            rep_price.iter_mut().for_each(|y| *y *= shrink);
        }
        let mut bound = 0.0;
        for (y, goal) in solution.product_price.iter().zip(&self.goal) {
            bound += y * goal;
        }
        for (t, y) in solution.territory_price.iter().enumerate() {
            bound += y * if *y > 0.0 { self.territory_lower[t] } else { self.territory_upper[t] };
        }
        for cell in 0..self.base.len() {
            let rep = cell / self.products;
            let price = solution.product_price[cell % self.products]
                + solution.territory_price[self.problem.territory[rep]]
                + rep_price[rep];
            let at = |q: f64| (q - self.fair[cell]).abs() * self.cost[cell] - price * q;
            let ends = at(self.lower[cell]).min(at(self.upper[cell]));
            bound += ends.min(at(self.base[cell]));
        }
        bound
    }

    /// Why each quota is what it is.
    pub(super) fn reasons(&self, solution: &Solution, units: &[f64]) -> Vec<Why> {
        let mut edited = vec![false; units.len()];
        for edit in self.problem.edits {
            edited[edit.rep * self.products + edit.product] = true;
        }
        units
            .iter()
            .enumerate()
            .map(|(cell, units)| {
                let amount = units / self.scale;
                let rep = cell / self.products;
                let near = 2.0 / self.scale + NOTHING;
                if edited[cell] {
                    Why::Edited
                } else if (amount - self.fair[cell]).abs() <= near {
                    Why::FairShare
                } else if amount - self.lower[cell] <= near {
                    Why::AtFloor
                } else if self.upper[cell] - amount <= near {
                    Why::AtCeiling
                } else if solution.territory_price[self.problem.territory[rep]].abs() > NOTHING {
                    Why::TerritoryBand
                } else if solution.rep_price[rep] < -NOTHING {
                    Why::Stretch
                } else {
                    Why::Goal
                }
            })
            .collect()
    }
}
