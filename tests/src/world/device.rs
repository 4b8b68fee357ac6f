//! A device of a simulated world: a real replica in a folder, a wall clock that may be wrong, and
//! at most one exchange under way. Its disk may be full, and its program may be the one before.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use roadbook_domain::schema::SCHEMA_VERSION;
use roadbook_domain::{
    Classification, DeviceId, Entity, FieldDef, Intent, IntentId, MergeClass, Schema, UserId,
    ValueType,
};
use roadbook_replica::{
    CommitError, CommitStamp, CreateDevice, Durability, Enrolment, HandedBack, KeyCost, Replica,
    RequestOptions, Settings, TakenIn, Unlock, Verify,
};
use roadbook_server::ids::IdSource as _;
use roadbook_server::tenant;
use roadbook_sync_protocol::frame::CALLS;
use roadbook_sync_protocol::{RelayResponse, SyncResponse, decode, encode, encode_in};

use crate::world::dice::Dice;
use crate::world::server::{Server, TENANT, copy_database};

/// The schema of the server and of most devices: fields more than one device knows at first.
///
/// # Panics
/// If the shipped schema has one of them by now.
#[must_use]
pub fn newer_schema() -> Schema {
    let field = |name, value_type, class, classification| {
        FieldDef::new(name, name, value_type, class, classification).since(SCHEMA_VERSION + 1)
    };
    let (internal, confidential) = (Classification::Internal, Classification::Confidential);
    let of = Entity::Opportunity;
    [
        field("landmark", ValueType::Text, MergeClass::Preference, internal),
        field("budget", ValueType::Money, MergeClass::Review, internal),
        field("perils", ValueType::Set, MergeClass::Set, confidential),
    ]
    .into_iter()
    .try_fold(Schema::crm(), |schema, field| schema.with_field(of, field))
    .expect("the shipped schema has none of them")
}

/// How a device ended. Nobody uses it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Lost or broken, with all that was on it.
    Gone,
    /// Revoked: it handed its work over and purged itself.
    Purged,
}

/// Whether there is room on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// There is.
    Room,
    /// Databases grow no further.
    Full,
}

impl Disk {
    /// The limit of a database.
    #[must_use]
    pub const fn max_kib(self) -> Option<u32> {
        match self {
            Self::Room => None,
            Self::Full => Some(1),
        }
    }
}

/// A device and its user.
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its user.
    pub user: UserId,
    /// The user's name and the device's place among the user's devices.
    pub name: String,
    /// How far its wall clock is off, in milliseconds.
    pub skew_ms: i64,
    /// The exchange that it waits for, and until when.
    pub waiting: Option<(u64, i64)>,
    /// How it ended, if it has.
    pub end: Option<End>,
    /// The server revoked it; it may not have heard of it.
    pub revoked: bool,
    /// Whether there is room on its disk.
    pub disk: Disk,
    schema: Schema,
    public_key: [u8; 32],
    folder: PathBuf,
    runs: u32,
    replica: Option<Replica>,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device").field("name", &self.name).finish_non_exhaustive()
    }
}

const fn settings(disk: Disk) -> Settings {
    Settings {
        durability: Durability::Normal,
        key_cost: KeyCost::least(),
        open_documents: match NonZeroUsize::new(4) {
            Some(number) => number,
            None => NonZeroUsize::MIN,
        },
        page_cache_kib: Settings::shipped().page_cache_kib,
        database_max_kib: disk.max_kib(),
    }
}

fn unlock() -> Unlock {
    Unlock::Passphrase("open sesame".to_owned())
}

impl Device {
    /// Makes a device and enrols it.
    ///
    /// # Errors
    /// What the replica or the server says.
    pub fn new(
        folder: &Path,
        name: &str,
        user: UserId,
        schema: Schema,
        server: &Server,
        now_ms: i64,
        dice: &mut Dice,
    ) -> anyhow::Result<Self> {
        let id = DeviceId(dice.uuid(now_ms));
        let create = CreateDevice { device: id, name: name.to_owned() };
        let home = folder.join("run0");
        let disk = Disk::Room;
        let made =
            Replica::create(&home, &create, schema.clone(), &unlock(), &settings(disk), dice);
        let mut replica = made?;
        let key = hex(&replica.enrol_request().public_key).context("a public key")?;
        let enrolled = server.enrol(id, user, key, now_ms)?;
        replica.enrol(&enrolment(server, &enrolled)?, dice)?;
        Ok(Self {
            id,
            user,
            name: name.to_owned(),
            skew_ms: 0,
            waiting: None,
            end: None,
            revoked: false,
            disk,
            schema,
            public_key: key,
            folder: folder.to_owned(),
            runs: 0,
            replica: Some(replica),
        })
    }

    /// Whether somebody uses it.
    #[must_use]
    pub const fn is_in_use(&self) -> bool {
        self.end.is_none()
    }

    /// Enrols it once more with a server that has lost that.
    ///
    /// # Errors
    /// What the server says.
    pub fn enrol_again(&self, server: &Server, now_ms: i64) -> anyhow::Result<()> {
        server.enrol(self.id, self.user, self.public_key, now_ms)?;
        Ok(())
    }

    /// Installs a program with another schema.
    ///
    /// # Errors
    /// What the file system or the replica says.
    pub fn update(&mut self, schema: Schema) -> anyhow::Result<()> {
        self.schema = schema;
        self.kill(None)
    }

