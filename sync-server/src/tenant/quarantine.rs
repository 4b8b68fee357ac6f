//! The quarantine: unsent work of devices that were revoked, or that had to forget its records.
//! An operator takes it back in, or drops it; nothing else makes it go away. With it is shown what
//! devices handed back after a restore and what waits in vain for the rest of it: an operator can
//! give that back to its author.

use roadbook_domain::{DeviceId, IntentId, UserId};
use roadbook_merge::Envelope;
use roadbook_sync_protocol::Verdict;
use roadbook_sync_protocol::message::PushedBy;
use roadbook_sync_protocol::verdict::Denial;

use super::{Tenant, TenantError};
use crate::gate::{Gate, Pusher};
use crate::store::{QuarantineRow, Settled, StoreRead, VerdictRow};

/// Work in the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// The intent.
    pub intent: IntentId,
    /// From which device.
    pub device: DeviceId,
    /// Whose.
    pub user: UserId,
    /// Why it was handed over: `forgotten`, `revoked`, or `incomplete` for what waits for the rest
    /// of it after a restore.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub received_ms: i64,
    /// What it does; `None` once it was dropped, or if it cannot be read.
    pub envelope: Option<Envelope>,
    /// What an operator did with it, with the note, and when; `None` while nobody has decided.
    pub settled: Option<Settled>,
}

/// The words for what can be done with it.
const READMITTED: &str = "readmitted";
const DROPPED: &str = "dropped";
const GIVEN_BACK: &str = "given back";

/// The reason of what waits after a restore.
pub const INCOMPLETE: &str = "incomplete";

impl Tenant {
    /// Everything that was handed over, by arrival, settled or not; then what waits for the rest of
    /// it after a restore.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn quarantine(&self) -> Result<Vec<Quarantine>, TenantError> {
        let read = self.store.read()?;
        let mut out: Vec<Quarantine> = read.quarantined()?.into_iter().map(shown).collect();
        for row in read.relayed_waiting()? {
            let envelope: Envelope = postcard::from_bytes(&row.envelope)
                .map_err(|_| TenantError::Corrupt("relayed envelope"))?;
            out.push(Quarantine {
                intent: row.intent,
                device: envelope.header.device,
                user: envelope.header.user,
                reason: INCOMPLETE.to_owned(),
                received_ms: row.received_ms,
                envelope: Some(envelope),
                settled: None,
            });
        }
        Ok(out)
    }

    /// Takes work of the quarantine in, under its author, through the gate, with the rights of the
    /// author's role, also of one who has left. Visibility is not asked: the operator vouches for
    /// it, with a reason. Returns the verdict; only one that took it in
    /// settles it.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], also for its author, [`TenantError::Settled`],
    /// [`TenantError::Corrupt`] if it cannot be read or is not its device's,
    /// [`TenantError::Store`].
    pub fn readmit(
        &self,
        intent: IntentId,
        reason: &str,
        now_ms: i64,
    ) -> Result<Verdict, TenantError> {
        self.write(|store, open| {
            let row = unsettled(&*store, intent)?;
            let envelope = read(&row).ok_or(TenantError::Corrupt("quarantined envelope"))?;
            let device = store.device(row.device)?.ok_or(TenantError::NotFound("device"))?;
            let header = &envelope.header;
            let is_its = header.tenant == self.id
                && header.user == row.user
                && header.device == row.device
                && header.intent == intent
                && envelope.is_intact()
                && envelope.is_whole(&device.salt_key);
            if !is_its {
                return Err(TenantError::Corrupt("quarantined envelope"));
            }
            let directory = self.directory(&*store)?;
            let pusher = Pusher {
                by: PushedBy {
                    tenant: self.id,
                    user: row.user,
                    device: row.device,
                    install_epoch: header.install_epoch,
                },
                key: device.verifying().ok_or(TenantError::BadKey)?,
                salt_key: &device.salt_key,
                subject: directory.author(row.user).ok_or(TenantError::NotFound("user"))?,
            };
            let mut gate = Gate::new(self.rules(now_ms), store, open)?;
            let verdict = gate.readmit(&pusher, &envelope)?;
            if verdict.seq().is_some() {
                let how = READMITTED.to_owned();
                let settled = Some(Settled { how, note: reason.to_owned(), at_ms: now_ms });
                gate.store.settle_quarantined(&QuarantineRow { settled, ..row })?;
                tracing::info!(%intent, "intent {intent} was readmitted from the quarantine");
            }
            Ok(verdict)
        })
    }

    /// Gives work that waits in vain after a restore back to its author: it is denied with the note
    /// as its reason, so that it comes to the author's drawer with its words; what has come of it
    /// stays in the quarantine, settled.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] for what does not wait so, [`TenantError::Store`].
    pub fn give_back(
        &self,
        intent: IntentId,
        note: &str,
        now_ms: i64,
    ) -> Result<Quarantine, TenantError> {
        self.write(|store, open| {
            let mut gate = Gate::new(self.rules(now_ms), store, open)?;
            let found = gate.give_back(intent, note)?;
            let (row, envelope) = found.ok_or(TenantError::NotFound("waiting intent"))?;
            let settled =
                Settled { how: GIVEN_BACK.to_owned(), note: note.to_owned(), at_ms: now_ms };
            let row = QuarantineRow {
                intent,
                device: envelope.header.device,
                user: envelope.header.user,
                reason: INCOMPLETE.to_owned(),
                received_ms: row.received_ms,
                envelope: row.envelope,
                settled: Some(settled),
            };
            gate.store.put_quarantined(&row)?;
            gate.store.settle_quarantined(&row)?;
            tracing::info!(%intent, "intent {intent} was given back to its author");
            Ok(shown(row))
        })
    }

    /// Drops work of the quarantine: its words go, the note stays. Should its device still have it
    /// (the acknowledgement was lost) and send it, it is denied with the note.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Settled`], [`TenantError::Store`].
    pub fn drop_quarantined(
        &self,
        intent: IntentId,
        note: &str,
        now_ms: i64,
    ) -> Result<Quarantine, TenantError> {
        self.write(|store, _| {
            let row = unsettled(&*store, intent)?;
            let how = DROPPED.to_owned();
            let settled = Some(Settled { how, note: note.to_owned(), at_ms: now_ms });
            let row = QuarantineRow { settled, envelope: Vec::new(), ..row };
            store.settle_quarantined(&row)?;
            if store.verdict(intent)?.is_none() {
                store.put_verdict(&denied(&row, note)?)?;
            }
            tracing::info!(%intent, "intent {intent} was dropped from the quarantine");
            Ok(shown(row))
        })
    }
}

