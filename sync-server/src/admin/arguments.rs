//! What can be written on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong usage
  3  the configuration cannot be used
  4  what was named is not there
  5  refused: it exists already, is not allowed, or is not safe
  6  busy: try again in a moment

Examples:
  roadbook-server init --data-dir /var/lib/roadbook
  roadbook-server serve --config /etc/roadbook/server.toml
  roadbook-server user add \"Ana Silva\" --login ana --role Rep --territory North
  roadbook-server device list --json";

/// The Roadbook sync server and its administration.
#[derive(Debug, Parser)]
#[command(name = "roadbook-server", version, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Args)]
pub(super) struct Common {
    /// The configuration file (TOML); also ROADBOOK_CONFIG.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The data directory; also ROADBOOK_DATA_DIR or the setting data_dir.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(super) data_dir: Option<PathBuf>,
    /// The tenant; may be left out where there is only one.
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) tenant: Option<String>,
    /// Answer in JSON, errors too.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a tenant: its keys, its database and its first administrator.
    #[command(after_help = "\
Examples:
  roadbook-server init --data-dir /var/lib/roadbook
  roadbook-server init --tenant acme --admin ada --admin-name \"Ada Admin\"")]
    Init(Init),
    /// Run the server until SIGTERM or SIGINT.
    #[command(after_help = "\
Examples:
  roadbook-server serve --config /etc/roadbook/server.toml
  roadbook-server serve --port 0 --announce")]
    Serve(Serve),
    /// Users.
    #[command(subcommand, after_help = "Example:\n  roadbook-server user list --json")]
    User(UserCommand),
    /// Teams.
    #[command(subcommand, after_help = "Example:\n  roadbook-server team list")]
    Team(TeamCommand),
    /// Territories.
    #[command(subcommand, after_help = "Example:\n  roadbook-server territory list")]
    Territory(TerritoryCommand),
    /// Devices.
    #[command(subcommand, after_help = "Example:\n  roadbook-server device list --json")]
    Device(DeviceCommand),
    /// Unsent work of devices that were revoked or had to forget its records.
    #[command(subcommand, after_help = "Example:\n  roadbook-server quarantine list")]
    Quarantine(QuarantineCommand),
    /// Tenants.
    #[command(subcommand, after_help = "Example:\n  roadbook-server tenant list")]
    Tenant(TenantCommand),
    /// Figures about the tenants.
    #[command(after_help = "Example:\n  roadbook-server status --json")]
    Status,
    /// Write a verified copy of a tenant while the server runs.
    #[command(after_help = "\
Examples:
  roadbook-server backup
  roadbook-server backup --tenant acme --to /var/backups/acme.db")]
    Backup(Backup),
    /// Put a backup in the place of a tenant's database, while no server runs.
    #[command(after_help = "\
Examples:
  roadbook-server restore /var/backups/acme.db --dry-run
  roadbook-server restore /var/backups/acme.db")]
    Restore(Restore),
    /// The configuration.
    #[command(subcommand, after_help = "Example:\n  roadbook-server config check")]
    Config(ConfigCommand),
}

#[derive(Debug, Args)]
pub(super) struct Writing {
    /// Check everything and say what would be done, but do not do it.
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct PasswordFrom {
    /// Read the password from the first line of standard input. Without it: from
    /// ROADBOOK_PASSWORD, else it is asked for.
    #[arg(long)]
    pub(super) password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The sign-in name of the first administrator.
    #[arg(long, default_value = "admin", value_name = "LOGIN")]
    pub(super) admin: String,
    /// The name of the first administrator, for people.
    #[arg(long, default_value = "Administrator", value_name = "NAME")]
    pub(super) admin_name: String,
    /// Mark the administrator as made for a demonstration, with a known password: the server
    /// will not listen beyond this machine.
    #[arg(long)]
    pub(super) demo: bool,
    #[command(flatten)]
    pub(super) password: PasswordFrom,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen, instead of the setting listen.address.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<String>,
    /// The port, on 127.0.0.1; 0 takes any free one and announces it.
    #[arg(long, conflicts_with = "listen")]
    pub(super) port: Option<u16>,
    /// Print one line of JSON with the address when listening.
    #[arg(long)]
    pub(super) announce: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make a user.
    #[command(after_help = "\
Examples:
  roadbook-server user add \"Ana Silva\" --login ana --role Rep --territory North
  roadbook-server user add \"Quote robot\" --role Service")]
    Add(UserAdd),
    /// List users.
    #[command(after_help = "Example:\n  roadbook-server user list --json")]
    List,
    /// Give a user another password.
    #[command(after_help = "\
