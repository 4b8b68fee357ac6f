//! The server of a simulated world: the real tenant on a real file, without HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use roadbook_domain::{DeviceId, DocumentKey, Facet, IntentId, RecordId, Schema, UserId};
use roadbook_policy::Role;
use roadbook_server::tenant::{Device, NewDevice, NewUser, TeamChange, Tenant, TenantKeys};
use roadbook_sync_protocol::frame::CALLS;
use roadbook_sync_protocol::{Quarantined, RelayRequest, SyncRequest, decode, encode, encode_in};
use rusqlite::{Connection, OpenFlags};

use crate::world::device::Disk;
use crate::world::dice::Dice;
use crate::world::network::Call;

/// The tenant's name.
pub const TENANT: &str = "acme";

/// A running server, or one between two runs.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    runs: u32,
    backups: u32,
    schema: Schema,
    tenant: Tenant,
}

impl Server {
    /// A new tenant in a folder.
    ///
    /// # Errors
    /// What the tenant says.
    pub fn new(
        folder: &Path,
        schema: Schema,
        now_ms: i64,
        dice: &mut Dice,
    ) -> anyhow::Result<Self> {
        let keys = TenantKeys::generate([9; 32], dice);
        let path = file(folder, 0);
        std::fs::create_dir_all(folder)?;
        let tenant = Tenant::create_with_schema(&path, schema.clone(), TENANT, keys, now_ms, dice)?;
        Ok(Self { folder: folder.to_owned(), runs: 0, backups: 0, schema, tenant })
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The database file of the present run.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        file(&self.folder, self.runs)
    }

    /// kill -9: the next run finds the files as they are now, without a goodbye, and the disk as
    /// it is said.
    ///
    /// # Errors
    /// What the file system or the tenant says.
    pub fn kill(&mut self, disk: Disk, now_ms: i64) -> anyhow::Result<()> {
        let (from, to) = (self.path(), file(&self.folder, self.runs + 1));
        copy_database(&from, &to)?;
        let opened = Tenant::open_limited(&to, self.schema.clone(), disk.max_kib(), now_ms);
        self.tenant = opened.context("the server starts again")?;
        self.runs += 1;
        Ok(())
    }

    /// Makes a user.
    ///
    /// # Errors
    /// What the tenant says.
    pub fn add_user(
        &self,
        name: &str,
        role: Role,
        territory: Option<RecordId>,
        now_ms: i64,
        dice: &mut Dice,
    ) -> anyhow::Result<UserId> {
        let new = NewUser { name: name.to_owned(), login: None, role, territory };
        Ok(self.tenant.add_user(&new, now_ms, dice)?.id)
    }

    /// Lets users into a team or out of it.
    ///
    /// # Errors
    /// What the tenant says.
    pub fn change_team(
        &self,
        team: RecordId,
        change: &TeamChange,
        now_ms: i64,
        dice: &mut Dice,
    ) -> anyhow::Result<()> {
        self.tenant.change_team(team, change, now_ms, dice)?;
        Ok(())
    }

    /// Binds a device to a user.
    ///
    /// # Errors
    /// What the tenant says.
    pub fn enrol(
        &self,
        id: DeviceId,
        user: UserId,
        public_key: [u8; 32],
        now_ms: i64,
    ) -> anyhow::Result<Device> {
        let new = NewDevice { id, user, name: format!("device {id}"), public_key };
        Ok(self.tenant.enrol(&new, now_ms)?)
    }

    /// Answers a frame of a device.
    ///
    /// # Errors
    /// What the tenant says, or the frame.
    pub fn answer(
        &self,
        call: Call,
        device: DeviceId,
        frame: &[u8],
        now_ms: i64,
    ) -> anyhow::Result<Vec<u8>> {
        let device = self.tenant.device(device)?.context("the device is enrolled")?;
        match call {
            Call::Sync => {
                let request: SyncRequest = decode(frame)?;
                Ok(encode(&self.tenant.sync(&device, request, now_ms)?)?)
            }
            Call::Relay => {
                let request: RelayRequest = decode(frame)?;
                Ok(encode_in(CALLS, &self.tenant.relay(&device, request, now_ms)?)?)
            }
            Call::Revoked => anyhow::bail!("only the server says so"),
        }
    }

