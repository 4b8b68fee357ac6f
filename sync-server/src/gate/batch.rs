//! A device's batch: its signature, and each envelope in turn.

use ed25519_dalek::VerifyingKey;
use roadbook_domain::{Facet, IntentId, RecordId};
use roadbook_merge::{Digest, DocumentError, Envelope, Header, MUTATOR_VERSION, Part, SaltKey};
use roadbook_policy::Subject;
use roadbook_sync_protocol::message::PushedBy;
use roadbook_sync_protocol::proof::is_batch_signed;
use roadbook_sync_protocol::verdict::CLOCK_AHEAD_MAX_MS;
use roadbook_sync_protocol::{PushBatch, Verdict, batch_root};

use super::accept::other_generation;
use super::causes::{creates, references};
use super::confirm::no_record;
use super::{Gate, Stop, denied, deny_forged, fields, shape};
use crate::store::{
    BatchRow, Install, Progress, QuarantineRow, RecordRow, Settled, StoreResult, StoreWrite,
};
use crate::tenant::TenantError;

/// Envelopes of one batch.
const BATCH_MAX: usize = 1_000;
/// How far behind it may be: longer than anybody is offline, in milliseconds.
const BEHIND_MAX_MS: i64 = 400 * 24 * 60 * 60 * 1_000;
/// How long after a restore others' lost work is waited for, in milliseconds: 90 days.
const AFTER_RESTORE_MS: i64 = 90 * 24 * 60 * 60 * 1_000;
/// Numbers that are beyond what an honest device can count.
const NUMBER_MAX: u64 = 1 << 48;

/// Who pushes.
#[derive(Debug)]
pub(crate) struct Pusher<'a> {
    pub(crate) by: PushedBy,
    pub(crate) key: VerifyingKey,
    pub(crate) salt_key: &'a SaltKey,
    pub(crate) subject: Subject,
}

/// What came of a batch.
#[derive(Debug, Default)]
pub(crate) struct Pushed {
    /// One verdict per envelope, in order.
    pub(crate) verdicts: Vec<(IntentId, Verdict)>,
    /// Places and leaves of what was taken in, for the receipt.
    pub(crate) leaves: Vec<(u64, Digest)>,
}

/// A signed batch, stored with the first envelope of it that is taken in: what is refused, however
/// often it is sent, leaves none.
#[derive(Debug)]
pub(super) struct Arrival {
    row: BatchRow,
    number: Option<i64>,
}

impl Arrival {
    pub(super) const fn new(row: BatchRow) -> Self {
        Self { row, number: None }
    }

    /// The number under which it is stored.
    pub(super) fn number(&mut self, store: &mut dyn StoreWrite) -> StoreResult<i64> {
        if let Some(number) = self.number {
            return Ok(number);
        }
        let number = store.put_batch(&self.row)?;
        self.number = Some(number);
        Ok(number)
    }
}

