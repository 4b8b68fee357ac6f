//! What is worth a notification. Pure: events in, now and then a note out.
//!
//! A note says how many, never what: it may be read on a locked screen by anybody.

use std::cmp::Ordering;

use roadbook_api::Event;

/// Something that a person wants to know while looking elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    /// More changes than before need a decision by this person.
    NeedsYou {
        /// How many there are now.
        count: u64,
    },
    /// More conflicts than before wait for somebody who may decide them.
    ToReview {
        /// How many there are now.
        count: u64,
    },
    /// Conflicts were decided.
    Decided {
        /// How many.
        count: u64,
    },
}

impl Note {
    /// Whether only who may decide conflicts wants to know it.
    pub(crate) fn is_for_reviewers(self) -> bool {
        matches!(self, Self::ToReview { .. })
    }

    /// Returns the words for it.
    pub(crate) fn words(self) -> String {
        match self {
            Self::NeedsYou { count: 1 } => "One change needs you.".to_owned(),
            Self::NeedsYou { count } => format!("{count} changes need you."),
            Self::ToReview { count: 1 } => "A conflict waits for a decision.".to_owned(),
            Self::ToReview { count } => format!("{count} conflicts wait for a decision."),
            Self::Decided { count: 1 } => "A conflict was decided.".to_owned(),
            Self::Decided { count } => format!("{count} conflicts were decided."),
        }
    }
}

/// The numbers that were told last.
#[derive(Debug)]
pub(crate) struct Attention {
    needs_you: u64,
    /// Of another device it is not known yet.
    conflicts: Option<u64>,
}

impl Attention {
    /// Begins with the numbers of now: what is known already is no news.
    pub(crate) fn since(needs_you: u64, conflicts: u64) -> Self {
        Self { needs_you, conflicts: Some(conflicts) }
    }

    /// Takes an event in and says what is worth a note.
    pub(crate) fn heard(&mut self, event: &Event) -> Option<Note> {
        match event {
            Event::SyncChanged { status } => {
                let needs = self.needs(status.needs_you);
                needs.or(self.conflicts(status.conflicts))
            }
            Event::QueueChanged { needs_you, .. } => self.needs(*needs_you),
            Event::ConflictsChanged { open } => self.conflicts(*open),
            // Another device, or none: its numbers are told afterwards and are no news either.
            Event::SessionChanged { .. } => {
                self.needs_you = u64::MAX;
                self.conflicts = None;
                None
            }
            Event::RecordsChanged { .. } | Event::FirstSync { .. } | Event::PlanProgress { .. } => {
                None
            }
        }
    }

    fn needs(&mut self, now: u64) -> Option<Note> {
        let before = std::mem::replace(&mut self.needs_you, now);
        (now > before).then_some(Note::NeedsYou { count: now })
    }

    fn conflicts(&mut self, now: u64) -> Option<Note> {
        let before = self.conflicts.replace(now)?;
        match now.cmp(&before) {
            Ordering::Less => Some(Note::Decided { count: before - now }),
            Ordering::Equal => None,
            Ordering::Greater => Some(Note::ToReview { count: now }),
        }
    }
}

#[cfg(test)]
mod tests {
    use roadbook_api::views::{SessionMode, SessionState, SessionView};

    use super::*;

    fn queue(needs_you: u64) -> Event {
        Event::QueueChanged { pending: 0, needs_you }
    }

    #[test]
    fn more_that_needs_a_person_is_news_and_the_same_or_less_is_none() {
        let mut attention = Attention::since(1, 0);
        assert_eq!(attention.heard(&queue(1)), None, "it was known");
        assert_eq!(attention.heard(&queue(3)), Some(Note::NeedsYou { count: 3 }));
        assert_eq!(attention.heard(&queue(3)), None, "and is told once");
        assert_eq!(attention.heard(&queue(2)), None);
    }

    #[test]
    fn fewer_conflicts_were_decided_and_more_wait_for_who_may_decide_them() {
        let mut attention = Attention::since(0, 2);
        let more = attention.heard(&Event::ConflictsChanged { open: 3 });
        assert_eq!(more, Some(Note::ToReview { count: 3 }));
        assert!(more.is_some_and(Note::is_for_reviewers), "a rep is not told");
        assert_eq!(attention.heard(&Event::ConflictsChanged { open: 3 }), None, "told once");
        let decided = attention.heard(&Event::ConflictsChanged { open: 1 });
        assert_eq!(decided, Some(Note::Decided { count: 2 }));
        assert!(!decided.is_some_and(Note::is_for_reviewers));
    }

    #[test]
    fn what_another_device_brings_along_is_no_news() {
        let session = SessionView {
            state: SessionState::Ready,
            mode: SessionMode::Device,
            user: None,
            who: None,
            role: None,
            device: None,
            device_name: None,
            tenant: None,
            tenant_name: None,
            can_review: false,
            confidential: Vec::new(),
            server: None,
        };
        let mut attention = Attention::since(0, 5);
        assert_eq!(attention.heard(&Event::SessionChanged { session: Box::new(session) }), None);
        assert_eq!(attention.heard(&queue(2)), None, "its queue is as it was");
        assert_eq!(attention.heard(&Event::ConflictsChanged { open: 4 }), None);
        assert_eq!(attention.heard(&queue(3)), Some(Note::NeedsYou { count: 3 }));
    }

    #[test]
    fn a_note_counts_and_names_nothing() {
        assert_eq!(Note::NeedsYou { count: 1 }.words(), "One change needs you.");
        assert_eq!(Note::ToReview { count: 1 }.words(), "A conflict waits for a decision.");
        assert_eq!(Note::ToReview { count: 3 }.words(), "3 conflicts wait for a decision.");
        assert_eq!(Note::Decided { count: 4 }.words(), "4 conflicts were decided.");
    }
}
