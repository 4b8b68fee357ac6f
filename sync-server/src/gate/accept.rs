//! Taking an envelope in: performing it again, and writing what came of it.

use roadbook_domain::{
    ConflictId, DeviceId, DocumentKey, Entity, IntentId, MergeClass, Operation, Schema, UserId,
};
use roadbook_merge::journal::settle_part;
use roadbook_merge::view::disputed;
use roadbook_merge::{Author, Digest, Document, Envelope, Part, Refusal, Stamp};
use roadbook_sync_protocol::{Outcome, Verdict};
use sha2::{Digest as _, Sha256};

use super::batch::Arrival;
use super::{Gate, Stop, deny, deny_field, deny_forged, shape};
use crate::store::{LogEntry, LogPart, VerdictRow};
use crate::tenant::TenantError;

/// What performing one part gave, before anything is written.
#[derive(Debug)]
struct Done {
    bytes: Vec<u8>,
    outcome: Outcome,
    /// Conflicts that it joined without opening them.
    joined: Vec<ConflictId>,
    concurrent: bool,
}

/// The fields of a part over which people can disagree.
fn contested<'a>(schema: &Schema, part: &'a Part) -> Vec<&'a str> {
    let class = |name: &str| schema.field(part.entity, name).map(|def| def.class);
    let writes = |operation: &&Operation| !matches!(operation, Operation::Propose { .. });
    let mut names: Vec<&str> =
        part.operations.iter().filter(writes).flat_map(Operation::fields).collect();
    names.retain(|name| matches!(class(name), Some(MergeClass::Review | MergeClass::State)));
    names
}

impl Gate<'_> {
    /// Performs all parts and writes the envelope into the log. `encoded` are its parts as stored.
    pub(super) fn accept(
        &mut self,
        envelope: &Envelope,
        encoded: Vec<Vec<u8>>,
        batch: Option<&mut Arrival>,
    ) -> Result<Verdict, Stop> {
        let mut done = Vec::with_capacity(envelope.parts.len());
        for (part, _) in &envelope.parts {
            match self.perform(envelope, part) {
                Ok(one) => done.push(one),
                Err(stop) => {
                    // The part itself left no trace unless its hash differed; its neighbours did.
                    for (part, _) in &envelope.parts[..=done.len()] {
                        self.open.restore(self.store, self.rules.schema, part.document)?;
                    }
                    return Err(stop);
                }
            }
        }
        Ok(self.write(envelope, encoded, batch, done)?)
    }

    fn perform(&mut self, envelope: &Envelope, part: &Part) -> Result<Done, Stop> {
        let header = &envelope.header;
        let schema = self.rules.schema;
        let entity = part.entity;
        let open = self.open.get(self.store, schema, part.document, entity)?;
        let Some(open) = open else { return Err(other_generation()) };
        if open.is_full() {
            return Err(deny("document_full", FULL, FULL_REMEDY));
        }
        if header.clock <= open.document.clock_at(&part.basis) {
            return Err(Stop::Verdict(Verdict::Rebase {
                reason: "its clock is not later than that of what it builds on".to_owned(),
                clock_offset_ms: None,
            }));
        }
        let names = contested(schema, part);
        let before = disputed(schema, entity, &open.document, &names);
        let concurrent = open.document.heads() != part.basis;
        let author = Author {
            device: header.device,
            install_epoch: header.install_epoch,
            branch: part.branch,
        };
        let stamp = Stamp { author, clock: header.clock, intent: header.intent };
        let performed = open
            .perform(header.mutator_version, schema, &stamp, part)
            .map_err(|refusal| refused(&refusal))?;
        if performed.change != part.change {
            let reason = "the operations do not make the change that was signed";
            return Err(deny_forged("bytes_differ", reason));
        }
        let after = disputed(schema, entity, &open.document, &names);
        let journal = settle_part(schema, &open.document, part);
        let record = part.document.record;
        let mut outcome = Outcome { journal, opened: Vec::new(), closed: Vec::new() };
        let mut joined = Vec::new();
        if !(before.is_empty() && after.is_empty()) {
            let known = self.store.open_conflicts(record, part.document.facet)?;
            let id_of = |field: &str| {
                known.iter().find(|row| row.id.field == field).map(|row| row.id.clone())
            };
            for field in &after {
                match id_of(field) {
                    Some(id) => joined.push(id),
                    None => outcome.opened.push(ConflictId {
                        intent: header.intent,
                        record,
                        field: (*field).to_owned(),
                    }),
                }
            }
            let settled = before.iter().filter(|field| !after.contains(field));
            outcome.closed = settled.filter_map(|field| id_of(field)).collect();
        }
        Ok(Done { bytes: performed.bytes, outcome, joined, concurrent })
    }

    fn write(
        &mut self,
        envelope: &Envelope,
        encoded: Vec<Vec<u8>>,
        batch: Option<&mut Arrival>,
        done: Vec<Done>,
    ) -> Result<Verdict, TenantError> {
        let header = &envelope.header;
        let seq = self.head + 1;
        let mut parts = Vec::with_capacity(done.len());
        let mut conflicts = Vec::new();
        let mut merged = false;
        for (((part, _), part_bytes), done) in envelope.parts.iter().zip(encoded).zip(done) {
            let outcome = done.outcome;
            merged |= done.concurrent || !outcome.journal.is_empty();
            for id in &outcome.opened {
                self.store.open_conflict(id, part.document.facet, seq)?;
            }
            for id in &outcome.closed {
                self.store.close_conflict(id, seq, header.intent)?;
            }
            conflicts.extend(outcome.opened.iter().cloned());
            conflicts.extend(done.joined);
            let raw = if done.concurrent { done.bytes.clone() } else { Vec::new() };
            parts.push(LogPart {
                slot: part.slot,
                document: part.document,
                change: part.change,
                part: part_bytes,
                outcome: stored(&outcome)?,
                raw,
            });
            let schema = self.rules.schema;
            let open = self.open.get(self.store, schema, part.document, part.entity)?;
            if let Some(open) = open {
                open.taken_in(seq, done.bytes);
            }
        }
        let batch = batch.map(|batch| batch.number(self.store)).transpose()?;
        self.chain = chained(&self.chain, &header.leaf());
        self.store.append(
            &LogEntry {
                seq,
                intent: header.intent,
                user: header.user,
                device: header.device,
                install_epoch: header.install_epoch,
                accepted_ms: self.rules.now_ms,
                batch,
                header: stored(header)?,
                chain: self.chain,
            },
            &parts,
        )?;
        self.head = seq;
        let parts: Vec<&Part> = envelope.parts.iter().map(|(part, _)| part).collect();
        self.place_parts(header.user, &parts, seq)?;
        let verdict = if !conflicts.is_empty() {
            Verdict::Review { seq, conflicts }
        } else if merged {
            Verdict::Merged { seq }
        } else {
            Verdict::Applied { seq }
        };
        self.put_verdict(header.intent, header.user, header.device, &verdict)?;
        Ok(verdict)
    }

    /// Stores a final verdict.
    pub(super) fn put_verdict(
        &mut self,
        intent: IntentId,
        user: UserId,
        device: DeviceId,
        verdict: &Verdict,
    ) -> Result<(), TenantError> {
        let verdict = stored(verdict)?;
        Ok(self.store.put_verdict(&VerdictRow { intent, user, device, verdict })?)
    }
}

