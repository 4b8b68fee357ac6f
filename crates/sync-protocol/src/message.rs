//! The two messages of an exchange, and what a device pushes.

use roadbook_domain::{
    ChangeHash, DocumentKey, Entity, Hlc, IntentId, IntentKind, Operation, RecordId, UserId,
};
use roadbook_merge::{Digest, Envelope, Header, Part, SaltKey};
use serde::{Deserialize, Serialize};

use crate::page::Page;
use crate::receipt::Receipt;
use crate::verdict::Verdict;

/// Where a device is in the log. Opaque to the device; made and read by the server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor(pub Vec<u8>);

/// What the device says of itself in every exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHello {
    /// The version of the client, as major * 1_000_000 + minor * 1_000 + patch.
    pub client_version: u32,
    /// The newest mutator version that the device knows.
    pub mutator_version: u16,
    /// The version of its schema table.
    pub schema_version: u32,
    /// Its install epoch.
    pub install_epoch: u32,
    /// The number of the last envelope that it made in this install epoch.
    pub last_number: u64,
    /// The restore epoch of the server that it last spoke to; 0 before the first exchange.
    pub restore_epoch: u64,
    /// Its wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
}

/// What the server says of itself in every exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHello {
    /// Its wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
    /// Raised by every restore from a backup.
    pub restore_epoch: u64,
    /// The number of the last envelope that it judged of this device and install epoch. A device
    /// that has made fewer was itself restored.
    pub last_number: u64,
    /// The policies in force.
    pub policy_version: u32,
    /// Envelopes up to this place in the log are in a verified backup.
    pub backup_watermark: u64,
    /// The end of the log.
    pub head: u64,
}

/// One part as it is pushed: without what the server computes itself (salt, slot digests).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushPart {
    /// The place of its record among the envelope's records.
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
    /// The heads that the person saw; `None` means exactly the device's previous change of this
    /// document in this batch.
    pub basis: Option<Vec<ChangeHash>>,
    /// Raised by each rollback.
    pub branch: u32,
    /// The hash of the change.
    pub change: ChangeHash,
}

/// One envelope as it is pushed. Tenant, user, device and install epoch are the session's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushEnvelope {
    /// The intent.
    pub intent: IntentId,
    /// Its number.
    pub number: u64,
    /// Its time.
    pub clock: Hlc,
    /// The client that made it.
    pub client_version: u32,
    /// The mutators that made its changes.
    pub mutator_version: u16,
    /// The policies that the device evaluated.
    pub policy_version: u32,
    /// All its parts.
    pub parts: Vec<PushPart>,
}

/// A signed batch of envelopes, in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushBatch {
    /// The envelopes.
    pub envelopes: Vec<PushEnvelope>,
    /// The device's Ed25519 signature of the batch's Merkle root (64 bytes).
    pub signature: Vec<u8>,
}

/// Where to go on reading the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// Where the device is.
    pub cursor: Cursor,
    /// About how large the page may be, in bytes before compression.
    pub max_bytes: u32,
}

/// Unsent work that a device hands over before it purges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// The intent.
    pub intent: IntentId,
    /// Its envelope, in postcard form, as the device holds it.
    pub envelope: Vec<u8>,
    /// Why it is handed over, as a stable word: `forgotten`, `revoked`.
    pub reason: String,
}

/// What a device sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRequest {
    /// The device.
    pub hello: ClientHello,
    /// New envelopes.
    pub push: Option<PushBatch>,
    /// Go on reading the log.
    pub pull: Option<PullRequest>,
    /// Unsent work on records that were forgotten, handed over before it is purged.
    pub quarantine: Vec<Quarantined>,
    /// Documents that were purged after a `forget`.
    pub purged: Vec<DocumentKey>,
    /// Asks for the checksum of everything that the device should hold at the end of the log.
    pub verify: bool,
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncResponse {
    /// The server.
    pub hello: ServerHello,
    /// One verdict per pushed intent, in order.
    pub verdicts: Vec<(IntentId, Verdict)>,
    /// The receipt of the pushed envelopes that were taken in.
    pub receipt: Option<Receipt>,
    /// A page of the log.
    pub page: Option<Page>,
    /// Intents whose quarantine is acknowledged.
    pub quarantined: Vec<IntentId>,
    /// The checksum, if it was asked for and the device is at the end of the log.
    pub checksum: Option<Checksum>,
}

