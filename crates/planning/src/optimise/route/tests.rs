//! Days are planned to the optimum or to a bound, and say what to leave out.

use super::*;

fn any_time(visit_min: f64) -> Stop {
    Stop { opens_min: 0.0, closes_min: 1440.0, visit_min }
}

fn circle(stops: usize) -> Vec<f64> {
    let points: Vec<[f64; 2]> = (0..=stops)
        .map(|i| {
            // Shuffled, so that the order of the list is not the answer.
            let turn = (i * 7 % (stops + 1)) as f64 / (stops + 1) as f64 * std::f64::consts::TAU;
            [100.0 * turn.cos(), 100.0 * turn.sin()]
        })
        .collect();
    straight_line_minutes(&points, 1.0).unwrap()
}

fn problem<'a>(travel_min: &'a [f64], stops: &'a [Stop]) -> RouteProblem<'a> {
    RouteProblem { travel_min, stops, starts_min: 0.0, ends_min: 1e5, finish: Finish::AtStart }
}

#[test]
fn a_circle_is_driven_round() {
    for stops in [5, 9, 17] {
        let travel = circle(stops);
        let visits = vec![any_time(0.0); stops];
        let route = plan(&problem(&travel, &visits)).unwrap();
        let places = (stops + 1) as f64;
        let round = places * 200.0 * (std::f64::consts::PI / places).sin();
        assert!((route.drive_min - round).abs() < 1e-6, "{stops}: {} {round}", route.drive_min);
        assert!(route.quality.gap() < 0.02, "{stops}: gap {}", route.quality.gap());
    }
}

#[test]
fn windows_rule_the_order_and_waiting_is_told() {
    let points = [[0.0, 0.0], [10.0, 0.0], [20.0, 0.0]];
    let travel = straight_line_minutes(&points, 1.0).unwrap();
    let stops = [
        Stop { opens_min: 60.0, closes_min: 90.0, visit_min: 5.0 },
        Stop { opens_min: 0.0, closes_min: 25.0, visit_min: 5.0 },
    ];
    let route = plan(&problem(&travel, &stops)).unwrap();
    let order: Vec<usize> = route.visits.iter().map(|v| v.stop).collect();
    assert_eq!(order, [1, 0]);
    assert!((route.visits[1].waits_min - 25.0).abs() < 1e-9);
    assert!((route.visits[0].slack_min - 5.0).abs() < 1e-9, "its own window closes at 25");
    assert!((route.ends_min - 75.0).abs() < 1e-9);
}

#[test]
fn a_day_that_cannot_work_says_what_to_leave_out() {
    let points = [[0.0, 0.0], [10.0, 0.0], [-10.0, 0.0]];
    let travel = straight_line_minutes(&points, 1.0).unwrap();
    let stops = [Stop { opens_min: 0.0, closes_min: 12.0, visit_min: 5.0 }; 2];
    let error = plan(&problem(&travel, &stops)).unwrap_err();
    let OptimiseError::Windows { stops: 2, leave_out } = error else { panic!("{error}") };
    assert_eq!(leave_out.len(), 1, "one of the two can be served");
    let late = [Stop { opens_min: 0.0, closes_min: 5.0, visit_min: 5.0 }; 2];
    let error = plan(&problem(&travel, &late)).unwrap_err();
    assert!(matches!(error, OptimiseError::Unreachable { stop: 0, .. }));
}

#[test]
fn a_long_day_that_cannot_work_says_what_to_leave_out() {
    let travel = circle(16);
    let stops = vec![any_time(30.0); 16];
    let short = RouteProblem { ends_min: 600.0, ..problem(&travel, &stops) };
    let error = plan(&short).unwrap_err();
    let OptimiseError::Windows { leave_out, .. } = error else { panic!("{error}") };
    assert!(!leave_out.is_empty() && leave_out.len() < 16, "{leave_out:?}");
}

#[test]
fn local_search_reaches_the_optimum_of_small_days() {
    for turn in 0..6_u32 {
        let points: Vec<[f64; 2]> = (0..10_u32)
            .map(|i| {
                let a = f64::from((i * 37 + turn * 11) % 29);
                let b = f64::from((i * 53 + turn * 7) % 31);
                [a, b]
            })
            .collect();
        let travel = straight_line_minutes(&points, 1.0).unwrap();
        let stops: Vec<Stop> = (0..9_u32)
            .map(|i| {
                let opens = f64::from((i * 41 + turn * 13) % 60);
                Stop { opens_min: opens, closes_min: opens + 120.0, visit_min: 3.0 }
            })
            .collect();
        let problem = problem(&travel, &stops);
        let best = exact::order(&problem).map(|o| describe(&problem, &o).ends_min);
        let found =
            local::order(&problem, &|_, _| Pace::Go).map(|o| describe(&problem, &o).ends_min);
        match (best, found) {
            (Ok(best), Ok(found)) => {
                assert!(found <= best * 1.01 + 1e-9, "turn {turn}: {found} against {best}");
                assert!(bound::day_length(&problem) <= best + 1e-9, "a bound bounds");
            }
            (Err(_), Err(_)) => {}
            (best, found) => panic!("turn {turn}: exact {best:?}, local {found:?}"),
        }
    }
}

#[test]
fn bad_numbers_are_refused() {
    assert!(matches!(plan(&problem(&[], &[])), Err(OptimiseError::Empty { .. })));
    let stops = [any_time(-1.0)];
    assert!(plan(&problem(&[0.0; 4], &stops)).is_err(), "a visit cannot take negative time");
    assert!(plan(&problem(&[f64::NAN; 4], &[any_time(1.0)])).is_err());
    assert!(straight_line_minutes(&[[0.0, 0.0]], 0.0).is_err());
}

#[test]
fn a_long_day_is_watched_and_stops_within() {
    let points: Vec<[f64; 2]> =
        (0..41_u32).map(|i| [f64::from(i * 7 % 41), f64::from(i * 11 % 41)]).collect();
    let travel = straight_line_minutes(&points, 1.0).unwrap();
    let stops: Vec<Stop> =
        (0..40).map(|_| Stop { opens_min: 0.0, closes_min: 5_000.0, visit_min: 1.0 }).collect();
    let problem = RouteProblem {
        travel_min: &travel,
        stops: &stops,
        starts_min: 0.0,
        ends_min: 5_000.0,
        finish: Finish::AtStart,
    };
    let told = std::cell::RefCell::new(Vec::new());
    let watched = |most: usize| {
        told.borrow_mut().clear();
        plan_watched(&problem, &|done, of| {
            told.borrow_mut().push((done, of));
            if told.borrow().len() < most { Pace::Go } else { Pace::Stop }
        })
    };
    assert_eq!(watched(usize::MAX), plan(&problem), "watching changes nothing");
    let all = told.borrow().clone();
    assert!(all.len() > 10 && all.is_sorted(), "{all:?}");
    assert!(all.iter().all(|(done, of)| done < of), "{all:?}");
    assert_eq!(watched(3), Err(OptimiseError::Stopped));
    assert_eq!(told.borrow().len(), 3);
}
