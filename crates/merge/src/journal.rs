//! What a merge settled by itself, so that no winner is silent (D7).
//!
//! Entries are minted once, by the server, in log order; a device shows provisional ones for
//! pending work. Faces turn them into sentences with names.

use automerge::{ROOT, ReadDoc};
use roadbook_domain::{ChangeHash, MergeClass, Operation, Schema, Value};
use serde::{Deserialize, Serialize};

use crate::document::to_automerge;
use crate::keys::Keys;
use crate::register::{self, Reading};
use crate::{Document, Part, layout};

/// The rule that settled something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Settled {
    /// The later of two values was kept.
    LaterKept,
    /// Two moves forward were joined at the farther one.
    MovesJoined,
    /// Somebody added what another removed; it stays.
    AddingWon,
    /// Somebody edited what another deleted; it lives.
    Revived,
    /// Two texts were merged.
    TextsMerged,
    /// Changes of a counter were added up.
    Summed,
    /// A person decided a conflict.
    Decided,
}

impl Settled {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LaterKept => "later_kept",
            Self::MovesJoined => "moves_joined",
            Self::AddingWon => "adding_won",
            Self::Revived => "revived",
            Self::TextsMerged => "texts_merged",
            Self::Summed => "summed",
            Self::Decided => "decided",
        }
    }
}

/// One thing that a merge settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// The field, or `alive` for the whole record.
    pub field: String,
    /// How it was settled.
    pub settled: Settled,
    /// What is shown now.
    pub kept: Value,
    /// What was set aside, with the change that had set it, for taking the other side.
    pub set_aside: Vec<(Value, ChangeHash)>,
}

/// What taking in a part settled, asked right after its change was taken in.
///
/// Where nobody else wrote what the part writes, nothing was settled and nothing is journalled,
/// except a decision.
#[must_use]
pub fn settle_part(schema: &Schema, document: &Document, part: &Part) -> Vec<JournalEntry> {
    let alone = document.heads() == [part.change];
    let mut out = Vec::new();
    for operation in &part.operations {
        match decision(operation) {
            Some(decided) => out.push(decided),
            None if alone => {}
            None => settle_one(schema, document, part, operation, &mut out),
        }
    }
    if !alone && revived(document) {
        out.push(entry(layout::ALIVE, Settled::Revived, Value::Boolean(true)));
    }
    out
}

fn decision(operation: &Operation) -> Option<JournalEntry> {
    if let Operation::Resolve { field, choice, .. } = operation {
        Some(entry(field, Settled::Decided, choice.clone()))
    } else {
        None
    }
}

fn entry(field: &str, settled: Settled, kept: Value) -> JournalEntry {
    JournalEntry { field: field.to_owned(), settled, kept, set_aside: Vec::new() }
}

fn settle_one(
    schema: &Schema,
    document: &Document,
    part: &Part,
    operation: &Operation,
    out: &mut Vec<JournalEntry>,
) {
    let def = operation.field().and_then(|field| schema.field(part.entity, field));
    let Some(def) = def else { return };
    match operation {
        Operation::ChangeSet { field, add, remove } => {
            let members = add.iter().chain(remove);
            let won = members.filter(|member| adding_won(document, field, member));
            out.extend(
                won.map(|member| entry(field, Settled::AddingWon, Value::Text(member.clone()))),
            );
        }
        Operation::EditText { text, .. } => {
            let merged = register::read_text(document, def.name).unwrap_or_default();
            if merged != *text {
                out.push(entry(def.name, Settled::TextsMerged, Value::Text(merged)));
            }
        }
        Operation::Adjust { by, .. } => {
            let now = register::read(document, def).value();
            let alone = counted(document, def.name, &part.basis) + i128::from(*by);
            if now.as_integer().map(i128::from) != Some(alone) {
                out.push(entry(def.name, Settled::Summed, now));
            }
        }
        Operation::Edit(_) | Operation::Move { .. } => {
            if let Reading::Settled { value, survivors } = register::read(document, def) {
                let others = survivors.into_iter().filter(|survivor| survivor.value != value);
                let set_aside = others.map(|other| (other.value, other.change)).collect();
                let settled = match def.class {
                    MergeClass::State => Settled::MovesJoined,
                    MergeClass::Preference
                    | MergeClass::Set
                    | MergeClass::Counter
                    | MergeClass::Append
                    | MergeClass::Text
                    | MergeClass::Structured
                    | MergeClass::Review
                    | MergeClass::Confirmed
                    | MergeClass::Derived => Settled::LaterKept,
                };
                out.push(JournalEntry { set_aside, ..entry(def.name, settled, value) });
            }
        }
        Operation::Create { .. }
        | Operation::Delete
        | Operation::Restore
        | Operation::Resolve { .. }
        | Operation::Propose { .. } => {}
    }
}

/// A counter as it was at some heads.
fn counted(document: &Document, field: &str, heads: &[ChangeHash]) -> i128 {
    let found = document.inner.get_at(ROOT, field, &to_automerge(heads));
    let number = found.ok().flatten().and_then(|(value, _)| value.as_i64());
    i128::from(number.unwrap_or(0))
}

fn adding_won(document: &Document, field: &str, member: &str) -> bool {
    let key = layout::member(field, member);
    let survivors = document.inner.get_all(ROOT, key).unwrap_or_default();
    let added = survivors.iter().any(|(value, _)| value.is_bytes());
    let removed = survivors.iter().any(|(value, _)| value.is_null());
    added && removed
}

fn revived(document: &Document) -> bool {
    let edits = Keys::of_field(document, layout::ALIVE).edits();
    edits.iter().any(|clock| *clock > 0) && edits.iter().any(|clock| *clock < 0)
}
