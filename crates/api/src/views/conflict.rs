//! Conflicts: what a person must settle, with everything that helps to decide (D7).

use roadbook_domain::{DeviceId, IntentId, UserId};
use serde::{Deserialize, Serialize};

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
    /// The record.
    #[serde(flatten)]
    pub link: RecordLink,
    /// The field.
    pub field: String,
    /// The field's name for people.
    pub label: String,
    /// The value that all sides started from.
    pub base: NamedValue,
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
            link: link(),
            field: "amount".into(),
            label: "Amount".into(),
            base: amount(1_000_000),
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
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "conflict": "a:b:amount",
          "record": "01010101-0101-0101-0101-010101010101",
          "entity": "opportunity",
          "title": "Renewal",
          "field": "amount",
          "label": "Amount",
          "base": {
            "value": {
              "type": "money",
              "minor": 1000000,
              "currency": "EUR"
            },
            "text": "10000 EUR"
          },
          "sides": [
            {
              "side": 1,
              "value": {
                "type": "money",
                "minor": 1200000,
                "currency": "EUR"
              },
              "text": "12000 EUR",
              "made_by": {
                "user": "02020202-0202-0202-0202-020202020202",
                "who": "Ben",
                "device": "03030303-0303-0303-0303-030303030303",
                "device_name": "Ben's phone",
                "at_ms": 1000,
                "client": "0.1.0",
                "policy": 1,
                "rationale": null
              },
              "agreed": [],
              "shown": false
            },
            {
              "side": 2,
              "value": {
                "type": "money",
                "minor": 1400000,
                "currency": "EUR"
              },
              "text": "14000 EUR",
              "made_by": {
                "user": "02020202-0202-0202-0202-020202020202",
                "who": "Ben",
                "device": "03030303-0303-0303-0303-030303030303",
                "device_name": "Ben's phone",
                "at_ms": 1000,
                "client": "0.1.0",
                "policy": 1,
                "rationale": null
              },
              "agreed": [],
              "shown": true
            }
          ],
          "proposals": [
            {
              "intent": "04040404-0404-0404-0404-040404040404",
              "value": {
                "type": "money",
                "minor": 1300000,
                "currency": "EUR"
              },
              "text": "13000 EUR",
              "why": "half way",
              "made_by": null
            }
          ],
          "stake": {
            "value": {
              "type": "money",
              "minor": 200000,
              "currency": "EUR"
            },
            "text": "2000 EUR"
          },
          "rule": "review_field",
          "since_ms": 1000
        }
        "#);
    }
}
