//! A device as the protocol wants it: accepted documents, pending envelopes, a cursor.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use roadbook_domain::{
    DocumentKey, Entity, Facet, HlcClock, Intent, IntentId, IntentKind, RecordId, Schema, Step,
    UserId, Value,
};
use roadbook_merge::mutator::perform;
use roadbook_merge::{Author, Document, Envelope, Header, MUTATOR_VERSION, Part, Stamp, view};
use roadbook_sync_protocol::proof::sign_batch;
use roadbook_sync_protocol::{
    Checksum, ClientHello, Cursor, LogItem, Page, PageItem, PullRequest, PushBatch, RelayBatch,
    RelayRequest, RelayResponse, Relayed, Snapshot, SyncRequest, SyncResponse, Verdict, batch_root,
};

use super::Trial;
use crate::ids::IdSource as _;
use crate::tenant::{Device, NewDevice, TenantError};

/// An envelope that waits, with the bytes of its changes.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) envelope: Envelope,
    bytes: Vec<Vec<u8>>,
}

/// What one full sync brought.
#[derive(Debug, Default)]
pub(crate) struct Synced {
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) snapshots: Vec<Snapshot>,
    pub(crate) accepted: Vec<LogItem>,
    pub(crate) forgotten: Vec<DocumentKey>,
    pub(crate) pages: usize,
    pub(crate) remaining: Vec<u64>,
}

/// A device.
#[derive(Debug, Clone)]
pub(crate) struct TrialDevice {
    pub(crate) device: Device,
    pub(crate) key: SigningKey,
    pub(crate) install_epoch: u32,
    pub(crate) number: u64,
    pub(crate) clock: HlcClock,
    pub(crate) branch: u32,
    pub(crate) cursor: Cursor,
    pub(crate) max_bytes: u32,
    pub(crate) schema: Schema,
    pub(crate) accepted: BTreeMap<DocumentKey, (Entity, Document)>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) rationale: Option<String>,
    /// Accepted envelopes under the receipts of their pages.
    pub(crate) kept: Vec<RelayBatch>,
}

impl TrialDevice {
    pub(super) fn enrolled(trial: &mut Trial, user: UserId) -> Self {
        let key = SigningKey::from_bytes(&trial.ids.secret());
        let new = NewDevice {
            id: trial.device_id(),
            user,
            name: "phone".to_owned(),
            public_key: key.verifying_key().to_bytes(),
        };
        let device = trial.tenant.enrol(&new, trial.now_ms).unwrap();
        Self {
            device,
            key,
            install_epoch: 1,
            number: 0,
            clock: HlcClock::default(),
            branch: 0,
            cursor: Cursor::default(),
            max_bytes: 1 << 20,
            schema: Schema::crm(),
            accepted: BTreeMap::new(),
            pending: Vec::new(),
            rationale: None,
            kept: Vec::new(),
        }
    }

    /// A document as the person sees it: accepted and pending.
    pub(crate) fn document(&self, key: DocumentKey) -> Document {
        let mut document =
            self.accepted.get(&key).map_or_else(|| Document::new(key), |(_, found)| found.clone());
        for pending in &self.pending {
            for ((part, _), bytes) in pending.envelope.parts.iter().zip(&pending.bytes) {
                if part.document == key {
                    document.apply(bytes).unwrap();
                }
            }
        }
        document
    }

    pub(crate) fn value(&self, record: RecordId, entity: Entity, field: &str) -> Value {
        let documents = Facet::ALL.map(|facet| self.document(DocumentKey::first(record, facet)));
        let documents: Vec<&Document> = documents.iter().collect();
        view(&self.schema, entity, &documents).value(field).clone()
    }

    pub(crate) fn has(&self, record: RecordId, facet: Facet) -> bool {
        self.accepted.contains_key(&DocumentKey::first(record, facet))
    }

