//! What was to be expected: a level by running medians times a season by medians of the years around.
//!
//! Medians do not move as long as less than half of what they see is damaged: Tukey (1977),
//! "Exploratory Data Analysis", chapter 7.

use crate::forecast::number::median;
use crate::forecast::series::{fill as fill_gaps, seasonal_medians};
use crate::forecast::theta;

/// Half the width of the running median of the level.
const HALF: usize = 4;

/// The logarithms of what was to be expected, and the scatter of the values round it.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) logarithms: Vec<f64>,
    /// Robust deviation of the logarithms, from the median absolute one.
    pub(super) scatter: f64,
}

/// Returns the expectation from the trusted values (all positive), `None` elsewhere.
pub(super) fn expect(trusted: &[Option<f64>], period: usize) -> Expected {
    let logged: Vec<Option<f64>> = trusted.iter().map(|value| value.map(f64::ln)).collect();
    let n = logged.len();
    let mut season = vec![0.0; n];
    let mut level = running_median(&logged, (period / 2).max(HALF));
    if period > 1 && n >= 2 * period {
        for _ in 0..2 {
            let distances: Vec<Option<f64>> =
                (0..n).map(|at| logged[at].map(|value| value - level[at])).collect();
            season = seasonal_medians(&distances, period);
            let adjusted: Vec<Option<f64>> =
                (0..n).map(|at| logged[at].map(|value| value - season[at])).collect();
            level = running_median(&adjusted, HALF);
        }
    }
    let logarithms: Vec<f64> = (0..n).map(|at| level[at] + season[at]).collect();
    let mut distances: Vec<f64> =
        (0..n).filter_map(|at| logged[at].map(|value| (value - logarithms[at]).abs())).collect();
    // 1.4826 makes the median absolute deviation that of a normal distribution.
    let scatter = (1.482_6 * median(&mut distances)).max(0.02);
    Expected { logarithms, scatter }
}

/// Returns the median of the known values within `half` positions, the nearest ones at the ends.
fn running_median(values: &[Option<f64>], half: usize) -> Vec<f64> {
    let n = values.len();
    let at = |index: usize| {
        let mut reach = half;
        loop {
            let low = index.saturating_sub(reach);
            let high = (index + reach + 1).min(n);
            let mut near: Vec<f64> = values[low..high].iter().flatten().copied().collect();
            if near.len() > half.min(3) || (low == 0 && high == n) {
                return median(&mut near);
            }
            reach += half.max(1);
        }
    };
    (0..n).map(at).collect()
}

/// Fills what is not known from neighbours and season; on logarithms where all are positive.
pub(super) fn fill(known: &[Option<f64>], period: usize) -> Vec<f64> {
    let positive = known.iter().flatten().all(|value| *value > 0.0);
    if !positive {
        return fill_gaps(known, period).0;
    }
    let logged: Vec<Option<f64>> = known.iter().map(|value| value.map(f64::ln)).collect();
    let filled = fill_gaps(&logged, period).0;
    // Trend and season together may point beyond all that was seen, but not far.
    let highest = known.iter().flatten().copied().fold(0.0, f64::max);
    let most = (1.5 * highest).min(f64::MAX);
    let back =
        |(value, filled): (&Option<f64>, f64)| value.unwrap_or_else(|| filled.exp().min(most));
    let mut out: Vec<f64> = known.iter().zip(filled).map(back).collect();
    if let Some(path) = carried_on(known, &out, period) {
        let from = out.len() - path.len();
        out[from..].iter_mut().zip(path).for_each(|(value, ahead)| *value = ahead.min(most));
    }
    out
}

/// Returns what stands in a gap at the end by the theta model: there is no neighbour to draw a line
/// to, and a level one leaves the trend out.
fn carried_on(known: &[Option<f64>], filled: &[f64], period: usize) -> Option<Vec<f64>> {
    let end = known.iter().rposition(Option::is_some)? + 1;
    let gap = known.len() - end;
    if gap == 0 || gap > period || end < 2 * period.max(4) {
        return None;
    }
    let path = theta::dynamic_optimised(&filled[..end], period, gap).ok()?.mean;
    path.iter().all(|value| value.is_finite() && *value > 0.0).then_some(path)
}
