//! Makes a fresh machine able to build: what is missing is installed, or named with the command
//! that installs it. Nothing is ever skipped in silence.
//!
//! Tried on Debian 12 and Ubuntu 24.04, which is why only apt-get is driven; elsewhere the need is
//! named. Nothing is installed for tools that are already there.

use std::path::Path;
use std::process::Command;

use crate::process::{self, Outcome};

/// What was looked for.
#[derive(Debug)]
pub(crate) struct Need {
    /// What it is and what it is for.
    pub(crate) what: &'static str,
    /// The Debian and Ubuntu package that has it.
    pub(crate) apt: &'static str,
    /// Whether it is here.
    pub(crate) present: fn() -> bool,
}

/// Something that is still missing, with the command that mends it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    what: String,
    remedy: String,
}

/// What the build itself needs besides cargo.
const BUILD_NEEDS: [Need; 3] = [
    Need {
        what: "git (lists the files that tidy checks)",
        apt: "git",
        present: || process::succeeds(Command::new("git").arg("--version")),
    },
    Need {
        what: "a C compiler (SQLCipher, zstd and ring are compiled from source)",
        apt: "build-essential",
        present: || process::succeeds(Command::new("cc").arg("--version")),
    },
    Need {
        what: "OpenSSL's libcrypto with headers (SQLCipher links to it)",
        apt: "libssl-dev",
        present: has_libcrypto,
    },
];

/// What the window is built with.
const WINDOW_NEEDS: [Need; 2] = [
    Need {
        what: "pkg-config (finds the libraries of the window)",
        apt: "pkg-config",
        present: || has("pkg-config"),
    },
    Need {
        what: "WebKitGTK with headers (the window shows its page with it)",
        apt: "libwebkit2gtk-4.1-dev",
        present: has_webkit,
    },
];

/// What the real window is driven with, on a desktop that nobody sees.
const DESKTOP_NEEDS: [Need; 5] = [
    Need { what: "a display without a screen", apt: "xvfb", present: || has("Xvfb") },
    Need {
        what: "the driver of WebKitGTK",
        apt: "webkit2gtk-driver",
        present: || has("WebKitWebDriver"),
    },
    Need { what: "a message bus", apt: "dbus-daemon", present: || has("dbus-daemon") },
    Need {
        what: "the accessibility bus",
        apt: "at-spi2-core",
        present: || {
            ["/usr/libexec", "/usr/lib/at-spi2-core"]
                .iter()
                .any(|folder| Path::new(folder).join("at-spi-bus-launcher").is_file())
        },
    },
    Need { what: "a key store", apt: "gnome-keyring", present: || has("gnome-keyring-daemon") },
];

/// The toolchain components that the checks use.
const COMPONENTS: [(&str, &str); 2] = [("rustfmt", "fmt"), ("clippy", "clippy")];

impl Missing {
    /// Makes a note of something that only a person can mend.
    pub(crate) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

/// Sets up what a build needs and returns what is still missing.
pub(crate) fn for_builds() -> Vec<Missing> {
    supply(&BUILD_NEEDS)
}

/// Sets up what the window is built with and returns what is still missing.
pub(crate) fn for_window() -> Vec<Missing> {
    let mut missing = for_builds();
    missing.extend(supply(&WINDOW_NEEDS));
    missing
}

/// Sets up what the real window is driven with and returns what is still missing.
pub(crate) fn for_desktop() -> Vec<Missing> {
    let mut missing = for_window();
    missing.extend(supply(&DESKTOP_NEEDS));
    missing
}

/// Installs what is not there and returns what is still missing.
pub(crate) fn supply(needs: &[Need]) -> Vec<Missing> {
    let lacking: Vec<&Need> = needs.iter().filter(|need| !(need.present)()).collect();
    if lacking.is_empty() {
        return Vec::new();
    }
    let packages: Vec<&str> = lacking.iter().map(|need| need.apt).collect();
    install(&packages);
    let still = lacking.into_iter().filter(|need| !(need.present)());
    still.map(|need| Missing::new(need.what, apt_remedy(need.apt))).collect()
}

/// Installs packages where this user may; nothing that is installed is ever removed for them.
pub(crate) fn install(packages: &[&str]) {
    let privilege = Privilege::of_this_user();
    if !has("apt-get") || privilege == Privilege::None {
        return;
    }
    for line in apt_lines(privilege, packages) {
        let Some((program, arguments)) = line.split_first() else {
            continue;
        };
        let ran = process::run(Command::new(program).args(arguments));
        if !ran.is_ok_and(|status| status.success()) {
            break;
        }
    }
}

/// Returns whether apt could install all of the packages. An empty list of packages on a fresh
/// machine counts as not knowing them, so the list is fetched first.
pub(crate) fn knows_packages(packages: &[&str]) -> bool {
    if !has("apt-cache") {
        return false;
    }
    let known = || {
        packages.iter().all(|package| {
            let policy = process::output(Command::new("apt-cache").args(["policy", package]));
            policy.is_ok_and(|text| has_candidate(&text))
        })
    };
    if known() {
        return true;
    }
    let privilege = Privilege::of_this_user();
    let [update, _] = apt_lines(privilege, &[]);
    if privilege == Privilege::None || is_refreshed(&update) == Outcome::Failed {
        return false;
    }
    known()
}

fn is_refreshed(update: &[String]) -> Outcome {
    let Some((program, arguments)) = update.split_first() else {
        return Outcome::Failed;
    };
    let ran = process::run(Command::new(program).args(arguments));
    Outcome::passed_if(ran.is_ok_and(|status| status.success()))
}

/// Reads what `apt-cache policy` says of one package.
fn has_candidate(policy: &str) -> bool {
    let candidate = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "));
    candidate.is_some_and(|version| version != "(none)")
}

/// Sets up what the checks need, too, and returns what is still missing. What the journeys need is
/// set up by their stages.
pub(crate) fn for_tests() -> Vec<Missing> {
    let mut missing = for_window();
    for (component, subcommand) in COMPONENTS {
        let present = || process::succeeds(&mut process::cargo([subcommand, "--version"]));
        if present() {
            continue;
        }
        if has("rustup") {
            let added = process::run(Command::new("rustup").args(["component", "add", component]));
            if added.is_ok_and(|status| status.success()) && present() {
                continue;
            }
        }
        let remedy = format!("rustup component add {component}");
        missing.push(Missing::new(format!("the toolchain component {component}"), remedy));
    }
    missing
}

/// Prints what is missing, or that nothing is.
pub(crate) fn report(missing: &[Missing]) -> Outcome {
    for Missing { what, remedy } in missing {
        eprintln!("missing: {what}\n    install it with: {remedy}");
    }
    if missing.is_empty() {
        eprintln!("everything that is needed is here");
    }
    Outcome::passed_if(missing.is_empty())
}

/// By which means packages may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Privilege {
    Root,
    Sudo,
    None,
}

