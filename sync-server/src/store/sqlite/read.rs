//! Reading rows. Every statement is prepared once per connection.
//!
//! Long because it is one trait's list of queries.

use std::collections::BTreeSet;

use roadbook_domain::{
    ChangeHash, ConflictId, DeviceId, DocumentKey, Entity, Facet, Hlc, IntentId, RecordId, UserId,
};
use roadbook_policy::{Audience, RecordPlace};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::{Access, columns, failed, relayed, signed, unsigned, visibility};
use crate::store::{
    ConflictRow, Counts, DocumentPlace, Install, LogEntry, LogPart, LogRow, Progress,
    QuarantineRow, Receiver, RecordRow, RefusedChange, RelayedRow, Share, StoreError, StoreRead,
    StoreResult, StoredDocument, VerdictRow, Window,
};
use crate::tenant::{Credential, Device, IdentityKind};

/// Hashes, one after the other.
pub(super) struct Hashes(pub(super) Vec<ChangeHash>);

impl FromSql for Hashes {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let (hashes, rest) = value.as_blob()?.as_chunks::<32>();
        if rest.is_empty() {
            Ok(Self(hashes.iter().copied().map(ChangeHash).collect()))
        } else {
            Err(FromSqlError::InvalidType)
        }
    }
}

/// A facet of a stored number.
pub(super) fn facet(number: u8) -> StoreResult<Facet> {
    Facet::from_number(number).ok_or(StoreError::Corrupt("facet"))
}

fn entity(number: u8) -> StoreResult<Entity> {
    Entity::from_number(number).ok_or(StoreError::Corrupt("entity"))
}

/// One row, if there is one.
fn one<T>(
    connection: &Connection,
    sql: &str,
    bound: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> StoreResult<Option<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    statement.query_row(bound, read).optional().map_err(failed)
}

/// All rows.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    bound: impl Params,
    mut read: impl FnMut(&Row<'_>) -> StoreResult<T>,
) -> StoreResult<Vec<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(bound).map_err(failed)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        out.push(read(row)?);
    }
    Ok(out)
}

pub(super) fn get<T: FromSql>(row: &Row<'_>, at: usize) -> StoreResult<T> {
    row.get(at).map_err(failed)
}

fn record(row: &Row<'_>, at: usize) -> StoreResult<RecordId> {
    get(row, at).map(RecordId::from_bytes)
}

/// `record, facet, generation, entity, seq, heads, bytes`. Ends after the one that makes it so many
/// bytes.
pub(super) fn documents(
    connection: &Connection,
    sql: &str,
    bound: impl Params,
    max_bytes: usize,
) -> StoreResult<Vec<StoredDocument>> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(bound).map_err(failed)?;
    let mut out = Vec::new();
    let mut size = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        let Hashes(heads) = get(row, 5)?;
        let bytes: Vec<u8> = get(row, 6)?;
        size += bytes.len();
        out.push(StoredDocument {
            key: DocumentKey {
                record: record(row, 0)?,
                facet: facet(get(row, 1)?)?,
                generation: get(row, 2)?,
            },
            entity: entity(get(row, 3)?)?,
            seq: unsigned(get(row, 4)?),
            heads,
            bytes,
        });
        if size >= max_bytes {
            break;
        }
    }
    Ok(out)
}

pub(super) fn document(
    connection: &Connection,
    record: RecordId,
    facet: Facet,
) -> StoreResult<Option<StoredDocument>> {
    const SQL: &str = "SELECT record, facet, generation, entity, seq, heads, bytes FROM documents
        WHERE record = ?1 AND facet = ?2 ORDER BY generation DESC LIMIT 1";
    let found = documents(connection, SQL, params![record.as_bytes(), facet as u8], usize::MAX)?;
    Ok(found.into_iter().next())
}

pub(super) fn generation(
    connection: &Connection,
    record: RecordId,
    facet: Facet,
) -> StoreResult<u32> {
    let sql = "SELECT coalesce(max(generation), 0) FROM documents WHERE record = ?1 AND facet = ?2";
    let found = one(connection, sql, params![record.as_bytes(), facet as u8], |row| row.get(0))?;
    Ok(found.unwrap_or(0))
}

