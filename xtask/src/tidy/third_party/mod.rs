//! Dependencies from outside: licences, sources, banned crates and duplicate versions.
//!
//! The rules stand in `deny.toml`, in the words of cargo-deny, so that cargo-deny can be run over
//! the same file. It is not used here because installing it takes longer than everything else, and
//! a check that is skipped where a tool is missing is no check. Advisories need the network and
//! are a task of their own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use cargo_metadata::semver::{Version, VersionReq};
use cargo_metadata::{Metadata, PackageId};
use toml::{Table, Value};

use super::{Problem, spdx};

/// What `deny.toml` says.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The platforms whose dependencies count.
    pub(crate) targets: Vec<String>,
    licences: BTreeSet<String>,
    exceptions: BTreeMap<String, BTreeSet<String>>,
    registries: Vec<String>,
    /// Banned crates with the direct users that are excepted.
    banned: BTreeMap<String, Vec<String>>,
    skipped: Vec<(String, VersionReq)>,
    /// Crates whose own choice of versions is left to them.
    skipped_trees: Vec<(String, VersionReq)>,
}

/// A resolved package from outside, or one of ours (then without a source).
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    name: String,
    version: Version,
    licence: Option<String>,
    source: Option<String>,
    /// The name and version of each direct user.
    used_by: BTreeSet<(String, Version)>,
}

impl Rules {
    /// Reads the rules; an unknown section or key is an error, so that no rule is written in vain.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let file: Table = text.parse()?;
        refuse_unknown(&file)?;
        let list = |section: &str, key: &str| -> anyhow::Result<Vec<&Value>> {
            let value = file.get(section).and_then(|section| section.get(key));
            let array = value.with_context(|| format!("[{section}] {key} is missing"))?.as_array();
            Ok(array.with_context(|| format!("[{section}] {key} is not a list"))?.iter().collect())
        };
        let mut exceptions = BTreeMap::new();
        for entry in list("licenses", "exceptions")? {
            let allowed = strings(&list_in(entry, "allow")?)?.into_iter().collect();
            exceptions.insert(string_in(entry, "crate")?.to_owned(), allowed);
        }
        let mut banned = BTreeMap::new();
        for entry in list("bans", "deny")? {
            let wrappers = strings(&list_in(entry, "wrappers").unwrap_or_default())?;
            string_in(entry, "reason")?;
            banned.insert(string_in(entry, "crate")?.to_owned(), wrappers);
        }
        let skips = |key: &str| -> anyhow::Result<Vec<(String, VersionReq)>> {
            let mut skipped = Vec::new();
            for entry in list("bans", key)? {
                let spec = string_in(entry, "crate")?;
                string_in(entry, "reason")?;
                let (name, version) = spec.split_once('@').context("a skip needs name@version")?;
                skipped.push((name.to_owned(), version.parse()?));
            }
            Ok(skipped)
        };
        Ok(Self {
            targets: strings(&list("graph", "targets")?)?,
            licences: strings(&list("licenses", "allow")?)?.into_iter().collect(),
            exceptions,
            registries: strings(&list("sources", "allow-registry")?)?,
            banned,
            skipped: skips("skip")?,
            skipped_trees: skips("skip-tree")?,
        })
    }
}

const KNOWN: [(&str, &[&str]); 5] = [
    ("graph", &["targets", "all-features"]),
    ("advisories", &["yanked"]),
    ("licenses", &["allow", "exceptions", "private"]),
    (
        "bans",
        &["multiple-versions", "wildcards", "allow-wildcard-paths", "deny", "skip", "skip-tree"],
    ),
    ("sources", &["unknown-registry", "unknown-git", "allow-registry"]),
];

fn refuse_unknown(file: &Table) -> anyhow::Result<()> {
    for (section, content) in file {
        let known = KNOWN.iter().find(|(name, _)| name == section);
        let (_, keys) = known.with_context(|| format!("[{section}] is not understood"))?;
        for key in content.as_table().into_iter().flat_map(Table::keys) {
            anyhow::ensure!(keys.contains(&key.as_str()), "[{section}] {key} is not understood");
        }
    }
    Ok(())
}

fn list_in<'a>(entry: &'a Value, key: &str) -> anyhow::Result<Vec<&'a Value>> {
    let array = entry.get(key).and_then(Value::as_array);
    Ok(array.with_context(|| format!("an entry lacks `{key}`"))?.iter().collect())
}

fn string_in<'a>(entry: &'a Value, key: &str) -> anyhow::Result<&'a str> {
    entry.get(key).and_then(Value::as_str).with_context(|| format!("an entry lacks `{key}`"))
}

fn strings(values: &[&Value]) -> anyhow::Result<Vec<String>> {
    let text = |value: &&Value| value.as_str().map(str::to_owned).context("not a string");
    values.iter().map(text).collect()
}

