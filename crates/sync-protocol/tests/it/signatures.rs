//! What is signed keeps its form: keys, digests and signatures of fixed inputs.

use std::fmt::Write as _;

use ed25519_dalek::SigningKey;
use roadbook_sync_protocol::proof::{is_batch_signed, sign_batch};
use roadbook_sync_protocol::{Receipt, RequestProof, batch_root};

use crate::samples;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

#[test]
fn leaves_roots_and_signatures_keep_their_form() {
    let key = SigningKey::from_bytes(&[5; 32]);
    let by = samples::pushed_by();
    let leaves: Vec<_> = (1..=3).map(|n| samples::header(n).leaf()).collect();
    let mut out = String::new();
    for leaf in &leaves {
        writeln!(out, "leaf {}", hex(leaf)).unwrap();
    }
    for count in 0..=leaves.len() {
        writeln!(out, "root of {count} {}", hex(&batch_root(&leaves[..count]))).unwrap();
    }
    let root = batch_root(&leaves);
    let signature = sign_batch(&key, by.tenant, by.device, &root);
    writeln!(out, "batch {}", hex(&signature)).unwrap();
    let pairs: Vec<_> = (7_u64..).zip(leaves.iter().copied()).collect();
    let receipt = Receipt::sign(&key, by.tenant, 2, &pairs);
    writeln!(out, "receipt {}", hex(&receipt.signature)).unwrap();
    let proof = RequestProof::sign(&key, by.tenant, by.device, 3, "POST", "/v1/sync", b"body");
    writeln!(out, "proof {proof}").unwrap();
    insta::assert_snapshot!(out);

    let public = key.verifying_key();
    assert!(is_batch_signed(&public, by.tenant, by.device, &root, &signature));
    let other = batch_root(&leaves[..2]);
    assert!(!is_batch_signed(&public, by.tenant, by.device, &other, &signature));
    assert!(!is_batch_signed(&public, by.tenant, by.device, &root, &signature[1..]));
}
