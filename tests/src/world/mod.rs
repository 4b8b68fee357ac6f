//! The world simulator: a seed makes a world of real devices and the real server in one process,
//! with a manual clock and a bad network, and plays it until it is quiet.
//!
//! People do random things on their devices; messages are delayed, lost, doubled and reordered;
//! connections work one way only; devices and the server are killed at any point and start again
//! from their files; clocks are wrong; disks are full; people change teams, territories and roles
//! meanwhile; devices are lost for ever or revoked, new ones come, and one has a program of an
//! earlier schema; operators take work back in from the quarantine. At
//! quiescence ([`World::settle`], [`World::check`]) nothing that was acknowledged is lost, and all
//! devices agree on what they may see. Every failure is a seed.
//!
//! No sockets, no threads, no real time: `ROADBOOK_SEED=<n>` plays one world again, and
//! `ROADBOOK_WATCH=<intent>` tells where an intent is whenever that changes.

mod checks;
mod deeds;
pub mod device;
pub mod dice;
pub mod network;
pub mod server;
#[cfg(test)]
mod tests;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use roadbook_domain::{IntentId, RecordId, Schema, UserId};
use roadbook_policy::Role;
use roadbook_replica::{CommitError, HandedBack, TakenIn, Verify};
use roadbook_server::tenant::TeamChange;
use roadbook_sync_protocol::Verdict;
use tempfile::TempDir;

use device::{Device, Disk, newer_schema};
use dice::Dice;
use network::{Call, Message, Network, Way, Weather};
use server::Server;

/// When every world begins, in milliseconds since 1970.
pub const START_MS: i64 = 1_790_000_000_000;

/// The administrator's device, which sees everything and stays.
const ADAM: usize = 5;

/// How long a device waits for an answer.
const PATIENCE_MS: i64 = 10_000;

/// Who and what a world is made of.
#[derive(Debug, Clone)]
pub struct Places {
    /// The users: a manager, two reps of her team, a rep of another territory, an administrator.
    pub users: Vec<UserId>,
    /// The territories: north, coast (a part of north), south.
    pub territories: Vec<RecordId>,
    /// The account team.
    pub team: RecordId,
}

/// How often what happened.
pub type Tally = BTreeMap<String, u64>;

/// A simulated world.
#[derive(Debug)]
pub struct World {
    seed: u64,
    dice: Dice,
    now_ms: i64,
    server: Server,
    devices: Vec<Device>,
    network: Network,
    places: Places,
    /// Every intent that a device acknowledged as saved, with the device.
    saved: BTreeMap<IntentId, usize>,
    /// What people threw out of their drawers.
    discarded: BTreeSet<IntentId>,
    /// What a lost device may have been the only one to hold.
    perhaps: BTreeSet<IntentId>,
    /// What was in a log of the server that a restore has cut off.
    was_in_log: BTreeSet<IntentId>,
    /// Who was locked out at some time, though let in again.
    locked_out: BTreeSet<UserId>,
    server_disk: Disk,
    watched: Option<IntentId>,
    last_seen: String,
    exchanges: u64,
    tally: Tally,
    folder: TempDir,
}

impl World {
    /// A world of five people and six devices, before anything happens.
    ///
    /// # Errors
    /// What the server or a replica says.
    pub fn new(seed: u64) -> anyhow::Result<Self> {
        let mut dice = Dice::new(seed);
        let folder = tempfile::tempdir()?;
        let now_ms = START_MS;
        let server = Server::new(&folder.path().join("server"), newer_schema(), now_ms, &mut dice)?;
        let tenant = server.tenant();
        let north = tenant.add_territory("North", None, now_ms, &mut dice)?.id;
        let coast = tenant.add_territory("Coast", Some(north), now_ms, &mut dice)?.id;
        let south = tenant.add_territory("South", None, now_ms, &mut dice)?.id;
        let people = [
            ("Mia", Role::Manager, Some(north)),
            ("Ana", Role::Rep, Some(coast)),
            ("Ben", Role::SeniorRep, Some(coast)),
            ("Cleo", Role::Rep, Some(south)),
            ("Adam", Role::Administrator, None),
        ];
        let mut users = Vec::new();
        for (name, role, territory) in people {
            users.push(server.add_user(name, role, territory, now_ms, &mut dice)?);
        }
        let team = tenant.add_team("Pumps", Some(users[0]), now_ms, &mut dice)?.id;
        let change = TeamChange { add: users[..3].to_vec(), ..TeamChange::default() };
        server.change_team(team, &change, now_ms, &mut dice)?;

        let mut devices = Vec::new();
        for (name, user) in
            [("mia", 0), ("ana", 1), ("ana 2", 1), ("ben", 2), ("cleo", 3), ("adam", 4)]
        {
            let home = folder.path().join(name);
            let user = users[user];
            let schema = if name == "ben" { Schema::crm() } else { newer_schema() };
            devices.push(Device::new(&home, name, user, schema, &server, now_ms, &mut dice)?);
        }
        let network = Network::new(Weather::FOUL, devices.len());
        let places = Places { users, territories: vec![north, coast, south], team };
        let mut world = Self {
            seed,
            dice,
            now_ms,
            server,
            devices,
            network,
            places,
            saved: BTreeMap::new(),
            discarded: BTreeSet::new(),
            perhaps: BTreeSet::new(),
            was_in_log: BTreeSet::new(),
            locked_out: BTreeSet::new(),
            server_disk: Disk::Room,
            watched: std::env::var("ROADBOOK_WATCH").ok().and_then(|it| it.parse().ok()),
            last_seen: String::new(),
            exchanges: 0,
            tally: Tally::new(),
            folder,
        };
        world.begin()?;
        Ok(world)
    }