impl Gate<'_> {
    /// Judges a batch. Nothing is committed here; documents are saved.
    pub(crate) fn push(
        &mut self,
        pusher: &Pusher<'_>,
        batch: PushBatch,
    ) -> Result<Pushed, TenantError> {
        if batch.envelopes.len() > BATCH_MAX {
            return Err(TenantError::TooMany { cap: BATCH_MAX, what: "envelopes" });
        }
        let signature = batch.signature.clone();
        let envelopes = batch.unpack(&pusher.by, pusher.salt_key);
        let leaves: Vec<Digest> = envelopes.iter().map(|found| found.header.leaf()).collect();
        let root = batch_root(&leaves);
        let PushedBy { tenant, device, install_epoch, .. } = pusher.by;
        if !is_batch_signed(&pusher.key, tenant, device, &root, &signature) {
            return Err(TenantError::BadSignature);
        }
        let install = Install { device, install_epoch };
        let mut progress = self.store.progress(&install)?;
        let mut arrival = Arrival::new(BatchRow {
            device,
            install_epoch,
            received_ms: self.rules.now_ms,
            root,
            signature,
            leaves: leaves.concat(),
        });
        let waits = self.store.quarantine_share(device)?.envelopes > 0;
        let mut any_refused = false;
        let mut pushed = Pushed::default();
        for (envelope, leaf) in envelopes.iter().zip(leaves) {
            let verdict = self.judge(pusher, envelope, &progress, &mut arrival)?;
            any_refused |= verdict.seq().is_none();
            if !matches!(verdict, Verdict::Duplicate(_)) {
                let number = envelope.header.number;
                if number <= NUMBER_MAX {
                    progress.last_number = progress.last_number.max(number);
                }
                if let Some(seq) = verdict.seq() {
                    if waits {
                        self.settle_quarantined(&envelope.header)?;
                    }
                    progress.last_clock = progress.last_clock.max(envelope.header.clock);
                    pushed.leaves.push((seq, leaf));
                }
            }
            pushed.verdicts.push((envelope.header.intent, verdict));
        }
        if any_refused {
            self.trim_refused(device)?;
        }
        self.store.put_progress(&install, progress.last_number, progress.last_clock)?;
        self.open.save(self.store, self.rules.schema)?;
        Ok(pushed)
    }

    /// Settles what waited in the quarantine and has come into the log by another way, after a
    /// restore that knows nothing of a readmission or of a revocation.
    pub(super) fn settle_quarantined(&mut self, header: &Header) -> Result<(), TenantError> {
        let found = self.store.quarantined_of(header.device, header.intent)?;
        let Some(row) = found.filter(|row| row.settled.is_none()) else { return Ok(()) };
        let settled = Settled {
            how: "taken in".to_owned(),
            note: "it came by another way".to_owned(),
            at_ms: self.rules.now_ms,
        };
        Ok(self.store.settle_quarantined(&QuarantineRow { settled: Some(settled), ..row })?)
    }

    /// The verdict on one envelope, stored if it is final.
    fn judge(
        &mut self,
        pusher: &Pusher<'_>,
        envelope: &Envelope,
        progress: &Progress,
        batch: &mut Arrival,
    ) -> Result<Verdict, TenantError> {
        let header = &envelope.header;
        if let Some(given) = self.store.verdict(header.intent)? {
            let verdict = postcard::from_bytes(&given.verdict)
                .map_err(|_| TenantError::Corrupt("verdict"))?;
            if given.user == header.user {
                return Ok(Verdict::Duplicate(Box::new(verdict)));
            }
            let reason = "the intent's id belongs to somebody else";
            return Ok(denied("intent_taken", reason, "do it again; it will get a new id"));
        }
        let judged = match check_order(envelope, progress, self.rules.now_ms) {
            Ok(Order::Rising) => self.judge_new(pusher, envelope, batch),
            // One that was held or told to rebase may come again as it was.
            Ok(Order::Earlier(_)) if self.came_before(envelope)? => {
                let judged = self.judge_new(pusher, envelope, batch);
                if judged.is_ok() {
                    self.forget_refused(envelope)?;
                }
                judged
            }
            Ok(Order::Earlier(reason)) => Err(rebase(reason, None)),
            Err(stop) => Err(stop),
        };
        match judged {
            Ok(verdict) => Ok(verdict),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Verdict(verdict)) => {
                self.remember_refused(envelope, &verdict)?;
                if verdict.is_final() {
                    self.put_verdict(header.intent, header.user, header.device, &verdict)?;
                }
                Ok(verdict)
            }
        }
    }

    /// The verdict on who builds on what nobody here knows. Soon after a restore it may be work
    /// that was lost with the server: then its author sends it again, and others wait for that.
    fn stranger(&self, envelope: &Envelope) -> Stop {
        let restored_ms = i64::try_from(self.rules.restore_epoch).unwrap_or(i64::MAX);
        if self.rules.now_ms.saturating_sub(restored_ms) < AFTER_RESTORE_MS {
            return Stop::Verdict(Verdict::Held {
                waits_for: envelope.header.intent,
                reason: "it builds on work that was lost with the server, until that is sent again"
                    .to_owned(),
            });
        }
        deny_forged("unknown_basis", "it builds on a change that the server does not know")
    }

    /// Says whether the very same envelope was judged before, without a final verdict.
    fn came_before(&self, envelope: &Envelope) -> Result<bool, TenantError> {
        let header = &envelope.header;
        for (part, _) in &envelope.parts {
            let refused = self.store.refused_change(part.change)?;
            let same = refused.is_some_and(|refused| {
                refused.intent == header.intent && refused.device == header.device
            });
            if !same {
                return Ok(false);
            }
        }
        Ok(!envelope.parts.is_empty())
    }

    fn judge_new(
        &mut self,
        pusher: &Pusher<'_>,
        envelope: &Envelope,
        batch: &mut Arrival,
    ) -> Result<Verdict, Stop> {
        let encoded = shape::check(envelope)?;
        for (part, _) in &envelope.parts {
            fields::check(self.rules.schema, part)?;
        }
        for (part, _) in &envelope.parts {
            self.check_part(pusher, envelope, part)?;
        }
        let verdict = self.accept(envelope, encoded, Some(batch))?;
        self.revive_edited(envelope)?;
        Ok(verdict)
    }

    /// The verdict on work of the quarantine for which an operator vouches: its author need not see
    /// the record any more, and its number and clock may be old, but not ahead of the server's: all
    /// who take it in would stamp after it, and nothing of theirs would be taken in any more. All else is asked as ever. Nothing
    /// is stored unless it is taken in; documents are saved.
    pub(crate) fn readmit(
        &mut self,
        pusher: &Pusher<'_>,
        envelope: &Envelope,
    ) -> Result<Verdict, TenantError> {
        let intent = envelope.header.intent;
        if let Some(given) = self.store.verdict(intent)? {
            let verdict: Verdict = postcard::from_bytes(&given.verdict)
                .map_err(|_| TenantError::Corrupt("verdict"))?;
            if verdict.seq().is_some() {
                return Ok(Verdict::Duplicate(Box::new(verdict)));
            }
        }
        let judged = self.judge_vouched(pusher, envelope);
        let verdict = match judged {
            Ok(verdict) => verdict,
            Err(Stop::Failed(error)) => return Err(error),
            Err(Stop::Verdict(verdict)) => verdict,
        };
        if verdict.seq().is_some() {
            let install = Install {
                device: envelope.header.device,
                install_epoch: envelope.header.install_epoch,
            };
            self.store.put_progress(&install, 0, envelope.header.clock)?;
            self.forget_refused(envelope)?;
        }
        self.open.save(self.store, self.rules.schema)?;
        Ok(verdict)
    }

    fn judge_vouched(&mut self, pusher: &Pusher<'_>, envelope: &Envelope) -> Result<Verdict, Stop> {
        let (millis, now_ms) = (envelope.header.clock.millis(), self.rules.now_ms);
        if millis > now_ms.saturating_add(CLOCK_AHEAD_MAX_MS) {
            let reason = "its clock is ahead of the server's; wait until that time has come";
            return Err(rebase(reason, Some(now_ms.saturating_sub(millis))));
        }
        let encoded = shape::check(envelope)?;
        for (part, _) in &envelope.parts {
            fields::check(self.rules.schema, part)?;
            let row = self.store.record(part.document.record)?;
            self.check_standing(pusher, envelope, part, row.as_ref())?;
        }
        // Its author's device may have been denied it before; the operator decides anew.
        let before = self.store.verdict(envelope.header.intent)?;
        self.store.drop_verdict(envelope.header.intent)?;
        let judged = self.accept(envelope, encoded, None);
        if let (Err(Stop::Verdict(_)), Some(before)) = (&judged, before) {
            self.store.put_verdict(&before)?;
        }
        let verdict = judged?;
        self.revive_edited(envelope)?;
        Ok(verdict)
    }

    /// What a part builds on, whether its user sees it and may do it.
    fn check_part(
        &mut self,
        pusher: &Pusher<'_>,
        envelope: &Envelope,
        part: &Part,
    ) -> Result<(), Stop> {
        let user = pusher.by.user;
        let record = part.document.record;
        for referred in references(part) {
            self.check_refused_record(user, referred)?;
        }
        let made_here = creates(part)
            || envelope.parts.iter().any(|(other, _)| {
                other.document.record == record
                    && other.document.facet == Facet::Internal
                    && creates(other)
            });
        let row = self.store.record(record)?;
        match &row {
            None if made_here => {}
            None => {
                self.check_refused_record(user, record)?;
                return Err(self.unknown_basis(pusher.by.device, part, no_record())?);
            }
            Some(_) => self.check_visible(user, record)?,
        }
        self.check_standing(pusher, envelope, part, row.as_ref())
    }

    /// What a part builds on, and whether its user may do it, seen or not; `row` is of its record.
    fn check_standing(
        &mut self,
        pusher: &Pusher<'_>,
        envelope: &Envelope,
        part: &Part,
        row: Option<&RecordRow>,
    ) -> Result<(), Stop> {
        if row.is_some_and(|row| row.place.entity != part.entity) {
            return Err(deny_forged("wrong_entity", "the record is of another kind"));
        }
        let schema = self.rules.schema;
        let open = match self.open.get(self.store, schema, part.document, part.entity) {
            Err(TenantError::Document(error)) => {
                return Err(unreadable(envelope.header.intent, part.document.record, &error));
            }
            open => open?,
        };
        let Some(open) = open else { return Err(other_generation()) };
        if open.document.missing(&part.basis).is_some() {
            let stranger = self.stranger(envelope);
            return Err(self.unknown_basis(pusher.by.device, part, stranger)?);
        }
        self.check_rights(&pusher.subject, part, row)?;
        self.check_confirmed(part)
    }
}

