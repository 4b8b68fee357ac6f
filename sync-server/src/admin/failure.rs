//! How a command can fail: an exit code, a stable word, what is wrong and what to do.

use std::io::Write;

use serde_json::{Value, json};

use crate::data_dir::DataDirError;
use crate::http::StartError;
use crate::tenant::{BackupError, TenantError};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// The configuration cannot be used.
    Configuration = 3,
    /// What was named is not there.
    NotFound = 4,
    /// Refused: it exists already, is not allowed, or is not safe.
    Refused = 5,
    /// Busy: try again in a moment.
    Busy = 6,
}

/// A command that was not carried out.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    /// A stable word for programs.
    pub(super) code: &'static str,
    /// What is wrong.
    pub(super) problem: String,
    /// What to do.
    pub(super) remedy: String,
    /// One entry for each of several problems.
    pub(super) details: Vec<Value>,
}

impl Failure {
    pub(super) fn new(
        exit: Exit,
        code: &'static str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { exit, code, problem: problem.into(), remedy: remedy.into(), details: Vec::new() }
    }

    /// Prints it, for people or for programs.
    pub(super) fn print(&self, as_json: bool, out: &mut dyn Write) -> std::io::Result<()> {
        if as_json {
            let mut error = json!({
                "code": self.code,
                "message": self.problem,
                "remedy": self.remedy,
            });
            if !self.details.is_empty() {
                error["details"] = Value::Array(self.details.clone());
            }
            writeln!(out, "{}", json!({ "error": error }))
        } else {
            writeln!(out, "error: {}\nremedy: {}", self.problem, self.remedy)
        }
    }
}

/// All causes of an error in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.ends_with(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    text
}

impl From<TenantError> for Failure {
    fn from(error: TenantError) -> Self {
        let (exit, remedy) = match &error {
            TenantError::Store(store) if store.is_retryable() => {
                (Exit::Busy, "try again in a moment")
            }
            TenantError::NotFound(_) | TenantError::Missing => {
                (Exit::NotFound, "see the list command for what there is")
            }
            TenantError::Exists | TenantError::LoginTaken(_) | TenantError::DeviceTaken => {
                (Exit::Refused, "choose another name")
            }
            TenantError::Settled => {
                (Exit::Refused, "see `roadbook-server quarantine list --all` for what was done")
            }
            TenantError::Forbidden { .. }
            | TenantError::Directory { .. }
            | TenantError::Revoked
            | TenantError::Inactive
            | TenantError::BadKey => (Exit::Refused, "change what is named above"),
            TenantError::Store(_)
            | TenantError::Document(_)
            | TenantError::Unreadable { .. }
            | TenantError::Corrupt(_)
            | TenantError::BadSignature
            | TenantError::TooMany { .. }
            | TenantError::BadCursor => (Exit::Failed, "restore a backup if this does not pass"),
        };
        Self::new(exit, error.code(), chain(&error), remedy)
    }
}

impl From<DataDirError> for Failure {
    fn from(error: DataDirError) -> Self {
        match error {
            DataDirError::Tenant { name, source } => {
                let inner = Self::from(source);
                Self { problem: format!("tenant `{name}`: {}", inner.problem), ..inner }
            }
            DataDirError::Name(_) => {
                Self::new(Exit::Usage, "bad_name", error.to_string(), "choose another name")
            }
            DataDirError::Io { .. } => {
                Self::new(Exit::Failed, "io", chain(&error), "check the folder and its permissions")
            }
            DataDirError::Locked(_) => {
                Self::new(Exit::Refused, "locked", error.to_string(), "stop the other server first")
            }
        }
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Exists(_) => Self::new(
                Exit::Refused,
                "file_exists",
                error.to_string(),
                "name another file with --to",
            ),
            BackupError::AtWork(_) => {
                Self::new(Exit::Busy, "backing_up", error.to_string(), "wait until it is done")
            }
            BackupError::Io { .. } => Self::new(
                Exit::Failed,
                "io",
                format!("the backup does not count: {}", chain(&error)),
                "make room or name another file with --to, and back up again; devices keep \
                 everything until then",
            ),
            BackupError::Folder(error) => error.into(),
            BackupError::Tenant(error) => error.into(),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::DataDir(error) => error.into(),
            StartError::Tenant { name, source } => DataDirError::Tenant { name, source }.into(),
            StartError::DemoBeyondLoopback { .. } => Self::new(
                Exit::Refused,
                "demo_beyond_loopback",
                error.to_string(),
                "listen on 127.0.0.1 without a proxy, or remove the demo tenant",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_json_object_with_a_code_and_a_remedy() {
        let failure = Failure::from(TenantError::LoginTaken("ana".to_owned()));
        assert_eq!(failure.exit, Exit::Refused);
        let mut out = Vec::new();
        failure.print(true, &mut out).unwrap();
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["error"]["code"], "login_taken");
        assert!(value["error"]["remedy"].as_str().is_some_and(|words| !words.is_empty()));
    }
}
