//! A replica that a server hosts for a browser (D12): the same queries and commands over a private,
//! disposable cache, without an outbox.
//!
//! A write is answered only when the server's gate has judged it: what was denied leaves nothing
//! behind and comes back as an error with the gate's reason and remedy; what was taken in is done,
//! though it may come back here later, after records that are still to come. Where the gate's word
//! cannot be had, the whole replica is given up, because nobody can say whether the work is in the
//! log. Blocking work runs on threads that may wait; one exchange at a time.
//!
//! A refresh that fails is not tried again here: whoever hosts the replica does that, on a timer.

mod beside;
mod upstream;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use roadbook_api::views::{SessionMode, SyncReport, Word};
use roadbook_api::{ApiError, ErrorCode, Event};
use roadbook_domain::{DeviceId, Schema};
use roadbook_replica::exchange::Verify;
use roadbook_replica::{
    EnrolResponse, Enrolment, HostedDevice, NeedsYou, PendingState, Replica, RequestOptions,
    Settings, TakenIn, Unlock,
};
use serde_json::Value;
use tokio::sync::{Notify, broadcast};

use crate::backend::{Answer, Backend};
use crate::dispatch::{self, Carry, SessionWay, Way};
use crate::errors::{self, ApiResult};
use crate::host::HostEntropy;
use crate::news::{self, News};
use crate::session::blocking;
use crate::status::{self, ServerWord};
use crate::{App, Host};

pub use upstream::Upstream;

/// Whose replica it is, and where it lies.
pub struct HostedPlace {
    /// Its own folder, which must not be there yet.
    pub folder: PathBuf,
    /// Clock and randomness.
    pub host: Arc<dyn Host>,
    /// The device that the server keeps for the user's browsers.
    pub device: DeviceId,
    /// Its name for people.
    pub device_name: String,
    /// The seed of its signing key.
    pub seed: [u8; 32],
    /// Which installation it is; higher than any before.
    pub install_epoch: u32,
    /// The tenant's name, as at sign-in.
    pub tenant_name: String,
    /// What enrolling the device gave.
    pub enrolment: EnrolResponse,
    /// How much comes at once.
    pub pages: PageBytes,
}

/// About how much of what the user may see one exchange brings, in bytes before compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageBytes {
    /// The first page: enough for a screen, and there in a moment.
    pub first: u32,
    /// Those after it: while one is taken in, nobody can look.
    pub next: u32,
}

impl PageBytes {
    /// What the shipped server uses.
    #[must_use]
    pub const fn shipped() -> Self {
        Self { first: 256 * 1024, next: 512 * 1024 }
    }
}

/// An exchange brings an action's verdict; a second one what it made others write. More than these
/// and something is wrong.
const EXCHANGES: u32 = 16;

/// A replica that is hosted.
pub struct Hosted(Arc<Inner>);

struct Inner {
    app: App,
    upstream: Box<dyn Upstream>,
    news: News,
    /// One exchange or action at a time.
    turn: Mutex<()>,
    /// The gate's word could not be had, or nobody is there any more.
    given_up: AtomicBool,
    page_bytes: u32,
    filling: Mutex<Filling>,
    /// Told when everything has come, when an exchange failed, and when the replica is given up.
    filled: Notify,
}

/// How far what the user may see has come.
#[derive(Clone, Copy)]
struct Filling {
    /// More is to come.
    under_way: bool,
    /// So many exchanges have failed.
    failures: u64,
}

