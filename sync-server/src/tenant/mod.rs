//! Everything that one tenant can do: the boundary between HTTP or commands and the core.
//!
//! Blocking: hosts call it from a thread that may wait. One writer at a time; readers never wait
//! for it. Other processes may write the same store (the admin commands do): what is kept in
//! memory is checked against the store before it is used.

mod backup;
mod devices;
mod error;
mod exchange;
mod history;
#[cfg(test)]
mod import_tests;
mod people;
mod policies;
#[cfg(test)]
mod policies_tests;
mod quarantine;
#[cfg(test)]
mod quarantine_tests;
mod relay;
#[cfg(test)]
mod relay_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;
mod types;
mod upkeep;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use roadbook_domain::{Schema, TenantId};
use roadbook_policy::Policies;
use roadbook_sync_protocol::LogSpan;
use tokio::sync::watch;

pub use backup::BackupError;
pub use error::TenantError;
pub use quarantine::{INCOMPLETE, Quarantine};
pub use types::{
    BackupReport, Credential, Device, IdentityKind, NewDevice, NewUser, Status, Team, TeamChange,
    TenantKeys, Territory, User,
};

use crate::directory::Directory;
use crate::gate::{OpenDocuments, Rules};
use crate::ids::IdSource;
use crate::store::sqlite::{COPY_MARK, SqliteStore};
use crate::store::{Store, StoreRead, StoreWrite};

/// Names of single values in the store.
mod keys {
    pub(super) const TENANT: &str = "tenant";
    pub(super) const NAME: &str = "name";
    pub(super) const SERVER_KEY: &str = "server_key";
    pub(super) const RECOVERY_KEY: &str = "recovery_key";
    pub(super) const SALT_KEY: &str = "salt_key";
    pub(super) const RESTORE_EPOCH: &str = "restore_epoch";
    /// Where the last restore went back to; written by versions that knew no `LOG`.
    pub(super) const RESTORED_AT: &str = "restored_at";
    /// What the log begins with: the parts of earlier logs.
    pub(super) const LOG: &str = "log_spans";
    pub(super) const WATERMARK: &str = "backup_watermark";
    /// The version of the policies by which it was computed what users see.
    pub(super) const POLICIES: &str = "policies";
}

/// What the writer keeps in memory.
#[derive(Debug)]
struct Kept {
    open: OpenDocuments,
    /// The end of the log when the open documents were last true.
    head: u64,
}

/// One tenant: its store, schema, policies and keys.
pub struct Tenant {
    store: Box<dyn Store>,
    schema: Schema,
    policies: Policies,
    id: TenantId,
    name: String,
    keys: TenantKeys,
    restore_epoch: u64,
    /// What the log begins with, oldest first.
    log: Vec<LogSpan>,
    kept: Mutex<Kept>,
    directory: RwLock<Arc<Directory>>,
    head: watch::Sender<u64>,
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tenant").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Tenant {
    /// Makes a tenant in a new file, with the shipped schema.
    ///
    /// # Errors
    /// [`TenantError::Exists`] when there is a file already; [`TenantError::Store`].
    pub fn create(
        path: &Path,
        name: &str,
        keys: TenantKeys,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Self, TenantError> {
        Self::create_with_schema(path, Schema::crm(), name, keys, now_ms, ids)
    }

    /// Makes a tenant in a new file, with a given schema.
    ///
    /// # Errors
    /// As for [`Self::create`].
    #[expect(clippy::needless_pass_by_value, reason = "the tenant's keys change hands")]
    pub fn create_with_schema(
        path: &Path,
        schema: Schema,
        name: &str,
        keys: TenantKeys,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Self, TenantError> {
        if path.exists() {
            return Err(TenantError::Exists);
        }
        let store = SqliteStore::open(path, &schema)?;
        let mut write = store.write()?;
        if write.meta(keys::TENANT)?.is_some() {
            return Err(TenantError::Exists);
        }
        write.put_meta(keys::TENANT, ids.uuid(now_ms).as_bytes())?;
        write.put_meta(keys::NAME, name.as_bytes())?;
        write.put_meta(keys::SERVER_KEY, &keys.server_key)?;
        write.put_meta(keys::RECOVERY_KEY, &keys.recovery_key)?;
        write.put_meta(keys::SALT_KEY, &keys.salt_key)?;
        write.put_meta(keys::RESTORE_EPOCH, &1_u64.to_be_bytes())?;
        write.commit()?;
        Self::on(Box::new(store), schema, Policies::shipped(), now_ms)
    }

    /// Opens a tenant's file with the shipped schema. A file that is a backup becomes a restored
    /// tenant: its restore epoch rises.
    ///
    /// # Errors
    /// [`TenantError::Missing`] when there is no file; [`TenantError::Store`], also for a database
    /// of a newer version.
    pub fn open(path: &Path, now_ms: i64) -> Result<Self, TenantError> {
        Self::open_with_schema(path, Schema::crm(), now_ms)
    }

    /// Opens a tenant's file with a given schema.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_with_schema(path: &Path, schema: Schema, now_ms: i64) -> Result<Self, TenantError> {
        Self::open_limited(path, schema, None, now_ms)
    }

    /// Opens a tenant's file, and lets it grow no further than this many KiB.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_limited(
        path: &Path,
        schema: Schema,
        max_kib: Option<u32>,
        now_ms: i64,
    ) -> Result<Self, TenantError> {
        if !path.exists() {
            return Err(TenantError::Missing);
        }
        let store = SqliteStore::open_limited(path, &schema, max_kib)?;
        Self::on(Box::new(store), schema, Policies::shipped(), now_ms)
    }

