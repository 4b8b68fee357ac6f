//! Bad input at every public entry of forecasting and of the pipeline: a clear error or a stated
//! fallback, never a panic, and nothing that is not a number comes out.
//!
//! A series has one entry for each period and no dates of its own, so that duplicate dates cannot
//! reach the library; who reads files refuses them.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use roadbook_planning::forecast::clean::{LastPeriod, clean};
use roadbook_planning::forecast::lstm::Lstm;
use roadbook_planning::forecast::{
    ForecastError, Frequency, Hierarchy, Method, Note, Reconciliation, Regressors, Series, metrics,
};
use roadbook_planning::pipeline::{
    Adjustment, Category, Deal, Move, NewBusiness, OpenDeal, Past, Quarter, State, Told, WinRates,
    Window, accuracy, roll_up, simulate, waterfall,
};

use crate::forecast::{FREQUENCIES, assert_sound};

/// Every float there is, the ordinary ones more often.
fn any_float() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -1e6..1e6_f64,
        3 => proptest::num::f64::ANY,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(0.0),
        1 => Just(f64::MAX),
        1 => Just(f64::MIN_POSITIVE),
    ]
}

/// Floats that can be read, of every size.
fn finite_float() -> impl Strategy<Value = f64> {
    any_float().prop_map(|value| if value.is_finite() { value } else { -1.0 })
}

fn series_of(values: impl Strategy<Value = f64>) -> impl Strategy<Value = Series> {
    let entry = prop_oneof![9 => values.prop_map(Some), 1 => Just(None)];
    let frequency = proptest::sample::select(FREQUENCIES.to_vec());
    // The first and the last month of the calendar, and one between.
    let start = proptest::sample::select(vec![
        None,
        Some(date(2020, 1, 31)),
        Some(Date::MIN),
        Some(Date::MAX),
    ]);
    (proptest::collection::vec(entry, 0..90), frequency, start).prop_map(
        |(mut values, frequency, start)| {
            values.push(Some(1.0));
            Series::new(values, frequency, start).expect("finite, and one value at least")
        },
    )
}

