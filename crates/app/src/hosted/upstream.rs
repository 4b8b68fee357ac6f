//! What a hosted replica needs of the server that hosts it.

use roadbook_replica::{HistoryRequest, HistoryResponse, SyncRequest, SyncResponse};

use crate::errors::ApiResult;

/// The server behind a hosted replica. Blocking.
pub trait Upstream: Send + Sync {
    /// Answers one request of the replica's device.
    ///
    /// # Errors
    /// `not_signed_in` when the user or the device may not come any more; others when the server
    /// fails.
    fn exchange(&self, request: SyncRequest) -> ApiResult<SyncResponse>;

    /// Answers what happened to a record, also before what devices keep.
    ///
    /// # Errors
    /// As for [`Self::exchange`].
    fn history(&self, request: HistoryRequest) -> ApiResult<HistoryResponse>;

    /// The user's views of lists, as they were last kept; empty where none are.
    ///
    /// # Errors
    /// They cannot be read.
    fn views(&self) -> ApiResult<Vec<u8>>;

    /// Keeps the user's views of lists until it is given others: what a replica holds goes with it.
    ///
    /// # Errors
    /// They cannot be written.
    fn keep_views(&self, views: &[u8]) -> ApiResult<()>;
}
