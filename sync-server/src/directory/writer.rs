//! Writing the directory: envelopes signed by the server, in the log like any other.

use roadbook_domain::{
    Entity, FieldEdit, HlcClock, Intent, IntentKind, Operation, RecordId, Step, UserId, Value,
};
use roadbook_policy::Role;

use super::{Directory, VERSION};
use crate::gate::{Gate, MEMBERS_MAX, Own, rescope_users};
use crate::ids::IdSource;
use crate::store::Install;
use crate::tenant::{NewUser, Team, TeamChange, TenantError};

/// One write of the directory: any number of envelopes, then [`Self::finish`].
pub(crate) struct DirectoryWriter<'a> {
    gate: Gate<'a>,
    ids: &'a mut dyn IdSource,
    install: Install,
    clock: HlcClock,
    number: u64,
}

impl<'a> DirectoryWriter<'a> {
    /// Begins after the server's last envelope.
    pub(crate) fn new(gate: Gate<'a>, ids: &'a mut dyn IdSource) -> Result<Self, TenantError> {
        let install = gate.own_install();
        let progress = gate.store.progress(&install)?;
        let clock = HlcClock::after(progress.last_clock);
        Ok(Self { gate, ids, install, clock, number: progress.last_number })
    }

    /// Makes a record of the directory.
    pub(crate) fn create(
        &mut self,
        entity: Entity,
        fields: Vec<(String, Value)>,
    ) -> Result<RecordId, TenantError> {
        let record = self.ids.record(self.gate.rules.now_ms);
        let entry = fields.iter().find(|(name, _)| name == "name");
        let entry = entry.map_or_else(String::new, |(_, name)| name.to_string());
        let steps = Intent::Create { record, entity, fields }
            .plan(self.gate.rules.schema)
            .map_err(|error| TenantError::Directory { entry, problem: error.to_string() })?;
        self.write(IntentKind::Create, steps)?;
        Ok(record)
    }

    /// Changes a record of the directory. Nothing to do is fine.
    pub(crate) fn edit(
        &mut self,
        record: RecordId,
        entity: Entity,
        operations: Vec<Operation>,
    ) -> Result<(), TenantError> {
        if operations.is_empty() {
            return Ok(());
        }
        let facet = roadbook_domain::Facet::Internal;
        self.write(IntentKind::EditFields, vec![Step { record, entity, facet, operations }])
    }

    fn write(&mut self, kind: IntentKind, steps: Vec<Step>) -> Result<(), TenantError> {
        let now_ms = self.gate.rules.now_ms;
        self.number += 1;
        let (number, clock) = (self.number, self.clock.tick(now_ms));
        let intent = self.ids.intent(now_ms);
        self.gate.write_own(Own { intent, kind, number, clock, rationale: None, steps })
    }

    /// Makes a user's record.
    pub(crate) fn create_user(
        &mut self,
        new: &NewUser,
        external_id: Option<&str>,
    ) -> Result<UserId, TenantError> {
        let mut fields = vec![
            ("name".to_owned(), Value::Text(new.name.clone())),
            ("role".to_owned(), Value::Text(new.role.name().to_owned())),
            ("active".to_owned(), Value::Boolean(true)),
        ];
        fields.extend(new.login.clone().map(|login| ("login".to_owned(), Value::Text(login))));
        let territory = new.territory.map(Value::Reference);
        fields.extend(territory.map(|territory| ("territory".to_owned(), territory)));
        fields.extend(external(external_id));
        Ok(UserId(self.create(Entity::User, fields)?.0))
    }

    /// Makes a team's record.
    pub(crate) fn create_team(
        &mut self,
        name: &str,
        lead: Option<UserId>,
        external_id: Option<&str>,
    ) -> Result<RecordId, TenantError> {
        let mut fields = vec![("name".to_owned(), Value::Text(name.to_owned()))];
        fields.extend(lead.map(|lead| ("lead".to_owned(), Value::Reference(lead.into()))));
        fields.extend(external(external_id));
        self.create(Entity::Team, fields)
    }

    /// Makes a territory's record.
    pub(crate) fn create_territory(
        &mut self,
        name: &str,
        parent: Option<RecordId>,
        external_id: Option<&str>,
    ) -> Result<RecordId, TenantError> {
        let mut fields = vec![("name".to_owned(), Value::Text(name.to_owned()))];
        fields.extend(parent.map(|parent| ("parent".to_owned(), Value::Reference(parent))));
        fields.extend(external(external_id));
        self.create(Entity::Territory, fields)
    }

    /// Changes a team, as far as it is not so already.
    pub(crate) fn change_team(
        &mut self,
        team: &Team,
        change: &TeamChange,
    ) -> Result<(), TenantError> {
        let mut operations = Vec::new();
        if let Some(lead) = change.lead.filter(|lead| team.lead != Some(*lead)) {
            let from = team.lead.map_or(Value::Null, |lead| Value::Reference(lead.into()));
            operations.push(set("lead", from, Value::Reference(lead.into())));
        }
        let names = |users: &[UserId], wanted: bool| {
            let fits = users.iter().filter(|user| team.members.contains(user) == wanted);
            let mut names: Vec<String> = fits.map(UserId::to_string).collect();
            names.sort();
            names.dedup();
            names
        };
        let of_set = |add: &[String], remove: &[String]| Operation::ChangeSet {
            field: "members".to_owned(),
            add: add.to_vec(),
            remove: remove.to_vec(),
        };
        // The gate takes so many at once, from the server too.
        let (add, remove) = (names(&change.add, false), names(&change.remove, true));
        operations.extend(add.chunks(MEMBERS_MAX).map(|some| of_set(some, &[])));
        operations.extend(remove.chunks(MEMBERS_MAX).map(|some| of_set(&[], some)));
        self.edit(team.id, Entity::Team, operations)
    }

    /// Saves everything, re-scopes the users, and returns the new directory.
    pub(crate) fn finish(self) -> Result<Directory, TenantError> {
        let Gate { rules, store, open, head, .. } = self.gate;
        open.save(store, rules.schema)?;
        store.put_progress(&self.install, self.number, self.clock.last())?;
        store.put_meta(VERSION, &head.to_be_bytes())?;
        let directory = Directory::load(&*store, rules.schema)?;
        rescope_users(store, rules.policies, &directory, head)?;
        Ok(directory)
    }
}

/// Sets a single-valued field.
pub(crate) fn set(field: &str, from: Value, to: Value) -> Operation {
    Operation::Edit(FieldEdit { field: field.to_owned(), from, to })
}

fn external(id: Option<&str>) -> Option<(String, Value)> {
    id.map(|id| ("external_ids".to_owned(), Value::Set(vec![id.to_owned()])))
}

/// The role of users that are made by an import.
pub(crate) const IMPORTED_ROLE: Role = Role::Rep;