    /// Plans, performs and seals an intent; it waits for the next sync.
    pub(crate) fn commit(&mut self, trial: &mut Trial, intent: &Intent) -> IntentId {
        let steps = intent.plan(&self.schema).unwrap();
        self.commit_steps(trial, intent.kind(), steps)
    }

    pub(crate) fn commit_steps(
        &mut self,
        trial: &mut Trial,
        kind: IntentKind,
        steps: Vec<Step>,
    ) -> IntentId {
        trial.now_ms += 1;
        let id = trial.ids.intent(trial.now_ms);
        self.issue(trial, id, kind, steps);
        id
    }

    /// Issues steps under an intent id, on what the person sees.
    pub(crate) fn issue(
        &mut self,
        trial: &Trial,
        intent: IntentId,
        kind: IntentKind,
        steps: Vec<Step>,
    ) {
        self.number += 1;
        let clock = self.clock.tick(trial.now_ms);
        let author = Author {
            device: self.device.id,
            install_epoch: self.install_epoch,
            branch: self.branch,
        };
        let mut records: Vec<RecordId> = Vec::new();
        let (mut parts, mut bytes) = (Vec::new(), Vec::new());
        for step in steps {
            if !records.contains(&step.record) {
                records.push(step.record);
            }
            let slot = records.iter().position(|record| *record == step.record).unwrap();
            let key = DocumentKey::first(step.record, step.facet);
            let mut document = self.document(key);
            let basis = document.heads();
            let stamp = Stamp { author, clock, intent };
            let performed = perform(
                MUTATOR_VERSION,
                &self.schema,
                &mut document,
                step.entity,
                &stamp,
                &basis,
                &step.operations,
            )
            .unwrap();
            bytes.push(performed.bytes);
            parts.push(Part {
                slot: u8::try_from(slot).unwrap(),
                document: key,
                entity: step.entity,
                kind,
                operations: step.operations,
                rationale: self.rationale.clone(),
                basis,
                branch: self.branch,
                change: performed.change,
            });
        }
        let header = Header {
            intent,
            tenant: trial.tenant.id(),
            user: self.device.user,
            device: self.device.id,
            install_epoch: self.install_epoch,
            number: self.number,
            clock,
            client_version: 1_000,
            mutator_version: MUTATOR_VERSION,
            policy_version: 1,
            slots: Vec::new(),
        };
        let envelope = Envelope::seal(header, parts, &self.device.salt_key);
        self.pending.push(Pending { envelope, bytes });
    }

    /// An envelope of before waits once more, as it was.
    pub(crate) fn resend(&mut self, envelope: Envelope) {
        self.pending.push(Pending { envelope, bytes: Vec::new() });
    }

    /// Changes the last pending envelope behind the back of the rules, and seals it again.
    pub(crate) fn forge(&mut self, change: impl FnOnce(&mut Header, &mut Vec<Part>)) {
        let pending = self.pending.last_mut().unwrap();
        let mut header = pending.envelope.header.clone();
        let mut parts: Vec<Part> =
            pending.envelope.parts.iter().map(|(part, _)| part.clone()).collect();
        change(&mut header, &mut parts);
        pending.envelope = Envelope::seal(header, parts, &self.device.salt_key);
    }

    pub(crate) fn hello(&self, trial: &Trial) -> ClientHello {
        ClientHello {
            client_version: 1_000,
            mutator_version: MUTATOR_VERSION,
            schema_version: self.schema.version(),
            install_epoch: self.install_epoch,
            last_number: self.number,
            restore_epoch: trial.tenant.restore_epoch(),
            wall_ms: trial.now_ms,
        }
    }

    /// The pending envelopes as a signed batch.
    pub(crate) fn batch(&self, trial: &Trial) -> PushBatch {
        let envelopes: Vec<Envelope> =
            self.pending.iter().map(|pending| pending.envelope.clone()).collect();
        let leaves: Vec<_> = envelopes.iter().map(|envelope| envelope.header.leaf()).collect();
        let root = batch_root(&leaves);
        let signature = sign_batch(&self.key, trial.tenant.id(), self.device.id, &root);
        PushBatch::pack(&envelopes, signature)
    }

