//! Who uses which device, whether it is open, and what is on it.

use std::collections::BTreeMap;

use roadbook_domain::{DeviceId, Entity, TenantId, UserId};
use serde::{Deserialize, Serialize};

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// There is no device yet: `enrol_device` makes one. In a browser: nobody is signed in.
    Absent,
    /// The device is there and needs its passphrase.
    Locked,
    /// The device is open and belongs to nobody yet.
    NotEnrolled,
    /// It can be used.
    Ready,
}

/// Where the records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionMode {
    /// On this device, with an outbox.
    Device,
    /// On the server: an action counts when the server has taken it in.
    Hosted,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// How far it has come.
    pub state: SessionState,
    /// Where the records are.
    pub mode: SessionMode,
    /// The user; absent before enrolment.
    pub user: Option<UserId>,
    /// The user's name.
    pub who: Option<String>,
    /// The user's role.
    pub role: Option<String>,
    /// The device; absent while there is none.
    pub device: Option<DeviceId>,
    /// The device's name.
    pub device_name: Option<String>,
    /// The tenant.
    pub tenant: Option<TenantId>,
    /// The tenant's name, as given at sign-in.
    pub tenant_name: Option<String>,
    /// The user may settle conflicts.
    pub can_review: bool,
    /// The kinds of records of which the user gets the confidential fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confidential: Vec<Entity>,
    /// The server's address.
    pub server: Option<String>,
}

/// What opens the device's database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyForm {
    /// The system's key store.
    KeyStore,
    /// A passphrase.
    Passphrase,
}

/// What is on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageView {
    /// How many records there are, by kind, those in the trash too.
    pub records: BTreeMap<String, u64>,
    /// How many documents are behind them.
    pub documents: u64,
    /// How much room the database takes, in bytes.
    pub bytes: u64,
    /// How much of it are documents, in bytes.
    pub document_bytes: u64,
    /// How much of it is history, in bytes.
    pub history_bytes: u64,
    /// What opens it.
    pub key: KeyForm,
    /// The tenant's recovery key can open it too.
    pub recoverable: bool,
    /// Intents that are nowhere else.
    pub unsent: u64,
    /// When the device last heard from the server.
    pub last_sync_ms: Option<i64>,
}

/// An encrypted bundle of unsent work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleView {
    /// A name for the file.
    pub file_name: String,
    /// The file: JSON, encrypted inside.
    pub text: String,
    /// How many intents are in it.
    pub intents: u64,
    /// Where the app has written the file; absent where the face hands it out.
    #[serde(default)]
    pub file: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::tests::json;
    use super::*;

    #[test]
    fn the_json_of_a_session_is_pinned() {
        let view = SessionView {
            state: SessionState::Ready,
            mode: SessionMode::Device,
            user: Some(UserId::from_bytes([2; 16])),
            who: Some("Ben".into()),
            role: Some("Rep".into()),
            device: Some(DeviceId::from_bytes([3; 16])),
            device_name: Some("Ben's phone".into()),
            tenant: Some(TenantId::from_bytes([1; 16])),
            tenant_name: Some("acme".into()),
            can_review: false,
            confidential: vec![Entity::Account],
            server: Some("http://127.0.0.1:8080".into()),
        };
        insta::assert_snapshot!(json(&view));
    }

    #[test]
    fn the_json_of_the_storage_and_of_a_bundle_is_pinned() {
        let view = StorageView {
            records: BTreeMap::from([("account".to_owned(), 3)]),
            documents: 4,
            bytes: 65_536,
            document_bytes: 4_096,
            history_bytes: 2_048,
            key: KeyForm::Passphrase,
            recoverable: true,
            unsent: 1,
            last_sync_ms: Some(1_000),
        };
        insta::assert_snapshot!(json(&view));
        let bundle = BundleView {
            file_name: "unsent.json".into(),
            text: "{}".into(),
            intents: 1,
            file: Some("Downloads/unsent.json".into()),
        };
        insta::assert_snapshot!(json(&bundle));
    }
}
