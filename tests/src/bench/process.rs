//! CPU time and memory of another process, from `/proc`.
//!
//! CPU is the sum of what the scheduler counted for each of its threads, in nanoseconds
//! (`/proc/<pid>/task/*/schedstat`, first field). A thread that ends takes its count along; the
//! process's own count in ticks (`/proc/<pid>/stat`, proc(5), fields 14 and 15) keeps it, so where
//! the two differ by more than the ticks' coarseness the coarse one is right.

use anyhow::{Context as _, Result};

/// A process's CPU time at one moment.
#[derive(Debug, Clone, Copy)]
pub struct CpuReading {
    threads_ns: u64,
    ticks: u64,
}

impl CpuReading {
    /// Reads it.
    ///
    /// # Errors
    /// If there is no such process.
    pub fn of(pid: u32) -> Result<Self> {
        let mut threads_ns = 0;
        for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
            // One that ended since has no count any more.
            let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) else {
                continue;
            };
            let on_cpu = text.split_whitespace().next().context("a time on the CPU")?;
            threads_ns += on_cpu.parse::<u64>()?;
        }
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let after = stat.rsplit(')').next().context("a name in brackets")?;
        let times = after.split_whitespace().skip(11).take(2);
        let ticks = times.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Self { threads_ns, ticks })
    }

    /// The microseconds since an earlier reading.
    #[must_use]
    pub fn us_since(self, earlier: Self) -> f64 {
        let tick_ns = 1_000_000_000 / rustix::param::clock_ticks_per_second();
        let fine = self.threads_ns.saturating_sub(earlier.threads_ns);
        let coarse = self.ticks.saturating_sub(earlier.ticks) * tick_ns;
        let ns = if coarse > fine + 2 * tick_ns { coarse } else { fine };
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52 nanoseconds, 52 days")]
        let ns = ns as f64;
        ns / 1e3
    }
}

/// Resident memory of a process, in MB of 2^20 bytes.
///
/// # Errors
/// If there is no such process.
pub fn memory_mb(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("VmRSS")?;
    let kib: u32 = line.split_whitespace().nth(1).context("a number")?.parse()?;
    Ok(f64::from(kib) / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_of_a_thread_is_counted() {
        let pid = std::process::id();
        let before = CpuReading::of(pid).unwrap();
        // Long enough that the scheduler takes note.
        let sum = (0..50_000_000_u64).fold(0_u64, |sum, n| std::hint::black_box(sum ^ n));
        assert_eq!(sum, std::hint::black_box(sum));
        let us = CpuReading::of(pid).unwrap().us_since(before);
        assert!(us > 0.0, "{us}");
        assert!(memory_mb(pid).unwrap() > 1.0);
    }

    #[test]
    fn a_thread_that_ended_is_counted_in_ticks() {
        let before = CpuReading { threads_ns: 5_000_000_000, ticks: 500 };
        let after = CpuReading { threads_ns: 4_000_000_000, ticks: 600 };
        let tick_us =
            1e6 / f64::from(u32::try_from(rustix::param::clock_ticks_per_second()).unwrap());
        assert!((after.us_since(before) - 100.0 * tick_us).abs() < 1.0);
    }
}
