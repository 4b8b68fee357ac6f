//! Turns the compiled user interface into a bundle: `xtask-wasm --wasm FILE --ui FOLDER --out FOLDER`.
//!
//! A crate of its own because it is heavy to compile and only `cargo xtask ui` needs it; nothing
//! here runs cargo. It is linked with `wasm-bindgen-cli-support`, so the one lock file keeps the
//! glue and the program that it glues at the same version.
#![allow(clippy::print_stdout, reason = "a developer's tool: stdout is its interface")]

mod bundle;
mod foreign;
mod page;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use bundle::Order;
use report::Budget;

const USAGE: &str = "\
usage: xtask-wasm --wasm FILE --ui FOLDER --out FOLDER [--budget BYTES]

  --wasm    the compiled user interface
  --ui      the folder with index.html, styles/*.css and assets/
  --out     where the bundle goes; what is there is replaced
  --budget  the most that the gzipped wasm may have";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> anyhow::Result<ExitCode> {
    let (order, budget) = parse(words)?;
    let made = bundle::make(&order)?;
    let sizes = report::measure(&order.out, &made.files)?;
    println!("{}", report::render(&sizes));
    println!("bundle: {}", order.out.display());
    Ok(match report::judge(&sizes, budget) {
        Ok(words) => {
            println!("{words}");
            ExitCode::SUCCESS
        }
        Err(words) => {
            eprintln!("error: {words}");
            ExitCode::FAILURE
        }
    })
}

fn parse(words: &[String]) -> anyhow::Result<(Order, Budget)> {
    let (mut wasm, mut ui, mut out, mut budget) = (None, None, None, Budget::None);
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{word} needs a value\n{USAGE}"));
        match word.as_str() {
            "--wasm" => wasm = Some(PathBuf::from(value()?)),
            "--ui" => ui = Some(PathBuf::from(value()?)),
            "--out" => out = Some(PathBuf::from(value()?)),
            "--budget" => {
                let bytes = value()?.parse().context("--budget takes a number of bytes")?;
                budget = Budget::Gzipped { bytes };
            }
            other => bail!("`{other}` is not understood\n{USAGE}"),
        }
    }
    let order = Order {
        wasm: wasm.with_context(|| format!("--wasm is missing\n{USAGE}"))?,
        ui: ui.with_context(|| format!("--ui is missing\n{USAGE}"))?,
        out: out.with_context(|| format!("--out is missing\n{USAGE}"))?,
    };
    Ok((order, budget))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> anyhow::Result<(Order, Budget)> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn all_three_places_are_needed_and_the_budget_is_a_choice() {
        let (order, budget) =
            parse_line("--wasm a.wasm --ui ui --out dist --budget 600").expect("the line is whole");
        assert_eq!((order.ui, budget), (PathBuf::from("ui"), Budget::Gzipped { bytes: 600 }));
        for line in ["", "--wasm a", "--wasm a --ui b", "--wasm a --ui b --out"] {
            assert!(parse_line(line).is_err(), "`{line}` lacks something");
        }
    }

    #[test]
    fn an_unknown_word_is_refused_by_name() {
        let refused = parse_line("--wams a").expect_err("nothing is called so");
        assert!(refused.to_string().contains("--wams"), "{refused}");
    }
}