/// `seq, intent, user, device, install_epoch, accepted_ms, batch, header, chain`, from a column on.
pub(super) fn entry(row: &Row<'_>, at: usize) -> rusqlite::Result<LogEntry> {
    Ok(LogEntry {
        seq: unsigned(row.get(at)?),
        intent: IntentId::from_bytes(row.get(at + 1)?),
        user: UserId::from_bytes(row.get(at + 2)?),
        device: DeviceId::from_bytes(row.get(at + 3)?),
        install_epoch: row.get(at + 4)?,
        accepted_ms: row.get(at + 5)?,
        batch: row.get(at + 6)?,
        header: row.get(at + 7)?,
        chain: row.get(at + 8)?,
    })
}

fn log_entry(connection: &Connection, seq: u64) -> StoreResult<Option<LogEntry>> {
    const SQL: &str = "SELECT seq, intent, user, device, install_epoch, accepted_ms, batch, header,
        chain FROM log WHERE seq = ?1";
    one(connection, SQL, [signed(seq)], |row| entry(row, 0))
}

/// `place, record, facet, generation, change, part, outcome, raw`.
pub(super) fn log_part(row: &Row<'_>) -> StoreResult<LogPart> {
    let place: i64 = get(row, 0)?;
    let slot = u8::try_from(place % 32 / 2).map_err(|_| StoreError::Corrupt("slot"))?;
    Ok(LogPart {
        slot,
        document: DocumentKey {
            record: record(row, 1)?,
            facet: facet(get(row, 2)?)?,
            generation: get(row, 3)?,
        },
        change: ChangeHash(get(row, 4)?),
        part: get(row, 5)?,
        outcome: get(row, 6)?,
        raw: get(row, 7)?,
    })
}

const DEVICE: &str = "SELECT device, user, name, public_key, salt_key, enrolled_ms, revoked_ms,
    last_sync_ms FROM devices";

fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: DeviceId::from_bytes(row.get(0)?),
        user: UserId::from_bytes(row.get(1)?),
        name: row.get(2)?,
        public_key: row.get(3)?,
        salt_key: row.get(4)?,
        enrolled_ms: row.get(5)?,
        revoked_ms: row.get(6)?,
        last_sync_ms: row.get(7)?,
    })
}

fn credential(row: &Row<'_>) -> rusqlite::Result<Credential> {
    let demo: bool = row.get(3)?;
    Ok(Credential {
        user: UserId::from_bytes(row.get(0)?),
        login: row.get(1)?,
        password_hash: row.get(2)?,
        kind: if demo { IdentityKind::Demo } else { IdentityKind::Real },
    })
}

const RECORD: &str = "SELECT record, entity, owner, territory, team, parent, facets, created_by,
    created_seq FROM records";

fn record_row(row: &Row<'_>) -> StoreResult<RecordRow> {
    let optional = |at| Ok::<_, StoreError>(get::<Option<_>>(row, at)?.map(RecordId::from_bytes));
    let facets: u8 = get(row, 6)?;
    Ok(RecordRow {
        record: record(row, 0)?,
        place: RecordPlace {
            entity: entity(get(row, 1)?)?,
            owner: optional(2)?.map(|owner| UserId(owner.0)),
            territory: optional(3)?,
            team: optional(4)?,
        },
        parent: optional(5)?,
        confidential: facets & 2 != 0,
        created_by: UserId::from_bytes(get(row, 7)?),
        created_seq: unsigned(get(row, 8)?),
    })
}

fn audiences(
    connection: &Connection,
    sql: &str,
    bound: impl Params,
) -> StoreResult<BTreeSet<Audience>> {
    let found = all(connection, sql, bound, |row| {
        let bytes: [u8; 18] = get(row, 0)?;
        Audience::from_bytes(&bytes).ok_or(StoreError::Corrupt("audience"))
    })?;
    Ok(found.into_iter().collect())
}

