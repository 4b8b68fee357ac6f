//! Refusals: every error leaves as an RFC 9457 problem with a stable code.
//!
//! Internals never cross this edge: what is not the caller's business is logged with the request
//! id and told as `internal`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use roadbook_sync_protocol::account::Problem;

use crate::store::StoreError;
use crate::tenant::TenantError;

/// The longest detail, in characters.
const DETAIL_MAX: usize = 1_000;

/// A request that is not served.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    server_wall_ms: Option<i64>,
    retry_after_s: Option<u64>,
}

impl Refusal {
    /// A refusal: status, stable word, a few words, and a sentence that says what to do.
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        // It may repeat what the caller sent.
        let detail = detail.into().chars().take(DETAIL_MAX).collect();
        Self { status, code, title, detail, server_wall_ms: None, retry_after_s: None }
    }

    /// The stable word.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    /// The sentence that says what to do.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// Who calls is not known or not proven.
    pub(crate) fn unproven(code: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, "Not authenticated", detail)
    }

    /// The device's clock is too far off.
    pub(crate) fn clock_skew(server_wall_ms: i64) -> Self {
        Self {
            server_wall_ms: Some(server_wall_ms),
            ..Self::unproven(
                "clock_skew",
                "the device's clock is more than 10 minutes off; send the request again with the \
                 time corrected by server_wall_ms",
            )
        }
    }

    /// Too much at once.
    pub(crate) fn rate_limited(wait: std::time::Duration) -> Self {
        let seconds = wait.as_secs() + 1;
        Self {
            retry_after_s: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "Too many requests",
                format!("try again in {seconds} seconds"),
            )
        }
    }

    /// The body is larger than this call allows.
    pub(crate) fn too_large(cap: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "Body too large",
            format!("send at most {cap} bytes"),
        )
    }

    /// The body is not what this call takes.
    pub(crate) fn bad_body(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "Body cannot be read", detail)
    }

    /// The server is at fault, or short of something.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The server failed",
            "try again later; the server's log has the cause under this request's id",
        )
    }

    /// The server cannot serve this now.
    pub(crate) fn unavailable(code: &'static str, detail: &str) -> Self {
        Self {
            retry_after_s: Some(1),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code, "Not now", detail)
        }
    }
}

impl From<TenantError> for Refusal {
    fn from(error: TenantError) -> Self {
        let told = error.to_string();
        let with = |status, title| Self::new(status, error.code(), title, told.clone());
        match &error {
            TenantError::Store(store) if store.is_retryable() => {
                Self::unavailable("busy", "the store is busy; try again in a moment")
            }
            TenantError::Store(StoreError::Full(_)) => {
                tracing::error!("the disk is full: a tenant's call was refused");
                Self::unavailable("disk_full", "the server's disk is full; its operator makes room")
            }
            TenantError::Revoked => Self::new(
                StatusCode::FORBIDDEN,
                "revoked",
                "Device revoked",
                "the device was revoked; it may only surrender its unsent work",
            ),
            TenantError::Inactive => with(StatusCode::FORBIDDEN, "User not active"),
            TenantError::BadSignature => with(StatusCode::BAD_REQUEST, "Batch not signed"),
            TenantError::TooMany { .. } => with(StatusCode::PAYLOAD_TOO_LARGE, "Too many"),
            TenantError::BadCursor => with(StatusCode::BAD_REQUEST, "Bad cursor"),
            TenantError::DeviceTaken | TenantError::LoginTaken(_) | TenantError::Exists => {
                with(StatusCode::CONFLICT, "Exists already")
            }
            TenantError::Settled => with(StatusCode::CONFLICT, "Settled already"),
            TenantError::BadKey => with(StatusCode::BAD_REQUEST, "Bad key"),
            TenantError::NotFound(_) => with(StatusCode::NOT_FOUND, "Not found"),
            TenantError::Directory { .. } => {
                with(StatusCode::UNPROCESSABLE_ENTITY, "Directory entry refused")
            }
            TenantError::Forbidden { .. } => with(StatusCode::FORBIDDEN, "Not allowed"),
            TenantError::Store(_)
            | TenantError::Document(_)
            | TenantError::Unreadable { .. }
            | TenantError::Corrupt(_)
            | TenantError::Missing => {
                let chain = anyhow::Error::new(error);
                tracing::error!(cause = format!("{chain:#}"), "a tenant's call failed");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: format!("/problems/{}", self.code),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            server_wall_ms: self.server_wall_ms,
        };
        let mut response = (self.status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
