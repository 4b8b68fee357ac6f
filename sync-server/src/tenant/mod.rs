//! Everything that one tenant can do. Blocking: hosts call it from a thread that may wait.
#![expect(
    unused_variables,
    clippy::todo,
    clippy::needless_pass_by_value,
    reason = "signatures first; bodies follow within the hour"
)]

mod error;
mod types;

use std::path::Path;

use roadbook_domain::{DeviceId, IntentId, RecordId, Schema, TenantId, UserId};
use roadbook_policy::Role;
use roadbook_sync_protocol::account::{DirectoryRequest, DirectoryResponse};
use roadbook_sync_protocol::{Quarantined, SyncRequest, SyncResponse};
use tokio::sync::watch;

pub use error::TenantError;
pub use types::{
    BackupReport, Credential, Device, IdentityKind, NewDevice, NewUser, Status, Team, TeamChange,
    TenantKeys, Territory, User,
};

use crate::ids::IdSource;

/// One tenant: its store, schema, policies and keys.
#[derive(Debug)]
pub struct Tenant {
    id: TenantId,
    name: String,
    keys: TenantKeys,
}

impl Tenant {
    /// Makes a tenant in a new file, with the shipped schema.
    ///
    /// # Errors
    /// [`TenantError::Exists`] when there is a file already; [`TenantError::Store`].
    pub fn create(
        path: &Path,
        name: &str,
        keys: TenantKeys,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Self, TenantError> {
        todo!()
    }

    /// Makes a tenant in a new file, with a given schema.
    ///
    /// # Errors
    /// As for [`Self::create`].
    pub fn create_with_schema(
        path: &Path,
        schema: Schema,
        name: &str,
        keys: TenantKeys,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Self, TenantError> {
        todo!()
    }

    /// Opens a tenant's file with the shipped schema. A file that is a backup becomes a restored
    /// tenant: its restore epoch rises.
    ///
    /// # Errors
    /// [`TenantError::Missing`] when there is no file; [`TenantError::Store`], also for a database of a newer version.
    pub fn open(path: &Path, now_ms: i64) -> Result<Self, TenantError> {
        todo!()
    }

    /// Opens a tenant's file with a given schema.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_with_schema(path: &Path, schema: Schema, now_ms: i64) -> Result<Self, TenantError> {
        todo!()
    }

    /// The tenant's id.
    #[must_use]
    pub const fn id(&self) -> TenantId {
        self.id
    }

    /// The tenant's name, as in sign-ins.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tenant's keys.
    #[must_use]
    pub const fn keys(&self) -> &TenantKeys {
        &self.keys
    }

    /// Raised by every restore from a backup.
    #[must_use]
    pub fn restore_epoch(&self) -> u64 {
        todo!()
    }

    /// The end of the log, and news of it: for server-sent events.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        todo!()
    }

    /// One exchange with an authenticated device.
    ///
    /// # Errors
    /// [`TenantError::Revoked`], [`TenantError::Inactive`], [`TenantError::BadSignature`],
    /// [`TenantError::TooMany`], [`TenantError::BadCursor`], [`TenantError::Store`].
    pub fn sync(
        &self,
        device: &Device,
        request: SyncRequest,
        now_ms: i64,
    ) -> Result<SyncResponse, TenantError> {
        todo!()
    }

    /// Takes unsent work into the quarantine. The only call that a revoked device may make.
    /// Returns the intents that are safe now.
    ///
    /// # Errors
    /// [`TenantError::TooMany`], [`TenantError::Store`].
    pub fn surrender(
        &self,
        device: &Device,
        items: Vec<Quarantined>,
        now_ms: i64,
    ) -> Result<Vec<IntentId>, TenantError> {
        todo!()
    }

