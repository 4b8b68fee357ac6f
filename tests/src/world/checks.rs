//! What must hold when a world has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail, ensure};
use roadbook_domain::{
    ChangeHash, Classification, Entity, Facet, Hlc, IntentId, RecordId, Schema, UserId, Value,
};
use roadbook_policy::Role;
use roadbook_replica::{Closed, ListQuery, PendingState, Replica, Row, Trash, Verify};
use roadbook_sync_protocol::{SyncRequest, decode};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use crate::world::device::{Device, newer_schema};
use crate::world::{ADAM, World};

/// What a device shows, apart from its own unsent work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Picture {
    rows: BTreeMap<RecordId, Row>,
    conflicts: BTreeMap<(RecordId, String), Dispute>,
    journal: BTreeSet<Settlement>,
}

/// A conflict, without what is looked up elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Dispute {
    facet: Facet,
    id: Option<IntentId>,
    base: Value,
    sides: Vec<(Value, Hlc, Vec<ChangeHash>)>,
    proposals: Vec<(IntentId, Value, String)>,
}

/// A journal entry: record, facet, intent, field, rule, what was kept.
type Settlement = (RecordId, u8, IntentId, String, &'static str, String);

impl World {
    /// Checks all that must hold at rest.
    ///
    /// # Errors
    /// Says what does not hold.
    pub fn check(&mut self) -> anyhow::Result<()> {
        self.check_all().with_context(|| format!("ROADBOOK_SEED={}", self.seed))
    }

    fn check_all(&mut self) -> anyhow::Result<()> {
        self.check_nothing_is_lost()?;
        for at in self.in_use() {
            let name = self.devices[at].name.clone();
            self.check_device(at).with_context(|| name)?;
        }
        let (everything, directory) = self.everything()?;
        for device in self.devices.iter().filter(|device| device.is_in_use()) {
            self.check_picture(device, &everything, &directory)
                .with_context(|| format!("{} and a new device of adam", device.name))?;
        }
        self.check_newcomers(&everything, &directory)?;
        for at in self.in_use() {
            let name = self.devices[at].name.clone();
            self.check_silence(at).with_context(|| name)?;
        }
        Ok(())
    }

    /// What there is, and who sees what of it: by a new device of the administrator, on which no
    /// pending work hides what was accepted.
    fn everything(&mut self) -> anyhow::Result<(Picture, Directory)> {
        let adam = self.devices[ADAM].user;
        self.on_new_device(adam, |replica| {
            let everything = picture(replica)?;
            let directory = Directory::of(&everything, replica)?;
            Ok((everything, directory))
        })
    }

    /// Looks at a new device of a user that has read everything.
    fn on_new_device<T>(
        &mut self,
        user: UserId,
        look: impl FnOnce(&Replica) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let home = self.folder.path().join(format!("new {user} {}", self.exchanges));
        self.exchanges += 1;
        let mut dice = self.dice.apart();
        let new = (&self.server, self.now_ms, &mut dice);
        let new = Device::new(&home, "newcomer", user, newer_schema(), new.0, new.1, new.2)?;
        self.devices.push(new);
        let at = self.devices.len() - 1;
        let arrived = self.exchange_all(at).and_then(|_| self.check_device(at));
        let seen = look(self.devices[at].replica());
        self.devices.pop();
        arrived.with_context(|| format!("a new device of {user}"))?;
        seen
    }

    /// At rest a device has nothing to say: else it would ask again and again.
    fn check_silence(&mut self, at: usize) -> anyhow::Result<()> {
        let taken = self.exchange(at, Verify::No)?;
        let frame = self.devices[at].request(self.now_ms, 500, 1 << 20, Verify::No)?;
        let next: SyncRequest = decode(&frame)?;
        ensure!(!taken.more, "it has more to say after {taken:?} and says: {next:?}");
        Ok(())
    }

    /// Every intent that was acknowledged is in the log once, or still on its device with its
    /// words, or in the quarantine, or was thrown away by its author.
    fn check_nothing_is_lost(&self) -> anyhow::Result<()> {
        let log = Connection::open_with_flags(
            self.server.path(),
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        let twice: Option<Vec<u8>> = log
            .query_row("SELECT intent FROM log GROUP BY intent HAVING count(*) > 1", [], |row| {
                row.get(0)
            })
            .optional()?;
        ensure!(twice.is_none(), "{twice:?} was taken in twice");
        let mut find = log.prepare("SELECT count(*) FROM log WHERE intent = ?1")?;
        let mut quarantined = log.prepare(
            "SELECT count(*) FROM quarantine
             WHERE intent = ?1 AND settled IS NULL",
        )?;
        for (intent, at) in &self.saved {
            let device = &self.devices[*at];
            let here = device.is_in_use();
            let id = intent.as_bytes();
            let taken_in: u64 = find.query_row([id], |row| row.get(0))?;
            let handed_over: u64 = quarantined.query_row([id], |row| row.get(0))?;
            let pending = device.replica().pending()?;
            let kept = here && pending.iter().any(|it| it.intent == *intent);
            let drawer = device.replica().needs_you()?;
            let needs = here && drawer.iter().any(|it| it.intent == *intent);
            let places = [taken_in > 0, handed_over > 0, kept, needs];
            let found = places.iter().filter(|there| **there).count();
            if self.discarded.contains(intent) {
                // What was in the log before a restore comes back under its receipt, whatever was
                // decided about it since.
                let before = self.was_in_log.contains(intent);
                ensure!(taken_in == 0 || before, "{intent} was thrown away and taken in");
                continue;
            }
            ensure!(
                found > 0 || self.perhaps.contains(intent),
                "{intent} of {} is lost, {}",
                device.name,
                self.traces(*intent)?
            );
            ensure!(
                found <= 1,
                "{intent} of {} is in several places, {}",
                device.name,
                self.traces(*intent)?
            );
        }
        Ok(())
    }

    /// What is left of an intent, for whoever looks for a lost one.
    pub(super) fn traces(&self, intent: IntentId) -> anyhow::Result<String> {
        let log = Connection::open_with_flags(
            self.server.path(),
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        let text = |sql: &str| -> anyhow::Result<String> {
            let found = log.query_row(sql, [intent.as_bytes()], |row| row.get(0)).optional()?;
            Ok(found.unwrap_or_default())
        };
        let mut out = text("SELECT 'in the log at ' || seq FROM log WHERE intent = ?1")?;
        out += &text(
            "SELECT '; handed back (' || restore_epoch || ', ' || lost_seq || ') and waiting'
             FROM relayed WHERE intent = ?1 AND seq IS NULL",
        )?;
        out += &text(
            "SELECT '; in the quarantine, ' || coalesce(settled, 'waiting')
             FROM quarantine WHERE intent = ?1",
        )?;
        for device in self.devices.iter().filter(|device| device.is_in_use()) {
            let (replica, name) = (device.replica(), &device.name);
            if let Some(found) = replica.pending()?.iter().find(|it| it.intent == intent) {
                out += &format!("; {name}: {:?} as {}", found.state, found.number);
            }
            if replica.needs_you()?.iter().any(|it| it.intent == intent) {
                out += &format!("; {name}: needs you");
            }
            if replica.discarded(self.now_ms)?.iter().any(|it| it.intent == intent) {
                out += &format!("; {name}: discarded");
            }
            let kept = replica.kept_envelopes()?;
            if let Some((_, parts)) = kept.iter().find(|(kept, _)| *kept == intent) {
                out += &format!("; {name} keeps {} parts", parts.len());
            }
        }
        Ok(out)
    }

    fn check_device(&mut self, at: usize) -> anyhow::Result<()> {
        let taken = self.exchange(at, Verify::Yes)?;
        ensure!(taken.equal == Some(true), "the checksum differs: {:?}", taken.equal);
        let replica = self.devices[at].replica();
        let report = replica.doctor()?;
        if !report.is_healthy() {
            let before = picture(replica)?;
            let replica = self.devices[at].replica_mut();
            replica.rebuild_projections()?;
            let after = picture(replica)?;
            let rows =
                before.rows.iter().filter(|(record, row)| after.rows.get(record) != Some(row));
            let rows: Vec<_> = rows.map(|(record, row)| (row, after.rows.get(record))).collect();
            bail!("{report:?}, and made anew: {rows:#?}");
        }
        let status = replica.status()?;
        ensure!(status.faults == 0, "{} faults", status.faults);
        for intent in replica.pending()? {
            let accepted = matches!(intent.state, PendingState::Accepted { .. });
            ensure!(!accepted, "{} is accepted and has not come back", intent.intent);
        }
        Ok(())
    }

    /// A device shows exactly what its user may see, and that as everybody else does.
    fn check_picture(
        &self,
        device: &Device,
        everything: &Picture,
        directory: &Directory,
    ) -> anyhow::Result<()> {
        let found = picture(device.replica())?;
        let touched = touched_by_pending(device.replica())?;
        let schema = device.replica().schema().clone();
        self.compare((device.user, &schema), &found, everything, directory, &touched)
    }

    fn compare(
        &self,
        (user, schema): (UserId, &Schema),
        found: &Picture,
        everything: &Picture,
        directory: &Directory,
        touched: &BTreeSet<RecordId>,
    ) -> anyhow::Result<()> {
        let visible: BTreeSet<RecordId> = everything
            .rows
            .values()
            .filter(|row| directory.sees(user, row, &everything.rows))
            .map(|row| row.record)
            .collect();
        let shown: BTreeSet<RecordId> =
            found.rows.keys().copied().filter(|record| !touched.contains(record)).collect();
        for record in shown.symmetric_difference(&visible) {
            if !touched.contains(record) {
                let row = everything.rows.get(record);
                bail!(
                    "{record}: visible {}, shown {}: {row:?}",
                    visible.contains(record),
                    shown.contains(record)
                );
            }
        }
        let confidential = directory.receives_confidential(user);
        for record in &shown {
            let row = &found.rows[record];
            let hidden = if confidential { Vec::new() } else { self.hidden(row) };
            ensure!(hidden.is_empty(), "confidential values {hidden:?}");
            let expected = stripped(&everything.rows[record], confidential, schema);
            let found = stripped(row, confidential, schema);
            ensure!(found == expected, "row {found:#?}\n is not {expected:#?}");
        }
        let known = |everything: &Picture, record: RecordId, field: &str| {
            let row = everything.rows.get(&record);
            row.is_some_and(|row| schema.field(row.entity, field).is_some())
        };
        let seen = |record: &RecordId, facet: Facet| {
            shown.contains(record) && (confidential || facet == Facet::Internal)
        };
        let of = |picture: &Picture| -> BTreeMap<_, _> {
            let conflicts = picture.conflicts.iter();
            conflicts
                .filter(|((record, field), dispute)| {
                    seen(record, dispute.facet) && known(everything, *record, field)
                })
                .map(|(key, dispute)| (key.clone(), dispute.clone()))
                .collect()
        };
        let (ours, theirs) = (of(found), of(everything));
        ensure!(ours == theirs, "conflicts {ours:#?}\n are not {theirs:#?}");
        let of = |picture: &Picture| -> BTreeSet<Settlement> {
            let facet = |number| Facet::from_number(number).unwrap_or(Facet::Confidential);
            let entries = picture.journal.iter();
            entries
                .filter(|entry| {
                    seen(&entry.0, facet(entry.1)) && known(everything, entry.0, &entry.3)
                })
                .cloned()
                .collect()
        };
        let (ours, theirs) = (of(found), of(everything));
        let differs: Vec<_> = ours.symmetric_difference(&theirs).collect();
        ensure!(differs.is_empty(), "journals differ in {differs:#?}");
        Ok(())
    }

    fn hidden(&self, row: &Row) -> Vec<&'static str> {
        let schema = self.devices[0].replica().schema();
        let names = row.values.keys().copied();
        names.filter(|name| is_confidential(schema, row.entity, name)).collect()
    }

    /// Who gets everything by snapshot sees what those see who were there all the time.
    fn check_newcomers(
        &mut self,
        everything: &Picture,
        directory: &Directory,
    ) -> anyhow::Result<()> {
        for user in self.places.users.clone() {
            let found = self.on_new_device(user, picture)?;
            self.compare((user, &newer_schema()), &found, everything, directory, &BTreeSet::new())
                .with_context(|| format!("a new device of {user} and adam"))?;
        }
        Ok(())
    }
}

fn is_confidential(schema: &Schema, entity: Entity, field: &str) -> bool {
    let def = schema.field(entity, field);
    def.is_some_and(|def| def.classification == Classification::Confidential)
}

/// A row without what depends on the device: its own sync mark, fields that its schema does not
/// know, and, where the confidential facet
/// is not received, that facet.
fn stripped(row: &Row, confidential: bool, schema: &Schema) -> Row {
    let mut row = row.clone();
    row.sync = roadbook_replica::SyncMark::Confirmed;
    row.values.retain(|name, _| schema.field(row.entity, name).is_some());
    row.disputed.retain(|name| schema.field(row.entity, name).is_some());
    if !confidential {
        row.values.retain(|name, _| !is_confidential(schema, row.entity, name));
        row.disputed.retain(|name| !is_confidential(schema, row.entity, name));
        // The last edit may be one of the other facet.
        row.updated = Hlc::default();
    }
    row
}

fn touched_by_pending(replica: &Replica) -> anyhow::Result<BTreeSet<RecordId>> {
    let pending = replica.pending()?;
    let parts = pending.iter().flat_map(|intent| &intent.parts);
    Ok(parts.map(|part| part.document.record).collect())
}

fn picture(replica: &Replica) -> anyhow::Result<Picture> {
    let mut out = Picture::default();
    for entity in Entity::ALL {
        for trash in [Trash::Without, Trash::Only] {
            let closed = Closed::Any;
            let query = ListQuery { trash, closed, ..ListQuery::newest(entity, 100_000) };
            out.rows.extend(replica.list(&query)?.into_iter().map(|row| (row.record, row)));
        }
    }
    for conflict in replica.conflicts()? {
        let sides = conflict.sides.into_iter();
        let proposals = conflict.proposals.into_iter();
        let dispute = Dispute {
            facet: conflict.facet,
            id: conflict.id.map(|id| id.intent),
            base: conflict.base,
            sides: sides.map(|side| (side.value, side.clock, side.changes)).collect(),
            proposals: proposals.map(|it| (it.intent, it.value, it.why)).collect(),
        };
        out.conflicts.insert((conflict.record, conflict.field), dispute);
    }
    for row in replica.journal(u32::MAX)? {
        let facet = row.facet as u8;
        let (code, kept) = (row.entry.settled.code(), row.entry.kept.to_string());
        let entry = (row.record, facet, row.made_by.intent, row.entry.field, code, kept);
        out.journal.insert(entry);
    }
    Ok(out)
}

/// The directory as its records say, and who sees what by it: written down once more, so that the
/// code under test does not judge itself.
#[derive(Debug)]
struct Directory {
    users: BTreeMap<RecordId, (Option<Role>, Option<RecordId>)>,
    teams: BTreeMap<RecordId, (Option<RecordId>, BTreeSet<RecordId>)>,
    parents: BTreeMap<RecordId, Option<RecordId>>,
    /// A record without an owner is its maker's.
    makers: BTreeMap<RecordId, UserId>,
}

impl Directory {
    fn of(picture: &Picture, replica: &Replica) -> anyhow::Result<Self> {
        let mut out = Self {
            users: BTreeMap::new(),
            teams: BTreeMap::new(),
            parents: BTreeMap::new(),
            makers: BTreeMap::new(),
        };
        for row in picture.rows.values() {
            let first = replica.history(row.record, None)?.into_iter().next();
            let maker = first.context("a record has a history")?.made_by.user;
            out.makers.insert(row.record, maker);
            let reference = |field| row.value(field).as_reference();
            if row.entity == Entity::User {
                let role = row.value("role").as_text().and_then(|role| role.parse().ok());
                out.users.insert(row.record, (role, reference("territory")));
            } else if row.entity == Entity::Team {
                let members = row.value("members").members().iter();
                let members = members.filter_map(|member| member.parse().ok()).collect();
                out.teams.insert(row.record, (reference("lead"), members));
            } else if row.entity == Entity::Territory {
                out.parents.insert(row.record, reference("parent"));
            }
        }
        Ok(out)
    }

    fn role(&self, user: UserId) -> Option<Role> {
        self.users.get(&user.into()).and_then(|(role, _)| *role)
    }

    fn receives_confidential(&self, user: UserId) -> bool {
        self.role(user).is_some_and(|role| role != Role::Rep && role != Role::Service)
    }

    /// A record is seen by its owner, the lead of its owner, who works in its territory or above,
    /// who is in its team; by whom its account is seen; and by administrators.
    fn sees(&self, user: UserId, row: &Row, rows: &BTreeMap<RecordId, Row>) -> bool {
        let for_all =
            [Entity::Product, Entity::PriceBook, Entity::Territory, Entity::User, Entity::Team];
        if for_all.contains(&row.entity) || self.role(user) == Some(Role::Administrator) {
            return true;
        }
        let account = || row.value("account").as_reference().and_then(|id| rows.get(&id));
        let by_account = row.entity != Entity::Account
            && account().is_some_and(|account| self.sees_itself(user, account));
        by_account || self.sees_itself(user, row)
    }

    fn sees_itself(&self, user: UserId, row: &Row) -> bool {
        let me = RecordId::from(user);
        let is_in = |team: &(Option<RecordId>, BTreeSet<RecordId>)| {
            team.0 == Some(me) || team.1.contains(&me)
        };
        let maker = self.makers.get(&row.record).copied().map(RecordId::from);
        let owner = row.value("owner").as_reference().or(maker);
        let leads = |owner: RecordId| {
            self.teams.values().any(|team| team.0 == Some(me) && team.1.contains(&owner))
        };
        let own = self.users.get(&me).and_then(|(_, territory)| *territory);
        let mut at = row.value("territory").as_reference();
        let mut in_territory = false;
        while let Some(territory) = at {
            in_territory |= Some(territory) == own;
            at = self.parents.get(&territory).copied().flatten();
        }
        let team = row.value("team").as_reference().and_then(|team| self.teams.get(&team));
        owner == Some(me) || owner.is_some_and(leads) || in_territory || team.is_some_and(is_in)
    }
}
