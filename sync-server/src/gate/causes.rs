//! What later envelopes must not touch while an earlier one is refused (D4).
//!
//! Whoever builds on a change that was not taken in is told `rebase` when only its bytes depend on
//! it, and is `held` when it writes a field that the refused intent wrote, or anything of a record
//! that it made, or refers to such a record. Whoever builds on a change that is held is held with
//! it: the device keeps that change, so issuing again would build on it again.
//!
//! What is remembered of one change names a field of the schema once at most, and nothing else that
//! a device made up; of one device a bounded number of changes is remembered. So refused work
//! cannot fill the store, however often it is sent.

use roadbook_domain::{DeviceId, Entity, IntentId, Operation, RecordId, Schema, UserId, Value};
use roadbook_merge::{Envelope, Part};
use roadbook_sync_protocol::Verdict;
use serde::{Deserialize, Serialize};

use super::{Gate, Stop};
use crate::store::RefusedChange;
use crate::tenant::TenantError;

/// How much of a refused envelope is remembered: more is no honest device's.
const PARTS_KEPT: usize = 16;
const OPERATIONS_KEPT: usize = 64;
const BASIS_KEPT: usize = 64;
/// How many refused changes of one device are remembered, as many as may wait in the quarantine:
/// more than honest work comes to, and some 20 MiB at most.
const CHANGES_KEPT: u64 = 20_000;

/// What one refused intent keeps from those that build on it, in one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cause {
    /// The intent that has to be settled first.
    pub(super) intent: IntentId,
    /// It makes the record, so that everything of the record depends on it.
    pub(super) creates: bool,
    /// The fields that it writes.
    pub(super) fields: Vec<String>,
}

/// What is stored of one refused change.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Causes {
    of: Vec<Cause>,
    /// What the change itself is held for: its device keeps it, and it may come yet.
    held_for: Option<IntentId>,
}

/// The form of before: what it is held for is the last cause.
#[derive(Debug, Deserialize)]
struct CausesBefore {
    of: Vec<Cause>,
    is_held: bool,
}

impl Causes {
    fn read(bytes: &[u8]) -> Result<Self, TenantError> {
        if let Ok(read) = postcard::from_bytes(bytes) {
            return Ok(read);
        }
        if let Ok(CausesBefore { of, is_held }) = postcard::from_bytes(bytes) {
            let held_for = of.last().filter(|_| is_held).map(|cause| cause.intent);
            return Ok(Self { of, held_for });
        }
        // The first form said nothing about being held.
        let of = postcard::from_bytes(bytes);
        let of = of.map_err(|_| TenantError::Corrupt("refused change"))?;
        Ok(Self { of, held_for: None })
    }

    /// Adds a cause with what it says that none before it says: who touches several waits for the
    /// first.
    fn add(&mut self, schema: &Schema, entity: Entity, mut cause: Cause) {
        if self.of.iter().any(|before| before.creates) {
            return;
        }
        let of_the_trash = cause.fields.is_empty();
        cause.fields.retain(|name| {
            schema.field(entity, name).is_some()
                && !self.of.iter().any(|before| before.fields.contains(name))
        });
        let is_new = cause.creates
            || !cause.fields.is_empty()
            || (of_the_trash && !self.of.iter().any(|before| before.fields.is_empty()));
        if is_new {
            self.of.push(cause);
        }
    }
}

impl Cause {
    fn of(intent: IntentId, part: &Part) -> Self {
        let mut fields: Vec<String> = Vec::new();
        // Bounded, because what a refused envelope names was not checked.
        let named = part.operations.iter().take(OPERATIONS_KEPT).flat_map(Operation::fields);
        for name in named.take(OPERATIONS_KEPT) {
            if !fields.iter().any(|field| field == name) {
                fields.push(name.to_owned());
            }
        }
        Self { intent, creates: creates(part), fields }
    }

    fn touches(&self, part: &Part) -> bool {
        // The trash concerns every field.
        let whole = part
            .operations
            .iter()
            .any(|operation| matches!(operation, Operation::Delete | Operation::Restore));
        let mut written = part.operations.iter().flat_map(Operation::fields);
        self.creates
            || (whole && self.fields.is_empty())
            || written.any(|name| self.fields.iter().any(|field| field == name))
    }
}

/// Says whether a part makes its record.
pub(super) fn creates(part: &Part) -> bool {
    part.operations.iter().any(|operation| matches!(operation, Operation::Create { .. }))
}

