//! A relay between one device and the server: it can cut the line, also in the middle of an answer,
//! hold an answer back, and keeps every byte that the server sent.
//!
//! It gives the device an address that stays the same, and the story an observer of everything
//! that reached the device.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, ensure};

/// An answer that shall be held back must come within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Open,
    Cut,
    /// Requests pass, answers do not.
    Holding,
}

/// What the line does after it broke in the middle of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Afterwards {
    /// The next connection works.
    Open,
    /// There is no network until it is opened.
    Cut,
}

#[derive(Debug)]
struct State {
    line: Line,
    /// How many bytes of answers still pass before the connection breaks.
    breaks_in: Option<(usize, Afterwards)>,
    held: u64,
    received: Vec<Vec<u8>>,
    open: Vec<TcpStream>,
}

/// One relay.
#[derive(Debug)]
pub(crate) struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

impl State {
    /// Counts bytes of answers; where the connection is to break among them.
    fn passes(&mut self, count: usize) -> Option<usize> {
        let (left, afterwards) = self.breaks_in?;
        if count < left {
            self.breaks_in = Some((left - count, afterwards));
            return None;
        }
        self.breaks_in = None;
        if afterwards == Afterwards::Cut {
            self.line = Line::Cut;
        }
        Some(left)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Relay {
    /// Listens on a free port of this machine.
    pub(crate) fn start(server: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("a relay cannot listen")?;
        let address = listener.local_addr()?;
        let state = State {
            line: Line::Open,
            breaks_in: None,
            held: 0,
            received: Vec::new(),
            open: Vec::new(),
        };
        let shared = Arc::new(Shared { server, state: Mutex::new(state), changed: Condvar::new() });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for incoming in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&of_thread);
                // A connection that fails is the device's matter: it tries again. It is closed here:
                // what is kept for cutting the line would hold it open.
                thread::spawn(move || {
                    drop((carry(&shared, &incoming), incoming.shutdown(Shutdown::Both)));
                });
            }
        });
        Ok(Self { address, shared })
    }

    /// The address for the device.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes the device off the network.
    pub(crate) fn cut(&self) {
        let mut state = self.shared.state();
        state.line = Line::Cut;
        for stream in state.open.drain(..) {
            // It may be closed already.
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    /// Breaks the connection once, after so many more bytes of answers.
    pub(crate) fn break_after(&self, bytes: usize, afterwards: Afterwards) {
        self.shared.state().breaks_in = Some((bytes, afterwards));
    }

    /// Whether a connection was broken since [`Self::break_after`].
    pub(crate) fn has_broken(&self) -> bool {
        self.shared.state().breaks_in.is_none()
    }

    /// Puts the device back on the network.
    pub(crate) fn open(&self) {
        self.shared.state().line = Line::Open;
    }

    /// Lets requests through and keeps answers back from now on.
    pub(crate) fn hold(&self) {
        let mut state = self.shared.state();
        state.line = Line::Holding;
        state.held = 0;
    }

    /// Waits until the server has answered something that is held back.
    pub(crate) fn wait_for_held(&self) -> anyhow::Result<()> {
        let held = self
            .shared
            .changed
            .wait_timeout_while(self.shared.state(), PATIENCE, |state| state.held == 0)
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .held;
        ensure!(held > 0, "the server answered nothing within {PATIENCE:?}");
        Ok(())
    }

    /// Everything that the server sent to the device, connection by connection.
    pub(crate) fn received(&self) -> Vec<Vec<u8>> {
        self.shared.state().received.clone()
    }
}

fn carry(shared: &Arc<Shared>, device: &TcpStream) -> std::io::Result<()> {
    let number = {
        let mut state = shared.state();
        if state.line == Line::Cut {
            return Ok(());
        }
        state.open.push(device.try_clone()?);
        state.received.push(Vec::new());
        state.received.len() - 1
    };
    let server = TcpStream::connect(shared.server)?;
    shared.state().open.push(server.try_clone()?);
    let (mut from_device, mut to_server) = (device.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let copied = std::io::copy(&mut from_device, &mut to_server);
        // Either side may be gone.
        drop((copied, to_server.shutdown(Shutdown::Write)));
    });
    answers(shared, number, server, device)
}

fn answers(
    shared: &Shared,
    number: usize,
    mut server: TcpStream,
    mut device: &TcpStream,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = server.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        let (line, broken_at) = {
            let mut state = shared.state();
            state.received[number].extend_from_slice(&buffer[..count]);
            if state.line == Line::Holding {
                state.held += 1;
            }
            (state.line, state.passes(count))
        };
        if let Some(at) = broken_at {
            return device.write_all(&buffer[..at]);
        }
        match line {
            Line::Open => device.write_all(&buffer[..count])?,
            Line::Holding => shared.changed.notify_all(),
            Line::Cut => return Ok(()),
        }
    }
}
