//! The replica: one open, encrypted database and what is kept in memory beside it.

use std::path::Path;

use roadbook_domain::{DeviceId, Schema};
use roadbook_sync_protocol::RequestProof;
use roadbook_sync_protocol::account::EnrolRequest;

use crate::enrolment::{CreateDevice, Enrolment};
use crate::key::{Entropy, Unlock};
use crate::settings::Settings;
use crate::{OpenError, StoreError};

/// The device's truth. Owns one database connection; blocking; can move between threads.
pub struct Replica {
    schema: Schema,
    enrolment: Option<Enrolment>,
}

impl Replica {
    /// Makes a new device in a folder, with a random key wrapped as `unlock` says.
    ///
    /// # Errors
    /// [`OpenError::Exists`] if there is one already.
    pub fn create(
        dir: &Path,
        device: &CreateDevice,
        schema: Schema,
        unlock: &Unlock,
        settings: &Settings,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, OpenError> {
        let mut byte = [0];
        entropy.fill(&mut byte);
        let _ = (dir, device, unlock, settings);
        Ok(Self { schema, enrolment: None })
    }

    /// Opens the device in a folder. Projections are made again if the schema changed.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub fn open(
        dir: &Path,
        schema: Schema,
        unlock: &Unlock,
        settings: &Settings,
    ) -> Result<Self, OpenError> {
        let _ = (dir, unlock, settings);
        Ok(Self { schema, enrolment: None })
    }

    /// Says whether there is a device in a folder.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        dir.join("device.db").exists()
    }

    /// Wraps the key for another passphrase or way of unlocking. The database is not rewritten.
    ///
    /// # Errors
    /// [`StoreError::Key`]; then the old way still works.
    pub fn change_unlock(
        &mut self,
        unlock: &Unlock,
        entropy: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        let _ = (unlock, entropy);
        unimplemented!()
    }

    /// The schema in use.
    #[must_use]
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The device's id.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        unimplemented!()
    }

    /// The device's name for people.
    #[must_use]
    pub fn device_name(&self) -> &str {
        unimplemented!()
    }

    /// What the device remembers of its enrolment; `None` before it.
    #[must_use]
    pub const fn enrolment(&self) -> Option<&Enrolment> {
        self.enrolment.as_ref()
    }

    /// The body of `POST /v1/enrol`.
    #[must_use]
    pub fn enrol_request(&self) -> EnrolRequest {
        unimplemented!()
    }

    /// Remembers an enrolment, and wraps the key for the tenant's recovery key.
    ///
    /// # Errors
    /// [`StoreError`]; then the device is as before.
    pub fn enrol(
        &mut self,
        enrolment: &Enrolment,
        entropy: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        let _ = (enrolment, entropy);
        unimplemented!()
    }

    /// Signs a request with the device's key. `wall_ms` is corrected by the server's offset.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`] before enrolment.
    pub fn sign_request(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        wall_ms: i64,
    ) -> Result<RequestProof, StoreError> {
        let _ = (method, path, body, wall_ms);
        unimplemented!()
    }
}
