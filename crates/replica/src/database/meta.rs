//! The device's single facts: who it is, and how far it has come with the server.

use ed25519_dalek::SigningKey;
use roadbook_domain::{DeviceId, Hlc};
use roadbook_sync_protocol::Cursor;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::enrolment::{Enrolment, Identity};

/// How far the device has come. Stored as JSON, so that a later version may add members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SyncState {
    /// The installation of this device (D3); raised when it finds itself restored.
    pub(crate) install_epoch: u32,
    /// The highest number that an envelope of this device ever had, as of the last removal from
    /// pending; pending envelopes may have higher ones.
    pub(crate) last_number: u64,
    /// The highest clock among accepted changes that came here.
    pub(crate) accepted_clock: Hlc,
    /// The server's restore epoch; 0 before the first exchange.
    pub(crate) restore_epoch: u64,
    /// The restore epoch for which the server has said what was never lost.
    pub(crate) relayed_epoch: u64,
    /// The restore epoch of the log that was read, until it is known how much of it is left; 0
    /// when that is known.
    pub(crate) restored_from: u64,
    /// Raised each time that everything is read again.
    pub(crate) round: u32,
    /// Everything is being read again.
    pub(crate) rereads: bool,
    pub(crate) cursor: Cursor,
    pub(crate) position: u64,
    /// The last page was not the last one.
    pub(crate) unfinished: bool,
    /// Server time minus device time.
    pub(crate) clock_offset_ms: i64,
    /// The server told the device that its clock is wrong: stamps are corrected.
    pub(crate) clock_is_corrected: bool,
    pub(crate) policy_version: u32,
    pub(crate) backup_watermark: u64,
    pub(crate) last_sync_ms: Option<i64>,
    /// The place in the log up to which history was let go of because of its age.
    pub(crate) history_until: u64,
    /// The last place of a change that was not taken in and of which no fault tells any more.
    pub(crate) faults_until: u64,
    /// When all of that was done last, by the server's clock.
    pub(crate) history_looked_ms: i64,
}

/// Reads and writes the facts.
pub(crate) struct Meta<'a>(pub(crate) &'a Connection);

const DEVICE: &str = "device";
const NAME: &str = "name";
const SIGNING_KEY: &str = "signing_key";
const ENROLMENT: &str = "enrolment";
const SYNC: &str = "sync";
const PROJECTIONS: &str = "projections";

impl Meta<'_> {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self
            .0
            .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?)
    }

    fn put(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "INSERT INTO meta (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![name, value])?;
        Ok(())
    }

    pub(crate) fn identity(&self) -> Result<Identity, StoreError> {
        let damaged = StoreError::Unreadable { what: "the device's identity" };
        let device = self.get(DEVICE)?.and_then(|bytes| DeviceId::from_slice(&bytes));
        let name = self.get(NAME)?.and_then(|bytes| String::from_utf8(bytes).ok());
        let key = self.get(SIGNING_KEY)?.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        match (device, name, key) {
            (Some(device), Some(name), Some(key)) => {
                Ok(Identity { device, name, signing: SigningKey::from_bytes(&key) })
            }
            _ => Err(damaged),
        }
    }

    pub(crate) fn put_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        self.put(DEVICE, identity.device.as_bytes())?;
        self.put(NAME, identity.name.as_bytes())?;
        self.put(SIGNING_KEY, identity.signing.as_bytes())
    }

    pub(crate) fn enrolment(&self) -> Result<Option<Enrolment>, StoreError> {
        let Some(bytes) = self.get(ENROLMENT)? else { return Ok(None) };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| StoreError::Unreadable { what: "the enrolment" })
    }

    pub(crate) fn put_enrolment(&self, enrolment: &Enrolment) -> Result<(), StoreError> {
        self.put(ENROLMENT, &to_json(enrolment, "the enrolment")?)
    }

    pub(crate) fn sync_state(&self) -> Result<SyncState, StoreError> {
        match self.get(SYNC)? {
            Some(bytes) => serde_json::from_slice(&bytes)
                .map_err(|_| StoreError::Unreadable { what: "the state of the sync" }),
            None => Ok(SyncState { install_epoch: 1, ..SyncState::default() }),
        }
    }

    pub(crate) fn put_sync_state(&self, state: &SyncState) -> Result<(), StoreError> {
        self.put(SYNC, &to_json(state, "the state of the sync")?)
    }

    /// What the projections were made by.
    pub(crate) fn projections(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(PROJECTIONS)
    }

    pub(crate) fn put_projections(&self, fingerprint: &[u8]) -> Result<(), StoreError> {
        self.put(PROJECTIONS, fingerprint)
    }
}

fn to_json<T: Serialize>(value: &T, what: &'static str) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|_| StoreError::Unreadable { what })
}
