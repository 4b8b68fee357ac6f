//! Status and doctor.

use std::fmt::Write as _;

use roadbook_api::views::{CheckOutcome, DoctorView, SyncStatusView};
use roadbook_domain::Entity;

use super::words::{Now, count, grouped};
use crate::terminal::{Style, Terminal};

/// Where the device stands.
pub(crate) fn status(view: &SyncStatusView, terminal: &Terminal, now: &Now) -> String {
    let mut out = format!("{}\n", terminal.style(Style::Bold, &view.device_name));
    match (&view.who, &view.role, &view.server) {
        (Some(who), Some(role), Some(server)) => {
            let _ = writeln!(out, "{who}, {role}, at {server}");
        }
        _ => out.push_str("not enrolled yet\n"),
    }
    match view.last_sync_ms {
        Some(at) => {
            let _ = writeln!(out, "last synced {}", now.at(at));
        }
        None => out.push_str("never synced\n"),
    }
    if view.first_sync_unfinished {
        out.push_str("the first sync is not complete yet\n");
    }
    let _ = writeln!(out, "{}", count(view.pending, "change to send", "changes to send"));
    if view.held > 0 {
        let _ = writeln!(out, "{}", count(view.held, "change waits", "changes wait"));
    }
    if view.needs_you > 0 {
        let text = count(view.needs_you, "change needs you", "changes need you");
        let _ = writeln!(out, "{}", terminal.style(Style::Warn, &text));
    }
    if view.conflicts > 0 {
        let text = count(view.conflicts, "open conflict", "open conflicts");
        let _ = writeln!(out, "{}", terminal.style(Style::Warn, &text));
    }
    let records: Vec<String> = view
        .records
        .iter()
        .map(|(kind, number)| {
            let name = kind.parse::<Entity>().map_or(kind.as_str(), |entity| {
                if *number == 1 { entity.name() } else { entity.plural() }
            });
            format!("{} {}", grouped(&number.to_string()), name.replace('_', " "))
        })
        .collect();
    if !records.is_empty() {
        let _ = writeln!(out, "on this device: {}", records.join(", "));
    }
    out
}

/// The device's health.
pub(crate) fn doctor(view: &DoctorView, terminal: &Terminal) -> String {
    let mut out = String::new();
    for check in &view.checks {
        let (word, style) = match check.outcome {
            CheckOutcome::Passed => ("well", Style::Dim),
            CheckOutcome::Failed => ("WRONG", Style::Warn),
            CheckOutcome::Skipped => ("not checked", Style::Dim),
        };
        let _ = writeln!(
            out,
            "{:<12} {:<12} {}",
            check.check,
            terminal.style(style, word),
            check.detail
        );
    }
    let _ = write!(
        out,
        "{}, read up to place {} of the log",
        count(view.documents, "document", "documents"),
        grouped(&view.position.to_string())
    );
    out
}
