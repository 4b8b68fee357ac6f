//! What planning keeps on this device alone, as the app writes it; and the key that signs models.

use rusqlite::params;
use sha2::{Digest as _, Sha256};

use crate::{Replica, StoreError};

/// Keeps the key for models apart from the key that signs requests.
const PURPOSE: &[u8] = b"roadbook: signs score models\0";

impl Replica {
    /// Everything of a kind, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn planning(&self, kind: &str) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT number, body FROM planning WHERE kind = ?1 ORDER BY number")?;
        let rows = statement.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps a thing of a kind, in place of an earlier one of its number.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub fn keep_planning(
        &mut self,
        kind: &str,
        number: i64,
        body: &[u8],
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO planning (kind, number, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
            )?
            .execute(params![kind, number, body])?;
        Ok(())
    }

    /// Removes a thing of a kind. Returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub fn drop_planning(&mut self, kind: &str, number: i64) -> Result<bool, StoreError> {
        let removed = self
            .connection
            .prepare_cached("DELETE FROM planning WHERE kind = ?1 AND number = ?2")?
            .execute(params![kind, number])?;
        Ok(removed > 0)
    }

    /// The seed of the key with which this device signs models: made from its own key, so that it
    /// needs no place, and useless for signing anything else.
    #[must_use]
    pub fn model_seed(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(PURPOSE);
        hash.update(self.identity.signing.as_bytes());
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Device;

    #[test]
    fn things_are_kept_by_kind_and_number_and_go_with_a_purge() {
        let mut device = Device::new(3, "Rep");
        let replica = &mut device.replica;
        replica.keep_planning("snapshot", 2, b"b").unwrap();
        replica.keep_planning("snapshot", 1, b"a").unwrap();
        replica.keep_planning("snapshot", 2, b"c").unwrap();
        replica.keep_planning("model", 1, b"m").unwrap();
        let kept = replica.planning("snapshot").unwrap();
        assert_eq!(kept, [(1, b"a".to_vec()), (2, b"c".to_vec())]);
        assert!(replica.drop_planning("snapshot", 1).unwrap());
        assert!(!replica.drop_planning("snapshot", 1).unwrap());
        replica.purge_all().unwrap();
        assert!(replica.planning("model").unwrap().is_empty());
        assert_eq!(replica.model_seed(), replica.model_seed());
    }
}
