//! The bench `window`: from the start of the program to its first screen with records, in the real
//! window on a desktop that nobody sees, with 50,000 records and beside it with none.
//!
//! The page says when its first screen was there (the mark `first-screen`); the kernel says when the
//! process began, in steps of 10 ms. The cost of guessing the passphrase is the least there is: it is
//! chosen to be slow, and a key store has none.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use rustix::time::{ClockId, clock_gettime};

use super::Figure;
use super::device::Device;
use super::measure::median;
use super::process::memory_mb;
use crate::window::desktop::Desktop;
use crate::window::driver::{Opening, Window};
use roadbook_replica::Durability;

const RECORDS: u64 = 50_000;
const ROUNDS: usize = 9;
/// The page's mark of its first screen with records.
const MARK: &str = "first-screen";

/// Measures, in turn with and without records.
///
/// # Errors
/// The window does not open, or a device cannot be made.
pub fn run(programs: &Path, print: &mut dyn FnMut(&Figure)) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("roadbook-window-").tempdir()?;
    let desktop = Desktop::start(&folder.path().join("desktop"))?;
    let mut full = Device::new(Durability::Full)?;
    full.receive(0..RECORDS)?;
    let (full, empty) = (full.close(), Device::new(Durability::Full)?.close());
    let (mut with, mut without, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    // The first one reads the program and WebKit from the disk.
    open(programs, &desktop, full.dir.path())?;
    for _ in 0..ROUNDS {
        let opened = open(programs, &desktop, full.dir.path())?;
        with.push(opened.ms);
        memory.push(opened.memory_mb);
        without.push(open(programs, &desktop, empty.dir.path())?.ms);
    }
    let name = format!("start to first screen, {RECORDS} records");
    print(&Figure::new("window", name, median(&with), "ms").aim(500.0).against(median(&without)));
    print(&Figure::new("window", "memory of the app's own process", median(&memory), "MB"));
    desktop.stop()
}

struct Opened {
    ms: f64,
    memory_mb: f64,
}

fn open(programs: &Path, desktop: &Desktop, device: &Path) -> Result<Opened> {
    let window = Window::open(
        desktop,
        &Opening { programs, device, passphrase: Some("bench"), address: None },
    )?;
    let mark = format!("performance.getEntriesByName('{MARK}')[0]");
    window.wait("the first screen is there", &mark)?;
    let seen = window.run(&format!("return performance.timeOrigin + {mark}.startTime"))?;
    let seen = seen.as_f64().context("a time of the page")?;
    let pid = u32::try_from(window.pid().as_raw_nonzero().get())?;
    let opened = Opened { ms: seen - began_ms(pid)?, memory_mb: memory_mb(pid)? };
    window.close()?;
    Ok(opened)
}

/// When a process began, in milliseconds since 1970 (proc(5): field 22 of `stat`, ticks since boot).
#[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 are below 2^52")]
fn began_ms(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after = stat.rsplit(')').next().context("a name in brackets")?;
    let ticks: u64 = after.split_whitespace().nth(19).context("when it began")?.parse()?;
    let per_second = rustix::param::clock_ticks_per_second();
    let since_boot = clock_gettime(ClockId::Boottime);
    let since_boot_ms = since_boot.tv_sec as f64 * 1e3 + since_boot.tv_nsec as f64 / 1e6;
    let age_ms = since_boot_ms - ticks as f64 * 1e3 / per_second as f64;
    Ok(wall_ms()? - age_ms)
}

fn wall_ms() -> Result<f64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(now.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_began_before_now_and_not_long_ago() {
        let began = began_ms(std::process::id()).expect("this process has a start");
        let age_ms = wall_ms().expect("after 1970") - began;
        assert!((0.0..3_600_000.0).contains(&age_ms), "{age_ms}");
    }
}
