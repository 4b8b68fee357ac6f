//! The batch: from values to a transportation problem and back.

use super::super::num::{EXACT, check_len, check_range, check_size, floor_count};
use super::super::transport::{Clash, FORBIDDEN, Flow, Transport};
use super::super::{Goal, OptimiseError, Quality};
use super::{Assignment, AssignmentProblem, Fairness, Shortfall, reason};

/// Assigns a batch of leads at the greatest total value.
///
/// # Errors
/// Bad numbers, or [`OptimiseError::Overfull`] / [`OptimiseError::Underfull`] with the leads and
/// reps that clash.
pub fn assign(problem: &AssignmentProblem<'_>) -> Result<Assignment, OptimiseError> {
    let leads = check(problem)?;
    let floors = floors(problem, leads);
    let scaled = Scaled::new(problem, leads);
    let flow = scaled.solve(problem, &floors)?;
    let rep = chosen(&flow, leads, problem.capacity.len());
    let objective = total(problem, &rep);
    let cost_of_fairness = if floors.iter().any(|f| *f > 0.0) {
        let free = scaled.solve(problem, &vec![0.0; floors.len()])?;
        (total(problem, &chosen(&free, leads, problem.capacity.len())) - objective).max(0.0)
    } else {
        0.0
    };
    let full: Vec<f64> =
        flow.price[..problem.capacity.len()].iter().map(|p| p * problem.unit).collect();
    let bound = bound(problem, &full, &floors, &rep).max(objective);
    let price = scaled.prices(problem, &flow);
    let mut load = vec![0; problem.capacity.len()];
    for chosen in rep.iter().flatten() {
        load[*chosen] += 1;
    }
    let rationale = reason::explain(problem, &rep, &price);
    Ok(Assignment {
        rep,
        quality: Quality { goal: Goal::Maximise, objective, bound },
        price,
        load,
        cost_of_fairness,
        rationale,
    })
}

/// The finest unit, a power of ten from a billionth up, in which so many leads and reps with values
/// of at most so much stay exact: costs of leaving out and chains of moves through all reps, too.
#[must_use]
pub fn unit_for(leads: usize, reps: usize, largest: f64) -> f64 {
    let (leads, reps) = (leads as f64, reps as f64);
    let most = EXACT / 64.0 / f64::max(leads + 1.0, (reps + 2.0).powi(2));
    let finer = (-9..10).map(|power| 10_f64.powi(power));
    finer.into_iter().find(|unit| largest <= most * unit).unwrap_or(1e-2)
}

fn check(problem: &AssignmentProblem<'_>) -> Result<usize, OptimiseError> {
    check_size("capacity", problem.capacity.len())?;
    check_size("value", problem.value.len())?;
    check_len("eligible", problem.value.len(), problem.eligible.len())?;
    let reps = problem.capacity.len();
    let leads = problem.value.len() / reps;
    check_len("value", leads * reps, problem.value.len())?;
    check_range("unit", &[problem.unit], 1e-9, 1e9)?;
    let most = EXACT / 64.0 / (leads as f64 + 1.0) * problem.unit;
    check_range("value", problem.value, -most, most)?;
    if let Fairness::Floor { share } = problem.fairness {
        check_range("fairness share", &[share], 0.0, 1.0)?;
    }
    Ok(leads)
}

/// Least number of leads of each rep.
fn floors(problem: &AssignmentProblem<'_>, leads: usize) -> Vec<f64> {
    let reps = problem.capacity.len();
    let Fairness::Floor { share } = problem.fairness else { return vec![0.0; reps] };
    let average = leads as f64 / reps as f64;
    let mut possible = vec![0_usize; reps];
    for row in problem.eligible.chunks_exact(reps) {
        for (count, allowed) in possible.iter_mut().zip(row) {
            *count += usize::from(*allowed);
        }
    }
    possible
        .iter()
        .zip(problem.capacity)
        .map(|(possible, capacity)| {
            let wish = floor_count(share * average);
            wish.min(*possible).min(*capacity as usize) as f64
        })
        .collect()
}

/// Costs in whole units; with [`Shortfall::LeaveOut`] a last bin takes what is left.
struct Scaled {
    bins: usize,
    cost: Vec<f64>,
    /// The largest magnitude of a value.
    most: f64,
    /// What leaving a lead out costs; infinite where no lead may be left out.
    penalty: f64,
}

