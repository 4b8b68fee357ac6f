//! The device that the server keeps for a user's browsers.
//!
//! One for each user. Its id and its key follow from the tenant's own key, so that nothing more has
//! to be stored, and a restart makes no new one. A session is bound to the device that there was at
//! its sign-in: if that is revoked, the session ends, and the next sign-in gets the next one.

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

/// The device for who signs in now; enrols it if there is none.
pub(super) fn of(tenant: &Tenant, user: UserId, now_ms: i64) -> Result<DeviceId, TenantError> {
    for generation in 0..GENERATIONS {
        let id = id(tenant, user, generation);
        match tenant.device(id)? {
            Some(known) if known.is_revoked() => {}
            Some(_) => return Ok(id),
            None => {
                let seed = seed(tenant, id, generation);
                let public_key = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
                let new = NewDevice { id, user, name: NAME.to_owned(), public_key };
                return tenant.enrol(&new, now_ms).map(|device| device.id);
            }
        }
    }
    Err(TenantError::Revoked)
}

/// The device of a session that goes on; never another one in its place.
pub(super) fn again(
    tenant: &Tenant,
    user: UserId,
    id: DeviceId,
) -> Result<BrowserDevice, TenantError> {
    let known = tenant.device(id)?.filter(|known| known.user == user && !known.is_revoked());
    let device = known.ok_or(TenantError::Revoked)?;
    let mut generations = 0..GENERATIONS;
    let generation = generations.find(|generation| self::id(tenant, user, *generation) == id);
    let seed = seed(tenant, id, generation.ok_or(TenantError::Revoked)?);
    Ok(BrowserDevice { device, seed })
}

fn seed(tenant: &Tenant, id: DeviceId, generation: u32) -> [u8; 32] {
    digest(tenant, b"roadbook browser key", id.as_bytes(), generation)
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
