//! How the device's key is had: the key store, the environment, or a prompt.
//!
//! `ROADBOOK_PASSPHRASE` wins where it is set; else the key store; else a prompt, on a terminal.

use std::io::IsTerminal as _;
use std::path::Path;

use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::{App, Device, Settings, Unlock};

use crate::host::Machine;

const VARIABLE: &str = "ROADBOOK_PASSPHRASE";

/// Opens the device of a folder.
pub(crate) fn open(folder: &Path) -> Result<App, ApiError> {
    let try_with = |unlock: &Unlock| {
        let device = Device { folder, unlock, settings: &Settings::shipped() };
        App::open(&device, Box::new(Machine))
    };
    if let Some(passphrase) = from_environment() {
        return try_with(&Unlock::Passphrase(passphrase));
    }
    match try_with(&Unlock::KeyStore) {
        Err(error) if error.code == ErrorCode::Locked && can_ask() => {
            let passphrase = ask("Passphrase of this device: ")?;
            try_with(&Unlock::Passphrase(passphrase))
        }
        Err(error) if error.code == ErrorCode::Locked => Err(ApiError::new(
            ErrorCode::Locked,
            format!("{}; set {VARIABLE}, or run this on a terminal", error.message),
        )),
        other => other,
    }
}

/// Makes a device: with the passphrase of the environment, else the key store, else a passphrase
/// that is asked for twice.
pub(crate) fn create(folder: &Path, name: &str) -> Result<App, ApiError> {
    let make = |unlock: &Unlock| {
        let device = Device { folder, unlock, settings: &Settings::shipped() };
        App::create(&device, name, Box::new(Machine))
    };
    if let Some(passphrase) = from_environment() {
        return make(&Unlock::Passphrase(passphrase));
    }
    match make(&Unlock::KeyStore) {
        Err(error) if error.code == ErrorCode::Locked && can_ask() => {
            let passphrase = ask("No key store here. Choose a passphrase for this device: ")?;
            if passphrase != ask("Once more: ")? {
                return Err(ApiError::new(
                    ErrorCode::BadInput,
                    "the two passphrases differ; nothing was made",
                ));
            }
            make(&Unlock::Passphrase(passphrase))
        }
        other => other,
    }
}

/// The passphrase of the environment, where one is set.
pub(crate) fn from_environment() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|passphrase| !passphrase.is_empty())
}

/// Says whether somebody can be asked.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks without showing what is typed.
pub(crate) fn ask(prompt: &str) -> Result<String, ApiError> {
    let answer = rpassword::prompt_password(prompt).map_err(|error| {
        ApiError::new(ErrorCode::File, format!("cannot read from the terminal: {error}"))
    })?;
    if answer.is_empty() {
        return Err(ApiError::new(ErrorCode::BadInput, "nothing was entered; nothing was done"));
    }
    Ok(answer)
}