/// What the device of dropped work is told, should it send that after all.
fn denied(row: &QuarantineRow, note: &str) -> Result<VerdictRow, TenantError> {
    let verdict = Verdict::Denied(Denial {
        code: DROPPED.to_owned(),
        reason: format!("it was handed over, and the server's operator let it go: {note}"),
        remedy: "look at the record as it is now, then send it again or discard it".to_owned(),
        field: None,
        policy: None,
    });
    let verdict = postcard::to_allocvec(&verdict).map_err(|_| TenantError::Corrupt("verdict"))?;
    Ok(VerdictRow { intent: row.intent, user: row.user, device: row.device, verdict })
}

fn unsettled(store: &dyn StoreRead, intent: IntentId) -> Result<QuarantineRow, TenantError> {
    let mut rows: Vec<QuarantineRow> =
        store.quarantined()?.into_iter().filter(|row| row.intent == intent).collect();
    let at = rows.iter().position(|row| row.settled.is_none());
    match (at, rows.is_empty()) {
        (Some(at), _) => Ok(rows.swap_remove(at)),
        (None, true) => Err(TenantError::NotFound("quarantined intent")),
        (None, false) => Err(TenantError::Settled),
    }
}

/// Whether an operator gave it back to its author.
pub(super) fn was_given_back(row: &QuarantineRow) -> bool {
    row.settled.as_ref().is_some_and(|settled| settled.how == GIVEN_BACK)
}

fn read(row: &QuarantineRow) -> Option<Envelope> {
    postcard::from_bytes(&row.envelope).ok()
}

fn shown(row: QuarantineRow) -> Quarantine {
    let envelope = read(&row);
    let QuarantineRow { intent, device, user, reason, received_ms, settled, .. } = row;
    Quarantine { intent, device, user, reason, received_ms, envelope, settled }
}
