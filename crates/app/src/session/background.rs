//! Keeping the device in sync in the background, and telling how that goes.

use std::sync::{Arc, PoisonError};

use roadbook_api::views::SessionState;
use tokio::task::JoinHandle;

use super::{Inner, Standing, blocking};
use crate::news::Way;
use crate::{ApiResult, App, Cancel, Exchanged, Step};

/// A sync that goes on until it is stopped.
pub(super) struct Running {
    pub(super) cancel: Cancel,
    task: JoinHandle<()>,
}

impl Inner {
    /// Starts to keep an enrolled device in sync, unless that runs already.
    pub(super) async fn start_syncing(self: &Arc<Self>) {
        let app = match &*self.standing.read().await {
            Standing::Open(app) => Arc::clone(app),
            Standing::Absent | Standing::Locked => return,
        };
        let counted = Arc::clone(self);
        let looked = Arc::clone(&app);
        let enrolled = blocking(move || {
            counted.news.count(&looked, Way::Same, counted.place.now_ms());
            Ok(looked.session(roadbook_api::views::SessionMode::Device).state)
        });
        if !matches!(enrolled.await, Ok(SessionState::Ready)) {
            return;
        }
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            return;
        }
        let cancel = Cancel::default();
        // The task must not keep the session alive, or nothing would ever stop it.
        let inner = Arc::downgrade(self);
        let wake = Arc::clone(&self.wake);
        let stop = cancel.clone();
        let task = tokio::spawn(async move {
            let watch = |step: Step| {
                if let Some(inner) = inner.upgrade() {
                    inner.stepped(&app, step);
                }
            };
            if let Err(error) = app.keep_in_sync(&wake, &watch, &stop).await {
                tracing::warn!(
                    code = error.code.word(),
                    "background sync ended: {}",
                    error.code.word()
                );
            }
        });
        *running = Some(Running { cancel, task });
    }

    /// Stops syncing, and waits until it has stopped.
    pub(super) async fn stop_syncing(&self) {
        {
            let mut cancel = self.cancel.lock().unwrap_or_else(PoisonError::into_inner);
            cancel.cancel();
            *cancel = Cancel::default();
        }
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.cancel.cancel();
            // A panic there has been reported already, and ends the sync as well.
            drop(running.task.await);
        }
    }

    fn stepped(&self, app: &App, step: Step) {
        let now_ms = self.place.now_ms();
        match step {
            Step::Started => self.news.count(app, Way::Starts, now_ms),
            Step::Came(progress) => {
                self.news.to_come(progress.remaining);
                if progress.remaining > 0 {
                    self.news.any_record();
                    self.news.count(app, Way::Busy, now_ms);
                }
            }
            Step::Ended(done) => self.ended(app, &done),
        }
    }

    /// Tells how a sync ended.
    pub(super) fn ended(&self, app: &App, done: &ApiResult<Exchanged>) {
        let way = match done {
            Ok(done) => {
                self.news.records(app, &done.changed);
                Way::Good
            }
            Err(error) => Way::Failed(error.code),
        };
        self.news.count(app, way, self.place.now_ms());
    }
}
