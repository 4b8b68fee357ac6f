//! A served app: the doors of one's own device, over a folder without a device.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use roadbook_app::{Host, KeyCost, Place, Session, Settings};
use roadbook_app_http::{Bundle, Face, Hosts, OwnDevice, Transport, router};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// A safeguard against a hang, not something that a test waits for.
const GIVE_UP: Duration = Duration::from_secs(60);

/// A clock that only tests move, and bytes that count up.
#[derive(Default)]
pub(crate) struct ManualHost {
    pub(crate) now_ms: AtomicI64,
    drawn: AtomicU64,
}

impl Host for ManualHost {
    fn wall_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let n = self.drawn.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&n.to_be_bytes()[..chunk.len()]);
        }
    }
}

/// A running app.
pub(crate) struct Served {
    pub(crate) port: u16,
    pub(crate) host: Arc<ManualHost>,
    pub(crate) doors: Arc<OwnDevice>,
    pub(crate) stopping: watch::Sender<bool>,
    _device: tempfile::TempDir,
    _runtime: Runtime,
}

impl Served {
    pub(crate) fn start(page: Option<&Path>) -> Self {
        Self::start_with(page, GIVE_UP)
    }

    /// An app that waits so long for the body of a request.
    pub(crate) fn start_with(page: Option<&Path>, body_time: Duration) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let device = tempfile::tempdir().unwrap();
        let host = Arc::new(ManualHost::default());
        let place = Place {
            folder: device.path().join("device"),
            settings: Settings { key_cost: KeyCost::least(), ..Settings::shipped() },
            host: Arc::clone(&host) as Arc<dyn Host>,
            passphrase: None,
            files: None,
        };
        let session = runtime.block_on(Session::open(place)).unwrap();
        let doors = Arc::new(OwnDevice::new(Arc::new(session), Arc::clone(&host) as Arc<dyn Host>));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let stopping = watch::Sender::new(false);
        let face = Face {
            hosts: Hosts::loopback(port),
            transport: Transport::Plain,
            cookie: "roadbook-test".to_owned(),
            bundle: page.map(|folder| Bundle::open(folder).unwrap()),
            streams: 2,
            body_time,
            stopping: stopping.subscribe(),
        };
        let routes = router(Arc::clone(&doors) as _, face);
        runtime.spawn(async move { axum::serve(listener, routes).await });
        Self { port, host, doors, stopping, _device: device, _runtime: runtime }
    }

    /// Sends a request with headers, one a line, and reads the whole answer.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut answer = Vec::new();
        self.open(method, path, headers, body).read_to_end(&mut answer).unwrap();
        Answer::parse(&answer)
    }

    /// Sends a request and leaves the answer to be read.
    pub(crate) fn open(&self, method: &str, path: &str, headers: &[&str], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(GIVE_UP)).unwrap();
        let mut lines = vec![format!("{method} {path} HTTP/1.1"), "connection: close".to_owned()];
        if !headers.iter().any(|header| header.starts_with("host:")) {
            lines.push(format!("host: 127.0.0.1:{}", self.port));
        }
        lines.extend(headers.iter().map(|header| (*header).to_owned()));
        if !body.is_empty() {
            lines.push(format!("content-length: {}", body.len()));
        }
        let text = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    /// Comes in by a fresh link: the cookie's header and the token's.
    pub(crate) fn enter(&self) -> (String, String) {
        let link = self.doors.link();
        let opened = self.send("GET", &format!("/open?token={link}"), &[], "");
        assert_eq!((opened.status, opened.header("location")), (303, Some("/")));
        let cookie = opened.header("set-cookie").unwrap();
        for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(word), "{cookie}");
        }
        let cookie = format!("cookie: {}", cookie.split(';').next().unwrap());
        let session = self.send("GET", "/api/session", &[&cookie], "").json();
        assert_eq!(session["mode"], "device");
        (cookie, format!("x-roadbook-csrf: {}", session["csrf"].as_str().unwrap()))
    }
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body: bytes[split + 4..].to_vec() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn code(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap().to_owned())
    }
}
