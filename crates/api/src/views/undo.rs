//! What undoing brought about, and what was given up and can be taken back.

use roadbook_domain::IntentId;
use serde::{Deserialize, Serialize};

use super::history::ChangeView;
use super::record::RecordLink;

/// How an intent was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoneHow {
    /// It had not been sent: it never happened. `restore_discarded` takes it back.
    Withdrawn,
    /// It had been sent: new intents set back what it did.
    Reversed,
}

/// What undoing a decision means for the dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeAfter {
    /// The conflict is open again.
    Reopened,
    /// Others have read the decision, so the conflict stays settled. The field shows the value that
    /// it showed before the decision, which `changes` names; what was set aside can be taken from
    /// the history.
    StaysSettled,
}

/// An intent that was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoneView {
    /// The intent that was undone.
    pub intent: IntentId,
    /// How.
    pub how: UndoneHow,
    /// The records that it was about.
    pub records: Vec<RecordLink>,
    /// What undoing did: what was put back, or what is now as if it had not been done.
    pub changes: Vec<ChangeView>,
    /// What was not put back, because somebody changed it since; as the intent had set it.
    pub left: Vec<ChangeView>,
    /// The intents that set it back; undoing them does it again.
    pub reversed_by: Vec<IntentId>,
    /// Later intents that built on it and now need a decision.
    pub set_aside: Vec<IntentId>,
    /// For a decision in a conflict: what became of the dispute.
    pub dispute: Option<DisputeAfter>,
}

/// An intent that was given up or withdrawn, and can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscardedView {
    /// The intent.
    pub intent: IntentId,
    /// The kind of the intent, such as `edit_fields`.
    pub kind: String,
    /// The records that it is about.
    pub records: Vec<RecordLink>,
    /// What was done.
    pub changes: Vec<ChangeView>,
    /// When it was made.
    pub at_ms: i64,
    /// When it was given up.
    pub discarded_ms: i64,
    /// The server had denied it; otherwise it had not been sent.
    pub denied: bool,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{intent, json, link};
    use super::*;

    #[test]
    fn the_json_of_what_was_undone_or_given_up_is_pinned() {
        let view = UndoneView {
            intent: intent(4),
            how: UndoneHow::Reversed,
            records: vec![link()],
            changes: vec![],
            left: vec![],
            reversed_by: vec![intent(5)],
            set_aside: vec![],
            dispute: Some(DisputeAfter::StaysSettled),
        };
        insta::assert_snapshot!(json(&view));
        let discarded = DiscardedView {
            intent: intent(4),
            kind: "edit_fields".into(),
            records: vec![link()],
            changes: vec![],
            at_ms: 1_000,
            discarded_ms: 2_000,
            denied: true,
        };
        insta::assert_snapshot!(json(&discarded));
    }
}
