//! What can go wrong with a whole call. A bad envelope is not among it: that gets a verdict.

use roadbook_domain::{Entity, RecordId};

use crate::store::StoreError;

/// A call that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A document cannot be read: damage, to be reported and not repaired by guessing.
    #[error("a stored document cannot be read")]
    Document(#[from] roadbook_merge::DocumentError),
    /// A user, team or territory cannot be read. Leaving it out would change who sees what, so the
    /// tenant is not opened without it.
    #[error("the stored {entity} {record} cannot be read, and it decides who sees what")]
    Unreadable {
        /// Its kind.
        entity: Entity,
        /// Which one.
        record: RecordId,
        /// What is wrong with its document.
        source: roadbook_merge::DocumentError,
    },
    /// A stored value cannot be read.
    #[error("a stored {0} cannot be read")]
    Corrupt(&'static str),
    /// There is a tenant already.
    #[error("there is a tenant at this path already")]
    Exists,
    /// There is no tenant.
    #[error("there is no tenant at this path")]
    Missing,
    /// The device was revoked.
    #[error("the device was revoked; it may only surrender its unsent work")]
    Revoked,
    /// The user may not sign in or sync.
    #[error("the user is not active")]
    Inactive,
    /// The batch is not signed by the device.
    #[error("the batch is not signed by this device")]
    BadSignature,
    /// The request is larger than the caps allow.
    #[error("the request has more than {cap} {what}")]
    TooMany {
        /// The cap.
        cap: usize,
        /// What there are too many of.
        what: &'static str,
    },
    /// The cursor is not one that this server made.
    #[error("the cursor cannot be read; start again from an empty one")]
    BadCursor,
    /// The device is enrolled already, under another user or with another key.
    #[error("the device is enrolled already; make a new device id")]
    DeviceTaken,
    /// The device's key is not an Ed25519 public key.
    #[error("the device's public key is not an Ed25519 key")]
    BadKey,
    /// The sign-in name belongs to somebody else.
    #[error("the sign-in name `{0}` is taken")]
    LoginTaken(String),
    /// There is no such user, team, territory or device.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A directory entry names something that is not there, or cannot be.
    #[error("{entry}: {problem}")]
    Directory {
        /// Which entry.
        entry: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Somebody has decided about it already.
    #[error("this work was taken in or dropped already")]
    Settled,
    /// The policies do not allow it.
    #[error("{reason} {remedy}")]
    Forbidden {
        /// Why.
        reason: String,
        /// What to do.
        remedy: String,
    },
}

impl TenantError {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Document(_) | Self::Unreadable { .. } | Self::Corrupt(_) => "corrupt",
            Self::Exists => "tenant_exists",
            Self::Missing => "no_tenant",
            Self::Revoked => "device_revoked",
            Self::Inactive => "user_inactive",
            Self::BadSignature => "bad_signature",
            Self::TooMany { .. } => "too_many",
            Self::BadCursor => "bad_cursor",
            Self::DeviceTaken => "device_taken",
            Self::BadKey => "bad_key",
            Self::LoginTaken(_) => "login_taken",
            Self::NotFound(_) => "not_found",
            Self::Directory { .. } => "bad_directory_entry",
            Self::Settled => "settled",
            Self::Forbidden { .. } => "forbidden",
        }
    }

    /// Says whether the same call may succeed a moment later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}
