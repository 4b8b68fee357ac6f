//! Running a command: from words to a request of `roadbook-api`, to the app, to the terminal.

mod conflicts;
mod device;
mod pages;
mod queries;
mod serve;
mod transfer;
mod writes;

use std::path::PathBuf;

use jiff::tz::TimeZone;
use roadbook_api::{ApiError, Assignment, ErrorCode};
use roadbook_app::{App, Host as _};
use roadbook_domain::Entity;

pub(crate) use self::device::runtime;
use crate::args::{Cli, Command, Globals};
use crate::exit::{self, Exit};
use crate::host::Machine;
use crate::plan::records;
use crate::show::words::Now;
use crate::terminal::Terminal;
use crate::unlock;

/// Runs a command and says how it ended.
pub(crate) fn run(cli: &Cli, terminal: &Terminal) -> Result<Exit, ApiError> {
    let at = Place { globals: &cli.globals, terminal };
    match &cli.command {
        Command::Init(args) => device::init(&at, args),
        Command::Sync(args) => device::sync(&at, args),
        Command::Status(args) => device::status(&at, args),
        Command::Doctor(args) => device::doctor(&at, args),
        Command::List(args) => queries::list(&at, args),
        Command::Show(args) => queries::show(&at, args),
        Command::Search(args) => queries::search(&at, args),
        Command::History(args) => queries::history(&at, args),
        Command::Journal(args) => queries::journal(&at, args),
        Command::Today(args) => pages::today(&at, args),
        Command::Board(args) => pages::board(&at, args),
        Command::Pipeline(shown) => pages::pipeline(&at, shown),
        Command::Timeline(args) => pages::timeline(&at, args),
        Command::Related(args) => pages::related(&at, args),
        Command::Views(args) => pages::views(&at, args),
        Command::Undo(args) => conflicts::undo(&at, args),
        Command::Create(args) => writes::create(&at, args),
        Command::Set(args) => writes::set(&at, args),
        Command::Move(args) => writes::move_record(&at, args),
        Command::Log(args) => writes::log(&at, args),
        Command::Note(args) => writes::note(&at, args),
        Command::Tag(args) => writes::tag(&at, args),
        Command::Complete(args) => writes::complete(&at, args),
        Command::Convert(args) => writes::convert(&at, args),
        Command::Delete(args) => writes::delete(&at, args),
        Command::Restore(args) => writes::restore(&at, args),
        Command::Pending(args) => conflicts::pending(&at, args),
        Command::Conflicts(args) => conflicts::conflicts(&at, args),
        Command::Resolve(args) => conflicts::resolve(&at, args),
        Command::Propose(args) => conflicts::propose(&at, args),
        Command::Export(args) => transfer::export(&at, args),
        Command::Import(args) => transfer::import(&at, args),
        Command::Forecast(args) => records::forecast(&at, args),
        Command::Score(args) => records::score(&at, args),
        Command::Assign(args) => records::assign(&at, args),
        Command::Territories(args) => records::territories(&at, args),
        Command::Quotas(args) => records::quotas(&at, args),
        Command::Route(args) => records::route(&at, args),
        Command::Plan(args) => crate::plan::run(&at, args),
        Command::Serve(args) => serve::serve(&at, args),
        Command::Completions(args) => transfer::completions(args),
    }
}

/// Where a command runs.
pub(crate) struct Place<'a> {
    globals: &'a Globals,
    pub(crate) terminal: &'a Terminal,
}

impl Place<'_> {
    /// The device's folder.
    pub(crate) fn folder(&self) -> Result<PathBuf, ApiError> {
        if let Some(folder) = &self.globals.dir {
            return Ok(folder.clone());
        }
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let data = variable("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local/share")));
        data.map(|data| data.join("roadbook")).ok_or_else(|| {
            ApiError::new(
                ErrorCode::BadInput,
                "no folder for the device: give --dir FOLDER or set ROADBOOK_DIR",
            )
        })
    }

    /// Opens the device.
    pub(crate) fn open(&self) -> Result<App, ApiError> {
        let folder = self.folder()?;
        if !App::exists(&folder) {
            let message = format!(
                "there is no device in {}; make one with `roadbook init`, or name another folder \
                 with --dir",
                folder.display()
            );
            return Err(ApiError::new(ErrorCode::NoDevice, message));
        }
        unlock::open(&folder)
    }

    #[allow(clippy::disallowed_methods, reason = "a host is where the zone comes from")]
    pub(crate) fn now(&self) -> Now {
        Now { wall_ms: Machine.wall_ms(), zone: TimeZone::system() }
    }
}

