//! `roadbook-bench [--bin-dir FOLDER] [NAME...]`: prints one JSON line per figure.

use std::path::PathBuf;

use anyhow::{Result, bail};
use roadbook_tests::bench::{Figure, intent, lists};

const NAMES: [&str; 2] = ["intent", "lists"];

fn main() -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    let mut _bin_dir: Option<PathBuf> = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bin-dir" => _bin_dir = arguments.next().map(PathBuf::from),
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
    Ok(())
}
