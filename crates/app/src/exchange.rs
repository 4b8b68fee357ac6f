//! Going to the server: enrolling, syncing, asking whether both hold the same.
//!
//! The only use cases that wait for a network. The replica is locked for a moment to make a
//! request and to take the answer in, never while waiting.

use roadbook_api::commands::device::EnrolDevice;
use roadbook_api::views::{DoctorView, EnrolledView, SyncReport, Word};
use roadbook_replica::exchange::Verify;
use roadbook_replica::http::{Cancel, Link, Progress, SyncError};

use crate::errors::{self, ApiResult};
use crate::status::{self, ServerWord};
use crate::{App, app};

/// What a watching sync tells after each exchange.
pub type Watch<'a> = &'a (dyn Fn(ApiResult<SyncReport>) + Send + Sync);

impl App {
    /// Signs in and enrols this device under the user.
    ///
    /// # Errors
    /// The server cannot be reached, refuses the sign-in or the device.
    pub async fn enrol(&self, command: &EnrolDevice) -> ApiResult<EnrolledView> {
        let link = Link::new().map_err(|error| errors::of_sync(&error))?;
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
        .map_err(|error| errors::of_sync(&error))?;
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
    ) -> ApiResult<SyncReport> {
        let link = Link::new().map_err(|error| errors::of_sync(&error))?;
        let done = link
            .sync(&self.replica, &*self.host, Verify::No, progress, cancel)
            .await
            .map_err(|error| errors::of_sync(&error))?;
        self.report(&done)
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
        let link = Link::new().map_err(|error| errors::of_sync(&error))?;
        let observer = |done: Result<&roadbook_replica::http::SyncReport, &SyncError>| match done {
            Ok(done) => watch(self.report(done)),
            Err(error) => watch(Err(errors::of_sync(error))),
        };
        link.keep_in_sync(&self.replica, &*self.host, wake, &observer, cancel)
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
        let link = match Link::new() {
            Ok(link) => link,
            Err(error) => return ServerWord::NotAsked(errors::of_sync(&error).message),
        };
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
