//! `GET /metrics`, in the OpenMetrics text format; with a token where one is configured.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use super::Server;
use super::problem::Refusal;

pub(super) async fn metrics(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if let Some(token) = &server.config.metrics_token {
        let given = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        // Digests are compared, so that the time tells nothing about the token.
        if Sha256::digest(given) != Sha256::digest(token.expose()) {
            return Err(Refusal::unproven(
                "bad_metrics_token",
                "send the token of the setting metrics.token",
            ));
        }
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], server.metrics.text()).into_response())
}
