//! The device that the server keeps for a user's browsers.
//!
//! One for each user. Its id and its key follow from the tenant's own key, so that nothing more has
//! to be stored, and a restart makes no new one. If it is revoked, the sessions that use it end, and
//! the next sign-in gets the next one.

use roadbook_domain::{DeviceId, UserId};
use sha2::{Digest as _, Sha256};

use crate::tenant::{Device, NewDevice, Tenant, TenantError};
use ed25519_dalek::SigningKey;

/// The name that others read in histories.
pub(crate) const NAME: &str = "Browser";

/// So many times a user's browser device may be revoked.
const GENERATIONS: u32 = 1_000;

/// A browser device, with what signs for it.
pub(super) struct BrowserDevice {
    pub(super) device: Device,
    pub(super) seed: [u8; 32],
}

/// The user's browser device; enrols it if there is none.
pub(super) fn of(tenant: &Tenant, user: UserId, now_ms: i64) -> Result<BrowserDevice, TenantError> {
    for generation in 0..GENERATIONS {
        let id = id(tenant, user, generation);
        let seed = digest(tenant, b"roadbook browser key", id.as_bytes(), generation);
        let known = tenant.device(id)?;
        if known.as_ref().is_some_and(Device::is_revoked) {
            continue;
        }
        let device = match known {
            Some(device) => device,
            None => {
                let public_key = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
                let new = NewDevice { id, user, name: NAME.to_owned(), public_key };
                tenant.enrol(&new, now_ms)?
            }
        };
        return Ok(BrowserDevice { device, seed });
    }
    Err(TenantError::Revoked)
}

/// A UUID of version 8: of our own making, from a digest.
fn id(tenant: &Tenant, user: UserId, generation: u32) -> DeviceId {
    let digest = digest(tenant, b"roadbook browser device", user.as_bytes(), generation);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    DeviceId::from_bytes(bytes)
}

/// What nobody can guess who does not hold the tenant's key.
fn digest(tenant: &Tenant, purpose: &[u8], of: &[u8], generation: u32) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(purpose);
    hash.update([0]);
    hash.update(tenant.keys().server_key);
    hash.update(of);
    hash.update(generation.to_be_bytes());
    hash.finalize().into()
}
