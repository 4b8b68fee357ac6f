//! Taking a page of the log into the accepted documents. Idempotent: what is here already is
//! passed over by its hash.
//!
//! Every document is loaded once and written once per page, whatever the number of items on it, and
//! changes that came with their bytes are applied to it together.

use std::collections::{BTreeMap, HashMap};

use roadbook_domain::{
    ChangeHash, DeviceId, DocumentKey, Entity, Facet, Hlc, IntentId, RecordId, Schema,
};
use roadbook_merge::{Document, DocumentError, Envelope, Header, Part};
use roadbook_sync_protocol::{HistoryEntry, LogItem, Outcome, PageItem, Snapshot};
use rusqlite::{Connection, params};

use crate::doctor::fault;
use crate::exchange::apply::{entry_of, perform};
use crate::exchange::in_hand::{Accepted, Work};
use crate::exchange::kept::{self, Place};
use crate::exchange::{TakeInError, purge};
use crate::pending::{self, Entry, Fate};
use crate::projection::document_number;
use crate::{StoreError, history, opened};

/// How many documents are in hand at most: an open one takes about 30 KB.
const IN_HAND_MAX: usize = if cfg!(test) { 2 } else { 1_000 };

/// What is in hand while a page is taken in.
pub(super) struct Taking<'a> {
    pub(super) connection: &'a Connection,
    pub(super) schema: &'a Schema,
    pub(super) device: DeviceId,
    pub(super) restore_epoch: u64,
    pub(super) backup_watermark: u64,
    /// The receipt that the page's envelopes are kept with.
    pub(super) receipt: Option<i64>,
    /// The round of what is read now.
    pub(super) round: u32,
    /// Everything is being read again.
    pub(super) rereads: bool,
    /// Whether any work is pending at all.
    pub(super) has_pending: bool,
    pub(super) works: BTreeMap<RecordId, Work>,
    /// How many documents were taken in hand since they were last put down.
    pub(super) in_hand: usize,
    pub(super) fates: HashMap<IntentId, Fate>,
    pub(super) renamed: HashMap<ChangeHash, Vec<ChangeHash>>,
    pub(super) greatest_clock: Hlc,
    pub(super) accepted: u64,
    pub(super) snapshots: u64,
    pub(super) forgotten: Vec<DocumentKey>,
}

