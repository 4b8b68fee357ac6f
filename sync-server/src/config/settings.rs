//! The table of settings: one line each. The configuration, its errors and its listing all read
//! it, so that none of them can know a setting that the others do not.

/// The section and name of a setting, with what it means.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// `section.name` in the file.
    pub key: &'static str,
    /// The value where none is given; empty for none.
    pub default: &'static str,
    /// Never shown.
    pub secret: bool,
    /// What it is for, in a sentence.
    pub what: &'static str,
    /// How to write a value.
    pub remedy: &'static str,
}

impl Setting {
    /// The environment variable that overrides the file.
    #[must_use]
    pub fn variable(&self) -> String {
        let key = self.key.replace('.', "_").to_uppercase();
        format!("ROADBOOK_{key}")
    }
}

const fn setting(
    key: &'static str,
    default: &'static str,
    what: &'static str,
    remedy: &'static str,
) -> Setting {
    Setting { key, default, secret: false, what, remedy }
}

const A_NUMBER: &str = "write a whole number from 1 to 1000000";

/// All settings, in the order of the file.
pub const SETTINGS: &[Setting] = &[
    setting(
        "data_dir",
        "/var/lib/roadbook",
        "The folder that holds one database per tenant.",
        "write the path of a folder, like /var/lib/roadbook",
    ),
    setting(
        "listen.address",
        "127.0.0.1:8470",
        "Where the server listens; port 0 takes any free port.",
        "write an IP address and a port, like 127.0.0.1:8470",
    ),
    setting(
        "listen.trusted_proxy",
        "",
        "The address of a reverse proxy whose X-Forwarded-For is believed.",
        "write one IP address, like 127.0.0.1, or leave it out",
    ),
    setting(
        "listen.stop_grace_s",
        "20",
        "How long a stop waits for requests in flight, in seconds.",
        A_NUMBER,
    ),
    setting(
        "limits.requests_per_minute",
        "6000",
        "Requests that one tenant's devices may make in a minute.",
        A_NUMBER,
    ),
    setting("limits.requests_at_once", "600", "How many of those may come at once.", A_NUMBER),
    setting(
        "limits.sign_ins_per_minute",
        "10",
        "Sign-ins that may be tried for one name from one address, and six times as many for one \
         name from everywhere, or for all names from one address.",
        A_NUMBER,
    ),
    setting(
        "limits.failures_per_minute",
        "120",
        "Requests without a valid proof that one address may make in a minute.",
        A_NUMBER,
    ),
    setting(
        "limits.event_streams",
        "2000",
        "Devices that may wait for events at the same time.",
        A_NUMBER,
    ),
    setting(
        "limits.request_timeout_s",
        "60",
        "How long a device's request, or the body of a page's, may take, in seconds.",
        A_NUMBER,
    ),
    setting(
        "browser.access",
        "on",
        "Whether browsers are let in; without browser.hosts, those on this machine alone.",
        "write on or off",
    ),
    setting(
        "browser.hosts",
        "",
        "The names by which browsers reach the server through a proxy with TLS.",
        "write names as in the address, like crm.example.com, with commas between",
    ),
    setting(
        "browser.ui_dir",
        "",
        "The folder of the page; without one, the folder ui beside the program.",
        "write the path of a folder that has an index.html, or leave it out",
    ),
    setting(
        "browser.cache_dir",
        "",
        "The folder of replicas hosted for browsers; without one, in the data directory.",
        "write the path of a folder, or leave it out",
    ),
    setting(
        "browser.replicas",
        "200",
        "How many users' replicas are open at the same time; the one used least recently makes \
         room.",
        A_NUMBER,
    ),
    setting(
        "browser.cache_mb",
        "4096",
        "How much room the open replicas may take on the disk, in MiB.",
        A_NUMBER,
    ),
    setting(
        "browser.idle_minutes",
        "15",
        "After how many minutes without use a replica is closed.",
        A_NUMBER,
    ),
    setting(
        "browser.session_idle_minutes",
        "60",
        "After how many minutes without use a browser's session ends.",
        A_NUMBER,
    ),
    setting(
        "browser.session_hours",
        "12",
        "After how many hours a browser's session ends in any case.",
        A_NUMBER,
    ),
    setting(
        "browser.requests_per_minute",
        "3000",
        "Requests that one user's pages may make in a minute.",
        A_NUMBER,
    ),
    setting(
        "sign_in.token_lifetime_s",
        "600",
        "How long an ID token may be used to enrol a device, in seconds.",
        A_NUMBER,
    ),
    Setting {
        secret: true,
        ..setting(
            "metrics.token",
            "",
            "The bearer token that /metrics asks for; without one, anyone may read it.",
            "write at least 16 characters, or leave it out",
        )
    },
    setting(
        "log.filter",
        "info",
        "Which events are logged.",
        "write a level or a filter, like info or roadbook_server=debug,info",
    ),
    setting("log.format", "json", "How events are logged.", "write json or text"),
];
