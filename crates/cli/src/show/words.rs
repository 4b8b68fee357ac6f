//! Values, times, names and changes as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use roadbook_api::ValueView;
use roadbook_api::views::{ChangeView, MadeByView, NamedValue, RecordLink};
use roadbook_domain::RecordId;

/// When and where it is read: decides how times are written.
#[derive(Debug, Clone)]
pub(crate) struct Now {
    pub(crate) wall_ms: i64,
    pub(crate) zone: TimeZone,
}

impl Now {
    /// A time as short as it can be: `10:42` today, `12 Nov 10:42` this year, else with the year.
    pub(crate) fn time(&self, at_ms: i64) -> String {
        let (Ok(at), Ok(now)) =
            (Timestamp::from_millisecond(at_ms), Timestamp::from_millisecond(self.wall_ms))
        else {
            return "an unknown time".to_owned();
        };
        let (at, now) = (at.to_zoned(self.zone.clone()), now.to_zoned(self.zone.clone()));
        let clock = format!("{:02}:{:02}", at.hour(), at.minute());
        if at.date() == now.date() {
            return clock;
        }
        let month = month(at.month());
        if at.year() == now.year() {
            format!("{} {month} {clock}", at.day())
        } else {
            format!("{} {month} {} {clock}", at.day(), at.year())
        }
    }

    /// The same within a sentence: `at 10:42`, `on 12 Nov 10:42`.
    pub(crate) fn at(&self, at_ms: i64) -> String {
        let time = self.time(at_ms);
        let word = if time.contains(' ') { "on" } else { "at" };
        format!("{word} {time}")
    }
}

