//! The stage of the real window: journeys on a display that nobody sees.

use std::env::consts::EXE_SUFFIX;
use std::process::Command;

use super::{Ending, Made};
use crate::process::{self, Outcome};
use crate::setup;
use crate::workspace::Workspace;

/// The program that plays the journeys.
const JOURNEYS: &str = "roadbook-journeys";

/// Plays the journeys with what the stage `build` has made.
pub(super) fn run(workspace: &Workspace, made: &mut Made) -> anyhow::Result<Ending> {
    let missing = setup::for_desktop();
    if !missing.is_empty() {
        let note = "not everything that it needs is here".to_owned();
        return Ok(Ending { outcome: setup::report(&missing), note });
    }
    if made.binaries(workspace)?.outcome == Outcome::Failed || !workspace.has_window() {
        return Ok(Ending { outcome: Outcome::Failed, note: "not built".to_owned() });
    }
    let (played, said) = process::run_and_hear(&mut journeys(workspace))?;
    let pictures = format!("pictures: {}", pictures(workspace).display());
    let note = if played.success() { pictures } else { format!("{said}; {pictures}") };
    Ok(Ending { outcome: Outcome::passed_if(played.success()), note })
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
    fn the_journeys_are_there() {
        let workspace = Workspace::load().expect("this is a workspace");
        assert!(workspace.has_binary(END_TO_END, JOURNEYS), "{JOURNEYS} is a program");
    }
}
