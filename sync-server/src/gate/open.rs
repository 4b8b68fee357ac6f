//! Documents that are open: few, loaded when touched, saved once per batch.
//!
//! What is open equals what the store will hold when the transaction commits; whoever rolls back
//! clears it all.

use std::num::NonZeroUsize;

use lru::LruCache;
use roadbook_domain::{DocumentKey, Entity, Schema, Value};
use roadbook_merge::{Document, Part, Performed, Refusal, Stamp, mutator, view};

use crate::store::{ProjectedRow, StoreWrite, StoredDocument};
use crate::tenant::TenantError;

/// How many documents stay open; an open one takes about 30 KB.
const OPEN_MAX: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// A document that grew beyond this takes no more, in bytes.
const DOCUMENT_MAX_BYTES: usize = 4 * 1024 * 1024;

/// One open document.
#[derive(Debug)]
pub(crate) struct OpenDocument {
    pub(crate) document: Document,
    entity: Entity,
    /// Where in the log it was last changed, if that is not saved yet.
    unsaved_at: Option<u64>,
    /// What was taken in since it was last saved.
    unsaved: Vec<Vec<u8>>,
    /// The document as the pushing device saw it, when others wrote meanwhile.
    at_basis: Option<Document>,
    bytes: usize,
}

impl OpenDocument {
    /// Performs a part's operations at its basis, and takes the change in.
    pub(crate) fn perform(
        &mut self,
        version: u16,
        schema: &Schema,
        stamp: &Stamp,
        part: &Part,
    ) -> Result<Performed, Refusal> {
        let Part { entity, basis, operations, .. } = part;
        if self.document.heads() == *basis {
            let document = &mut self.document;
            return mutator::perform(version, schema, document, *entity, stamp, basis, operations);
        }
        // A device that was offline pushes many changes on the same basis; the copy goes along.
        let mut at_basis = match self.at_basis.take() {
            Some(copy) if copy.heads() == *basis => copy,
            _ => self.document.at(basis)?,
        };
        let performed =
            mutator::perform(version, schema, &mut at_basis, *entity, stamp, basis, operations)?;
        self.document.apply(&performed.bytes)?;
        self.at_basis = Some(at_basis);
        Ok(performed)
    }

    /// Notes that what was performed has been taken into the log.
    pub(crate) fn taken_in(&mut self, seq: u64, bytes: Vec<u8>) {
        self.unsaved_at = Some(seq);
        self.bytes += bytes.len();
        self.unsaved.push(bytes);
    }

    /// Says whether the document takes no more.
    pub(crate) const fn is_full(&self) -> bool {
        self.bytes > DOCUMENT_MAX_BYTES
    }

    fn save(&mut self, schema: &Schema, store: &mut dyn StoreWrite) -> Result<(), TenantError> {
        self.at_basis = None;
        let Some(seq) = self.unsaved_at.take() else { return Ok(()) };
        let bytes = self.document.save();
        self.bytes = bytes.len();
        self.unsaved.clear();
        store.put_document(&StoredDocument {
            key: self.document.key(),
            entity: self.entity,
            seq,
            heads: self.document.heads(),
            bytes,
        })?;
        project_document(schema, store, self.entity, &self.document, seq)
    }
}

/// Writes a document's row of the tables for the central pipeline.
pub(crate) fn project_document(
    schema: &Schema,
    store: &mut dyn StoreWrite,
    entity: Entity,
    document: &Document,
    seq: u64,
) -> Result<(), TenantError> {
    let DocumentKey { record, facet, .. } = document.key();
    let merged = view(schema, entity, &[document]);
    let fields = schema.entity(entity).fields.iter().filter(|def| def.facet() == facet);
    let (mut values, mut disputed): (Vec<&Value>, Vec<&'static str>) = (Vec::new(), Vec::new());
    for def in fields {
        let state = merged.fields.get(def.name);
        values.push(state.map_or(&Value::Null, |state| &state.value));
        if state.is_some_and(|state| state.disputed) {
            disputed.push(def.name);
        }
    }
    store.project(&ProjectedRow {
        entity,
        facet,
        record,
        seq,
        alive: merged.alive,
        updated_ms: merged.updated.millis(),
        disputed,
        values,
    })?;
    Ok(())
}

/// The open documents of a tenant.
#[derive(Debug)]
pub(crate) struct OpenDocuments {
    cache: LruCache<DocumentKey, OpenDocument>,
}

impl OpenDocuments {
    pub(crate) fn new() -> Self {
        Self { cache: LruCache::new(OPEN_MAX) }
    }

    /// Forgets everything: what was open was rolled back, or somebody else wrote.
    pub(crate) fn clear(&mut self) {
        self.cache.clear();
    }

    /// Opens a document; an empty one if there is none yet. `None` if the record's facet is in
    /// another generation.
    pub(crate) fn get(
        &mut self,
        store: &mut dyn StoreWrite,
        schema: &Schema,
        key: DocumentKey,
        entity: Entity,
    ) -> Result<Option<&mut OpenDocument>, TenantError> {
        if !self.cache.contains(&key) {
            let (document, bytes) = match store.document(key.record, key.facet)? {
                Some(stored) if stored.key == key => {
                    (Document::load(key, &stored.bytes)?, stored.bytes.len())
                }
                Some(_) => return Ok(None),
                None if key.generation > 0 => return Ok(None),
                None => (Document::new(key), 0),
            };
            let unsaved = Vec::new();
            let open =
                OpenDocument { document, entity, unsaved_at: None, unsaved, at_basis: None, bytes };
            if let Some((_, mut put_out)) = self.cache.push(key, open) {
                put_out.save(schema, store)?;
            }
        }
        Ok(self.cache.get_mut(&key))
    }

    /// Brings a document back to what the log says, after something performed was not taken in.
    pub(crate) fn restore(
        &mut self,
        store: &mut dyn StoreWrite,
        schema: &Schema,
        key: DocumentKey,
    ) -> Result<(), TenantError> {
        let Some(mut open) = self.cache.pop(&key) else { return Ok(()) };
        if open.unsaved_at.is_none() {
            return Ok(());
        }
        open.document = match store.document(key.record, key.facet)? {
            Some(stored) => Document::load(key, &stored.bytes)?,
            None => Document::new(key),
        };
        for bytes in &open.unsaved {
            open.document.apply(bytes)?;
        }
        // Saved now, so that the next time is cheap: refusals must not cost more and more.
        open.save(schema, store)?;
        self.cache.push(key, open);
        Ok(())
    }

    /// Saves all that is not saved.
    pub(crate) fn save(
        &mut self,
        store: &mut dyn StoreWrite,
        schema: &Schema,
    ) -> Result<(), TenantError> {
        self.cache.iter_mut().try_for_each(|(_, open)| open.save(schema, store))
    }
}
