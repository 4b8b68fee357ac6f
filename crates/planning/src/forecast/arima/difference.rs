//! Differencing: how often, and the polynomial that undoes it.

use super::super::number::mean;
use super::super::stl::{decompose, seasonal_strength};

/// Seasons stronger than this are differenced: the limit of Hyndman's `nsdiffs`, set there on the
/// M3 competition's series.
const STRONG_SEASON: f64 = 0.64;
/// The 5 % limit of the KPSS test for a level: Kwiatkowski, Phillips, Schmidt, Shin (1992),
/// "Testing the null hypothesis of stationarity", Journal of Econometrics 54, table 1.
const KPSS_LIMIT: f64 = 0.463;

/// Differences taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Differences {
    pub(crate) plain: usize,
    pub(crate) seasonal: usize,
}

/// Chooses the differences and returns them with the differenced values.
pub(crate) fn choose(values: &[f64], period: usize) -> (Differences, Vec<f64>) {
    let mut out = values.to_vec();
    let mut taken = Differences { plain: 0, seasonal: 0 };
    let strength = decompose(values, period, 11).map_or(0.0, |parts| seasonal_strength(&parts));
    if strength > STRONG_SEASON && values.len() > 2 * period + 4 {
        out = difference(&out, period);
        taken.seasonal = 1;
    }
    let most = if taken.seasonal == 1 { 1 } else { 2 };
    while taken.plain < most && out.len() > 6 && kpss(&out) > KPSS_LIMIT {
        out = difference(&out, 1);
        taken.plain += 1;
    }
    (taken, out)
}

/// Returns the differences at a lag.
pub(crate) fn difference(values: &[f64], lag: usize) -> Vec<f64> {
    values.iter().skip(lag).zip(values).map(|(now, then)| now - then).collect()
}

/// Returns the statistic of the KPSS test for stationarity round a level, with the short
/// truncation `4 (n/100)^(1/4)`.
fn kpss(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let centre = mean(values);
    let rest: Vec<f64> = values.iter().map(|value| value - centre).collect();
    let mut total = 0.0;
    let mut squares = 0.0;
    for value in &rest {
        total += value;
        squares += total * total;
    }
    let lags = super::super::number::floor_to_usize(4.0 * (n / 100.0).powf(0.25));
    let mut long: f64 = rest.iter().map(|value| value * value).sum();
    for lag in 1..=lags {
        let weight = 1.0 - lag as f64 / (lags as f64 + 1.0);
        long += 2.0 * weight * rest.iter().zip(&rest[lag..]).map(|(a, b)| a * b).sum::<f64>();
    }
    if long > 1e-12 { squares / (n * long) } else { 0.0 }
}

impl Differences {
    /// Takes the differences.
    pub(crate) fn apply(self, values: &[f64], period: usize) -> Vec<f64> {
        let seasonal = (0..self.seasonal).fold(values.to_vec(), |out, _| difference(&out, period));
        (0..self.plain).fold(seasonal, |out, _| difference(&out, 1))
    }

    /// Returns the coefficients by which past values enter the present one: `y_t = w_t + sum c_k
    /// y_(t-k)` for the differenced values `w`.
    pub(crate) fn coefficients(self, period: usize) -> Vec<f64> {
        let mut polynomial = vec![1.0];
        let mut multiply = |lag: usize| {
            let mut next = polynomial.clone();
            next.resize(polynomial.len() + lag, 0.0);
            for (i, coefficient) in polynomial.iter().enumerate() {
                next[i + lag] -= coefficient;
            }
            polynomial = next;
        };
        (0..self.plain).for_each(|_| multiply(1));
        (0..self.seasonal).for_each(|_| multiply(period));
        polynomial[1..].iter().map(|coefficient| -coefficient).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_polynomial_undoes_the_differences() {
        let taken = Differences { plain: 1, seasonal: 1 };
        assert_eq!(taken.coefficients(4), [1.0, 0.0, 0.0, 1.0, -1.0]);
    }

    #[test]
    fn a_line_is_differenced_once_and_a_level_not_at_all() {
        let wave = |index: i32| f64::from(index * 7 % 11);
        let level: Vec<f64> = (0..60).map(wave).collect();
        assert_eq!(choose(&level, 1).0, Differences { plain: 0, seasonal: 0 });
        let line: Vec<f64> = (0..60).map(|index| 3.0 * f64::from(index) + wave(index)).collect();
        assert_eq!(choose(&line, 1).0, Differences { plain: 1, seasonal: 0 });
    }

    #[test]
    fn a_strong_season_is_differenced() {
        let values: Vec<f64> = (0..48_usize).map(|i| [5.0, 1.0, 9.0, 3.0][i % 4]).collect();
        assert_eq!(choose(&values, 4).0.seasonal, 1);
    }
}
