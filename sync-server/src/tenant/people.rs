//! Users, teams, territories and what users sign in with.

use std::sync::Arc;

use roadbook_domain::{Entity, RecordId, UserId, Value};
use roadbook_policy::{Decision, Role, decide_directory};
use roadbook_sync_protocol::account::{DirectoryRequest, DirectoryResponse};

use super::{Credential, Device, NewUser, Team, TeamChange, Tenant, TenantError, Territory, User};
use crate::directory::{Directory, DirectoryWriter, set};
use crate::gate::Gate;
use crate::ids::IdSource;

/// Entries of one directory request.
const ENTRIES_MAX: usize = 10_000;

impl Tenant {
    /// A user; `None` if there is none.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn user(&self, id: UserId) -> Result<Option<User>, TenantError> {
        let read = self.store.read()?;
        Ok(self.directory(read.as_ref())?.users.get(&id).cloned())
    }

    /// All users, by name.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn users(&self) -> Result<Vec<User>, TenantError> {
        let read = self.store.read()?;
        let mut users: Vec<User> = self.directory(read.as_ref())?.users.values().cloned().collect();
        users.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(users)
    }

    /// All teams, by name.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn teams(&self) -> Result<Vec<Team>, TenantError> {
        let read = self.store.read()?;
        let mut teams: Vec<Team> = self.directory(read.as_ref())?.teams.values().cloned().collect();
        teams.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(teams)
    }

    /// All territories, by name.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn territories(&self) -> Result<Vec<Territory>, TenantError> {
        let read = self.store.read()?;
        let mut territories: Vec<Territory> =
            self.directory(read.as_ref())?.territories.values().cloned().collect();
        territories.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(territories)
    }

    /// Makes a user.
    ///
    /// # Errors
    /// [`TenantError::LoginTaken`], [`TenantError::NotFound`] for the territory,
    /// [`TenantError::Directory`] for a value that does not fit, [`TenantError::Store`].
    pub fn add_user(
        &self,
        new: &NewUser,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        let id = self.write_directory(now_ms, ids, |directory, writer| {
            if let Some(login) = &new.login
                && directory.by_login(login).is_some()
            {
                return Err(TenantError::LoginTaken(login.clone()));
            }
            known_territory(directory, new.territory)?;
            writer.create_user(new, None)
        })?;
        self.user(id)?.ok_or(TenantError::NotFound("user"))
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn set_role(
        &self,
        user: UserId,
        role: Role,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        self.edit_user(user, now_ms, ids, |_, found| {
            let from = found.role.map_or(Value::Null, |role| Value::Text(role.name().to_owned()));
            Ok(("role", from, Value::Text(role.name().to_owned())))
        })
    }

    /// Gives a user another territory, or none.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn set_user_territory(
        &self,
        user: UserId,
        territory: Option<RecordId>,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        let value = |id: Option<RecordId>| id.map_or(Value::Null, Value::Reference);
        self.edit_user(user, now_ms, ids, |directory, found| {
            known_territory(directory, territory)?;
            Ok(("territory", value(found.territory), value(territory)))
        })
    }

    /// Lets a user in.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn activate_user(
        &self,
        user: UserId,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        self.edit_user(user, now_ms, ids, |_, found| {
            Ok(("active", Value::Boolean(found.active), Value::Boolean(true)))
        })
    }

    /// Keeps a user out; what the user sees shrinks to nothing.
    ///
    /// # Errors
    /// [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn deactivate_user(
        &self,
        user: UserId,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<User, TenantError> {
        self.edit_user(user, now_ms, ids, |_, found| {
            Ok(("active", Value::Boolean(found.active), Value::Boolean(false)))
        })
    }

    /// Makes a team.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] for the lead, [`TenantError::Store`].
    pub fn add_team(
        &self,
        name: &str,
        lead: Option<UserId>,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Team, TenantError> {
        let id = self.write_directory(now_ms, ids, |directory, writer| {
            known_users(directory, lead.as_slice())?;
            writer.create_team(name, lead, None)
        })?;
        let read = self.store.read()?;
        let team = self.directory(read.as_ref())?.teams.get(&id).cloned();
        team.ok_or(TenantError::NotFound("team"))
    }

    /// Changes who leads a team and who is in it.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] for the team or a user, [`TenantError::Store`].
    pub fn change_team(
        &self,
        team: RecordId,
        change: &TeamChange,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Team, TenantError> {
        self.write_directory(now_ms, ids, |directory, writer| {
            let found = directory.teams.get(&team).ok_or(TenantError::NotFound("team"))?;
            known_users(directory, change.lead.as_slice())?;
            known_users(directory, &change.add)?;
            writer.change_team(found, change)
        })?;
        let read = self.store.read()?;
        let team = self.directory(read.as_ref())?.teams.get(&team).cloned();
        team.ok_or(TenantError::NotFound("team"))
    }

    /// Makes a territory.
    ///
    /// # Errors
    /// [`TenantError::NotFound`] for the parent, [`TenantError::Store`].
    pub fn add_territory(
        &self,
        name: &str,
        parent: Option<RecordId>,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<Territory, TenantError> {
        let id = self.write_directory(now_ms, ids, |directory, writer| {
            known_territory(directory, parent)?;
            writer.create_territory(name, parent, None)
        })?;
        let read = self.store.read()?;
        let territory = self.directory(read.as_ref())?.territories.get(&id).cloned();
        territory.ok_or(TenantError::NotFound("territory"))
    }

    /// Makes users, teams and territories exist, on behalf of a device's user.
    ///
    /// # Errors
    /// [`TenantError::Forbidden`] unless the policies let the user, [`TenantError::Directory`] for
    /// an entry that cannot be, [`TenantError::Revoked`], [`TenantError::Inactive`],
    /// [`TenantError::TooMany`], [`TenantError::Store`].
    pub fn apply_directory(
        &self,
        device: &Device,
        request: &DirectoryRequest,
        now_ms: i64,
        ids: &mut dyn IdSource,
    ) -> Result<DirectoryResponse, TenantError> {
        if device.is_revoked() {
            return Err(TenantError::Revoked);
        }
        let entries = request.territories.len() + request.teams.len() + request.users.len();
        if entries > ENTRIES_MAX {
            return Err(TenantError::TooMany { cap: ENTRIES_MAX, what: "directory entries" });
        }
        self.write_directory(now_ms, ids, |directory, writer| {
            let subject = directory.subject(device.user).ok_or(TenantError::Inactive)?;
            match decide_directory(&self.policies, &subject) {
                Decision::Allow { .. } => writer.import(directory, request),
                Decision::Deny { reason, remedy, .. } => {
                    Err(TenantError::Forbidden { reason, remedy })
                }
                Decision::NeedsApproval { reason, .. } => Err(TenantError::Forbidden {
                    reason,
                    remedy: "ask an Administrator".to_owned(),
                }),
                Decision::ServerDecides { missing, .. } => Err(TenantError::Forbidden {
                    reason: format!("the server does not know {}", missing.join(", ")),
                    remedy: "ask an Administrator".to_owned(),
                }),
            }
        })
    }

    /// Stores what the local issuer checks a user's password against.
    ///
    /// # Errors
    /// [`TenantError::LoginTaken`], [`TenantError::NotFound`], [`TenantError::Store`].
    pub fn put_credential(&self, credential: &Credential) -> Result<(), TenantError> {
        self.write(|store, _| {
            let directory = self.directory(store)?;
            if !directory.users.contains_key(&credential.user) {
                return Err(TenantError::NotFound("user"));
            }
            let taken = store.credential(&credential.login)?;
            if taken.is_some_and(|taken| taken.user != credential.user) {
                return Err(TenantError::LoginTaken(credential.login.clone()));
            }
            Ok(store.put_credential(credential)?)
        })
    }

    /// What the local issuer checks a password against; `None` for an unknown sign-in name.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn credential(&self, login: &str) -> Result<Option<Credential>, TenantError> {
        Ok(self.store.read()?.credential(login)?)
    }

    /// What a user signs in with; `None` for one who cannot.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn credential_of(&self, user: UserId) -> Result<Option<Credential>, TenantError> {
        Ok(self.store.read()?.credential_of(user)?)
    }

    /// Says whether any identity was made by the demo.
    ///
    /// # Errors
    /// [`TenantError::Store`].
    pub fn has_demo_identities(&self) -> Result<bool, TenantError> {
        Ok(self.store.read()?.has_demo_credentials()?)
    }

    /// Sets one field of a user, if it is not so already.
    fn edit_user(
        &self,
        user: UserId,
        now_ms: i64,
        ids: &mut dyn IdSource,
        edit: impl FnOnce(&Directory, &User) -> Result<(&'static str, Value, Value), TenantError>,
    ) -> Result<User, TenantError> {
        self.write_directory(now_ms, ids, |directory, writer| {
            let found = directory.users.get(&user).ok_or(TenantError::NotFound("user"))?;
            let (field, from, to) = edit(directory, found)?;
            if from == to {
                return Ok(());
            }
            writer.edit(user.into(), Entity::User, vec![set(field, from, to)])
        })?;
        self.user(user)?.ok_or(TenantError::NotFound("user"))
    }

    /// One write of the directory, users re-scoped in the same transaction.
    fn write_directory<T>(
        &self,
        now_ms: i64,
        ids: &mut dyn IdSource,
        work: impl FnOnce(&Directory, &mut DirectoryWriter<'_>) -> Result<T, TenantError>,
    ) -> Result<T, TenantError> {
        let (done, directory) = self.write(|store, open| {
            let before = self.directory(store)?;
            let gate = Gate::new(self.rules(now_ms), store, open)?;
            let mut writer = DirectoryWriter::new(gate, ids)?;
            let done = work(&before, &mut writer)?;
            Ok((done, writer.finish()?))
        })?;
        self.keep_directory(Arc::new(directory));
        Ok(done)
    }
}

fn known_territory(directory: &Directory, territory: Option<RecordId>) -> Result<(), TenantError> {
    match territory {
        Some(id) if !directory.territories.contains_key(&id) => {
            Err(TenantError::NotFound("territory"))
        }
        _ => Ok(()),
    }
}

fn known_users(directory: &Directory, users: &[UserId]) -> Result<(), TenantError> {
    if users.iter().all(|user| directory.users.contains_key(user)) {
        Ok(())
    } else {
        Err(TenantError::NotFound("user"))
    }
}
