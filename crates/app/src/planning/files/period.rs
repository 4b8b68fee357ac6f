//! The words in which files tell how often a series has a value, and which day it is.

use jiff::civil::Date;
use roadbook_planning::forecast::Frequency;
use serde_json::Value;

use super::input::wrong;
use crate::errors::ApiResult;

/// Reads a frequency: the periods of a season, or a word.
pub(super) fn frequency(place: &str, value: Option<&Value>) -> ApiResult<Frequency> {
    const KNOWN: &str = "write 1 (yearly), 4 (quarterly), 12 (monthly), 52 (weekly) or 7 (daily)";
    let Some(value) = value else { return Err(wrong(place, "is missing", KNOWN)) };
    let found = match value {
        Value::Number(_) => whole(value).and_then(Frequency::from_period),
        Value::String(word) => of_word(&word.to_lowercase()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    found.ok_or_else(|| wrong(place, &format!("{value} is no season that is known"), KNOWN))
}

/// A frequency by its word, or by the name that pandas gives it, such as `ME` or `W-SUN`.
fn of_word(word: &str) -> Option<Frequency> {
    let (name, ends) = word.split_once('-').map_or((word, None), |(name, ends)| (name, Some(ends)));
    let found = match name {
        "yearly" | "annual" | "y" | "ye" | "ys" | "a" | "as" => Frequency::Yearly,
        "quarterly" | "q" | "qe" | "qs" => Frequency::Quarterly,
        "monthly" | "m" | "me" | "ms" => Frequency::Monthly,
        "weekly" | "w" => Frequency::Weekly,
        "daily" | "d" => Frequency::Daily,
        _ => return None,
    };
    // The month or weekday with which a period ends.
    let known: &[&str] = match found {
        Frequency::Yearly | Frequency::Quarterly => {
            &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        }
        Frequency::Weekly => &["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        Frequency::Monthly | Frequency::Daily => &[],
    };
    ends.is_none_or(|ends| known.contains(&ends)).then_some(found)
}

/// A whole number, also where it is written with decimals.
pub(super) fn whole(value: &Value) -> Option<usize> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    if !(0.0..=1e9).contains(&number) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    Some(number as usize)
}

/// Reads a day: `2026`, `2026-03` or `2026-03-01`.
pub(super) fn day(place: &str, value: &Value) -> ApiResult<Date> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    whole_day(&text).ok_or_else(|| {
        let problem = format!("{value} is no date");
        wrong(place, &problem, "write it like \"2026-03-01\", \"2026-03\" or \"2026\"")
    })
}

/// The first day of a year, a month or a day, in the forms of [`day`].
pub(super) fn whole_day(text: &str) -> Option<Date> {
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    // A time of day, as other programs write it after dates, says nothing here.
    whole.split(['T', ' ']).next().unwrap_or_default().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_are_known_by_number_and_by_the_words_of_other_programs() {
        for (told, period) in [
            ("12", 12),
            ("12.0", 12),
            ("\"monthly\"", 12),
            ("\"ME\"", 12),
            ("\"MS\"", 12),
            ("\"QE\"", 4),
            ("\"QE-DEC\"", 4),
            ("\"YE\"", 1),
            ("\"YE-MAR\"", 1),
            ("\"W-SUN\"", 52),
            ("\"D\"", 7),
        ] {
            let value: Value = serde_json::from_str(told).unwrap();
            let found = frequency("freq", Some(&value)).map(Frequency::period);
            assert_eq!(found, Ok(period), "{told}");
        }
        for told in ["12.5", "1e300", "\"W-DEC\"", "\"ME-SUN\"", "\"hourly\"", "null"] {
            let value: Value = serde_json::from_str(told).unwrap();
            assert!(frequency("freq", Some(&value)).is_err(), "{told}");
        }
    }

    #[test]
    fn a_day_may_be_told_by_its_month_or_year() {
        let told = |text: &str| whole_day(text).map(|day| day.to_string());
        for (text, day) in [
            ("2026", "2026-01-01"),
            ("2026-03", "2026-03-01"),
            ("2026-03-09", "2026-03-09"),
            ("2026-03-09T10:00:00", "2026-03-09"),
        ] {
            assert_eq!(told(text).as_deref(), Some(day));
        }
        assert_eq!(["", "soon", "2026-13"].map(whole_day), [None; 3]);
    }
}
