//! What a face is told without asking: which records changed, how the sync strip looks.
//!
//! Events are hints (see [`roadbook_api::events`]). What is told twice is dropped here; what nobody
//! listens to costs nothing but the counting.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use roadbook_api::events::{RECORDS_MAX, ReceivedKind, SyncState, SyncStripView};
use roadbook_api::{ErrorCode, Event};
use roadbook_domain::{Entity, RecordId};
use roadbook_replica::{ListQuery, SyncStatus};
use tokio::sync::broadcast;

use crate::App;
use crate::planning::PlanProgress;

/// A receiver that is further behind than this loses the oldest events.
const BACKLOG: usize = 256;

/// Into so many steps progress is divided.
const PROGRESS_STEPS: u64 = 20;

/// Tells those who listen.
pub(crate) struct News {
    events: broadcast::Sender<Event>,
    told: Mutex<Told>,
}

struct Told {
    strip: SyncStripView,
    queue: (u64, u64),
    first_sync: bool,
    /// About how many records are to come, as the server said last.
    to_come: u64,
}

/// How the way to the server is, as far as whoever calls knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As before.
    Same,
    /// An exchange starts; worth showing if anything waits for it.
    Starts,
    /// An exchange is under way and brings much.
    Busy,
    /// The last exchange went well.
    Good,
    /// It did not.
    Failed(ErrorCode),
}

impl News {
    pub(crate) fn new(now_ms: i64) -> Self {
        let told = Told { strip: blank(now_ms), queue: (0, 0), first_sync: false, to_come: 0 };
        Self { events: broadcast::Sender::new(BACKLOG), told: Mutex::new(told) }
    }

