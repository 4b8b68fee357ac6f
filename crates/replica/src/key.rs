//! The database's key: random, and kept only in wrapped forms (D9).

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
}

/// Why the key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The passphrase is wrong.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// This device has no key wrapped in that way.
    #[error("this device is not opened by {0}")]
    NoSuchForm(&'static str),
    /// There is no key store to be reached.
    #[error(
        "no key store can be reached ({0}); use a passphrase instead: set ROADBOOK_PASSPHRASE, or answer the prompt"
    )]
    NoKeyStore(String),
    /// `keys.json` cannot be read.
    #[error("keys.json cannot be read: {0}")]
    Unreadable(String),
    /// `keys.json` cannot be written.
    #[error("keys.json cannot be written")]
    Unwritable(#[source] std::io::Error),
    /// The cost is out of the bounds of Argon2.
    #[error("the cost of the passphrase is out of bounds")]
    BadCost,
}
