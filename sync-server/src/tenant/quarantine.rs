//! The quarantine: unsent work of devices that were revoked, or that had to forget its records.
//! An operator takes it back in, or drops it; nothing else makes it go away.

use roadbook_domain::{DeviceId, IntentId, UserId};
use roadbook_merge::Envelope;
use roadbook_sync_protocol::Verdict;
use roadbook_sync_protocol::message::PushedBy;

use super::exchange::subject;
use super::{Tenant, TenantError};
use crate::gate::{Gate, Pusher};
use crate::store::{QuarantineRow, Settled, StoreRead};

/// Work in the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// The intent.
    pub intent: IntentId,
    /// From which device.
    pub device: DeviceId,
    /// Whose.
    pub user: UserId,
    /// Why it was handed over: `forgotten` or `revoked`.
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

impl Tenant {
    /// Everything that was handed over, by arrival, settled or not.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn quarantine(&self) -> Result<Vec<Quarantine>, TenantError> {
        let rows = self.store.read()?.quarantined()?;
        Ok(rows.into_iter().map(shown).collect())
    }

    /// Takes work of the quarantine in, under its author, through the gate. Visibility is not asked:
    /// the operator vouches for it, with a reason. Returns the verdict; only one that took it in
    /// settles it.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Settled`], [`TenantError::Inactive`] for its
    /// author, [`TenantError::Corrupt`] if it cannot be read or is not its device's,
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
                subject: subject(&directory, row.user)?,
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

    /// Drops work of the quarantine: its words go, the note stays.
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
            tracing::info!(%intent, "intent {intent} was dropped from the quarantine");
            Ok(shown(row))
        })
    }
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

fn read(row: &QuarantineRow) -> Option<Envelope> {
    postcard::from_bytes(&row.envelope).ok()
}

fn shown(row: QuarantineRow) -> Quarantine {
    let envelope = read(&row);
    let QuarantineRow { intent, device, user, reason, received_ms, settled, .. } = row;
    Quarantine { intent, device, user, reason, received_ms, envelope, settled }
}