    /// Starts over: the device is gone.
    pub(crate) fn reset(&self, now_ms: i64) {
        let strip = blank(now_ms);
        *self.lock() = Told { strip: strip.clone(), queue: (0, 0), first_sync: false, to_come: 0 };
        self.any_record();
        self.tell(Event::SyncChanged { status: strip });
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    pub(crate) fn tell(&self, event: Event) {
        // Nobody listens: nobody misses it.
        drop(self.events.send(event));
    }

    /// Tells how far planning on a device has come, in steps of a twentieth: whoever listens must
    /// not fall behind because of a bar that grows.
    pub(crate) fn watch_planning(&self, app: &App) {
        let events = self.events.clone();
        let last = Mutex::new(("", u64::MAX));
        app.watch_planning(Some(Arc::new(move |progress: PlanProgress| {
            let PlanProgress { what, done, total } = progress;
            let now = (what, done * PROGRESS_STEPS / total.max(1));
            let before =
                std::mem::replace(&mut *last.lock().unwrap_or_else(PoisonError::into_inner), now);
            if before != now {
                drop(events.send(Event::PlanProgress { what: what.to_owned(), done, total }));
            }
        })));
    }

    /// The strip as it was told last.
    pub(crate) fn strip(&self) -> SyncStripView {
        self.lock().strip.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what waits, and tells what is not as it was. Blocking.
    pub(crate) fn count(&self, app: &App, way: Way, now_ms: i64) {
        let Ok(status) = app.with(|replica| replica.status()) else {
            // Whoever asks the device next is told what is wrong with it.
            return;
        };
        let mut told = self.lock();
        let queue = (status.pending + status.waiting, status.needs_you);
        let mut events = Vec::new();
        if told.queue != queue {
            told.queue = queue;
            events.push(Event::QueueChanged { pending: queue.0, needs_you: queue.1 });
        }
        if told.strip.conflicts != status.conflicts {
            events.push(Event::ConflictsChanged { open: status.conflicts });
        }
        let strip = strip(&told.strip, &status, way, now_ms);
        if told.strip != strip {
            told.strip = strip.clone();
            events.push(Event::SyncChanged { status: strip });
        }
        let first_sync = status.last_sync_ms.is_none() || status.first_sync_unfinished;
        let ended = std::mem::replace(&mut told.first_sync, first_sync) && !first_sync;
        let to_come = told.to_come;
        drop(told);
        if ended || (first_sync && way == Way::Busy) {
            events.push(Event::FirstSync { kinds: kinds(app), to_come, finished: ended });
        }
        for event in events {
            self.tell(event);
        }
    }

    /// Notes about how many records are to come.
    pub(crate) fn to_come(&self, to_come: u64) {
        self.lock().to_come = to_come;
    }

    /// Tells which records changed. Blocking.
    pub(crate) fn records(&self, app: &App, records: &[RecordId]) {
        if records.is_empty() {
            return;
        }
        if records.len() > RECORDS_MAX {
            return self.any_record();
        }
        let mut entities = BTreeSet::new();
        for record in records {
            match app.with(|replica| replica.record(*record)) {
                Ok(Some(row)) => drop(entities.insert(row.entity.name())),
                // One that is gone was of any kind.
                Ok(None) | Err(_) => return self.any_record(),
            }
        }
        let entities = entities.into_iter().map(str::to_owned).collect();
        self.tell(Event::RecordsChanged { entities, records: records.to_vec(), more: false });
    }

    /// Tells that records of any kind may have changed.
    pub(crate) fn any_record(&self) {
        let entities = Entity::ALL.iter().map(|entity| entity.name().to_owned()).collect();
        self.tell(Event::RecordsChanged { entities, records: Vec::new(), more: true });
    }
}

/// The strip of a device that has not been counted yet.
const fn blank(now_ms: i64) -> SyncStripView {
    SyncStripView {
        state: SyncState::Offline,
        since_ms: now_ms,
        last_sync_ms: None,
        saved: 0,
        sending: 0,
        needs_you: 0,
        conflicts: 0,
        problem: None,
    }
}

fn strip(before: &SyncStripView, status: &SyncStatus, way: Way, now_ms: i64) -> SyncStripView {
    let waits = status.pending > 0 || status.last_sync_ms.is_none() || status.first_sync_unfinished;
    let (state, problem) = match way {
        Way::Same => (before.state, before.problem),
        Way::Starts if !waits => (before.state, before.problem),
        // A strip that flickers between two words while nobody can be reached says less.
        Way::Starts if before.state == SyncState::Offline && before.last_sync_ms.is_some() => {
            (before.state, before.problem)
        }
        Way::Starts | Way::Busy => (SyncState::Syncing, None),
        Way::Good => (SyncState::Online, None),
        Way::Failed(ErrorCode::Unreachable) => (SyncState::Offline, None),
        Way::Failed(code) => (SyncState::Degraded, Some(code)),
    };
    SyncStripView {
        state,
        since_ms: if state == before.state { before.since_ms } else { now_ms },
        last_sync_ms: status.last_sync_ms,
        saved: (status.pending + status.waiting).saturating_sub(status.sending),
        sending: status.sending,
        needs_you: status.needs_you,
        conflicts: status.conflicts,
        problem,
    }
}

/// What is here, by kind.
fn kinds(app: &App) -> Vec<ReceivedKind> {
    let count = |entity| app.with(|replica| replica.count(&ListQuery::newest(entity, 1)));
    Entity::ALL
        .iter()
        .filter_map(|entity| {
            let received = count(*entity).ok().filter(|received| *received > 0)?;
            Some(ReceivedKind { entity: entity.name().to_owned(), received })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(pending: u64) -> SyncStatus {
        SyncStatus { pending, last_sync_ms: Some(1), ..SyncStatus::default() }
    }

    #[test]
    fn the_strip_says_since_when_and_does_not_flicker() {
        let news = News::new(5);
        let offline = strip(&news.strip(), &status(1), Way::Failed(ErrorCode::Unreachable), 9);
        assert_eq!((offline.state, offline.since_ms, offline.saved), (SyncState::Offline, 5, 1));
        let trying = strip(&offline, &status(1), Way::Starts, 10);
        assert_eq!(trying, offline, "each try to reach the server is no news");
        let online = strip(&trying, &status(0), Way::Good, 11);
        assert_eq!((online.state, online.since_ms), (SyncState::Online, 11));
        assert_eq!(strip(&online, &status(0), Way::Starts, 12), online, "nothing to send");
        let sending = strip(&online, &status(1), Way::Starts, 13);
        assert_eq!((sending.state, sending.since_ms), (SyncState::Syncing, 13));
        let refused = strip(&sending, &status(1), Way::Failed(ErrorCode::DeviceRefused), 14);
        assert_eq!(refused.state, SyncState::Degraded);
        assert_eq!(refused.problem, Some(ErrorCode::DeviceRefused));
    }
}