    pub(crate) fn request(&self, trial: &Trial) -> SyncRequest {
        SyncRequest {
            hello: self.hello(trial),
            push: (!self.pending.is_empty()).then(|| self.batch(trial)),
            pull: Some(PullRequest { cursor: self.cursor.clone(), max_bytes: self.max_bytes }),
            quarantine: Vec::new(),
            purged: Vec::new(),
            verify: false,
        }
    }

    /// One exchange, as the session of an authenticated device.
    pub(crate) fn exchange(
        &self,
        trial: &Trial,
        request: SyncRequest,
    ) -> Result<SyncResponse, TenantError> {
        let device = trial.tenant.device(self.device.id)?.unwrap();
        trial.tenant.sync(&device, request, trial.now_ms)
    }

    /// Pushes what waits, without pulling.
    pub(crate) fn push(&mut self, trial: &Trial) -> Vec<Verdict> {
        let request = SyncRequest { pull: None, ..self.request(trial) };
        let response = self.exchange(trial, request).unwrap();
        let leaves: Vec<_> = self
            .pending
            .iter()
            .zip(&response.verdicts)
            .filter(|(_, (_, verdict))| !matches!(verdict, Verdict::Duplicate(_)))
            .filter_map(|(pending, (_, verdict))| {
                Some((verdict.seq()?, pending.envelope.header.leaf()))
            })
            .collect();
        match &response.receipt {
            Some(receipt) => {
                let key = trial.tenant.keys().verifying();
                assert!(receipt.is_valid(&key, trial.tenant.id(), &leaves), "a good receipt");
            }
            None => assert!(leaves.is_empty(), "what was taken in has a receipt"),
        }
        response.verdicts.into_iter().map(|(_, verdict)| verdict).collect()
    }

    /// Pushes what waits and keeps only what was not denied, held or rebased.
    pub(crate) fn sync(&mut self, trial: &Trial) -> Synced {
        let mut synced = Synced::default();
        if !self.pending.is_empty() {
            synced.verdicts = self.push(trial);
            let mut verdicts = synced.verdicts.iter();
            self.pending.retain(|_| verdicts.next().unwrap().seq().is_some());
        }
        loop {
            let request = SyncRequest { push: None, ..self.request(trial) };
            let page = self.exchange(trial, request).unwrap().page.unwrap();
            let more = page.more;
            self.take_in(trial, page, &mut synced);
            if !more {
                return synced;
            }
            assert!(synced.pages < 10_000, "pages come to an end");
        }
    }

    /// Syncs work that must be taken in as it was meant.
    pub(crate) fn sync_clean(&mut self, trial: &Trial) -> Synced {
        let synced = self.sync(trial);
        for verdict in &synced.verdicts {
            assert!(verdict.seq().is_some(), "taken in: {verdict:?}");
        }
        assert!(self.pending.is_empty(), "own work came back");
        synced
    }

    /// Reads one page.
    pub(crate) fn page(&mut self, trial: &Trial, synced: &mut Synced) {
        let request = SyncRequest { push: None, ..self.request(trial) };
        let page = self.exchange(trial, request).unwrap().page.unwrap();
        self.take_in(trial, page, synced);
    }

