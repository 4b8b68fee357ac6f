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

/// How much less restless a series must be for its seasons to be added and not multiplied.
const CLEARLY: f64 = 0.5;

/// Takes the seasons out. Those of positive values multiply (by logarithms), unless what is left
/// is far less restless when they are added: a straight line has no season in either form, but its
/// logarithms bend, and a bend is taken for one.
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
    let unstable = ForecastError::Unstable { method: METHOD };
    let added = || Adjusted::of(values, periods, false);
    let is_positive = values.iter().all(|value| *value > 0.0);
    let found = if is_positive {
        let multiplied = Adjusted::of(values, periods, true);
        let clearly = |found: &Adjusted| {
            let of = |it: &Adjusted| restlessness(&it.values);
            multiplied.as_ref().is_none_or(|other| of(found) < CLEARLY * of(other))
        };
        added().filter(clearly).or(multiplied)
    } else {
        added()
    };
    found.ok_or(unstable)
}

/// How far values are from going on as they did: the sum of their second differences.
fn restlessness(values: &[f64]) -> f64 {
    values.windows(3).map(|three| (three[2] - 2.0 * three[1] + three[0]).abs()).sum()
}

impl Adjusted {
    fn of(values: &[f64], periods: &[usize], logged: bool) -> Option<Self> {
        let scaled: Vec<f64> =
            if logged { values.iter().map(|value| value.ln()).collect() } else { values.to_vec() };
        let seasons = decompose_several(&scaled, periods)?;
        let without = |(at, value): (usize, &f64)| {
            let index: f64 = seasons.iter().map(|season| season[at]).sum();
            if logged { value / index.exp() } else { value - index }
        };
        let without = values.iter().enumerate().map(without).collect();
        let last = |(season, period): (Vec<f64>, &usize)| season[season.len() - period..].to_vec();
        let seasons = seasons.into_iter().zip(periods).map(last).collect();
        Some(Self { values: without, seasons, logged })
    }

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
    fn a_straight_line_goes_on_as_one() {
        for first in [1, 100] {
            let values: Vec<f64> = (first..first + 48).map(f64::from).collect();
            let adjusted = adjust(&values, &[12]).unwrap();
            let fitted = ets::select(adjusted.values(), 1).unwrap();
            let outcome = adjusted.restore(fitted.forecast(adjusted.values(), 3).unwrap());
            for (value, wanted) in outcome.mean.iter().zip(first + 48..) {
                assert!((value - f64::from(wanted)).abs() < 0.5, "{outcome:?}");
            }
        }
    }

    #[test]
    fn one_season_is_too_little() {
        assert!(adjust(&[1.0; 20], &[12]).is_err());
    }
}
