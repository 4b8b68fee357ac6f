//! The command line: what can be asked, with examples.
//!
//! Long because it is the table of commands, each with its help.

pub(crate) mod pages;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::exit;

/// Customer relations on this device, with or without a network.
#[derive(Debug, Parser)]
#[command(name = "roadbook", version, about, after_help = exit::HELP, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Globals {
    /// The device's folder [default: ~/.local/share/roadbook]
    #[arg(long, global = true, env = "ROADBOOK_DIR", value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,
    /// Print JSON with stable field names
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Colours on the output
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

const RECORD: &str = "\
A record is named by its id, the first or last 6 digits of it or more, or an external id such as
crm:1C1I7A6R. After a kind (account, opportunity, ...) its whole name works too.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make this device: sign in and enrol it
    #[command(after_help = "\
Examples:
  roadbook init --server https://crm.example.com --tenant acme --user ben --device-name \"Ben's phone\"
  ROADBOOK_PASSPHRASE=... roadbook init --server ... --tenant acme --user ben --password-stdin < file

The password is asked for, or taken from --password-stdin or ROADBOOK_PASSWORD. The device's
database is locked by the system's key store; where there is none, by a passphrase that is asked
for or taken from ROADBOOK_PASSPHRASE.")]
    Init(Init),
    /// Send what waits, receive what is new
    #[command(after_help = "\
Examples:
  roadbook sync
  roadbook sync --watch        go on until Ctrl-C
  roadbook sync --watch --json one JSON line for each exchange")]
    Sync(Sync),
    /// Show where this device stands with the server
    #[command(after_help = "Example:\n  roadbook status --check && echo nothing waits for anybody")]
    Status(Check),
    /// List records
    #[command(after_help = "\
Examples:
  roadbook list opportunities --open owner=me
  roadbook list opportunities 'amount>10000EUR' stage=Negotiation --order -amount
  roadbook list accounts tags~vip --limit 20 --after 20

Conditions: field=value, field!=value, field<value, field>value, field~text (a member of a set, or
a part of a text); an empty value finds records without one.")]
    List(List),
    /// Show one record
    #[command(after_help = after("  roadbook show opportunity crm:1C1I7A6R\n  roadbook show account \"Acme Corporation\""))]
    Show(Show),
    /// Make a record
    #[command(after_help = "\
Examples:
  roadbook create account name=\"Acme Corporation\" tags=key,vip
  roadbook create opportunity name=Renewal account=\"Acme Corporation\" amount=12000EUR \\
      close_date=2026-12-31")]
    Create(Create),
    /// Set fields of a record
    #[command(after_help = after("  roadbook set opportunity 4f07398f stage=Negotiation amount=12000EUR\n  roadbook set account 4f07398f tags+=vip tags-=old visits+=1 next_step="))]
    Set(Set),
    /// Move a record to another stage or state
    #[command(after_help = after("  roadbook move opportunity 4f07398f Negotiation\n  roadbook move 4f07398f \"Closed won\""))]
    Move(Move),
    /// Note a visit, call, meeting or e-mail that took place
    #[command(after_help = after("  roadbook log visit 4f07398f outcome=Met report=\"Wants an offer\"\n  roadbook log call account \"Acme Corporation\" outcome=\"Call back\""))]
    Log(Log),
    /// Write a note about a record
    #[command(after_help = after("  roadbook note account 4f07398f \"Prefers calls in the morning\"\n  roadbook note 4f07398f - < minutes.txt"))]
    Note(Note),
    /// Add and remove tags
    #[command(after_help = after("  roadbook tag account 4f07398f vip key --remove old"))]
    Tag(Tag),
    /// Finish a task
    #[command(after_help = after("  roadbook complete 4f07398f"))]
    Complete(Complete),
    /// Make a lead an account, a contact and an opportunity
    #[command(after_help = after("  roadbook convert 4f07398f\n  roadbook convert 4f07398f --account 0a1b2c3d --opportunity \"Renewal 2028\"\n  roadbook convert 4f07398f --new-account"))]
    Convert(Convert),
    /// Put a record into the trash
    #[command(after_help = after("  roadbook delete lead 4f07398f --why \"made twice\""))]
    Delete(Remove),
    /// Take a record out of the trash
    #[command(after_help = after("  roadbook restore lead 4f07398f"))]
    Restore(Remove),
    /// Search in all records
    #[command(
        after_help = "Example:\n  roadbook search muller ber\n\nThe beginning of a word is enough; accents do not matter."
    )]
    Search(Search),
    /// Show the day: agenda, what is overdue, what to do next
    #[command(after_help = "Examples:\n  roadbook today\n  roadbook today --day 2026-11-20")]
    Today(pages::Today),
    /// Show records by stage, status or state, with what each adds up to
    #[command(after_help = pages::BOARD)]
    Board(pages::Board),
    /// Show the opportunities by stage
    #[command(after_help = "Example:\n  roadbook pipeline owner=me 'amount>10000EUR'")]
    Pipeline(pages::BoardShown),
    /// Show activities, notes, tasks, changes and decisions about a record, newest first
    #[command(after_help = after("  roadbook timeline opportunity 4f07398f"))]
    Timeline(pages::Timeline),
    /// Show the records that refer to a record
    #[command(after_help = after("  roadbook related account 4f07398f"))]
    Related(pages::Related),
    /// Show, save and remove views of lists
    #[command(after_help = pages::VIEWS)]
    Views(pages::Views),
    /// Undo something: withdraw it, or set it back where it was sent
    #[command(after_help = "\
