//! Days at the person's place.

use jiff::civil::{Date, date};

use crate::errors::{ApiResult, bad_input};

/// A day in milliseconds.
pub(crate) const DAY_MS: i64 = 24 * 3_600 * 1_000;
/// Places are at most so many minutes away from UTC.
const OFFSET_MAX: i32 = 18 * 60;

const EPOCH: Date = date(1970, 1, 1);

/// A day as people write it.
pub(crate) fn parse(text: &str) -> ApiResult<Date> {
    text.trim().parse().map_err(|_| {
        let problem = format!("`{}` is no day", text.chars().take(40).collect::<String>());
        bad_input("day", &problem, "write it like 2026-11-20")
    })
}

/// The day of a point in time, in UTC.
pub(crate) fn of_ms(at_ms: i64) -> Date {
    let days = i32::try_from(at_ms.div_euclid(DAY_MS)).unwrap_or(0);
    EPOCH.checked_add(jiff::Span::new().days(days)).unwrap_or(EPOCH)
}

/// The days from one day to another; negative where the other is earlier.
pub(crate) fn between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// When a day begins at a place that is so many minutes ahead of UTC.
pub(crate) fn begins_ms(day: Date, offset_minutes: i32) -> ApiResult<i64> {
    if offset_minutes.abs() > OFFSET_MAX {
        let problem = format!("{offset_minutes} minutes is no place on earth");
        return Err(bad_input("offset_minutes", &problem, "write 60 for one hour ahead of UTC"));
    }
    Ok(between(EPOCH, day) * DAY_MS - i64::from(offset_minutes) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_earlier_where_the_sun_rises_earlier() {
        let day = parse("2026-11-20").unwrap();
        let utc = begins_ms(day, 0).unwrap();
        assert_eq!(utc, 1_795_132_800_000);
        assert_eq!(begins_ms(day, 60).unwrap(), utc - 3_600_000);
        assert_eq!(of_ms(utc), day);
        assert_eq!(of_ms(utc - 1).to_string(), "2026-11-19");
        assert_eq!(of_ms(-1).to_string(), "1969-12-31");
        assert!(begins_ms(day, 2_000).unwrap_err().message.contains("no place"));
        assert!(parse("soon").unwrap_err().message.contains("2026-11-20"));
    }
}
