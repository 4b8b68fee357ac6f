//! The database's key: random, and kept only in wrapped forms, in `keys.json` beside it (D9).
//!
//! Three forms, each sufficient: under a passphrase (Argon2id), under a secret in the operating
//! system's key store, and for the tenant's recovery key (X25519), so that a lost passphrase loses
//! no work. Changing the way of unlocking wraps again; the database is not rewritten. The key
//! itself is never written anywhere.

mod store;
mod wrap;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::settings::KeyCost;
pub use wrap::{Sealed, open_sealed};
pub(crate) use wrap::{open_by_passphrase, seal_by_passphrase, seal_for};

/// The database's key.
pub(crate) type RawKey = Zeroizing<[u8; 32]>;

/// Randomness, passed in by the host.
pub trait Entropy {
    /// Fills the buffer with bytes that nobody can guess.
    fn fill(&mut self, out: &mut [u8]);
}

/// How the database's key is had.
#[derive(Clone)]
pub enum Unlock {
    /// By a passphrase, through Argon2id.
    Passphrase(String),
    /// By the operating system's key store.
    KeyStore,
    /// By the private half of the tenant's recovery key (X25519): when all else is lost.
    Recovery([u8; 32]),
}

/// Why the key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The passphrase is wrong.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// This device has no key wrapped in that way; says in which ways it has.
    #[error("this device is not opened in that way; open it with {0}")]
    NoSuchForm(String),
    /// There is no key store to be reached.
    #[error(
        "no key store can be reached ({0}); use a passphrase instead: set ROADBOOK_PASSPHRASE or answer the prompt"
    )]
    NoKeyStore(String),
    /// `keys.json` cannot be read.
    #[error("keys.json cannot be read: {0}")]
    Unreadable(String),
    /// `keys.json` cannot be written.
    #[error("keys.json cannot be written")]
    Unwritable(#[source] std::io::Error),
    /// The cost is out of the bounds of Argon2.
    #[error("the cost of the passphrase is out of the bounds of Argon2id")]
    BadCost,
}

/// The wrapped forms of one key, as they stand in `keys.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyFile {
    version: u32,
    /// Names the device in the key store.
    account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passphrase: Option<wrap::UnderPassphrase>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_store: Option<wrap::UnderSecret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<Sealed>,
}

/// The version of `keys.json` that this build writes.
const VERSION: u32 = 1;

impl KeyFile {
    /// Where it stands.
    pub(crate) fn path(dir: &Path) -> PathBuf {
        dir.join("keys.json")
    }

    /// A key under one way of unlocking.
    pub(crate) fn wrap(
        account: &str,
        key: &RawKey,
        unlock: &Unlock,
        cost: KeyCost,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, KeyError> {
        let mut file = Self {
            version: VERSION,
            account: account.to_owned(),
            passphrase: None,
            key_store: None,
            recovery: None,
        };
        file.rewrap(key, unlock, cost, entropy)?;
        Ok(file)
    }

    /// Puts the key under another way of unlocking, in place of the one before.
    pub(crate) fn rewrap(
        &mut self,
        key: &RawKey,
        unlock: &Unlock,
        cost: KeyCost,
        entropy: &mut dyn Entropy,
    ) -> Result<(), KeyError> {
        match unlock {
            Unlock::Passphrase(words) => {
                self.passphrase =
                    Some(wrap::UnderPassphrase::wrap(key, words.as_bytes(), cost, entropy)?);
                self.key_store = None;
            }
            Unlock::KeyStore => {
                let mut secret = RawKey::default();
                entropy.fill(secret.as_mut_slice());
                store::put(&self.account, &secret)?;
                self.key_store = Some(wrap::UnderSecret::wrap(key, &secret, entropy));
                self.passphrase = None;
            }
            // A recovery key opens when all else is lost; it is nothing to live with.
            Unlock::Recovery(_) => {
                return Err(KeyError::NoSuchForm("a passphrase or the key store".to_owned()));
            }
        }
        Ok(())
    }

    /// Wraps the key for the tenant's recovery key too.
    pub(crate) fn wrap_for_recovery(
        &mut self,
        key: &RawKey,
        recipient: &[u8; 32],
        entropy: &mut dyn Entropy,
    ) {
        self.recovery = Some(seal_for(recipient, key.as_slice(), entropy));
    }

    /// Unwraps the key.
    pub(crate) fn unwrap(&self, unlock: &Unlock) -> Result<RawKey, KeyError> {
        match unlock {
            Unlock::Passphrase(words) => match &self.passphrase {
                Some(form) => form.unwrap(words.as_bytes()),
                None => Err(KeyError::NoSuchForm(self.forms())),
            },
            Unlock::KeyStore => match &self.key_store {
                Some(form) => form.unwrap(&store::get(&self.account)?),
                None => Err(KeyError::NoSuchForm(self.forms())),
            },
            Unlock::Recovery(private) => {
                let Some(sealed) = &self.recovery else {
                    return Err(KeyError::NoSuchForm(self.forms()));
                };
                let opened =
                    open_sealed(private, sealed).ok_or_else(|| other_key("this recovery key"))?;
                let key: [u8; 32] =
                    opened.as_slice().try_into().map_err(|_| other_key("this recovery key"))?;
                Ok(Zeroizing::new(key))
            }
        }
    }

    /// Has the key store forget this device, where it knows it. Whatever else held the key goes
    /// with the file.
    pub(crate) fn forget(&self) -> Result<(), KeyError> {
        if self.key_store.is_some() { store::forget(&self.account) } else { Ok(()) }
    }

    /// Whether the operating system's key store holds this device's secret.
    pub(crate) const fn uses_key_store(&self) -> bool {
        self.key_store.is_some()
    }

    /// Whether the tenant's recovery key opens the device.
    pub(crate) const fn is_recoverable(&self) -> bool {
        self.recovery.is_some()
    }

    fn forms(&self) -> String {
        let forms = [
            ("its passphrase", self.passphrase.is_some()),
            ("the key store", self.key_store.is_some()),
            ("the tenant's recovery key", self.recovery.is_some()),
        ];
        let forms: Vec<_> =
            forms.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect();
        forms.join(" or ")
    }

    /// Reads the file in a folder.
    pub(crate) fn read(dir: &Path) -> Result<Self, KeyError> {
        let bytes = std::fs::read(Self::path(dir))
            .map_err(|error| KeyError::Unreadable(error.to_string()))?;
        let file: Self = serde_json::from_slice(&bytes)
            .map_err(|error| KeyError::Unreadable(error.to_string()))?;
        if file.version > VERSION {
            return Err(KeyError::Unreadable(format!(
                "it has version {}, this program knows {VERSION}; install the newer Roadbook",
                file.version
            )));
        }
        Ok(file)
    }

    /// Writes the file: first whole beside it, then in its place, so that a power cut leaves the
    /// old one or the new one.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), KeyError> {
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| KeyError::Unreadable(error.to_string()))?;
        let write = || -> std::io::Result<()> {
            use std::io::Write as _;
            let next = dir.join("keys.json.next");
            let mut file = std::fs::File::create(&next)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&next, Self::path(dir))?;
            std::fs::File::open(dir)?.sync_all()
        };
        write().map_err(KeyError::Unwritable)
    }
}

/// A secret that opens another device's key.
fn other_key(what: &str) -> KeyError {
    KeyError::Unreadable(format!("{what} is not the one of this device"))
}

#[cfg(test)]
mod tests;
