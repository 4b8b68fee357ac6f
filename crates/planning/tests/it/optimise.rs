//! Assignment, territories, quotas and routes: optimal where that can be checked, and never a
//! panic on bad input.

use proptest::prelude::*;
use roadbook_planning::optimise::OptimiseError;
use roadbook_planning::optimise::assign::{
    AssignmentProblem, Fairness, Shortfall, Why, assign, assign_one,
};
use roadbook_planning::optimise::instance::read_arrays;
use roadbook_planning::optimise::quota::{Band, Edit, QuotaProblem, allocate, blended, split};
use roadbook_planning::optimise::route::{Finish, RouteProblem, Stop, plan};
use roadbook_planning::optimise::territory::{TerritoryProblem, design, straight_line};

/// The best total by trying everything.
fn best_by_hand(value: &[f64], eligible: &[bool], left: &mut [u32], lead: usize) -> Option<f64> {
    let reps = left.len();
    if lead * reps == value.len() {
        return Some(0.0);
    }
    let mut best: Option<f64> = None;
    for rep in 0..reps {
        if !eligible[lead * reps + rep] || left[rep] == 0 {
            continue;
        }
        left[rep] -= 1;
        if let Some(rest) = best_by_hand(value, eligible, left, lead + 1) {
            let total = rest + value[lead * reps + rep];
            best = Some(best.map_or(total, |b| b.max(total)));
        }
        left[rep] += 1;
    }
    best
}

/// The earliest end of a day by trying every order.
fn best_day(problem: &RouteProblem<'_>, place: usize, now: f64, served: usize) -> Option<f64> {
    let n = problem.stops.len();
    if served + 1 == 1 << n {
        let home = if problem.finish == Finish::AtStart {
            problem.travel_min[place * (n + 1)]
        } else {
            0.0
        };
        return Some(now + home).filter(|end| *end <= problem.ends_min);
    }
    (0..n)
        .filter(|stop| served >> stop & 1 == 0)
        .filter_map(|stop| {
            let arrives = now + problem.travel_min[place * (n + 1) + stop + 1];
            let Stop { opens_min, closes_min, visit_min } = problem.stops[stop];
            if arrives > closes_min {
                return None;
            }
            let leaves = arrives.max(opens_min) + visit_min;
            best_day(problem, stop + 1, leaves, served | 1 << stop)
        })
        .min_by(f64::total_cmp)
}

