//! Order of visits for one day, with time windows.
//!
//! Minimises when the day ends: driving, waiting and visits together. Up to [`EXACT_STOPS`] stops
//! the order is the optimum (dynamic programming over sets of stops); beyond, iterated local
//! search with a bound from one-trees. Travel times come from the caller, or from
//! [`straight_line_minutes`].

mod bound;
mod exact;
mod local;

use super::num::{check_len, check_range, check_size};
use super::{Goal, OptimiseError, Quality};
use crate::Pace;

/// Days with up to this many stops are solved to the optimum.
pub const EXACT_STOPS: usize = 14;

/// Days with more stops are refused.
pub const MOST_STOPS: usize = 400;

/// One visit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// When the visit may begin at the earliest, in minutes of the day.
    pub opens_min: f64,
    /// When the visit may begin at the latest.
    pub closes_min: f64,
    /// How long the visit takes.
    pub visit_min: f64,
}

/// Where the day ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// Back at the start.
    AtStart,
    /// At the last stop.
    AtLastStop,
}

/// A day to plan. Place 0 is the start, place `i + 1` is stop `i`.
#[derive(Debug, Clone, Copy)]
pub struct RouteProblem<'a> {
    /// Minutes from each place to each, row by row; need not be symmetric.
    pub travel_min: &'a [f64],
    /// The stops.
    pub stops: &'a [Stop],
    /// When the day starts, in minutes.
    pub starts_min: f64,
    /// When the day must end at the latest.
    pub ends_min: f64,
    /// Where the day ends.
    pub finish: Finish,
}

/// One visit in the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// The stop.
    pub stop: usize,
    /// Driving to it.
    pub drive_min: f64,
    /// Arrival.
    pub arrives_min: f64,
    /// Waiting for the window to open.
    pub waits_min: f64,
    /// How much later this visit could begin without breaking any window of the day.
    pub slack_min: f64,
}

/// How an order was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// No order is better.
    Optimal,
    /// The gap says how much better an order could be at most.
    Bounded,
}

/// A planned day.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Visits in order.
    pub visits: Vec<Visit>,
    /// When the day ends.
    pub ends_min: f64,
    /// All driving.
    pub drive_min: f64,
    /// All waiting.
    pub wait_min: f64,
    /// Length of the day, and its bound.
    pub quality: Quality,
    /// Whether the order is proven.
    pub proof: Proof,
}

/// Returns minutes between points (start first) on straight lines at one speed.
///
/// # Errors
/// Points that are not finite or a speed that is not positive.
pub fn straight_line_minutes(
    points: &[[f64; 2]],
    distance_per_minute: f64,
) -> Result<Vec<f64>, OptimiseError> {
    check_range("speed", &[distance_per_minute], 1e-9, 1e9)?;
    check_range("points", points.as_flattened(), -1e12, 1e12)?;
    Ok(points
        .iter()
        .flat_map(|a| points.iter().map(move |b| (a[0] - b[0]).hypot(a[1] - b[1])))
        .map(|d| d / distance_per_minute)
        .collect())
}

/// Plans a day.
///
/// # Errors
/// Bad numbers; [`OptimiseError::Unreachable`] for a stop that is late even when visited first;
/// [`OptimiseError::Windows`] with stops to leave out when no order was found (for up to
/// [`EXACT_STOPS`] stops: when none exists, and the fewest to leave out).
pub fn plan(problem: &RouteProblem<'_>) -> Result<Route, OptimiseError> {
    plan_watched(problem, &|_, _| Pace::Go)
}

/// The same for whoever shows how far it has come and may stop it: `watch` is asked before each pass
/// of the search on a long day, with how many rounds are done and how many there are.
///
/// # Errors
/// As [`plan`]; [`OptimiseError::Stopped`].
pub fn plan_watched(
    problem: &RouteProblem<'_>,
    watch: &dyn Fn(usize, usize) -> Pace,
) -> Result<Route, OptimiseError> {
    check(problem)?;
    let (order, proof) = if problem.stops.len() <= EXACT_STOPS {
        (exact::order(problem)?, Proof::Optimal)
    } else {
        (local::order(problem, watch)?, Proof::Bounded)
    };
    let mut route = describe(problem, &order);
    if proof == Proof::Bounded {
        route.quality.bound = bound::day_length(problem).min(route.quality.objective);
        route.proof = proof;
    }
    Ok(route)
}

