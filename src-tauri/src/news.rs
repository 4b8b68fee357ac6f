//! Passes the session's events on: to the page, and to the desktop where nobody looks at the page.

use std::sync::{Arc, Weak};

use roadbook_api::Event;
use roadbook_app::Session;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tauri_plugin_notification::NotificationExt as _;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::WINDOW;
use crate::attention::{Attention, Note};

/// The name under which the page hears of events.
const EVENT: &str = "roadbook";

/// Starts to pass events on, until the session ends.
pub(crate) fn begin(app: &AppHandle, session: &Arc<Session>) {
    let strip = session.strip();
    let attention = Attention::since(strip.needs_you, strip.conflicts);
    let passing = pass_on(app.clone(), Arc::downgrade(session), session.events(), attention);
    tauri::async_runtime::spawn(passing);
}

async fn pass_on(
    app: AppHandle,
    session: Weak<Session>,
    mut events: Receiver<Event>,
    mut attention: Attention,
) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            // Some were lost: whatever is shown may be old.
            Err(RecvError::Lagged(_)) => {
                Event::RecordsChanged { entities: Vec::new(), records: Vec::new(), more: true }
            }
            Err(RecvError::Closed) => return,
        };
        if let Some(note) = attention.heard(&event)
            && !is_looked_at(&app)
            && (!note.is_for_reviewers() || may_review(&session).await)
        {
            notify(&app, note);
        }
        if let Err(error) = app.emit_to(WINDOW, EVENT, &event) {
            tracing::warn!("the page was not told of an event: {error}");
        }
    }
}

async fn may_review(session: &Weak<Session>) -> bool {
    match session.upgrade() {
        Some(session) => session.show().await.is_ok_and(|view| view.can_review),
        None => false,
    }
}

fn is_looked_at(app: &AppHandle) -> bool {
    let page = app.get_webview_window(WINDOW);
    page.is_some_and(|page| page.is_focused().unwrap_or(false))
}

fn notify(app: &AppHandle, note: Note) {
    let shown = app.notification().builder().title("Roadbook").body(note.words()).show();
    if let Err(error) = shown {
        tracing::info!("the desktop shows no notifications: {error}");
    }
}
