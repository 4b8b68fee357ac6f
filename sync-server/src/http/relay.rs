//! `POST /v1/relay`: devices hand back what a restore lost. The body and the answer are frames of
//! protocol version 2.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use roadbook_sync_protocol::frame::{CALLS, MAX_FRAME_BYTES, MEDIA_TYPE};
use roadbook_sync_protocol::{RelayRequest, decode_request, encode_in};

use super::problem::Refusal;
use super::proof::{Revoked, prove};
use super::sync::{bad_frame, unwritable};
use super::{Server, blocking};

pub(super) async fn relay(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Refusal> {
    let caller = prove(&server, request, MAX_FRAME_BYTES, Revoked::Refused).await?;
    let frame = blocking(move || {
        let request: RelayRequest =
            decode_request(&caller.body).map_err(|error| bad_frame(&error))?;
        let response = caller.tenant.relay(&caller.device, request, server.now_ms())?;
        for (_, standing) in &response.standings {
            server.metrics.relayed(standing.name());
        }
        encode_in(CALLS, &response).map_err(unwritable)
    })
    .await?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], frame).into_response())
}