    /// Opens the tenant that a store holds.
    fn on(
        store: Box<dyn Store>,
        schema: Schema,
        policies: Policies,
        now_ms: i64,
    ) -> Result<Self, TenantError> {
        let mut write = store.write()?;
        if write.meta(COPY_MARK)?.is_some_and(|mark| !mark.is_empty()) {
            // Unique among all restores of the same backup.
            let before = number(write.as_ref(), keys::RESTORE_EPOCH)?;
            let epoch = u64::try_from(now_ms).unwrap_or(0).max(before.saturating_add(1));
            let head = write.head()?;
            let mut log = spans(write.as_ref())?;
            log.push(LogSpan { restore_epoch: before, end: head });
            let log = postcard::to_allocvec(&log).map_err(|_| TenantError::Corrupt(keys::LOG))?;
            write.put_meta(keys::LOG, &log)?;
            write.put_meta(keys::RESTORE_EPOCH, &epoch.to_be_bytes())?;
            write.put_meta(keys::RESTORED_AT, &head.to_be_bytes())?;
            write.put_meta(keys::WATERMARK, &head.to_be_bytes())?;
            write.put_meta(COPY_MARK, &[])?;
        }
        upkeep::rebuild_projections(write.as_mut(), &schema)?;
        write.commit()?;

        let read = store.read()?;
        let id = TenantId::from_slice(&needed(read.as_ref(), keys::TENANT)?);
        let id = id.ok_or(TenantError::Corrupt("tenant id"))?;
        let name = String::from_utf8(needed(read.as_ref(), keys::NAME)?);
        let name = name.map_err(|_| TenantError::Corrupt("tenant name"))?;
        let keys = TenantKeys {
            server_key: key(read.as_ref(), keys::SERVER_KEY)?,
            recovery_key: key(read.as_ref(), keys::RECOVERY_KEY)?,
            salt_key: key(read.as_ref(), keys::SALT_KEY)?,
        };
        let restore_epoch = number(read.as_ref(), keys::RESTORE_EPOCH)?;
        let log = spans(read.as_ref())?;
        let head = read.head()?;
        let directory = Directory::load(read.as_ref(), &schema)?;
        drop(read);
        let tenant = Self {
            store,
            schema,
            policies,
            id,
            name,
            keys,
            restore_epoch,
            log,
            kept: Mutex::new(Kept { open: OpenDocuments::new(), head }),
            directory: RwLock::new(Arc::new(directory)),
            head: watch::Sender::new(head),
        };
        tenant.follow_policies(now_ms)?;
        Ok(tenant)
    }

    /// The tenant's id.
    #[must_use]
    pub const fn id(&self) -> TenantId {
        self.id
    }

    /// The tenant's name, as in sign-ins.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tenant's keys.
    #[must_use]
    pub const fn keys(&self) -> &TenantKeys {
        &self.keys
    }

    /// Raised by every restore from a backup.
    #[must_use]
    pub const fn restore_epoch(&self) -> u64 {
        self.restore_epoch
    }

