//! One exchange with a device: push, quarantine, pull, proof.

use roadbook_domain::{IntentId, UserId};
use roadbook_policy::Subject;
use roadbook_sync_protocol::message::PushedBy;
use roadbook_sync_protocol::{
    PackedResponse, Quarantined, Receipt, ServerHello, SyncRequest, SyncResponse, Verdict,
};

use super::quarantine::was_given_back;
use super::{Device, Tenant, TenantError, keys, number};
use crate::feed::{self, Puller};
use crate::gate::{Gate, Pushed, Pusher};
use crate::store::{Install, QuarantineRow, Share, StoreRead, StoreWrite};

/// Quarantined envelopes in one call.
const QUARANTINE_MAX: usize = 1_000;
/// Purged documents in one call.
const PURGED_MAX: usize = 100_000;
/// How exactly the last exchange of a device is remembered, in milliseconds: one hour, so that an
/// exchange with nothing to say writes nothing.
const LAST_SYNC_MS: i64 = 60 * 60 * 1_000;
/// How much of one device may wait in the quarantine for an operator.
const SHARE_MAX: Share = Share { envelopes: 20_000, bytes: 64 * 1024 * 1024 };
/// The longest reason of a quarantine, in bytes: it is a word.
const REASON_MAX_BYTES: usize = 64;

impl Tenant {
    /// One exchange with an authenticated device of this process.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn sync(
        &self,
        device: &Device,
        request: SyncRequest,
        now_ms: i64,
    ) -> Result<SyncResponse, TenantError> {
        self.answer(device, request, now_ms)?.read().map_err(|_| TenantError::Corrupt("log"))
    }

    /// One exchange with an authenticated device, ready to be sent.
    ///
    /// # Errors
    /// [`TenantError::Revoked`], also for the devices of a deactivated user,
    /// [`TenantError::Inactive`], [`TenantError::BadSignature`], [`TenantError::TooMany`],
    /// [`TenantError::BadCursor`], [`TenantError::Store`].
    pub fn answer(
        &self,
        device: &Device,
        request: SyncRequest,
        now_ms: i64,
    ) -> Result<PackedResponse, TenantError> {
        if device.is_revoked() {
            return Err(TenantError::Revoked);
        }
        let SyncRequest { hello, push, pull, quarantine, purged, verify } = request;
        if quarantine.len() > QUARANTINE_MAX {
            return Err(too_many(QUARANTINE_MAX, "quarantined envelopes"));
        }
        if purged.len() > PURGED_MAX {
            return Err(too_many(PURGED_MAX, "purged documents"));
        }
        let install = Install { device: device.id, install_epoch: hello.install_epoch };
        let push = push.filter(|batch| !batch.envelopes.is_empty());
        let is_late = device.last_sync_ms.is_none_or(|last| now_ms - last >= LAST_SYNC_MS);
        let writes = push.is_some() || !quarantine.is_empty() || !purged.is_empty() || is_late;
        let mut pushed = Pushed::default();
        let mut quarantined = Vec::new();
        if writes {
            let by = PushedBy {
                tenant: self.id,
                user: device.user,
                device: device.id,
                install_epoch: hello.install_epoch,
            };
            (pushed, quarantined) = self.write(|store, open| {
                let directory = self.directory(store)?;
                let subject = caller(&directory, device.user)?;
                let mut pushed = Pushed::default();
                if let Some(batch) = push {
                    let key = device.verifying().ok_or(TenantError::BadSignature)?;
                    let pusher = Pusher { by, key, salt_key: &device.salt_key, subject };
                    let rules = self.rules(now_ms);
                    pushed = Gate::new(rules, store, open)?.push(&pusher, batch)?;
                }
                let quarantined = put_quarantined(store, device, quarantine, &SHARE_MAX, now_ms)?;
                for key in &purged {
                    store.put_purge(device.id, key, now_ms)?;
                }
                store.touch_device(device.id, now_ms)?;
                Ok((pushed, quarantined))
            })?;
        }
        let receipt = (!pushed.leaves.is_empty()).then(|| {
            Receipt::sign(&self.keys.signing(), self.id, self.restore_epoch, &pushed.leaves)
        });

        let read = self.store.read()?;
        let directory = self.directory(read.as_ref())?;
        caller(&directory, device.user)?;
        let head = read.head()?;
        self.tell(head);
        let puller = Puller {
            user: device.user,
            install,
            mutator_version: hello.mutator_version,
            schema_version: hello.schema_version,
            keys: &self.keys,
            restore_epoch: self.restore_epoch,
            backed_up: Some(number(read.as_ref(), keys::WATERMARK)?).filter(|mark| *mark > 0),
            log: &self.log,
        };
        let page = pull
            .map(|pull| feed::pull(read.as_ref(), self.rules(now_ms), &puller, &pull))
            .transpose()?;
        let at_end = page.as_ref().is_some_and(|page| !page.more && page.position == head);
        let checksum =
            (verify && at_end).then(|| feed::checksum(read.as_ref(), device.user)).transpose()?;
        Ok(PackedResponse {
            hello: self.hello(read.as_ref(), &install, head, now_ms)?,
            verdicts: pushed.verdicts,
            receipt,
            page,
            quarantined,
            checksum,
        })
    }

    fn hello(
        &self,
        store: &dyn StoreRead,
        install: &Install,
        head: u64,
        now_ms: i64,
    ) -> Result<ServerHello, TenantError> {
        Ok(ServerHello {
            wall_ms: now_ms,
            restore_epoch: self.restore_epoch,
            last_number: store.progress(install)?.last_number,
            policy_version: self.policies.version,
            backup_watermark: number(store, keys::WATERMARK)?,
            head,
        })
    }

    /// Takes unsent work into the quarantine. The only call that a revoked device may make.
    /// Returns the intents that are safe now: not those that a device's share has no room for.
    ///
    /// # Errors
    /// [`TenantError::TooMany`], [`TenantError::Store`].
    pub fn surrender(
        &self,
        device: &Device,
        items: Vec<Quarantined>,
        now_ms: i64,
    ) -> Result<Vec<IntentId>, TenantError> {
        if items.len() > QUARANTINE_MAX {
            return Err(too_many(QUARANTINE_MAX, "quarantined envelopes"));
        }
        self.write(|store, _| put_quarantined(store, device, items, &SHARE_MAX, now_ms))
    }
}

