//! Each rule of `deny.toml` fails when it is broken.

use super::*;

const RULES: &str = r#"
[graph]
targets = ["x86_64-unknown-linux-gnu"]
[licenses]
allow = ["MIT", "Apache-2.0"]
exceptions = [{ crate = "roots", allow = ["MPL-2.0"] }]
[bans]
deny = [
    { crate = "openssl", reason = "TLS is rustls" },
    { crate = "bundled", reason = "one user only", wrappers = ["store"] },
]
skip = [{ crate = "syn@2", reason = "derives in two generations" }]
skip-tree = [{ crate = "shell@2", reason = "the shell chooses its own" }]
[sources]
allow-registry = ["https://example.org/index"]
"#;

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn user(name: &str) -> (String, Version) {
    (name.to_owned(), version("1.0.0"))
}

fn package(name: &str, version: &str) -> Resolved {
    Resolved {
        name: name.to_owned(),
        version: self::version(version),
        licence: Some("MIT OR GPL-3.0-only".to_owned()),
        source: Some("registry+https://example.org/index".to_owned()),
        used_by: BTreeSet::from([user("store")]),
    }
}

fn problems(packages: &[Resolved]) -> Vec<String> {
    let rules = Rules::parse(RULES).expect("the rules are well formed");
    let ours = Resolved { source: None, used_by: BTreeSet::new(), ..package("store", "1.0.0") };
    check(&rules, &[packages, &[ours]].concat()).iter().map(ToString::to_string).collect()
}

#[test]
fn what_keeps_the_rules_passes() {
    let ours = Resolved { source: None, ..package("roadbook-domain", "0.1.0") };
    assert_eq!(problems(&[package("serde", "1.0.0"), ours]), Vec::<String>::new());
}

#[test]
fn a_licence_must_be_allowed_or_excepted_for_that_crate() {
    let with = |name: &str, licence: Option<&str>| Resolved {
        licence: licence.map(str::to_owned),
        ..package(name, "1.0.0")
    };
    assert_eq!(problems(&[with("a", Some("MPL-2.0"))]).len(), 1);
    assert_eq!(problems(&[with("roots", Some("MPL-2.0"))]), Vec::<String>::new());
    assert_eq!(problems(&[with("a", None)]).len(), 1, "no licence is no permission");
    assert_eq!(problems(&[with("a", Some("MIT OR"))]).len(), 1, "nor is an unreadable one");
}

#[test]
fn a_crate_from_elsewhere_is_refused() {
    for source in ["git+https://example.org/a.git#1", "registry+https://example.com/index"] {
        let stranger = Resolved { source: Some(source.to_owned()), ..package("a", "1.0.0") };
        assert_eq!(problems(&[stranger]).len(), 1, "{source}");
    }
}

#[test]
fn a_banned_crate_is_refused_except_for_its_wrappers() {
    assert_eq!(problems(&[package("openssl", "1.0.0")]).len(), 1);
    assert_eq!(problems(&[package("bundled", "1.0.0")]), Vec::<String>::new());
    let users = BTreeSet::from([user("store"), user("other")]);
    let spread = problems(&[Resolved { used_by: users, ..package("bundled", "1.0.0") }]);
    assert_eq!(spread, ["bundled 1.0.0: is banned in deny.toml, and used by other"]);
}

#[test]
fn a_second_version_is_refused_unless_skipped() {
    assert_eq!(problems(&[package("rand", "0.9.0"), package("rand", "0.10.0")]).len(), 1);
    let skipped = [package("syn", "2.0.1"), package("syn", "3.0.0")];
    assert_eq!(problems(&skipped), Vec::<String>::new());
    let third = [package("syn", "1.0.0"), package("syn", "2.0.1"), package("syn", "3.0.0")];
    assert_eq!(problems(&third).len(), 1, "only the named version is skipped");
}

#[test]
fn a_version_that_only_a_skipped_tree_wants_does_not_count() {
    let shell = Resolved { version: version("2.0.0"), ..package("shell", "2.0.0") };
    let by_shell = |name: &str, number: &str| Resolved {
        used_by: BTreeSet::from([("shell".to_owned(), version("2.0.0"))]),
        ..package(name, number)
    };
    let own_affair = [shell.clone(), by_shell("gtk", "1.0.0"), package("gtk", "2.0.0")];
    assert_eq!(problems(&own_affair), Vec::<String>::new());
    let among_themselves = [shell.clone(), by_shell("gtk", "1.0.0"), by_shell("gtk", "2.0.0")];
    assert_eq!(problems(&among_themselves), Vec::<String>::new());
    let ours = [shell.clone(), package("gtk", "1.0.0"), package("gtk", "2.0.0")];
    assert_eq!(problems(&ours).len(), 1, "outside the tree two versions are two versions");
    let other = Resolved { version: version("3.0.0"), ..package("shell", "3.0.0") };
    assert_eq!(problems(&[shell, other]).len(), 1, "the root itself counts");
}

#[test]
fn a_rule_that_is_not_understood_is_an_error() {
    let misspelt = RULES.replace("allow-registry", "allow-registries");
    assert!(Rules::parse(&misspelt).is_err(), "a misspelt key would be a rule written in vain");
    let silent = RULES.replace(", reason = \"derives in two generations\"", "");
    assert!(Rules::parse(&silent).is_err(), "a skip says its reason");
}
