//! What a device gets: the difference between what its user could see at the cursor and what the
//! user can see at the end of the page (D6).
//!
//! A window of the log is read in three phases: documents to forget, documents newly visible as
//! snapshots, then accepted envelopes with the parts that were visible all along. Cost is
//! proportional to what changed; what is stored of an envelope goes out as it is, without being read.
//! The invariants: no page holds a value of a document that the user
//! may not see at the moment of reading; an envelope is never split; where a page ended the next
//! one goes on, whatever was written meanwhile.

mod cursor;
mod snapshot;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;

use roadbook_domain::{DeviceId, UserId};
use roadbook_merge::envelope::leaf_of;
use roadbook_merge::{Digest, Document, Header, MUTATOR_VERSION, Part, Salt, Stamp, mutator};
use roadbook_sync_protocol::{
    Checksum, LogSpan, PackedItems, PackedPage, Page, PageItem, PullRequest, Receipt, StoredItem,
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
/// How much of a page snapshots may take: what receives them keeps each open for a moment.
const SNAPSHOTS_MAX_BYTES: usize = 1024 * 1024;
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
    items: PackedItems,
    /// The devices that the items speak of.
    devices: BTreeSet<DeviceId>,
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
) -> Result<PackedPage, TenantError> {
    let head = store.head()?;
    let max_bytes = usize::try_from(request.max_bytes).unwrap_or(PAGE_MAX_BYTES);
    let mut filling = Filling {
        store,
        rules,
        puller,
        head,
        position: Position::of(&request.cursor, puller.restore_epoch, puller.log, head)?,
        items: PackedItems::default(),
        devices: BTreeSet::new(),
        leaves: Vec::new(),
        bytes: 0,
        max_bytes: max_bytes.clamp(PAGE_MIN_BYTES, PAGE_MAX_BYTES),
    };
    filling.fill()?;
    let Filling { position, items, devices: named, leaves, .. } = filling;
    let receipt = (!leaves.is_empty()).then(|| {
        Receipt::sign(&puller.keys.signing(), rules.tenant, puller.restore_epoch, &leaves)
    });
    let mut devices = Vec::new();
    for id in named {
        devices.extend(store.device(id)?.map(|device| (id, device.name)));
    }
    Ok(PackedPage {
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

    fn take(&mut self, item: &PageItem, bytes: usize) -> Result<(), TenantError> {
        self.bytes += bytes;
        self.devices.extend(Page::devices_of(std::slice::from_ref(item)));
        self.items.push(item).map_err(|_| TenantError::Corrupt("document"))
    }

    fn forgets(&mut self, mut after: Option<DocumentPlace>) -> Result<bool, TenantError> {
        loop {
            let lost = self.store.lost(&self.window(), after, ROWS)?;
            let is_last = lost.len() < ROWS;
            for key in lost {
                if !self.has_room(ITEM_BYTES) {
                    return Ok(false);
                }
                self.take(&PageItem::Forget(key), ITEM_BYTES)?;
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
                    let is_enough =
                        !self.items.is_empty() && self.bytes + bytes > SNAPSHOTS_MAX_BYTES;
                    if is_enough || !self.has_room(bytes + ITEM_BYTES) {
                        return Ok(false);
                    }
                    self.take(&PageItem::Snapshot(snapshot), bytes + ITEM_BYTES)?;
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
                let bytes: usize = parts
                    .iter()
                    .map(|part| part.part.len() + part.raw.len() + part.outcome.len() + 40)
                    .sum();
                let size = bytes + entry.header.len() + ITEM_BYTES;
                if !self.has_room(size) {
                    return Ok(false);
                }
                self.take_stored(&entry, &parts)?;
                self.bytes += size;
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

    /// Writes an envelope with its visible parts, as they are stored.
    fn take_stored(&mut self, entry: &LogEntry, parts: &[LogPart]) -> Result<(), TenantError> {
        let raws = parts
            .iter()
            .map(|part| self.raw(&entry.header, part))
            .collect::<Result<Vec<Cow<'_, [u8]>>, _>>()?;
        let stored = parts.iter().zip(&raws);
        let stored = StoredItem {
            seq: entry.seq,
            accepted_ms: entry.accepted_ms,
            header: &entry.header,
            parts: stored.map(|(part, raw)| (&*part.part, &**raw, &*part.outcome)).collect(),
        };
        self.items.push_stored(&stored).map_err(|_| TenantError::Corrupt("envelope"))?;
        self.leaves.push((entry.seq, leaf_of(&entry.header)));
        self.devices.insert(entry.device);
        Ok(())
    }

    /// The change itself: where performing it again would cost the device a copy of the document
    /// (it is kept then), and for a device that does not know the mutators that made it, or a field
    /// that it writes.
    fn raw<'p>(&self, header: &[u8], stored: &'p LogPart) -> Result<Cow<'p, [u8]>, TenantError> {
        let is_current = self.puller.mutator_version >= MUTATOR_VERSION
            && self.puller.schema_version >= self.rules.schema.version();
        if !stored.raw.is_empty() || is_current {
            return Ok(Cow::Borrowed(&stored.raw));
        }
        let header: Header = read(header, "header")?;
        let (part, _): (Part, Salt) = read(&stored.part, "part")?;
        let is_known =
            header.mutator_version <= self.puller.mutator_version && !self.names_newer_field(&part);
        if is_known {
            return Ok(Cow::Borrowed(&[]));
        }
        let stored = self.store.document(part.document.record, part.document.facet)?;
        let Some(stored) = stored.filter(|stored| stored.key == part.document) else {
            return Ok(Cow::Borrowed(&[]));
        };
        let loaded = Document::load(stored.key, &stored.bytes);
        let mut then = match loaded.and_then(|document| document.at(&part.basis)) {
            Ok(then) => then,
            Err(error) => {
                // The device cannot perform the change and says so; other records go on.
                tracing::error!(record = %stored.key.record, "a document cannot be read: {error}");
                return Ok(Cow::Borrowed(&[]));
            }
        };
        let author = roadbook_merge::Author {
            device: header.device,
            install_epoch: header.install_epoch,
            branch: part.branch,
        };
        let stamp = Stamp { author, clock: header.clock, intent: header.intent };
        let (version, schema) = (header.mutator_version, self.rules.schema);
        let operations = &part.operations;
        mutator::perform(version, schema, &mut then, part.entity, &stamp, &part.basis, operations)
            .map(|performed| Cow::Owned(performed.bytes))
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
