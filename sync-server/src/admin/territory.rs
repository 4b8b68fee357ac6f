//! `territory add`, `territory list`.

use serde_json::{Value, json};

use super::arguments::{Common, TerritoryAdd};
use super::failure::Failure;
use super::output::{Answer, table};
use super::{Host, find, name_of, the_tenant};
use crate::tenant::Territory;

pub(super) fn add(
    options: &TerritoryAdd,
    common: &Common,
    host: &Host<'_>,
) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let name = name_of(&options.name)?;
    let parent = find::territory_id(&tenant, options.parent.as_deref())?;
    if options.writing.dry_run {
        return Ok(Answer {
            text: format!("would make territory `{name}`"),
            json: json!({ "dry_run": true, "name": name, "parent": parent }),
        });
    }
    let mut ids = (host.ids)();
    let now_ms = host.clock.now_ms();
    let territory = tenant.add_territory(&name, parent, now_ms, ids.as_mut())?;
    let mut json = as_json(&territory);
    json["dry_run"] = json!(false);
    let text = format!("made territory `{}` ({})", territory.name, territory.id);
    Ok(Answer { json, text })
}

pub(super) fn list(common: &Common, host: &Host<'_>) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let territories = tenant.territories()?;
    let rows: Vec<_> = territories
        .iter()
        .map(|territory| {
            let parent = territories.iter().find(|other| Some(other.id) == territory.parent);
            vec![
                territory.id.to_string(),
                territory.name.clone(),
                parent.map_or("-", |parent| parent.name.as_str()).to_owned(),
            ]
        })
        .collect();
    Ok(Answer {
        text: table(&["id", "name", "part of"], &rows),
        json: json!({ "territories": territories.iter().map(as_json).collect::<Vec<_>>() }),
    })
}

fn as_json(territory: &Territory) -> Value {
    json!({
        "id": territory.id,
        "name": territory.name,
        "parent": territory.parent,
        "external_ids": territory.external_ids,
    })
}
