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
use roadbook_api::{ApiError, ErrorCode};

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let wanted = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            if !wanted && std::env::args_os().any(|argument| argument == "--json") {
                terminal::Terminal::new(true, args::Color::Never).error(&of_usage(&error));
            } else {
                // Nothing can be told of a terminal that cannot be written to.
                drop(error.print());
            }
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

/// What is wrong with the arguments, for programs: the sentence, and how the command is used.
fn of_usage(error: &clap::Error) -> ApiError {
    let text = error.render().to_string();
    let said = text.split("\n\n").next().unwrap_or_default();
    let said = said.strip_prefix("error: ").unwrap_or(said);
    let words: Vec<&str> = said.split_whitespace().collect();
    let usage = text.lines().find_map(|line| line.strip_prefix("Usage: "));
    let remedy =
        usage.map_or_else(|| "see `roadbook --help`".to_owned(), |it| format!("use `{it}`"));
    ApiError::new(ErrorCode::BadInput, words.join(" ")).at("arguments", words.join(" "), remedy)
}
