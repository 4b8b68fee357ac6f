//! The hybrid logical clock: milliseconds << 16 | counter, in a change's own `time` (D2).
//!
//! Reads no clock: the host passes the wall time in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One reading of the hybrid clock. Ordered; unique per device because each tick rises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Hlc(pub i64);

impl Hlc {
    /// Builds a reading from wall milliseconds since 1970 and a counter.
    #[must_use]
    pub const fn new(millis: i64, counter: u16) -> Self {
        Self((millis << 16) | counter as i64)
    }

    /// Wall milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0 >> 16
    }

    /// The next reading after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Debug for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hlc({}+{})", self.millis(), self.0 & 0xffff)
    }
}

/// Gives out rising readings of the hybrid clock.
#[derive(Debug, Clone, Default)]
pub struct HlcClock {
    last: Hlc,
}

impl HlcClock {
    /// Starts after a reading that was given out or seen before.
    #[must_use]
    pub const fn after(last: Hlc) -> Self {
        Self { last }
    }

    /// A reading greater than all given out or observed, at least the wall time.
    pub fn tick(&mut self, wall_ms: i64) -> Hlc {
        self.last = Hlc::new(wall_ms, 0).max(self.last.next());
        self.last
    }

    /// Takes notice of a reading from elsewhere, so that later ticks are greater.
    pub fn observe(&mut self, seen: Hlc) {
        self.last = self.last.max(seen);
    }

    /// The last reading given out or observed.
    #[must_use]
    pub const fn last(&self) -> Hlc {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_rise_even_when_the_wall_clock_goes_back() {
        let mut clock = HlcClock::default();
        let first = clock.tick(1_000);
        let second = clock.tick(900);
        assert!(second > first, "a set-back wall clock must not give an older reading");
        clock.observe(Hlc::new(5_000, 3));
        assert!(clock.tick(1_000) > Hlc::new(5_000, 3), "what was seen is never later than ours");
        assert_eq!(clock.tick(6_000).millis(), 6_000);
    }
}
