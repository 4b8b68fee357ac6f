//! Relay: after the server was restored from a backup, devices hand back the envelopes that it
//! lost, under its own receipts (D6).
//!
//! Any device may hand back any envelope that it holds, its own or another's, with the parts that
//! it may see. The header holds the digests of all parts, so the server can tell what is missing,
//! and waits for a device that holds it.

use roadbook_domain::{IntentId, TenantId};
use roadbook_merge::{Digest, Envelope};
use serde::{Deserialize, Serialize};

use crate::receipt::Receipt;

/// `POST /v1/relay`: what a device hands back. Without batches it only asks which part of earlier
/// logs the server still has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RelayRequest {
    /// Envelopes under their receipts, in the order of their places in the lost log.
    pub batches: Vec<RelayBatch>,
}

/// Envelopes that one receipt speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayBatch {
    /// The receipt, of an earlier restore epoch.
    pub receipt: Receipt,
    /// The leaves of all envelopes of the receipt, in its order: without them its signature cannot
    /// be checked.
    pub leaves: Vec<Digest>,
    /// Some or all of these envelopes.
    pub envelopes: Vec<Relayed>,
}

impl RelayBatch {
    /// The leaf at a place of the lost log; `None` if the receipt does not speak of it.
    #[must_use]
    pub fn leaf(&self, seq: u64) -> Option<Digest> {
        let at = self.receipt.seqs.binary_search(&seq).ok()?;
        self.leaves.get(at).copied()
    }

    /// Says whether the receipt is the server's and speaks of exactly these leaves.
    #[must_use]
    pub fn is_signed(&self, key: &ed25519_dalek::VerifyingKey, tenant: TenantId) -> bool {
        let pairs: Vec<_> =
            self.receipt.seqs.iter().copied().zip(self.leaves.iter().copied()).collect();
        self.leaves.len() == self.receipt.seqs.len()
            && self.receipt.seqs.is_sorted()
            && self.receipt.is_valid(key, tenant, &pairs)
    }
}

/// An envelope as a device holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relayed {
    /// Its place in the lost log.
    pub seq: u64,
    /// The header, and the parts that the device holds.
    pub envelope: Envelope,
}

/// A part of an earlier log that the server's log begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSpan {
    /// The restore epoch under which the part was written.
    pub restore_epoch: u64,
    /// Its last place that is still in the log.
    pub end: u64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayResponse {
    /// The server's restore epoch.
    pub restore_epoch: u64,
    /// What the server's log begins with, oldest first. What a receipt of such an epoch places
    /// there was never lost.
    pub log: Vec<LogSpan>,
    /// Where each relayed envelope stands now, in the order of the request.
    pub standings: Vec<(IntentId, Standing)>,
}

/// Where a relayed envelope stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It is in the log.
    InLog {
        /// Its place there.
        seq: u64,
    },
    /// The intent is in the log with other bytes: its author issued it again after the restore.
    Replaced {
        /// Its place there.
        seq: u64,
    },
    /// It is kept, and waits for parts that another device holds, or for what it builds on.
    Waiting,
    /// It cannot be taken back.
    Refused {
        /// A stable word for programs.
        code: String,
        /// Why, in a sentence.
        reason: String,
    },
}

impl Standing {
    /// A stable word for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InLog { .. } => "in_log",
            Self::Replaced { .. } => "replaced",
            Self::Waiting => "waiting",
            Self::Refused { .. } => "refused",
        }
    }
}

/// How far two logs are the same, each given by what it begins with, its epoch and its end.
#[must_use]
pub fn shared(ours: &[LogSpan], theirs: &[LogSpan]) -> u64 {
    let mut end = 0;
    for (a, b) in ours.iter().zip(theirs) {
        if a.restore_epoch != b.restore_epoch {
            break;
        }
        end = a.end.min(b.end);
        if a.end != b.end {
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    const fn span(restore_epoch: u64, end: u64) -> LogSpan {
        LogSpan { restore_epoch, end }
    }

    #[test]
    fn two_logs_share_what_they_begin_with() {
        let first = [span(1, 60)];
        assert_eq!(shared(&first, &[span(1, 50), span(2, 80)]), 50, "restored at 50");
        assert_eq!(shared(&[span(1, 50), span(2, 70)], &[span(1, 50), span(2, 65)]), 65);
        let skipped = [span(1, 50), span(2, 70)];
        assert_eq!(shared(&skipped, &[span(1, 50), span(3, 90)]), 50, "epoch 2 was lost whole");
        assert_eq!(shared(&skipped, &[span(1, 40), span(3, 90)]), 40, "of an older backup");
        assert_eq!(shared(&first, &[]), 0);
    }

    #[test]
    fn a_batch_proves_itself_with_all_its_leaves_only() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let tenant = TenantId::from_bytes([2; 16]);
        let receipt = Receipt::sign(&key, tenant, 7, &[(4, [5; 32]), (6, [7; 32])]);
        let batch = RelayBatch { receipt, leaves: vec![[5; 32], [7; 32]], envelopes: Vec::new() };
        let public = key.verifying_key();
        assert!(batch.is_signed(&public, tenant));
        assert_eq!((batch.leaf(6), batch.leaf(5)), (Some([7; 32]), None));
        let short = RelayBatch { leaves: vec![[5; 32]], ..batch.clone() };
        assert!(!short.is_signed(&public, tenant));
        let swapped = RelayBatch { leaves: vec![[7; 32], [5; 32]], ..batch };
        assert!(!swapped.is_signed(&public, tenant));
    }
}
