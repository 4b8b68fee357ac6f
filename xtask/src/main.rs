//! The developer's tasks: `cargo xtask <task>`.
//!
//! Light to compile on purpose, because it is what a fresh clone builds first: arguments are
//! parsed by hand and nothing of Roadbook itself is linked. It runs other programs (cargo, git,
//! apt-get) and looks at files; it holds no product code.
#![allow(clippy::print_stdout, reason = "a developer's tool: stdout is its interface")]

mod advisories;
mod args;
mod browser;
mod process;
mod programs;
mod setup;
mod test;
mod tidy;
mod ui;
mod workspace;

use std::process::ExitCode;

use args::Task;
use workspace::Workspace;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let task = match args::parse(&words) {
        Ok(task) => task,
        Err(mistake) => {
            eprintln!("error: {mistake}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    match run(task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<ExitCode> {
    match task {
        Task::Help => {
            println!("{}", args::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Task::Setup => Ok(process::exit_code(setup::report(&setup::for_tests()))),
        Task::Test { speed, stages } => {
            test::run(&Workspace::load()?, speed, &stages).map(process::exit_code)
        }
        Task::Tidy { migrations } => {
            tidy::run(&Workspace::load()?, migrations).map(process::exit_code)
        }
        Task::Ui { finish } => ui::run(&Workspace::load()?, finish).map(process::exit_code),
        Task::Demo { audience } => programs::demo(&Workspace::load()?, audience),
        Task::Bench { names } => programs::bench(&Workspace::load()?, &names),
        Task::Advisories => advisories::run(),
    }
}