    /// A device; `None` if it is not enrolled here.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn device(&self, id: DeviceId) -> Result<Option<Device>, TenantError> {
        todo!()
    }

    /// All devices, by enrolment.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn devices(&self) -> Result<Vec<Device>, TenantError> {
        todo!()
    }

    /// Binds a device to a user. Enrolling the same device again with the same key is harmless.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] and [`TenantError::Inactive`] for the user,
    /// [`TenantError::DeviceTaken`], [`TenantError::BadKey`], [`TenantError::Store`].
    pub fn enrol(
        &self,
        new: &NewDevice,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Device, TenantError> {
        todo!()
    }

    /// Revokes a device: it may only surrender its unsent work.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn revoke(&self, id: DeviceId, now_ms: i64) -> Result<Device, TenantError> {
        todo!()
    }

    /// A user; `None` if there is none.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn user(&self, id: UserId) -> Result<Option<User>, TenantError> {
        todo!()
    }

    /// All users, by name.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn users(&self) -> Result<Vec<User>, TenantError> {
        todo!()
    }

    /// All teams, by name.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn teams(&self) -> Result<Vec<Team>, TenantError> {
        todo!()
    }

    /// All territories, by name.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn territories(&self) -> Result<Vec<Territory>, TenantError> {
        todo!()
    }

    /// Makes a user.
    ///
    /// # Errors
    /// [`TenantError::LoginTaken`], [`TenantError::NotFound`] for the territory, [`TenantError::Directory`], [`TenantError::Store`].
    pub fn add_user(
        &self,
        new: &NewUser,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        todo!()
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn set_role(
        &self,
        user: UserId,
        role: Role,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        todo!()
    }

    /// Gives a user another territory, or none.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn set_user_territory(
        &self,
        user: UserId,
        territory: Option<RecordId>,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        todo!()
    }

    /// Lets a user in.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn activate_user(
        &self,
        user: UserId,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        todo!()
    }

    /// Keeps a user out; what the user sees shrinks to nothing.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn deactivate_user(
        &self,
        user: UserId,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        todo!()
    }

    /// Makes a team.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] for the lead, [`TenantError::Store`].
    pub fn add_team(
        &self,
        name: &str,
        lead: Option<UserId>,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Team, TenantError> {
        todo!()
    }

    /// Changes who leads a team and who is in it.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] for the team or a user, [`TenantError::Store`].
    pub fn change_team(
        &self,
        team: RecordId,
        change: &TeamChange,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Team, TenantError> {
        todo!()
    }

    /// Makes a territory.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] for the parent, [`TenantError::Store`].
    pub fn add_territory(
        &self,
        name: &str,
        parent: Option<RecordId>,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Territory, TenantError> {
        todo!()
    }

    /// Makes users, teams and territories exist, on behalf of a device's user.
    ///
    /// # Errors
    /// [`TenantError::Forbidden`] unless the policies let the user, [`TenantError::Directory`] for an entry that cannot be, [`TenantError::Store`].
    pub fn apply_directory(
        &self,
        device: &Device,
        request: &DirectoryRequest,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<DirectoryResponse, TenantError> {
        todo!()
    }

    /// Stores what the local issuer checks a user's password against.
    ///
    /// # Errors
    /// [`TenantError::LoginTaken`], [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn put_credential(&self, credential: &Credential) -> Result<(), TenantError> {
        todo!()
    }

    /// What the local issuer checks a password against; `None` for an unknown sign-in name.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn credential(&self, login: &str) -> Result<Option<Credential>, TenantError> {
        todo!()
    }

    /// Says whether any identity was made by the demo.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn has_demo_identities(&self) -> Result<bool, TenantError> {
        todo!()
    }

    /// Figures for operators.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn status(&self) -> Result<Status, TenantError> {
        todo!()
    }

    /// Writes a verified copy of the tenant into a new file, and records how far it reaches.
    ///
    /// # Errors
    /// [`TenantError::Exists`] when there is a file already, [`TenantError::Store`].
    pub fn backup(&self, to: &Path) -> Result<BackupReport, TenantError> {
        todo!()
    }
}
