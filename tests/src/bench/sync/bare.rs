//! The baseline of the `sync` bench: a bare endpoint, in a process of its own.
//!
//! It takes the very requests that the devices sent and gives the very answers that the server
//! gave, over axum and a blocking thread as the server does. For each request it writes the rows
//! that the server wrote for it, in one plain SQLite transaction with the server's settings, into a
//! copy of the server's database, and reads the rows that went into the page. It decodes,
//! compresses, verifies, merges and decides nothing: the distance to it is what the server does.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use roadbook_sync_protocol::frame::{MAX_FRAME_BYTES, MEDIA_TYPE};
use roadbook_sync_protocol::{PageItem, SyncResponse, decode};
use rusqlite::{Connection, Params};
use serde::{Deserialize, Serialize};

use super::tap::{Exchange, Message};
use crate::bench::record::{Notes, Write};

/// The option of `roadbook-bench` that makes it a bare endpoint.
pub const OPTION: &str = "--bare-endpoint";

/// A row that went into a page.
#[derive(Debug, Serialize, Deserialize)]
enum Read {
    /// A document, and the log of what was done to it.
    Document { record: [u8; 16], facet: u8 },
    /// An envelope of the log, with its parts.
    Envelope { seq: u64 },
}

/// What the endpoint does for one request.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    writes: Vec<Write>,
    reads: Vec<Read>,
    answer: Vec<u8>,
}

/// All requests, and what is done for each.
pub(super) struct Script {
    requests: Vec<Message>,
    tasks: Vec<u8>,
}

impl Script {
    /// Makes it of what was recorded.
    pub(super) fn of(exchanges: &[Exchange], notes: &Notes) -> Result<Self> {
        let mut rows = notes.rows.iter().peekable();
        let mut tasks = Vec::with_capacity(exchanges.len());
        for exchange in exchanges {
            let mut writes = Vec::new();
            while let Some(noted) = rows.next_if(|noted| noted.at <= exchange.rows_to) {
                writes.push(notes.tables[noted.table].write(&noted.change));
            }
            let answer = exchange.answer.body.clone();
            let said: SyncResponse = decode(&answer).context("only syncs are recorded")?;
            let items = said.page.map(|page| page.items).unwrap_or_default();
            tasks.push(Task { writes, reads: items.iter().filter_map(read).collect(), answer });
        }
        ensure!(rows.next().is_none(), "rows were written after the last answer");
        let requests = exchanges.iter().map(|exchange| exchange.request.clone()).collect();
        Ok(Self { requests, tasks: postcard::to_allocvec(&tasks)? })
    }
}

fn read(item: &PageItem) -> Option<Read> {
    match item {
        PageItem::Snapshot(snapshot) => Some(Read::Document {
            record: *snapshot.document.record.as_bytes(),
            facet: snapshot.document.facet as u8,
        }),
        PageItem::Accepted(item) => Some(Read::Envelope { seq: item.seq }),
        PageItem::Forget(_) => None,
    }
}

/// A bare endpoint that runs.
pub(super) struct Endpoint<'s> {
    child: Child,
    line: BufReader<TcpStream>,
    left: std::slice::Iter<'s, Message>,
}

impl<'s> Endpoint<'s> {
    /// Starts it on a copy of the server's database.
    pub(super) fn start(script: &'s Script, database: &Path) -> Result<Self> {
        let tasks = database.with_extension("tasks");
        std::fs::write(&tasks, &script.tasks)?;
        let mut child = Command::new(std::env::current_exe()?)
            .args([OPTION.as_ref(), database.as_os_str()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        BufReader::new(child.stdout.take().context("an output")?).read_line(&mut said)?;
        let address: SocketAddr = said.trim().parse().context("the endpoint's address")?;
        let line = TcpStream::connect(address)?;
        line.set_nodelay(true)?;
        Ok(Self { child, line: BufReader::new(line), left: script.requests.iter() })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends the next requests, one after the other.
    pub(super) fn send(&mut self, count: usize) -> Result<()> {
        for request in self.left.by_ref().take(count) {
            request.write(self.line.get_mut())?;
            let answer = Message::read(&mut self.line)?.context("the endpoint hung up")?;
            ensure!(answer.head.starts_with(b"HTTP/1.1 200"), "the endpoint failed");
        }
        Ok(())
    }
}

impl Drop for Endpoint<'_> {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop((self.child.kill(), self.child.wait()));
    }
}

const DOCUMENT: &str = "SELECT * FROM documents WHERE record = ?1 AND facet = ?2";
const HISTORY: &str = "SELECT * FROM log_parts JOIN log ON log.seq = log_parts.place / 32
                       WHERE record = ?1 AND facet = ?2 ORDER BY place";
const ENVELOPE: &str = "SELECT * FROM log WHERE seq = ?1";
const PARTS: &str = "SELECT * FROM log_parts WHERE place >= ?1 AND place < ?2";

struct Bare {
    connection: Mutex<Connection>,
    tasks: Vec<Task>,
    next: AtomicUsize,
}

/// Runs the endpoint until it is killed; its address on stdout.
///
/// # Errors
/// If the database or the tasks beside it cannot be opened.
pub fn serve(database: &Path) -> Result<()> {
    let tasks = std::fs::read(PathBuf::from(database).with_extension("tasks"))?;
    let connection = Connection::open(database)?;
    connection.set_prepared_statement_cache_capacity(160);
    // As `roadbook-server` sets them.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000;
         PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = OFF;",
    )?;
    let bare = Arc::new(Bare {
        connection: Mutex::new(connection),
        tasks: postcard::from_bytes(&tasks)?,
        next: AtomicUsize::new(0),
    });
    drop(tasks);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        #[allow(clippy::print_stdout, reason = "the bench reads the address")]
        {
            println!("{}", listener.local_addr()?);
        }
        Ok(axum::serve(listener, Router::new().fallback(answer).with_state(bare)).await?)
    })
}

type Answer = ([(axum::http::HeaderName, &'static str); 1], Vec<u8>);

async fn answer(State(bare): State<Arc<Bare>>, request: Request) -> Result<Answer, StatusCode> {
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let body = axum::body::to_bytes(request.into_body(), MAX_FRAME_BYTES).await.map_err(failed)?;
    let done = tokio::task::spawn_blocking(move || {
        std::hint::black_box(&body);
        bare.perform()
    });
    let answer = done.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], answer.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?))
}

impl Bare {
    fn perform(&self) -> Result<Vec<u8>> {
        let task = self.tasks.get(self.next.fetch_add(1, Ordering::Relaxed));
        let task = task.context("more requests than were recorded")?;
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if !task.writes.is_empty() {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            task.writes.iter().try_for_each(|write| write.run(&connection))?;
            connection.execute_batch("COMMIT")?;
        }
        for read in &task.reads {
            match read {
                Read::Document { record, facet } => {
                    all(&connection, DOCUMENT, (record, facet))?;
                    all(&connection, HISTORY, (record, facet))?;
                }
                Read::Envelope { seq } => {
                    all(&connection, ENVELOPE, [seq])?;
                    all(&connection, PARTS, [seq * 32, (seq + 1) * 32])?;
                }
            }
        }
        drop(connection);
        Ok(task.answer.clone())
    }
}

/// Reads every column of every row.
fn all(connection: &Connection, sql: &str, bound: impl Params) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut rows = statement.query(bound)?;
    while let Some(row) = rows.next()? {
        for at in 0..width {
            std::hint::black_box(row.get_ref(at)?);
        }
    }
    Ok(())
}
