//! Keeps a replica up to date: with the log, and after a failure by a timer.

use std::sync::{Arc, Weak};
use std::time::Duration;

use roadbook_app_http::ErrorCode;
use roadbook_app_http::hosted::Hosted;
use tokio::sync::watch;

/// How long to wait after a refresh that failed: twice as long after each further one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retry {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

impl Retry {
    /// What the shipped server does.
    pub(super) const SHIPPED: Self =
        Self { first: Duration::from_millis(250), longest: Duration::from_secs(30) };
}

/// Takes in the rest of what the user may see, and then what is new whenever the log has moved.
///
/// A refresh for which the server is too busy is tried again on a timer, be the log quiet or not.
/// After any other failure the replica is given up: the next command opens a new one.
pub(super) async fn follow(mut head: watch::Receiver<u64>, hosted: Weak<Hosted>, retry: Retry) {
    head.mark_changed();
    while head.changed().await.is_ok() {
        let mut wait = retry.first;
        loop {
            let Some(replica) = hosted.upgrade() else { return };
            let refreshing = Arc::clone(&replica);
            match tokio::task::spawn_blocking(move || refreshing.refresh()).await {
                Ok(Ok(())) => break,
                Ok(Err(error)) => {
                    tracing::debug!(code = error.code.word(), "a hosted replica was not refreshed");
                    if error.code != ErrorCode::Busy || !replica.is_usable() {
                        return replica.give_up();
                    }
                }
                Err(error) => {
                    tracing::error!(cause = error.to_string(), "a refresh did not end");
                    return replica.give_up();
                }
            }
            drop(replica);
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(retry.longest);
        }
    }
}
