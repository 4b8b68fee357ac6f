//! `backup`: a verified copy of a tenant, while the server runs.

use jiff::Timestamp;
use serde_json::json;

use super::arguments::{Backup, Common};
use super::failure::Failure;
use super::output::Answer;
use super::{Host, data_dir, the_tenant};
use crate::tenant::BackupError;

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
        return Err(BackupError::Exists(to).into());
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
    let report = tenant.backup(&to)?;
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
