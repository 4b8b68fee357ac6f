//! Conflicts: who set what, when and where, and what can be done.

use std::fmt::Write as _;

use roadbook_api::views::{ConflictView, SideView};

use super::words::{self, Now, named, on_device, quoted, short};
use crate::terminal::{Style, Terminal};

/// The open conflicts: where each started, and its sides by the numbers that settle it.
pub(crate) fn list(conflicts: &[ConflictView], terminal: &Terminal, now: &Now) -> String {
    if conflicts.is_empty() {
        return "nothing is disputed".to_owned();
    }
    let mut out = String::new();
    for conflict in conflicts {
        let head = format!("{}: {}", words::record(&conflict.link), conflict.label);
        let _ = write!(out, "{}", terminal.style(Style::Bold, &head));
        if let Some(stake) = &conflict.stake {
            let _ = write!(out, ", {} at stake", named(stake, now));
        }
        let _ = writeln!(out, "; before: {}", named(&conflict.base, now));
        for side in &conflict.sides {
            let _ = writeln!(out, "  {}  {}", side.side, sentence(side, now));
        }
        if !conflict.proposals.is_empty() {
            let count = conflict.proposals.len() as u64;
            let _ = writeln!(out, "  {}", words::count(count, "proposal", "proposals"));
        }
    }
    let first = &conflicts[0];
    let (id, field) = (short(&first.link.record), &first.field);
    let _ = write!(out, "\nSettle one, like the first: roadbook resolve {id}.{field} --take 1");
    out
}

/// Conflicts in full.
pub(crate) fn full(conflicts: &[ConflictView], terminal: &Terminal, now: &Now) -> String {
    if conflicts.is_empty() {
        return "nothing is disputed".to_owned();
    }
    let each: Vec<String> = conflicts.iter().map(|conflict| one(conflict, terminal, now)).collect();
    each.join("\n")
}

fn one(conflict: &ConflictView, terminal: &Terminal, now: &Now) -> String {
    let head = format!("{}: {}", words::record(&conflict.link), conflict.label);
    let mut out = format!("{}\n", terminal.style(Style::Bold, &head));
    let _ = writeln!(out, "  before  {}", named(&conflict.base, now));
    for side in &conflict.sides {
        let shown = if side.shown {
            terminal.style(Style::Dim, " (shown meanwhile)")
        } else {
            String::new()
        };
        let _ = writeln!(out, "  side {}  {}{shown}", side.side, sentence(side, now));
        for made in side.made_by.iter().chain(&side.agreed) {
            let _ = write!(out, "          with Roadbook {}, policy {}", made.client, made.policy);
            match &made.rationale {
                Some(why) => {
                    let _ = writeln!(out, ", because: {}", quoted(why));
                }
                None => out.push('\n'),
            }
        }
    }
    for proposal in &conflict.proposals {
        let who = proposal.made_by.as_ref().map_or("somebody", |made| made.who.as_str());
        let value = named(&proposal.value, now);
        let _ = writeln!(out, "  {who} proposes {value}: {}", quoted(&proposal.why));
    }
    if let Some(stake) = &conflict.stake {
        let _ = writeln!(out, "  at stake: {}", named(stake, now));
    }
    let why = match conflict.rule.as_str() {
        "no_legal_join" => "the two moves cannot be joined",
        _ => "two people set it to different values, and for this field a person decides",
    };
    let _ = writeln!(out, "  {why}");
    let id = short(&conflict.link.record);
    let _ = writeln!(out, "  settle it: roadbook resolve {id}.{} --take SIDE", conflict.field);
    out
}

/// `Ben set 14,000 EUR at 10:42 on Ben's phone`
fn sentence(side: &SideView, now: &Now) -> String {
    let value = named(&side.value, now);
    let Some(made) = &side.made_by else {
        return format!("somebody set {value}");
    };
    let also = match side.agreed.len() {
        0 => String::new(),
        1 => format!(" (and {})", side.agreed[0].who),
        more => format!(" (and {more} others)"),
    };
    format!("{}{also} set {value} {} {}", made.who, now.at(made.at_ms), on_device(made))
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::{MOMENT_MS, now};
    use super::*;
    use crate::args::Color;
    use roadbook_api::ValueView;
    use roadbook_api::views::{MadeByView, NamedValue, RecordLink};
    use roadbook_domain::{DeviceId, Entity, RecordId, UserId};

    fn amount(text: &str) -> NamedValue {
        NamedValue {
            value: ValueView::Money { minor: 0, currency: "EUR".into() },
            text: text.to_owned(),
        }
    }

    fn side(number: u32, who: &str, text: &str, at_ms: i64, device: Option<&str>) -> SideView {
        SideView {
            side: number,
            value: amount(text),
            made_by: Some(MadeByView {
                user: UserId::from_bytes([1; 16]),
                who: who.to_owned(),
                device: DeviceId::from_bytes([0xab; 16]),
                device_name: device.map(str::to_owned),
                at_ms,
                accepted_ms: None,
                offline: None,
                client: "0.1.0".into(),
                policy: 1,
                rationale: None,
            }),
            agreed: vec![],
            shown: number == 2,
        }
    }

    fn conflict() -> ConflictView {
        ConflictView {
            conflict: None,
            named: "09090909.amount".into(),
            link: RecordLink {
                record: RecordId::from_bytes([9; 16]),
                entity: Entity::Opportunity,
                title: "Renewal".into(),
            },
            field: "amount".into(),
            label: "Amount".into(),
            account: None,
            base: amount("10000 EUR"),
            base_by: None,
            sides: vec![
                side(1, "Ana", "12000 EUR", MOMENT_MS - 120_000, None),
                side(2, "Ben", "14000 EUR", MOMENT_MS, Some("Ben's phone")),
            ],
            proposals: vec![],
            stake: Some(amount("2000 EUR")),
            rule: "review_field".into(),
            since_ms: MOMENT_MS,
            position: 1,
            of: 1,
            previous: None,
            next: None,
            can_decide: true,
            settled: vec![],
        }
    }

    #[test]
    fn a_conflict_is_told_as_people_tell_it() {
        let terminal = Terminal::new(false, Color::Never);
        let text = list(&[conflict()], &terminal, &now());
        assert_eq!(
            text,
            "opportunity Renewal (09090909): Amount, 2,000 EUR at stake; before: 10,000 EUR\n  \
             1  Ana set 12,000 EUR at 22:11 on device abababab\n  \
             2  Ben set 14,000 EUR at 22:13 on Ben's phone\n\n\
             Settle one, like the first: roadbook resolve 09090909.amount --take 1"
        );
        assert_eq!(list(&[], &terminal, &now()), "nothing is disputed");
    }

    #[test]
    fn a_conflict_in_full_says_what_decides_and_how_to_settle_it() {
        let terminal = Terminal::new(false, Color::Never);
        let text = full(&[conflict()], &terminal, &now());
        for part in [
            "before  10,000 EUR",
            "side 1  Ana",
            "side 2  Ben",
            "(shown meanwhile)",
            "a person decides",
            "roadbook resolve 09090909.amount --take SIDE",
        ] {
            assert!(text.contains(part), "`{part}` is missing in:\n{text}");
        }
        assert!(!text.contains("review_field"), "codes are for programs:\n{text}");
    }
}
