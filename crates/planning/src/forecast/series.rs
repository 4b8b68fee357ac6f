//! A regular series as it comes in, and the gap-free history that the models read.
//!
//! Invariant: every value of a [`History`] is finite, and there is at least one.

use jiff::ToSpan;
use jiff::civil::Date;

use super::calendar::Calendar;
use super::error::ForecastError;
use super::number::mean;

/// Points read at most; longer series are refused.
pub const MOST_POINTS: usize = 100_000;
/// Periods forecast at most.
pub const MOST_PERIODS: usize = 1_000;
/// The models read this many of the newest points (and say so), whole seasons of them.
pub const POINTS_READ: usize = 2_000;

/// How often a series has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Frequency {
    /// Once a year, no season.
    Yearly,
    /// Four times a year.
    Quarterly,
    /// Twelve times a year.
    Monthly,
    /// Every seven days, a season of 52.
    Weekly,
    /// Every day, a season of 7.
    Daily,
}

impl Frequency {
    /// Returns the number of values that make one season.
    pub const fn period(self) -> usize {
        match self {
            Self::Yearly => 1,
            Self::Quarterly => 4,
            Self::Monthly => 12,
            Self::Weekly => 52,
            Self::Daily => 7,
        }
    }

    /// Returns the number of the calendar's period that a day lies in, counted from some first one.
    /// Quarters begin in January, weeks on Monday.
    pub fn period_of(self, day: Date) -> i64 {
        let (year, month) = (i64::from(day.year()), i64::from(day.month()) - 1);
        let days = || i64::from((day - jiff::civil::date(1970, 1, 5)).get_days());
        match self {
            Self::Yearly => year,
            Self::Quarterly => year * 4 + month / 3,
            Self::Monthly => year * 12 + month,
            Self::Weekly => days().div_euclid(7),
            Self::Daily => days(),
        }
    }

    /// Returns the frequency whose season has that many values.
    pub const fn from_period(period: usize) -> Option<Self> {
        match period {
            1 => Some(Self::Yearly),
            4 => Some(Self::Quarterly),
            12 => Some(Self::Monthly),
            52 => Some(Self::Weekly),
            7 => Some(Self::Daily),
            _ => None,
        }
    }
}

/// A regular series: one entry for each period, `None` where nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    values: Vec<Option<f64>>,
    frequency: Frequency,
    start: Option<Date>,
}

impl Series {
    /// Checks and takes the values; `start` is the first period's first day.
    ///
    /// # Errors
    /// Without any value, with a value that is not finite, or with too many.
    pub fn new(
        values: Vec<Option<f64>>,
        frequency: Frequency,
        start: Option<Date>,
    ) -> Result<Self, ForecastError> {
        if values.len() > MOST_POINTS {
            return Err(ForecastError::TooLong { length: values.len(), most: MOST_POINTS });
        }
        if let Some(position) = values.iter().position(|v| v.is_some_and(|v| !v.is_finite())) {
            return Err(ForecastError::NotFinite { position });
        }
        if values.iter().all(Option::is_none) {
            return Err(ForecastError::Empty);
        }
        Ok(Self { values, frequency, start })
    }

    /// Checks and takes a series without gaps.
    ///
    /// # Errors
    /// As [`Series::new`].
    pub fn complete(
        values: Vec<f64>,
        frequency: Frequency,
        start: Option<Date>,
    ) -> Result<Self, ForecastError> {
        Self::new(values.into_iter().map(Some).collect(), frequency, start)
    }

    /// Returns the values in order of time.
    pub fn values(&self) -> &[Option<f64>] {
        &self.values
    }

    /// Returns how often the series has a value.
    pub const fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Returns the first day of the first period, where it is known.
    pub const fn start(&self) -> Option<Date> {
        self.start
    }

    /// Returns the first day of the month at a position, where series and dates have months.
    fn month(&self, position: usize) -> Option<Date> {
        let months = i32::try_from(position).ok()?.months();
        let first = self.start.filter(|_| self.frequency == Frequency::Monthly)?.first_of_month();
        first.checked_add(months).ok()
    }

