//! The sentences of the queue.

use roadbook_api::views::{ChangeView, NamedValue, NeedsYouView, PendingState, RecordLink};
use roadbook_domain::{Entity, Money};

use crate::refusal;
use crate::words::{counted, money, quoted, sentence};

/// A value as it is read: money with its thousands apart, nothing as a dash.
pub(crate) fn value(value: Option<&NamedValue>) -> String {
    plain(value.map(|it| it.text.as_str()).unwrap_or_default())
}

/// The same of a plain text.
pub(crate) fn plain(text: &str) -> String {
    match text.parse::<Money>() {
        Ok(amount) => money(amount),
        Err(_) if text.is_empty() => "–".to_owned(),
        Err(_) => text.to_owned(),
    }
}

/// A kind of record in a sentence.
pub(crate) const fn noun(entity: Entity) -> &'static str {
    match entity {
        Entity::Account => "account",
        Entity::Contact => "contact",
        Entity::Lead => "lead",
        Entity::Opportunity => "opportunity",
        Entity::Product => "product",
        Entity::PriceBook => "price book",
        Entity::Quote => "quote",
        Entity::Activity => "visit or call",
        Entity::Task => "task",
        Entity::Note => "note",
        Entity::Territory => "territory",
        Entity::User => "person",
        Entity::Team => "team",
    }
}

/// What a person did, after "You": `changed Amount and Stage`, `logged a visit or call`.
pub(crate) fn deed(kind: &str, records: &[RecordLink], changes: &[ChangeView]) -> String {
    let entity = records.first().map_or(Entity::Account, |it| it.entity);
    let first = changes.first();
    let label = first.map_or("a field", |it| it.label.as_str());
    match kind {
        "create" => format!("made this {}", noun(entity)),
        "log_activity" => "logged a visit or call".to_owned(),
        "add_note" => "wrote a note".to_owned(),
        "complete_task" => "ticked this task".to_owned(),
        "convert_lead" => "converted a lead".to_owned(),
        "tag" => "changed the tags".to_owned(),
        "delete" => "put it in the trash".to_owned(),
        "restore" => "took it out of the trash".to_owned(),
        "move_stage" => format!("moved it to {}", value(first.and_then(|it| it.to.as_ref()))),
        "resolve_conflict" => format!("decided {label}"),
        "propose_in_conflict" => format!("proposed a value for {label}"),
        _ => format!("changed {}", labels(changes)),
    }
}