Examples:
  roadbook undo 4f07398f                     what this device did, by the id that was printed
  roadbook undo 4f07398f --record 1a2b3c4d   what another device did to this record

Later work of others is never overwritten; what was left is named.")]
    Undo(Undo),
    /// Show unsent work and what was denied; retry it or give it up
    #[command(after_help = "\
Examples:
  roadbook pending
  roadbook pending retry 4f07398f
  roadbook pending retry 4f07398f --set amount=9000EUR --why \"the limit\"
  roadbook pending discard 4f07398f
  roadbook pending restore 4f07398f          take back what was discarded or undone")]
    Pending(Pending),
    /// Show what a person must settle
    #[command(after_help = "\
Examples:
  roadbook conflicts
  roadbook conflicts 4f07398f          all of one record, in full
  roadbook conflicts --check           exit with 5 if there are any")]
    Conflicts(Conflicts),
    /// Settle a conflict
    #[command(after_help = "\
Examples:
  roadbook resolve 4f07398f --take 2 --why \"signed order\"
  roadbook resolve 4f07398f.amount --value 13000EUR

A conflict is named by its record, by record.field where the record has several, or by its id.")]
    Resolve(Resolve),
    /// Propose a value in a conflict, without deciding it
    #[command(
        after_help = "Example:\n  roadbook propose 4f07398f.amount --value 13000EUR --why \"their last mail\""
    )]
    Propose(Propose),
    /// Show what happened to a record, newest first
    #[command(after_help = after("  roadbook history opportunity 4f07398f --field amount"))]
    History(History),
    /// Show what merges settled by themselves, newest first
    #[command(after_help = "Examples:\n  roadbook journal\n  roadbook journal 4f07398f")]
    Journal(Journal),
    /// Examine this device, and ask the server whether both hold the same
    ///
    /// To compare, it syncs first: unsent work is sent and what is new is received. Where the two
    /// still differ, everything is read again from the server. With --offline it does neither.
    #[command(after_help = "\
Examples:
  roadbook doctor --json | jq .equal
  roadbook doctor --offline            examine only; send and receive nothing")]
    Doctor(Doctor),
    /// Write records to a file, or unsent work to a sealed bundle
    #[command(after_help = "\
Examples:
  roadbook export > everything.jsonl
  roadbook export accounts --format csv --to accounts.csv
  roadbook export --unsent --to unsent.bundle")]
    Export(Export),
    /// Read records from another system's files
    #[command(after_help = "\
Examples:
  roadbook import ./export --dry-run
  roadbook import ./export --mapping crm-export --report rejected.csv

A mapping says which file and column becomes which field; `crm-export` comes along. Records are
found again by their external id, so that importing again makes nothing twice. An agent whose name
only one rep has is that rep, a team's lead also a manager of that name, unless that user has
another id of the same system; any other unknown agent becomes a user without sign-in. Only an
Administrator may import.")]
    Import(Import),
    /// Forecast revenue and pipeline
    #[command(after_help = crate::plan::records::args::FORECAST)]
    Forecast(crate::plan::records::args::Forecast),
    /// Score open deals or leads, with reasons and what to do next
    #[command(after_help = crate::plan::records::args::SCORE)]
    Score(crate::plan::records::args::Score),
    /// Propose who should get which lead
    #[command(after_help = crate::plan::records::args::ASSIGN)]
    Assign(crate::plan::records::args::Assign),
    /// Propose territories beside today's
    #[command(after_help = crate::plan::records::args::TERRITORIES)]
    Territories(crate::plan::records::args::Territories),
    /// Allocate quotas
    #[command(after_help = crate::plan::records::args::QUOTAS)]
    Quotas(crate::plan::records::args::Quotas),
    /// Order the visits of a day
    #[command(after_help = crate::plan::records::args::ROUTE)]
    Route(crate::plan::records::args::Route),
    /// Plan on files: forecasts, scores, assignments, territories, quotas, routes
    #[command(after_help = crate::plan::args::EXAMPLES)]
    Plan(crate::plan::args::Plan),
    /// Show this device's app in a browser on this machine
    #[command(after_help = "\
