//! No series makes the cleaning panic, and cleaning what is clean changes nothing.

use proptest::prelude::*;
use roadbook_planning::forecast::clean::{LastPeriod, clean};
use roadbook_planning::forecast::{Frequency, Hierarchy, Method, Reconciliation, Series};

const LAST: [LastPeriod; 3] = [LastPeriod::Closed, LastPeriod::Open, LastPeriod::Unknown];

fn any_value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        6 => (0.0..1000.0_f64).prop_map(Some),
        1 => Just(Some(0.0)),
        1 => (-1e300..1e300_f64).prop_map(Some),
        1 => Just(None),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_series_is_cleaned_and_every_change_is_listed(
        values in proptest::collection::vec(any_value(), 1..90),
        last in proptest::sample::select(LAST.to_vec()),
    ) {
        let Ok(series) = Series::new(values.clone(), Frequency::Monthly, None) else {
            return Ok(());
        };
        let cleaned = clean(&series, last);
        prop_assert_eq!(cleaned.series.values().len(), values.len());
        for (position, value) in cleaned.series.values().iter().enumerate() {
            let repair = cleaned.repairs.iter().find(|repair| repair.position == position);
            match repair {
                Some(repair) => {
                    prop_assert_eq!(repair.before, values[position]);
                    prop_assert_eq!(Some(repair.after), *value);
                    prop_assert!(repair.after.is_finite());
                }
                None => prop_assert_eq!(*value, values[position], "changed in silence"),
            }
        }
    }

    #[test]
    fn reconciled_forecasts_add_up(parts in proptest::collection::vec(0.0..1e6_f64, 4), total in 0.0..1e6_f64) {
        let hierarchy = Hierarchy::new(4, vec![vec![0, 1, 2, 3], vec![0, 1], vec![2, 3]]).unwrap();
        let mut forecasts = vec![vec![total], vec![total / 2.0], vec![total / 3.0]];
        forecasts.extend(parts.into_iter().map(|part| vec![part]));
        let out = hierarchy.reconcile(&forecasts, Reconciliation::Equal).unwrap();
        let sum: f64 = out[3..].iter().map(|path| path[0]).sum();
        prop_assert!((out[0][0] - sum).abs() <= 1e-9 * sum.abs().max(1.0));
    }
}

#[test]
fn cleaning_brings_a_damaged_forecast_back() {
    let season = [0.7, 0.8, 1.0, 1.1, 1.2, 1.3, 1.2, 1.1, 1.0, 0.9, 0.8, 0.9];
    let at = |month: usize| {
        let noise = 1.0 + 0.01 * (((month * 7) % 11) as f64 - 5.0);
        (1000.0 + 8.0 * month as f64) * season[month % 12] * noise
    };
    let mut values: Vec<Option<f64>> = (0..84).map(|month| Some(at(month))).collect();
    values[30] = Some(0.0);
    values[47] = None;
    values[62] = Some(at(62) * 10.0);
    values[83] = Some(at(83) * 0.3);
    let damaged = Series::new(values, Frequency::Monthly, None).unwrap();
    let cleaned = clean(&damaged, LastPeriod::Unknown);
    let error = |series: &Series| -> f64 {
        let mean = Method::Ets.forecast(series, 12).unwrap().mean;
        mean.iter().enumerate().map(|(step, value)| (value / at(84 + step) - 1.0).abs()).sum()
    };
    let (before, after) = (error(&damaged), error(&cleaned.series));
    assert!(after < 0.25 * before, "{before} {after} {:?}", cleaned.repairs);
}
