//! Proofs of possession: every request of a device is signed with its key, and every batch of
//! envelopes has a signed Merkle root (D3, D9).

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use roadbook_domain::{DeviceId, TenantId};
use roadbook_merge::Digest;
use sha2::{Digest as _, Sha256};

/// The Merkle root of a batch: leaves are paired and hashed upwards, an odd one rises as it is.
/// The root of no leaves is the hash of nothing.
#[must_use]
pub fn batch_root(leaves: &[Digest]) -> Digest {
    if leaves.is_empty() {
        return Sha256::digest(b"roadbook empty batch 1").into();
    }
    let mut level: Vec<Digest> = leaves.iter().map(|leaf| node(0, &[leaf])).collect();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node(1, &[left, right]),
                [odd] => *odd,
                _ => Digest::default(),
            })
            .collect();
    }
    level[0]
}

fn node(kind: u8, children: &[&Digest]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([kind]);
    for child in children {
        hasher.update(child);
    }
    hasher.finalize().into()
}

/// One step of the way from a leaf to the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathStep {
    /// The other node stands to the left.
    Left(Digest),
    /// The other node stands to the right.
    Right(Digest),
}

/// The way from the leaf at `index` to the root.
#[must_use]
pub fn batch_path(leaves: &[Digest], mut index: usize) -> Vec<PathStep> {
    let mut level: Vec<Digest> = leaves.iter().map(|leaf| node(0, &[leaf])).collect();
    let mut path = Vec::new();
    while level.len() > 1 {
        let other = index ^ 1;
        if let Some(other_node) = level.get(other) {
            path.push(if other < index {
                PathStep::Left(*other_node)
            } else {
                PathStep::Right(*other_node)
            });
        }
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node(1, &[left, right]),
                [odd] => *odd,
                _ => Digest::default(),
            })
            .collect();
        index /= 2;
    }
    path
}

/// The root that a leaf and its path lead to.
#[must_use]
pub fn root_from(leaf: &Digest, path: &[PathStep]) -> Digest {
    path.iter().fold(node(0, &[leaf]), |below, step| match step {
        PathStep::Left(other) => node(1, &[other, &below]),
        PathStep::Right(other) => node(1, &[&below, other]),
    })
}

fn batch_message(tenant: TenantId, device: DeviceId, root: &Digest) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(b"roadbook batch 1");
    hasher.update(tenant.as_bytes());
    hasher.update(device.as_bytes());
    hasher.update(root);
    hasher.finalize().into()
}

/// Signs a batch's root.
#[must_use]
pub fn sign_batch(key: &SigningKey, tenant: TenantId, device: DeviceId, root: &Digest) -> [u8; 64] {
    key.sign(&batch_message(tenant, device, root)).to_bytes()
}

/// Says whether a device signed a batch's root.
#[must_use]
pub fn is_batch_signed(
    key: &VerifyingKey,
    tenant: TenantId,
    device: DeviceId,
    root: &Digest,
    signature: &[u8],
) -> bool {
    Signature::from_slice(signature)
        .is_ok_and(|signature| key.verify(&batch_message(tenant, device, root), &signature).is_ok())
}

/// The proof in the `Authorization` header of a device's request:
/// `Roadbook-Device <tenant> <device> <wall ms> <signature in hex>`.
///
/// The signature covers method, path with query, body and time, so that nothing of a request can
/// be changed or sent elsewhere. Requests are idempotent; the time bounds how long one may be
/// repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestProof {
    /// The tenant.
    pub tenant: TenantId,
    /// The device.
    pub device: DeviceId,
    /// The device's wall clock, in milliseconds since 1970, corrected by the server's offset.
    pub wall_ms: i64,
    /// The Ed25519 signature.
    pub signature: [u8; 64],
}

/// A header that is no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a device proof")]
pub struct InvalidProof;

/// The scheme of the `Authorization` header.
pub const PROOF_SCHEME: &str = "Roadbook-Device";

impl RequestProof {
    /// Signs a request.
    #[must_use]
    pub fn sign(
        key: &SigningKey,
        tenant: TenantId,
        device: DeviceId,
        wall_ms: i64,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Self {
        let signature = key.sign(&Self::message(tenant, device, wall_ms, method, path, body));
        Self { tenant, device, wall_ms, signature: signature.to_bytes() }
    }

    /// Says whether this request was signed with a key.
    #[must_use]
    pub fn is_valid(&self, key: &VerifyingKey, method: &str, path: &str, body: &[u8]) -> bool {
        let message = Self::message(self.tenant, self.device, self.wall_ms, method, path, body);
        key.verify(&message, &Signature::from_bytes(&self.signature)).is_ok()
    }

    fn message(
        tenant: TenantId,
        device: DeviceId,
        wall_ms: i64,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(b"roadbook request 1");
        hasher.update(tenant.as_bytes());
        hasher.update(device.as_bytes());
        hasher.update(wall_ms.to_be_bytes());
        for text in [method, path] {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.update(Sha256::digest(body));
        hasher.finalize().into()
    }
}

impl fmt::Display for RequestProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PROOF_SCHEME} {} {} {} ", self.tenant, self.device, self.wall_ms)?;
        self.signature.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for RequestProof {
    type Err = InvalidProof;
    fn from_str(text: &str) -> Result<Self, InvalidProof> {
        let mut words = text.split(' ');
        let mut next = || words.next().ok_or(InvalidProof);
        if next()? != PROOF_SCHEME {
            return Err(InvalidProof);
        }
        let tenant = next()?.parse().map_err(|_| InvalidProof)?;
        let device = next()?.parse().map_err(|_| InvalidProof)?;
        let wall_ms = next()?.parse().map_err(|_| InvalidProof)?;
        let hex = next()?;
        if hex.len() != 128 || !hex.is_ascii() {
            return Err(InvalidProof);
        }
        let mut signature = [0; 64];
        for (byte, pair) in signature.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| InvalidProof)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidProof)?;
        }
        Ok(Self { tenant, device, wall_ms, signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u8) -> Vec<Digest> {
        (0..count).map(|n| [n; 32]).collect()
    }

    #[test]
    fn every_leaf_has_a_path_to_the_root() {
        for count in 1..=9 {
            let leaves = leaves(count);
            let root = batch_root(&leaves);
            for (index, leaf) in leaves.iter().enumerate() {
                let path = batch_path(&leaves, index);
                assert_eq!(root_from(leaf, &path), root, "leaf {index} of {count}");
            }
            let stranger = [0xff; 32];
            assert_ne!(root_from(&stranger, &batch_path(&leaves, 0)), root);
        }
    }

    #[test]
    fn a_proof_binds_the_whole_request() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let (tenant, device) = (TenantId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        let proof = RequestProof::sign(&key, tenant, device, 5, "POST", "/v1/sync", b"body");
        let parsed: RequestProof = proof.to_string().parse().unwrap();
        assert_eq!(parsed, proof);
        let public = key.verifying_key();
        assert!(proof.is_valid(&public, "POST", "/v1/sync", b"body"));
        assert!(!proof.is_valid(&public, "GET", "/v1/sync", b"body"));
        assert!(!proof.is_valid(&public, "POST", "/v1/other", b"body"));
        assert!(!proof.is_valid(&public, "POST", "/v1/sync", b"other"));
        let later = RequestProof { wall_ms: 6, ..proof };
        assert!(!later.is_valid(&public, "POST", "/v1/sync", b"body"));
        assert!("Bearer abc".parse::<RequestProof>().is_err());
    }
}
