//! Files that no `mod` line reaches: they look like code and tests, and are never compiled.
//!
//! Also one test binary per crate: each further one links everything again.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;

/// What is to be known about a package.
#[derive(Debug)]
pub(crate) struct Crate {
    /// Its folder, relative to the root.
    pub(crate) folder: String,
    /// The source files that cargo compiles directly.
    pub(crate) roots: BTreeSet<String>,
    /// The names of its integration test binaries.
    pub(crate) test_targets: Vec<String>,
}

/// Checks every crate against the Rust files, given as path and text.
pub(crate) fn check(crates: &[Crate], files: &BTreeMap<&str, &str>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for found in crates {
        if found.test_targets.len() > 1 {
            let what = format!(
                "has {} test binaries ({}): make them modules of one",
                found.test_targets.len(),
                found.test_targets.join(", ")
            );
            problems.push(Problem::new(&found.folder, what));
        }
    }
    let roots: BTreeSet<&str> =
        crates.iter().flat_map(|found| found.roots.iter().map(String::as_str)).collect();
    let forgotten = files.keys().filter(|path| !roots.contains(**path));
    let forgotten = forgotten.filter(|path| !is_declared(path, &roots, files));
    problems.extend(forgotten.map(|path| {
        Problem::new(*path, "is never compiled: no `mod` line in its parent names it")
    }));
    problems
}

fn is_declared(path: &str, roots: &BTreeSet<&str>, files: &BTreeMap<&str, &str>) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    let (parent_folder, name) = match stem {
        "mod" => folder.rsplit_once('/').unwrap_or(("", folder)),
        _ => (folder, stem),
    };
    let beside = [format!("{parent_folder}/mod.rs"), format!("{parent_folder}.rs")];
    let in_folder = roots.iter().filter(|root| {
        root.rsplit_once('/').is_some_and(|(root_folder, _)| root_folder == parent_folder)
    });
    let parents = beside.iter().map(String::as_str).chain(in_folder.copied());
    let mut texts = parents.filter(|parent| *parent != path).filter_map(|parent| files.get(parent));
    texts.any(|text| declares(text, name, file))
}

/// Returns whether the text has `mod name;`, or a `#[path]` that ends with the file's name.
fn declares(text: &str, name: &str, file: &str) -> bool {
    let declaration = format!("mod {name};");
    text.lines().any(|line| {
        let code = line.split("//").next().unwrap_or_default().trim();
        let is_module = code
            .strip_suffix(declaration.as_str())
            .is_some_and(|before| before.is_empty() || before.ends_with([' ', ')', ']']));
        is_module || (code.starts_with("#[path") && code.contains(file))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(roots: &[&str], files: &[(&str, &str)]) -> Vec<String> {
        let one = Crate {
            folder: "crates/a".to_owned(),
            roots: roots.iter().map(|root| (*root).to_owned()).collect(),
            test_targets: vec![],
        };
        let files = files.iter().copied().collect();
        check(&[one], &files).iter().map(|problem| problem.place.clone()).collect()
    }

    #[test]
    fn a_module_is_found_through_its_parent() {
        let files = [
            ("crates/a/src/lib.rs", "pub mod one;\nmod two; // why\n#[cfg(test)] mod tests;"),
            ("crates/a/src/one.rs", "mod deep;"),
            ("crates/a/src/one/deep.rs", ""),
            ("crates/a/src/two/mod.rs", "pub(crate) mod inner;"),
            ("crates/a/src/two/inner.rs", ""),
            ("crates/a/src/tests.rs", ""),
        ];
        assert_eq!(problems(&["crates/a/src/lib.rs"], &files), Vec::<String>::new());
    }

    #[test]
    fn a_forgotten_file_is_named() {
        let files = [
            ("crates/a/src/lib.rs", "mod fortwo;\n// mod two;"),
            ("crates/a/src/fortwo.rs", ""),
            ("crates/a/src/two.rs", "mod two;"),
            ("crates/a/tests/main.rs", "mod spoken;"),
            ("crates/a/tests/spoken.rs", ""),
            ("crates/a/tests/silent.rs", ""),
        ];
        let roots = ["crates/a/src/lib.rs", "crates/a/tests/main.rs"];
        let forgotten = problems(&roots, &files);
        assert_eq!(forgotten, ["crates/a/src/two.rs", "crates/a/tests/silent.rs"]);
    }

    #[test]
    fn a_second_test_binary_is_refused() {
        let crates = [Crate {
            folder: "crates/a".to_owned(),
            roots: BTreeSet::new(),
            test_targets: vec!["one".to_owned(), "two".to_owned()],
        }];
        assert_eq!(check(&crates, &BTreeMap::new()).len(), 1);
    }
}
