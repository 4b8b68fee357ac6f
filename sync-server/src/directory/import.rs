//! What shall exist, and what of it is missing.

use std::collections::{BTreeMap, BTreeSet};

use roadbook_domain::{Entity, Operation, RecordId, UserId, Value};
use roadbook_policy::Role;
use roadbook_sync_protocol::account::{DirectoryEntry, DirectoryRequest, DirectoryResponse};

use super::Directory;
use super::writer::{DirectoryWriter, IMPORTED_ROLE, set};
use crate::tenant::{NewUser, Team, TeamChange, TenantError};

/// What was there before under a name that is nobody else's.
struct Namesake<'a, T> {
    id: T,
    external_ids: &'a [String],
}

/// Finds entries by external id. A name decides only where it can mean one alone, and never makes
/// one of two entries of the same system.
struct Known<'a, T> {
    by_external_id: BTreeMap<String, T>,
    by_name: BTreeMap<&'a str, Namesake<'a, T>>,
}

impl<'a, T: Copy> Known<'a, T> {
    /// Knows what is there; `asked` are the entries that shall be.
    fn new(
        entries: impl Iterator<Item = (T, &'a str, &'a [String])>,
        asked: &'a [DirectoryEntry],
    ) -> Self {
        let mut known = Self { by_external_id: BTreeMap::new(), by_name: BTreeMap::new() };
        let mut shared = BTreeSet::new();
        for (id, name, external_ids) in entries {
            if known.by_name.insert(name, Namesake { id, external_ids }).is_some() {
                shared.insert(name);
            }
            for external_id in external_ids {
                known.by_external_id.insert(external_id.clone(), id);
            }
        }
        let mut first_of: BTreeMap<&str, &str> = BTreeMap::new();
        for entry in asked {
            let first = *first_of.entry(&entry.name).or_insert(&entry.external_id);
            if first != entry.external_id {
                shared.insert(&entry.name);
            }
        }
        known.by_name.retain(|name, _| !shared.contains(name));
        known
    }

    /// The entry that is there, or the only one of its name that is of no entry of the same system
    /// yet and that may be meant.
    fn find(&self, entry: &DirectoryEntry, may_be: impl Fn(T) -> bool) -> Option<T> {
        if let Some(id) = self.by_external_id.get(&entry.external_id) {
            return Some(*id);
        }
        let named = self.by_name.get(&*entry.name)?;
        let taken = named.external_ids.iter().any(|id| system(id) == system(&entry.external_id));
        (!taken && may_be(named.id)).then_some(named.id)
    }

    fn insert(&mut self, entry: &DirectoryEntry, id: T) {
        self.by_external_id.insert(entry.external_id.clone(), id);
    }

    /// The entry that another one names.
    fn named(&self, entry: &DirectoryEntry, external_id: &str) -> Result<T, TenantError> {
        self.by_external_id.get(external_id).copied().ok_or_else(|| TenantError::Directory {
            entry: entry.external_id.clone(),
            problem: format!("`{external_id}` is not there; send it before this entry"),
        })
    }
}

/// The system that an external id comes from.
fn system(external_id: &str) -> &str {
    external_id.split_once(':').map_or(external_id, |(system, _)| system)
}

/// Whether somebody who is there may be meant by an entry with the same name: an agent is who
/// sells, and a team's lead may also be a manager.
const fn can_be(role: Option<Role>, leads: bool) -> bool {
    match role {
        Some(Role::Rep | Role::SeniorRep) => true,
        Some(Role::Manager) => leads,
        Some(Role::Administrator | Role::Service) | None => false,
    }
}

fn learn_id(external_ids: &[String], entry: &DirectoryEntry) -> Option<Operation> {
    let missing = !external_ids.contains(&entry.external_id);
    missing.then(|| Operation::ChangeSet {
        field: "external_ids".to_owned(),
        add: vec![entry.external_id.clone()],
        remove: Vec::new(),
    })
}

