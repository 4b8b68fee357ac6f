//! Going to the server: enrolling, syncing, asking whether both hold the same.
//!
//! The only use cases that wait for a network. The replica is locked for a moment to make a
//! request and to take the answer in, never while waiting.

use roadbook_api::commands::device::EnrolDevice;
use roadbook_api::views::{DoctorView, EnrolledView, SyncReport, Word};
use roadbook_domain::RecordId;
use roadbook_replica::Replica;
use roadbook_replica::exchange::Verify;
use roadbook_replica::http::{Cancel, Link, Progress, Seen};

use crate::errors::{self, ApiResult};
use crate::status::{self, ServerWord};
use crate::{App, app, lookup};

/// Who watches a sync that goes on and on.
pub type Watch<'a> = &'a (dyn Fn(Step) + Send + Sync);

/// What a watching sync tells.
#[derive(Debug)]
pub enum Step {
    /// A sync starts.
    Started,
    /// It has come so far.
    Came(Progress),
    /// It has ended.
    Ended(ApiResult<Exchanged>),
}

/// What a whole sync did.
#[derive(Debug)]
pub struct Exchanged {
    /// For people and scripts.
    pub report: SyncReport,
    /// The records whose rows changed.
    pub changed: Vec<RecordId>,
}

impl App {
    /// Signs in and enrols this device under the user.
    ///
    /// # Errors
    /// The server cannot be reached, refuses the sign-in or the device.
    pub async fn enrol(&self, command: &EnrolDevice) -> ApiResult<EnrolledView> {
        let link = self.link()?;
        let server = command.server.trim_end_matches('/');
        link.enrol(
            &self.replica,
            &*self.host,
            server,
            &command.tenant,
            &command.login,
            &command.password,
        )
        .await
        .map_err(|error| errors::of_enrol(&error, server))?;
        self.with(|replica| {
            let enrolment = app::enrolment(replica)?;
            Ok(EnrolledView {
                device: replica.device(),
                device_name: replica.device_name().to_owned(),
                tenant: enrolment.tenant,
                user: enrolment.user,
                who: enrolment.user_name.clone(),
                role: enrolment.role.clone(),
                server: enrolment.server_url.clone(),
            })
        })
    }

    /// Sends what waits and receives what is new, until both sides have everything.
    ///
    /// # Errors
    /// The server cannot be reached or refuses; what was exchanged until then stays.
    pub async fn sync(
        &self,
        progress: &(dyn Fn(Progress) + Send + Sync),
        cancel: &Cancel,
    ) -> ApiResult<Exchanged> {
        let done = self
            .link()?
            .sync(&self.replica, &*self.host, Verify::No, progress, cancel)
            .await
            .map_err(|error| errors::of_sync(&error))?;
        self.exchanged(&done)
    }

