//! Quotas from the top down: goals by product to reps, as a linear program.
//!
//! Minimises the sum of relative deviations from each rep's fair share (goal in proportion to
//! potential) plus [`QuotaProblem::stretch_weight`] times the greatest stretch (quota over
//! potential of a rep). Limits: each quota lies between shares of history, each territory's total
//! between shares of its history, each product's quotas add up to its goal exactly. Edits from the
//! bottom up fix single quotas, whatever the limits.
//!
//! The program is solved by an interior point method that uses its structure (module `interior`), then
//! rounded to whole units so that every total adds up (module `rounding`). When limits clash, an
//! elastic version finds the least that must give way ([`Clash`]).

mod interior;
mod model;
mod periods;
mod rounding;
mod rows;

pub use model::{Clash, Place, Quotas, Why};
pub use periods::{blended, split};

use super::num::{EXACT, check_len, check_range, check_size};
use super::{Goal, OptimiseError, Quality};

/// A least and a greatest share of history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Least share.
    pub lower: f64,
    /// Greatest share.
    pub upper: f64,
}

/// One quota fixed by hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edit {
    /// The rep.
    pub rep: usize,
    /// The product.
    pub product: usize,
    /// The quota.
    pub amount: f64,
}

/// A quota problem. Amounts are in one currency.
#[derive(Debug, Clone, Copy)]
pub struct QuotaProblem<'a> {
    /// Potential of each rep by product, rep by rep: zero or above, and positive with some product
    /// for each rep and with some rep for each product that has a goal.
    pub potential: &'a [f64],
    /// Last period's sales in the same order.
    pub history: &'a [f64],
    /// Territory of each rep, numbered from zero.
    pub territory: &'a [usize],
    /// Goal of each product.
    pub goal: &'a [f64],
    /// Limits of each quota, as shares of history.
    pub quota_band: Band,
    /// Limits of each territory's total, as shares of its history.
    pub territory_band: Band,
    /// Weight of the greatest stretch against deviations from fair shares.
    pub stretch_weight: f64,
    /// Quotas fixed by hand; they go before limits, and of several for one quota the last counts.
    pub edits: &'a [Edit],
    /// The unit of quotas (0.01, 1, 100).
    pub unit: f64,
}

/// Allocates quotas.
///
/// # Errors
/// Bad numbers; [`OptimiseError::QuotaClash`] with what would have to give way.
pub fn allocate(problem: &QuotaProblem<'_>) -> Result<Quotas, OptimiseError> {
    check(problem)?;
    let program = model::Program::new(problem, model::Form::Strict);
    if let Some(clashes) = program.obvious_clashes() {
        return Err(OptimiseError::QuotaClash { clashes });
    }
    let solution = match interior::solve(&program) {
        Ok(solution) => solution,
        Err(iterations) => {
            let elastic = model::Program::new(problem, model::Form::Elastic);
            let clashes =
                interior::solve(&elastic).map(|s| elastic.clashes(&s)).unwrap_or_default();
            return Err(if clashes.is_empty() {
                OptimiseError::NotConverged { iterations }
            } else {
                OptimiseError::QuotaClash { clashes }
            });
        }
    };
    let amount = rounding::whole(&program, &program.quotas(&solution));
    let objective = program.objective(&amount);
    let bound = program.bound(&solution).min(objective);
    let why = program.reasons(&solution, &amount);
    let quality = Quality { goal: Goal::Minimise, objective, bound };
    Ok(Quotas::new(problem, amount, quality, why))
}

fn check(problem: &QuotaProblem<'_>) -> Result<(), OptimiseError> {
    let (reps, products) = (problem.territory.len(), problem.goal.len());
    check_size("territory", reps)?;
    check_size("goal", products)?;
    let cells = reps.saturating_mul(products);
    check_size("potential", cells)?;
    check_len("potential", cells, problem.potential.len())?;
    check_len("history", cells, problem.history.len())?;
    check_range("unit", &[problem.unit], 1e-6, 1e12)?;
    let most = EXACT / 1024.0 * problem.unit;
    check_potential(problem, most)?;
    check_range("history", problem.history, 0.0, most)?;
    check_range("goal", problem.goal, 0.0, most)?;
    check_range("stretch weight", &[problem.stretch_weight], 0.0, 1e9)?;
    for (what, band) in
        [("quota band", problem.quota_band), ("territory band", problem.territory_band)]
    {
        check_range(what, &[band.lower], 0.0, band.upper)?;
        check_range(what, &[band.upper], band.lower, 1e6)?;
    }
    if let Some(index) = problem.territory.iter().position(|t| *t >= reps) {
        return Err(OptimiseError::Number { what: "territory", index, value: reps as f64 });
    }
    for (index, edit) in problem.edits.iter().enumerate() {
        check_range("edit", &[edit.amount], 0.0, most)?;
        if edit.rep >= reps || edit.product >= products {
            return Err(OptimiseError::Number { what: "edit", index, value: edit.amount });
        }
    }
    Ok(())
}

/// Refuses potentials out of range, and sums of nothing that something is shared out by.
fn check_potential(problem: &QuotaProblem<'_>, most: f64) -> Result<(), OptimiseError> {
    let products = problem.goal.len();
    if let Some(cell) = problem.potential.iter().position(|p| !(0.0..=most).contains(p)) {
        let (rep, product) = (Some(cell / products), Some(cell % products));
        return Err(OptimiseError::Potential { rep, product, value: problem.potential[cell] });
    }
    for (rep, row) in problem.potential.chunks_exact(products).enumerate() {
        let value: f64 = row.iter().sum();
        if value < f64::MIN_POSITIVE {
            return Err(OptimiseError::Potential { rep: Some(rep), product: None, value });
        }
    }
    for (product, goal) in problem.goal.iter().enumerate() {
        let value: f64 = problem.potential.iter().skip(product).step_by(products).sum();
        if value < f64::MIN_POSITIVE && *goal > 0.0 {
            return Err(OptimiseError::Potential { rep: None, product: Some(product), value });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
