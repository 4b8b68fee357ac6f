//! After the server was restored from a backup (D6): what it lost is handed back under receipts;
//! own work of which it takes no receipt is sent again.

use roadbook_merge::{Author, Envelope, Stamp, mutator};
use rusqlite::{Connection, params};

use crate::pending::{self, Stored};
use crate::projection::document_number;
use crate::{Replica, StoreError, opened};

impl Replica {
    /// Notes that the server was restored: what it may have lost is to be handed back. What was
    /// taken in and had not come back is no longer known to be.
    pub(super) fn server_restored(&self, connection: &Connection) -> Result<(), StoreError> {
        connection.execute("UPDATE envelopes SET handed = 0 WHERE handed <> 0", [])?;
        // Whatever its number: one that was held comes into the log after greater ones. What the
        // server still has is told as a duplicate.
        connection.execute("UPDATE pending SET state = 0, seq = NULL WHERE state = 1", [])?;
        Ok(())
    }

    /// Makes own work pending again, with the bytes that it had.
    pub(super) fn make_pending_again(
        &self,
        connection: &Connection,
        envelope: &Envelope,
    ) -> Result<(), StoreError> {
        let header = &envelope.header;
        pending::insert(connection, envelope, Stored::Saved)?;
        connection.execute(
            "DELETE FROM own_intents WHERE intent = ?1",
            params![header.intent.as_bytes()],
        )?;
        for (part, _) in &envelope.parts {
            let key = part.document;
            let Some((number, _)) = opened::find(connection, key.record)? else { continue };
            let accepted = opened::accepted(connection, number, key.record, key.facet);
            let mut document = match accepted {
                Ok(Some(document)) => document,
                Ok(None) => continue,
                Err(StoreError::Document(error)) => {
                    let record = key.record;
                    tracing::warn!(%record, "work on {record} is sent again without it: {error}");
                    continue;
                }
                Err(error) => return Err(error),
            };
            let author = Author {
                device: header.device,
                install_epoch: header.install_epoch,
                branch: part.branch,
            };
            let stamp = Stamp { author, clock: header.clock, intent: header.intent };
            let mut at_basis = document.at(&part.basis).or_else(|_| document.at(&[]))?;
            let performed = mutator::perform(
                header.mutator_version,
                &self.schema,
                &mut at_basis,
                part.entity,
                &stamp,
                &part.basis,
                &part.operations,
            );
            match performed {
                Ok(performed) if performed.change == part.change => {
                    document.apply(&performed.bytes)?;
                    let id = document_number(number, key.facet);
                    pending::insert_part(connection, id, header.number, &performed)?;
                }
                Ok(_) | Err(_) => {
                    let intent = header.intent;
                    tracing::warn!(%intent, "intent {intent} is sent again without its bytes here");
                }
            }
        }
        Ok(())
    }
}
