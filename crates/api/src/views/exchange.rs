//! What came of going to the server, of an import and of an export.

use roadbook_domain::{DeviceId, IntentId, TenantId, UserId};
use serde::{Deserialize, Serialize};

/// A device that was made and enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolledView {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The user's name.
    pub who: String,
    /// The user's role.
    pub role: String,
    /// The server's address.
    pub server: String,
}

/// The server's word on one intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// The intent.
    pub intent: IntentId,
    /// `applied`, `merged`, `review`, `denied`, `held` or `rebase`.
    pub verdict: String,
}

/// What an exchange with the server did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SyncReport {
    /// Intents that were sent.
    pub sent: u64,
    /// The server's word on each.
    pub verdicts: Vec<Word>,
    /// Envelopes and snapshots that were received.
    pub received: u64,
    /// Documents that were purged because this user may no longer see them.
    pub forgotten: u64,
    /// How far the device has read the server's log.
    pub position: u64,
    /// Intents that still wait to be sent.
    pub pending: u64,
    /// Intents that were denied and need a decision.
    pub needs_you: u64,
    /// Open conflicts.
    pub conflicts: u64,
    /// How many requests it took.
    pub round_trips: u64,
}

/// What an import did with the rows of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedKind {
    /// The section of the mapping, such as `opportunities`.
    pub section: String,
    /// The file.
    pub file: String,
    /// Rows that were read.
    pub rows: u64,
    /// Records that were made.
    pub created: u64,
    /// Records that were changed.
    pub changed: u64,
    /// Records that were as the row says already.
    pub unchanged: u64,
    /// Rows that were not taken in.
    pub rejected: u64,
}

/// A row that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// The file.
    pub file: String,
    /// The line in the file; the header is line 1.
    pub line: u64,
    /// The column at fault.
    pub column: String,
    /// What stood there, shortened.
    pub given: String,
    /// Why it was rejected.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Nothing was written; this is what would be done.
    pub dry_run: bool,
    /// What was done, in the order of the mapping.
    pub kinds: Vec<ImportedKind>,
    /// Rows that were not taken in.
    pub rejected: Vec<RejectedRow>,
    /// Intents that were saved on this device.
    pub intents: u64,
    /// The work was cancelled; importing again goes on where it stopped.
    pub cancelled: bool,
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportReport {
    /// Records that were written.
    pub records: u64,
    /// The file; absent for the standard output.
    pub file: Option<String>,
}

/// Unsent work was written into a sealed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedReport {
    /// The file.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{intent, json};
    use super::*;

    #[test]
    fn the_json_of_an_enrolled_device_is_pinned() {
        let view = EnrolledView {
            device: DeviceId::from_bytes([3; 16]),
            device_name: "Ben's phone".into(),
            tenant: TenantId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            who: "Ben".into(),
            role: "Rep".into(),
            server: "http://127.0.0.1:8080".into(),
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "device": "03030303-0303-0303-0303-030303030303",
          "device_name": "Ben's phone",
          "tenant": "01010101-0101-0101-0101-010101010101",
          "user": "02020202-0202-0202-0202-020202020202",
          "who": "Ben",
          "role": "Rep",
          "server": "http://127.0.0.1:8080"
        }
        "#);
    }

    #[test]
    fn the_json_of_an_exchange_is_pinned() {
        let view = SyncReport {
            sent: 1,
            verdicts: vec![Word { intent: intent(4), verdict: "merged".into() }],
            received: 3,
            forgotten: 0,
            position: 12,
            pending: 0,
            needs_you: 0,
            conflicts: 1,
            round_trips: 2,
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "sent": 1,
          "verdicts": [
            {
              "intent": "04040404-0404-0404-0404-040404040404",
              "verdict": "merged"
            }
          ],
          "received": 3,
          "forgotten": 0,
          "position": 12,
          "pending": 0,
          "needs_you": 0,
          "conflicts": 1,
          "round_trips": 2
        }
        "#);
    }

    #[test]
    fn the_json_of_an_import_is_pinned() {
        let view = ImportReport {
            dry_run: false,
            kinds: vec![ImportedKind {
                section: "accounts".into(),
                file: "crm_accounts.csv".into(),
                rows: 3,
                created: 1,
                changed: 0,
                unchanged: 1,
                rejected: 1,
            }],
            rejected: vec![RejectedRow {
                file: "crm_accounts.csv".into(),
                line: 3,
                column: "revenue".into(),
                given: "a lot".into(),
                reason: "is not a number".into(),
                remedy: "write digits only".into(),
            }],
            intents: 1,
            cancelled: false,
        };
        insta::assert_snapshot!(json(&view), @r#"
        {
          "dry_run": false,
          "kinds": [
            {
              "section": "accounts",
              "file": "crm_accounts.csv",
              "rows": 3,
              "created": 1,
              "changed": 0,
              "unchanged": 1,
              "rejected": 1
            }
          ],
          "rejected": [
            {
              "file": "crm_accounts.csv",
              "line": 3,
              "column": "revenue",
              "given": "a lot",
              "reason": "is not a number",
              "remedy": "write digits only"
            }
          ],
          "intents": 1,
          "cancelled": false
        }
        "#);
        let sealed = SealedReport { file: "unsent.rbx".into(), bytes: 512 };
        insta::assert_snapshot!(json(&sealed), @r#"
        {
          "file": "unsent.rbx",
          "bytes": 512
        }
        "#);
        let export = ExportReport { records: 5, file: None };
        insta::assert_snapshot!(json(&export), @r#"
        {
          "records": 5,
          "file": null
        }
        "#);
    }
}