/// The records that a part refers to.
pub(super) fn references(part: &Part) -> Vec<RecordId> {
    let mut out = Vec::new();
    let mut note = |value: &Value| out.extend(value.as_reference());
    for operation in &part.operations {
        match operation {
            Operation::Create { fields } => fields.iter().for_each(|(_, value)| note(value)),
            Operation::Edit(edit) | Operation::Move { edit } => note(&edit.to),
            Operation::Resolve { choice, .. } => note(choice),
            Operation::Propose { value, .. } => note(value),
            Operation::EditText { .. }
            | Operation::Adjust { .. }
            | Operation::ChangeSet { .. }
            | Operation::Delete
            | Operation::Restore => {}
        }
    }
    out
}

impl Gate<'_> {
    /// What a part is kept from because of refused intents of the same device that it builds on.
    fn causes_of(&self, device: DeviceId, part: &Part) -> Result<Option<Causes>, TenantError> {
        let mut found: Option<Causes> = None;
        for change in part.basis.iter().take(BASIS_KEPT) {
            let Some(refused) = self.store.refused_change(*change)? else { continue };
            if refused.device != device {
                continue;
            }
            let causes = Causes::read(&refused.causes)?;
            let found = found.get_or_insert_default();
            for cause in causes.of {
                found.add(self.rules.schema, part.entity, cause);
            }
            found.held_for = causes.held_for.or(found.held_for);
        }
        Ok(found)
    }

    /// Stops a part that needs a record whose creation was denied to the same user.
    pub(super) fn check_refused_record(&self, user: UserId, record: RecordId) -> Result<(), Stop> {
        match self.store.refused_record(record)? {
            Some((whose, intent)) if whose == user => {
                Err(held(intent, "it needs a record whose creation was denied"))
            }
            _ => Ok(()),
        }
    }

    /// The verdict on a part whose basis is not all here; `stranger` when no refused change is
    /// among what is missing.
    pub(super) fn unknown_basis(
        &self,
        device: DeviceId,
        part: &Part,
        stranger: Stop,
    ) -> Result<Stop, TenantError> {
        let Some(causes) = self.causes_of(device, part)? else { return Ok(stranger) };
        let touched = causes.of.iter().find(|cause| cause.touches(part));
        Ok(match (touched, causes.held_for) {
            (Some(cause), _) => held(cause.intent, "it changes what a denied intent wrote"),
            (None, Some(root)) => held(root, "it builds on a change that is held"),
            (None, None) => Stop::Verdict(Verdict::Rebase {
                reason: "it builds on a change that was not taken in".to_owned(),
                clock_offset_ms: None,
            }),
        })
    }

    /// Remembers the changes of an envelope that was not taken in.
    pub(super) fn remember_refused(
        &mut self,
        envelope: &Envelope,
        verdict: &Verdict,
    ) -> Result<(), TenantError> {
        let header = &envelope.header;
        let root = match verdict {
            Verdict::Denied(_) => Some(header.intent),
            Verdict::Held { waits_for, .. } => Some(*waits_for),
            Verdict::Rebase { .. } => None,
            Verdict::Applied { .. }
            | Verdict::Merged { .. }
            | Verdict::Review { .. }
            | Verdict::Duplicate(_) => return Ok(()),
        };
        for (part, _) in envelope.parts.iter().take(PARTS_KEPT) {
            let mut causes = self.causes_of(header.device, part)?.unwrap_or_default();
            if let Some(root) = root {
                causes.add(self.rules.schema, part.entity, Cause::of(root, part));
            }
            causes.held_for = root.filter(|_| matches!(verdict, Verdict::Held { .. }));
            let causes = postcard::to_allocvec(&causes)
                .map_err(|_| TenantError::Corrupt("refused change"))?;
            self.store.put_refused_change(&RefusedChange {
                change: part.change,
                device: header.device,
                intent: header.intent,
                causes,
                refused_ms: self.rules.now_ms,
            })?;
            if let (Some(root), true) = (root, creates(part)) {
                let record = part.document.record;
                if self.store.record(record)?.is_none() {
                    self.store.put_refused_record(record, header.user, root)?;
                }
            }
        }
        Ok(())
    }

    /// Forgets that the changes of an envelope were refused: they have been taken in.
    pub(super) fn forget_refused(&mut self, envelope: &Envelope) -> Result<(), TenantError> {
        for (part, _) in &envelope.parts {
            self.store.drop_refused_change(part.change)?;
        }
        Ok(())
    }

    /// Keeps what is remembered of a device within its share.
    pub(super) fn trim_refused(&mut self, device: DeviceId) -> Result<(), TenantError> {
        Ok(self.store.trim_refused_changes(device, CHANGES_KEPT)?)
    }
}

fn held(waits_for: IntentId, reason: &str) -> Stop {
    Stop::Verdict(Verdict::Held { waits_for, reason: reason.to_owned() })
}
