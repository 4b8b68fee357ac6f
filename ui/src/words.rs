//! Money, days and times as people read them. Pure: now and the offset from UTC come in.

use jiff::civil::{Date, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use roadbook_domain::Money;

/// How long ago something was that has only just happened.
pub const JUST_NOW: &str = "just now";

/// The time on the wall: now, and how far the place is from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wall {
    /// Milliseconds since 1970 (UTC).
    pub now_ms: i64,
    /// Minutes east of UTC.
    pub offset_minutes: i32,
}

impl Wall {
    fn at(self, at_ms: i64) -> jiff::civil::DateTime {
        let offset = Offset::from_seconds(self.offset_minutes.saturating_mul(60));
        let offset = offset.unwrap_or(Offset::UTC);
        offset.to_datetime(Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// The day that it is here.
    #[must_use]
    pub fn today(self) -> Date {
        self.at(self.now_ms).date()
    }

    /// Noon of a day here, in the form that records take: `2026-11-30T11:00:00Z`.
    #[must_use]
    pub fn noon(self, day: Date) -> String {
        let offset = Offset::from_seconds(self.offset_minutes.saturating_mul(60));
        let noon = day.at(12, 0, 0, 0);
        let at = offset.unwrap_or(Offset::UTC).to_timestamp(noon);
        at.unwrap_or(Timestamp::UNIX_EPOCH).to_string()
    }

    /// The time of the day, such as `14:02`.
    #[must_use]
    pub fn time(self, at_ms: i64) -> String {
        let at = self.at(at_ms);
        format!("{:02}:{:02}", at.hour(), at.minute())
    }

    /// A point in time as short as it is still plain: `14:02` today, `Tue 10:40` in the last six
    /// days, `3 Nov` this year, `3 Nov 2024` before.
    #[must_use]
    pub fn short(self, at_ms: i64) -> String {
        let (at, today) = (self.at(at_ms).date(), self.today());
        if at == today {
            return self.time(at_ms);
        }
        let days = days_between(at, today);
        if (1..7).contains(&days) {
            return format!("{} {}", weekday(at), self.time(at_ms));
        }
        self.day(at)
    }

    /// A point in time in full: `Tuesday 3 November 2026, 10:40`.
    #[must_use]
    pub fn full(self, at_ms: i64) -> String {
        let at = self.at(at_ms).date();
        format!("{}, {}", long_day(at), self.time(at_ms))
    }

    /// How long ago: `just now`, `5 min`, `3 h`, `2 days`, `3 weeks`, `4 months`, `2 years`.
    #[must_use]
    pub fn ago(self, at_ms: i64) -> String {
        let minutes = (self.now_ms - at_ms).max(0) / 60_000;
        match minutes {
            0 => JUST_NOW.to_owned(),
            1..60 => format!("{minutes} min"),
            60..1_440 => format!("{} h", minutes / 60),
            _ => long_time(minutes / 1_440),
        }
    }

    /// A day: `today`, `tomorrow`, `yesterday`, the weekday within six days, else the date.
    #[must_use]
    pub fn near_day(self, day: Date) -> String {
        match days_between(self.today(), day) {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            -1 => "yesterday".to_owned(),
            2..=6 => weekday(day).to_owned(),
            _ => self.day(day),
        }
    }

    /// A point in time as a field for day and time takes it: `2026-11-20T14:30`.
    #[must_use]
    pub fn moment(self, at_ms: i64) -> String {
        let at = self.at(at_ms);
        format!("{}T{:02}:{:02}", at.date(), at.hour(), at.minute())
    }

    /// The point in time (RFC 3339, UTC) that a field for day and time says; `None` if it says none.
    #[must_use]
    pub fn instant(self, moment: &str) -> Option<String> {
        let at: jiff::civil::DateTime = moment.parse().ok()?;
        let offset = Offset::from_seconds(self.offset_minutes.saturating_mul(60)).ok()?;
        offset.to_timestamp(at).ok().map(|at| at.to_string())
    }

    /// A date without its year if it is this year: `3 Nov`, `3 Nov 2024`.
    #[must_use]
    pub fn day(self, day: Date) -> String {
        let short = format!("{} {}", day.day(), &month(day)[..3]);
        if day.year() == self.today().year() { short } else { format!("{short} {}", day.year()) }
    }
}

/// Whole days from one day to another; negative if it lies before.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// The Monday of the week of a day.
#[must_use]
pub fn monday(day: Date) -> Date {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(back.days()).unwrap_or(day)
}

fn long_time(days: i64) -> String {
    let (number, unit) = match days {
        0..14 => (days, "day"),
        14..60 => (days / 7, "week"),
        60..730 => (days / 30, "month"),
        _ => (days / 365, "year"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// A day in full: `Tuesday 3 November 2026`.
#[must_use]
pub fn long_day(day: Date) -> String {
    let name = match day.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    };
    format!("{name} {} {} {}", day.day(), month(day), day.year())
}

fn weekday(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

fn month(day: Date) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(day.month() - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("")
}

/// Money in full: `12,000 EUR`, `12,000.50 EUR`.
#[must_use]
pub fn money(money: Money) -> String {
    let text = money.to_string();
    let (number, currency) = text.split_once(' ').unwrap_or((&text, ""));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part = if part.is_empty() { String::new() } else { format!(".{part}") };
    format!("{}{part} {currency}", grouped(whole))
}

/// Money for tight places: `12k EUR`, `1.2M EUR`, and in full below a thousand.
#[must_use]
pub fn money_short(amount: Money) -> String {
    let unit = 10_i64.pow(amount.currency.decimals());
    let whole = amount.minor / unit;
    let currency = amount.currency.as_str();
    let sign = if whole < 0 { "-" } else { "" };
    let size = whole.unsigned_abs();
    let in_tenths = |step: u64, letter: char| {
        let tenths = (size * 10 + step / 2) / step;
        let (number, tenth) = (tenths / 10, tenths % 10);
        let tenth = if tenth == 0 || number >= 100 { String::new() } else { format!(".{tenth}") };
        format!("{sign}{number}{tenth}{letter} {currency}")
    };
    match size {
        0..1_000 => money(amount),
        1_000..999_950 => in_tenths(1_000, 'k'),
        _ => in_tenths(1_000_000, 'M'),
    }
}

/// An expected amount in whole units: `12,000 EUR`. Not somebody's money, so it has no minor units.
#[must_use]
pub fn figure(value: f64, currency: &str) -> String {
    format!("{} {currency}", plain_figure(value))
}

/// The same without the currency, where it is said once for all.
#[must_use]
pub fn plain_figure(value: f64) -> String {
    let text = format!("{value:.0}");
    grouped(if text == "-0" { "0" } else { &text })
}

/// An expected amount for tight places: `950`, `12k`, `1.2M`; the currency is said once for all.
#[must_use]
pub fn figure_short(value: f64) -> String {
    let scaled = |step: f64, letter: char| {
        let text = format!("{:.1}", value / step);
        let text = if value.abs() >= 100.0 * step {
            format!("{:.0}", value / step)
        } else {
            text.strip_suffix(".0").unwrap_or(&text).to_owned()
        };
        format!("{text}{letter}")
    };
    match value.abs() {
        size if size < 999.5 => plain_figure(value),
        size if size < 999_950.0 => scaled(1e3, 'k'),
        _ => scaled(1e6, 'M'),
    }
}

/// The same with a plus where it adds: `+12k`, `−5k`, `0`.
#[must_use]
pub fn change_short(value: f64) -> String {
    let size = figure_short(value.abs());
    match value {
        _ if size == "0" => size,
        less if less < 0.0 => format!("\u{2212}{size}"),
        _ => format!("+{size}"),
    }
}

/// A share in whole per cent: `38 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// A whole number with commas between thousands.
#[must_use]
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things in words: `1 task`, `3 tasks`.
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A text of the app as a sentence: a capital at its beginning, a full stop at its end.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches(['.', ';']);
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if text.ends_with(['?', '!', ':']) { "" } else { "." };
    quoted(&format!("{}{}{end}", first.to_uppercase(), letters.as_str()))
}

/// A text of the app with the quotes that people read in the place of a program's.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, part) in text.split('`').enumerate() {
        if at > 0 {
            out.push(if at % 2 == 1 { '\u{201c}' } else { '\u{201d}' });
        }
        out += part;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Friday 20 November 2026, 14:30 in a place one hour east of UTC.
    const WALL: Wall = Wall { now_ms: 1_795_181_400_000, offset_minutes: 60 };
    const HOUR: i64 = 3_600_000;

    #[test]
    fn noon_of_a_day_is_told_in_the_zone_of_the_place() {
        assert_eq!(WALL.noon(WALL.today()), "2026-11-20T11:00:00Z");
    }

    #[test]
    fn words_of_a_program_are_quoted_as_people_do() {
        assert_eq!(
            sentence("`x` is no day; write `2026-03-01`"),
            "\u{201c}x\u{201d} is no day; write \u{201c}2026-03-01\u{201d}."
        );
        assert_eq!(quoted("none"), "none");
    }

    #[test]
    fn a_time_is_as_short_as_it_is_plain() {
        assert_eq!(WALL.short(WALL.now_ms - HOUR), "13:30");
        assert_eq!(WALL.short(WALL.now_ms - 75 * HOUR), "Tue 11:30");
        assert_eq!(WALL.short(WALL.now_ms - 17 * 24 * HOUR), "3 Nov");
        assert_eq!(WALL.short(WALL.now_ms - 400 * 24 * HOUR), "16 Oct 2025");
        assert_eq!(WALL.full(WALL.now_ms), "Friday 20 November 2026, 14:30");
    }

    #[test]
    fn an_age_is_in_one_unit() {
        let ago = |hours: i64| WALL.ago(WALL.now_ms - hours * HOUR);
        assert_eq!(WALL.ago(WALL.now_ms + HOUR), "just now", "a clock ahead is not before now");
        assert_eq!(WALL.ago(WALL.now_ms - 5 * 60_000), "5 min");
        assert_eq!(ago(3), "3 h");
        assert_eq!(ago(24), "1 day");
        assert_eq!(ago(24 * 21), "3 weeks");
        assert_eq!(ago(24 * 120), "4 months");
        assert_eq!(ago(24 * 800), "2 years");
    }

    #[test]
    fn near_days_have_names() {
        let day = |days: i64| WALL.near_day(WALL.today() + days.days());
        assert_eq!([day(0), day(1), day(-1)], ["today", "tomorrow", "yesterday"]);
        assert_eq!(day(3), "Mon");
        assert_eq!(day(-3), "17 Nov");
        assert_eq!(monday(WALL.today()).to_string(), "2026-11-16");
    }

    #[test]
    fn midnight_is_that_of_the_place() {
        let east = Wall { offset_minutes: 600, ..WALL };
        assert_eq!(WALL.today().to_string(), "2026-11-20");
        assert_eq!(Wall { now_ms: WALL.now_ms + HOUR, ..east }.today().to_string(), "2026-11-21");
    }

    #[test]
    fn money_is_grouped_and_short_money_keeps_its_currency() {
        let amount = |text: &str| text.parse::<Money>().unwrap();
        assert_eq!(money(amount("12000EUR")), "12,000 EUR");
        assert_eq!(money(amount("-1234567.50 EUR")), "-1,234,567.50 EUR");
        assert_eq!(money(amount("950 JPY")), "950 JPY");
        assert_eq!(money_short(amount("950 EUR")), "950 EUR");
        assert_eq!(money_short(amount("12000 EUR")), "12k EUR");
        assert_eq!(money_short(amount("12499 EUR")), "12.5k EUR");
        assert_eq!(money_short(amount("-1249999 USD")), "-1.2M USD");
        assert_eq!(money_short(amount("999970 EUR")), "1M EUR");
    }

    #[test]
    fn expected_amounts_are_whole_and_changes_have_a_sign() {
        assert_eq!(figure(12_000.4, "EUR"), "12,000 EUR");
        assert_eq!(figure(-0.2, "EUR"), "0 EUR");
        let short = [950.0, 12_000.0, 12_499.0, 999_970.0, -1_250_000.0, 250_400.0];
        assert_eq!(short.map(figure_short), ["950", "12k", "12.5k", "1M", "-1.2M", "250k"]);
        assert_eq!([5_000.0, -5_000.0, 0.1].map(change_short), ["+5k", "\u{2212}5k", "0"]);
        assert_eq!(percent(0.384), "38 %");
    }

    #[test]
    fn a_text_of_the_app_becomes_a_sentence() {
        assert_eq!(sentence("it is disputed"), "It is disputed.");
        assert_eq!(sentence("Wait a while."), "Wait a while.");
        assert_eq!(sentence("éa; "), "Éa.");
        assert_eq!(sentence("really?"), "Really?");
        assert_eq!(sentence(" "), "");
    }

    #[test]
    fn a_moment_of_the_place_goes_there_and_back() {
        assert_eq!(WALL.moment(WALL.now_ms), "2026-11-20T14:30");
        assert_eq!(WALL.instant("2026-11-20T14:30").as_deref(), Some("2026-11-20T13:30:00Z"));
        assert_eq!(WALL.instant("soon"), None);
    }

    #[test]
    fn things_are_counted_in_words() {
        assert_eq!(counted(1, "task", "tasks"), "1 task");
        assert_eq!(counted(50_000, "record", "records"), "50,000 records");
    }
}
