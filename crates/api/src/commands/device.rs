//! The device itself: enrolling it, syncing it, looking after it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Signs in and enrols this device under the user; makes the device where there is none yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolDevice {
    /// The server's address.
    pub server: String,
    /// The tenant's name.
    pub tenant: String,
    /// The user's sign-in name.
    pub login: String,
    /// The user's password. Never stored, never logged.
    pub password: String,
    /// The device's name for people.
    pub device_name: String,
    /// The passphrase that shall open the device, where it is made by this command; where absent,
    /// the system's key store opens it. Never stored, never logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<String>,
}

impl fmt::Debug for EnrolDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolDevice")
            .field("server", &self.server)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

/// Sends what waits and receives what is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncNow {}

/// Shows where the device stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowStatus {}

/// Checks the device; asks the server, where it can be reached, whether both hold the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckHealth {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_printed() {
        let request = EnrolDevice {
            server: "http://127.0.0.1:8080".into(),
            tenant: "acme".into(),
            login: "ben".into(),
            password: "correct horse".into(),
            device_name: "Ben's phone".into(),
            passphrase: Some("battery staple".into()),
        };
        let printed = format!("{request:?}");
        assert!(!printed.contains("horse") && !printed.contains("staple"), "{printed}");
    }
}
