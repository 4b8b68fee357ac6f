//! Users, teams and territories: ordinary records that only the server writes (D6).
//!
//! Here they are kept as values for judging and scoping; the documents are the truth. Who is in
//! the directory decides what users see, so every write re-scopes the users in its transaction.

mod import;
mod writer;

use std::collections::BTreeMap;

use roadbook_domain::{Entity, RecordId, Schema, UserId, Value};
use roadbook_merge::{Document, RecordView, view};
use roadbook_policy::{Subject, TeamEntry, UserEntry};

pub(crate) use writer::{DirectoryWriter, set};

use crate::store::StoreRead;
use crate::tenant::{Team, TenantError, Territory, User};

/// Under which name the store keeps the place in the log of the last write of the directory.
pub(crate) const VERSION: &str = "directory_seq";

/// The directory as of one place in the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Directory {
    pub(crate) users: BTreeMap<UserId, User>,
    pub(crate) teams: BTreeMap<RecordId, Team>,
    pub(crate) territories: BTreeMap<RecordId, Territory>,
    /// The same, as the policies want it.
    pub(crate) rules: roadbook_policy::Directory,
    /// The place in the log of its last write.
    pub(crate) version: u64,
}

impl Directory {
    /// The place in the log of the last write of the directory.
    pub(crate) fn version_in(store: &dyn StoreRead) -> Result<u64, TenantError> {
        let stored = store.meta(VERSION)?;
        Ok(stored.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes))
    }

    /// Reads the directory from its documents.
    pub(crate) fn load(store: &dyn StoreRead, schema: &Schema) -> Result<Self, TenantError> {
        let mut directory = Self { version: Self::version_in(store)?, ..Self::default() };
        let views = |entity| -> Result<Vec<(RecordId, RecordView)>, TenantError> {
            let mut out = Vec::new();
            for stored in store.documents_of(entity)? {
                let record = stored.key.record;
                let document = Document::load(stored.key, &stored.bytes)
                    .map_err(|source| TenantError::Unreadable { entity, record, source })?;
                out.push((record, view(schema, entity, &[&document])));
            }
            Ok(out)
        };
        for (id, seen) in views(Entity::Territory)? {
            directory.territories.insert(id, territory(id, &seen));
        }
        for (id, seen) in views(Entity::Team)? {
            directory.teams.insert(id, team(id, &seen));
        }
        for (id, seen) in views(Entity::User)? {
            directory.users.insert(UserId(id.0), user(id, &seen));
        }
        directory.rules = directory.as_rules();
        Ok(directory)
    }

    fn as_rules(&self) -> roadbook_policy::Directory {
        let entry = |user: &User| {
            let &User { role, territory, active, .. } = user;
            Some((user.id, UserEntry { role: role?, territory, active }))
        };
        let team = |team: &Team| {
            let members = team.members.iter().copied().collect();
            (team.id, TeamEntry { lead: team.lead, members })
        };
        roadbook_policy::Directory {
            users: self.users.values().filter_map(entry).collect(),
            teams: self.teams.values().map(team).collect(),
            territories: self
                .territories
                .values()
                .map(|territory| (territory.id, territory.parent))
                .collect(),
        }
    }

    /// Who a user is to the policies; `None` for one who is unknown, inactive or of an unknown
    /// role.
    pub(crate) fn subject(&self, user: UserId) -> Option<Subject> {
        self.users.get(&user).filter(|found| found.active)?;
        self.author(user)
    }

    /// Who the author of earlier work is to the policies, active or not.
    pub(crate) fn author(&self, user: UserId) -> Option<Subject> {
        let found = self.users.get(&user)?;
        Some(Subject { user, role: found.role?, territory: found.territory })
    }

    /// The user with a sign-in name.
    pub(crate) fn by_login(&self, login: &str) -> Option<&User> {
        self.users.values().find(|user| user.login.as_deref() == Some(login))
    }
}

fn name(seen: &RecordView) -> String {
    seen.value("name").as_text().unwrap_or_default().to_owned()
}

fn external_ids(seen: &RecordView) -> Vec<String> {
    seen.value("external_ids").members().to_vec()
}

fn user(id: RecordId, seen: &RecordView) -> User {
    User {
        id: UserId(id.0),
        name: name(seen),
        login: seen.value("login").as_text().map(str::to_owned),
        role: seen.value("role").as_text().and_then(|role| role.parse().ok()),
        territory: seen.value("territory").as_reference(),
        active: seen.alive && *seen.value("active") == Value::Boolean(true),
        external_ids: external_ids(seen),
    }
}

fn team(id: RecordId, seen: &RecordView) -> Team {
    let members = seen.value("members").members().iter();
    Team {
        id,
        name: name(seen),
        lead: seen.value("lead").as_reference().map(|lead| UserId(lead.0)),
        members: members.filter_map(|member| member.parse().ok()).collect(),
        external_ids: external_ids(seen),
    }
}

fn territory(id: RecordId, seen: &RecordView) -> Territory {
    Territory {
        id,
        name: name(seen),
        parent: seen.value("parent").as_reference(),
        external_ids: external_ids(seen),
    }
}