/// Numbers of every kind, most of them sensible.
fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        20 => 0.0..100.0,
        1 => Just(0.0),
        1 => Just(-1.0),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(1e300),
        1 => Just(5e-324),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_assignment_is_the_best_there_is(
        cells in prop::collection::vec((0_u32..5000, prop::bool::weighted(0.7)), 18),
        capacity in prop::collection::vec(0_u32..4, 3),
    ) {
        let value: Vec<f64> = cells.iter().map(|c| f64::from(c.0) / 100.0).collect();
        let eligible: Vec<bool> = cells.iter().map(|c| c.1).collect();
        let found = assign(&AssignmentProblem {
            value: &value,
            eligible: &eligible,
            capacity: &capacity,
            unit: 0.01,
            fairness: Fairness::ValueOnly,
            shortfall: Shortfall::Refuse,
        });
        match best_by_hand(&value, &eligible, &mut capacity.clone(), 0) {
            Some(best) => {
                let found = found.unwrap();
                prop_assert!((found.quality.objective - best).abs() < 1e-6);
                prop_assert!(found.quality.gap() < 1e-9, "the bound proves it");
            }
            None => {
                let Err(OptimiseError::Overfull { items, bins, .. }) = found else {
                    panic!("leads do not fit, but {found:?}")
                };
                let places: u32 = bins.iter().map(|b| capacity[*b]).sum();
                prop_assert!(items.len() > places as usize, "the named leads do clash");
                for item in items {
                    for rep in (0..3).filter(|r| eligible[item * 3 + r]) {
                        prop_assert!(bins.contains(&rep), "all reps of the named leads are named");
                    }
                }
            }
        }
    }

    #[test]
    fn leaving_out_always_answers_and_leaves_out_as_few_as_possible(
        cells in prop::collection::vec((0_u32..500, prop::bool::weighted(0.6)), 24),
        capacity in prop::collection::vec(0_u32..3, 4),
        share in 0.0..1.0,
    ) {
        let value: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
        let eligible: Vec<bool> = cells.iter().map(|c| c.1).collect();
        let problem = AssignmentProblem {
            value: &value,
            eligible: &eligible,
            capacity: &capacity,
            unit: 1.0,
            fairness: Fairness::ValueOnly,
            shortfall: Shortfall::LeaveOut,
        };
        let found = assign(&problem).unwrap();
        for (lead, rep) in found.rep.iter().enumerate() {
            if rep.is_none() {
                let free = (0..4).any(|r| eligible[lead * 4 + r] && found.load[r] < capacity[r]);
                prop_assert!(!free, "lead {lead} was left out although there is a place");
            }
        }
        let largest = value.iter().copied().fold(0.0, f64::max);
        for (lead, why) in found.rationale.iter().enumerate() {
            prop_assert!(why.margin <= 2.0 * largest, "lead {lead}: {why:?}");
            if let Why::FirstChoiceFull { place_worth, .. } = why.why {
                prop_assert!(place_worth <= largest, "lead {lead}: {why:?}");
            }
            prop_assert!(!matches!(why.why, Why::Fairness { .. }), "nobody asked for fairness");
        }
        prop_assert!(found.price.iter().all(|price| (0.0..=largest).contains(price)), "{found:?}");
        let fair = AssignmentProblem { fairness: Fairness::Floor { share }, ..problem };
        if let Ok(fair) = assign(&fair) {
            prop_assert!(fair.price.iter().all(|price| *price <= largest), "{fair:?}");
            prop_assert!(fair.load.iter().sum::<u32>() <= found.load.iter().sum::<u32>());
        }
    }

    #[test]
    fn bad_numbers_never_panic(
        numbers in prop::collection::vec(wild(), 24),
        flags in prop::collection::vec(any::<bool>(), 24),
        counts in prop::collection::vec(any::<u32>(), 3),
        size in 0_usize..9,
    ) {
        let some = |n: usize| &numbers[..n.min(24)];
        let capacity = &counts[..size.min(3)];
        let _answer = assign(&AssignmentProblem {
            value: some(size * capacity.len()),
            eligible: &flags[..(size * capacity.len()).min(24)],
            capacity,
            unit: numbers[0],
            fairness: Fairness::Floor { share: numbers[1] },
            shortfall: if flags[0] { Shortfall::Refuse } else { Shortfall::LeaveOut },
        });
        let _answer = assign_one(some(3), &flags[..3], &counts, some(size));
        let _answer = design(&TerritoryProblem {
            distance: some(size * 2),
            work: &numbers[10..10 + size],
            reps: 2,
            balance: numbers[20] / 100.0,
            today: &[],
            change_penalty: numbers[21],
            pinned: &vec![Some(counts[0] as usize); usize::from(flags[1])],
            neighbours: &[(counts[1], counts[2])][..usize::from(flags[2])],
        });
        let _answer = allocate(&QuotaProblem {
            potential: some(size * 2),
            history: &numbers[4..4 + size * 2],
            territory: &vec![usize::from(flags[3]); size],
            goal: &numbers[..2],
            quota_band: Band { lower: numbers[2] / 100.0, upper: numbers[3] },
            territory_band: Band { lower: numbers[4] / 100.0, upper: numbers[5] },
            stretch_weight: numbers[6],
            edits: &[Edit { rep: size / 2, product: 1, amount: numbers[7] }],
            unit: numbers[8],
        });
        let stops: Vec<Stop> = numbers
            .chunks_exact(3)
            .take(size.min(4))
            .map(|n| Stop { opens_min: n[0], closes_min: n[1] * 4.0, visit_min: n[2] })
            .collect();
        let _answer = plan(&RouteProblem {
            travel_min: some((stops.len() + 1) * (stops.len() + 1)),
            stops: &stops,
            starts_min: numbers[9],
            ends_min: numbers[9] + 480.0,
            finish: if flags[4] { Finish::AtStart } else { Finish::AtLastStop },
        });
    }

    #[test]
    fn quotas_add_up_or_say_what_clashes(
        cells in prop::collection::vec((1.0..1e6, 0.3..1.2), 12),
        growth in prop::collection::vec(0.6..1.7, 2),
        lower in 0.0..1.0,
        unit in prop::sample::select(vec![0.01, 1.0, 100.0]),
    ) {
        let potential: Vec<f64> = cells.iter().map(|c| c.0).collect();
        let history: Vec<f64> = cells.iter().map(|c| c.0 * c.1).collect();
        let goal: Vec<f64> = (0..2)
            .map(|p| growth[p] * history.iter().skip(p).step_by(2).sum::<f64>())
            .collect();
        let found = allocate(&QuotaProblem {
            potential: &potential,
            history: &history,
            territory: &[0, 0, 1, 1, 2, 2],
            goal: &goal,
            quota_band: Band { lower, upper: 1.6 },
            territory_band: Band { lower: 0.5, upper: 1.6 },
            stretch_weight: 10.0,
            edits: &[],
            unit,
        });
        match found {
            Ok(found) => for (total, goal) in found.by_product.iter().zip(&goal) {
                prop_assert!((total - (goal / unit).round() * unit).abs() < 1e-6 * unit.max(1.0));
            },
            Err(OptimiseError::QuotaClash { clashes }) => prop_assert!(!clashes.is_empty()),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn territories_are_balanced_and_never_beat_their_bound(
        places in prop::collection::vec((0.0..100.0, 0.0..100.0, 0.5..3.0), 20..60),
        balance in 0.02..0.3,
        penalty in 0.0..30.0,
    ) {
        let accounts: Vec<[f64; 2]> = places.iter().map(|p| [p.0, p.1]).collect();
        let work: Vec<f64> = places.iter().map(|p| p.2).collect();
        let distance = straight_line(&accounts, &[[10.0, 10.0], [90.0, 20.0], [40.0, 80.0]]);
        let today: Vec<Option<usize>> = (0..work.len()).map(|i| Some(i % 3)).collect();
        let found = design(&TerritoryProblem {
            distance: &distance,
            work: &work,
            reps: 3,
            balance,
            today: &today,
            change_penalty: penalty,
            pinned: &[],
            neighbours: &[],
        });
        match found {
            Ok(found) => {
                prop_assert!(found.after.worst_imbalance <= balance + 1e-6);
                prop_assert!(found.quality.bound <= found.quality.objective + 1e-6);
                prop_assert!(found.quality.gap() < 0.25, "gap {}", found.quality.gap());
            }
            Err(OptimiseError::Indivisible { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_short_day_is_the_best_there_is(
        legs in prop::collection::vec(1.0..60.0, 25),
        windows in prop::collection::vec((0.0..200.0, 30.0..300.0, 0.0..20.0), 4),
        home in any::<bool>(),
    ) {
        let stops: Vec<Stop> = windows
            .iter()
            .map(|w| Stop { opens_min: w.0, closes_min: w.0 + w.1, visit_min: w.2 })
            .collect();
        let problem = RouteProblem {
            travel_min: &legs,
            stops: &stops,
            starts_min: 0.0,
            ends_min: 480.0,
            finish: if home { Finish::AtStart } else { Finish::AtLastStop },
        };
        let best = best_day(&problem, 0, 0.0, 0);
        match plan(&problem) {
            Ok(route) => prop_assert!((route.ends_min - best.unwrap()).abs() < 1e-9),
            Err(error) => prop_assert!(best.is_none(), "{error}, but {best:?} works"),
        }
    }

    #[test]
    fn parts_of_a_quota_add_up(units in any::<i64>(), weights in prop::collection::vec(wild(), 1..20)) {
        let parts = split(units, &weights);
        prop_assert_eq!(parts.iter().map(|p| i128::from(*p)).sum::<i128>(), i128::from(units));
    }

    #[test]
    fn a_blend_lies_between_old_and_new(
        old in any::<i64>(), new in any::<i64>(), before in any::<u32>(), days in any::<u32>(),
    ) {
        let blend = blended(old, new, before, days);
        prop_assert!(blend >= old.min(new) && blend <= old.max(new));
    }

    #[test]
    fn any_bytes_read_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _answer = read_arrays(&bytes);
    }
}