Examples:
  roadbook serve --open
  roadbook serve --port 8765 --json    one JSON line with the address for each window

The printed address lets one browser in, once. The device is kept in sync while this runs; it stops
with Ctrl-C. Other machines cannot reach it.")]
    Serve(Serve),
    /// Print the completion script of a shell
    #[command(
        after_help = "Example:\n  roadbook completions bash > ~/.local/share/bash-completion/completions/roadbook"
    )]
    Completions(Completions),
}

fn after(examples: &str) -> String {
    let head = if examples.matches("roadbook ").count() > 1 { "Examples" } else { "Example" };
    format!("{head}:\n{examples}\n\n{RECORD}")
}

/// `init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The server's address
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,
    /// The tenant's name
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: String,
    /// Your sign-in name
    #[arg(long, value_name = "NAME")]
    pub(crate) user: String,
    /// This device's name, as others will read it
    #[arg(long, value_name = "NAME")]
    pub(crate) device_name: String,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// `sync`
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Go on until Ctrl-C: whenever the server has more, and on a timer
    #[arg(long)]
    pub(crate) watch: bool,
    /// Exit with 5 also when there are open conflicts
    #[arg(long, conflicts_with = "watch")]
    pub(crate) check: bool,
}

/// `--check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Exit with 5 when there is denied or unsent work, or an open conflict
    #[arg(long)]
    pub(crate) check: bool,
}

/// `list`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "flags of the command line")]
pub(crate) struct List {
    /// The kind of records, such as opportunities
    #[arg(value_name = "KIND")]
    pub(crate) entity: String,
    /// Conditions that must all hold
    #[arg(value_name = "CONDITION")]
    pub(crate) filters: Vec<String>,
    /// Only records that are not finished
    #[arg(long)]
    pub(crate) open: bool,
    /// Only records that are finished
    #[arg(long, conflicts_with = "open")]
    pub(crate) closed: bool,
    /// Only records in the trash
    #[arg(long)]
    pub(crate) trash: bool,
    /// Sort by a field; -FIELD for greatest first [default: newest edit first]
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub(crate) order: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// Go on after this place: `next` of the page before
    #[arg(long, value_name = "PLACE")]
    pub(crate) after: Option<String>,
    /// A saved view; conditions that are given here count beside its own
    #[arg(long, value_name = "NAME")]
    pub(crate) view: Option<String>,
}

/// `show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The record, after its kind if you like
    #[arg(value_name = "[KIND] RECORD", required = true, num_args = 1..=2)]
    pub(crate) words: Vec<String>,
}

/// `create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The kind of record
    #[arg(value_name = "KIND")]
    pub(crate) entity: String,
    /// First values
    #[arg(value_name = "FIELD=VALUE", required = true)]
    pub(crate) assignments: Vec<String>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// `set`
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The record, after its kind if you like, and what to set
    #[arg(value_name = "[KIND] RECORD FIELD=VALUE", required = true, num_args = 2..)]
    pub(crate) words: Vec<String>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// `move`
#[derive(Debug, Args)]
pub(crate) struct Move {
    /// The record, after its kind if you like, and where to
    #[arg(value_name = "[KIND] RECORD STAGE", required = true, num_args = 2..=3)]
    pub(crate) words: Vec<String>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// `log`
#[derive(Debug, Args)]
pub(crate) struct Log {
    /// What it was: visit, call, meeting, e-mail or note
    #[arg(value_name = "WHAT")]
    pub(crate) kind: String,
    /// The account or a record of it, after its kind if you like, and further values
    #[arg(value_name = "[KIND] RECORD [FIELD=VALUE]", required = true, num_args = 1..)]
    pub(crate) words: Vec<String>,
}

/// `note`
#[derive(Debug, Args)]
pub(crate) struct Note {
    /// The record, after its kind if you like, and the note; `-` reads it from standard input
    #[arg(value_name = "[KIND] RECORD TEXT", required = true, num_args = 2..=3)]
    pub(crate) words: Vec<String>,
    /// The note's title [default: its first line]
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
}

/// `tag`
#[derive(Debug, Args)]
pub(crate) struct Tag {
    /// The record, after its kind if you like, and the tags to add
    #[arg(value_name = "[KIND] RECORD [TAG]", required = true, num_args = 1..)]
    pub(crate) words: Vec<String>,
    /// A tag to remove; may be given several times
    #[arg(long, value_name = "TAG")]
    pub(crate) remove: Vec<String>,
}

/// `complete`
#[derive(Debug, Args)]
pub(crate) struct Complete {
    /// The task
    #[arg(value_name = "TASK")]
    pub(crate) record: String,
}

/// `convert`
#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// The lead
    #[arg(value_name = "LEAD")]
    pub(crate) record: String,
    /// The account; the one that is called like the lead's company where it is left out
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "new_account")]
    pub(crate) account: Option<String>,
    /// Make a new account, also where one is called so
    #[arg(long)]
    pub(crate) new_account: bool,
    /// What the opportunity is called; like the company where it is left out
    #[arg(long, value_name = "NAME")]
    pub(crate) opportunity: Option<String>,
    /// Why, for those who read the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// `delete` and `restore`
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The record, after its kind if you like
    #[arg(value_name = "[KIND] RECORD", required = true, num_args = 1..=2)]
    pub(crate) words: Vec<String>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// `search`
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// The words
    #[arg(value_name = "WORD", required = true)]
    pub(crate) words: Vec<String>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
}

