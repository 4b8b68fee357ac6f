//! A device for the benches: a real replica in a temporary folder, enrolled without a server.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use roadbook_domain::{
    Currency, DeviceId, DocumentKey, Entity, FieldEdit, Hlc, Intent, IntentId, Money, RecordId,
    Schema, TenantId, UserId, Value,
};
use roadbook_merge::mutator::perform;
use roadbook_merge::{Author, Document, MUTATOR_VERSION, Stamp};
use roadbook_replica::{
    CommitStamp, CreateDevice, Durability, Enrolment, Entropy, KeyCost, Replica, Settings, Unlock,
};
use roadbook_sync_protocol::{
    Cursor, HistoryEntry, Page, PageItem, Provenance, ServerHello, Snapshot, SyncResponse,
};
use tempfile::TempDir;
use uuid::Uuid;

/// Wall time at the start of a bench, in milliseconds since 1970.
pub const START_MS: i64 = 1_780_000_000_000;

/// A valid Ed25519 key whose owner is nobody: the curve's base point (RFC 8032, 5.1).
const BASE_POINT: [u8; 32] = {
    let mut bytes = [0x66; 32];
    bytes[0] = 0x58;
    bytes
};

/// The user of bench devices.
pub const USER: UserId = UserId::from_bytes([0x11; 16]);

/// Bytes that count up: fine for a key that guards nothing.
pub struct Counting(pub u64);

impl Entropy for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = self.0.to_be_bytes()[0];
        }
    }
}

