//! Whole accounts: local search from the rounded relaxation.
//!
//! Moves are a shift of one account or a swap of two, accepted when cost plus a penalty on loads
//! outside their limits falls. The penalty grows until loads are within limits (Fiacco and
//! McCormick 1968 for the idea); accounts look only at the reps that the relaxation's prices make
//! nearly as cheap as the best.

use super::super::num::index_u32;
use super::relaxation::Relaxed;
use super::{OptimiseError, TerritoryProblem, limits, unit_cost};

/// Reps that each account considers.
const CANDIDATES: usize = 10;
/// Sweeps over all accounts at one penalty.
const SWEEPS: usize = 12;
/// Times that the penalty is raised.
const RAISES: usize = 12;

/// Penalties to start from, in units of a typical price: low ones travel far, high ones repair
/// quickly, and which is best depends on the data. The best result counts.
const STARTS: [f64; 4] = [1.0, 0.8, 1.25, 0.65];

/// State of the search.
pub(super) struct Search<'a> {
    problem: &'a TerritoryProblem<'a>,
    /// Cost of each account with each rep.
    cost: Vec<f64>,
    candidates: Vec<Vec<u32>>,
    rep: Vec<usize>,
    members: Vec<Vec<u32>>,
    load: Vec<f64>,
    lower: f64,
    upper: f64,
    penalty: f64,
}

#[derive(Clone, Copy)]
struct Step {
    gain: f64,
    to: usize,
    back: Option<u32>,
}

impl<'a> Search<'a> {
    /// Starts from the largest parts of the relaxation.
    pub(super) fn new(problem: &'a TerritoryProblem<'a>, relaxed: &Relaxed) -> Self {
        let accounts = problem.work.len();
        let reps = problem.reps;
        let cost: Vec<f64> = (0..accounts)
            .flat_map(|i| (0..reps).map(move |r| (i, r)))
            .map(|(i, r)| unit_cost(problem, i, r) * problem.work[i])
            .map(|c| if c.is_nan() { f64::INFINITY } else { c })
            .collect();
        let candidates = (0..accounts)
            .map(|i| {
                let mut order: Vec<(f64, u32)> = (0..reps)
                    .map(|r| (unit_cost(problem, i, r) + relaxed.price[r], index_u32(r)))
                    .filter(|(c, _)| c.is_finite())
                    .collect();
                let keep = CANDIDATES.min(order.len());
                if keep < order.len() {
                    order.select_nth_unstable_by(keep, |a, b| a.0.total_cmp(&b.0));
                    order.truncate(keep);
                }
                order.sort_by(|a, b| a.0.total_cmp(&b.0));
                order.into_iter().map(|(_, r)| r).collect()
            })
            .collect();
        let (lower, upper) = limits(problem);
        let mut search = Self {
            problem,
            cost,
            candidates,
            rep: Vec::new(),
            members: vec![Vec::new(); reps],
            load: vec![0.0; reps],
            lower,
            upper,
            penalty: 0.0,
        };
        search.restart(&relaxed.rep);
        let worst = relaxed.price.iter().fold(0.0_f64, |a, p| a.max(p.abs()));
        let typical = relaxed.bound / problem.work.iter().sum::<f64>();
        search.penalty = (worst + typical).max(1e-6);
        search
    }

