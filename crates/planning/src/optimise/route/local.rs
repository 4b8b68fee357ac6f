//! Iterated local search for long days.
//!
//! Moves: a chain of one to three stops to another place, either way round (Or 1976), and turning
//! a stretch round (Croes 1958). Being late costs [`LATENESS`] per minute, so the search may pass
//! through days that do not work. When a day gets no better, two stretches are exchanged (the
//! double bridge of Martin, Otto and Felten 1991) at places from a fixed sequence of numbers.

use super::super::num::floor_count;
use super::{LATE, OptimiseError, RouteProblem};
use crate::Pace;

/// Cost of a minute late.
const LATENESS: f64 = 50.0;
/// Rounds of kicks; fewer when there are many stops.
const KICKS: usize = 3_000;

/// Returns a good order.
pub(super) fn order(
    problem: &RouteProblem<'_>,
    watch: &dyn Fn(usize, usize) -> Pace,
) -> Result<Vec<usize>, OptimiseError> {
    let n = problem.stops.len();
    let kicks = KICKS / (n * n / 16).max(1);
    let mut best = insert_all(problem);
    improve(problem, &mut best, &|| watch(0, kicks + 1))?;
    let mut cost = evaluate(problem, &best).0;
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for kick in 1..=kicks {
        let mut trial = kicked(&best, &mut dice);
        improve(problem, &mut trial, &|| watch(kick, kicks + 1))?;
        let new = evaluate(problem, &trial).0;
        if new < cost - LATE {
            cost = new;
            best = trial;
        }
    }
    if evaluate(problem, &best).1 <= LATE {
        return Ok(best);
    }
    let leave_out = drop_until_possible(problem, best);
    Err(OptimiseError::Windows { stops: n, leave_out })
}

/// Cost and minutes late of an order.
fn evaluate(problem: &RouteProblem<'_>, order: &[usize]) -> (f64, f64) {
    let (mut place, mut now, mut late) = (0, problem.starts_min, 0.0);
    for stop in order {
        let arrives = now + problem.travel(place, stop + 1);
        late += (arrives - problem.stops[*stop].closes_min).max(0.0);
        now = problem.leaves(*stop, arrives);
        place = stop + 1;
    }
    let end = now + order.last().map_or(0.0, |s| problem.home(*s));
    late += (end - problem.ends_min).max(0.0);
    (end - problem.starts_min + LATENESS * late, late)
}

/// Inserts stops where they cost least, those that close first first.
fn insert_all(problem: &RouteProblem<'_>) -> Vec<usize> {
    let mut waiting: Vec<usize> = (0..problem.stops.len()).collect();
    waiting.sort_by(|a, b| problem.stops[*a].closes_min.total_cmp(&problem.stops[*b].closes_min));
    let mut order = Vec::with_capacity(waiting.len());
    for stop in waiting {
        let mut best = (f64::INFINITY, 0);
        for at in 0..=order.len() {
            order.insert(at, stop);
            let cost = evaluate(problem, &order).0;
            if cost < best.0 {
                best = (cost, at);
            }
            order.remove(at);
        }
        order.insert(best.1, stop);
    }
    order
}

/// Improves an order until no move helps; `watch` is asked before each pass.
fn improve(
    problem: &RouteProblem<'_>,
    order: &mut Vec<usize>,
    watch: &dyn Fn() -> Pace,
) -> Result<(), OptimiseError> {
    let mut cost = evaluate(problem, order).0;
    let mut trial = Vec::with_capacity(order.len());
    loop {
        if watch() == Pace::Stop {
            return Err(OptimiseError::Stopped);
        }
        let before = cost;
        for from in 0..order.len() {
            for length in 1..=3.min(order.len() - from) {
                for to in 0..=order.len() - length {
                    for turned in [false, true] {
                        if to == from && !turned {
                            continue;
                        }
                        move_chain(order, from, length, to, turned, &mut trial);
                        let new = evaluate(problem, &trial).0;
                        if new < cost - LATE {
                            cost = new;
                            std::mem::swap(order, &mut trial);
                        }
                    }
                }
            }
            for end in from + 3..order.len() {
                order[from..=end].reverse();
                let new = evaluate(problem, order).0;
                if new < cost - LATE {
                    cost = new;
                } else {
                    order[from..=end].reverse();
                }
            }
        }
        if cost >= before - LATE {
            return Ok(());
        }
    }
}

fn move_chain(
    order: &[usize],
    from: usize,
    length: usize,
    to: usize,
    turned: bool,
    into: &mut Vec<usize>,
) {
    into.clear();
    into.extend_from_slice(&order[..from]);
    into.extend_from_slice(&order[from + length..]);
    let chain = &order[from..from + length];
    if turned {
        into.splice(to..to, chain.iter().rev().copied());
    } else {
        into.splice(to..to, chain.iter().copied());
    }
}

fn kicked(order: &[usize], dice: &mut Dice) -> Vec<usize> {
    let n = order.len();
    let mut cut = [dice.below(n + 1), dice.below(n + 1), dice.below(n + 1)];
    cut.sort_unstable();
    let [a, b, c] = cut;
    [&order[..a], &order[b..c], &order[a..b], &order[c..]].concat()
}

/// Leaves out the stop whose absence saves most, until the day works.
fn drop_until_possible(problem: &RouteProblem<'_>, mut order: Vec<usize>) -> Vec<usize> {
    let mut dropped = Vec::new();
    while order.len() > 1 && evaluate(problem, &order).1 > LATE {
        let mut best = (f64::INFINITY, 0);
        for at in 0..order.len() {
            let stop = order.remove(at);
            let cost = evaluate(problem, &order).0;
            if cost < best.0 {
                best = (cost, at);
            }
            order.insert(at, stop);
        }
        dropped.push(order.remove(best.1));
    }
    dropped.sort_unstable();
    dropped
}

/// A fixed sequence of numbers (xorshift64, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        floor_count((self.0 >> 11) as f64 / (1_u64 << 53) as f64 * end as f64).min(end - 1)
    }
}
