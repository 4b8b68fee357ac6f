//! The desk of an open device: who watches planning that is under way, and how it is stopped.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::watch::{PlanProgress, PlanWatch};

/// Is told how far planning has come.
pub type PlanListener = Arc<dyn Fn(PlanProgress) + Send + Sync>;

/// What planning on one device shares.
#[derive(Default)]
pub(crate) struct Desk {
    /// How often planning was stopped: work that began before the last time ends.
    stops: AtomicU64,
    listener: Mutex<Option<PlanListener>>,
}

impl Desk {
    /// Stops all planning that is under way.
    pub(crate) fn stop(&self) {
        self.stops.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn listen(&self, listener: Option<PlanListener>) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = listener;
    }

    /// Runs work that is watched and can be stopped.
    pub(crate) fn run<T>(&self, work: impl FnOnce(&PlanWatch<'_>) -> T) -> T {
        let before = self.stops.load(Ordering::Relaxed);
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let progress = |progress| {
            if let Some(listener) = &listener {
                listener(progress);
            }
        };
        let stop = || self.stops.load(Ordering::Relaxed) != before;
        work(&PlanWatch { progress: &progress, stop: &stop })
    }
}
