//! What a face is told when a command cannot be carried out.
//!
//! Faces branch on [`ErrorCode`], never on the text. The text is one English sentence that says
//! what is wrong and what to do; it holds no internals.

use serde::{Deserialize, Serialize};

/// A command that could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// The stable word for programs.
    pub code: ErrorCode,
    /// What is wrong and what to do, in a sentence.
    pub message: String,
    /// The fields of the request that are at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
}

/// A field that is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl ApiError {
    /// An error that is about no field in particular.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: Vec::new() }
    }

    /// The same error, naming a field.
    #[must_use]
    pub fn at(
        mut self,
        field: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        self.fields.push(FieldProblem {
            field: field.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        });
        self
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// Why a command could not be carried out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

codes! {
    /// The request cannot be read: a word is missing, doubled or not understood.
    BadInput = "bad_input",
    /// The entity has no such field.
    UnknownField = "unknown_field",
    /// A value does not fit its field.
    InvalidValue = "invalid_value",
    /// A required field is missing.
    MissingField = "missing_field",
    /// The field cannot be written in this way, or not yet.
    NotWritable = "not_writable",
    /// Nothing would change.
    NothingToDo = "nothing_to_do",
    /// There is no such record, conflict or intent on this device.
    NotFound = "not_found",
    /// What was named fits several; the message lists them.
    Ambiguous = "ambiguous",
    /// The record is in the trash.
    Deleted = "deleted",
    /// The field is disputed; only settling the conflict or proposing a value is possible.
    Disputed = "disputed",
    /// The field is not disputed.
    NotDisputed = "not_disputed",
    /// The record changed since it was looked at.
    Stale = "stale",
    /// Policy does not allow it.
    Refused = "refused",
    /// Work that is nowhere else is still on this device; export it or send it first.
    UnsentWork = "unsent_work",
    /// This face cannot do it: another one can, such as the device's own app.
    NotHere = "not_here",
    /// The face is not signed in; sign in first.
    NotSignedIn = "not_signed_in",
    /// Too many attempts; wait a while.
    TooMany = "too_many",
    /// The device is not enrolled with a server yet.
    NotEnrolled = "not_enrolled",
    /// The device is there already.
    AlreadyThere = "already_there",
    /// There is no device in this folder.
    NoDevice = "no_device",
    /// The device's database cannot be unlocked: wrong passphrase, or the key store has no key.
    Locked = "locked",
    /// Another program is using the device.
    Busy = "busy",
    /// The database was made by a newer version.
    NewerDatabase = "newer_database",
    /// The database is damaged.
    Damaged = "damaged",
    /// The device's disk is full or cannot be written.
    Storage = "storage",
    /// The server cannot be reached.
    Unreachable = "unreachable",
    /// The server refuses the sign-in.
    SignInFailed = "sign_in_failed",
    /// The server refuses the device: it was revoked or is not known.
    DeviceRefused = "device_refused",
    /// The server refuses the request for another reason.
    ServerRefused = "server_refused",
    /// This client is too old or too new for the server.
    VersionMismatch = "version_mismatch",
    /// No plan keeps all limits; the message names those that clash.
    Infeasible = "infeasible",
    /// A file cannot be read or written.
    File = "file",
    /// The work was cancelled; what was done until then stays done.
    Cancelled = "cancelled",
    /// A defect of Roadbook itself.
    Internal = "internal",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_words_and_read_back() {
        let mut words: Vec<_> = ErrorCode::ALL.iter().map(|code| code.word()).collect();
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{}\"", code.word()));
            assert_eq!(serde_json::from_str::<ErrorCode>(&json).unwrap(), *code);
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ErrorCode::ALL.len(), "two codes share a word");
    }

    #[test]
    fn an_error_travels_with_its_fields() {
        let error = ApiError::new(ErrorCode::InvalidValue, "amount: `a lot` is no money").at(
            "amount",
            "is not an amount of money",
            "write it like 12000EUR",
        );
        insta::assert_snapshot!(serde_json::to_string_pretty(&error).unwrap(), @r#"
        {
          "code": "invalid_value",
          "message": "amount: `a lot` is no money",
          "fields": [
            {
              "field": "amount",
              "problem": "is not an amount of money",
              "remedy": "write it like 12000EUR"
            }
          ]
        }
        "#);
    }
}
