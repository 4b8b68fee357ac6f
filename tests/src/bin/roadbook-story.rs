//! Plays the story with the real programs and says what happened, step by step.
//!
//! Exits 0 only if every step came out right.

use std::path::PathBuf;
use std::process::ExitCode;

use roadbook_tests::story::{Console, STEPS, play};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (flag, folder) = (arguments.next(), arguments.next().map(PathBuf::from));
    let (Some(flag), Some(folder), None) = (flag, folder, arguments.next()) else {
        eprintln!("usage: roadbook-story --bin-dir FOLDER");
        return ExitCode::from(2);
    };
    if flag != "--bin-dir" {
        eprintln!("usage: roadbook-story --bin-dir FOLDER");
        return ExitCode::from(2);
    }
    match play(&folder, &mut Console::new(STEPS)) {
        Ok(()) => {
            eprintln!("\nEvery step came out right.");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\nThe story went wrong: {error:#}");
            ExitCode::FAILURE
        }
    }
}