/// What a device should hold, so that it can prove that it does (D6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// The place in the log that it speaks of.
    pub seq: u64,
    /// How many documents.
    pub documents: u64,
    /// The bytewise XOR over all documents of SHA-256(document key, heads sorted).
    pub digest: Digest,
}

impl Checksum {
    /// The term of one document.
    #[must_use]
    pub fn term(document: &DocumentKey, heads: &[ChangeHash]) -> Digest {
        use sha2::{Digest as _, Sha256};
        let mut hasher = Sha256::new();
        hasher.update(b"roadbook checksum 1");
        hasher.update(document.to_bytes());
        for head in heads {
            hasher.update(head.0);
        }
        hasher.finalize().into()
    }

    /// Takes one document in.
    pub fn add(&mut self, document: &DocumentKey, heads: &[ChangeHash]) {
        self.documents += 1;
        for (byte, other) in self.digest.iter_mut().zip(Self::term(document, heads)) {
            *byte ^= other;
        }
    }
}

/// Who pushed a batch: the fields of a header that the session knows.
#[derive(Debug, Clone, Copy)]
pub struct PushedBy {
    /// The tenant.
    pub tenant: roadbook_domain::TenantId,
    /// The user.
    pub user: UserId,
    /// The device.
    pub device: roadbook_domain::DeviceId,
    /// Its install epoch.
    pub install_epoch: u32,
}

impl PushBatch {
    /// Packs envelopes for the wire, leaving out what the server computes.
    #[must_use]
    pub fn pack(envelopes: &[Envelope], signature: [u8; 64]) -> Self {
        let mut previous: Vec<(DocumentKey, ChangeHash)> = Vec::new();
        let mut out = Vec::with_capacity(envelopes.len());
        for envelope in envelopes {
            let header = &envelope.header;
            let mut parts = Vec::with_capacity(envelope.parts.len());
            for (part, _) in &envelope.parts {
                let last = previous.iter_mut().find(|(document, _)| *document == part.document);
                let builds_on_last =
                    last.as_ref().is_some_and(|(_, change)| part.basis == [*change]);
                match last {
                    Some((_, change)) => *change = part.change,
                    None => previous.push((part.document, part.change)),
                }
                parts.push(PushPart {
                    slot: part.slot,
                    document: part.document,
                    entity: part.entity,
                    kind: part.kind,
                    operations: part.operations.clone(),
                    rationale: part.rationale.clone(),
                    basis: (!builds_on_last).then(|| part.basis.clone()),
                    branch: part.branch,
                    change: part.change,
                });
            }
            out.push(PushEnvelope {
                intent: header.intent,
                number: header.number,
                clock: header.clock,
                client_version: header.client_version,
                mutator_version: header.mutator_version,
                policy_version: header.policy_version,
                parts,
            });
        }
        Self { envelopes: out, signature: signature.to_vec() }
    }

    /// Restores the sealed envelopes: salts and digests are computed from the device's salt key.
    #[must_use]
    pub fn unpack(self, by: &PushedBy, key: &SaltKey) -> Vec<Envelope> {
        let mut previous: std::collections::HashMap<DocumentKey, ChangeHash> =
            std::collections::HashMap::new();
        let mut out = Vec::with_capacity(self.envelopes.len());
        for pushed in self.envelopes {
            let header = Header {
                intent: pushed.intent,
                tenant: by.tenant,
                user: by.user,
                device: by.device,
                install_epoch: by.install_epoch,
                number: pushed.number,
                clock: pushed.clock,
                client_version: pushed.client_version,
                mutator_version: pushed.mutator_version,
                policy_version: pushed.policy_version,
                slots: Vec::new(),
            };
            let mut parts = Vec::with_capacity(pushed.parts.len());
            for part in pushed.parts {
                let last = previous.insert(part.document, part.change);
                parts.push(Part {
                    slot: part.slot,
                    document: part.document,
                    entity: part.entity,
                    kind: part.kind,
                    operations: part.operations,
                    rationale: part.rationale,
                    basis: part.basis.unwrap_or_else(|| last.into_iter().collect()),
                    branch: part.branch,
                    change: part.change,
                });
            }
            out.push(Envelope::seal(header, parts, key));
        }
        out
    }
}

/// The records that an envelope touches, without doubles.
#[must_use]
pub fn records_of(envelope: &Envelope) -> Vec<RecordId> {
    let mut out: Vec<RecordId> =
        envelope.parts.iter().map(|(part, _)| part.document.record).collect();
    out.sort();
    out.dedup();
    out
}
