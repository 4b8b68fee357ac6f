//! The browser's way in (D12): the page, sessions, and a replica that the server hosts for each
//! user who is there.
//!
//! Everything that the page can do goes through `roadbook-app-http` and the gate, like the work of
//! any device; nothing here reads or writes a tenant's log otherwise.

mod cache;
mod device;
mod doors;
mod follow;
mod kept;
mod pass;
mod seat;
#[cfg(test)]
mod tests;
mod upstream;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use roadbook_app_http::{Bundle, Face, Host, Hosts, Transport, router};
use tower::Service as _;

use super::Server;
use crate::host::Clock;
use crate::ids::IdSource as _;
use cache::Cache;
use doors::BrowserDoors;

/// How often it is looked who is idle, and who may not come any more.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// The server's clock and randomness, as the app wants them.
pub(super) struct ServerHost {
    clock: Arc<dyn Clock>,
    ids: super::SharedIds,
}

impl Host for ServerHost {
    fn wall_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    fn fill(&self, out: &mut [u8]) {
        self.ids.clone().fill(out);
    }
}

/// The browser's way in.
pub(super) struct Browser {
    routes: Router,
    hosts: Hosts,
    doors: Arc<BrowserDoors>,
}

impl Browser {
    /// Opens it: wipes what an earlier run left in the cache, and reads the page.
    ///
    /// # Errors
    /// The cache folder cannot be made or wiped, or the page cannot be read.
    pub(super) fn open(server: &Arc<Server>, bound: SocketAddr) -> std::io::Result<Self> {
        let config = &server.config.browser;
        let host: Arc<dyn Host> =
            Arc::new(ServerHost { clock: Arc::clone(&server.clock), ids: server.ids.clone() });
        let cache = Arc::new(Cache::open(Arc::clone(server), Arc::clone(&host))?);
        let program = std::env::current_exe().ok();
        let bundle = Bundle::find(config.ui_dir.as_deref(), program.as_deref())
            .map_err(std::io::Error::other)?;
        if bundle.is_none() {
            let wanted = config.ui_dir.as_deref().unwrap_or(Path::new("ui"));
            tracing::info!("there is no page in {}; browsers get commands alone", wanted.display());
        }
        let (transport, hosts, cookie) = if config.hosts.is_empty() {
            let cookie = format!("roadbook-server-{}", bound.port());
            (Transport::Plain, Hosts::loopback(bound.port()), cookie)
        } else {
            // The prefix has browsers refuse the cookie without TLS, or for a whole domain.
            let hosts = Hosts::new(config.hosts.iter().cloned());
            (Transport::Tls, hosts, "__Host-roadbook".to_owned())
        };
        let doors = Arc::new(BrowserDoors::new(Arc::clone(server), cache, host));
        let face = Face {
            hosts: hosts.clone(),
            transport,
            cookie,
            bundle,
            streams: usize::try_from(server.config.limits.event_streams).unwrap_or(usize::MAX),
            body_time: server.config.limits.request_timeout,
            stopping: server.stopping.subscribe(),
        };
        let routes = router(Arc::clone(&doors) as _, face);
        Ok(Self { routes, hosts, doors })
    }

    /// Answers a request that is a browser's; gives back one for another name.
    pub(super) async fn answer(&self, request: Request) -> Result<Response, Request> {
        let named = request.headers().get(axum::http::header::HOST);
        let named = named.and_then(|value| value.to_str().ok());
        if !named.is_some_and(|named| self.hosts.know(named)) {
            return Err(request);
        }
        let Ok(response) = self.routes.clone().call(request).await;
        Ok(response)
    }

    /// Looks now and then who is idle, and who may not come any more. Never ends by itself.
    pub(super) async fn sweep(&self) -> std::convert::Infallible {
        let mut ticks = tokio::time::interval(SWEEP_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.doors.sweep().await;
        }
    }
}
