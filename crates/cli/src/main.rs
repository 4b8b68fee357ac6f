//! `roadbook`: the headless device. Everything that the app can do, for terminals and scripts.
//!
//! Reads the clock, the environment and the terminal; decides nothing about records, which is the
//! app's matter. Sentences for people are written here; with `--json` the same facts come out as
//! the views of `roadbook-api`.

mod args;
mod exit;
mod file;
mod host;
mod plan;
mod run;
mod show;
mod terminal;
mod unlock;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let wanted = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // Nothing can be told of a terminal that cannot be written to.
            drop(error.print());
            return if wanted { ExitCode::SUCCESS } else { exit::BAD_INPUT.into() };
        }
    };
    let terminal = terminal::Terminal::new(cli.globals.json, cli.globals.color);
    match run::run(&cli, &terminal) {
        Ok(code) => code.into(),
        Err(error) => {
            terminal.error(&error);
            exit::of(error.code).into()
        }
    }
}
