//! The server of a simulated world: the real tenant on a real file, without HTTP.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use roadbook_domain::{DeviceId, RecordId, UserId};
use roadbook_policy::Role;
use roadbook_server::tenant::{Device, NewDevice, NewUser, TeamChange, Tenant, TenantKeys};
use roadbook_sync_protocol::{SyncRequest, decode, encode};

use crate::world::dice::Dice;

/// The tenant's name.
pub const TENANT: &str = "acme";

/// A running server, or one between two runs.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    runs: u32,
    tenant: Tenant,
}

impl Server {
    /// A new tenant in a folder.
    ///
    /// # Errors
    /// What the tenant says.
    pub fn new(folder: &Path, now_ms: i64, dice: &mut Dice) -> anyhow::Result<Self> {
        let keys = TenantKeys::generate([9; 32], dice);
        let path = file(folder, 0);
        std::fs::create_dir_all(folder)?;
        let tenant = Tenant::create(&path, TENANT, keys, now_ms, dice)?;
        Ok(Self { folder: folder.to_owned(), runs: 0, tenant })
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

    /// kill -9: the next run finds the files as they are now, without a goodbye.
    ///
    /// # Errors
    /// What the file system or the tenant says.
    pub fn kill(&mut self, now_ms: i64) -> anyhow::Result<()> {
        let (from, to) = (self.path(), file(&self.folder, self.runs + 1));
        copy_database(&from, &to)?;
        self.tenant = Tenant::open(&to, now_ms).context("the server starts again")?;
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
        dice: &mut Dice,
    ) -> anyhow::Result<Device> {
        let new = NewDevice { id, user, name: format!("device {id}"), public_key };
        Ok(self.tenant.enrol(&new, now_ms, dice)?)
    }

    /// Answers a frame of a device.
    ///
    /// # Errors
    /// What the tenant says, or the frame.
    pub fn answer(&self, device: DeviceId, frame: &[u8], now_ms: i64) -> anyhow::Result<Vec<u8>> {
        let request: SyncRequest = decode(frame)?;
        let device = self.tenant.device(device)?.context("the device is enrolled")?;
        let response = self.tenant.sync(&device, request, now_ms)?;
        Ok(encode(&response)?)
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
