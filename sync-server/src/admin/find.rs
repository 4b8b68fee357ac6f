//! Finding what a person named: by id, or by a name that only one has.

use roadbook_domain::RecordId;

use super::failure::{Exit, Failure};
use crate::tenant::{Team, Tenant, Territory, User};

/// A user, by id, sign-in name or name.
pub(super) fn user(tenant: &Tenant, text: &str) -> Result<User, Failure> {
    let users = tenant.users()?;
    let login = users.iter().find(|user| {
        user.login.as_ref().is_some_and(|login| login.eq_ignore_ascii_case(text.trim()))
    });
    match login {
        Some(user) => Ok(user.clone()),
        None => one("user", text, users, |user| (user.id.into(), user.name.as_str())),
    }
}

/// A team, by id or name.
pub(super) fn team(tenant: &Tenant, text: &str) -> Result<Team, Failure> {
    one("team", text, tenant.teams()?, |team| (team.id, team.name.as_str()))
}

/// A territory, by id or name.
pub(super) fn territory(tenant: &Tenant, text: &str) -> Result<Territory, Failure> {
    let territories = tenant.territories()?;
    one("territory", text, territories, |territory| (territory.id, territory.name.as_str()))
}

/// The id of a territory that may be named.
pub(super) fn territory_id(
    tenant: &Tenant,
    text: Option<&str>,
) -> Result<Option<RecordId>, Failure> {
    text.map(|text| territory(tenant, text).map(|territory| territory.id)).transpose()
}

fn one<T>(
    kind: &str,
    text: &str,
    all: Vec<T>,
    key: impl Fn(&T) -> (RecordId, &str),
) -> Result<T, Failure> {
    let text = text.trim();
    let id = text.parse::<RecordId>().ok();
    let mut found: Vec<T> = all
        .into_iter()
        .filter(|item| {
            let (item_id, name) = key(item);
            Some(item_id) == id || name.to_lowercase() == text.to_lowercase()
        })
        .collect();
    if found.len() > 1 {
        let ids: Vec<_> = found.iter().map(|item| key(item).0.to_string()).collect();
        return Err(Failure::new(
            Exit::Usage,
            "ambiguous",
            format!("there are {} of the name `{text}`", found.len()),
            format!("name one by its id: {}", ids.join(", ")),
        ));
    }
    found.pop().ok_or_else(|| {
        Failure::new(
            Exit::NotFound,
            "not_found",
            format!("there is no {kind} `{text}`"),
            format!("see `roadbook-server {kind} list`"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(item: &(u8, String)) -> (RecordId, &str) {
        (RecordId::from_bytes([item.0; 16]), &item.1)
    }

    fn named(text: &str) -> Result<u8, Exit> {
        let all = [(1, "North"), (2, "South"), (3, "south")];
        let all = all.map(|(id, name)| (id, name.to_owned())).to_vec();
        one("territory", text, all, key).map(|item| item.0).map_err(|failure| failure.exit)
    }

    #[test]
    fn a_name_finds_one_an_id_finds_any_and_doubles_are_asked_about() {
        assert_eq!(named(" north "), Ok(1));
        assert_eq!(named("South"), Err(Exit::Usage));
        assert_eq!(named(&RecordId::from_bytes([3; 16]).to_string()), Ok(3));
        assert_eq!(named("East"), Err(Exit::NotFound));
    }
}
