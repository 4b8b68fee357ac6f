//! Asks: what the operations of a request come down to, one field at a time.
//!
//! Read from the operations themselves; the kind that an envelope claims is only checked against
//! them, never believed.

use roadbook_domain::{Facet, IntentKind, Operation, Value};

/// What is done to a record or a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Make a record.
    Create,
    /// Give a field its first value, while its record is made.
    SetFirst,
    /// Change a field of a record that exists.
    Write,
    /// Put a record into the trash.
    Delete,
    /// Take a record out of the trash.
    Restore,
    /// Settle a conflict.
    Resolve,
    /// Propose a value in a conflict.
    Propose,
    /// Have the server write users, teams and territories.
    WriteDirectory,
}

impl Action {
    /// The verb for sentences.
    pub(crate) const fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::SetFirst => "set",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Resolve => "settle a conflict about",
            Self::Propose => "propose a value for",
            Self::WriteDirectory => "write the directory through",
        }
    }
}

/// One thing that a request wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    /// What is done.
    pub(crate) action: Action,
    /// The field; `None` for the whole record.
    pub(crate) field: Option<&'a str>,
    /// The value that the field gets, where there is one value.
    pub(crate) value: Option<&'a Value>,
}

/// Lists what an operation wants, in its order.
pub(crate) fn asks_of(kind: IntentKind, facet: Facet, operation: &Operation) -> Vec<Ask<'_>> {
    // The confidential fields of a new record are written by edits of the intent that makes it.
    let write = if makes_records(kind) && facet == Facet::Confidential {
        Action::SetFirst
    } else {
        Action::Write
    };
    let ask = |action, field, value| Ask { action, field, value };
    match operation {
        Operation::Create { fields } => {
            let mut asks = vec![ask(Action::Create, None, None)];
            asks.extend(
                fields
                    .iter()
                    .map(|(name, value)| ask(Action::SetFirst, Some(name.as_str()), Some(value))),
            );
            asks
        }
        Operation::Edit(edit) | Operation::Move { edit } => {
            vec![ask(write, Some(&edit.field), Some(&edit.to))]
        }
        Operation::EditText { field, .. }
        | Operation::Adjust { field, .. }
        | Operation::ChangeSet { field, .. } => vec![ask(write, Some(field), None)],
        Operation::Delete => vec![ask(Action::Delete, None, None)],
        Operation::Restore => vec![ask(Action::Restore, None, None)],
        Operation::Resolve { field, choice, .. } => {
            vec![ask(Action::Resolve, Some(field), Some(choice))]
        }
        Operation::Propose { field, value, .. } => {
            vec![ask(Action::Propose, Some(field), Some(value))]
        }
    }
}

const fn makes_records(kind: IntentKind) -> bool {
    matches!(
        kind,
        IntentKind::Create
            | IntentKind::AddNote
            | IntentKind::LogActivity
            | IntentKind::ConvertLead
    )
}

/// Says whether an intent of this kind can have this operation on this facet at all.
pub(crate) const fn fits(kind: IntentKind, facet: Facet, operation: &Operation) -> bool {
    let edits = matches!(
        operation,
        Operation::Edit(_)
            | Operation::EditText { .. }
            | Operation::Adjust { .. }
            | Operation::ChangeSet { .. }
            | Operation::Move { .. }
    );
    let counts = matches!(operation, Operation::Adjust { .. });
    match kind {
        IntentKind::Create | IntentKind::AddNote | IntentKind::LogActivity => match facet {
            Facet::Internal => {
                matches!(operation, Operation::Create { .. })
                    || matches!(kind, IntentKind::LogActivity) && counts
            }
            Facet::Confidential => edits,
        },
        IntentKind::ConvertLead => match facet {
            Facet::Internal => matches!(
                operation,
                Operation::Create { .. } | Operation::Move { .. } | Operation::Edit(_)
            ),
            Facet::Confidential => edits,
        },
        IntentKind::EditFields => edits,
        IntentKind::AdjustCounter => counts,
        IntentKind::MoveStage => matches!(operation, Operation::Move { .. }),
        IntentKind::CompleteTask => {
            matches!(operation, Operation::Move { .. } | Operation::Edit(_))
        }
        IntentKind::Tag => matches!(operation, Operation::ChangeSet { .. }),
        IntentKind::Delete => matches!(operation, Operation::Delete),
        IntentKind::Restore => matches!(operation, Operation::Restore),
        IntentKind::ResolveConflict => matches!(operation, Operation::Resolve { .. }),
        IntentKind::ProposeInConflict => matches!(operation, Operation::Propose { .. }),
    }
}
