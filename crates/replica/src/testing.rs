//! What the unit tests share: devices in temporary folders, and answers as a server gives them.

use std::path::Path;

use ed25519_dalek::SigningKey;
use roadbook_domain::{
    Currency, DeviceId, Entity, FieldEdit, Intent, IntentId, Money, RecordId, Schema, TenantId,
    UserId, Value,
};
use roadbook_merge::Envelope;
use roadbook_sync_protocol::{
    Cursor, LogItem, Outcome, Page, PageItem, Receipt, ServerHello, SyncResponse, Verdict,
};
use tempfile::TempDir;

use crate::key::Entropy;
use crate::settings::KeyCost;
use crate::{
    CommitError, CommitStamp, Committed, CreateDevice, Durability, Enrolment, Replica,
    RequestOptions, Settings, TakenIn, Unlock,
};

/// Bytes that count up from a seed: the same in every run, different for every draw.
pub(crate) struct Fixed(pub(crate) u8);

impl Entropy for Fixed {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            *byte = self.0;
            self.0 = self.0.wrapping_mul(5).wrapping_add(13);
        }
    }
}

pub(crate) const START_MS: i64 = 1_700_000_000_000;

pub(crate) fn settings() -> Settings {
    Settings {
        durability: Durability::Normal,
        key_cost: KeyCost::least(),
        open_documents: Settings::shipped().open_documents,
        page_cache_kib: Settings::shipped().page_cache_kib,
        database_max_kib: None,
    }
}

pub(crate) fn unlock() -> Unlock {
    Unlock::Passphrase("open sesame".into())
}

pub(crate) fn server_key() -> SigningKey {
    SigningKey::from_bytes(&[77; 32])
}

pub(crate) fn tenant() -> TenantId {
    TenantId::from_bytes([1; 16])
}

pub(crate) fn user(n: u8) -> UserId {
    UserId::from_bytes([n; 16])
}

pub(crate) fn enrolment(n: u8, role: &str) -> Enrolment {
    Enrolment {
        server_url: "http://127.0.0.1:1".into(),
        tenant_name: "acme".into(),
        tenant: tenant(),
        user: user(n),
        user_name: format!("User {n}"),
        role: role.into(),
        server_key: server_key().verifying_key().to_bytes(),
        recovery_key: [9; 32],
        salt_key: [n; 32],
        restore_epoch: 1,
    }
}

/// A device in a temporary folder, with its own clock and ids.
pub(crate) struct Device {
    pub(crate) dir: TempDir,
    pub(crate) replica: Replica,
    n: u8,
    made: u32,
    pub(crate) wall_ms: i64,
}

impl Device {
    pub(crate) fn new(n: u8, role: &str) -> Self {
        Self::with_schema(n, role, Schema::crm())
    }

    pub(crate) fn with_schema(n: u8, role: &str, schema: Schema) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let device =
            CreateDevice { device: DeviceId::from_bytes([n; 16]), name: format!("Device {n}") };
        let mut replica =
            Replica::create(dir.path(), &device, schema, &unlock(), &settings(), &mut Fixed(n))
                .unwrap();
        replica.enrol(&enrolment(n, role), &mut Fixed(n)).unwrap();
        Self { dir, replica, n, made: 0, wall_ms: START_MS }
    }

    pub(crate) fn reopen(&mut self, schema: Schema) {
        // The old one must let go of the file first.
        let dir = std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap());
        let other = Self::new(200, "Rep");
        let old = std::mem::replace(&mut self.replica, other.replica);
        drop(old);
        self.replica = open(dir.path(), schema);
        self.dir = dir;
    }

    pub(crate) fn id(&mut self) -> [u8; 16] {
        self.made += 1;
        let mut id = [0; 16];
        id[..4].copy_from_slice(&self.made.to_be_bytes());
        id[4] = self.n;
        id[6] = 0x70;
        id
    }

    pub(crate) fn stamp(&mut self) -> CommitStamp {
        self.wall_ms += 1_000;
        CommitStamp {
            intent: IntentId::from_bytes(self.id()),
            wall_ms: self.wall_ms,
            rationale: None,
        }
    }

    pub(crate) fn commit(&mut self, intent: &Intent) -> Result<Committed, CommitError> {
        let stamp = self.stamp();
        self.replica.commit(intent, &stamp)
    }

    pub(crate) fn create(&mut self, entity: Entity, fields: &[(&str, Value)]) -> RecordId {
        let record = RecordId::from_bytes(self.id());
        let fields =
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.commit(&Intent::Create { record, entity, fields }).unwrap();
        record
    }

    pub(crate) fn set(&mut self, record: RecordId, field: &str, to: Value) -> IntentId {
        let row = self.replica.record(record).unwrap().unwrap();
        let edit = FieldEdit { field: field.into(), from: row.value(field).clone(), to };
        let intent = Intent::EditFields { record, entity: row.entity, edits: vec![edit] };
        self.commit(&intent).unwrap().intent
    }

    pub(crate) fn value(&self, record: RecordId, field: &str) -> Value {
        self.replica.record(record).unwrap().unwrap().value(field).clone()
    }

    /// The envelopes that wait to be sent.
    pub(crate) fn envelopes(&self) -> Vec<Envelope> {
        let all = crate::pending::all(&self.replica.connection).unwrap();
        all.into_iter().map(|entry| entry.envelope).collect()
    }

    pub(crate) fn request(&mut self) -> roadbook_sync_protocol::SyncRequest {
        let wall_ms = self.wall_ms;
        self.replica.next_request(wall_ms, RequestOptions::shipped()).unwrap()
    }

    /// Takes an answer in. What it says was taken in of the push has the server's receipt.
    pub(crate) fn take_in(&mut self, mut response: SyncResponse) -> TakenIn {
        let wall_ms = self.wall_ms;
        if response.receipt.is_none() {
            response.receipt = self.receipt_for(&response);
        }
        self.replica.take_in(response, wall_ms).unwrap()
    }
}

