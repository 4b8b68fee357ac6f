//! What the library needs of the world: the time. Hosts and tests bring their own (D13).

use std::time::Duration;

/// A clock.
pub trait Clock: Send + Sync {
    /// Wall time, in milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// Time since some fixed moment; never goes back. For durations only.
    fn monotonic(&self) -> Duration;
}
