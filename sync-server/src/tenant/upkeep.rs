//! What operators look at and do: figures, rebuilt tables.

use roadbook_domain::{Entity, Facet, RecordId, Schema};
use roadbook_merge::Document;

use super::{Status, Tenant, TenantError, keys, number};
use crate::gate::project_document;
use crate::store::StoreWrite;

/// How many documents are read at once while tables are rebuilt.
const AT_ONCE: usize = 200;

impl Tenant {
    /// Figures for operators.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn status(&self) -> Result<Status, TenantError> {
        let read = self.store.read()?;
        let counts = read.counts()?;
        let users = self.directory(read.as_ref())?.users.len();
        Ok(Status {
            head: read.head()?,
            records: counts.records,
            documents: counts.documents,
            users: u64::try_from(users).unwrap_or(u64::MAX),
            devices: counts.devices,
            open_conflicts: counts.open_conflicts,
            quarantined: counts.quarantined,
            backup_watermark: number(read.as_ref(), keys::WATERMARK)?,
            restore_epoch: self.restore_epoch,
            database_bytes: counts.bytes,
        })
    }

    /// A row of the tables for the central pipeline, as column names and texts.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn projected(
        &self,
        entity: Entity,
        facet: Facet,
        record: RecordId,
    ) -> Result<Option<Vec<(String, String)>>, TenantError> {
        Ok(self.store.read()?.projected(entity, facet, record)?)
    }
}

/// Makes the tables for the central pipeline anew, if another schema made them.
pub(super) fn rebuild_projections(
    store: &mut dyn StoreWrite,
    schema: &Schema,
) -> Result<(), TenantError> {
    if !store.projections_are_stale()? {
        return Ok(());
    }
    store.reset_projections()?;
    let mut after = None;
    loop {
        let documents = store.documents_after(after, AT_ONCE)?;
        let is_last = documents.len() < AT_ONCE;
        for stored in documents {
            let record = stored.key.record;
            after = Some((record, stored.key.facet));
            match Document::load(stored.key, &stored.bytes) {
                Ok(document) => {
                    project_document(schema, store, stored.entity, &document, stored.seq)?;
                }
                // One bad record never blocks another, nor the start of the server.
                Err(error) => {
                    tracing::error!(%record, "record {record} has no row in the tables: {error}");
                }
            }
        }
        if is_last {
            return Ok(());
        }
    }
}
