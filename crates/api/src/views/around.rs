//! What is around a record: records that refer to it, its timeline, values to choose from, and
//! saved views of lists.

use roadbook_domain::Entity;
use serde::{Deserialize, Serialize};

use super::entity_name;
use super::history::HistoryEntryView;
use super::record::{RecordLink, RecordView};
use crate::commands::queries::Finished;

/// Records of one kind that refer to a record by one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedGroupView {
    /// Their kind.
    #[serde(with = "entity_name")]
    pub entity: Entity,
    /// The field by which they refer to it.
    pub field: String,
    /// The field's name for people.
    pub label: String,
    /// The filter for `list_records` that finds them all.
    pub filter: String,
    /// How many there are.
    pub total: u64,
    /// The first of them, newest edit first.
    pub records: Vec<RecordView>,
}

/// The records that refer to a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedView {
    /// The record.
    #[serde(flatten)]
    pub link: RecordLink,
    /// The groups that have records.
    pub groups: Vec<RelatedGroupView>,
}

/// One entry of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntryView {
    /// Its place in the timeline: stable, so that a list can be keyed by it.
    pub id: String,
    /// When.
    pub at_ms: i64,
    /// It waits on this device to be sent.
    pub pending: bool,
    /// What.
    #[serde(flatten)]
    pub what: TimelineWhat,
}

/// What stands in a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TimelineWhat {
    /// A visit, call, meeting or e-mail.
    Activity {
        /// The activity.
        link: RecordLink,
        /// Its kind, in lower case.
        kind: String,
        /// Its outcome.
        outcome: Option<String>,
        /// The report.
        text: Option<String>,
        /// When it ended.
        ends_ms: Option<i64>,
        /// Its owner.
        who: Option<RecordLink>,
        /// The record that it is about, where that is not the one whose timeline this is.
        about: Option<RecordLink>,
    },
    /// A note.
    Note {
        /// The note.
        link: RecordLink,
        /// Its text.
        text: Option<String>,
        /// Its owner.
        who: Option<RecordLink>,
        /// The record that it is about, where that is not the one whose timeline this is.
        about: Option<RecordLink>,
    },
    /// A task, at the time it was made.
    Task {
        /// The task.
        link: RecordLink,
        /// Its state.
        state: String,
        /// The day that it is due.
        due_on: Option<String>,
        /// When it was finished.
        completed_ms: Option<i64>,
        /// Its owner.
        who: Option<RecordLink>,
        /// The record that it is about, where that is not the one whose timeline this is.
        about: Option<RecordLink>,
    },
    /// A change of the record.
    Change {
        /// What happened.
        entry: Box<HistoryEntryView>,
    },
    /// A decision in a conflict, or a proposal.
    Decision {
        /// What happened.
        entry: Box<HistoryEntryView>,
    },
}

/// A page of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelinePage {
    /// The entries, newest first.
    pub entries: Vec<TimelineEntryView>,
    /// How many there are on all pages.
    pub total: u64,
    /// Where to go on; absent at the end.
    pub next: Option<String>,
}

/// A value to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceView {
    /// What an assignment takes: a word, or the id of a record.
    pub value: String,
    /// Its text for people.
    pub text: String,
    /// What tells it from others of the same name: a city, an account, a role.
    pub hint: Option<String>,
    /// The record, for a reference.
    pub link: Option<RecordLink>,
}

/// How a saved view is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// As a list.
    #[default]
    List,
    /// As a board.
    Board,
}

/// A saved view of a list, of this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// The kind of record.
    #[serde(with = "entity_name")]
    pub entity: Entity,
    /// Its name.
    pub name: String,
    /// Its filters.
    pub filters: Vec<String>,
    /// Finished records or not.
    pub finished: Finished,
    /// Its order.
    pub order: Option<String>,
    /// The fields that are shown; empty for the usual ones.
    pub fields: Vec<String>,
    /// List or board.
    pub layout: Layout,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{intent, json, link, made_by};
    use super::*;

    fn entry(id: &str, what: TimelineWhat) -> TimelineEntryView {
        TimelineEntryView { id: id.into(), at_ms: 1_000, pending: false, what }
    }

    fn history() -> Box<HistoryEntryView> {
        Box::new(HistoryEntryView {
            intent: intent(4),
            kind: "edit_fields".into(),
            made_by: made_by(),
            accepted: true,
            seq: Some(12),
            changes: vec![],
            settled: vec![],
        })
    }

    #[test]
    fn the_json_of_a_timeline_is_pinned() {
        let page = TimelinePage {
            entries: vec![
                entry(
                    "a",
                    TimelineWhat::Activity {
                        link: link(),
                        kind: "visit".into(),
                        outcome: Some("Met".into()),
                        text: None,
                        ends_ms: None,
                        who: None,
                        about: None,
                    },
                ),
                entry(
                    "b",
                    TimelineWhat::Note {
                        link: link(),
                        text: Some("hello".into()),
                        who: None,
                        about: None,
                    },
                ),
                entry(
                    "c",
                    TimelineWhat::Task {
                        link: link(),
                        state: "Open".into(),
                        due_on: Some("2026-11-20".into()),
                        completed_ms: None,
                        who: None,
                        about: None,
                    },
                ),
                entry("d", TimelineWhat::Change { entry: history() }),
                entry("e", TimelineWhat::Decision { entry: history() }),
            ],
            total: 5,
            next: None,
        };
        insta::assert_snapshot!(json(&page));
    }

    #[test]
    fn the_json_of_what_is_related_of_choices_and_of_saved_views_is_pinned() {
        let related = RelatedView {
            link: link(),
            groups: vec![RelatedGroupView {
                entity: Entity::Quote,
                field: "opportunity".into(),
                label: "Opportunity".into(),
                filter: "opportunity=01010101-0101-0101-0101-010101010101".into(),
                total: 2,
                records: vec![],
            }],
        };
        insta::assert_snapshot!(json(&related));
        let choice = ChoiceView {
            value: "01010101-0101-0101-0101-010101010101".into(),
            text: "Renewal".into(),
            hint: Some("Acme".into()),
            link: Some(link()),
        };
        insta::assert_snapshot!(json(&choice));
        let view = SavedView {
            entity: Entity::Opportunity,
            name: "Mine".into(),
            filters: vec!["owner=me".into()],
            finished: Finished::Open,
            order: Some("-amount".into()),
            fields: vec!["name".into(), "amount".into()],
            layout: Layout::Board,
        };
        insta::assert_snapshot!(json(&view));
    }
}
