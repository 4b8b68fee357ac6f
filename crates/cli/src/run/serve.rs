//! `serve`: this device's app for a browser on this machine.
//!
//! Listens on loopback alone. Whoever opens the address that is printed is let in, once; then a new
//! one is printed, for the next window.

use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::{Backend, Host, Place as DevicePlace, Session, Settings};
use roadbook_app_http::{Bundle, Face, Hosts, OwnDevice, Transport, router};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Place;
use super::device::runtime;
use crate::args::Serve;
use crate::exit::{self, Exit};
use crate::host::Machine;
use crate::terminal::{Form, Terminal};
use crate::unlock;

/// At most so many pages listen for events.
const STREAMS: usize = 32;

/// How long the body of a request may take to come.
const BODY_TIME: Duration = Duration::from_secs(60);

/// Where the app is served.
#[derive(Serialize)]
struct Served {
    /// The address of the page.
    address: String,
    /// Lets one browser in, once, within ten minutes. A secret.
    open: String,
    /// The process.
    pid: u32,
}

pub(super) fn serve(at: &Place<'_>, args: &Serve) -> Result<Exit, ApiError> {
    let program = std::env::current_exe().ok();
    let bundle = Bundle::find(args.ui.as_deref(), program.as_deref())
        .map_err(|error| super::bad_input("ui", &error.to_string(), "name another folder"))?;
    if bundle.is_none() {
        at.terminal.note(
            "the page is not here, commands alone are served; build it with `cargo xtask ui`, or \
             name its folder with --ui",
        );
    }
    let place = DevicePlace {
        folder: at.folder()?,
        settings: Settings::shipped(),
        host: Arc::new(Machine),
        passphrase: unlock::from_environment(),
        // The browser keeps what it is given.
        files: None,
    };
    runtime()?.block_on(serve_until_stopped(at.terminal, args, place, bundle))
}

async fn serve_until_stopped(
    terminal: &Terminal,
    args: &Serve,
    place: DevicePlace,
    bundle: Option<Bundle>,
) -> Result<Exit, ApiError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await.map_err(|error| {
        let message = format!("cannot listen on 127.0.0.1:{}: {error}", args.port);
        ApiError::new(ErrorCode::File, message)
    })?;
    let port = listener.local_addr().map(|address| address.port()).unwrap_or(args.port);
    let host: Arc<dyn Host> = Arc::clone(&place.host);
    let session = Arc::new(Session::open(place).await?);
    let doors = Arc::new(OwnDevice::new(Arc::clone(&session) as Arc<dyn Backend>, host));
    let stopping = Arc::new(watch::Sender::new(false));
    let face = Face {
        hosts: Hosts::loopback(port),
        transport: Transport::Plain,
        // Cookies do not tell ports apart; two devices on one machine must.
        cookie: format!("roadbook-{port}"),
        bundle,
        streams: STREAMS,
        body_time: BODY_TIME,
        stopping: stopping.subscribe(),
    };
    let routes = router(Arc::clone(&doors) as _, face);
    let first = announce(terminal, &doors, port)?;
    if args.open {
        open_browser(terminal, &first);
    }
    let served = roadbook_app_http::serve(listener, routes, stopping, interrupted());
    let links = async {
        loop {
            doors.entered().await;
            announce(terminal, &doors, port)?;
        }
    };
    let served = tokio::select! {
        served = served => served.map_err(|error| {
            ApiError::new(ErrorCode::File, format!("cannot serve any longer: {error}"))
        }),
        failed = links => failed,
    };
    session.stop().await;
    served?;
    Ok(exit::OK)
}

/// Prints where the app is, with a fresh link; gives the link.
fn announce(terminal: &Terminal, doors: &OwnDevice, port: u16) -> Result<String, ApiError> {
    let address = format!("http://127.0.0.1:{port}/");
    let open = format!("{address}open?token={}", doors.link());
    match terminal.form {
        Form::Json => {
            let served = Served { address, open: open.clone(), pid: std::process::id() };
            terminal.json_line(&served)?;
        }
        Form::Text => {
            terminal.line(&format!("open once, within ten minutes: {open}"))?;
        }
    }
    Ok(open)
}

/// Opens the link in the user's browser.
fn open_browser(terminal: &Terminal, link: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started = Command::new(program)
        .arg(link)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(error) = started {
        terminal
            .note(&format!("no browser could be opened ({program}: {error}); open it yourself"));
    }
}

/// Done at Ctrl-C, or when the process is asked to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    // Without signals the process can only be killed, which loses nothing either.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
