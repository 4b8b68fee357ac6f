//! Who watches long planning work, and may stop it.

use roadbook_api::{ApiError, ErrorCode};
use roadbook_planning::Pace;

use crate::errors::ApiResult;

/// How far planning work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanProgress {
    /// What is done: `read`, `clean`, `train`, `forecast`, `validate`, `score` or `solve`.
    pub what: &'static str,
    /// Pieces done.
    pub done: u64,
    /// Pieces to do.
    pub total: u64,
}

/// Who watches, and may stop the work between two pieces.
#[derive(Clone, Copy)]
pub struct PlanWatch<'a> {
    /// Told of every piece.
    pub progress: &'a (dyn Fn(PlanProgress) + Send + Sync),
    /// Asked before every piece.
    pub stop: &'a (dyn Fn() -> bool + Send + Sync),
}

impl PlanWatch<'static> {
    /// Nobody watches and nobody stops.
    pub const UNWATCHED: Self = Self { progress: &|_| {}, stop: &|| false };
}

impl PlanWatch<'_> {
    /// Tells that a piece begins.
    ///
    /// # Errors
    /// The work was cancelled.
    pub(crate) fn step(&self, what: &'static str, done: usize, total: usize) -> ApiResult<()> {
        if (self.stop)() {
            return Err(cancelled());
        }
        (self.progress)(PlanProgress { what, done: done as u64, total: total as u64 });
        Ok(())
    }

    /// The same for the library, which asks whether to go on.
    pub(crate) fn pace(&self, what: &'static str, done: usize, total: usize) -> Pace {
        match self.step(what, done, total) {
            Ok(()) => Pace::Go,
            Err(_) => Pace::Stop,
        }
    }
}

/// What is told of work that was stopped.
pub(super) fn cancelled() -> ApiError {
    ApiError::new(ErrorCode::Cancelled, "cancelled; nothing was written")
}
