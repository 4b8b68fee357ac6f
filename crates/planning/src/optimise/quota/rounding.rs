//! Whole units whose sums add up.
//!
//! Running sums are rounded and their differences taken (systematic rounding), product by product
//! and territory by territory: each quota moves by less than one unit, each territory by less than
//! one unit per product, and each product's total is its goal exactly.

use super::model::Program;

/// Rounds quotas to whole units.
pub(super) fn whole(program: &Program<'_>, units: &[f64]) -> Vec<f64> {
    let products = program.products;
    let reps = units.len() / products;
    let mut order: Vec<usize> = (0..reps).collect();
    order.sort_by_key(|r| program.problem.territory[*r]);
    let mut result = vec![0.0; units.len()];
    for product in 0..products {
        let goal = (program.goal[product] * program.scale).round();
        let mut column: Vec<f64> = order.iter().map(|r| units[r * products + product]).collect();
        settle(program, &order, product, goal, &mut column);
        let (mut sum, mut before) = (0.0, 0.0);
        for (r, value) in order.iter().zip(&column) {
            sum += value;
            // A hair of the sum's rounding must not turn a whole number into the next one.
            let now = (sum + 1e-6).floor();
            result[r * products + product] = now - before;
            before = now;
        }
        if let Some(last) = order.iter().rev().find(|r| has_room(program, **r, product)) {
            result[last * products + product] += goal - before;
        }
    }
    result
}

fn has_room(program: &Program<'_>, rep: usize, product: usize) -> bool {
    let cell = rep * program.products + product;
    program.upper[cell] > program.lower[cell]
}

/// Spreads what the solver's accuracy left over those with room, so that the column adds up.
fn settle(program: &Program<'_>, order: &[usize], product: usize, goal: f64, column: &mut [f64]) {
    for _ in 0..4 {
        let missing = goal - column.iter().sum::<f64>();
        let room = |i: usize, value: f64| {
            let cell = order[i] * program.products + product;
            let (lower, upper) =
                (program.lower[cell] * program.scale, program.upper[cell] * program.scale);
            (if missing > 0.0 { upper - value } else { value - lower }).max(0.0)
        };
        let total: f64 = column.iter().enumerate().map(|(i, v)| room(i, *v)).sum();
        if missing.abs() < 1e-9 || total <= 0.0 {
            return;
        }
        let share = (missing / total).clamp(-1.0, 1.0);
        for (i, value) in column.iter_mut().enumerate() {
            *value += share * room(i, *value);
        }
    }
}
