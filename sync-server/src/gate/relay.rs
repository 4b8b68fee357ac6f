//! Taking back what a restore lost: envelopes that devices hand back under the server's receipts
//! (D6).
//!
//! Policy is not asked again, nor who the author is now: the receipt says that all of that was
//! judged. An envelope waits until every part of it has come and everything that it builds on is
//! in the log; then it is taken in whole, in the order of the lost log as far as it is known. Half
//! an envelope is never taken in.

use std::collections::BTreeSet;

use roadbook_domain::{Entity, IntentId};
use roadbook_merge::{Envelope, Header, SaltKey, device_salt_key};
use roadbook_sync_protocol::verdict::{Denial, GIVEN_BACK};
use roadbook_sync_protocol::{Standing, Verdict};

use super::causes::creates;
use super::{Gate, Stop, shape};
use crate::store::{Install, RelayedRow};
use crate::tenant::TenantError;

/// An envelope under a receipt that was checked: it is intact, and it is the one that the receipt
/// speaks of.
#[derive(Debug)]
pub(crate) struct HandedBack {
    /// The restore epoch of the receipt.
    pub(crate) restore_epoch: u64,
    /// Its place in the lost log.
    pub(crate) lost_seq: u64,
    pub(crate) envelope: Envelope,
}

/// What came of a relay.
#[derive(Debug, Default)]
pub(crate) struct TakenBack {
    /// One for each envelope, in order.
    pub(crate) standings: Vec<(IntentId, Standing)>,
    /// The kinds of records that were written.
    pub(crate) entities: BTreeSet<Entity>,
    /// How many envelopes were taken in.
    pub(crate) count: u64,
}

