//! Pending work: what is saved here and not yet confirmed, and what needs the person.

//!
//! An intent of the drawer keeps its words: it can be looked at, sent again or given up, and
//! nothing else makes it go away.

mod discarded;
mod reads;
mod rework;
mod table;
mod task;
mod undo;

use roadbook_domain::{Hlc, IntentId, IntentKind, Operation, Step, Value};
use roadbook_merge::{Envelope, Part};
use roadbook_sync_protocol::verdict::Denial;

use crate::{CommitError, CommitStamp, Committed, Replica, StoreError};
pub use discarded::Discarded;
pub(crate) use discarded::forget_discarded;
pub(crate) use rework::{Fate, Issuer, run};
pub(crate) use table::{
    Entry, Stored, accept, all, change_bytes, drawer, find, insert, insert_part, is_in_drawer,
    mark_not_sent, mark_sent, put_in_drawer, quarantine, remove, remove_from_drawer, remove_part,
};
pub(crate) use task::Task;
pub use undo::{DonePart, Standing};

/// Where one pending intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PendingState {
    /// Saved on this device.
    Saved,
    /// Under way to the server.
    Sending,
    /// Taken in at this place in the log; waits to come back in a page.
    Accepted {
        /// The place in the log.
        seq: u64,
    },
    /// Waits with another intent: it reads what that one wrote.
    WaitsFor(IntentId),
}

impl PendingState {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Sending => "sending",
            Self::Accepted { .. } => "accepted",
            Self::WaitsFor(_) => "waits",
        }
    }
}

/// An intent that the server has not confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingIntent {
    /// The intent.
    pub intent: IntentId,
    /// The number of its envelope.
    pub number: u64,
    /// What it is.
    pub kind: IntentKind,
    /// When it was made.
    pub clock: Hlc,
    /// Where it stands.
    pub state: PendingState,
    /// What it does, per document.
    pub parts: Vec<Part>,
}

/// An intent that the server did not take, with its words intact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedsYou {
    /// The intent.
    pub intent: IntentId,
    /// What it is.
    pub kind: IntentKind,
    /// When it was made.
    pub clock: Hlc,
    /// When the answer came, by the device's wall clock, in milliseconds since 1970.
    pub answered_ms: i64,
    /// Why, and what to do.
    pub denial: Denial,
    /// What it wanted, per document.
    pub parts: Vec<Part>,
    /// Later intents that wait with it, because they read what it wrote.
    pub waiting: Vec<IntentId>,
}

/// What an intent of the drawer wants, on what is shown now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What it is.
    pub kind: IntentKind,
    /// What to do, per document.
    pub steps: Vec<Step>,
    /// Why, as it was said.
    pub rationale: Option<String>,
}

/// Reads a stored envelope.
pub(crate) fn read_envelope(bytes: &[u8]) -> Result<Envelope, StoreError> {
    postcard::from_bytes(bytes).map_err(|_| StoreError::Unreadable { what: "an envelope" })
}

/// The stored form of an envelope.
pub(crate) fn write_envelope(envelope: &Envelope) -> Result<Vec<u8>, StoreError> {
    postcard::to_allocvec(envelope).map_err(|_| StoreError::Unreadable { what: "an envelope" })
}

