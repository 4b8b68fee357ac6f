//! Enrolling and revoking devices.

use roadbook_domain::DeviceId;
use roadbook_merge::device_salt_key;

use super::{Device, NewDevice, Tenant, TenantError};

impl Tenant {
    /// A device; `None` if it is not enrolled here.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn device(&self, id: DeviceId) -> Result<Option<Device>, TenantError> {
        Ok(self.store.read()?.device(id)?)
    }

    /// Says whether a device may be told that there is news: it is not revoked, and its user is
    /// not locked out.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn may_listen(&self, id: DeviceId) -> Result<bool, TenantError> {
        let read = self.store.read()?;
        let Some(device) = read.device(id)?.filter(|device| !device.is_revoked()) else {
            return Ok(false);
        };
        Ok(self.directory(read.as_ref())?.subject(device.user).is_some())
    }

    /// All devices, by enrolment.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn devices(&self) -> Result<Vec<Device>, TenantError> {
        Ok(self.store.read()?.devices()?)
    }

    /// Binds a device to a user. Enrolling the same device again with the same key is harmless.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] and [`TenantError::Inactive`] for the user,
    /// [`TenantError::DeviceTaken`], [`TenantError::BadKey`], [`TenantError::Revoked`],
    /// [`TenantError::Store`].
    pub fn enrol(&self, new: &NewDevice, now_ms: i64) -> Result<Device, TenantError> {
        let salt_key = device_salt_key(&self.keys.salt_key, new.id, new.user);
        let device = Device {
            id: new.id,
            user: new.user,
            name: new.name.clone(),
            public_key: new.public_key,
            salt_key,
            enrolled_ms: now_ms,
            revoked_ms: None,
            last_sync_ms: None,
        };
        // The nil device is the server itself.
        if device.id.0.is_nil() {
            return Err(TenantError::DeviceTaken);
        }
        if device.verifying().is_none_or(|key| key.is_weak()) {
            return Err(TenantError::BadKey);
        }
        self.write(|store, _| {
            let directory = self.directory(store)?;
            let user = directory.users.get(&new.user).ok_or(TenantError::NotFound("user"))?;
            if !user.active {
                return Err(TenantError::Inactive);
            }
            match store.device(new.id)? {
                None => {
                    store.put_device(&device)?;
                    Ok(device)
                }
                Some(known) if known.is_revoked() => Err(TenantError::Revoked),
                Some(known)
                    if known.user == device.user && known.public_key == device.public_key =>
                {
                    Ok(known)
                }
                Some(_) => Err(TenantError::DeviceTaken),
            }
        })
    }

    /// Revokes a device: it may only surrender its unsent work.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn revoke(&self, id: DeviceId, now_ms: i64) -> Result<Device, TenantError> {
        self.write(|store, _| {
            let mut device = store.device(id)?.ok_or(TenantError::NotFound("device"))?;
            if device.revoked_ms.is_none() {
                device.revoked_ms = Some(now_ms);
                store.put_device(&device)?;
            }
            Ok(device)
        })
    }
}
