//! What is said when a door stays shut.

use roadbook_api::{ApiError, ErrorCode};

use crate::state::entry::{Blank, Door, Wrong};
use crate::words::sentence;

/// Why a form was not taken, in the words of a colleague.
pub(crate) fn refusal(error: &ApiError, door: Door) -> Vec<Wrong> {
    let of_fields: Vec<Wrong> = error
        .fields
        .iter()
        .filter_map(|it| {
            let blank = Blank::of_field(&it.field)?;
            let text = format!("{} {}", sentence(&it.problem), sentence(&it.remedy));
            Some(Wrong { blank: Some(blank), text: text.into() })
        })
        .collect();
    if error.code == ErrorCode::Locked && door == Door::Enrol {
        let text = "This computer keeps no keys by itself. Choose a passphrase for the device.";
        return vec![Wrong { blank: Some(Blank::Passphrase), text: text.into() }];
    }
    if !of_fields.is_empty() {
        return of_fields;
    }
    let (blank, text) = match (error.code, door) {
        (ErrorCode::SignInFailed | ErrorCode::NotSignedIn, _) => (
            Some(Blank::Password),
            "Company, sign-in name or password is not right. Is it forgotten? An administrator can \
             set a new password."
                .to_owned(),
        ),
        (ErrorCode::Locked, _) => (
            Some(Blank::Passphrase),
            "That is not the passphrase of this device. Mind capitals and blanks.".to_owned(),
        ),
        (ErrorCode::TooMany, _) => (
            None,
            "Too many tries in a short time. Wait a minute, then try again.".to_owned(),
        ),
        (ErrorCode::Unreachable, Door::Enrol | Door::EnrolAgain) => (
            Some(Blank::Server),
            "No server answers there. Check the address, and that this device is online.".to_owned(),
        ),
        (ErrorCode::Unreachable, _) => (
            None,
            "The server does not answer. Check the network and try again.".to_owned(),
        ),
        (ErrorCode::AlreadyThere, _) => (
            None,
            "This device is set up already. Load the page again to use it.".to_owned(),
        ),
        _ => (None, sentence(&error.message)),
    };
    vec![Wrong { blank, text: text.into() }]
}

/// The heading of a form and what it says under it.
pub(crate) const fn heading(door: Door) -> (&'static str, &'static str) {
    match door {
        Door::SignIn => ("Sign in", "With the sign-in that your administrator gave you."),
        Door::Enrol | Door::EnrolAgain => (
            "Set up this device",
            "Sign in once. Your records come to this device, and you can work without a network.",
        ),
        Door::Unlock => {
            ("Unlock this device", "Its records are encrypted; the passphrase opens them.")
        }
    }
}

/// The words on the button, and while it is at work.
pub(crate) const fn verb(door: Door) -> (&'static str, &'static str) {
    match door {
        Door::SignIn => ("Sign in", "Signing in"),
        Door::Enrol | Door::EnrolAgain => ("Set up", "Setting up"),
        Door::Unlock => ("Unlock", "Unlocking"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: ErrorCode, door: Door) -> (Option<Blank>, String) {
        let wrong = refusal(&ApiError::new(code, "the raw sentence of the app"), door);
        (wrong[0].blank, wrong[0].text.to_string())
    }

    #[test]
    fn a_shut_door_says_what_is_wrong_and_what_to_do() {
        let (blank, text) = said(ErrorCode::SignInFailed, Door::SignIn);
        assert!(blank == Some(Blank::Password) && text.contains("not right"), "{text}");
        let (blank, text) = said(ErrorCode::TooMany, Door::SignIn);
        assert!(blank.is_none() && text.contains("Wait a minute"), "{text}");
        let (blank, _) = said(ErrorCode::Unreachable, Door::Enrol);
        assert_eq!(blank, Some(Blank::Server));
        let (blank, text) = said(ErrorCode::Locked, Door::Enrol);
        assert!(blank == Some(Blank::Passphrase) && text.contains("Choose"), "{text}");
        let (_, text) = said(ErrorCode::Locked, Door::Unlock);
        assert!(text.contains("not the passphrase"), "{text}");
        let (_, text) = said(ErrorCode::Damaged, Door::Unlock);
        assert_eq!(text, "The raw sentence of the app.");
    }

    #[test]
    fn a_field_that_the_app_names_is_where_the_words_stand() {
        let error = ApiError::new(ErrorCode::BadInput, "no").at(
            "server",
            "is no address",
            "write it like https://crm.example",
        );
        let wrong = refusal(&error, Door::Enrol);
        assert_eq!(wrong[0].blank, Some(Blank::Server));
        assert_eq!(wrong[0].text, "Is no address. Write it like https://crm.example.");
    }
}
