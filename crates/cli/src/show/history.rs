//! History and journal as people read them.

use std::fmt::Write as _;

use roadbook_api::views::{HistoryEntryView, JournalView};

use super::words::{self, Now, named, on_device, quoted};
use crate::terminal::{Style, Terminal};

/// What happened to a record, newest first.
pub(crate) fn history(entries: &[HistoryEntryView], terminal: &Terminal, now: &Now) -> String {
    if entries.is_empty() {
        return "nothing is known of it on this device".to_owned();
    }
    let mut out = String::new();
    for entry in entries {
        let made = &entry.made_by;
        let head = format!("{} {} {}", now.time(made.at_ms), made.who, on_device(made));
        let _ = write!(out, "{}", terminal.style(Style::Bold, &head));
        out.push_str(if entry.accepted { "\n" } else { " (not sent yet)\n" });
        for change in &entry.changes {
            let _ = writeln!(out, "  {}", words::change(change, now));
        }
        if entry.changes.is_empty() {
            let _ = writeln!(out, "  {}", deed(&entry.kind));
        }
        if let Some(why) = &made.rationale {
            let _ = writeln!(out, "  because: {}", quoted(why));
        }
        // A decision is told already, as what the person did.
        for settled in entry.settled.iter().filter(|settled| settled.settled != "decided") {
            let _ = writeln!(out, "  merged: {}", settlement(settled, now));
        }
    }
    out
}

/// What an intent did, where only its kind is known here.
fn deed(kind: &str) -> &'static str {
    match kind {
        "create" | "log_activity" | "add_note" => "made it",
        "move_stage" => "moved it",
        "complete_task" => "finished it",
        "convert_lead" => "converted a lead",
        "tag" => "changed its tags",
        "delete" => "put it into the trash",
        "restore" => "took it out of the trash",
        "resolve_conflict" => "settled a conflict",
        "propose_in_conflict" => "proposed a value in a conflict",
        _ => "changed it",
    }
}

/// What merges settled, newest first.
pub(crate) fn journal(entries: &[JournalView], terminal: &Terminal, now: &Now) -> String {
    if entries.is_empty() {
        return "no merge had to settle anything".to_owned();
    }
    let mut out = String::new();
    for entry in entries {
        let when = entry.made_by.as_ref().map_or_else(String::new, |made| now.time(made.at_ms));
        let head = format!("{when} {}", words::record(&entry.link));
        let _ = writeln!(out, "{}", terminal.style(Style::Bold, head.trim()));
        let _ = writeln!(out, "  {}", settlement(entry, now));
    }
    out
}

fn settlement(entry: &JournalView, now: &Now) -> String {
    let label = &entry.label;
    let kept = named(&entry.kept, now);
    match entry.settled.as_str() {
        "later_kept" => {
            let others: Vec<String> = entry
                .set_aside
                .iter()
                .map(|aside| match &aside.made_by {
                    Some(made) => format!("{}'s {}", made.who, quoted(&named(&aside.value, now))),
                    None => quoted(&named(&aside.value, now)),
                })
                .collect();
            format!("kept the later {label} {}; set aside {}", quoted(&kept), others.join(", "))
        }
        "moves_joined" => format!("both moved {label} forward: it is now {kept}"),
        "adding_won" => format!("{label}: one added what another removed; it stays: {kept}"),
        "revived" => "one edited what another deleted; it lives".to_owned(),
        "texts_merged" => format!("merged both versions of {label}"),
        "summed" => format!("added up {label}: {kept}"),
        "decided" => match &entry.made_by {
            Some(made) => format!("{} decided {label}: {kept}", made.who),
            None => format!("decided {label}: {kept}"),
        },
        _ => format!("{label} is now {kept}"),
    }
}
