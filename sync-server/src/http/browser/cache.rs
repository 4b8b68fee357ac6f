//! The replicas that are open: bounded in number and bytes, evicted when idle, and least recently
//! used first when room is needed.
//!
//! Each lies in a folder of its own, encrypted under a key that was never written. Whatever is left
//! in the folder from an earlier run is wiped at start-up.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use roadbook_app_http::hosted::{EnrolResponse, Hosted, HostedPlace, PageBytes};
use roadbook_app_http::{ApiError, Backend as _, ErrorCode, Host};
use roadbook_domain::{DeviceId, UserId};
use tokio::sync::Semaphore;

use super::super::{Server, hex};
use super::device;
use super::follow::{Retry, follow};
use super::seat::{Folder, Key, Room, Seat, Slot, everything_changed, full, pass_on};
use super::upstream::{TenantUpstream, over, told};
use crate::tenant::Tenant;

/// The folder of one replica begins with this; nothing else is ever wiped.
const PREFIX: &str = "replica-";

/// How long an opening waits for others to be closed.
const WAIT: Duration = Duration::from_secs(10);

/// Installations are numbered by seconds since this moment (2023-11-14), so that one after a restart
/// is higher than any before.
const INSTALLS_SINCE_MS: i64 = 1_700_000_000_000;

/// All seats and their replicas.
pub(super) struct Cache {
    server: Arc<Server>,
    host: Arc<dyn Host>,
    root: PathBuf,
    seats: Mutex<HashMap<Key, Arc<Seat>>>,
    slots: Arc<Semaphore>,
    /// How much of a replica comes at once.
    pub(super) pages: PageBytes,
}

