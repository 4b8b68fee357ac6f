//! What a merge settled by itself, so that no winner is silent (D7).
//!
//! Entries are minted once, by the server, in log order; a device shows provisional ones for
//! pending work. Faces turn them into sentences with names.

use automerge::{ROOT, ReadDoc};
use roadbook_domain::{ChangeHash, Entity, MergeClass, Operation, Schema, Value};
use serde::{Deserialize, Serialize};

use crate::register::{self, Reading};
use crate::{Document, layout};

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

/// What taking in a change settled.
///
/// `before` are the document's heads without the change; when the change was made on top of all
/// of them nothing was concurrent and nothing is journalled but decisions.
#[must_use]
pub fn settle(
    schema: &Schema,
    entity: Entity,
    document: &Document,
    operations: &[Operation],
    concurrent: Concurrency,
) -> Vec<JournalEntry> {
    let mut out = Vec::new();
    for operation in operations {
        if let Operation::Resolve { field, choice, .. } = operation {
            out.push(JournalEntry {
                field: field.clone(),
                settled: Settled::Decided,
                kept: choice.clone(),
                set_aside: Vec::new(),
            });
        } else if concurrent == Concurrency::Concurrent {
            settle_one(schema, entity, document, operation, &mut out);
        }
    }
    if concurrent == Concurrency::Concurrent && revived(document) {
        out.push(JournalEntry {
            field: layout::ALIVE.to_owned(),
            settled: Settled::Revived,
            kept: Value::Boolean(true),
            set_aside: Vec::new(),
        });
    }
    out
}

/// Whether a change was made on top of everything the document held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concurrency {
    /// It was.
    Sequential,
    /// Others had written meanwhile.
    Concurrent,
}

fn settle_one(
    schema: &Schema,
    entity: Entity,
    document: &Document,
    operation: &Operation,
    out: &mut Vec<JournalEntry>,
) {
    if let Operation::ChangeSet { field, add, remove } = operation {
        for member in add.iter().chain(remove) {
            if adding_won(document, field, member) {
                out.push(JournalEntry {
                    field: field.clone(),
                    settled: Settled::AddingWon,
                    kept: Value::Text(member.clone()),
                    set_aside: Vec::new(),
                });
            }
        }
        return;
    }
    let Some(def) = operation.field().and_then(|field| schema.field(entity, field)) else {
        return;
    };
    let entry = |settled, kept| JournalEntry {
        field: def.name.to_owned(),
        settled,
        kept,
        set_aside: Vec::new(),
    };
    match (def.class, register::read(document, def)) {
        (MergeClass::Text, reading) => out.push(entry(Settled::TextsMerged, reading.value())),
        (MergeClass::Counter, reading) => out.push(entry(Settled::Summed, reading.value())),
        (class, Reading::Settled { value, survivors }) => {
            let settled = match class {
                MergeClass::State => Settled::MovesJoined,
                _ => Settled::LaterKept,
            };
            let others = survivors.into_iter().filter(|survivor| survivor.value != value);
            let set_aside = others.map(|other| (other.value, other.change)).collect();
            out.push(JournalEntry { set_aside, ..entry(settled, value) });
        }
        (_, Reading::Absent | Reading::Agreed(_) | Reading::Disputed { .. }) => {}
    }
}

fn adding_won(document: &Document, field: &str, member: &str) -> bool {
    let key = layout::member(field, member);
    let survivors = document.inner.get_all(ROOT, key).unwrap_or_default();
    let added = survivors.iter().any(|(value, _)| value.is_bytes());
    let removed = survivors.iter().any(|(value, _)| value.is_null());
    added && removed
}

fn revived(document: &Document) -> bool {
    let survivors = document.inner.get_all(ROOT, layout::ALIVE).unwrap_or_default();
    let alive = survivors.iter().any(|(value, _)| value.as_i64() > Some(0));
    let dead = survivors.iter().any(|(value, _)| value.as_i64() < Some(0));
    alive && dead
}
