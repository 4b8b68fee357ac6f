//! The pipeline before the model: finds damage, repairs it, and lists every repair.
//!
//! Damage is told from what the series says about itself: a robust level times a robust season
//! (see `expect`) gives what was to be expected, and a value is only touched where its ratio to
//! that is both far outside the series' own scatter and near what a known kind of damage does
//! (0, a half-told month, twice, ten times). Nothing is repaired in silence, and a series without
//! damage comes back as it was. Series with negative values, or with too few known values to tell,
//! are only filled.

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
    /// The series without gaps.
    pub series: Series,
    /// Every repair, in order of position.
    pub repairs: Vec<Repair>,
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
    let found = detect::detect(values, period, last);
    let mut known: Vec<Option<f64>> = values.to_vec();
    for (position, damage) in &found {
        known[*position] = known[*position].and_then(|value| mended(value, *damage));
    }
    let filled = expect::fill(&known, period);
    let repair = |(position, damage): (usize, Damage)| Repair {
        position,
        damage,
        before: values[position],
        after: filled[position],
    };
    let mut repairs: Vec<Repair> = found.into_iter().map(repair).collect();
    repairs.sort_by_key(|repair| repair.position);
    let clean = Series::complete(filled, series.frequency(), series.start());
    Cleaned { series: clean.unwrap_or_else(|_| series.clone()), repairs }
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
