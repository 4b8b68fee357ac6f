//! What befalls a world: crashes, full disks, lost and revoked devices, restores, and what its
//! operator does.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Context as _;
use roadbook_domain::{DocumentKey, IntentId, UserId};
use roadbook_policy::Role;
use roadbook_replica::{CommitError, PendingState, StoreError, TakeInError};
use roadbook_server::store::StoreError as ServerStoreError;
use roadbook_server::tenant::{INCOMPLETE, TeamChange, TenantError};

use crate::world::device::{Device, Disk, End, newer_schema};
use crate::world::{ADAM, World};

/// A world has so many devices at most, those that are gone included.
const DEVICES_MAX: usize = 11;

/// The documents that an intent writes.
type Held = BTreeMap<IntentId, BTreeSet<DocumentKey>>;

/// Says whether something was refused for want of room.
pub(super) fn is_full(error: &anyhow::Error) -> bool {
    let device = |error: &StoreError| matches!(error, StoreError::DiskFull);
    error.chain().any(|cause| {
        let store = cause.downcast_ref::<StoreError>().is_some_and(device);
        let taking = matches!(cause.downcast_ref(), Some(TakeInError::Store(it)) if device(it));
        let saving = matches!(cause.downcast_ref(), Some(CommitError::Store(it)) if device(it));
        let server =
            matches!(cause.downcast_ref(), Some(TenantError::Store(ServerStoreError::Full(_))));
        store || taking || saving || server
    })
}

/// Says whether the server answered that the device is revoked.
pub(super) fn is_revoked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(TenantError::Revoked))
}

impl World {
    /// The devices that somebody uses.
    pub(super) fn in_use(&self) -> Vec<usize> {
        (0..self.devices.len()).filter(|at| self.devices[*at].is_in_use()).collect()
    }

    /// The server's disk is gone, and the newest backup takes its place. Not where the last copy
    /// of something would go with it: what only devices that are gone had, or what every device
    /// has purged, no restore brings back.
    pub(super) fn restore(&mut self) -> anyhow::Result<()> {
        let (held, unsent) = self.held_by_others(None)?;
        let whole = |intent: &IntentId, parts: &BTreeSet<DocumentKey>| {
            unsent.contains(intent) || held.get(intent).is_some_and(|held| held.is_superset(parts))
        };
        let Some(lost) = self.server.after_backup()? else { return Ok(()) };
        if !lost.iter().all(|(intent, parts)| whole(intent, parts)) {
            self.count("a last copy was spared");
            return Ok(());
        }
        self.was_in_log.extend(lost.into_keys());
        let mut active = Vec::new();
        for user in self.places.users.clone() {
            if self.is_active(user)? {
                active.push(user);
            }
        }
        self.network.hang_up();
        self.server.restore(self.now_ms)?;
        self.server_disk = Disk::Room;
        self.count("restored");
        // What is lost of devices and people, their owners and the operator do again.
        for user in active {
            if self.server.tenant().user(user)?.is_some() && !self.is_active(user)? {
                self.server.tenant().activate_user(user, self.now_ms, &mut self.dice)?;
            }
        }
        for device in self.devices.iter().filter(|device| device.is_in_use()) {
            if self.server.tenant().device(device.id)?.is_none() {
                if !self.is_active(device.user)? {
                    let user = device.user;
                    self.server.tenant().activate_user(user, self.now_ms, &mut self.dice)?;
                }
                device.enrol_again(&self.server, self.now_ms)?;
            }
            if device.revoked {
                self.server.tenant().revoke(device.id, self.now_ms)?;
            }
        }
        Ok(())
    }

    /// What devices could hand back after a restore, but for one of them: accepted envelopes with
    /// the documents that they hold, and unsent work.
    fn held_by_others(&self, but: Option<usize>) -> anyhow::Result<(Held, BTreeSet<IntentId>)> {
        let mut held = Held::new();
        let mut unsent = BTreeSet::new();
        for at in self.in_use().into_iter().filter(|at| Some(*at) != but) {
            let device = &self.devices[at];
            // After a restore a lock-out from before may come back ahead of what ended it.
            let is_out = device.revoked
                || !self.is_active(device.user)?
                || self.locked_out.contains(&device.user);
            for entry in device.replica().pending()? {
                // A revoked device hands over what was not taken in, and nothing else.
                let accepted = matches!(entry.state, PendingState::Accepted { .. });
                if !(accepted && is_out) {
                    unsent.insert(entry.intent);
                }
            }
            if !is_out {
                for (intent, documents) in device.replica().kept_envelopes()? {
                    held.entry(intent).or_default().extend(documents);
                }
            }
        }
        Ok((held, unsent))
    }

