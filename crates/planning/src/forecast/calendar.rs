//! What the calendar does to monthly values: trading days, leap years, Easter.
//!
//! A month with five Saturdays sells more than one with four, and Easter moves between March and
//! April. Models of trend and season see either as chance. Effects are proportional; they are
//! estimated on logarithms by regression on the calendar (Bell, Hillmer (1983), "Modeling time
//! series with calendar variation", Journal of the American Statistical Association 78; the
//! columns are those of Findley, Monsell, Bell, Otto, Chen (1998), "New capabilities and methods of
//! the X-12-ARIMA program", Journal of Business and Economic Statistics 16, section 1.4). Both
//! sides are differenced and pass through the filter of an airline model with both weights at
//! [`WEIGHT`], which makes least squares nearly those of the whole model.
//!
//! An effect is only taken where it makes the series clearly likelier, so a series that the calendar
//! does not move stays as it was. It asks for a start: without dates there is no calendar.

use jiff::ToSpan;
use jiff::civil::Date;

use super::number::{median, solve_positive};

/// Months needed, so that every weekday has come fifth often enough.
const LEAST: usize = 72;
/// Both weights of the airline model.
const WEIGHT: f64 = 0.6;
/// AICc by which effects have to be likelier than none.
const CLEAR: f64 = 6.0;
/// No effect is larger than this, as a logarithm.
const MOST: f64 = 0.25;
/// Columns at most.
const COLUMNS: usize = 8;
/// Columns of the short form: working days, leap year, Easter.
const SHORT: usize = 3;
/// Days before Easter Sunday on which trade differs.
const EASTER_DAYS: i64 = 8;
/// Mean share of those days that falls into March, over the years 1900 to 2099.
const EASTER_IN_MARCH: f64 = 0.365;

/// The effects of one series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Calendar {
    first: Date,
    form: Columns,
    weights: Vec<f64>,
}

/// Which columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    /// Working days against weekends, leap years, Easter.
    Short,
    /// Each weekday apart, leap years, Easter.
    Whole,
}

impl Columns {
    const fn count(self) -> usize {
        match self {
            Self::Short => SHORT,
            Self::Whole => COLUMNS,
        }
    }

    /// Returns the columns of a month.
    fn of(self, month: Date) -> [f64; COLUMNS] {
        let days = month.days_in_month();
        let mut counts = [4.0; 7];
        let first = month.weekday().to_monday_zero_offset();
        for extra in 0..days - 28 {
            counts[usize::from((first + extra).rem_euclid(7).unsigned_abs())] += 1.0;
        }
        let leap = match (month.month(), days) {
            (2, 29) => 0.75,
            (2, _) => -0.25,
            _ => 0.0,
        };
        let easter = easter_share(month);
        match self {
            Self::Short => {
                let week: f64 = counts[..5].iter().sum();
                let work = week - 2.5 * (counts[5] + counts[6]);
                [work, leap, easter, 0.0, 0.0, 0.0, 0.0, 0.0]
            }
            Self::Whole => {
                let [mon, tue, wed, thu, fri, sat, sun] = counts;
                let against = |day: f64| day - sun;
                [
                    against(mon),
                    against(tue),
                    against(wed),
                    against(thu),
                    against(fri),
                    against(sat),
                    leap,
                    easter,
                ]
            }
        }
    }
}

impl Calendar {
    /// Finds the effects on positive monthly values, the first one of the month `first`.
    ///
    /// `None` where there are too few, where one is not positive, or where no effect is clear.
    pub(crate) fn find(values: &[f64], first: Date) -> Option<Self> {
        if values.len() < LEAST || values.iter().any(|value| *value <= 0.0) {
            return None;
        }
        let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
        let mut right = filtered(&logarithms);
        let mut sizes: Vec<f64> = right.iter().map(|value| value.abs()).collect();
        let limit = 3.5 * 1.482_6 * median(&mut sizes);
        if limit <= 0.0 {
            return None;
        }
        // A strike or a keying error is not the calendar's work.
        right.iter_mut().for_each(|value| *value = value.clamp(-limit, limit));
        let months: Option<Vec<Date>> = (0..values.len()).map(|at| after(first, at)).collect();
        let months = months?;
        let none = aicc(right.iter().map(|value| value * value).sum(), right.len(), 0);
        let tried = [Columns::Short, Columns::Whole].into_iter().filter_map(|form| {
            let (weights, squares) = regress(form, &months, &right)?;
            Some((aicc(squares, right.len(), form.count()), form, weights))
        });
        let (best, form, weights) = tried.min_by(|a, b| a.0.total_cmp(&b.0))?;
        (best + CLEAR < none).then_some(Self { first, form, weights })
    }

    /// Returns the factor on the value `at` months after the first one.
    pub(crate) fn factor(&self, at: usize) -> f64 {
        let Some(month) = after(self.first, at) else { return 1.0 };
        let columns = self.form.of(month);
        let effect: f64 = columns.iter().zip(&self.weights).map(|(x, weight)| x * weight).sum();
        effect.clamp(-MOST, MOST).exp()
    }
}

fn after(first: Date, months: usize) -> Option<Date> {
    first.checked_add(i32::try_from(months).ok()?.months()).ok()
}