    /// The manager makes what people then meet about, and everybody gets it.
    fn begin(&mut self) -> anyhow::Result<()> {
        for intent in deeds::beginning(&self.places, self.now_ms, &mut self.dice) {
            let id = self.devices[0].commit(&intent, self.now_ms, &mut self.dice)?;
            self.saved.insert(id, 0);
        }
        self.settle()
    }

    /// What happened so far.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Lets so many things happen.
    ///
    /// # Errors
    /// What the server or a replica says: in a world without bugs, nothing.
    pub fn play(&mut self, steps: u32) -> anyhow::Result<()> {
        for step in 0..steps {
            self.step().with_context(|| format!("seed {}, step {step}", self.seed))?;
        }
        Ok(())
    }

    fn step(&mut self) -> anyhow::Result<()> {
        self.now_ms += self.dice.between_ms(0, 2_000);
        let in_use = self.in_use();
        let device = self.dice.pick(&in_use).copied().unwrap_or(ADAM);
        let done = self.happen(device);
        self.survive(done)?;
        let done = self.deliver();
        self.survive(done)?;
        self.watch()
    }

    /// Tells how it goes on with the intent that `ROADBOOK_WATCH` names.
    fn watch(&mut self) -> anyhow::Result<()> {
        let Some(intent) = self.watched else { return Ok(()) };
        let now = self.traces(intent)?;
        if now != self.last_seen {
            eprintln!("{} ms: {now}", self.now_ms - START_MS);
            self.last_seen = now;
        }
        Ok(())
    }

    /// A full disk ends what was begun, and nothing else.
    fn survive(&mut self, done: anyhow::Result<()>) -> anyhow::Result<()> {
        match done {
            Err(error) if trouble::is_full(&error) => {
                self.count("disk was full");
                Ok(())
            }
            done => done,
        }
    }