fn count(connection: &Connection, sql: &str) -> StoreResult<u64> {
    Ok(unsigned(one(connection, sql, [], |row| row.get(0))?.unwrap_or(0)))
}

impl<T: Access> StoreRead for T {
    fn meta(&self, name: &str) -> StoreResult<Option<Vec<u8>>> {
        one(self.connection(), "SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
    }

    fn head(&self) -> StoreResult<u64> {
        count(self.connection(), "SELECT coalesce(max(seq), 0) FROM log")
    }

    fn log_entry(&self, seq: u64) -> StoreResult<Option<LogEntry>> {
        log_entry(self.connection(), seq)
    }

    fn log_parts(&self, seq: u64) -> StoreResult<Vec<LogPart>> {
        let sql = "SELECT place, record, facet, generation, change, part, outcome, raw
            FROM log_parts WHERE place >= ?1 AND place < ?1 + 32 ORDER BY place";
        all(self.connection(), sql, [signed(seq).saturating_mul(32)], log_part)
    }

    fn device(&self, id: DeviceId) -> StoreResult<Option<Device>> {
        const SQL: &str = "SELECT device, user, name, public_key, salt_key, enrolled_ms,
            revoked_ms, last_sync_ms FROM devices WHERE device = ?1";
        one(self.connection(), SQL, [id.as_bytes()], device)
    }

    fn devices(&self) -> StoreResult<Vec<Device>> {
        let sql = format!("{DEVICE} ORDER BY enrolled_ms, device");
        all(self.connection(), &sql, [], |row| device(row).map_err(failed))
    }

    fn progress(&self, install: &Install) -> StoreResult<Progress> {
        let sql = "SELECT coalesce(max(CASE install_epoch WHEN ?2 THEN last_number END), 0),
            coalesce(max(last_clock), 0) FROM installs WHERE device = ?1";
        let bound = params![install.device.as_bytes(), install.install_epoch];
        let found = one(self.connection(), sql, bound, |row| {
            Ok(Progress { last_number: unsigned(row.get(0)?), last_clock: Hlc(row.get(1)?) })
        })?;
        Ok(found.unwrap_or_default())
    }

    fn credential(&self, login: &str) -> StoreResult<Option<Credential>> {
        let sql = "SELECT user, login, password_hash, demo FROM credentials WHERE login = ?1";
        one(self.connection(), sql, [login], credential)
    }

    fn credential_of(&self, user: UserId) -> StoreResult<Option<Credential>> {
        let sql = "SELECT user, login, password_hash, demo FROM credentials WHERE user = ?1";
        one(self.connection(), sql, [user.as_bytes()], credential)
    }

    fn has_demo_credentials(&self) -> StoreResult<bool> {
        Ok(count(self.connection(), "SELECT count(*) FROM credentials WHERE demo")? > 0)
    }

    fn verdict(&self, intent: IntentId) -> StoreResult<Option<VerdictRow>> {
        let sql = "SELECT intent, user, device, verdict FROM verdicts WHERE intent = ?1";
        one(self.connection(), sql, [intent.as_bytes()], |row| {
            Ok(VerdictRow {
                intent: IntentId::from_bytes(row.get(0)?),
                user: UserId::from_bytes(row.get(1)?),
                device: DeviceId::from_bytes(row.get(2)?),
                verdict: row.get(3)?,
            })
        })
    }

    fn refused_change(&self, change: ChangeHash) -> StoreResult<Option<RefusedChange>> {
        let sql = "SELECT device, intent, causes, refused_ms FROM refused_changes
             WHERE change = ?1";
        one(self.connection(), sql, [&change.0], |row| {
            Ok(RefusedChange {
                change,
                device: DeviceId::from_bytes(row.get(0)?),
                intent: IntentId::from_bytes(row.get(1)?),
                causes: row.get(2)?,
                refused_ms: row.get(3)?,
            })
        })
    }

    fn refused_record(&self, record: RecordId) -> StoreResult<Option<(UserId, IntentId)>> {
        let sql = "SELECT user, intent FROM refused_records WHERE record = ?1";
        one(self.connection(), sql, [record.as_bytes()], |row| {
            Ok((UserId::from_bytes(row.get(0)?), IntentId::from_bytes(row.get(1)?)))
        })
    }

    fn document(&self, record: RecordId, facet: Facet) -> StoreResult<Option<StoredDocument>> {
        document(self.connection(), record, facet)
    }

    fn documents_of(&self, entity: Entity) -> StoreResult<Vec<StoredDocument>> {
        let sql = "SELECT record, facet, generation, entity, seq, heads, bytes FROM documents
            WHERE entity = ?1 AND facet = 0 ORDER BY record";
        documents(self.connection(), sql, [entity as u8], usize::MAX)
    }

    fn documents_after(
        &self,
        after: Option<DocumentPlace>,
        limit: usize,
    ) -> StoreResult<Vec<StoredDocument>> {
        let sql = "SELECT record, facet, generation, entity, seq, heads, bytes FROM documents
            WHERE (record, facet) > (?1, ?2) ORDER BY record, facet LIMIT ?3";
        let (record, facet) = visibility::bounds(after);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        documents(self.connection(), sql, params![record, facet, limit], usize::MAX)
    }

    fn record(&self, record: RecordId) -> StoreResult<Option<RecordRow>> {
        const SQL: &str = "SELECT record, entity, owner, territory, team, parent, facets,
            created_by, created_seq FROM records WHERE record = ?1";
        let found = all(self.connection(), SQL, [record.as_bytes()], record_row)?;
        Ok(found.into_iter().next())
    }

    fn children(&self, parent: RecordId) -> StoreResult<Vec<RecordRow>> {
        let sql = format!("{RECORD} WHERE parent = ?1 ORDER BY record");
        all(self.connection(), &sql, [parent.as_bytes()], record_row)
    }

    fn open_conflicts(&self, record: RecordId, facet: Facet) -> StoreResult<Vec<ConflictRow>> {
        let sql = "SELECT intent, field, opened_seq, closed_seq FROM conflicts
            WHERE record = ?1 AND facet = ?2 AND closed_seq IS NULL ORDER BY opened_seq, field";
        all(self.connection(), sql, params![record.as_bytes(), facet as u8], |row| {
            let closed: Option<i64> = get(row, 3)?;
            Ok(ConflictRow {
                id: ConflictId {
                    intent: IntentId::from_bytes(get(row, 0)?),
                    record,
                    field: get(row, 1)?,
                },
                facet,
                opened_seq: unsigned(get(row, 2)?),
                closed_seq: closed.map(unsigned),
            })
        })
    }

    fn document_audiences(
        &self,
        record: RecordId,
        facet: Facet,
    ) -> StoreResult<BTreeSet<Audience>> {
        let sql = "SELECT audience FROM doc_scopes
            WHERE record = ?1 AND facet = ?2 AND to_seq = 9223372036854775807";
        audiences(self.connection(), sql, params![record.as_bytes(), facet as u8])
    }

    fn user_audiences(&self, user: UserId) -> StoreResult<BTreeSet<Audience>> {
        let sql = "SELECT audience FROM user_scopes
            WHERE user = ?1 AND to_seq = 9223372036854775807";
        audiences(self.connection(), sql, [user.as_bytes()])
    }

    fn sees(&self, user: UserId, record: RecordId, facet: Facet) -> StoreResult<bool> {
        let sql = "SELECT 1 FROM doc_scopes d
            JOIN user_scopes u ON u.user = ?1 AND u.audience = d.audience
            WHERE d.record = ?2 AND d.facet = ?3
            AND d.to_seq = 9223372036854775807 AND u.to_seq = 9223372036854775807 LIMIT 1";
        let bound = params![user.as_bytes(), record.as_bytes(), facet as u8];
        Ok(one(self.connection(), sql, bound, |_| Ok(()))?.is_some())
    }

    fn gained(
        &self,
        window: &Window,
        after: Option<DocumentPlace>,
        limit: usize,
    ) -> StoreResult<Vec<StoredDocument>> {
        visibility::gained(self.connection(), window, after, limit)
    }

    fn count_gained(&self, window: &Window) -> StoreResult<u64> {
        visibility::count_gained(self.connection(), window)
    }

    fn lost(
        &self,
        window: &Window,
        after: Option<DocumentPlace>,
        limit: usize,
    ) -> StoreResult<Vec<DocumentKey>> {
        visibility::lost(self.connection(), window, after, limit)
    }

    fn log_after(
        &self,
        window: &Window,
        receiver: &Receiver,
        after: u64,
        limit: usize,
    ) -> StoreResult<(Vec<LogRow>, u64)> {
        visibility::log_after(self.connection(), window, receiver, after, limit)
    }

    fn history(&self, record: RecordId, facet: Facet) -> StoreResult<Vec<(LogEntry, LogPart)>> {
        let sql = "SELECT p.place, p.record, p.facet, p.generation, p.change, p.part, p.outcome,
            p.raw, l.seq, l.intent, l.user, l.device, l.install_epoch, l.accepted_ms, l.batch, l.header,
            l.chain FROM log_parts p JOIN log l ON l.seq = p.place / 32
            WHERE p.record = ?1 AND p.facet = ?2 ORDER BY p.place";
        all(self.connection(), sql, params![record.as_bytes(), facet as u8], |row| {
            Ok((entry(row, 8).map_err(failed)?, log_part(row)?))
        })
    }

    fn visible_heads(
        &self,
        user: UserId,
        take: &mut dyn FnMut(DocumentKey, &[ChangeHash]),
    ) -> StoreResult<()> {
        visibility::visible(self.connection(), user, take)
    }

    fn projected(
        &self,
        entity: Entity,
        facet: Facet,
        record: RecordId,
    ) -> StoreResult<Option<Vec<(String, String)>>> {
        columns::read(self.connection(), entity, facet, record)
    }

    fn quarantined(&self) -> StoreResult<Vec<QuarantineRow>> {
        relayed::quarantined(self.connection())
    }

    fn quarantined_of(
        &self,
        device: DeviceId,
        intent: IntentId,
    ) -> StoreResult<Option<QuarantineRow>> {
        relayed::quarantined_of(self.connection(), device, intent)
    }

    fn quarantine_share(&self, device: DeviceId) -> StoreResult<Share> {
        relayed::share(self.connection(), device)
    }

    fn relayed(&self, intent: IntentId) -> StoreResult<Option<RelayedRow>> {
        relayed::one(self.connection(), intent)
    }

    fn relayed_waiting(&self) -> StoreResult<Vec<RelayedRow>> {
        relayed::waiting(self.connection())
    }

    fn purges(&self, device: DeviceId) -> StoreResult<Vec<DocumentKey>> {
        let sql = "SELECT record, facet, generation FROM purges WHERE device = ?1
            ORDER BY record, facet";
        all(self.connection(), sql, [device.as_bytes()], |row| {
            Ok(DocumentKey {
                record: record(row, 0)?,
                facet: facet(get(row, 1)?)?,
                generation: get(row, 2)?,
            })
        })
    }

    fn counts(&self) -> StoreResult<Counts> {
        let connection = self.connection();
        let pages = count(connection, "SELECT page_count FROM pragma_page_count")?;
        let size = count(connection, "SELECT page_size FROM pragma_page_size")?;
        Ok(Counts {
            records: count(connection, "SELECT count(*) FROM records")?,
            documents: count(connection, "SELECT count(*) FROM documents")?,
            devices: count(connection, "SELECT count(*) FROM devices WHERE revoked_ms IS NULL")?,
            open_conflicts: count(
                connection,
                "SELECT count(*) FROM conflicts WHERE closed_seq IS NULL",
            )?,
            quarantined: count(
                connection,
                "SELECT count(*) FROM quarantine WHERE settled IS NULL",
            )?,
            bytes: pages.saturating_mul(size),
        })
    }
}
