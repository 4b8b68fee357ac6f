//! What the words after `cargo xtask` mean. Pure: words in, a task or a complaint out.
//!
//! An unknown word is refused, never ignored: a misspelt `--fast` must not run something else.

use crate::test::{Speed, Stage};
use crate::tidy::Migrations;
use crate::ui::Finish;

/// The text that `cargo xtask help` prints.
pub(crate) const HELP: &str = "\
cargo xtask <task>

  demo [--headless]    set up what is missing, build, play the story of two reps, one
                       conflict and one manager on real processes; then open a small
                       company to look at, until Ctrl-C: a rep's window where there is
                       a display, and addresses for the others
                       --headless   play the story alone, and end

  test [--fast] [stage...]
                       set up what is missing and check everything; prints a table of
                       stages with times; goes on after a failure, exits 1 on any
                       --fast       leaves out end-to-end, window, browser, doc-tests and
                                    docs, and runs fewer cases per property
                       stages       setup fmt tidy bundle clippy build tests end-to-end
                                    window (journeys in the real window) browser (journeys
                                    in Chromium) doc-tests docs (default: all of these, in
                                    this order)

  tidy [--lock-migrations]
                       the house rules that no compiler checks: dependency table, module
                       docs, file sizes, forgotten files, migrations, licences, sources
                       --lock-migrations   enter new migrations in migrations.lock

  ui [--release]       compile the user interface to wasm and make the bundle
                       target/ui/dist; prints the size of each file
                       --release    small, and held to its budget: as it is shipped

  bench [name...]      build for release and measure; JSON lines on stdout
  advisories           known vulnerabilities in dependencies (needs the network)
  setup                only install, or name, what is missing on this machine
  help                 this text";

/// Whether somebody looks at the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Somebody does.
    Somebody,
    /// Nobody does.
    Nobody,
}

/// One task with its options.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Print [`HELP`].
    Help,
    /// Install or name missing tools.
    Setup,
    /// Run the stages; an empty list means all that belong to the speed.
    Test { speed: Speed, stages: Vec<Stage> },
    /// Check the house rules.
    Tidy { migrations: Migrations },
    /// Make the bundle of the user interface.
    Ui { finish: Finish },
    /// Play the story, and open the company where somebody looks.
    Demo { audience: Audience },
    /// Measure; an empty list means every bench.
    Bench { names: Vec<String> },
    /// Look for known vulnerabilities.
    Advisories,
}

/// Parses the words after the program's name.
pub(crate) fn parse(words: &[String]) -> Result<Task, String> {
    let Some((task, rest)) = words.split_first() else {
        return Err("no task given".to_owned());
    };
    if rest.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(Task::Help);
    }
    match task.as_str() {
        "help" | "--help" | "-h" => nothing_more(rest, Task::Help),
        "setup" => nothing_more(rest, Task::Setup),
        "advisories" => nothing_more(rest, Task::Advisories),
        "test" => parse_test(rest),
        "tidy" => parse_tidy(rest),
        "ui" => match rest.iter().find(|word| *word != "--release") {
            Some(word) => Err(format!("`ui` does not know `{word}`")),
            None if rest.is_empty() => Ok(Task::Ui { finish: Finish::Working }),
            None => Ok(Task::Ui { finish: Finish::Shipped }),
        },
        "demo" => match rest.iter().find(|word| *word != "--headless") {
            Some(word) => Err(format!("`demo` does not know `{word}`")),
            None if rest.is_empty() => Ok(Task::Demo { audience: Audience::Somebody }),
            None => Ok(Task::Demo { audience: Audience::Nobody }),
        },
        "bench" => match rest.iter().find(|word| word.starts_with('-')) {
            Some(word) => Err(format!("`bench` does not know `{word}`")),
            None => Ok(Task::Bench { names: rest.to_vec() }),
        },
        other => Err(format!("no task is called `{other}`")),
    }
}

fn nothing_more(rest: &[String], task: Task) -> Result<Task, String> {
    match rest.first() {
        Some(word) => Err(format!("unexpected `{word}`")),
        None => Ok(task),
    }
}

fn parse_test(rest: &[String]) -> Result<Task, String> {
    let mut speed = Speed::Full;
    let mut stages = Vec::new();
    for word in rest {
        if word == "--fast" {
            speed = Speed::Fast;
        } else {
            let stage = Stage::ALL.into_iter().find(|stage| stage.name() == word);
            stages.push(stage.ok_or_else(|| format!("`test` does not know `{word}`"))?);
        }
    }
    Ok(Task::Test { speed, stages })
}

fn parse_tidy(rest: &[String]) -> Result<Task, String> {
    let mut migrations = Migrations::Check;
    for word in rest {
        match word.as_str() {
            "--lock-migrations" => migrations = Migrations::Lock,
            other => return Err(format!("`tidy` does not know `{other}`")),
        }
    }
    Ok(Task::Tidy { migrations })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Task, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn every_task_is_understood() {
        let full = Task::Test { speed: Speed::Full, stages: vec![] };
        assert_eq!(parse_line("test"), Ok(full));
        let some = Task::Test { speed: Speed::Fast, stages: vec![Stage::Clippy, Stage::Tidy] };
        assert_eq!(parse_line("test --fast clippy tidy"), Ok(some));
        assert_eq!(parse_line("tidy"), Ok(Task::Tidy { migrations: Migrations::Check }));
        assert_eq!(
            parse_line("tidy --lock-migrations"),
            Ok(Task::Tidy { migrations: Migrations::Lock })
        );
        let headless = Task::Demo { audience: Audience::Nobody };
        assert_eq!(parse_line("demo --headless"), Ok(headless));
        assert_eq!(parse_line("demo"), Ok(Task::Demo { audience: Audience::Somebody }));
        assert_eq!(parse_line("ui"), Ok(Task::Ui { finish: Finish::Working }));
        assert_eq!(parse_line("ui --release"), Ok(Task::Ui { finish: Finish::Shipped }));
        assert_eq!(parse_line("bench intent"), Ok(Task::Bench { names: vec!["intent".into()] }));
        assert_eq!(parse_line("test --help"), Ok(Task::Help));
    }

    #[test]
    fn an_unknown_word_is_refused_by_name() {
        for line in [
            "tset",
            "test --fats",
            "ui --relaese",
            "tidy now",
            "demo --loud",
            "bench -v",
            "setup x",
        ] {
            let complaint = parse_line(line).expect_err("the line holds an unknown word");
            let word = line.split_whitespace().last().expect("the line has a word");
            assert!(complaint.contains(word), "{complaint} should name {word}");
        }
        assert!(parse_line("").is_err(), "no task at all is a mistake too");
    }

    #[test]
    fn the_help_names_every_stage() {
        for stage in Stage::ALL {
            assert!(HELP.contains(stage.name()), "{} is missing", stage.name());
        }
    }
}
