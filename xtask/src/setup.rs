//! Makes a fresh machine able to build: what is missing is installed, or named with the command
//! that installs it. Nothing is ever skipped in silence.
//!
//! Tried on Debian 12 and Ubuntu 24.04, which is why only apt-get is driven; elsewhere the need is
//! named. Nothing is installed for tools that are already there.

use std::process::Command;

use crate::process::{self, Outcome};

/// What was looked for.
#[derive(Debug)]
struct Need {
    /// What it is and what it is for.
    what: &'static str,
    /// The Debian and Ubuntu package that has it.
    apt: &'static str,
    present: fn() -> bool,
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

/// The toolchain components that the checks use.
const COMPONENTS: [(&str, &str); 2] = [("rustfmt", "fmt"), ("clippy", "clippy")];

/// Sets up what a build needs and returns what is still missing.
pub(crate) fn for_builds() -> Vec<Missing> {
    let lacking: Vec<&Need> = BUILD_NEEDS.iter().filter(|need| !(need.present)()).collect();
    if lacking.is_empty() {
        return Vec::new();
    }
    let packages: Vec<&str> = lacking.iter().map(|need| need.apt).collect();
    let privilege = Privilege::of_this_user();
    if has("apt-get") && privilege != Privilege::None {
        for line in apt_lines(privilege, &packages) {
            let Some((program, arguments)) = line.split_first() else {
                continue;
            };
            let ran = process::run(Command::new(program).args(arguments));
            if !ran.is_ok_and(|status| status.success()) {
                break;
            }
        }
    }
    let still = lacking.into_iter().filter(|need| !(need.present)());
    still.map(|need| Missing { what: need.what.to_owned(), remedy: apt_remedy(need.apt) }).collect()
}

/// Sets up what the checks need, too, and returns what is still missing.
pub(crate) fn for_tests() -> Vec<Missing> {
    let mut missing = for_builds();
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
        missing.push(Missing { what: format!("the toolchain component {component}"), remedy });
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
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    [line(&["update", "--quiet"]), line(&install)]
}

fn apt_remedy(package: &str) -> String {
    format!("sudo apt-get update && sudo apt-get install --yes {package}")
}

fn has(program: &str) -> bool {
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
            "env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
             libssl-dev git"
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
    fn a_program_that_does_not_exist_is_not_found() {
        assert!(has("cargo"), "cargo runs this test");
        assert!(!has("no-such-program-anywhere"), "nothing has this name");
    }
}