impl Cache {
    /// Makes the folder, private to this user, and wipes what is left in it.
    pub(super) fn open(server: Arc<Server>, host: Arc<dyn Host>) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        let config = &server.config;
        let root =
            config.browser.cache_dir.clone().unwrap_or_else(|| config.data_dir.join("browser"));
        std::fs::create_dir_all(&root)?;
        std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o700))?;
        for entry in std::fs::read_dir(&root)? {
            let entry = entry?;
            let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
            if ours && entry.file_type()?.is_dir() {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
        let slots = usize::try_from(config.browser.replicas).unwrap_or(usize::MAX);
        Ok(Self {
            slots: Arc::new(Semaphore::new(slots.min(Semaphore::MAX_PERMITS))),
            host,
            root,
            seats: Mutex::default(),
            pages: PageBytes::shipped(),
            server,
        })
    }

    /// The folder of all.
    pub(super) fn folder(&self) -> &Path {
        &self.root
    }

    /// The seat of a user at a device.
    pub(super) fn seat(&self, tenant: &Arc<Tenant>, user: UserId, device: DeviceId) -> Arc<Seat> {
        let made = Arc::new(Seat::new(Arc::clone(tenant), user, device, self.host.wall_ms()));
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = seats.get(&made.key()).filter(|seat| !seat.over.load(Ordering::SeqCst));
        // Who was let in again starts afresh.
        let seat = kept.map_or_else(|| Arc::clone(&made), Arc::clone);
        seats.insert(made.key(), Arc::clone(&seat));
        drop(seats);
        seat
    }

    fn seats(&self) -> Vec<Arc<Seat>> {
        let seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.values().cloned().collect()
    }

    /// The replica of a seat, used just now; opened if it is not.
    pub(super) async fn room(self: &Arc<Self>, seat: &Arc<Seat>) -> Result<Arc<Room>, ApiError> {
        seat.used_ms.store(self.host.wall_ms(), Ordering::Relaxed);
        let mut kept = seat.room.lock().await;
        if let Some(room) = kept.as_ref().filter(|room| room.hosted.is_usable()) {
            return Ok(Arc::clone(room));
        }
        *kept = None;
        let slot = self.slot(seat).await?;
        let had_one = seat.last_install.load(Ordering::SeqCst) > 0;
        let (cache, opened) = (Arc::clone(self), Arc::clone(seat));
        let made = tokio::task::spawn_blocking(move || cache.fill(&opened)).await;
        let (hosted, folder) = made.map_err(|error| {
            tracing::error!(cause = error.to_string(), "a hosted replica cannot be opened");
            ApiError::new(ErrorCode::Internal, "the server failed; try again later")
        })??;
        let hosted = Arc::new(hosted);
        let tasks = vec![
            tokio::spawn(pass_on(hosted.events(), Arc::downgrade(seat))),
            tokio::spawn(follow(seat.tenant.subscribe(), Arc::downgrade(&hosted), Retry::SHIPPED)),
        ];
        let gauge = self.server.metrics.hosted_replicas().clone();
        gauge.inc();
        let bytes = AtomicU64::new(0);
        let room = Arc::new(Room { hosted, bytes, tasks, folder, gauge, _slot: slot });
        room.measure();
        *kept = Some(Arc::clone(&room));
        drop(kept);
        self.keep_within_bytes(Some(seat.key()));
        // A page that listened while there was no replica hears how things stand.
        for event in room.hosted.greeting() {
            drop(seat.hub.send(event));
        }
        if had_one {
            // What happened while there was none is told by nobody.
            drop(seat.hub.send(everything_changed()));
        }
        Ok(room)
    }

    /// A place for one more replica; the least recently used one makes room.
    async fn slot(&self, seat: &Seat) -> Result<Slot, ApiError> {
        if self.slots.available_permits() == 0 {
            self.evict_oldest(Some(seat.key()), "count");
        }
        let slot = Arc::clone(&self.slots).acquire_owned();
        match tokio::time::timeout(WAIT, slot).await {
            Ok(Ok(slot)) => Ok(Box::new(slot)),
            Ok(Err(_)) | Err(_) => Err(full()),
        }
    }

    /// Makes a replica and begins to fill it. Blocking.
    pub(super) fn fill(&self, seat: &Seat) -> Result<(Hosted, Folder), ApiError> {
        let server = &self.server;
        let (place, folder) = self.place(seat)?;
        let started = server.clock.monotonic();
        let hosted = Hosted::open(&place, Box::new(self.upstream(seat)))?;
        server.metrics.hosted_opened(server.clock.monotonic().saturating_sub(started));
        Ok((hosted, folder))
    }

    pub(super) fn upstream(&self, seat: &Seat) -> TenantUpstream {
        TenantUpstream {
            server: Arc::clone(&self.server),
            tenant: Arc::clone(&seat.tenant),
            device: seat.device,
            views: self.root.join(format!("views-{}-{}.json", seat.tenant.id(), seat.user)),
        }
    }

    /// Where the next replica of a seat lies, and whose it is. Blocking.
    pub(super) fn place(&self, seat: &Seat) -> Result<(HostedPlace, Folder), ApiError> {
        let tenant = &seat.tenant;
        let now_ms = self.host.wall_ms();
        let user = tenant.user(seat.user).map_err(told)?;
        let user = user.filter(|user| user.active).ok_or_else(over)?;
        let browser = device::again(tenant, user.id, seat.device).map_err(told)?;
        let device = browser.device;
        let seconds = now_ms.saturating_sub(INSTALLS_SINCE_MS).div_euclid(1_000);
        let install_epoch = u32::try_from(seconds.max(1)).unwrap_or(u32::MAX);
        let before = seat.last_install.load(Ordering::SeqCst);
        let install_epoch = install_epoch.max(before.saturating_add(1));
        seat.last_install.store(install_epoch, Ordering::SeqCst);
        let mut name = [0; 8];
        self.host.fill(&mut name);
        let folder = Folder(self.root.join(format!("{PREFIX}{}", hex(&name))));
        let keys = tenant.keys();
        let place = HostedPlace {
            folder: folder.0.clone(),
            host: Arc::clone(&self.host),
            device: device.id,
            device_name: device.name.clone(),
            seed: browser.seed,
            install_epoch,
            tenant_name: tenant.name().to_owned(),
            enrolment: EnrolResponse {
                tenant: tenant.id(),
                user: user.id,
                user_name: user.name,
                role: user.role.map_or_else(String::new, |role| role.name().to_owned()),
                server_key: hex(keys.verifying().as_bytes()),
                recovery_key: hex(&keys.recovery_key),
                salt_key: hex(&device.salt_key),
                restore_epoch: tenant.restore_epoch(),
                wall_ms: now_ms,
            },
            pages: self.pages,
        };
        Ok((place, folder))
    }

    /// Closes the replica of a seat. What runs on it ends first.
    pub(super) fn evict(&self, seat: &Seat, why: &'static str) {
        let taken = seat.room.try_lock().ok().and_then(|mut room| room.take());
        if taken.is_some() {
            self.server.metrics.hosted_evicted(why);
        }
    }

    fn evict_oldest(&self, but: Option<Key>, why: &'static str) -> bool {
        let mut seats = self.seats();
        seats.retain(|seat| Some(seat.key()) != but && seat.open_room().is_some());
        let oldest = seats.iter().min_by_key(|seat| seat.used_ms.load(Ordering::Relaxed));
        if let Some(seat) = oldest {
            self.evict(seat, why);
        }
        oldest.is_some()
    }

    fn bytes(&self) -> u64 {
        let rooms = self.seats().into_iter().filter_map(|seat| seat.open_room());
        rooms.map(|room| room.bytes.load(Ordering::Relaxed)).sum()
    }

    fn keep_within_bytes(&self, but: Option<Key>) {
        let most = u64::from(self.server.config.browser.cache_mb) * 1024 * 1024;
        while self.bytes() > most && self.evict_oldest(but, "bytes") {}
        let bytes = i64::try_from(self.bytes()).unwrap_or(i64::MAX);
        self.server.metrics.hosted_bytes().set(bytes);
    }

    /// Closes what is idle, and what may not be used any more. Blocking.
    pub(super) fn sweep(&self) {
        let idle_ms = i64::from(self.server.config.browser.idle_minutes) * 60_000;
        let now_ms = self.host.wall_ms();
        for seat in self.seats() {
            if !seat.may_stay() {
                seat.over.store(true, Ordering::SeqCst);
                self.evict(&seat, "over");
                continue;
            }
            let Some(room) = seat.open_room() else { continue };
            if !room.hosted.is_usable() {
                self.evict(&seat, "given_up");
                continue;
            }
            let unused = now_ms.saturating_sub(seat.used_ms.load(Ordering::Relaxed)) >= idle_ms;
            if unused && seat.hub.receiver_count() == 0 {
                self.evict(&seat, "idle");
            } else {
                room.measure();
            }
        }
        self.keep_within_bytes(None);
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        // Held by nobody but this table, and nothing open.
        seats.retain(|_, seat| {
            let kept = Arc::strong_count(seat) > 1 || seat.open_room().is_some();
            kept && !seat.over.load(Ordering::SeqCst)
        });
    }
}
