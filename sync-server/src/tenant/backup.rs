//! Writing a backup: devices let go of what is in one, so it is durable under its name before the
//! watermark says so.
//!
//! The copy is written in a folder beside its place, where nobody else can read it, because it
//! holds the tenant's keys; it is moved when it is whole. The invariant: at every moment the
//! watermark is covered by a file that a power cut leaves as it is. What a backup that was cut off
//! left behind is cleared by the next one of the tenant into the same folder.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::{BackupReport, Tenant, TenantError, keys, number};
use crate::data_dir::{DataDirError, make_private_folder, sync_folder};
use crate::store::StoreError;

/// The copy while it is written.
const COPY: &str = "tenant.db";
/// What keeps a second backup out of the same folder.
const LOCK: &str = "lock";

/// A backup that was not made: no device lets go of anything.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something in its place already.
    #[error("there is a file {0} already")]
    Exists(PathBuf),
    /// Another one of the tenant is written into the same folder.
    #[error("another backup of this tenant is being written in {0}")]
    AtWork(PathBuf),
    /// The folder cannot be made.
    #[error(transparent)]
    Folder(#[from] DataDirError),
    /// The file system did not let it be written.
    #[error("{path}: {what}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The tenant cannot be copied.
    #[error(transparent)]
    Tenant(#[from] TenantError),
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Tenant(error.into())
    }
}

impl Tenant {
    /// Writes a verified copy of the tenant into a new file, for its owner only, and records how
    /// far it reaches once the file is durable. The copy holds the tenant's keys: it is to be kept
    /// like them.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn backup(&self, to: &Path) -> Result<BackupReport, BackupError> {
        let partial = Partial::make(to, &self.name)?;
        let (bytes, head) = self.store.copy_to(&partial.copy())?;
        partial.publish(to)?;
        self.write(|store, _| {
            // A copy that was begun earlier may end later.
            let before = number(&*store, keys::WATERMARK)?;
            Ok(store.put_meta(keys::WATERMARK, &head.max(before).to_be_bytes())?)
        })?;
        Ok(BackupReport { head, bytes })
    }
}

/// The folder of a backup that is not whole yet; gone with what is in it when dropped.
struct Partial {
    folder: PathBuf,
    /// The folder that the backup goes to.
    place: PathBuf,
    /// Held until the end.
    _lock: File,
}

impl Partial {
    /// Makes the folder, empty, unless there is something in the backup's place.
    fn make(to: &Path, tenant: &str) -> Result<Self, BackupError> {
        // The name of a file alone lies where the program runs.
        let place = match to.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            Some(_) | None => PathBuf::from("."),
        };
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let folder = place.join(format!("{tenant}.partial"));
        make_private_folder(&folder)?;
        let file = folder.join(LOCK);
        let lock = File::create(&file)
            .map_err(|error| failed("cannot make the lock file", &file, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::AtWork(folder)),
            Err(TryLockError::Error(error)) => {
                return Err(failed("cannot lock the file", &file, error));
            }
        }
        let partial = Self { folder, place, _lock: lock };
        // Somebody else may have been at it until now.
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        partial.clear().map_err(|error| {
            failed("cannot clear what an earlier backup left", &partial.folder, error)
        })?;
        Ok(partial)
    }

    fn copy(&self) -> PathBuf {
        self.folder.join(COPY)
    }

    /// Removes the copy and what the database keeps beside it.
    fn clear(&self) -> io::Result<()> {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            match std::fs::remove_file(self.folder.join(format!("{COPY}{suffix}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Moves the whole copy to its place, durably.
    fn publish(&self, to: &Path) -> Result<(), BackupError> {
        let copy = self.copy();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o600))
                .map_err(|error| failed("cannot keep it to its owner", &copy, error))?;
        }
        let whole = File::options().write(true).open(&copy).and_then(|file| file.sync_all());
        whole.map_err(|error| failed("cannot write it to the disk", &copy, error))?;
        // A link takes the place of no file, as a new name would; the other name goes with the folder.
        // File systems that know no links have the look before.
        let placed = match std::fs::hard_link(&copy, to) {
            Err(_) if to.exists() => return Err(BackupError::Exists(to.to_owned())),
            Err(_) => std::fs::rename(&copy, to),
            Ok(()) => Ok(()),
        };
        placed.map_err(|error| failed("cannot put it in its place", to, error))?;
        sync_folder(&self.place)
            .map_err(|error| failed("cannot write it to the disk", &self.place, error))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // What cannot be cleared now is cleared by the next backup.
        drop(self.clear());
        drop(std::fs::remove_file(self.folder.join(LOCK)));
        drop(std::fs::remove_dir(&self.folder));
    }
}

fn failed(what: &'static str, path: &Path, source: io::Error) -> BackupError {
    BackupError::Io { what, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Trial;

    #[test]
    fn a_backup_that_cannot_be_put_in_its_place_lets_no_device_let_go_of_anything() {
        let mut trial = Trial::new();
        let (_, _ana) = trial.with_account();
        let folder = trial.folder.path().to_owned();
        // The copy can be written; a file cannot take a folder's name.
        let error = trial.tenant.backup(&folder.join("copy.db/")).unwrap_err();
        assert!(
            matches!(&error, BackupError::Io { what: "cannot put it in its place", .. }),
            "{error}"
        );
        assert_eq!(trial.tenant.status().unwrap().backup_watermark, 0, "there is no backup");
        assert!(!folder.join("acme.partial").exists(), "half a backup is not left about");
        let report = trial.tenant.backup(&folder.join("copy.db")).unwrap();
        assert_eq!(trial.tenant.status().unwrap().backup_watermark, report.head);
    }

    #[test]
    fn what_a_killed_backup_left_behind_does_not_hinder_the_next_one() {
        let mut trial = Trial::new();
        let (_, _ana) = trial.with_account();
        let to = trial.folder.path().join("copy.db");
        let left = trial.folder.path().join("acme.partial");
        std::fs::create_dir(&left).unwrap();
        for file in ["tenant.db", "tenant.db-journal", "lock"] {
            std::fs::write(left.join(file), "cut off in the middle").unwrap();
        }
        trial.tenant.backup(&to).unwrap();
        assert!(crate::store::sqlite::look_at_copy(&to).unwrap().is_some(), "it is whole");
        assert!(!left.exists());
    }

    #[test]
    fn two_backups_do_not_write_into_one_folder_at_once() {
        let trial = Trial::new();
        let to = trial.folder.path().join("copy.db");
        let first = Partial::make(&to, "acme").unwrap();
        let error = trial.tenant.backup(&trial.folder.path().join("other.db")).unwrap_err();
        assert!(matches!(error, BackupError::AtWork(_)), "{error}");
        drop(first);
        trial.tenant.backup(&to).unwrap();
    }
}
