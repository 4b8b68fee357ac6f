//! Enrolling, syncing, importing and exporting, in a few words.

use std::fmt::Write as _;

use roadbook_api::views::{EnrolledView, ExportReport, ImportReport, RejectedRow, SyncReport};

use super::table::{Lean, table};
use super::words::{count, grouped};
use crate::terminal::{Style, Terminal};

/// The terminal shows so many rejected rows; `--report` has them all.
const REJECTED_SHOWN: usize = 10;

/// A device that was enrolled.
pub(crate) fn enrolled(view: &EnrolledView) -> String {
    format!(
        "{} belongs to {} ({}) at {}.\nGet the records: roadbook sync",
        view.device_name, view.who, view.role, view.server
    )
}

/// What an exchange did.
pub(crate) fn sync(report: &SyncReport) -> String {
    let mut parts = Vec::new();
    if report.sent > 0 {
        parts.push(format!("sent {}", count(report.sent, "change", "changes")));
    }
    if report.received > 0 {
        parts.push(format!("received {}", count(report.received, "item", "items")));
    }
    if report.forgotten > 0 {
        let text = count(report.forgotten, "document", "documents");
        parts.push(format!("removed {text} that you may no longer see"));
    }
    let mut out = if parts.is_empty() { "nothing new".to_owned() } else { parts.join(", ") };
    if report.pending > 0 {
        let _ = write!(
            out,
            "\n{}: roadbook pending",
            count(report.pending, "change still waits", "changes still wait")
        );
    }
    if report.needs_you > 0 {
        let _ = write!(
            out,
            "\n{}: roadbook pending",
            count(report.needs_you, "change needs you", "changes need you")
        );
    }
    if report.conflicts > 0 {
        let _ = write!(
            out,
            "\n{}: roadbook conflicts",
            count(report.conflicts, "open conflict", "open conflicts")
        );
    }
    out
}

/// What an import did.
pub(crate) fn import(report: &ImportReport, terminal: &Terminal) -> String {
    let header = [
        ("SECTION", Lean::Left),
        ("ROWS", Lean::Right),
        (if report.dry_run { "TO MAKE" } else { "MADE" }, Lean::Right),
        (if report.dry_run { "TO CHANGE" } else { "CHANGED" }, Lean::Right),
        ("SAME", Lean::Right),
        ("REJECTED", Lean::Right),
    ];
    let number = |number: u64| grouped(&number.to_string());
    let rows: Vec<Vec<String>> = report
        .kinds
        .iter()
        .map(|kind| {
            vec![
                kind.section.clone(),
                number(kind.rows),
                number(kind.created),
                number(kind.changed),
                number(kind.unchanged),
                number(kind.rejected),
            ]
        })
        .collect();
    let mut out = table(&header, &rows, |text| terminal.style(Style::Bold, text));
    for row in report.rejected.iter().take(REJECTED_SHOWN) {
        let _ = writeln!(out, "{}", rejected(row));
    }
    if report.rejected.len() > REJECTED_SHOWN {
        let more = (report.rejected.len() - REJECTED_SHOWN) as u64;
        let _ = writeln!(
            out,
            "and {} more rejected rows; --report FILE has them all",
            grouped(&more.to_string())
        );
    }
    out.push_str(match (report.cancelled, report.dry_run) {
        (true, _) => "Cancelled. What was saved stays; import again to go on.",
        (false, true) => "Nothing was written.",
        (false, false) => "Saved on this device. Send it: roadbook sync",
    });
    out
}

/// A rejected row in one line.
fn rejected(row: &RejectedRow) -> String {
    let column = if row.column.is_empty() { String::new() } else { format!(", {}", row.column) };
    let given = if row.given.is_empty() { String::new() } else { format!(" `{}`", row.given) };
    format!("{} line {}{column}:{given} {}; {}", row.file, row.line, row.reason, row.remedy)
}

/// What an export wrote.
pub(crate) fn export(report: &ExportReport) -> String {
    let file = report.file.as_deref().unwrap_or("standard output");
    format!("wrote {} to {file}", count(report.records, "record", "records"))
}
