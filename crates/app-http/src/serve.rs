//! Serving routes on a listener until told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long a stop waits for requests in flight.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` is done, then tells `stopping`, which ends the streams, and finishes the
/// requests in flight, for ten seconds at most.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    stopping: Arc<watch::Sender<bool>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let mut told = stopping.subscribe();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        stopping.send_replace(true);
    });
    let out_of_grace = async move {
        // An error means that the server is gone, and then nothing is left to wait for.
        if told.wait_for(|stopping| *stopping).await.is_ok() {
            tokio::time::sleep(GRACE).await;
        }
    };
    tokio::select! {
        result = serving => result,
        () = out_of_grace => Ok(()),
    }
}