pub(super) const fn too_many(cap: usize, what: &'static str) -> TenantError {
    TenantError::TooMany { cap, what }
}

/// Who calls with a device. The devices of a user who was deactivated are as if revoked: they hand
/// their unsent work over and purge themselves; they may sync again when the user is let in again.
pub(super) fn caller(
    directory: &crate::directory::Directory,
    user: UserId,
) -> Result<Subject, TenantError> {
    let is_out = directory.users.get(&user).is_some_and(|found| !found.active);
    subject(directory, user).map_err(|error| if is_out { TenantError::Revoked } else { error })
}

pub(super) fn subject(
    directory: &crate::directory::Directory,
    user: UserId,
) -> Result<Subject, TenantError> {
    directory.subject(user).ok_or(TenantError::Inactive)
}

/// Keeps unsent work. What is in the log already (the answer to its push was lost) is safe there
/// and is not kept a second time. A device has a bounded share: what does not fit is not
/// acknowledged, so the device keeps it until an operator has decided about some of it. What an
/// operator has settled is known here already, but for what was given back: that waits again.
pub(super) fn put_quarantined(
    store: &mut dyn StoreWrite,
    device: &Device,
    items: Vec<Quarantined>,
    max: &Share,
    now_ms: i64,
) -> Result<Vec<IntentId>, TenantError> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let mut safe = Vec::with_capacity(items.len());
    let mut share = store.quarantine_share(device.id)?;
    for item in items {
        let kept = store.quarantined_of(device.id, item.intent)?;
        // Half of it came by others after a restore and was given back; this is all of it.
        let reopens = kept.as_ref().is_some_and(was_given_back);
        let there = is_in_log(store, item.intent, device.user)? || (kept.is_some() && !reopens);
        if there {
            safe.push(item.intent);
            continue;
        }
        share.envelopes += 1;
        share.bytes += item.envelope.len() as u64;
        if share.envelopes > max.envelopes || share.bytes > max.bytes {
            let device = device.id;
            tracing::warn!(%device, "device {device} has no room left in the quarantine");
            break;
        }
        safe.push(item.intent);
        let row = QuarantineRow {
            intent: item.intent,
            device: device.id,
            user: device.user,
            reason: item.reason.chars().take(REASON_MAX_BYTES).collect(),
            received_ms: now_ms,
            envelope: item.envelope,
            settled: None,
        };
        if reopens {
            store.reopen_quarantined(&row)?;
        } else {
            store.put_quarantined(&row)?;
        }
    }
    Ok(safe)
}

fn is_in_log(store: &dyn StoreWrite, intent: IntentId, user: UserId) -> Result<bool, TenantError> {
    let Some(given) = store.verdict(intent)?.filter(|given| given.user == user) else {
        return Ok(false);
    };
    let verdict: Verdict =
        postcard::from_bytes(&given.verdict).map_err(|_| TenantError::Corrupt("verdict"))?;
    Ok(verdict.seq().is_some())
}
