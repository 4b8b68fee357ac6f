//! The operating system's key store: Secret Service on Linux, never the kernel's keyring, which a
//! reboot empties (D9).

use crate::key::{KeyError, RawKey};

#[cfg(feature = "key-store")]
const SERVICE: &str = "Roadbook";

/// Keeps a device's secret.
#[cfg(feature = "key-store")]
pub(super) fn put(account: &str, secret: &RawKey) -> Result<(), KeyError> {
    let entry = keyring::Entry::new(SERVICE, account).map_err(unreachable)?;
    entry.set_secret(secret.as_slice()).map_err(unreachable)
}

/// Gives a device's secret back.
#[cfg(feature = "key-store")]
pub(super) fn get(account: &str) -> Result<RawKey, KeyError> {
    let entry = keyring::Entry::new(SERVICE, account).map_err(unreachable)?;
    let secret = zeroize::Zeroizing::new(entry.get_secret().map_err(unreachable)?);
    let secret: [u8; 32] = secret
        .as_slice()
        .try_into()
        .map_err(|_| crate::key::other_key("the key store's secret"))?;
    Ok(RawKey::new(secret))
}

/// Forgets a device's secret. One that is not there is forgotten already.
#[cfg(feature = "key-store")]
pub(super) fn forget(account: &str) -> Result<(), KeyError> {
    let entry = keyring::Entry::new(SERVICE, account).map_err(unreachable)?;
    match entry.delete_credential() {
        Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
        Err(error) => Err(unreachable(error)),
    }
}

#[cfg(feature = "key-store")]
#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unreachable(error: keyring::Error) -> KeyError {
    KeyError::NoKeyStore(error.to_string())
}

/// Keeps a device's secret.
#[cfg(not(feature = "key-store"))]
pub(super) fn put(_account: &str, _secret: &RawKey) -> Result<(), KeyError> {
    Err(KeyError::NoKeyStore("this program was built without key stores".into()))
}

/// Gives a device's secret back.
#[cfg(not(feature = "key-store"))]
pub(super) fn get(_account: &str) -> Result<RawKey, KeyError> {
    Err(KeyError::NoKeyStore("this program was built without key stores".into()))
}

/// Forgets a device's secret.
#[cfg(not(feature = "key-store"))]
pub(super) fn forget(_account: &str) -> Result<(), KeyError> {
    Err(KeyError::NoKeyStore("this program was built without key stores".into()))
}
