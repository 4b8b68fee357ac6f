//! The doors of one's own device: a one-time link, and whoever came in by it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use roadbook_api::views::SessionMode;
use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::{Backend, Host};
use tokio::sync::Notify;

use crate::doors::{Admitted, Coming, Doors, SignIn, Visit};
use crate::sessions::{Lifetime, Opened, Sessions, hash, secret};

/// Sessions last until the program ends, or for a day without use.
const LIFETIME: Lifetime =
    Lifetime { idle_ms: 24 * 60 * 60 * 1_000, absolute_ms: 30 * 24 * 60 * 60 * 1_000, max: 32 };

/// How long a link may be used, in milliseconds.
const LINK_MS: i64 = 10 * 60 * 1_000;

/// The doors of one device's own app.
pub struct OwnDevice {
    backend: Arc<dyn Backend>,
    host: Arc<dyn Host>,
    sessions: Sessions<()>,
    /// Hashes of links that were not used yet, and until when they may be.
    links: Mutex<HashMap<[u8; 32], i64>>,
    used: Notify,
}

impl std::fmt::Debug for OwnDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnDevice").finish_non_exhaustive()
    }
}

impl OwnDevice {
    /// The doors of an app.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>, host: Arc<dyn Host>) -> Self {
        Self {
            backend,
            host,
            sessions: Sessions::new(LIFETIME),
            links: Mutex::default(),
            used: Notify::new(),
        }
    }

    /// Makes a token for a link that lets one browser in, once, within ten minutes.
    #[must_use]
    pub fn link(&self) -> String {
        let token = secret(&*self.host);
        let now_ms = self.host.wall_ms();
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|_, until_ms| *until_ms > now_ms);
        links.insert(hash(&token), now_ms.saturating_add(LINK_MS));
        drop(links);
        token
    }

    /// Waits until a browser came in by a link.
    pub async fn entered(&self) {
        self.used.notified().await;
    }
}

impl Doors for OwnDevice {
    fn mode(&self) -> SessionMode {
        SessionMode::Device
    }

    fn visit<'a>(&'a self, cookie: &'a str) -> Coming<'a, Visit> {
        let opened = self.sessions.take(cookie, self.host.wall_ms());
        Box::pin(async move {
            let opened = opened.ok_or_else(|| {
                ApiError::new(
                    ErrorCode::NotSignedIn,
                    "this browser is not let in, or not any more; open the address that `roadbook \
                     serve` shows",
                )
            })?;
            let backend = Arc::clone(&self.backend);
            let Opened { csrf, lasts, once, .. } = opened;
            Ok(Visit { backend, csrf, lasts, once })
        })
    }

    fn is_open(&self, cookie: &str) -> bool {
        self.sessions.look(cookie, self.host.wall_ms()).is_some()
    }

    fn open(&self, token: &str) -> Option<Admitted> {
        let now_ms = self.host.wall_ms();
        let until_ms = {
            let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
            links.remove(&hash(token))?
        };
        if now_ms >= until_ms {
            return None;
        }
        self.used.notify_one();
        Some(Admitted { cookie: self.sessions.start((), &*self.host) })
    }

    fn may_try(&self, _: IpAddr) -> Result<(), ApiError> {
        Ok(())
    }

    fn sign_in(&self, _: SignIn, _: IpAddr) -> Option<Coming<'_, Admitted>> {
        None
    }

    fn sign_out(&self, _: &str) -> bool {
        false
    }

    fn address(&self, _: &axum::http::request::Parts) -> IpAddr {
        IpAddr::from([127, 0, 0, 1])
    }
}
