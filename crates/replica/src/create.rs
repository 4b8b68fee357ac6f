//! Making a device in a folder, and removing it.

use std::path::Path;

use ed25519_dalek::SigningKey;
use roadbook_domain::Schema;

use crate::database::{self, Meta, Mode, SyncState};
use crate::enrolment::{CreateDevice, HostedDevice, Identity};
use crate::key::{Entropy, KeyFile, RawKey, Unlock};
use crate::replica::database_path;
use crate::settings::Settings;
use crate::{OpenError, Replica, StoreError};

impl Replica {
    /// Makes a new device in a folder, with a random key wrapped as `unlock` says.
    ///
    /// # Errors
    /// [`OpenError::Exists`] if there is one already.
    pub fn create(
        dir: &Path,
        device: &CreateDevice,
        schema: Schema,
        unlock: &Unlock,
        settings: &Settings,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, OpenError> {
        let mut seed = RawKey::default();
        entropy.fill(seed.as_mut_slice());
        let identity = Identity {
            device: device.device,
            name: device.name.clone(),
            signing: SigningKey::from_bytes(&seed),
        };
        Self::create_as(dir, &identity, None, schema, unlock, settings, entropy)
    }

    /// Makes a replica that a server hosts for a browser: of a device that the server made and
    /// whose installations it numbers. It is a cache: whoever made it may throw it away.
    ///
    /// # Errors
    /// [`OpenError::Exists`] if there is one already.
    pub fn create_hosted(
        dir: &Path,
        device: &HostedDevice,
        schema: Schema,
        unlock: &Unlock,
        settings: &Settings,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, OpenError> {
        let identity = Identity {
            device: device.device,
            name: device.name.clone(),
            signing: SigningKey::from_bytes(&device.seed),
        };
        let install = Some(device.install_epoch);
        Self::create_as(dir, &identity, install, schema, unlock, settings, entropy)
    }

    fn create_as(
        dir: &Path,
        identity: &Identity,
        install_epoch: Option<u32>,
        schema: Schema,
        unlock: &Unlock,
        settings: &Settings,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, OpenError> {
        if Self::exists(dir) {
            return Err(OpenError::Exists(dir.to_owned()));
        }
        std::fs::create_dir_all(dir)
            .map_err(|source| OpenError::File { path: dir.to_owned(), source })?;
        let mut key = RawKey::default();
        entropy.fill(key.as_mut_slice());
        let account = identity.device.to_string();
        let keys = KeyFile::wrap(&account, &key, unlock, settings.key_cost, entropy)?;
        keys.write(dir)?;
        // A half-made database of an earlier attempt has another key and nothing in it.
        let path = dir.join("device.db.next");
        remove(&path)?;
        let connection = database::open(&path, &key, settings, Mode::Create)?;
        Meta(&connection).put_identity(identity)?;
        if let Some(install_epoch) = install_epoch {
            let state = SyncState { install_epoch, ..Meta(&connection).sync_state()? };
            Meta(&connection).put_sync_state(&state)?;
        }
        connection.close().map_err(|(_, error)| StoreError::from(error))?;
        let there = database_path(dir);
        std::fs::rename(&path, &there).map_err(|source| OpenError::File { path: there, source })?;
        Self::open_with(dir, schema, keys, key, *settings)
    }

    /// Removes the device of a folder for ever: first every form of its key, then the database.
    /// Whoever calls this has made sure that no work is lost, and that the device is not open.
    ///
    /// # Errors
    /// [`OpenError::File`]; what was removed until then stays removed.
    pub fn remove(dir: &Path) -> Result<(), OpenError> {
        if let Err(error) = KeyFile::read(dir).and_then(|keys| keys.forget()) {
            // The secret in the store opens nothing once the file with the wrapped key is gone.
            tracing::warn!("the key store still holds the secret of a removed device: {error}");
        }
        remove(&KeyFile::path(dir))?;
        remove(&dir.join("keys.json.next"))?;
        remove(&dir.join("device.db.next"))?;
        remove(&database_path(dir))
    }
}

fn remove(path: &Path) -> Result<(), OpenError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(OpenError::File { path: name.into(), source }),
        }
    }
    Ok(())
}