    /// Fills the disk, or makes room on it; the program starts again.
    ///
    /// # Errors
    /// What the file system or the replica says.
    pub fn set_disk(&mut self, disk: Disk) -> anyhow::Result<()> {
        self.disk = disk;
        self.kill(None)
    }

    /// The replica.
    #[must_use]
    pub fn replica(&self) -> &Replica {
        self.replica.as_ref().expect("a device runs except within `kill`")
    }

    /// The replica, to be changed.
    pub fn replica_mut(&mut self) -> &mut Replica {
        self.replica.as_mut().expect("a device runs except within `kill`")
    }

    /// What its wall clock shows.
    #[must_use]
    pub const fn wall_ms(&self, now_ms: i64) -> i64 {
        now_ms + self.skew_ms
    }

    /// Saves an intent.
    ///
    /// # Errors
    /// As the replica.
    pub fn commit(
        &mut self,
        intent: &Intent,
        now_ms: i64,
        dice: &mut Dice,
    ) -> Result<IntentId, CommitError> {
        let wall_ms = self.wall_ms(now_ms);
        let stamp = self.stamp(wall_ms, dice);
        self.replica_mut().commit(intent, &stamp).map(|committed| committed.intent)
    }

    /// A stamp for an intent of now.
    pub fn stamp(&self, wall_ms: i64, dice: &mut Dice) -> CommitStamp {
        CommitStamp { intent: dice.intent(wall_ms), wall_ms, rationale: None }
    }

    /// The frame of its next request.
    ///
    /// # Errors
    /// As the replica.
    pub fn request(
        &mut self,
        now_ms: i64,
        max_envelopes: u32,
        max_page_bytes: u32,
        verify: Verify,
    ) -> anyhow::Result<Vec<u8>> {
        let wall_ms = self.wall_ms(now_ms);
        let options = RequestOptions { max_envelopes, max_page_bytes, verify };
        Ok(encode(&self.replica_mut().next_request(wall_ms, options)?)?)
    }

    /// The frame of its next relay; `None` if nothing is to be handed back.
    ///
    /// # Errors
    /// As the replica.
    pub fn relay(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        let request = self.replica_mut().next_relay()?;
        Ok(request.map(|request| encode_in(CALLS, &request)).transpose()?)
    }

    /// Takes the answer to a relay in.
    ///
    /// # Errors
    /// As the replica.
    pub fn take_in_relay(&mut self, frame: &[u8]) -> anyhow::Result<Option<HandedBack>> {
        let response: RelayResponse = decode(frame)?;
        Ok(self.replica_mut().take_in_relay(&response)?)
    }

    /// Takes an answer in.
    ///
    /// # Errors
    /// As the replica.
    pub fn take_in(&mut self, frame: &[u8], now_ms: i64) -> anyhow::Result<TakenIn> {
        let response: SyncResponse = decode(frame)?;
        let wall_ms = self.wall_ms(now_ms);
        Ok(self.replica_mut().take_in(response, wall_ms)?)
    }

    /// kill -9, and a start from the files as they were; `torn` adds a half-written end to the
    /// database's log, as a write that nobody had been told of.
    ///
    /// # Errors
    /// What the file system or the replica says.
    pub fn kill(&mut self, torn: Option<&mut Dice>) -> anyhow::Result<()> {
        let from = self.folder.join(format!("run{}", self.runs));
        let to = self.folder.join(format!("run{}", self.runs + 1));
        std::fs::create_dir_all(&to)?;
        copy_database(&from.join("device.db"), &to.join("device.db"))?;
        std::fs::copy(from.join("keys.json"), to.join("keys.json"))?;
        if let Some(dice) = torn {
            let mut garbage = vec![0; 24 + dice.below(4_000)];
            roadbook_replica::Entropy::fill(dice, &mut garbage);
            let log = to.join("device.db-wal");
            if log.exists() {
                std::fs::OpenOptions::new().append(true).open(log)?.write_all(&garbage)?;
            }
        }
        drop(self.replica.take());
        std::fs::remove_dir_all(from)?;
        let open = |disk| Replica::open(&to, self.schema.clone(), &unlock(), &settings(disk));
        let mut opened = open(self.disk);
        if self.disk == Disk::Full && opened.is_err() {
            // Nothing starts on a full disk: somebody makes room.
            self.disk = Disk::Room;
            opened = open(self.disk);
        }
        self.replica = Some(opened.with_context(|| format!("{} starts again", self.name))?);
        self.runs += 1;
        self.waiting = None;
        Ok(())
    }
}

fn enrolment(server: &Server, device: &tenant::Device) -> anyhow::Result<Enrolment> {
    let tenant = server.tenant();
    let user = tenant.user(device.user)?.context("the user exists")?;
    Ok(Enrolment {
        server_url: "http://127.0.0.1:0".to_owned(),
        tenant_name: TENANT.to_owned(),
        tenant: tenant.id(),
        user: user.id,
        user_name: user.name.clone(),
        role: user.role.context("the user has a role")?.name().to_owned(),
        server_key: tenant.keys().verifying().to_bytes(),
        recovery_key: tenant.keys().recovery_key,
        salt_key: device.salt_key,
        restore_epoch: tenant.restore_epoch(),
    })
}

fn hex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    for (byte, at) in out.iter_mut().zip((0..text.len()).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    (text.len() == 64).then_some(out)
}