impl Replica {
    /// All pending intents, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn pending(&self) -> Result<Vec<PendingIntent>, StoreError> {
        let stored = all(&self.connection)?;
        let intents = stored.into_iter().map(|entry| {
            let header = &entry.envelope.header;
            let state = match entry.state {
                Stored::Saved if self.sending.contains(&header.intent) => PendingState::Sending,
                Stored::Saved => PendingState::Saved,
                Stored::Accepted(seq) => PendingState::Accepted { seq },
                Stored::Waits(intent) => PendingState::WaitsFor(intent),
            };
            PendingIntent {
                intent: header.intent,
                number: header.number,
                kind: kind_of(&entry.envelope),
                clock: header.clock,
                state,
                parts: entry.envelope.parts.into_iter().map(|(part, _)| part).collect(),
            }
        });
        Ok(intents.collect())
    }

    /// The drawer "Needs you", oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn needs_you(&self) -> Result<Vec<NeedsYou>, StoreError> {
        let waiting = table::waiting(&self.connection)?;
        let mut out: Vec<NeedsYou> = Vec::new();
        for (envelope, denial, answered_ms) in drawer(&self.connection)? {
            let intent = envelope.header.intent;
            let waits = |entry: &&Entry| entry.state == Stored::Waits(intent);
            out.push(NeedsYou {
                intent,
                kind: kind_of(&envelope),
                clock: envelope.header.clock,
                answered_ms,
                denial,
                waiting: waiting
                    .iter()
                    .filter(waits)
                    .map(|entry| entry.envelope.header.intent)
                    .collect(),
                parts: envelope.parts.into_iter().map(|(part, _)| part).collect(),
            });
        }
        out.sort_by_key(|entry| entry.clock);
        Ok(out)
    }

    /// What an intent of the drawer wants, on what is shown now; `None` if it is not there.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn wanted(&self, intent: IntentId) -> Result<Option<Wanted>, StoreError> {
        let Some(envelope) = table::in_drawer(&self.connection, intent)? else { return Ok(None) };
        let kind = kind_of(&envelope);
        let rationale = envelope.parts.first().and_then(|(part, _)| part.rationale.clone());
        Ok(Some(Wanted { kind, steps: self.all_again(envelope)?, rationale }))
    }

    /// Sends an intent of the drawer again: the same words on what is shown now, as a new intent.
    /// What waited with it follows.
    ///
    /// # Errors
    /// [`CommitError`]; then it stays in the drawer.
    pub fn retry(
        &mut self,
        intent: IntentId,
        stamp: &CommitStamp,
    ) -> Result<Committed, CommitError> {
        let Wanted { kind, steps, .. } = self.wanted(intent)?.ok_or(CommitError::IdUsed(intent))?;
        self.send_instead(intent, kind, steps, stamp)
    }

    /// Saves other words in place of an intent of the drawer. What waited with it follows.
    ///
    /// # Errors
    /// [`CommitError`]; then it stays in the drawer.
    pub fn send_instead(
        &mut self,
        intent: IntentId,
        kind: IntentKind,
        steps: Vec<Step>,
        stamp: &CommitStamp,
    ) -> Result<Committed, CommitError> {
        if steps.is_empty() {
            return Err(roadbook_domain::InvalidIntent::Empty.into());
        }
        if table::in_drawer(&self.connection, intent)?.is_none() {
            return Err(CommitError::IdUsed(intent));
        }
        let committed = self
            .issue(kind, steps, stamp, &mut |connection| remove_from_drawer(connection, intent))?;
        self.rework(stamp.wall_ms, Task::Follow(intent))?;
        Ok(committed)
    }

    /// Gives up an intent of the drawer, or a pending one that cannot be on the server yet; it is
    /// kept for 30 days, so that it can be taken back. What waited with it goes to the drawer, each
    /// for itself. Returns whether there was such an intent.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub fn discard(&mut self, intent: IntentId, wall_ms: i64) -> Result<bool, StoreError> {
        let pending = find(&self.connection, intent)?;
        if pending.as_ref().is_some_and(|entry| entry.sent) {
            return Ok(false);
        }
        match pending.map(|entry| entry.state) {
            Some(Stored::Saved | Stored::Waits(_)) => {
                self.rework(wall_ms, Task::Discard(intent))?;
                Ok(true)
            }
            Some(Stored::Accepted(_)) => Ok(false),
            None if table::in_drawer(&self.connection, intent)?.is_some() => {
                self.rework(wall_ms, Task::Discard(intent))?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Forgets for good what was given up.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub fn forget_given_up(&mut self) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM discarded", [])?;
        Ok(())
    }

    /// All parts of an envelope as steps on what is shown now.
    fn all_again(&self, envelope: Envelope) -> Result<Vec<Step>, StoreError> {
        envelope.parts.into_iter().map(|(part, _)| self.again(part)).collect()
    }

    /// A part of the drawer as a step on what is shown now.
    fn again(&self, part: Part) -> Result<Step, StoreError> {
        let row = self.record(part.document.record)?;
        let shown = |field: &str| row.as_ref().map_or(Value::Null, |row| row.value(field).clone());
        let mut operations = part.operations;
        for operation in &mut operations {
            match operation {
                Operation::Edit(edit) | Operation::Move { edit } => edit.from = shown(&edit.field),
                Operation::EditText { field, base, .. } => {
                    *base = shown(field).as_text().unwrap_or_default().to_owned();
                }
                Operation::Resolve { field, sides, .. } => {
                    if let Some(conflict) = self.conflict(part.document.record, field)? {
                        *sides = conflict.side_changes();
                    }
                }
                Operation::Create { .. }
                | Operation::Adjust { .. }
                | Operation::ChangeSet { .. }
                | Operation::Delete
                | Operation::Restore
                | Operation::Propose { .. } => {}
            }
        }
        Ok(Step {
            record: part.document.record,
            entity: part.entity,
            facet: part.document.facet,
            operations,
        })
    }
}

/// The kind of an envelope: that of its first part.
pub(crate) fn kind_of(envelope: &Envelope) -> IntentKind {
    envelope.parts.first().map_or(IntentKind::EditFields, |(part, _)| part.kind)
}
