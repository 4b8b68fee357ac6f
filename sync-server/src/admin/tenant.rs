//! `tenant list`.

use serde_json::json;

use super::arguments::Common;
use super::failure::Failure;
use super::output::{Answer, table};
use super::{Host, data_dir};

pub(super) fn list(common: &Common, host: &Host<'_>) -> Result<Answer, Failure> {
    let dir = data_dir(common, host)?;
    let mut rows = Vec::new();
    let mut tenants = Vec::new();
    for name in dir.names()? {
        let tenant = dir.open(&name, host.clock.now_ms())?;
        rows.push(vec![name.clone(), tenant.id().to_string()]);
        tenants.push(json!({ "name": name, "id": tenant.id() }));
    }
    Ok(Answer { text: table(&["name", "id"], &rows), json: json!({ "tenants": tenants }) })
}