/// A record as it was named: after its kind, if that was given.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    entity: Option<String>,
    record: String,
}

/// Takes the record from the front of the words: a kind and a name, or an id alone.
fn target(words: &[String]) -> Result<(Target, &[String]), ApiError> {
    match words {
        [kind, record, rest @ ..] if kind.parse::<Entity>().is_ok() => {
            let target = Target { entity: Some(kind.clone()), record: record.clone() };
            Ok((target, rest))
        }
        [kind] if kind.parse::<Entity>().is_ok() => Err(bad_input(
            "record",
            &format!("`{kind}` is a kind of record"),
            "name the record, too",
        )),
        [record, rest @ ..] => Ok((Target { entity: None, record: record.clone() }, rest)),
        [] => Err(bad_input("record", "is missing", "name a record")),
    }
}

/// The same where nothing may follow.
fn only_target(words: &[String]) -> Result<Target, ApiError> {
    let (target, rest) = target(words)?;
    nothing_more(rest)?;
    Ok(target)
}

fn nothing_more(rest: &[String]) -> Result<(), ApiError> {
    match rest.first() {
        None => Ok(()),
        Some(word) => Err(bad_input(
            "record",
            &format!("`{word}` is one word too many"),
            "put names with spaces in quotes, after the kind of record",
        )),
    }
}

fn assignments(words: &[String]) -> Result<Vec<Assignment>, ApiError> {
    let parse = |word: &String| {
        word.parse::<Assignment>().map_err(|error| {
            ApiError::new(ErrorCode::BadInput, error.to_string()).at(
                "assignment",
                format!("`{word}` is none"),
                "write it like stage=Negotiation, tags+=vip or tags-=old",
            )
        })
    };
    words.iter().map(parse).collect()
}

fn bad_input(field: &str, problem: &str, remedy: &str) -> ApiError {
    ApiError::new(ErrorCode::BadInput, format!("{field}: {problem}; {remedy}"))
        .at(field, problem, remedy)
}

/// How a check ends.
const fn checked(wanted: Wanted, something_waits: bool) -> Exit {
    match (wanted, something_waits) {
        (Wanted::Check, true) => exit::NEEDS_YOU,
        (Wanted::Check, false) | (Wanted::Nothing, _) => exit::OK,
    }
}

/// Whether the exit code shall tell what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Check,
    Nothing,
}

impl From<bool> for Wanted {
    fn from(check: bool) -> Self {
        if check { Self::Check } else { Self::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_record_may_stand_after_its_kind() {
        let all = words(&["opportunity", "4f07398f", "stage=Proposal"]);
        let (found, rest) = target(&all).unwrap();
        assert_eq!(found.entity.as_deref(), Some("opportunity"));
        assert_eq!((found.record.as_str(), rest.len()), ("4f07398f", 1));
        let all = words(&["4f07398f", "stage=Proposal"]);
        let (found, rest) = target(&all).unwrap();
        assert_eq!((found.entity, rest.len()), (None, 1));
    }

    #[test]
    fn what_is_missing_or_too_much_is_named() {
        let error = target(&words(&["opportunity"])).unwrap_err();
        assert!(error.message.contains("name the record"), "{error}");
        let error = only_target(&words(&["4f07398f", "more"])).unwrap_err();
        assert!(error.message.contains("`more` is one word too many"), "{error}");
        let error = assignments(&words(&["stage"])).unwrap_err();
        assert_eq!(error.code, ErrorCode::BadInput);
        assert_eq!(error.fields[0].field, "assignment");
    }
}
