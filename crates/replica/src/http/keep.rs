//! Keeping in sync: an event of the server, work that was saved, or a timer leads to a sync.
//!
//! Events are hints; the timer is the guarantee (D6).

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Notify;

use crate::Replica;
use crate::exchange::Verify;
use crate::http::backoff::{Backoff, random};
use crate::http::{Cancel, Host, Link, Seen, SyncError};

/// How long nothing happens at most, while events come.
const TIMER: Duration = Duration::from_secs(60);

/// How long a sync that was called for waits for more: what is saved in one go is sent in one go,
/// and the screen that shows it is drawn before the exchange takes the processor.
const GATHER: Duration = Duration::from_millis(150);

impl Link {
    /// Syncs for ever: at once, on a timer, and a moment after the server says that there is more or
    /// `wake` is notified (something was saved). Backs off while the server cannot be reached. Ends
    /// when cancelled.
    ///
    /// # Errors
    /// [`SyncError`] of kinds that waiting does not mend: a revoked device, a damaged database.
    pub async fn keep_in_sync(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        wake: &Notify,
        observer: &(dyn Fn(Seen<'_>) + Send + Sync),
        cancel: &Cancel,
    ) -> Result<(), SyncError> {
        let news = Notify::new();
        tokio::select! {
            ended = self.sync_on(replica, host, wake, &news, observer, cancel) => ended,
            () = self.listen(replica, host, &news, cancel) => Ok(()),
        }
    }

    async fn sync_on(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        wake: &Notify,
        news: &Notify,
        observer: &(dyn Fn(Seen<'_>) + Send + Sync),
        cancel: &Cancel,
    ) -> Result<(), SyncError> {
        let mut pause = Pause::new();
        let mut called = false;
        loop {
            observer(Seen::Started);
            let progress = |progress| observer(Seen::Came(progress));
            let done = self.sync(replica, host, Verify::No, &progress, cancel).await;
            if matches!(done, Err(SyncError::Cancelled)) {
                return Ok(());
            }
            observer(Seen::Ended(done.as_ref()));
            match done {
                Ok(_) => pause.reset(),
                Err(error) if error.is_retryable() => pause.failed(called, random(host)),
                Err(error) => return Err(error),
            }
            called = tokio::select! {
                () = tokio::time::sleep(pause.wait) => false,
                () = wake.notified() => true,
                () = news.notified() => true,
                () = cancel.cancelled() => return Ok(()),
            };
            if !called {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                () = cancel.cancelled() => return Ok(()),
            }
        }
    }

    /// Turns the server's events into wake-ups, and the end of their stream too: a sync then finds
    /// out at once whether the server can still be reached, and tells. So does one when the stream
    /// is there: what came before it is not told by it. Ends when cancelled.
    async fn listen(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        news: &Notify,
        cancel: &Cancel,
    ) {
        let mut backoff = Backoff::long();
        let mut is_lost = false;
        loop {
            let streamed = tokio::select! {
                streamed = self.stream(replica, host, news, &mut backoff, &mut is_lost) => streamed,
                () = cancel.cancelled() => return,
            };
            // Also where it never began: the server may have gone just before.
            if !is_lost {
                news.notify_one();
            }
            is_lost = true;
            if let Err(error) = streamed {
                tracing::debug!("no events for now: {error}");
            }
            if backoff.wait(host, cancel).await.is_err() {
                return;
            }
        }
    }

    async fn stream(
        &self,
        replica: &Mutex<Replica>,
        host: &dyn Host,
        news: &Notify,
        backoff: &mut Backoff,
        is_lost: &mut bool,
    ) -> Result<(), SyncError> {
        let mut response = self.events(replica, host).await?;
        *is_lost = false;
        news.notify_one();
        let mut lines = Lines::default();
        while let Some(chunk) = response.chunk().await.map_err(SyncError::Offline)? {
            if lines.push(&chunk) {
                backoff.reset();
                news.notify_one();
            }
        }
        Ok(())
    }
}

/// How long nothing happens between two syncs.
#[derive(Debug)]
struct Pause {
    wait: Duration,
    backoff: Backoff,
    is_failing: bool,
}

impl Pause {
    const fn new() -> Self {
        Self { wait: TIMER, backoff: Backoff::long(), is_failing: false }
    }

    /// A sync went well.
    const fn reset(&mut self) {
        *self = Self::new();
    }

    /// A sync failed: the wait is longer than the one before, but not for a sync that was called
    /// for. Whoever saves often while offline is not left alone for longer.
    fn failed(&mut self, called: bool, random: u32) {
        if !(called && self.is_failing) {
            self.wait = self.backoff.step(random);
        }
        self.is_failing = true;
    }
}

/// Cuts a stream of server-sent events into lines.
#[derive(Debug, Default)]
struct Lines {
    rest: Vec<u8>,
}

/// No line of ours is longer.
const LONGEST_LINE: usize = 4_096;

impl Lines {
    /// Takes a chunk. Says whether it ended an `event: more`.
    fn push(&mut self, chunk: &[u8]) -> bool {
        let mut more = false;
        for byte in chunk {
            match byte {
                b'\n' | b'\r' => {
                    more |= is_more(&self.rest);
                    self.rest.clear();
                }
                _ if self.rest.len() < LONGEST_LINE => self.rest.push(*byte),
                _ => {}
            }
        }
        more
    }
}

fn is_more(line: &[u8]) -> bool {
    let value = line.strip_prefix(b"event:").unwrap_or_default();
    value.strip_prefix(b" ").unwrap_or(value) == b"more"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_with_what_the_timer_tries_and_not_with_what_is_saved() {
        let mut pause = Pause::new();
        assert_eq!(pause.wait, TIMER);
        pause.failed(true, u32::MAX);
        let first = pause.wait;
        assert!(first < TIMER, "the first failure is looked at again soon");
        for _ in 0..20 {
            pause.failed(true, u32::MAX);
        }
        assert_eq!(pause.wait, first);
        pause.failed(false, u32::MAX);
        assert_eq!(pause.wait, first * 2);
        pause.reset();
        assert_eq!(pause.wait, TIMER);
    }

    #[test]
    fn events_are_found_however_the_stream_is_cut() {
        let stream = b": keep-alive\n\nevent: more\ndata: 7\n\nevent:other\n\n";
        for cut in 0..stream.len() {
            let mut lines = Lines::default();
            let found = [lines.push(&stream[..cut]), lines.push(&stream[cut..])];
            assert_eq!(found.iter().filter(|more| **more).count(), 1, "cut at {cut}");
        }
        let mut lines = Lines::default();
        assert!(!lines.push(&vec![b'x'; LONGEST_LINE * 2]));
        assert!(lines.rest.len() <= LONGEST_LINE, "memory is bounded");
    }
}