/// `pending`
#[derive(Debug, Args)]
pub(crate) struct Pending {
    #[command(subcommand)]
    pub(crate) action: Option<PendingAction>,
    #[command(flatten)]
    pub(crate) check: Check,
}

/// What to do with denied work.
#[derive(Debug, Subcommand)]
pub(crate) enum PendingAction {
    /// Send a denied intent again, as it is or with other values
    Retry(Retry),
    /// Give up a denied intent, or one that was not sent yet
    Discard(OneIntent),
    /// Take back what was given up or undone in the last 30 days
    Restore(OneIntent),
}

/// `pending retry`
#[derive(Debug, Args)]
pub(crate) struct Retry {
    #[command(flatten)]
    pub(crate) one: OneIntent,
    /// Another value for a field; may be given several times
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
    /// Why, for the history [default: what was said before]
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// `undo`
#[derive(Debug, Args)]
pub(crate) struct Undo {
    #[command(flatten)]
    pub(crate) one: OneIntent,
    /// A record that it is about; needed for what another device did
    #[arg(long, value_name = "RECORD")]
    pub(crate) record: Option<String>,
}

/// An intent.
#[derive(Debug, Args)]
pub(crate) struct OneIntent {
    /// Its id, or the first or last 6 digits of it or more
    #[arg(value_name = "INTENT")]
    pub(crate) intent: String,
}

/// `conflicts`
#[derive(Debug, Args)]
pub(crate) struct Conflicts {
    /// Only those of this record, in full
    #[arg(value_name = "[KIND] RECORD", num_args = 0..=2)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) check: Check,
}

/// What settles a conflict.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Chosen {
    /// The value of this side, as `conflicts` numbers them
    #[arg(long, value_name = "SIDE")]
    pub(crate) take: Option<u32>,
    /// Another value
    #[arg(long, value_name = "VALUE")]
    pub(crate) value: Option<String>,
}

/// `resolve`
#[derive(Debug, Args)]
pub(crate) struct Resolve {
    /// The conflict
    #[arg(value_name = "CONFLICT")]
    pub(crate) conflict: String,
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

/// `propose`
#[derive(Debug, Args)]
pub(crate) struct Propose {
    /// The conflict
    #[arg(value_name = "CONFLICT")]
    pub(crate) conflict: String,
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
}

/// `history`
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The record, after its kind if you like
    #[arg(value_name = "[KIND] RECORD", required = true, num_args = 1..=2)]
    pub(crate) words: Vec<String>,
    /// Only what is about this field
    #[arg(long, value_name = "FIELD")]
    pub(crate) field: Option<String>,
    /// Ask the server first for what is older than the 90 days that devices keep
    #[arg(long)]
    pub(crate) older: bool,
}

/// `journal`
#[derive(Debug, Args)]
pub(crate) struct Journal {
    /// Only what is about this record
    #[arg(value_name = "RECORD")]
    pub(crate) record: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    pub(crate) limit: u32,
}

/// `doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Do not ask the server; nothing is sent or received
    #[arg(long)]
    pub(crate) offline: bool,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values, one kind of record.
    Csv,
}

/// `export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The kinds of records [default: all]
    #[arg(value_name = "KIND")]
    pub(crate) entities: Vec<String>,
    /// The form
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    pub(crate) format: Format,
    /// The file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Unsent work instead of records, sealed for the tenant's recovery key
    #[arg(long, requires = "to", conflicts_with_all = ["entities", "format"])]
    pub(crate) unsent: bool,
}

/// `import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The folder of the data files
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// The mapping: a name that comes along, or a file
    #[arg(long, default_value = "crm-export", value_name = "MAPPING")]
    pub(crate) mapping: String,
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write rejected rows to this CSV file
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The port on 127.0.0.1; 0 for any that is free
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    pub(crate) port: u16,
    /// The folder of the page [default: `ui` beside this program]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) ui: Option<PathBuf>,
    /// Open the address in the browser
    #[arg(long)]
    pub(crate) open: bool,
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_explains_itself_with_an_example() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("roadbook {name}")), "`{name}` has no example");
            assert!(command.get_about().is_some(), "`{name}` does not say what it is for");
        }
    }
}