    /// Searches from several penalties and keeps the best design within the limits.
    pub(super) fn run(&mut self) -> Result<(), OptimiseError> {
        let (start, penalty) = (self.rep.clone(), self.penalty);
        let mut best: Option<(f64, Vec<usize>)> = None;
        let mut stuck = None;
        for factor in STARTS {
            self.penalty = penalty * factor;
            self.restart(&start);
            if let Err(error) = self.repair() {
                stuck = Some(error);
                continue;
            }
            let cost: f64 = self
                .rep
                .iter()
                .enumerate()
                .map(|(i, r)| self.cost[i * self.problem.reps + r])
                .sum();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, self.rep.clone()));
            }
        }
        match (best, stuck) {
            (Some((_, rep)), _) => {
                self.restart(&rep);
                Ok(())
            }
            (None, Some(error)) => Err(error),
            (None, None) => Ok(()),
        }
    }

    /// Searches until loads are within limits and no move helps.
    fn repair(&mut self) -> Result<(), OptimiseError> {
        for _ in 0..RAISES {
            self.settle();
            if self.worst_violation().is_none() {
                return Ok(());
            }
            self.penalty *= 3.0;
        }
        match self.worst_violation() {
            None => Ok(()),
            Some(bin) => Err(OptimiseError::Indivisible {
                bin,
                load: self.load[bin],
                lower: self.lower,
                upper: self.upper,
            }),
        }
    }

    /// Returns the rep of each account.
    pub(super) fn into_reps(self) -> Vec<usize> {
        self.rep
    }

    /// The rep of each account so far.
    pub(super) fn reps(&self) -> &[usize] {
        &self.rep
    }

    /// Moves an account if that keeps both loads within limits.
    pub(super) fn shift_within_limits(&mut self, account: usize, to: usize) -> bool {
        let work = self.problem.work[account];
        let from = self.rep[account];
        let fits = self.cost[account * self.problem.reps + to].is_finite()
            && from != to
            && self.outside(self.load[from] - work) <= self.outside(self.load[from])
            && self.outside(self.load[to] + work) <= self.outside(self.load[to]);
        if fits {
            self.shift(account, to);
        }
        fits
    }

    fn restart(&mut self, rep: &[usize]) {
        self.rep = rep.to_vec();
        self.members.iter_mut().for_each(Vec::clear);
        self.load.fill(0.0);
        for (account, rep) in rep.iter().enumerate() {
            self.members[*rep].push(index_u32(account));
            self.load[*rep] += self.problem.work[account];
        }
    }

    fn settle(&mut self) {
        for _ in 0..SWEEPS {
            let mut improved = false;
            for account in 0..self.rep.len() {
                if let Some(step) = self.best_step(account) {
                    let from = self.rep[account];
                    self.shift(account, step.to);
                    if let Some(back) = step.back {
                        self.shift(back as usize, from);
                    }
                    improved = true;
                }
            }
            if !improved {
                return;
            }
        }
    }

    fn best_step(&self, account: usize) -> Option<Step> {
        let reps = self.problem.reps;
        let from = self.rep[account];
        let work = self.problem.work[account];
        let here = self.cost[account * reps + from];
        let mut best: Option<Step> = None;
        let least = 1e-9 * (1.0 + here.abs());
        let mut offer = |gain: f64, to: usize, back: Option<u32>| {
            if gain > best.map_or(least, |b| b.gain) {
                best = Some(Step { gain, to, back });
            }
        };
        let base_from = self.outside(self.load[from]);
        for to in self.candidates[account].iter().map(|r| *r as usize).filter(|r| *r != from) {
            let base = base_from + self.outside(self.load[to]);
            let saved = here - self.cost[account * reps + to];
            let after = self.outside(self.load[from] - work) + self.outside(self.load[to] + work);
            offer(saved + self.penalty * (base - after), to, None);
            // A swap can gain at most what it saves plus the whole violation.
            if saved + self.penalty * base <= -here.abs() {
                continue;
            }
            for other in &self.members[to] {
                let row = *other as usize * reps;
                let change = saved + self.cost[row + to] - self.cost[row + from];
                if change + self.penalty * base <= least {
                    continue;
                }
                let net = work - self.problem.work[*other as usize];
                let after = self.outside(self.load[from] - net) + self.outside(self.load[to] + net);
                offer(change + self.penalty * (base - after), to, Some(*other));
            }
        }
        best
    }

    fn shift(&mut self, account: usize, to: usize) {
        let from = self.rep[account];
        let id = index_u32(account);
        self.members[from].retain(|a| *a != id);
        self.members[to].push(id);
        self.load[from] -= self.problem.work[account];
        self.load[to] += self.problem.work[account];
        self.rep[account] = to;
    }

    /// How far a load is outside the limits; a little inside counts as outside, so that rounding
    /// in sums cannot push it over.
    fn outside(&self, load: f64) -> f64 {
        let hair = 1e-9 * self.upper;
        (load - self.upper + hair).max(self.lower - load + hair).max(0.0)
    }

    fn worst_violation(&self) -> Option<usize> {
        let tolerance = 1e-9 * self.upper;
        (0..self.load.len())
            .filter(|r| {
                let load: f64 =
                    self.members[*r].iter().map(|a| self.problem.work[*a as usize]).sum();
                load > self.upper + tolerance || load < self.lower - tolerance
            })
            .max_by(|a, b| self.outside(self.load[*a]).total_cmp(&self.outside(self.load[*b])))
    }
}
