//! Commits: one intent, one transaction. Only when it returns may a face say "Saved" (D4).
//!
//! Nothing here asks the network, and nothing rewrites what the server has accepted: an envelope,
//! its changes and the rows that show them are added.

use roadbook_domain::{Facet, Intent, IntentId, IntentKind, InvalidIntent, RecordId, Step};
use roadbook_merge::{Author, Envelope, Header, MUTATOR_VERSION, Part, Refusal, Stamp, mutator};
use roadbook_policy::{Decision, Relation, Request, Subject, decide};
use rusqlite::{Connection, OptionalExtension as _};

use crate::opened::{self, OpenRecord};
use crate::projection::{Projector, document_number};
use crate::{CLIENT_VERSION, Replica, StoreError, pending};

/// What the host adds to an intent: its id, the wall clock and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitStamp {
    /// The intent's id (UUIDv7), made by the host.
    pub intent: IntentId,
    /// The wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
    /// Why. Required when an automation acts.
    pub rationale: Option<String>,
}

/// An intent that is saved on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The intent.
    pub intent: IntentId,
    /// The records that it touches, in the order of the intent.
    pub records: Vec<RecordId>,
    /// The number of its envelope; 0 if the server has taken it in already.
    pub number: u64,
}

/// Why an intent was not saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// It cannot be carried out as asked.
    #[error(transparent)]
    Invalid(#[from] InvalidIntent),
    /// It does not fit the record as it is.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The policies do not let this user do it. Never [`Decision::Allow`].
    #[error("not allowed: {}", .0.policy())]
    NotAllowed(Box<Decision>),
    /// The record, or its confidential part, is not on this device.
    #[error("record {0} is not on this device")]
    NotHere(RecordId),
    /// The intent id stands for something that was not taken, or is not in the drawer.
    #[error("intent {0} cannot be used: make a new id, or look into \"Needs you\"")]
    IdUsed(IntentId),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for CommitError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Replica {
    /// Checks an intent, performs it and saves it, in one transaction.
    ///
    /// The same intent id again is saved once, and answered with what was saved then.
    ///
    /// # Errors
    /// [`CommitError`]; then nothing was changed.
    pub fn commit(
        &mut self,
        intent: &Intent,
        stamp: &CommitStamp,
    ) -> Result<Committed, CommitError> {
        let steps = intent.plan(&self.schema)?;
        self.issue(intent.kind(), steps, stamp, &mut |_| Ok(()))
    }

    /// What the policies say to an intent, without saving it.
    ///
    /// # Errors
    /// As for [`Replica::commit`].
    pub fn judge(&self, intent: &Intent, rationale: Option<&str>) -> Result<Decision, CommitError> {
        let steps = intent.plan(&self.schema)?;
        let subject = self.subject.as_ref().ok_or(StoreError::NotEnrolled)?;
        let mut permits = None;
        for step in &steps {
            let owner = match self.record(step.record)? {
                Some(row) => Some(row.value("owner").as_reference()),
                None if creates(&steps, step.record) => None,
                None => return Err(CommitError::NotHere(step.record)),
            };
            let relation = relation(subject, &steps, step.record, owner);
            let decision = self.decide(subject, intent.kind(), step, relation, rationale);
            if !decision.is_allowed() {
                return Ok(decision);
            }
            permits = Some(decision);
        }
        permits.ok_or(CommitError::Invalid(InvalidIntent::Empty))
    }

    /// Performs and saves steps; `also` runs in the same transaction.
    pub(crate) fn issue(
        &mut self,
        kind: IntentKind,
        steps: Vec<Step>,
        stamp: &CommitStamp,
        also: &mut dyn FnMut(&Connection) -> Result<(), StoreError>,
    ) -> Result<Committed, CommitError> {
        if let Some(done) = self.committed_before(&steps, stamp.intent)? {
            return Ok(done);
        }
        let mut records = self.take_records(&steps)?;
        if let Err(error) = self.allow(kind, &steps, &records, stamp.rationale.as_deref()) {
            // Nothing was performed yet: the records are as they were.
            self.keep_open(records);
            return Err(error);
        }
        let committed = self.perform_and_save(kind, steps, stamp, &mut records, also)?;
        self.keep_open(records);
        Ok(committed)
    }

    fn committed_before(
        &self,
        steps: &[Step],
        intent: IntentId,
    ) -> Result<Option<Committed>, CommitError> {
        if intent > self.newest_intent {
            return Ok(None);
        }
        let records = records_of(steps);
        let number: Option<u64> = self
            .connection
            .prepare_cached(
                "SELECT number FROM pending WHERE intent = ?1
                 UNION ALL SELECT 0 FROM own_intents WHERE intent = ?1",
            )?
            .query_row([intent.as_bytes()], |row| row.get(0))
            .optional()?;
        if let Some(number) = number {
            return Ok(Some(Committed { intent, records, number }));
        }
        let set_aside: bool = self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM needs_you WHERE intent = ?1
                 UNION ALL SELECT 1 FROM discarded WHERE intent = ?1
                 UNION ALL SELECT 1 FROM quarantine WHERE intent = ?1)",
            )?
            .query_row([intent.as_bytes()], |row| row.get(0))?;
        if set_aside { Err(CommitError::IdUsed(intent)) } else { Ok(None) }
    }

    /// Takes the records of the steps in hand, in their order.
    fn take_records(&mut self, steps: &[Step]) -> Result<Vec<OpenRecord>, CommitError> {
        let mut records: Vec<OpenRecord> = Vec::new();
        for step in steps {
            if records.iter().any(|open| open.record == step.record) {
                continue;
            }
            let open = match self.open.pop(&step.record) {
                Some(open) => Some(open),
                None => opened::load(&self.connection, &self.schema, &self.tables, step.record)?,
            };
            let open = match open {
                Some(open) if open.row.is_some() => open,
                // Known, but not made: what made it was denied or forgotten.
                Some(open) if creates(steps, step.record) => open,
                None if creates(steps, step.record) => OpenRecord::new(step.record, step.entity),
                Some(_) | None => return Err(CommitError::NotHere(step.record)),
            };
            if open.entity != step.entity {
                return Err(CommitError::NotHere(step.record));
            }
            records.push(open);
        }
        Ok(records)
    }

    fn keep_open(&mut self, records: Vec<OpenRecord>) {
        for open in records.into_iter().filter(|open| open.number.is_some()) {
            self.open.put(open.record, open);
        }
    }

    fn allow(
        &self,
        kind: IntentKind,
        steps: &[Step],
        records: &[OpenRecord],
        rationale: Option<&str>,
    ) -> Result<(), CommitError> {
        let subject = self.subject.as_ref().ok_or(StoreError::NotEnrolled)?;
        for step in steps {
            let row = records
                .iter()
                .find(|open| open.record == step.record)
                .and_then(|open| open.row.as_ref());
            let owner =
                row.map(|row| row.values.get("owner").and_then(|owner| owner.as_reference()));
            let relation = relation(subject, steps, step.record, owner);
            let decision = self.decide(subject, kind, step, relation, rationale);
            match decision {
                Decision::Allow { .. } | Decision::ServerDecides { .. } => {}
                Decision::NeedsApproval { .. } | Decision::Deny { .. } => {
                    return Err(CommitError::NotAllowed(Box::new(decision)));
                }
            }
        }
        Ok(())
    }

    fn decide(
        &self,
        subject: &Subject,
        kind: IntentKind,
        step: &Step,
        relation: Relation,
        rationale: Option<&str>,
    ) -> Decision {
        let request = Request {
            entity: step.entity,
            facet: step.facet,
            kind,
            operations: &step.operations,
            relation,
            rationale,
        };
        decide(&self.policies, subject, &request)
    }

    fn perform_and_save(
        &mut self,
        kind: IntentKind,
        steps: Vec<Step>,
        stamp: &CommitStamp,
        records: &mut [OpenRecord],
        also: &mut dyn FnMut(&Connection) -> Result<(), StoreError>,
    ) -> Result<Committed, CommitError> {
        let enrolment = self.enrolled()?;
        let (tenant, user, salt_key) = (enrolment.tenant, enrolment.user, enrolment.salt_key);
        let clock = self.clock.tick(self.stamp_ms(stamp.wall_ms));
        self.last_number += 1;
        let number = self.last_number;
        let mut parts = Vec::with_capacity(steps.len());
        let mut changes = Vec::with_capacity(steps.len());
        for step in steps {
            let place = records
                .iter()
                .position(|open| open.record == step.record)
                .ok_or(CommitError::NotHere(step.record))?;
            let slot = u8::try_from(place).map_err(|_| CommitError::NotHere(step.record))?;
            refuse_in_trash(&records[place], step.facet)?;
            let open = records[place].document(step.facet);
            let author = Author {
                device: self.identity.device,
                install_epoch: self.state.install_epoch,
                branch: open.branch,
            };
            let basis = open.document.heads();
            let performed = mutator::perform(
                MUTATOR_VERSION,
                &self.schema,
                &mut open.document,
                step.entity,
                &Stamp { author, clock, intent: stamp.intent },
                &basis,
                &step.operations,
            )?;
            open.pending += 1;
            parts.push(Part {
                slot,
                document: open.document.key(),
                entity: step.entity,
                kind,
                operations: step.operations,
                rationale: stamp.rationale.clone(),
                basis,
                branch: author.branch,
                change: performed.change,
            });
            changes.push((place, step.facet, performed));
        }
        let header = Header {
            intent: stamp.intent,
            tenant,
            user,
            device: self.identity.device,
            install_epoch: self.state.install_epoch,
            number,
            clock,
            client_version: CLIENT_VERSION,
            mutator_version: MUTATOR_VERSION,
            policy_version: self.policies.version,
            slots: Vec::new(),
        };
        let envelope = Envelope::seal(header, parts, &salt_key);
        let transaction = self.connection.unchecked_transaction()?;
        pending::insert(&transaction, &envelope, pending::Stored::Saved)?;
        for open in records.iter_mut().filter(|open| open.number.is_none()) {
            open.number = Some(opened::number_for(&transaction, open.record, open.entity)?);
        }
        for (place, facet, performed) in &changes {
            let record = records[*place].number.unwrap_or_default();
            pending::insert_part(&transaction, document_number(record, *facet), number, performed)?;
        }
        let mut projector = Projector {
            connection: &transaction,
            schema: &self.schema,
            tables: &self.tables,
            next_search: &mut self.next_search,
        };
        for open in records.iter_mut() {
            let Some(subject) = open.subject() else { continue };
            let before = open.row.take();
            open.row = projector.project(subject, &open.present(), true, before.as_ref())?;
        }
        also(&transaction)?;
        transaction.commit()?;
        self.newest_intent = self.newest_intent.max(stamp.intent);
        Ok(Committed {
            intent: stamp.intent,
            records: records.iter().map(|open| open.record).collect(),
            number,
        })
    }
}

