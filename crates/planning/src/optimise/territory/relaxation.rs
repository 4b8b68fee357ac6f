//! The relaxation in which accounts may be split, and the bound that it proves.
//!
//! Work shipped from account to rep is the flow of a transportation problem. It is solved on
//! whole numbers; the bound is then computed from its prices in the unrounded numbers, so it holds
//! whatever the rounding (weak duality).

use super::super::OptimiseError;
use super::super::transport::{Clash, FORBIDDEN, Transport};
use super::{TerritoryProblem, limits, unit_cost};

/// The optimum with split accounts.
pub(super) struct Relaxed {
    /// No design costs less.
    pub(super) bound: f64,
    /// Price of a unit of load with each rep.
    pub(super) price: Vec<f64>,
    /// Where the largest part of each account went.
    pub(super) rep: Vec<usize>,
}

/// Solves the relaxation.
pub(super) fn solve(problem: &TerritoryProblem<'_>) -> Result<Relaxed, OptimiseError> {
    let accounts = problem.work.len();
    let reps = problem.reps;
    let (lower, upper) = limits(problem);
    let scale = power_of_ten(1e8 / problem.work.iter().sum::<f64>());
    let worst = problem.distance.iter().copied().fold(problem.change_penalty, f64::max);
    let fine = power_of_ten(1e9 / worst.max(1e-9));
    let supply: Vec<f64> = problem.work.iter().map(|w| (w * scale).round().max(1.0)).collect();
    let mut cost = Vec::with_capacity(accounts * reps);
    for account in 0..accounts {
        for rep in 0..reps {
            let unit = unit_cost(problem, account, rep);
            cost.push(if unit.is_finite() { (unit * fine).round() } else { FORBIDDEN });
        }
    }
    // Rounding of supplies must not make a feasible problem infeasible: half a unit per account.
    let room = accounts as f64 * 0.5 + 1.0;
    let slack = if problem.balance > 0.0 { 0.0 } else { room };
    let total: f64 = supply.iter().sum();
    let least =
        vec![(lower * scale - slack).ceil().min(total / reps as f64).floor().max(0.0); reps];
    let most = vec![(upper * scale + slack).floor().max((total / reps as f64).ceil()); reps];
    let transport =
        Transport { bins: reps, cost: &cost, supply: &supply, lower: &least, upper: &most };
    let flow = transport.solve().map_err(|clash| named(problem, clash, lower, upper))?;
    let mut rep = vec![0; accounts];
    let mut largest = vec![0.0; accounts];
    for (bin, held) in flow.held.iter().enumerate() {
        for piece in held {
            let account = piece.item as usize;
            if piece.amount > largest[account] {
                largest[account] = piece.amount;
                rep[account] = bin;
            }
        }
    }
    let price: Vec<f64> = flow.price.iter().map(|p| p / fine).collect();
    let bound = bound(problem, &price, lower, upper);
    Ok(Relaxed { bound, price, rep })
}

fn power_of_ten(most: f64) -> f64 {
    10_f64.powf(most.log10().floor().clamp(-9.0, 9.0))
}

fn bound(problem: &TerritoryProblem<'_>, price: &[f64], lower: f64, upper: f64) -> f64 {
    let accounts: f64 = (0..problem.work.len())
        .map(|i| {
            let least = (0..problem.reps)
                .map(|r| unit_cost(problem, i, r) + price[r])
                .fold(f64::INFINITY, f64::min);
            problem.work[i] * least
        })
        .sum();
    let reps: f64 = price.iter().map(|p| p * if *p > 0.0 { upper } else { lower }).sum();
    accounts - reps
}

fn named(problem: &TerritoryProblem<'_>, clash: Clash, lower: f64, upper: f64) -> OptimiseError {
    let work = |items: &[usize]| items.iter().map(|i| problem.work[*i]).sum::<f64>();
    match clash {
        Clash::Overfull { items, bins } => OptimiseError::Overfull {
            capacity: upper * bins.len() as f64,
            demand: work(&items),
            items,
            bins,
        },
        Clash::Underfull { items, bins } => OptimiseError::Underfull {
            required: lower * bins.len() as f64,
            available: work(&items),
            bins,
            items,
        },
    }
}
