//! `POST /v1/directory`: an administrator's device has the server write users, teams and
//! territories.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use roadbook_sync_protocol::account::{DirectoryRequest, DirectoryResponse};

use super::problem::Refusal;
use super::proof::{Revoked, prove};
use super::{Server, blocking};

/// The largest body, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

pub(super) async fn directory(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Json<DirectoryResponse>, Refusal> {
    let caller = prove(&server, request, MAX_BYTES, Revoked::Refused).await?;
    let response = blocking(move || {
        let request: DirectoryRequest = serde_json::from_slice(&caller.body)
            .map_err(|error| Refusal::bad_body("bad_json", error.to_string()))?;
        let mut ids = server.ids.clone();
        let now_ms = server.now_ms();
        Ok(caller.tenant.apply_directory(&caller.device, &request, now_ms, &mut ids)?)
    })
    .await?;
    Ok(Json(response))
}
