//! Which of our crates may use which. Dependencies point downwards only.
//!
//! The table lists crates that are planned, too, so that a new crate is born inside its limits.
//! Development dependencies may be looser, with one exception: a library does not use the testkit,
//! because the testkit uses the library, and its tests would then see two copies of every type.

use cargo_metadata::{DependencyKind, Package};

use super::Problem;

/// What a crate is, and what it may use.
#[derive(Debug, Clone, Copy)]
enum House {
    /// Decides things; does no input or output and knows no runtime.
    Pure(&'static [&'static str]),
    /// Does input and output for others.
    Library(&'static [&'static str]),
    /// Has a `main`.
    Program(&'static [&'static str]),
    /// For development only; may use everything.
    Anything,
}

const TESTKIT: &str = "roadbook-testkit";

const TABLE: [(&str, House); 18] = [
    ("roadbook-domain", House::Pure(&[])),
    ("roadbook-merge", House::Pure(&["roadbook-domain"])),
    ("roadbook-policy", House::Pure(&["roadbook-domain"])),
    ("roadbook-planning", House::Pure(&["roadbook-domain"])),
    ("roadbook-workflow", House::Pure(&["roadbook-domain"])),
    ("roadbook-api", House::Pure(&["roadbook-domain"])),
    ("roadbook-sync-protocol", House::Pure(&["roadbook-domain", "roadbook-merge"])),
    (
        "roadbook-replica",
        House::Library(&[
            "roadbook-domain",
            "roadbook-merge",
            "roadbook-policy",
            "roadbook-sync-protocol",
        ]),
    ),
    (
        "roadbook-app",
        House::Library(&[
            "roadbook-api",
            "roadbook-domain",
            "roadbook-replica",
            "roadbook-policy",
            "roadbook-planning",
            "roadbook-workflow",
        ]),
    ),
    ("roadbook-app-http", House::Library(&["roadbook-app", "roadbook-api", "roadbook-domain"])),
    (
        "roadbook-cli",
        House::Program(&["roadbook-app", "roadbook-api", "roadbook-app-http", "roadbook-domain"]),
    ),
    (
        "roadbook-server",
        House::Program(&[
            "roadbook-domain",
            "roadbook-merge",
            "roadbook-policy",
            "roadbook-sync-protocol",
            "roadbook-planning",
            "roadbook-workflow",
            "roadbook-app-http",
        ]),
    ),
    ("roadbook-window", House::Program(&["roadbook-app", "roadbook-api", "roadbook-domain"])),
    ("roadbook-ui", House::Program(&["roadbook-api", "roadbook-domain"])),
    ("roadbook-tests", House::Anything),
    (TESTKIT, House::Anything),
    ("xtask", House::Program(&[])),
    ("xtask-wasm", House::Program(&[])),
];

/// What a [`House::Pure`] crate must not link: runtimes, sockets, databases, the system's entropy.
const IMPURE: [&str; 8] =
    ["tokio", "reqwest", "hyper", "axum", "rusqlite", "getrandom", "tracing-subscriber", "keyring"];

/// One package's direct dependencies.
#[derive(Debug)]
pub(crate) struct Uses {
    package: String,
    own: Vec<(String, DependencyKind)>,
    foreign: Vec<(String, DependencyKind)>,
}

/// Reads the direct dependencies out of cargo's metadata; those with a path are ours.
pub(crate) fn of(packages: &[Package]) -> Vec<Uses> {
    let describe = |package: &Package| {
        let (own, foreign): (Vec<_>, Vec<_>) =
            package.dependencies.iter().partition(|dependency| dependency.path.is_some());
        let named = |list: Vec<&cargo_metadata::Dependency>| {
            list.into_iter().map(|found| (found.name.clone(), found.kind)).collect()
        };
        Uses { package: package.name.to_string(), own: named(own), foreign: named(foreign) }
    };
    packages.iter().map(describe).collect()
}

