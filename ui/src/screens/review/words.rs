//! The sentences of the review queue.

use roadbook_api::views::{ConflictView, JournalView, MadeByView, NamedValue};
use roadbook_domain::Money;

use crate::words::{Wall, long_day, money};

/// A value as it is read: money with its thousands apart, a day by its name, nothing as a dash.
pub(crate) fn value(value: &NamedValue) -> String {
    if let Ok(day) = value.text.parse::<jiff::civil::Date>() {
        return long_day(day);
    }
    match value.text.parse::<Money>() {
        Ok(amount) => money(amount),
        Err(_) if value.text.is_empty() => "–".to_owned(),
        Err(_) => value.text.clone(),
    }
}

/// The first name, as colleagues say it.
pub(crate) fn first_name(who: &str) -> &str {
    who.split_whitespace().next().unwrap_or(who)
}

/// Who made a side; a side whose maker is not known here has a number only.
pub(crate) fn maker(made_by: Option<&MadeByView>, side: u32) -> String {
    made_by.map_or_else(|| format!("Side {side}"), |by| by.who.clone())
}

/// Where it was made: `laptop, offline`.
pub(crate) fn circumstances(by: &MadeByView) -> String {
    let device = by.device_name.clone().unwrap_or_else(|| "a device".to_owned());
    match by.offline {
        Some(true) => format!("{device}, offline"),
        Some(false) => format!("{device}, online"),
        None => device,
    }
}

/// How a value came about, for support: label and text of each line.
pub(crate) fn provenance(made_by: Option<&MadeByView>, wall: Wall) -> Vec<(&'static str, String)> {
    let Some(by) = made_by else {
        return vec![("Made by", "not known on this device".to_owned())];
    };
    let network = match by.offline {
        Some(true) => "offline: it reached the server more than a minute later",
        Some(false) => "online",
        None => "not known on this device",
    };
    let arrived = by.accepted_ms.map_or_else(|| "not yet".to_owned(), |at_ms| wall.full(at_ms));
    vec![
        ("Set", wall.full(by.at_ms)),
        ("At the server", arrived),
        ("Network", network.to_owned()),
        ("Device", by.device_name.clone().unwrap_or_else(|| by.device.to_string())),
        ("Client", by.client.clone()),
        ("Policies", format!("version {}", by.policy)),
    ]
}

/// What happened, in one sentence: `Ana set 12,000 EUR at 10:40, Ben set 14,000 EUR on Tue 10:42,
/// both offline.`
pub(crate) fn story(conflict: &ConflictView, wall: Wall) -> String {
    let told: Vec<String> = conflict
        .sides
        .iter()
        .map(|side| match &side.made_by {
            Some(by) => {
                let (who, at) = (first_name(&by.who), wall.short(by.at_ms));
                let word = if at.contains(' ') { "on" } else { "at" };
                format!("{who} set {} {word} {at}", value(&side.value))
            }
            None => format!("somebody set {}", value(&side.value)),
        })
        .collect();
    let offline = |by: &MadeByView| by.offline == Some(true);
    let all = conflict.sides.iter().all(|side| side.made_by.as_ref().is_some_and(offline));
    let tail = if all && conflict.sides.len() == 2 { ", both offline" } else { "" };
    format!("{}{tail}.", told.join(", "))
}

/// Why no rule could settle it.
pub(crate) fn rule(code: &str) -> &'static str {
    match code {
        "no_legal_join" => "The two moves do not fit together, so a person decides.",
        _ => "Two people set different values, and this field is never merged by itself.",
    }
}

/// The same in a few words, for a line.
pub(crate) fn short_rule(code: &str) -> &'static str {
    match code {
        "no_legal_join" => "the moves do not fit together",
        _ => "never merged by itself",
    }
}

/// What a merge settled beside the conflict.
pub(crate) fn settled(entry: &JournalView) -> String {
    let kept = value(&entry.kept);
    let label = &entry.label;
    match entry.settled.as_str() {
        "later_kept" => {
            let who = entry.made_by.as_ref().map(|by| first_name(&by.who));
            let whose = who.map_or_else(|| "the".to_owned(), |who| format!("{who}'s"));
            format!("{label}: kept {whose} later “{kept}”")
        }
        "summed" => format!("{label}: counts added up to {kept}"),
        "texts_merged" => format!("{label}: both texts are in"),
        "adding_won" => format!("{label}: kept {kept}, which was added again"),
        "moves_joined" => format!("{label}: both moves lead to {kept}"),
        "revived" => "An edit brought the record back from the trash".to_owned(),
        _ => format!("{label}: {kept}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_story_is_told_as_a_colleague_would() {
        let conflict = sample::review::conflict(sample::WALL);
        assert_eq!(
            story(&conflict, sample::WALL),
            "Ana set 12,000 EUR on Tue 10:40, Ben set 14,000 EUR on Tue 10:42, both offline."
        );
    }

    #[test]
    fn support_is_told_client_policies_and_whether_the_author_was_offline() {
        let conflict = sample::review::conflict(sample::WALL);
        let lines = provenance(conflict.sides[0].made_by.as_ref(), sample::WALL);
        let of = |label| lines.iter().find(|it| it.0 == label).map(|it| it.1.as_str());
        assert_eq!(of("Client"), Some("0.1.0"));
        assert_eq!(of("Policies"), Some("version 1"));
        assert!(of("Network").is_some_and(|it| it.starts_with("offline")));
        assert_eq!(provenance(None, sample::WALL).len(), 1);
    }

    #[test]
    fn what_was_settled_says_whose_value_was_kept() {
        let conflict = sample::review::conflict(sample::WALL);
        let told: Vec<String> = conflict.settled.iter().map(settled).collect();
        assert_eq!(
            told,
            ["Next step: kept Ben's later “Send the contract”", "Visits: counts added up to 7"]
        );
    }

    #[test]
    fn an_empty_value_is_a_dash_and_money_is_grouped() {
        let text = |text: &str| NamedValue::plain(&roadbook_domain::Value::Text(text.into()));
        assert_eq!(value(&text("")), "–");
        assert_eq!(value(&text("Negotiation")), "Negotiation");
        assert_eq!(value(&text("12000 EUR")), "12,000 EUR");
        assert_eq!(value(&text("2026-12-11")), "Friday 11 December 2026");
    }
}
