//! The devices of the `sync` bench: enrolled with a real server, closed, copied and opened again,
//! so that every round begins with the same bytes.

use std::io::BufReader;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, ensure};
use roadbook_domain::{DeviceId, Entity, Intent, IntentId, RecordId, Schema, UserId, Value};
use roadbook_replica::http::{Cancel, Host, Link, SyncReport};
use roadbook_replica::{
    CommitStamp, CreateDevice, Durability, ListQuery, Replica, RequestOptions, Verify,
};
use roadbook_sync_protocol::frame::MEDIA_TYPE;
use roadbook_sync_protocol::{Checksum, decode, encode};
use tempfile::TempDir;

use super::tap::Message;
use crate::bench::device::{Counting, Device, id, settings, unlock};
use crate::story::programs::{PASSWORD, TENANT};

const LOGIN: &str = "admin";

/// The machine's clock, and randomness that counts up: every party gets other ids.
struct BenchHost(AtomicU64);

impl Host for BenchHost {
    fn wall_ms(&self) -> i64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
    }

    fn fill(&self, out: &mut [u8]) {
        use roadbook_replica::Entropy as _;
        Counting(self.0.fetch_add(1, Ordering::Relaxed)).fill(out);
    }
}

/// A device in this process, enrolled with the server.
pub(super) struct Party {
    replica: Mutex<Replica>,
    link: Link,
    host: BenchHost,
    runtime: tokio::runtime::Runtime,
    number: u64,
    made: u64,
    dir: TempDir,
}

/// A party whose database is closed: a folder that can be copied.
pub(super) struct Resting {
    dir: TempDir,
    number: u64,
    made: u64,
}

impl Party {
    /// `number` is another one for every party of a server.
    pub(super) fn enrol(url: &str, number: u64) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let device =
            CreateDevice { device: DeviceId(id(9, number)), name: format!("bench {number}") };
        let replica = Replica::create(
            dir.path(),
            &device,
            Schema::crm(),
            &unlock(),
            &settings(Durability::Normal),
            &mut Counting(number),
        )?;
        let party = Self::of(dir, replica, number, 0)?;
        let enrolled = party.link.enrol(&party.replica, &party.host, url, TENANT, LOGIN, PASSWORD);
        party.runtime.block_on(enrolled)?;
        Ok(party)
    }

    fn of(dir: TempDir, replica: Replica, number: u64, made: u64) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let replica = Mutex::new(replica);
        let host = BenchHost(AtomicU64::new(number << 32));
        Ok(Self { replica, link: Link::new()?, host, runtime, number, made, dir })
    }

    /// Closes it.
    pub(super) fn rest(self) -> Resting {
        let Self { replica, dir, number, made, .. } = self;
        drop(replica);
        Resting { dir, number, made }
    }

    fn replica(&self) -> Result<std::sync::MutexGuard<'_, Replica>> {
        self.replica.lock().map_err(|_| anyhow::anyhow!("a sync panicked"))
    }

    pub(super) fn user(&self) -> Result<UserId> {
        Ok(self.replica()?.enrolment().context("enrolled")?.user)
    }

    pub(super) fn commit(&mut self, intent: &Intent) -> Result<()> {
        self.made += 1;
        let stamp = CommitStamp {
            intent: IntentId(id(u8::try_from(self.number)?, self.made)),
            wall_ms: self.host.wall_ms(),
            rationale: None,
        };
        self.replica()?.commit(intent, &stamp)?;
        Ok(())
    }

    pub(super) fn sync(&self, verify: Verify) -> Result<SyncReport> {
        let cancel = Cancel::default();
        let done = self.link.sync(&self.replica, &self.host, verify, &|_| {}, &cancel);
        Ok(self.runtime.block_on(done)?)
    }

    /// Pushes everything and reads nothing: half of what a sync does, to be measured apart.
    pub(super) fn push(&self) -> Result<SyncReport> {
        const PATH: &str = "/v1/sync";
        let url = self.replica()?.enrolment().context("enrolled")?.server_url.clone();
        let address = url.strip_prefix("http://").context("the server is on this machine")?;
        let line = TcpStream::connect(address)?;
        line.set_nodelay(true)?;
        let mut line = BufReader::new(line);
        let mut report = SyncReport::default();
        loop {
            let wall_ms = self.host.wall_ms();
            let options = RequestOptions::shipped();
            let mut request = self.replica()?.next_request(wall_ms, options)?;
            let Some(push) = &request.push else { return Ok(report) };
            report.pushed += push.envelopes.len() as u64;
            request.pull = None;
            let body = encode(&request)?;
            let proof = self.replica()?.sign_request("POST", PATH, &body, wall_ms)?;
            let head = format!(
                "POST {PATH} HTTP/1.1\r\nhost: {address}\r\nauthorization: {proof}\r\n\
                 content-type: {MEDIA_TYPE}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            Message { head: head.into_bytes(), body }.write(line.get_mut())?;
            let answer = Message::read(&mut line)?.context("the server hung up")?;
            ensure!(answer.head.starts_with(b"HTTP/1.1 200"), "the server refused the push");
            self.replica()?.take_in(decode(&answer.body)?, self.host.wall_ms())?;
            report.exchanges += 1;
        }
    }

    /// What it holds, up to which place in the log.
    pub(super) fn holds(&self) -> Result<Checksum> {
        Ok(self.replica()?.checksum()?)
    }

    /// How many opportunities it has.
    pub(super) fn count(&self) -> Result<u64> {
        Ok(self.replica()?.count(&ListQuery::newest(Entity::Opportunity, 1))?)
    }

    pub(super) fn next_step(&self, record: RecordId) -> Result<Value> {
        let row = self.replica()?.record(record)?.context("the record is here")?;
        Ok(row.value("next_step").clone())
    }
}

impl Resting {
    /// Opens a copy, which speaks to a server at this address.
    pub(super) fn wake(&self, url: &str) -> Result<Party> {
        let dir = tempfile::tempdir()?;
        copy(self.dir.path(), dir.path())?;
        let mut replica = Device::reopen(dir.path(), Durability::Normal)?;
        let mut enrolment = replica.enrolment().context("enrolled")?.clone();
        url.clone_into(&mut enrolment.server_url);
        replica.enrol(&enrolment, &mut Counting(self.number))?;
        Party::of(dir, replica, self.number, self.made)
    }
}

/// Copies a folder and all that is in it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            std::fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}
