//! Seasons taken out by STL, the rest forecast by exponential smoothing without season, the last
//! seasons put back: the way of MSTL, and of `stlf` for long periods.
//!
//! Bandara, Hyndman, Bergmeir (2021), "MSTL: A seasonal-trend decomposition algorithm for time
//! series with multiple seasonal patterns", arXiv 2107.13462.

use super::error::ForecastError;
use super::ets;
use super::outlook::Outcome;
use super::stl::{Robustness, decompose_several};

const METHOD: &str = "MSTL";

/// Forecasts; positive values as logarithms, so that seasons multiply.
///
/// # Errors
/// With less than two seasons.
pub(crate) fn forecast(
    values: &[f64],
    periods: &[usize],
    horizon: usize,
) -> Result<Outcome, ForecastError> {
    let longest = periods.iter().copied().max().unwrap_or(1);
    let least = 2 * longest.max(2);
    if longest < 2 || values.len() < least {
        return Err(ForecastError::TooShort { method: METHOD, length: values.len(), least });
    }
    let logged = values.iter().all(|value| *value > 0.0);
    let scaled: Vec<f64> =
        if logged { values.iter().map(|value| value.ln()).collect() } else { values.to_vec() };
    let unstable = ForecastError::Unstable { method: METHOD };
    let (seasons, _) = decompose_several(&scaled, periods, Robustness::Plain).ok_or(unstable)?;
    let season_at = |at: usize| seasons.iter().map(|season| season[at]).sum::<f64>();
    let adjusted: Vec<f64> = (0..values.len())
        .map(
            |at| if logged { values[at] / season_at(at).exp() } else { values[at] - season_at(at) },
        )
        .collect();
    let mut outcome = ets::select(&adjusted, 1)?.forecast(&adjusted, horizon);
    let n = values.len();
    for step in 0..horizon {
        let last = |(season, period): (&Vec<f64>, &usize)| season[n - period + step % period];
        let index: f64 = seasons.iter().zip(periods).map(last).sum();
        if logged {
            outcome.mean[step] *= index.exp();
            outcome.deviation[step] *= index.exp();
        } else {
            outcome.mean[step] += index;
        }
    }
    outcome.label = format!("MSTL+{}", outcome.label);
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_season_is_carried_on() {
        let at = |i: usize| (10.0 + 0.01 * i as f64) * (1.0 + 0.3 * ((i % 52) as f64 / 52.0));
        let values: Vec<f64> = (0..208).map(at).collect();
        let outcome = forecast(&values, &[52], 10).unwrap();
        for (step, value) in outcome.mean.iter().enumerate() {
            assert!((value / at(208 + step) - 1.0).abs() < 0.03, "{outcome:?}");
        }
    }

    #[test]
    fn one_season_is_too_little() {
        assert!(forecast(&[1.0; 20], &[12], 3).is_err());
    }
}
