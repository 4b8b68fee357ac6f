//! Envelopes: one intent, its parts, and the digests that keep them honest (D3).
//!
//! A receiver gets the header, the parts that it may see, and the digests of the others; the leaf
//! is the same for all. Digests are salted, so that a hidden part cannot be guessed, and an absent
//! facet looks like a hidden one.
//!
//! The salt of a part is not random: it is derived from a key that only the author's device and
//! the server hold, so that it need not travel on push. A receiver gets the salts of the parts
//! that it may see, and learns nothing about the others.

use roadbook_domain::{
    ChangeHash, DeviceId, DocumentKey, Entity, Facet, Hlc, IntentId, IntentKind, Operation,
    TenantId, UserId,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// The salt of one part.
pub type Salt = [u8; 16];

/// The key from which a device's salts are derived; known to the device and the server.
pub type SaltKey = [u8; 32];

const SALT_DOMAIN: &[u8] = b"roadbook salt 1";
const SALT_KEY_DOMAIN: &[u8] = b"roadbook salt key 1";
const PART_DOMAIN: &[u8] = b"roadbook part 1";
const HEADER_DOMAIN: &[u8] = b"roadbook header 1";

/// What everybody learns who sees at least one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The intent; the idempotency key.
    pub intent: IntentId,
    /// The tenant.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
    /// On which device.
    pub device: DeviceId,
    /// Which installation on that device; new after a re-install or a restored database.
    pub install_epoch: u32,
    /// The envelope's number in this install epoch; rises.
    pub number: u64,
    /// When, by the device's hybrid clock; the time of every change of the envelope.
    pub clock: Hlc,
    /// The version of the client, as major * 1_000_000 + minor * 1_000 + patch.
    pub client_version: u32,
    /// The version of the mutators that made the changes.
    pub mutator_version: u16,
    /// The version of the policies that the device evaluated.
    pub policy_version: u32,
    /// Per record of the intent: the digests of its internal and its confidential part. An absent
    /// part has the digest of a salted empty part.
    pub slots: Vec<[Digest; 2]>,
}

impl Header {
    /// The digest of the header: the envelope's leaf in the batch, and what receipts speak of.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        hash(HEADER_DOMAIN, &[], self)
    }
}

/// The digest of a header in postcard form: [`Header::leaf`] of what need not be read.
#[must_use]
pub fn leaf_of(header: &[u8]) -> Digest {
    digest(HEADER_DOMAIN, &[], header)
}

/// What the intent does to one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The place of its record in the header's slots.
    pub slot: u8,
    /// The document.
    pub document: DocumentKey,
    /// The record's kind.
    pub entity: Entity,
    /// The kind of the intent.
    pub kind: IntentKind,
    /// What is done, in order.
    pub operations: Vec<Operation>,
    /// Why, in the words of who did it.
    pub rationale: Option<String>,
    /// The heads of the document that the person saw, sorted: accepted plus own pending.
    pub basis: Vec<ChangeHash>,
    /// Raised by each rollback of the document on the device.
    pub branch: u32,
    /// The hash of the change that the operations make.
    pub change: ChangeHash,
}

impl Part {
    /// The digest of the part under its salt.
    #[must_use]
    pub fn digest(&self, salt: &Salt) -> Digest {
        hash(PART_DOMAIN, salt, self)
    }
}

/// A header and the parts that are visible here, each with its salt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The header.
    pub header: Header,
    /// The visible parts, by slot and facet.
    pub parts: Vec<(Part, Salt)>,
}

impl Envelope {
    /// Seals an intent: derives salts, computes digests and fills the header's slots.
    ///
    /// Parts are sorted by slot and facet; `header.slots` is overwritten.
    #[must_use]
    pub fn seal(mut header: Header, mut parts: Vec<Part>, key: &SaltKey) -> Self {
        parts.sort_by_key(|part| (part.slot, part.document.facet));
        let count = parts.iter().map(|part| usize::from(part.slot) + 1).max().unwrap_or(0);
        let intent = header.intent;
        let mut slots: Vec<[Digest; 2]> = (0..=u8::MAX)
            .take(count)
            .map(|slot| Facet::ALL.map(|facet| absent_digest(&salt(key, intent, slot, facet))))
            .collect();
        let parts: Vec<(Part, Salt)> = parts
            .into_iter()
            .map(|part| {
                let salt = salt(key, intent, part.slot, part.document.facet);
                (part, salt)
            })
            .collect();
        for (part, salt) in &parts {
            slots[usize::from(part.slot)][part.document.facet as usize] = part.digest(salt);
        }
        header.slots = slots;
        Self { header, parts }
    }

    /// Says whether nothing is missing: every slot's digest is that of a part that is here, or of
    /// none under the author's salt key.
    #[must_use]
    pub fn is_whole(&self, key: &SaltKey) -> bool {
        let intent = self.header.intent;
        (0..=u8::MAX).zip(&self.header.slots).all(|(slot, digests)| {
            Facet::ALL.into_iter().all(|facet| {
                let digest = digests[facet as usize];
                let here = |(part, salt): &(Part, Salt)| {
                    part.slot == slot && part.document.facet == facet && part.digest(salt) == digest
                };
                self.parts.iter().any(here)
                    || digest == absent_digest(&salt(key, intent, slot, facet))
            })
        })
    }

    /// Says whether every visible part is the one that the header speaks of.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.parts.iter().all(|(part, salt)| {
            let slot = self.header.slots.get(usize::from(part.slot));
            slot.is_some_and(|slot| slot[part.document.facet as usize] == part.digest(salt))
        })
    }
}

