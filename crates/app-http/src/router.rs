//! The routes, and what they share.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::header::{HOST, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use roadbook_api::{ApiError, ErrorCode};
use serde::Deserialize;
use tokio::sync::{Semaphore, watch};

use crate::bundle::Bundle;
use crate::doors::{Admitted, Doors};
use crate::{api, events, guard, headers};

/// The largest body of a command, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The names that a host goes by, as they stand in `Host`: with the port, unless it is the usual
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// These names.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().map(|name| name.to_lowercase()).collect())
    }

    /// The names that only a browser on the same machine can use.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self::new(["127.0.0.1", "localhost", "[::1]"].map(|name| match port {
            80 => name.to_owned(),
            _ => format!("{name}:{port}"),
        }))
    }

    /// Says whether this is one of the names.
    #[must_use]
    pub fn know(&self, name: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// How the browser reaches the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// In the clear, which only loopback may be.
    Plain,
    /// Behind TLS.
    Tls,
}

/// How an app is shown.
pub struct Face {
    /// The names that the host goes by.
    pub hosts: Hosts,
    /// How it is reached.
    pub transport: Transport,
    /// The cookie's name. Behind TLS it should begin with `__Host-`.
    pub cookie: String,
    /// The page; an app without one still answers commands.
    pub bundle: Option<Bundle>,
    /// At most so many streams of events at the same time.
    pub streams: usize,
    /// How long the body of a request may take to come.
    pub body_time: Duration,
    /// Becomes `true` when the host stops; then streams end.
    pub stopping: watch::Receiver<bool>,
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Face").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// What requests share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) face: Arc<Face>,
    pub(crate) doors: Arc<dyn Doors>,
    pub(crate) slots: Arc<Semaphore>,
    /// Tells this run of the host from others. No secret.
    pub(crate) run: Arc<str>,
}

/// The routes of an app behind doors. To be served with connection info where the doors want
/// addresses.
pub fn router(doors: Arc<dyn Doors>, face: Face) -> Router {
    let slots = Arc::new(Semaphore::new(face.streams));
    let run = format!("{:016x}", RandomState::new().hash_one(0));
    let shared = Shared { face: Arc::new(face), doors, slots, run: run.into() };
    Router::new()
        .route("/api/session", get(api::session))
        .route("/api/events", get(events::events))
        .route("/api/sign_in", post(api::sign_in))
        .route("/api/{name}", post(api::call))
        .route("/open", get(open))
        .fallback(page)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn_with_state(shared.clone(), right_host))
        .layer(axum::middleware::from_fn_with_state(shared.clone(), headers::secure))
        .with_state(shared)
}

/// Answers nobody who uses another name.
async fn right_host(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Err(error) = guard::host(&shared.face, &parts) {
        return api::refusal(&error);
    }
    // Everything below finds the name in one place, whatever version of HTTP it came by.
    if !parts.headers.contains_key(HOST)
        && let Some(named) = parts.uri.authority().map(|authority| authority.as_str().to_owned())
        && let Ok(named) = HeaderValue::from_str(&named)
    {
        parts.headers.insert(HOST, named);
    }
    next.run(Request::from_parts(parts, body)).await
}

#[derive(Deserialize)]
struct Link {
    token: String,
}

/// Lets the browser in that comes by a one-time link.
async fn open(State(shared): State<Shared>, link: Result<Query<Link>, QueryRejection>) -> Response {
    let admitted = link.ok().and_then(|Query(link)| shared.doors.open(&link.token));
    let Some(admitted) = admitted else {
        let text = "<!doctype html><html lang=\"en\"><title>Roadbook</title><h1>This link was used \
                    already</h1><p>A link lets one browser in, once. Start <code>roadbook \
                    serve</code> again, or use the newest address that it shows.</p></html>";
        return (StatusCode::FORBIDDEN, Html(text)).into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, HeaderValue::from_static("/"));
    set_cookie(&shared.face, &admitted, &mut response);
    response
}

/// Puts the session's cookie into an answer.
pub(crate) fn set_cookie(face: &Face, admitted: &Admitted, response: &mut Response) {
    let text = cookie_text(face, &admitted.cookie, "");
    let value = HeaderValue::from_str(&text).expect("names and hex digits are a header's value");
    response.headers_mut().append(SET_COOKIE, value);
}

/// Has the browser forget the session's cookie.
pub(crate) fn clear_cookie(face: &Face, response: &mut Response) {
    let text = cookie_text(face, "", "; Max-Age=0");
    let value = HeaderValue::from_str(&text).expect("names are a header's value");
    response.headers_mut().append(SET_COOKIE, value);
}

fn cookie_text(face: &Face, value: &str, more: &str) -> String {
    let secure = match face.transport {
        Transport::Plain => "",
        Transport::Tls => "; Secure",
    };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}", face.cookie)
}

/// The page and its files, and whatever address of the page a browser asks for.
async fn page(State(shared): State<Shared>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        let error = ApiError::new(ErrorCode::NotFound, "there is no such address below /api");
        return api::refusal(&error);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return wrong_method().await;
    }
    match &shared.face.bundle {
        Some(bundle) => bundle.answer(path, request.headers()),
        None => {
            let text = "<!doctype html><html lang=\"en\"><title>Roadbook</title><h1>The page is not \
                        here</h1><p>This program was started without the folder of the page. Build \
                        it with <code>cargo xtask ui</code>, and name it: <code>roadbook serve --ui \
                        FOLDER</code>, or <code>browser.ui_dir</code> of the server.</p></html>";
            (StatusCode::NOT_FOUND, Html(text)).into_response()
        }
    }
}

async fn wrong_method() -> Response {
    let message = "this address takes another method: commands are POST, everything else is GET";
    let mut response = api::refusal(&ApiError::new(ErrorCode::BadInput, message));
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}
