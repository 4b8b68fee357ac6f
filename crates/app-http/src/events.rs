//! `GET /api/events`: what the app tells by itself, as server-sent events.
//!
//! A stream begins with how things stand, ends with the session or with the host, and says
//! "everything may have changed" when its reader fell behind.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use roadbook_api::{ApiError, ErrorCode, Event};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

use crate::api::{host, refusal};
use crate::doors::Visit;
use crate::guard;
use crate::router::Shared;

/// How often a silent stream shows that it lives, and looks whether its session does.
const LOOK_EVERY: Duration = Duration::from_secs(15);

struct Listening {
    shared: Shared,
    cookie: String,
    visit: Visit,
    greeting: VecDeque<Event>,
    events: broadcast::Receiver<Event>,
    stopping: watch::Receiver<bool>,
    /// Given back when the stream ends.
    _slot: OwnedSemaphorePermit,
}

/// `GET /api/events`
pub(crate) async fn events(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    match listen(shared, &headers).await {
        Ok(listening) => {
            let keep_alive = KeepAlive::new().interval(LOOK_EVERY);
            Sse::new(stream::unfold(listening, next)).keep_alive(keep_alive).into_response()
        }
        Err(error) => refusal(&error),
    }
}

async fn listen(shared: Shared, headers: &HeaderMap) -> Result<Listening, ApiError> {
    guard::origin(&shared.face, host(headers), headers)?;
    let cookie = guard::cookie(&shared.face, headers)?.to_owned();
    let visit = shared.doors.visit(&cookie).await?;
    let slot = shared.slots.clone().try_acquire_owned().map_err(|_| {
        ApiError::new(ErrorCode::TooMany, "too many pages listen for events; close some tabs")
    })?;
    Ok(Listening {
        // Heard from now on, so that nothing falls between the greeting and the first event.
        events: visit.backend.events(),
        greeting: visit.backend.greeting().into(),
        stopping: shared.face.stopping.clone(),
        cookie,
        visit,
        shared,
        _slot: slot,
    })
}

type Told = Result<axum::response::sse::Event, Infallible>;

/// The next event; `None` ends the stream.
async fn next(mut listening: Listening) -> Option<(Told, Listening)> {
    let event = loop {
        if let Some(event) = listening.greeting.pop_front() {
            break event;
        }
        tokio::select! {
            received = listening.events.recv() => match received {
                Ok(event) => break event,
                Err(RecvError::Lagged(_)) => {
                    listening.greeting = listening.visit.backend.greeting().into();
                    break Event::RecordsChanged {
                        entities: Vec::new(),
                        records: Vec::new(),
                        more: true,
                    };
                }
                Err(RecvError::Closed) => return None,
            },
            // The session ended: its sender is gone.
            _ = listening.visit.lasts.changed() => return None,
            _ = listening.stopping.wait_for(|stopping| *stopping) => return None,
            () = tokio::time::sleep(LOOK_EVERY) => {
                if !listening.shared.doors.is_open(&listening.cookie) {
                    return None;
                }
            }
        }
    };
    let told = axum::response::sse::Event::default().event("roadbook").json_data(&event);
    // Ids, words and numbers always have a JSON form.
    Some((Ok(told.ok()?), listening))
}
