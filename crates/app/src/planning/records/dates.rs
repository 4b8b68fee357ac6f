//! Days, months and quarters.

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};

use crate::Host;
use crate::errors::{ApiResult, bad_input};
use crate::planning::views::clock;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The day that counts as today: the one that was asked for, or what the calendar here says.
pub(super) fn today(asked: Option<&str>, now_ms: i64, host: &dyn Host) -> ApiResult<Date> {
    match asked {
        Some(text) => parse("today", text),
        None => Ok(of_ms(now_ms.saturating_add(60_000 * i64::from(host.offset_minutes(now_ms))))),
    }
}

/// Reads a day.
pub(super) fn parse(field: &str, text: &str) -> ApiResult<Date> {
    text.trim()
        .parse()
        .map_err(|_| bad_input(field, &format!("`{text}` is no day"), "write it like 2026-03-01"))
}

/// The day (UTC) of a point in time.
pub(super) fn of_ms(at_ms: i64) -> Date {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Days since 1970.
pub(super) fn number(day: Date) -> i32 {
    (day - date(1970, 1, 1)).get_days()
}

/// The day of a number of days since 1970.
pub(super) fn of_number(number: i32) -> Date {
    date(1970, 1, 1).checked_add(i64::from(number).days()).unwrap_or(Date::MAX)
}

/// Days from one day to another.
pub(super) fn between(from: Date, to: Date) -> i32 {
    number(to) - number(from)
}

/// The first day of the month that lies so many months away.
pub(super) fn month(day: Date, away: i32) -> Date {
    day.first_of_month().checked_add(i64::from(away).months()).unwrap_or(Date::MAX)
}

/// Months from one day's month to another's.
pub(super) fn months_between(from: Date, to: Date) -> i32 {
    (i32::from(to.year()) - i32::from(from.year())) * 12 + i32::from(to.month())
        - i32::from(from.month())
}

/// `Mar 2026`
pub(super) fn label(day: Date) -> String {
    let month = usize::try_from(day.month() - 1).unwrap_or(0);
    format!("{} {}", MONTHS[month.min(11)], day.year())
}

/// A quarter of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quarter {
    pub(super) first: Date,
    pub(super) last: Date,
}

impl Quarter {
    /// The quarter of a day.
    pub(super) fn of(day: Date) -> Self {
        let first = month(day, -i32::from((day.month() - 1) % 3));
        Self { first, last: month(first, 3).yesterday().unwrap_or(Date::MAX) }
    }

    /// The quarter that lies so many quarters away.
    pub(super) fn away(self, quarters: i32) -> Self {
        Self::of(month(self.first, 3 * quarters))
    }

    pub(super) fn holds(self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// `2026-Q4`
    pub(super) fn label(self) -> String {
        format!("{}-Q{}", self.first.year(), (self.first.month() - 1) / 3 + 1)
    }
}

/// Reads a time of day, in minutes.
pub(super) fn minutes(field: &str, text: &str) -> ApiResult<f64> {
    let read = text.trim().split_once(':').and_then(|(hours, minutes)| {
        let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours <= 24 && minutes < 60).then_some(f64::from(hours * 60 + minutes))
    });
    read.ok_or_else(|| {
        let remedy = format!("write it like {}", clock(510.0));
        bad_input(field, &format!("`{text}` is no time of day"), &remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place whose clocks are so many minutes ahead of UTC.
    struct Place(i32);

    impl Host for Place {
        fn wall_ms(&self) -> i64 {
            0
        }

        fn fill(&self, _: &mut [u8]) {}

        fn offset_minutes(&self, _: i64) -> i32 {
            self.0
        }
    }

    #[test]
    fn today_is_what_the_calendar_on_the_wall_says() {
        // 23:30 UTC on 30 November 2026.
        let now_ms = 1_796_081_400_000;
        let day = |offset| today(None, now_ms, &Place(offset)).unwrap().to_string();
        assert_eq!(day(0), "2026-11-30");
        assert_eq!(day(60), "2026-12-01", "in Berlin");
        assert_eq!(day(-480), "2026-11-30", "in California");
        let asked = today(Some("2026-03-01"), now_ms, &Place(60)).unwrap();
        assert_eq!(asked, date(2026, 3, 1));
    }

    #[test]
    fn quarters_hold_their_days() {
        let quarter = Quarter::of(date(2026, 11, 20));
        assert_eq!((quarter.first, quarter.last), (date(2026, 10, 1), date(2026, 12, 31)));
        assert_eq!(quarter.label(), "2026-Q4");
        assert_eq!(quarter.away(1).label(), "2027-Q1");
        assert_eq!(quarter.away(-4).label(), "2025-Q4");
        assert!(quarter.holds(date(2026, 12, 31)) && !quarter.holds(date(2027, 1, 1)));
    }

    #[test]
    fn days_and_months_are_counted() {
        assert_eq!(of_number(number(date(2024, 2, 29))), date(2024, 2, 29));
        assert_eq!(months_between(date(2025, 11, 30), date(2026, 2, 1)), 3);
        assert_eq!(label(month(date(2026, 1, 31), 1)), "Feb 2026");
        assert!(parse("today", "soon").is_err() && minutes("starts", "25:00").is_err());
    }
}
