//! Territories are balanced, keep pins, change little.

use super::*;

/// Accounts on a grid, reps in its corners.
fn grid() -> (Vec<f64>, Vec<f64>, Vec<(u32, u32)>) {
    let side = 12_u32;
    let at = |i: u32| [f64::from(i % side), f64::from(i / side)];
    let accounts: Vec<[f64; 2]> = (0..side * side).map(at).collect();
    let homes = [[1.0, 1.0], [10.0, 2.0], [3.0, 9.0], [8.0, 8.0]];
    let work = (0..side * side).map(|i| 1.0 + f64::from(i * 7 % 5)).collect();
    let mut beside = Vec::new();
    for i in 0..side * side {
        if i % side + 1 < side {
            beside.push((i, i + 1));
        }
        if i + side < side * side {
            beside.push((i, i + side));
        }
    }
    (straight_line(&accounts, &homes), work, beside)
}

fn problem<'a>(distance: &'a [f64], work: &'a [f64]) -> TerritoryProblem<'a> {
    TerritoryProblem {
        distance,
        work,
        reps: 4,
        balance: 0.05,
        today: &[],
        change_penalty: 0.0,
        pinned: &[],
        neighbours: &[],
    }
}

#[test]
fn loads_are_balanced_and_close_to_the_bound() {
    let (distance, work, _) = grid();
    let found = design(&problem(&distance, &work)).unwrap();
    assert!(found.after.worst_imbalance <= 0.05 + 1e-9, "balance is a limit");
    assert!(found.quality.gap() < 0.01, "gap {}", found.quality.gap());
    assert!(found.quality.bound <= found.quality.objective + 1e-9, "a bound bounds");
}

#[test]
fn pinned_accounts_stay_and_too_many_of_them_are_named() {
    let (distance, work, _) = grid();
    let mut pinned = vec![None; work.len()];
    pinned[143] = Some(0);
    let found = design(&TerritoryProblem { pinned: &pinned, ..problem(&distance, &work) }).unwrap();
    assert_eq!(found.rep[143], 0);
    let pinned: Vec<Option<usize>> =
        (0..work.len()).map(|i| if i < 80 { Some(0) } else { None }).collect();
    let error =
        design(&TerritoryProblem { pinned: &pinned, ..problem(&distance, &work) }).unwrap_err();
    let OptimiseError::Overfull { items, bins, .. } = error else { panic!("{error}") };
    assert_eq!(bins, [0]);
    assert!(items.iter().all(|i| *i < 80), "only pinned accounts are named");
}

#[test]
fn a_penalty_keeps_changes_few() {
    let (distance, work, _) = grid();
    let today: Vec<Option<usize>> = (0..work.len()).map(|i| Some(i % 4)).collect();
    let changes = |change_penalty| {
        let problem =
            TerritoryProblem { today: &today, change_penalty, ..problem(&distance, &work) };
        let found = design(&problem).unwrap();
        assert!(found.before.is_some(), "today is described");
        found.after.changed.len()
    };
    let (free, dear) = (changes(0.0), changes(50.0));
    assert!(dear < free / 3, "dear changes {dear}, free changes {free}");
}

#[test]
fn neighbours_mend_what_lies_apart() {
    let (distance, work, beside) = grid();
    // Reps whose accounts of today are strewn over the map, and who keep most of them.
    let today: Vec<Option<usize>> = (0..work.len()).map(|i| Some(i * 7 / 3 % 4)).collect();
    let strewn =
        TerritoryProblem { today: &today, change_penalty: 4.0, ..problem(&distance, &work) };
    let loose = design(&strewn).unwrap();
    let with = TerritoryProblem { neighbours: &beside, ..strewn };
    let before = fragments(&with, &loose.rep).iter().filter(|f| **f).count();
    assert!(before > 10, "there is something to mend: {before}");
    let mended = design(&with).unwrap();
    let after = fragments(&with, &mended.rep).iter().filter(|f| **f).count();
    assert_eq!(mended.fragments, after);
    assert!(after * 2 < before, "{after} after, {before} before");
    assert!(mended.after.worst_imbalance <= 0.05 + 1e-9, "balance still holds");
    assert_eq!(loose.fragments, 0, "without neighbours nothing is apart");
}

#[test]
fn accounts_too_large_to_balance_are_refused() {
    let distance = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let few = TerritoryProblem { reps: 2, ..problem(&distance, &[5.0, 5.0, 1.0]) };
    assert!(matches!(design(&few), Err(OptimiseError::Indivisible { .. })));
}

#[test]
fn bad_numbers_are_refused() {
    let bad = TerritoryProblem { reps: 1, ..problem(&[f64::NAN], &[1.0]) };
    assert!(matches!(design(&bad), Err(OptimiseError::Number { what: "distance", .. })));
    let none = TerritoryProblem { reps: 0, ..problem(&[], &[1.0]) };
    assert!(matches!(design(&none), Err(OptimiseError::Empty { what: "reps" })));
    let idle = TerritoryProblem { reps: 1, ..problem(&[1.0], &[0.0]) };
    assert!(design(&idle).is_err(), "no work at all cannot be balanced");
}
