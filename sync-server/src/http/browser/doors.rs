//! Who may come in by the browser: sign-in by password, and sessions.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::http::request::Parts;
use roadbook_app_http::{
    Admitted, ApiError, Coming, Doors, ErrorCode, Host, Lifetime, SessionMode, Sessions, SignIn,
    Visit,
};

use super::super::sign_in::SignedIn;
use super::super::{Server, blocking, sign_in};
use super::cache::Cache;
use super::device;
use super::kept::KeptSessions;
use super::pass::{Pass, Standing};
use super::seat::{Guest, Seat};
use super::upstream::over;
use crate::http::problem::Refusal;

/// More sessions than these at the same time, and the one that was idle longest ends.
const SESSIONS: usize = 10_000;

/// The doors for browsers.
pub(super) struct BrowserDoors {
    server: Arc<Server>,
    cache: Arc<Cache>,
    host: Arc<dyn Host>,
    pub(super) sessions: Arc<Sessions<Pass>>,
    pub(super) kept: Arc<KeptSessions>,
}

impl BrowserDoors {
    pub(super) fn new(server: Arc<Server>, cache: Arc<Cache>, host: Arc<dyn Host>) -> Self {
        let config = &server.config.browser;
        let lifetime = Lifetime {
            idle_ms: i64::from(config.session_idle_minutes) * 60_000,
            absolute_ms: i64::from(config.session_hours) * 3_600_000,
            max: SESSIONS,
        };
        let (sessions, kept) = (Sessions::new(lifetime), KeptSessions::of(cache.folder()));
        sessions.bring_back(kept.read(&server, &cache), host.wall_ms());
        Self { server, cache, host, sessions: Arc::new(sessions), kept: Arc::new(kept) }
    }

    /// Keeps the sessions for after a restart.
    pub(super) async fn keep(&self) {
        let (kept, open) = (Arc::clone(&self.kept), Arc::clone(&self.sessions));
        let now_ms = self.host.wall_ms();
        let done = tokio::task::spawn_blocking(move || kept.write(|| open.kept(now_ms))).await;
        if let Ok(Err(error)) = done {
            tracing::warn!("the sessions of browsers cannot be kept: {error}");
        }
    }

    /// Ends the sessions of those who may not come any more, and closes what is idle.
    pub(super) async fn sweep(&self) {
        let (cache, open) = (Arc::clone(&self.cache), self.sessions.all(self.host.wall_ms()));
        let swept = tokio::task::spawn_blocking(move || {
            cache.sweep();
            let standing = open.into_iter().map(|pass| (pass.standing(), pass));
            standing.filter(|(standing, _)| *standing != Standing::Good).collect::<Vec<_>>()
        });
        let Ok(ended) = swept.await else { return };
        for (standing, pass) in &ended {
            self.end(*standing, pass);
        }
        let open = self.sessions.all(self.host.wall_ms()).len();
        self.server.metrics.browser_sessions().set(i64::try_from(open).unwrap_or(i64::MAX));
        self.keep().await;
    }

    /// Ends the sessions that may not go on for the same reason as this one.
    fn end(&self, standing: Standing, pass: &Pass) {
        match standing {
            Standing::Good => {}
            Standing::OldPassword => {
                self.sessions.end_where(|other| other.is_like(pass));
                self.leave(&pass.seat, "over");
            }
            Standing::Over => {
                pass.seat.over.store(true, Ordering::SeqCst);
                self.cache.evict(&pass.seat, "over");
                self.sessions.end_where(|other| Arc::ptr_eq(&other.seat, &pass.seat));
            }
        }
    }

    /// Closes the replica of a seat that no session is at any more.
    fn leave(&self, seat: &Arc<Seat>, why: &'static str) {
        let others = self.sessions.all(self.host.wall_ms());
        if !others.iter().any(|other| Arc::ptr_eq(&other.seat, seat)) {
            self.cache.evict(seat, why);
        }
    }

