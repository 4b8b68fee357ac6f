//! Conflicts: what a person must settle, with everything that helps to decide (D7).

use roadbook_domain::{DeviceId, IntentId, UserId};
use serde::{Deserialize, Serialize};

use super::history::JournalView;
use super::record::{NamedValue, RecordLink};

/// Who did something, when and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeByView {
    /// The user.
    pub user: UserId,
    /// The user's name; the id where the name is not on this device.
    pub who: String,
    /// The device.
    pub device: DeviceId,
    /// The device's name, where it is known here.
    pub device_name: Option<String>,
    /// When, by the device's hybrid clock.
    pub at_ms: i64,
    /// When the server took it in; absent while it waits, and where this device was not told.
    pub accepted_ms: Option<i64>,
    /// The device was offline: more than a minute passed until the server had it. Absent where
    /// this device cannot tell.
    pub offline: Option<bool>,
    /// The version of the client.
    pub client: String,
    /// The version of the policies that the device evaluated.
    pub policy: u32,
    /// Why, in the person's words.
    pub rationale: Option<String>,
}

/// One side of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideView {
    /// Its number: what `resolve --take` names. From 1, by clock.
    pub side: u32,
    /// The value.
    #[serde(flatten)]
    pub value: NamedValue,
    /// Who set it last; absent where this device was not told.
    pub made_by: Option<MadeByView>,
    /// Who else set it to the same value.
    pub agreed: Vec<MadeByView>,
    /// The record shows it until somebody decides.
    pub shown: bool,
}

/// A value that somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalView {
    /// The proposing intent.
    pub intent: IntentId,
    /// The value.
    #[serde(flatten)]
    pub value: NamedValue,
    /// Why.
    pub why: String,
    /// Who; absent where this device was not told.
    pub made_by: Option<MadeByView>,
}

/// An open conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictView {
    /// Its id: what `resolve` names. Absent while it is of this device alone and the server has
    /// not numbered it.
    pub conflict: Option<String>,
    /// What names it in commands, whether it has an id or not: the id, or `record.field`.
    pub named: String,
    /// The record.
    #[serde(flatten)]
    pub link: RecordLink,
    /// The field.
    pub field: String,
    /// The field's name for people.
    pub label: String,
    /// The account of the record.
    pub account: Option<RecordLink>,
    /// The value that all sides started from.
    pub base: NamedValue,
    /// Who had set that value, and when; absent where this device was not told.
    pub base_by: Option<MadeByView>,
    /// The sides, by clock; the last one is shown meanwhile.
    pub sides: Vec<SideView>,
    /// What others propose.
    pub proposals: Vec<ProposalView>,
    /// The difference between the highest and the lowest side, for money.
    pub stake: Option<NamedValue>,
    /// The rule that gave up: `review_field` or `no_legal_join`.
    pub rule: String,
    /// When the second side was set.
    pub since_ms: i64,
    /// Its place among the open conflicts, from 1, in the order that was asked for.
    pub position: u32,
    /// How many open conflicts there are.
    pub of: u32,
    /// The conflict before this one: what `show_conflict` names.
    pub previous: Option<String>,
    /// The conflict after this one.
    pub next: Option<String>,
    /// The policies let this user decide it; otherwise the user may propose a value.
    pub can_decide: bool,
    /// What merges settled by themselves in the same record since the sides parted, newest first.
    pub settled: Vec<JournalView>,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{amount, intent, json, link, made_by};
    use super::*;

    #[test]
    fn the_json_of_a_conflict_is_pinned() {
        let side = |side, minor, shown| SideView {
            side,
            value: amount(minor),
            made_by: Some(made_by()),
            agreed: vec![],
            shown,
        };
        let view = ConflictView {
            conflict: Some("a:b:amount".into()),
            named: "a:b:amount".into(),
            link: link(),
            field: "amount".into(),
            label: "Amount".into(),
            account: None,
            base: amount(1_000_000),
            base_by: None,
            sides: vec![side(1, 1_200_000, false), side(2, 1_400_000, true)],
            proposals: vec![ProposalView {
                intent: intent(4),
                value: amount(1_300_000),
                why: "half way".into(),
                made_by: None,
            }],
            stake: Some(amount(200_000)),
            rule: "review_field".into(),
            since_ms: 1_000,
            position: 15,
            of: 40,
            previous: None,
            next: Some("c:d:amount".into()),
            can_decide: true,
            settled: vec![],
        };
        insta::assert_snapshot!(json(&view));
    }
}
