//! `POST /v1/sign-in`: a password for a short-lived ID token.
//!
//! The same work and the same answer whether the tenant, the name or the password is wrong.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use roadbook_domain::UserId;
use roadbook_sync_protocol::account::{SignInRequest, SignInResponse};
use zeroize::Zeroizing;

use super::problem::Refusal;
use super::{Server, blocking, read_body};
use crate::identity::NAME_MAX_BYTES;
use crate::identity::password::is_right;
use crate::identity::token::{AUDIENCE, Claims, ISSUER, issue};
use crate::ids::IdSource as _;
use crate::tenant::{IdentityKind, Tenant};

/// The largest body, in bytes.
const MAX_BYTES: usize = 16 * 1024;

pub(super) async fn sign_in(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Json<SignInResponse>, Refusal> {
    let address = server.address(request.extensions(), request.headers());
    may_come(&server, address)?;
    let body = read_body(request.into_body(), MAX_BYTES).await?;
    let request: SignInRequest = serde_json::from_slice(&body).map_err(|_| {
        // The cause could quote the password.
        Refusal::bad_body("bad_json", "send an object with tenant, login and password")
    })?;
    let login = request.login.trim().to_lowercase();
    may_try(&server, address, &request.tenant, &login)?;
    let Ok(_slot) = server.password_checks.acquire().await else {
        return Err(Refusal::unavailable("stopping", "the server is stopping"));
    };
    let checked = Arc::clone(&server);
    let id_token = blocking(move || token_for(&checked, &login, request)).await?;
    Ok(Json(SignInResponse { id_token }))
}

/// Counts a sign-in from an address, before anything of it is read.
pub(super) fn may_come(server: &Server, address: IpAddr) -> Result<(), Refusal> {
    let now = server.clock.monotonic();
    server.limited("sign_in_address", server.address_limit.take(address, now))
}

/// Counts a sign-in for a name: few from one address, more from all together, so that somebody
/// elsewhere who tries a user's name does not keep the user out so easily.
pub(super) fn may_try(
    server: &Server,
    address: IpAddr,
    tenant: &str,
    login: &str,
) -> Result<(), Refusal> {
    // What is counted is kept for a while.
    if tenant.len() > NAME_MAX_BYTES || login.len() > NAME_MAX_BYTES {
        return Err(Refusal::bad_body(
            "name_too_long",
            format!("tenant and sign-in name have at most {NAME_MAX_BYTES} bytes each"),
        ));
    }
    let now = server.clock.monotonic();
    let (tenant, login) = (tenant.to_owned(), login.to_owned());
    let here = server.login_limit.take((tenant.clone(), login.clone(), address), now);
    server.limited("sign_in_login", here)?;
    server.limited("sign_in_name", server.name_limit.take((tenant, login), now))
}

/// Who has proven who they are.
pub(super) struct SignedIn {
    pub(super) tenant: Arc<Tenant>,
    pub(super) user: UserId,
    /// The mark of the password ([`Credential::mark`](crate::tenant::Credential::mark)).
    pub(super) password: [u8; 32],
}

/// Checks a password, with the same work and the same answer whatever is wrong. Blocking, and slow
/// on purpose.
pub(super) fn check(
    server: &Server,
    tenant: &str,
    login: &str,
    password: String,
) -> Result<SignedIn, Refusal> {
    let password = Zeroizing::new(password);
    let tenant = server.tenants.by_name(tenant, server.now_ms());
    let credential = match &tenant {
        Some(tenant) => tenant.credential(login)?,
        None => None,
    };
    let hash = credential.as_ref().map(|credential| credential.password_hash.as_str());
    let right = is_right(&password, hash);
    let (true, Some(tenant), Some(credential)) = (right, tenant, credential) else {
        return Err(wrong());
    };
    if credential.kind == IdentityKind::Demo && server.config.is_public() {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "demo_identity",
            "Demo identity",
            "demo identities sign in from the server's own machine only",
        ));
    }
    let active = tenant.user(credential.user)?.is_some_and(|user| user.active);
    if !active {
        return Err(wrong());
    }
    Ok(SignedIn { tenant, user: credential.user, password: credential.mark() })
}

fn token_for(server: &Server, login: &str, request: SignInRequest) -> Result<String, Refusal> {
    let SignedIn { tenant, user, .. } = check(server, &request.tenant, login, request.password)?;
    let now_ms = server.now_ms();
    let issued = now_ms.div_euclid(1_000);
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: user,
        tid: tenant.id(),
        jti: server.ids.clone().uuid(now_ms),
        iat: issued,
        exp: issued + i64::from(server.config.token_lifetime_s),
    };
    tracing::info!(%user, "user {user} signed in");
    Ok(issue(&tenant.keys().signing(), &claims))
}

fn wrong() -> Refusal {
    Refusal::unproven(
        "wrong_credentials",
        "tenant, sign-in name or password is wrong; ask an administrator if it was forgotten",
    )
}
