//! A session: what a face with a screen holds. One folder, whose device may be absent, locked, not
//! enrolled or ready.
//!
//! Local commands hold the device open for as long as they run, and no longer; so signing out, which
//! waits for them, can be sure that no work is saved behind its back. Exchanges with the server run
//! beside them. The device's own exclusive lock is held while it is open: a second program is told
//! that it is in use.

mod background;
mod enter;
mod files;
mod leave;
#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use roadbook_api::commands::queries::ShowHistory;
use roadbook_api::commands::session::ExportBundle;
use roadbook_api::commands::transfer::{ExportFormat, ExportRecords};
use roadbook_api::events::SyncStripView;
use roadbook_api::views::{BundleView, ExportReport, SessionMode, SessionState, SessionView};
use roadbook_api::{ApiError, ErrorCode, Event};
use roadbook_domain::RecordId;
use serde_json::Value;
use tokio::sync::{Notify, OwnedRwLockReadGuard, RwLock, broadcast};

use crate::backend::{Answer, Backend};
use crate::dispatch::{self, SessionWay, Way};
use crate::errors::{self, ApiResult};
use crate::import::ImportWatch;
use crate::news::{self, News};
use crate::{App, Cancel, Host, Run, Settings, Unlock};
use background::Running;

/// Where a session's device lies, and what its host chose.
#[derive(Clone)]
pub struct Place {
    /// The device's folder.
    pub folder: PathBuf,
    /// What the host chose.
    pub settings: Settings,
    /// Clock and randomness.
    pub host: Arc<dyn Host>,
    /// A passphrase that the host has from its surroundings, to be tried before the key store.
    pub passphrase: Option<String>,
    /// Where files that a person asks for are written. Without it, a face hands out the bundle of
    /// unsent work itself, and records are written beside the database.
    pub files: Option<PathBuf>,
}

impl Place {
    fn now_ms(&self) -> i64 {
        self.host.wall_ms()
    }

    /// How the device is opened when nobody was asked.
    fn unlock(&self) -> Unlock {
        self.passphrase.clone().map_or(Unlock::KeyStore, Unlock::Passphrase)
    }
}

/// The host's clock and randomness, shared with each app that is opened.
pub(crate) struct Shared(pub(crate) Arc<dyn Host>);

impl Host for Shared {
    fn wall_ms(&self) -> i64 {
        self.0.wall_ms()
    }

    fn fill(&self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn offset_minutes(&self, at_ms: i64) -> i32 {
        self.0.offset_minutes(at_ms)
    }
}

/// Whether there is a device, and whether it is open.
enum Standing {
    Absent,
    Locked,
    Open(Arc<App>),
}

/// A folder with at most one device, for a face with a screen.
pub struct Session(Arc<Inner>);

struct Inner {
    place: Place,
    standing: Arc<RwLock<Standing>>,
    /// One change of the standing at a time.
    turn: tokio::sync::Mutex<()>,
    news: News,
    /// Something was saved: sync soon.
    wake: Arc<Notify>,
    running: Mutex<Option<Running>>,
    /// Stops exchanges that a face asked for.
    cancel: Mutex<Cancel>,
    /// The unsent work of the last bundle that a face was given.
    bundled: Mutex<Vec<roadbook_domain::IntentId>>,
}

impl Session {
    /// A session over a folder. Opens the device if that needs nobody; a device that needs a
    /// passphrase stays locked. Starts to keep an enrolled device in sync. Must be called on a
    /// Tokio runtime.
    ///
    /// # Errors
    /// The device is damaged, in use by another program, or of a newer version.
    pub async fn open(place: Place) -> ApiResult<Self> {
        let news = News::new(place.now_ms());
        let inner = Arc::new(Inner {
            place,
            standing: Arc::new(RwLock::new(Standing::Absent)),
            turn: tokio::sync::Mutex::new(()),
            news,
            wake: Arc::default(),
            running: Mutex::new(None),
            cancel: Mutex::new(Cancel::default()),
            bundled: Mutex::default(),
        });
        inner.open_if_possible().await?;
        Ok(Self(inner))
    }

    /// Carries a command out by its name; `request` is its JSON.
    ///
    /// # Errors
    /// [`ApiError`] with a stable code.
    pub async fn call(&self, name: &str, request: Value) -> ApiResult<Value> {
        self.0.call(name, request).await
    }

    /// Events from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.0.news.listen()
    }