    /// Returns what the models read: gaps filled, the newest points, without
    /// what the calendar does to them, brought to a common size.
    pub(crate) fn history(&self) -> History {
        let period = self.frequency.period();
        let first = self.values.iter().position(Option::is_some).unwrap_or(0);
        let (filled, gaps) = fill(&self.values[first..], period);
        let keep = filled.len().min(POINTS_READ.div_ceil(period) * period);
        let mut values = filled[filled.len() - keep..].to_vec();
        let first = first + filled.len() - keep;
        let calendar = self.month(first).and_then(|month| Calendar::find(&values, month));
        if let Some(calendar) = &calendar {
            values.iter_mut().enumerate().for_each(|(at, value)| *value /= calendar.factor(at));
        }
        // Models square and multiply: sizes near the ends of the floats would overflow.
        let size = values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        let scale = if size > 0.0 { size } else { 1.0 };
        values.iter_mut().for_each(|value| *value /= scale);
        let average = mean(&values.iter().map(|value| value.abs()).collect::<Vec<_>>());
        let average = if average > 1e-6 { average } else { 1.0 };
        values.iter_mut().for_each(|value| *value /= average);
        History {
            scale: Scale(scale, average),
            dropped: filled.len() - keep,
            first,
            values,
            period,
            gaps,
            calendar,
        }
    }
}

/// The two factors that bring a history to an absolute mean near 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale(f64, f64);

impl Scale {
    /// Brings a number back to the size of the series, within the floats.
    pub(crate) fn back(self, value: f64) -> f64 {
        (value * self.1 * self.0).clamp(-f64::MAX, f64::MAX)
    }
}

/// A series ready for a model: gap-free, finite, of a size near 1.
#[derive(Debug, Clone)]
pub(crate) struct History {
    pub(crate) values: Vec<f64>,
    pub(crate) period: usize,
    pub(crate) scale: Scale,
    pub(crate) gaps: usize,
    pub(crate) dropped: usize,
    /// Position of the first value in the series as given.
    pub(crate) first: usize,
    /// What the calendar does, taken off the values and put back on forecasts.
    pub(crate) calendar: Option<Calendar>,
}

/// Fills gaps and returns their number.
///
/// Inside, a gap takes the line between its neighbours plus the median seasonal offset of its
/// place in the season, once two full seasons are known; at the end, the last value likewise.
pub(crate) fn fill(values: &[Option<f64>], period: usize) -> (Vec<f64>, usize) {
    let gaps = values.iter().filter(|value| value.is_none()).count();
    // At a size of 1: sums and differences of values near the ends of the floats would overflow.
    let size = values.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
    let size = if size > 0.0 { size } else { 1.0 };
    let small: Vec<Option<f64>> = values.iter().map(|value| value.map(|v| v / size)).collect();
    let filled = fill_small(&small, period);
    let fill_one = |(value, filled): (&Option<f64>, f64)| {
        value.unwrap_or_else(|| (filled * size).clamp(-f64::MAX, f64::MAX))
    };
    (values.iter().zip(filled).map(fill_one).collect(), gaps)
}

fn fill_small(values: &[Option<f64>], period: usize) -> Vec<f64> {
    let lines = interpolated(values);
    if period < 2 || values.len() < 2 * period || values.iter().all(Option::is_some) {
        return lines;
    }
    let offsets = seasonal_offsets(values, &lines, period);
    let known = |index: usize| values[index].map(|value| value - offsets[index]);
    let adjusted: Vec<Option<f64>> = (0..values.len()).map(known).collect();
    let smooth = interpolated(&adjusted);
    (0..values.len()).map(|index| smooth[index] + offsets[index]).collect()
}

/// Seasons before and after a value that tell its season: it changes over the years.
pub(crate) const SEASONS_AROUND: usize = 5;

/// Returns for each value the median distance to a running mean of its place in the seasons around.
fn seasonal_offsets(values: &[Option<f64>], lines: &[f64], period: usize) -> Vec<f64> {
    let around = |index: usize| {
        let low = index.saturating_sub(period / 2).min(values.len() - period);
        mean(&lines[low..low + period])
    };
    let distances: Vec<Option<f64>> =
        (0..values.len()).map(|index| values[index].map(|value| value - around(index))).collect();
    seasonal_medians(&distances, period)
}

