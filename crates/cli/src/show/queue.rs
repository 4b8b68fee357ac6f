//! The queue: three words (saved, sending, needs you), never codes.

use std::fmt::Write as _;

use roadbook_api::commands::queue::Queue;
use roadbook_api::views::{ChangeView, PendingState, RecordLink};

use super::words::{self, Now, short};
use crate::terminal::{Style, Terminal};

/// The queue.
pub(crate) fn queue(queue: &Queue, terminal: &Terminal, now: &Now) -> String {
    let mut out = String::new();
    for item in &queue.needs_you {
        let head = format!("{}  Needs you  {}", short(&item.intent), records(&item.records));
        let _ = writeln!(out, "{}", terminal.style(Style::Warn, &head));
        let _ = writeln!(out, "  {}: {}", now.time(item.at_ms), changes(&item.changes, now));
        let _ = writeln!(out, "  {}", sentence(&item.reason));
        let _ = writeln!(out, "  {}", sentence(&item.remedy));
        if !item.holds.is_empty() {
            let count = item.holds.len() as u64;
            let _ = writeln!(
                out,
                "  {} with it",
                words::count(count, "later change waits", "later changes wait")
            );
        }
        let id = short(&item.intent);
        let _ = writeln!(out, "  roadbook pending retry {id}, or: roadbook pending discard {id}");
    }
    for item in &queue.pending {
        let state = match item.state {
            PendingState::Saved => "Saved",
            PendingState::Sending => "Sending",
            PendingState::Held => "Waits",
        };
        let head = format!("{}  {state}  {}", short(&item.intent), records(&item.records));
        let _ = writeln!(out, "{}", terminal.style(Style::Bold, &head));
        let _ = writeln!(out, "  {}: {}", now.time(item.at_ms), changes(&item.changes, now));
        if let Some(other) = item.waits_for {
            let _ = writeln!(out, "  waits for {}", short(&other));
        }
    }
    if out.is_empty() {
        out.push_str("everything is sent");
    }
    if !queue.discarded.is_empty() {
        let count = queue.discarded.len() as u64;
        let _ = write!(
            out,
            "\n{} given up or undone in the last 30 days; take one back: roadbook pending restore {}",
            words::count(count, "change was", "changes were"),
            short(&queue.discarded[0].intent)
        );
    }
    out
}

fn records(links: &[RecordLink]) -> String {
    links.iter().map(words::record).collect::<Vec<_>>().join(", ")
}

fn changes(changes: &[ChangeView], now: &Now) -> String {
    changes.iter().map(|change| words::change(change, now)).collect::<Vec<_>>().join("; ")
}

/// A sentence begins with a capital and ends with a stop.
fn sentence(text: &str) -> String {
    let mut chars = text.trim().chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let rest: String = chars.collect();
    let stop = if rest.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{rest}{stop}")
}
