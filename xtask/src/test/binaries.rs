//! Builds every program and every test at once, and runs the test binaries one by one.
//!
//! One build with the whole workspace selected: asking cargo for `-p one` and then for
//! `--workspace` resolves features differently and compiles the dependencies twice. Running the
//! binaries ourselves is what lets unit and end-to-end tests share that build and still be stages
//! of their own. The output is what `cargo test` prints.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use cargo_metadata::{Artifact, Message};

use crate::process::{self, Outcome};
use crate::workspace::{self, Workspace};

/// What a build made.
#[derive(Debug)]
pub(crate) struct TestBinaries {
    /// Whether all of it compiled.
    pub(crate) outcome: Outcome,
    /// The test binaries, sorted by package; some are missing when the build failed.
    pub(crate) binaries: Vec<TestBinary>,
}

/// One test binary.
#[derive(Debug)]
pub(crate) struct TestBinary {
    /// The package it belongs to.
    pub(crate) package: String,
    source: String,
    folder: PathBuf,
    executable: PathBuf,
}

/// The sums over several test binaries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Which of them failed, by source file.
    pub(crate) failures: Vec<String>,
    passed: u64,
    failed: u64,
    ignored: u64,
}

/// Builds all binaries and tests of the workspace.
pub(crate) fn build(workspace: &Workspace, selection: &[String]) -> anyhow::Result<TestBinaries> {
    let mut cargo = process::cargo(["build", "--bins", "--tests", "--keep-going"]);
    cargo.args(selection);
    process::announce(&cargo);
    cargo.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let mut child = cargo.spawn().context("cannot start cargo")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let mut binaries = Vec::new();
    for message in Message::parse_stream(BufReader::new(stdout)) {
        if let Message::CompilerArtifact(artifact) = message.context("cargo's messages")? {
            binaries.extend(test_binary(workspace, &artifact));
        }
    }
    let outcome = Outcome::passed_if(child.wait().context("cargo")?.success());
    binaries.sort_by(|a, b| (&a.package, &a.source).cmp(&(&b.package, &b.source)));
    Ok(TestBinaries { outcome, binaries })
}

fn test_binary(workspace: &Workspace, artifact: &Artifact) -> Option<TestBinary> {
    if !artifact.profile.test {
        return None;
    }
    let executable = artifact.executable.clone()?.into_std_path_buf();
    let package = workspace.packages.iter().find(|package| package.id == artifact.package_id)?;
    Some(TestBinary {
        package: package.name.to_string(),
        source: workspace::relative(&workspace.root, artifact.target.src_path.as_std_path()),
        folder: workspace.root.join(workspace.folder(package)),
        executable,
    })
}

impl TestBinaries {
    /// Says how many test binaries there are.
    pub(crate) fn summary(&self) -> String {
        format!("{} test binaries", self.binaries.len())
    }
}

impl TestBinary {
    /// Runs it as `cargo test` does, in its package's folder, and copies its output to ours.
    pub(crate) fn run(
        &self,
        workspace: &Workspace,
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Tally> {
        let shown = workspace::relative(&workspace.root, &self.executable);
        println!("\n     Running {} ({shown})", self.source);
        let mut child = Command::new(&self.executable)
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("CARGO_PKG_NAME", &self.package)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {shown}"))?;
        let mut tally = Tally::default();
        let mut stdout = BufReader::new(child.stdout.take().context("the test has no output")?);
        let mut line = Vec::new();
        while stdout.read_until(b'\n', &mut line)? > 0 {
            std::io::stdout().write_all(&line)?;
            tally.count(&String::from_utf8_lossy(&line));
            line.clear();
        }
        let status = child.wait()?;
        if !status.success() {
            eprintln!("error: {} failed: {status}", self.source);
            tally.failures.push(self.source.clone());
        }
        Ok(tally)
    }
}

impl Tally {
    /// Adds up.
    pub(crate) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.failures.extend_from_slice(&other.failures);
    }

    /// Returns whether not a single test ran.
    pub(crate) fn is_empty(&self) -> bool {
        self.passed + self.failed == 0 && self.failures.is_empty()
    }

    /// Says how many tests passed and failed, and in which binaries.
    pub(crate) fn summary(&self) -> String {
        let mut text = format!("{} passed", self.passed);
        if self.failed > 0 {
            text += &format!(", {} failed", self.failed);
        }
        if self.ignored > 0 {
            text += &format!(", {} ignored", self.ignored);
        }
        if !self.failures.is_empty() {
            text += &format!(" (in {})", self.failures.join(", "));
        }
        text
    }

    /// Reads a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
    pub(crate) fn count(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else {
                continue;
            };
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                Some("ignored") => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_from_the_lines_that_the_harness_prints() {
        let mut tally = Tally::default();
        tally.count("running 4 tests\n");
        tally.count("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out\n");
        tally.count("test result: FAILED. 1 passed; 2 failed; 0 ignored; finished in 0.12s\n");
        assert_eq!((tally.passed, tally.failed, tally.ignored), (4, 2, 1));
        assert_eq!(tally.summary(), "4 passed, 2 failed, 1 ignored");
    }

    #[test]
    fn the_sum_names_the_binaries_that_failed() {
        let mut total = Tally::default();
        let failed = Tally { failures: vec!["a/src/lib.rs".into()], ..Tally::default() };
        total.add(&Tally { passed: 2, ..Tally::default() });
        total.add(&failed);
        assert_eq!(total.summary(), "2 passed (in a/src/lib.rs)");
    }
}
