//! Decomposition into trend, season and rest by local regression (STL), and several seasons by
//! turns (MSTL).
//!
//! Cleveland, Cleveland, McRae, Terpenning (1990), "STL: A seasonal-trend decomposition procedure
//! based on loess", Journal of Official Statistics 6, section 2, without the robustness weights of
//! its section 2.4: damage is `clean`'s work. Bandara, Hyndman, Bergmeir (2021), "MSTL", arXiv
//! 2107.13462, for the windows.

use super::number::dot;

/// A series taken apart: what it has beside these two is its trend.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) season: Vec<f64>,
    pub(crate) rest: Vec<f64>,
}

/// Rounds of the inner loop.
const INNER: usize = 2;

/// Takes a series apart; `seasonal_window` is the width of the season's smoother, in seasons.
///
/// `None` for a period below 2 or less than two seasons.
pub(crate) fn decompose(values: &[f64], period: usize, seasonal_window: usize) -> Option<Parts> {
    let n = values.len();
    if period < 2 || n < 2 * period {
        return None;
    }
    let season_width = seasonal_window | 1;
    // Places in the season come this often, or once more.
    let places = [n / period, n / period + 1].map(|count| Loess::new(count, season_width));
    let level = Loess::new(n, trend_window(period, season_width));
    // Three moving averages take one period off each end, and two values.
    let low = Loess::new(n, period | 1);
    let mut trend = vec![0.0; n];
    let mut season = vec![0.0; n];
    for _ in 0..INNER {
        let detrended: Vec<f64> = values.iter().zip(&trend).map(|(v, t)| v - t).collect();
        let cycles = smooth_cycles(&detrended, period, &places);
        let slow = low_pass(&cycles, period, &low);
        for i in 0..n {
            season[i] = cycles[i + period] - slow[i];
        }
        let adjusted: Vec<f64> = values.iter().zip(&season).map(|(v, s)| v - s).collect();
        trend = level.smooth(&adjusted);
    }
    let rest = (0..n).map(|i| values[i] - trend[i] - season[i]).collect();
    Some(Parts { season, rest })
}

