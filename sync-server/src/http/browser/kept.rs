//! Sessions outlive the server's program: they are kept in a file of the cache folder, by the hash
//! of their cookie, so that a restart signs nobody out in the middle of a sentence.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use roadbook_app_http::Kept;
use roadbook_domain::{DeviceId, TenantId, UserId};
use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::pass::Pass;
use crate::http::Server;

const FILE: &str = "sessions.json";
const FORMAT: u32 = 2;
/// How exactly the last use is kept, in milliseconds: an idle minute writes nothing.
const USED_MS: i64 = 60_000;

#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    format: u32,
    sessions: Vec<Session>,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Session {
    hash: [u8; 32],
    csrf: String,
    tenant: TenantId,
    user: UserId,
    device: DeviceId,
    /// Tells which password it was opened by, and nothing of that password.
    password: [u8; 32],
    opened_ms: i64,
    used_ms: i64,
}

/// The file of the sessions.
pub(super) struct KeptSessions {
    path: PathBuf,
    /// What is in it.
    last: Mutex<Option<Written>>,
}

impl KeptSessions {
    pub(super) fn of(folder: &Path) -> Self {
        Self { path: folder.join(FILE), last: Mutex::default() }
    }

    /// The sessions in the file, of users and tenants that are there. A file that cannot be read
    /// signs everybody out, as a restart without it would.
    pub(super) fn read(&self, server: &Server, cache: &Cache) -> Vec<Kept<Pass>> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                tracing::warn!("the sessions of browsers cannot be read: {error}");
                return Vec::new();
            }
        };
        let written = serde_json::from_slice::<Written>(&bytes).ok();
        let Some(written) = written.filter(|it| it.format == FORMAT) else {
            tracing::warn!(
                "the sessions of browsers are of no known form; everybody signs in anew"
            );
            return Vec::new();
        };
        let all = server.tenants.all();
        let seated = |it: Session| {
            let tenant = all.iter().find(|tenant| tenant.id() == it.tenant)?;
            Some(Kept {
                hash: it.hash,
                value: Pass { seat: cache.seat(tenant, it.user, it.device), password: it.password },
                csrf: it.csrf,
                opened_ms: it.opened_ms,
                used_ms: it.used_ms,
            })
        };
        written.sessions.into_iter().filter_map(seated).collect()
    }

    /// Writes the sessions, if they are others than before. They are asked for when nobody else
    /// writes, so that no older list takes the place of a newer one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write(&self, open: impl FnOnce() -> Vec<Kept<Pass>>) -> io::Result<()> {
        let session = |it: Kept<Pass>| {
            let (tenant, user, device) = it.value.seat.key();
            Session {
                hash: it.hash,
                csrf: it.csrf,
                tenant,
                user,
                device,
                password: it.value.password,
                opened_ms: it.opened_ms,
                used_ms: it.used_ms - it.used_ms.rem_euclid(USED_MS),
            }
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sessions: Vec<Session> = open().into_iter().map(session).collect();
        sessions.sort_unstable_by_key(|session| session.hash);
        let now = Written { format: FORMAT, sessions };
        if last.as_ref() == Some(&now) {
            return Ok(());
        }
        write_private(&self.path, &serde_json::to_vec(&now)?)?;
        *last = Some(now);
        drop(last);
        Ok(())
    }
}

/// Writes a file that this user alone may read: whole, or not at all.
///
/// # Errors
/// It cannot be written.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = path.with_extension("next");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&next, path)
}
