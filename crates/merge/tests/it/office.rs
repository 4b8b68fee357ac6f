//! A small office: devices that perform intents, a server that accepts them in order, and
//! replicas that take accepted envelopes in. A model of the log only: no gate, no network.

use std::collections::BTreeMap;

use roadbook_domain::{
    ChangeHash, Currency, DeviceId, DocumentKey, Entity, Facet, FieldEdit, HlcClock, Intent,
    IntentId, Money, Operation, RecordId, Schema, TenantId, UserId, Value,
};
use roadbook_merge::journal::{JournalEntry, settle_part};
use roadbook_merge::mutator::{MUTATOR_VERSION, perform};
use roadbook_merge::{Author, Conflict, Document, Envelope, Header, Part, RecordView, Stamp, view};

pub(crate) const START_MS: i64 = 1_700_000_000_000;
pub(crate) const SALT_KEY: [u8; 32] = [42; 32];

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(crate) fn eur(units: i64) -> Value {
    Value::Money(Money::new(units * 100, Currency::EUR))
}

pub(crate) fn set(members: &[&str]) -> Value {
    Value::Set(members.iter().map(|member| (*member).to_owned()).collect())
}

pub(crate) fn record(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

/// An envelope with the bytes of each part's change.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) envelope: Envelope,
    pub(crate) raw: Vec<Vec<u8>>,
}

/// Documents without pending work: whoever takes the same envelopes in has the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Replica {
    pub(crate) schema: Schema,
    pub(crate) documents: BTreeMap<DocumentKey, (Entity, Document)>,
}

impl Replica {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self { schema: schema.clone(), documents: BTreeMap::new() }
    }

    pub(crate) fn document(&mut self, key: DocumentKey, entity: Entity) -> &mut Document {
        let fresh = || (entity, Document::new(key));
        &mut self.documents.entry(key).or_insert_with(fresh).1
    }

    /// Performs an accepted envelope at its basis, and checks that its changes are what it says.
    pub(crate) fn take_in(&mut self, envelope: &Envelope) -> Vec<Vec<JournalEntry>> {
        assert!(envelope.is_intact(), "{:?}", envelope.header.intent);
        let header = &envelope.header;
        let mut journal = Vec::new();
        for (part, _) in &envelope.parts {
            let schema = self.schema.clone();
            let stamp = stamp_of(header, part);
            let document = self.document(part.document, part.entity);
            let performed = perform(
                header.mutator_version,
                &schema,
                document,
                part.entity,
                &stamp,
                &part.basis,
                &part.operations,
            );
            let performed = performed.unwrap_or_else(|refusal| panic!("{refusal:?}: {part:?}"));
            assert_eq!(performed.change, part.change, "replaying gives the change: {part:?}");
            journal.push(settle_part(&schema, document, part));
        }
        journal
    }

    /// Takes an accepted envelope in as a device does: it performs what it can, and applies the
    /// bytes of what writes a field that its schema does not have.
    fn hear(&mut self, sealed: &Sealed) {
        let known = |(part, _): &(Part, _)| {
            let mut written = part.operations.iter().flat_map(Operation::fields);
            written.all(|name| self.schema.field(part.entity, name).is_some())
        };
        if sealed.envelope.parts.iter().all(known) {
            self.take_in(&sealed.envelope);
            return;
        }
        for ((part, _), raw) in sealed.envelope.parts.iter().zip(&sealed.raw) {
            assert!(self.apply(part, raw), "what it builds on came before: {part:?}");
        }
    }

    /// The same documents, read by another schema.
    pub(crate) fn read_by(&self, schema: &Schema) -> Self {
        Self { schema: schema.clone(), documents: self.documents.clone() }
    }

    /// Takes in the bytes of one part, as a receiver with older mutators does.
    pub(crate) fn apply(&mut self, part: &Part, raw: &[u8]) -> bool {
        self.document(part.document, part.entity).apply(raw).is_ok()
    }

    pub(crate) fn view(&self, record: RecordId) -> RecordView {
        self.view_of(record, &Facet::ALL)
    }

    pub(crate) fn view_of(&self, record: RecordId, facets: &[Facet]) -> RecordView {
        let found = self.documents.iter().filter(|(key, _)| key.record == record);
        let found = found.filter(|(key, _)| facets.contains(&key.facet));
        let (entities, documents): (Vec<_>, Vec<_>) =
            found.map(|(_, (entity, document))| (*entity, document)).unzip();
        let entity = *entities.first().expect("the record is here");
        view(&self.schema, entity, &documents)
    }

    pub(crate) fn entity(&self, record: RecordId) -> Option<Entity> {
        let key = DocumentKey::first(record, Facet::Internal);
        self.documents.get(&key).map(|(entity, _)| *entity)
    }

    pub(crate) fn records(&self) -> Vec<RecordId> {
        let mut out: Vec<_> = self.documents.keys().map(|key| key.record).collect();
        out.dedup();
        out
    }

    /// All that two replicas of the same accepted prefix must have in common.
    pub(crate) fn picture(&self) -> BTreeMap<RecordId, RecordView> {
        self.records().into_iter().map(|record| (record, self.view(record))).collect()
    }

    pub(crate) fn heads(&self) -> BTreeMap<DocumentKey, Vec<ChangeHash>> {
        self.documents.iter().map(|(key, (_, document))| (*key, document.heads())).collect()
    }
}

