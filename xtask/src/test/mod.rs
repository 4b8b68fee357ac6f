//! `cargo xtask test`: every check there is, as stages, with a table at the end.
//!
//! A failed stage does not stop the ones after it, so one run shows everything that is wrong.
//! A stage that had nothing to do says so in the table; it never looks like one that passed tests.

mod binaries;
mod table;
mod window;

use std::process::Command;
use std::time::Instant;

use crate::browser;
use crate::process::{self, Outcome};
use crate::programs::STORY;
use crate::setup;
use crate::tidy::{self, Migrations};
use crate::ui::{self, Finish};
use crate::workspace::{END_TO_END, Workspace};
use binaries::{Tally, TestBinaries};
use table::Row;

/// How much is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speed {
    /// Everything.
    Full,
    /// Without the slow stages, and with fewer cases per property.
    Fast,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Setup,
    Fmt,
    Tidy,
    Bundle,
    Clippy,
    Build,
    Tests,
    EndToEnd,
    Window,
    Browser,
    DocTests,
    Docs,
}

impl Stage {
    /// All stages in the order in which they run: what fails quickly comes first.
    pub(crate) const ALL: [Self; 12] = [
        Self::Setup,
        Self::Fmt,
        Self::Tidy,
        Self::Bundle,
        Self::Clippy,
        Self::Build,
        Self::Tests,
        Self::EndToEnd,
        Self::Window,
        Self::Browser,
        Self::DocTests,
        Self::Docs,
    ];

    /// The stage's name in the table and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Tidy => "tidy",
            Self::Bundle => "bundle",
            Self::Build => "build",
            Self::Tests => "tests",
            Self::EndToEnd => "end-to-end",
            Self::Window => "window",
            Self::Browser => "browser",
            Self::DocTests => "doc-tests",
            Self::Docs => "docs",
        }
    }

    fn is_slow(self) -> bool {
        matches!(self, Self::EndToEnd | Self::Window | Self::Browser | Self::DocTests | Self::Docs)
    }
}

/// How a stage ended, and what the table says beside it.
#[derive(Debug)]
struct Ending {
    outcome: Outcome,
    note: String,
}

impl Ending {
    fn of(outcome: Outcome) -> Self {
        Self { outcome, note: String::new() }
    }
}

/// What several stages need; each is made once in a run, by the first that asks.
#[derive(Debug, Default)]
struct Made {
    binaries: Option<TestBinaries>,
    bundle: Option<Outcome>,
}

impl Made {
    /// Every program and test of the workspace.
    fn binaries(&mut self, workspace: &Workspace) -> anyhow::Result<&TestBinaries> {
        let made = match self.binaries.take() {
            Some(made) => made,
            None => binaries::build(workspace, &self.selection(workspace)?)?,
        };
        Ok(self.binaries.insert(made))
    }

    /// The words by which cargo selects what is checked. The window is among it where it can be
    /// built, and for that there must be a page.
    fn selection(&mut self, workspace: &Workspace) -> anyhow::Result<Vec<String>> {
        if setup::has_webkit() {
            self.bundle(workspace)?;
        }
        Ok(workspace.selection())
    }

    /// The bundle of the user interface.
    fn bundle(&mut self, workspace: &Workspace) -> anyhow::Result<Outcome> {
        let made = match self.bundle {
            Some(made) => made,
            None => ui::run(workspace, Finish::Working)?,
        };
        Ok(*self.bundle.insert(made))
    }
}

/// Cases per property under [`Speed::Fast`]; proptest's own default is 256.
const FAST_CASES: &str = "32";

/// Runs the stages and prints the table. An empty `chosen` means all that belong to the speed.
#[allow(clippy::disallowed_methods, reason = "the table tells how long each stage took")]
pub(crate) fn run(
    workspace: &Workspace,
    speed: Speed,
    chosen: &[Stage],
) -> anyhow::Result<Outcome> {
    let stages = plan(speed, chosen);
    let mut made = Made::default();
    let mut rows = Vec::new();
    for stage in stages {
        println!("\n=== {} ===", stage.name());
        let started = Instant::now();
        let ending = run_stage(workspace, speed, stage, &mut made).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Ending { outcome: Outcome::Failed, note: "could not run".to_owned() }
        });
        rows.push(Row {
            stage: stage.name(),
            outcome: ending.outcome,
            seconds: started.elapsed().as_secs_f64(),
            note: ending.note,
        });
    }
    println!("\n{}", table::render(&rows));
    let run = plan(speed, chosen);
    let left_out = Stage::ALL.into_iter().filter(|stage| !run.contains(stage));
    let names: Vec<_> = left_out.map(Stage::name).collect();
    if chosen.is_empty() && !names.is_empty() {
        println!("left out: {}", names.join(", "));
    }
    Ok(Outcome::passed_if(rows.iter().all(|row| row.outcome == Outcome::Passed)))
}

/// Returns the stages to run, in order. What is named is run whatever the speed.
fn plan(speed: Speed, chosen: &[Stage]) -> Vec<Stage> {
    let wanted = |stage: &Stage| match speed {
        _ if !chosen.is_empty() => chosen.contains(stage),
        Speed::Full => true,
        Speed::Fast => !stage.is_slow(),
    };
    Stage::ALL.into_iter().filter(wanted).collect()
}

