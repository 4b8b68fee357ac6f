//! `user add`, `user list`, `user set-password`, `user change`.

use roadbook_policy::Role;
use serde_json::{Value, json};

use super::arguments::{Common, SetPassword, UserAdd, UserChange};
use super::failure::{Exit, Failure};
use super::output::{Answer, table};
use super::{Host, find, login_of, name_of, password, the_tenant};
use crate::tenant::{Credential, IdentityKind, NewUser, User};

pub(super) fn add(
    options: &UserAdd,
    common: &Common,
    host: &mut Host<'_>,
) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let new = NewUser {
        name: name_of(&options.name)?,
        login: options.login.as_deref().map(login_of).transpose()?,
        role: role(&options.role)?,
        territory: find::territory_id(&tenant, options.territory.as_deref())?,
    };
    if let Some(login) = &new.login
        && tenant.credential(login)?.is_some()
    {
        return Err(crate::tenant::TenantError::LoginTaken(login.clone()).into());
    }
    let hash = match new.login {
        Some(_) => Some(password::hashed(&options.password, host)?),
        None => None,
    };
    if options.writing.dry_run {
        return Ok(Answer {
            text: format!("would make {} `{}`", new.role, new.name),
            json: json!({
                "dry_run": true, "name": new.name, "login": new.login, "role": new.role.name(),
                "territory": new.territory,
            }),
        });
    }
    let mut ids = (host.ids)();
    let user = tenant.add_user(&new, host.clock.now_ms(), ids.as_mut())?;
    if let (Some(login), Some(password_hash)) = (new.login, hash) {
        let kind = if options.demo { IdentityKind::Demo } else { IdentityKind::Real };
        tenant.put_credential(&Credential { user: user.id, login, password_hash, kind })?;
    }
    Ok(one("made", &user))
}

pub(super) fn list(common: &Common, host: &Host<'_>) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let users = tenant.users()?;
    let territories = tenant.territories()?;
    let territory = |user: &User| {
        let found = territories.iter().find(|territory| Some(territory.id) == user.territory);
        found.map_or("-", |territory| territory.name.as_str()).to_owned()
    };
    let rows: Vec<_> = users
        .iter()
        .map(|user| {
            vec![
                user.id.to_string(),
                user.login.clone().unwrap_or_else(|| "-".to_owned()),
                user.name.clone(),
                user.role.map_or("?", Role::name).to_owned(),
                territory(user),
                if user.active { "active" } else { "locked out" }.to_owned(),
            ]
        })
        .collect();
    Ok(Answer {
        text: table(&["id", "login", "name", "role", "territory", "state"], &rows),
        json: json!({ "users": users.iter().map(as_json).collect::<Vec<_>>() }),
    })
}

pub(super) fn set_password(
    options: &SetPassword,
    common: &Common,
    host: &mut Host<'_>,
) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let user = find::user(&tenant, &options.user)?;
    let Some(login) = user.login.as_deref().or(options.login.as_deref()) else {
        return Err(Failure::new(
            Exit::Usage,
            "no_login",
            format!("`{}` has no sign-in name", user.name),
            "give one with --login",
        ));
    };
    let login = login_of(login)?;
    let password_hash = password::hashed(&options.password, host)?;
    let json = json!({ "dry_run": options.writing.dry_run, "id": user.id, "login": login });
    if options.writing.dry_run {
        let text = format!("would give `{login}` another password");
        return Ok(Answer { json, text });
    }
    // What a person has chosen is no longer the known password of a demonstration.
    let kind = IdentityKind::Real;
    let text = format!("`{login}` has another password");
    tenant.put_credential(&Credential { user: user.id, login, password_hash, kind })?;
    Ok(Answer { json, text })
}

pub(super) fn change(
    options: &UserChange,
    common: &Common,
    host: &Host<'_>,
) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    let mut user = find::user(&tenant, &options.user)?;
    let new_role = options.role.as_deref().map(role).transpose()?;
    let territory = find::territory_id(&tenant, options.territory.as_deref())?;
    let territory = match (territory, options.no_territory) {
        (Some(id), _) => Some(Some(id)),
        (None, true) => Some(None),
        (None, false) => None,
    };
    if new_role.is_none() && territory.is_none() && !options.activate && !options.deactivate {
        return Err(Failure::new(
            Exit::Usage,
            "nothing_to_do",
            "nothing would change",
            "name a role, a territory, --activate or --deactivate",
        ));
    }
    if options.writing.dry_run {
        let mut json = as_json(&user);
        json["dry_run"] = json!(true);
        return Ok(Answer { text: format!("would change `{}`", user.name), json });
    }
    let now_ms = host.clock.now_ms();
    let mut ids = (host.ids)();
    if let Some(role) = new_role {
        user = tenant.set_role(user.id, role, now_ms, ids.as_mut())?;
    }
    if let Some(territory) = territory {
        user = tenant.set_user_territory(user.id, territory, now_ms, ids.as_mut())?;
    }
    if options.activate {
        user = tenant.activate_user(user.id, now_ms, ids.as_mut())?;
    }
    if options.deactivate {
        user = tenant.deactivate_user(user.id, now_ms, ids.as_mut())?;
    }
    Ok(one("changed", &user))
}

fn role(text: &str) -> Result<Role, Failure> {
    text.parse().map_err(|error: roadbook_policy::UnknownRole| {
        Failure::new(Exit::Usage, "unknown_role", error.to_string(), "use one of these names")
    })
}

fn one(done: &str, user: &User) -> Answer {
    let mut json = as_json(user);
    json["dry_run"] = json!(false);
    Answer { text: format!("{done} `{}` ({})", user.name, user.id), json }
}

fn as_json(user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "login": user.login,
        "role": user.role.map(Role::name),
        "territory": user.territory,
        "active": user.active,
        "external_ids": user.external_ids,
    })
}
