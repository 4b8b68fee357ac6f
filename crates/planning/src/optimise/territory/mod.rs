//! Territory design: accounts to reps, balanced, compact, with few changes against today.
//!
//! Objective: the sum over accounts of work times distance to the rep, plus work times
//! [`TerritoryProblem::change_penalty`] for each account that leaves its rep of today. Loads stay
//! within [`TerritoryProblem::balance`] of the average. The bound is the linear relaxation, in
//! which accounts may be split: that is a transportation problem, solved exactly. Its prices also
//! guide the search that makes accounts whole again.

mod contiguity;
mod neighbours;
mod picture;
mod relaxation;
mod search;

pub use contiguity::fragments;
pub use neighbours::{NEAREST, neighbours};
pub use picture::{Picture, assess};

use super::num::{check_len, check_range, check_size};
use super::{Goal, OptimiseError, Quality};
use crate::Pace;

/// A territory problem.
#[derive(Debug, Clone, Copy)]
pub struct TerritoryProblem<'a> {
    /// Distance (or travel time) from each account to each rep, account by account.
    pub distance: &'a [f64],
    /// Work of each account, for example visits a month.
    pub work: &'a [f64],
    /// Number of reps.
    pub reps: usize,
    /// How far a load may be from the average, as a share (0.05).
    pub balance: f64,
    /// The rep of each account today; empty if there is no today.
    pub today: &'a [Option<usize>],
    /// Distance that a change of rep must save per unit of work to be worth it.
    pub change_penalty: f64,
    /// Accounts that must be with a rep; empty if there are none.
    pub pinned: &'a [Option<usize>],
    /// Pairs of accounts that lie side by side (see [`neighbours()`]); territories are mended to be
    /// connected where balance allows. Empty to ignore.
    pub neighbours: &'a [(u32, u32)],
}

/// A territory design.
#[derive(Debug, Clone, PartialEq)]
pub struct Territories {
    /// The rep of each account.
    pub rep: Vec<usize>,
    /// Objective, and the bound of the relaxation.
    pub quality: Quality,
    /// What the design looks like.
    pub after: Picture,
    /// What today looks like, if every account has a rep today.
    pub before: Option<Picture>,
    /// Price of a unit of load with each rep: positive where there is too much work nearby.
    pub price: Vec<f64>,
    /// Accounts apart from the main part of their territory; zero without neighbours.
    pub fragments: usize,
}

/// Returns straight-line distances from accounts to homes of reps.
#[must_use]
pub fn straight_line(accounts: &[[f64; 2]], homes: &[[f64; 2]]) -> Vec<f64> {
    accounts
        .iter()
        .flat_map(|a| homes.iter().map(move |h| (a[0] - h[0]).hypot(a[1] - h[1])))
        .collect()
}

/// Designs territories.
///
/// # Errors
/// Bad numbers; [`OptimiseError::Overfull`] or [`OptimiseError::Underfull`] naming pinned accounts
/// and reps that clash; [`OptimiseError::Indivisible`] if whole accounts cannot be balanced.
pub fn design(problem: &TerritoryProblem<'_>) -> Result<Territories, OptimiseError> {
    design_watched(problem, &|_, _| Pace::Go)
}

/// The same for whoever shows how far it has come and may stop it: `watch` is asked before each
/// start of the search, with how many are done and how many there are.
///
/// # Errors
/// As [`design`]; [`OptimiseError::Stopped`].
pub fn design_watched(
    problem: &TerritoryProblem<'_>,
    watch: &dyn Fn(usize, usize) -> Pace,
) -> Result<Territories, OptimiseError> {
    check(problem)?;
    let relaxed = relaxation::solve(problem)?;
    let mut search = search::Search::new(problem, &relaxed);
    search.run(watch)?;
    if !problem.neighbours.is_empty() {
        contiguity::mend(problem, &mut search);
    }
    let rep = search.into_reps();
    let objective = objective(problem, &rep);
    let today: Option<Vec<usize>> =
        if problem.today.is_empty() { None } else { problem.today.iter().copied().collect() };
    Ok(Territories {
        quality: Quality { goal: Goal::Minimise, objective, bound: relaxed.bound.min(objective) },
        after: assess(problem, &rep)?,
        before: today.map(|t| assess(problem, &t)).transpose()?,
        fragments: fragments(problem, &rep).iter().filter(|f| **f).count(),
        price: relaxed.price,
        rep,
    })
}

/// Returns the proven lower bound alone.
///
/// # Errors
/// As [`design`].
pub fn bound(problem: &TerritoryProblem<'_>) -> Result<f64, OptimiseError> {
    check(problem)?;
    Ok(relaxation::solve(problem)?.bound)
}

fn check(problem: &TerritoryProblem<'_>) -> Result<(), OptimiseError> {
    let accounts = problem.work.len();
    check_size("work", accounts)?;
    check_size("reps", problem.reps)?;
    check_len("distance", accounts.saturating_mul(problem.reps), problem.distance.len())?;
    check_range("work", problem.work, 0.0, 1e9)?;
    check_range("distance", problem.distance, 0.0, 1e9)?;
    check_range("balance", &[problem.balance], 0.0, 1.0)?;
    check_range("change penalty", &[problem.change_penalty], 0.0, 1e9)?;
    check_range("total work", &[problem.work.iter().sum()], f64::MIN_POSITIVE, 1e12)?;
    for (what, list) in [("today", problem.today), ("pinned", problem.pinned)] {
        if list.is_empty() {
            continue;
        }
        check_len(what, accounts, list.len())?;
        if let Some(index) = list.iter().position(|r| r.is_some_and(|r| r >= problem.reps)) {
            return Err(OptimiseError::Number { what, index, value: f64::INFINITY });
        }
    }
    if let Some(index) = problem
        .neighbours
        .iter()
        .position(|(a, b)| *a as usize >= accounts || *b as usize >= accounts)
    {
        return Err(OptimiseError::Number { what: "neighbours", index, value: f64::INFINITY });
    }
    Ok(())
}

/// Cost of a unit of an account's work with a rep; infinite where pinned elsewhere.
fn unit_cost(problem: &TerritoryProblem<'_>, account: usize, rep: usize) -> f64 {
    if problem.pinned.get(account).is_some_and(|p| p.is_some_and(|p| p != rep)) {
        return f64::INFINITY;
    }
    let leaves = problem.today.get(account).is_some_and(|t| t.is_some_and(|t| t != rep));
    let change = if leaves { problem.change_penalty } else { 0.0 };
    problem.distance[account * problem.reps + rep] + change
}

fn objective(problem: &TerritoryProblem<'_>, rep: &[usize]) -> f64 {
    rep.iter().enumerate().map(|(i, r)| problem.work[i] * unit_cost(problem, i, *r)).sum()
}

/// Least and greatest load of a rep.
fn limits(problem: &TerritoryProblem<'_>) -> (f64, f64) {
    let average = problem.work.iter().sum::<f64>() / problem.reps as f64;
    ((1.0 - problem.balance) * average, (1.0 + problem.balance) * average)
}

#[cfg(test)]
mod tests;
