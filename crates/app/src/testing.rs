//! What the tests share: a device in a temporary folder that belongs to a user with a role.

use ed25519_dalek::SigningKey;
use roadbook_api::Assignment;
use roadbook_api::commands::writes::CreateRecord;
use roadbook_domain::{
    DeviceId, DocumentKey, Entity, Hlc, Intent, IntentId, Operation, RecordId, Schema, TenantId,
    UserId, Value,
};
use roadbook_merge::journal::Settled;
use roadbook_merge::{
    Author, Document, Envelope, Header, JournalEntry, MUTATOR_VERSION, Part, Stamp, mutator,
};
use roadbook_replica::{Enrolment, Settings, Unlock};
use roadbook_sync_protocol::verdict::Denial;
use roadbook_sync_protocol::{
    Cursor, LogItem, Outcome, Page, PageItem, Receipt, ServerHello, SyncResponse, Verdict,
};
use tempfile::TempDir;

use crate::host::tests::TestHost;
use crate::host::{Host, HostEntropy};
use crate::{App, Device, KeyCost, Run as _};

/// When the server's clock stands still.
const START_MS: i64 = 1_700_000_000_000;

/// An app and the folder that it lives in.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) folder: TempDir,
}

impl std::ops::Deref for TestApp {
    type Target = App;
    fn deref(&self) -> &App {
        &self.app
    }
}

/// Ben's device, as if enrolled; there is no server.
pub(crate) fn device(role: &str) -> TestApp {
    device_of(0, "Ben", role)
}

/// The device of a user, as if enrolled. Its clock is three hours ahead of that of the one before.
pub(crate) fn device_of(number: u8, who: &str, role: &str) -> TestApp {
    let host = TestHost::new();
    host.0.fetch_add(i64::from(number) * 3 * 3_600_000, std::sync::atomic::Ordering::Relaxed);
    device_with(number, who, role, Box::new(host))
}

/// The device of a user with a clock of its own, as if enrolled.
pub(crate) fn device_with(number: u8, who: &str, role: &str, host: Box<dyn Host>) -> TestApp {
    let folder = tempfile::tempdir().unwrap();
    let unlock = Unlock::Passphrase("open sesame".into());
    let settings = Settings { key_cost: KeyCost::least(), ..Settings::shipped() };
    let device = Device { folder: folder.path(), unlock: &unlock, settings: &settings };
    let app = App::create(&device, &format!("{who}'s phone"), host).unwrap();
    let enrolment = Enrolment {
        server_url: "http://127.0.0.1:1".into(),
        tenant_name: "acme".into(),
        tenant: TenantId::from_bytes([1; 16]),
        user: UserId::from_bytes([2 + number; 16]),
        user_name: who.into(),
        role: role.into(),
        server_key: server_key().verifying_key().to_bytes(),
        recovery_key: [9; 32],
        salt_key: [4; 32],
        restore_epoch: 1,
    };
    let host = TestHost::new();
    app.with(|replica| replica.enrol(&enrolment, &mut HostEntropy(&host))).unwrap();
    TestApp { app, folder }
}

pub(crate) fn server_key() -> SigningKey {
    SigningKey::from_bytes(&[77; 32])
}

/// The server's log, as far as a test needs one: it takes everything in.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) items: Vec<LogItem>,
}

impl Log {
    /// Takes in what waits on a device, and gives it back to it. `late_ms` passed until then.
    pub(crate) fn accept(&mut self, from: &App, late_ms: i64) {
        for waiting in from.with(|replica| replica.surrendered()).unwrap() {
            let envelope: Envelope = postcard::from_bytes(&waiting.envelope).unwrap();
            self.items.push(LogItem {
                seq: self.items.len() as u64 + 1,
                accepted_ms: envelope.header.clock.millis() + late_ms,
                raw: vec![Vec::new(); envelope.parts.len()],
                outcomes: envelope.parts.iter().map(|(part, ..)| outcome(part)).collect(),
                envelope,
            });
        }
        self.read(from);
    }

