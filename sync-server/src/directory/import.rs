//! What shall exist, and what of it is missing.

use std::collections::BTreeMap;

use roadbook_domain::{Entity, Operation, RecordId, UserId, Value};
use roadbook_sync_protocol::account::{DirectoryEntry, DirectoryRequest, DirectoryResponse};

use super::Directory;
use super::writer::{DirectoryWriter, IMPORTED_ROLE, set};
use crate::tenant::{NewUser, Team, TeamChange, TenantError};

/// Finds entries by external id, then by name.
struct Known<T> {
    by_external_id: BTreeMap<String, T>,
    by_name: BTreeMap<String, T>,
}

impl<T: Copy> Known<T> {
    fn new<'a>(entries: impl Iterator<Item = (T, &'a str, &'a [String])>) -> Self {
        let mut known = Self { by_external_id: BTreeMap::new(), by_name: BTreeMap::new() };
        for (id, name, external_ids) in entries {
            known.by_name.insert(name.to_owned(), id);
            for external_id in external_ids {
                known.by_external_id.insert(external_id.clone(), id);
            }
        }
        known
    }

    fn find(&self, entry: &DirectoryEntry) -> Option<T> {
        let found = self.by_external_id.get(&entry.external_id);
        found.or_else(|| self.by_name.get(&entry.name)).copied()
    }

    fn insert(&mut self, entry: &DirectoryEntry, id: T) {
        self.by_external_id.insert(entry.external_id.clone(), id);
        self.by_name.insert(entry.name.clone(), id);
    }

    /// The entry that another one names.
    fn named(&self, entry: &DirectoryEntry, external_id: &str) -> Result<T, TenantError> {
        self.by_external_id.get(external_id).copied().ok_or_else(|| TenantError::Directory {
            entry: entry.external_id.clone(),
            problem: format!("`{external_id}` is not there; send it before this entry"),
        })
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

    fn import_territories(
        &mut self,
        directory: &Directory,
        request: &DirectoryRequest,
        response: &mut DirectoryResponse,
    ) -> Result<Known<RecordId>, TenantError> {
        let entries = directory.territories.values();
        let mut known =
            Known::new(entries.map(|found| (found.id, &*found.name, &*found.external_ids)));
        for entry in &request.territories {
            let parent = entry.belongs_to.as_deref();
            let parent = parent.map(|parent| known.named(entry, parent)).transpose()?;
            let id = if let Some(id) = known.find(entry) {
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

    fn import_teams(
        &mut self,
        directory: &Directory,
        request: &DirectoryRequest,
        response: &mut DirectoryResponse,
    ) -> Result<Known<RecordId>, TenantError> {
        let entries = directory.teams.values();
        let mut known =
            Known::new(entries.map(|found| (found.id, &*found.name, &*found.external_ids)));
        for entry in &request.teams {
            let id = if let Some(id) = known.find(entry) {
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
        (territories, teams): (&Known<RecordId>, &Known<RecordId>),
        response: &mut DirectoryResponse,
    ) -> Result<(), TenantError> {
        let entries = directory.users.values();
        let mut known =
            Known::new(entries.map(|found| (found.id, &*found.name, &*found.external_ids)));
        let mut joining: BTreeMap<RecordId, TeamChange> = BTreeMap::new();
        for entry in &request.users {
            let territory = entry.belongs_to.as_deref();
            let territory = territory.map(|id| territories.named(entry, id)).transpose()?;
            let id = if let Some(id) = known.find(entry) {
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
