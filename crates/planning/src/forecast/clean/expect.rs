//! What was to be expected: a level by running medians times a season by medians of the years around.
//!
//! Medians do not move as long as less than half of what they see is damaged: Tukey (1977),
//! "Exploratory Data Analysis", chapter 7.

use crate::forecast::number::{mean, median};
use crate::forecast::series::{Place, fill as fill_gaps, interpolated, seasonal_places};
use crate::forecast::theta;

/// Half the width of the running median of the level.
const HALF: usize = 4;
/// More known values than this make a running median.
const LEAST_NEAR: usize = 5;
/// Shares of the line between neighbours that are tried in a gap.
const SHARES: [f64; 3] = [1.0, 0.5, 0.0];

/// The logarithms of what was to be expected, and the scatter of the values round it.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) logarithms: Vec<f64>,
    /// The part of the season in them.
    pub(super) season: Vec<f64>,
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
            season = seasons(&distances, period);
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
    Expected { logarithms, season, scatter }
}

/// Returns the season's part of each position.
///
/// What a single value tells of its place may be damage as well as season: it goes no further than
/// what several values tell of other places.
fn seasons(distances: &[Option<f64>], period: usize) -> Vec<f64> {
    let places = seasonal_places(distances, period);
    let sure = places.iter().filter(|place| place.seasons > 1).map(|place| place.median);
    let (low, high) =
        sure.fold((0.0_f64, 0.0_f64), |(low, high), index| (low.min(index), high.max(index)));
    let told = |place: &Place| match place.seasons {
        1 => place.median.clamp(low, high),
        _ => place.median,
    };
    places.iter().map(told).collect()
}

/// Returns the median of the known values within `half` positions, or as many nearest ones where
/// fewer are known.
fn running_median(values: &[Option<f64>], half: usize) -> Vec<f64> {
    let known: Vec<usize> = (0..values.len()).filter(|at| values[*at].is_some()).collect();
    let at = |index: usize| {
        let mut low = known.partition_point(|at| *at < index.saturating_sub(half));
        let mut high = known.partition_point(|at| *at <= index + half);
        while high - low <= LEAST_NEAR && (low > 0 || high < known.len()) {
            // Of those on both sides the nearer one, and both where they are as near.
            let left = low.checked_sub(1).map_or(usize::MAX, |place| index - known[place]);
            let right = known.get(high).map_or(usize::MAX, |at| at - index);
            let near = left.min(right);
            low -= usize::from(left == near);
            high += usize::from(right == near);
        }
        let mut near: Vec<f64> = known[low..high].iter().filter_map(|at| values[*at]).collect();
        median(&mut near)
    };
    (0..values.len()).map(at).collect()
}

/// Fills what is not known from neighbours and season; on logarithms where all are positive.
pub(super) fn fill(known: &[Option<f64>], period: usize) -> Vec<f64> {
    let positive = known.iter().flatten().all(|value| *value > 0.0);
    if !positive {
        return fill_gaps(known, period).0;
    }
    let season = expect(known, period).season;
    let adjusted: Vec<Option<f64>> =
        known.iter().zip(&season).map(|(value, index)| value.map(|v| v.ln() - index)).collect();
    let filled = between(&adjusted);
    // Trend and season together may point beyond all that was seen, but not far.
    let highest = known.iter().flatten().copied().fold(0.0, f64::max);
    let most = (1.5 * highest).min(f64::MAX);
    let back = |at: usize| known[at].unwrap_or_else(|| (filled[at] + season[at]).exp().min(most));
    let mut out: Vec<f64> = (0..known.len()).map(back).collect();
    if let Some(path) = carried_on(known, &out, period) {
        let from = out.len() - path.len();
        out[from..].iter_mut().zip(path).for_each(|(value, ahead)| *value = ahead.min(most));
    }
    out
}

/// Fills gaps between the line of the neighbours and the running median, by the share of the line
/// that would have told known values best.
fn between(values: &[Option<f64>]) -> Vec<f64> {
    let lines = interpolated(values);
    let level = running_median(values, HALF);
    let error = |share: f64| {
        let one = |at: usize| {
            let (before, now, after) = (values[at - 1]?, values[at]?, values[at + 1]?);
            let told = share * f64::midpoint(before, after) + (1.0 - share) * level[at];
            Some((now - told).abs())
        };
        mean(&(1..values.len().saturating_sub(1)).filter_map(one).collect::<Vec<_>>())
    };
    let least = SHARES.into_iter().min_by(|a, b| error(*a).total_cmp(&error(*b)));
    let share = least.unwrap_or(1.0);
    let one = |at: usize| values[at].unwrap_or(share * lines[at] + (1.0 - share) * level[at]);
    (0..values.len()).map(one).collect()
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
