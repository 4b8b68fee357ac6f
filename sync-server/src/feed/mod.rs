//! What a device gets: the difference between what its user could see at the cursor and what the
//! user can see at the end of the page (D6).
//!
//! A window of the log is read in three phases: documents to forget, documents newly visible as
//! snapshots, then accepted envelopes with the parts that were visible all along. Cost is
//! proportional to what changed. The invariants: no page holds a value of a document that the user
//! may not see at the moment of reading; an envelope is never split; where a page ended the next
//! one goes on, whatever was written meanwhile.

mod cursor;
mod snapshot;
#[cfg(test)]
mod tests;

use roadbook_domain::UserId;
use roadbook_merge::{Digest, Document, Envelope, Header, Part, Salt, Stamp, mutator};
use roadbook_sync_protocol::page::leaf;
use roadbook_sync_protocol::{
    Checksum, LogItem, LogSpan, Outcome, Page, PageItem, PullRequest, Receipt,
};
use serde::de::DeserializeOwned;

use self::cursor::{Phase, Position};
pub(crate) use self::snapshot::past_entry;
use crate::gate::Rules;
use crate::store::{DocumentPlace, Install, LogEntry, LogPart, Receiver, StoreRead, Window};
use crate::tenant::{TenantError, TenantKeys};

/// The least and the most that a page may hold, in bytes before compression.
const PAGE_MIN_BYTES: usize = 16 * 1024;
const PAGE_MAX_BYTES: usize = 4 * 1024 * 1024;
/// How many rows are asked for at once.
const ROWS: usize = 1_024;
/// What an item takes besides its blobs, about, in bytes.
const ITEM_BYTES: usize = 96;

/// Who pulls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Puller<'a> {
    pub(crate) user: UserId,
    pub(crate) install: Install,
    /// The newest mutators that the device knows.
    pub(crate) mutator_version: u16,
    /// The version of the schema that the device has.
    pub(crate) schema_version: u32,
    pub(crate) keys: &'a TenantKeys,
    pub(crate) restore_epoch: u64,
    /// Envelopes up to this place are in a backup; `None` if there is none, so that nothing can be
    /// restored either.
    pub(crate) backed_up: Option<u64>,
    /// What the log begins with: what a cursor of an earlier epoch can rely on.
    pub(crate) log: &'a [LogSpan],
}

/// A page that is being filled.
struct Filling<'a> {
    store: &'a dyn StoreRead,
    rules: Rules<'a>,
    puller: &'a Puller<'a>,
    head: u64,
    position: Position,
    items: Vec<PageItem>,
    leaves: Vec<(u64, Digest)>,
    bytes: usize,
    max_bytes: usize,
}

/// Reads the next page.
pub(crate) fn pull(
    store: &dyn StoreRead,
    rules: Rules<'_>,
    puller: &Puller<'_>,
    request: &PullRequest,
) -> Result<Page, TenantError> {
    let head = store.head()?;
    let max_bytes = usize::try_from(request.max_bytes).unwrap_or(PAGE_MAX_BYTES);
    let mut filling = Filling {
        store,
        rules,
        puller,
        head,
        position: Position::of(&request.cursor, puller.restore_epoch, puller.log, head)?,
        items: Vec::new(),
        leaves: Vec::new(),
        bytes: 0,
        max_bytes: max_bytes.clamp(PAGE_MIN_BYTES, PAGE_MAX_BYTES),
    };
    filling.fill()?;
    let Filling { position, items, leaves, .. } = filling;
    let receipt = (!leaves.is_empty()).then(|| {
        Receipt::sign(&puller.keys.signing(), rules.tenant, puller.restore_epoch, &leaves)
    });
    let mut devices = Vec::new();
    for id in Page::devices_of(&items) {
        devices.extend(store.device(id)?.map(|device| (id, device.name)));
    }
    Ok(Page {
        devices,
        items,
        next: position.to_cursor(puller.restore_epoch, puller.log)?,
        position: position.from,
        more: position.from < head || position.is_inside(),
        remaining: position.remaining(head),
        receipt,
    })
}