    /// Takes in that a user has a role, as the server writes it into the directory.
    pub(crate) fn appoint(&mut self, user: UserId, role: &str) {
        let (seq, schema) = (self.items.len() as u64 + 1, Schema::crm());
        let record = RecordId::from_bytes(*user.as_bytes());
        let value = |text: &str| Value::Text(text.to_owned());
        let fields = vec![("name".into(), value("Ben")), ("role".into(), value(role))];
        let make = Intent::Create { record, entity: Entity::User, fields };
        let step = make.plan(&schema).unwrap().remove(0);
        let (intent, device) = (IntentId::from_bytes([0; 16]), DeviceId::from_bytes([0; 16]));
        let author = Author { device, install_epoch: 1, branch: 0 };
        let stamp = Stamp { author, clock: Hlc::new(START_MS, 0), intent };
        let key = DocumentKey::first(record, step.facet);
        let made = mutator::perform(
            MUTATOR_VERSION,
            &schema,
            &mut Document::new(key),
            step.entity,
            &stamp,
            &[],
            &step.operations,
        );
        let part = Part {
            slot: 0,
            document: key,
            entity: step.entity,
            kind: make.kind(),
            operations: step.operations,
            rationale: None,
            basis: Vec::new(),
            branch: 0,
            change: made.unwrap().change,
        };
        let header = Header {
            intent,
            tenant: TenantId::from_bytes([1; 16]),
            user: UserId::from_bytes([0; 16]),
            device,
            install_epoch: 1,
            number: seq,
            clock: stamp.clock,
            client_version: 0,
            mutator_version: MUTATOR_VERSION,
            policy_version: 1,
            slots: Vec::new(),
        };
        self.items.push(LogItem {
            seq,
            accepted_ms: START_MS,
            raw: vec![Vec::new()],
            outcomes: vec![Outcome::default()],
            envelope: Envelope::seal(header, vec![part], &[5; 32]),
        });
    }

    /// Gives everything to a device; what it has already is passed over.
    pub(crate) fn read(&self, to: &App) {
        let leaves: Vec<_> = self.items.iter().map(roadbook_sync_protocol::page::leaf).collect();
        let position = self.items.len() as u64;
        let page = Page {
            items: self.items.iter().cloned().map(PageItem::Accepted).collect(),
            next: Cursor(position.to_be_bytes().to_vec()),
            position,
            more: false,
            remaining: 0,
            receipt: Some(Receipt::sign(&server_key(), TenantId::from_bytes([1; 16]), 1, &leaves)),
            devices: Vec::new(),
        };
        take_in(to, SyncResponse { page: Some(page), ..answer() });
    }
}

/// What a server journals of a part: here only decisions, which it needs no document for.
fn outcome(part: &Part) -> Outcome {
    let mut journal = Vec::new();
    for operation in &part.operations {
        if let Operation::Resolve { field, choice, .. } = operation {
            journal.push(JournalEntry {
                field: field.clone(),
                settled: Settled::Decided,
                kept: choice.clone(),
                set_aside: Vec::new(),
            });
        }
    }
    Outcome { journal, ..Outcome::default() }
}

/// The server denies an intent of a device.
pub(crate) fn deny(app: &App, intent: IntentId) {
    let denial = Denial {
        code: "not_permitted".into(),
        reason: "a Rep may not write it".into(),
        remedy: "ask a Manager".into(),
        field: None,
        policy: None,
    };
    let verdicts = vec![(intent, Verdict::Denied(denial))];
    take_in(app, SyncResponse { verdicts, ..answer() });
}

/// The server says that a document is to be forgotten.
pub(crate) fn forget(app: &App, key: DocumentKey) {
    let page = Page {
        items: vec![PageItem::Forget(key)],
        next: Cursor(vec![1]),
        position: 1,
        more: false,
        remaining: 0,
        receipt: Some(Receipt::sign(&server_key(), TenantId::from_bytes([1; 16]), 1, &[])),
        devices: Vec::new(),
    };
    take_in(app, SyncResponse { page: Some(page), ..answer() });
}

fn take_in(app: &App, response: SyncResponse) {
    let wall_ms = app.host.wall_ms();
    app.with(|replica| replica.take_in(response, wall_ms)).unwrap();
}

/// The server's answer when there is nothing to say.
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

pub(crate) fn assignments(texts: &[&str]) -> Vec<Assignment> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Makes a record.
pub(crate) fn create(app: &App, entity: &str, values: &[&str]) -> RecordId {
    let assignments = assignments(values);
    app.run(CreateRecord { entity: entity.into(), assignments, why: None }).unwrap().link.record
}
