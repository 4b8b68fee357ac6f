//! Fresh ids and secrets: made by the host, or by a test from its seed (D13).

use roadbook_domain::{IntentId, RecordId};
use uuid::Uuid;

/// Gives out randomness. The library draws ids, keys and salts from it and from nowhere else.
pub trait IdSource {
    /// Fills a buffer with random bytes.
    fn fill(&mut self, bytes: &mut [u8]);

    /// A fresh UUIDv7.
    fn uuid(&mut self, now_ms: i64) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now_ms).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A fresh record id.
    fn record(&mut self, now_ms: i64) -> RecordId {
        RecordId(self.uuid(now_ms))
    }

    /// A fresh intent id.
    fn intent(&mut self, now_ms: i64) -> IntentId {
        IntentId(self.uuid(now_ms))
    }

    /// A fresh secret of 32 bytes.
    fn secret(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        bytes
    }
}
