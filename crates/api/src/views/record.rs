//! A record and its fields, as lists and pages show them.

use std::collections::BTreeMap;

use roadbook_domain::{Entity, RecordId, Value};
use serde::{Deserialize, Serialize};

use super::entity_name;
use crate::ValueView;

/// A record, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordLink {
    /// Its id.
    pub record: RecordId,
    /// Its kind.
    #[serde(with = "entity_name")]
    pub entity: Entity,
    /// Its name for people; empty when it has none on this device.
    pub title: String,
}

/// A typed value and its plain text. References read as the name of their record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    /// The typed value.
    pub value: ValueView,
    /// Its text.
    pub text: String,
}

impl NamedValue {
    /// A value whose text is its own.
    #[must_use]
    pub fn plain(value: &Value) -> Self {
        Self { value: value.into(), text: value.to_string() }
    }
}

/// How far a field's value has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The server has it.
    Accepted,
    /// It waits on this device to be sent.
    Pending,
    /// It is asked for; the server decides, and it counts only then.
    Proposed,
    /// The user's own change of it was denied and waits in the drawer "Needs you". The value is the
    /// one without that change.
    NeedsYou,
}

/// One field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldView {
    /// The typed value.
    pub value: ValueView,
    /// Its text.
    pub text: String,
    /// Several people set it to different values and nobody has decided yet: never final.
    pub disputed: bool,
    /// How many values it is disputed between; 0 where it is not disputed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sides: u32,
    /// How far it has come.
    pub mark: Mark,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordView {
    /// Its id.
    pub record: RecordId,
    /// Its kind.
    #[serde(with = "entity_name")]
    pub entity: Entity,
    /// Its name for people.
    pub title: String,
    /// It is in the trash.
    pub deleted: bool,
    /// Something about it waits on this device to be sent.
    pub pending: bool,
    /// A field of it is disputed.
    pub disputed: bool,
    /// When it was last edited.
    pub updated_ms: i64,
    /// Its fields that have a value here, by name.
    pub fields: BTreeMap<String, FieldView>,
}

/// A record that the search box found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchHitView {
    /// The record.
    #[serde(flatten)]
    pub link: RecordLink,
    /// A short text from where it was found.
    pub excerpt: String,
    /// When it was last edited.
    pub updated_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{json, link, record};
    use super::*;

    #[test]
    fn the_json_of_a_record_is_pinned() {
        let amount = super::super::tests::amount(1_400_000);
        let view = RecordView {
            record: record(1),
            entity: Entity::Opportunity,
            title: "Renewal".into(),
            deleted: false,
            pending: true,
            disputed: true,
            updated_ms: 1_000,
            fields: BTreeMap::from([(
                "amount".to_owned(),
                FieldView {
                    value: amount.value,
                    text: amount.text,
                    disputed: true,
                    sides: 2,
                    mark: Mark::Pending,
                },
            )]),
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "record": "01010101-0101-0101-0101-010101010101",
          "entity": "opportunity",
          "title": "Renewal",
          "deleted": false,
          "pending": true,
          "disputed": true,
          "updated_ms": 1000,
          "fields": {
            "amount": {
              "value": {
                "type": "money",
                "minor": 1400000,
                "currency": "EUR"
              },
              "text": "14000 EUR",
              "disputed": true,
              "sides": 2,
              "mark": "pending"
            }
          }
        }
        "#);
    }

    #[test]
    fn the_json_of_a_search_hit_is_pinned() {
        let view =
            SearchHitView { link: link(), excerpt: "the renewal of".into(), updated_ms: 1_000 };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "record": "01010101-0101-0101-0101-010101010101",
          "entity": "opportunity",
          "title": "Renewal",
          "excerpt": "the renewal of",
          "updated_ms": 1000
        }
        "#);
    }
}