impl Scaled {
    fn new(problem: &AssignmentProblem<'_>, leads: usize) -> Self {
        let reps = problem.capacity.len();
        let spare = usize::from(problem.shortfall == Shortfall::LeaveOut);
        let bins = reps + spare;
        let mut cost = Vec::with_capacity(leads * bins);
        let mut most = 0.0_f64;
        for (values, allowed) in
            problem.value.chunks_exact(reps).zip(problem.eligible.chunks_exact(reps))
        {
            for (value, allowed) in values.iter().zip(allowed) {
                let units = (value / problem.unit).round();
                most = most.max(units.abs());
                cost.push(if *allowed { -units } else { FORBIDDEN });
            }
            if spare == 1 {
                cost.push(0.0);
            }
        }
        let mut penalty = f64::INFINITY;
        if spare == 1 {
            // Leaving a lead out must cost more than twice what any chain of moves can gain, so that
            // prices can be told apart from it.
            penalty = 4.0 * most * (reps as f64 + 1.0) + 1.0;
            cost.iter_mut().skip(reps).step_by(bins).for_each(|c| *c = penalty);
        }
        Self { bins, cost, most, penalty }
    }

    /// What one more place with each rep is worth in value alone.
    ///
    /// Where leads are left out, a dual price also holds what leaving one out costs, as many times
    /// as the place saves it: that is taken off again. What is left may be anything, as one lead more
    /// may push others to where they are worth less; but a place costs nobody value who need not take
    /// it, and no lead gains more by one than the largest value.
    fn prices(&self, problem: &AssignmentProblem<'_>, flow: &Flow) -> Vec<f64> {
        let plain = |price: &f64| {
            if self.penalty.is_infinite() {
                return *price;
            }
            let saved = (price / self.penalty).round();
            let least = if saved > 0.0 { 0.0 } else { -self.most };
            (price - saved * self.penalty).clamp(least, self.most)
        };
        let prices = flow.price[..problem.capacity.len()].iter();
        prices.map(|price| plain(price) * problem.unit).collect()
    }

    fn solve(
        &self,
        problem: &AssignmentProblem<'_>,
        floors: &[f64],
    ) -> Result<Flow, OptimiseError> {
        let leads = self.cost.len() / self.bins;
        let supply = vec![1.0; leads];
        let mut upper: Vec<f64> = problem.capacity.iter().map(|c| f64::from(*c)).collect();
        let mut lower = floors.to_vec();
        upper.resize(self.bins, leads as f64);
        lower.resize(self.bins, 0.0);
        let transport = Transport {
            bins: self.bins,
            cost: &self.cost,
            supply: &supply,
            lower: &lower,
            upper: &upper,
        };
        transport.solve().map_err(|clash| match clash {
            Clash::Overfull { items, bins } => OptimiseError::Overfull {
                capacity: bins.iter().map(|b| upper[*b]).sum(),
                demand: items.len() as f64,
                items,
                bins,
            },
            Clash::Underfull { items, bins } => OptimiseError::Underfull {
                required: bins.iter().map(|b| lower[*b]).sum(),
                available: items.len() as f64,
                bins,
                items,
            },
        })
    }
}

fn chosen(flow: &Flow, leads: usize, reps: usize) -> Vec<Option<usize>> {
    let mut rep = vec![None; leads];
    for (bin, held) in flow.held.iter().enumerate().take(reps) {
        for piece in held {
            rep[piece.item as usize] = Some(bin);
        }
    }
    rep
}

fn total(problem: &AssignmentProblem<'_>, rep: &[Option<usize>]) -> f64 {
    let reps = problem.capacity.len();
    rep.iter().enumerate().filter_map(|(i, r)| r.map(|r| problem.value[i * reps + r])).sum()
}

