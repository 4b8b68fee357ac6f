//! Forecasting, cleaning, the network and sums on any bytes.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::{Bytes, answered};
use crate::Pace;
use crate::forecast::clean::{LastPeriod, clean};
use crate::forecast::lstm::Lstm;
use crate::forecast::{
    Forecast, Frequency, Hierarchy, Method, Reconciliation, Regressors, Series, metrics,
};

const FREQUENCIES: [Frequency; 5] = [
    Frequency::Yearly,
    Frequency::Quarterly,
    Frequency::Monthly,
    Frequency::Weekly,
    Frequency::Daily,
];
/// A byte in the place of a value that says that there is none.
const GAP: u8 = 239;

fn series(rest: &mut Bytes<'_>, frequency: Frequency, most: usize) -> Option<Series> {
    // The first and the last month of the calendar, and one between.
    let starts = [None, Some(date(2020, 1, 31)), Some(Date::MIN), Some(Date::MAX)];
    let start = starts[rest.size(0, 3)];
    let value = |rest: &mut Bytes<'_>| match rest.0.first() {
        Some(&GAP) => {
            rest.byte();
            None
        }
        Some(_) | None => Some(rest.number()),
    };
    let values = (0..rest.size(0, most)).map(|_| value(rest)).collect();
    answered(Series::new(values, frequency, start))
}

/// Every number is finite, and the wider interval holds the narrower one.
fn sound(forecast: &Forecast, horizon: usize) {
    let (narrow, wide) = (&forecast.interval80, &forecast.interval95);
    let parts = [&wide.lower, &narrow.lower, &forecast.mean, &narrow.upper, &wide.upper];
    for part in parts {
        assert_eq!(part.len(), horizon, "one entry for each period");
        assert!(part.iter().all(|value| value.is_finite()), "{forecast:?}");
    }
    for pair in parts.windows(2) {
        assert!(pair[0].iter().zip(pair[1]).all(|(low, high)| low <= high), "{forecast:?}");
    }
}

pub(super) fn forecasting(rest: &mut Bytes<'_>) {
    let method = Method::ALL[rest.size(0, Method::ALL.len() - 1)];
    let frequency = FREQUENCIES[rest.size(0, 4)];
    let (horizon, columns) = (rest.size(0, 19), rest.size(0, 3));
    let spoilt = usize::from(rest.byte() == 255);
    let Some(series) = series(rest, frequency, 96) else { return };
    if let Some(forecast) = answered(method.forecast(&series, horizon)) {
        sound(&forecast, horizon);
        let _ = metrics::smape(&forecast.mean, &forecast.interval80.upper);
        let _ = metrics::mape(&forecast.interval95.lower, &forecast.mean);
    }
    let length = series.values().len() + horizon + spoilt;
    let columns = (0..columns).map(|_| rest.numbers(length)).collect();
    let day = |rest: &mut Bytes<'_>| {
        date(2019, 12, 1).saturating_add(jiff::Span::new().days(9 * i64::from(rest.byte())))
    };
    let days = (0..rest.size(0, 5)).map(|_| day(rest)).collect();
    let holidays = BTreeMap::from([("any".to_owned(), days)]);
    let known = [
        answered(Regressors::new(columns)),
        Regressors::holidays(&series, horizon, &holidays),
        Regressors::trading_days(&series, horizon),
    ];
    let Some(known) = known.into_iter().flatten().reduce(Regressors::and) else { return };
    if let Some(forecast) = answered(method.forecast_with(&series, horizon, &known)) {
        sound(&forecast, horizon);
    }
}

pub(super) fn cleaning(rest: &mut Bytes<'_>) {
    let frequency = FREQUENCIES[rest.size(0, 4)];
    let Some(series) = series(rest, frequency, 200) else { return };
    for last in [LastPeriod::Closed, LastPeriod::Open, LastPeriod::Unknown] {
        let cleaned = clean(&series, last);
        let (before, after) = (series.values(), cleaned.series.values());
        assert_eq!(before.len(), after.len(), "one value for each period");
        assert!(after.iter().flatten().all(|value| value.is_finite()), "{cleaned:?}");
        assert!(cleaned.repairs.is_sorted_by_key(|repair| repair.position), "{cleaned:?}");
        for (position, (old, new)) in before.iter().zip(after).enumerate() {
            let listed = cleaned.repairs.iter().any(|repair| repair.position == position);
            let same = match (old, new) {
                (Some(old), Some(new)) => old.total_cmp(new).is_eq(),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            assert!(same || listed, "nothing is repaired in silence: {position} of {cleaned:?}");
        }
    }
}

pub(super) fn network(rest: &mut Bytes<'_>) {
    let frequency = FREQUENCIES[rest.size(0, 4)];
    let (horizon, count) = (rest.size(0, 5), rest.size(0, 3));
    let most = if rest.byte() == 255 { 5 } else { usize::MAX };
    let tenant: Vec<Series> = (0..count).filter_map(|_| series(rest, frequency, 60)).collect();
    let watch = |done: usize, pieces: usize| {
        assert!(done < pieces, "{done} of {pieces}");
        if done < most { Pace::Go } else { Pace::Stop }
    };
    let trained = Lstm::train_watched(&tenant, horizon, u64::from(rest.byte()), &watch);
    let Some(trained) = answered(trained) else { return };
    let other = FREQUENCIES[rest.size(0, 4)];
    let asked = series(rest, other, 60);
    for series in tenant.iter().chain(&asked) {
        if let Some(forecast) = answered(trained.forecast(series)) {
            sound(&forecast, horizon);
        }
    }
}

pub(super) fn sums(rest: &mut Bytes<'_>) {
    let parts = rest.size(0, 5);
    let mut totals: Vec<Vec<usize>> = (0..rest.size(0, 3))
        .map(|_| (0..rest.size(0, 4)).map(|_| rest.size(0, 5)).collect())
        .collect();
    totals.iter_mut().for_each(|group| group.sort_unstable());
    let Some(hierarchy) = answered(Hierarchy::new(parts, totals.clone())) else { return };
    let spoilt = usize::from(rest.byte() == 255);
    let paths: Vec<Vec<f64>> = (0..hierarchy.series() + spoilt).map(|_| rest.numbers(2)).collect();
    let errors: Vec<Vec<f64>> = (0..hierarchy.series()).map(|_| rest.numbers(4)).collect();
    for how in [Reconciliation::BottomUp, Reconciliation::Equal, Reconciliation::Shrunk(&errors)] {
        let Some(out) = answered(hierarchy.reconcile(&paths, how)) else { continue };
        assert!(out.iter().flatten().all(|value| value.is_finite()), "{out:?}");
        let (sums, rest) = out.split_at(totals.len());
        for (sum, group) in sums.iter().zip(&totals) {
            for step in 0..2 {
                let of_parts: f64 = group.iter().map(|part| rest[*part][step]).sum();
                let off = (sum[step] - of_parts).abs();
                assert!(off <= 1e-12 * of_parts.abs(), "{how:?} does not add up: {out:?}");
            }
        }
    }
}
