//! Long planning work: off the caller's thread, with progress, cancelled by Ctrl-C.
//!
//! The work writes nothing. What it made is written at the end, whole or not at all, so that
//! cancelling may simply stop waiting for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::planning::{PlanProgress, PlanWatch};
use tokio::sync::mpsc::unbounded_channel;

use crate::run::runtime;
use crate::terminal::{Milestone, Terminal};

/// Runs work on files beside the thread that shows progress and listens for Ctrl-C.
pub(crate) fn run<T: Send + 'static>(
    terminal: &Terminal,
    work: impl FnOnce(&PlanWatch<'_>) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let stopped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stopped);
    let done = run_with(terminal, move |tell| {
        work(&PlanWatch { progress: &tell, stop: &|| seen.load(Ordering::Relaxed) })
    });
    stopped.store(true, Ordering::Relaxed);
    done
}

/// Runs work that is given whom to tell of progress. After Ctrl-C nobody waits for it.
pub(crate) fn run_with<T: Send + 'static>(
    terminal: &Terminal,
    work: impl FnOnce(Tell) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let (tell, mut told) = unbounded_channel::<PlanProgress>();
    let (done, mut result) = tokio::sync::oneshot::channel();
    // Nobody joins this thread: after Ctrl-C it ends with the program.
    drop(std::thread::spawn(move || {
        let tell = Box::new(move |progress| {
            // Whoever listens may have gone already.
            let _ = tell.send(progress);
        });
        drop(done.send(work(tell)));
    }));
    runtime()?.block_on(async {
        let cancelled = tokio::signal::ctrl_c();
        tokio::pin!(cancelled);
        loop {
            tokio::select! {
                made = &mut result => {
                    return made.unwrap_or_else(|_| Err(ApiError::new(
                        ErrorCode::Internal,
                        "the work stopped by a defect; nothing was written",
                    )));
                }
                Some(progress) = told.recv() => show(terminal, progress),
                interrupted = &mut cancelled => {
                    if interrupted.is_ok() {
                        let message = "cancelled; nothing was written";
                        return Err(ApiError::new(ErrorCode::Cancelled, message));
                    }
                }
            }
        }
    })
}

/// Takes progress.
pub(crate) type Tell = Box<dyn Fn(PlanProgress) + Send + Sync>;

fn show(terminal: &Terminal, progress: PlanProgress) {
    let PlanProgress { what, done, total } = progress;
    let doing = match what {
        "read" => "reading",
        "clean" => "cleaning",
        "train" => "training",
        "forecast" => "forecasting",
        "score" => "scoring",
        "validate" => "looking back",
        _ => "solving",
    };
    let text = if total > 1 { format!("{doing}: {done} of {total}") } else { doing.to_owned() };
    terminal.progress(&text, Milestone::No);
}