impl Hosted {
    /// Makes the replica and takes in the first part of what the user may see; [`Self::refresh`]
    /// takes in the rest. Meanwhile it can be worked with. Blocking.
    ///
    /// # Errors
    /// The folder cannot be written, or the server refuses.
    pub fn open(place: &HostedPlace, upstream: Box<dyn Upstream>) -> ApiResult<Self> {
        let host = Arc::clone(&place.host);
        let mut entropy = HostEntropy(&*place.host);
        // 256 random bits, in memory for a moment: nobody opens this database a second time.
        let mut secret = [0; 32];
        place.host.fill(&mut secret);
        let words = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let device = HostedDevice {
            device: place.device,
            name: place.device_name.clone(),
            seed: place.seed,
            install_epoch: place.install_epoch,
        };
        let enrolment = Enrolment::from_response("", &place.tenant_name, &place.enrolment)
            .map_err(|error| errors::of_store(&error.into()))?;
        let mut replica = Replica::create_hosted(
            &place.folder,
            &device,
            Schema::crm(),
            &Unlock::Passphrase(words),
            &Settings::hosted(),
            &mut entropy,
        )
        .map_err(|error| errors::of_open(&error))?;
        replica.enrol(&enrolment, &mut entropy).map_err(|error| errors::of_store(&error))?;
        // With its wrapped forms gone, the key is in memory alone.
        let keys = place.folder.join("keys.json");
        std::fs::remove_file(&keys).map_err(|error| {
            ApiError::new(ErrorCode::File, format!("a hosted replica cannot be made: {error}"))
        })?;
        let inner = Inner {
            app: App::over_hosted(replica, Box::new(crate::session::Shared(Arc::clone(&host)))),
            upstream,
            news: News::new(host.wall_ms()),
            turn: Mutex::new(()),
            given_up: AtomicBool::new(false),
            page_bytes: place.pages.next,
            filling: Mutex::new(Filling { under_way: true, failures: 0 }),
            filled: Notify::new(),
        };
        inner.news.watch_planning(&inner.app);
        inner.take_views_in();
        let first = inner.exchange(Verify::No, place.pages.first)?;
        inner.came(&first);
        inner.count();
        Ok(Self(Arc::new(inner)))
    }

    /// Takes in what is new on the server, and tells of it, also of a failure. What has come until
    /// then stays. Blocking.
    ///
    /// # Errors
    /// As for [`Upstream::exchange`]; `busy` also when it is given up.
    pub fn refresh(&self) -> ApiResult<()> {
        self.0.pull().map(|_| ())
    }

    /// Gives it up: nobody is there any more. What is under way ends soon.
    pub fn give_up(&self) {
        self.0.give_up();
    }

    /// Whether it can still be used; one that cannot is to be thrown away.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.0.given_up.load(Ordering::SeqCst)
    }
}

