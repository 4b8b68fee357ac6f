//! The sentences about what happened to a record.

use roadbook_api::views::{ChangeView, HistoryEntryView, JournalView, MadeByView, NamedValue};

use crate::screens::value::read_named;
use crate::words::Wall;

/// How long a value may be inside a sentence, in characters.
const LONGEST: usize = 80;

/// What was changed: `Amount: 10,000 EUR to 14,000 EUR`.
#[must_use]
pub(super) fn change(change: &ChangeView, wall: Wall) -> String {
    let label = &change.label;
    let to = change.to.as_ref().map(|it| value(it, wall)).unwrap_or_default();
    let from = change.from.as_ref().map(|it| value(it, wall));
    let from = from.filter(|from| !from.is_empty() && *from != to);
    match change.action.as_str() {
        "create" => "Made this record".to_owned(),
        "delete" => "Put it into the trash".to_owned(),
        "restore" => "Took it out of the trash".to_owned(),
        "add" => format!("{label}: added {to}"),
        "remove" => format!("{label}: took away {to}"),
        "adjust" => format!("{label}: counted {to}"),
        "rewrite" => format!("Rewrote the {}", label.to_lowercase()),
        "resolve" => format!("Decided: {label} is {to}"),
        "propose" => format!("Proposed {to} for {}", label.to_lowercase()),
        _ if to.is_empty() => format!("Cleared {}", label.to_lowercase()),
        _ => match from {
            Some(from) => format!("{label}: {from} to {to}"),
            None => format!("{label}: {to}"),
        },
    }
}

/// A value inside a sentence, or on a button.
#[must_use]
pub(super) fn value(value: &NamedValue, wall: Wall) -> String {
    short(&read_named(value, wall))
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST - 1).collect();
    format!("{}…", cut.trim_end())
}

/// What an entry did, each change a sentence. A record that was made says so once; what it was
/// made with is in its fields. Of an entry whose parts this device was not given, at least that.
#[must_use]
pub(super) fn changes(entry: &HistoryEntryView, wall: Wall) -> Vec<String> {
    if entry.kind == "create" || entry.changes.iter().any(|it| it.action == "create") {
        return vec!["Made this record".to_owned()];
    }
    if entry.changes.is_empty() && entry.settled.is_empty() {
        return vec!["Changed what is not shown here".to_owned()];
    }
    entry.changes.iter().map(|it| change(it, wall)).collect()
}

/// Who, where, how: `Ben Okafor, on his phone` is `Ben Okafor · phone · offline`.
#[must_use]
pub(super) fn circumstances(by: &MadeByView) -> String {
    let offline = (by.offline == Some(true)).then_some("offline");
    let parts = [Some(by.who.as_str()), by.device_name.as_deref(), offline];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Where an entry stands with the server.
#[must_use]
pub(super) fn arrival(entry: &HistoryEntryView, wall: Wall) -> String {
    match entry.made_by.accepted_ms {
        Some(at_ms) => format!("at the server {}", wall.short(at_ms)),
        None if entry.accepted => "at the server".to_owned(),
        None => "saved on this device".to_owned(),
    }
}

/// What a merge settled, in a sentence.
#[must_use]
pub(super) fn settled(entry: &JournalView, wall: Wall) -> String {
    let kept = value(&entry.kept, wall);
    let aside: Vec<String> = entry.set_aside.iter().map(|it| value(&it.value, wall)).collect();
    match entry.settled.as_str() {
        "later_kept" if aside.is_empty() => format!("The later “{kept}” was kept"),
        "later_kept" => format!("The later “{kept}” was kept, “{}” set aside", aside.join("”, “")),
        "moves_joined" => format!("Both moves joined at {kept}"),
        "adding_won" => "Adding won over taking away".to_owned(),
        "revived" => "It was edited meanwhile, so it was kept".to_owned(),
        "texts_merged" => "Both texts were joined".to_owned(),
        "summed" => format!("Counts added up to {kept}"),
        "decided" if aside.is_empty() => format!("Decided: {kept}"),
        "decided" => format!("Decided: {kept}, “{}” set aside", aside.join("”, “")),
        _ => format!("Settled: {kept}"),
    }
}

#[cfg(test)]
mod tests {
    use roadbook_domain::{Currency, Money, Value};

    use super::*;
    use crate::sample::WALL;

    fn of(action: &str, from: Option<Value>, to: Option<Value>) -> String {
        let named = |value: Option<Value>| value.as_ref().map(NamedValue::plain);
        let view = ChangeView {
            field: "amount".into(),
            label: "Amount".into(),
            action: action.into(),
            from: named(from),
            to: named(to),
            why: None,
        };
        change(&view, WALL)
    }

    #[test]
    fn changes_read_as_a_colleague_would_say_them() {
        let euros = |euros: i64| Some(Value::Money(Money::new(euros * 100, Currency::EUR)));
        assert_eq!(of("set", euros(10_000), euros(14_000)), "Amount: 10,000 EUR to 14,000 EUR");
        assert_eq!(of("set", None, euros(14_000)), "Amount: 14,000 EUR");
        assert_eq!(of("set", euros(14_000), Some(Value::Null)), "Cleared amount");
        assert_eq!(of("create", None, None), "Made this record");
        assert_eq!(of("propose", None, euros(3)), "Proposed 3 EUR for amount");
    }

    #[test]
    fn an_entry_whose_parts_are_not_here_has_words_too() {
        let mut entry = crate::sample::work::history(WALL).remove(0);
        (entry.changes, entry.settled) = (Vec::new(), Vec::new());
        entry.kind = "create".into();
        assert_eq!(changes(&entry, WALL), ["Made this record"]);
        entry.kind = "edit_fields".into();
        assert_eq!(changes(&entry, WALL), ["Changed what is not shown here"]);
    }

    #[test]
    fn a_long_value_is_cut_in_a_sentence() {
        let long = Some(Value::Text("ab ".repeat(60)));
        let said = of("set", None, long);
        assert!(said.chars().count() < 100 && said.ends_with('…'), "{said}");
    }
}