    /// Says whether an intent stands in the log, and whether it waits in the quarantine.
    ///
    /// # Errors
    /// What the database says.
    pub fn holds(&self, intent: IntentId) -> anyhow::Result<(bool, bool)> {
        let now = Connection::open_with_flags(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let places = now.query_row(
            "SELECT EXISTS (SELECT 1 FROM log WHERE intent = ?1),
                    EXISTS (SELECT 1 FROM quarantine WHERE intent = ?1 AND settled IS NULL)",
            [intent.as_bytes()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(places)
    }

    /// Takes the unsent work of a revoked device over.
    ///
    /// # Errors
    /// What the tenant says.
    pub fn surrender(
        &self,
        device: DeviceId,
        items: Vec<Quarantined>,
        now_ms: i64,
    ) -> anyhow::Result<Vec<IntentId>> {
        let device = self.tenant.device(device)?.context("the device is enrolled")?;
        Ok(self.tenant.surrender(&device, items, now_ms)?)
    }

    /// Writes a verified copy of the tenant, over the one before.
    ///
    /// # Errors
    /// What the tenant says.
    pub fn back_up(&mut self) -> anyhow::Result<()> {
        self.backups += 1;
        self.tenant.backup(&self.backup())?;
        Ok(())
    }

    /// What came after the newest backup: accepted intents with the documents that they wrote, and
    /// what was handed to the quarantine, of which no device has a copy. `None` without a backup.
    ///
    /// # Errors
    /// What the databases say.
    pub fn after_backup(
        &self,
    ) -> anyhow::Result<Option<BTreeMap<IntentId, BTreeSet<DocumentKey>>>> {
        if self.backups == 0 {
            return Ok(None);
        }
        let now = Connection::open_with_flags(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        now.execute("ATTACH ?1 AS kept", [self.backup().display().to_string()])?;
        let mut out: BTreeMap<IntentId, BTreeSet<DocumentKey>> = BTreeMap::new();
        let mut parts = now.prepare(
            "SELECT log.intent, record, facet, generation FROM log_parts
             JOIN log ON log.seq = log_parts.place / 32
             WHERE log.intent NOT IN (SELECT intent FROM kept.log)",
        )?;
        let mut rows = parts.query([])?;
        while let Some(row) = rows.next()? {
            let key = DocumentKey {
                record: RecordId::from_bytes(row.get(1)?),
                facet: Facet::from_number(row.get(2)?).context("a facet")?,
                generation: row.get(3)?,
            };
            out.entry(IntentId::from_bytes(row.get(0)?)).or_default().insert(key);
        }
        let mut quarantined = now.prepare(
            "SELECT intent FROM quarantine
             WHERE settled IS NULL AND intent NOT IN (SELECT intent FROM kept.quarantine)",
        )?;
        let nowhere = DocumentKey::first(RecordId::from_bytes([0; 16]), Facet::Internal);
        let mut rows = quarantined.query([])?;
        while let Some(row) = rows.next()? {
            out.entry(IntentId::from_bytes(row.get(0)?)).or_default().insert(nowhere);
        }
        Ok(Some(out))
    }

    fn backup(&self) -> PathBuf {
        self.folder.join(format!("backup{}.db", self.backups))
    }

    /// The server's disk is gone: the newest backup takes its place.
    ///
    /// # Errors
    /// What the file system or the tenant says.
    pub fn restore(&mut self, now_ms: i64) -> anyhow::Result<()> {
        let to = file(&self.folder, self.runs + 1);
        std::fs::copy(self.backup(), &to)?;
        let opened = Tenant::open_with_schema(&to, self.schema.clone(), now_ms);
        self.tenant = opened.context("the restored server starts")?;
        self.runs += 1;
        Ok(())
    }
}

fn file(folder: &Path, run: u32) -> PathBuf {
    folder.join(format!("run{run}.db"))
}

/// Copies a database and its log as they are, as after a crash; its shared memory dies with it.
pub(crate) fn copy_database(from: &Path, to: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal"] {
        let with = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        if with(from).exists() {
            std::fs::copy(with(from), with(to))?;
        }
    }
    Ok(())
}
