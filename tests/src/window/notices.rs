//! The desktop's notifications, as its service gets them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::OwnedValue;

/// What was shown, newest last.
#[derive(Debug, Clone, Default)]
struct Shown(Arc<Mutex<Vec<String>>>);

/// The service of a desktop.
pub(super) struct Notices {
    shown: Shown,
    _service: Connection,
}

struct Service(Shown);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[allow(clippy::too_many_arguments, reason = "the specification of the desktop names them")]
    #[allow(clippy::needless_pass_by_value, reason = "they come off the bus")]
    fn notify(
        &self,
        app: String,
        _replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expires_ms: i32,
    ) -> u32 {
        self.0.list().push(format!("{app}|{summary}|{body}"));
        1
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("none".to_owned(), "roadbook".to_owned(), "1".to_owned(), "1.2".to_owned())
    }
}

impl Shown {
    fn list(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notices {
    /// Takes the service's name on a bus.
    pub(super) fn serve(bus: &str) -> anyhow::Result<Self> {
        let shown = Shown::default();
        let service = Builder::address(bus)?
            .name("org.freedesktop.Notifications")?
            .serve_at("/org/freedesktop/Notifications", Service(shown.clone()))?
            .build()
            .context("notifications cannot be served")?;
        Ok(Self { shown, _service: service })
    }

    /// What was shown since the last look.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.shown.list())
    }
}
