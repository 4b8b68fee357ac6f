//! The network adapter: the exchange over HTTP, with backoff, progress and cancelling.
//!
//! No lock is held across the network: the replica is locked to make a request, and again to take
//! the answer in. Nothing is deleted because a call failed; the only thing that purges is a server
//! that says that this device was revoked, after it has taken the unsent work.

mod backoff;
mod call;
mod cancel;
mod history;
mod keep;

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use roadbook_domain::IntentId;
use roadbook_sync_protocol::account::{
    DirectoryRequest, DirectoryResponse, EnrolResponse, Problem, SignInRequest, SignInResponse,
};
use roadbook_sync_protocol::frame::CALLS;
use roadbook_sync_protocol::{RelayResponse, SyncResponse, decode, encode, encode_in};

use crate::exchange::{RequestOptions, TakeInError, TakenIn, Verify, first_bytes};
use crate::key::Entropy;
use crate::{Enrolment, Replica, StoreError};
use backoff::Backoff;
pub use cancel::Cancel;

/// Clock and randomness, which only a host reads.
pub trait Host: Send + Sync {
    /// The wall clock, in milliseconds since 1970.
    fn wall_ms(&self) -> i64;
    /// Fills the buffer with random bytes.
    fn fill(&self, out: &mut [u8]);
    /// What the clocks here showed at that time minus UTC, in minutes.
    fn offset_minutes(&self, _at_ms: i64) -> i32 {
        0
    }
}

/// How far a sync has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Exchanges done.
    pub exchanges: u64,
    /// Envelopes pushed.
    pub pushed: u64,
    /// Items taken in.
    pub pulled: u64,
    /// About how many items are still to come.
    pub remaining: u64,
}

/// What a whole sync did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Exchanges done.
    pub exchanges: u64,
    /// Envelopes pushed.
    pub pushed: u64,
    /// Bytes sent, bodies only.
    pub bytes_sent: u64,
    /// Bytes received, bodies only.
    pub bytes_received: u64,
    /// Envelopes that a restored server had lost and has back from this device.
    pub handed_back: u64,
    /// Everything that was taken in, added up.
    pub taken_in: TakenIn,
}

/// Why a sync or another call failed.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The server cannot be reached. Being offline is a state, not a fault.
    #[error("the server cannot be reached")]
    Offline(#[source] reqwest::Error),
    /// The server refused the call.
    #[error("{}: {}", .0.title, .0.detail)]
    Refused(Box<Problem>),
    /// The server answered something that cannot be understood.
    #[error("the server's answer cannot be understood: {0}")]
    BadAnswer(String),
    /// The call was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The answer was not taken in.
    #[error(transparent)]
    TakeIn(#[from] TakeInError),
    /// The device failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SyncError {
    /// Says whether the same call may succeed later without anybody doing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Offline(_) => true,
            Self::Refused(problem) => {
                matches!(problem.status, 408 | 429 | 500..) || is_unexplained(problem)
            }
            Self::Store(error) | Self::TakeIn(TakeInError::Store(error)) => error.is_retryable(),
            // The way may have damaged it; a second time tells.
            Self::BadAnswer(_)
            | Self::TakeIn(TakeInError::BadReceipt | TakeInError::NotIntact(_)) => true,
            Self::Cancelled => false,
        }
    }

    /// Whether the request certainly changed nothing on the server.
    fn kept_it_here(&self) -> bool {
        match self {
            Self::Offline(error) => error.is_connect() || error.is_builder(),
            // After a timeout the server may still carry out what was asked.
            Self::Refused(problem) => {
                problem.status < 500
                    && problem.status != 408
                    && !is_unexplained(problem)
                    // The push beside it was taken in before.
                    && !self.is_bad_cursor()
            }
            Self::BadAnswer(_) | Self::Cancelled | Self::TakeIn(_) | Self::Store(_) => false,
        }
    }

    /// Whether the server is of a version that does not know the call.
    fn is_unknown_call(&self) -> bool {
        matches!(self, Self::Refused(problem)
            if matches!(problem.code(), "unknown_route" | "unknown_version"))
    }

    /// Whether the server cannot read where this device is in the log.
    fn is_bad_cursor(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.code() == "bad_cursor")
    }

    fn is_revoked(&self) -> bool {
        matches!(self, Self::Refused(problem)
            if matches!(problem.code(), "revoked" | "device_revoked"))
    }
}

/// Whether a refusal is no Roadbook server's: a gate on the way, like that of a hotel's network,
/// that may be open the next time.
fn is_unexplained(problem: &Problem) -> bool {
    problem.code() == UNEXPLAINED
}

/// The code of a refusal without a reason.
const UNEXPLAINED: &str = "unexplained";

/// A way to servers: connections that are kept open, and whose turn it is.
///
/// Exchanges over one link take turns, because a replica remembers what its last request carried
/// until the answer comes. No tap waits for a turn: saving needs none.
pub struct Link {
    client: reqwest::Client,
    turn: tokio::sync::Mutex<()>,
}

