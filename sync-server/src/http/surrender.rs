//! `POST /v1/surrender`: unsent work goes to quarantine. The only call that a revoked device may
//! make. The body is a frame of quarantined envelopes, the answer a frame of intents that are safe.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use roadbook_sync_protocol::frame::{MAX_FRAME_BYTES, MEDIA_TYPE};
use roadbook_sync_protocol::{Quarantined, decode_request, encode};

use super::problem::Refusal;
use super::proof::{Revoked, prove};
use super::sync::{bad_frame, unwritable};
use super::{Server, blocking};

pub(super) async fn surrender(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Refusal> {
    let caller = prove(&server, request, MAX_FRAME_BYTES, Revoked::Welcome).await?;
    let frame = blocking(move || {
        let items: Vec<Quarantined> =
            decode_request(&caller.body).map_err(|error| bad_frame(&error))?;
        let safe = caller.tenant.surrender(&caller.device, items, server.now_ms())?;
        encode(&safe).map_err(unwritable)
    })
    .await?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], frame).into_response())
}
