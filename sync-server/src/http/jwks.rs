//! `GET /v1/jwks`: the public keys of the local issuers, for services that check its tokens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::Server;
use crate::identity::token::Jwk;

#[derive(Debug, Serialize)]
pub(super) struct JwkSet {
    keys: Vec<Jwk>,
}

pub(super) async fn jwks(State(server): State<Arc<Server>>) -> Json<JwkSet> {
    let tenants = server.tenants.all();
    let keys = tenants.iter().map(|tenant| Jwk::of(&tenant.keys().verifying())).collect();
    Json(JwkSet { keys })
}