impl Backend for Hosted {
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
        let inner = Arc::clone(self);
        match dispatch::way(name).ok_or_else(|| dispatch::unknown(name))? {
            Way::Read(carry) => inner.read(carry, request).await,
            Way::Write(carry) => blocking(move || inner.write(carry, request)).await,
            Way::View(carry) => blocking(move || inner.keep_view(carry, request)).await,
            Way::Keep(_) => Err(nothing_is_kept()),
            Way::Own(_) => Err(not_here()),
            Way::Session(way) => match way {
                SessionWay::Show => {
                    blocking(move || dispatch::answer(&inner.app.session(SessionMode::Hosted)))
                        .await
                }
                SessionWay::History => inner.history(request).await,
                SessionWay::ShowSync => dispatch::answer(&self.news.strip()),
                SessionWay::Sync => blocking(move || dispatch::answer(&inner.report()?)).await,
                SessionWay::Check => blocking(move || inner.check()).await,
                SessionWay::Unlock
                | SessionWay::Enrol
                | SessionWay::SignOut
                | SessionWay::Import
                | SessionWay::Export
                | SessionWay::ExportBundle => Err(not_here()),
            },
        }
    }

    /// Carries a read out. What is not found while records still come is looked for again when all
    /// are here.
    async fn read(self: &Arc<Self>, carry: Carry, request: Value) -> ApiResult<Value> {
        let fills = self.filling().under_way;
        let (inner, again) = (Arc::clone(self), request.clone());
        match blocking(move || carry(&inner.app, request)).await {
            Err(error) if fills && error.code == ErrorCode::NotFound => {
                self.wait_until_filled().await?;
                let inner = Arc::clone(self);
                blocking(move || carry(&inner.app, again)).await
            }
            done => done,
        }
    }

    fn filling(&self) -> std::sync::MutexGuard<'_, Filling> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until all records are here; not for longer than until an exchange fails, since nobody
    /// knows when the next one will go well. No thread is held meanwhile: the exchange needs one.
    async fn wait_until_filled(&self) -> ApiResult<()> {
        let before = self.filling().failures;
        loop {
            let mut told = std::pin::pin!(self.filled.notified());
            told.as_mut().enable();
            let now = *self.filling();
            if !now.under_way || now.failures != before || self.usable().is_err() {
                break;
            }
            told.await;
        }
        self.usable()?;
        if self.filling().under_way { Err(still_coming()) } else { Ok(()) }
    }

    fn give_up(&self) {
        self.given_up.store(true, Ordering::SeqCst);
        self.filled.notify_waiters();
    }

    /// Tells what a page brought, and notes whether it was the last one.
    fn came(&self, taken: &TakenIn) {
        self.news.records(&self.app, &taken.changed);
        if !self.reads_on() {
            self.filling().under_way = false;
            self.filled.notify_waiters();
        }
    }

    /// Tells that an exchange failed. Records that have not come are still to come.
    fn failed(&self, code: ErrorCode) {
        self.filling().failures += 1;
        self.filled.notify_waiters();
        self.news.count(&self.app, news::Way::Failed(code), self.app.host.wall_ms());
    }

    fn reads_on(&self) -> bool {
        self.app.with(|replica| replica.reads_on())
    }

    /// Carries a write out: saved here for a moment, judged by the gate, and answered then.
    fn write(&self, carry: Carry, request: Value) -> ApiResult<Value> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.usable()?;
        let done = carry(&self.app, request);
        let judged = self.judge();
        let touched = self.app.take_touched();
        self.news.records(&self.app, &touched);
        match judged {
            Ok(None) => {
                self.count();
                done
            }
            Ok(Some(denied)) => {
                self.count();
                Err(of_denial(&denied))
            }
            Err(error) => {
                self.give_up();
                self.failed(error.code);
                Err(error)
            }
        }
    }

    /// Has the gate judge what is saved here, and leaves nothing unjudged behind. Gives what it
    /// denied, if anything.
    fn judge(&self) -> ApiResult<Option<NeedsYou>> {
        for _ in 0..EXCHANGES {
            if !self.app.lacks_word()? {
                break;
            }
            let taken = self.exchange(Verify::No, self.page_bytes)?;
            self.came(&taken);
        }
        let denied = self.app.with(|replica| replica.needs_you());
        let denied = denied.map_err(|error| errors::of_store(&error))?;
        if self.app.lacks_word()? || !self.app.clear_denied()? {
            return Err(no_word());
        }
        Ok(denied.into_iter().next())
    }

    /// Exchanges until there is nothing more to take in. Whoever writes has a turn in between.
    fn pull(&self) -> ApiResult<TakenIn> {
        let mut total = TakenIn::default();
        loop {
            let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            self.usable()?;
            let taken = self.exchange(Verify::No, self.page_bytes)?;
            drop(turn);
            let moved = taken.accepted + taken.snapshots > 0 || !taken.forgotten.is_empty();
            total.accepted += taken.accepted;
            total.snapshots += taken.snapshots;
            self.came(&taken);
            self.count();
            total.forgotten.extend(taken.forgotten);
            // A page may bring nothing that is new here, and is not the last one for that.
            if !(taken.more && (moved || self.reads_on())) {
                break;
            }
        }
        Ok(total)
    }

    fn exchange(&self, verify: Verify, max_page_bytes: u32) -> ApiResult<TakenIn> {
        self.try_exchange(verify, max_page_bytes).inspect_err(|error| self.failed(error.code))
    }

    fn try_exchange(&self, verify: Verify, max_page_bytes: u32) -> ApiResult<TakenIn> {
        let options = RequestOptions { verify, max_page_bytes, ..RequestOptions::shipped() };
        let now_ms = self.app.host.wall_ms();
        let request = self
            .app
            .with(|replica| replica.next_request(now_ms, options))
            .map_err(|error| errors::of_store(&error))?;
        let response = self.upstream.exchange(request)?;
        self.app.with(|replica| replica.take_in(response, now_ms)).map_err(|error| {
            tracing::error!("a hosted replica cannot take the server's answer in: {error}");
            self.give_up();
            no_word()
        })
    }

    fn report(&self) -> ApiResult<SyncReport> {
        let taken = self.pull()?;
        let status =
            self.app.with(|replica| replica.status()).map_err(|error| errors::of_store(&error))?;
        Ok(SyncReport {
            sent: 0,
            verdicts: Vec::<Word>::new(),
            received: taken.accepted + taken.snapshots,
            forgotten: taken.forgotten.len() as u64,
            position: status.position,
            pending: 0,
            needs_you: 0,
            conflicts: status.conflicts,
            round_trips: 1,
        })
    }

    fn check(&self) -> ApiResult<Value> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.usable()?;
        let taken = self.exchange(Verify::Yes, self.page_bytes)?;
        self.came(&taken);
        self.count();
        let word = match taken.equal {
            Some(true) => ServerWord::Equal,
            Some(false) => ServerWord::Different,
            None => ServerWord::NotAsked("the server gave no checksum".to_owned()),
        };
        dispatch::answer(&self.app.with(|replica| status::doctor(replica, &word))?)
    }

    fn usable(&self) -> ApiResult<()> {
        if self.given_up.load(Ordering::SeqCst) { Err(no_word()) } else { Ok(()) }
    }

    fn count(&self) {
        let way = if self.reads_on() { news::Way::Busy } else { news::Way::Good };
        self.news.count(&self.app, way, self.app.host.wall_ms());
    }
}

