//! Taking a page of the log into the accepted documents. Idempotent: what is here already is
//! passed over by its hash.
//!
//! Every document is loaded once and written once per page, whatever the number of items on it.

use std::collections::{BTreeMap, HashMap};

use roadbook_domain::{
    ChangeHash, DeviceId, DocumentKey, Entity, Facet, Hlc, IntentId, RecordId, Schema,
};
use roadbook_merge::{Document, Envelope, Header, Part};
use roadbook_sync_protocol::{HistoryEntry, LogItem, Outcome, PageItem, Snapshot};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::exchange::apply::{apply, entry_of};
use crate::exchange::kept::{self, Place};
use crate::exchange::{TakeInError, purge};
use crate::pending::{self, Entry, Fate};
use crate::projection::document_number;
use crate::{StoreError, history, opened};

/// One accepted document in hand.
pub(super) struct Accepted {
    pub(super) document: Document,
    seq: u64,
    /// The stored form, while it is the one that came.
    bytes: Option<Vec<u8>>,
    dirty: bool,
}

/// One record in hand.
pub(super) struct Work {
    pub(super) number: i64,
    pub(super) entity: Entity,
    /// It was not here before this page.
    pub(super) fresh: bool,
    loaded: [bool; 2],
    /// The stored bytes cannot be read: only a snapshot, or its whole log again, mends them.
    damaged: [bool; 2],
    documents: [Option<Accepted>; 2],
}

impl Work {
    /// The accepted documents that are here, for a merge. Loads what is not in hand yet.
    pub(super) fn present(
        &mut self,
        connection: &Connection,
        record: RecordId,
    ) -> Result<Vec<&Document>, StoreError> {
        for facet in Facet::ALL {
            self.load(connection, record, facet, None)?;
        }
        Ok(self.documents.iter().flatten().map(|accepted| &accepted.document).collect())
    }

    /// Takes a document in hand. While everything is read again, one of an earlier round is as if
    /// it were not here.
    fn load(
        &mut self,
        connection: &Connection,
        record: RecordId,
        facet: Facet,
        round: Option<u32>,
    ) -> Result<&mut Option<Accepted>, StoreError> {
        let place = facet as usize;
        if !self.loaded[place] {
            self.loaded[place] = true;
            let document = document_number(self.number, facet);
            let is_left = match round {
                Some(round) if !self.fresh => leave_round(connection, document, round)?,
                Some(_) | None => false,
            };
            if !self.fresh && !is_left {
                match opened::accepted(connection, self.number, record, facet) {
                    Ok(stored) => {
                        let of =
                            |document| Accepted { document, seq: 0, bytes: None, dirty: false };
                        self.documents[place] = stored.map(of);
                    }
                    Err(StoreError::Document(error)) => {
                        tracing::warn!(%record, "the stored document of {record} cannot be read: {error}");
                        self.damaged[place] = true;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(&mut self.documents[place])
    }

    /// Says whether a stored document of the record cannot be read. Its row stays as it was.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged.contains(&true)
    }
}

/// Begins a document anew if it is of an earlier round: its history and conflicts come again.
fn leave_round(connection: &Connection, document: i64, round: u32) -> Result<bool, StoreError> {
    let found: Option<u32> = connection
        .prepare_cached("SELECT round FROM documents WHERE document = ?1")?
        .query_row([document], |row| row.get(0))
        .optional()?;
    let is_left = found.is_some_and(|found| found != round);
    if is_left {
        for table in ["history", "journal", "conflicts"] {
            connection
                .prepare_cached(&format!("DELETE FROM {table} WHERE document = ?1"))?
                .execute([document])?;
        }
    }
    Ok(is_left)
}

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

    fn snapshot(&mut self, snapshot: Snapshot) -> Result<(), StoreError> {
        let connection = self.connection;
        let round = self.rereads.then_some(self.round);
        let key = snapshot.document;
        let came = Document::load(key, &snapshot.bytes)?;
        self.greatest_clock = self.greatest_clock.max(came.clock_at(&came.heads()));
        let work = self.work(key.record, snapshot.entity)?;
        let document = document_number(work.number, key.facet);
        if !work.fresh {
            purge::remember(connection, key)?;
            connection
                .prepare_cached("DELETE FROM conflicts WHERE document = ?1")?
                .execute([document])?;
        }
        work.load(connection, key.record, key.facet, round)?;
        work.damaged[key.facet as usize] = false;
        let here = &mut work.documents[key.facet as usize];
        match here {
            // The server was restored from a backup, or an answer was lost: nothing that is here
            // may go.
            Some(here) if here.document.key().generation == key.generation => {
                here.document.apply(&snapshot.bytes)?;
                here.bytes = None;
                here.seq = snapshot.seq;
                here.dirty = true;
            }
            Some(_) | None => {
                *here = Some(Accepted {
                    document: came,
                    seq: snapshot.seq,
                    bytes: Some(snapshot.bytes),
                    dirty: true,
                });
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
        work.load(connection, key.record, key.facet, round)?;
        if work.damaged[key.facet as usize] {
            if !part.basis.is_empty() {
                fault(connection, document, seq, "what is stored of it cannot be read")?;
                return Ok(false);
            }
            // Its log begins again: it is made anew from there.
            work.damaged[key.facet as usize] = false;
        }
        let here = work.documents[key.facet as usize].get_or_insert_with(|| Accepted {
            document: Document::new(key),
            seq,
            bytes: None,
            dirty: false,
        });
        let known = here.document.has(part.change);
        if !known {
            let mine = match own {
                Some(entry) => pending::change_bytes(connection, document, entry.number)?,
                None => None,
            };
            let mine = mine.filter(|(change, _)| *change == part.change).map(|(_, bytes)| bytes);
            let taken = apply(schema, &mut here.document, header, part, mine.as_deref(), raw);
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
            self.forget(key)?;
        }
        Ok(())
    }

    /// Writes the documents in hand that changed.
    pub(super) fn flush(&mut self) -> Result<(), StoreError> {
        for work in self.works.values_mut() {
            for accepted in work.documents.iter_mut().flatten().filter(|it| it.dirty) {
                let key = accepted.document.key();
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
        if self.has_pending { self.settle_contained() } else { Ok(()) }
    }

    /// Pending changes that a snapshot brought are confirmed; an intent without any left is no
    /// longer pending.
    fn settle_contained(&mut self) -> Result<(), StoreError> {
        let mut numbers = Vec::new();
        for work in self.works.values() {
            for accepted in work.documents.iter().flatten() {
                let document = document_number(work.number, accepted.document.key().facet);
                for (number, change, _) in opened::pending_changes(self.connection, document)? {
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

/// Notes what could not be taken in, for the doctor.
fn fault(connection: &Connection, document: i64, seq: u64, reason: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO faults (document, seq, reason) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![document, seq, reason])?;
    Ok(())
}
