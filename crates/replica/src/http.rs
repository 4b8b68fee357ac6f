//! The network adapter: the exchange over HTTP, with backoff, progress and cancelling.
//!
//! No lock is held across the network: the replica is locked to make a request, and again to take
//! the answer in.

use std::sync::Mutex;

use roadbook_sync_protocol::account::{DirectoryRequest, DirectoryResponse, Problem};

use crate::exchange::{TakeInError, TakenIn, Verify};
use crate::{Replica, StoreError};

/// Clock and randomness, which only a host reads.
pub trait Host: Send + Sync {
    /// The wall clock, in milliseconds since 1970.
    fn wall_ms(&self) -> i64;
    /// Fills the buffer with random bytes.
    fn fill(&self, out: &mut [u8]);
}

/// How far a sync has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Exchanges done.
    pub exchanges: u64,
    /// Envelopes pushed.
    pub pushed: u64,
    /// Items taken in.
    pub pulled: u64,
    /// About how many items are still to come.
    pub remaining: u64,
}

/// What a whole sync did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Exchanges done.
    pub exchanges: u64,
    /// Envelopes pushed.
    pub pushed: u64,
    /// Bytes sent and received, bodies only, as on the wire.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Everything that was taken in, added up.
    pub taken_in: TakenIn,
}

/// Why a sync or another call failed.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The server cannot be reached. Being offline is a state, not a fault.
    #[error("the server cannot be reached")]
    Offline(#[source] reqwest::Error),
    /// The server refused the call.
    #[error("{}: {}", .0.title, .0.detail)]
    Refused(Box<Problem>),
    /// The server answered something that cannot be understood.
    #[error("the server's answer cannot be understood: {0}")]
    BadAnswer(String),
    /// The call was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The answer was not taken in.
    #[error(transparent)]
    TakeIn(#[from] TakeInError),
    /// The device failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A way to the server.
pub struct Link {
    client: reqwest::Client,
}

/// Tells a running call to stop. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Cancel(std::sync::Arc<tokio::sync::Notify>);

impl Cancel {
    /// Stops what runs with this handle.
    pub fn cancel(&self) {
        self.0.notify_waiters();
    }
}

impl Link {
    /// Prepares a client. Opens no connection.
    ///
    /// # Errors
    /// [`SyncError::BadAnswer`] when the system's TLS roots cannot be read.
    pub fn new() -> Result<Self, SyncError> {
        unimplemented!()
    }

    /// Signs in, enrols the device and remembers the enrolment.
    ///
    /// # Errors
    /// [`SyncError::Refused`] with the server's words.
    pub async fn enrol(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        server_url: &str,
        tenant: &str,
        login: &str,
        password: &str,
    ) -> Result<(), SyncError> {
        let _ = (replica, host, server_url, tenant, login, password);
        let _ = &self.client;
        unimplemented!()
    }

    /// Exchanges until both sides have everything.
    ///
    /// # Errors
    /// [`SyncError`]; what was exchanged before stays.
    pub async fn sync(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        verify: Verify,
        progress: &(dyn Fn(Progress) + Send + Sync),
        cancel: &Cancel,
    ) -> Result<SyncReport, SyncError> {
        let _ = (replica, host, verify, progress, cancel);
        unimplemented!()
    }

    /// Has the server write users, teams and territories. Administrators only.
    ///
    /// # Errors
    /// [`SyncError::Refused`] with the server's words.
    pub async fn write_directory(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        request: &DirectoryRequest,
    ) -> Result<DirectoryResponse, SyncError> {
        let _ = (replica, host, request);
        unimplemented!()
    }

    /// Syncs for ever: at once, whenever the server says that there is more, when `wake` is
    /// notified (something was saved), and on a timer. Backs off while the server cannot be
    /// reached. Ends when cancelled.
    ///
    /// # Errors
    /// [`SyncError`] of kinds that waiting does not mend: a revoked device, a damaged database.
    pub async fn keep_in_sync(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        wake: &tokio::sync::Notify,
        observer: &(dyn Fn(Result<&SyncReport, &SyncError>) + Send + Sync),
        cancel: &Cancel,
    ) -> Result<(), SyncError> {
        let _ = (replica, host, wake, observer, cancel);
        unimplemented!()
    }
}
