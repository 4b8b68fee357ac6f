//! Showing the page again when the process that draws it has ended: the engine may crash, and the
//! system may take its memory. Nothing is lost by it, because everything that is saved is with the
//! app, but the window would stay empty.

use std::cell::Cell;
use std::time::{Duration, Instant};

use tauri::WebviewWindow;
use webkit2gtk::{WebView, WebViewExt as _, glib};

/// A page that ends again before this has passed is not loaded at once.
const STEADY: Duration = Duration::from_secs(10);

/// How long it then waits.
const PAUSE: Duration = Duration::from_secs(5);

/// Loads the page again whenever its process has ended.
#[allow(clippy::disallowed_methods, reason = "a shell's own pause; no data depends on it")]
pub(crate) fn watch(page: &WebviewWindow) -> tauri::Result<()> {
    page.with_webview(|view| {
        let last = Cell::new(None::<Instant>);
        view.inner().connect_web_process_terminated(move |view, reason| {
            tracing::warn!("the process of the page has ended ({reason:?}); it is loaded again");
            let before = last.replace(Some(Instant::now()));
            if before.is_none_or(|before| before.elapsed() > STEADY) {
                view.reload();
            } else {
                reload_later(view);
            }
        });
    })
}

fn reload_later(view: &WebView) {
    let view = view.clone();
    glib::timeout_add_local_once(PAUSE, move || view.reload());
}