/// Weak duality in unrounded values: no assignment of the same leads can be worth more than each
/// lead's best value after prices plus the prices of all places.
fn bound(
    problem: &AssignmentProblem<'_>,
    price: &[f64],
    floors: &[f64],
    rep: &[Option<usize>],
) -> f64 {
    let reps = problem.capacity.len();
    let leads: f64 = rep
        .iter()
        .enumerate()
        .filter(|(_, chosen)| chosen.is_some())
        .map(|(lead, _)| {
            (0..reps)
                .filter(|r| problem.eligible[lead * reps + r])
                .map(|r| problem.value[lead * reps + r] - price[r])
                .fold(f64::NEG_INFINITY, f64::max)
        })
        .sum();
    let places: f64 = price
        .iter()
        .zip(problem.capacity.iter().zip(floors))
        .map(|(p, (capacity, floor))| p * if *p > 0.0 { f64::from(*capacity) } else { *floor })
        .sum();
    leads + places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimise::assign::{Rationale, Why};

    fn problem<'a>(
        value: &'a [f64],
        eligible: &'a [bool],
        capacity: &'a [u32],
    ) -> AssignmentProblem<'a> {
        AssignmentProblem {
            value,
            eligible,
            capacity,
            unit: 0.01,
            fairness: Fairness::ValueOnly,
            shortfall: Shortfall::Refuse,
        }
    }

    #[test]
    fn a_full_first_choice_goes_to_the_lead_that_loses_most() {
        let value = [10.0, 9.0, 10.0, 2.0];
        let found = assign(&problem(&value, &[true; 4], &[1, 1])).unwrap();
        assert_eq!(found.rep, [Some(1), Some(0)]);
        assert!((found.quality.objective - 19.0).abs() < 1e-9);
        assert!(found.quality.gap() < 1e-9, "the optimum is proven");
        assert!(matches!(found.rationale[0].why, Why::FirstChoiceFull { rep: 0, .. }));
    }

    #[test]
    fn capacity_below_demand_names_the_leads_and_reps() {
        let value = [1.0; 6];
        let eligible = [true, false, true, false, true, true];
        let error = assign(&problem(&value, &eligible, &[1, 5])).unwrap_err();
        assert_eq!(
            error,
            OptimiseError::Overfull {
                items: vec![0, 1],
                bins: vec![0],
                capacity: 1.0,
                demand: 2.0
            }
        );
    }

    #[test]
    fn leaving_out_keeps_the_most_valuable_leads() {
        let value = [5.0, 7.0, 6.0];
        let found = assign(&AssignmentProblem {
            shortfall: Shortfall::LeaveOut,
            ..problem(&value, &[true; 3], &[2])
        })
        .unwrap();
        assert_eq!(found.rep, [None, Some(0), Some(0)]);
        assert_eq!(found.rationale[0].why, Why::LeftOut);
    }

    #[test]
    fn what_leaving_out_costs_is_no_part_of_a_price() {
        let value = [10.0, 9.0].repeat(4);
        let found = assign(&AssignmentProblem {
            shortfall: Shortfall::LeaveOut,
            ..problem(&value, &[true; 8], &[1, 1])
        })
        .unwrap();
        assert!((found.quality.objective - 19.0).abs() < 1e-9 && found.quality.gap() < 1e-9);
        assert!(found.price.iter().all(|price| (0.0..=10.0).contains(price)), "{found:?}");
        let full = |one: &&Rationale| matches!(one.why, Why::FirstChoiceFull { place_worth, .. } if (place_worth - 10.0).abs() < 1e-9);
        assert_eq!(found.rationale.iter().filter(full).count(), 1, "{found:?}");
        assert!(found.rationale.iter().all(|one| one.margin <= 10.0), "{found:?}");
    }

    #[test]
    fn a_place_that_would_leave_somebody_out_is_no_question_of_price() {
        // The second lead may go to the first rep only, and so may the third.
        let value = [100.0, 1.0, 10.0, 0.0, 5.0, 0.0];
        let may = [true, true, true, false, true, false];
        let found = assign(&AssignmentProblem {
            shortfall: Shortfall::LeaveOut,
            ..problem(&value, &may, &[1, 1])
        })
        .unwrap();
        assert_eq!(found.rep, [Some(1), Some(0), None]);
        assert_eq!(found.rationale[0].why, Why::NoPlace { rep: 0, value: 100.0 });
    }

    #[test]
    fn values_below_a_cent_decide() {
        let value = [0.504, 0.500, 0.501, 0.500];
        let finest = |value: &[f64]| {
            let largest = value.iter().copied().fold(0.0, f64::max);
            let unit = unit_for(2, 2, largest);
            assign(&AssignmentProblem { unit, ..problem(value, &[true; 4], &[1, 1]) }).unwrap()
        };
        let found = finest(&value);
        assert!((found.quality.objective - 1.004).abs() < 1e-12, "{found:?}");
        assert!(found.quality.gap() < 1e-9, "{found:?}");
        let found = finest(&value.map(|value| value / 1_000.0));
        assert!((found.quality.objective - 0.001_004).abs() < 1e-12, "{found:?}");
        assert!(unit_for(10_000, 200, 1e6) <= 0.01 && unit_for(10, 3, 1e18) > 1.0);
    }

    #[test]
    fn a_floor_gives_everybody_leads_and_tells_its_cost() {
        let value = [9.0, 1.0, 9.0, 2.0, 9.0, 3.0, 9.0, 4.0];
        let found = assign(&AssignmentProblem {
            fairness: Fairness::Floor { share: 0.5 },
            ..problem(&value, &[true; 8], &[4, 4])
        })
        .unwrap();
        assert_eq!(found.load, [3, 1]);
        assert!(found.rationale.iter().any(|one| matches!(one.why, Why::Fairness { .. })));
        assert!((found.cost_of_fairness - 5.0).abs() < 1e-9);
        assert!(found.quality.gap() < 1e-9, "exact under the floor, too");
    }

    #[test]
    fn bad_numbers_are_refused() {
        let value = [1.0, f64::NAN];
        assert!(matches!(
            assign(&problem(&value, &[true; 2], &[1, 1])),
            Err(OptimiseError::Number { what: "value", index: 1, .. })
        ));
        assert!(matches!(assign(&problem(&[], &[], &[1])), Err(OptimiseError::Empty { .. })));
        assert!(matches!(
            assign(&problem(&[1.0], &[false], &[1])),
            Err(OptimiseError::Overfull { .. })
        ));
    }
}