/// Returns the differences, plain and seasonal, without the airline model's memory of errors.
fn filtered(values: &[f64]) -> Vec<f64> {
    let changes: Vec<f64> = (13..values.len())
        .map(|t| values[t] - values[t - 1] - values[t - 12] + values[t - 13])
        .collect();
    let mut errors = vec![0.0; changes.len()];
    for t in 0..changes.len() {
        let back = |lag: usize| t.checked_sub(lag).map_or(0.0, |at| errors[at]);
        errors[t] = changes[t] + WEIGHT * back(1) + WEIGHT * back(12) - WEIGHT * WEIGHT * back(13);
    }
    errors
}

/// Regresses on the columns; the weights and the sum of squares that is left.
fn regress(form: Columns, months: &[Date], right: &[f64]) -> Option<(Vec<f64>, f64)> {
    let size = form.count();
    let rows: Vec<[f64; COLUMNS]> = months.iter().map(|month| form.of(*month)).collect();
    let columns: Vec<Vec<f64>> = (0..size)
        .map(|column| filtered(&rows.iter().map(|row| row[column]).collect::<Vec<_>>()))
        .collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let mut matrix = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..size {
            matrix[i * size + j] = dot(&columns[i], &columns[j]);
        }
    }
    let mut weights: Vec<f64> = columns.iter().map(|column| dot(column, right)).collect();
    solve_positive(&mut matrix, &mut weights)?;
    let left = |at: usize| {
        let told: f64 = columns.iter().zip(&weights).map(|(column, w)| column[at] * w).sum();
        right[at] - told
    };
    let squares = (0..right.len()).map(left).map(|rest| rest * rest).sum();
    Some((weights, squares))
}

fn aicc(squares: f64, count: usize, columns: usize) -> f64 {
    let (n, k) = (count as f64, columns as f64 + 1.0);
    n * (squares / n).max(1e-30).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}

/// Returns the share of the days before Easter that falls into the month, less its mean.
fn easter_share(month: Date) -> f64 {
    let mean = match month.month() {
        3 => EASTER_IN_MARCH,
        4 => 1.0 - EASTER_IN_MARCH,
        _ => return 0.0,
    };
    let Some(sunday) = easter(month.year()) else { return 0.0 };
    let before = (1..=EASTER_DAYS).filter_map(|days| sunday.checked_sub(days.days()).ok());
    let inside = before.filter(|day| day.month() == month.month()).count();
    inside as f64 / EASTER_DAYS as f64 - mean
}

/// Returns Easter Sunday of the Gregorian calendar: Meeus (1991), "Astronomical Algorithms",
/// chapter 8.
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    let part = |value: i32| i8::try_from(value).ok();
    Date::new(i16::try_from(year).ok()?, part(sum / 31)?, part(sum % 31 + 1)?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::rng::Random;
    use super::*;

    #[test]
    fn easter_is_where_the_almanac_says() {
        for (year, month, day) in
            [(1991, 3, 31), (2000, 4, 23), (2008, 3, 23), (2019, 4, 21), (2038, 4, 25)]
        {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn the_mean_share_of_easter_in_march_is_that_of_two_centuries() {
        let shares: Vec<f64> =
            (1900..2100).map(|year| easter_share(date(year, 3, 1)) + EASTER_IN_MARCH).collect();
        let mean = shares.iter().sum::<f64>() / 200.0;
        assert!((mean - EASTER_IN_MARCH).abs() < 0.001, "{mean}");
    }

    /// Values with a season and chance; each Saturday more than four adds 4 %.
    fn sales(saturday: f64) -> Vec<f64> {
        let mut random = Random::new(5);
        (0..150_usize)
            .map(|at| {
                let month = after(date(2010, 1, 1), at).unwrap();
                let columns = Columns::Whole.of(month);
                let season = if at % 12 == 11 { 0.3 } else { 0.0 };
                let chance = 0.01 * random.normal();
                (5.0 + 0.002 * at as f64 + season + chance + saturday * columns[5]).exp()
            })
            .collect()
    }

    #[test]
    fn trade_on_saturdays_is_found() {
        let found = Calendar::find(&sales(0.04), date(2010, 1, 1)).unwrap();
        let (may, june) = (date(2010, 5, 1), date(2010, 6, 1));
        // Saturdays less Sundays: none in May (five of each), none in June.
        let saturdays = |month: Date| Columns::Whole.of(month)[5];
        assert!(saturdays(may).abs() + saturdays(june).abs() < 1e-12);
        let july = found.factor(6) / found.factor(4);
        assert!((july.ln() - 0.04).abs() < 0.015, "five Saturdays, four Sundays in July: {july}");
    }

    #[test]
    fn a_series_that_the_calendar_does_not_move_has_no_effect() {
        assert_eq!(Calendar::find(&sales(0.0), date(2010, 1, 1)), None);
        assert_eq!(Calendar::find(&[5.0; 100], date(2010, 1, 1)), None, "nothing moves it");
        assert_eq!(Calendar::find(&sales(0.04)[..60], date(2010, 1, 1)), None, "too short");
    }
}