    fn happen(&mut self, device: usize) -> anyhow::Result<()> {
        match self.dice.below(110) {
            0..=44 => self.deed(device)?,
            45..=79 => self.ask(device)?,
            80..=82 => self.kill_device(device)?,
            83 => self.kill_server()?,
            84 | 85 => {
                let way = if self.dice.percent(50) { Way::Up } else { Way::Down };
                self.network.toggle(device, way);
                self.count("connection cut or mended");
            }
            89 => {
                let skews = [0, 0, 1_500, -90_000, 240_000, 1_200_000, -7_200_000];
                self.devices[device].skew_ms = *self.dice.pick(&skews).unwrap_or(&0);
                self.count("clock set");
            }
            86 | 87 => {
                self.server.back_up()?;
                self.count("backed up");
            }
            88 | 95 | 96 => self.restore()?,
            90..=92 => self.reorganise()?,
            93..=94 => self.open_drawer(device)?,
            97 => self.lose_device(device)?,
            98 => self.revoke(device)?,
            99 | 100 => self.new_device()?,
            101..=104 => self.open_quarantine()?,
            105 => self.update_device(device)?,
            106 | 107 => self.fill_disk(device)?,
            108 => self.lock_out()?,
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, what: &str) {
        *self.tally.entry(what.to_owned()).or_default() += 1;
    }

    /// Somebody does something on a device.
    fn deed(&mut self, at: usize) -> anyhow::Result<()> {
        let mut dice = self.dice.apart();
        let device = &mut self.devices[at];
        let wall_ms = device.wall_ms(self.now_ms);
        let intent = deeds::deed(device.replica(), &self.places, wall_ms, &mut dice)?;
        let Some(intent) = intent else { return Ok(()) };
        let kind = intent.kind().name();
        match device.commit(&intent, self.now_ms, &mut dice) {
            Ok(id) => {
                self.saved.insert(id, at);
                self.count(kind);
            }
            Err(CommitError::Invalid(why)) => self.count(&format!("invalid: {}", why.code())),
            Err(CommitError::Refused(why)) => self.count(&format!("refused: {}", why.code())),
            Err(CommitError::NotAllowed(_)) => self.count("not allowed"),
            Err(error @ (CommitError::NotHere(_) | CommitError::IdUsed(_))) => {
                return Err(error).with_context(|| format!("{intent:?}"));
            }
            Err(error @ CommitError::Store(_)) => return Err(error.into()),
        }
        Ok(())
    }

    /// A device that waits for nothing asks the server.
    fn ask(&mut self, at: usize) -> anyhow::Result<()> {
        let now_ms = self.now_ms;
        let device = &mut self.devices[at];
        if device.waiting.is_some_and(|(_, until_ms)| now_ms < until_ms) {
            return Ok(());
        }
        self.exchanges += 1;
        let exchange = self.exchanges;
        device.waiting = Some((exchange, now_ms + PATIENCE_MS));
        let envelopes = *self.dice.pick(&[1, 3, 20, 500]).unwrap_or(&500);
        let bytes = *self.dice.pick(&[1, 600, 4_000, 1 << 20]).unwrap_or(&600);
        let relay = if self.dice.percent(70) { device.relay()? } else { None };
        let (call, frame) = match relay {
            Some(frame) => (Call::Relay, frame),
            None => (Call::Sync, device.request(now_ms, envelopes, bytes, Verify::No)?),
        };
        let way = Way::Up;
        let message = Message { at_ms: now_ms, way, call, device: at, exchange, frame };
        self.network.send(message, &mut self.dice);
        self.count("request");
        Ok(())
    }

    fn deliver(&mut self) -> anyhow::Result<()> {
        while let Some(message) = self.network.arrived(self.now_ms) {
            let Message { at_ms, call, device, exchange, ref frame, .. } = message;
            match message.way {
                Way::Up => {
                    let id = self.devices[device].id;
                    let answered = self.server.answer(call, id, frame, at_ms);
                    let (call, frame) = match answered {
                        Ok(frame) => (call, frame),
                        Err(error) if trouble::is_revoked(&error) => (Call::Revoked, Vec::new()),
                        Err(error) => return Err(error),
                    };
                    let way = Way::Down;
                    let answer = Message { at_ms, way, call, device, exchange, frame };
                    self.network.send(answer, &mut self.dice);
                    self.count("answer");
                }
                Way::Down => self.receive(call, device, exchange, frame)?,
            }
        }
        Ok(())
    }

    /// A device takes an answer in, sometimes twice; nobody listens to an answer that came too
    /// late.
    fn receive(
        &mut self,
        call: Call,
        at: usize,
        exchange: u64,
        frame: &[u8],
    ) -> anyhow::Result<()> {
        let waits = self.devices[at].waiting.is_some_and(|(expected, _)| expected == exchange);
        if !waits || !self.devices[at].is_in_use() {
            self.count("answer came too late");
            return Ok(());
        }
        self.devices[at].waiting = None;
        let times = if self.dice.percent(10) { 2 } else { 1 };
        for _ in 0..times {
            match call {
                Call::Sync => {
                    let taken = self.devices[at].take_in(frame, self.now_ms)?;
                    self.note(&taken);
                }
                Call::Relay => {
                    let taken = self.devices[at].take_in_relay(frame)?;
                    self.note_relay(taken);
                }
                Call::Revoked => self.surrender(at)?,
            }
        }
        Ok(())
    }

    fn note(&mut self, taken: &TakenIn) {
        for (_, verdict) in &taken.verdicts {
            let again = if matches!(verdict, Verdict::Duplicate(_)) { " again" } else { "" };
            self.count(&format!("verdict {}{again}", verdict.name()));
            if let Verdict::Denied(denial) = verdict.given() {
                self.count(&format!("denied: {}", denial.code));
            }
        }
        for (what, count) in [
            ("taken in", taken.accepted),
            ("snapshot", taken.snapshots),
            ("forgotten", u64::try_from(taken.forgotten.len()).unwrap_or(0)),
            ("replayed", u64::try_from(taken.replayed.len()).unwrap_or(0)),
            ("waits", u64::try_from(taken.waiting.len()).unwrap_or(0)),
        ] {
            *self.tally.entry(what.to_owned()).or_default() += count;
        }
    }

    fn note_relay(&mut self, taken: Option<HandedBack>) {
        let Some(taken) = taken else { return };
        for (what, count) in [
            ("handed back", taken.in_log),
            ("waits for its other half", taken.waiting),
            ("not taken back", taken.refused),
        ] {
            *self.tally.entry(what.to_owned()).or_default() += count;
        }
    }

    /// Somebody looks into "Needs you" and sends again or throws away.
    fn open_drawer(&mut self, at: usize) -> anyhow::Result<()> {
        let mut dice = self.dice.apart();
        let wall_ms = self.devices[at].wall_ms(self.now_ms);
        let drawer = self.devices[at].replica().needs_you()?;
        let Some(entry) = dice.pick(&drawer) else { return Ok(()) };
        if dice.percent(50) {
            let stamp = self.devices[at].stamp(wall_ms, &mut dice);
            if let Ok(again) = self.devices[at].replica_mut().retry(entry.intent, &stamp) {
                self.saved.insert(again.intent, at);
                self.discarded.insert(entry.intent);
                self.count("sent again");
            }
        } else if self.devices[at].replica_mut().discard(entry.intent, wall_ms)? {
            self.discarded.insert(entry.intent);
            self.count("thrown away");
        }
        Ok(())
    }

    /// Ends all trouble and lets everybody exchange until nothing is left to say.
    ///
    /// # Errors
    /// What the server or a replica says, or that it does not come to rest.
    pub fn settle(&mut self) -> anyhow::Result<()> {
        self.network.mend();
        self.make_room()?;
        for device in &mut self.devices {
            device.waiting = None;
        }
        for _ in 0..50 {
            let mut quiet = !self.let_all_in()?;
            for at in self.in_use() {
                quiet &= !self.exchange_all(at)?;
            }
            if quiet {
                return Ok(());
            }
        }
        anyhow::bail!("the world does not come to rest")
    }

    /// Exchanges until a device learns nothing new; says whether anything was news.
    fn exchange_all(&mut self, at: usize) -> anyhow::Result<bool> {
        let mut news = false;
        for _ in 0..500 {
            self.now_ms += 1_000;
            if self.devices[at].revoked {
                while self.devices[at].is_in_use() {
                    self.surrender(at)?;
                }
                return Ok(true);
            }
            let taken = match self.exchange(at, Verify::No) {
                Err(error) if trouble::is_revoked(&error) => {
                    self.surrender(at)?;
                    return Ok(true);
                }
                taken => taken?,
            };
            self.note(&taken);
            self.watch()?;
            let handed_back = self.hand_back(at)?;
            let judged = taken.verdicts.iter().any(|(_, verdict)| verdict.is_final());
            let new = handed_back
                || judged
                || taken.accepted + taken.snapshots > 0
                || !taken.forgotten.is_empty()
                || !taken.quarantined.is_empty();
            if !new {
                return Ok(news);
            }
            news = true;
        }
        anyhow::bail!("there is always news for {}", self.devices[at].name)
    }

    /// Hands back all that there is to hand back; says whether there was anything.
    fn hand_back(&mut self, at: usize) -> anyhow::Result<bool> {
        let mut any = false;
        while let Some(frame) = self.devices[at].relay()? {
            any = true;
            let id = self.devices[at].id;
            let answer = self.server.answer(Call::Relay, id, &frame, self.now_ms)?;
            let taken = self.devices[at].take_in_relay(&answer)?;
            self.note_relay(taken);
        }
        Ok(any)
    }

    fn exchange(&mut self, at: usize, verify: Verify) -> anyhow::Result<TakenIn> {
        let (now_ms, device) = (self.now_ms, &mut self.devices[at]);
        let frame = device.request(now_ms, 500, 1 << 20, verify)?;
        let answer = self.server.answer(Call::Sync, device.id, &frame, now_ms)?;
        device.take_in(&answer, now_ms)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this world plays again with ROADBOOK_SEED={}", self.seed);
        }
    }
}