impl Privilege {
    fn of_this_user() -> Self {
        let user = process::output(Command::new("id").arg("-u")).unwrap_or_default();
        if user.trim() == "0" {
            Self::Root
        } else if has("sudo") {
            Self::Sudo
        } else {
            Self::None
        }
    }
}

/// Returns the commands that install the packages, as words.
fn apt_lines(privilege: Privilege, packages: &[&str]) -> [Vec<String>; 2] {
    let prefix: &[&str] = match privilege {
        Privilege::Sudo => &["sudo", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"],
        Privilege::Root | Privilege::None => &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"],
    };
    let line = |words: &[&str]| -> Vec<String> {
        prefix.iter().chain(words).map(|word| (*word).to_owned()).collect()
    };
    let install =
        [&["install", "--yes", "--no-remove", "--no-install-recommends"], packages].concat();
    [line(&["update", "--quiet"]), line(&install)]
}

fn apt_remedy(package: &str) -> String {
    format!("sudo apt-get update && sudo apt-get install --yes {package}")
}

/// Returns whether WebKitGTK is here, with what it takes to build for it.
pub(crate) fn has_webkit() -> bool {
    process::succeeds(Command::new("pkg-config").args(["--exists", "webkit2gtk-4.1"]))
}

/// Returns whether a program of that name is on the path.
pub(crate) fn has(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The header is looked for by the compiler itself, and so is the library: both may lie in a
/// folder that only it knows. Other systems than Linux use their own cryptography.
fn has_libcrypto() -> bool {
    if !cfg!(target_os = "linux") || std::env::var_os("OPENSSL_DIR").is_some() {
        return true;
    }
    let includes = ["-E", "-include", "openssl/crypto.h", "-x", "c", "/dev/null"];
    let header = process::succeeds(Command::new("cc").args(includes));
    let library = process::output(Command::new("cc").arg("-print-file-name=libcrypto.so"));
    header && library.is_ok_and(|found| found.trim().contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_installs_without_sudo_and_without_questions() {
        let [update, install] = apt_lines(Privilege::Root, &["libssl-dev", "git"]);
        assert_eq!(update.join(" "), "env DEBIAN_FRONTEND=noninteractive apt-get update --quiet");
        assert_eq!(
            install.join(" "),
            "env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-remove \
             --no-install-recommends libssl-dev git"
        );
    }

    #[test]
    fn another_user_installs_through_sudo() {
        let [update, install] = apt_lines(Privilege::Sudo, &["git"]);
        assert_eq!(update[0], "sudo");
        assert_eq!(install[0], "sudo");
        assert!(
            install.iter().any(|word| word == "DEBIAN_FRONTEND=noninteractive"),
            "sudo drops the environment, so the variable must be in the command"
        );
    }

    #[test]
    fn what_is_missing_fails_and_nothing_missing_passes() {
        let missing = Missing { what: "a tool".into(), remedy: "get it".into() };
        assert_eq!(report(&[missing]), Outcome::Failed);
        assert_eq!(report(&[]), Outcome::Passed);
    }

    #[test]
    fn a_package_counts_as_known_when_apt_could_install_it() {
        assert!(has_candidate("lld-22:\n  Installed: (none)\n  Candidate: 1:22.1-1\n"));
        assert!(!has_candidate("lld-22:\n  Installed: (none)\n  Candidate: (none)\n"));
        assert!(!has_candidate(""), "apt says nothing about a name that it never heard of");
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_found() {
        assert!(has("cargo"), "cargo runs this test");
        assert!(!has("no-such-program-anywhere"), "nothing has this name");
    }
}
