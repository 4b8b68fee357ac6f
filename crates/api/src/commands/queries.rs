//! Commands that read. Lists read projected rows only.

use serde::{Deserialize, Serialize};

use crate::views::{RecordView, SearchHitView, TotalView};

/// Which records a list shows, by whether they are in the trash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trash {
    /// Those that are not.
    #[default]
    Hidden,
    /// Those that are.
    Only,
}

/// Which records a list shows, by whether they are finished: closed deals, done tasks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finished {
    /// All.
    #[default]
    Any,
    /// Those that are not.
    Open,
    /// Those that are.
    Closed,
}

/// Lists records of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRecords {
    /// The kind of record.
    pub entity: String,
    /// Only records for which all of these hold: `field=value`, `field!=value`, `field<value`,
    /// `field>value`, or `field~text` for a member of a set and a part of a text. `owner=me` is
    /// the user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// In the trash or not.
    #[serde(default)]
    pub trash: Trash,
    /// Finished or not.
    #[serde(default)]
    pub finished: Finished,
    /// The field to sort by, `-field` for greatest first; where absent, newest edit first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// At most so many.
    pub limit: u32,
    /// Go on after this place: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Begin at this row, from 0: what a virtual list asks for when it is scrolled. Not together
    /// with `after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
    /// Only these fields of each record; all where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The money fields to add up over all pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<String>,
}

impl ListRecords {
    /// All live records of a kind, newest edit first.
    #[must_use]
    pub fn newest(entity: impl Into<String>, limit: u32) -> Self {
        Self {
            entity: entity.into(),
            filters: Vec::new(),
            trash: Trash::Hidden,
            finished: Finished::Any,
            order: None,
            limit,
            after: None,
            offset: None,
            fields: Vec::new(),
            totals: Vec::new(),
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPage {
    /// The records.
    pub records: Vec<RecordView>,
    /// How many records there are on all pages.
    pub total: u64,
    /// Where to go on; absent at the end.
    pub next: Option<String>,
    /// The sums that were asked for, over all pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<TotalView>,
}

/// Shows one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowRecord {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record.
    pub record: String,
}

/// Looks for words in all records; the beginning of a word is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchRecords {
    /// The words.
    pub text: String,
    /// At most so many.
    pub limit: u32,
}

/// What a search found: what is called so first, then the rest; of both, accounts and contacts before
/// other records, and else the newest edit first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPage {
    /// The records.
    pub hits: Vec<SearchHitView>,
    /// The words that were looked for instead, when nothing matched what was typed.
    pub corrected: Option<String>,
}

/// Shows what happened to a record, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowHistory {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record.
    pub record: String,
    /// Only what is about this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Ask the server first for what is older than the 90 days that devices keep; it is kept, and
    /// shown from then on. Whoever holds the way to the server carries that out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub older: bool,
}

/// Shows what merges settled by themselves, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowJournal {
    /// Only what is about this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Offers values for a field: the words of a choice or state, or records for a reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListChoices {
    /// The kind of record that has the field.
    pub entity: String,
    /// The field.
    pub field: String,
    /// What was typed so far.
    #[serde(default)]
    pub text: String,
    /// At most so many.
    pub limit: u32,
}

/// Shows what a lead would become, before it is converted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanConversion {
    /// The lead.
    pub lead: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_of_pages_is_pinned_and_a_short_request_is_enough() {
        let page = RecordPage { records: vec![], total: 7, next: Some("5".into()), totals: vec![] };
        insta::assert_snapshot!(serde_json::to_string(&page).unwrap(), @r#"{"records":[],"total":7,"next":"5"}"#);
        let found = SearchPage { hits: vec![], corrected: None };
        insta::assert_snapshot!(serde_json::to_string(&found).unwrap(), @r#"{"hits":[],"corrected":null}"#);
        let request: ListRecords =
            serde_json::from_str(r#"{"entity":"account","limit":5}"#).unwrap();
        assert_eq!(request.trash, Trash::Hidden);
        assert_eq!(request.finished, Finished::Any);
    }
}