    async fn admit(&self, request: SignIn, from: IpAddr) -> Result<Admitted, ApiError> {
        let server = &self.server;
        let login = request.login.trim().to_lowercase();
        sign_in::may_try(server, from, &request.tenant, &login).map_err(told)?;
        let Ok(_slot) = server.password_checks.acquire().await else {
            return Err(ApiError::new(ErrorCode::Busy, "the server is stopping"));
        };
        let checked = Arc::clone(server);
        let come = blocking(move || {
            let come = sign_in::check(&checked, &request.tenant, &login, request.password)?;
            let device = device::of(&come.tenant, come.user, checked.now_ms())?;
            Ok((come, device))
        });
        let (SignedIn { tenant, user, password }, device) = come.await.map_err(told)?;
        tracing::info!(%user, "user {user} signed in by a browser");
        let seat = self.cache.seat(&tenant, user, device);
        let cookie = self.sessions.start(Pass { seat: Arc::clone(&seat), password }, &*self.host);
        self.keep().await;
        // The first screen should not wait for the replica; whoever needs it first waits for this.
        let cache = Arc::clone(&self.cache);
        tokio::spawn(async move {
            if let Err(error) = cache.room(&seat).await {
                tracing::debug!(code = error.code.word(), "a hosted replica was not opened");
            }
        });
        Ok(Admitted { cookie })
    }
}

impl Doors for BrowserDoors {
    fn mode(&self) -> SessionMode {
        SessionMode::Hosted
    }

    fn visit<'a>(&'a self, cookie: &'a str) -> Coming<'a, Visit> {
        Box::pin(async move {
            let opened = self.sessions.take(cookie, self.host.wall_ms()).ok_or_else(|| {
                ApiError::new(ErrorCode::NotSignedIn, "nobody is signed in; sign in first")
            })?;
            let pass = opened.value.clone();
            let user = (pass.seat.tenant.id(), pass.seat.user);
            let taken = self.server.page_limit.take(user, self.server.clock.monotonic());
            self.server.limited("browser", taken).map_err(told)?;
            let standing = tokio::task::spawn_blocking(move || pass.standing()).await;
            let standing = standing.unwrap_or(Standing::Over);
            if standing != Standing::Good {
                self.end(standing, &opened.value);
                return Err(over());
            }
            let guest = Guest { cache: Arc::clone(&self.cache), seat: opened.value.seat };
            let (csrf, lasts, once) = (opened.csrf, opened.lasts, opened.once);
            Ok(Visit { backend: Arc::new(guest), csrf, lasts, once })
        })
    }

    fn is_open(&self, cookie: &str) -> bool {
        self.sessions.look(cookie, self.host.wall_ms()).is_some()
    }

    fn open(&self, _: &str) -> Option<Admitted> {
        None
    }

    fn may_try(&self, from: IpAddr) -> Result<(), ApiError> {
        sign_in::may_come(&self.server, from).map_err(told)
    }

    fn sign_in(&self, request: SignIn, from: IpAddr) -> Option<Coming<'_, Admitted>> {
        Some(Box::pin(self.admit(request, from)))
    }

    fn sign_out(&self, cookie: &str) -> bool {
        if let Some(pass) = self.sessions.end(cookie) {
            self.leave(&pass.seat, "signed_out");
            // At once, so that no restart brings it back.
            let now_ms = self.host.wall_ms();
            if let Err(error) = self.kept.write(|| self.sessions.kept(now_ms)) {
                tracing::warn!("the sessions of browsers cannot be kept: {error}");
            }
        }
        true
    }

    fn address(&self, parts: &Parts) -> IpAddr {
        self.server.address(&parts.extensions, &parts.headers)
    }
}

/// A refusal as the page is told.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn told(refusal: Refusal) -> ApiError {
    let code = match refusal.code() {
        "wrong_credentials" => ErrorCode::SignInFailed,
        "rate_limited" => ErrorCode::TooMany,
        "name_too_long" => ErrorCode::BadInput,
        "demo_identity" => ErrorCode::Refused,
        "busy" | "stopping" => ErrorCode::Busy,
        _ => ErrorCode::Internal,
    };
    ApiError::new(code, refusal.detail())
}
