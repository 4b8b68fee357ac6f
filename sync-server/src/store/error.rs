//! What can go wrong with a store, without naming the database behind it.

/// A store that did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else holds the store; trying again may help.
    #[error("the store is busy")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no room for more; nothing of the call stays.
    #[error("the disk is full")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store failed.
    #[error("the store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store was written by a newer version of the server.
    #[error(
        "the database has version {found}, this server knows up to {known}; \
         start the newer server, or restore a backup that this one made"
    )]
    Newer {
        /// The version of the database.
        found: u32,
        /// The newest version that this build knows.
        known: u32,
    },
    /// The file is no tenant's database.
    #[error("the file is not a Roadbook tenant database")]
    NotATenant,
    /// A stored value cannot be read.
    #[error("a stored {0} cannot be read")]
    Corrupt(&'static str),
}

impl StoreError {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Busy(_) => "busy",
            Self::Full(_) => "disk_full",
            Self::Failed(_) => "store_failed",
            Self::Newer { .. } => "newer_database",
            Self::NotATenant => "not_a_tenant",
            Self::Corrupt(_) => "corrupt",
        }
    }

    /// Says whether the same call may succeed a moment later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}
