//! One call: signed, bounded in time and size, its refusal read as a problem.

use std::sync::Mutex;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, Response};
use roadbook_sync_protocol::account::Problem;
use roadbook_sync_protocol::frame::{MAX_FRAME_BYTES, MEDIA_TYPE};
use rustls::{ClientConfig, RootCertStore};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Replica;
use crate::http::{Host, Link, SyncError, UNEXPLAINED, lock};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The server shows every 20 seconds that a silent stream lives.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);
const CALL_TIMEOUT: Duration = Duration::from_secs(120);

impl Link {
    /// Prepares a client. Opens no connection.
    ///
    /// # Errors
    /// [`SyncError::BadAnswer`] when no client can be made.
    pub fn new() -> Result<Self, SyncError> {
        // A host may have chosen a provider already; then that one stays.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = match builder().build() {
            Ok(client) => client,
            // Without the system's certificates only servers on this machine can be reached.
            Err(error) => {
                tracing::warn!("the system's certificates cannot be read: {error}");
                let config = ClientConfig::builder()
                    .with_root_certificates(RootCertStore::empty())
                    .with_no_client_auth();
                builder()
                    .tls_backend_preconfigured(config)
                    .build()
                    .map_err(|error| SyncError::BadAnswer(error.to_string()))?
            }
        };
        Ok(Self { client, turn: tokio::sync::Mutex::new(()) })
    }

    pub(super) async fn post_json<Q: Serialize, A: DeserializeOwned>(
        &self,
        server_url: &str,
        path: &str,
        authorization: Option<String>,
        body: &Q,
    ) -> Result<A, SyncError> {
        check_encrypted(server_url)?;
        let mut request = self
            .client
            .post(format!("{server_url}{path}"))
            .timeout(CALL_TIMEOUT)
            .header(CONTENT_TYPE, "application/json")
            .body(to_json(body)?);
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let response = request.send().await.map_err(SyncError::Offline)?;
        from_json(&read(response).await?)
    }

    pub(super) async fn post_frame(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        path: &str,
        frame: &[u8],
    ) -> Result<Vec<u8>, SyncError> {
        self.post_signed(replica, host, path, MEDIA_TYPE, frame).await
    }

    /// Posts with the device's proof. Where the server says that the clock is off, once more with
    /// the clock corrected.
    pub(super) async fn post_signed(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        path: &str,
        media_type: &str,
        body: &[u8],
    ) -> Result<Vec<u8>, SyncError> {
        let mut corrected = false;
        loop {
            let (url, proof) = proof(replica, host, &Method::POST, path, body)?;
            let sent = self
                .client
                .post(url)
                .timeout(CALL_TIMEOUT)
                .header(CONTENT_TYPE, media_type)
                .header(AUTHORIZATION, proof)
                .body(body.to_vec())
                .send()
                .await
                .map_err(SyncError::Offline)?;
            match read(sent).await {
                Err(SyncError::Refused(problem)) if !corrected => {
                    let Some(server_ms) = problem.server_wall_ms else {
                        return Err(SyncError::Refused(problem));
                    };
                    corrected = true;
                    let offset_ms = server_ms.saturating_sub(host.wall_ms());
                    lock(replica).note_clock_offset(offset_ms)?;
                }
                other => return other,
            }
        }
    }

    /// Opens the stream of events.
    pub(super) async fn events(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
    ) -> Result<Response, SyncError> {
        let (url, proof) = proof(replica, host, &Method::GET, "/v1/events", b"")?;
        let response = self
            .client
            .get(url)
            .header(AUTHORIZATION, proof)
            .send()
            .await
            .map_err(SyncError::Offline)?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(refusal(response).await)
    }
}

fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("roadbook/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(SILENCE_TIMEOUT)
}

fn proof(
    replica: &Mutex<Replica>,
    host: &dyn Host,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Result<(String, String), SyncError> {
    let wall_ms = host.wall_ms();
    let (server_url, proof) = {
        let replica = lock(replica);
        let proof = replica.sign_request(method.as_str(), path, body, wall_ms);
        let server_url = replica.enrolled().map(|enrolment| enrolment.server_url.clone());
        drop(replica);
        (server_url?, proof?)
    };
    check_encrypted(&server_url)?;
    Ok((format!("{server_url}{path}"), proof.to_string()))
}

/// Refuses to talk in the clear to anything but this machine.
fn check_encrypted(server_url: &str) -> Result<(), SyncError> {
    let local = server_url.strip_prefix("http://").is_some_and(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_host = |host: &str| {
            authority == host
                || authority.strip_prefix(host).is_some_and(|port| port.starts_with(':'))
        };
        !authority.contains('@') && ["localhost", "127.0.0.1", "[::1]"].into_iter().any(is_host)
    });
    if local || server_url.starts_with("https://") {
        return Ok(());
    }
    Err(SyncError::Refused(Box::new(Problem {
        kind: "/problems/not_encrypted".to_owned(),
        title: "The way to the server is not encrypted".to_owned(),
        status: 0,
        detail: format!("use https:// instead of {server_url}; http:// reaches this machine only"),
        server_wall_ms: None,
    })))
}

/// The body of a good answer; a refusal as an error.
async fn read(response: Response) -> Result<Vec<u8>, SyncError> {
    if !response.status().is_success() {
        return Err(refusal(response).await);
    }
    body(response).await
}

async fn body(mut response: Response) -> Result<Vec<u8>, SyncError> {
    let mut out = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(SyncError::Offline)? {
        out.extend_from_slice(&chunk);
        if out.len() > MAX_FRAME_BYTES {
            return Err(SyncError::BadAnswer(format!("more than {MAX_FRAME_BYTES} bytes")));
        }
    }
    Ok(out)
}

async fn refusal(response: Response) -> SyncError {
    let status = response.status();
    let bytes = match body(response).await {
        Ok(bytes) => bytes,
        Err(error) => return error,
    };
    let problem = serde_json::from_slice(&bytes).unwrap_or_else(|_| Problem {
        kind: format!("/problems/{UNEXPLAINED}"),
        title: status.canonical_reason().unwrap_or("refused").to_owned(),
        status: status.as_u16(),
        detail: "the server gave no reason; is this a Roadbook server?".to_owned(),
        server_wall_ms: None,
    });
    SyncError::Refused(Box::new(problem))
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, SyncError> {
    serde_json::to_vec(value).map_err(|error| SyncError::BadAnswer(error.to_string()))
}

pub(super) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, SyncError> {
    serde_json::from_slice(bytes).map_err(|error| SyncError::BadAnswer(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_reached_in_the_clear() {
        for url in
            ["http://127.0.0.1:8080", "http://localhost", "https://crm.example", "http://[::1]:1"]
        {
            assert!(check_encrypted(url).is_ok(), "{url}");
        }
        for url in [
            "http://crm.example",
            "http://127.0.0.1.evil.example",
            "http://localhost@evil.example",
            "ftp://127.0.0.1",
            "crm.example",
        ] {
            assert!(check_encrypted(url).is_err(), "{url}");
        }
    }
}
