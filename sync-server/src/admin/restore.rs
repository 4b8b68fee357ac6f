//! `restore`: a backup takes the place of a tenant's database, while no server runs.
//!
//! The database that was there is moved aside, never deleted. Opening the backup makes it a
//! restored tenant with a new restore epoch; devices then hand back what came after it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;

use super::arguments::{Common, Restore};
use super::failure::{Exit, Failure};
use super::output::Answer;
use super::{Host, data_dir};
use crate::data_dir::{DataDirError, make_private_folder, sync_folder};
use crate::store::sqlite::look_at_copy;
use crate::tenant::TenantError;

pub(super) fn restore(
    options: &Restore,
    common: &Common,
    host: &Host<'_>,
) -> Result<Answer, Failure> {
    let from = &options.file;
    if !from.is_file() {
        return Err(Failure::new(
            Exit::NotFound,
            "no_file",
            format!("there is no file {}", from.display()),
            "name a file that `roadbook-server backup` wrote",
        ));
    }
    let (name, head) = look(from)?;
    if let Some(wanted) = common.tenant.as_ref().filter(|wanted| **wanted != name) {
        return Err(Failure::new(
            Exit::Refused,
            "other_tenant",
            format!("{} is a backup of tenant `{name}`, not of `{wanted}`", from.display()),
            format!("name that tenant: --tenant {name}"),
        ));
    }
    let dir = data_dir(common, host)?;
    let place = dir.path_of(&name).map_err(DataDirError::from)?;
    let now_ms = host.clock.now_ms();
    let time = Timestamp::from_millisecond(now_ms).unwrap_or_default();
    let aside = dir.replaced().join(format!("{name}-{}.db", time.strftime("%Y%m%dT%H%M%SZ")));
    let replaces = place.exists();
    dir.make()?;
    let lock = dir.lock()?;
    if replaces && aside.exists() {
        return Err(Failure::new(
            Exit::Busy,
            "just_restored",
            format!("there is a file {} already", aside.display()),
            "try again in a second",
        ));
    }
    if options.writing.dry_run {
        return Ok(answer(&name, head, from, replaces.then_some(&aside), None));
    }
    let next = place.with_extension("restoring");
    let put = || -> std::io::Result<()> {
        copy_for_owner(from, &next)?;
        if replaces {
            move_database(&place, &aside)?;
        }
        std::fs::rename(&next, &place)?;
        // What devices hand back from now on must not meet the old database after a power cut.
        place.parent().map_or(Ok(()), sync_folder)
    };
    if replaces {
        make_private_folder(&dir.replaced())?;
    }
    put().map_err(|error| {
        Failure::new(
            Exit::Failed,
            "io",
            format!("the backup cannot be put in its place {}: {error}", place.display()),
            format!("look for the tenant at {} and {}", place.display(), aside.display()),
        )
    })?;
    let opened = dir.open(&name, now_ms);
    drop(lock);
    match opened {
        Ok(tenant) => {
            let epoch = tenant.restore_epoch();
            Ok(answer(&name, head, from, replaces.then_some(&aside), Some(epoch)))
        }
        Err(error) => {
            if replaces {
                // What was there is better than what cannot be opened.
                drop(move_database(&aside, &place));
            }
            Err(error.into())
        }
    }
}

fn answer(
    name: &str,
    head: u64,
    from: &Path,
    aside: Option<&PathBuf>,
    restore_epoch: Option<u64>,
) -> Answer {
    let aside = aside.map(|path| path.display().to_string());
    let done = restore_epoch.is_some();
    let verb = if done { "restored" } else { "would restore" };
    let mut text = format!("{verb} tenant `{name}` to log position {head} from {}", from.display());
    if let Some(aside) = &aside {
        let verb = if done { "is" } else { "would be" };
        text.push_str(&format!("\nthe database that was there {verb} kept as {aside}"));
    }
    if done {
        text.push_str(
            "\nnext: start the server; devices hand back what came after the backup as they sync.\n\
             Revoke again the devices, and set again the passwords, that were changed since.",
        );
    }
    let json = json!({
        "dry_run": !done,
        "tenant": name,
        "head": head,
        "restore_epoch": restore_epoch,
        "replaced": aside,
    });
    Answer { text, json }
}

fn look(from: &Path) -> Result<(String, u64), Failure> {
    let found = look_at_copy(from).map_err(|error| {
        let inner = Failure::from(TenantError::from(error));
        Failure::new(
            inner.exit,
            inner.code,
            format!("{}: {}", from.display(), inner.problem),
            "name a file that `roadbook-server backup` wrote",
        )
    })?;
    found.ok_or_else(|| {
        Failure::new(
            Exit::Refused,
            "not_a_backup",
            format!("{} is a tenant's database, but no backup of one", from.display()),
            "name a file that `roadbook-server backup` wrote; a database that another server used \
             would give out the same places in the log twice",
        )
    })
}

/// Copies a file, readable for its owner only, to where it is renamed from.
fn copy_for_owner(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.exists() {
        std::fs::remove_file(to)?;
    }
    std::fs::copy(from, to)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o600))?;
    }
    std::fs::File::open(to)?.sync_all()
}

/// Moves a database with its log.
fn move_database(from: &Path, to: &Path) -> std::io::Result<()> {
    for suffix in ["-wal", "-shm", ""] {
        let with = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        match std::fs::rename(with(from), with(to)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !suffix.is_empty() => {}
            done => done?,
        }
    }
    Ok(())
}
