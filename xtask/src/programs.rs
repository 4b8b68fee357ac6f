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

/// The programs that the story and the benches start.
const PROGRAMS: [(&str, &str); 2] =
    [("roadbook-cli", "roadbook"), ("roadbook-server", "roadbook-server")];

/// The program that plays the story.
pub(crate) const STORY: &str = "roadbook-story";

/// The program that opens a company to look at.
const DEMO: &str = "roadbook-demo";

/// The program that keeps that company for another program.
pub(crate) const COMPANY: &str = "roadbook-company";

/// Sets up, builds and plays the story; where somebody looks, opens a company after it and keeps it
/// open until Ctrl-C.
pub(crate) fn demo(workspace: &Workspace, audience: Audience) -> anyhow::Result<ExitCode> {
    let played = launch(workspace, STORY, Profile::Debug, &[])?;
    if audience == Audience::Nobody || played != ExitCode::SUCCESS {
        return Ok(played);
    }
    let page = match ui::run(workspace, Finish::Working)? {
        Outcome::Passed => {
            let page = ui::bundle(workspace);
            vec!["--ui".to_owned(), page.display().to_string()]
        }
        Outcome::Failed => {
            eprintln!("the page cannot be built here; the demo answers commands alone");
            Vec::new()
        }
    };
    launch(workspace, DEMO, Profile::Debug, &page)
}

/// The bench that goes through pages in a browser; all others are one program's.
const FACES: &str = "faces";

/// Sets up, builds for release and measures; JSON lines go through on stdout.
pub(crate) fn bench(workspace: &Workspace, names: &[String]) -> anyhow::Result<ExitCode> {
    let others: Vec<String> = names.iter().filter(|name| *name != FACES).cloned().collect();
    if names.is_empty() || !others.is_empty() {
        let measured = launch(workspace, "roadbook-bench", Profile::Release, &others)?;
        if measured != ExitCode::SUCCESS {
            return Ok(measured);
        }
    }
    if names.is_empty() || others.len() < names.len() {
        return browser::bench(workspace).map(process::exit_code);
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    Debug,
    Release,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

fn launch(
    workspace: &Workspace,
    program: &str,
    profile: Profile,
    names: &[String],
) -> anyhow::Result<ExitCode> {
    for (package, binary) in PROGRAMS.into_iter().chain([(END_TO_END, program)]) {
        ensure!(
            workspace.has_binary(package, binary),
            "package {package} has no binary `{binary}` yet, so there is nothing to run"
        );
    }
    let missing = setup::for_builds();
    if !missing.is_empty() {
        setup::report(&missing);
        return Ok(ExitCode::FAILURE);
    }
    let built = process::run(&mut process::cargo(build_arguments(profile, program)))?;
    if !built.success() {
        return Ok(process::pass_through(built));
    }
    let binaries = workspace.target.join(profile.folder());
    let status = process::run(&mut call(&binaries, program, names))?;
    Ok(process::pass_through(status))
}

fn build_arguments(profile: Profile, program: &str) -> Vec<String> {
    let mut arguments = vec!["build".to_owned()];
    if profile == Profile::Release {
        arguments.push("--release".to_owned());
    }
    for (package, binary) in PROGRAMS.into_iter().chain([(END_TO_END, program)]) {
        arguments.extend(["--package", package, "--bin", binary].map(str::to_owned));
    }
    arguments
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
    fn all_three_programs_are_built_at_once() {
        assert_eq!(
            build_arguments(Profile::Release, "roadbook-bench").join(" "),
            "build --release --package roadbook-cli --bin roadbook --package roadbook-server \
             --bin roadbook-server --package roadbook-tests --bin roadbook-bench"
        );
    }

    #[test]
    fn the_program_is_told_where_the_others_are() {
        let command = call(Path::new("out/debug"), "roadbook-story", &["one".to_owned()]);
        let arguments: Vec<_> = command.get_args().collect();
        assert_eq!(arguments, ["--bin-dir", "out/debug", "one"]);
    }
}