/// Returns for each position the median of what is known at its place in the seasons around.
///
/// Of the two middle values of an even count, the one nearer to no season: of two seasons that
/// disagree, one is damaged, and that is rather the farther one.
fn seasonal_medians(values: &[Option<f64>], period: usize) -> Vec<f64> {
    seasonal_places(values, period).into_iter().map(|place| place.median).collect()
}

/// What is known at a place of the season.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The median, as of [`seasonal_medians`]; 0 where nothing is known.
    pub(crate) median: f64,
    /// How many seasons tell it.
    pub(crate) seasons: usize,
}

/// Returns what is known at the place of each position in the seasons around.
pub(crate) fn seasonal_places(values: &[Option<f64>], period: usize) -> Vec<Place> {
    let n = values.len();
    let one = |index: usize| {
        let place = index % period;
        let last = (n - 1 - place) / period;
        // The same count of seasons at the ends as in the middle.
        let first = (index / period).saturating_sub(SEASONS_AROUND);
        let first = first.min(last.saturating_sub(2 * SEASONS_AROUND));
        let seasons = first..=last.min(first + 2 * SEASONS_AROUND);
        let mut found: Vec<f64> = seasons.filter_map(|k| values[place + k * period]).collect();
        found.sort_unstable_by(f64::total_cmp);
        let seasons = found.len();
        let Some(last) = seasons.checked_sub(1) else { return Place { median: 0.0, seasons } };
        let (low, high) = (found[last / 2], found[last.div_ceil(2)]);
        Place { median: if low.abs() < high.abs() { low } else { high }, seasons }
    };
    (0..n).map(one).collect()
}

/// Draws straight lines through gaps, and level ones at both ends.
pub(crate) fn interpolated(values: &[Option<f64>]) -> Vec<f64> {
    let mut out = Vec::with_capacity(values.len());
    let mut before: Option<f64> = None;
    let mut index = 0;
    while index < values.len() {
        if let Some(value) = values[index] {
            out.push(value);
            before = Some(value);
            index += 1;
            continue;
        }
        let end = (index..values.len()).find(|&next| values[next].is_some());
        let after = end.and_then(|next| values[next]);
        let stop = end.unwrap_or(values.len());
        let left = before.or(after).unwrap_or(0.0);
        let right = after.unwrap_or(left);
        let width = (stop - index + 1) as f64;
        for step in 1..=stop - index {
            let share = step as f64 / width;
            out.push(left * (1.0 - share) + right * share);
        }
        index = stop;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_values_are_refused() {
        let of = |values: Vec<Option<f64>>| Series::new(values, Frequency::Monthly, None);
        assert_eq!(of(vec![]), Err(ForecastError::Empty));
        assert_eq!(of(vec![None, None]), Err(ForecastError::Empty));
        let nan = of(vec![Some(1.0), Some(f64::NAN)]);
        assert_eq!(nan, Err(ForecastError::NotFinite { position: 1 }));
        let long = of(vec![Some(1.0); MOST_POINTS + 1]);
        assert!(matches!(long, Err(ForecastError::TooLong { .. })));
    }

    #[test]
    fn a_gap_is_filled_by_its_season() {
        let season = [5.0, 1.0, 9.0, 1.0];
        let mut values: Vec<Option<f64>> =
            (0..40).map(|index| Some(100.0 + season[index % 4])).collect();
        values[18] = None;
        let (filled, gaps) = fill(&values, 4);
        assert_eq!(gaps, 1);
        assert!((filled[18] - 109.0).abs() < 1e-9, "the season's third place is 109");
    }

    #[test]
    fn a_history_is_brought_to_size_and_back() {
        let series = Series::complete(vec![1e300, -2e300, 3e300], Frequency::Yearly, None).unwrap();
        let history = series.history();
        assert!(history.values.iter().all(|value| value.abs() < 10.0));
        let back = history.scale.back(history.values[2]);
        assert!((back / 3e300 - 1.0).abs() < 1e-12);
    }
}