Examples:
  roadbook-server user set-password ana
  roadbook-server user set-password \"Ana Silva\" --login ana --password-stdin")]
    SetPassword(SetPassword),
    /// Give a user another role or territory, or lock the user out.
    #[command(after_help = "\
Examples:
  roadbook-server user change ana --role \"Senior rep\" --territory South
  roadbook-server user change ana --deactivate")]
    Change(UserChange),
}

#[derive(Debug, Args)]
pub(super) struct UserAdd {
    /// The name for people.
    pub(super) name: String,
    /// The sign-in name; without one the user cannot sign in.
    #[arg(long)]
    pub(super) login: Option<String>,
    /// Rep, Senior rep, Manager, Administrator or Service.
    #[arg(long)]
    pub(super) role: String,
    /// The user's territory, by name or id.
    #[arg(long)]
    pub(super) territory: Option<String>,
    /// Mark the user as made for a demonstration, with a known password.
    #[arg(long)]
    pub(super) demo: bool,
    #[command(flatten)]
    pub(super) password: PasswordFrom,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Args)]
pub(super) struct SetPassword {
    /// The user, by sign-in name, name or id.
    pub(super) user: String,
    /// The sign-in name, for a user who has none yet.
    #[arg(long)]
    pub(super) login: Option<String>,
    #[command(flatten)]
    pub(super) password: PasswordFrom,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Args)]
pub(super) struct UserChange {
    /// The user, by sign-in name, name or id.
    pub(super) user: String,
    /// Rep, Senior rep, Manager, Administrator or Service.
    #[arg(long)]
    pub(super) role: Option<String>,
    /// The territory, by name or id.
    #[arg(long)]
    pub(super) territory: Option<String>,
    /// Take the territory away.
    #[arg(long, conflicts_with = "territory")]
    pub(super) no_territory: bool,
    /// Let the user in again.
    #[arg(long)]
    pub(super) activate: bool,
    /// Lock the user out.
    #[arg(long, conflicts_with = "activate")]
    pub(super) deactivate: bool,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Subcommand)]
pub(super) enum TeamCommand {
    /// Make a team.
    #[command(after_help = "\
Example:
  roadbook-server team add Field --lead mia --member ana --member ben")]
    Add(TeamAdd),
    /// List teams.
    #[command(after_help = "Example:\n  roadbook-server team list --json")]
    List,
    /// Change who leads a team and who is in it.
    #[command(after_help = "\
Examples:
  roadbook-server team change Field --add zoe --remove ben
  roadbook-server team change Field --lead mia --dry-run")]
    Change(TeamChange),
}

#[derive(Debug, Args)]
pub(super) struct TeamAdd {
    /// The name.
    pub(super) name: String,
    /// Who leads it, by sign-in name, name or id.
    #[arg(long, value_name = "USER")]
    pub(super) lead: Option<String>,
    /// Who is in it; may be repeated.
    #[arg(long, value_name = "USER")]
    pub(super) member: Vec<String>,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Args)]
