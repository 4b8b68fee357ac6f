//! What a host serves to a face: commands by name, and events.

use std::pin::Pin;

use roadbook_api::Event;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::ApiResult;

/// The answer to a command, when it is there.
pub type Answer<'a> = Pin<Box<dyn Future<Output = ApiResult<Value>> + Send + 'a>>;

/// Carries out commands by name and tells of changes: a device of one's own
/// ([`Session`](crate::Session)), or a replica that a server hosts for a browser.
pub trait Backend: Send + Sync {
    /// Carries a command out; `request` is its JSON. Giving the future up does not undo what was
    /// begun.
    fn call<'a>(&'a self, name: &'a str, request: Value) -> Answer<'a>;

    /// Events from now on. A receiver that falls behind loses the oldest and is told so.
    fn events(&self) -> broadcast::Receiver<Event>;

    /// What a face that starts to listen is told first.
    fn greeting(&self) -> Vec<Event>;
}
