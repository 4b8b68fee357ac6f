//! What the commands work on: the session over the device's folder, opened once, when it is needed.
//!
//! A device that cannot be opened (another program has it, it is damaged) is no reason not to show
//! the window: each command says why, and the next one tries again.

use std::path::PathBuf;
use std::sync::Arc;

use roadbook_api::ApiError;
use roadbook_app::{Place, Session, Settings};
use serde_json::Value;
use tauri::{AppHandle, Manager as _};
use tokio::sync::OnceCell;

use crate::args::Args;
use crate::machine::Machine;
use crate::news;

/// The session, or the place where it will be opened.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Inner>);

struct Inner {
    app: AppHandle,
    place: Place,
    session: OnceCell<Arc<Session>>,
}

impl Desk {
    /// A desk over the folder of the arguments, else of the environment, else of `roadbook`.
    pub(crate) fn new(app: &AppHandle, args: &Args) -> tauri::Result<Self> {
        let named = args.folder.clone().or_else(|| variable("ROADBOOK_DIR").map(PathBuf::from));
        let folder = match named {
            Some(folder) => folder,
            None => app.path().data_dir()?.join("roadbook"),
        };
        let place = Place {
            folder,
            settings: Settings::shipped(),
            host: Arc::new(Machine),
            passphrase: variable("ROADBOOK_PASSPHRASE"),
            // A desktop without a folder for downloads has at least a home.
            files: Some(app.path().download_dir().or_else(|_| app.path().home_dir())?),
        };
        Ok(Self(Arc::new(Inner { app: app.clone(), place, session: OnceCell::new() })))
    }

    /// Starts to open the device beside the window.
    pub(crate) fn begin(&self) {
        let inner = Arc::clone(&self.0);
        tauri::async_runtime::spawn(async move {
            if let Err(error) = inner.session().await {
                tracing::warn!(code = error.code.word(), "the device cannot be opened");
            }
        });
    }

    /// Carries a command out by its name.
    pub(crate) async fn call(&self, name: &str, request: Value) -> Result<Value, ApiError> {
        self.0.session().await?.call(name, request).await
    }

    /// Somebody looks at the window: syncs soon.
    pub(crate) fn wake(&self) {
        if let Some(session) = self.0.session.get() {
            session.wake();
        }
    }

    /// Waits for what is being saved and closes the device.
    pub(crate) fn close(&self) {
        if let Some(session) = self.0.session.get() {
            tauri::async_runtime::block_on(session.stop());
        }
    }
}

impl Inner {
    async fn session(&self) -> Result<&Arc<Session>, ApiError> {
        let open = || async {
            let session = Arc::new(Session::open(self.place.clone()).await?);
            news::begin(&self.app, &session);
            Ok(session)
        };
        self.session.get_or_try_init(open).await
    }
}

/// Returns a variable of the environment that holds something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
