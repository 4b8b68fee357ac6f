//! Long planning work: off the caller's thread, with progress, cancelled by Ctrl-C.
//!
//! The work writes nothing. What it made is written at the end, whole or not at all, so that
//! cancelling may simply stop waiting for it.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::planning::{PlanProgress, PlanWatch};
use tokio::sync::mpsc::unbounded_channel;

use crate::run::runtime;
use crate::terminal::{Milestone, Terminal};

/// Runs work beside the thread that shows progress and listens for Ctrl-C.
pub(crate) fn run<T: Send + 'static>(
    terminal: &Terminal,
    work: impl FnOnce(&PlanWatch<'_>) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let stopped = Arc::new(AtomicBool::new(false));
    let (tell, mut told) = unbounded_channel::<PlanProgress>();
    let (done, result) = tokio::sync::oneshot::channel();
    let stop_seen = Arc::clone(&stopped);
    // Nobody waits for this thread after Ctrl-C: it ends with the program.
    drop(std::thread::spawn(move || {
        // Whoever listens may have gone already.
        let progress = |progress| {
            let _ = tell.send(progress);
        };
        let stop = || stop_seen.load(Ordering::Relaxed);
        drop(done.send(work(&PlanWatch { progress: &progress, stop: &stop })));
    }));
    runtime()?.block_on(async {
        let mut result = result;
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
                        stopped.store(true, Ordering::Relaxed);
                        let message = "cancelled; nothing was written";
                        return Err(ApiError::new(ErrorCode::Cancelled, message));
                    }
                }
            }
        }
    })
}

fn show(terminal: &Terminal, progress: PlanProgress) {
    let PlanProgress { what, done, total } = progress;
    let doing = match what {
        "read" => "reading",
        "clean" => "cleaning",
        "train" => "training",
        "forecast" => "forecasting",
        "score" => "scoring",
        _ => "solving",
    };
    let text = if total > 1 { format!("{doing}: {done} of {total}") } else { doing.to_owned() };
    terminal.progress(&text, Milestone::No);
}

/// Writes a file whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ApiError> {
    let failed = |error: std::io::Error| {
        let message = format!("cannot write {}: {error}", path.display());
        ApiError::new(ErrorCode::File, message)
    };
    // A device or a pipe cannot be replaced by a file.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, bytes).map_err(failed);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = std::fs::File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&part, path)).map_err(|error| {
        // The first error is the one to tell.
        drop(std::fs::remove_file(&part));
        failed(error)
    })
}
