//! Errors of a replica: opening apart from operating.

use std::path::PathBuf;

use roadbook_merge::DocumentError;

use crate::enrolment::InvalidEnrolment;
use crate::key::KeyError;

/// Why a replica cannot be opened or made.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no replica in the folder.
    #[error("there is no Roadbook device in {0}; run `roadbook init` first")]
    NotFound(PathBuf),
    /// There is one already.
    #[error("there is a Roadbook device in {0} already")]
    Exists(PathBuf),
    /// Another program has it open.
    #[error("the device in {0} is in use by another program; close it and try again")]
    InUse(PathBuf),
    /// The key cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database cannot be read with the key that was unwrapped.
    #[error(
        "the database cannot be read with its key; it is damaged, or `keys.json` belongs to another"
    )]
    WrongKey,
    /// The database was written by a newer version.
    #[error(
        "the database has version {found}, this program knows up to {known}; install the newer Roadbook"
    )]
    Newer {
        /// The version of the database.
        found: u32,
        /// The newest version that this build knows.
        known: u32,
    },
    /// The folder cannot be read or written.
    #[error("cannot read or write {path}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// What the database holds cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an operation on an open replica failed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full; nothing was saved")]
    DiskFull,
    /// The database refused.
    #[error("the database refused")]
    Database(#[source] rusqlite::Error),
    /// A document cannot be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Something stored cannot be read: `what` names it.
    #[error("{what} cannot be read; run `roadbook doctor`")]
    Unreadable {
        /// What it is.
        what: &'static str,
    },
    /// The device is not enrolled yet.
    #[error("this device is not enrolled yet; run `roadbook init` with a server")]
    NotEnrolled,
    /// The enrolment is unusable.
    #[error(transparent)]
    Enrolment(#[from] InvalidEnrolment),
    /// The key cannot be wrapped.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The query names something that there is not.
    #[error("{0}")]
    Query(String),
}

impl StoreError {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::Database(_) => "database",
            Self::Document(_) => "bad_document",
            Self::Unreadable { .. } => "unreadable",
            Self::NotEnrolled => "not_enrolled",
            Self::Enrolment(_) => "bad_enrolment",
            Self::Key(_) => "key",
            Self::Query(_) => "bad_query",
        }
    }

    /// Says whether the same operation may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::DiskFull => true,
            Self::Database(error) => matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
            ),
            Self::Document(_)
            | Self::Unreadable { .. }
            | Self::NotEnrolled
            | Self::Enrolment(_)
            | Self::Key(_)
            | Self::Query(_) => false,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
            Self::DiskFull
        } else {
            Self::Database(error)
        }
    }
}
