//! Who calls: the device's proof in the `Authorization` header, checked against its enrolled key.
//!
//! The order keeps strangers cheap: header, address limit, tenant, device and clock are looked at
//! before the body is read. Whether a device is revoked is told only to who holds its key.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use roadbook_sync_protocol::RequestProof;

use super::problem::Refusal;
use super::{Server, blocking, read_body};
use crate::tenant::{Device, Tenant};

/// How far a device's clock may be off, in milliseconds.
const MAX_SKEW_MS: i64 = 10 * 60 * 1_000;

/// Whether a call is open to revoked devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Revoked {
    /// They are told that they were revoked.
    Refused,
    /// They may call.
    Welcome,
}

/// A device that has proven itself, and what it sent.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) tenant: Arc<Tenant>,
    pub(super) device: Device,
    pub(super) body: Bytes,
}

/// Checks a request's proof and reads its body.
pub(super) async fn prove(
    server: &Arc<Server>,
    request: Request,
    cap: usize,
    revoked: Revoked,
) -> Result<Caller, Refusal> {
    let address = server.address(request.extensions(), request.headers());
    let now = server.clock.monotonic();
    server.limited("failures", server.failure_limit.ask(&address, now))?;
    let outcome = check(server, request, cap).await;
    if matches!(&outcome, Err(refusal) if is_unproven(refusal)) {
        // Already over the limit is no news: the next request is refused at the door.
        server.failure_limit.take(address, now).unwrap_or_default();
    }
    let caller = outcome?;
    if revoked == Revoked::Refused && caller.device.is_revoked() {
        return Err(crate::tenant::TenantError::Revoked.into());
    }
    let now = server.clock.monotonic();
    server.limited("tenant", server.tenant_limit.take(caller.tenant.id(), now))?;
    Ok(caller)
}

fn is_unproven(refusal: &Refusal) -> bool {
    matches!(
        refusal.code(),
        "proof_missing" | "bad_proof" | "unknown_tenant" | "unknown_device" | "clock_skew"
    )
}

async fn check(server: &Arc<Server>, request: Request, cap: usize) -> Result<Caller, Refusal> {
    let (parts, body) = request.into_parts();
    let header = parts.headers.get(AUTHORIZATION).ok_or_else(|| {
        Refusal::unproven("proof_missing", "sign the request with the device's key")
    })?;
    let bad = || {
        Refusal::unproven(
            "bad_proof",
            "the request is not signed by this device, or was changed on the way",
        )
    };
    let proof: RequestProof =
        header.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(bad)?;
    let now_ms = server.now_ms();
    let found = Arc::clone(server);
    let (tenant, device) = blocking(move || {
        let tenant = found.tenants.by_id(proof.tenant, now_ms).ok_or_else(|| {
            Refusal::unproven("unknown_tenant", "there is no such tenant here; enrol the device")
        })?;
        let device = tenant.device(proof.device)?.ok_or_else(|| {
            Refusal::unproven("unknown_device", "the device is not enrolled here; enrol it")
        })?;
        Ok((tenant, device))
    })
    .await?;
    if now_ms.saturating_sub(proof.wall_ms).saturating_abs() > MAX_SKEW_MS {
        return Err(Refusal::clock_skew(now_ms));
    }
    let body = read_body(body, cap).await?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let key = device.verifying().ok_or_else(bad)?;
    if !proof.is_valid(&key, parts.method.as_str(), path, &body) {
        return Err(bad());
    }
    Ok(Caller { tenant, device, body })
}
