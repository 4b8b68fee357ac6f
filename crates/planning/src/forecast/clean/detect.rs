//! Finds damage by the ratio of a value to what was to be expected.

use super::expect::{Expected, expect};
use super::{Damage, LastPeriod};
use crate::forecast::number::{median, quantile};

/// Known positive values needed to tell damage from life.
const LEAST: usize = 6;
/// A value is suspicious this many deviations from what was to be expected.
const FAR: f64 = 4.0;
/// Larger shares of zeros are the nature of the series, where other values are near zero too.
const MOST_ZEROS: f64 = 0.2;
/// Larger shares are its nature in any case.
const MOST_ZEROS_EVER: f64 = 0.4;
/// Periods in a row that make an outage, at least and at most.
const OUTAGE: (usize, usize) = (3, 6);

/// Returns the positions that are damaged, and how.
pub(super) fn detect(
    values: &[Option<f64>],
    period: usize,
    last: LastPeriod,
) -> Vec<(usize, Damage)> {
    let missing = values.iter().enumerate().filter(|(_, value)| value.is_none());
    let mut found: Vec<(usize, Damage)> = missing.map(|(at, _)| (at, Damage::Missing)).collect();
    let known = values.iter().flatten();
    let negative = known.clone().any(|value| *value < 0.0);
    let positive = known.clone().filter(|value| **value > 0.0).count();
    let zeros = known.count() - positive;
    let share = zeros as f64 / (zeros + positive).max(1) as f64;
    let rare_zeros = share <= MOST_ZEROS || (share <= MOST_ZEROS_EVER && far_from_zero(values));
    let end = values.len().saturating_sub(1);
    if negative || positive < LEAST || !rare_zeros {
        if last == LastPeriod::Open && values.last().is_some_and(Option::is_some) && positive > 1 {
            found.push((end, Damage::OpenPeriod));
        }
        return found;
    }
    let mut trusted: Vec<Option<f64>> =
        values.iter().map(|value| value.filter(|value| *value > 0.0)).collect();
    if last == LastPeriod::Open {
        trusted[end] = None;
    }
    // Twice: what the first round found does not blur the second one's expectation.
    let first = strange(values, &trusted, &expect(&trusted, period), period, last);
    for (at, _) in &first {
        trusted[*at] = None;
    }
    let expected = expect(&trusted, period);
    found.extend(strange(values, &trusted, &expected, period, last));
    found
}

/// Returns whether nearly all positive values are above a fifth of their median.
fn far_from_zero(values: &[Option<f64>]) -> bool {
    let mut positive: Vec<f64> = values.iter().flatten().copied().filter(|v| *v > 0.0).collect();
    quantile(&mut positive, 0.05) > 0.2 * median(&mut positive)
}

/// Names what is strange against the expectation.
fn strange(
    values: &[Option<f64>],
    trusted: &[Option<f64>],
    expected: &Expected,
    period: usize,
    last: LastPeriod,
) -> Vec<(usize, Damage)> {
    let n = values.len();
    let far = FAR * expected.scatter;
    let ratio = |at: usize| {
        values[at].map(|value| {
            if value > 0.0 { value.ln() - expected.logarithms[at] } else { f64::NEG_INFINITY }
        })
    };
    // A place in the season that is as high a year before or after belongs to the season.
    let recurs = |at: usize, found: f64| {
        let years = [at.checked_sub(period), Some(at + period).filter(|next| *next < n)];
        years.into_iter().flatten().filter_map(ratio).any(|other| other > 0.5 * found)
    };
    let name = |at: usize| {
        let found = ratio(at)?;
        let damage = single(found, far, expected.scatter)?;
        let unsure = period > 1 && (n < 2 * period || recurs(at, found));
        (damage != Damage::Doubled || !unsure).then_some(damage)
    };
    let mut named: Vec<Option<Damage>> = (0..n).map(name).collect();
    mark_outages(&mut named, &ratio, far);
    let end = n - 1;
    let limit = if n < 2 * period { OPEN_WITHOUT_SEASON } else { OPEN };
    let low_end = ratio(end).is_some_and(|ratio| ratio < -(0.75 * far).max(limit))
        && falls_at_the_end(values, trusted, expected);
    let open = match last {
        LastPeriod::Closed => false,
        LastPeriod::Open => trusted[end].is_some() || values[end].is_some(),
        LastPeriod::Unknown => low_end,
    };
    if open {
        named[end] = Some(Damage::OpenPeriod);
    }
    let pairs = named.into_iter().enumerate();
    pairs.filter_map(|(at, damage)| damage.map(|damage| (at, damage))).collect()
}

