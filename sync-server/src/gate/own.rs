//! What the server writes itself: envelopes like any other, sealed and signed by it. No policy is
//! asked.

use roadbook_domain::{
    DeviceId, DocumentKey, Entity, Facet, Hlc, HlcClock, IntentId, IntentKind, Operation, RecordId,
    Step, UserId,
};
use roadbook_merge::{Author, Digest, Envelope, Header, MUTATOR_VERSION, Part, Stamp, mutator};
use roadbook_sync_protocol::batch_root;
use roadbook_sync_protocol::proof::sign_batch;
use sha2::{Digest as _, Sha256};

use super::Gate;
use super::batch::Arrival;
use super::causes::creates;
use crate::store::{BatchRow, Install};
use crate::tenant::TenantError;

/// The server as a device. It is a new installation after each restore: what the lost one wrote
/// may be handed back, and no two changes have one actor and number.
const SERVER: DeviceId = DeviceId::from_bytes([0; 16]);
/// The server as a user.
const SERVER_USER: UserId = UserId::from_bytes([0; 16]);

/// Why a record comes out of the trash again, for its history.
const KEPT: &str = "somebody who had not seen the deletion edited the record meanwhile";

/// One envelope of the server.
pub(crate) struct Own {
    pub(crate) intent: IntentId,
    pub(crate) kind: IntentKind,
    pub(crate) number: u64,
    pub(crate) clock: Hlc,
    pub(crate) rationale: Option<String>,
    pub(crate) steps: Vec<Step>,
}

impl Gate<'_> {
    /// The server as it writes now.
    pub(crate) const fn own_install(&self) -> Install {
        Install { device: SERVER, install_epoch: self.rules.restores.saturating_add(1) }
    }

    /// Performs, seals and takes in an envelope of the server.
    pub(crate) fn write_own(&mut self, own: Own) -> Result<(), TenantError> {
        let rules = self.rules;
        let Own { intent, kind, number, clock, rationale, steps } = own;
        let Install { device, install_epoch } = self.own_install();
        let author = Author { device, install_epoch, branch: 0 };
        let mut parts = Vec::with_capacity(steps.len());
        for step in steps {
            let key = DocumentKey::first(step.record, step.facet);
            let mut document = self.document(key, step.entity)?;
            let basis = document.heads();
            let stamp = Stamp { author, clock, intent };
            let performed = mutator::perform(
                MUTATOR_VERSION,
                rules.schema,
                &mut document,
                step.entity,
                &stamp,
                &basis,
                &step.operations,
            )
            .map_err(|refusal| TenantError::Directory {
                entry: step.record.to_string(),
                problem: refusal.to_string(),
            })?;
            parts.push(Part {
                slot: 0,
                document: key,
                entity: step.entity,
                kind,
                operations: step.operations,
                rationale: rationale.clone(),
                basis,
                branch: author.branch,
                change: performed.change,
            });
        }
        let header = Header {
            intent,
            tenant: rules.tenant,
            user: SERVER_USER,
            device,
            install_epoch,
            number,
            clock,
            client_version: 0,
            mutator_version: MUTATOR_VERSION,
            policy_version: rules.policies.version,
            slots: Vec::new(),
        };
        let envelope = Envelope::seal(header, parts, &rules.keys.salt_key);
        let root = batch_root(&[envelope.header.leaf()]);
        let signature = sign_batch(&rules.keys.signing(), rules.tenant, device, &root);
        let mut batch = Arrival::new(BatchRow {
            device,
            install_epoch,
            received_ms: rules.now_ms,
            root,
            signature: signature.to_vec(),
            leaves: envelope.header.leaf().to_vec(),
        });
        self.take_own(&envelope, &mut batch)
    }

    /// An edit of confidential fields alone does not touch the document that says whether the
    /// record is in the trash: whoever may not see the facet must not be told of it. Where such an
    /// edit met a deletion that its author had not seen, the server takes the record out of the
    /// trash, with a reason that names nobody and nothing (D1: the edit revives, and says so).
    pub(super) fn revive_edited(&mut self, envelope: &Envelope) -> Result<(), TenantError> {
        for (part, _) in &envelope.parts {
            let record = part.document.record;
            let is_met = match part.document.facet {
                Facet::Confidential => {
                    let mut others = envelope.parts.iter().map(|(other, _)| other);
                    !others.any(|other| {
                        other.document.record == record && other.document.facet == Facet::Internal
                    })
                }
                Facet::Internal if creates(part) => false,
                Facet::Internal => {
                    part.operations.iter().any(|it| matches!(it, Operation::Delete))
                        && self.confidential_clock(record, part.entity)? > envelope.header.clock
                }
            };
            if is_met {
                let header = &envelope.header;
                let cause = (header.intent, header.clock.millis());
                self.revive(record, part.entity, cause)?;
            }
        }
        Ok(())
    }

    /// When the confidential facet was last edited: later than a deletion means by somebody who
    /// had not seen that, because devices edit nothing in the trash.
    fn confidential_clock(&mut self, record: RecordId, entity: Entity) -> Result<Hlc, TenantError> {
        if !self.store.record(record)?.is_some_and(|row| row.confidential) {
            return Ok(Hlc::default());
        }
        let key = DocumentKey::first(record, Facet::Confidential);
        let open = match self.open.get(self.store, self.rules.schema, key, entity) {
            // Damaged: nobody knows, and the rest goes on.
            Err(TenantError::Document(_)) => return Ok(Hlc::default()),
            open => open?,
        };
        Ok(open.map_or_else(Hlc::default, |open| open.document.updated()))
    }

    fn revive(
        &mut self,
        record: RecordId,
        entity: Entity,
        (because_of, cause_ms): (IntentId, i64),
    ) -> Result<(), TenantError> {
        let key = DocumentKey::first(record, Facet::Internal);
        let open = match self.open.get(self.store, self.rules.schema, key, entity) {
            Err(TenantError::Document(_)) => return Ok(()),
            open => open?,
        };
        let Some(open) = open.filter(|open| !open.document.is_alive()) else { return Ok(()) };
        let seen = open.document.clock_at(&open.document.heads());
        let install = self.own_install();
        let progress = self.store.progress(&install)?;
        let mut clock = HlcClock::after(progress.last_clock);
        clock.observe(seen);
        let cause = [*because_of.as_bytes(), *record.as_bytes()].concat();
        let own = Own {
            intent: derived_intent("revival", &cause, cause_ms),
            kind: IntentKind::Restore,
            number: progress.last_number + 1,
            clock: clock.tick(self.rules.now_ms),
            rationale: Some(KEPT.to_owned()),
            steps: vec![Step {
                record,
                entity,
                facet: Facet::Internal,
                operations: vec![Operation::Restore],
            }],
        };
        let (number, last) = (own.number, own.clock);
        match self.write_own(own) {
            Ok(()) => Ok(self.store.put_progress(&install, number, last)?),
            // Such as a document that is full: the edit is kept, in the trash.
            Err(TenantError::Directory { problem, .. }) => {
                tracing::warn!(%record, "record {record} stays in the trash: {problem}");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// The id of an intent of the server that follows from a cause: one for each.
pub(crate) fn derived_intent(what: &str, cause: &[u8], at_ms: i64) -> IntentId {
    let mut hasher = Sha256::new();
    hasher.update(b"roadbook own intent 1 ");
    hasher.update(what.as_bytes());
    hasher.update([0]);
    hasher.update(cause);
    let digest: Digest = hasher.finalize().into();
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    let millis = u64::try_from(at_ms).unwrap_or(0);
    IntentId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}
