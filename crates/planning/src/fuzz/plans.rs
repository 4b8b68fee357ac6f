//! Assignment, territories, quotas and routes on any bytes.

use super::{Bytes, answered};
use crate::optimise::assign::{AssignmentProblem, Fairness, Shortfall, assign, assign_one};
use crate::optimise::instance::{read_arrays, write_arrays};
use crate::optimise::quota::{Band, Edit, QuotaProblem, allocate, blended, split};
use crate::optimise::route::{Finish, RouteProblem, Stop, plan, straight_line_minutes};
use crate::optimise::territory::{
    TerritoryProblem, assess, bound, design, fragments, neighbours, straight_line,
};

pub(super) fn instance(bytes: &[u8]) {
    let Some(arrays) = answered(read_arrays(bytes)) else { return };
    for array in &arrays {
        let count: usize = array.shape.iter().product();
        assert_eq!(count, array.values.len(), "sizes and values agree");
    }
    assert_eq!(write_arrays(&arrays), bytes, "nothing is lost");
    let values = |at: usize| arrays.get(at).map_or(&[][..], |array| &array.values[..]);
    // Sizes that agree get on to the solvers.
    let some = |at: usize| &values(at)[..values(at).len().min(400)];
    let whole = |list: &[f64]| -> Vec<u32> {
        list.iter().map(|v| if *v > 0.5 { 1 + u32::from(*v > 1.5) } else { 0 }).collect()
    };
    let eligible: Vec<bool> = some(1).iter().map(|v| *v > 0.5).collect();
    answered(assign(&AssignmentProblem {
        value: some(0),
        eligible: &eligible,
        capacity: &whole(some(2)),
        unit: 0.01,
        fairness: Fairness::ValueOnly,
        shortfall: Shortfall::LeaveOut,
    }));
    let points = |list: &[f64]| -> Vec<[f64; 2]> { list.as_chunks::<2>().0.to_vec() };
    let (accounts, homes) = (points(some(0)), points(some(2)));
    territory(&TerritoryProblem {
        distance: &straight_line(&accounts, &homes),
        work: some(1),
        reps: homes.len(),
        balance: 0.2,
        today: &[],
        change_penalty: 0.0,
        pinned: &[],
        neighbours: &neighbours(&accounts, 3),
    });
}

pub(super) fn assignment(rest: &mut Bytes<'_>) {
    let (leads, reps) = (rest.size(0, 9), rest.size(0, 4));
    let spoilt = usize::from(rest.byte() == 255);
    let value = rest.numbers(leads * reps + spoilt);
    let eligible = rest.flags(leads * reps);
    let capacity: Vec<u32> = (0..reps)
        .map(|_| if rest.byte() == 255 { u32::MAX } else { u32::from(rest.byte() % 4) })
        .collect();
    let fairness = match rest.byte() % 2 {
        0 => Fairness::ValueOnly,
        _ => Fairness::Floor { share: rest.number() },
    };
    let shortfall = if rest.label() { Shortfall::Refuse } else { Shortfall::LeaveOut };
    let unit = if rest.label() { 0.01 } else { rest.number() };
    let problem = AssignmentProblem {
        value: &value,
        eligible: &eligible,
        capacity: &capacity,
        unit,
        fairness,
        shortfall,
    };
    if let Some(found) = answered(assign(&problem)) {
        for (lead, rep) in found.rep.iter().enumerate() {
            let allowed = rep.is_none_or(|rep| eligible[lead * reps + rep]);
            assert!(allowed, "lead {lead} goes to {rep:?}");
        }
        assert!(found.load.iter().zip(&capacity).all(|(load, most)| load <= most));
        assert!(found.quality.bound >= found.quality.objective - 1e-6, "{:?}", found.quality);
    }
    let row = |list: &[f64]| list[..list.len().min(reps)].to_vec();
    let flags = &eligible[..eligible.len().min(reps)];
    if let Some(one) = answered(assign_one(&row(&value), flags, &capacity, &rest.numbers(reps))) {
        assert!(flags[one.rep] && capacity[one.rep] > 0, "{one:?}");
    }
}

pub(super) fn territories(rest: &mut Bytes<'_>) {
    let (accounts, reps) = (rest.size(0, 14), rest.size(0, 4));
    let spoilt = usize::from(rest.byte() == 255);
    let distance = rest.numbers(accounts * reps + spoilt);
    let work = rest.numbers(accounts);
    let place = |rest: &mut Bytes<'_>| match rest.byte() {
        byte @ 0..128 => Some(usize::from(byte % 5)),
        _ => None,
    };
    let today: Vec<Option<usize>> = (0..accounts).map(|_| place(rest)).collect();
    let pins = rest.byte();
    let pinned: Vec<Option<usize>> =
        (0..accounts).map(|_| place(rest).filter(|_| pins < 64)).collect();
    let neighbours: Vec<(u32, u32)> = (0..rest.size(0, 12))
        .map(|_| (u32::from(rest.byte() % 16), u32::from(rest.byte() % 16)))
        .collect();
    territory(&TerritoryProblem {
        distance: &distance,
        work: &work,
        reps,
        balance: if rest.label() { 0.3 } else { rest.number() },
        today: if rest.label() { &today } else { &[] },
        change_penalty: rest.number(),
        pinned: if rest.label() { &pinned } else { &[] },
        neighbours: &neighbours,
    });
}