fn check(problem: &RouteProblem<'_>) -> Result<(), OptimiseError> {
    let stops = problem.stops.len();
    check_size("stops", stops)?;
    if stops > MOST_STOPS {
        return Err(OptimiseError::Shape { what: "stops", expected: MOST_STOPS, got: stops });
    }
    check_len("travel times", (stops + 1) * (stops + 1), problem.travel_min.len())?;
    check_range("travel times", problem.travel_min, 0.0, 1e6)?;
    check_range("day", &[problem.starts_min, problem.ends_min], -1e6, 1e6)?;
    for (index, stop) in problem.stops.iter().enumerate() {
        let value = stop.closes_min;
        let numbers = [stop.opens_min, stop.closes_min, stop.visit_min];
        check_range("stop", &numbers, -1e6, 1e6)?;
        if stop.visit_min < 0.0 || stop.closes_min < stop.opens_min {
            return Err(OptimiseError::Number { what: "stop", index, value });
        }
    }
    // By way of other places: supplied travel times need not obey the triangle inequality.
    let out = shortest(problem, |from, to| problem.travel(from, to));
    let back = match problem.finish {
        Finish::AtStart => shortest(problem, |from, to| problem.travel(to, from)),
        Finish::AtLastStop => vec![0.0; stops + 1],
    };
    for (index, stop) in problem.stops.iter().enumerate() {
        let arrival_min = problem.starts_min + out[index + 1];
        let home = problem.leaves(index, arrival_min) + back[index + 1];
        if arrival_min > stop.closes_min + LATE {
            let closes_min = stop.closes_min;
            return Err(OptimiseError::Unreachable { stop: index, arrival_min, closes_min });
        }
        if home > problem.ends_min + LATE {
            let closes_min = problem.ends_min;
            return Err(OptimiseError::Unreachable { stop: index, arrival_min: home, closes_min });
        }
    }
    Ok(())
}

/// Shortest times from the start to all places (Dijkstra 1959), in either direction of legs.
fn shortest(problem: &RouteProblem<'_>, leg: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let places = problem.stops.len() + 1;
    let mut time = vec![f64::INFINITY; places];
    let mut done = vec![false; places];
    time[0] = 0.0;
    for _ in 0..places {
        let next = (0..places).filter(|p| !done[*p]).min_by(|a, b| time[*a].total_cmp(&time[*b]));
        let Some(next) = next else { break };
        done[next] = true;
        for place in 0..places {
            time[place] = time[place].min(time[next] + leg(next, place));
        }
    }
    time
}

/// Rounding that does not count as late, in minutes.
const LATE: f64 = 1e-9;

impl RouteProblem<'_> {
    fn travel(&self, from: usize, to: usize) -> f64 {
        self.travel_min[from * (self.stops.len() + 1) + to]
    }

    /// Minutes from a stop to the end of the day.
    fn home(&self, stop: usize) -> f64 {
        match self.finish {
            Finish::AtStart => self.travel(stop + 1, 0),
            Finish::AtLastStop => 0.0,
        }
    }

    /// When a visit ends that is reached at a time.
    fn leaves(&self, stop: usize, arrives: f64) -> f64 {
        arrives.max(self.stops[stop].opens_min) + self.stops[stop].visit_min
    }
}

fn describe(problem: &RouteProblem<'_>, order: &[usize]) -> Route {
    let mut visits = Vec::with_capacity(order.len());
    let (mut place, mut now) = (0, problem.starts_min);
    for stop in order.iter().copied() {
        let drive_min = problem.travel(place, stop + 1);
        let arrives_min = now + drive_min;
        let waits_min = (problem.stops[stop].opens_min - arrives_min).max(0.0);
        visits.push(Visit { stop, drive_min, arrives_min, waits_min, slack_min: 0.0 });
        now = problem.leaves(stop, arrives_min);
        place = stop + 1;
    }
    let home = order.last().map_or(0.0, |s| problem.home(*s));
    let ends_min = now + home;
    let mut room = problem.ends_min - ends_min;
    for visit in visits.iter_mut().rev() {
        let begins = visit.arrives_min + visit.waits_min;
        room = room.min(problem.stops[visit.stop].closes_min - begins).max(0.0);
        visit.slack_min = room;
        room += visit.waits_min;
    }
    let objective = ends_min - problem.starts_min;
    Route {
        drive_min: visits.iter().map(|v| v.drive_min).sum::<f64>() + home,
        wait_min: visits.iter().map(|v| v.waits_min).sum(),
        visits,
        ends_min,
        quality: Quality { goal: Goal::Minimise, objective, bound: objective },
        proof: Proof::Optimal,
    }
}

#[cfg(test)]
mod tests;
