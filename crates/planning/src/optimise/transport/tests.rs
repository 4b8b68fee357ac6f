//! Flows are optimal by duality, and clashes are named.

use super::*;

/// Numbers that look random and repeat exactly.
fn numbers(seed: u64) -> impl FnMut(u32) -> u32 {
    let mut state = seed;
    move |below| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).unwrap() % below
    }
}

fn objective(problem: &Transport<'_>, flow: &Flow) -> f64 {
    flow.held
        .iter()
        .enumerate()
        .flat_map(|(bin, held)| held.iter().map(move |p| (bin, p)))
        .map(|(bin, p)| problem.row(p.item as usize)[bin] * p.amount)
        .sum()
}

/// Weak duality: what no flow can go below at these prices.
fn dual(problem: &Transport<'_>, price: &[f64]) -> f64 {
    let items: f64 = problem
        .supply
        .iter()
        .enumerate()
        .map(|(i, s)| {
            let row = problem.row(i);
            let least = row.iter().zip(price).map(|(c, p)| c + p).fold(f64::INFINITY, f64::min);
            s * least
        })
        .sum();
    let bins: f64 = (0..problem.bins)
        .map(|b| price[b] * if price[b] > 0.0 { problem.upper[b] } else { problem.lower[b] })
        .sum();
    items - bins
}

#[test]
fn primal_equals_dual_on_many_problems() {
    let mut solved = 0;
    for seed in 0..200 {
        let mut next = numbers(seed);
        let bins = 2 + next(5) as usize;
        let items = 1 + next(150) as usize;
        let supply: Vec<f64> = (0..items).map(|_| f64::from(1 + next(4))).collect();
        let cost: Vec<f64> = (0..items * bins)
            .map(|_| if next(4) == 0 { FORBIDDEN } else { f64::from(next(100)) - 50.0 })
            .collect();
        let fair = supply.iter().sum::<f64>() / bins as f64;
        let lower: Vec<f64> = (0..bins).map(|_| (fair * 0.5).floor()).collect();
        let upper: Vec<f64> = (0..bins).map(|_| (fair * 1.2).ceil()).collect();
        let problem =
            Transport { bins, cost: &cost, supply: &supply, lower: &lower, upper: &upper };
        let Ok(flow) = problem.solve() else { continue };
        solved += 1;
        for (bin, held) in flow.held.iter().enumerate() {
            let load: f64 = held.iter().map(|p| p.amount).sum();
            assert!(load >= lower[bin] && load <= upper[bin], "limits hold, seed {seed}");
        }
        let mut sent = vec![0.0; items];
        flow.held.iter().flatten().for_each(|p| sent[p.item as usize] += p.amount);
        assert_eq!(sent, supply, "every unit is placed, seed {seed}");
        let (primal, dual) = (objective(&problem, &flow), dual(&problem, &flow.price));
        assert!((primal - dual).abs() < 1e-6, "seed {seed}: primal {primal}, dual {dual}");
    }
    assert!(solved > 100, "most problems have an answer, {solved} had");
}

#[test]
fn items_that_compete_are_named() {
    let cost = [1.0, FORBIDDEN, 2.0, FORBIDDEN, 5.0, 5.0];
    let problem = Transport {
        bins: 2,
        cost: &cost,
        supply: &[1.0, 1.0, 1.0],
        lower: &[0.0, 0.0],
        upper: &[1.0, 5.0],
    };
    let clash = problem.solve().unwrap_err();
    assert_eq!(clash, Clash::Overfull { items: vec![0, 1], bins: vec![0] });
}

#[test]
fn bins_that_stay_short_are_named() {
    let cost = [1.0, FORBIDDEN, 2.0, 3.0];
    let problem = Transport {
        bins: 2,
        cost: &cost,
        supply: &[1.0, 1.0],
        lower: &[0.0, 2.0],
        upper: &[5.0, 5.0],
    };
    let clash = problem.solve().unwrap_err();
    assert_eq!(clash, Clash::Underfull { items: vec![1], bins: vec![1] });
}