impl Taking<'_> {
    /// Takes one item in.
    pub(super) fn item(&mut self, item: PageItem) -> Result<(), TakeInError> {
        if self.in_hand > IN_HAND_MAX {
            self.put_down()?;
        }
        match item {
            PageItem::Forget(key) => self.forget(key).map_err(TakeInError::from),
            PageItem::Snapshot(snapshot) => self.snapshot(snapshot).map_err(TakeInError::from),
            PageItem::Accepted(item) => self.accepted(item),
        }
    }

    /// Remembers what devices are called.
    pub(super) fn name_devices(&self, devices: &[(DeviceId, String)]) -> Result<(), StoreError> {
        for (device, name) in devices {
            self.connection
                .prepare_cached("INSERT OR REPLACE INTO devices (device, name) VALUES (?1, ?2)")?
                .execute(params![device.as_bytes(), name])?;
        }
        Ok(())
    }

    fn work(&mut self, record: RecordId, entity: Entity) -> Result<&mut Work, StoreError> {
        match self.works.entry(record) {
            std::collections::btree_map::Entry::Occupied(there) => Ok(there.into_mut()),
            std::collections::btree_map::Entry::Vacant(vacant) => {
                let found = opened::find(self.connection, record)?;
                let (number, entity, fresh) = match found {
                    Some((number, entity)) => (number, entity, false),
                    None => (opened::number_for(self.connection, record, entity)?, entity, true),
                };
                Ok(vacant.insert(Work {
                    number,
                    entity,
                    fresh,
                    loaded: [false; 2],
                    put_down: [false; 2],
                    damaged: [false; 2],
                    documents: [None, None],
                }))
            }
        }
    }

    fn forget(&mut self, key: DocumentKey) -> Result<(), StoreError> {
        purge::forget(self.connection, key)?;
        self.forgotten.push(key);
        Ok(())
    }

    /// Takes a snapshot in. One that cannot be read is a fault of its document, and the page goes
    /// on.
    fn snapshot(&mut self, mut snapshot: Snapshot) -> Result<(), StoreError> {
        let connection = self.connection;
        let round = self.rereads.then_some(self.round);
        let key = snapshot.document;
        let work = self.work(key.record, snapshot.entity)?;
        let document = document_number(work.number, key.facet);
        if !work.fresh {
            purge::remember(connection, key)?;
        }
        let came = match Document::load(key, &snapshot.bytes) {
            Ok(came) => came,
            Err(error) => {
                if let Some(round) = round {
                    // It stays as it is, so that what the log says of it is taken into that.
                    connection
                        .prepare_cached("UPDATE documents SET round = ?2 WHERE document = ?1")?
                        .execute(params![document, round])?;
                }
                return not_taken_in(connection, document, &snapshot, &error);
            }
        };
        let clock = came.clock_at(&came.heads());
        let is_new = !work.loaded[key.facet as usize];
        work.load(connection, key.record, key.facet, round)?;
        let here = &mut work.documents[key.facet as usize];
        match here {
            // The server was restored from a backup, or an answer was lost: nothing that is here
            // may go.
            Some(here) if here.document.key().generation == key.generation => {
                here.catch_up(connection, document)?;
                if let Err(error) = here.document.apply(&snapshot.bytes) {
                    return not_taken_in(connection, document, &snapshot, &error);
                }
                here.bytes = None;
                here.seq = snapshot.seq;
                here.dirty = true;
            }
            Some(_) | None => {
                let came = Accepted::new(came, snapshot.seq);
                let bytes = Some(std::mem::take(&mut snapshot.bytes));
                *here = Some(Accepted { bytes, dirty: true, ..came });
            }
        }
        work.damaged[key.facet as usize] = false;
        if !work.fresh {
            connection
                .prepare_cached("DELETE FROM conflicts WHERE document = ?1")?
                .execute([document])?;
            // What was missing of it is in the snapshot.
            connection
                .prepare_cached("DELETE FROM faults WHERE document = ?1 AND seq <= ?2")?
                .execute(params![document, snapshot.seq])?;
        }
        self.greatest_clock = self.greatest_clock.max(clock);
        let told = snapshot.history.iter().map(|entry| &entry.made_by);
        for made_by in snapshot.provenance.iter().chain(told) {
            if self.rereads {
                self.replaces(made_by.intent, key, made_by.change)?;
            }
            if made_by.device == self.device {
                self.used(made_by.intent, made_by.seq)?;
            }
        }
        for made_by in snapshot.provenance {
            let entry = HistoryEntry { made_by, operations: Vec::new(), journal: Vec::new() };
            history::keep(connection, document, &entry, None)?;
        }
        for entry in &snapshot.history {
            history::keep(connection, document, entry, None)?;
        }
        for conflict in &snapshot.conflicts {
            self.open_conflict(document, &conflict.field, conflict.intent)?;
        }
        self.in_hand += usize::from(is_new);
        self.snapshots += 1;
        Ok(())
    }

    fn accepted(&mut self, item: LogItem) -> Result<(), TakeInError> {
        let LogItem { seq, accepted_ms, envelope, raw, outcomes } = item;
        let intent = envelope.header.intent;
        if !envelope.is_intact() {
            return Err(TakeInError::NotIntact(intent));
        }
        self.greatest_clock = self.greatest_clock.max(envelope.header.clock);
        let own = if self.has_pending && envelope.header.device == self.device {
            pending::find(self.connection, intent)?
        } else {
            None
        };
        let mut news = false;
        for (place, (part, _)) in envelope.parts.iter().enumerate() {
            let raw = raw.get(place).map_or(&[][..], Vec::as_slice);
            let outcome = outcomes.get(place);
            let at = (seq, accepted_ms);
            self.replaces(intent, part.document, part.change)?;
            news |= self.part(at, &envelope.header, part, raw, outcome, own.as_ref())?;
        }
        if let Some(own) = &own {
            self.came_back(own, &envelope)?;
        }
        if envelope.header.device == self.device {
            self.used(intent, seq)?;
        }
        let Taking { connection, restore_epoch, receipt, .. } = *self;
        if seq > self.backup_watermark {
            let place = Place { restore_epoch, seq, accepted_ms, receipt };
            kept::keep(connection, place, &envelope)?;
        } else {
            kept::let_go(connection, intent, seq)?;
        }
        self.accepted += u64::from(news);
        Ok(())
    }

    /// Takes one part in. Returns whether it was new.
    fn part(
        &mut self,
        (seq, accepted_ms): (u64, i64),
        header: &Header,
        part: &Part,
        raw: &[u8],
        outcome: Option<&Outcome>,
        own: Option<&Entry>,
    ) -> Result<bool, StoreError> {
        let (connection, schema) = (self.connection, self.schema);
        let round = self.rereads.then_some(self.round);
        let key = part.document;
        let work = self.work(key.record, part.entity)?;
        let document = document_number(work.number, key.facet);
        let is_new = !work.loaded[key.facet as usize];
        work.load(connection, key.record, key.facet, round)?;
        if work.damaged[key.facet as usize] {
            if !part.basis.is_empty() {
                fault(connection, document, seq, "what is stored of it cannot be read")?;
                return Ok(false);
            }
            // Its log begins again: it is made anew from there.
            work.damaged[key.facet as usize] = false;
        }
        let here = work.documents[key.facet as usize]
            .get_or_insert_with(|| Accepted::new(Document::new(key), seq));
        let known = here.has(part.change);
        if !known {
            let mine = match own {
                Some(entry) => pending::change_bytes(connection, document, entry.number)?,
                None => None,
            };
            let mine = mine.filter(|(change, _)| *change == part.change).map(|(_, bytes)| bytes);
            let bytes = mine.as_deref().or_else(|| (!raw.is_empty()).then_some(raw));
            let taken = match bytes {
                Some(bytes) => {
                    here.places.push((part.change, seq));
                    let arrived = here.document.arrive(&mut here.arrived, bytes, part.change);
                    arrived.map_err(|error| error.to_string())
                }
                None => {
                    here.catch_up(connection, document)?;
                    perform(schema, &mut here.document, header, part)
                }
            };
            if let Err(reason) = taken {
                let record = key.record;
                tracing::warn!(%record, seq, reason, "change {seq} of {record} was not taken in");
                fault(connection, document, seq, &reason)?;
                return Ok(false);
            }
            here.dirty = true;
            here.bytes = None;
        }
        here.seq = here.seq.max(seq);
        let outcome = outcome.cloned().unwrap_or_default();
        for conflict in &outcome.opened {
            self.open_conflict(document, &conflict.field, conflict.intent)?;
        }
        for conflict in &outcome.closed {
            connection
                .prepare_cached("DELETE FROM conflicts WHERE document = ?1 AND field = ?2")?
                .execute(params![document, conflict.field])?;
        }
        let entry = entry_of(seq, header, part, outcome);
        history::keep(connection, document, &entry, Some(accepted_ms))?;
        self.in_hand += usize::from(is_new);
        Ok(!known)
    }

    fn open_conflict(
        &self,
        document: i64,
        field: &str,
        intent: IntentId,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO conflicts (document, field, intent) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET intent = excluded.intent",
            )?
            .execute(params![document, field, intent.as_bytes()])?;
        Ok(())
    }

    /// An intent of this device has come back: it is no longer pending. Where the server took
    /// other bytes under its id (before this device was restored), later work builds on those.
    fn came_back(&mut self, own: &Entry, envelope: &Envelope) -> Result<(), StoreError> {
        for (mine, _) in &own.envelope.parts {
            let taken = envelope.parts.iter().find(|(part, _)| part.document == mine.document);
            if let Some((taken, _)) = taken.filter(|(part, _)| part.change != mine.change) {
                self.renamed.insert(mine.change, vec![taken.change]);
            }
        }
        pending::remove(self.connection, own)?;
        for (part, _) in &own.envelope.parts {
            self.work(part.document.record, part.entity)?;
        }
        Ok(())
    }

    /// Notes what a change stands in for: after a restore of the server an intent may come in other
    /// bytes than before, and unsent work here builds on those.
    fn replaces(
        &mut self,
        intent: IntentId,
        key: DocumentKey,
        change: ChangeHash,
    ) -> Result<(), StoreError> {
        if self.has_pending
            && let Some(before) = kept::earlier_form(self.connection, intent, key, change)?
        {
            self.renamed.insert(before, vec![change]);
        }
        Ok(())
    }

    /// Own work that will not come back leaves pending.
    pub(super) fn drop_own(&mut self, own: &Entry, seq: u64) -> Result<(), StoreError> {
        pending::remove(self.connection, own)?;
        self.used(own.envelope.header.intent, seq)?;
        for (part, _) in &own.envelope.parts {
            self.work(part.document.record, part.entity)?;
        }
        Ok(())
    }

    fn used(&self, intent: IntentId, seq: u64) -> Result<(), StoreError> {
        pending::remove_from_drawer(self.connection, intent)?;
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO own_intents (intent, seq) VALUES (?1, ?2)")?
            .execute(params![intent.as_bytes(), seq])?;
        Ok(())
    }

    /// Everything was read again: what did not come is no longer visible.
    pub(super) fn leave_behind(&mut self) -> Result<(), StoreError> {
        for key in opened::of_other_rounds(self.connection, self.round)? {
            purge::leave_behind(self.connection, key)?;
            self.forgotten.push(key);
        }
        Ok(())
    }

    /// Writes the documents in hand that changed, and lets go of all.
    fn put_down(&mut self) -> Result<(), StoreError> {
        self.write()?;
        for work in self.works.values_mut() {
            for facet in Facet::ALL {
                let place = facet as usize;
                if work.documents[place].take().is_some() {
                    work.put_down[place] = true;
                    work.loaded[place] = false;
                }
            }
        }
        self.in_hand = 0;
        Ok(())
    }

    /// Writes the documents in hand that changed, and settles what is pending on them.
    pub(super) fn flush(&mut self) -> Result<(), StoreError> {
        self.write()?;
        if self.has_pending { self.settle_contained() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), StoreError> {
        for work in self.works.values_mut() {
            for accepted in work.documents.iter_mut().flatten().filter(|it| it.dirty) {
                let key = accepted.document.key();
                accepted.catch_up(self.connection, document_number(work.number, key.facet))?;
                let heads: Vec<u8> =
                    accepted.document.heads().iter().flat_map(|head| head.0).collect();
                let saved;
                let bytes = match &accepted.bytes {
                    Some(bytes) => bytes,
                    None => {
                        saved = accepted.document.save();
                        &saved
                    }
                };
                self.connection
                    .prepare_cached(
                        "INSERT INTO documents (document, generation, seq, heads, bytes, round)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                         ON CONFLICT DO UPDATE SET generation = excluded.generation,
                             seq = excluded.seq, heads = excluded.heads, bytes = excluded.bytes,
                             round = excluded.round",
                    )?
                    .execute(params![
                        document_number(work.number, key.facet),
                        key.generation,
                        accepted.seq,
                        heads,
                        bytes,
                        self.round
                    ])?;
                accepted.dirty = false;
            }
        }
        Ok(())
    }

    /// Pending changes that a snapshot brought are confirmed; an intent without any left is no
    /// longer pending.
    fn settle_contained(&mut self) -> Result<(), StoreError> {
        let mut numbers = Vec::new();
        for (record, work) in &mut self.works {
            for facet in Facet::ALL {
                let place = facet as usize;
                if !(work.loaded[place] || work.put_down[place]) {
                    continue;
                }
                let document = document_number(work.number, facet);
                let pending = opened::pending_changes(self.connection, document)?;
                if pending.is_empty() {
                    continue;
                }
                let Some(accepted) = work.load(self.connection, *record, facet, None)? else {
                    continue;
                };
                for (number, change, _) in pending {
                    if accepted.document.has(change) {
                        pending::remove_part(self.connection, document, number)?;
                        numbers.push(number);
                    }
                }
            }
        }
        if numbers.is_empty() {
            return Ok(());
        }
        for entry in pending::all(self.connection)? {
            if !numbers.contains(&entry.number) {
                continue;
            }
            let mut left = false;
            for (part, _) in &entry.envelope.parts {
                if let Some((number, _)) = opened::find(self.connection, part.document.record)? {
                    let document = document_number(number, part.document.facet);
                    let bytes = pending::change_bytes(self.connection, document, entry.number)?;
                    left |= bytes.is_some();
                }
            }
            if !left {
                pending::remove(self.connection, &entry)?;
                let seq = match entry.state {
                    pending::Stored::Accepted(seq) => seq,
                    pending::Stored::Saved | pending::Stored::Waits(_) => 0,
                };
                self.used(entry.envelope.header.intent, seq)?;
            }
        }
        Ok(())
    }
}

/// Notes a snapshot that could not be taken in. What was here of the document stays.
fn not_taken_in(
    connection: &Connection,
    document: i64,
    snapshot: &Snapshot,
    error: &DocumentError,
) -> Result<(), StoreError> {
    let (record, seq) = (snapshot.document.record, snapshot.seq);
    tracing::warn!(%record, seq, "the snapshot of {record} was not taken in: {error}");
    fault(connection, document, seq, &error.to_string())
}
