//! Taking back from devices what a restore lost.

use std::sync::Arc;

use roadbook_domain::{DeviceId, Entity, IntentId};
use roadbook_sync_protocol::{RelayBatch, RelayRequest, RelayResponse, Standing};

use super::exchange::{caller, too_many};
use super::{Device, Tenant, TenantError};
use crate::directory::{Directory, VERSION};
use crate::gate::{Gate, HandedBack, TakenBack, refused, rescope_users};
use crate::store::StoreWrite;

/// Envelopes of one call.
const ENVELOPES_MAX: usize = 1_000;
/// Leaves of all receipts of one call.
const LEAVES_MAX: usize = 200_000;
/// The records that the directory is read from.
const DIRECTORY: [Entity; 3] = [Entity::User, Entity::Team, Entity::Territory];

impl Tenant {
    /// Takes back envelopes that a device hands back under receipts of before a restore. Policy is
    /// not asked again; whoever authored them may be revoked or unknown by now.
    ///
    /// # Errors
    /// [`TenantError::Revoked`], [`TenantError::Inactive`] for the device that hands back,
    /// [`TenantError::TooMany`], [`TenantError::Store`]. A bad receipt or envelope is no error of
    /// the call: it is refused, and told so.
    pub fn relay(
        &self,
        device: &Device,
        request: RelayRequest,
        now_ms: i64,
    ) -> Result<RelayResponse, TenantError> {
        if device.is_revoked() {
            return Err(TenantError::Revoked);
        }
        let envelopes: usize = request.batches.iter().map(|batch| batch.envelopes.len()).sum();
        if envelopes > ENVELOPES_MAX {
            return Err(too_many(ENVELOPES_MAX, "relayed envelopes"));
        }
        let leaves: usize = request.batches.iter().map(|batch| batch.leaves.len()).sum();
        if leaves > LEAVES_MAX {
            return Err(too_many(LEAVES_MAX, "leaves"));
        }
        let read = self.store.read()?;
        let directory = self.directory(read.as_ref())?;
        caller(&directory, device.user)?;
        drop(read);
        let mut standings: Vec<(IntentId, Option<Standing>)> = Vec::with_capacity(envelopes);
        let mut items = Vec::with_capacity(envelopes);
        for batch in request.batches {
            self.check_batch(batch, &mut standings, &mut items);
        }
        let mut taken = if items.is_empty() {
            TakenBack::default()
        } else {
            self.take_back(device.id, items, now_ms)?
        };
        let mut found = taken.standings.drain(..);
        let standings = standings
            .into_iter()
            .map(|(intent, refused)| {
                let standing = refused.or_else(|| found.next().map(|(_, standing)| standing));
                (intent, standing.unwrap_or(Standing::Waiting))
            })
            .collect();
        Ok(RelayResponse { restore_epoch: self.restore_epoch, log: self.log.clone(), standings })
    }

    /// Sorts a batch into what can be looked at and what is refused at once.
    fn check_batch(
        &self,
        batch: RelayBatch,
        standings: &mut Vec<(IntentId, Option<Standing>)>,
        items: &mut Vec<HandedBack>,
    ) {
        let restore_epoch = batch.receipt.restore_epoch;
        let bad_batch = if restore_epoch >= self.restore_epoch {
            Some(refused("not_lost", "its receipt is of the log that is in force"))
        } else if !batch.is_signed(&self.keys.verifying(), self.id) {
            Some(refused("bad_receipt", "the receipt is not this server's, or was changed"))
        } else {
            None
        };
        let leaves: Vec<_> =
            batch.envelopes.iter().map(|relayed| batch.leaf(relayed.seq)).collect();
        for (relayed, leaf) in batch.envelopes.into_iter().zip(leaves) {
            let envelope = relayed.envelope;
            let intent = envelope.header.intent;
            let is_spoken_of = leaf == Some(envelope.header.leaf());
            let bad = if bad_batch.is_some() {
                bad_batch.clone()
            } else if !is_spoken_of || envelope.header.tenant != self.id {
                Some(refused("not_in_receipt", "the receipt speaks of another envelope"))
            } else if !envelope.is_intact() || envelope.parts.is_empty() {
                Some(refused("not_intact", "its parts are not those that its header speaks of"))
            } else {
                None
            };
            if bad.is_none() {
                let lost_seq = relayed.seq;
                items.push(HandedBack { restore_epoch, lost_seq, envelope });
            }
            standings.push((intent, bad));
        }
    }

    fn take_back(
        &self,
        by: DeviceId,
        items: Vec<HandedBack>,
        now_ms: i64,
    ) -> Result<TakenBack, TenantError> {
        let (taken, directory) = self.write(|store, open| {
            let mut gate = Gate::new(self.rules(now_ms), store, open)?;
            let taken = gate.take_back(by, items, &self.keys.salt_key)?;
            let head = gate.head;
            let written = DIRECTORY.iter().any(|entity| taken.entities.contains(entity));
            let directory = written.then(|| self.directory_at(store, head)).transpose()?;
            Ok((taken, directory))
        })?;
        if let Some(directory) = directory {
            self.keep_directory(Arc::new(directory));
        }
        if taken.count > 0 {
            let count = taken.count;
            tracing::info!(count, device = %by, "{count} lost envelopes were handed back");
        }
        Ok(taken)
    }

    /// Reads the directory again, users re-scoped, as of a place in the log.
    fn directory_at(
        &self,
        store: &mut dyn StoreWrite,
        head: u64,
    ) -> Result<Directory, TenantError> {
        store.put_meta(VERSION, &head.to_be_bytes())?;
        let directory = Directory::load(&*store, &self.schema)?;
        rescope_users(store, &self.policies, &directory, head)?;
        Ok(directory)
    }
}