/// Nothing in the trash is edited, also not the facet whose document does not know of the trash: the
/// server takes such an edit for one of somebody who had not seen the deletion. What a step before
/// took out of the trash is in it no longer.
fn refuse_in_trash(open: &OpenRecord, facet: Facet) -> Result<(), CommitError> {
    if facet == Facet::Internal {
        return Ok(());
    }
    let internal = open.documents[Facet::Internal as usize].as_ref();
    match internal {
        Some(internal) if !internal.document.is_alive() => {
            Err(CommitError::Refused(Refusal::Deleted))
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether the steps make a record.
fn creates(steps: &[Step], record: RecordId) -> bool {
    steps.iter().any(|step| {
        step.record == record
            && step.facet == Facet::Internal
            && matches!(step.operations.first(), Some(roadbook_domain::Operation::Create { .. }))
    })
}

/// Whose a record is. `owner` is `None` for a record that is not here yet.
fn relation(
    subject: &Subject,
    steps: &[Step],
    record: RecordId,
    owner: Option<Option<RecordId>>,
) -> Relation {
    match owner {
        Some(Some(owner)) if owner == subject.user.into() => Relation::Own,
        Some(_) => Relation::Other,
        None if creates(steps, record) => Relation::Own,
        None => Relation::Unknown,
    }
}

fn records_of(steps: &[Step]) -> Vec<RecordId> {
    let mut out: Vec<RecordId> = Vec::new();
    for step in steps {
        if !out.contains(&step.record) {
            out.push(step.record);
        }
    }
    out
}

#[cfg(test)]
mod tests;
