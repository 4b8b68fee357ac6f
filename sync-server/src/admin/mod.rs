//! The command line: what operators and scripts do to a data directory, also while a server runs
//! on it.
//!
//! Commands open the tenant's database themselves; a running server notices. Everything that
//! writes has `--dry-run`, everything that answers has `--json` with stable names, and every way
//! to end has its exit code ([`Exit`]). Reads no clock, no randomness and no environment itself:
//! the host brings them.

mod arguments;
mod backup;
mod config;
mod device;
mod failure;
mod find;
mod init;
mod output;
mod password;
mod quarantine;
mod restore;
mod serve;
mod status;
mod team;
mod tenant;
mod territory;
mod user;

use std::io::Write;
use std::sync::Arc;

pub use arguments::Arguments;
use arguments::{Command, Common, DeviceCommand, TeamCommand, TerritoryCommand, UserCommand};
pub use failure::Exit;
use failure::Failure;
use output::Answer;

use crate::config::{Config, ConfigError, Effective, Sources, read};
use crate::data_dir::DataDir;
use crate::host::Clock;
use crate::identity::NAME_MAX_BYTES;
use crate::ids::IdSource;
use crate::tenant::Tenant;

/// What the host brings.
pub struct Host<'a> {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness; called once for each user of it.
    pub ids: &'a dyn Fn() -> Box<dyn IdSource + Send>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// Asks a person for a password without showing it; `None` where there is nobody to ask.
    pub ask_password: &'a dyn Fn(&str) -> std::io::Result<Option<String>>,
    /// Standard input.
    pub input: &'a mut dyn std::io::BufRead,
    /// Standard output.
    pub output: &'a mut dyn Write,
    /// Standard error.
    pub errors: &'a mut dyn Write,
}

impl std::fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

/// Carries a command out and prints its answer.
#[must_use]
pub fn run(arguments: &Arguments, host: &mut Host<'_>) -> Exit {
    let common = &arguments.common;
    let result = command(&arguments.command, common, host);
    let (printed, exit) = match result {
        Ok(answer) => (answer.print(common.json, host.output), Exit::Done),
        Err(failure) => (failure.print(common.json, host.errors), failure.exit),
    };
    // Whoever closed the pipe has read enough.
    if printed.is_err() && exit == Exit::Done { Exit::Failed } else { exit }
}

fn command(command: &Command, common: &Common, host: &mut Host<'_>) -> Result<Answer, Failure> {
    match command {
        Command::Init(options) => init::init(options, common, host),
        Command::Serve(options) => serve::serve(options, common, host),
        Command::User(UserCommand::Add(options)) => user::add(options, common, host),
        Command::User(UserCommand::List) => user::list(common, host),
        Command::User(UserCommand::SetPassword(options)) => {
            user::set_password(options, common, host)
        }
        Command::User(UserCommand::Change(options)) => user::change(options, common, host),
        Command::Team(TeamCommand::Add(options)) => team::add(options, common, host),
        Command::Team(TeamCommand::List) => team::list(common, host),
        Command::Team(TeamCommand::Change(options)) => team::change(options, common, host),
        Command::Territory(TerritoryCommand::Add(options)) => territory::add(options, common, host),
        Command::Territory(TerritoryCommand::List) => territory::list(common, host),
        Command::Device(DeviceCommand::List) => device::list(common, host),
        Command::Device(DeviceCommand::Revoke(options)) => device::revoke(options, common, host),
        Command::Quarantine(options) => quarantine::run(options, common, host),
        Command::Tenant(_) => tenant::list(common, host),
        Command::Status => status::status(common, host),
        Command::Backup(options) => backup::backup(options, common, host),
        Command::Restore(options) => restore::restore(options, common, host),
        Command::Config(_) => config::check(common, host),
    }
}

/// Reads the configuration, with further options of the command line.
fn configuration(
    common: &Common,
    host: &Host<'_>,
    options: Vec<(&'static str, &'static str, String)>,
) -> Result<(Config, Vec<Effective>), Failure> {
    let variable = |name: &str| {
        host.environment
            .iter()
            .find(|(variable, _)| variable == name)
            .map(|(_, value)| value.clone())
    };
    let path = common.config.clone().or_else(|| variable("ROADBOOK_CONFIG").map(Into::into));
    let file = match path {
        Some(path) => Some(std::fs::read_to_string(&path).map_err(|error| {
            Failure::new(
                Exit::Configuration,
                "no_config_file",
                format!("cannot read {}: {error}", path.display()),
                "name an existing file with --config or ROADBOOK_CONFIG, or neither",
            )
        })?),
        None => None,
    };
    let mut options = options;
    if let Some(folder) = &common.data_dir {
        options.push(("data_dir", "--data-dir", folder.display().to_string()));
    }
    let sources = Sources { file, environment: host.environment.clone(), options };
    read(&sources).map_err(|errors| wrong_configuration(&errors))
}

fn wrong_configuration(errors: &[ConfigError]) -> Failure {
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    Failure {
        details: errors
            .iter()
            .map(|error| {
                serde_json::json!({
                    "key": error.key,
                    "from": error.origin.to_string(),
                    "problem": error.problem,
                    "remedy": error.remedy,
                })
            })
            .collect(),
        ..Failure::new(
            Exit::Configuration,
            "bad_config",
            format!("the configuration cannot be used\n  {}", lines.join("\n  ")),
            "correct the settings named above",
        )
    }
}

fn data_dir(common: &Common, host: &Host<'_>) -> Result<DataDir, Failure> {
    let (config, _) = configuration(common, host, Vec::new())?;
    Ok(DataDir::new(config.data_dir))
}

/// A name for people, without the blanks around it.
/// A sign-in name, as it is stored: what is longer could not be signed in with.
fn login_of(text: &str) -> Result<String, Failure> {
    let login = text.trim().to_lowercase();
    if login.is_empty() || login.len() > NAME_MAX_BYTES {
        return Err(Failure::new(
            Exit::Usage,
            "bad_login",
            "the sign-in name is empty or too long",
            format!("write a name of 1 to {NAME_MAX_BYTES} bytes"),
        ));
    }
    Ok(login)
}

fn name_of(text: &str) -> Result<String, Failure> {
    let name = text.trim();
    if name.is_empty() {
        return Err(Failure::new(Exit::Usage, "no_name", "the name is empty", "write a name"));
    }
    Ok(name.to_owned())
}

/// Opens the tenant that a command is about: the one named, or the only one.
fn the_tenant(common: &Common, host: &Host<'_>) -> Result<Tenant, Failure> {
    let dir = data_dir(common, host)?;
    let mut names = dir.names()?;
    let name = match &common.tenant {
        Some(name) if names.contains(name) => name.clone(),
        Some(name) => {
            let known = names.join(", ");
            return Err(Failure::new(
                Exit::NotFound,
                "no_tenant",
                format!("there is no tenant `{name}` in {}", dir.root().display()),
                if known.is_empty() {
                    "make one with `roadbook-server init`".to_owned()
                } else {
                    format!("name one of {known}")
                },
            ));
        }
        None if names.len() > 1 => {
            return Err(Failure::new(
                Exit::Usage,
                "which_tenant",
                "there are several tenants",
                format!("name one with --tenant: {}", names.join(", ")),
            ));
        }
        None => names.pop().ok_or_else(|| {
            Failure::new(
                Exit::NotFound,
                "no_tenant",
                format!("there is no tenant in {}", dir.root().display()),
                "make one with `roadbook-server init`, or name the data directory with --data-dir",
            )
        })?,
    };
    Ok(dir.open(&name, host.clock.now_ms())?)
}

#[cfg(test)]
mod tests;
