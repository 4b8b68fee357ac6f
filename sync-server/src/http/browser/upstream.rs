//! The tenant behind a hosted replica: the gate and the log, without a network between; and the
//! file of the user's views, which outlives the replica.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use roadbook_app_http::hosted::{
    HistoryRequest, HistoryResponse, SyncRequest, SyncResponse, Upstream,
};
use roadbook_app_http::{ApiError, ErrorCode};
use roadbook_domain::DeviceId;

use super::super::Server;
use super::kept::write_private;
use crate::tenant::{Tenant, TenantError};

/// One device's way to its tenant.
pub(super) struct TenantUpstream {
    pub(super) server: Arc<Server>,
    pub(super) tenant: Arc<Tenant>,
    pub(super) device: DeviceId,
    /// The file of the user's views.
    pub(super) views: PathBuf,
}

impl Upstream for TenantUpstream {
    fn exchange(&self, request: SyncRequest) -> Result<SyncResponse, ApiError> {
        let clock = &self.server.clock;
        let started = clock.monotonic();
        let device = self.tenant.device(self.device).map_err(told)?;
        let device = device.ok_or_else(|| told(TenantError::Revoked))?;
        let response = self.tenant.sync(&device, request, clock.now_ms()).map_err(told)?;
        let verdicts = response.verdicts.iter().map(|(_, verdict)| verdict.name());
        self.server.metrics.synced(verdicts, clock.monotonic().saturating_sub(started));
        Ok(response)
    }

    fn history(&self, request: HistoryRequest) -> Result<HistoryResponse, ApiError> {
        let device = self.tenant.device(self.device).map_err(told)?;
        let device = device.ok_or_else(|| told(TenantError::Revoked))?;
        self.tenant.history(&device, request).map_err(told)
    }

    fn views(&self) -> Result<Vec<u8>, ApiError> {
        match std::fs::read(&self.views) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|error| unkept(&error)),
        }
    }

    fn keep_views(&self, views: &[u8]) -> Result<(), ApiError> {
        write_private(&self.views, views).map_err(|error| unkept(&error))
    }
}

fn unkept(error: &io::Error) -> ApiError {
    tracing::error!("the saved views of a browser cannot be kept: {error}");
    ApiError::new(ErrorCode::Busy, "the server cannot keep views now; try again in a moment")
}

/// What the page is told of a tenant's refusal.
pub(super) fn told(error: TenantError) -> ApiError {
    match &error {
        TenantError::Revoked | TenantError::Inactive => over(),
        TenantError::Store(store) if store.is_retryable() => {
            ApiError::new(ErrorCode::Busy, "the server is busy; try again in a moment")
        }
        TenantError::Forbidden { reason, remedy } => {
            ApiError::new(ErrorCode::Refused, format!("{reason}; {remedy}"))
        }
        TenantError::Store(_)
        | TenantError::Document(_)
        | TenantError::Unreadable { .. }
        | TenantError::Corrupt(_)
        | TenantError::Missing
        | TenantError::Exists
        | TenantError::NotFound(_)
        | TenantError::BadSignature
        | TenantError::TooMany { .. }
        | TenantError::BadCursor
        | TenantError::DeviceTaken
        | TenantError::LoginTaken(_)
        | TenantError::BadKey
        | TenantError::Settled
        | TenantError::Directory { .. } => {
            let chain = anyhow::Error::new(error);
            tracing::error!(cause = format!("{chain:#}"), "a hosted replica's exchange failed");
            ApiError::new(
                ErrorCode::Internal,
                "the server failed; try again later, its log has the cause",
            )
        }
    }
}

/// The session is over.
pub(super) fn over() -> ApiError {
    ApiError::new(ErrorCode::NotSignedIn, "the session is over; sign in again")
}
