//! The HTTP face: one file per endpoint, each with its own body cap and its own refusals.
//!
//! Knows nothing of the gate or the log: it proves who calls, bounds how much, and hands on to the
//! tenant, on a thread that may wait. Time and randomness come from the host.

mod browser;
mod directory;
mod drain;
mod enrol;
mod events;
mod health;
mod history;
mod jwks;
mod limit;
mod metrics;
mod problem;
mod proof;
mod relay;
mod request_log;
mod sign_in;
mod surrender;
mod sync;
mod tenants;

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use roadbook_domain::{DeviceId, TenantId, UserId};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::MissedTickBehavior;
use tower_http::catch_panic::CatchPanicLayer;
use uuid::Uuid;

use crate::config::{Access, Config};
use crate::data_dir::{DataDir, DataDirError};
use crate::host::Clock;
use crate::ids::IdSource;
use crate::observe::Metrics;
use crate::tenant::TenantError;
use browser::Browser;
use enrol::hex;
use limit::Limiter;
use problem::Refusal;
use tenants::Tenants;

/// How many passwords are checked at the same time; each takes 19 MiB.
const PASSWORD_CHECKS: usize = 4;

/// How long it may take until devices that wait hear of what another process wrote.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A server that must not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A tenant cannot be opened.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// A tenant cannot be read.
    #[error("tenant `{name}` cannot be read")]
    Tenant {
        /// Which tenant.
        name: String,
        /// Why.
        source: TenantError,
    },
    /// Demo identities and the world do not go together.
    #[error(
        "tenant `{name}` has demo identities, whose passwords are known, and {reach} can be reached \
         from other machines; listen on 127.0.0.1, or remove the tenant"
    )]
    DemoBeyondLoopback {
        /// Which tenant.
        name: String,
        /// Where the server would listen.
        reach: SocketAddr,
    },
}

/// Randomness that several requests share.
#[derive(Clone)]
pub(crate) struct SharedIds(Arc<Mutex<Box<dyn IdSource + Send>>>);

impl IdSource for SharedIds {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}

/// All that requests share.
pub struct Server {
    config: Config,
    clock: Arc<dyn Clock>,
    ids: SharedIds,
    tenants: Tenants,
    metrics: Metrics,
    tenant_limit: Limiter<TenantId>,
    failure_limit: Limiter<IpAddr>,
    /// For each tenant and name, from one address: few, and nobody else suffers for them.
    login_limit: Limiter<(String, String, IpAddr)>,
    /// For each tenant and name, from everywhere.
    name_limit: Limiter<(String, String)>,
    address_limit: Limiter<IpAddr>,
    /// For each user's pages.
    page_limit: Limiter<(TenantId, UserId)>,
    password_checks: Semaphore,
    event_slots: Arc<Semaphore>,
    /// Which device each ID token was used for, and until when it matters, in seconds.
    used_tokens: Mutex<HashMap<Uuid, (DeviceId, i64)>>,
    stopping: watch::Sender<bool>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    /// Opens all tenants of the data directory.
    ///
    /// # Errors
    /// [`StartError`] when a tenant cannot be opened, or when demo identities could be reached
    /// from other machines.
    pub fn open(
        config: Config,
        clock: Arc<dyn Clock>,
        ids: Box<dyn IdSource + Send>,
    ) -> Result<Self, StartError> {
        let tenants = Tenants::open(DataDir::new(config.data_dir.clone()), clock.now_ms())?;
        for tenant in tenants.all() {
            let name = tenant.name().to_owned();
            match tenant.has_demo_identities() {
                Ok(true) if config.is_public() => {
                    let reach = config.listen;
                    return Err(StartError::DemoBeyondLoopback { name, reach });
                }
                Ok(_) => {}
                Err(source) => return Err(StartError::Tenant { name, source }),
            }
        }
        let limits = &config.limits;
        Ok(Self {
            clock,
            ids: SharedIds(Arc::new(Mutex::new(ids))),
            tenants,
            metrics: Metrics::new(),
            tenant_limit: Limiter::new(limits.requests_per_minute, limits.requests_at_once),
            failure_limit: minute(limits.failures_per_minute),
            login_limit: minute(limits.sign_ins_per_minute),
            name_limit: minute(limits.sign_ins_per_minute.saturating_mul(6)),
            address_limit: minute(limits.sign_ins_per_minute.saturating_mul(6)),
            page_limit: minute(config.browser.requests_per_minute),
            password_checks: Semaphore::new(PASSWORD_CHECKS),
            event_slots: Arc::new(Semaphore::new(
                usize::try_from(limits.event_streams).unwrap_or(usize::MAX),
            )),
            used_tokens: Mutex::default(),
            stopping: watch::Sender::new(false),
            config,
        })
    }

    /// How many tenants are open.
    #[must_use]
    pub fn tenant_count(&self) -> usize {
        self.tenants.all().len()
    }

    fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Refuses a request that is over a limit, and counts that.
    fn limited(&self, limit: &'static str, verdict: Result<(), Duration>) -> Result<(), Refusal> {
        verdict.map_err(|wait| {
            self.metrics.limited(limit);
            Refusal::rate_limited(wait)
        })
    }

