//! Actor ids: computed, never chosen, never derived from the user (D3).

use automerge::ActorId;
use roadbook_domain::{DeviceId, DocumentKey};
use sha2::{Digest as _, Sha256};

/// Whose changes an actor id stands for: an installation of a device, on one branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Author {
    /// The device.
    pub device: DeviceId,
    /// The installation on that device.
    pub install_epoch: u32,
    /// Raised by each rollback.
    pub branch: u32,
}

/// The actor id of an author in one document: the first 16 bytes of
/// SHA-256(device, install epoch, document, branch).
#[must_use]
pub fn actor_of(author: &Author, document: &DocumentKey) -> ActorId {
    let mut hasher = Sha256::new();
    hasher.update(b"roadbook actor 1");
    hasher.update(author.device.as_bytes());
    hasher.update(author.install_epoch.to_be_bytes());
    hasher.update(document.to_bytes());
    hasher.update(author.branch.to_be_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    ActorId::from(&digest[..16])
}

/// The actor of the deterministic first change that makes a field's object (D1).
pub(crate) fn seed_actor(document: &DocumentKey, field: &str) -> ActorId {
    let mut hasher = Sha256::new();
    hasher.update(b"roadbook seed 1");
    hasher.update(document.to_bytes());
    hasher.update(field.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    ActorId::from(&digest[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadbook_domain::{Facet, RecordId};

    #[test]
    fn every_input_changes_the_actor() {
        let document = DocumentKey::first(RecordId::from_bytes([1; 16]), Facet::Internal);
        let author = Author { device: DeviceId::from_bytes([2; 16]), install_epoch: 1, branch: 0 };
        let actor = actor_of(&author, &document);
        assert_eq!(actor.to_bytes().len(), 16);
        let others = [
            actor_of(&Author { branch: 1, ..author }, &document),
            actor_of(&Author { install_epoch: 2, ..author }, &document),
            actor_of(&author, &DocumentKey { generation: 1, ..document }),
            actor_of(&author, &DocumentKey { facet: Facet::Confidential, ..document }),
            seed_actor(&document, "visits"),
        ];
        assert!(others.iter().all(|other| *other != actor));
    }
}
