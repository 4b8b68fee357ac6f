//! `GET /health/live`, `/health/ready` with reasons, `/version`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use roadbook_domain::schema::SCHEMA_VERSION;
use roadbook_merge::MUTATOR_VERSION;
use roadbook_policy::POLICY_VERSION;
use roadbook_sync_protocol::frame::VERSIONS;
use serde::Serialize;

use super::problem::Refusal;
use super::{Server, blocking};

#[derive(Debug, Serialize)]
pub(super) struct Health {
    status: &'static str,
    /// Why the server is not ready; empty if it is.
    reasons: Vec<String>,
}

/// Answers as long as the process does.
pub(super) async fn live() -> Json<Health> {
    Json(Health { status: "live", reasons: Vec::new() })
}

/// Says whether requests can be served: the server is not stopping, and each tenant can be read.
pub(super) async fn ready(
    State(server): State<Arc<Server>>,
) -> Result<(StatusCode, Json<Health>), Refusal> {
    blocking(move || {
        let mut reasons = Vec::new();
        if *server.stopping.borrow() {
            reasons.push("the server is stopping".to_owned());
        }
        let tenants = server.tenants.all();
        if tenants.is_empty() {
            reasons.push("there is no tenant; run `roadbook-server init`".to_owned());
        }
        for tenant in tenants {
            if let Err(error) = tenant.look() {
                reasons.push(format!("tenant `{}`: {}", tenant.name(), error.code()));
            }
        }
        let (code, status) = if reasons.is_empty() {
            (StatusCode::OK, "ready")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready")
        };
        Ok((code, Json(Health { status, reasons })))
    })
    .await
}

/// What this build speaks.
#[derive(Debug, Serialize)]
pub(super) struct Version {
    name: &'static str,
    version: &'static str,
    protocol_min: u8,
    protocol_max: u8,
    mutator_version: u16,
    schema_version: u32,
    policy_version: u32,
}

pub(super) async fn version() -> Json<Version> {
    Json(Version {
        name: "roadbook-server",
        version: env!("CARGO_PKG_VERSION"),
        protocol_min: VERSIONS.0,
        protocol_max: VERSIONS.1,
        mutator_version: MUTATOR_VERSION,
        schema_version: SCHEMA_VERSION,
        policy_version: POLICY_VERSION,
    })
}
