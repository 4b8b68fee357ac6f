//! What happened to a record, and what merges settled by themselves.

use roadbook_domain::IntentId;
use serde::{Deserialize, Serialize};

use super::conflict::MadeByView;
use super::record::{NamedValue, RecordLink};

/// One change of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// The field; `record` for creating, deleting and restoring.
    pub field: String,
    /// The field's name for people.
    pub label: String,
    /// What was done: `create`, `set`, `rewrite`, `adjust`, `move`, `add`, `remove`, `delete`,
    /// `restore`, `resolve` or `propose`.
    pub action: String,
    /// The value that the person saw, where the action has one.
    pub from: Option<NamedValue>,
    /// The value that the person wanted, where the action has one.
    pub to: Option<NamedValue>,
    /// Why, for a proposal.
    pub why: Option<String>,
}

/// One thing that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntryView {
    /// The intent.
    pub intent: IntentId,
    /// The kind of the intent, such as `edit_fields`.
    pub kind: String,
    /// Who, when, on which device, why.
    pub made_by: MadeByView,
    /// The server has it; otherwise it waits on this device.
    pub accepted: bool,
    /// Its place in the server's log.
    pub seq: Option<u64>,
    /// What was done.
    pub changes: Vec<ChangeView>,
    /// What the merge settled.
    pub settled: Vec<JournalView>,
}

/// A value that a merge set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAsideView {
    /// The value.
    #[serde(flatten)]
    pub value: NamedValue,
    /// Who had set it; absent where this device was not told.
    pub made_by: Option<MadeByView>,
}

/// Something that a merge settled by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalView {
    /// The record.
    #[serde(flatten)]
    pub link: RecordLink,
    /// The field; `alive` for the whole record.
    pub field: String,
    /// The field's name for people.
    pub label: String,
    /// How: `later_kept`, `moves_joined`, `adding_won`, `revived`, `texts_merged`, `summed` or
    /// `decided`.
    pub settled: String,
    /// What is shown now.
    pub kept: NamedValue,
    /// What was set aside.
    pub set_aside: Vec<SetAsideView>,
    /// Whose arrival made the merge necessary; absent where this device was not told.
    pub made_by: Option<MadeByView>,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{amount, intent, json, link, made_by};
    use super::*;

    #[test]
    fn the_json_of_history_and_journal_is_pinned() {
        let view = HistoryEntryView {
            intent: intent(4),
            kind: "edit_fields".into(),
            made_by: made_by(),
            accepted: true,
            seq: Some(12),
            changes: vec![ChangeView {
                field: "amount".into(),
                label: "Amount".into(),
                action: "set".into(),
                from: Some(amount(1_000_000)),
                to: Some(amount(1_400_000)),
                why: None,
            }],
            settled: vec![JournalView {
                link: link(),
                field: "next_step".into(),
                label: "Next step".into(),
                settled: "later_kept".into(),
                kept: amount(5),
                set_aside: vec![SetAsideView { value: amount(4), made_by: None }],
                made_by: None,
            }],
        };
        insta::assert_snapshot!(json(&view));
    }
}