    /// How things stand between the device and its server.
    #[must_use]
    pub fn strip(&self) -> SyncStripView {
        self.0.news.strip()
    }

    /// Who uses the device, and whether it is open.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn show(&self) -> ApiResult<SessionView> {
        self.0.show().await
    }

    /// The device's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.place.folder
    }

    /// Syncs soon, be it that nothing was saved: the network came back, the window came forward.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Stops syncing, waits for what is being saved, and closes the device. It can be opened
    /// again, by this session or another program.
    pub async fn stop(&self) {
        let _turn = self.0.turn.lock().await;
        self.0.stop_syncing().await;
        let mut standing = self.0.standing.write().await;
        if matches!(*standing, Standing::Open(_)) {
            *standing = Standing::Locked;
        }
    }
}

impl Backend for Session {
    fn call<'a>(&'a self, name: &'a str, request: Value) -> Answer<'a> {
        Box::pin(self.0.call(name, request))
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.0.news.listen()
    }

    fn greeting(&self) -> Vec<Event> {
        vec![Event::SyncChanged { status: self.0.news.strip() }]
    }
}

impl Inner {
    async fn call(self: &Arc<Self>, name: &str, request: Value) -> ApiResult<Value> {
        match dispatch::way(name).ok_or_else(|| dispatch::unknown(name))? {
            Way::Read(carry) | Way::Keep(carry) | Way::View(carry) => {
                self.on_device(move |_, app| carry(app, request)).await
            }
            Way::Write(carry) => {
                let work = move |_: &Self, app: &App| Ok((carry(app, request), app.take_touched()));
                let (answer, touched) = self.on_device(work).await?;
                if answer.is_ok() {
                    // Whoever pressed waits for the answer alone, not for those who are told of it.
                    let inner = Arc::clone(self);
                    tokio::spawn(async move {
                        let tell = move |inner: &Self, app: &App| {
                            inner.wrote(app, &touched);
                            Ok(())
                        };
                        // A device that was closed meanwhile has nobody to tell.
                        drop(inner.on_device(tell).await);
                    });
                }
                answer
            }
            Way::Own(carry) => self.on_device(move |_, app| carry(app, request)).await,
            Way::Session(way) => self.of_session(way, request).await,
        }
    }

    async fn of_session(self: &Arc<Self>, way: SessionWay, request: Value) -> ApiResult<Value> {
        match way {
            SessionWay::Show => dispatch::answer(&self.show().await?),
            SessionWay::ShowSync => dispatch::answer(&self.news.strip()),
            SessionWay::Unlock => dispatch::answer(&self.unlock(dispatch::read(request)?).await?),
            SessionWay::Enrol => dispatch::answer(&self.enrol(dispatch::read(request)?).await?),
            SessionWay::SignOut => dispatch::answer(&self.sign_out().await?),
            SessionWay::History => {
                let asked: ShowHistory = dispatch::read(request.clone())?;
                if asked.older {
                    let app = self.app().await?;
                    app.fetch_history(asked.entity.as_deref(), &asked.record).await?;
                }
                self.on_device(move |_, app| dispatch::carry::<ShowHistory>(app, request)).await
            }
            SessionWay::Sync => dispatch::answer(&self.sync().await?),
            SessionWay::Check => {
                let (app, cancel) = (self.app().await?, self.cancel());
                dispatch::answer(&app.doctor(&cancel).await?)
            }
            SessionWay::Import => {
                let (app, cancel) = (self.app().await?, self.cancel());
                let stop = || cancel.is_cancelled();
                let watch = ImportWatch { progress: &|_| {}, stop: &stop };
                let report = app.import(&dispatch::read(request)?, &watch).await?;
                drop(app.take_touched());
                self.news.any_record();
                self.wake.notify_one();
                dispatch::answer(&report)
            }
            SessionWay::Export => {
                self.on_device(move |inner, app| {
                    dispatch::answer(&inner.export(app, &dispatch::read(request)?)?)
                })
                .await
            }
            SessionWay::ExportBundle => {
                self.on_device(move |inner, app| {
                    dispatch::answer(&inner.export_bundle(app, dispatch::read(request)?)?)
                })
                .await
            }
        }
    }

