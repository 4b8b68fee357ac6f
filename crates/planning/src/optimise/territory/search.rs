//! Whole accounts: local search from the rounded relaxation.
//!
//! Moves are a shift of one account or a swap of two, accepted when cost plus a penalty on loads
//! outside their limits falls. The penalty grows until loads are within limits (Fiacco and
//! McCormick 1968 for the idea). What a pair of account and rep costs more than the account's best
//! at the relaxation's prices is what a design pays at least for having it, so pairs that cost much
//! more are looked at only if the others do not suffice.

use super::super::num::index_u32;
use super::relaxation::Relaxed;
use super::{OptimiseError, TerritoryProblem, limits, unit_cost};
use crate::Pace;

/// Reps that an account considers at most.
const CANDIDATES: usize = 10;
/// Pairs of account and further rep that are considered at first, as a multiple of the accounts.
const PAIRS: usize = 1;
/// Sweeps over all accounts at one penalty.
const SWEEPS: usize = 12;
/// Times that the penalty is raised, and raises without less work outside the limits after which
/// the search is stuck.
const RAISES: usize = 12;
const STUCK: usize = 3;

/// Penalties to start from, in units of a typical price: low ones travel far, high ones repair
/// quickly, and which is best depends on the data. The best result counts.
const STARTS: [f64; 4] = [1.0, 0.8, 1.25, 0.65];

/// State of the search.
pub(super) struct Search<'a> {
    problem: &'a TerritoryProblem<'a>,
    /// What each account may consider.
    choices: Vec<Choice>,
    /// Cost of each account with each rep; infinite where the pair is not considered.
    cost: Vec<f64>,
    /// Accounts that consider more than one rep.
    open: Vec<u32>,
    rep: Vec<usize>,
    /// Open accounts of each rep.
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

/// What an account may consider.
struct Choice {
    /// Reps beside that of its largest part, by what they cost more than its best one at the
    /// relaxation's prices.
    further: Vec<(f64, u32)>,
    /// Reps that it considers.
    reps: Vec<u32>,
}

impl<'a> Search<'a> {
    /// Starts from the largest parts of the relaxation.
    pub(super) fn new(problem: &'a TerritoryProblem<'a>, relaxed: &Relaxed) -> Self {
        let (lower, upper) = limits(problem);
        let worst = relaxed.price.iter().fold(0.0_f64, |a, p| a.max(p.abs()));
        let typical = relaxed.bound / problem.work.iter().sum::<f64>();
        let mut search = Self {
            problem,
            choices: choices(problem, relaxed),
            cost: vec![f64::INFINITY; problem.work.len() * problem.reps],
            open: Vec::new(),
            rep: Vec::new(),
            members: vec![Vec::new(); problem.reps],
            load: vec![0.0; problem.reps],
            lower,
            upper,
            penalty: (worst + typical).max(1e-6),
        };
        search.restart(&relaxed.rep);
        for account in 0..search.rep.len() {
            search.consider(account, search.rep[account]);
        }
        let mut extra: Vec<f64> =
            search.choices.iter().flat_map(|c| c.further.iter().map(|(extra, _)| *extra)).collect();
        let pairs = PAIRS * problem.work.len();
        let most = if pairs < extra.len() {
            *extra.select_nth_unstable_by(pairs, f64::total_cmp).1
        } else {
            f64::INFINITY
        };
        search.widen(|_, _, extra| extra <= most);
        search
    }