fn few() -> ProptestConfig {
    ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn any_floats_are_a_series_or_an_error_that_names_the_place(
        values in proptest::collection::vec(proptest::option::of(any_float()), 0..40),
    ) {
        let bad = values.iter().position(|value| value.is_some_and(|value| !value.is_finite()));
        match (Series::new(values.clone(), Frequency::Monthly, None), bad) {
            (Ok(series), None) => prop_assert_eq!(series.values(), values),
            (Err(ForecastError::NotFinite { position }), Some(bad)) => prop_assert_eq!(position, bad),
            (Err(ForecastError::Empty), None) => prop_assert!(values.iter().all(Option::is_none)),
            (other, bad) => prop_assert!(false, "{other:?} {bad:?}"),
        }
    }

    #[test]
    fn finite_values_of_every_size_are_forecast(
        series in series_of(finite_float()),
        horizon in 1..30_usize,
    ) {
        for method in Method::ALL {
            assert_sound(&method.forecast(&series, horizon).unwrap(), horizon);
        }
    }

    #[test]
    fn finite_values_of_every_size_are_cleaned(series in series_of(finite_float())) {
        for last in [LastPeriod::Closed, LastPeriod::Open, LastPeriod::Unknown] {
            let cleaned = clean(&series, last);
            prop_assert_eq!(cleaned.series.values().len(), series.values().len());
            prop_assert!(cleaned.series.values().iter().flatten().all(|value| value.is_finite()));
            prop_assert!(cleaned.repairs.is_sorted_by_key(|repair| repair.position));
        }
    }

    #[test]
    fn any_regressors_are_used_or_refused(
        series in series_of(-1e3..1e3_f64),
        columns in proptest::collection::vec(proptest::collection::vec(any_float(), 97), 0..4),
        shorter in 0..2_usize,
        horizon in 1..7_usize,
    ) {
        let wanted = series.values().len() + horizon - shorter;
        let cut: Vec<Vec<f64>> =
            columns.iter().map(|column| column[..wanted.min(97)].to_vec()).collect();
        let finite = cut.iter().flatten().all(|value| value.is_finite());
        let regressors = Regressors::new(cut.clone());
        prop_assert_eq!(regressors.is_ok(), finite);
        let Ok(regressors) = regressors else { return Ok(()) };
        for method in [Method::Naive, Method::Additive, Method::Combination] {
            match method.forecast_with(&series, horizon, &regressors) {
                Ok(forecast) => assert_sound(&forecast, horizon),
                Err(ForecastError::Shape { .. }) => {
                    prop_assert!(cut.iter().any(|column| column.len() != wanted + shorter));
                }
                Err(ForecastError::TooShort { .. } | ForecastError::Unstable { .. }) => {}
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
        if let Some(days) = Regressors::trading_days(&series, horizon) {
            prop_assert!(series.frequency() == Frequency::Monthly && series.start().is_some());
            if let Ok(forecast) = Method::Ets.forecast_with(&series, horizon, &days) {
                assert_sound(&forecast, horizon);
            }
        }
    }

    #[test]
    fn any_forecasts_add_up_or_are_refused(
        parts in 0..4_usize,
        totals in proptest::collection::vec(proptest::collection::vec(0..5_usize, 0..4), 0..3),
        paths in proptest::collection::vec(proptest::collection::vec(any_float(), 3), 7),
        fits in proptest::sample::select(vec![true, true, true, false]),
        ordinary in any::<bool>(),
    ) {
        // In the order in which they are summed.
        let mut totals = totals;
        totals.iter_mut().for_each(|group| group.sort_unstable());
        let Ok(hierarchy) = Hierarchy::new(parts, totals.clone()) else { return Ok(()) };
        let tame = |value: f64| if value.abs() <= 1e6 { value } else { 1.0 };
        let count = if fits { hierarchy.series() } else { 7 };
        let paths: Vec<Vec<f64>> = paths[..count]
            .iter()
            .map(|path| path.iter().map(|v| if ordinary { tame(*v) } else { *v }).collect())
            .collect();
        let finite = paths.iter().flatten().all(|value| value.is_finite());
        for how in [Reconciliation::BottomUp, Reconciliation::Equal, Reconciliation::Shrunk(&paths)]
        {
            let made = hierarchy.reconcile(&paths, how);
            let sure = fits && ordinary && !matches!(how, Reconciliation::Shrunk(_));
            prop_assert!(made.is_ok() || !sure, "{how:?} {made:?}");
            let Ok(out) = made else { continue };
            prop_assert!(fits && finite && out.len() == hierarchy.series());
            prop_assert!(out.iter().flatten().all(|value| value.is_finite()), "{out:?}");
            let (sums, rest) = out.split_at(totals.len());
            for (sum, group) in sums.iter().zip(&totals) {
                for step in 0..3 {
                    let of_parts: f64 = group.iter().map(|part| rest[*part][step]).sum();
                    let size: f64 = group.iter().map(|part| rest[*part][step].abs()).sum();
                    prop_assert!((sum[step] - of_parts).abs() <= 1e-12 * size, "{how:?} {out:?}");
                }
            }
            if how == Reconciliation::BottomUp {
                prop_assert_eq!(rest, &paths[totals.len()..], "parts stay as they are");
            }
        }
    }

    #[test]
    fn any_decided_deals_teach_probabilities(
        written in proptest::collection::vec(any_float(), 0..5),
        past in proptest::collection::vec(
            (proptest::collection::vec((0..9_usize, any_float()), 0..4), any_float(), any::<bool>()),
            0..60,
        ),
        age in any_float(),
    ) {
        let deal = |(stages, closed_age, won)| Past { stages, closed_age, won };
        let rates = WinRates::learn(&written, &past.into_iter().map(deal).collect::<Vec<_>>());
        for stage in 0..6 {
            let probability = rates.probability(stage, age);
            prop_assert!(probability > 0.0 && probability < 1.0, "{probability}");
        }
        let days = rates.days_left(age).unwrap_or_default();
        prop_assert!(days.iter().all(|days| *days >= 0.0), "{days:?}");
    }

    #[test]
    fn any_deals_make_a_quarter(
        deals in proptest::collection::vec(
            (any_float(), any_float(), proptest::collection::vec(any_float(), 0..3),
             proptest::option::of(any_float())),
            0..8,
        ),
        days_left in any_float(),
        won in any_float(),
        quota in proptest::option::of(any_float()),
        wins in any_float(),
        amounts in proptest::collection::vec(any_float(), 0..4),
    ) {
        let deal = |(amount, probability, days_left, days_to_close)| OpenDeal {
            amount, probability, days_left, days_to_close,
        };
        let deals: Vec<OpenDeal> = deals.into_iter().map(deal).collect();
        let new_business = NewBusiness { wins: wins.min(50.0), amounts: &amounts };
        let quarter = Quarter { days_left, won, quota, new_business, runs: 50, seed: 1 };
        let outlook = simulate(&deals, &quarter);
        let (low, high) = outlook.interval95;
        for value in [outlook.mean, outlook.median, low, high] {
            prop_assert!(value.is_finite(), "{outlook:?}");
        }
        prop_assert!(low <= outlook.median && outlook.median <= high);
        prop_assert!(outlook.within.iter().all(|share| (0.0..=1.0 + 1e-9).contains(share)));
    }

    #[test]
    fn any_numbers_are_judged_rolled_up_and_compared(
        pairs in proptest::collection::vec((any_float(), any_float()), 0..20),
        parents in proptest::collection::vec(proptest::option::of(0..9_usize), 0..6),
        amounts in proptest::collection::vec((0..9_usize, any_float()), 0..9),
        days in proptest::collection::vec(proptest::option::of(any::<i32>()), 9),
        first in any::<i32>(),
        last in any::<i32>(),
    ) {
        let told: Vec<Told> =
            pairs.iter().map(|(forecast, actual)| Told { forecast: *forecast, actual: *actual }).collect();
        let judged = accuracy(&told);
        prop_assert!(judged.errors.len() <= told.len());
        prop_assert!(judged.errors.iter().all(|error| !error.is_nan()));
        let deals: Vec<(usize, Category, f64)> =
            amounts.iter().map(|(node, amount)| (*node, Category::Commit, *amount)).collect();
        let change = |(node, amount): &(usize, f64)| Adjustment {
            node: *node,
            category: Category::Closed,
            amount: *amount,
        };
        let adjustments: Vec<Adjustment> = amounts.iter().map(change).collect();
        prop_assert_eq!(roll_up(&parents, &deals, &adjustments).len(), parents.len());
        let deal = |(at, (node, amount)): (usize, &(usize, f64))| Deal {
            id: [u8::try_from(*node).unwrap(); 16],
            amount: *amount,
            close_day: days[at],
            state: if at % 3 == 0 { State::Won } else { State::Open },
        };
        let now: Vec<Deal> = amounts.iter().enumerate().map(deal).collect();
        let moved = waterfall(&now[..now.len() / 2], &now, Window { first, last });
        prop_assert!(Move::ALL.iter().map(|what| moved.sum(*what).1).sum::<usize>() <= 2 * now.len());
    }

    #[test]
    fn any_numbers_are_measured(
        actual in proptest::collection::vec(any_float(), 0..9),
        forecast in proptest::collection::vec(any_float(), 0..9),
        period in 0..14_usize,
    ) {
        let _ = metrics::smape(&actual, &forecast);
        let _ = metrics::mape(&actual, &forecast);
        let _ = metrics::mase(&actual, &actual, &forecast, period);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..few() })]

    #[test]
    fn a_network_is_trained_on_any_series_or_says_why_not(
        tenant in proptest::collection::vec(proptest::collection::vec(finite_float(), 0..70), 0..4),
        asked in series_of(finite_float()),
        horizon in 0..9_usize,
    ) {
        let series: Vec<Series> = tenant
            .into_iter()
            .filter_map(|values| Series::complete(values, asked.frequency(), None).ok())
            .collect();
        let none = series.is_empty();
        match Lstm::train(&series, horizon, 1) {
            Ok(lstm) => assert_sound(&lstm.forecast(&asked).unwrap(), horizon),
            Err(ForecastError::Empty) => prop_assert!(none),
            Err(ForecastError::Horizon { .. }) => prop_assert_eq!(horizon, 0),
            Err(other) => prop_assert!(matches!(other, ForecastError::TooShort { .. }), "{}", other),
        }
    }
}