/// What an observer of [`Link::keep_in_sync`] is told.
#[derive(Debug)]
pub enum Seen<'a> {
    /// A sync starts.
    Started,
    /// It has come so far.
    Came(Progress),
    /// It has ended, well or not.
    Ended(Result<&'a SyncReport, &'a SyncError>),
}

/// A sync ends after so many exchanges that moved nothing.
const IDLE_EXCHANGES: u32 = 3;

/// A cut in the middle of a sync is tried again so many times.
const TRIES: u32 = 4;

impl Link {
    /// Signs in, enrols the device and remembers the enrolment.
    ///
    /// # Errors
    /// [`SyncError::Refused`] with the server's words.
    pub async fn enrol(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        server_url: &str,
        tenant: &str,
        login: &str,
        password: &str,
    ) -> Result<(), SyncError> {
        let server_url = server_url.trim_end_matches('/');
        let sign_in = SignInRequest {
            tenant: tenant.to_owned(),
            login: login.to_owned(),
            password: password.to_owned(),
        };
        let signed_in: SignInResponse =
            self.post_json(server_url, "/v1/sign-in", None, &sign_in).await?;
        let request = lock(replica).enrol_request();
        let bearer = format!("Bearer {}", signed_in.id_token);
        let response: EnrolResponse =
            self.post_json(server_url, "/v1/enrol", Some(bearer), &request).await?;
        let enrolment =
            Enrolment::from_response(server_url, tenant, &response).map_err(StoreError::from)?;
        let offset_ms = response.wall_ms.saturating_sub(host.wall_ms());
        lock(replica).enrol(&enrolment, &mut FromHost(host))?;
        lock(replica).note_clock_offset(offset_ms)?;
        Ok(())
    }

    /// Exchanges until both sides have everything. An exchange that fails on the way is tried
    /// again a few times; what was exchanged before stays, and the next sync goes on there. Where
    /// the server cannot read how far this device has come, everything is read again.
    ///
    /// # Errors
    /// [`SyncError`]; [`SyncError::Refused`] with the code `revoked` after the unsent work was
    /// handed over and the device purged.
    pub async fn sync(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        verify: Verify,
        progress: &(dyn Fn(Progress) + Send + Sync),
        cancel: &Cancel,
    ) -> Result<SyncReport, SyncError> {
        let mut report = SyncReport::default();
        let mut backoff = Backoff::short();
        let mut failures = 0;
        let mut relay = Relay::Nothing;
        let mut idle = 0;
        let mut read_again = false;
        lock(replica).begin_sync();
        loop {
            let options = RequestOptions { verify, ..RequestOptions::shipped() };
            let done = tokio::select! {
                done = self.exchange(replica, host, options, &mut report) => done,
                () = cancel.cancelled() => Err(SyncError::Cancelled),
            };
            match done {
                Ok(taken) => {
                    failures = 0;
                    idle = if moved(&taken) { 0 } else { idle + 1 };
                    let news = relay != Relay::Unknown && {
                        relay = self.hand_back(replica, host, &mut report).await?;
                        relay != Relay::Nothing
                    };
                    let more = (taken.more || news) && idle < IDLE_EXCHANGES;
                    report.exchanges += 1;
                    add(&mut report.taken_in, taken);
                    progress(Progress {
                        exchanges: report.exchanges,
                        pushed: report.pushed,
                        pulled: report.taken_in.accepted
                            + report.taken_in.snapshots
                            + report.taken_in.forgotten.len() as u64,
                        remaining: report.taken_in.remaining,
                    });
                    if !more {
                        return Ok(report);
                    }
                }
                Err(error) if error.is_bad_cursor() && !read_again => {
                    tracing::warn!("the server cannot read the cursor; all is read again");
                    read_again = true;
                    lock(replica).read_again()?;
                }
                Err(error) if error.is_revoked() => {
                    self.surrender(replica, host).await?;
                    return Err(error);
                }
                Err(error) => {
                    failures += 1;
                    // Nothing came through yet: say so at once.
                    let give_up = report.exchanges == 0 || failures >= TRIES;
                    if give_up || !error.is_retryable() {
                        return Err(error);
                    }
                    tracing::info!(failures, "an exchange failed, trying again: {error}");
                    backoff.wait(host, cancel).await?;
                }
            }
        }
    }

    async fn exchange(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        options: RequestOptions,
        report: &mut SyncReport,
    ) -> Result<TakenIn, SyncError> {
        let _turn = self.turn.lock().await;
        let request = lock(replica).next_request(host.wall_ms(), options)?;
        let pushed = request.push.as_ref().map_or(0, |push| push.envelopes.len() as u64);
        let frame = encode(&request).map_err(unwritable)?;
        let answer = match self.post_frame(replica, host, "/v1/sync", &frame).await {
            Ok(answer) => answer,
            Err(error) => {
                if error.kept_it_here() {
                    lock(replica).request_failed()?;
                }
                return Err(error);
            }
        };
        report.bytes_sent += frame.len() as u64;
        report.bytes_received += answer.len() as u64;
        report.pushed += pushed;
        let response: SyncResponse =
            decode(&answer).map_err(|error| SyncError::BadAnswer(error.to_string()))?;
        Ok(lock(replica).take_in(response, host.wall_ms())?)
    }

