//! Decomposition into trend, season and rest by local regression (STL), and several seasons by
//! turns (MSTL).
//!
//! Cleveland, Cleveland, McRae, Terpenning (1990), "STL: A seasonal-trend decomposition procedure
//! based on loess", Journal of Official Statistics 6, section 2; robustness weights of section
//! 2.4. Bandara, Hyndman, Bergmeir (2021), "MSTL", arXiv 2107.13462, for the windows.

use super::number::median;

/// A series taken apart: what it has beside these two is its trend.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) season: Vec<f64>,
    pub(crate) rest: Vec<f64>,
}

/// Whether wild values are weighted down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Robustness {
    /// Every value counts the same.
    Plain,
    /// Values far from the fit count less, in a few further rounds.
    Robust,
}

/// Rounds of the inner loop, and outer rounds of a robust decomposition.
const INNER: usize = 2;
const OUTER: usize = 5;

/// Takes a series apart; `seasonal_window` is the width of the season's smoother, in seasons.
///
/// `None` for a period below 2 or less than two seasons.
pub(crate) fn decompose(
    values: &[f64],
    period: usize,
    seasonal_window: usize,
    robustness: Robustness,
) -> Option<Parts> {
    let n = values.len();
    if period < 2 || n < 2 * period {
        return None;
    }
    let season_width = seasonal_window | 1;
    let trend_width = trend_window(period, season_width);
    let low_width = period | 1;
    let mut weights = vec![1.0; n];
    let mut trend = vec![0.0; n];
    let mut season = vec![0.0; n];
    let rounds = if robustness == Robustness::Robust { OUTER } else { 1 };
    for round in 0..rounds {
        for _ in 0..INNER {
            let detrended: Vec<f64> = values.iter().zip(&trend).map(|(v, t)| v - t).collect();
            let cycles = smooth_cycles(&detrended, period, season_width, &weights);
            let low = low_pass(&cycles, period, low_width);
            for i in 0..n {
                season[i] = cycles[i + period] - low[i];
            }
            let adjusted: Vec<f64> = values.iter().zip(&season).map(|(v, s)| v - s).collect();
            trend = loess(&adjusted, trend_width, &weights);
        }
        if round + 1 < rounds {
            weights = robust_weights(values, &trend, &season);
        }
    }
    let rest = (0..n).map(|i| values[i] - trend[i] - season[i]).collect();
    Some(Parts { season, rest })
}

/// Takes several seasons out by turns, shortest first; returns one season for each period.
pub(crate) fn decompose_several(
    values: &[f64],
    periods: &[usize],
    robustness: Robustness,
) -> Option<Vec<Vec<f64>>> {
    let mut seasons = vec![vec![0.0; values.len()]; periods.len()];
    let mut adjusted = values.to_vec();
    let rounds = if periods.len() == 1 { 1 } else { 2 };
    for _ in 0..rounds {
        for (order, period) in periods.iter().enumerate() {
            for i in 0..values.len() {
                adjusted[i] += seasons[order][i];
            }
            let found = decompose(&adjusted, *period, 11 + 4 * order, robustness)?;
            for i in 0..values.len() {
                adjusted[i] -= found.season[i];
            }
            seasons[order].clone_from(&found.season);
        }
    }
    Some(seasons)
}

/// Returns how strong the season is, 0 to 1: `1 - Var(rest) / Var(season + rest)`.
///
/// Wang, Smith, Hyndman (2006), "Characteristic-based clustering for time series data".
pub(crate) fn seasonal_strength(parts: &Parts) -> f64 {
    let both: Vec<f64> = parts.season.iter().zip(&parts.rest).map(|(s, r)| s + r).collect();
    let spread = |values: &[f64]| {
        let centre = super::number::mean(values);
        values.iter().map(|value| (value - centre).powi(2)).sum::<f64>()
    };
    let total = spread(&both);
    if total > 0.0 { (1.0 - spread(&parts.rest) / total).max(0.0) } else { 0.0 }
}

/// Returns the smallest odd width that the paper allows for the trend (section 3.4).
fn trend_window(period: usize, season_width: usize) -> usize {
    let width = 1.5 * period as f64 / (1.0 - 1.5 / season_width as f64);
    super::number::floor_to_usize(width.ceil()) | 1
}

/// Smooths each place in the season over the years, one season further at both ends.
fn smooth_cycles(values: &[f64], period: usize, width: usize, weights: &[f64]) -> Vec<f64> {
    let n = values.len();
    let mut out = vec![0.0; n + 2 * period];
    for place in 0..period {
        let cycle: Vec<f64> = values.iter().skip(place).step_by(period).copied().collect();
        let weight: Vec<f64> = weights.iter().skip(place).step_by(period).copied().collect();
        let count = cycle.len();
        for (step, value) in loess(&cycle, width, &weight).into_iter().enumerate() {
            out[place + (step + 1) * period] = value;
        }
        out[place] = loess_at(&cycle, &weight, width, 0, -1.0);
        out[place + (count + 1) * period] =
            loess_at(&cycle, &weight, width, count - 1, count as f64);
    }
    out
}

