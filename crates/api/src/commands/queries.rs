//! Commands that read. Lists read projected rows only.

use serde::{Deserialize, Serialize};

use crate::views::{RecordView, SearchHitView};

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

/// Lists records of one kind, newest edit first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRecords {
    /// The kind of record.
    pub entity: String,
    /// Only records whose fields have these values, as `field=value`. `owner=me` is the user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// In the trash or not.
    #[serde(default)]
    pub trash: Trash,
    /// At most so many.
    pub limit: u32,
    /// Go on after this place: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPage {
    /// The records.
    pub records: Vec<RecordView>,
    /// Where to go on; absent at the end.
    pub next: Option<String>,
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

/// What a search found, newest edit first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPage {
    /// The records.
    pub hits: Vec<SearchHitView>,
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
