//! Writing rows.

use roadbook_domain::{
    ChangeHash, ConflictId, DeviceId, DocumentKey, Facet, Hlc, IntentId, RecordId, UserId,
};
use roadbook_policy::Audience;
use rusqlite::{Params, params};

use super::{Writer, failed, signed};
use crate::store::{
    BatchRow, Install, LogEntry, LogPart, ProjectedRow, QuarantineRow, RecordRow, RefusedChange,
    RelayedRow, StoreResult, StoreWrite, StoredDocument, VerdictRow,
};
use crate::tenant::{Credential, Device, IdentityKind};

impl Writer<'_> {
    fn run(&self, sql: &str, bound: impl Params) -> StoreResult<()> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        statement.execute(bound).map_err(failed)?;
        Ok(())
    }
}

/// Hashes, one after the other.
fn joined(hashes: &[ChangeHash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

impl StoreWrite for Writer<'_> {
    fn put_meta(&mut self, name: &str, value: &[u8]) -> StoreResult<()> {
        self.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", params![name, value])
    }

    fn put_batch(&mut self, batch: &BatchRow) -> StoreResult<i64> {
        self.run(
            "INSERT INTO batches (device, install_epoch, received_ms, root, signature, leaves)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                batch.device.as_bytes(),
                batch.install_epoch,
                batch.received_ms,
                batch.root,
                batch.signature,
                batch.leaves
            ],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    fn append(&mut self, entry: &LogEntry, parts: &[LogPart]) -> StoreResult<()> {
        self.run(
            "INSERT INTO log (seq, intent, user, device, install_epoch, accepted_ms, batch, header,
             chain) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                signed(entry.seq),
                entry.intent.as_bytes(),
                entry.user.as_bytes(),
                entry.device.as_bytes(),
                entry.install_epoch,
                entry.accepted_ms,
                entry.batch,
                entry.header,
                entry.chain
            ],
        )?;
        for part in parts {
            let within = i64::from(part.slot) * 2 + part.document.facet as i64;
            self.run(
                "INSERT INTO log_parts (place, record, facet, generation, change, part, outcome,
                 raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    signed(entry.seq) * 32 + within,
                    part.document.record.as_bytes(),
                    part.document.facet as u8,
                    part.document.generation,
                    part.change.0,
                    part.part,
                    part.outcome,
                    part.raw
                ],
            )?;
        }
        Ok(())
    }

    fn put_verdict(&mut self, verdict: &VerdictRow) -> StoreResult<()> {
        self.run(
            "INSERT INTO verdicts (intent, user, device, verdict) VALUES (?1, ?2, ?3, ?4)",
            params![
                verdict.intent.as_bytes(),
                verdict.user.as_bytes(),
                verdict.device.as_bytes(),
                verdict.verdict
            ],
        )
    }

    fn drop_verdict(&mut self, intent: IntentId) -> StoreResult<()> {
        self.run("DELETE FROM verdicts WHERE intent = ?1", [intent.as_bytes()])
    }

    fn put_relayed(&mut self, row: &RelayedRow) -> StoreResult<()> {
        self.run(
            "INSERT OR REPLACE INTO relayed (intent, restore_epoch, lost_seq, device, received_ms,
             seq, envelope) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                row.intent.as_bytes(),
                signed(row.restore_epoch),
                signed(row.lost_seq),
                row.device.as_bytes(),
                row.received_ms,
                row.seq.map(signed),
                row.envelope
            ],
        )
    }

    fn put_refused_change(&mut self, refused: &RefusedChange) -> StoreResult<()> {
        self.run(
            "INSERT OR REPLACE INTO refused_changes (change, device, intent, causes, refused_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                refused.change.0,
                refused.device.as_bytes(),
                refused.intent.as_bytes(),
                refused.causes,
                refused.refused_ms
            ],
        )
    }

    fn drop_refused_change(&mut self, change: ChangeHash) -> StoreResult<()> {
        self.run("DELETE FROM refused_changes WHERE change = ?1", [&change.0])
    }

    fn trim_refused_changes(&mut self, device: DeviceId, keep: u64) -> StoreResult<()> {
        self.run(
            "DELETE FROM refused_changes WHERE change IN (SELECT change FROM refused_changes
             WHERE device = ?1 ORDER BY refused_ms DESC LIMIT -1 OFFSET ?2)",
            params![device.as_bytes(), signed(keep)],
        )
    }

    fn put_refused_record(
        &mut self,
        record: RecordId,
        user: UserId,
        intent: IntentId,
    ) -> StoreResult<()> {
        self.run(
            "INSERT OR REPLACE INTO refused_records (record, user, intent) VALUES (?1, ?2, ?3)",
            params![record.as_bytes(), user.as_bytes(), intent.as_bytes()],
        )
    }

    fn clear_refused_record(&mut self, record: RecordId) -> StoreResult<()> {
        self.run("DELETE FROM refused_records WHERE record = ?1", [record.as_bytes()])
    }

    fn put_document(&mut self, document: &StoredDocument) -> StoreResult<()> {
        self.run(
            "INSERT INTO documents (record, facet, generation, entity, seq, heads, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (record, facet, generation) DO UPDATE SET
             seq = excluded.seq, heads = excluded.heads, bytes = excluded.bytes",
            params![
                document.key.record.as_bytes(),
                document.key.facet as u8,
                document.key.generation,
                document.entity as u8,
                signed(document.seq),
                joined(&document.heads),
                document.bytes
            ],
        )
    }

    fn put_record(&mut self, row: &RecordRow) -> StoreResult<()> {
        self.run(
            "INSERT OR REPLACE INTO records (record, entity, owner, territory, team, parent,
             facets, created_by, created_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                row.record.as_bytes(),
                row.place.entity as u8,
                row.place.owner.as_ref().map(UserId::as_bytes),
                row.place.territory.as_ref().map(RecordId::as_bytes),
                row.place.team.as_ref().map(RecordId::as_bytes),
                row.parent.as_ref().map(RecordId::as_bytes),
                if row.confidential { 3 } else { 1 },
                row.created_by.as_bytes(),
                signed(row.created_seq)
            ],
        )
    }

    fn open_document(
        &mut self,
        record: RecordId,
        facet: Facet,
        audience: Audience,
        seq: u64,
    ) -> StoreResult<()> {
        self.run(
            "INSERT INTO doc_scopes (record, facet, audience, from_seq) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET to_seq = 9223372036854775807",
            params![record.as_bytes(), facet as u8, audience.to_bytes(), signed(seq)],
        )
    }

    fn close_document(
        &mut self,
        record: RecordId,
        facet: Facet,
        audience: Audience,
        seq: u64,
    ) -> StoreResult<()> {
        self.run(
            "UPDATE doc_scopes SET to_seq = ?4 WHERE record = ?1 AND facet = ?2 AND audience = ?3
             AND to_seq = 9223372036854775807",
            params![record.as_bytes(), facet as u8, audience.to_bytes(), signed(seq)],
        )
    }

    fn open_user(&mut self, user: UserId, audience: Audience, seq: u64) -> StoreResult<()> {
        self.run(
            "INSERT INTO user_scopes (user, audience, from_seq) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET to_seq = 9223372036854775807",
            params![user.as_bytes(), audience.to_bytes(), signed(seq)],
        )
    }

    fn close_user(&mut self, user: UserId, audience: Audience, seq: u64) -> StoreResult<()> {
        self.run(
            "UPDATE user_scopes SET to_seq = ?3 WHERE user = ?1 AND audience = ?2
             AND to_seq = 9223372036854775807",
            params![user.as_bytes(), audience.to_bytes(), signed(seq)],
        )
    }

    fn open_conflict(&mut self, id: &ConflictId, facet: Facet, seq: u64) -> StoreResult<()> {
        self.run(
            "INSERT INTO conflicts (intent, record, field, facet, opened_seq)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id.intent.as_bytes(), id.record.as_bytes(), id.field, facet as u8, signed(seq)],
        )
    }

    fn close_conflict(&mut self, id: &ConflictId, seq: u64, by: IntentId) -> StoreResult<()> {
        self.run(
            "UPDATE conflicts SET closed_seq = ?4, closed_by = ?5
             WHERE record = ?1 AND field = ?2 AND intent = ?3",
            params![
                id.record.as_bytes(),
                id.field,
                id.intent.as_bytes(),
                signed(seq),
                by.as_bytes()
            ],
        )
    }

    fn put_device(&mut self, device: &Device) -> StoreResult<()> {
        self.run(
            "INSERT OR REPLACE INTO devices (device, user, name, public_key, salt_key, enrolled_ms,
             revoked_ms, last_sync_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                device.id.as_bytes(),
                device.user.as_bytes(),
                device.name,
                device.public_key,
                device.salt_key,
                device.enrolled_ms,
                device.revoked_ms,
                device.last_sync_ms
            ],
        )
    }

    fn touch_device(&mut self, device: DeviceId, at_ms: i64) -> StoreResult<()> {
        self.run(
            "UPDATE devices SET last_sync_ms = ?2 WHERE device = ?1",
            params![device.as_bytes(), at_ms],
        )
    }

    fn put_progress(&mut self, install: &Install, number: u64, clock: Hlc) -> StoreResult<()> {
        self.run(
            "INSERT INTO installs (device, install_epoch, last_number, last_clock)
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET
             last_number = max(last_number, excluded.last_number),
             last_clock = max(last_clock, excluded.last_clock)",
            params![install.device.as_bytes(), install.install_epoch, signed(number), clock.0],
        )
    }

    fn put_credential(&mut self, credential: &Credential) -> StoreResult<()> {
        self.run("DELETE FROM credentials WHERE user = ?1", [credential.user.as_bytes()])?;
        self.run(
            "INSERT OR REPLACE INTO credentials (login, user, password_hash, demo)
             VALUES (?1, ?2, ?3, ?4)",
            params![
                credential.login,
                credential.user.as_bytes(),
                credential.password_hash,
                credential.kind == IdentityKind::Demo
            ],
        )
    }

    fn put_quarantined(&mut self, row: &QuarantineRow) -> StoreResult<()> {
        self.run(
            "INSERT OR IGNORE INTO quarantine (intent, device, user, reason, received_ms, envelope)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                row.intent.as_bytes(),
                row.device.as_bytes(),
                row.user.as_bytes(),
                row.reason,
                row.received_ms,
                row.envelope
            ],
        )
    }

    fn drop_relayed(&mut self, intent: IntentId) -> StoreResult<()> {
        self.run("DELETE FROM relayed WHERE intent = ?1", [intent.as_bytes()])
    }

    fn settle_quarantined(&mut self, row: &QuarantineRow) -> StoreResult<()> {
        let settled = row.settled.as_ref();
        self.run(
            "UPDATE quarantine SET envelope = ?3, settled = ?4, note = ?5, settled_ms = ?6
             WHERE device = ?1 AND intent = ?2",
            params![
                row.device.as_bytes(),
                row.intent.as_bytes(),
                row.envelope,
                settled.map(|settled| &settled.how),
                settled.map(|settled| &settled.note),
                settled.map(|settled| settled.at_ms)
            ],
        )
    }

    fn reopen_quarantined(&mut self, row: &QuarantineRow) -> StoreResult<()> {
        self.run(
            "UPDATE quarantine SET reason = ?3, received_ms = ?4, envelope = ?5,
                 settled = NULL, note = NULL, settled_ms = NULL
             WHERE device = ?1 AND intent = ?2",
            params![
                row.device.as_bytes(),
                row.intent.as_bytes(),
                row.reason,
                row.received_ms,
                row.envelope
            ],
        )
    }

    fn put_purge(&mut self, device: DeviceId, key: &DocumentKey, at_ms: i64) -> StoreResult<()> {
        self.run(
            "INSERT OR REPLACE INTO purges (device, record, facet, generation, purged_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                device.as_bytes(),
                key.record.as_bytes(),
                key.facet as u8,
                key.generation,
                at_ms
            ],
        )
    }

    fn project(&mut self, row: &ProjectedRow<'_>) -> StoreResult<()> {
        self.columns.write(&self.connection, row)
    }

    fn projections_are_stale(&self) -> StoreResult<bool> {
        self.columns.are_stale(&self.connection)
    }

    fn reset_projections(&mut self) -> StoreResult<()> {
        self.columns.reset(&self.connection)
    }

    fn commit(mut self: Box<Self>) -> StoreResult<()> {
        self.connection.execute_batch("COMMIT").map_err(failed)?;
        self.committed = true;
        Ok(())
    }
}