/// Compares the edges with the table.
pub(crate) fn check(packages: &[Uses]) -> Vec<Problem> {
    packages.iter().flat_map(check_one).collect()
}

fn check_one(uses: &Uses) -> Vec<Problem> {
    let package = &uses.package;
    let listed = TABLE.iter().find(|(name, _)| name == package);
    let Some((_, house)) = listed else {
        let what = "is not in the dependency table (xtask/src/tidy/edges.rs)";
        return vec![Problem::new(package, what)];
    };
    let (may_use, is_pure, is_library) = match house {
        House::Pure(may_use) => (may_use, true, true),
        House::Library(may_use) => (may_use, false, true),
        House::Program(may_use) => (may_use, false, false),
        House::Anything => return Vec::new(),
    };
    let mut problems = Vec::new();
    for (dependency, kind) in &uses.own {
        let allowed = if *kind == DependencyKind::Development {
            !(is_library && dependency == TESTKIT)
        } else {
            may_use.contains(&dependency.as_str())
        };
        if !allowed {
            let what = format!("may not use {dependency}: the dependency table has no such edge");
            problems.push(Problem::new(package, what));
        }
    }
    for (dependency, kind) in &uses.foreign {
        let shipped = *kind != DependencyKind::Development;
        if is_pure && shipped && IMPURE.contains(&dependency.as_str()) {
            let what = format!("is pure and may not use {dependency}: pass the value in instead");
            problems.push(Problem::new(package, what));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(package: &str, own: &[(&str, DependencyKind)], foreign: &[&str]) -> Uses {
        Uses {
            package: package.to_owned(),
            own: own.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect(),
            foreign: foreign.iter().map(|n| ((*n).to_owned(), DependencyKind::Normal)).collect(),
        }
    }

    const NORMAL: DependencyKind = DependencyKind::Normal;
    const DEV: DependencyKind = DependencyKind::Development;

    #[test]
    fn a_listed_edge_passes_and_an_unlisted_one_is_named() {
        assert_eq!(check(&[uses("roadbook-merge", &[("roadbook-domain", NORMAL)], &[])]), []);
        let upwards = check(&[uses("roadbook-domain", &[("roadbook-merge", NORMAL)], &[])]);
        assert_eq!(upwards.len(), 1);
        assert!(upwards[0].to_string().contains("may not use roadbook-merge"));
    }

    #[test]
    fn a_package_outside_the_table_fails() {
        assert_eq!(check(&[uses("roadbook-helpers", &[], &[])]).len(), 1);
    }

    #[test]
    fn tests_may_look_further_but_a_library_never_uses_the_testkit() {
        assert_eq!(check(&[uses("roadbook-merge", &[("roadbook-policy", DEV)], &[])]), []);
        assert_eq!(check(&[uses("roadbook-merge", &[(TESTKIT, DEV)], &[])]).len(), 1);
        assert_eq!(check(&[uses("roadbook-server", &[(TESTKIT, DEV)], &[])]), []);
        assert_eq!(check(&[uses("roadbook-server", &[(TESTKIT, NORMAL)], &[])]).len(), 1);
    }

    #[test]
    fn a_pure_crate_has_no_runtime_and_no_database() {
        assert_eq!(check(&[uses("roadbook-domain", &[], &["serde", "uuid"])]), []);
        assert_eq!(check(&[uses("roadbook-domain", &[], &["tokio", "rusqlite"])]).len(), 2);
        assert_eq!(check(&[uses("roadbook-replica", &[], &["rusqlite"])]), []);
    }

    #[test]
    fn the_table_itself_points_downwards_only() {
        let rank = |name: &str| TABLE.iter().position(|(listed, _)| *listed == name);
        for (name, house) in TABLE {
            let (House::Pure(may_use) | House::Library(may_use) | House::Program(may_use)) = house
            else {
                continue;
            };
            for used in may_use {
                assert!(rank(used).is_some(), "{name} uses {used}, which the table does not list");
                assert!(rank(used) < rank(name), "{used} must stand above {name}");
            }
        }
    }
}
