//! Words that do not belong into the repository: paths of somebody's machine.
//!
//! A path under a home folder works on one machine only, and tells who made it.

use super::{Problem, Texts};

/// Top folders that are somebody's own. Without slashes here, so that this file passes.
const PRIVATE: [&str; 5] = ["home", "root", "Users", "work", "mnt"];

const TEXT_ENDINGS: [&str; 14] = [
    ".rs", ".md", ".toml", ".sql", ".svg", ".lock", ".html", ".css", ".js", ".json", ".yml",
    ".yaml", ".sh", ".txt",
];

/// Returns whether a file is read as text.
pub(crate) fn is_text(path: &str) -> bool {
    TEXT_ENDINGS.iter().any(|ending| path.ends_with(ending)) || path.starts_with(".ci/")
}

/// Checks every text for paths of a machine.
pub(crate) fn check(texts: &Texts) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in texts {
        for (index, line) in text.lines().enumerate() {
            if let Some(found) = PRIVATE.iter().find(|folder| names_path(line, folder)) {
                let place = format!("{path}:{}", index + 1);
                problems.push(Problem::new(place, format!("names a path under `{found}`")));
            }
        }
    }
    problems
}

/// Returns whether the line has an absolute path that begins with the folder.
fn names_path(line: &str, folder: &str) -> bool {
    let wanted = format!("/{folder}/");
    line.match_indices(&wanted).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        // Inside a longer path or an address the folder is something else.
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '}'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_found(text: &str) -> usize {
        check(&Texts::from([("a.md".to_owned(), text.to_owned())])).len()
    }

    #[test]
    fn a_path_of_a_machine_is_found() {
        for folder in PRIVATE {
            assert_eq!(lines_found(&format!("see /{folder}/ana/notes")), 1, "{folder}");
            assert_eq!(lines_found(&format!("path = \"/{folder}/x\"")), 1, "{folder}");
        }
    }

    #[test]
    fn a_relative_path_or_an_address_is_none() {
        for folder in PRIVATE {
            assert_eq!(lines_found(&format!("https://example.org/{folder}/x")), 0, "{folder}");
            assert_eq!(lines_found(&format!("crates/{folder}/x and {{dir}}/{folder}/x")), 0);
        }
        assert_eq!(lines_found("/var/lib/roadbook and /etc/roadbook"), 0);
    }

    #[test]
    fn scripts_and_sources_are_read_and_pictures_are_not() {
        assert!(is_text("crates/a/src/lib.rs") && is_text(".ci/run") && is_text("docs/a.svg"));
        assert!(!is_text("docs/picture.png"));
    }
}