fn run_stage(
    workspace: &Workspace,
    speed: Speed,
    stage: Stage,
    made: &mut Made,
) -> anyhow::Result<Ending> {
    match stage {
        Stage::Setup => Ok(Ending::of(setup::report(&setup::for_tests()))),
        Stage::Fmt => run_stage_command(&mut process::cargo(["fmt", "--all", "--check"])),
        Stage::Clippy => {
            let after = ["--all-targets", "--keep-going", "--", "--deny", "warnings"];
            cargo_stage(&made.selection(workspace)?, "clippy", &after, &[])
        }
        Stage::Tidy => tidy::run(workspace, Migrations::Check).map(Ending::of),
        Stage::Bundle => made.bundle(workspace).map(Ending::of),
        Stage::Build => {
            let built = made.binaries(workspace)?;
            Ok(Ending { outcome: built.outcome, note: built.summary() })
        }
        Stage::Tests | Stage::EndToEnd => {
            run_tests(workspace, speed, stage, made.binaries(workspace)?)
        }
        Stage::Window => window::run(workspace, made),
        Stage::Browser => {
            let is_built = made.bundle(workspace)? == Outcome::Passed
                && made.binaries(workspace)?.outcome == Outcome::Passed;
            if !is_built {
                return Ok(Ending { outcome: Outcome::Failed, note: "not built".to_owned() });
            }
            browser::journeys(workspace).map(|(outcome, note)| Ending { outcome, note })
        }
        Stage::DocTests => {
            let after = ["--doc", "--no-fail-fast"];
            cargo_stage(&made.selection(workspace)?, "test", &after, &[])
        }
        Stage::Docs => {
            let deny = [("RUSTDOCFLAGS", "--deny warnings")];
            let after = ["--no-deps", "--keep-going"];
            cargo_stage(&made.selection(workspace)?, "doc", &after, &deny)
        }
    }
}

/// Runs cargo over everything but the packages apart.
fn cargo_stage(
    selection: &[String],
    subcommand: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> anyhow::Result<Ending> {
    let mut cargo = process::cargo([subcommand]);
    cargo.args(selection).args(arguments).envs(variables.iter().copied());
    run_stage_command(&mut cargo)
}

fn run_stage_command(command: &mut Command) -> anyhow::Result<Ending> {
    let status = process::run(command)?;
    Ok(Ending::of(Outcome::passed_if(status.success())))
}

fn run_tests(
    workspace: &Workspace,
    speed: Speed,
    stage: Stage,
    built: &TestBinaries,
) -> anyhow::Result<Ending> {
    let variables: &[(&str, &str)] = match speed {
        Speed::Full => &[],
        Speed::Fast => &[("PROPTEST_CASES", FAST_CASES)],
    };
    let mut total = Tally::default();
    for binary in &built.binaries {
        if (binary.package == END_TO_END) == (stage == Stage::EndToEnd) {
            total.add(&binary.run(workspace, variables)?);
        }
    }
    // Once there is a story to play, a run that plays none has lost it.
    let expected = stage == Stage::Tests || workspace.has_binary(END_TO_END, STORY);
    Ok(judge(&total, built.outcome, expected))
}

/// Says how a test stage ended; `expected` is whether there must be tests.
fn judge(total: &Tally, build: Outcome, expected: bool) -> Ending {
    let nothing_ran = total.is_empty();
    let mut note = if nothing_ran { "no test ran".to_owned() } else { total.summary() };
    if build == Outcome::Failed {
        note += "; some were not built";
    }
    let passed = total.failures.is_empty() && build == Outcome::Passed;
    Ending { outcome: Outcome::passed_if(passed && !(nothing_ran && expected)), note }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_leaves_out_the_slow_stages_only() {
        use Stage::{Build, Bundle, Clippy, Fmt, Setup, Tests, Tidy};

        let fast = plan(Speed::Fast, &[]);
        assert_eq!(fast, [Setup, Fmt, Tidy, Bundle, Clippy, Build, Tests]);
        assert_eq!(plan(Speed::Full, &[]), Stage::ALL, "and else everything is run");
        assert_eq!(plan(Speed::Full, &[Stage::Browser]), [Stage::Browser]);
    }

    #[test]
    fn a_stage_that_ran_nothing_fails_where_tests_must_be() {
        let none = Tally::default();
        assert_eq!(judge(&none, Outcome::Passed, true).outcome, Outcome::Failed);
        let ending = judge(&none, Outcome::Passed, false);
        assert_eq!((ending.outcome, ending.note.as_str()), (Outcome::Passed, "no test ran"));
    }

    #[test]
    fn tests_that_could_not_be_built_fail_the_stage() {
        let mut some = Tally::default();
        some.count("test result: ok. 3 passed; 0 failed;\n");
        assert_eq!(judge(&some, Outcome::Passed, true).outcome, Outcome::Passed);
        let ending = judge(&some, Outcome::Failed, true);
        assert_eq!(ending.outcome, Outcome::Failed);
        assert_eq!(ending.note, "3 passed; some were not built");
    }

    #[test]
    fn a_named_stage_runs_alone_and_in_order() {
        let named = plan(Speed::Fast, &[Stage::EndToEnd, Stage::Fmt]);
        assert_eq!(named, [Stage::Fmt, Stage::EndToEnd], "a slow one was asked for by name");
    }
}