impl DirectoryWriter<'_> {
    /// Writes what is missing of a request. What is there keeps its name, place and members.
    pub(crate) fn import(
        &mut self,
        directory: &Directory,
        request: &DirectoryRequest,
    ) -> Result<DirectoryResponse, TenantError> {
        let mut response = DirectoryResponse::default();
        let territories = self.import_territories(directory, request, &mut response)?;
        let teams = self.import_teams(directory, request, &mut response)?;
        self.import_users(directory, request, (&territories, &teams), &mut response)?;
        Ok(response)
    }

    fn import_territories<'d>(
        &mut self,
        directory: &'d Directory,
        request: &'d DirectoryRequest,
        response: &mut DirectoryResponse,
    ) -> Result<Known<'d, RecordId>, TenantError> {
        let entries = directory.territories.values();
        let entries = entries.map(|found| (found.id, &*found.name, &*found.external_ids));
        let mut known = Known::new(entries, &request.territories);
        for entry in &request.territories {
            let parent = entry.belongs_to.as_deref();
            let parent = parent.map(|parent| known.named(entry, parent)).transpose()?;
            let id = if let Some(id) = known.find(entry, |_| true) {
                if let Some(found) = directory.territories.get(&id) {
                    let learnt = learn_id(&found.external_ids, entry);
                    self.edit(id, Entity::Territory, learnt.into_iter().collect())?;
                }
                id
            } else {
                response.created += 1;
                self.create_territory(&entry.name, parent, Some(&entry.external_id))?
            };
            known.insert(entry, id);
            response.territories.push(id);
        }
        Ok(known)
    }

    fn import_teams<'d>(
        &mut self,
        directory: &'d Directory,
        request: &'d DirectoryRequest,
        response: &mut DirectoryResponse,
    ) -> Result<Known<'d, RecordId>, TenantError> {
        let entries = directory.teams.values();
        let entries = entries.map(|found| (found.id, &*found.name, &*found.external_ids));
        let mut known = Known::new(entries, &request.teams);
        for entry in &request.teams {
            let id = if let Some(id) = known.find(entry, |_| true) {
                if let Some(found) = directory.teams.get(&id) {
                    let learnt = learn_id(&found.external_ids, entry);
                    self.edit(id, Entity::Team, learnt.into_iter().collect())?;
                }
                id
            } else {
                response.created += 1;
                self.create_team(&entry.name, None, Some(&entry.external_id))?
            };
            known.insert(entry, id);
            response.teams.push(id);
        }
        Ok(known)
    }

    fn import_users(
        &mut self,
        directory: &Directory,
        request: &DirectoryRequest,
        (territories, teams): (&Known<'_, RecordId>, &Known<'_, RecordId>),
        response: &mut DirectoryResponse,
    ) -> Result<(), TenantError> {
        let entries = directory.users.values();
        let entries = entries.map(|found| (found.id, &*found.name, &*found.external_ids));
        let mut known = Known::new(entries, &request.users);
        let leads: BTreeSet<&str> =
            request.teams.iter().filter_map(|team| team.belongs_to.as_deref()).collect();
        let mut joining: BTreeMap<RecordId, TeamChange> = BTreeMap::new();
        for entry in &request.users {
            let territory = entry.belongs_to.as_deref();
            let territory = territory.map(|id| territories.named(entry, id)).transpose()?;
            let may_be = |id: UserId| {
                let role = directory.users.get(&id).and_then(|found| found.role);
                can_be(role, leads.contains(&*entry.external_id))
            };
            let id = if let Some(id) = known.find(entry, may_be) {
                if let Some(found) = directory.users.get(&id) {
                    let mut operations = Vec::from_iter(learn_id(&found.external_ids, entry));
                    if let (None, Some(territory)) = (found.territory, territory) {
                        let to = Value::Reference(territory);
                        operations.push(set("territory", Value::Null, to));
                    }
                    self.edit(id.into(), Entity::User, operations)?;
                }
                id
            } else {
                response.created += 1;
                let name = entry.name.clone();
                let new = NewUser { name, login: None, role: IMPORTED_ROLE, territory };
                self.create_user(&new, Some(&entry.external_id))?
            };
            for team in &entry.teams {
                let team = teams.named(entry, team)?;
                joining.entry(team).or_default().add.push(id);
            }
            known.insert(entry, id);
            response.users.push(id.into());
        }
        for (entry, team) in request.teams.iter().zip(&response.teams) {
            if let Some(lead) = &entry.belongs_to {
                let lead: UserId = known.named(entry, lead)?;
                joining.entry(*team).or_default().lead = Some(lead);
            }
        }
        for (id, mut change) in joining {
            let found = directory.teams.get(&id).cloned();
            let team = found.unwrap_or_else(|| Team {
                id,
                name: String::new(),
                lead: None,
                members: Vec::new(),
                external_ids: Vec::new(),
            });
            // A team keeps the lead that it has.
            change.lead = change.lead.filter(|_| team.lead.is_none());
            self.change_team(&team, &change)?;
        }
        Ok(())
    }
}
