//! `POST /v1/enrol`: an ID token binds a device's key to a user. One token, one device.

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use roadbook_domain::DeviceId;
use roadbook_sync_protocol::account::{EnrolRequest, EnrolResponse};

use super::problem::Refusal;
use super::{Server, blocking, read_body};
use crate::identity::token::{Claims, TokenError, named_key, verify};
use crate::tenant::{NewDevice, TenantError};

/// The largest body, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// The longest name of a device, in characters.
const MAX_NAME: usize = 100;

pub(super) async fn enrol(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Json<EnrolResponse>, Refusal> {
    let address = server.address(request.extensions(), request.headers());
    let now = server.clock.monotonic();
    server.limited("failures", server.failure_limit.ask(&address, now))?;
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::to_owned)
        .ok_or_else(|| {
            Refusal::unproven("token_missing", "sign in first and send the ID token as bearer")
        })?;
    let body = read_body(request.into_body(), MAX_BYTES).await?;
    let doing = Arc::clone(&server);
    let outcome = blocking(move || enrol_device(&doing, &token, &body)).await;
    if matches!(&outcome, Err(refusal) if refusal.code().contains("token")) {
        // Already over the limit is no news: the next request is refused at the door.
        server.failure_limit.take(address, now).unwrap_or_default();
    }
    outcome.map(Json)
}

fn enrol_device(server: &Server, token: &str, body: &[u8]) -> Result<EnrolResponse, Refusal> {
    let now_ms = server.now_ms();
    let tenant = named_key(token)
        .and_then(|kid| server.tenants.by_key(&kid, now_ms))
        .ok_or_else(|| refused(TokenError::BadSignature))?;
    let claims = verify(&tenant.keys().verifying(), token, now_ms).map_err(refused)?;
    if claims.tid != tenant.id() {
        return Err(refused(TokenError::WrongAudience));
    }
    let request: EnrolRequest = serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_body("bad_json", error.to_string()))?;
    let new = NewDevice {
        id: request.device,
        user: claims.sub,
        name: checked_name(&request.name)?,
        public_key: key_of(&request.public_key).ok_or(TenantError::BadKey)?,
    };
    let user = tenant.user(claims.sub)?.filter(|user| user.active).ok_or(TenantError::Inactive)?;
    use_token(server, &claims, request.device)?;
    let device = tenant.enrol(&new, now_ms)?;
    tracing::info!(device = %device.id, user = %user.id, "device {} enrolled", device.id);
    let keys = tenant.keys();
    Ok(EnrolResponse {
        tenant: tenant.id(),
        user: user.id,
        user_name: user.name,
        role: user.role.map_or_else(String::new, |role| role.name().to_owned()),
        server_key: hex(keys.verifying().as_bytes()),
        recovery_key: hex(&keys.recovery_key),
        salt_key: hex(&device.salt_key),
        restore_epoch: tenant.restore_epoch(),
        wall_ms: now_ms,
    })
}

fn refused(error: TokenError) -> Refusal {
    Refusal::unproven(error.code(), &error.to_string())
}

/// Marks a token as used for a device. The same device may come again with it: its first answer
/// may have been lost.
fn use_token(server: &Server, claims: &Claims, device: DeviceId) -> Result<(), Refusal> {
    let now = server.now_ms().div_euclid(1_000);
    let mut used = server.used_tokens.lock().unwrap_or_else(PoisonError::into_inner);
    used.retain(|_, (_, until)| *until > now);
    let (first, _) = *used.entry(claims.jti).or_insert((device, claims.exp));
    drop(used);
    if first == device {
        Ok(())
    } else {
        Err(Refusal::unproven("token_used", "the token was used for another device; sign in again"))
    }
}

fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    let fits =
        !name.is_empty() && name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control);
    if fits {
        Ok(name.to_owned())
    } else {
        Err(Refusal::bad_body(
            "bad_name",
            format!("name the device in 1 to {MAX_NAME} characters on one line"),
        ))
    }
}

/// Writes bytes in hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a key of 32 bytes from hex.
fn key_of(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}