/// Whether an envelope comes after those that were judged before.
enum Order {
    /// It does.
    Rising,
    /// It does not, and why.
    Earlier(&'static str),
}

/// The verdict on work on a document that is damaged here: it waits until that is mended, and holds
/// nothing else up.
fn unreadable(intent: IntentId, record: RecordId, error: &DocumentError) -> Stop {
    tracing::error!(%record, "the document of {record} cannot be read: {error}");
    Stop::Verdict(Verdict::Held {
        waits_for: intent,
        reason: "the server cannot read this record, and its operator has to mend it".to_owned(),
    })
}

fn rebase(reason: &str, clock_offset_ms: Option<i64>) -> Stop {
    Stop::Verdict(Verdict::Rebase { reason: reason.to_owned(), clock_offset_ms })
}

/// Number, clock and mutator: what the envelope says of itself.
fn check_order(envelope: &Envelope, progress: &Progress, now_ms: i64) -> Result<Order, Stop> {
    let header = &envelope.header;
    if header.number > NUMBER_MAX {
        return Err(deny_forged("bad_number", "the envelope's number is beyond counting"));
    }
    let millis = header.clock.millis();
    if millis > now_ms.saturating_add(CLOCK_AHEAD_MAX_MS) || millis < now_ms - BEHIND_MAX_MS {
        let offset = now_ms.saturating_sub(millis);
        return Err(rebase("its clock is too far from the server's", Some(offset)));
    }
    if header.mutator_version == 0 || header.mutator_version > MUTATOR_VERSION {
        let reason = "its changes were made by a version that is not known here";
        return Err(rebase(reason, None));
    }
    if header.number <= progress.last_number {
        return Ok(Order::Earlier("its number was used before"));
    }
    if header.clock <= progress.last_clock {
        let reason = "its clock is not later than that of the envelope before";
        return Ok(Order::Earlier(reason));
    }
    Ok(Order::Rising)
}
