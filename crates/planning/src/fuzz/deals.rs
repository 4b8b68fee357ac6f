//! The pipeline on any bytes.

use super::Bytes;
use crate::pipeline::{
    Adjustment, Category, Deal, Move, NewBusiness, OpenDeal, Past, Quarter, State, Told, WinRates,
    Window, accuracy, roll_up, simulate, waterfall,
};

pub(super) fn pipeline(rest: &mut Bytes<'_>) {
    rates(rest);
    quarter(rest);
    sums(rest);
    moves(rest);
}

fn rates(rest: &mut Bytes<'_>) {
    let count = rest.size(0, 4);
    let written = rest.numbers(count);
    let past: Vec<Past> = (0..rest.size(0, 40))
        .map(|_| Past {
            stages: (0..rest.size(0, 3)).map(|_| (rest.size(0, 6), rest.number())).collect(),
            closed_age: rest.number(),
            won: rest.label(),
        })
        .collect();
    let rates = WinRates::learn(&written, &past);
    let age = rest.number();
    for stage in 0..6 {
        let probability = rates.probability(stage, age);
        assert!(probability > 0.0 && probability < 1.0, "{probability}");
    }
    let days = rates.days_left(age).unwrap_or_default();
    assert!(days.iter().all(|days| *days >= 0.0), "{days:?}");
}

fn quarter(rest: &mut Bytes<'_>) {
    let deals: Vec<OpenDeal> = (0..rest.size(0, 7))
        .map(|_| {
            let count = rest.size(0, 3);
            OpenDeal {
                amount: rest.number(),
                probability: rest.number(),
                days_left: rest.numbers(count),
                days_to_close: rest.label().then(|| rest.number()),
            }
        })
        .collect();
    let count = rest.size(0, 3);
    let amounts = rest.numbers(count);
    let outlook = simulate(
        &deals,
        &Quarter {
            days_left: rest.number(),
            won: rest.number(),
            quota: rest.label().then(|| rest.number()),
            new_business: NewBusiness { wins: rest.number().min(50.0), amounts: &amounts },
            runs: rest.size(0, 60),
            seed: 1,
        },
    );
    let (low, high) = outlook.interval95;
    for value in [outlook.mean, outlook.median, low, high] {
        assert!(value.is_finite(), "{outlook:?}");
    }
    assert!(low <= outlook.median && outlook.median <= high, "{outlook:?}");
}

fn sums(rest: &mut Bytes<'_>) {
    let told: Vec<Told> = (0..rest.size(0, 12))
        .map(|_| Told { forecast: rest.number(), actual: rest.number() })
        .collect();
    let judged = accuracy(&told);
    assert!(judged.errors.len() <= told.len());
    assert!(judged.errors.iter().all(|error| !error.is_nan()), "{judged:?}");
    let parents: Vec<Option<usize>> =
        (0..rest.size(0, 6)).map(|_| rest.label().then(|| rest.size(0, 8))).collect();
    let deals: Vec<(usize, Category, f64)> =
        (0..rest.size(0, 8)).map(|_| (rest.size(0, 8), Category::Commit, rest.number())).collect();
    let adjustments: Vec<Adjustment> = (0..rest.size(0, 4))
        .map(|_| Adjustment {
            node: rest.size(0, 8),
            category: Category::Pipeline,
            amount: rest.number(),
        })
        .collect();
    assert_eq!(roll_up(&parents, &deals, &adjustments).len(), parents.len());
}

fn moves(rest: &mut Bytes<'_>) {
    let day = |rest: &mut Bytes<'_>| i32::from(rest.byte()) * (i32::MAX / 255);
    let deal = |rest: &mut Bytes<'_>| Deal {
        id: [rest.byte() % 6; 16],
        amount: rest.number(),
        close_day: rest.label().then(|| day(rest)),
        state: if rest.label() { State::Won } else { State::Open },
    };
    let before: Vec<Deal> = (0..rest.size(0, 6)).map(|_| deal(rest)).collect();
    let after: Vec<Deal> = (0..rest.size(0, 6)).map(|_| deal(rest)).collect();
    let moved = waterfall(&before, &after, Window { first: day(rest), last: day(rest) });
    let count: usize = Move::ALL.iter().map(|what| moved.sum(*what).1).sum();
    assert!(count <= before.len() + after.len(), "{moved:?}");
}
