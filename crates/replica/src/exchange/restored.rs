//! After the server was restored from a backup: what it lost of this device is sent again (D6).

use roadbook_domain::RecordId;
use roadbook_merge::{Author, Envelope, Stamp, mutator};
use rusqlite::{Connection, params};

use crate::pending::{self, Stored};
use crate::projection::document_number;
use crate::{Replica, StoreError, opened};

impl Replica {
    /// Makes pending again what a restored server does not know of this device.
    pub(super) fn send_again(
        &self,
        connection: &Connection,
        install_epoch: u32,
        known: u64,
    ) -> Result<Vec<RecordId>, StoreError> {
        let mut touched = Vec::new();
        let mut statement = connection
            .prepare_cached("SELECT envelope FROM envelopes ORDER BY restore_epoch, seq")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let envelope = pending::read_envelope(bytes)?;
            let header = &envelope.header;
            let lost = header.device == self.identity.device
                && header.install_epoch == install_epoch
                && header.number > known
                && pending::find(connection, header.intent)?.is_none();
            if lost {
                self.make_pending_again(connection, &envelope)?;
                touched.extend(envelope.parts.iter().map(|(part, _)| part.document.record));
            }
        }
        // What was accepted and had not come back is sent again too.
        connection.execute(
            "UPDATE pending SET state = 0, seq = NULL WHERE state = 1 AND number > ?1",
            [known],
        )?;
        Ok(touched)
    }

    fn make_pending_again(
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
            let accepted = opened::accepted(connection, number, key.record, key.facet)?;
            let Some(mut document) = accepted else { continue };
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
