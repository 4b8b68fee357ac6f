//! The pipeline before the model: finds damage, repairs it, and lists every repair.
//!
//! Damage is told from what the series says about itself: a robust level times a robust season
//! (see `expect`) gives what was to be expected, and a value is only touched where its ratio to
//! that is both far outside the series' own scatter and near what a known kind of damage does
//! (0, a half-told month, twice, ten times). Nothing is repaired in silence, and a series without
//! damage comes back as it was. Series with negative values, or with too few known values to tell,
//! are only filled.
//!
//! A series begins with its first known value: what was before is not made up. Several zeros in a row
//! at its beginning or end are its life, not damage: a product that is not sold yet, or no more.

mod detect;
mod expect;

use super::series::Series;

/// What was wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Damage {
    /// Nothing was recorded.
    Missing,
    /// A zero among values far from it: nothing was synced.
    FalseZero,
    /// About twice what was to be expected: an import ran twice.
    Doubled,
    /// About ten times what was to be expected: a digit too many.
    TenTimes,
    /// About a tenth of what was to be expected: a digit too few.
    ATenth,
    /// Several periods in a row at zero or far below what was to be expected, then back.
    Outage,
    /// The last period is far below what was to be expected: it is not over yet.
    OpenPeriod,
}

impl Damage {
    /// Returns the reason in plain words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Missing => "no value was recorded; filled from trend and season",
            Self::FalseZero => {
                "zero where the values around it are not: nothing synced; filled from trend and season"
            }
            Self::Doubled => "about twice what trend and season say: imported twice; halved",
            Self::TenTimes => {
                "about ten times what trend and season say: a digit too many; divided by ten"
            }
            Self::ATenth => {
                "about a tenth of what trend and season say: a digit too few; multiplied by ten"
            }
            Self::Outage => {
                "several periods far below trend and season, then back: outage; filled from trend and season"
            }
            Self::OpenPeriod => {
                "the last period is far below trend and season: not over yet; filled from trend and season"
            }
        }
    }
}

/// One repair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repair {
    /// Position in the series, from 0.
    pub position: usize,
    /// What was wrong.
    pub damage: Damage,
    /// The value as it was, if there was one.
    pub before: Option<f64>,
    /// The value as it is now.
    pub after: f64,
}

/// A series after cleaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Cleaned {
    /// The series, without gaps from its first known value on.
    pub series: Series,
    /// Every repair, in order of position.
    pub repairs: Vec<Repair>,
    /// What was left out at both ends.
    pub life: Life,
}

/// What belongs to the life of a series and is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Life {
    /// Periods before the first known value.
    pub unknown_before: usize,
    /// Zeros from the first known value on: not sold yet.
    pub zeros_before: usize,
    /// Zeros up to the last value: no longer sold.
    pub zeros_after: usize,
}

/// So many zeros in a row at an end are life.
const LIFE: usize = 3;

impl Life {
    /// Reads it off the values. A value that is missing beside zeros says that records were lost
    /// there, and a last period that is not over tells nothing about the end.
    fn of(values: &[Option<f64>], last: LastPeriod) -> Self {
        let unknown_before = values.iter().position(Option::is_some).unwrap_or(values.len());
        let known = &values[unknown_before..];
        let is_zero = |value: &&Option<f64>| value.is_some_and(|value| value == 0.0);
        // What stands where the zeros end: nothing where all are zeros.
        let run = |zeros: usize, next: Option<&Option<f64>>| match next {
            Some(Some(_)) if zeros >= LIFE => zeros,
            Some(_) | None => 0,
        };
        let before = known.iter().take_while(is_zero).count();
        let after = known.iter().rev().take_while(is_zero).count();
        Self {
            unknown_before,
            zeros_before: run(before, known.get(before)),
            zeros_after: match last {
                LastPeriod::Open => 0,
                LastPeriod::Closed | LastPeriod::Unknown => {
                    run(after, known.len().checked_sub(after + 1).and_then(|at| known.get(at)))
                }
            },
        }
    }
}

/// Whether the last period of a series is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastPeriod {
    /// It is over: its value is complete.
    Closed,
    /// It is not over: its value is replaced by what is to be expected.
    Open,
    /// Nobody knows: it counts as open where it is far below what was to be expected.
    Unknown,
}

/// Finds damage and repairs it.
pub fn clean(series: &Series, last: LastPeriod) -> Cleaned {
    let values = series.values();
    let period = series.frequency().period();
    let life = Life::of(values, last);
    let from = life.unknown_before + life.zeros_before;
    let alive = &values[from..values.len() - life.zeros_after];
    let last = if life.zeros_after > 0 { LastPeriod::Closed } else { last };
    let found = detect::detect(alive, period, last);
    let mut known: Vec<Option<f64>> = alive.to_vec();
    for (position, damage) in &found {
        known[*position] = known[*position].and_then(|value| mended(value, *damage));
    }
    let filled = expect::fill(&known, period);
    let repair = |(position, damage): (usize, Damage)| Repair {
        position: from + position,
        damage,
        before: alive[position],
        after: filled[position],
    };
    let mut repairs: Vec<Repair> = found.into_iter().map(repair).collect();
    repairs.sort_by_key(|repair| repair.position);
    let mut mended = values.to_vec();
    mended[from..].iter_mut().zip(&filled).for_each(|(value, filled)| *value = Some(*filled));
    let clean = Series::new(mended, series.frequency(), series.start());
    Cleaned { series: clean.unwrap_or_else(|_| series.clone()), repairs, life }
}

/// Returns the value without the damage, where it can be told from the value.
fn mended(value: f64, damage: Damage) -> Option<f64> {
    match damage {
        Damage::Doubled => Some(value / 2.0),
        Damage::TenTimes => Some(value / 10.0),
        Damage::ATenth => Some((value * 10.0).min(f64::MAX)),
        Damage::Missing | Damage::FalseZero | Damage::Outage | Damage::OpenPeriod => None,
    }
}

#[cfg(test)]
mod tests;