    /// Who is at the other end, as far as can be told.
    fn address(&self, request: &axum::http::Extensions, headers: &axum::http::HeaderMap) -> IpAddr {
        let peer = request.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let peer = peer.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        if self.config.trusted_proxy != Some(peer) {
            return peer;
        }
        // The last entry is the proxy's own; those before it are whatever the caller wrote.
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        forwarded
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
            .and_then(|address| address.trim().parse().ok())
            .unwrap_or(peer)
    }
}

/// Runs a tenant's blocking call on a thread that may wait.
async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let span = tracing::Span::current();
    let result = tokio::task::spawn_blocking(move || span.in_scope(call)).await;
    result.unwrap_or_else(|error| {
        tracing::error!(cause = error.to_string(), "a call did not end");
        Err(Refusal::internal())
    })
}

/// So many in a minute, all at once if they like.
fn minute<K: Eq + std::hash::Hash>(count: u32) -> Limiter<K> {
    Limiter::new(count, count)
}

/// Reads a whole body of at most `cap` bytes.
async fn read_body(body: Body, cap: usize) -> Result<Bytes, Refusal> {
    // The stream fails when it is over the cap, and when the caller goes away; nobody reads the
    // second answer.
    axum::body::to_bytes(body, cap).await.map_err(|_| Refusal::too_large(cap))
}

/// All routes; those that are not the devices' or the operator's are the browser's, where it is let
/// in.
fn router(server: Arc<Server>, browser: Option<Arc<Browser>>) -> Router {
    let answered = Router::new()
        .route("/v1/sync", post(sync::sync))
        .route("/v1/relay", post(relay::relay))
        .route("/v1/history", post(history::history))
        .route("/v1/surrender", post(surrender::surrender))
        .route("/v1/sign-in", post(sign_in::sign_in))
        .route("/v1/enrol", post(enrol::enrol))
        .route("/v1/directory", post(directory::directory))
        .route("/v1/jwks", get(jwks::jwks))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/version", get(health::version))
        .route("/metrics", get(metrics::metrics))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&server), in_time));
    answered
        .route("/v1/events", get(events::events))
        .fallback(move |request| async move { other(browser, request).await })
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn(drain::drain))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&server), request_log::log))
        .with_state(server)
}

/// Gives up on a request that takes too long, be it that its body does not come.
async fn in_time(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let limit = server.config.limits.request_timeout;
    tokio::time::timeout(limit, next.run(request)).await.map_err(|_| {
        Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            "timeout",
            "Took too long",
            "send the request again; what it was to do is done once at most",
        )
    })
}

/// What is no route of ours: the browser's, if it comes by a name that the server goes by.
async fn other(browser: Option<Arc<Browser>>, request: Request) -> Response {
    let is_ours = request.uri().path().starts_with("/v1/");
    match browser {
        Some(browser) if !is_ours => match browser.answer(request).await {
            Ok(response) => response,
            Err(_) => unknown_route().into_response(),
        },
        Some(_) | None => unknown_route().into_response(),
    }
}

fn unknown_route() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "unknown_route",
        "No such address",
        "see docs/sync-protocol.md for the addresses that there are",
    )
}

async fn wrong_method() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "wrong_method",
        "Wrong method",
        "see docs/sync-protocol.md for the method of this address",
    )
}

#[allow(clippy::needless_pass_by_value, reason = "the signature is tower-http's")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let words = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    tracing::error!(cause = words.unwrap_or_default(), "a request panicked");
    Refusal::internal().into_response()
}

/// Serves until `stop` is done, then finishes the requests in flight, for at most the grace time.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let browser = match server.config.browser.access {
        Access::Off => None,
        Access::On => Some(Arc::new(Browser::open(&server, listener.local_addr()?)?)),
    };
    let routes = router(Arc::clone(&server), browser.clone());
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let grace = server.config.stop_grace;
    let mut stopping = server.stopping.subscribe();
    let stopped = Arc::clone(&server);
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        tracing::info!("stopping: finishing requests in flight");
        stopped.stopping.send_replace(true);
    });
    let out_of_grace = async move {
        // An error means that the server is gone, and then nothing is left to wait for.
        if stopping.wait_for(|stopping| *stopping).await.is_ok() {
            tokio::time::sleep(grace).await;
        }
    };
    let sweeping = async {
        match &browser {
            Some(browser) => browser.sweep().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        result = serving => result,
        never = look_around(server) => match never {},
        never = sweeping => match never {},
        () = out_of_grace => {
            tracing::warn!("requests were still in flight at the end of the grace time");
            Ok(())
        }
    }
}

/// Notices what other processes, like the admin commands, put into the logs.
async fn look_around(server: Arc<Server>) -> Infallible {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let server = Arc::clone(&server);
        let looked = blocking(move || {
            let mut result = Ok(());
            for tenant in server.tenants.all() {
                // One that cannot be read does not keep the others from being looked at.
                result = result.and(tenant.look().map(|_| ()));
            }
            Ok(result?)
        });
        if let Err(refusal) = looked.await {
            tracing::warn!(code = refusal.code(), "the end of a log cannot be read");
        }
    }
}

#[cfg(test)]
mod tests;
