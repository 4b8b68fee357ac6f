//! What a design looks like: loads, distances, changes. For what-if before and after.

use super::super::OptimiseError;
use super::super::num::check_len;
use super::TerritoryProblem;

/// The figures of one design.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Work of each rep.
    pub load: Vec<f64>,
    /// Number of accounts of each rep.
    pub accounts: Vec<usize>,
    /// Mean distance per unit of work of each rep; zero for a rep without work.
    pub mean_distance: Vec<f64>,
    /// Largest distance of a load from the average, as a share of it.
    pub worst_imbalance: f64,
    /// Sum of work times distance.
    pub travel: f64,
    /// Accounts whose rep differs from today's.
    pub changed: Vec<usize>,
}

/// Describes a design, for example one that a manager edited by hand.
///
/// # Errors
/// A rep that does not exist, or a list of the wrong length.
pub fn assess(problem: &TerritoryProblem<'_>, rep: &[usize]) -> Result<Picture, OptimiseError> {
    check_len("rep", problem.work.len(), rep.len())?;
    if let Some(index) = rep.iter().position(|r| *r >= problem.reps) {
        return Err(OptimiseError::Number { what: "rep", index, value: f64::INFINITY });
    }
    let mut load = vec![0.0; problem.reps];
    let mut accounts = vec![0; problem.reps];
    let mut travel = vec![0.0; problem.reps];
    for (account, r) in rep.iter().enumerate() {
        load[*r] += problem.work[account];
        accounts[*r] += 1;
        travel[*r] += problem.work[account] * problem.distance[account * problem.reps + r];
    }
    let average = problem.work.iter().sum::<f64>() / problem.reps as f64;
    let changed = problem
        .today
        .iter()
        .enumerate()
        .filter(|(account, today)| today.is_some_and(|t| t != rep[*account]))
        .map(|(account, _)| account)
        .collect();
    Ok(Picture {
        worst_imbalance: load
            .iter()
            .map(|l| (l / average.max(f64::MIN_POSITIVE) - 1.0).abs())
            .fold(0.0, f64::max),
        mean_distance: travel
            .iter()
            .zip(&load)
            .map(|(t, l)| if *l > 0.0 { t / l } else { 0.0 })
            .collect(),
        travel: travel.iter().sum(),
        load,
        accounts,
        changed,
    })
}
