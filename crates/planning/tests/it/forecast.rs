//! No series makes a model panic or answer with anything but finite numbers.

use proptest::prelude::*;
use roadbook_planning::forecast::{Forecast, ForecastError, Frequency, Method, Note, Series};

pub(crate) const FREQUENCIES: [Frequency; 5] = [
    Frequency::Yearly,
    Frequency::Quarterly,
    Frequency::Monthly,
    Frequency::Weekly,
    Frequency::Daily,
];

pub(crate) fn assert_sound(forecast: &Forecast, horizon: usize) {
    let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
    let Forecast { mean, interval80, interval95, .. } = forecast;
    for part in [mean, &interval80.lower, &interval80.upper, &interval95.lower, &interval95.upper] {
        assert_eq!(part.len(), horizon, "one entry for each period");
        assert!(finite(part), "every number is finite: {forecast:?}");
    }
    let parts = [&interval95.lower, &interval80.lower, mean, &interval80.upper, &interval95.upper];
    for pair in parts.windows(2) {
        let rising = pair[0].iter().zip(pair[1]).all(|(low, high)| low <= high);
        assert!(rising, "the wider interval holds the narrower one: {forecast:?}");
    }
}

/// Values of every size and sign, with plain, sparse and wild ones mixed.
fn any_values() -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![
        5 => (0.0..100.0_f64).prop_map(Some),
        1 => (-1e300..1e300_f64).prop_map(Some),
        1 => (-1e-300..1e-300_f64).prop_map(Some),
        2 => Just(Some(0.0)),
        1 => Just(None),
    ];
    let plain = (0.0..1000.0_f64).prop_map(Some);
    prop_oneof![proptest::collection::vec(value, 0..60), proptest::collection::vec(plain, 30..60),]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_series_gets_a_sound_forecast_or_an_error(
        values in any_values(),
        frequency in proptest::sample::select(FREQUENCIES.to_vec()),
        horizon in 1..15_usize,
    ) {
        let known = values.iter().flatten().count();
        match Series::new(values, frequency, None) {
            Ok(series) => {
                for method in Method::ALL {
                    let forecast = method.forecast(&series, horizon).unwrap();
                    assert_sound(&forecast, horizon);
                }
            }
            Err(error) => {
                prop_assert_eq!(error, ForecastError::Empty);
                prop_assert_eq!(known, 0);
            }
        }
    }
}

#[test]
fn a_constant_series_is_repeated_and_says_so() {
    let series = Series::complete(vec![7.5; 40], Frequency::Monthly, None).unwrap();
    for method in Method::ALL {
        let forecast = method.forecast(&series, 5).unwrap();
        assert!(forecast.mean.iter().all(|value| (value - 7.5).abs() < 1e-9), "{method:?}");
        assert!(forecast.notes.contains(&Note::Constant), "{method:?}");
    }
}

#[test]
fn one_point_is_repeated() {
    let series = Series::complete(vec![3.0], Frequency::Monthly, None).unwrap();
    for method in Method::ALL {
        let forecast = method.forecast(&series, 2).unwrap();
        assert!(forecast.mean.iter().all(|value| (value - 3.0).abs() < 1e-12), "{method:?}");
    }
}

#[test]
fn too_few_points_fall_back_with_a_reason() {
    let series = Series::complete(vec![3.0, 4.0], Frequency::Monthly, None).unwrap();
    let forecast = Method::Theta.forecast(&series, 2).unwrap();
    let fallback = forecast.notes.iter().any(|note| matches!(note, Note::Fallback { .. }));
    assert!(fallback, "{forecast:?}");
}

#[test]
fn ten_thousand_points_are_read_from_their_end() {
    let values = (0..10_000).map(|index| 50.0 + f64::from(index % 7)).collect();
    let series = Series::complete(values, Frequency::Daily, None).unwrap();
    let forecast = Method::Theta.forecast(&series, 7).unwrap();
    assert_sound(&forecast, 7);
    assert!(forecast.notes.iter().any(|note| matches!(note, Note::OldPointsLeftOut { .. })));
}

#[test]
fn no_period_and_too_many_periods_are_refused() {
    let series = Series::complete(vec![1.0, 2.0], Frequency::Yearly, None).unwrap();
    for horizon in [0, 1_001] {
        let error = Method::Naive.forecast(&series, horizon);
        assert!(matches!(error, Err(ForecastError::Horizon { .. })), "{horizon}");
    }
}

#[test]
fn a_season_with_a_trend_is_carried_on() {
    let season = [0.7, 0.8, 1.0, 1.1, 1.2, 1.3, 1.2, 1.1, 1.0, 0.9, 0.8, 0.9];
    let at = |month: usize| (100.0 + month as f64) * season[month % 12];
    let series = Series::complete((0..72).map(at).collect(), Frequency::Monthly, None).unwrap();
    let models = Method::ALL.into_iter().filter(|method| {
        !matches!(method, Method::Naive | Method::SeasonalNaive | Method::Naive2 | Method::Drift)
    });
    for method in models {
        let forecast = method.forecast(&series, 12).unwrap();
        for (step, value) in forecast.mean.iter().enumerate() {
            let wanted = at(72 + step);
            // CES adds its season, and this one multiplies.
            assert!((value / wanted - 1.0).abs() < 0.12, "{method:?} {step}: {value} {wanted}");
        }
    }
}
