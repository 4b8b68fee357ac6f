//! What is on this device and how much room it takes.

use crate::{Replica, StoreError};

/// How much room a device takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// How many documents there are.
    pub documents: u64,
    /// How much room the database takes, in bytes.
    pub bytes: u64,
    /// How much of it are documents, in bytes.
    pub document_bytes: u64,
    /// How much of it is history, in bytes.
    pub history_bytes: u64,
    /// Intents that are nowhere else: saved, waiting, in the drawer, or for the quarantine.
    pub unsent: u64,
    /// The operating system's key store opens the device; otherwise a passphrase does.
    pub uses_key_store: bool,
    /// The tenant's recovery key opens it too.
    pub recoverable: bool,
}

impl Replica {
    /// How much room the device takes. Reads all lengths, so it is for a settings page.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn storage(&self) -> Result<Storage, StoreError> {
        let storage = self.connection.query_row(
            "SELECT (SELECT count(*) FROM documents),
                    (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size),
                    (SELECT coalesce(sum(length(bytes)), 0) FROM documents),
                    (SELECT coalesce(sum(length(entry)), 0) FROM history)
                        + (SELECT coalesce(sum(length(envelope)), 0) FROM envelopes)",
            [],
            |row| {
                Ok(Storage {
                    documents: row.get(0)?,
                    bytes: row.get(1)?,
                    document_bytes: row.get(2)?,
                    history_bytes: row.get(3)?,
                    unsent: 0,
                    uses_key_store: self.key_file().uses_key_store(),
                    recoverable: self.key_file().is_recoverable(),
                })
            },
        )?;
        Ok(Storage { unsent: self.nowhere_else()?, ..storage })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Device, text};
    use roadbook_domain::Entity;

    #[test]
    fn the_storage_counts_what_is_here() {
        let mut device = Device::new(3, "Rep");
        let before = device.replica.storage().unwrap();
        assert_eq!((before.documents, before.unsent), (0, 0));
        assert!(before.bytes > 0 && before.recoverable && !before.uses_key_store);
        device.create(Entity::Account, &[("name", text("Acme"))]);
        assert_eq!(device.replica.storage().unwrap().unsent, 1);
    }
}
