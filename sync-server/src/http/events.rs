//! `GET /v1/events`: server-sent events that say "there is more".
//!
//! An event is a hint and carries no data of the log; polling is the guarantee. The stream ends
//! when the device is revoked, when its user is locked out, and when the server stops.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use prometheus_client::metrics::gauge::Gauge;
use roadbook_domain::DeviceId;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::problem::Refusal;
use super::proof::{Revoked, prove};
use super::{Server, blocking};
use crate::tenant::{Tenant, TenantError};

/// How often a silent stream shows that it lives, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// One device that waits.
struct Waiting {
    tenant: Arc<Tenant>,
    device: DeviceId,
    head: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    _place: Place,
}

/// A place among those who wait; given back when dropped.
struct Place {
    gauge: Gauge,
    _slot: OwnedSemaphorePermit,
}

impl Place {
    fn take(server: &Server) -> Result<Self, Refusal> {
        let Ok(slot) = Arc::clone(&server.event_slots).try_acquire_owned() else {
            server.metrics.limited("event_streams");
            let detail = "too many devices wait for events; poll instead";
            return Err(Refusal::unavailable("too_many_streams", detail));
        };
        let gauge = server.metrics.event_streams().clone();
        gauge.inc();
        Ok(Self { gauge, _slot: slot })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

pub(super) async fn events(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Refusal> {
    let caller = prove(&server, request, 0, Revoked::Refused).await?;
    if !may_listen(&caller.tenant, caller.device.id).await? {
        return Err(TenantError::Revoked.into());
    }
    let place = Place::take(&server)?;
    let mut head = caller.tenant.subscribe();
    // The first event comes at once: the log may have grown since the device's last exchange.
    head.mark_changed();
    let events = stream::unfold(
        Waiting {
            device: caller.device.id,
            tenant: caller.tenant,
            head,
            stopping: server.stopping.subscribe(),
            _place: place,
        },
        next,
    );
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

/// Waits for news; `None` ends the stream.
async fn next(mut waiting: Waiting) -> Option<(Result<Event, Infallible>, Waiting)> {
    tokio::select! {
        changed = waiting.head.changed() => changed.ok()?,
        _ = waiting.stopping.wait_for(|stopping| *stopping) => return None,
    }
    let head = *waiting.head.borrow_and_update();
    if !may_listen(&waiting.tenant, waiting.device).await.ok()? {
        return None;
    }
    Some((Ok(Event::default().event("more").data(head.to_string())), waiting))
}

async fn may_listen(tenant: &Arc<Tenant>, device: DeviceId) -> Result<bool, Refusal> {
    let tenant = Arc::clone(tenant);
    blocking(move || Ok(tenant.may_listen(device)?)).await
}