impl Device {
    /// The server's receipt for what an answer says was taken in of the push.
    fn receipt_for(&self, response: &SyncResponse) -> Option<Receipt> {
        let sent = self.envelopes();
        let leaf = |intent: IntentId| {
            sent.iter().find(|it| it.header.intent == intent).map(|it| it.header.leaf())
        };
        let news = response.verdicts.iter().filter(|(_, it)| !matches!(it, Verdict::Duplicate(_)));
        let leaves: Vec<_> = news
            .filter_map(|(intent, it)| Some((it.seq()?, leaf(*intent).unwrap_or_default())))
            .collect();
        let epoch = response.hello.restore_epoch;
        (!leaves.is_empty()).then(|| Receipt::sign(&server_key(), tenant(), epoch, &leaves))
    }
}

pub(crate) fn open(dir: &Path, schema: Schema) -> Replica {
    Replica::open(dir, schema, &unlock(), &settings()).unwrap()
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(crate) fn euros(amount: i64) -> Value {
    Value::Money(Money::new(amount * 100, Currency::EUR))
}

/// An answer without anything in it.
pub(crate) fn answer() -> SyncResponse {
    SyncResponse {
        hello: ServerHello {
            wall_ms: START_MS,
            restore_epoch: 1,
            last_number: 0,
            policy_version: 1,
            backup_watermark: 0,
            head: 0,
        },
        verdicts: Vec::new(),
        receipt: None,
        page: None,
        quarantined: Vec::new(),
        checksum: None,
    }
}

/// An answer with verdicts.
pub(crate) fn verdicts(verdicts: Vec<(IntentId, Verdict)>) -> SyncResponse {
    SyncResponse { verdicts, ..answer() }
}

/// An answer with a page that ends at a place in the log.
pub(crate) fn page(items: Vec<PageItem>, position: u64) -> SyncResponse {
    let leaves: Vec<_> = items
        .iter()
        .filter_map(|item| match item {
            PageItem::Accepted(item) => Some(roadbook_sync_protocol::page::leaf(item)),
            PageItem::Forget(_) | PageItem::Snapshot(_) => None,
        })
        .collect();
    let receipt = Receipt::sign(&server_key(), tenant(), 1, &leaves);
    SyncResponse {
        page: Some(Page {
            items,
            next: Cursor(position.to_be_bytes().to_vec()),
            position,
            more: false,
            remaining: 0,
            receipt: Some(receipt),
            devices: vec![(DeviceId::from_bytes([0xDE; 16]), "Ben's phone".into())],
        }),
        ..answer()
    }
}

/// An accepted envelope at a place in the log.
pub(crate) fn accepted(seq: u64, envelope: &Envelope) -> PageItem {
    PageItem::Accepted(LogItem {
        seq,
        accepted_ms: START_MS,
        raw: vec![Vec::new(); envelope.parts.len()],
        outcomes: vec![Outcome::default(); envelope.parts.len()],
        envelope: envelope.clone(),
    })
}
