//! One value of every wire type, with every field filled and no two alike.

use roadbook_domain::value::LogEntry;
use roadbook_domain::{
    ChangeHash, ConflictId, Currency, DeviceId, DocumentKey, Entity, Facet, FieldEdit, Hlc,
    IntentId, IntentKind, Money, Operation, RecordId, TenantId, UserId, Value,
};
use roadbook_merge::journal::Settled;
use roadbook_merge::{Envelope, Header, JournalEntry, Part};
use roadbook_sync_protocol::message::PushedBy;
use roadbook_sync_protocol::verdict::Denial;
use roadbook_sync_protocol::{
    Checksum, ClientHello, Cursor, HistoryEntry, LogItem, LogSpan, Outcome, Page, PageItem,
    Provenance, PullRequest, PushBatch, PushEnvelope, PushPart, Quarantined, Receipt, RelayBatch,
    RelayRequest, RelayResponse, Relayed, ServerHello, Snapshot, Standing, SyncRequest,
    SyncResponse, Verdict,
};
use roadbook_sync_protocol::{HistoryRequest, HistoryResponse, PastEntry};

pub(crate) const SALT_KEY: [u8; 32] = [9; 32];

pub(crate) fn key(n: u8, facet: Facet) -> DocumentKey {
    DocumentKey { record: RecordId::from_bytes([n; 16]), facet, generation: 2 }
}

pub(crate) fn change(n: u8) -> ChangeHash {
    ChangeHash([n; 32])
}

