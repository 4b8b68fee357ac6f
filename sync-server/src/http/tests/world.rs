//! A server on a real loopback listener, with a clock that only tests move.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicI64, Ordering};

use ed25519_dalek::SigningKey;
use roadbook_domain::UserId;
use roadbook_policy::Role;
use roadbook_sync_protocol::account::{EnrolRequest, Problem};
use roadbook_sync_protocol::{ClientHello, Cursor, PullRequest, RequestProof, SyncRequest, encode};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::super::*;
use crate::config::{Sources, read};
use crate::identity::password;
use crate::tenant::{Credential, IdentityKind, NewDevice, NewUser, Tenant, TenantKeys};

pub(in crate::http) const PASSWORD: &str = "correct horse";
const START_MS: i64 = 1_700_000_000_000;
/// A safeguard against a hang, not something that a test waits for.
const GIVE_UP: Duration = Duration::from_secs(60);

pub(in crate::http) struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.now_ms()).unwrap())
    }
}

impl ManualClock {
    pub(in crate::http) fn at_start() -> Self {
        Self(AtomicI64::new(START_MS))
    }

    pub(in crate::http) fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

pub(in crate::http) struct Ids(u64);

impl IdSource for Ids {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64.
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let drawn = (z ^ (z >> 31)).to_be_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }
}

pub(in crate::http) fn ids(seed: u64) -> Ids {
    Ids(seed)
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Answer {
    pub(in crate::http) status: u16,
    pub(in crate::http) head: String,
    pub(in crate::http) body: Vec<u8>,
}

impl Answer {
    pub(in crate::http) fn parse(bytes: &[u8]) -> Self {
        let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_lowercase(), body: bytes[split + 4..].to_vec() }
    }

    pub(in crate::http) fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(in crate::http) fn problem(&self) -> Problem {
        assert!(self.head.contains("content-type: application/problem+json"), "{}", self.head);
        let problem: Problem = self.json();
        assert_eq!(problem.status, self.status);
        assert!(!problem.detail.is_empty());
        problem
    }

    /// Status and code of a refusal.
    pub(in crate::http) fn refusal(&self) -> (u16, String) {
        (self.status, self.problem().code().to_owned())
    }
}

/// A device as the tests hold it.
#[derive(Clone)]
pub(in crate::http) struct TestDevice {
    pub(in crate::http) id: DeviceId,
    pub(in crate::http) key: SigningKey,
}

impl TestDevice {
    pub(in crate::http) fn new(byte: u8) -> Self {
        Self { id: DeviceId::from_bytes([byte; 16]), key: SigningKey::from_bytes(&[byte; 32]) }
    }

    pub(in crate::http) fn enrol_request(&self) -> Vec<u8> {
        let public = self.key.verifying_key();
        serde_json::to_vec(&EnrolRequest {
            device: self.id,
            name: "Ana's phone".to_owned(),
            public_key: public.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
        })
        .unwrap()
    }
}

pub(in crate::http) struct World {
    pub(in crate::http) folder: tempfile::TempDir,
    pub(in crate::http) clock: Arc<ManualClock>,
    pub(in crate::http) server: Arc<Server>,
    pub(in crate::http) address: SocketAddr,
    pub(in crate::http) tenant: Arc<Tenant>,
    pub(in crate::http) ana: UserId,
    pub(in crate::http) device: TestDevice,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<std::io::Result<()>>>,
    runtime: Runtime,
}

/// Makes a data directory with one tenant, `main`, and its user `ana`.
pub(in crate::http) fn data_dir(kind: IdentityKind) -> (tempfile::TempDir, UserId) {
    let folder = tempfile::tempdir().unwrap();
    let dir = DataDir::new(folder.path().to_owned());
    dir.make().unwrap();
    let mut ids = ids(1);
    let keys = TenantKeys::generate([9; 32], &mut ids);
    let path = dir.path_of("main").unwrap();
    let tenant = Tenant::create(&path, "main", keys, START_MS, &mut ids).unwrap();
    let new = NewUser {
        name: "Ana".to_owned(),
        login: Some("ana".to_owned()),
        role: Role::Rep,
        territory: None,
    };
    let user = tenant.add_user(&new, START_MS, &mut ids).unwrap().id;
    let password_hash = password::hash(PASSWORD, &mut ids).unwrap();
    let login = "ana".to_owned();
    tenant.put_credential(&Credential { user, login, password_hash, kind }).unwrap();
    (folder, user)
}