pub(super) struct TeamChange {
    /// The team, by name or id.
    pub(super) team: String,
    /// Who leads it from now on.
    #[arg(long, value_name = "USER")]
    pub(super) lead: Option<String>,
    /// Who joins; may be repeated.
    #[arg(long, value_name = "USER")]
    pub(super) add: Vec<String>,
    /// Who leaves; may be repeated.
    #[arg(long, value_name = "USER")]
    pub(super) remove: Vec<String>,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Subcommand)]
pub(super) enum TerritoryCommand {
    /// Make a territory.
    #[command(after_help = "\
Examples:
  roadbook-server territory add North
  roadbook-server territory add Hamburg --parent North")]
    Add(TerritoryAdd),
    /// List territories.
    #[command(after_help = "Example:\n  roadbook-server territory list --json")]
    List,
}

#[derive(Debug, Args)]
pub(super) struct TerritoryAdd {
    /// The name.
    pub(super) name: String,
    /// The territory that it is a part of, by name or id.
    #[arg(long)]
    pub(super) parent: Option<String>,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Subcommand)]
pub(super) enum DeviceCommand {
    /// List devices.
    #[command(after_help = "Example:\n  roadbook-server device list --json")]
    List,
    /// Revoke a device: all it may still do is surrender its unsent work.
    #[command(after_help = "\
Example:
  roadbook-server device revoke 0197f1c2-5d3e-7b1a-9c4d-2f6a8b0c1d2e")]
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The device's id.
    pub(super) device: String,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Subcommand)]
pub(super) enum QuarantineCommand {
    /// List what waits for a decision.
    #[command(after_help = "\
Examples:
  roadbook-server quarantine list
  roadbook-server quarantine list --all --json")]
    List(QuarantineList),
    /// Show what one intent does.
    #[command(after_help = "\
Example:
  roadbook-server quarantine show 0197f1c2-5d3e-7b1a-9c4d-2f6a8b0c1d2e")]
    Show(QuarantineShow),
    /// Take an intent in, under its author. Its author need not see the record any more; all other
    /// rules are asked as ever.
    #[command(after_help = "\
Example:
  roadbook-server quarantine readmit 0197f1c2-5d3e-7b1a-9c4d-2f6a8b0c1d2e --reason \"the phone was found\"")]
    Readmit(Readmit),
    /// Let an intent go. Its words are erased, the note stays.
    #[command(after_help = "\
Example:
  roadbook-server quarantine drop 0197f1c2-5d3e-7b1a-9c4d-2f6a8b0c1d2e --note \"entered by hand\"")]
    Drop(QuarantineDrop),
    /// Give what waits in vain after a restore (listed as `incomplete`) back to its author: it
    /// comes to the author's drawer "Needs you" with its words and the note.
    #[command(after_help = "\
Example:
  roadbook-server quarantine give-back 0197f1c2-5d3e-7b1a-9c4d-2f6a8b0c1d2e --note \"her phone is lost\"")]
    GiveBack(QuarantineDrop),
}

#[derive(Debug, Args)]
pub(super) struct QuarantineList {
    /// Also what was taken in or dropped.
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineShow {
    /// The intent's id.
    pub(super) intent: String,
}

#[derive(Debug, Args)]
pub(super) struct Readmit {
    /// The intent's id.
    pub(super) intent: String,
    /// Why, for whoever looks later.
    #[arg(long, value_name = "WORDS")]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineDrop {
    /// The intent's id.
    pub(super) intent: String,
    /// Why, for whoever looks later.
    #[arg(long, value_name = "WORDS")]
    pub(super) note: String,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// List tenants.
    #[command(after_help = "Example:\n  roadbook-server tenant list --json")]
    List,
}

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The new file; without one: a file in the data directory's folder `backups`.
    #[arg(long, value_name = "FILE")]
    pub(super) to: Option<PathBuf>,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `backup` wrote.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) writing: Writing,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Check the configuration and print what is in force, secrets masked.
    #[command(after_help = "\
Example:
  roadbook-server config check --config /etc/roadbook/server.toml")]
    Check,
}