    /// Syncs until cancelled: at once, when the server has more, when `wake` says that something
    /// was saved, and on a timer.
    ///
    /// # Errors
    /// Only what waiting does not mend, such as a revoked device.
    pub async fn keep_in_sync(
        &self,
        wake: &tokio::sync::Notify,
        watch: Watch<'_>,
        cancel: &Cancel,
    ) -> ApiResult<()> {
        let observer = |seen: Seen<'_>| match seen {
            Seen::Started => watch(Step::Started),
            Seen::Came(progress) => watch(Step::Came(progress)),
            Seen::Ended(Ok(done)) => watch(Step::Ended(self.exchanged(done))),
            Seen::Ended(Err(error)) => watch(Step::Ended(Err(errors::of_sync(error)))),
        };
        self.link()?
            .keep_in_sync(&self.replica, &*self.host, wake, &observer, cancel)
            .await
            .map_err(|error| errors::of_sync(&error))
    }

    /// Examines the device; asks the server, where it can be reached, whether both hold the same.
    ///
    /// # Errors
    /// The database cannot be read at all.
    pub async fn doctor(&self, cancel: &Cancel) -> ApiResult<DoctorView> {
        let word = self.ask_server(cancel).await;
        self.with(|replica| status::doctor(replica, &word))
    }

    /// Asks the server for what happened to a record before the 90 days that devices keep, and
    /// keeps it: the history shows it from then on. Returns how many entries came.
    ///
    /// # Errors
    /// The record is not here, the server cannot be reached, or it is of an earlier version.
    pub async fn fetch_history(&self, entity: Option<&str>, record: &str) -> ApiResult<u64> {
        let found = self.with(|replica| {
            let entity = entity.map(errors::entity).transpose()?;
            lookup::record(replica, entity, record)
        })?;
        let link = self.link()?;
        let fetched = link.fetch_history(&self.replica, &*self.host, found.record).await;
        fetched.map_err(|error| errors::of_sync(&error))
    }

    /// Examines the device without going to the server.
    ///
    /// # Errors
    /// The database cannot be read at all.
    pub fn doctor_offline(&self) -> ApiResult<DoctorView> {
        let word = ServerWord::NotAsked("not asked".to_owned());
        self.with(|replica| status::doctor(replica, &word))
    }

    async fn ask_server(&self, cancel: &Cancel) -> ServerWord {
        if self.with(|replica| replica.enrolment().is_none()) {
            return ServerWord::NotAsked("this device is not enrolled yet".to_owned());
        }
        let link = match self.link() {
            Ok(link) => link,
            Err(error) => return ServerWord::NotAsked(error.message),
        };
        let word = self.compare(link, cancel).await;
        // The server compares what was noted of each document; that may be right, and the document
        // damaged. An error is told by the examination that follows.
        let damaged = |replica: &mut Replica| replica.has_damaged_documents().unwrap_or(false);
        let is_well = word == ServerWord::Equal && !self.with(damaged);
        if is_well || matches!(word, ServerWord::NotAsked(_)) {
            return word;
        }
        // The server's word counts: all of it is read again, and what it does not send goes.
        if let Err(error) = self.with(|replica| replica.read_again()) {
            return ServerWord::NotAsked(errors::of_store(&error).message);
        }
        let word = self.compare(link, cancel).await;
        if word == ServerWord::Equal { ServerWord::Healed } else { word }
    }

    async fn compare(&self, link: &Link, cancel: &Cancel) -> ServerWord {
        let asked = link.sync(&self.replica, &*self.host, Verify::Yes, &|_| {}, cancel).await;
        match asked {
            Ok(done) => match done.taken_in.equal {
                Some(true) => ServerWord::Equal,
                Some(false) => ServerWord::Different,
                None => ServerWord::NotAsked("the server gave no checksum".to_owned()),
            },
            Err(error) => ServerWord::NotAsked(errors::of_sync(&error).message),
        }
    }

    /// The way to the server, made when it is first needed.
    pub(crate) fn link(&self) -> ApiResult<&Link> {
        if let Some(link) = self.link.get() {
            return Ok(link);
        }
        let link = Link::new().map_err(|error| errors::of_sync(&error))?;
        Ok(self.link.get_or_init(|| link))
    }

    fn exchanged(&self, done: &roadbook_replica::http::SyncReport) -> ApiResult<Exchanged> {
        let report = self.report(done)?;
        Ok(Exchanged { report, changed: done.taken_in.changed.clone() })
    }

    fn report(&self, done: &roadbook_replica::http::SyncReport) -> ApiResult<SyncReport> {
        let status =
            self.with(|replica| replica.status()).map_err(|error| errors::of_store(&error))?;
        let taken = &done.taken_in;
        Ok(SyncReport {
            sent: done.pushed,
            verdicts: taken
                .verdicts
                .iter()
                .map(|(intent, verdict)| Word {
                    intent: *intent,
                    verdict: verdict.name().to_owned(),
                })
                .collect(),
            received: taken.accepted + taken.snapshots,
            forgotten: taken.forgotten.len() as u64,
            position: status.position,
            pending: status.pending + status.waiting,
            needs_you: status.needs_you,
            conflicts: status.conflicts,
            round_trips: done.exchanges,
        })
    }
}
