//! The one translation from what can go wrong below to what a face is told.
//!
//! Internals never cross: a database error becomes a code and a sentence, nothing more.

use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::{Entity, InvalidIntent};
use roadbook_policy::Decision;
use roadbook_replica::http::SyncError;
use roadbook_replica::key::KeyError;
use roadbook_replica::{CommitError, OpenError, StoreError, TakeInError};

/// What a use case gives.
pub type ApiResult<T> = Result<T, ApiError>;

/// There is no such thing on this device.
pub(crate) fn not_found(what: &str, named: &str) -> ApiError {
    let message = format!(
        "there is no {what} `{named}` on this device; it may be somebody else's, deleted, or not \
         synced yet"
    );
    ApiError::new(ErrorCode::NotFound, message)
}

/// A text in a request that cannot be used.
pub(crate) fn bad_input(field: &str, problem: &str, remedy: &str) -> ApiError {
    ApiError::new(ErrorCode::BadInput, format!("{field}: {problem}; {remedy}"))
        .at(field, problem, remedy)
}

/// The entity of a text.
pub(crate) fn entity(text: &str) -> ApiResult<Entity> {
    text.parse().map_err(|error: roadbook_domain::entity::UnknownEntity| {
        let problem = format!("`{text}` is no kind of record");
        ApiError::new(ErrorCode::BadInput, error.to_string()).at(
            "entity",
            problem,
            "write one of those",
        )
    })
}

pub(crate) fn of_invalid(error: &InvalidIntent) -> ApiError {
    let message = error.to_string();
    match error {
        InvalidIntent::UnknownField { field, known, .. } => ApiError::new(
            ErrorCode::UnknownField,
            message,
        )
        .at(field, "there is no such field", format!("use one of {known}")),
        InvalidIntent::Value(invalid) => of_value(invalid),
        InvalidIntent::Missing { field, .. } => ApiError::new(ErrorCode::MissingField, message).at(
            *field,
            "is required",
            format!("add {field}=..."),
        ),
        InvalidIntent::NotWritable { field, problem, remedy, .. } => {
            ApiError::new(ErrorCode::NotWritable, message).at(field, *problem, *remedy)
        }
        InvalidIntent::Empty => ApiError::new(ErrorCode::NothingToDo, message),
    }
}

pub(crate) fn of_value(invalid: &roadbook_domain::schema::InvalidValue) -> ApiError {
    ApiError::new(ErrorCode::InvalidValue, invalid.to_string()).at(
        &invalid.field,
        format!("`{}` {}", invalid.given, invalid.problem),
        &invalid.remedy,
    )
}

pub(crate) fn of_decision(decision: &Decision) -> ApiError {
    match decision {
        Decision::Allow { .. } => {
            ApiError::new(ErrorCode::Internal, "the policies allow it, yet it was not saved")
        }
        Decision::Deny { reason, remedy, field, .. } => refused(reason, remedy, field.as_deref()),
        Decision::NeedsApproval { reason, approvers, field, .. } => {
            let names: Vec<_> = approvers.iter().map(ToString::to_string).collect();
            let remedy = format!("ask a {} to do it", names.join(" or "));
            refused(reason, &remedy, field.as_deref())
        }
        Decision::ServerDecides { missing, .. } => {
            let reason = format!(
                "this device cannot tell whether you may: it does not know the {}",
                missing.join(", ")
            );
            refused(&reason, "sync and try again, or ask a Manager", None)
        }
    }
}

fn refused(reason: &str, remedy: &str, field: Option<&str>) -> ApiError {
    let error = ApiError::new(ErrorCode::Refused, format!("{reason}; {remedy}"));
    match field {
        Some(field) => error.at(field, reason, remedy),
        None => error,
    }
}

pub(crate) fn of_commit(error: &CommitError) -> ApiError {
    let message = error.to_string();
    match error {
        CommitError::Invalid(invalid) => of_invalid(invalid),
        CommitError::Refused(refusal) => {
            let code = match refusal.code() {
                "exists" => ErrorCode::AlreadyThere,
                "no_record" => ErrorCode::NotFound,
                "deleted" => ErrorCode::Deleted,
                "not_deleted" => ErrorCode::NothingToDo,
                "disputed" => ErrorCode::Disputed,
                "not_disputed" => ErrorCode::NotDisputed,
                "from_mismatch" | "other_sides" => ErrorCode::Stale,
                "wrong_operation" => ErrorCode::NotWritable,
                "bad_document" => ErrorCode::Damaged,
                _ => ErrorCode::Internal,
            };
            ApiError::new(code, message)
        }
        CommitError::NotAllowed(decision) => of_decision(decision),
        CommitError::NotHere(record) => ApiError::new(
            ErrorCode::NotFound,
            format!("record {record}, or its confidential part, is not on this device"),
        ),
        CommitError::IdUsed(_) => ApiError::new(ErrorCode::Internal, message),
        CommitError::Store(store) => of_store(store),
    }
}

