//! Exit codes. Documented in `roadbook --help`, and as stable as the JSON.

use std::process::ExitCode;

use roadbook_api::ErrorCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exit(u8);

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}

/// Done.
pub(crate) const OK: Exit = Exit(0);
/// Something failed that the other codes do not name.
pub(crate) const FAILED: Exit = Exit(1);
/// The command cannot be read.
pub(crate) const BAD_INPUT: Exit = Exit(2);
/// There is no such record, conflict, intent or device.
pub(crate) const NOT_FOUND: Exit = Exit(3);
/// Policy refuses.
pub(crate) const REFUSED: Exit = Exit(4);
/// A person must decide something, work is unsent, or an answer lacks what could not be read.
pub(crate) const NEEDS_YOU: Exit = Exit(5);
/// The server cannot be reached.
pub(crate) const UNREACHABLE: Exit = Exit(6);
/// The device is locked, or the passphrase is wrong.
pub(crate) const LOCKED: Exit = Exit(7);
/// The server refuses the sign-in or the device, or the device is not enrolled.
pub(crate) const NOT_SIGNED_IN: Exit = Exit(8);
/// No plan keeps all limits.
pub(crate) const INFEASIBLE: Exit = Exit(9);
/// Cancelled, as shells number it.
pub(crate) const CANCELLED: Exit = Exit(130);

/// The list for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  1    failed: disk, damaged or newer database, defect
  2    bad input: the message names the field and the remedy
  3    not found: record, conflict, intent or device
  4    refused by policy
  5    needs a person: a disputed field, or denied or unsent work after sync; with --check also
       open conflicts; with --skip-bad series that were left out
  6    server unreachable
  7    locked, or wrong passphrase
  8    not enrolled, or sign-in or device refused by the server
  9    no plan keeps all limits: the message names those that clash
  130  cancelled";

/// The exit code of an error.
pub(crate) const fn of(code: ErrorCode) -> Exit {
    match code {
        ErrorCode::BadInput
        | ErrorCode::UnknownField
        | ErrorCode::InvalidValue
        | ErrorCode::MissingField
        | ErrorCode::NotWritable
        | ErrorCode::NothingToDo
        | ErrorCode::Ambiguous
        | ErrorCode::NotDisputed
        | ErrorCode::AlreadyThere => BAD_INPUT,
        ErrorCode::NotFound | ErrorCode::NoDevice | ErrorCode::Deleted => NOT_FOUND,
        ErrorCode::Refused => REFUSED,
        ErrorCode::Disputed | ErrorCode::UnsentWork => NEEDS_YOU,
        ErrorCode::Unreachable => UNREACHABLE,
        ErrorCode::Locked => LOCKED,
        ErrorCode::NotEnrolled
        | ErrorCode::NotSignedIn
        | ErrorCode::SignInFailed
        | ErrorCode::DeviceRefused => NOT_SIGNED_IN,
        ErrorCode::Infeasible => INFEASIBLE,
        ErrorCode::Cancelled => CANCELLED,
        ErrorCode::Stale
        | ErrorCode::Busy
        | ErrorCode::NewerDatabase
        | ErrorCode::Damaged
        | ErrorCode::Storage
        | ErrorCode::ServerRefused
        | ErrorCode::VersionMismatch
        | ErrorCode::File
        | ErrorCode::NotHere
        | ErrorCode::TooMany
        | ErrorCode::Internal => FAILED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_exits_as_if_all_were_well_and_every_exit_is_in_the_help() {
        for code in ErrorCode::ALL {
            let exit = of(*code);
            assert_ne!(exit, OK, "{code:?}");
            let listed = HELP
                .lines()
                .any(|line| line.split_whitespace().next() == Some(exit.0.to_string().as_str()));
            assert!(listed, "{code:?} exits with {}, which the help does not list", exit.0);
        }
    }
}
