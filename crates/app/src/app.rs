//! The app: one open device, and the commands that run on it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use roadbook_api::Command;
use roadbook_domain::{DeviceId, Intent, IntentId, RecordId, Schema, UserId};
use roadbook_policy::Subject;
use roadbook_replica::http::Link;
use roadbook_replica::{
    CommitStamp, Committed, CreateDevice, Enrolment, Replica, Settings, Unlock,
};

use crate::Host;
use crate::errors::{self, ApiResult};
use crate::host::{HostEntropy, fresh_id};

/// Carries out a command.
pub trait Run<C: Command> {
    /// Carries it out. A write is saved on this device when this returns.
    ///
    /// # Errors
    /// [`roadbook_api::ApiError`] with a stable code; then nothing was changed.
    fn run(&self, command: C) -> ApiResult<C::Response>;
}

/// Where a device lies and how it is unlocked.
#[derive(Clone)]
pub struct Device<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// How its key is had.
    pub unlock: &'a Unlock,
    /// What the host chose.
    pub settings: &'a Settings,
}

/// One open device.
pub struct App {
    pub(crate) replica: Mutex<Replica>,
    pub(crate) host: Box<dyn Host>,
    pub(crate) link: OnceLock<Link>,
    /// Records that were written since somebody asked last.
    touched: Mutex<BTreeSet<RecordId>>,
    pub(crate) desk: crate::planning::Desk,
    /// Whether what planning makes is kept here.
    pub(crate) keeps: Keeps,
}

/// Whether an app keeps what is for it alone: snapshots of forecasts, quotas, models, views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// On the device, encrypted.
    OnDevice,
    /// The replica is thrown away when nobody looks.
    Nothing,
}

impl App {
    /// Says whether there is a device in a folder.
    #[must_use]
    pub fn exists(folder: &Path) -> bool {
        Replica::exists(folder)
    }

    /// Removes the device of a folder for ever. Whoever calls this has made sure that no work is
    /// lost, and that the device is not open.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn remove(folder: &Path) -> ApiResult<()> {
        Replica::remove(folder).map_err(|error| errors::of_open(&error))
    }

    /// Makes a new device with a name for people. It must be enrolled before it can be used.
    ///
    /// # Errors
    /// There is a device already, or the folder cannot be written, or no key store is there.
    pub fn create(device: &Device<'_>, name: &str, host: Box<dyn Host>) -> ApiResult<Self> {
        let made =
            CreateDevice { device: DeviceId::from_bytes(fresh_id(&*host)), name: name.to_owned() };
        let replica = Replica::create(
            device.folder,
            &made,
            Schema::crm(),
            device.unlock,
            device.settings,
            &mut HostEntropy(&*host),
        )
        .map_err(|error| errors::of_open(&error))?;
        Ok(Self::over(replica, host))
    }

    /// Opens the device of a folder.
    ///
    /// # Errors
    /// There is no device, it is locked, damaged, in use, or of a newer version.
    pub fn open(device: &Device<'_>, host: Box<dyn Host>) -> ApiResult<Self> {
        let replica = Replica::open(device.folder, Schema::crm(), device.unlock, device.settings)
            .map_err(|error| errors::of_open(&error))?;
        Ok(Self::over(replica, host))
    }

    /// The app over a replica that is open already, with whatever schema it was opened with.
    #[must_use]
    pub fn over(replica: Replica, host: Box<dyn Host>) -> Self {
        Self {
            replica: Mutex::new(replica),
            host,
            link: OnceLock::new(),
            touched: Mutex::default(),
            desk: crate::planning::Desk::default(),
            keeps: Keeps::OnDevice,
        }
    }

    /// The same over a replica that is thrown away when nobody looks.
    pub(crate) fn over_hosted(replica: Replica, host: Box<dyn Host>) -> Self {
        Self { keeps: Keeps::Nothing, ..Self::over(replica, host) }
    }

    /// Uses the replica: for one query or one transaction, never across the network.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Replica) -> T) -> T {
        work(&mut self.replica.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// An id for a new record.
    pub(crate) fn new_record(&self) -> RecordId {
        RecordId::from_bytes(fresh_id(&*self.host))
    }

    /// The stamp of a new intent.
    pub(crate) fn stamp(&self, why: Option<&str>) -> CommitStamp {
        CommitStamp {
            intent: IntentId::from_bytes(fresh_id(&*self.host)),
            wall_ms: self.host.wall_ms(),
            rationale: why.map(str::trim).filter(|why| !why.is_empty()).map(str::to_owned),
        }
    }

    /// Saves an intent on this device.
    pub(crate) fn save(
        &self,
        replica: &mut Replica,
        intent: &Intent,
        why: Option<&str>,
    ) -> ApiResult<Committed> {
        let stamp = self.stamp(why);
        let saved = replica.commit(intent, &stamp).map_err(|error| errors::of_commit(&error))?;
        self.touch(&saved.records);
        Ok(saved)
    }

    /// Notes that records were written, for those who watch.
    pub(crate) fn touch(&self, records: &[RecordId]) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).extend(records);
    }

    /// The records that were written since this was asked last.
    pub(crate) fn take_touched(&self) -> Vec<RecordId> {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *touched).into_iter().collect()
    }
}

/// The user of an enrolled device.
pub(crate) fn user(replica: &Replica) -> ApiResult<UserId> {
    enrolment(replica).map(|enrolment| enrolment.user)
}

/// Who uses an enrolled device, with the role that the directory gives now.
pub(crate) fn subject(replica: &Replica) -> ApiResult<&Subject> {
    replica
        .subject()
        .ok_or(roadbook_replica::StoreError::NotEnrolled)
        .map_err(|error| errors::of_store(&error))
}

/// What an enrolled device remembers.
pub(crate) fn enrolment(replica: &Replica) -> ApiResult<&Enrolment> {
    replica
        .enrolment()
        .ok_or(roadbook_replica::StoreError::NotEnrolled)
        .map_err(|error| errors::of_store(&error))
}
