//! The stage of the real window: `src-tauri` is checked, built and tested, and then driven on a
//! display that nobody sees. It is apart from the other stages because it needs WebKitGTK.

use std::env::consts::EXE_SUFFIX;
use std::process::Command;

use super::{Ending, Made};
use crate::process::{self, Outcome};
use crate::setup;
use crate::workspace::Workspace;

/// The package of the window.
const WINDOW: &str = "roadbook-window";
/// The program that plays the journeys.
const JOURNEYS: &str = "roadbook-journeys";

/// Checks the package, builds it, runs its tests, and plays the journeys.
pub(super) fn run(workspace: &Workspace, made: &mut Made) -> anyhow::Result<Ending> {
    let missing = setup::for_desktop();
    if !missing.is_empty() {
        let note = "not everything that it needs is here".to_owned();
        return Ok(Ending { outcome: setup::report(&missing), note });
    }
    if made.bundle(workspace)? == Outcome::Failed {
        let note = "there is no bundle to show".to_owned();
        return Ok(Ending { outcome: Outcome::Failed, note });
    }
    let mut failed = Vec::new();
    for (step, arguments, variables) in steps() {
        let mut cargo = process::cargo([step]);
        cargo.args(["--package", WINDOW]).args(arguments).envs(variables.iter().copied());
        if !process::run(&mut cargo)?.success() {
            failed.push(step);
        }
    }
    let is_built = !failed.contains(&"build");
    let is_built = is_built && made.binaries(workspace)?.outcome == Outcome::Passed;
    if !is_built || !process::run(&mut journeys(workspace))?.success() {
        failed.push("journeys");
    }
    let note = match failed.as_slice() {
        [] => format!("pictures: {}", pictures(workspace).display()),
        failed => format!("not right: {}", failed.join(", ")),
    };
    Ok(Ending { outcome: Outcome::passed_if(failed.is_empty()), note })
}

type Step = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

fn steps() -> [Step; 4] {
    [
        ("clippy", &["--all-targets", "--", "--deny", "warnings"], &[]),
        ("doc", &["--no-deps"], &[("RUSTDOCFLAGS", "--deny warnings")]),
        ("test", &[], &[]),
        ("build", &["--bins"], &[]),
    ]
}

fn journeys(workspace: &Workspace) -> Command {
    let binaries = workspace.target.join("debug");
    let mut command = Command::new(binaries.join(format!("{JOURNEYS}{EXE_SUFFIX}")));
    command.arg("--bin-dir").arg(&binaries).arg("--pictures").arg(pictures(workspace));
    command
}

fn pictures(workspace: &Workspace) -> std::path::PathBuf {
    workspace.target.join("window").join("pictures")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::END_TO_END;

    #[test]
    fn a_warning_fails_the_stage() {
        let [clippy, doc, ..] = steps();
        assert_eq!(clippy.1.last(), Some(&"warnings"));
        assert_eq!(doc.2, [("RUSTDOCFLAGS", "--deny warnings")]);
    }

    #[test]
    fn the_journeys_are_there() {
        let workspace = Workspace::load().expect("this is a workspace");
        assert!(workspace.has_binary(END_TO_END, JOURNEYS), "{JOURNEYS} is a program");
    }
}