/// The salt key of a user's device, from the tenant's.
///
/// It is derived, so that a server which was restored from a backup can tell an absent part from a
/// hidden one even of a device that was enrolled after that backup; and so that a device which is
/// enrolled anew under the same user keeps its salts.
#[must_use]
pub fn device_salt_key(tenant_key: &SaltKey, device: DeviceId, user: UserId) -> SaltKey {
    let mut hasher = Sha256::new();
    hasher.update(SALT_KEY_DOMAIN);
    hasher.update(tenant_key);
    hasher.update(device.as_bytes());
    hasher.update(user.as_bytes());
    hasher.finalize().into()
}

/// The salt of one part of an intent.
#[must_use]
pub fn salt(key: &SaltKey, intent: IntentId, slot: u8, facet: Facet) -> Salt {
    let mut hasher = Sha256::new();
    hasher.update(SALT_DOMAIN);
    hasher.update(key);
    hasher.update(intent.as_bytes());
    hasher.update([slot, facet as u8]);
    let full: Digest = hasher.finalize().into();
    let mut out = Salt::default();
    out.copy_from_slice(&full[..16]);
    out
}

/// The digest of a part that is not there.
#[must_use]
pub fn absent_digest(salt: &Salt) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(PART_DOMAIN);
    hasher.update(salt);
    hasher.finalize().into()
}

fn hash<T: Serialize>(domain: &[u8], salt: &[u8], value: &T) -> Digest {
    let bytes = postcard::to_allocvec(value).expect("plain data always has a postcard form");
    digest(domain, salt, &bytes)
}

fn digest(domain: &[u8], salt: &[u8], bytes: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(domain);
    hasher.update(salt);
    hasher.update(bytes);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadbook_domain::RecordId;

    fn header() -> Header {
        Header {
            intent: IntentId::from_bytes([1; 16]),
            tenant: TenantId::from_bytes([2; 16]),
            user: UserId::from_bytes([3; 16]),
            device: DeviceId::from_bytes([4; 16]),
            install_epoch: 1,
            number: 7,
            clock: Hlc::new(1_000, 0),
            client_version: 1_000,
            mutator_version: 1,
            policy_version: 1,
            slots: Vec::new(),
        }
    }

    fn part(facet: Facet) -> Part {
        Part {
            slot: 0,
            document: DocumentKey::first(RecordId::from_bytes([5; 16]), facet),
            entity: Entity::Account,
            kind: IntentKind::Delete,
            operations: vec![Operation::Delete],
            rationale: None,
            basis: vec![],
            branch: 0,
            change: ChangeHash([6; 32]),
        }
    }

    #[test]
    fn a_receiver_of_one_part_sees_the_same_leaf() {
        let key = [9; 32];
        let parts = vec![part(Facet::Confidential), part(Facet::Internal)];
        let whole = Envelope::seal(header(), parts, &key);
        let mut visible = whole.clone();
        visible.parts.retain(|(part, _)| part.document.facet == Facet::Internal);
        assert!(whole.is_intact() && visible.is_intact());
        assert_eq!(whole.header.leaf(), visible.header.leaf());
        let stored = postcard::to_allocvec(&whole.header).unwrap();
        assert_eq!(whole.header.leaf(), leaf_of(&stored), "it need not be read");
    }

    #[test]
    fn an_envelope_is_whole_when_no_part_is_missing() {
        let key = [9; 32];
        let parts = vec![part(Facet::Confidential), part(Facet::Internal)];
        let whole = Envelope::seal(header(), parts, &key);
        assert!(whole.is_whole(&key));
        for hidden in Facet::ALL {
            let mut half = whole.clone();
            half.parts.retain(|(part, _)| part.document.facet != hidden);
            assert!(half.is_intact() && !half.is_whole(&key), "without {hidden:?}");
        }
        let single = Envelope::seal(header(), vec![part(Facet::Internal)], &key);
        assert!(single.is_whole(&key), "the other facet is absent");
        assert!(!single.is_whole(&[8; 32]), "which only the author's key can tell");
    }

    #[test]
    fn a_devices_salt_key_is_its_users_own() {
        let (one, two) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        let (ana, ben) = (UserId::from_bytes([3; 16]), UserId::from_bytes([4; 16]));
        let key = device_salt_key(&[9; 32], one, ana);
        assert_eq!(key, device_salt_key(&[9; 32], one, ana));
        let others = [
            device_salt_key(&[9; 32], two, ana),
            device_salt_key(&[9; 32], one, ben),
            device_salt_key(&[8; 32], one, ana),
        ];
        assert!(!others.contains(&key), "another user cannot get it by naming the same device");
    }

    #[test]
    fn a_changed_part_is_not_intact() {
        let mut envelope = Envelope::seal(header(), vec![part(Facet::Internal)], &[9; 32]);
        envelope.parts[0].0.operations = vec![Operation::Restore];
        assert!(!envelope.is_intact());
    }

    #[test]
    fn an_absent_facet_cannot_be_told_from_a_hidden_one_without_its_salt() {
        let envelope = Envelope::seal(header(), vec![part(Facet::Internal)], &[9; 32]);
        let absent = envelope.header.slots[0][Facet::Confidential as usize];
        assert_ne!(absent, absent_digest(&envelope.parts[0].1), "salts differ per facet");
        let secret = salt(&[9; 32], header().intent, 0, Facet::Confidential);
        assert_eq!(absent, absent_digest(&secret), "who holds the key can tell");
    }
}