pub(in crate::http) fn config(
    folder: &std::path::Path,
    settings: &[(&'static str, &str)],
) -> Config {
    let mut options = vec![
        ("data_dir", "test", folder.display().to_string()),
        ("listen.address", "test", "127.0.0.1:0".to_owned()),
    ];
    options.extend(settings.iter().map(|(key, value)| (*key, "test", (*value).to_owned())));
    read(&Sources { options, ..Sources::default() }).unwrap().0
}

impl World {
    pub(in crate::http) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(in crate::http) fn start_with(settings: &[(&'static str, &str)]) -> Self {
        let (folder, ana) = data_dir(IdentityKind::Real);
        let clock = Arc::new(ManualClock::at_start());
        let config = config(folder.path(), settings);
        let host_clock = Arc::clone(&clock);
        let server = Server::open(config, host_clock, Box::new(ids(2))).unwrap();
        let server = Arc::new(server);
        let tenant = server.tenants.all().pop().unwrap();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { stopped.await.unwrap_or_default() };
        let served = runtime.spawn(serve(listener, Arc::clone(&server), stopped));
        let device = TestDevice::new(7);
        let world = Self {
            folder,
            clock,
            server,
            address,
            tenant,
            ana,
            device,
            stop: Some(stop),
            served: Some(served),
            runtime,
        };
        world.enrol(&world.device);
        world
    }

    fn enrol(&self, device: &TestDevice) {
        let new = NewDevice {
            id: device.id,
            user: self.ana,
            name: "phone".to_owned(),
            public_key: *device.key.verifying_key().as_bytes(),
        };
        self.tenant.enrol(&new, self.clock.now_ms()).unwrap();
    }

    /// The tenant as another process has it.
    pub(in crate::http) fn outside(&self) -> Tenant {
        let dir = DataDir::new(self.folder.path().to_owned());
        dir.open("main", self.clock.now_ms()).unwrap()
    }

    pub(in crate::http) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(GIVE_UP)).unwrap();
        stream
    }

    pub(in crate::http) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Answer {
        let mut stream = self.connect();
        stream.write_all(&request_bytes(method, path, headers, body)).unwrap();
        read_answer(stream)
    }

    pub(in crate::http) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", b"")
    }

    pub(in crate::http) fn post(&self, path: &str, headers: &str, body: &[u8]) -> Answer {
        self.send("POST", path, headers, body)
    }

    pub(in crate::http) fn proof(&self, method: &str, path: &str, body: &[u8]) -> RequestProof {
        let (tenant, wall_ms) = (self.tenant.id(), self.clock.now_ms());
        let device = &self.device;
        RequestProof::sign(&device.key, tenant, device.id, wall_ms, method, path, body)
    }

    /// Posts a body under a proof.
    pub(in crate::http) fn proven(&self, proof: &RequestProof, path: &str, body: &[u8]) -> Answer {
        self.post(path, &format!("Authorization: {proof}\r\n"), body)
    }

    /// An exchange with nothing to say.
    pub(in crate::http) fn sync(&self) -> Answer {
        let body = nothing_new(self.clock.now_ms());
        self.proven(&self.proof("POST", "/v1/sync", &body), "/v1/sync", &body)
    }

    /// Asks the server to stop.
    pub(in crate::http) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has stopped.
    pub(in crate::http) fn join(&mut self) {
        let served = self.served.take().unwrap();
        self.runtime.block_on(served).unwrap().unwrap();
    }

    /// Waits until the server knows that it stops.
    pub(in crate::http) fn wait_until_stopping(&self) {
        let mut stopping = self.server.stopping.subscribe();
        self.runtime
            .block_on(async { stopping.wait_for(|stopping| *stopping).await.map(|_| ()) })
            .unwrap();
    }
}

pub(in crate::http) fn request_bytes(
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> Vec<u8> {
    let mut bytes = format!(
        "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
         Content-Length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(in crate::http) fn read_answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    Answer::parse(&bytes)
}

pub(in crate::http) fn nothing_new(wall_ms: i64) -> Vec<u8> {
    encode(&SyncRequest {
        hello: ClientHello {
            client_version: 1_000,
            mutator_version: roadbook_merge::MUTATOR_VERSION,
            schema_version: roadbook_domain::schema::SCHEMA_VERSION,
            install_epoch: 1,
            last_number: 0,
            restore_epoch: 0,
            wall_ms,
        },
        push: None,
        pull: Some(PullRequest { cursor: Cursor::default(), max_bytes: 1_000_000 }),
        quarantine: vec![],
        purged: vec![],
        verify: false,
    })
    .unwrap()
}