pub(crate) fn stamp_of(header: &Header, part: &Part) -> Stamp {
    Stamp {
        author: Author {
            device: header.device,
            install_epoch: header.install_epoch,
            branch: part.branch,
        },
        clock: header.clock,
        intent: header.intent,
    }
}

/// A device: accepted and pending in one, as the person sees it.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) id: u8,
    pub(crate) replica: Replica,
    clock: HlcClock,
    number: u64,
    outbox: Vec<Sealed>,
    cursor: usize,
}

/// Why a device could not do what was asked: the refusal's or the plan's code.
pub(crate) type Code = &'static str;

impl Device {
    fn new(id: u8, schema: &Schema) -> Self {
        let clock = HlcClock::default();
        let replica = Replica::new(schema);
        Self { id, replica, clock, number: 0, outbox: Vec::new(), cursor: 0 }
    }

    /// Carries an intent out: all its steps or none.
    pub(crate) fn intend(&mut self, intent: &Intent, wall_ms: i64) -> Result<Sealed, Code> {
        let schema = self.replica.schema.clone();
        let steps = intent.plan(&schema).map_err(|invalid| invalid.code())?;
        let clock = self.clock.tick(wall_ms);
        self.number += 1;
        let mut id = [self.id; 16];
        id[..8].copy_from_slice(&clock.0.to_be_bytes());
        let device = DeviceId::from_bytes([self.id; 16]);
        let author = Author { device, install_epoch: 1, branch: 0 };
        let stamp = Stamp { author, clock, intent: IntentId::from_bytes(id) };
        let before = self.replica.documents.clone();
        let (mut parts, mut raw, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for step in steps {
            let key = DocumentKey::first(step.record, step.facet);
            let slot = records.iter().position(|record| *record == step.record);
            let slot = slot.unwrap_or_else(|| {
                records.push(step.record);
                records.len() - 1
            });
            let document = self.replica.document(key, step.entity);
            let basis = document.heads();
            let done = perform(
                MUTATOR_VERSION,
                &schema,
                document,
                step.entity,
                &stamp,
                &basis,
                &step.operations,
            );
            let performed = match done {
                Ok(performed) => performed,
                Err(refusal) => {
                    self.replica.documents = before;
                    return Err(refusal.code());
                }
            };
            raw.push(performed.bytes);
            parts.push(Part {
                slot: u8::try_from(slot).unwrap(),
                document: key,
                entity: step.entity,
                kind: intent.kind(),
                operations: step.operations,
                rationale: None,
                basis,
                branch: 0,
                change: performed.change,
            });
        }
        let header = Header {
            intent: stamp.intent,
            tenant: TenantId::from_bytes([1; 16]),
            user: UserId::from_bytes([self.id; 16]),
            device,
            install_epoch: 1,
            number: self.number,
            clock,
            client_version: 1_000,
            mutator_version: MUTATOR_VERSION,
            policy_version: 1,
            slots: Vec::new(),
        };
        let sealed = Sealed { envelope: Envelope::seal(header, parts, &SALT_KEY), raw };
        self.outbox.push(sealed.clone());
        Ok(sealed)
    }

    fn observe(&mut self, envelope: &Envelope) {
        self.clock.observe(envelope.header.clock);
    }
}

/// An accepted envelope with what the server journalled per part.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) sealed: Sealed,
    pub(crate) journal: Vec<Vec<JournalEntry>>,
}

/// Devices around one log.
#[derive(Debug, Clone)]
pub(crate) struct Office {
    pub(crate) devices: Vec<Device>,
    pub(crate) server: Replica,
    pub(crate) log: Vec<Accepted>,
    pub(crate) now_ms: i64,
}

pub(crate) const ANA: usize = 0;
pub(crate) const BEN: usize = 1;
pub(crate) const MIA: usize = 2;

impl Office {
    pub(crate) fn new(devices: u8) -> Self {
        Self::with_schema(devices, &Schema::crm())
    }

    pub(crate) fn with_schema(devices: u8, schema: &Schema) -> Self {
        Self {
            devices: (1..=devices).map(|id| Device::new(id, schema)).collect(),
            server: Replica::new(schema),
            log: Vec::new(),
            now_ms: START_MS,
        }
    }

