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
[sources]
allow-registry = ["https://example.org/index"]
"#;

fn package(name: &str, version: &str) -> Resolved {
    Resolved {
        name: name.to_owned(),
        version: version.parse().expect("a version"),
        licence: Some("MIT OR GPL-3.0-only".to_owned()),
        source: Some("registry+https://example.org/index".to_owned()),
        used_by: BTreeSet::from(["store".to_owned()]),
    }
}

fn problems(packages: &[Resolved]) -> Vec<String> {
    let rules = Rules::parse(RULES).expect("the rules are well formed");
    check(&rules, packages).iter().map(ToString::to_string).collect()
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
    let users = BTreeSet::from(["store".to_owned(), "other".to_owned()]);
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
fn a_rule_that_is_not_understood_is_an_error() {
    let misspelt = RULES.replace("allow-registry", "allow-registries");
    assert!(Rules::parse(&misspelt).is_err(), "a misspelt key would be a rule written in vain");
    let silent = RULES.replace(", reason = \"derives in two generations\"", "");
    assert!(Rules::parse(&silent).is_err(), "a skip says its reason");
}
