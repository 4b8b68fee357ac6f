//! What a face with a screen does before and beside its work: opening the device, signing out, and
//! looking at what is on it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Shows whether there is a device, whether it is open, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowSession {}

/// Shows how things stand between the app and the server; later changes come as events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowSync {}

/// Opens a locked device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlockDevice {
    /// The passphrase. Never stored, never logged.
    pub passphrase: String,
}

/// Ends the session: on a device, purges it. Refused with `unsent_work` while work is nowhere else;
/// sending or exporting it helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOut {}

/// Gives the device another passphrase. The database is not rewritten.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePassphrase {
    /// The passphrase until now; absent where the system's key store opens the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The new one.
    pub new: String,
}

/// Shows what is on this device and how much room it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowStorage {}

/// Makes an encrypted bundle of all unsent work. The tenant's recovery key opens it, and the
/// passphrase where one is given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportBundle {
    /// A passphrase that shall open it too. Never stored, never logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<String>,
}

impl fmt::Debug for UnlockDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnlockDevice").finish_non_exhaustive()
    }
}

impl fmt::Debug for ChangePassphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangePassphrase").finish_non_exhaustive()
    }
}

impl fmt::Debug for ExportBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportBundle").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passphrases_are_not_printed() {
        let secret = || "battery staple".to_owned();
        let printed = [
            format!("{:?}", UnlockDevice { passphrase: secret() }),
            format!("{:?}", ChangePassphrase { old: Some(secret()), new: secret() }),
            format!("{:?}", ExportBundle { passphrase: Some(secret()) }),
        ];
        for text in printed {
            assert!(!text.contains("staple"), "{text}");
        }
    }
}
