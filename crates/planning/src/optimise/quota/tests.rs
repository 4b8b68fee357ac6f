//! Quotas add up, are optimal, and say what clashes.

use super::*;

fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

struct Case {
    potential: Vec<f64>,
    history: Vec<f64>,
    territory: Vec<usize>,
    goal: Vec<f64>,
}

fn case(seed: u64, reps: usize, products: usize) -> Case {
    let mut next = numbers(seed);
    let potential: Vec<f64> = (0..reps * products).map(|_| 50_000.0 * (0.2 + next())).collect();
    let history: Vec<f64> = potential.iter().map(|p| p * (0.5 + 0.6 * next())).collect();
    let goal = (0..products)
        .map(|p| history.iter().skip(p).step_by(products).sum::<f64>() * (1.05 + 0.1 * next()))
        .collect();
    Case { potential, history, territory: (0..reps).map(|r| r % 5).collect(), goal }
}

fn problem(case: &Case) -> QuotaProblem<'_> {
    QuotaProblem {
        potential: &case.potential,
        history: &case.history,
        territory: &case.territory,
        goal: &case.goal,
        quota_band: Band { lower: 0.7, upper: 1.5 },
        territory_band: Band { lower: 0.95, upper: 1.35 },
        stretch_weight: 1e3,
        edits: &[],
        unit: 0.01,
    }
}

#[test]
fn quotas_are_optimal_and_add_up_to_the_cent() {
    for seed in 0..20 {
        let case = case(seed, 40, 3);
        let found = allocate(&problem(&case)).unwrap();
        assert!(found.quality.gap() < 1e-6, "seed {seed}: gap {}", found.quality.gap());
        for (product, goal) in case.goal.iter().enumerate() {
            let cents: f64 = (0..40).map(|r| (found.amount[r * 3 + product] * 100.0).round()).sum();
            let off = cents - (goal * 100.0).round();
            assert!(off.abs() < 0.5, "seed {seed} product {product} is off by {off} cents");
        }
        for (amount, past) in found.amount.iter().zip(&case.history) {
            assert!(*amount >= 0.7 * past - 0.011 && *amount <= 1.5 * past + 0.011);
        }
        for territory in 0..5 {
            let past: f64 = (0..40)
                .filter(|r| r % 5 == territory)
                .map(|r| case.history[r * 3..r * 3 + 3].iter().sum::<f64>())
                .sum();
            let total = found.by_territory[territory];
            assert!(total >= 0.95 * past - 0.05 && total <= 1.35 * past + 0.05);
        }
    }
}

#[test]
fn edits_are_kept_and_everything_else_makes_room() {
    let case = case(3, 40, 3);
    let edits = [Edit { rep: 7, product: 1, amount: 12_345.67 }];
    let found = allocate(&QuotaProblem { edits: &edits, ..problem(&case) }).unwrap();
    assert!((found.amount[7 * 3 + 1] - 12_345.67).abs() < 1e-9);
    assert_eq!(found.why[7 * 3 + 1], Why::Edited);
    assert!((found.by_product[1] - case.goal[1]).abs() < 0.006);
}

#[test]
fn a_goal_out_of_reach_is_named_with_its_amount() {
    let mut case = case(4, 40, 3);
    let most: f64 = case.history.iter().skip(2).step_by(3).sum::<f64>() * 1.5;
    case.goal[2] = most + 1_000.0;
    let OptimiseError::QuotaClash { clashes } = allocate(&problem(&case)).unwrap_err() else {
        panic!("a clash is expected")
    };
    assert_eq!(clashes.len(), 1);
    assert_eq!(clashes[0].place, Place::GoalTooHigh { product: 2 });
    assert!((clashes[0].by - 1_000.0).abs() < 2.0, "by {}", clashes[0].by);
}

#[test]
fn limits_that_only_clash_together_are_found() {
    let case = case(5, 40, 3);
    let narrow = Band { lower: 0.5, upper: 0.9 };
    let problem = QuotaProblem { territory_band: narrow, ..problem(&case) };
    let OptimiseError::QuotaClash { clashes } = allocate(&problem).unwrap_err() else {
        panic!("a clash is expected")
    };
    let goals: f64 = case.goal.iter().sum();
    let most = 0.9 * case.history.iter().sum::<f64>();
    let by: f64 = clashes.iter().map(|c| c.by).sum();
    assert!((by / (goals - most) - 1.0).abs() < 1e-3, "least to give: {by}, {}", goals - most);
}

#[test]
fn parts_add_up_and_follow_weights() {
    assert_eq!(split(100, &[1.0, 1.0, 1.0]), [34, 33, 33]);
    assert_eq!(split(-7, &[2.0, 1.0]), [-5, -2]);
    assert_eq!(split(5, &[f64::NAN, 0.0]), [3, 2]);
    assert_eq!(split(i64::MAX, &[1e300, 1e-300]).iter().sum::<i64>(), i64::MAX);
    assert!(split(5, &[]).is_empty());
}

