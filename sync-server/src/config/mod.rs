//! The configuration: defaults, then the TOML file, then the environment, then the command line.
//!
//! Reads no file and no environment itself: the host passes both in. All that is wrong is told at
//! once, each with its key, the problem and the remedy; an unknown key is an error, so that a
//! misspelt setting does not go unnoticed. Secrets never appear in errors or listings.

mod settings;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use settings::{SETTINGS, Setting};

/// A value that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

const MASK: &str = "********";

/// How events are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// How much is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one tenant's devices in a minute.
    pub requests_per_minute: u32,
    /// How many of those at once.
    pub requests_at_once: u32,
    /// Sign-ins for one name in a minute.
    pub sign_ins_per_minute: u32,
    /// Requests without a valid proof from one address in a minute.
    pub failures_per_minute: u32,
    /// Devices that wait for events at the same time.
    pub event_streams: u32,
    /// How long a request may take.
    pub request_timeout: Duration,
}

/// Whether browsers are let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// They are.
    On,
    /// They are not.
    Off,
}

/// The browser's way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserConfig {
    /// Whether there is one.
    pub access: Access,
    /// The names that the server goes by behind TLS; empty for this machine alone.
    pub hosts: Vec<String>,
    /// The folder of the page.
    pub ui_dir: Option<PathBuf>,
    /// The folder of hosted replicas; in the data directory where absent.
    pub cache_dir: Option<PathBuf>,
    /// How many replicas are open at most.
    pub replicas: u32,
    /// How much room they take at most, in MiB.
    pub cache_mb: u32,
    /// After how many minutes without use one is closed.
    pub idle_minutes: u32,
    /// After how many minutes without use a session ends.
    pub session_idle_minutes: u32,
    /// After how many hours a session ends in any case.
    pub session_hours: u32,
    /// Requests that one user's pages may make in a minute.
    pub requests_per_minute: u32,
}

/// The configuration in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The folder that holds one database per tenant.
    pub data_dir: PathBuf,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The proxy whose word about addresses is taken.
    pub trusted_proxy: Option<IpAddr>,
    /// How long a stop waits for requests in flight.
    pub stop_grace: Duration,
    /// How much is let in.
    pub limits: Limits,
    /// The browser's way in.
    pub browser: BrowserConfig,
    /// How long an ID token may be used, in seconds.
    pub token_lifetime_s: u32,
    /// What `/metrics` asks for.
    pub metrics_token: Option<Secret>,
    /// Which events are logged.
    pub log_filter: String,
    /// How events are logged.
    pub log_format: LogFormat,
}

impl Config {
    /// Says whether others than this machine can reach the server.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        !self.listen.ip().is_loopback() || self.trusted_proxy.is_some()
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody gave one.
    Default,
    /// The file.
    File,
    /// An environment variable, by name.
    Environment(String),
    /// An option of the command line, by name.
    Option(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File => f.write_str("file"),
            Self::Environment(name) => f.write_str(name),
            Self::Option(name) => f.write_str(name),
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} (from {origin}): {problem}; {remedy}")]
pub struct ConfigError {
    /// The key.
    pub key: String,
    /// Where the value comes from.
    pub origin: Source,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// One setting as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The key.
    pub key: &'static str,
    /// The value, masked if it is a secret; empty for none.
    pub value: String,
    /// Where it comes from.
    pub origin: Source,
}

/// What the host found, to be made into a configuration.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The text of the file, if there is one.
    pub file: Option<String>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// Options of the command line: key, option, value.
    pub options: Vec<(&'static str, &'static str, String)>,
}

type Values = BTreeMap<&'static str, (String, Source)>;

/// Reads the configuration.
///
/// # Errors
/// All that is wrong, at least one.
pub fn read(sources: &Sources) -> Result<(Config, Vec<Effective>), Vec<ConfigError>> {
    let mut errors = Vec::new();
    let values = gather(sources, &mut errors);
    let effective = SETTINGS
        .iter()
        .map(|setting| {
            let (value, origin) = values[setting.key].clone();
            let masked = setting.secret && !value.is_empty();
            Effective {
                key: setting.key,
                value: if masked { MASK.to_owned() } else { value },
                origin,
            }
        })
        .collect();
    let mut reader = Reader { values: &values, errors };
    match reader.config() {
        Some(config) if reader.errors.is_empty() => Ok((config, effective)),
        _ => Err(reader.errors),
    }
}

fn gather(sources: &Sources, errors: &mut Vec<ConfigError>) -> Values {
    let mut values: Values = SETTINGS
        .iter()
        .map(|setting| (setting.key, (setting.default.to_owned(), Source::Default)))
        .collect();
    if let Some(text) = &sources.file {
        match text.parse::<toml::Table>() {
            Ok(table) => take_table("", &table, &mut values, errors),
            Err(error) => errors.push(ConfigError {
                key: "the file".to_owned(),
                origin: Source::File,
                problem: format!("is not TOML: {}", error.message()),
                remedy: "see docs/operations.md for an example".to_owned(),
            }),
        }
    }
    for setting in SETTINGS {
        let variable = setting.variable();
        let found = sources.environment.iter().find(|(name, _)| *name == variable);
        if let Some((_, value)) = found {
            values.insert(setting.key, (value.clone(), Source::Environment(variable)));
        }
    }
    for (key, option, value) in &sources.options {
        values.insert(key, (value.clone(), Source::Option(option)));
    }
    values
}

