//! What a tenant is made of, as its callers see it: keys, devices, users, credentials, figures.
//!
//! Plain values; how they are stored is `store`'s.

use std::fmt;

use ed25519_dalek::{SigningKey, VerifyingKey};
use roadbook_domain::{DeviceId, RecordId, UserId};
use roadbook_merge::SaltKey;
use roadbook_policy::Role;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize as _;

use crate::ids::IdSource;

/// The keys of one tenant. Stored with the tenant, so that a backup is whole.
#[derive(Clone)]
pub struct TenantKeys {
    /// The Ed25519 key (seed) that signs receipts and the server's own envelopes.
    pub server_key: [u8; 32],
    /// The public half of the tenant's X25519 recovery key; the private half is printed once.
    pub recovery_key: [u8; 32],
    /// The key from which the salts of the server's own envelopes are derived.
    pub salt_key: SaltKey,
}

impl TenantKeys {
    /// Makes fresh keys around the public half of a recovery key.
    #[must_use]
    pub fn generate(recovery_key: [u8; 32], ids: &mut dyn IdSource) -> Self {
        Self { server_key: ids.secret(), recovery_key, salt_key: ids.secret() }
    }

    /// The key that signs receipts.
    #[must_use]
    pub fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(&self.server_key)
    }

    /// The key by which devices check receipts.
    #[must_use]
    pub fn verifying(&self) -> VerifyingKey {
        self.signing().verifying_key()
    }
}

impl Drop for TenantKeys {
    fn drop(&mut self) {
        self.server_key.zeroize();
        self.salt_key.zeroize();
    }
}

impl fmt::Debug for TenantKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantKeys").finish_non_exhaustive()
    }
}

/// A device to be enrolled.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// Its id, made on the device.
    pub id: DeviceId,
    /// The user whom it is bound to.
    pub user: UserId,
    /// Its name for people.
    pub name: String,
    /// Its Ed25519 public key.
    pub public_key: [u8; 32],
}

/// An enrolled device.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The user whom it is bound to.
    pub user: UserId,
    /// Its name for people.
    pub name: String,
    /// Its Ed25519 public key.
    pub public_key: [u8; 32],
    /// The key from which its salts are derived. A secret.
    pub salt_key: SaltKey,
    /// When it was enrolled, in milliseconds since 1970.
    pub enrolled_ms: i64,
    /// When it was revoked, in milliseconds since 1970.
    pub revoked_ms: Option<i64>,
    /// When it last pushed or finished a pull, in milliseconds since 1970; to the minute.
    pub last_sync_ms: Option<i64>,
}

impl Device {
    /// The key by which its requests and batches are checked; `None` if it is not a valid point.
    #[must_use]
    pub fn verifying(&self) -> Option<VerifyingKey> {
        VerifyingKey::from_bytes(&self.public_key).ok()
    }

    /// Says whether it may do no more than surrender its unsent work.
    #[must_use]
    pub const fn is_revoked(&self) -> bool {
        self.revoked_ms.is_some()
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("id", &self.id)
            .field("user", &self.user)
            .field("revoked_ms", &self.revoked_ms)
            .finish_non_exhaustive()
    }
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name for people.
    pub name: String,
    /// The sign-in name; `None` for a user who cannot sign in.
    pub login: Option<String>,
    /// What the user is to the tenant.
    pub role: Role,
    /// The user's territory.
    pub territory: Option<RecordId>,
}

/// A user of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id, equal to that of the user's record.
    pub id: UserId,
    /// The name for people.
    pub name: String,
    /// The sign-in name; `None` for a user who cannot sign in.
    pub login: Option<String>,
    /// What the user is to the tenant; `None` for a role that this version does not know, which
    /// may do nothing.
    pub role: Option<Role>,
    /// The user's territory.
    pub territory: Option<RecordId>,
    /// Whether the user may sign in and sync.
    pub active: bool,
    /// The ids in other systems, as `system:id`.
    pub external_ids: Vec<String>,
}

/// A team of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its record.
    pub id: RecordId,
    /// The name for people.
    pub name: String,
    /// Who leads it.
    pub lead: Option<UserId>,
    /// Who is in it.
    pub members: Vec<UserId>,
    /// The ids in other systems, as `system:id`.
    pub external_ids: Vec<String>,
}

/// A territory of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Territory {
    /// Its record.
    pub id: RecordId,
    /// The name for people.
    pub name: String,
    /// The territory that it is a part of.
    pub parent: Option<RecordId>,
    /// The ids in other systems, as `system:id`.
    pub external_ids: Vec<String>,
}

/// A change of a team.
#[derive(Debug, Clone, Default)]
pub struct TeamChange {
    /// The new lead, if it changes.
    pub lead: Option<UserId>,
    /// Who joins.
    pub add: Vec<UserId>,
    /// Who leaves.
    pub remove: Vec<UserId>,
}

/// Whether an identity is a person's or made by the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityKind {
    /// A person's.
    Real,
    /// Made by the demo, with a known password: never beyond loopback.
    Demo,
}

/// What the local issuer keeps of a user who signs in.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The user.
    pub user: UserId,
    /// The sign-in name.
    pub login: String,
    /// The password's hash (PHC string). Never logged.
    pub password_hash: String,
    /// Whose it is.
    pub kind: IdentityKind,
}

impl Credential {
    /// Tells this password of the user from the next one, and nothing else: a digest of its hash,
    /// which has a salt of its own.
    #[must_use]
    pub fn mark(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"roadbook password mark\0");
        hash.update(self.password_hash.as_bytes());
        hash.finalize().into()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("user", &self.user)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Figures about a tenant, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The end of the log; also the number of accepted envelopes.
    pub head: u64,
    /// Records of all kinds.
    pub records: u64,
    /// Documents.
    pub documents: u64,
    /// Users.
    pub users: u64,
    /// Devices that are not revoked.
    pub devices: u64,
    /// Conflicts that wait for a person.
    pub open_conflicts: u64,
    /// Unsent work that devices handed over.
    pub quarantined: u64,
    /// Envelopes up to this place in the log are in a verified backup.
    pub backup_watermark: u64,
    /// Raised by every restore from a backup.
    pub restore_epoch: u64,
    /// Bytes of the database.
    pub database_bytes: u64,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// The end of the log in the backup.
    pub head: u64,
    /// Bytes of the backup.
    pub bytes: u64,
}
