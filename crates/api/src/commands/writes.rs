//! Commands that write. Each becomes one intent, saved on this device before it answers.

use serde::{Deserialize, Serialize};

use crate::Assignment;

/// Makes a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateRecord {
    /// The kind of record.
    pub entity: String,
    /// Its first values.
    pub assignments: Vec<Assignment>,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Sets fields of a record, adds to sets and counters, takes away from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetFields {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record.
    pub record: String,
    /// What shall change.
    pub assignments: Vec<Assignment>,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Moves a record to another stage, status or state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveRecord {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record.
    pub record: String,
    /// Where to.
    pub to: String,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Notes a visit, call, meeting or e-mail that took place. A visit counts at the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogActivity {
    /// What it was: visit, call, meeting, e-mail or note.
    pub kind: String,
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record that it is about: an account, or a record of an account.
    pub record: String,
    /// Further values, such as `outcome` and `report`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<Assignment>,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Finishes a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteTask {
    /// The task.
    pub record: String,
}

/// Which account a lead becomes a part of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum ConvertTo {
    /// The one account that is called like the lead's company; a new one where there is none.
    #[default]
    ItsName,
    /// This account.
    Account {
        /// The account.
        account: String,
    },
    /// A new account.
    NewAccount,
}

/// Converts a lead: makes its contact and its opportunity at an account, marks it as qualified and
/// says what it became. Several intents, of which all are saved or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvertLead {
    /// The lead.
    pub lead: String,
    /// The account.
    #[serde(flatten)]
    pub to: ConvertTo,
    /// What the opportunity is called; like the company where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opportunity: Option<String>,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Writes a note about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddNote {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record that it is about.
    pub record: String,
    /// The note.
    pub text: String,
    /// Its title; where absent, the first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// Adds and removes tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRecord {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record.
    pub record: String,
    /// Tags to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// Tags to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// Puts a record into the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteRecord {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record.
    pub record: String,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Takes a record out of the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreRecord {
    /// The kind that the record must have, if the face knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record.
    pub record: String,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}
