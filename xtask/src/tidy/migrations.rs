//! Numbered migrations: no gaps, each opens with its purpose, and a landed one never changes.
//!
//! What has landed is remembered in `migrations.lock` beside the files: git's hash of each. A
//! device somewhere has already run a landed migration, so a correction is a new one.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::Context as _;

use super::{Migrations, Problem, Texts};
use crate::process;
use crate::workspace::Workspace;

const LOCK: &str = "migrations.lock";
const LOCK_HEADER: &str = "# git hash-object of each landed migration; extend it with: cargo xtask tidy --lock-migrations\n";

/// One migration as it lies in its folder.
#[derive(Debug, Clone)]
struct Migration {
    name: String,
    text: String,
    hash: String,
}

/// Checks every folder of migrations; with [`Migrations::Lock`] enters new files first.
pub(crate) fn check_or_lock(
    workspace: &Workspace,
    files: &[String],
    texts: &Texts,
    mode: Migrations,
) -> anyhow::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for folder in folders(files) {
        let migrations = read(workspace, texts, folder, files)?;
        let lock_path = format!("{folder}/{LOCK}");
        let mut lock = parse_lock(texts.get(&lock_path).map_or("", String::as_str));
        if mode == Migrations::Lock {
            let longer = extended(&lock, &migrations);
            if longer != lock {
                let lock_file = workspace.root.join(&lock_path);
                std::fs::write(lock_file, render_lock(&longer)).context(lock_path)?;
                lock = longer;
            }
        }
        problems.extend(check(folder, &migrations, &lock));
    }
    Ok(problems)
}

/// Returns the folders that are, or lie in, a folder called `migrations`, and hold migrations or
/// a lock.
fn folders(files: &[String]) -> BTreeSet<&str> {
    let relevant = files.iter().filter(|file| file.ends_with(".sql") || file.ends_with(LOCK));
    let folders = relevant.filter_map(|file| file.rsplit_once('/').map(|(folder, _)| folder));
    folders.filter(|folder| folder.split('/').any(|part| part == "migrations")).collect()
}

fn read(
    workspace: &Workspace,
    texts: &Texts,
    folder: &str,
    files: &[String],
) -> anyhow::Result<Vec<Migration>> {
    let in_folder = |file: &&String| {
        file.ends_with(".sql") && file.rsplit_once('/').is_some_and(|(parent, _)| parent == folder)
    };
    let paths: Vec<&String> = files.iter().filter(in_folder).collect();
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let mut git = Command::new("git");
    git.current_dir(&workspace.root).args(["hash-object", "--no-filters", "--"]).args(&paths);
    let hashes = process::output(&mut git)?;
    let make = |(path, hash): (&&String, &str)| Migration {
        name: path.rsplit('/').next().unwrap_or(path).to_owned(),
        text: texts.get(*path).cloned().unwrap_or_default(),
        hash: hash.to_owned(),
    };
    Ok(paths.iter().zip(hashes.lines()).map(make).collect())
}

fn parse_lock(text: &str) -> BTreeMap<String, String> {
    let entries = text.lines().filter(|line| !line.starts_with('#'));
    let entries = entries.filter_map(|line| line.split_once("  "));
    entries.map(|(hash, name)| (name.trim().to_owned(), hash.to_owned())).collect()
}

fn render_lock(lock: &BTreeMap<String, String>) -> String {
    let lines = lock.iter().map(|(name, hash)| format!("{hash}  {name}\n"));
    std::iter::once(LOCK_HEADER.to_owned()).chain(lines).collect()
}

/// Returns the lock with the new migrations in it; what was locked stays.
fn extended(lock: &BTreeMap<String, String>, migrations: &[Migration]) -> BTreeMap<String, String> {
    let mut longer = lock.clone();
    for migration in migrations {
        longer.entry(migration.name.clone()).or_insert_with(|| migration.hash.clone());
    }
    longer
}

fn check(folder: &str, migrations: &[Migration], lock: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (expected, migration) in (1_usize..).zip(migrations) {
        let place = format!("{folder}/{}", migration.name);
        let number = migration.name.split_once('_').and_then(|(number, _)| number.parse().ok());
        if number != Some(expected) {
            let what = format!("should be number {expected}, as in {expected:04}_purpose.sql");
            problems.push(Problem::new(&place, what));
        }
        if !migration.text.starts_with("--") {
            let what = "opens without a `--` comment that says its purpose";
            problems.push(Problem::new(&place, what));
        }
        match lock.get(&migration.name) {
            None => {
                let what = "is not locked yet: run `cargo xtask tidy --lock-migrations`";
                problems.push(Problem::new(&place, what));
            }
            Some(hash) if *hash != migration.hash => {
                let what = "has changed since it landed: put the change into a new migration \
                            (if it was never on main, delete its line in migrations.lock and \
                            lock it again)";
                problems.push(Problem::new(&place, what));
            }
            Some(_) => {}
        }
    }
    let gone = lock.keys().filter(|name| migrations.iter().all(|found| found.name != **name));
    problems.extend(gone.map(|name| {
        Problem::new(format!("{folder}/{name}"), "has landed and is gone: put it back")
    }));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migration(name: &str, text: &str) -> Migration {
        Migration { name: name.into(), text: text.into(), hash: format!("hash of {text}") }
    }

    fn landed() -> Vec<Migration> {
        vec![migration("0001_first.sql", "-- First."), migration("0002_second.sql", "-- Second.")]
    }

    fn problems(migrations: &[Migration], lock: &BTreeMap<String, String>) -> Vec<String> {
        check("m", migrations, lock).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn locked_and_unchanged_passes() {
        let lock = parse_lock(&render_lock(&extended(&BTreeMap::new(), &landed())));
        assert_eq!(lock.len(), 2, "the lock survives being written and read");
        assert_eq!(problems(&landed(), &lock), Vec::<String>::new());
    }

    #[test]
    fn a_change_after_landing_fails_and_locking_again_does_not_hide_it() {
        let lock = extended(&BTreeMap::new(), &landed());
        let mut edited = landed();
        edited[0] = migration("0001_first.sql", "-- First, edited.");
        assert_eq!(problems(&edited, &extended(&lock, &edited)).len(), 1);
    }

    #[test]
    fn a_new_one_must_be_locked_and_a_landed_one_must_stay() {
        let lock = extended(&BTreeMap::new(), &landed()[..1]);
        assert_eq!(problems(&landed(), &lock).len(), 1, "the second is not locked");
        assert_eq!(problems(&[], &lock).len(), 1, "the first is gone");
    }

    #[test]
    fn a_gap_a_wrong_name_and_a_missing_purpose_fail() {
        let wrong = vec![
            migration("0001_first.sql", "CREATE TABLE t (a);"),
            migration("0003_third.sql", "-- Third."),
            migration("fourth.sql", "-- Fourth."),
        ];
        let lock = extended(&BTreeMap::new(), &wrong);
        assert_eq!(problems(&wrong, &lock).len(), 3);
    }

    #[test]
    fn only_folders_of_migrations_count() {
        let files =
            ["a/migrations/0001_x.sql", "a/queries/list.sql", "b/migrations/migrations.lock"]
                .map(str::to_owned);
        let found: Vec<&str> = folders(&files).into_iter().collect();
        assert_eq!(found, ["a/migrations", "b/migrations"]);
    }
}
