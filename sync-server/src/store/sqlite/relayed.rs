//! Envelopes that devices handed back after a restore, and unsent work that they handed over.

use roadbook_domain::{DeviceId, IntentId, UserId};
use rusqlite::{Connection, Row};

use super::read::{all, get};
use super::unsigned;
use crate::store::{QuarantineRow, RelayedRow, Settled, StoreResult};

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

pub(super) fn quarantined(connection: &Connection) -> StoreResult<Vec<QuarantineRow>> {
    let sql = "SELECT intent, device, user, reason, received_ms, envelope, settled, note,
        settled_ms FROM quarantine ORDER BY rowid";
    all(connection, sql, [], |row| {
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
    })
}
