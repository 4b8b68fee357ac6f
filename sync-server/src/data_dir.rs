//! The data directory: one database per tenant, and a lock that keeps a second server out.
//!
//! Knows paths and names; what is in a database is `tenant`'s. The invariant: a tenant's name is
//! the name of its file, so that a tenant can be moved by moving a file.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::tenant::{Tenant, TenantError};

/// A name that no tenant can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be a tenant's name; use 1 to 40 lower-case letters, digits and hyphens")]
pub struct InvalidName(pub String);

/// A data directory that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// The name is not one.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A file cannot be made or read.
    #[error("{path}: {what}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// Another server runs on it.
    #[error("another server runs on {0}; stop it first, or use another data directory")]
    Locked(PathBuf),
    /// A tenant cannot be opened.
    #[error("tenant `{name}`")]
    Tenant {
        /// Which tenant.
        name: String,
        /// Why.
        source: TenantError,
    },
}

/// The folder that holds one database per tenant.
#[derive(Debug, Clone)]
pub struct DataDir {
    root: PathBuf,
}

impl DataDir {
    /// Names the folder; touches nothing.
    #[must_use]
    pub const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Makes the folder, for its owner only, if it is not there.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub fn make(&self) -> Result<(), DataDirError> {
        make_private_folder(&self.tenants())
    }

    /// Makes the folder of backups, if it is not there.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub fn make_backups(&self) -> Result<(), DataDirError> {
        make_private_folder(&self.backups())?;
        sync_folder(&self.root)
            .map_err(|source| io_error(&self.root, "cannot write the folder to the disk", source))
    }

    /// Where backups go that were not told where to go.
    #[must_use]
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    /// Where databases go that a restore replaced.
    #[must_use]
    pub fn replaced(&self) -> PathBuf {
        self.root.join("replaced")
    }

    fn tenants(&self) -> PathBuf {
        self.root.join("tenants")
    }

    /// The file of a tenant.
    ///
    /// # Errors
    /// [`InvalidName`].
    pub fn path_of(&self, name: &str) -> Result<PathBuf, InvalidName> {
        let fits = (1..=40).contains(&name.len())
            && !name.starts_with('-')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits {
            Ok(self.tenants().join(format!("{name}.db")))
        } else {
            Err(InvalidName(name.to_owned()))
        }
    }

    /// The names of all tenants, sorted. None if the folder is not there.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub fn names(&self) -> Result<Vec<String>, DataDirError> {
        let folder = self.tenants();
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(io_error(&folder, "cannot read the folder", source)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry =
                entry.map_err(|source| io_error(&folder, "cannot read the folder", source))?;
            let file = entry.file_name();
            let name = file.to_str().and_then(|file| file.strip_suffix(".db"));
            names.extend(name.filter(|name| self.path_of(name).is_ok()).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// When a tenant was added or removed last; `None` if that cannot be told.
    #[must_use]
    pub fn changed(&self) -> Option<SystemTime> {
        std::fs::metadata(self.tenants()).and_then(|folder| folder.modified()).ok()
    }

    /// Opens a tenant.
    ///
    /// # Errors
    /// [`DataDirError::Name`], [`DataDirError::Tenant`].
    pub fn open(&self, name: &str, now_ms: i64) -> Result<Tenant, DataDirError> {
        Tenant::open(&self.path_of(name)?, now_ms)
            .map_err(|source| DataDirError::Tenant { name: name.to_owned(), source })
    }

    /// Says whether a server runs on it.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub fn is_served(&self) -> Result<bool, DataDirError> {
        match self.lock() {
            Ok(_) => Ok(false),
            Err(DataDirError::Locked(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Keeps a second server out for as long as the file is held.
    ///
    /// # Errors
    /// [`DataDirError::Locked`], [`DataDirError::Io`].
    pub fn lock(&self) -> Result<File, DataDirError> {
        let path = self.root.join("serve.lock");
        let file = File::create(&path)
            .map_err(|source| io_error(&path, "cannot make the lock file", source))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(DataDirError::Locked(self.root.clone())),
            Err(TryLockError::Error(source)) => {
                Err(io_error(&path, "cannot lock the file", source))
            }
        }
    }
}

/// Makes a folder for its owner only, if it is not there.
///
/// # Errors
/// [`DataDirError::Io`].
pub fn make_private_folder(folder: &Path) -> Result<(), DataDirError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| io_error(folder, "cannot make the folder", source))
}

/// Makes what was made, moved or removed in a folder durable. Where folders cannot be opened, the
/// file system sees to it.
///
/// # Errors
/// What the file system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn io_error(path: &Path, what: &'static str, source: io::Error) -> DataDirError {
    DataDirError::Io { path: path.to_owned(), what, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_plain_file_names_are_refused() {
        let dir = DataDir::new(PathBuf::from("/data"));
        assert_eq!(dir.path_of("acme-2").unwrap(), PathBuf::from("/data/tenants/acme-2.db"));
        for name in ["", "../x", "Acme", "-a", "a b", "a.db", &"a".repeat(41)] {
            assert!(dir.path_of(name).is_err(), "{name}");
        }
    }

    #[test]
    fn tenants_are_listed_by_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let dir = DataDir::new(folder.path().join("data"));
        assert_eq!(dir.names().unwrap(), Vec::<String>::new(), "not made yet");
        dir.make().unwrap();
        for file in ["b.db", "a.db", "a.db-wal", "notes.txt", "Big.db"] {
            std::fs::write(dir.tenants().join(file), "").unwrap();
        }
        assert_eq!(dir.names().unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_second_server_is_kept_out_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let dir = DataDir::new(folder.path().to_owned());
        let first = dir.lock().unwrap();
        assert!(matches!(dir.lock(), Err(DataDirError::Locked(_))));
        drop(first);
        assert!(dir.lock().is_ok());
    }
}
