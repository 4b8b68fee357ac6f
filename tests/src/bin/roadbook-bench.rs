//! `roadbook-bench [--bin-dir FOLDER] [NAME...]`: prints one JSON line per figure.

use std::path::PathBuf;

use anyhow::{Result, bail};
use roadbook_tests::bench::{Figure, intent, lists, planning, sync};

const NAMES: [&str; 4] = ["intent", "lists", "planning", "sync"];

fn main() -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    let mut programs = PathBuf::from("target/release");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bin-dir" => match arguments.next() {
                Some(folder) => programs = PathBuf::from(folder),
                None => bail!("--bin-dir needs the folder of the programs"),
            },
            // The bench starts itself so, for the baseline of `sync`.
            sync::BARE_ENDPOINT => match arguments.next() {
                Some(database) => return sync::serve_bare(&PathBuf::from(database)),
                None => bail!("{} needs a database", sync::BARE_ENDPOINT),
            },
            // And so, to do all planning tasks in one process.
            planning::PIPELINE => match arguments.next() {
                Some(folder) => return planning::pipeline(&PathBuf::from(folder)),
                None => bail!("{} needs a folder", planning::PIPELINE),
            },
            name if NAMES.contains(&name) => names.push(name.to_owned()),
            other => bail!("there is no bench `{other}`; there are: {}", NAMES.join(", ")),
        }
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|given| given == name);
    let mut print = |figure: &Figure| {
        #[allow(clippy::print_stdout, reason = "the figures are what this program prints")]
        {
            println!("{}", figure.line());
        }
    };
    if wanted("intent") {
        intent::run(&mut print)?;
    }
    if wanted("lists") {
        lists::run(&mut print)?;
    }
    if wanted("planning") {
        planning::run(&programs, &mut print)?;
    }
    if wanted("sync") {
        sync::run(&programs, &mut print)?;
    }
    Ok(())
}
