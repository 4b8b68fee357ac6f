//! Starting programs and counting their CPU.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The program under test.
pub(super) struct Roadbook {
    program: PathBuf,
    device: PathBuf,
}

/// What a run gave.
pub(super) struct Ran {
    /// Seconds of CPU, user and system.
    pub(super) cpu_s: f64,
    /// Standard output.
    pub(super) out: String,
}

impl Roadbook {
    pub(super) fn new(programs: &Path, folder: &Path) -> Self {
        let program = programs.join(format!("roadbook{}", std::env::consts::EXE_SUFFIX));
        Self { program, device: folder.join("device") }
    }

    /// Runs a command of `roadbook`, with its report as JSON.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<Ran> {
        let mut command = Command::new(&self.program);
        command.env_clear().env("ROADBOOK_DIR", &self.device).args(arguments).arg("--json");
        run(&mut command)
    }

    /// The same, as often as it takes to tell the CPU of a quick command in spite of a clock that goes
    /// in steps of 10 ms; the mean of all runs.
    pub(super) fn timed(&self, arguments: &[&str]) -> Result<Ran> {
        let mut ran = self.run(arguments)?;
        let (mut whole_s, mut runs) = (ran.cpu_s, 1_u32);
        while whole_s < ENOUGH_S && runs < MOST_RUNS {
            whole_s += self.run(arguments)?.cpu_s;
            runs += 1;
        }
        ran.cpu_s = whole_s / f64::from(runs);
        Ok(ran)
    }
}

/// Seconds of CPU of which a step of the clock is a small part.
const ENOUGH_S: f64 = 0.4;
const MOST_RUNS: u32 = 40;

/// Runs a program to its end.
pub(super) fn run(command: &mut Command) -> Result<Ran> {
    let before = children_s()?;
    let Output { status, stdout, stderr } = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("start {}", command.get_program().display()))?;
    let said = String::from_utf8_lossy(&stderr);
    ensure!(status.success(), "{command:?} ended with {status}: {said}");
    let out = String::from_utf8(stdout)?;
    Ok(Ran { cpu_s: children_s()? - before, out })
}

/// Seconds of CPU of all children that have ended (`/proc/self/stat`, proc(5), fields 16 and 17).
fn children_s() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after = stat.rsplit(')').next().context("a name in brackets")?;
    let ticks: f64 =
        after.split_whitespace().skip(13).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    let per_second = u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100);
    Ok(ticks / f64::from(per_second))
}
