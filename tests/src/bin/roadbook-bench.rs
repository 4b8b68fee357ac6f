//! `roadbook-bench [--bin-dir FOLDER] [--rounds NUMBER] [NAME...]`: prints one JSON line per figure.
//! `sync:SCENE` is one scene of `sync` alone, `--rounds` how often the scenes of `sync` are played.

use std::path::PathBuf;

use anyhow::{Result, bail};
use roadbook_tests::bench::{Figure, intent, lists, planning, sync, window};

const NAMES: [&str; 5] = ["intent", "lists", "planning", "sync", "window"];

fn main() -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    let mut scenes: Vec<String> = Vec::new();
    let mut rounds: Option<u32> = None;
    let mut programs = PathBuf::from("target/release");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bin-dir" => match arguments.next() {
                Some(folder) => programs = PathBuf::from(folder),
                None => bail!("--bin-dir needs the folder of the programs"),
            },
            "--rounds" => match arguments.next().map(|number| number.parse()) {
                Some(Ok(number)) => rounds = Some(number),
                Some(Err(_)) | None => bail!("--rounds needs a number"),
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
            name if is_scene(name) => {
                names.push("sync".to_owned());
                scenes.extend(name.split(':').skip(1).map(str::to_owned));
            }
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
        sync::run(&programs, &scenes, rounds, &mut print)?;
    }
    if wanted("window") {
        window::run(&programs, &mut print)?;
    }
    Ok(())
}

/// Says whether an argument names one scene of `sync`.
fn is_scene(argument: &str) -> bool {
    let scene = argument.strip_prefix("sync:");
    scene.is_some_and(|scene| sync::scenes().contains(&scene))
}
