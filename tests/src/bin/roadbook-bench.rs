//! `roadbook-bench [--bin-dir FOLDER] [--rounds NUMBER] [NAME...]`: prints one JSON line per figure.
//! `sync:SCENE` and `planning:SCENE` are one scene alone, `--rounds` how often the scenes of `sync`
//! are played.

use std::path::PathBuf;

use anyhow::{Result, bail};
use roadbook_tests::bench::{Figure, intent, lists, planning, sync, window};

const NAMES: [&str; 5] = ["intent", "lists", "planning", "sync", "window"];

fn main() -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    let mut scenes: Vec<(String, String)> = Vec::new();
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
            // And so, from the peers' script, to fit and tell on its rows.
            planning::BOOST => {
                let words: Vec<String> = arguments.collect();
                say(&planning::boost(&words)?);
                return Ok(());
            }
            name if NAMES.contains(&name) => names.push(name.to_owned()),
            other => match scene(other) {
                Some((bench, scene)) => {
                    names.push(bench.to_owned());
                    scenes.push((bench.to_owned(), scene.to_owned()));
                }
                None => bail!("there is no bench `{other}`; there are: {}", NAMES.join(", ")),
            },
        }
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|given| given == name);
    let scenes_of = |bench: &str| -> Vec<String> {
        let of_bench = scenes.iter().filter(|(of, _)| of == bench);
        of_bench.map(|(_, scene)| scene.clone()).collect()
    };
    let mut print = |figure: &Figure| say(&figure.line());
    if wanted("intent") {
        intent::run(&mut print)?;
    }
    if wanted("lists") {
        lists::run(&mut print)?;
    }
    if wanted("planning") {
        planning::run(&programs, &scenes_of("planning"), &mut print)?;
    }
    if wanted("sync") {
        sync::run(&programs, &scenes_of("sync"), rounds, &mut print)?;
    }
    if wanted("window") {
        window::run(&programs, &mut print)?;
    }
    Ok(())
}

/// Prints a line.
fn say(line: &str) {
    #[allow(clippy::print_stdout, reason = "figures are what this program prints")]
    {
        println!("{line}");
    }
}

/// The bench and its scene that an argument names.
fn scene(argument: &str) -> Option<(&str, &str)> {
    let (bench, scene) = argument.split_once(':')?;
    let there = match bench {
        "planning" => planning::scenes(),
        "sync" => sync::scenes(),
        _ => return None,
    };
    there.contains(&scene).then_some((bench, scene))
}
