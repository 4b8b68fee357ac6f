//! Receipts: the server's signature that it took envelopes in (D6).
//!
//! One signature covers a list of (place in the log, leaf). After a restore from backup any
//! device may hand envelopes back under their receipts.

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use roadbook_domain::TenantId;
use roadbook_merge::Digest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A signed list of accepted envelopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The restore epoch of the server that signed.
    pub restore_epoch: u64,
    /// The places in the log, rising. Leaves are in the envelopes; the receiver has them.
    pub seqs: Vec<u64>,
    /// The server's Ed25519 signature (64 bytes).
    pub signature: Vec<u8>,
}

fn message(tenant: TenantId, restore_epoch: u64, leaves: &[(u64, Digest)]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(b"roadbook receipt 1");
    hasher.update(tenant.as_bytes());
    hasher.update(restore_epoch.to_be_bytes());
    for (seq, leaf) in leaves {
        hasher.update(seq.to_be_bytes());
        hasher.update(leaf);
    }
    hasher.finalize().into()
}

impl Receipt {
    /// Signs for accepted envelopes: their places and leaves, rising by place.
    #[must_use]
    pub fn sign(
        key: &SigningKey,
        tenant: TenantId,
        restore_epoch: u64,
        leaves: &[(u64, Digest)],
    ) -> Self {
        let signature = key.sign(&message(tenant, restore_epoch, leaves)).to_bytes().to_vec();
        Self { restore_epoch, seqs: leaves.iter().map(|(seq, _)| *seq).collect(), signature }
    }

    /// Says whether the receipt is the server's and speaks of exactly these envelopes.
    #[must_use]
    pub fn is_valid(&self, key: &VerifyingKey, tenant: TenantId, leaves: &[(u64, Digest)]) -> bool {
        let Ok(signature) = Signature::from_slice(&self.signature) else {
            return false;
        };
        leaves.iter().map(|(seq, _)| *seq).eq(self.seqs.iter().copied())
            && key.verify(&message(tenant, self.restore_epoch, leaves), &signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_speaks_of_its_envelopes_only() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let tenant = TenantId::from_bytes([2; 16]);
        let leaves = [(4, [5; 32]), (6, [7; 32])];
        let receipt = Receipt::sign(&key, tenant, 1, &leaves);
        assert!(receipt.is_valid(&key.verifying_key(), tenant, &leaves));
        assert!(!receipt.is_valid(&key.verifying_key(), tenant, &leaves[..1]));
        assert!(!receipt.is_valid(&key.verifying_key(), tenant, &[(4, [5; 32]), (6, [8; 32])]));
        let other = SigningKey::from_bytes(&[9; 32]).verifying_key();
        assert!(!receipt.is_valid(&other, tenant, &leaves));
    }
}
