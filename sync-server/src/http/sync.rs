//! `POST /v1/sync`: one exchange. The body and the answer are frames.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use roadbook_sync_protocol::frame::{MAX_FRAME_BYTES, MEDIA_TYPE};
use roadbook_sync_protocol::{FrameError, SyncRequest, decode_request};

use super::problem::Refusal;
use super::proof::{Revoked, prove};
use super::{Server, blocking};

pub(super) async fn sync(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Refusal> {
    let caller = prove(&server, request, MAX_FRAME_BYTES, Revoked::Refused).await?;
    let frame = blocking(move || {
        let request: SyncRequest =
            decode_request(&caller.body).map_err(|error| bad_frame(&error))?;
        let started = server.clock.monotonic();
        let response = caller.tenant.answer(&caller.device, request, server.now_ms())?;
        let took = server.clock.monotonic().saturating_sub(started);
        let verdicts = response.verdicts.iter().map(|(_, verdict)| verdict.name());
        server.metrics.synced(verdicts, took);
        tracing::debug!(
            device = %caller.device.id,
            verdicts = response.verdicts.len(),
            "synced device {}",
            caller.device.id
        );
        response.encode().map_err(unwritable)
    })
    .await?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], frame).into_response())
}

/// What is wrong with a frame, for its sender.
pub(super) fn bad_frame(error: &FrameError) -> Refusal {
    match error {
        FrameError::TooLarge { cap } => Refusal::too_large(*cap),
        FrameError::NotAFrame
        | FrameError::UnknownVersion(_)
        | FrameError::Compression(_)
        | FrameError::Body(_) => Refusal::bad_body(error.code(), error.to_string()),
    }
}

/// An answer that cannot be written.
pub(super) fn unwritable(error: FrameError) -> Refusal {
    let chain = anyhow::Error::new(error);
    tracing::error!(cause = format!("{chain:#}"), "an answer cannot be written");
    Refusal::internal()
}