#[test]
fn a_change_within_a_period_is_blended_by_days() {
    assert_eq!(blended(900, 1800, 10, 30), 1500);
    assert_eq!(blended(900, 1800, 40, 30), 900);
    assert_eq!(blended(1, 2, 0, 0), 2);
}

#[test]
fn bad_numbers_are_refused() {
    let mut case = case(6, 10, 2);
    for (cells, value, told) in [
        (vec![3], -1.0, "rep 1 with product 1 is -1, and must be zero or positive"),
        (vec![3], f64::NAN, "rep 1 with product 1"),
        (vec![2, 3], 0.0, "rep 1 add up to 0; with some product it must be positive"),
        ((1..20).step_by(2).collect(), 0.0, "product 1 add up to 0; with some rep"),
    ] {
        let sound = case.potential.clone();
        cells.iter().for_each(|cell: &usize| case.potential[*cell] = value);
        let error = allocate(&problem(&case)).unwrap_err();
        assert!(matches!(error, OptimiseError::Potential { .. }), "{error}");
        assert!(error.to_string().contains(told), "{error}");
        case.potential = sound;
    }
}

#[test]
fn a_rep_may_have_no_potential_with_a_product() {
    let mut case = case(6, 10, 2);
    case.potential[3] = 0.0;
    let found = allocate(&problem(&case)).unwrap();
    assert!(found.quality.gap() < 1e-6, "gap {}", found.quality.gap());
    let least = 0.7 * case.history[3];
    assert!(found.amount[3] < least + 1.0, "no more than it must: {}", found.amount[3]);
    assert!((found.by_product[1] - case.goal[1]).abs() < 0.006);
}

#[test]
fn a_product_without_a_goal_is_left_at_nothing() {
    for unit in [0.01, 100.0] {
        let mut case = case(7, 50, 4);
        case.goal[2] = 0.0;
        let free = QuotaProblem {
            quota_band: Band { lower: 0.0, upper: 1.5 },
            territory_band: Band { lower: 0.0, upper: 1.35 },
            unit,
            ..problem(&case)
        };
        let found = allocate(&free).unwrap();
        // Rounding to hundreds costs something.
        let most = if unit < 1.0 { 1e-5 } else { 1e-2 };
        assert!(found.quality.gap() < most, "gap {}", found.quality.gap());
        assert!(found.amount.iter().skip(2).step_by(4).all(|amount| *amount < 1e-9));
        for (total, goal) in found.by_product.iter().zip(&case.goal) {
            assert!((total - goal).abs() < 0.6 * unit, "{total} for {goal}");
        }
        let nothing = QuotaProblem { goal: &[0.0; 4], ..free };
        assert!(allocate(&nothing).unwrap().amount.iter().all(|amount| *amount < 1e-9));
    }
    let mut case = case(7, 50, 4);
    case.goal[2] = 0.0;
    let OptimiseError::QuotaClash { clashes } = allocate(&problem(&case)).unwrap_err() else {
        panic!("floors of a product without a goal clash")
    };
    assert_eq!(clashes[0].place, Place::GoalTooLow { product: 2 });
}

#[test]
fn a_goal_hardly_above_the_floors_is_still_reached() {
    // Found by a property test: rounding in the normal equations ends progress early here.
    let cells = [
        (562_683.39, 1.032_313_58),
        (547_534.68, 0.615_023_32),
        (415_841.71, 0.861_775_33),
        (763_317.73, 0.898_319_08),
        (358_370.67, 0.423_473_37),
        (807_739.06, 0.774_856_99),
        (820_747.52, 0.761_414_32),
        (641_052.14, 0.3),
        (494_364.02, 0.426_151_52),
        (547_892.83, 0.370_543_35),
        (349_786.36, 0.946_790_79),
        (527_523.19, 0.595_120_25),
    ];
    let history: Vec<f64> = cells.iter().map(|(potential, share)| potential * share).collect();
    let goal =
        |product: usize, growth: f64| growth * history.iter().skip(product).step_by(2).sum::<f64>();
    let case = Case {
        potential: cells.iter().map(|cell| cell.0).collect(),
        territory: vec![0, 0, 1, 1, 2, 2],
        goal: vec![goal(0, 1.028_839_87), goal(1, 0.930_165_26)],
        history: history.clone(),
    };
    let found = allocate(&QuotaProblem {
        quota_band: Band { lower: 0.914_286_54, upper: 1.6 },
        territory_band: Band { lower: 0.5, upper: 1.6 },
        stretch_weight: 10.0,
        ..problem(&case)
    })
    .unwrap();
    assert!(found.quality.gap() < 1e-5, "gap {}", found.quality.gap());
    for (total, goal) in found.by_product.iter().zip(&case.goal) {
        assert!((total - goal).abs() < 0.006, "{total} for {goal}");
    }
}