    /// Whether a device can go without taking the last copy of anything with it that was
    /// acknowledged by the server.
    fn is_spared(&self, at: usize) -> anyhow::Result<bool> {
        let replica = self.devices[at].replica();
        let (others, unsent) = self.held_by_others(Some(at))?;
        for (intent, documents) in replica.kept_envelopes()? {
            let (in_log, _) = self.server.holds(intent)?;
            let there = others.get(&intent);
            let held = documents.iter().all(|key| there.is_some_and(|there| there.contains(key)));
            if !in_log && !held && !unsent.contains(&intent) {
                return Ok(true);
            }
        }
        for entry in replica.pending()? {
            let accepted = matches!(entry.state, PendingState::Accepted { .. });
            if accepted && !self.server.holds(entry.intent)?.0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A device is lost for ever, with what only it had.
    pub(super) fn lose_device(&mut self, at: usize) -> anyhow::Result<()> {
        if at == ADAM || self.devices[at].revoked || self.is_spared(at)? {
            return Ok(());
        }
        let mine = self.saved.iter().filter(|(_, of)| **of == at).map(|(intent, _)| *intent);
        for intent in mine.collect::<Vec<_>>() {
            if self.server.holds(intent)? == (false, false) {
                self.perhaps.insert(intent);
            }
        }
        self.devices[at].end = Some(End::Gone);
        self.count("device lost");
        Ok(())
    }

    /// The operator revokes a device.
    pub(super) fn revoke(&mut self, at: usize) -> anyhow::Result<()> {
        if at == ADAM || self.devices[at].revoked || self.is_spared(at)? {
            return Ok(());
        }
        self.server.tenant().revoke(self.devices[at].id, self.now_ms)?;
        self.devices[at].revoked = true;
        self.count("device revoked");
        Ok(())
    }

    /// A revoked device hands its work over, then purges itself. Answers may be lost.
    pub(super) fn surrender(&mut self, at: usize) -> anyhow::Result<()> {
        let device = &mut self.devices[at];
        let mut safe = HashSet::new();
        loop {
            let mut left = device.replica_mut().purge_surrendered(&safe)?;
            if left.is_empty() {
                break;
            }
            left.truncate(1 + self.dice.below(4));
            safe.extend(self.server.surrender(device.id, left, self.now_ms)?);
            if self.dice.percent(20) {
                return Ok(());
            }
        }
        if device.revoked {
            device.end = Some(End::Purged);
        }
        self.count("device purged");
        Ok(())
    }

    /// The operator locks a user out, or lets one in again.
    pub(super) fn lock_out(&mut self) -> anyhow::Result<()> {
        let user = self.places.users[1 + self.dice.below(3)];
        let is_active = self.is_active(user)?;
        if !is_active {
            let tenant = self.server.tenant();
            tenant.activate_user(user, self.now_ms, &mut self.dice)?;
            self.count("let in again");
            return Ok(());
        }
        for at in self.in_use() {
            if self.devices[at].user == user && self.is_spared(at)? {
                return Ok(());
            }
        }
        self.server.tenant().deactivate_user(user, self.now_ms, &mut self.dice)?;
        self.locked_out.insert(user);
        self.count("locked out");
        Ok(())
    }

    pub(super) fn is_active(&self, user: UserId) -> anyhow::Result<bool> {
        Ok(self.server.tenant().user(user)?.is_some_and(|user| user.active))
    }

    /// Everybody who is locked out is let in again. Says whether anybody was.
    pub(super) fn let_all_in(&mut self) -> anyhow::Result<bool> {
        let mut any = false;
        for user in self.places.users.clone() {
            if !self.is_active(user)? {
                self.server.tenant().activate_user(user, self.now_ms, &mut self.dice)?;
                any = true;
            }
        }
        Ok(any)
    }

    /// Somebody whose device is gone, or who wants one more, gets a new one.
    pub(super) fn new_device(&mut self) -> anyhow::Result<()> {
        if self.devices.len() >= DEVICES_MAX {
            return Ok(());
        }
        let mut dice = self.dice.apart();
        let user = self.places.users[dice.below(4)];
        if !self.is_active(user)? {
            return Ok(());
        }
        let name = format!("device {}", self.devices.len());
        let home = self.folder.path().join(&name);
        let new = (&self.server, self.now_ms, &mut dice);
        let device = Device::new(&home, &name, user, newer_schema(), new.0, new.1, new.2)?;
        self.devices.push(device);
        self.network.connect();
        self.count("new device");
        Ok(())
    }

    /// The operator looks into the quarantine, and takes work in or drops it.
    pub(super) fn open_quarantine(&mut self) -> anyhow::Result<()> {
        let mut all = self.server.tenant().quarantine()?;
        all.retain(|item| item.settled.is_none());
        let Some(item) = self.dice.pick(&all) else { return Ok(()) };
        let tenant = self.server.tenant();
        if item.reason == INCOMPLETE {
            // Not where the rest is still to come: that would be an error of the operator.
            return Ok(());
        }
        if self.dice.percent(75) {
            let verdict = tenant.readmit(item.intent, "as agreed", self.now_ms)?;
            if verdict.seq().is_some() {
                // It may have been dropped before a restore that knows nothing of that.
                self.discarded.remove(&item.intent);
            }
            self.count(&format!("readmission {}", verdict.name()));
        } else {
            tenant.drop_quarantined(item.intent, "not needed", self.now_ms)?;
            self.discarded.insert(item.intent);
            self.count("dropped");
        }
        Ok(())
    }

    /// Somebody installs the newer program.
    pub(super) fn update_device(&mut self, at: usize) -> anyhow::Result<()> {
        self.devices[at].update(newer_schema())?;
        self.count("device updated");
        Ok(())
    }

    /// A disk fills up, or room is made on it.
    pub(super) fn fill_disk(&mut self, at: usize) -> anyhow::Result<()> {
        if self.dice.percent(30) {
            return self.kill_server();
        }
        let disk = match self.devices[at].disk {
            Disk::Room => Disk::Full,
            Disk::Full => Disk::Room,
        };
        self.devices[at].set_disk(disk)?;
        self.count("a disk filled up or emptied");
        Ok(())
    }

    /// All disks have room again.
    pub(super) fn make_room(&mut self) -> anyhow::Result<()> {
        for at in self.in_use() {
            if self.devices[at].disk == Disk::Full {
                self.devices[at].set_disk(Disk::Room)?;
            }
        }
        if self.server_disk == Disk::Full {
            self.server_disk = Disk::Room;
            self.server.kill(Disk::Room, self.now_ms)?;
        }
        Ok(())
    }

    pub(super) fn kill_device(&mut self, at: usize) -> anyhow::Result<()> {
        let torn = self.dice.percent(50);
        let mut dice = self.dice.apart();
        self.devices[at].kill(torn.then_some(&mut dice))?;
        self.count("device killed");
        Ok(())
    }

    /// The server is killed and starts again, sometimes on a disk that is full now.
    pub(super) fn kill_server(&mut self) -> anyhow::Result<()> {
        self.server_disk = if self.dice.percent(25) { Disk::Full } else { Disk::Room };
        self.server.kill(self.server_disk, self.now_ms).context("the server starts again")?;
        self.count("server killed");
        Ok(())
    }

    /// The operator moves people between teams, territories and roles.
    pub(super) fn reorganise(&mut self) -> anyhow::Result<()> {
        let (now_ms, tenant) = (self.now_ms, self.server.tenant());
        let user = self.places.users[1 + self.dice.below(3)];
        match self.dice.below(4) {
            0 => {
                let change = TeamChange { remove: vec![user], ..TeamChange::default() };
                tenant.change_team(self.places.team, &change, now_ms, &mut self.dice)?;
            }
            1 => {
                let change = TeamChange { add: vec![user], ..TeamChange::default() };
                tenant.change_team(self.places.team, &change, now_ms, &mut self.dice)?;
            }
            2 => {
                let to = self.dice.pick(&self.places.territories).copied();
                tenant.set_user_territory(user, to, now_ms, &mut self.dice)?;
            }
            _ => {
                let role = if self.dice.percent(50) { Role::Rep } else { Role::SeniorRep };
                tenant.set_role(user, role, now_ms, &mut self.dice)?;
            }
        }
        self.count("reorganised");
        Ok(())
    }
}
