//! Seasons taken out by STL, the rest forecast by exponential smoothing without season, the last
//! seasons put back: the way of MSTL, and of `stlf` for long periods.
//!
//! Bandara, Hyndman, Bergmeir (2021), "MSTL: A seasonal-trend decomposition algorithm for time
//! series with multiple seasonal patterns", arXiv 2107.13462.

use super::error::ForecastError;
use super::outlook::Outcome;
use super::stl::decompose_several;

const METHOD: &str = "MSTL";

/// A series without its seasons, and how to put them back.
#[derive(Debug, Clone)]
pub(crate) struct Adjusted {
    values: Vec<f64>,
    /// The last round of each season.
    seasons: Vec<Vec<f64>>,
    logged: bool,
}

/// Takes the seasons out; positive values as logarithms, so that seasons multiply.
///
/// # Errors
/// With less than two of the longest season.
pub(crate) fn adjust(values: &[f64], periods: &[usize]) -> Result<Adjusted, ForecastError> {
    let n = values.len();
    let longest = periods.iter().copied().max().unwrap_or(1);
    let least = 2 * longest.max(2);
    if longest < 2 || n < least {
        return Err(ForecastError::TooShort { method: METHOD, length: n, least });
    }
    let logged = values.iter().all(|value| *value > 0.0);
    let scaled: Vec<f64> =
        if logged { values.iter().map(|value| value.ln()).collect() } else { values.to_vec() };
    let unstable = ForecastError::Unstable { method: METHOD };
    let seasons = decompose_several(&scaled, periods).ok_or(unstable)?;
    let without = |at: usize| {
        let index: f64 = seasons.iter().map(|season| season[at]).sum();
        if logged { values[at] / index.exp() } else { values[at] - index }
    };
    let values = (0..n).map(without).collect();
    let last = |(season, period): (Vec<f64>, &usize)| season[n - period..].to_vec();
    let seasons = seasons.into_iter().zip(periods).map(last).collect();
    Ok(Adjusted { values, seasons, logged })
}

impl Adjusted {
    /// Returns the values without seasons.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Puts the last seasons on the forecast of the values without them.
    pub(crate) fn restore(&self, mut outcome: Outcome) -> Outcome {
        for step in 0..outcome.mean.len() {
            let index: f64 = self.seasons.iter().map(|season| season[step % season.len()]).sum();
            if self.logged {
                outcome.mean[step] *= index.exp();
                outcome.deviation[step] *= index.exp();
            } else {
                outcome.mean[step] += index;
            }
        }
        outcome.label = format!("MSTL+{}", outcome.label);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::super::ets;
    use super::*;

    #[test]
    fn a_long_season_is_carried_on() {
        let at = |i: usize| (10.0 + 0.01 * i as f64) * (1.0 + 0.3 * ((i % 52) as f64 / 52.0));
        let values: Vec<f64> = (0..208).map(at).collect();
        let adjusted = adjust(&values, &[52]).unwrap();
        let fitted = ets::select(adjusted.values(), 1).unwrap();
        let outcome = adjusted.restore(fitted.forecast(adjusted.values(), 10).unwrap());
        for (step, value) in outcome.mean.iter().enumerate() {
            assert!((value / at(208 + step) - 1.0).abs() < 0.03, "{outcome:?}");
        }
    }

    #[test]
    fn one_season_is_too_little() {
        assert!(adjust(&[1.0; 20], &[12]).is_err());
    }
}
