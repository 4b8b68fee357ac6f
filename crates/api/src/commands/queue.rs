//! Unsent work, and work that needs a decision.

use serde::{Deserialize, Serialize};

use crate::Assignment;
use crate::views::{DiscardedView, NeedsYouView, PendingView};

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
    /// What was given up or withdrawn in the last 30 days, newest first: it can be taken back.
    #[serde(default)]
    pub discarded: Vec<DiscardedView>,
}

/// Sends a denied intent again, as it is or with other values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryIntent {
    /// The intent: its id or a unique beginning of it.
    pub intent: String,
    /// Values in place of those that were denied, or beside them. A field that gets the value that
    /// the record shows is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<Assignment>,
    /// Why, in the person's words; where absent, what was said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Gives a denied or waiting intent up; [`RestoreDiscarded`] takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscardIntent {
    /// The intent: its id or a unique beginning of it.
    pub intent: String,
}

/// Takes back what was given up: a denied intent returns to "Needs you", work that had not been
/// sent is saved again on what the record is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreDiscarded {
    /// The intent: its id or a unique beginning of it.
    pub intent: String,
}

/// Undoes an intent: withdraws it where it was not sent, else sets back what it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoIntent {
    /// The intent: its id, or a unique beginning of it where it is on its way or of this device.
    pub intent: String,
    /// A record that it is about. Needed only for what another device did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_of_an_empty_queue_is_pinned() {
        let queue = Queue { pending: vec![], needs_you: vec![], discarded: vec![] };
        insta::assert_snapshot!(serde_json::to_string(&queue).unwrap(), @r#"{"pending":[],"needs_you":[],"discarded":[]}"#);
        let retry: RetryIntent = serde_json::from_str(r#"{"intent":"01"}"#).unwrap();
        assert!(retry.assignments.is_empty());
        let undo: UndoIntent = serde_json::from_str(r#"{"intent":"01"}"#).unwrap();
        assert_eq!(undo.record, None);
    }
}
