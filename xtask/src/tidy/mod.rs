//! `cargo xtask tidy`: the house rules that no compiler checks.
//!
//! Each check is a pure function from what was read to a list of [`Problem`]s, with tests that
//! show it fail; only this file reads the disk. All checks run, and all problems are printed.

mod edges;
mod layout;
mod manifests;
mod migrations;
mod modules;
mod rust_files;
mod spdx;
mod third_party;
mod words;

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Context as _;
use cargo_metadata::TargetKind;

use crate::process::Outcome;
use crate::workspace::{self, Workspace};
use modules::Crate;

/// What to do about migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Migrations {
    /// Complain about what is not locked.
    Check,
    /// Enter what is new; what is locked stays as it is.
    Lock,
}

/// One breach of a rule, worded so that its author knows what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    place: String,
    what: String,
}

impl Problem {
    /// Makes a problem at a place (a file, a package).
    pub(crate) fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// The text of files by path relative to the root.
pub(crate) type Texts = BTreeMap<String, String>;

/// Runs every check and prints what is wrong.
pub(crate) fn run(workspace: &Workspace, migrations: Migrations) -> anyhow::Result<Outcome> {
    let files = workspace.files()?;
    let texts = read_texts(workspace, &files)?;
    let crates = crates(workspace);

    let mut problems = Vec::new();
    problems.extend(edges::check(&edges::of(&workspace.packages)));
    problems.extend(manifests::check(&manifests(&texts, &crates)));
    problems.extend(layout::check_top_level(&files));
    problems.extend(layout::check_crate_list(texts.get("ARCHITECTURE.md"), &crates));
    problems.extend(rust_files::check(&rust_only(&texts)));
    problems.extend(modules::check(&crates, &rust_only(&texts)));
    problems.extend(words::check(&texts));
    problems.extend(migrations::check_or_lock(workspace, &files, &texts, migrations)?);
    problems.extend(third_party_problems(workspace)?);

    problems.sort_unstable();
    problems.dedup();
    for problem in &problems {
        println!("{problem}");
    }
    println!("tidy: {} problems in {} files", problems.len(), files.len());
    Ok(Outcome::passed_if(problems.is_empty()))
}

fn third_party_problems(workspace: &Workspace) -> anyhow::Result<Vec<Problem>> {
    let rules = third_party::Rules::parse(&workspace.read("deny.toml")?).context("deny.toml")?;
    let metadata = workspace.with_dependencies(&rules.targets)?;
    Ok(third_party::check(&rules, &third_party::packages(&metadata)))
}

fn read_texts(workspace: &Workspace, files: &[String]) -> anyhow::Result<Texts> {
    let mut texts = Texts::new();
    for file in files.iter().filter(|file| words::is_text(file)) {
        texts.insert(file.clone(), workspace.read(file)?);
    }
    Ok(texts)
}

fn rust_only(texts: &Texts) -> BTreeMap<&str, &str> {
    let rust = texts.iter().filter(|(file, _)| file.ends_with(".rs"));
    rust.map(|(file, text)| (file.as_str(), text.as_str())).collect()
}

fn manifests<'a>(texts: &'a Texts, crates: &[Crate]) -> Vec<(String, &'a str)> {
    let paths = crates.iter().map(|found| format!("{}/Cargo.toml", found.folder));
    paths.filter_map(|path| texts.get(&path).map(|text| (path, text.as_str()))).collect()
}

fn crates(workspace: &Workspace) -> Vec<Crate> {
    let describe = |package: &cargo_metadata::Package| {
        let roots = package
            .targets
            .iter()
            .map(|target| workspace::relative(&workspace.root, target.src_path.as_std_path()));
        let tests = package.targets.iter().filter(|target| target.kind.contains(&TargetKind::Test));
        Crate {
            folder: workspace.folder(package),
            roots: roots.collect(),
            test_targets: tests.map(|target| target.name.clone()).collect(),
        }
    };
    workspace.packages.iter().map(describe).collect()
}