impl Filling<'_> {
    /// Goes through the phases of one window, until the page is full or the window is read.
    fn fill(&mut self) -> Result<(), TenantError> {
        if !self.position.is_inside() {
            if self.position.from >= self.head {
                return Ok(());
            }
            self.position.to = self.head;
            self.position.left = self.store.count_gained(&self.window())?;
            self.position.gained = self.position.left > 0;
            self.position.phase = Phase::Forgets { after: None };
        }
        loop {
            let is_done = match self.position.phase {
                Phase::AtRest => return Ok(()),
                Phase::Forgets { after } => self.forgets(after)?,
                Phase::Snapshots { after } => self.snapshots(after)?,
                Phase::Log { after } => self.log(after)?,
            };
            if !is_done {
                return Ok(());
            }
        }
    }

    fn window(&self) -> Window {
        let Position { from, to, .. } = self.position;
        Window { user: self.puller.user, from, to, now: self.head }
    }

    /// Says whether an item still fits; the first always does.
    fn has_room(&self, bytes: usize) -> bool {
        self.items.is_empty() || self.bytes + bytes <= self.max_bytes
    }

    fn take(&mut self, item: PageItem, bytes: usize) {
        self.bytes += bytes;
        self.items.push(item);
    }

    fn forgets(&mut self, mut after: Option<DocumentPlace>) -> Result<bool, TenantError> {
        loop {
            let lost = self.store.lost(&self.window(), after, ROWS)?;
            let is_last = lost.len() < ROWS;
            for key in lost {
                if !self.has_room(ITEM_BYTES) {
                    return Ok(false);
                }
                self.take(PageItem::Forget(key), ITEM_BYTES);
                after = Some((key.record, key.facet));
                self.position.phase = Phase::Forgets { after };
            }
            if is_last {
                self.position.phase = Phase::Snapshots { after: None };
                return Ok(true);
            }
        }
    }

    fn snapshots(&mut self, mut after: Option<DocumentPlace>) -> Result<bool, TenantError> {
        loop {
            let gained = self.store.gained(&self.window(), after, ROWS)?;
            let is_last = gained.is_empty();
            for stored in gained {
                let place = (stored.key.record, stored.key.facet);
                if let Some(snapshot) = self.snapshot(stored)? {
                    let bytes = snapshot.bytes.len() + snapshot::history_bytes(&snapshot);
                    if !self.has_room(bytes + ITEM_BYTES) {
                        return Ok(false);
                    }
                    self.take(PageItem::Snapshot(snapshot), bytes + ITEM_BYTES);
                }
                after = Some(place);
                self.position.left = self.position.left.saturating_sub(1);
                self.position.phase = Phase::Snapshots { after };
            }
            if is_last {
                self.position.phase = Phase::Log { after: self.log_begins() };
                return Ok(true);
            }
        }
    }

    /// Where the log phase begins. Whoever holds a change that no backup has holds its envelope
    /// too, to hand it back after a restore: the envelopes of documents that became visible come
    /// from the backup watermark on.
    fn log_begins(&self) -> u64 {
        let Position { from, gained, .. } = self.position;
        match self.puller.backed_up {
            Some(watermark) if gained => from.min(watermark),
            Some(_) | None => from,
        }
    }

    fn log(&mut self, mut after: u64) -> Result<bool, TenantError> {
        let window = self.window();
        let receiver = Receiver { own: self.puller.install, backed_up: self.puller.backed_up };
        loop {
            let (rows, looked_to) = self.store.log_after(&window, &receiver, after, ROWS)?;
            for (entry, parts) in rows {
                let seq = entry.seq;
                let bytes: usize =
                    parts.iter().map(|part| part.part.len() + part.raw.len() + 40).sum();
                let size = bytes + entry.header.len() + ITEM_BYTES;
                if !self.has_room(size) {
                    return Ok(false);
                }
                let item = self.item(&entry, &parts)?;
                self.leaves.push(leaf(&item));
                self.take(PageItem::Accepted(item), size);
                self.position.phase = Phase::Log { after: seq };
            }
            if looked_to >= self.position.to {
                self.position = Position::at_rest(self.position.to);
                return Ok(false);
            }
            after = looked_to;
            self.position.phase = Phase::Log { after };
            if self.bytes >= self.max_bytes {
                return Ok(false);
            }
        }
    }

    fn item(&self, entry: &LogEntry, parts: &[LogPart]) -> Result<LogItem, TenantError> {
        let header: Header = read(&entry.header, "header")?;
        let mut visible: Vec<(Part, Salt)> = Vec::with_capacity(parts.len());
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(parts.len());
        let mut raw = Vec::with_capacity(parts.len());
        for stored in parts {
            let part: (Part, Salt) = read(&stored.part, "part")?;
            raw.push(self.raw(&header, &part.0, &stored.raw)?);
            visible.push(part);
            outcomes.push(read(&stored.outcome, "outcome")?);
        }
        let envelope = Envelope { header, parts: visible };
        Ok(LogItem { seq: entry.seq, accepted_ms: entry.accepted_ms, envelope, raw, outcomes })
    }

    /// The change itself: where performing it again would cost the device a copy of the document
    /// (it is `kept` then), and for a device that does not know the mutators that made it, or a
    /// field that it writes.
    fn raw(&self, header: &Header, part: &Part, kept: &[u8]) -> Result<Vec<u8>, TenantError> {
        if !kept.is_empty() {
            return Ok(kept.to_vec());
        }
        let is_known =
            header.mutator_version <= self.puller.mutator_version && !self.names_newer_field(part);
        if is_known {
            return Ok(Vec::new());
        }
        let stored = self.store.document(part.document.record, part.document.facet)?;
        let Some(stored) = stored.filter(|stored| stored.key == part.document) else {
            return Ok(Vec::new());
        };
        let mut then = Document::load(stored.key, &stored.bytes)?.at(&part.basis)?;
        let author = roadbook_merge::Author {
            device: header.device,
            install_epoch: header.install_epoch,
            branch: part.branch,
        };
        let stamp = Stamp { author, clock: header.clock, intent: header.intent };
        let (version, schema) = (header.mutator_version, self.rules.schema);
        let operations = &part.operations;
        mutator::perform(version, schema, &mut then, part.entity, &stamp, &part.basis, operations)
            .map(|performed| performed.bytes)
            .map_err(|_| TenantError::Corrupt("part"))
    }

    /// Says whether a part writes a field that the device's schema does not have yet.
    fn names_newer_field(&self, part: &Part) -> bool {
        let fields = &self.rules.schema.entity(part.entity).fields;
        let newer = |def: &&roadbook_domain::FieldDef| def.since > self.puller.schema_version;
        let mut newer = fields.iter().filter(newer).map(|def| def.name).peekable();
        if newer.peek().is_none() {
            return false;
        }
        let newer: Vec<&str> = newer.collect();
        let mut written = part.operations.iter().flat_map(roadbook_domain::Operation::fields);
        written.any(|name| newer.contains(&name))
    }
}

/// What a device of a user should hold at the end of the log.
pub(crate) fn checksum(store: &dyn StoreRead, user: UserId) -> Result<Checksum, TenantError> {
    let mut sum = Checksum { seq: store.head()?, documents: 0, digest: Digest::default() };
    store.visible_heads(user, &mut |key, heads| sum.add(&key, heads))?;
    Ok(sum)
}

/// Reads a stored value.
fn read<T: DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T, TenantError> {
    postcard::from_bytes(bytes).map_err(|_| TenantError::Corrupt(what))
}