#[test]
fn ten_thousand_points_are_read_by_every_model_and_cleaned() {
    for frequency in FREQUENCIES {
        let period = frequency.period();
        let at = |index: usize| {
            50.0 + (index % period) as f64 + 0.01 * index as f64 + (index * 7 % 11) as f64
        };
        let series = Series::complete((0..10_000).map(at).collect(), frequency, None).unwrap();
        for method in Method::ALL {
            let forecast = method.forecast(&series, 12).unwrap();
            assert_sound(&forecast, 12);
            let dropped = |note: &Note| matches!(note, Note::OldPointsLeftOut { .. });
            assert!(forecast.notes.iter().any(dropped), "{method:?}: it is said what is not read");
        }
        assert_eq!(clean(&series, LastPeriod::Unknown).series.values().len(), 10_000);
    }
}

#[test]
fn what_models_cannot_read_is_said() {
    let cases: [(&str, Vec<f64>); 4] = [
        ("constant", vec![5.0; 60]),
        ("zeros", vec![0.0; 60]),
        ("one point", vec![5.0]),
        ("losses", (0..60_u8).map(|i| f64::from(i % 7) - 3.0).collect()),
    ];
    for (name, values) in cases {
        let series = Series::complete(values, Frequency::Monthly, None).unwrap();
        for method in Method::ALL {
            let forecast = method.forecast(&series, 3).unwrap();
            assert_sound(&forecast, 3);
            let told = forecast.notes.contains(&Note::Constant);
            assert_eq!(told, name != "losses", "{name} {method:?} {:?}", forecast.notes);
        }
    }
}
