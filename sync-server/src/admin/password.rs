//! Where a password comes from: standard input, the environment, or a person.

use zeroize::Zeroizing;

use super::Host;
use super::arguments::PasswordFrom;
use super::failure::{Exit, Failure};
use crate::identity::password::hash;

/// The environment variable that holds a password.
const VARIABLE: &str = "ROADBOOK_PASSWORD";

/// Gets a password and hashes it.
pub(super) fn hashed(from: &PasswordFrom, host: &mut Host<'_>) -> Result<String, Failure> {
    let password = given(from, host)?;
    hash(&password, (host.ids)().as_mut()).map_err(|error| {
        Failure::new(Exit::Refused, "weak_password", error.to_string(), "choose another password")
    })
}

fn given(from: &PasswordFrom, host: &mut Host<'_>) -> Result<Zeroizing<String>, Failure> {
    if from.password_stdin {
        let mut line = Zeroizing::new(String::new());
        host.input.read_line(&mut line).map_err(|error| unreadable(&error))?;
        return Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()));
    }
    let variable = host.environment.iter().find(|(name, _)| name == VARIABLE);
    if let Some((_, value)) = variable {
        return Ok(Zeroizing::new(value.clone()));
    }
    let ask = |words: &str| (host.ask_password)(words).map_err(|error| unreadable(&error));
    let Some(first) = ask("Password: ")?.map(Zeroizing::new) else {
        return Err(Failure::new(
            Exit::Usage,
            "no_password",
            "a password is needed, and there is nobody to ask",
            format!("use --password-stdin, or set {VARIABLE}"),
        ));
    };
    let second = Zeroizing::new(ask("Once more: ")?.unwrap_or_default());
    if *first == *second {
        Ok(first)
    } else {
        Err(Failure::new(
            Exit::Usage,
            "passwords_differ",
            "the two passwords are not the same",
            "try again",
        ))
    }
}

fn unreadable(error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        "no_password",
        format!("the password cannot be read: {error}"),
        format!("use --password-stdin, or set {VARIABLE}"),
    )
}
