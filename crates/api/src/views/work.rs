//! What a person did and where it is: saved, sending, or in need of a decision.

use roadbook_domain::IntentId;
use serde::{Deserialize, Serialize};

use super::history::ChangeView;
use super::record::RecordLink;

/// What the policy on this device says of an intent that was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leave {
    /// It is allowed.
    Allowed,
    /// It takes effect only when the server confirms it.
    NeedsConfirmation,
}

/// An intent that was saved on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenView {
    /// The intent.
    pub intent: IntentId,
    /// The record that it is about.
    #[serde(flatten)]
    pub link: RecordLink,
    /// What was done.
    pub changes: Vec<ChangeView>,
    /// What the policy says.
    pub leave: Leave,
}

/// Where unsent work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingState {
    /// Safe on this device; will be sent.
    Saved,
    /// Sent; the server's answer or the merged record has not come back yet.
    Sending,
    /// Waits for another intent.
    Held,
}

/// An intent that the server has not taken in yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingView {
    /// The intent.
    pub intent: IntentId,
    /// The kind of the intent, such as `edit_fields`.
    pub kind: String,
    /// The records that it is about.
    pub records: Vec<RecordLink>,
    /// What was done.
    pub changes: Vec<ChangeView>,
    /// When.
    pub at_ms: i64,
    /// Where it is.
    pub state: PendingState,
    /// The intent that it waits for.
    pub waits_for: Option<IntentId>,
}

/// An intent that the server denied: its words are kept, and a person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedsYouView {
    /// The intent.
    pub intent: IntentId,
    /// The kind of the intent, such as `edit_fields`.
    pub kind: String,
    /// The records that it is about.
    pub records: Vec<RecordLink>,
    /// What was done.
    pub changes: Vec<ChangeView>,
    /// When.
    pub at_ms: i64,
    /// The server's stable word.
    pub code: String,
    /// Why it was denied.
    pub reason: String,
    /// What to do.
    pub remedy: String,
    /// The field that it is about.
    pub field: Option<String>,
    /// The policy that decided.
    pub policy: Option<String>,
    /// Later intents that wait for it.
    pub holds: Vec<IntentId>,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{amount, intent, json, link};
    use super::*;

    fn changes() -> Vec<ChangeView> {
        vec![ChangeView {
            field: "amount".into(),
            label: "Amount".into(),
            action: "set".into(),
            from: None,
            to: Some(amount(1_400_000)),
            why: None,
        }]
    }

    #[test]
    fn the_json_of_saved_work_is_pinned() {
        let view = WrittenView {
            intent: intent(4),
            link: link(),
            changes: changes(),
            leave: Leave::Allowed,
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "intent": "04040404-0404-0404-0404-040404040404",
          "record": "01010101-0101-0101-0101-010101010101",
          "entity": "opportunity",
          "title": "Renewal",
          "changes": [
            {
              "field": "amount",
              "label": "Amount",
              "action": "set",
              "from": null,
              "to": {
                "value": {
                  "type": "money",
                  "minor": 1400000,
                  "currency": "EUR"
                },
                "text": "14000 EUR"
              },
              "why": null
            }
          ],
          "leave": "allowed"
        }
        "#);
    }

    #[test]
    fn the_json_of_pending_work_is_pinned() {
        let view = PendingView {
            intent: intent(4),
            kind: "edit_fields".into(),
            records: vec![link()],
            changes: changes(),
            at_ms: 1_000,
            state: PendingState::Held,
            waits_for: Some(intent(5)),
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "intent": "04040404-0404-0404-0404-040404040404",
          "kind": "edit_fields",
          "records": [
            {
              "record": "01010101-0101-0101-0101-010101010101",
              "entity": "opportunity",
              "title": "Renewal"
            }
          ],
          "changes": [
            {
              "field": "amount",
              "label": "Amount",
              "action": "set",
              "from": null,
              "to": {
                "value": {
                  "type": "money",
                  "minor": 1400000,
                  "currency": "EUR"
                },
                "text": "14000 EUR"
              },
              "why": null
            }
          ],
          "at_ms": 1000,
          "state": "held",
          "waits_for": "05050505-0505-0505-0505-050505050505"
        }
        "#);
    }

    #[test]
    fn the_json_of_denied_work_is_pinned() {
        let view = NeedsYouView {
            intent: intent(4),
            kind: "edit_fields".into(),
            records: vec![link()],
            changes: vec![],
            at_ms: 1_000,
            code: "field_not_allowed".into(),
            reason: "A rep may not change the owner.".into(),
            remedy: "Ask a manager to change it.".into(),
            field: Some("owner".into()),
            policy: Some("rep_scope_fields".into()),
            holds: vec![intent(5)],
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "intent": "04040404-0404-0404-0404-040404040404",
          "kind": "edit_fields",
          "records": [
            {
              "record": "01010101-0101-0101-0101-010101010101",
              "entity": "opportunity",
              "title": "Renewal"
            }
          ],
          "changes": [],
          "at_ms": 1000,
          "code": "field_not_allowed",
          "reason": "A rep may not change the owner.",
          "remedy": "Ask a manager to change it.",
          "field": "owner",
          "policy": "rep_scope_fields",
          "holds": [
            "05050505-0505-0505-0505-050505050505"
          ]
        }
        "#);
    }
}
