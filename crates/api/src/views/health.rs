//! Where the device stands: with the server, and in itself.

use std::collections::BTreeMap;

use roadbook_domain::{DeviceId, TenantId, UserId};
use serde::{Deserialize, Serialize};

/// Where the device stands with its server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStatusView {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// The tenant; absent before enrolment.
    pub tenant: Option<TenantId>,
    /// The user; absent before enrolment.
    pub user: Option<UserId>,
    /// The user's name.
    pub who: Option<String>,
    /// The user's role.
    pub role: Option<String>,
    /// The server's address.
    pub server: Option<String>,
    /// When the device last heard from the server.
    pub last_sync_ms: Option<i64>,
    /// How far it has read the server's log.
    pub position: u64,
    /// Intents that wait to be sent.
    pub pending: u64,
    /// Of these, how many wait for another intent.
    pub held: u64,
    /// Intents that were denied and need a decision.
    pub needs_you: u64,
    /// Open conflicts.
    pub conflicts: u64,
    /// How many records there are, by kind.
    pub records: BTreeMap<String, u64>,
    /// When the oldest of the waiting intents was made.
    pub oldest_pending_ms: Option<i64>,
    /// Server time minus device time at the last exchange.
    pub clock_offset_ms: i64,
    /// The first sync has not come to its end yet.
    pub first_sync_unfinished: bool,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// All is well.
    Passed,
    /// Something is wrong.
    Failed,
    /// It could not be made now.
    Skipped,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckView {
    /// Its stable word.
    pub check: String,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// What was found, in a sentence.
    pub detail: String,
}

/// The device's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorView {
    /// No check failed.
    pub healthy: bool,
    /// The device holds exactly what the server says that it should hold; absent when the server
    /// could not be asked.
    pub equal: Option<bool>,
    /// How far it has read the server's log.
    pub position: u64,
    /// How many documents it holds.
    pub documents: u64,
    /// The checksum over its documents, in hex.
    pub checksum: String,
    /// The checks.
    pub checks: Vec<CheckView>,
}

#[cfg(test)]
mod tests {
    use super::super::tests::json;
    use super::*;

    #[test]
    fn the_json_of_the_status_is_pinned() {
        let view = SyncStatusView {
            device: DeviceId::from_bytes([3; 16]),
            device_name: "Ben's phone".into(),
            tenant: Some(TenantId::from_bytes([1; 16])),
            user: Some(UserId::from_bytes([2; 16])),
            who: Some("Ben".into()),
            role: Some("Rep".into()),
            server: Some("http://127.0.0.1:8080".into()),
            last_sync_ms: Some(1_000),
            position: 12,
            pending: 2,
            held: 1,
            needs_you: 1,
            conflicts: 1,
            records: BTreeMap::from([("account".to_owned(), 3)]),
            oldest_pending_ms: Some(900),
            clock_offset_ms: 0,
            first_sync_unfinished: false,
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "device": "03030303-0303-0303-0303-030303030303",
          "device_name": "Ben's phone",
          "tenant": "01010101-0101-0101-0101-010101010101",
          "user": "02020202-0202-0202-0202-020202020202",
          "who": "Ben",
          "role": "Rep",
          "server": "http://127.0.0.1:8080",
          "last_sync_ms": 1000,
          "position": 12,
          "pending": 2,
          "held": 1,
          "needs_you": 1,
          "conflicts": 1,
          "records": {
            "account": 3
          },
          "oldest_pending_ms": 900,
          "clock_offset_ms": 0,
          "first_sync_unfinished": false
        }
        "#);
    }

    #[test]
    fn the_json_of_the_doctor_is_pinned() {
        let view = DoctorView {
            healthy: true,
            equal: Some(true),
            position: 12,
            documents: 5,
            checksum: "00ff".into(),
            checks: vec![CheckView {
                check: "database".into(),
                outcome: CheckOutcome::Passed,
                detail: "the database is whole".into(),
            }],
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "healthy": true,
          "equal": true,
          "position": 12,
          "documents": 5,
          "checksum": "00ff",
          "checks": [
            {
              "check": "database",
              "outcome": "passed",
              "detail": "the database is whole"
            }
          ]
        }
        "#);
    }
}
