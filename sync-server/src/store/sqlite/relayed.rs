//! Envelopes that devices handed back after a restore.

use roadbook_domain::{DeviceId, IntentId};
use rusqlite::{Connection, Row};

use super::read::{all, get};
use super::unsigned;
use crate::store::{RelayedRow, StoreResult};

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
