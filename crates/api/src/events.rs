//! What a face is told without asking.
//!
//! An event says that something is no longer as it was shown; the face asks again for what it
//! shows. Events may be lost or joined, so nothing may depend on getting each one.

use roadbook_domain::RecordId;
use serde::{Deserialize, Serialize};

use crate::views::SessionView;

/// The most records that one event names.
pub const RECORDS_MAX: usize = 50;

/// How things stand with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// Everything went well the last time.
    Online,
    /// The server cannot be reached: a state, not an error.
    Offline,
    /// An exchange is under way.
    Syncing,
    /// The server answers, but something is wrong that waiting alone does not mend.
    Degraded,
}

/// The sync strip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStripView {
    /// How things stand.
    pub state: SyncState,
    /// Since when.
    pub since_ms: i64,
    /// When the device last heard from the server.
    pub last_sync_ms: Option<i64>,
    /// Intents that are saved on this device and not under way.
    pub saved: u64,
    /// Intents that are under way.
    pub sending: u64,
    /// Intents that were denied and need a decision.
    pub needs_you: u64,
    /// Open conflicts.
    pub conflicts: u64,
    /// What is wrong, when degraded: the code of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<crate::ErrorCode>,
}

/// How far the first sync has come with one kind of record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedKind {
    /// The kind of record.
    pub entity: String,
    /// How many are here.
    pub received: u64,
}

/// Something that a face is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Records are not what they were.
    RecordsChanged {
        /// The kinds of the changed records.
        entities: Vec<String>,
        /// The records, at most [`RECORDS_MAX`].
        records: Vec<RecordId>,
        /// There were more records than are named.
        more: bool,
    },
    /// The sync strip.
    SyncChanged {
        /// How it looks now.
        status: SyncStripView,
    },
    /// The queue is not what it was.
    QueueChanged {
        /// Intents that wait to be sent.
        pending: u64,
        /// Intents that need a decision.
        needs_you: u64,
    },
    /// The open conflicts are not what they were.
    ConflictsChanged {
        /// How many there are.
        open: u64,
    },
    /// The first sync has come further.
    FirstSync {
        /// What is here, by kind.
        kinds: Vec<ReceivedKind>,
        /// About how many more are to come, as the server said last; 0 where that is not known.
        to_come: u64,
        /// It has come to its end.
        finished: bool,
    },
    /// The session is not what it was.
    SessionChanged {
        /// What it is now.
        session: Box<SessionView>,
    },
    /// Planning that is under way has come further. Its end is the answer of its command.
    PlanProgress {
        /// What is done: `read`, `clean`, `train`, `forecast`, `validate`, `score` or `solve`.
        what: String,
        /// Pieces done.
        done: u64,
        /// Pieces to do.
        total: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::tests::{json, record};
    use crate::views::{SessionMode, SessionState};

    #[test]
    fn the_json_of_every_event_is_pinned() {
        let strip = SyncStripView {
            state: SyncState::Degraded,
            since_ms: 1_000,
            last_sync_ms: Some(900),
            saved: 3,
            sending: 1,
            needs_you: 1,
            conflicts: 2,
            problem: Some(crate::ErrorCode::DeviceRefused),
        };
        let session = SessionView {
            state: SessionState::Locked,
            mode: SessionMode::Device,
            user: None,
            who: None,
            role: None,
            device: None,
            device_name: None,
            tenant: None,
            tenant_name: None,
            can_review: false,
            confidential: vec![],
            server: None,
        };
        let kind = ReceivedKind { entity: "account".into(), received: 5 };
        let events = vec![
            Event::RecordsChanged {
                entities: vec!["account".into()],
                records: vec![record(1)],
                more: false,
            },
            Event::SyncChanged { status: strip },
            Event::QueueChanged { pending: 1, needs_you: 0 },
            Event::ConflictsChanged { open: 2 },
            Event::FirstSync { kinds: vec![kind], to_come: 20, finished: false },
            Event::SessionChanged { session: Box::new(session) },
            Event::PlanProgress { what: "train".into(), done: 2, total: 6 },
        ];
        insta::assert_snapshot!(json(&events));
    }
}
