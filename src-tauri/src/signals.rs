//! The end that a desktop asks for: when its session ends, or at Ctrl-C, the app ends as it does
//! when its window is closed.

use tauri::AppHandle;
use tokio::signal::unix::{SignalKind, signal};

/// Ends the app with success at the first such signal; a second one ends it at once.
pub(crate) fn listen(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                app.exit(0);
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                std::process::exit(1);
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!("the end of the desktop's session is not heard: {error}");
            }
        }
    });
}