    pub(crate) fn try_do(&mut self, who: usize, intent: &Intent) -> Result<Sealed, Code> {
        self.now_ms += 1_000;
        self.devices[who].intend(intent, self.now_ms)
    }

    pub(crate) fn act(&mut self, who: usize, intent: &Intent) -> Sealed {
        self.try_do(who, intent).unwrap_or_else(|code| panic!("{code}: {intent:?}"))
    }

    pub(crate) fn view(&self, who: usize, record: RecordId) -> RecordView {
        self.devices[who].replica.view(record)
    }

    pub(crate) fn create(&mut self, who: usize, entity: Entity, n: u8, fields: &[(&str, Value)]) {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let intent = Intent::Create { record: record(n), entity, fields: fields.collect() };
        self.act(who, &intent);
    }

    /// Sets a field from what the device shows.
    pub(crate) fn set(&mut self, who: usize, n: u8, field: &str, to: Value) -> Sealed {
        let intent = self.setting(who, n, field, to);
        self.act(who, &intent)
    }

    pub(crate) fn setting(&self, who: usize, n: u8, field: &str, to: Value) -> Intent {
        let replica = &self.devices[who].replica;
        let from = replica.view(record(n)).value(field).clone();
        let edits = vec![FieldEdit { field: field.to_owned(), from, to }];
        let entity = replica.entity(record(n)).unwrap();
        Intent::EditFields { record: record(n), entity, edits }
    }

    pub(crate) fn move_to(&mut self, who: usize, n: u8, to: &str) -> Sealed {
        let replica = &self.devices[who].replica;
        let entity = replica.entity(record(n)).unwrap();
        let field = replica.schema.entity(entity).state_field().unwrap().name;
        let from = replica.view(record(n)).value(field).clone();
        let intent = Intent::MoveStage { record: record(n), entity, from, to: text(to) };
        self.act(who, &intent)
    }

    pub(crate) fn tag(&mut self, who: usize, n: u8, add: &[&str], remove: &[&str]) -> Sealed {
        let entity = self.devices[who].replica.entity(record(n)).unwrap();
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let intent =
            Intent::Tag { record: record(n), entity, add: owned(add), remove: owned(remove) };
        self.act(who, &intent)
    }

    pub(crate) fn delete(&mut self, who: usize, n: u8) -> Sealed {
        let entity = self.devices[who].replica.entity(record(n)).unwrap();
        self.act(who, &Intent::Delete { record: record(n), entity })
    }

    /// The only conflict that a device shows on a record.
    pub(crate) fn conflict(&self, who: usize, n: u8) -> Conflict {
        let view = self.view(who, record(n));
        assert_eq!(view.conflicts.len(), 1, "{:?}", view.conflicts);
        view.conflicts[0].clone()
    }

    pub(crate) fn resolving(&self, who: usize, n: u8, choice: Value) -> Intent {
        let conflict = self.conflict(who, n);
        let entity = self.devices[who].replica.entity(record(n)).unwrap();
        let (field, sides) = (conflict.field.to_owned(), conflict.side_changes());
        Intent::ResolveConflict { record: record(n), entity, field, sides, choice }
    }

    pub(crate) fn push(&mut self, who: usize) {
        for sealed in std::mem::take(&mut self.devices[who].outbox) {
            let journal = self.server.take_in(&sealed.envelope);
            self.log.push(Accepted { sealed, journal });
        }
    }

    pub(crate) fn pull(&mut self, who: usize, at_most: usize) {
        let device = &mut self.devices[who];
        let end = self.log.len().min(device.cursor.saturating_add(at_most));
        for accepted in &self.log[device.cursor..end] {
            device.observe(&accepted.sealed.envelope);
            device.replica.hear(&accepted.sealed);
        }
        device.cursor = end;
    }

    /// Everybody pushes, then everybody pulls; all see the same, as far as their schema goes.
    pub(crate) fn meet(&mut self) {
        for who in 0..self.devices.len() {
            self.push(who);
        }
        for who in 0..self.devices.len() {
            self.pull(who, usize::MAX);
            let replica = &self.devices[who].replica;
            assert_eq!(replica.heads(), self.server.heads(), "device {who}");
            let same = self.server.read_by(&replica.schema);
            assert_eq!(replica.picture(), same.picture(), "device {who}");
        }
    }

    /// What the server journalled for the last envelope that has an entry, as (field, code, kept).
    pub(crate) fn last_journal(&self) -> Vec<(String, &'static str, Value)> {
        let last = self.log.last().expect("something was accepted");
        let entries = last.journal.iter().flatten();
        entries.map(|it| (it.field.clone(), it.settled.code(), it.kept.clone())).collect()
    }
}
