//! A tap on the line between devices and the server: it keeps every request and answer, and where
//! the server's rows stood after each.
//!
//! One exchange at a time, so that the rows between two of them belong to the second.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result, ensure};
use rusqlite::{Connection, OpenFlags};

use crate::bench::record;

/// A message of HTTP/1.1 whose length is given.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// Line and headers, as they came.
    pub(super) head: Vec<u8>,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// Reads the next one; `None` at the end of the connection.
    pub(super) fn read(from: &mut BufReader<TcpStream>) -> Result<Option<Self>> {
        let mut head = Vec::new();
        loop {
            let before = head.len();
            if from.read_until(b'\n', &mut head)? == 0 {
                ensure!(head.is_empty(), "a message was cut off in its head");
                return Ok(None);
            }
            if matches!(&head[before..], b"\r\n" | b"\n") {
                break;
            }
        }
        let text = std::str::from_utf8(&head)?;
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim())
        });
        let length = length.with_context(|| format!("a message without a length: {text}"))?;
        let mut body = vec![0; length.parse()?];
        from.read_exact(&mut body)?;
        Ok(Some(Self { head, body }))
    }

    pub(super) fn write(&self, to: &mut TcpStream) -> Result<()> {
        to.write_all(&[self.head.as_slice(), self.body.as_slice()].concat())?;
        Ok(())
    }
}

/// A request, its answer, and the last row that the server had written then.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) request: Message,
    pub(super) answer: Message,
    pub(super) rows_to: i64,
}

struct Shared {
    server: SocketAddr,
    /// The database that notes the server's rows, and what was exchanged.
    kept: Mutex<(Connection, Vec<Exchange>)>,
}

/// The tap.
pub(super) struct Tap {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Tap {
    /// Listens before a server whose database notes its rows.
    pub(super) fn start(server: SocketAddr, database: &Path) -> Result<Self> {
        let notes = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let listener = TcpListener::bind("127.0.0.1:0").context("a tap cannot listen")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { server, kept: Mutex::new((notes, Vec::new())) });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for incoming in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&of_thread);
                // A connection that fails fails the device's sync.
                thread::spawn(move || drop(carry(&shared, incoming)));
            }
        });
        Ok(Self { address, shared })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was exchanged since the last call.
    pub(super) fn take(&self) -> Vec<Exchange> {
        let mut kept = self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut kept.1)
    }
}

fn carry(shared: &Shared, device: TcpStream) -> Result<()> {
    let mut to_server = TcpStream::connect(shared.server)?;
    to_server.set_nodelay(true)?;
    device.set_nodelay(true)?;
    let mut from_server = BufReader::new(to_server.try_clone()?);
    let mut to_device = device.try_clone()?;
    let mut from_device = BufReader::new(device);
    while let Some(request) = Message::read(&mut from_device)? {
        let mut kept = shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        request.write(&mut to_server)?;
        let answer = Message::read(&mut from_server)?.context("the server hung up")?;
        let rows_to = record::last(&kept.0)?;
        let answered = answer.clone();
        kept.1.push(Exchange { request, answer, rows_to });
        drop(kept);
        answered.write(&mut to_device)?;
    }
    Ok(())
}
