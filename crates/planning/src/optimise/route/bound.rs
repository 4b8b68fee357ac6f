//! How short a day could be at best.
//!
//! Driving: the Held-Karp bound by one-trees with subgradient steps (Held and Karp, *Mathematical
//! Programming* 1, 1971) on the smaller of the two directions of each leg, which holds for
//! one-way differences, too. For days that end at the last stop: the minimum spanning tree.

use super::{Finish, RouteProblem};

const STEPS: usize = 120;

/// Returns a lower bound on the length of the day in minutes.
pub(super) fn day_length(problem: &RouteProblem<'_>) -> f64 {
    let places = problem.stops.len() + 1;
    let visits: f64 = problem.stops.iter().map(|s| s.visit_min).sum();
    let mut leg = vec![0.0; places * places];
    for a in 0..places {
        for b in 0..places {
            leg[a * places + b] = problem.travel(a, b).min(problem.travel(b, a));
        }
    }
    let driving = match problem.finish {
        Finish::AtStart => one_trees(&leg, places),
        Finish::AtLastStop => spanning_tree(&leg, places, 0, &mut vec![0; places]),
    };
    let latest = (0..problem.stops.len())
        .map(|s| {
            let arrives = problem.starts_min + shortest(problem, s);
            problem.leaves(s, arrives) + problem.home_at_least(s) - problem.starts_min
        })
        .fold(0.0, f64::max);
    (driving + visits).max(latest)
}

impl RouteProblem<'_> {
    /// Least minutes from a stop to the end, also by way of other places.
    fn home_at_least(&self, stop: usize) -> f64 {
        match self.finish {
            Finish::AtStart => (0..=self.stops.len())
                .filter(|p| *p != stop + 1)
                .map(|p| self.travel(stop + 1, p))
                .fold(f64::INFINITY, f64::min),
            Finish::AtLastStop => 0.0,
        }
    }
}

/// Least minutes to a stop from any other place.
fn shortest(problem: &RouteProblem<'_>, stop: usize) -> f64 {
    (0..=problem.stops.len())
        .filter(|p| *p != stop + 1)
        .map(|p| problem.travel(p, stop + 1))
        .fold(f64::INFINITY, f64::min)
}

fn one_trees(leg: &[f64], places: usize) -> f64 {
    if places < 3 {
        return leg[1.min(places - 1)] * 2.0;
    }
    let mut price = vec![0.0; places];
    let mut best = 0.0_f64;
    let mut priced = leg.to_vec();
    let mut step = leg.iter().sum::<f64>() / (places * places) as f64;
    for _ in 0..STEPS {
        for a in 0..places {
            for b in 0..places {
                priced[a * places + b] = leg[a * places + b] + price[a] + price[b];
            }
        }
        let mut degree = vec![0_usize; places];
        let mut total = spanning_tree(&priced, places, 1, &mut degree);
        // The first place joins by its two shortest legs.
        let mut joins: Vec<(f64, usize)> = (1..places).map(|p| (priced[p], p)).collect();
        joins.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (length, place) in &joins[..2] {
            total += length;
            degree[0] += 1;
            degree[*place] += 1;
        }
        best = best.max(total - 2.0 * price.iter().sum::<f64>());
        for (price, degree) in price.iter_mut().zip(&degree) {
            *price += step * (*degree as f64 - 2.0);
        }
        step *= 0.96;
    }
    best
}

/// Prim's algorithm on the places from `first` on; adds each place's degree.
fn spanning_tree(leg: &[f64], places: usize, first: usize, degree: &mut [usize]) -> f64 {
    let mut near: Vec<(f64, usize)> =
        (0..places).map(|p| (leg[first * places + p], first)).collect();
    let mut done = vec![false; places];
    done[..=first].fill(true);
    let mut total = 0.0;
    for _ in first + 1..places {
        let next =
            (0..places).filter(|p| !done[*p]).min_by(|a, b| near[*a].0.total_cmp(&near[*b].0));
        let Some(next) = next else { break };
        done[next] = true;
        total += near[next].0;
        degree[next] += 1;
        degree[near[next].1] += 1;
        for place in 0..places {
            if !done[place] && leg[next * places + place] < near[place].0 {
                near[place] = (leg[next * places + place], next);
            }
        }
    }
    total
}
