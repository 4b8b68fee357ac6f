//! `status`: figures about the tenants, also while a server runs.

use serde_json::json;

use super::arguments::Common;
use super::failure::Failure;
use super::output::{Answer, table};
use super::{Host, data_dir, the_tenant};

pub(super) fn status(common: &Common, host: &Host<'_>) -> Result<Answer, Failure> {
    let dir = data_dir(common, host)?;
    let names = dir.names()?;
    let tenants = match (&common.tenant, names.is_empty()) {
        (Some(_), _) | (None, true) => vec![the_tenant(common, host)?],
        (None, false) => names
            .iter()
            .map(|name| dir.open(name, host.clock.now_ms()))
            .collect::<Result<_, _>>()?,
    };
    let serving = dir.is_served()?;
    let mut rows = Vec::new();
    let mut list = Vec::new();
    for tenant in tenants {
        let figures = tenant.status()?;
        rows.push(vec![
            tenant.name().to_owned(),
            figures.head.to_string(),
            figures.records.to_string(),
            figures.users.to_string(),
            figures.devices.to_string(),
            figures.open_conflicts.to_string(),
            figures.quarantined.to_string(),
            figures.backup_watermark.to_string(),
            figures.database_bytes.to_string(),
        ]);
        list.push(json!({
            "name": tenant.name(),
            "id": tenant.id(),
            "head": figures.head,
            "records": figures.records,
            "documents": figures.documents,
            "users": figures.users,
            "devices": figures.devices,
            "open_conflicts": figures.open_conflicts,
            "quarantined": figures.quarantined,
            "backup_watermark": figures.backup_watermark,
            "restore_epoch": figures.restore_epoch,
            "database_bytes": figures.database_bytes,
        }));
    }
    let headings = [
        "tenant",
        "log",
        "records",
        "users",
        "devices",
        "conflicts",
        "quarantined",
        "backed up",
        "bytes",
    ];
    let state = if serving { "a server runs on" } else { "no server runs on" };
    Ok(Answer {
        text: format!("{state} {}\n\n{}", dir.root().display(), table(&headings, &rows)),
        json: json!({ "serving": serving, "tenants": list }),
    })
}