    /// The end of the log, and news of it: for server-sent events.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// Looks at the end of the log, and tells who waits if another process has moved it. Cheap.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn look(&self) -> Result<u64, TenantError> {
        let head = self.store.read()?.head()?;
        self.tell(head);
        Ok(head)
    }

    fn rules(&self, now_ms: i64) -> Rules<'_> {
        Rules {
            tenant: self.id,
            schema: &self.schema,
            policies: &self.policies,
            keys: &self.keys,
            now_ms,
            restore_epoch: self.restore_epoch,
            restores: u32::try_from(self.log.len()).unwrap_or(u32::MAX),
        }
    }

    /// The directory as a transaction sees it.
    fn directory(&self, store: &dyn StoreRead) -> Result<Arc<Directory>, TenantError> {
        let kept = self.directory.read().unwrap_or_else(PoisonError::into_inner).clone();
        if kept.version == Directory::version_in(store)? {
            return Ok(kept);
        }
        // Another process wrote it, or this reader is older than the last write.
        let found = Arc::new(Directory::load(store, &self.schema)?);
        self.keep_directory(Arc::clone(&found));
        Ok(found)
    }

    /// Keeps a committed directory, unless a newer one is kept already.
    fn keep_directory(&self, directory: Arc<Directory>) {
        let mut kept = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        if kept.version < directory.version {
            *kept = directory;
        }
    }

    /// Runs one write transaction. Whatever goes wrong, nothing of it stays, neither in the store
    /// nor in memory.
    fn write<T>(
        &self,
        work: impl FnOnce(&mut dyn StoreWrite, &mut OpenDocuments) -> Result<T, TenantError>,
    ) -> Result<T, TenantError> {
        let mut kept: MutexGuard<'_, Kept> = self.kept.lock().unwrap_or_else(|poisoned| {
            // Somebody panicked in the middle: what is open was not rolled back with the store.
            self.kept.clear_poison();
            let mut kept = poisoned.into_inner();
            kept.open.clear();
            kept
        });
        let done = self.write_kept(&mut kept, work);
        if done.is_err() {
            kept.open.clear();
        }
        drop(kept);
        done
    }

    fn write_kept<T>(
        &self,
        kept: &mut Kept,
        work: impl FnOnce(&mut dyn StoreWrite, &mut OpenDocuments) -> Result<T, TenantError>,
    ) -> Result<T, TenantError> {
        let mut write = self.store.write()?;
        if write.head()? != kept.head {
            kept.open.clear();
        }
        let done = work(write.as_mut(), &mut kept.open)?;
        let head = write.head()?;
        write.commit()?;
        kept.head = head;
        self.tell(head);
        Ok(done)
    }

    /// Tells who waits for news, if there is any.
    fn tell(&self, head: u64) {
        self.head.send_if_modified(|told| {
            let news = *told < head;
            *told = head.max(*told);
            news
        });
    }
}

fn needed(store: &dyn StoreRead, name: &'static str) -> Result<Vec<u8>, TenantError> {
    store.meta(name)?.ok_or(TenantError::Corrupt(name))
}

fn key(store: &dyn StoreRead, name: &'static str) -> Result<[u8; 32], TenantError> {
    needed(store, name)?.try_into().map_err(|_| TenantError::Corrupt(name))
}

/// What the log begins with: the parts of earlier logs, oldest first.
fn spans(store: &dyn StoreRead) -> Result<Vec<LogSpan>, TenantError> {
    if let Some(bytes) = store.meta(keys::LOG)? {
        return postcard::from_bytes(&bytes).map_err(|_| TenantError::Corrupt(keys::LOG));
    }
    // Restored once, by a version that noted no more than where that went back to.
    Ok(match number(store, keys::RESTORED_AT)? {
        0 => Vec::new(),
        end => vec![LogSpan { restore_epoch: 1, end }],
    })
}

/// A number; 0 if it was never set.
fn number(store: &dyn StoreRead, name: &'static str) -> Result<u64, TenantError> {
    match store.meta(name)? {
        None => Ok(0),
        Some(bytes) => {
            let bytes = bytes.try_into().map_err(|_| TenantError::Corrupt(name))?;
            Ok(u64::from_be_bytes(bytes))
        }
    }
}