/// `Amount`, `Amount and Stage`, `Amount, Stage and 2 more`.
fn labels(changes: &[ChangeView]) -> String {
    let names: Vec<&str> = changes.iter().map(|it| it.label.as_str()).collect();
    match names.as_slice() {
        [] => "it".to_owned(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}

/// What happened and why, in one sentence: `You changed Amount, but it was not taken: a rep may
/// give at most 10 % discount.`
pub(crate) fn what_happened(item: &NeedsYouView) -> String {
    let did = deed(&item.kind, &item.records, &item.changes);
    let reason = plain_reason(item);
    if reason.is_empty() {
        return format!("You {did}, but the server did not take it.");
    }
    format!("You {did}, but it was not taken: {}.", after_colon(&reason))
}

/// Why it was not taken: as a colleague would say it, where it is about who may do what.
fn plain_reason(item: &NeedsYouView) -> String {
    let entity = item.records.first().map(|it| it.entity);
    let said = match item.code.as_str() {
        "not_permitted" | "confidential" => {
            refusal::only(&item.kind, entity, item.field.as_deref(), &item.remedy)
        }
        "server_written" => {
            Some("people, teams and territories are changed at the server only".to_owned())
        }
        _ => None,
    };
    said.unwrap_or_else(|| quoted(item.reason.trim().trim_end_matches('.')))
}

/// A sentence after a colon: its first word small, unless it is a name or an abbreviation.
fn after_colon(text: &str) -> String {
    const SMALL: [&str; 12] =
        ["A", "An", "The", "This", "That", "It", "You", "Your", "Only", "No", "Nobody", "Somebody"];
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    if SMALL.contains(&first) {
        format!("{} {rest}", first.to_lowercase())
    } else {
        text.to_owned()
    }
}

/// What to do now.
pub(crate) fn what_to_do(item: &NeedsYouView) -> String {
    if item.remedy.trim().is_empty() {
        return "Edit it and send it again, or discard it.".to_owned();
    }
    sentence(&item.remedy)
}

/// What waits for it.
pub(crate) fn holds(item: &NeedsYouView) -> Option<String> {
    let count = item.holds.len().try_into().unwrap_or(u64::MAX);
    (count > 0).then(|| {
        let waits = if count == 1 { "waits" } else { "wait" };
        format!("{} of yours {waits} for it.", counted(count, "later change", "later changes"))
    })
}

/// Where unsent work is, in words.
pub(crate) const fn place(state: PendingState) -> &'static str {
    match state {
        PendingState::Saved => "Saved on this device",
        PendingState::Sending => "Sending",
        PendingState::Held => "Saved, waits for another change",
    }
}

/// One change in a line: `Amount 10,000 EUR to 12,000 EUR`.
pub(crate) fn change(change: &ChangeView) -> String {
    let (label, to) = (&change.label, value(change.to.as_ref()));
    match change.action.as_str() {
        "create" | "delete" | "restore" => String::new(),
        "adjust" if to.starts_with('-') => format!("{label} {to}"),
        "adjust" => format!("{label} +{to}"),
        "add" => format!("{label}: {to} added"),
        "remove" => format!("{label}: {to} removed"),
        _ => match change.from.as_ref().filter(|it| !it.text.is_empty()) {
            Some(from) => format!("{label} {} to {to}", value(Some(from))),
            None => format!("{label} {to}"),
        },
    }
}

/// All changes in a line, the first two in full.
pub(crate) fn summary(changes: &[ChangeView]) -> String {
    let told: Vec<String> = changes.iter().map(change).filter(|it| !it.is_empty()).collect();
    let more = told.len().saturating_sub(2);
    let first = told.iter().take(2).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_happened_is_one_sentence_with_its_reason() {
        let queue = sample::desk::queue(sample::WALL);
        assert_eq!(
            what_happened(&queue.needs_you[0]),
            "You changed Amount and Next step, but it was not taken: a rep may give at most 10 % \
             discount on a renewal."
        );
        assert_eq!(what_to_do(&queue.needs_you[0]), "Lower the discount, or ask a Manager.");
        assert_eq!(holds(&queue.needs_you[0]).unwrap(), "1 later change of yours waits for it.");
        let bare = NeedsYouView {
            reason: String::new(),
            remedy: " ".into(),
            ..queue.needs_you[0].clone()
        };
        assert!(what_happened(&bare).ends_with("but the server did not take it."));
        assert!(what_to_do(&bare).starts_with("Edit it"));
    }

    #[test]
    fn what_policy_refuses_is_said_as_a_colleague_says_it() {
        let queue = sample::desk::queue(sample::WALL);
        let refused = NeedsYouView {
            code: "not_permitted".into(),
            kind: "set_fields".into(),
            field: Some("owner".into()),
            reason: "a Rep may not write `owner` of opportunities".into(),
            remedy: "ask a Manager to do it".into(),
            ..queue.needs_you[0].clone()
        };
        let said = what_happened(&refused);
        assert!(
            said.contains("it was not taken: only a manager can change the owner of"),
            "{said}"
        );
        assert!(!said.contains("may not write"), "{said}");
    }

    #[test]
    fn a_reason_keeps_names_and_words_in_capitals() {
        let queue = sample::desk::queue(sample::WALL);
        let said = |reason: &str| {
            what_happened(&NeedsYouView { reason: reason.into(), ..queue.needs_you[0].clone() })
        };
        assert!(said("EUR is not the currency").contains(": EUR is"));
        assert!(said("Only managers may").contains(": only managers"));
        assert!(said("A rep may not").contains(": a rep"));
        assert!(said("Ben Okafor deleted it").contains(": Ben Okafor"));
    }

    #[test]
    fn waiting_work_is_told_in_a_line() {
        let queue = sample::desk::queue(sample::WALL);
        let lines: Vec<_> = queue.pending.iter().map(|it| summary(&it.changes)).collect();
        assert_eq!(lines[0], "Amount 10,000 EUR to 12,000 EUR");
        assert_eq!(lines[1], "Stage Proposal to Negotiation");
        assert!(lines.iter().all(|it| !it.contains('{')));
        let many = [queue.needs_you[0].changes.clone(), queue.pending[0].changes.clone()].concat();
        assert!(summary(&many).ends_with("and 1 more"), "{}", summary(&many));
    }
}