/// Returns whether the last value falls from those before it as none of late did: what is low
/// because the series goes down, or jumps often, is not an open period.
fn falls_at_the_end(values: &[Option<f64>], trusted: &[Option<f64>], expected: &Expected) -> bool {
    let plain = |at: usize| trusted[at].map(|value| value.ln() - expected.season[at]);
    let fall = |at: usize, now: Option<f64>| {
        let mut near: Vec<f64> = (0..at).rev().filter_map(plain).take(PERIODS_BEFORE).collect();
        if near.is_empty() { None } else { Some(median(&mut near) - now?) }
    };
    let end = values.len() - 1;
    let last = values[end].filter(|value| *value > 0.0);
    let Some(last) = fall(end, last.map(|value| value.ln() - expected.season[end])) else {
        return true;
    };
    let falls = (0..end).rev().filter_map(|at| fall(at, plain(at)));
    let mut usual: Vec<f64> = falls.map(f64::abs).take(FALLS_BEFORE).collect();
    let goes_on = end.checked_sub(1).and_then(|at| fall(at, plain(at)));
    last > FALL * 1.482_6 * median(&mut usual) && goes_on.is_none_or(|before| last > 2.0 * before)
}

/// Periods whose median stands before a fall, falls that it is compared with, and how many of
/// their deviations it is.
const PERIODS_BEFORE: usize = 3;
const FALLS_BEFORE: usize = 36;
const FALL: f64 = 2.0;

/// An open period is at least this far below, as a logarithm: a fifth of it is still to come.
const OPEN: f64 = 0.22;
/// The same where the season is not known: two thirds are still to come.
const OPEN_WITHOUT_SEASON: f64 = 1.1;

/// Names the damage of a single value, if any.
fn single(ratio: f64, far: f64, scatter: f64) -> Option<Damage> {
    if ratio.is_infinite() {
        return Some(Damage::FalseZero);
    }
    let twice = std::f64::consts::LN_2;
    let ten = std::f64::consts::LN_10;
    let near = |what: f64, width: f64| (ratio - what).abs() <= width;
    if ratio.abs() <= far {
        return None;
    }
    // The expectation may be off by more than the scatter where the level moves.
    if near(twice, (2.5 * scatter).clamp(0.15, 0.35)) {
        return Some(Damage::Doubled);
    }
    if near(ten, 0.7) {
        return Some(Damage::TenTimes);
    }
    near(-ten, (2.5 * scatter).clamp(0.3, 0.7)).then_some(Damage::ATenth)
}

/// Marks runs far below the expectation that end again: not the beginning, not the end.
fn mark_outages(named: &mut [Option<Damage>], ratio: &impl Fn(usize) -> Option<f64>, far: f64) {
    let n = named.len();
    let limit = -far.max(0.5);
    let low = |at: usize| ratio(at).is_some_and(|ratio| ratio < limit);
    let mut at = 0;
    while at < n {
        if !low(at) {
            at += 1;
            continue;
        }
        let end = (at..n).find(|&next| !low(next)).unwrap_or(n);
        let length = end - at;
        if (OUTAGE.0..=OUTAGE.1).contains(&length) && at > 0 && end < n {
            named[at..end].fill(Some(Damage::Outage));
        } else if length > OUTAGE.1 {
            // A lasting fall is the life of the series.
            named[at..end].fill(None);
        }
        at = end;
    }
}