    fn take_in(&mut self, trial: &Trial, page: Page, synced: &mut Synced) {
        let leaves: Vec<_> = page
            .items
            .iter()
            .filter_map(|item| match item {
                PageItem::Accepted(item) => Some(roadbook_sync_protocol::page::leaf(item)),
                PageItem::Forget(_) | PageItem::Snapshot(_) => None,
            })
            .collect();
        match &page.receipt {
            Some(receipt) => {
                let key = trial.tenant.keys().verifying();
                assert!(receipt.is_valid(&key, trial.tenant.id(), &leaves), "a good receipt");
            }
            None => assert!(leaves.is_empty(), "accepted envelopes come with a receipt"),
        }
        let mut kept = Vec::new();
        for item in page.items {
            match item {
                PageItem::Forget(key) => {
                    self.accepted.remove(&key);
                    synced.forgotten.push(key);
                }
                PageItem::Snapshot(snapshot) => {
                    let document = Document::load(snapshot.document, &snapshot.bytes).unwrap();
                    self.clock.observe(document.clock_at(&document.heads()));
                    self.accepted.insert(snapshot.document, (snapshot.entity, document));
                    synced.snapshots.push(snapshot);
                }
                PageItem::Accepted(item) => {
                    self.take_envelope(&item);
                    kept.push(Relayed { seq: item.seq, envelope: item.envelope.clone() });
                    synced.accepted.push(item);
                }
            }
        }
        if let Some(receipt) = page.receipt {
            let leaves = leaves.into_iter().map(|(_, leaf)| leaf).collect();
            self.kept.push(RelayBatch { receipt, leaves, envelopes: kept });
        }
        self.cursor = page.next;
        synced.pages += 1;
        synced.remaining.push(page.remaining);
    }

    /// Performs a colleague's operations again: they must make the same change.
    fn take_envelope(&mut self, item: &LogItem) {
        let envelope = &item.envelope;
        assert!(envelope.is_intact(), "the digests speak of these parts");
        assert!(!envelope.parts.is_empty(), "who sees no part sees no header");
        let header = &envelope.header;
        self.clock.observe(header.clock);
        for ((part, _), raw) in envelope.parts.iter().zip(&item.raw) {
            let author = Author {
                device: header.device,
                install_epoch: header.install_epoch,
                branch: part.branch,
            };
            let key = part.document;
            let entry =
                self.accepted.entry(key).or_insert_with(|| (part.entity, Document::new(key)));
            if entry.1.has(part.change) {
                continue;
            }
            let mut applied = entry.1.clone();
            applied.apply(raw).unwrap();
            let stamp = Stamp { author, clock: header.clock, intent: header.intent };
            let performed = perform(
                header.mutator_version,
                &self.schema,
                &mut entry.1,
                part.entity,
                &stamp,
                &part.basis,
                &part.operations,
            );
            let performed = match performed {
                Ok(performed) => performed,
                Err(refusal) => {
                    assert!(applied.has(part.change), "{refusal}, and no bytes of it came");
                    entry.1 = applied;
                    continue;
                }
            };
            assert_eq!(performed.change, part.change, "the same bytes everywhere");
            if !raw.is_empty() {
                assert_eq!(
                    applied.heads(),
                    entry.1.heads(),
                    "applying gives what performing gives"
                );
            }
        }
        self.pending.retain(|pending| pending.envelope.header.intent != header.intent);
    }

    /// Hands everything back that it keeps.
    pub(crate) fn relay(&self, trial: &Trial) -> RelayResponse {
        let request = RelayRequest { batches: self.kept.clone() };
        let device = trial.tenant.device(self.device.id).unwrap().unwrap();
        trial.tenant.relay(&device, request, trial.now_ms).unwrap()
    }

    /// What the device holds.
    pub(crate) fn checksum(&self, seq: u64) -> Checksum {
        let mut sum = Checksum { seq, documents: 0, digest: [0; 32] };
        for (key, (_, document)) in &self.accepted {
            sum.add(key, &document.heads());
        }
        sum
    }

    /// Asserts that the device holds exactly what the server says that its user sees.
    pub(crate) fn assert_equal(&self, trial: &Trial) {
        let request = SyncRequest { push: None, verify: true, ..self.request(trial) };
        let response = self.exchange(trial, request).unwrap();
        let theirs = response.checksum.expect("the device is at the end of the log");
        assert_eq!(self.checksum(theirs.seq), theirs);
    }
}
