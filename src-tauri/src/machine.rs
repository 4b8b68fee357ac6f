//! The clock and the randomness of this machine (D13).

use std::time::UNIX_EPOCH;

use roadbook_app::Host;

/// This machine.
#[derive(Debug)]
pub(crate) struct Machine;

#[allow(clippy::disallowed_methods, reason = "a host is where clock, zone and chance come from")]
impl Host for Machine {
    fn wall_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn fill(&self, out: &mut [u8]) {
        getrandom::fill(out).expect("the operating system always has randomness");
    }

    fn offset_minutes(&self, at_ms: i64) -> i32 {
        let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or_default();
        jiff::tz::TimeZone::system().to_offset(at).seconds() / 60
    }
}
