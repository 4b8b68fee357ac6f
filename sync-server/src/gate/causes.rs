//! What later envelopes must not touch while an earlier one is refused (D4).
//!
//! Whoever builds on a change that was not taken in is told `rebase` when only its bytes depend on
//! it, and is `held` when it writes a field that the refused intent wrote, or anything of a record
//! that it made, or refers to such a record. Whoever builds on a change that is held is held with
//! it: the device keeps that change, so issuing again would build on it again.

use roadbook_domain::{DeviceId, IntentId, Operation, RecordId, UserId, Value};
use roadbook_merge::{Envelope, Part};
use roadbook_sync_protocol::Verdict;
use serde::{Deserialize, Serialize};

use super::{FIELD_NAME_MAX, Gate, Stop};
use crate::store::RefusedChange;
use crate::tenant::TenantError;

/// How much of a refused envelope is remembered: more is no honest device's.
const PARTS_KEPT: usize = 16;
const OPERATIONS_KEPT: usize = 64;
const BASIS_KEPT: usize = 64;
const CAUSES_KEPT: usize = 64;

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
    /// The change itself is held: its device keeps it, and it may come yet.
    is_held: bool,
}

impl Causes {
    fn read(bytes: &[u8]) -> Result<Self, TenantError> {
        let before = || postcard::from_bytes(bytes).map(|of| Self { of, is_held: false });
        // The form of before said nothing about being held.
        let read = postcard::from_bytes(bytes).or_else(|_| before());
        read.map_err(|_| TenantError::Corrupt("refused change"))
    }
}

impl Cause {
    fn of(intent: IntentId, part: &Part) -> Self {
        let mut fields: Vec<String> = Vec::new();
        // Bounded, because what a refused envelope names was not checked.
        let named = part.operations.iter().take(OPERATIONS_KEPT).flat_map(Operation::fields);
        for name in named.take(OPERATIONS_KEPT).filter(|name| name.len() <= FIELD_NAME_MAX) {
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
            found.of.extend(causes.of);
            found.is_held |= causes.is_held;
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
        let root = causes.of.last().filter(|_| causes.is_held);
        Ok(match (touched, root) {
            (Some(cause), _) => held(cause.intent, "it changes what a denied intent wrote"),
            (None, Some(cause)) => held(cause.intent, "it builds on a change that is held"),
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
            causes.is_held = matches!(verdict, Verdict::Held { .. });
            causes.of.truncate(CAUSES_KEPT - 1);
            causes.of.extend(root.map(|root| Cause::of(root, part)));
            let causes = postcard::to_allocvec(&causes)
                .map_err(|_| TenantError::Corrupt("refused change"))?;
            self.store.put_refused_change(&RefusedChange {
                change: part.change,
                device: header.device,
                intent: header.intent,
                causes,
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
}

fn held(waits_for: IntentId, reason: &str) -> Stop {
    Stop::Verdict(Verdict::Held { waits_for, reason: reason.to_owned() })
}
