//! Unsent work, and work that needs a decision.

use serde::{Deserialize, Serialize};

use crate::views::{NeedsYouView, PendingView};

/// Shows the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowQueue {}

/// Everything that the server has not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// What waits to be sent, oldest first.
    pub pending: Vec<PendingView>,
    /// What was denied, oldest first.
    pub needs_you: Vec<NeedsYouView>,
}

/// Sends a denied intent again, as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryIntent {
    /// The intent: its id or a unique beginning of it.
    pub intent: String,
}

/// Gives a denied intent up; its words stay in the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscardIntent {
    /// The intent: its id or a unique beginning of it.
    pub intent: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_of_an_empty_queue_is_pinned() {
        let queue = Queue { pending: vec![], needs_you: vec![] };
        insta::assert_snapshot!(serde_json::to_string(&queue).unwrap(), @r#"{"pending":[],"needs_you":[]}"#);
    }
}
