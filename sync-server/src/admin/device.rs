//! `device list`, `device revoke`.

use roadbook_domain::DeviceId;
use serde_json::{Value, json};

use super::arguments::{Common, Revoke};
use super::failure::{Exit, Failure};
use super::output::{Answer, moment, table};
use super::{Host, the_tenant};
use crate::tenant::Device;

pub(super) fn list(common: &Common, host: &Host<'_>) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let (devices, users) = (tenant.devices()?, tenant.users()?);
    let rows: Vec<_> = devices
        .iter()
        .map(|device| {
            let user = users.iter().find(|user| user.id == device.user);
            vec![
                device.id.to_string(),
                device.name.clone(),
                user.map_or_else(|| device.user.to_string(), |user| user.name.clone()),
                moment(Some(device.enrolled_ms)),
                moment(device.last_sync_ms),
                moment(device.revoked_ms),
            ]
        })
        .collect();
    let headings = ["id", "name", "user", "enrolled", "last sync", "revoked"];
    Ok(Answer {
        text: table(&headings, &rows),
        json: json!({ "devices": devices.iter().map(as_json).collect::<Vec<_>>() }),
    })
}

pub(super) fn revoke(
    options: &Revoke,
    common: &Common,
    host: &Host<'_>,
) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let id: DeviceId =
        options.device.trim().parse().map_err(|error: roadbook_domain::id::InvalidId| {
            Failure::new(
                Exit::Usage,
                "bad_id",
                error.to_string(),
                "copy the id from `roadbook-server device list`",
            )
        })?;
    let missing = || {
        Failure::new(
            Exit::NotFound,
            "not_found",
            format!("there is no device {id}"),
            "see `roadbook-server device list`",
        )
    };
    let device = tenant.device(id)?.ok_or_else(missing)?;
    let device =
        if options.writing.dry_run { device } else { tenant.revoke(id, host.clock.now_ms())? };
    let would = if options.writing.dry_run { "would revoke" } else { "revoked" };
    let mut json = as_json(&device);
    json["dry_run"] = json!(options.writing.dry_run);
    Ok(Answer { text: format!("{would} `{}` ({id})", device.name), json })
}

fn as_json(device: &Device) -> Value {
    json!({
        "id": device.id,
        "name": device.name,
        "user": device.user,
        "enrolled_ms": device.enrolled_ms,
        "last_sync_ms": device.last_sync_ms,
        "revoked_ms": device.revoked_ms,
        "revoked": device.is_revoked(),
    })
}
