//! A device that skips its own check, as a thief of one could: no shipped program can do this.
//!
//! The check on the device only explains; the gate binds. To send what a role may not write, the
//! device's database is opened with its raw key and the user's role is changed in the projected
//! row that the check reads; afterwards the row is put back. The intent itself is made by the
//! ordinary code, so that its bytes and signature are right and nothing but policy can refuse it.

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Context as _, ensure};
use roadbook_domain::{FieldEdit, Intent, IntentId, RecordId, Schema, Value};
use roadbook_replica::{CommitStamp, Durability, KeyCost, Replica, Settings, Unlock};

use super::unlocked;

/// Saves an edit that the user's role may not make. Returns the intent.
pub(crate) fn edit(
    folder: &Path,
    passphrase: &str,
    record: RecordId,
    field: &str,
    to: Value,
) -> anyhow::Result<IntentId> {
    let unlock = Unlock::Passphrase(passphrase.to_owned());
    let settings = Settings {
        durability: Durability::Full,
        key_cost: KeyCost::strong(),
        open_documents: NonZeroUsize::MIN,
        page_cache_kib: Settings::shipped().page_cache_kib,
        database_max_kib: None,
    };
    let open = || Replica::open(folder, Schema::crm(), &unlock, &settings);
    let user = open()?.enrolment().context("the device is enrolled")?.user;
    let before = role(folder, passphrase, user.as_bytes(), "Manager")?;
    let intent = {
        let mut replica = open()?;
        let row = replica.record(record)?.context("the record is on the device")?;
        let from = row.value(field).clone();
        let edits = vec![FieldEdit { field: field.to_owned(), from, to }];
        let stamp = CommitStamp {
            intent: IntentId(fresh(row.updated.millis())),
            wall_ms: row.updated.millis(),
            rationale: None,
        };
        let intent = Intent::EditFields { record, entity: row.entity, edits };
        replica.commit(&intent, &stamp)?.intent
    };
    role(folder, passphrase, user.as_bytes(), &before)?;
    Ok(intent)
}

/// Changes the role in the user's projected row; returns the one before.
fn role(folder: &Path, passphrase: &str, user: &[u8; 16], to: &str) -> anyhow::Result<String> {
    let key = unlocked::key(folder, passphrase)?;
    let connection = unlocked::open(&folder.join("device.db"), &key)?;
    let before: String = connection.query_row(
        "SELECT role FROM row_users WHERE row_record = ?1",
        [user],
        |row| row.get(0),
    )?;
    let changed =
        connection.execute("UPDATE row_users SET role = ?2 WHERE row_record = ?1", (user, to))?;
    ensure!(changed == 1, "the user has one row");
    Ok(before)
}

/// A UUIDv7 of a time.
#[allow(clippy::disallowed_methods, reason = "this program plays a host")]
fn fresh(at_ms: i64) -> uuid::Uuid {
    let millis = u64::try_from(at_ms).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid()
}
