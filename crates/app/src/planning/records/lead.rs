//! A lead as scoring reads it: when it came, how it stands, and when that was decided.

use jiff::civil::Date;
use roadbook_domain::schema::crm::LEAD_STATUS;

use super::book::Entry;
use super::dates;

/// Statuses in which a lead is decided.
const QUALIFIED: &str = "Qualified";
const UNQUALIFIED: &str = "Unqualified";

/// Whether a lead waits for somebody.
pub(super) fn is_open(lead: &Entry) -> bool {
    !matches!(lead.text("status"), Some(QUALIFIED | UNQUALIFIED))
}

/// How a lead was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Qualified,
    Unqualified,
}

/// A lead.
#[derive(Debug, Clone)]
pub(super) struct Lead<'a> {
    pub(super) entry: &'a Entry,
    pub(super) status: String,
    pub(super) opened: Date,
    /// The day of its last move where that was a decision.
    pub(super) decided: Option<(Date, Verdict)>,
}

impl<'a> Lead<'a> {
    /// Reads a lead as it stands now or, where a day is asked for, as it stood then; `None` where
    /// it was not there yet.
    ///
    /// It was opened when its id was made, or at its first move where that is earlier. It was
    /// decided at its last move, or at its last change where no move was noted.
    pub(super) fn of(entry: &'a Entry, asked: Option<Date>) -> Option<Self> {
        let moves: Vec<(Date, &str)> = entry
            .log("status_history")
            .iter()
            .map(|line| (dates::of_ms(line.at_ms), line.text.as_str()))
            .collect();
        let made = dates::of_ms(entry.id.made_ms());
        let opened = moves.iter().map(|(day, _)| *day).min().map_or(made, |first| first.min(made));
        if asked.is_some_and(|asked| opened > asked) {
            return None;
        }
        let known = |day: Date| asked.is_none_or(|asked| day <= asked);
        let now = entry.text("status").unwrap_or(LEAD_STATUS.initial().name);
        let updated = dates::of_ms(entry.updated_ms());
        let last = moves.iter().rev().find(|(day, _)| known(*day));
        let (since, status) = match (asked, last) {
            (None, last) => (last.map_or(updated, |(day, _)| *day), now),
            (Some(_), Some((day, status))) => (*day, *status),
            (Some(_), None) if moves.is_empty() && (is_open(entry) || known(updated)) => {
                (updated, now)
            }
            // What came later is not known on that day.
            (Some(_), None) => (opened, LEAD_STATUS.initial().name),
        };
        let verdict = match status {
            QUALIFIED => Some(Verdict::Qualified),
            UNQUALIFIED => Some(Verdict::Unqualified),
            _ => None,
        };
        let decided = verdict.map(|verdict| (since.max(opened), verdict));
        Some(Self { entry, status: status.to_owned(), opened, decided })
    }

    /// Days since it was opened.
    pub(super) fn age(&self, day: Date) -> i32 {
        dates::between(self.opened, day).max(0)
    }

    /// Where it came from; `None` where nobody wrote it down.
    pub(super) fn source(&self) -> Option<&'a str> {
        self.entry.text("source")
    }
}
