//! `serve`: the server in the foreground, until SIGTERM or SIGINT.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::arguments::{Common, Serve};
use super::failure::{Exit, Failure};
use super::output::Answer;
use super::{Host, configuration};
use crate::data_dir::DataDir;
use crate::http::{self, Server};
use crate::observe::logging;

/// How many blocking calls run at the same time: enough to use the machine, few enough that their
/// buffers stay small.
const BLOCKING_THREADS: usize = 16;

/// How long the end waits for what is still being done on threads of its own.
const LAST_WORK: std::time::Duration = std::time::Duration::from_secs(5);

pub(super) fn serve(
    options: &Serve,
    common: &Common,
    host: &mut Host<'_>,
) -> Result<Answer, Failure> {
    let listen = match (&options.listen, options.port) {
        (Some(address), _) => Some(("listen.address", "--listen", address.clone())),
        (None, Some(port)) => Some(("listen.address", "--port", format!("127.0.0.1:{port}"))),
        (None, None) => None,
    };
    let (config, _) = configuration(common, host, listen.into_iter().collect())?;
    let dir = DataDir::new(config.data_dir.clone());
    if dir.names()?.is_empty() {
        return Err(Failure::new(
            Exit::NotFound,
            "no_tenant",
            format!("there is no tenant in {}", dir.root().display()),
            "make one with `roadbook-server init`, or name the data directory with --data-dir",
        ));
    }
    let lock = dir.lock()?;
    let address = config.listen;
    let announce = options.announce || options.port == Some(0);
    let server = Server::open(config.clone(), Arc::clone(&host.clock), (host.ids)())?;
    logging::start(&config).map_err(|error| failed("logging", &error))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(|error| failed("runtime", &error.into()))?;
    let ended = runtime.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::new(
                Exit::Failed,
                "cannot_listen",
                format!("cannot listen on {address}: {error}"),
                "stop what listens there, or choose another address with --listen",
            )
        })?;
        let bound = listener.local_addr().map_err(|error| failed("listener", &error.into()))?;
        // Before anybody learns the address, so that a signal is never missed.
        let stop = stop_signal().map_err(|error| failed("signals", &error.into()))?;
        if announce {
            let line = json!({
                "listening": format!("http://{bound}"),
                "address": bound.to_string(),
                "pid": std::process::id(),
            });
            writeln!(host.output, "{line}")
                .and_then(|()| host.output.flush())
                .map_err(|error| failed("output", &error.into()))?;
        }
        let tenants = server.tenant_count();
        tracing::info!(address = bound.to_string(), tenants, "listening on {bound}");
        http::serve(listener, Arc::new(server), stop)
            .await
            .map_err(|error| failed("listener", &error.into()))
    });
    // A replica that is just being filled must not outlive what it is encrypted with.
    runtime.shutdown_timeout(LAST_WORK);
    drop(lock);
    ended?;
    tracing::info!("stopped");
    Ok(Answer { json: Value::Null, text: String::new() })
}

/// Ends at SIGTERM or SIGINT.
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn failed(code: &'static str, error: &anyhow::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        code,
        format!("{error:#}"),
        "see the message above; it comes from the operating system",
    )
}