const FULL: &str = "the record has so long a history that it takes no more changes";
const FULL_REMEDY: &str = "go on in a new record that names this one; your words are kept";

fn stored<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, TenantError> {
    postcard::to_allocvec(value).map_err(|_| TenantError::Corrupt("envelope"))
}

/// The next link of the log's chain: over digests only, so that a payload can be erased and the
/// chain stays whole.
pub(crate) fn chained(before: &Digest, leaf: &Digest) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(b"roadbook log 1");
    hasher.update(before);
    hasher.update(leaf);
    hasher.finalize().into()
}

pub(super) fn other_generation() -> Stop {
    Stop::Verdict(Verdict::Rebase {
        reason: "the record has a new generation".to_owned(),
        clock_offset_ms: None,
    })
}

/// Says why the operations cannot be performed.
fn refused(refusal: &Refusal) -> Stop {
    let look = "look at the record as it is now, and do it again if it is still right";
    match refusal {
        Refusal::FromMismatch { field }
        | Refusal::NotDisputed { field }
        | Refusal::OtherSides { field } => {
            deny_field(refusal.code(), field, refusal.to_string(), look)
        }
        Refusal::Disputed { field } => {
            let remedy = "settle the conflict, or propose a value in it";
            deny_field(refusal.code(), field, refusal.to_string(), remedy)
        }
        Refusal::WrongOperation { field } => {
            let remedy = "update the app; this is not a mistake of yours";
            deny_field(refusal.code(), field, refusal.to_string(), remedy)
        }
        Refusal::Deleted => deny("deleted", refusal.to_string(), "restore it, then do it again"),
        Refusal::Exists | Refusal::NoRecord | Refusal::NotDeleted | Refusal::Empty => {
            deny(refusal.code(), refusal.to_string(), look)
        }
        Refusal::UnknownVersion(_) | Refusal::Document(_) | Refusal::Automerge(_) => {
            deny_forged(refusal.code(), "the change does not fit the record")
        }
    }
}

impl Gate<'_> {
    /// A copy of a document as it is now.
    pub(crate) fn document(
        &mut self,
        key: DocumentKey,
        entity: Entity,
    ) -> Result<Document, TenantError> {
        let open = self.open.get(self.store, self.rules.schema, key, entity)?;
        open.map(|open| open.document.clone()).ok_or(TenantError::Corrupt("generation"))
    }

    /// Takes in an envelope that the server made itself: no policy is asked.
    pub(super) fn take_own(
        &mut self,
        envelope: &Envelope,
        batch: &mut Arrival,
    ) -> Result<(), TenantError> {
        let judged = match shape::check(envelope) {
            Ok(encoded) => self.accept(envelope, encoded, Some(batch)),
            Err(stop) => Err(stop),
        };
        match judged {
            Ok(_) => Ok(()),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Verdict(verdict)) => Err(TenantError::Directory {
                entry: envelope.header.intent.to_string(),
                problem: format!("the server's own envelope was {}", verdict.name()),
            }),
        }
    }
}
