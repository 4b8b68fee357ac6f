//! A user who is there, and the replica that is open for that user.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use prometheus_client::metrics::gauge::Gauge;
use roadbook_app_http::hosted::Hosted;
use roadbook_app_http::{Answer, ApiError, Backend, ErrorCode, Event};
use roadbook_domain::{DeviceId, TenantId, UserId};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use super::cache::Cache;
use super::upstream::over;
use crate::tenant::Tenant;

/// A page that is further behind than this is told that everything may have changed.
const BACKLOG: usize = 256;

/// Whose seat it is, and at which device.
pub(super) type Key = (TenantId, UserId, DeviceId);

/// A user who has sessions. The replica comes and goes; whoever listens keeps listening.
pub(super) struct Seat {
    pub(super) tenant: Arc<Tenant>,
    pub(super) user: UserId,
    /// The browser device that there was at sign-in. Once it is revoked the seat is over.
    pub(super) device: DeviceId,
    pub(super) hub: broadcast::Sender<Event>,
    /// One opening at a time; taken by eviction.
    pub(super) room: tokio::sync::Mutex<Option<Arc<Room>>>,
    pub(super) used_ms: AtomicI64,
    pub(super) last_install: AtomicU32,
    /// The user may not come any more.
    pub(super) over: AtomicBool,
}

impl Seat {
    pub(super) fn new(tenant: Arc<Tenant>, user: UserId, device: DeviceId, now_ms: i64) -> Self {
        Self {
            tenant,
            user,
            device,
            hub: broadcast::Sender::new(BACKLOG),
            room: tokio::sync::Mutex::new(None),
            used_ms: AtomicI64::new(now_ms),
            last_install: AtomicU32::new(0),
            over: AtomicBool::new(false),
        }
    }

    pub(super) fn key(&self) -> Key {
        (self.tenant.id(), self.user, self.device)
    }

    /// Whether the user and the device may still come. A store that cannot be read says nothing
    /// about that. Blocking.
    pub(super) fn may_stay(&self) -> bool {
        let user = self.tenant.user(self.user);
        let active = user.map_or(true, |user| user.is_some_and(|user| user.active));
        let device = self.tenant.device(self.device);
        let known = device.map_or(true, |device| device.is_some_and(|it| !it.is_revoked()));
        active && known
    }

    /// The open replica, if there is one and nobody is just opening or using it up.
    pub(super) fn open_room(&self) -> Option<Arc<Room>> {
        self.room.try_lock().ok().and_then(|room| room.clone())
    }
}

/// An open replica.
pub(super) struct Room {
    pub(super) hosted: Arc<Hosted>,
    pub(super) bytes: AtomicU64,
    /// Listens to the replica and to the log; stopped with the room.
    pub(super) tasks: Vec<JoinHandle<()>>,
    // Dropped in this order: the database is closed before its folder goes.
    pub(super) folder: Folder,
    pub(super) gauge: Gauge,
    /// One of the places that there are; given back with the room.
    pub(super) _slot: Slot,
}

impl Room {
    /// Looks how much room it takes on the disk.
    pub(super) fn measure(&self) {
        self.bytes.store(self.folder.bytes(), Ordering::Relaxed);
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        // What still fills it on a thread of its own ends with the next page.
        self.hosted.give_up();
        self.gauge.dec();
    }
}

/// A place among those that there are. What it is does not matter, but that it is dropped.
pub(super) type Slot = Box<dyn std::any::Any + Send + Sync>;

/// A replica's folder; removed when it is dropped.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    fn bytes(&self) -> u64 {
        let Ok(entries) = std::fs::read_dir(&self.0) else { return 0 };
        let sizes = entries.filter_map(|entry| entry.ok()?.metadata().ok());
        sizes.map(|data| data.len()).sum()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            // The next start wipes it; its key is gone already.
            tracing::warn!("a hosted replica's folder stays until the next start: {error}");
        }
    }
}

/// What a visitor's commands go to: the seat's replica, opened when it is not.
pub(super) struct Guest {
    pub(super) cache: Arc<Cache>,
    pub(super) seat: Arc<Seat>,
}

impl Backend for Guest {
    fn call<'a>(&'a self, name: &'a str, request: serde_json::Value) -> Answer<'a> {
        Box::pin(async move {
            if self.seat.over.load(Ordering::SeqCst) {
                return Err(over());
            }
            let room = self.cache.room(&self.seat).await?;
            let done = room.hosted.call(name, request).await;
            if let Err(error) = &done
                && (error.code == ErrorCode::NotSignedIn || !room.hosted.is_usable())
            {
                self.cache.evict(&self.seat, "given_up");
            }
            done
        })
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.seat.hub.subscribe()
    }

    fn greeting(&self) -> Vec<Event> {
        // Without an open replica there is nothing to tell yet; the first command opens one.
        self.seat.open_room().map(|room| room.hosted.greeting()).unwrap_or_default()
    }
}

/// Passes the replica's events on to whoever listens at the seat.
pub(super) async fn pass_on(mut events: broadcast::Receiver<Event>, seat: Weak<Seat>) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => everything_changed(),
            Err(RecvError::Closed) => return,
        };
        let Some(seat) = seat.upgrade() else { return };
        // Nobody listens: nobody misses it.
        drop(seat.hub.send(event));
    }
}

/// What a page is told that may have missed something.
pub(super) fn everything_changed() -> Event {
    Event::RecordsChanged { entities: Vec::new(), records: Vec::new(), more: true }
}

/// Nothing more can be opened.
pub(super) fn full() -> ApiError {
    ApiError::new(
        ErrorCode::Busy,
        "too many people work in the browser at the same time; try again in a moment",
    )
}