    /// Runs blocking work on the open device. The device stays open for as long as it runs, even
    /// if nobody waits for it any more.
    async fn on_device<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self, &App) -> ApiResult<T> + Send + 'static,
    ) -> ApiResult<T> {
        let guard = Arc::clone(&self.standing).read_owned().await;
        open_app(&guard)?;
        let inner = Arc::clone(self);
        blocking(move || {
            let app = open_app(&guard)?;
            let done = work(&inner, app);
            drop(guard);
            done
        })
        .await
    }

    /// The open device, for work that waits for the network.
    async fn app(&self) -> ApiResult<Arc<App>> {
        let standing = Arc::clone(&self.standing).read_owned().await;
        open_app(&standing).cloned()
    }

    fn cancel(&self) -> Cancel {
        self.cancel.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// After a write: what was touched is told, and the sync is woken.
    fn wrote(&self, app: &App, touched: &[RecordId]) {
        if touched.is_empty() {
            self.news.any_record();
        } else {
            self.news.records(app, touched);
        }
        self.news.count(app, news::Way::Same, self.place.now_ms());
        self.wake.notify_one();
    }

    async fn sync(&self) -> ApiResult<roadbook_api::views::SyncReport> {
        let (app, cancel) = (self.app().await?, self.cancel());
        let progress = |_| {};
        let done = app.sync(&progress, &cancel).await;
        self.ended(&app, &done);
        Ok(done?.report)
    }

    async fn show(&self) -> ApiResult<SessionView> {
        let guard = Arc::clone(&self.standing).read_owned().await;
        match &*guard {
            Standing::Absent => Ok(closed(SessionState::Absent)),
            Standing::Locked => Ok(closed(SessionState::Locked)),
            Standing::Open(app) => {
                let app = Arc::clone(app);
                blocking(move || {
                    let view = app.session(SessionMode::Device);
                    drop(guard);
                    Ok(view)
                })
                .await
            }
        }
    }

    /// Makes a bundle of unsent work, and writes it where files go, if there is such a place. What
    /// is in it may be lost from this device from then on.
    fn export_bundle(&self, app: &App, command: ExportBundle) -> ApiResult<BundleView> {
        let unsent = app.unsent_intents()?;
        let mut bundle = app.run(command)?;
        if let Some(folder) = &self.place.files {
            let (file, ()) = files::write_new(folder, &bundle.file_name, |to| {
                to.write_all(bundle.text.as_bytes()).map_err(|error| {
                    ApiError::new(ErrorCode::File, format!("the bundle cannot be written: {error}"))
                })
            })?;
            bundle.file = Some(file.display().to_string());
        }
        *self.bundled.lock().unwrap_or_else(PoisonError::into_inner) = unsent;
        Ok(bundle)
    }

    /// Writes an export where files go, else into the folder `exports` beside the database.
    fn export(&self, app: &App, command: &ExportRecords) -> ApiResult<ExportReport> {
        let beside = || self.place.folder.join("exports");
        let folder = self.place.files.clone().unwrap_or_else(beside);
        let kind = match command.entities.as_slice() {
            [one] => errors::entity(one)?.name(),
            _ => "records",
        };
        let ending = match command.format {
            ExportFormat::JsonLines => "jsonl",
            ExportFormat::Csv => "csv",
        };
        let name = format!("{kind}-{}.{ending}", self.place.now_ms());
        let (file, report) = files::write_new(&folder, &name, |to| app.export(command, to))?;
        Ok(ExportReport { file: Some(file.display().to_string()), ..report })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.take() {
            running.cancel.cancel();
        }
    }
}

fn open_app(standing: &OwnedRwLockReadGuard<Standing>) -> ApiResult<&Arc<App>> {
    match &**standing {
        Standing::Open(app) => Ok(app),
        Standing::Locked => Err(ApiError::new(
            ErrorCode::Locked,
            "this device is locked; unlock it with its passphrase",
        )),
        Standing::Absent => Err(ApiError::new(
            ErrorCode::NoDevice,
            "there is no device here yet; sign in to make one",
        )),
    }
}

/// A session without an open device.
fn closed(state: SessionState) -> SessionView {
    SessionView {
        state,
        mode: SessionMode::Device,
        user: None,
        who: None,
        role: None,
        device: None,
        device_name: None,
        tenant: None,
        tenant_name: None,
        can_review: false,
        confidential: Vec::new(),
        server: None,
    }
}

/// Runs work that may wait for the disk on a thread that may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> ApiResult<T> + Send + 'static,
) -> ApiResult<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(ApiError::new(
            ErrorCode::Internal,
            format!("the work did not end: {error}; try again, and report this if it stays"),
        )),
    }
}