fn take_table(
    prefix: &str,
    table: &toml::Table,
    values: &mut Values,
    errors: &mut Vec<ConfigError>,
) {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        let known = SETTINGS.iter().find(|setting| setting.key == key);
        let text = match (value, known) {
            (toml::Value::Table(inner), None) => {
                take_table(&format!("{key}."), inner, values, errors);
                continue;
            }
            (toml::Value::String(text), Some(_)) => text.clone(),
            (toml::Value::Integer(number), Some(_)) => number.to_string(),
            (_, Some(setting)) => {
                errors.push(ConfigError {
                    key,
                    origin: Source::File,
                    problem: "is neither a text nor a number".to_owned(),
                    remedy: setting.remedy.to_owned(),
                });
                continue;
            }
            (_, None) => {
                let names: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
                errors.push(ConfigError {
                    key,
                    origin: Source::File,
                    problem: "is no setting".to_owned(),
                    remedy: format!("remove it, or use one of {}", names.join(", ")),
                });
                continue;
            }
        };
        if let Some(setting) = known {
            values.insert(setting.key, (text, Source::File));
        }
    }
}

struct Reader<'a> {
    values: &'a Values,
    errors: Vec<ConfigError>,
}

impl Reader<'_> {
    /// The configuration; `None` if a value could not be read.
    fn config(&mut self) -> Option<Config> {
        // Each is read before any is given up, so that all errors are told.
        let data_dir =
            self.parse("data_dir", |text| (!text.is_empty()).then(|| PathBuf::from(text)));
        let listen = self.parse("listen.address", |text| text.parse().ok());
        let trusted_proxy = self.optional("listen.trusted_proxy", |text| text.parse().ok());
        let stop_grace = self.number("listen.stop_grace_s");
        let requests_per_minute = self.number("limits.requests_per_minute");
        let requests_at_once = self.number("limits.requests_at_once");
        let sign_ins_per_minute = self.number("limits.sign_ins_per_minute");
        let failures_per_minute = self.number("limits.failures_per_minute");
        let event_streams = self.number("limits.event_streams");
        let request_timeout = self.number("limits.request_timeout_s");
        let browser = self.browser();
        let token_lifetime_s = self.number("sign_in.token_lifetime_s");
        let metrics_token = self
            .optional("metrics.token", |text| (text.len() >= 16).then(|| Secret(text.to_owned())));
        let log_filter = self.parse("log.filter", |text| {
            let parsed = text.parse::<tracing_subscriber::filter::Targets>();
            parsed.is_ok().then(|| text.to_owned())
        });
        let log_format = self.parse("log.format", |text| match text {
            "json" => Some(LogFormat::Json),
            "text" => Some(LogFormat::Text),
            _ => None,
        });
        let seconds = |count: u32| Duration::from_secs(u64::from(count));
        Some(Config {
            data_dir: data_dir?,
            listen: listen?,
            trusted_proxy: trusted_proxy?,
            stop_grace: seconds(stop_grace?),
            limits: Limits {
                requests_per_minute: requests_per_minute?,
                requests_at_once: requests_at_once?,
                sign_ins_per_minute: sign_ins_per_minute?,
                failures_per_minute: failures_per_minute?,
                event_streams: event_streams?,
                request_timeout: seconds(request_timeout?),
            },
            browser: browser?,
            token_lifetime_s: token_lifetime_s?,
            metrics_token: metrics_token?,
            log_filter: log_filter?,
            log_format: log_format?,
        })
    }

    fn browser(&mut self) -> Option<BrowserConfig> {
        let access = self.parse("browser.access", |text| match text {
            "on" => Some(Access::On),
            "off" => Some(Access::Off),
            _ => None,
        });
        let hosts = self.parse("browser.hosts", |text| {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            names.map(|name| is_host(name).then(|| name.to_lowercase())).collect()
        });
        let ui_dir = self.optional("browser.ui_dir", |text| Some(PathBuf::from(text)));
        let cache_dir = self.optional("browser.cache_dir", |text| Some(PathBuf::from(text)));
        let replicas = self.number("browser.replicas");
        let cache_mb = self.number("browser.cache_mb");
        let idle_minutes = self.number("browser.idle_minutes");
        let session_idle_minutes = self.number("browser.session_idle_minutes");
        let session_hours = self.number("browser.session_hours");
        let requests_per_minute = self.number("browser.requests_per_minute");
        Some(BrowserConfig {
            access: access?,
            hosts: hosts?,
            ui_dir: ui_dir?,
            cache_dir: cache_dir?,
            replicas: replicas?,
            cache_mb: cache_mb?,
            idle_minutes: idle_minutes?,
            session_idle_minutes: session_idle_minutes?,
            session_hours: session_hours?,
            requests_per_minute: requests_per_minute?,
        })
    }

    fn number(&mut self, key: &'static str) -> Option<u32> {
        self.parse(key, |text| {
            let number = text.parse().ok()?;
            (1..=1_000_000).contains(&number).then_some(number)
        })
    }

    fn optional<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.values[key].0.is_empty() {
            return Some(None);
        }
        self.parse(key, parse).map(Some)
    }

    fn parse<T>(&mut self, key: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let (value, origin) = &self.values[key];
        let parsed = parse(value);
        if parsed.is_none() {
            let setting = SETTINGS.iter().find(|setting| setting.key == key)?;
            let problem = match (setting.secret, value.as_str()) {
                (true, _) => "this value cannot be used".to_owned(),
                (false, "") => "is empty".to_owned(),
                (false, value) => format!("`{value}` cannot be used"),
            };
            self.errors.push(ConfigError {
                key: key.to_owned(),
                origin: origin.clone(),
                problem,
                remedy: setting.remedy.to_owned(),
            });
        }
        parsed
    }
}

/// A name as it stands in `Host`: no scheme, no path.
fn is_host(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    name.bytes().all(plain) && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests;
