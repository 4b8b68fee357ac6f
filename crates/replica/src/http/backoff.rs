//! Waiting longer after each failure, with jitter, so that devices do not come back in step.

use std::time::Duration;

use crate::http::{Cancel, Host, SyncError};

/// How long to wait after the next failure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    first: Duration,
    next: Duration,
    longest: Duration,
}

impl Backoff {
    /// Within one sync.
    pub(super) const fn short() -> Self {
        Self::new(Duration::from_millis(250), Duration::from_secs(4))
    }

    /// Between syncs.
    pub(super) const fn long() -> Self {
        Self::new(Duration::from_secs(2), Duration::from_secs(300))
    }

    const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, next: first, longest }
    }

    /// Begins again, after something went well.
    pub(super) const fn reset(&mut self) {
        self.next = self.first;
    }

    /// The next wait: half of it fixed, half by chance. Doubles up to the longest.
    pub(super) fn step(&mut self, random: u32) -> Duration {
        let half = self.next / 2;
        self.next = (self.next * 2).min(self.longest);
        half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }

    /// Waits, unless cancelled.
    pub(super) async fn wait(&mut self, host: &dyn Host, cancel: &Cancel) -> Result<(), SyncError> {
        let wait = self.step(random(host));
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            () = cancel.cancelled() => Err(SyncError::Cancelled),
        }
    }
}

pub(super) fn random(host: &dyn Host) -> u32 {
    let mut bytes = [0; 4];
    host.fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_again_after_success() {
        let mut backoff = Backoff::short();
        assert_eq!(backoff.step(0), Duration::from_millis(125));
        assert_eq!(backoff.step(u32::MAX), Duration::from_millis(500));
        for _ in 0..10 {
            assert!(backoff.step(u32::MAX) <= Duration::from_secs(4));
        }
        backoff.reset();
        assert_eq!(backoff.step(u32::MAX), Duration::from_millis(250));
    }
}
