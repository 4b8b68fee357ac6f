//! Chance alone calls for nothing, whatever the number of rows; what has moved is found.

use super::super::dataset::{Column, Dataset};
use super::super::num::{Rng, sigmoid};
use super::*;

/// Rows of one world: three numbers and a category with rare levels; `moved` shifts the numbers.
fn world(rows: usize, seed: u64, moved: f64) -> (Dataset, Vec<f64>) {
    let mut rng = Rng::new(seed);
    let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
    let (mut level, mut score) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let one = rng.unit() + moved;
        let other = if rng.unit() < 0.1 { f64::NAN } else { (6.0 * (rng.unit() + moved)).floor() };
        // The first of forty levels are common, the last are rare.
        let at = count(40.0 * rng.unit().powi(3));
        level.push(format!("level {at}"));
        score.push(sigmoid(2.0 * one + rng.unit() - 2.0));
        a.push(one);
        b.push(other);
        c.push(rng.unit());
    }
    let level: Vec<Option<&str>> = level.iter().map(|l| Some(l.as_str())).collect();
    let columns = vec![
        Column::numeric("a", a),
        Column::numeric("b", b),
        Column::numeric("c", c),
        Column::categorical("level", &level),
    ];
    (Dataset::new(columns).unwrap(), score)
}

/// What is said of newer rows against rows of training.
fn compared(then: usize, now: usize, seed: u64, moved: f64) -> Drift {
    let (data, scores) = world(then, 2 * seed, 0.0);
    let schema = data.schema();
    let background = Background::new(&schema, &schema.matrix(&data).unwrap(), &scores);
    let (data, scores) = world(now, 2 * seed + 1, moved);
    let matrix = schema.matrix(&data).unwrap();
    background.compare(then as u64, &schema, &matrix, &scores, None).unwrap()
}

#[test]
fn the_same_world_calls_for_nothing_at_any_number_of_rows() {
    for (then, now) in [(400, 20), (400, 40), (2_000, 75), (100, 150), (800, 300), (60, 20)] {
        for seed in 0..60 {
            let drift = compared(then, now, seed, 0.0);
            assert_eq!(drift.advice, Advice::Keep, "{then} then, {now} now, {seed}: {drift:?}");
        }
    }
}

#[test]
fn chance_gives_no_index_on_average_above_zero() {
    let over = |now: usize| {
        let all = (0..60).map(|seed| compared(2_000, now, seed, 0.0).score_psi);
        all.sum::<f64>() / 60.0
    };
    assert!(over(20) < 0.15 && over(300) < 0.02, "{} and {}", over(20), over(300));
}

#[test]
fn a_real_shift_is_found_at_any_number_of_rows() {
    for (then, now) in [(400, 20), (400, 40), (2_000, 75), (100, 150), (800, 300)] {
        for seed in 0..20 {
            let drift = compared(then, now, seed, 0.9);
            assert_eq!(drift.advice, Advice::Retrain, "{then} then, {now} now, {seed}: {drift:?}");
            assert!(["a", "b"].contains(&drift.features[0].name.as_str()), "{drift:?}");
        }
    }
}

#[test]
fn categories_that_are_new_are_found() {
    let levels: Vec<String> = (0..400).map(|row| format!("level {}", row % 40)).collect();
    let of = |list: &[String]| {
        let level: Vec<Option<&str>> = list.iter().map(|l| Some(l.as_str())).collect();
        Dataset::new(vec![Column::categorical("level", &level)]).unwrap()
    };
    let data = of(&levels);
    let schema = data.schema();
    let scores = vec![0.5; 400];
    let background = Background::new(&schema, &schema.matrix(&data).unwrap(), &scores);
    let told = |list: &[String]| {
        let matrix = schema.matrix(&of(list)).unwrap();
        background.compare(400, &schema, &matrix, &scores[..list.len()], None).unwrap().features[0]
            .psi
    };
    let other: Vec<String> = (0..100).map(|row| format!("new {}", row % 7)).collect();
    assert!(told(&other) > 1.0, "{}", told(&other));
    assert!(told(&levels[..100]) < 0.05, "rare ones count together: {}", told(&levels[..100]));
}
