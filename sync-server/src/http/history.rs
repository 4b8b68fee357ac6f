//! `POST /v1/history`: what happened to a record, also before the 90 days that devices keep. The body
//! and the answer are frames of protocol version 2.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use roadbook_sync_protocol::frame::{CALLS, MEDIA_TYPE};
use roadbook_sync_protocol::{HistoryRequest, decode_request, encode_in};

use super::problem::Refusal;
use super::proof::{Revoked, prove};
use super::sync::{bad_frame, unwritable};
use super::{Server, blocking};

/// A request names one record.
const REQUEST_MAX_BYTES: usize = 4 * 1024;

pub(super) async fn history(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Refusal> {
    let caller = prove(&server, request, REQUEST_MAX_BYTES, Revoked::Refused).await?;
    let frame = blocking(move || {
        let request: HistoryRequest =
            decode_request(&caller.body).map_err(|error| bad_frame(&error))?;
        let response = caller.tenant.history(&caller.device, request)?;
        encode_in(CALLS, &response).map_err(unwritable)
    })
    .await?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], frame).into_response())
}
