//! Manifests of members: versions stand in the root manifest only, and lints are the workspace's.

use toml::{Table, Value};

use super::Problem;

const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Checks the manifests, given as (path, text).
pub(crate) fn check(manifests: &[(String, &str)]) -> Vec<Problem> {
    manifests.iter().flat_map(|(path, text)| check_one(path, text)).collect()
}

fn check_one(path: &str, text: &str) -> Vec<Problem> {
    let manifest = match text.parse::<Table>() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Problem::new(path, format!("does not parse: {error}"))],
    };
    let mut problems = Vec::new();
    if !inherits(manifest.get("lints")) {
        problems.push(Problem::new(path, "lacks `[lints] workspace = true`"));
    }
    let by_platform = manifest.get("target").and_then(Value::as_table);
    let platforms = by_platform.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    for holder in std::iter::once(&manifest).chain(platforms) {
        for section in SECTIONS {
            let dependencies = holder.get(section).and_then(Value::as_table);
            for (name, value) in dependencies.into_iter().flatten() {
                if !inherits(Some(value)) {
                    let what = format!(
                        "`{name}` under [{section}] has a version of its own: put the version \
                         into the root manifest and write `{name}.workspace = true`"
                    );
                    problems.push(Problem::new(path, what));
                }
            }
        }
    }
    problems
}

fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(text: &str) -> Vec<String> {
        check(&[("Cargo.toml".to_owned(), text)]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn inherited_versions_and_lints_pass() {
        let good = "[dependencies]\nserde = { workspace = true, features = [\"rc\"] }\n\
                    toml.workspace = true\n[lints]\nworkspace = true\n";
        assert_eq!(check_text(good), Vec::<String>::new());
    }

    #[test]
    fn a_version_of_its_own_fails_in_every_section() {
        let bad = "[dependencies]\na = \"1\"\n[dev-dependencies]\nb = { version = \"1\" }\n\
                   [target.'cfg(unix)'.dependencies]\nc = \"1\"\n[lints]\nworkspace = true\n";
        let problems = check_text(bad);
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[test]
    fn missing_lints_and_a_broken_manifest_fail() {
        assert_eq!(check_text("[package]\nname = \"a\"\n").len(), 1);
        assert_eq!(check_text("[package\n").len(), 1);
    }
}
