//! One line per request: id, route, status, time. Never a path, a body or a header.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use super::Server;
use crate::ids::IdSource as _;
use crate::observe::RequestLabels;

/// Gives the request an id, logs and counts it.
pub(super) async fn log(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response {
    let id = server.ids.clone().uuid(server.now_ms()).to_string();
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = matched.unwrap_or_else(|| browser_route(request.uri().path()));
    let route = route.to_owned();
    let method = method_name(request.method());
    let span = tracing::info_span!("request", request_id = id, method, route);
    let started = server.clock.monotonic();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = server.clock.monotonic().saturating_sub(started);
    let status = response.status().as_u16();
    let labels = RequestLabels { route, method: method.to_owned(), status };
    server.metrics.answered(&labels, took);
    span.in_scope(|| {
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if labels.route.starts_with("/health") || labels.route == "/metrics" {
            tracing::debug!(status, took_ms, "answered");
        } else {
            tracing::info!(status, took_ms, "answered");
        }
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// The kind of an address of the browser's, which are matched later.
fn browser_route(path: &str) -> &'static str {
    match path {
        "/api/session" => "/api/session",
        "/api/events" => "/api/events",
        "/api/sign_in" => "/api/sign_in",
        _ if path.starts_with("/api/") => "/api/{name}",
        _ => "none",
    }
}

/// The method as a label; whatever strangers make up is one label.
fn method_name(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "HEAD" => "HEAD",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
