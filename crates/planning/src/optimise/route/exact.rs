//! Dynamic programming over sets of stops (Held and Karp 1962; Bellman 1962).
//!
//! The earliest time at which a set has been served, ending with a given stop, decides
//! everything after it, because leaving earlier never arrives later.

use super::super::num::index_u32;
use super::{LATE, OptimiseError, RouteProblem};

/// Returns the order that ends the day first.
pub(super) fn order(problem: &RouteProblem<'_>) -> Result<Vec<usize>, OptimiseError> {
    let n = problem.stops.len();
    let sets = 1_usize << n;
    // Earliest time of leaving the last stop, by set and last stop; and the stop before.
    let mut leaves = vec![f64::INFINITY; sets * n];
    let mut before = vec![u32::MAX; sets * n];
    for stop in 0..n {
        let arrives = problem.starts_min + problem.travel(0, stop + 1);
        if arrives <= problem.stops[stop].closes_min + LATE {
            leaves[(1 << stop) * n + stop] = problem.leaves(stop, arrives);
        }
    }
    for set in 1..sets {
        for last in (0..n).filter(|l| set >> l & 1 == 1) {
            let now = leaves[set * n + last];
            if !now.is_finite() {
                continue;
            }
            for next in (0..n).filter(|s| set >> s & 1 == 0) {
                let arrives = now + problem.travel(last + 1, next + 1);
                if arrives > problem.stops[next].closes_min + LATE {
                    continue;
                }
                let at = (set | 1 << next) * n + next;
                let then = problem.leaves(next, arrives);
                if then < leaves[at] {
                    leaves[at] = then;
                    before[at] = index_u32(last);
                }
            }
        }
    }
    let end = |set: usize| {
        (0..n)
            .map(|last| (leaves[set * n + last] + problem.home(last), last))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(time, _)| *time <= problem.ends_min + LATE)
    };
    let Some((_, last)) = end(sets - 1) else {
        let most = (1..sets).filter(|s| end(*s).is_some()).max_by_key(|s| s.count_ones());
        let served = most.unwrap_or(0);
        let leave_out = (0..n).filter(|s| served >> s & 1 == 0).collect();
        return Err(OptimiseError::Windows { stops: n, leave_out });
    };
    let (mut set, mut at) = (sets - 1, last);
    let mut order = vec![last];
    while before[set * n + at] != u32::MAX {
        let previous = before[set * n + at] as usize;
        set &= !(1 << at);
        at = previous;
        order.push(at);
    }
    order.reverse();
    Ok(order)
}
