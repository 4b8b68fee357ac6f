//! Where settings come from, and what is said about wrong ones.

use super::*;

fn sources(file: &str, environment: &[(&str, &str)]) -> Sources {
    Sources {
        file: Some(file.to_owned()),
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        options: vec![],
    }
}

fn errors(file: &str, environment: &[(&str, &str)]) -> Vec<String> {
    read(&sources(file, environment)).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_defaults_are_a_configuration_on_loopback() {
    let (config, effective) = read(&Sources::default()).unwrap();
    assert!(config.listen.ip().is_loopback() && !config.is_public());
    assert_eq!(effective.len(), SETTINGS.len());
    assert!(effective.iter().all(|setting| setting.origin == Source::Default));
}

#[test]
fn the_environment_goes_before_the_file_and_options_before_both() {
    let file = "data_dir = \"/a\"\n[listen]\naddress = \"127.0.0.1:1\"\nstop_grace_s = 7";
    let mut sources = sources(file, &[("ROADBOOK_LISTEN_ADDRESS", "127.0.0.1:2")]);
    let (config, _) = read(&sources).unwrap();
    assert_eq!(config.data_dir, PathBuf::from("/a"));
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.stop_grace, Duration::from_secs(7));
    sources.options.push(("listen.address", "--listen", "127.0.0.1:3".to_owned()));
    let (config, effective) = read(&sources).unwrap();
    assert_eq!(config.listen.port(), 3);
    let listen = effective.iter().find(|setting| setting.key == "listen.address").unwrap();
    assert_eq!(listen.origin, Source::Option("--listen"));
}

#[test]
fn an_error_names_key_origin_problem_and_remedy() {
    let found = errors("[listen]\naddress = \"everywhere\"", &[]);
    assert_eq!(
        found,
        ["listen.address (from file): `everywhere` cannot be used; \
          write an IP address and a port, like 127.0.0.1:8470"]
    );
    let found = errors("", &[("ROADBOOK_LIMITS_REQUESTS_PER_MINUTE", "0")]);
    assert!(found[0].starts_with("limits.requests_per_minute (from ROADBOOK_LIMITS_REQUESTS"));
}

#[test]
fn all_errors_are_told_at_once() {
    let file =
        "log.format = \"loud\"\nlimits.event_streams = -1\nlisten.adress = \"x\"\ndata_dir = []";
    let found = errors(file, &[]);
    for key in ["log.format", "limits.event_streams", "listen.adress", "data_dir"] {
        assert!(found.iter().any(|error| error.starts_with(key)), "{key} in {found:?}");
    }
    assert!(found.iter().any(|error| error.contains("is no setting")), "{found:?}");
}

#[test]
fn a_file_that_is_no_toml_is_an_error() {
    assert!(errors("= 3", &[])[0].contains("is not TOML"));
}

#[test]
fn secrets_are_masked_in_listings_and_errors() {
    let token = "a-very-secret-token";
    let file = format!("[metrics]\ntoken = \"{token}\"");
    let (config, effective) = read(&sources(&file, &[])).unwrap();
    assert_eq!(config.metrics_token.as_ref().map(Secret::expose), Some(token));
    assert!(!format!("{config:?}{effective:?}").contains(token));
    let found = errors("[metrics]\ntoken = \"short\"", &[]);
    assert!(found[0].starts_with("metrics.token") && !found[0].contains("short"), "{found:?}");
}

#[test]
fn behind_a_proxy_the_server_is_public() {
    let (config, _) = read(&sources("listen.trusted_proxy = \"127.0.0.1\"", &[])).unwrap();
    assert!(config.is_public());
    let (config, _) = read(&sources("listen.address = \"0.0.0.0:80\"", &[])).unwrap();
    assert!(config.is_public());
}

#[test]
fn the_manual_lists_every_setting_with_its_default() {
    let manual = include_str!("../../../docs/operations.md");
    for setting in SETTINGS {
        let default = match setting.default {
            "" => String::new(),
            default => format!("`{default}` "),
        };
        let row = format!("| `{}` | {default}| ", setting.key);
        assert!(manual.contains(&row), "docs/operations.md has no row `{row}`");
    }
}