    /// Hands back what a restore of the server lost. Tells whether there was anything, and
    /// whether the server knows the call.
    async fn hand_back(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        report: &mut SyncReport,
    ) -> Result<Relay, SyncError> {
        let mut done = Relay::Nothing;
        loop {
            let request = lock(replica).next_relay()?;
            let Some(request) = request else { return Ok(done) };
            let frame = encode_in(CALLS, &request).map_err(unwritable)?;
            let answer = match self.post_frame(replica, host, "/v1/relay", &frame).await {
                Ok(answer) => answer,
                Err(error) if error.is_unknown_call() => {
                    // A server of the version before: what is this device's own is sent again.
                    lock(replica).relay_unknown()?;
                    return Ok(Relay::Unknown);
                }
                Err(error) => return Err(error),
            };
            done = Relay::Done;
            report.bytes_sent += frame.len() as u64;
            report.bytes_received += answer.len() as u64;
            let response: RelayResponse =
                decode(&answer).map_err(|error| SyncError::BadAnswer(error.to_string()))?;
            let Some(handed_back) = lock(replica).take_in_relay(&response)? else {
                return Ok(done);
            };
            report.handed_back += handed_back.in_log;
        }
    }

    /// Has the server write users, teams and territories. Administrators only.
    ///
    /// # Errors
    /// [`SyncError::Refused`] with the server's words.
    pub async fn write_directory(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        request: &DirectoryRequest,
    ) -> Result<DirectoryResponse, SyncError> {
        let body = call::to_json(request)?;
        let answer =
            self.post_signed(replica, host, "/v1/directory", "application/json", &body).await?;
        call::from_json(&answer)
    }

    /// Hands all unsent work of a revoked device over, then purges everything on it. While the
    /// server has not acknowledged all of it, nothing is purged.
    ///
    /// # Errors
    /// [`SyncError`]; then nothing was purged.
    pub async fn surrender(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
    ) -> Result<(), SyncError> {
        let mut safe: HashSet<IntentId> = HashSet::new();
        loop {
            // Work may be saved while others' is under way: it is looked for again before the
            // purge, under the same lock.
            let left = lock(replica).purge_surrendered(&safe)?;
            if left.is_empty() {
                return Ok(());
            }
            let chunk = first_bytes(left, |item| item.envelope.len());
            let frame = encode(&chunk).map_err(unwritable)?;
            let answer = self.post_frame(replica, host, "/v1/surrender", &frame).await?;
            let answered: Vec<IntentId> =
                decode(&answer).map_err(|error| SyncError::BadAnswer(error.to_string()))?;
            safe.extend(answered);
            if !chunk.iter().all(|item| safe.contains(&item.intent)) {
                return Err(SyncError::BadAnswer(
                    "not all unsent work was acknowledged; nothing was purged".to_owned(),
                ));
            }
        }
    }
}

/// What came of handing back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relay {
    Nothing,
    Done,
    /// The server is of a version that does not know the call.
    Unknown,
}

struct FromHost<'a>(&'a dyn Host);

impl Entropy for FromHost<'_> {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }
}

/// The replica. A panic elsewhere does not make the database wrong: its transaction is undone.
fn lock(replica: &Mutex<Replica>) -> MutexGuard<'_, Replica> {
    replica.lock().unwrap_or_else(PoisonError::into_inner)
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unwritable(error: roadbook_sync_protocol::FrameError) -> SyncError {
    SyncError::BadAnswer(format!("the request cannot be written: {error}"))
}

/// Whether an exchange brought either side any further.
fn moved(taken: &TakenIn) -> bool {
    let judged = taken.verdicts.iter().any(|(_, verdict)| verdict.is_final());
    judged
        || taken.accepted + taken.snapshots > 0
        || !taken.forgotten.is_empty()
        || !taken.quarantined.is_empty()
        || !taken.changed.is_empty()
}

fn add(total: &mut TakenIn, taken: TakenIn) {
    total.verdicts.extend(taken.verdicts);
    total.accepted += taken.accepted;
    total.snapshots += taken.snapshots;
    total.forgotten.extend(taken.forgotten);
    total.changed.extend(taken.changed);
    total.changed.sort();
    total.changed.dedup();
    total.needs_you.extend(taken.needs_you);
    total.waiting.extend(taken.waiting);
    total.replayed.extend(taken.replayed);
    total.quarantined.extend(taken.quarantined);
    total.more = taken.more;
    total.remaining = taken.remaining;
    total.device_was_restored |= taken.device_was_restored;
    total.server_was_restored |= taken.server_was_restored;
    total.equal = taken.equal.or(total.equal);
}

#[cfg(test)]
mod tests;