const fn month(number: i8) -> &'static str {
    match number {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

/// A value as people read it: `14,000 EUR`; long texts on one line.
pub(crate) fn value(view: &ValueView, text: &str, now: &Now) -> String {
    match view {
        ValueView::Null => "nothing".to_owned(),
        ValueView::Money { .. } => grouped(text),
        ValueView::Integer { .. } => grouped(text),
        ValueView::Instant { at_ms } => now.time(*at_ms),
        ValueView::Text { .. }
        | ValueView::Boolean { .. }
        | ValueView::Percent { .. }
        | ValueView::Date { .. }
        | ValueView::Reference { .. }
        | ValueView::Set { .. }
        | ValueView::Log { .. } => one_line(text),
    }
}

/// A named value as people read it.
pub(crate) fn named(value_: &NamedValue, now: &Now) -> String {
    value(&value_.value, &value_.text, now)
}

/// A text on one line, without control characters: they could steer the terminal.
pub(crate) fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A number at the start of a text with a comma every three digits.
pub(crate) fn grouped(text: &str) -> String {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, tail) = rest.split_at(digits);
    let mut out = String::new();
    for (at, digit) in number.chars().enumerate() {
        if at > 0 && (digits - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{sign}{out}{tail}")
}

/// A count with its noun: `1 conflict`, `6,121 conflicts`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", grouped(&number.to_string()))
}

/// The end of an id: what tells it apart, and what commands take.
pub(crate) fn short(id: &impl ToString) -> String {
    let text = id.to_string();
    let start = text.len().saturating_sub(8);
    text.get(start..).unwrap_or(&text).to_owned()
}

/// A record in a sentence: `opportunity Renewal (4f07398f)`.
pub(crate) fn record(link: &RecordLink) -> String {
    let kind = link.entity.name().replace('_', " ");
    let id: RecordId = link.record;
    if link.title.is_empty() {
        format!("{kind} {}", short(&id))
    } else {
        format!("{kind} {} ({})", link.title, short(&id))
    }
}

/// On which device: ` on Ben's phone`, or by the end of its id where the name is not known here.
pub(crate) fn on_device(made: &MadeByView) -> String {
    match &made.device_name {
        Some(name) => format!("on {name}"),
        None => format!("on device {}", short(&made.device)),
    }
}

/// What a change did, without who: `set Amount from 10,000 EUR to 14,000 EUR`.
pub(crate) fn change(change: &ChangeView, now: &Now) -> String {
    let label = &change.label;
    let to = change.to.as_ref().map_or_else(|| "nothing".to_owned(), |to| named(to, now));
    let from = change.from.as_ref().filter(|from| from.value != ValueView::Null);
    match change.action.as_str() {
        "create" => "made it".to_owned(),
        "delete" => "put it into the trash".to_owned(),
        "restore" => "took it out of the trash".to_owned(),
        "rewrite" => format!("rewrote {label}: {}", quoted(&to)),
        "adjust" if to.starts_with('-') => format!("took {} from {label}", &to[1..]),
        "adjust" => format!("added {to} to {label}"),
        "add" => format!("added {to} to {label}"),
        "remove" => format!("removed {to} from {label}"),
        "resolve" => format!("decided {label}: {to}"),
        "propose" => {
            let why = change.why.as_deref().unwrap_or_default();
            format!("proposed {to} for {label}: {}", quoted(why))
        }
        _ if to == "nothing" => format!("cleared {label}"),
        action => {
            let verb = if action == "move" { "moved" } else { "set" };
            match from {
                Some(from) => format!("{verb} {label} from {} to {to}", named(from, now)),
                None => format!("{verb} {label} to {to}"),
            }
        }
    }
}

/// A text in quotes, shortened.
pub(crate) fn quoted(text: &str) -> String {
    format!("\u{201c}{}\u{201d}", shortened(&one_line(text), 80))
}

/// A text of at most so many characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}\u{2026}")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// 2023-11-14 22:13:20 UTC.
    pub(crate) const MOMENT_MS: i64 = 1_700_000_000_000;

    pub(crate) fn now() -> Now {
        Now { wall_ms: MOMENT_MS, zone: TimeZone::UTC }
    }

    #[test]
    fn times_are_as_short_as_they_can_be() {
        let day = 86_400_000;
        assert_eq!(now().at(MOMENT_MS), "at 22:13");
        assert_eq!(now().at(MOMENT_MS - 3 * day), "on 11 Nov 22:13");
        assert_eq!(now().time(MOMENT_MS - 400 * day), "10 Oct 2022 22:13");
        assert_eq!(now().time(i64::MAX), "an unknown time");
    }

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        assert_eq!(grouped("14000 EUR"), "14,000 EUR");
        assert_eq!(grouped("-1234567.50 USD"), "-1,234,567.50 USD");
        assert_eq!(grouped("999"), "999");
        assert_eq!(grouped("Acme"), "Acme");
        assert_eq!(count(1, "conflict", "conflicts"), "1 conflict");
        assert_eq!(count(6_121, "conflict", "conflicts"), "6,121 conflicts");
    }

    #[test]
    fn changes_read_as_sentences() {
        let text = |text: &str| NamedValue {
            value: ValueView::Text { text: text.to_owned() },
            text: text.to_owned(),
        };
        let make = |action: &str, from: Option<NamedValue>, to: Option<NamedValue>| ChangeView {
            field: "stage".into(),
            label: "Stage".into(),
            action: action.into(),
            from,
            to,
            why: Some("half way".into()),
        };
        let said = |action, from, to| change(&make(action, from, to), &now());
        let both = said("move", Some(text("Proposal")), Some(text("Negotiation")));
        assert_eq!(both, "moved Stage from Proposal to Negotiation");
        assert_eq!(said("set", None, Some(text("x"))), "set Stage to x");
        let null = NamedValue { value: ValueView::Null, text: "-".into() };
        assert_eq!(said("set", Some(text("x")), Some(null)), "cleared Stage");
        assert_eq!(said("add", None, Some(text("vip"))), "added vip to Stage");
        assert_eq!(said("adjust", None, Some(text("-2"))), "took 2 from Stage");
        assert_eq!(
            said("propose", None, Some(text("x"))),
            "proposed x for Stage: \u{201c}half way\u{201d}"
        );
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äö\u{2026}");
    }
}