pub(crate) fn intent(n: u8) -> IntentId {
    IntentId::from_bytes([n; 16])
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// Every kind of value.
pub(crate) fn values() -> Vec<Value> {
    vec![
        Value::Null,
        text("Caf\u{e9}"),
        Value::Integer(-5),
        Value::Boolean(true),
        Value::Money(Money::new(1_200_050, Currency::EUR)),
        Value::Percent(1_250),
        Value::Date(jiff::civil::date(2026, 11, 20)),
        Value::Instant(1_700_000_000_000),
        Value::Reference(RecordId::from_bytes([3; 16])),
        Value::Set(vec!["a".into(), "b".into()]),
        Value::Log(vec![LogEntry { at_ms: 7, text: "Proposal".into() }]),
    ]
}

/// Every kind of operation.
pub(crate) fn operations() -> Vec<Operation> {
    let edit = |field: &str| FieldEdit { field: field.into(), from: Value::Null, to: text("x") };
    vec![
        Operation::Create { fields: vec![("name".into(), text("Pumps"))] },
        Operation::Edit(edit("next_step")),
        Operation::EditText { field: "body".into(), base: "a".into(), text: "ab".into() },
        Operation::Adjust { field: "visits".into(), by: -1 },
        Operation::Move { edit: edit("stage") },
        Operation::ChangeSet {
            field: "tags".into(),
            add: vec!["new".into()],
            remove: vec!["old".into()],
        },
        Operation::Delete,
        Operation::Restore,
        Operation::Resolve { field: "amount".into(), sides: vec![change(1)], choice: text("x") },
        Operation::Propose { field: "amount".into(), value: text("x"), why: "so".into() },
    ]
}

pub(crate) const KINDS: [IntentKind; 13] = [
    IntentKind::Create,
    IntentKind::EditFields,
    IntentKind::AdjustCounter,
    IntentKind::MoveStage,
    IntentKind::LogActivity,
    IntentKind::CompleteTask,
    IntentKind::Tag,
    IntentKind::AddNote,
    IntentKind::Delete,
    IntentKind::Restore,
    IntentKind::ResolveConflict,
    IntentKind::ProposeInConflict,
    IntentKind::ConvertLead,
];

pub(crate) fn hello() -> ClientHello {
    ClientHello {
        client_version: 1_002_003,
        mutator_version: 4,
        schema_version: 5,
        install_epoch: 6,
        last_number: 7,
        restore_epoch: 8,
        wall_ms: 1_700_000_000_009,
    }
}

pub(crate) fn server_hello() -> ServerHello {
    ServerHello {
        wall_ms: 1_700_000_000_001,
        restore_epoch: 2,
        last_number: 3,
        policy_version: 4,
        backup_watermark: 5,
        head: 6,
    }
}

pub(crate) fn pushed_by() -> PushedBy {
    PushedBy {
        tenant: TenantId::from_bytes([1; 16]),
        user: UserId::from_bytes([2; 16]),
        device: DeviceId::from_bytes([3; 16]),
        install_epoch: 4,
    }
}

pub(crate) fn header(number: u8) -> Header {
    let by = pushed_by();
    Header {
        intent: intent(number),
        tenant: by.tenant,
        user: by.user,
        device: by.device,
        install_epoch: by.install_epoch,
        number: u64::from(number),
        clock: Hlc::new(1_700_000_000_000 + i64::from(number), 1),
        client_version: 1_002_003,
        mutator_version: 1,
        policy_version: 2,
        slots: Vec::new(),
    }
}

pub(crate) fn part(document: DocumentKey, basis: Vec<ChangeHash>, made: u8) -> Part {
    Part {
        slot: 0,
        document,
        entity: Entity::Opportunity,
        kind: IntentKind::EditFields,
        operations: operations(),
        rationale: Some("on the phone".into()),
        basis,
        branch: 1,
        change: change(made),
    }
}

pub(crate) fn envelope() -> Envelope {
    let parts = vec![
        part(key(1, Facet::Confidential), vec![], 3),
        part(key(1, Facet::Internal), vec![change(1), change(2)], 4),
    ];
    Envelope::seal(header(5), parts, &SALT_KEY)
}

pub(crate) fn push_part() -> PushPart {
    let part = part(key(1, Facet::Internal), vec![], 4);
    PushPart {
        slot: part.slot,
        document: part.document,
        entity: part.entity,
        kind: part.kind,
        operations: part.operations,
        rationale: part.rationale,
        basis: Some(vec![change(1)]),
        branch: part.branch,
        change: part.change,
    }
}

pub(crate) fn push_envelope() -> PushEnvelope {
    let header = header(5);
    let last = PushPart { basis: None, rationale: None, ..push_part() };
    PushEnvelope {
        intent: header.intent,
        number: header.number,
        clock: header.clock,
        client_version: header.client_version,
        mutator_version: header.mutator_version,
        policy_version: header.policy_version,
        parts: vec![push_part(), last],
    }
}

pub(crate) fn batch() -> PushBatch {
    PushBatch { envelopes: vec![push_envelope()], signature: vec![7; 64] }
}

pub(crate) fn conflict() -> ConflictId {
    let record = RecordId::from_bytes([2; 16]);
    ConflictId { intent: intent(1), record, field: "amount".into() }
}

pub(crate) fn receipt() -> Receipt {
    Receipt { restore_epoch: 1, seqs: vec![2, 300], signature: vec![4; 64] }
}

/// Every kind of verdict.
pub(crate) fn verdicts() -> Vec<Verdict> {
    let denial = Denial {
        code: "policy".into(),
        reason: "why".into(),
        remedy: "what to do".into(),
        field: Some("owner".into()),
        policy: Some("rep_edits".into()),
    };
    vec![
        Verdict::Applied { seq: 1 },
        Verdict::Merged { seq: 2 },
        Verdict::Review { seq: 3, conflicts: vec![conflict()] },
        Verdict::Denied(denial),
        Verdict::Held { waits_for: intent(4), reason: "reads it".into() },
        Verdict::Rebase { reason: "clock".into(), clock_offset_ms: Some(-5) },
        Verdict::Duplicate(Box::new(Verdict::Applied { seq: 6 })),
    ]
}

/// Every way in which a merge settles something.
pub(crate) fn journal() -> Vec<JournalEntry> {
    let settled = [
        Settled::LaterKept,
        Settled::MovesJoined,
        Settled::AddingWon,
        Settled::Revived,
        Settled::TextsMerged,
        Settled::Summed,
        Settled::Decided,
    ];
    let entry = |settled| JournalEntry {
        field: "next_step".into(),
        settled,
        kept: text("visit"),
        set_aside: vec![(text("call"), change(1))],
    };
    settled.map(entry).to_vec()
}

pub(crate) fn outcome() -> Outcome {
    Outcome { journal: journal(), opened: vec![conflict()], closed: vec![conflict(), conflict()] }
}

pub(crate) fn log_item() -> LogItem {
    LogItem {
        seq: 300,
        accepted_ms: 1_700_000_000_002,
        envelope: envelope(),
        raw: vec![vec![1, 2], vec![]],
        outcomes: vec![outcome(), Outcome::default()],
    }
}

pub(crate) fn provenance() -> Provenance {
    Provenance {
        change: change(1),
        intent: intent(2),
        kind: IntentKind::MoveStage,
        user: UserId::from_bytes([3; 16]),
        device: DeviceId::from_bytes([4; 16]),
        clock: Hlc::new(1_700_000_000_000, 5),
        client_version: 6,
        policy_version: 7,
        seq: 8,
        rationale: Some("why".into()),
    }
}

pub(crate) fn snapshot() -> Snapshot {
    let history =
        HistoryEntry { made_by: provenance(), operations: operations(), journal: journal() };
    Snapshot {
        document: key(1, Facet::Confidential),
        entity: Entity::Opportunity,
        seq: 2,
        bytes: vec![3; 5],
        provenance: vec![provenance()],
        conflicts: vec![conflict()],
        history: vec![history],
    }
}

pub(crate) fn page() -> Page {
    Page {
        items: vec![
            PageItem::Forget(key(7, Facet::Internal)),
            PageItem::Snapshot(snapshot()),
            PageItem::Accepted(log_item()),
        ],
        next: Cursor(vec![1, 2, 3]),
        position: 4,
        more: true,
        remaining: 5,
        receipt: Some(receipt()),
        devices: vec![(DeviceId::from_bytes([4; 16]), "Ben's phone".into())],
    }
}

pub(crate) fn request() -> SyncRequest {
    SyncRequest {
        hello: hello(),
        push: Some(batch()),
        pull: Some(PullRequest { cursor: Cursor(vec![1]), max_bytes: 1_000_000 }),
        quarantine: vec![Quarantined {
            intent: intent(1),
            envelope: vec![2, 3],
            reason: "forgotten".into(),
        }],
        purged: vec![key(8, Facet::Internal)],
        verify: true,
    }
}

pub(crate) fn response() -> SyncResponse {
    SyncResponse {
        hello: server_hello(),
        verdicts: verdicts().into_iter().map(|verdict| (intent(9), verdict)).collect(),
        receipt: Some(receipt()),
        page: Some(page()),
        quarantined: vec![intent(1)],
        checksum: Some(Checksum { seq: 1, documents: 2, digest: [3; 32] }),
    }
}

pub(crate) fn relay_request() -> RelayRequest {
    let envelopes = vec![Relayed { seq: 300, envelope: envelope() }];
    let leaves = vec![[8; 32], envelope().header.leaf()];
    RelayRequest { batches: vec![RelayBatch { receipt: receipt(), leaves, envelopes }] }
}

/// Every way in which a relayed envelope can stand.
pub(crate) fn standings() -> Vec<Standing> {
    vec![
        Standing::InLog { seq: 1 },
        Standing::Replaced { seq: 2 },
        Standing::Waiting,
        Standing::Refused { code: "bad_receipt".into(), reason: "why".into() },
    ]
}

pub(crate) fn relay_response() -> RelayResponse {
    RelayResponse {
        restore_epoch: 3,
        log: vec![LogSpan { restore_epoch: 1, end: 200 }],
        standings: standings().into_iter().map(|standing| (intent(9), standing)).collect(),
    }
}

pub(crate) fn history_request() -> HistoryRequest {
    HistoryRequest { record: RecordId::from_bytes([5; 16]), before: Some(300) }
}

pub(crate) fn history_response() -> HistoryResponse {
    let entry = snapshot().history.remove(0);
    let document = snapshot().document;
    HistoryResponse {
        entries: vec![PastEntry { document, accepted_ms: 1_700_000_000_000, entry }],
        more: true,
        devices: vec![(DeviceId::from_bytes([7; 16]), "Ana's phone".into())],
    }
}
