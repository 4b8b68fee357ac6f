//! Tasks that build Roadbook's programs and start one of them: `demo` and `bench`.
//!
//! What happens in the story and what is measured is the matter of the package `roadbook-tests`;
//! here is only how it is built and called.

use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::ensure;

use crate::args::Audience;
use crate::browser;
use crate::process::{self, Outcome};
use crate::setup;
use crate::ui::{self, Finish};
use crate::workspace::{END_TO_END, Workspace};

/// The program that plays the story.
pub(crate) const STORY: &str = "roadbook-story";

/// The program that opens a company to look at.
const DEMO: &str = "roadbook-demo";

/// The program that measures.
const BENCH: &str = "roadbook-bench";

/// The program that keeps that company for another program.
pub(crate) const COMPANY: &str = "roadbook-company";

/// Sets up, builds and plays the story; where somebody looks, opens a company after it and keeps it
/// open until Ctrl-C.
pub(crate) fn demo(workspace: &Workspace, audience: Audience) -> anyhow::Result<ExitCode> {
    let is_ready = match audience {
        Audience::Somebody => is_set_up(&setup::for_window()),
        Audience::Nobody => is_set_up(&setup::for_builds()),
    };
    if is_ready == Outcome::Failed {
        return Ok(ExitCode::FAILURE);
    }
    // Before the programs, because the window among them holds the page.
    if audience == Audience::Somebody && ui::run(workspace, Finish::Working)? == Outcome::Failed {
        return Ok(ExitCode::FAILURE);
    }
    if build(workspace, Profile::Debug)? == Outcome::Failed {
        return Ok(ExitCode::FAILURE);
    }
    let played = launch(workspace, STORY, Profile::Debug, &[])?;
    if audience == Audience::Nobody || played != ExitCode::SUCCESS {
        return Ok(played);
    }
    let page = ui::bundle(workspace).display().to_string();
    launch(workspace, DEMO, Profile::Debug, &["--ui".to_owned(), page])
}

/// The bench that goes through pages in a browser; all others are one program's.
const FACES: &str = "faces";
/// The bench that opens the window.
const WINDOW: &str = "window";

/// Sets up, builds for release and measures; JSON lines go through on stdout.
pub(crate) fn bench(workspace: &Workspace, names: &[String]) -> anyhow::Result<ExitCode> {
    let wants = |name: &str| names.is_empty() || names.iter().any(|given| given == name);
    let is_ready = if wants(FACES) || wants(WINDOW) {
        is_set_up(&setup::for_window()) == Outcome::Passed
            && ui::run(workspace, Finish::Measured)? == Outcome::Passed
    } else {
        is_set_up(&setup::for_builds()) == Outcome::Passed
    };
    if !is_ready || build(workspace, Profile::Release)? == Outcome::Failed {
        return Ok(ExitCode::FAILURE);
    }
    let others: Vec<String> = names.iter().filter(|name| *name != FACES).cloned().collect();
    if names.is_empty() || !others.is_empty() {
        let measured = launch(workspace, BENCH, Profile::Release, &others)?;
        if measured != ExitCode::SUCCESS {
            return Ok(measured);
        }
    }
    if wants(FACES) {
        return browser::bench(workspace).map(process::exit_code);
    }
    Ok(ExitCode::SUCCESS)
}

fn is_set_up(missing: &[setup::Missing]) -> Outcome {
    if missing.is_empty() { Outcome::Passed } else { setup::report(missing) }
}

/// How the programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As the tests are.
    Debug,
    /// As they are shipped.
    Release,
}

impl Profile {
    /// The folder of what is built, in the target folder.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

/// Builds every program as the stage `build` of the tests does, so that nothing is compiled twice.
fn build(workspace: &Workspace, profile: Profile) -> anyhow::Result<Outcome> {
    let mut cargo = process::cargo(["build", "--bins"]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    cargo.args(workspace.selection());
    Ok(Outcome::passed_if(process::run(&mut cargo)?.success()))
}

fn launch(
    workspace: &Workspace,
    program: &str,
    profile: Profile,
    names: &[String],
) -> anyhow::Result<ExitCode> {
    ensure!(workspace.has_binary(END_TO_END, program), "there is no `{program}` to run");
    let binaries = workspace.target.join(profile.folder());
    let status = process::run(&mut call(&binaries, program, names))?;
    Ok(process::pass_through(status))
}

fn call(binaries: &Path, program: &str, names: &[String]) -> Command {
    let mut command = Command::new(binaries.join(format!("{program}{EXE_SUFFIX}")));
    command.arg("--bin-dir").arg(binaries).args(names);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_told_where_the_others_are() {
        let command = call(Path::new("out/debug"), "roadbook-story", &["one".to_owned()]);
        let arguments: Vec<_> = command.get_args().collect();
        assert_eq!(arguments, ["--bin-dir", "out/debug", "one"]);
    }
}