impl Gate<'_> {
    /// Keeps what was handed back, and takes in what is ready. Nothing is committed here;
    /// documents are saved.
    pub(crate) fn take_back(
        &mut self,
        by: roadbook_domain::DeviceId,
        items: Vec<HandedBack>,
        tenant_key: &SaltKey,
    ) -> Result<TakenBack, TenantError> {
        let mut kept = Vec::with_capacity(items.len());
        for item in items {
            let intent = item.envelope.header.intent;
            let leaf = item.envelope.header.leaf();
            let refused = match self.standing(intent, &leaf)? {
                Standing::Waiting => self.keep(by, item)?,
                Standing::InLog { .. } | Standing::Replaced { .. } | Standing::Refused { .. } => {
                    None
                }
            };
            kept.push((intent, leaf, refused));
        }
        let mut out = TakenBack::default();
        while self.take_ready(tenant_key, &mut out)? {}
        for (intent, leaf, refused) in kept {
            let standing = match refused {
                Some(refused) => refused,
                None => self.standing(intent, &leaf)?,
            };
            out.standings.push((intent, standing));
        }
        self.open.save(self.store, self.rules.schema)?;
        Ok(out)
    }

    /// Where an intent stands in the log; waiting if it does not.
    fn standing(
        &self,
        intent: IntentId,
        leaf: &roadbook_merge::Digest,
    ) -> Result<Standing, TenantError> {
        let Some(seq) = self.place_in_log(intent)? else {
            return Ok(match self.given_back(intent)? {
                Some(reason) => refused(GIVEN_BACK, &reason),
                None => Standing::Waiting,
            });
        };
        let entry = self.store.log_entry(seq)?.ok_or(TenantError::Corrupt("verdict"))?;
        let header: Header =
            postcard::from_bytes(&entry.header).map_err(|_| TenantError::Corrupt("header"))?;
        let same = header.leaf() == *leaf;
        Ok(if same { Standing::InLog { seq } } else { Standing::Replaced { seq } })
    }

    /// Why an operator gave an intent back to its author; `None` if nobody did.
    fn given_back(&self, intent: IntentId) -> Result<Option<String>, TenantError> {
        let Some(given) = self.store.verdict(intent)? else { return Ok(None) };
        let verdict: Verdict =
            postcard::from_bytes(&given.verdict).map_err(|_| TenantError::Corrupt("verdict"))?;
        Ok(match verdict {
            Verdict::Denied(denial) if denial.code == GIVEN_BACK => Some(denial.reason),
            Verdict::Denied(_)
            | Verdict::Applied { .. }
            | Verdict::Merged { .. }
            | Verdict::Review { .. }
            | Verdict::Held { .. }
            | Verdict::Rebase { .. }
            | Verdict::Duplicate(_) => None,
        })
    }

    /// Gives an intent that waits for what a restore lost back to its author: it is denied, its
    /// words stay with the author, and what is handed back of it from now on is refused. Returns
    /// the envelope as far as it has come; `None` if it does not wait.
    pub(crate) fn give_back(
        &mut self,
        intent: IntentId,
        note: &str,
    ) -> Result<Option<(RelayedRow, Envelope)>, TenantError> {
        let Some(row) = self.store.relayed(intent)?.filter(|row| row.seq.is_none()) else {
            return Ok(None);
        };
        let envelope = read(&row.envelope)?;
        let header = &envelope.header;
        let verdict = Verdict::Denied(Denial {
            code: GIVEN_BACK.to_owned(),
            reason: format!("a restore of the server lost what belongs to it: {note}"),
            remedy: "look at the record as it is now, then send it again or discard it".to_owned(),
            field: None,
            policy: None,
        });
        self.put_verdict(intent, header.user, header.device, &verdict)?;
        self.remember_refused(&envelope, &verdict)?;
        self.store.drop_relayed(intent)?;
        Ok(Some((row, envelope)))
    }

    fn place_in_log(&self, intent: IntentId) -> Result<Option<u64>, TenantError> {
        let Some(given) = self.store.verdict(intent)? else { return Ok(None) };
        let verdict: Verdict =
            postcard::from_bytes(&given.verdict).map_err(|_| TenantError::Corrupt("verdict"))?;
        Ok(verdict.seq())
    }

    /// Keeps an envelope, with the parts that came before. `None` unless it cannot be kept.
    fn keep(
        &mut self,
        by: roadbook_domain::DeviceId,
        item: HandedBack,
    ) -> Result<Option<Standing>, TenantError> {
        let HandedBack { restore_epoch, lost_seq, mut envelope } = item;
        if let Err(stop) = shape::check(&envelope) {
            return match stop {
                Stop::Failed(error) => Err(error),
                Stop::Verdict(_) => Ok(Some(refused("bad_shape", "it is not of a known shape"))),
            };
        }
        let intent = envelope.header.intent;
        let mut row = RelayedRow {
            intent,
            restore_epoch,
            lost_seq,
            device: by,
            received_ms: self.rules.now_ms,
            seq: None,
            envelope: Vec::new(),
        };
        if let Some(before) = self.store.relayed(intent)?.filter(|before| before.seq.is_none()) {
            let there = read(&before.envelope)?;
            if there.header == envelope.header {
                merge(&mut envelope, there);
                row = before;
            } else if before.restore_epoch >= restore_epoch {
                // It was issued again after an earlier restore: the later receipt counts.
                return Ok(Some(refused("replaced", "a later envelope of this intent is here")));
            }
        }
        row.envelope =
            postcard::to_allocvec(&envelope).map_err(|_| TenantError::Corrupt("envelope"))?;
        self.store.put_relayed(&row)?;
        Ok(None)
    }

    /// Takes in what is whole and builds on nothing that is missing. Says whether anything was.
    fn take_ready(
        &mut self,
        tenant_key: &SaltKey,
        out: &mut TakenBack,
    ) -> Result<bool, TenantError> {
        let mut any = false;
        for row in self.store.relayed_waiting()? {
            let mut seq = self.place_in_log(row.intent)?;
            if seq.is_none() {
                let envelope = read(&row.envelope)?;
                if self.is_whole(&envelope, tenant_key)? && self.has_causes(&envelope)? {
                    seq = self.take_one(&envelope)?;
                    if seq.is_some() {
                        out.count += 1;
                        out.entities.extend(envelope.parts.iter().map(|(part, _)| part.entity));
                    }
                }
            }
            if seq.is_some() {
                self.store.put_relayed(&RelayedRow { seq, envelope: Vec::new(), ..row })?;
                any = true;
            }
        }
        Ok(any)
    }

    fn is_whole(&self, envelope: &Envelope, tenant_key: &SaltKey) -> Result<bool, TenantError> {
        let header = &envelope.header;
        if header.device.0.is_nil() {
            return Ok(envelope.is_whole(tenant_key));
        }
        let key = match self.store.device(header.device)? {
            Some(device) if device.user == header.user => device.salt_key,
            // Enrolled after the backup: its key is derived from what the backup holds.
            Some(_) | None => device_salt_key(tenant_key, header.device, header.user),
        };
        Ok(envelope.is_whole(&key))
    }

    fn has_causes(&mut self, envelope: &Envelope) -> Result<bool, TenantError> {
        let made: BTreeSet<_> = envelope
            .parts
            .iter()
            .filter(|(part, _)| creates(part))
            .map(|(part, _)| part.document.record)
            .collect();
        for (part, _) in &envelope.parts {
            let record = part.document.record;
            if !made.contains(&record) && self.store.record(record)?.is_none() {
                return Ok(false);
            }
            let schema = self.rules.schema;
            let open = match self.open.get(self.store, schema, part.document, part.entity) {
                Err(TenantError::Document(_)) => return Ok(false),
                open => open?,
            };
            if open.is_none_or(|open| open.document.missing(&part.basis).is_some()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Performs one envelope again. `None` if it does not fit, which is told to the operator: it
    /// goes on waiting, and nothing of it is lost.
    fn take_one(&mut self, envelope: &Envelope) -> Result<Option<u64>, TenantError> {
        let header = &envelope.header;
        // A denial of after the restore: the author sent it again, and the policies had changed.
        self.store.drop_verdict(header.intent)?;
        let taken = match shape::check(envelope) {
            Ok(encoded) => self.accept(envelope, encoded, None),
            Err(stop) => Err(stop),
        };
        match taken {
            Ok(verdict) => {
                let install =
                    Install { device: header.device, install_epoch: header.install_epoch };
                self.store.put_progress(&install, header.number, header.clock)?;
                self.settle_quarantined(header)?;
                self.forget_refused(envelope)?;
                Ok(verdict.seq())
            }
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Verdict(verdict)) => {
                let intent = header.intent;
                let said = verdict.name();
                tracing::warn!(%intent, said, "intent {intent} was handed back and does not fit");
                Ok(None)
            }
        }
    }
}

pub(crate) fn refused(code: &str, reason: &str) -> Standing {
    Standing::Refused { code: code.to_owned(), reason: reason.to_owned() }
}

fn read(bytes: &[u8]) -> Result<Envelope, TenantError> {
    postcard::from_bytes(bytes).map_err(|_| TenantError::Corrupt("relayed envelope"))
}

/// Adds the parts that came before.
fn merge(envelope: &mut Envelope, before: Envelope) {
    for (part, salt) in before.parts {
        let same = |(other, _): &(roadbook_merge::Part, _)| other.document == part.document;
        if !envelope.parts.iter().any(same) {
            envelope.parts.push((part, salt));
        }
    }
    envelope.parts.sort_by_key(|(part, _)| (part.slot, part.document.facet));
}
