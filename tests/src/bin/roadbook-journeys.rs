//! Plays the journeys in the real window.

use std::path::PathBuf;
use std::process::ExitCode;

use roadbook_tests::story::Console;
use roadbook_tests::window;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let (mut programs, mut pictures, mut chosen) = (None, None, Vec::new());
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--bin-dir") => programs = words.next().map(PathBuf::from),
            Some("--pictures") => pictures = words.next().map(PathBuf::from),
            Some(name) if window::names().contains(&name) => chosen.push(name.to_owned()),
            _ => return usage(),
        }
    }
    let (Some(programs), Some(pictures)) = (programs, pictures) else {
        return usage();
    };
    let steps = u32::try_from(2 + window::names().len()).unwrap_or(u32::MAX);
    match window::play(&programs, &pictures, &chosen, &mut Console::new(steps)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe window is not as it should be: {error:#}");
            // Whoever started this keeps the last line.
            let places = error.chain().map(|it| it.to_string()).collect::<Vec<_>>();
            let heads = places.iter().filter_map(|place| place.lines().next());
            eprintln!("{}", heads.collect::<Vec<_>>().join(": "));
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    let names = window::names().join(" | ");
    eprintln!("usage: roadbook-journeys --bin-dir FOLDER --pictures FOLDER [{names}]...");
    ExitCode::from(2)
}
