//! Envelopes that devices handed back after a restore, and unsent work that they handed over.

use roadbook_domain::{DeviceId, IntentId, UserId};
use rusqlite::{Connection, Row};

use super::read::{all, get};
use super::unsigned;
use crate::store::{QuarantineRow, RelayedRow, Settled, Share, StoreResult};

const COLUMNS: &str =
    "SELECT intent, restore_epoch, lost_seq, device, received_ms, seq, envelope FROM relayed";

pub(super) fn one(connection: &Connection, intent: IntentId) -> StoreResult<Option<RelayedRow>> {
    let sql = format!("{COLUMNS} WHERE intent = ?1");
    Ok(all(connection, &sql, [intent.as_bytes()], row)?.pop())
}

pub(super) fn waiting(connection: &Connection) -> StoreResult<Vec<RelayedRow>> {
    let sql = format!("{COLUMNS} WHERE seq IS NULL ORDER BY restore_epoch, lost_seq");
    all(connection, &sql, [], row)
}

fn row(row: &Row<'_>) -> StoreResult<RelayedRow> {
    Ok(RelayedRow {
        intent: IntentId::from_bytes(get(row, 0)?),
        restore_epoch: unsigned(get(row, 1)?),
        lost_seq: unsigned(get(row, 2)?),
        device: DeviceId::from_bytes(get(row, 3)?),
        received_ms: get(row, 4)?,
        seq: get::<Option<i64>>(row, 5)?.map(unsigned),
        envelope: get(row, 6)?,
    })
}

pub(super) fn quarantined_of(
    connection: &Connection,
    device: DeviceId,
    intent: IntentId,
) -> StoreResult<Option<QuarantineRow>> {
    let sql = format!("{QUARANTINE} WHERE device = ?1 AND intent = ?2");
    let of = [device.as_bytes(), intent.as_bytes()];
    Ok(all(connection, &sql, of, quarantine_row)?.pop())
}

pub(super) fn share(connection: &Connection, device: DeviceId) -> StoreResult<Share> {
    let sql = "SELECT count(*), coalesce(sum(length(envelope)), 0) FROM quarantine
        WHERE device = ?1 AND settled IS NULL";
    let mut found = all(connection, sql, [device.as_bytes()], |row| {
        Ok(Share { envelopes: unsigned(get(row, 0)?), bytes: unsigned(get(row, 1)?) })
    })?;
    Ok(found.pop().unwrap_or_default())
}

const QUARANTINE: &str = "SELECT intent, device, user, reason, received_ms, envelope, settled,
    note, settled_ms FROM quarantine";

pub(super) fn quarantined(connection: &Connection) -> StoreResult<Vec<QuarantineRow>> {
    all(connection, &format!("{QUARANTINE} ORDER BY rowid"), [], quarantine_row)
}

fn quarantine_row(row: &Row<'_>) -> StoreResult<QuarantineRow> {
    let settled = match (get(row, 6)?, get(row, 7)?, get(row, 8)?) {
        (Some(how), Some(note), Some(at_ms)) => Some(Settled { how, note, at_ms }),
        _ => None,
    };
    Ok(QuarantineRow {
        intent: IntentId::from_bytes(get(row, 0)?),
        device: DeviceId::from_bytes(get(row, 1)?),
        user: UserId::from_bytes(get(row, 2)?),
        reason: get(row, 3)?,
        received_ms: get(row, 4)?,
        envelope: get(row, 5)?,
        settled,
    })
}
