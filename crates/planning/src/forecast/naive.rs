//! The simple methods that every other one has to beat: naive, seasonal naive, drift, Naive2.
//!
//! Deviations from Hyndman, Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition,
//! section 5.5: those of a random walk, with drift or seasonal, from the errors of one step.

use super::outlook::{Outcome, root_mean_square};
use super::season::{SeasonForm, decompose, is_seasonal};

fn differences(values: &[f64], lag: usize) -> Vec<f64> {
    values.iter().skip(lag).zip(values).map(|(now, then)| now - then).collect()
}

/// Repeats the last value.
pub(crate) fn naive(values: &[f64], horizon: usize) -> Outcome {
    let last = values.last().copied().unwrap_or(0.0);
    let spread = root_mean_square(&differences(values, 1));
    let deviation = (1..=horizon).map(|step| spread * (step as f64).sqrt()).collect();
    Outcome { mean: vec![last; horizon], deviation, label: "Naive".to_owned() }
}

/// Repeats the last season; less than one season of history falls back to the last value.
pub(crate) fn seasonal_naive(values: &[f64], period: usize, horizon: usize) -> Outcome {
    if period < 2 || values.len() < period {
        return naive(values, horizon);
    }
    let season = &values[values.len() - period..];
    let mut errors = differences(values, period);
    if errors.is_empty() {
        errors = differences(values, 1);
    }
    let spread = root_mean_square(&errors);
    let mean = (0..horizon).map(|step| season[step % period]).collect();
    let deviation = (0..horizon).map(|step| spread * ((step / period + 1) as f64).sqrt()).collect();
    Outcome { mean, deviation, label: "SeasonalNaive".to_owned() }
}

/// Goes on along the line from the first to the last value.
pub(crate) fn drift(values: &[f64], horizon: usize) -> Outcome {
    let steps = values.len().saturating_sub(1) as f64;
    let (first, last) = match values {
        [first, .., last] => (*first, *last),
        _ => return naive(values, horizon),
    };
    let slope = (last - first) / steps;
    let errors: Vec<f64> = differences(values, 1).iter().map(|step| step - slope).collect();
    let spread = root_mean_square(&errors);
    let mean = (1..=horizon).map(|step| last + slope * step as f64).collect();
    let deviation = (1..=horizon)
        .map(|step| spread * (step as f64 * (1.0 + step as f64 / steps)).sqrt())
        .collect();
    Outcome { mean, deviation, label: "Drift".to_owned() }
}

/// Naive on the seasonally adjusted series where the test finds a season: the benchmark of the
/// M competitions. The season is multiplicative; a series with values of 0 or less is not adjusted.
pub(crate) fn naive2(values: &[f64], period: usize, horizon: usize) -> Outcome {
    let positive = values.iter().all(|value| *value > 0.0);
    let season = (positive && is_seasonal(values, period))
        .then(|| decompose(values, period, SeasonForm::Multiplicative))
        .flatten();
    let Some(season) = season else {
        return Outcome { label: "Naive2".to_owned(), ..naive(values, horizon) };
    };
    let mut outcome = naive(&season.remove(values), horizon);
    season.restore(&mut outcome.mean, values.len());
    for (step, deviation) in outcome.deviation.iter_mut().enumerate() {
        *deviation *= season.factor(values.len() + step);
    }
    Outcome { label: "Naive2".to_owned(), ..outcome }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_season_is_repeated() {
        let outcome = seasonal_naive(&[1.0, 2.0, 3.0, 4.0], 2, 3);
        assert_eq!(outcome.mean, [3.0, 4.0, 3.0]);
    }

    #[test]
    fn drift_goes_on_along_the_line() {
        assert_eq!(drift(&[1.0, 2.0, 3.0], 2).mean, [4.0, 5.0]);
        assert_eq!(drift(&[7.0], 2).mean, [7.0, 7.0]);
    }

    #[test]
    fn errors_of_a_random_walk_widen_with_the_root_of_time() {
        let deviation = naive(&[1.0, 2.0, 1.0, 2.0], 4).deviation;
        assert!((deviation[3] - 2.0 * deviation[0]).abs() < 1e-12);
    }

    #[test]
    fn naive2_follows_a_season() {
        let season = [0.5, 1.5, 1.0, 1.0];
        let values: Vec<f64> = (0..24).map(|index| 10.0 * season[index % 4]).collect();
        let mean = naive2(&values, 4, 4).mean;
        for (value, index) in mean.iter().zip(season) {
            assert!((value - 10.0 * index).abs() < 1e-9, "{mean:?}");
        }
    }
}