fn territory(problem: &TerritoryProblem<'_>) {
    answered(bound(problem));
    let anybody: Vec<usize> = (0..problem.work.len()).map(|account| account % 5).collect();
    answered(assess(problem, &anybody));
    assert_eq!(fragments(problem, &anybody).len(), problem.work.len());
    let Some(found) = answered(design(problem)) else { return };
    assert!(found.rep.iter().all(|rep| *rep < problem.reps));
    assert!(found.after.worst_imbalance <= problem.balance + 1e-6, "{found:?}");
    let hair = 1e-6 * (1.0 + found.quality.objective.abs());
    assert!(found.quality.bound <= found.quality.objective + hair, "{:?}", found.quality);
    for (rep, pin) in found.rep.iter().zip(problem.pinned) {
        assert!(pin.is_none_or(|pin| pin == *rep), "pinned accounts stay");
    }
}

pub(super) fn quotas(rest: &mut Bytes<'_>) {
    let (reps, products) = (rest.size(0, 6), rest.size(0, 3));
    let cells = reps * products;
    let potential = rest.numbers(cells);
    // Either whatever comes, or history and goals that may agree.
    let sensible = rest.label();
    let history: Vec<f64> =
        if sensible { potential.iter().map(|p| 0.8 * p).collect() } else { rest.numbers(cells) };
    let territory: Vec<usize> = (0..reps).map(|_| rest.size(0, reps)).collect();
    let goal: Vec<f64> = if sensible {
        (0..products).map(|p| history.iter().skip(p).step_by(products).sum()).collect()
    } else {
        rest.numbers(products)
    };
    let edits: Vec<Edit> = (0..rest.size(0, 3))
        .map(|_| Edit { rep: rest.size(0, 6), product: rest.size(0, 3), amount: rest.number() })
        .collect();
    let band = |rest: &mut Bytes<'_>| Band { lower: rest.number() / 100.0, upper: rest.number() };
    let problem = QuotaProblem {
        potential: &potential,
        history: &history,
        territory: &territory,
        goal: &goal,
        quota_band: if sensible { Band { lower: 0.5, upper: 1.7 } } else { band(rest) },
        territory_band: if sensible { Band { lower: 0.8, upper: 1.4 } } else { band(rest) },
        stretch_weight: rest.number(),
        edits: &edits,
        unit: if rest.label() { 1.0 } else { rest.number() },
    };
    if let Some(found) = answered(allocate(&problem)) {
        assert!(found.amount.iter().all(|amount| amount.is_finite()), "{found:?}");
        for (total, goal) in found.by_product.iter().zip(&goal) {
            let goal = (goal / problem.unit).round() * problem.unit;
            assert!((total - goal).abs() <= 1e-6 * (problem.unit + goal), "{total} for {goal}");
        }
    }
    let units = i64::from(rest.byte()) * (i64::MAX / 255);
    assert_eq!(split(units, &history).iter().sum::<i64>(), if cells > 0 { units } else { 0 });
    let (before, days) = (u32::from(rest.byte()), u32::from(rest.byte()));
    assert!(blended(units, -units, before, days).abs() <= units);
}

pub(super) fn routes(rest: &mut Bytes<'_>) {
    let count = rest.size(0, 18);
    let stops: Vec<Stop> = (0..count)
        .map(|_| {
            let opens_min = rest.number();
            let closes_min = opens_min + 9.0 * rest.number();
            Stop { opens_min, closes_min, visit_min: rest.number() }
        })
        .collect();
    let places = count + 1 + usize::from(rest.byte() == 255);
    let travel_min = rest.numbers(places * places);
    let problem = RouteProblem {
        travel_min: &travel_min,
        stops: &stops,
        starts_min: 0.0,
        ends_min: if rest.label() { 1e4 } else { rest.number() },
        finish: if rest.label() { Finish::AtStart } else { Finish::AtLastStop },
    };
    if let Some(route) = answered(plan(&problem)) {
        let mut visited: Vec<usize> = route.visits.iter().map(|visit| visit.stop).collect();
        visited.sort_unstable();
        assert_eq!(visited, (0..count).collect::<Vec<_>>(), "each stop once");
        assert!(route.ends_min <= problem.ends_min + 1e-6, "{route:?}");
    }
    answered(straight_line_minutes(&[[rest.number(), rest.number()]], rest.number()));
}
