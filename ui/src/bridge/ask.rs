//! A command made ready to travel, with its type forgotten.
//!
//! Hooks and writes hold this instead of the command, so that each is compiled once and not once for
//! every command: the page is fetched over a phone's network (docs/performance.md).

use std::any::Any;
use std::rc::Rc;

use roadbook_api::{ApiError, Command, ErrorCode};

/// Reads an answer; what is in it is the command's response.
type Read = fn(&str) -> Result<Rc<dyn Any>, ApiError>;

/// A command as JSON, and how its answer is read.
#[derive(Debug, Clone)]
pub struct Ask {
    pub(super) name: &'static str,
    pub(super) request: Rc<str>,
    pub(super) read: Read,
}

impl PartialEq for Ask {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.request == other.request
    }
}

impl Ask {
    /// Makes a command ready.
    #[must_use]
    pub fn of<C>(command: &C) -> Self
    where
        C: Command,
        C::Response: 'static,
    {
        // Requests are plain data, so this cannot fail; the app would say that it cannot read it.
        let request = serde_json::to_string(command).unwrap_or_default();
        Self { name: C::NAME, request: request.into(), read: boxed::<C::Response> }
    }
}

fn boxed<T: serde::de::DeserializeOwned + 'static>(answer: &str) -> Result<Rc<dyn Any>, ApiError> {
    read::<T>(answer).map(|found| Rc::new(found) as Rc<dyn Any>)
}

/// Reads an answer.
pub(super) fn read<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, ApiError> {
    serde_json::from_str(answer).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> ApiError {
    ApiError::new(
        ErrorCode::VersionMismatch,
        format!("the app and this page are of different versions ({error}); load the page again"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadbook_api::commands::queries::ShowRecord;

    #[test]
    fn the_same_request_is_the_same_ask() {
        let of = |record: &str| Ask::of(&ShowRecord { entity: None, record: record.into() });
        assert_eq!(of("1"), of("1"));
        assert_ne!(of("1"), of("2"));
        let error = (of("1").read)("{}").expect_err("it has no record in it");
        assert_eq!(error.code, ErrorCode::VersionMismatch);
    }
}