/// Takes several seasons out by turns, shortest first; returns one season for each period.
pub(crate) fn decompose_several(values: &[f64], periods: &[usize]) -> Option<Vec<Vec<f64>>> {
    let mut seasons = vec![vec![0.0; values.len()]; periods.len()];
    let mut adjusted = values.to_vec();
    let rounds = if periods.len() == 1 { 1 } else { 2 };
    for _ in 0..rounds {
        for (order, period) in periods.iter().enumerate() {
            for i in 0..values.len() {
                adjusted[i] += seasons[order][i];
            }
            let found = decompose(&adjusted, *period, 11 + 4 * order)?;
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
fn smooth_cycles(values: &[f64], period: usize, places: &[Loess; 2]) -> Vec<f64> {
    let mut out = vec![0.0; values.len() + 2 * period];
    for place in 0..period {
        let cycle: Vec<f64> = values.iter().skip(place).step_by(period).copied().collect();
        let loess = if cycle.len() == places[0].count { &places[0] } else { &places[1] };
        let (before, after) = loess.beyond(&cycle);
        let smoothed = loess.smooth(&cycle);
        let all = std::iter::once(before).chain(smoothed).chain(std::iter::once(after));
        out.iter_mut().skip(place).step_by(period).zip(all).for_each(|(out, value)| *out = value);
    }
    out
}

/// Takes the slow movement out of the smoothed cycles: three moving averages and a loess.
fn low_pass(cycles: &[f64], period: usize, loess: &Loess) -> Vec<f64> {
    let once = running_mean(cycles, period);
    let twice = running_mean(&once, period);
    loess.smooth(&running_mean(&twice, 3))
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

/// A local regression of lines with tricube weights over a known count of values.
///
/// It is linear in the values: a fixed mean inside, and near the ends a mean for each position, the
/// same at both ends but for the direction.
struct Loess {
    count: usize,
    /// Values that a position looks at.
    span: usize,
    /// The weights inside; empty where no position has a whole window.
    inside: Vec<f64>,
    /// The weights of the first values for each position near the first end.
    near_end: Vec<Vec<f64>>,
    /// The same one step before the first position.
    before: Vec<f64>,
}

impl Loess {
    fn new(count: usize, width: usize) -> Self {
        let span = width.min(count);
        let half = width / 2;
        let (ends, inside) = if count < width {
            (count.div_ceil(2), Vec::new())
        } else {
            (half, weights(count, width, half, half as f64))
        };
        let near_end = (0..ends).map(|i| weights(count, width, i, i as f64)).collect();
        Self { count, span, inside, near_end, before: weights(count, width, 0, -1.0) }
    }

    /// Smooths at every position.
    fn smooth(&self, values: &[f64]) -> Vec<f64> {
        let n = self.count;
        let ends = self.near_end.len();
        let first = self.near_end.iter().map(|row| dot(row, &values[..self.span]));
        let middle = values.windows(self.span.max(1)).map(|window| dot(&self.inside, window));
        let middle = middle.take(if self.inside.is_empty() { 0 } else { n - 2 * ends });
        let left = if self.inside.is_empty() { n - ends } else { ends };
        let last = (0..left).rev().map(|i| self.mirrored(&self.near_end[i], values));
        first.chain(middle).chain(last).collect()
    }

    /// Returns the lines' values one step before the first position and after the last one.
    fn beyond(&self, values: &[f64]) -> (f64, f64) {
        (dot(&self.before, &values[..self.span]), self.mirrored(&self.before, values))
    }

    /// Returns what weights of the first end give at the last one.
    fn mirrored(&self, row: &[f64], values: &[f64]) -> f64 {
        values.iter().rev().zip(row).map(|(value, weight)| value * weight).sum()
    }
}

/// Returns how the line round `near`, read at `at`, weighs the values that it looks at.
fn weights(n: usize, width: usize, near: usize, at: f64) -> Vec<f64> {
    let span = width.min(n);
    let low = near.saturating_sub(span / 2).min(n - span);
    let high = low + span - 1;
    let mut reach = (at - low as f64).abs().max((high as f64 - at).abs());
    if width > n {
        reach += ((width - n) / 2) as f64;
    }
    let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
    let offset = |i: usize| (low + i) as f64 - at;
    let mut out = Vec::with_capacity(span);
    for i in 0..span {
        let share = offset(i).abs() / reach.max(1e-12);
        let cube = 1.0 - share * share * share;
        let weight = if share >= 0.999 { 0.0 } else { cube * cube * cube };
        total += weight;
        first += weight * offset(i);
        second += weight * offset(i) * offset(i);
        out.push(weight);
    }
    if total <= 1e-12 {
        out.fill(0.0);
        out[near - low] = 1.0;
        return out;
    }
    let determinant = total * second - first * first;
    for (i, weight) in out.iter_mut().enumerate() {
        *weight *= if determinant <= 1e-9 * total * second {
            1.0 / total
        } else {
            (second - offset(i) * first) / determinant
        };
    }
    out
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
        let parts = decompose(&seasonal(), 4, 11).unwrap();
        for i in 0..40 {
            assert!(parts.rest[i].abs() < 1e-6, "{i} {}", parts.rest[i]);
            assert!((parts.season[i] - [2.125, -0.875, 0.625, -1.375][i % 4]).abs() < 0.2);
        }
        assert!(seasonal_strength(&parts) > 0.99);
    }

    #[test]
    fn a_line_is_its_own_loess_at_every_position() {
        for (count, width) in [(3, 11), (10, 11), (11, 11), (30, 11), (31, 5)] {
            let at = |i: f64| 3.0 - 0.25 * i;
            let line: Vec<f64> = (0..count).map(|i| at(i as f64)).collect();
            let loess = Loess::new(count, width);
            let smoothed = loess.smooth(&line);
            assert_eq!(smoothed.len(), count);
            for (i, value) in smoothed.iter().enumerate() {
                assert!((value - at(i as f64)).abs() < 1e-9, "{count} {width}: {smoothed:?}");
            }
            let (before, after) = loess.beyond(&line);
            assert!((before - at(-1.0)).abs() < 1e-9 && (after - at(count as f64)).abs() < 1e-9);
        }
    }

    #[test]
    fn two_seasons_are_told_apart() {
        let values: Vec<f64> = (0..112_usize)
            .map(|i| {
                10.0 + if i % 4 == 0 { 2.0 } else { 0.0 } + if i % 14 == 3 { 5.0 } else { 0.0 }
            })
            .collect();
        let seasons = decompose_several(&values, &[4, 14]).unwrap();
        assert!(seasons[0][56] - seasons[0][57] > 1.0, "{:?}", &seasons[0][56..60]);
        assert!(seasons[1][59] - seasons[1][58] > 4.0, "{:?}", &seasons[1][56..60]);
    }
}
