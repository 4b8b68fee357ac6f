//! Commands that draw a whole page: today, the board, what hangs on a record, its timeline, and
//! saved views of lists. All read projected rows; none loads a document.

use serde::{Deserialize, Serialize};

use super::queries::Finished;
use crate::views::Layout;

/// Shows a rep's day: agenda, what is overdue, what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowToday {
    /// The day at the person's place, year-month-day (RFC 3339).
    pub day: String,
    /// How far that place is ahead of UTC, in minutes; 60 for Berlin in winter.
    #[serde(default)]
    pub offset_minutes: i32,
}

/// Shows records by stage, status or state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowBoard {
    /// The kind of record; one that has a stage, status or state.
    pub entity: String,
    /// Only records for which all of these hold, as in `list_records`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// The day at the person's place, for "slipped"; where absent, that of the device in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// The field to sort cards by, as in `list_records`; where absent, newest edit first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// At most so many cards in a column.
    pub limit: u32,
    /// Only this column: to go on in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Go on after this place: `next` of the column before. Only with `column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Shows the records that refer to a record, by kind and field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowRelated {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record.
    pub record: String,
    /// At most so many records of each group. More come from `list_records` with the filter that
    /// the group names.
    pub limit: u32,
}

/// Shows activities, notes, tasks, changes and decisions about a record, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowTimeline {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record.
    pub record: String,
    /// At most so many.
    pub limit: u32,
    /// Go on after this place: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Lists the saved views of this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListViews {
    /// Only those of this kind of record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
}

/// Saves a view of a list under a name, in place of an earlier one of that name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveView {
    /// The kind of record.
    pub entity: String,
    /// The view's name for people.
    pub name: String,
    /// Its filters, as in `list_records`.
    #[serde(default)]
    pub filters: Vec<String>,
    /// Finished records or not.
    #[serde(default)]
    pub finished: Finished,
    /// Its order, as in `list_records`.
    #[serde(default)]
    pub order: Option<String>,
    /// The fields that are shown, in their order; empty for the usual ones.
    #[serde(default)]
    pub fields: Vec<String>,
    /// List or board.
    #[serde(default)]
    pub layout: Layout,
}

/// Removes a saved view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveView {
    /// The kind of record.
    pub entity: String,
    /// The view's name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_requests_are_enough() {
        let today: ShowToday = serde_json::from_str(r#"{"day":"2026-11-20"}"#).unwrap();
        assert_eq!(today.offset_minutes, 0);
        let board: ShowBoard =
            serde_json::from_str(r#"{"entity":"opportunity","limit":20}"#).unwrap();
        assert!(board.filters.is_empty() && board.column.is_none());
        let view: SaveView =
            serde_json::from_str(r#"{"entity":"opportunity","name":"Mine"}"#).unwrap();
        assert_eq!((view.finished, view.layout), (Finished::Any, Layout::List));
    }
}
