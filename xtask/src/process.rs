//! Starting other programs with their output streamed through.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::Context as _;

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As it should.
    Passed,
    /// Not as it should; what was wrong has been printed.
    Failed,
}

impl Outcome {
    /// Returns `Passed` when the condition holds.
    pub(crate) fn passed_if(condition: bool) -> Self {
        if condition { Self::Passed } else { Self::Failed }
    }
}

/// Turns an outcome into the exit code of this program.
pub(crate) fn exit_code(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Passed => ExitCode::SUCCESS,
        Outcome::Failed => ExitCode::FAILURE,
    }
}

/// Passes the exit status of a child on as our own; a child ended by a signal counts as 1.
pub(crate) fn pass_through(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Returns a command for the cargo that runs us.
///
/// `cargo run` sets the variables of *our* package. Build scripts of some dependencies (`ring`)
/// ask to be run again when those change, so they must not leak into a build.
pub(crate) fn cargo<I, S>(arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = clean(Command::new(cargo));
    command.args(arguments);
    command
}

/// Takes the variables of our own package out of a command's environment.
pub(crate) fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Prints the command line to stderr and runs it with our own input and output.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<ExitStatus> {
    announce(command);
    command.status().with_context(|| format!("cannot start {}", shown(command)))
}

/// Does what [`run`] does, and returns the last line that the command wrote to stderr too.
pub(crate) fn run_and_hear(command: &mut Command) -> anyhow::Result<(ExitStatus, String)> {
    announce(command);
    let child = command.stderr(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot start {}", shown(command)))?;
    let mut last = String::new();
    if let Some(words) = child.stderr.take() {
        for line in BufReader::new(words).lines() {
            let line = line?;
            eprintln!("{line}");
            if !line.trim().is_empty() {
                last = line;
            }
        }
    }
    Ok((child.wait()?, last))
}

/// Prints the command line to stderr.
pub(crate) fn announce(command: &Command) {
    eprintln!("$ {}", shown(command));
}

/// Returns whether the command ends with success; its output is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Runs the command and returns its standard output.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    anyhow::ensure!(output.status.success(), "{} failed: {}", shown(command), output.status);
    String::from_utf8(output.stdout).with_context(|| format!("{}: not UTF-8", shown(command)))
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