    /// Searches from several penalties and keeps the best design within the limits.
    pub(super) fn run(
        &mut self,
        watch: &dyn Fn(usize, usize) -> Pace,
    ) -> Result<(), OptimiseError> {
        let (start, penalty) = (self.rep.clone(), self.penalty);
        let mut best: Option<(f64, Vec<usize>)> = None;
        let mut stuck = None;
        for (done, factor) in STARTS.into_iter().enumerate() {
            if watch(done, STARTS.len()) == Pace::Stop {
                return Err(OptimiseError::Stopped);
            }
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

    /// Searches until loads are within limits and no move helps. Where it is stuck, all pairs of
    /// the reps outside their limits are considered, and then all pairs there are.
    fn repair(&mut self) -> Result<(), OptimiseError> {
        let penalty = self.penalty;
        loop {
            self.penalty = penalty;
            if self.raise() {
                return Ok(());
            }
            let stuck: Vec<bool> = self.load.iter().map(|l| self.outside(*l) > 0.0).collect();
            let around = |from: usize, to: usize, _: f64| stuck[from] || stuck[to];
            if self.widen(around) || self.widen(|_, _, _| true) {
                continue;
            }
            let Some(bin) = self.worst_violation() else { return Ok(()) };
            let (load, lower, upper) = (self.load[bin], self.lower, self.upper);
            return Err(OptimiseError::Indivisible { bin, load, lower, upper });
        }
    }

    /// Searches at ever greater penalties; `true` if loads are within limits.
    fn raise(&mut self) -> bool {
        let mut least = f64::INFINITY;
        let mut idle = 0;
        for _ in 0..RAISES {
            self.settle();
            if self.worst_violation().is_none() {
                return true;
            }
            let outside: f64 = self.load.iter().map(|l| self.outside(*l)).sum();
            idle = if outside < least { 0 } else { idle + 1 };
            if idle == STUCK {
                return false;
            }
            least = least.min(outside);
            self.penalty *= 3.0;
        }
        false
    }

    /// Considers the further pairs for which `wanted` says so, given where the account is, the rep
    /// of the pair and what it costs more. Returns whether any is new.
    fn widen(&mut self, wanted: impl Fn(usize, usize, f64) -> bool) -> bool {
        let mut any = false;
        for account in 0..self.choices.len() {
            for at in 0..self.choices[account].further.len() {
                let (extra, rep) = self.choices[account].further[at];
                let known = self.choices[account].reps.contains(&rep);
                if !known && wanted(self.rep[account], rep as usize, extra) {
                    self.consider(account, rep as usize);
                    any = true;
                }
            }
        }
        any
    }

    fn consider(&mut self, account: usize, rep: usize) {
        let cost = unit_cost(self.problem, account, rep) * self.problem.work[account];
        self.cost[account * self.problem.reps + rep] = cost;
        let reps = &mut self.choices[account].reps;
        reps.push(index_u32(rep));
        if reps.len() == 2 {
            self.open.push(index_u32(account));
            self.members[self.rep[account]].push(index_u32(account));
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
        let fits = unit_cost(self.problem, account, to).is_finite()
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
        for account in &self.open {
            self.members[rep[*account as usize]].push(*account);
        }
        for (account, rep) in rep.iter().enumerate() {
            self.load[*rep] += self.problem.work[account];
        }
    }

    fn settle(&mut self) {
        for _ in 0..SWEEPS {
            let mut improved = false;
            for at in 0..self.open.len() {
                let account = self.open[at] as usize;
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
        for to in self.choices[account].reps.iter().map(|r| *r as usize).filter(|r| *r != from) {
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
        let mut load = vec![0.0; self.load.len()];
        for (work, rep) in self.problem.work.iter().zip(&self.rep) {
            load[*rep] += work;
        }
        (0..load.len())
            .filter(|r| load[*r] > self.upper + tolerance || load[*r] < self.lower - tolerance)
            .max_by(|a, b| self.outside(self.load[*a]).total_cmp(&self.outside(self.load[*b])))
    }
}

/// What each account considers beside the rep of its largest part.
fn choices(problem: &TerritoryProblem<'_>, relaxed: &Relaxed) -> Vec<Choice> {
    let mut order: Vec<(f64, u32)> = Vec::with_capacity(problem.reps);
    (0..problem.work.len())
        .map(|account| {
            let first = relaxed.rep[account];
            let told = |rep: usize| unit_cost(problem, account, rep) + relaxed.price[rep];
            order.clear();
            order.extend((0..problem.reps).map(|r| (told(r), index_u32(r))));
            order.retain(|(cost, _)| cost.is_finite());
            let least = order.iter().map(|(cost, _)| *cost).fold(f64::INFINITY, f64::min);
            order.retain(|(_, rep)| *rep as usize != first);
            let keep = CANDIDATES - 1;
            if keep < order.len() {
                order.select_nth_unstable_by(keep, |a, b| a.0.total_cmp(&b.0));
                order.truncate(keep);
            }
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            let work = problem.work[account];
            let further = order.iter().map(|(c, rep)| ((c - least) * work, *rep)).collect();
            Choice { further, reps: Vec::new() }
        })
        .collect()
}
