//! The outside of the repository: what lies at the top, and the crate list of ARCHITECTURE.md.

use std::collections::BTreeSet;

use super::Problem;
use super::modules::Crate;

const TOP_LEVEL: [&str; 23] = [
    ".cargo",
    ".ci",
    ".config",
    ".gitattributes",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "rustfmt.toml",
    "src-tauri",
    "sync-server",
    "tests",
    "ui",
    "xtask",
    "xtask-wasm",
];

/// Checks that nothing lies at the top that has no business there.
pub(crate) fn check_top_level(files: &[String]) -> Vec<Problem> {
    let entries: BTreeSet<&str> = files.iter().filter_map(|file| file.split('/').next()).collect();
    let strays = entries.into_iter().filter(|entry| !TOP_LEVEL.contains(entry));
    strays
        .map(|stray| Problem::new(stray, "does not belong at the top of the repository"))
        .collect()
}

/// Checks that ARCHITECTURE.md lists every crate in its code map, and none that is not there.
///
/// A crate is listed by a table row whose first cell is its folder in backticks.
pub(crate) fn check_crate_list(architecture: Option<&String>, crates: &[Crate]) -> Vec<Problem> {
    let Some(text) = architecture else {
        return vec![Problem::new("ARCHITECTURE.md", "is missing")];
    };
    let listed: BTreeSet<&str> = text.lines().filter_map(folder_of_row).collect();
    let present: BTreeSet<&str> = crates.iter().map(|found| found.folder.as_str()).collect();
    let unlisted = present.difference(&listed).map(|folder| format!("does not list `{folder}`"));
    let gone = listed.difference(&present).map(|folder| format!("lists `{folder}`, no such crate"));
    unlisted.chain(gone).map(|what| Problem::new("ARCHITECTURE.md", what)).collect()
}

fn folder_of_row(line: &str) -> Option<&str> {
    let cell = line.strip_prefix("| `")?;
    let (folder, rest) = cell.split_once('`')?;
    rest.starts_with(" |").then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crates(folders: &[&str]) -> Vec<Crate> {
        let make = |folder: &&str| Crate {
            folder: (*folder).to_owned(),
            roots: BTreeSet::new(),
            test_targets: vec![],
        };
        folders.iter().map(make).collect()
    }

    #[test]
    fn a_stray_entry_at_the_top_is_named() {
        let good = ["README.md".to_owned(), "crates/domain/src/lib.rs".to_owned()];
        assert_eq!(check_top_level(&good), []);
        let stray = check_top_level(&["notes.txt".to_owned(), "scratch/a.rs".to_owned()]);
        assert_eq!(stray.len(), 2);
    }

    #[test]
    fn the_crate_list_must_match_both_ways() {
        let text = "# Map\n| `crates/domain` | what |\n| `crates/gone` | what |\n".to_owned();
        let problems = check_crate_list(Some(&text), &crates(&["crates/domain", "xtask"]));
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "ARCHITECTURE.md: does not list `xtask`",
                "ARCHITECTURE.md: lists `crates/gone`, no such crate"
            ]
        );
    }

    #[test]
    fn a_missing_list_is_a_problem() {
        assert_eq!(check_crate_list(None, &crates(&[])).len(), 1);
    }
}
