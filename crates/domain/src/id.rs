//! Identities: newtypes over UUIDv7, document keys and change hashes.
//!
//! Nothing here makes an id: the hosts do, and pass it in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind} id; an id looks like 0192f0c1-2b7a-7cc3-98c4-dc0c0c07398f")]
pub struct InvalidId {
    /// What kind of id was expected.
    pub kind: &'static str,
    /// The text as it came.
    pub text: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes the id from its 16 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes of the id.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads the id from a slice; `None` unless it has 16 bytes.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text)
                    .map(Self)
                    .map_err(|_| InvalidId { kind: $kind, text: text.to_owned() })
            }
        }
    };
}

id!(
    /// A tenant: one company's data.
    TenantId, "tenant"
);
id!(
    /// A record of any entity.
    RecordId, "record"
);
id!(
    /// An intent; also the idempotency key of its envelope.
    IntentId, "intent"
);
id!(
    /// A device: one installation that is enrolled under a user.
    DeviceId, "device"
);
id!(
    /// A user; equal to the record id of the user's `User` record.
    UserId, "user"
);

impl RecordId {
    /// When the id was made, by the clock of the device that made it, in milliseconds since 1970:
    /// the first 48 bits of a UUIDv7 (RFC 9562).
    #[must_use]
    pub fn made_ms(&self) -> i64 {
        self.as_bytes()[..6].iter().fold(0, |ms, byte| (ms << 8) | i64::from(*byte))
    }
}

impl From<UserId> for RecordId {
    fn from(user: UserId) -> Self {
        Self(user.0)
    }
}

/// Which of a record's documents: the facet decides who may receive it (D1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Facet {
    /// Fields for everyone who may see the record.
    Internal = 0,
    /// Fields for those with the right to confidential data.
    Confidential = 1,
}

impl Facet {
    /// Both facets, internal first.
    pub const ALL: [Self; 2] = [Self::Internal, Self::Confidential];

    /// The facet of a stored number; `None` for a number this version does not know.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Internal),
            1 => Some(Self::Confidential),
            _ => None,
        }
    }
}

/// The key of one Automerge document: record, facet, generation (D1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentKey {
    /// The record the document belongs to.
    pub record: RecordId,
    /// Which of the record's documents.
    pub facet: Facet,
    /// Raised by re-rooting; 0 for a new record.
    pub generation: u32,
}

impl DocumentKey {
    /// The document of generation 0.
    #[must_use]
    pub const fn first(record: RecordId, facet: Facet) -> Self {
        Self { record, facet, generation: 0 }
    }

    /// A fixed byte form for hashing: record (16), facet (1), generation (4, big endian).
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 21] {
        let mut out = [0; 21];
        out[..16].copy_from_slice(self.record.as_bytes());
        out[16] = self.facet as u8;
        out[17..].copy_from_slice(&self.generation.to_be_bytes());
        out
    }
}

/// The hash of one Automerge change (SHA-256, 32 bytes).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeHash(pub [u8; 32]);

impl fmt::Display for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangeHash({self})")
    }
}

impl FromStr for ChangeHash {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId { kind: "change", text: text.to_owned() };
        if text.len() != 64 || !text.is_ascii() {
            return Err(invalid());
        }
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| invalid())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| invalid())?;
        }
        Ok(Self(out))
    }
}

/// The id of a conflict: the intent that made the second survivor, and the field (D7).
///
/// Minted by the server, carried in the log and in snapshots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConflictId {
    /// The intent that made the second survivor.
    pub intent: IntentId,
    /// The record in conflict.
    pub record: RecordId,
    /// The field in conflict.
    pub field: String,
}

impl fmt::Display for ConflictId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.intent, self.record, self.field)
    }
}

impl FromStr for ConflictId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId { kind: "conflict", text: text.to_owned() };
        let mut parts = text.splitn(3, ':');
        let (Some(intent), Some(record), Some(field)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid());
        };
        Ok(Self {
            intent: intent.parse().map_err(|_| invalid())?,
            record: record.parse().map_err(|_| invalid())?,
            field: field.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_through_text() {
        let id = RecordId::from_bytes([7; 16]);
        assert_eq!(id.to_string().parse::<RecordId>(), Ok(id));
        let error = "nonsense".parse::<RecordId>().unwrap_err();
        assert!(error.to_string().contains("record id"), "{error}");
    }

    #[test]
    fn change_hashes_and_conflict_ids_round_trip_through_text() {
        let hash = ChangeHash([0xab; 32]);
        assert_eq!(hash.to_string().parse::<ChangeHash>(), Ok(hash));
        assert!("zz".parse::<ChangeHash>().is_err());
        let id = ConflictId {
            intent: IntentId::from_bytes([1; 16]),
            record: RecordId::from_bytes([2; 16]),
            field: "amount".into(),
        };
        assert_eq!(id.to_string().parse::<ConflictId>(), Ok(id));
    }

    #[test]
    fn document_keys_differ_by_facet_and_generation() {
        let record = RecordId::from_bytes([9; 16]);
        let internal = DocumentKey::first(record, Facet::Internal);
        let confidential = DocumentKey::first(record, Facet::Confidential);
        let next = DocumentKey { generation: 1, ..internal };
        assert_ne!(internal.to_bytes(), confidential.to_bytes());
        assert_ne!(internal.to_bytes(), next.to_bytes());
    }
}
