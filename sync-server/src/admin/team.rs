//! `team add`, `team list`, `team change`.

use roadbook_domain::UserId;
use serde_json::{Value, json};

use super::arguments::{Common, TeamAdd, TeamChange};
use super::failure::Failure;
use super::output::{Answer, table};
use super::{Host, find, name_of, the_tenant};
use crate::tenant::{self, Team, Tenant};

pub(super) fn add(options: &TeamAdd, common: &Common, host: &Host<'_>) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let name = name_of(&options.name)?;
    let lead = options.lead.as_deref().map(|lead| find::user(&tenant, lead)).transpose()?;
    let lead = lead.map(|user| user.id);
    let members = users(&tenant, &options.member)?;
    if options.writing.dry_run {
        return Ok(Answer {
            text: format!("would make team `{name}`"),
            json: json!({
                "dry_run": true, "name": name, "lead": lead, "members": members,
            }),
        });
    }
    let now_ms = host.clock.now_ms();
    let mut ids = (host.ids)();
    let mut team = tenant.add_team(&name, lead, now_ms, ids.as_mut())?;
    if !members.is_empty() {
        let change = tenant::TeamChange { lead: None, add: members, remove: Vec::new() };
        team = tenant.change_team(team.id, &change, now_ms, ids.as_mut())?;
    }
    Ok(one("made", &team))
}

pub(super) fn list(common: &Common, host: &Host<'_>) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let (teams, users) = (tenant.teams()?, tenant.users()?);
    let name = |id: &UserId| {
        let found = users.iter().find(|user| user.id == *id);
        found.map_or_else(|| id.to_string(), |user| user.name.clone())
    };
    let rows: Vec<_> = teams
        .iter()
        .map(|team| {
            let members: Vec<_> = team.members.iter().map(name).collect();
            vec![
                team.id.to_string(),
                team.name.clone(),
                team.lead.as_ref().map_or_else(|| "-".to_owned(), name),
                members.join(", "),
            ]
        })
        .collect();
    Ok(Answer {
        text: table(&["id", "name", "lead", "members"], &rows),
        json: json!({ "teams": teams.iter().map(as_json).collect::<Vec<_>>() }),
    })
}

pub(super) fn change(
    options: &TeamChange,
    common: &Common,
    host: &Host<'_>,
) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let team = find::team(&tenant, &options.team)?;
    let lead = options.lead.as_deref().map(|lead| find::user(&tenant, lead)).transpose()?;
    let change = tenant::TeamChange {
        lead: lead.map(|user| user.id),
        add: users(&tenant, &options.add)?,
        remove: users(&tenant, &options.remove)?,
    };
    if options.writing.dry_run {
        let mut json = as_json(&team);
        json["dry_run"] = json!(true);
        return Ok(Answer { text: format!("would change team `{}`", team.name), json });
    }
    let mut ids = (host.ids)();
    let team = tenant.change_team(team.id, &change, host.clock.now_ms(), ids.as_mut())?;
    Ok(one("changed", &team))
}

fn users(tenant: &Tenant, named: &[String]) -> Result<Vec<UserId>, Failure> {
    named.iter().map(|text| find::user(tenant, text).map(|user| user.id)).collect()
}

fn one(done: &str, team: &Team) -> Answer {
    let mut json = as_json(team);
    json["dry_run"] = json!(false);
    Answer { text: format!("{done} team `{}` ({})", team.name, team.id), json }
}

fn as_json(team: &Team) -> Value {
    json!({
        "id": team.id,
        "name": team.name,
        "lead": team.lead,
        "members": team.members,
        "external_ids": team.external_ids,
    })
}
