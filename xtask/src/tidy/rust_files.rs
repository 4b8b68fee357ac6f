//! Rules for single Rust files: module docs, length, and tests that cannot lie.

use std::collections::BTreeMap;

use super::Problem;

/// Above this many lines the module docs say why, in a line with [`EXCUSE`].
const LONG: usize = 500;
/// Above this many lines a file is split, tests apart.
const TOO_LONG: usize = 800;
const EXCUSE: &str = "Long because";

/// Attributes that hide a test or weaken it, each with what to do instead.
const BANNED: [(&str, &str); 2] = [
    ("ignore", "a test that does not run proves nothing; mend it or delete it"),
    ("should_panic", "it passes on any panic; assert on the error instead"),
];

/// Checks every Rust file, given as path and text.
pub(crate) fn check(files: &BTreeMap<&str, &str>) -> Vec<Problem> {
    files.iter().flat_map(|(path, text)| check_one(path, text)).collect()
}

fn check_one(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !text.starts_with("//!") {
        problems.push(Problem::new(path, "opens without `//!` module docs"));
    }
    let length = text.lines().count();
    let mut docs = text.lines().take_while(|line| line.starts_with("//!"));
    if length > TOO_LONG && !is_test(path) {
        let what = format!("has {length} lines; {TOO_LONG} is the end, split it");
        problems.push(Problem::new(path, what));
    } else if length > LONG && !docs.any(|line| line.contains(EXCUSE)) {
        let what = format!("has {length} lines: split it, or add `//! {EXCUSE} ...` to its docs");
        problems.push(Problem::new(path, what));
    }
    for (attribute, advice) in BANNED {
        let opening = format!("#[{attribute}");
        let hides = |line: &&str| {
            let rest = line.trim_start().strip_prefix(opening.as_str());
            rest.is_some_and(|rest| rest.starts_with([']', '(', ' ']))
        };
        if text.lines().any(|line| hides(&line)) {
            problems.push(Problem::new(path, format!("uses {opening}]: {advice}")));
        }
    }
    problems
}

/// Returns whether the file holds only tests: `tests.rs`, or in a crate's own `tests` folder.
/// (The package `tests/` at the top is code like any other, but for its own `tests/tests`.)
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> Vec<String> {
        check(&BTreeMap::from([(path, text)])).iter().map(ToString::to_string).collect()
    }

    fn of_length(lines: usize, docs: &str) -> String {
        format!("{docs}\n{}", "fn line() {}\n".repeat(lines - docs.lines().count()))
    }

    #[test]
    fn a_file_opens_with_its_purpose() {
        assert_eq!(problems("a.rs", "//! Purpose.\n"), Vec::<String>::new());
        assert_eq!(problems("a.rs", "use std::fmt;\n//! Late.\n").len(), 1);
        assert_eq!(problems("a.rs", "").len(), 1);
    }

    #[test]
    fn a_long_file_says_why_in_its_docs() {
        assert_eq!(problems("a.rs", &of_length(500, "//! A.")), Vec::<String>::new());
        assert_eq!(problems("a.rs", &of_length(501, "//! A.")).len(), 1);
        let excused = "//! A.\n//! Long because it is one table.";
        assert_eq!(problems("a.rs", &of_length(501, excused)), Vec::<String>::new());
        let too_late = format!("{}// Long because\n", of_length(501, "//! A."));
        assert_eq!(problems("a.rs", &too_late).len(), 1, "the excuse belongs into the docs");
    }

    #[test]
    fn no_excuse_helps_above_the_end_but_tests_may_be_long() {
        let long = of_length(801, "//! A.\n//! Long because it is.");
        assert_eq!(problems("crates/a/src/a.rs", &long).len(), 1);
        assert_eq!(problems("tests/src/world.rs", &long).len(), 1);
        assert_eq!(problems("crates/a/src/a/tests.rs", &long), Vec::<String>::new());
        assert_eq!(problems("crates/a/tests/a.rs", &long), Vec::<String>::new());
    }

    #[test]
    fn a_hidden_or_weak_test_is_refused() {
        for attribute in ["#[ignore]", "#[ignore = \"slow\"]", "#[should_panic(expected = \"x\")]"]
        {
            let text = format!("//! A.\n    {attribute}\n");
            assert_eq!(problems("a.rs", &text).len(), 1, "{attribute}");
        }
        let comment = "//! A.\n// says #[ignore] in words\n";
        assert_eq!(problems("a.rs", comment), Vec::<String>::new());
    }
}