impl App {
    /// Whether something is saved here on which the gate has not said its word. What waits with a
    /// denied intent is denied with it; what was taken in has only to come back.
    fn lacks_word(&self) -> ApiResult<bool> {
        self.with(|replica| {
            let denied = !replica.needs_you()?.is_empty();
            let lacks = |state| match state {
                PendingState::Saved | PendingState::Sending => true,
                PendingState::WaitsFor(_) => !denied,
                PendingState::Accepted { .. } => false,
            };
            Ok(replica.pending()?.iter().any(|pending| lacks(pending.state)))
        })
        .map_err(|error: roadbook_replica::StoreError| errors::of_store(&error))
    }

    /// Gives up what was denied and what waits with it, for good. `false` if some of it may be in
    /// the log.
    fn clear_denied(&self) -> ApiResult<bool> {
        self.with(|replica| {
            let now_ms = self.host.wall_ms();
            // Giving one up puts those that waited with it into the drawer.
            for _ in 0..EXCHANGES {
                let pending = replica.pending()?.into_iter();
                let mut left: Vec<_> = pending
                    .filter(|pending| !matches!(pending.state, PendingState::Accepted { .. }))
                    .map(|pending| pending.intent)
                    .collect();
                left.extend(replica.needs_you()?.iter().map(|denied| denied.intent));
                if left.is_empty() {
                    replica.forget_given_up()?;
                    return Ok(true);
                }
                for intent in left {
                    replica.discard(intent, now_ms)?;
                }
            }
            Ok(false)
        })
        .map_err(|error: roadbook_replica::StoreError| errors::of_store(&error))
    }
}

/// What the gate denied, as a face is told.
fn of_denial(denied: &NeedsYou) -> ApiError {
    let denial = &denied.denial;
    let code = match denial.code.as_str() {
        "disputed" => ErrorCode::Disputed,
        "not_disputed" => ErrorCode::NotDisputed,
        "deleted" => ErrorCode::Deleted,
        "from_mismatch" | "other_sides" => ErrorCode::Stale,
        _ => ErrorCode::Refused,
    };
    let error = ApiError::new(code, format!("{}; {}", denial.reason, denial.remedy));
    match &denial.field {
        Some(field) => error.at(field, &denial.reason, &denial.remedy),
        None => error,
    }
}

fn no_word() -> ApiError {
    ApiError::new(
        ErrorCode::Busy,
        "the server could not say whether this was done; look at the record before you do it again",
    )
}

fn still_coming() -> ApiError {
    let message = "not all records are here yet, and the server is busy; try again in a moment";
    ApiError::new(ErrorCode::Busy, message)
}

fn not_here() -> ApiError {
    let message = "this is for the app on a device of your own, not for a browser";
    ApiError::new(ErrorCode::NotHere, message)
}

/// What is refused in a browser because it would not be there the next time.
pub(crate) fn nothing_is_kept() -> ApiError {
    let message = "nothing is kept in a browser; do this in the app on a device of your own";
    ApiError::new(ErrorCode::NotHere, message)
}

#[cfg(test)]
mod tests;
