//! Measures of forecast error: sMAPE, MASE, MAPE, OWA, coverage.
//!
//! As in the M4 competition: Makridakis, Spiliotis, Assimakopoulos (2020), "The M4 Competition:
//! 100,000 time series and 61 forecasting methods", International Journal of Forecasting 36.

use super::number::mean;
use super::outlook::Interval;

/// Returns the symmetric mean absolute percentage error, 0 to 200; two zeros count as no error.
pub fn smape(actual: &[f64], forecast: &[f64]) -> f64 {
    let one = |(actual, forecast): (&f64, &f64)| {
        let size = actual.abs() + forecast.abs();
        if size > 0.0 { 200.0 * (actual - forecast).abs() / size } else { 0.0 }
    };
    mean(&actual.iter().zip(forecast).map(one).collect::<Vec<_>>())
}

/// Returns the mean absolute percentage error over actual values other than 0, if there are any.
pub fn mape(actual: &[f64], forecast: &[f64]) -> Option<f64> {
    let pairs = actual.iter().zip(forecast).filter(|(actual, _)| **actual != 0.0);
    let errors: Vec<f64> = pairs.map(|(a, f)| 100.0 * ((a - f) / a).abs()).collect();
    (!errors.is_empty()).then(|| mean(&errors))
}

/// Returns the mean absolute error against that of the seasonal naive method inside `history`.
///
/// `None` where the seasonal naive method makes no error. A history of at most one season is
/// compared with the plain naive method.
pub fn mase(history: &[f64], actual: &[f64], forecast: &[f64], period: usize) -> Option<f64> {
    let lag = if history.len() > period { period.max(1) } else { 1 };
    let steps: Vec<f64> =
        history.iter().skip(lag).zip(history).map(|(now, then)| (now - then).abs()).collect();
    let scale = mean(&steps);
    let errors: Vec<f64> = actual.iter().zip(forecast).map(|(a, f)| (a - f).abs()).collect();
    (scale > 0.0).then(|| mean(&errors) / scale)
}

/// Returns the overall weighted average: sMAPE and MASE, each against that of Naive2, averaged.
pub fn owa(smape: f64, mase: f64, naive2_smape: f64, naive2_mase: f64) -> f64 {
    f64::midpoint(smape / naive2_smape, mase / naive2_mase)
}

/// Returns the share of actual values inside the interval, 0 to 1.
pub fn coverage(actual: &[f64], interval: &Interval) -> f64 {
    let limits = interval.lower.iter().zip(&interval.upper);
    let inside: Vec<f64> = actual
        .iter()
        .zip(limits)
        .map(|(a, (low, high))| if low <= a && a <= high { 1.0 } else { 0.0 })
        .collect();
    mean(&inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_give_their_hand_computed_values() {
        let (actual, forecast) = ([2.0, 0.0], [1.0, 0.0]);
        assert!((smape(&actual, &forecast) - 200.0 / 3.0 / 2.0).abs() < 1e-12);
        assert!((mape(&actual, &forecast).unwrap() - 50.0).abs() < 1e-12);
        let scaled = mase(&[1.0, 2.0, 4.0], &actual, &forecast, 1).unwrap();
        assert!((scaled - 0.5 / 1.5).abs() < 1e-12);
        assert!(mase(&[1.0, 1.0], &actual, &forecast, 1).is_none());
        assert!((owa(10.0, 1.0, 20.0, 1.0) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn coverage_counts_values_on_the_limits() {
        let interval = Interval { lower: vec![0.0, 0.0], upper: vec![1.0, 1.0] };
        assert!((coverage(&[1.0, 2.0], &interval) - 0.5).abs() < 1e-12);
    }
}