/// The `n`-th id of a kind, in the shape of a UUIDv7.
#[must_use]
pub fn id(kind: u8, n: u64) -> Uuid {
    let millis = u64::try_from(START_MS).unwrap_or(0) + n;
    let mut random = [kind; 10];
    random[2..].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// What the shipped programs use, but for the cost of guessing the passphrase.
#[must_use]
pub const fn settings(durability: Durability) -> Settings {
    Settings {
        durability,
        key_cost: KeyCost::least(),
        open_documents: Settings::shipped().open_documents,
        page_cache_kib: Settings::shipped().page_cache_kib,
        database_max_kib: None,
    }
}

/// How bench devices are opened.
#[must_use]
pub fn unlock() -> Unlock {
    Unlock::Passphrase("bench".to_owned())
}

/// A device with its own wall clock and ids.
pub struct Device {
    /// Its folder; removed with it.
    pub dir: TempDir,
    /// The replica.
    pub replica: Replica,
    /// Counts intents and milliseconds.
    pub n: u64,
}

impl Device {
    /// Makes a device.
    ///
    /// # Errors
    /// If the folder or the database cannot be made.
    pub fn new(durability: Durability) -> Result<Self> {
        let dir = tempfile::tempdir().context("a temporary folder")?;
        let device = CreateDevice { device: DeviceId(id(9, 1)), name: "bench".to_owned() };
        let mut entropy = Counting(1);
        let mut replica = Replica::create(
            dir.path(),
            &device,
            Schema::crm(),
            &unlock(),
            &settings(durability),
            &mut entropy,
        )?;
        replica.enrol(&enrolment(), &mut entropy)?;
        Ok(Self { dir, replica, n: 0 })
    }

    /// Closes it. Its database is one file then.
    #[must_use]
    pub fn close(self) -> Closed {
        let Self { dir, replica, n } = self;
        drop(replica);
        Closed { dir, n }
    }

    /// Opens a device that is there.
    ///
    /// # Errors
    /// If the database cannot be opened.
    pub fn reopen(dir: &Path, durability: Durability) -> Result<Replica> {
        Ok(Replica::open(dir, Schema::crm(), &unlock(), &settings(durability))?)
    }

    /// Takes in opportunities as a first sync brings them: snapshots, a thousand a page.
    ///
    /// # Errors
    /// If a page is not taken in.
    pub fn receive(&mut self, opportunities: Range<u64>) -> Result<()> {
        let numbers: Vec<u64> = opportunities.collect();
        for page in numbers.chunks(1_000) {
            let items = page.iter().map(|n| snapshot(*n)).collect::<Result<_>>()?;
            let answer = answer(items, page.last().copied().unwrap_or(0));
            self.replica.take_in(answer, START_MS)?;
        }
        Ok(())
    }

    /// Saves an intent.
    ///
    /// # Errors
    /// If it is refused.
    pub fn commit(&mut self, intent: &Intent) -> Result<()> {
        self.n += 1;
        let wall_ms = START_MS + i64::try_from(self.n)?;
        let stamp = CommitStamp { intent: IntentId(id(7, self.n)), wall_ms, rationale: None };
        self.replica.commit(intent, &stamp)?;
        Ok(())
    }
}

/// A device that is closed.
pub struct Closed {
    /// Its folder; removed with it.
    pub dir: TempDir,
    n: u64,
}

impl Closed {
    /// Opens it again.
    ///
    /// # Errors
    /// If the database cannot be opened.
    pub fn open(self, durability: Durability) -> Result<Device> {
        let replica = Device::reopen(self.dir.path(), durability)?;
        Ok(Device { dir: self.dir, replica, n: self.n })
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.dir.path().join("device.db")
    }

    /// A twin in another folder: the same database, key and counters.
    ///
    /// # Errors
    /// If it cannot be copied.
    pub fn copy(&self) -> Result<Self> {
        let dir = tempfile::tempdir().context("a temporary folder")?;
        for entry in std::fs::read_dir(self.dir.path())? {
            let from = entry?.path();
            let name = from.file_name().context("a file has a name")?;
            std::fs::copy(&from, dir.path().join(name))?;
        }
        Ok(Self { dir, n: self.n })
    }
}

/// An opportunity as the server sends it to who may see it newly.
fn snapshot(n: u64) -> Result<PageItem> {
    let schema = Schema::crm();
    let intent = make_opportunity(n);
    let steps = intent.plan(&schema)?;
    let step = steps.first().context("an opportunity has an internal document")?;
    let document = DocumentKey::first(step.record, step.facet);
    let mut made = Document::new(document);
    let clock = Hlc::new(START_MS + i64::try_from(n)?, 0);
    let device = DeviceId(id(9, 2));
    let stamp = Stamp {
        author: Author { device, install_epoch: 1, branch: 0 },
        clock,
        intent: IntentId(id(7, n)),
    };
    let operations = &step.operations;
    let performed =
        perform(MUTATOR_VERSION, &schema, &mut made, step.entity, &stamp, &[], operations)?;
    let made_by = Provenance {
        change: performed.change,
        intent: stamp.intent,
        kind: intent.kind(),
        user: USER,
        device,
        clock,
        client_version: 1_000,
        policy_version: 1,
        seq: n + 1,
        rationale: None,
    };
    Ok(PageItem::Snapshot(Snapshot {
        document,
        entity: step.entity,
        seq: n + 1,
        bytes: made.save(),
        provenance: Vec::new(),
        conflicts: Vec::new(),
        history: vec![HistoryEntry { made_by, operations: Vec::new(), journal: Vec::new() }],
    }))
}

fn answer(items: Vec<PageItem>, position: u64) -> SyncResponse {
    SyncResponse {
        hello: ServerHello {
            wall_ms: START_MS,
            restore_epoch: 1,
            last_number: 0,
            policy_version: 1,
            backup_watermark: 0,
            head: position,
        },
        verdicts: Vec::new(),
        receipt: None,
        page: Some(Page {
            items,
            next: Cursor(position.to_be_bytes().to_vec()),
            position,
            more: false,
            remaining: 0,
            receipt: None,
            devices: Vec::new(),
        }),
        quarantined: Vec::new(),
        checksum: None,
    }
}

fn enrolment() -> Enrolment {
    Enrolment {
        server_url: "http://127.0.0.1:1".into(),
        tenant_name: "bench".into(),
        tenant: TenantId::from_bytes([1; 16]),
        user: USER,
        user_name: "Bench".into(),
        role: "Administrator".into(),
        server_key: BASE_POINT,
        recovery_key: [9; 32],
        salt_key: [3; 32],
        restore_epoch: 1,
    }
}

/// The id of the `n`-th opportunity.
#[must_use]
pub fn opportunity(n: u64) -> RecordId {
    RecordId(id(1, n))
}

const FIRST: [&str; 16] = [
    "Acme", "Bolt", "Cyan", "Delta", "Eiger", "Fjord", "Grün", "Håkon", "Ionic", "Jäger", "Krön",
    "Lumen", "Müller", "Nordic", "Orion", "Pálma",
];
const SECOND: [&str; 12] = [
    "Renewal",
    "Expansion",
    "Service",
    "Pump",
    "Valve",
    "Licence",
    "Heating",
    "Trial",
    "Upgrade",
    "Façade",
    "Roofing",
    "Cooling",
];

fn pick(list: &[&str], n: u64) -> String {
    list[usize::try_from(n).unwrap_or(0) % list.len()].to_owned()
}

/// The name of the `n`-th opportunity.
fn name(n: u64) -> String {
    format!("{} {} {}", pick(&FIRST, n), pick(&SECOND, n / 16), n)
}

/// The tag of the `n`-th opportunity.
fn tag(n: u64) -> String {
    pick(&["hot", "cold", "new"], n)
}

/// The intent that makes the `n`-th opportunity: eight fields, as a rep fills them in.
#[must_use]
pub fn make_opportunity(n: u64) -> Intent {
    let stage = pick(&["Prospecting", "Qualification", "Needs analysis", "Closed won"], n / 3);
    let minor = i64::try_from(n % 97).unwrap_or(0) * 125_000 + 50_000;
    Intent::Create {
        record: opportunity(n),
        entity: Entity::Opportunity,
        fields: vec![
            ("name".into(), Value::Text(name(n))),
            ("account".into(), Value::Reference(RecordId(id(2, n / 4)))),
            ("stage".into(), Value::Text(stage)),
            ("amount".into(), Value::Money(Money::new(minor, Currency::EUR))),
            ("next_step".into(), Value::Text("Call the buyer".into())),
            ("owner".into(), Value::Reference(USER.into())),
            ("tags".into(), Value::Set(vec![tag(n)])),
        ],
    }
}

/// The intent that rewrites the next step of the `n`-th opportunity.
#[must_use]
pub fn edit_next_step(n: u64, from: &str, to: &str) -> Intent {
    Intent::EditFields {
        record: opportunity(n),
        entity: Entity::Opportunity,
        edits: vec![FieldEdit {
            field: "next_step".into(),
            from: Value::Text(from.into()),
            to: Value::Text(to.into()),
        }],
    }
}
