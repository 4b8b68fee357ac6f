//! `backup`: a verified copy of a tenant, while the server runs.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::arguments::{Backup, Common};
use super::failure::{Exit, Failure};
use super::output::Answer;
use super::{Host, data_dir, the_tenant};
use crate::data_dir::make_private_folder;

pub(super) fn backup(
    options: &Backup,
    common: &Common,
    host: &Host<'_>,
) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let to = match &options.to {
        Some(path) => path.clone(),
        None => {
            let now = Timestamp::from_millisecond(host.clock.now_ms()).unwrap_or_default();
            let file = format!("{}-{}.db", tenant.name(), now.strftime("%Y%m%dT%H%M%SZ"));
            data_dir(common, host)?.backups().join(file)
        }
    };
    let path = to.display().to_string();
    if to.exists() {
        return Err(Failure::new(
            Exit::Refused,
            "file_exists",
            format!("there is a file {path} already"),
            "name another file with --to",
        ));
    }
    if options.writing.dry_run {
        return Ok(Answer {
            text: format!("would back up tenant `{}` to {path}", tenant.name()),
            json: json!({ "dry_run": true, "tenant": tenant.name(), "path": path }),
        });
    }
    if options.to.is_none() {
        data_dir(common, host)?.make_backups()?;
    }
    // Written where nobody else can read it, for it holds keys; in its place only when whole.
    let partial = to.with_extension("partial");
    make_private_folder(&partial)?;
    let file = partial.join("tenant.db");
    let report = tenant.backup(&file)?;
    publish(&file, &to, &partial).map_err(|error| {
        Failure::new(
            Exit::Failed,
            "io",
            format!("the backup cannot be put in its place {path}: {error}"),
            format!("it is whole at {}; move it by hand", file.display()),
        )
    })?;
    Ok(Answer {
        text: format!(
            "backed up tenant `{}` up to log position {} to {path} ({} bytes)",
            tenant.name(),
            report.head,
            report.bytes
        ),
        json: json!({
            "dry_run": false,
            "tenant": tenant.name(),
            "path": path,
            "head": report.head,
            "bytes": report.bytes,
        }),
    })
}

/// Moves the whole backup to its place, readable for its owner only.
fn publish(file: &Path, to: &Path, folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?;
    }
    std::fs::rename(file, to)?;
    std::fs::remove_dir(folder)
}