pub(crate) fn of_store(error: &StoreError) -> ApiError {
    let code = match error {
        StoreError::DiskFull => ErrorCode::Storage,
        StoreError::Database(_) if error.is_retryable() => ErrorCode::Busy,
        StoreError::Database(_) => ErrorCode::Storage,
        StoreError::Document(_) | StoreError::Unreadable { .. } => ErrorCode::Damaged,
        StoreError::NotEnrolled => ErrorCode::NotEnrolled,
        StoreError::Enrolment(_) => ErrorCode::VersionMismatch,
        StoreError::Key(_) => ErrorCode::Locked,
        StoreError::Query(_) => ErrorCode::BadInput,
    };
    let message = match (error, code) {
        (StoreError::Database(_), ErrorCode::Busy) => {
            "another program is using this device; wait a moment and try again".to_owned()
        }
        (StoreError::Database(_), _) => {
            "the device's database cannot be read or written; run `roadbook doctor`".to_owned()
        }
        _ => error.to_string(),
    };
    ApiError::new(code, message)
}

pub(crate) fn of_open(error: &OpenError) -> ApiError {
    let message = error.to_string();
    let code = match error {
        OpenError::NotFound(_) => ErrorCode::NoDevice,
        OpenError::Exists(_) => ErrorCode::AlreadyThere,
        OpenError::InUse(_) => ErrorCode::Busy,
        OpenError::Key(key) => return of_key(key),
        OpenError::WrongKey => ErrorCode::Damaged,
        OpenError::Newer { .. } => ErrorCode::NewerDatabase,
        OpenError::File { source, .. } => {
            return ApiError::new(ErrorCode::File, format!("{message}: {source}"));
        }
        OpenError::Store(store) => return of_store(store),
    };
    ApiError::new(code, message)
}

fn of_key(error: &KeyError) -> ApiError {
    let code = if matches!(error, KeyError::Unreadable(_)) {
        ErrorCode::Damaged
    } else if matches!(error, KeyError::Unwritable(_)) {
        ErrorCode::File
    } else {
        ErrorCode::Locked
    };
    ApiError::new(code, error.to_string())
}

/// What went wrong where a device is set up: nothing is saved on it yet.
pub(crate) fn of_enrol(error: &SyncError, server: &str) -> ApiError {
    if !matches!(error, SyncError::Offline(_)) {
        return of_sync(error);
    }
    let message = format!(
        "nothing answers at {server}; check the address and that this device is online, then do it again"
    );
    ApiError::new(ErrorCode::Unreachable, message)
}

pub(crate) fn of_sync(error: &SyncError) -> ApiError {
    let message = error.to_string();
    match error {
        SyncError::Offline(_) => ApiError::new(
            ErrorCode::Unreachable,
            "the server cannot be reached; everything stays saved on this device and is sent later",
        ),
        SyncError::Refused(problem) => {
            let code = match (problem.code(), problem.status) {
                (_, 401) => ErrorCode::SignInFailed,
                ("revoked" | "device_revoked" | "unknown_device", _) => ErrorCode::DeviceRefused,
                (_, 403) => ErrorCode::Refused,
                (_, 426) => ErrorCode::VersionMismatch,
                _ => ErrorCode::ServerRefused,
            };
            ApiError::new(code, problem.detail.clone())
        }
        SyncError::BadAnswer(_) => ApiError::new(ErrorCode::VersionMismatch, message),
        SyncError::Cancelled => {
            ApiError::new(ErrorCode::Cancelled, "cancelled; what was done until then stays done")
        }
        SyncError::TakeIn(TakeInError::Store(store)) | SyncError::Store(store) => of_store(store),
        SyncError::TakeIn(_) => ApiError::new(ErrorCode::ServerRefused, message),
    }
}
