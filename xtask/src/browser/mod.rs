//! What goes through the real page in Chromium, against real devices and a real server: the stage
//! `browser` of the tests, and the bench `faces`.
//!
//! The journeys are in `tests/browser`, for node's own test runner; the company that they visit is
//! kept by the program `roadbook-company`. Pictures of the screens are left in `target/browser`.

mod needs;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::process::{self, Outcome};
use crate::programs::{COMPANY, Profile};
use crate::setup;
use crate::ui;
use crate::workspace::{END_TO_END, Workspace};

/// The journeys' folder, the file that has them all, and the file that measures.
const FOLDER: &str = "tests/browser";
const JOURNEYS: &str = "journeys.test.mjs";
const BENCH: &str = "bench.mjs";

/// What is measured: the scene, and how many deals there are more.
const SCENES: [(&str, &str); 2] = [("device", "50000"), ("hosted", "5000")];

/// How many journeys ended well, and how many did not.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u32,
    failed: u32,
}

/// Sets up and runs the journeys with what the stages before it have built; how they ended, and
/// what there is to say of it.
pub(crate) fn journeys(workspace: &Workspace) -> anyhow::Result<(Outcome, String)> {
    let Some(mut node) = ready(workspace, Profile::Debug)? else {
        return Ok((Outcome::Failed, "not everything that it needs is here".to_owned()));
    };
    node.args(["--test", "--test-reporter=spec", JOURNEYS]);
    let (count, ended) = run_journeys(&mut node)?;
    let note = format!("{}; pictures in target/browser", count.summary());
    Ok((Outcome::passed_if(ended && count.passed > 0), note))
}

/// Sets up and measures what was built for release; JSON lines go through on stdout.
pub(crate) fn bench(workspace: &Workspace) -> anyhow::Result<Outcome> {
    for (scene, deals) in SCENES {
        let Some(mut node) = ready(workspace, Profile::Release)? else {
            return Ok(Outcome::Failed);
        };
        if !process::run(node.args([BENCH, scene, deals]))?.success() {
            return Ok(Outcome::Failed);
        }
    }
    Ok(Outcome::Passed)
}

/// Sets up what drives the pages; node, told where everything is. `None` when something is
/// missing, which has been said.
fn ready(workspace: &Workspace, profile: Profile) -> anyhow::Result<Option<Command>> {
    anyhow::ensure!(workspace.has_binary(END_TO_END, COMPANY), "there is no `{COMPANY}` to run");
    let folder = workspace.root.join(FOLDER);
    let missing = needs::set_up(&folder)?;
    if !missing.is_empty() {
        setup::report(&missing);
        return Ok(None);
    }
    let browser: PathBuf = needs::chromium().context("a browser was found a moment ago")?;
    let mut node = Command::new("node");
    node.current_dir(folder);
    node.env("ROADBOOK_BIN_DIR", workspace.target.join(profile.folder()));
    node.env("ROADBOOK_UI", ui::bundle(workspace)).env("ROADBOOK_CHROMIUM", browser);
    node.env("ROADBOOK_PICTURES", workspace.target.join("browser"));
    Ok(Some(node))
}

fn run_journeys(node: &mut Command) -> anyhow::Result<(Count, bool)> {
    process::announce(node);
    let mut child = node.stdout(Stdio::piped()).spawn().context("cannot start node")?;
    let mut count = Count::default();
    let out = child.stdout.take().context("node has an output")?;
    for line in BufReader::new(out).lines() {
        let line = line.context("node's output")?;
        count.read(&line);
        println!("{line}");
    }
    Ok((count, child.wait().context("node")?.success()))
}

impl Count {
    /// Reads a line of the runner's summary, such as `ℹ pass 12`.
    fn read(&mut self, line: &str) {
        let mut words = line.trim_start_matches(['ℹ', '#', ' ']).split_whitespace();
        let (Some(word), Some(number), None) = (words.next(), words.next(), words.next()) else {
            return;
        };
        match (word, number.parse()) {
            ("pass", Ok(number)) => self.passed = number,
            ("fail", Ok(number)) => self.failed = number,
            _ => {}
        }
    }

    fn summary(&self) -> String {
        match self.failed {
            0 => format!("{} passed", self.passed),
            failed => format!("{} passed, {failed} failed", self.passed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_summary_is_read() {
        let mut count = Count::default();
        for line in ["▶ the story", "ℹ tests 14", "ℹ pass 12", "ℹ fail 2", "ℹ pass the salt now"]
        {
            count.read(line);
        }
        assert_eq!(count, Count { passed: 12, failed: 2 });
        assert_eq!(count.summary(), "12 passed, 2 failed");
    }
}
