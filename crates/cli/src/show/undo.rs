//! What undoing brought about.

use std::fmt::Write as _;

use roadbook_api::views::{DisputeAfter, UndoneHow, UndoneView};

use super::words::{self, Now, short};
use crate::terminal::{Style, Terminal};

/// What was undone.
pub(crate) fn undone(view: &UndoneView, terminal: &Terminal, now: &Now) -> String {
    let records: Vec<String> = view.records.iter().map(words::record).collect();
    let changes: Vec<String> =
        view.changes.iter().map(|change| words::change(change, now)).collect();
    let mut out = match view.how {
        UndoneHow::Withdrawn => {
            format!("{}: as if this had not been: {}", records.join(", "), changes.join("; "))
        }
        UndoneHow::Reversed => format!("{}: {}", records.join(", "), changes.join("; ")),
    };
    for change in &view.left {
        let _ = write!(out, "\nLeft as it is, somebody changed it since: {}", change.label);
    }
    for intent in &view.set_aside {
        let _ = write!(out, "\n{} built on it and needs you: roadbook pending", short(intent));
    }
    match view.dispute {
        Some(DisputeAfter::Reopened) => out.push_str("\nThe conflict is open again."),
        Some(DisputeAfter::StaysSettled) => {
            out.push_str(
                "\nThat value stands now. The conflict stays settled, since the decision was sent; \
                 roadbook history has the other values.",
            );
        }
        None => {}
    }
    let again = match view.how {
        UndoneHow::Withdrawn => {
            format!("To do it again: roadbook pending restore {}", short(&view.intent))
        }
        UndoneHow::Reversed => {
            // Whole ids: what was sent is found by them alone.
            let ids: Vec<String> = view.reversed_by.iter().map(ToString::to_string).collect();
            format!("Saved on this device. To do it again: roadbook undo {}", ids.join(", then "))
        }
    };
    let _ = write!(out, "\n{}", terminal.style(Style::Dim, &again));
    out
}