/// Takes the slow movement out of the smoothed cycles: three moving averages and a loess.
fn low_pass(cycles: &[f64], period: usize, width: usize) -> Vec<f64> {
    let once = running_mean(cycles, period);
    let twice = running_mean(&once, period);
    let thrice = running_mean(&twice, 3);
    let weights = vec![1.0; thrice.len()];
    loess(&thrice, width, &weights)
}

fn running_mean(values: &[f64], width: usize) -> Vec<f64> {
    let share = 1.0 / width as f64;
    let mut sum: f64 = values[..width].iter().sum();
    let mut out = Vec::with_capacity(values.len() + 1 - width);
    out.push(sum * share);
    for i in width..values.len() {
        sum += values[i] - values[i - width];
        out.push(sum * share);
    }
    out
}

/// Smooths at every position.
///
/// Where the window is whole and all weights are 1, the line through it is a fixed weighted mean.
pub(crate) fn loess(values: &[f64], width: usize, weights: &[f64]) -> Vec<f64> {
    let n = values.len();
    let half = width / 2;
    let plain = weights.iter().all(|weight| *weight >= 1.0);
    if !plain || n < width {
        return (0..n).map(|i| loess_at(values, weights, width, i, i as f64)).collect();
    }
    let tricube = |i: usize| {
        let share = i.abs_diff(half) as f64 / half.max(1) as f64;
        if share >= 0.999 { 0.0 } else { (1.0 - share * share * share).powi(3) }
    };
    let kernel: Vec<f64> = (0..width).map(tricube).collect();
    let total: f64 = kernel.iter().sum();
    let smooth = |i: usize| {
        if i < half || i + half >= n {
            return loess_at(values, weights, width, i, i as f64);
        }
        let window = &values[i - half..=i + half];
        window.iter().zip(&kernel).map(|(value, weight)| value * weight).sum::<f64>() / total
    };
    (0..n).map(smooth).collect()
}

/// Fits a line round `near` with tricube weights and reads it at `at`.
fn loess_at(values: &[f64], weights: &[f64], width: usize, near: usize, at: f64) -> f64 {
    let n = values.len();
    let span = width.min(n);
    let low = near.saturating_sub(span / 2).min(n - span);
    let high = low + span - 1;
    let mut reach = (at - low as f64).abs().max((high as f64 - at).abs());
    if width > n {
        reach += ((width - n) / 2) as f64;
    }
    let (mut total, mut first, mut second, mut value, mut cross) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for i in low..=high {
        let offset = i as f64 - at;
        let share = offset.abs() / reach.max(1e-12);
        if share >= 0.999 {
            continue;
        }
        let cube = 1.0 - share * share * share;
        let weight = cube * cube * cube * weights[i];
        total += weight;
        first += weight * offset;
        second += weight * offset * offset;
        value += weight * values[i];
        cross += weight * offset * values[i];
    }
    if total <= 1e-12 {
        return values[near];
    }
    let determinant = total * second - first * first;
    if determinant <= 1e-9 * total * second {
        value / total
    } else {
        (value * second - cross * first) / determinant
    }
}

/// Returns bisquare weights from the sizes of the rest.
fn robust_weights(values: &[f64], trend: &[f64], season: &[f64]) -> Vec<f64> {
    let rest: Vec<f64> =
        (0..values.len()).map(|i| (values[i] - trend[i] - season[i]).abs()).collect();
    let limit = 6.0 * median(&mut rest.clone());
    let weight = |size: &f64| {
        if limit <= 0.0 {
            return 1.0;
        }
        let share = size / limit;
        if share >= 1.0 { 0.0 } else { (1.0 - share * share).powi(2) }
    };
    rest.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seasonal() -> Vec<f64> {
        let season = [2.0, -1.0, 0.5, -1.5];
        (0..40).map(|i| 10.0 + 0.2 * i as f64 + season[i % 4]).collect()
    }

    #[test]
    fn a_line_with_a_season_is_taken_apart_exactly() {
        let parts = decompose(&seasonal(), 4, 11, Robustness::Plain).unwrap();
        for i in 0..40 {
            assert!(parts.rest[i].abs() < 1e-6, "{i} {}", parts.rest[i]);
            assert!((parts.season[i] - [2.125, -0.875, 0.625, -1.375][i % 4]).abs() < 0.2);
        }
        assert!(seasonal_strength(&parts) > 0.99);
    }

    #[test]
    fn a_wild_value_stays_in_the_rest_when_robust() {
        let mut values = seasonal();
        values[21] += 50.0;
        let parts = decompose(&values, 4, 11, Robustness::Robust).unwrap();
        assert!((parts.rest[21] - 50.0).abs() < 1.0, "{}", parts.rest[21]);
    }

    #[test]
    fn two_seasons_are_told_apart() {
        let values: Vec<f64> = (0..112_usize)
            .map(|i| {
                10.0 + if i % 4 == 0 { 2.0 } else { 0.0 } + if i % 14 == 3 { 5.0 } else { 0.0 }
            })
            .collect();
        let seasons = decompose_several(&values, &[4, 14], Robustness::Plain).unwrap();
        assert!(seasons[0][56] - seasons[0][57] > 1.0, "{:?}", &seasons[0][56..60]);
        assert!(seasons[1][59] - seasons[1][58] > 4.0, "{:?}", &seasons[1][56..60]);
    }
}