/// Reads the resolved packages out of cargo's metadata.
pub(crate) fn packages(metadata: &Metadata) -> Vec<Resolved> {
    let named =
        |package: &cargo_metadata::Package| (package.name.to_string(), package.version.clone());
    let name_of: BTreeMap<&PackageId, (String, Version)> =
        metadata.packages.iter().map(|package| (&package.id, named(package))).collect();
    let mut users: BTreeMap<&PackageId, BTreeSet<(String, Version)>> = BTreeMap::new();
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    for node in nodes {
        users.entry(&node.id).or_default();
        for used in &node.dependencies {
            let user = name_of.get(&node.id).cloned();
            users.entry(used).or_default().extend(user);
        }
    }
    let resolved = metadata.packages.iter().filter(|package| users.contains_key(&package.id));
    let describe = |package: &cargo_metadata::Package| Resolved {
        name: package.name.to_string(),
        version: package.version.clone(),
        licence: package.license.clone(),
        source: package.source.as_ref().map(|source| source.repr.clone()),
        used_by: users.get(&package.id).cloned().unwrap_or_default(),
    };
    resolved.map(describe).collect()
}

/// Checks the packages against the rules.
pub(crate) fn check(rules: &Rules, packages: &[Resolved]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let wanted = wanted_outside_trees(rules, packages);
    let mut versions: BTreeMap<&str, BTreeSet<&Version>> = BTreeMap::new();
    for package in packages {
        let place = format!("{} {}", package.name, package.version);
        let complaints = [
            licence_problem(rules, package),
            source_problem(rules, package),
            ban_problem(rules, package),
        ];
        problems.extend(complaints.into_iter().flatten().map(|what| Problem::new(&place, what)));
        let counts = wanted.contains(&(package.name.as_str(), &package.version));
        if counts && !names(&rules.skipped, &package.name, &package.version) {
            versions.entry(&package.name).or_default().insert(&package.version);
        }
    }
    for (name, versions) in versions.into_iter().filter(|(_, versions)| versions.len() > 1) {
        let listed: Vec<String> = versions.iter().map(ToString::to_string).collect();
        let what = format!(
            "is built in {} versions ({}): unite them, or skip one in deny.toml with a reason; \
             `cargo tree -i {name}@{}` says who wants it",
            listed.len(),
            listed.join(", "),
            listed[0]
        );
        problems.push(Problem::new(name, what));
    }
    problems
}

/// Returns whether a list of `name@version` names this package.
fn names(list: &[(String, VersionReq)], name: &str, version: &Version) -> bool {
    list.iter().any(|(listed, wanted)| listed == name && wanted.matches(version))
}

/// Returns the packages that somebody wants who is not inside a skipped tree: ours, what they use,
/// and so on, but not what the root of such a tree uses. A version that only the tree wants is the
/// tree's own affair. (cargo-deny is more lenient: it skips whatever the tree reaches.)
fn wanted_outside_trees<'a>(
    rules: &Rules,
    packages: &'a [Resolved],
) -> BTreeSet<(&'a str, &'a Version)> {
    let mut used: BTreeMap<(&str, &Version), Vec<(&'a str, &'a Version)>> = BTreeMap::new();
    for package in packages {
        for (user, version) in &package.used_by {
            used.entry((user, version)).or_default().push((&package.name, &package.version));
        }
    }
    let ours = packages.iter().filter(|package| package.source.is_none());
    let mut open: Vec<(&str, &Version)> =
        ours.map(|package| (package.name.as_str(), &package.version)).collect();
    let mut wanted = BTreeSet::new();
    while let Some((name, version)) = open.pop() {
        if wanted.insert((name, version)) && !names(&rules.skipped_trees, name, version) {
            open.extend(used.get(&(name, version)).into_iter().flatten());
        }
    }
    wanted
}

fn licence_problem(rules: &Rules, package: &Resolved) -> Option<String> {
    let Some(expression) = &package.licence else {
        return Some("says no licence in its manifest".to_owned());
    };
    let exception = rules.exceptions.get(&package.name);
    let accepts = |name: &str| {
        rules.licences.contains(name) || exception.is_some_and(|allowed| allowed.contains(name))
    };
    match spdx::satisfied(expression, &accepts) {
        Ok(true) => None,
        Ok(false) => {
            Some(format!("has the licence `{expression}`, which deny.toml does not allow"))
        }
        Err(error) => Some(format!("has a licence that cannot be read: {error}")),
    }
}

fn source_problem(rules: &Rules, package: &Resolved) -> Option<String> {
    let source = package.source.as_ref()?;
    let registry = source.strip_prefix("registry+");
    let known = registry.is_some_and(|found| rules.registries.iter().any(|known| known == found));
    (!known).then(|| format!("comes from {source}, which deny.toml does not allow"))
}

fn ban_problem(rules: &Rules, package: &Resolved) -> Option<String> {
    let excepted = rules.banned.get(&package.name)?;
    let users: Vec<&str> = package
        .used_by
        .iter()
        .map(|(user, _)| user.as_str())
        .filter(|user| !excepted.iter().any(|name| name == user))
        .collect();
    let nobody = users.is_empty() && !excepted.is_empty();
    (!nobody).then(|| format!("is banned in deny.toml, and used by {}", users.join(", ")))
}

#[cfg(test)]
mod tests;
