//! Connected territories: finds accounts apart from their territory's main part and moves them to
//! a neighbouring territory where balance allows.

use super::TerritoryProblem;
use super::search::Search;

/// Rounds of mending; each can only move what the last one left apart.
const ROUNDS: usize = 8;

/// Marks the accounts that are apart from the largest connected part of their territory. All are
/// unmarked when the problem has no neighbours, or when `rep` is not one rep of the problem for each
/// account; neighbours that do not exist are passed over.
#[must_use]
pub fn fragments(problem: &TerritoryProblem<'_>, rep: &[usize]) -> Vec<bool> {
    let accounts = problem.work.len();
    let fits = rep.len() == accounts && rep.iter().all(|r| *r < problem.reps);
    if problem.neighbours.is_empty() || !fits {
        return vec![false; accounts];
    }
    let beside = beside(problem);
    let mut part = vec![usize::MAX; accounts];
    let mut work_of: Vec<(usize, f64)> = Vec::new();
    for start in 0..accounts {
        if part[start] != usize::MAX {
            continue;
        }
        let id = work_of.len();
        work_of.push((rep[start], 0.0));
        let mut open = vec![start];
        part[start] = id;
        while let Some(account) = open.pop() {
            work_of[id].1 += problem.work[account];
            for next in &beside[account] {
                if part[*next] == usize::MAX && rep[*next] == rep[start] {
                    part[*next] = id;
                    open.push(*next);
                }
            }
        }
    }
    let mut main = vec![None; problem.reps];
    for (id, (r, work)) in work_of.iter().enumerate() {
        if main[*r].is_none_or(|(_, most)| *work > most) {
            main[*r] = Some((id, *work));
        }
    }
    (0..accounts).map(|a| main[rep[a]].is_some_and(|(id, _)| id != part[a])).collect()
}

/// Moves accounts that are apart to the territory of a neighbour.
pub(super) fn mend(problem: &TerritoryProblem<'_>, search: &mut Search<'_>) {
    let beside = beside(problem);
    for _ in 0..ROUNDS {
        let apart = fragments(problem, search.reps());
        let mut moved = false;
        for account in (0..apart.len()).filter(|a| apart[*a]) {
            let mut around: Vec<usize> =
                beside[account].iter().filter(|n| !apart[**n]).map(|n| search.reps()[*n]).collect();
            around.sort_by(|a, b| {
                let row = account * problem.reps;
                problem.distance[row + a].total_cmp(&problem.distance[row + b])
            });
            around.dedup();
            moved |= around.into_iter().any(|to| search.shift_within_limits(account, to));
        }
        if !moved {
            return;
        }
    }
}

fn beside(problem: &TerritoryProblem<'_>) -> Vec<Vec<usize>> {
    let mut beside = vec![Vec::new(); problem.work.len()];
    let known = |place: &u32| (*place as usize) < problem.work.len();
    for (a, b) in problem.neighbours.iter().filter(|(a, b)| known(a) && known(b)) {
        beside[*a as usize].push(*b as usize);
        beside[*b as usize].push(*a as usize);
    }
    beside
}
