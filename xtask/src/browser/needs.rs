//! What goes through a page needs: node, what drives a browser, and the browser itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::process;
use crate::setup::{self, Missing, Need};

/// Debian 12 has node 18; everything here works with it.
const NODE_AT_LEAST: u32 = 18;

const NEEDS: [Need; 2] = [
    Need { what: "node 18 or newer (runs the journeys)", apt: "nodejs", present: has_node },
    Need {
        what: "npm (fetches what drives the browser)",
        apt: "npm",
        present: || process::succeeds(Command::new("npm").arg("--version")),
    },
];

const CHROMIUM: Need = Need {
    what: "Chromium or Chrome (the journeys go through its real pages)",
    apt: "chromium",
    present: || chromium().is_some(),
};

/// What a browser of that family is called, wherever it came from.
const BROWSERS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const BROWSER_ON_MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// Installs, or names, what the journeys need; fetches the packages that their lock file names.
pub(super) fn set_up(folder: &Path) -> anyhow::Result<Vec<Missing>> {
    let mut missing = setup::supply(&NEEDS);
    if is_debian() {
        missing.extend(setup::supply(&[CHROMIUM]));
    } else if chromium().is_none() {
        missing.push(Missing::new(CHROMIUM.what, "install Chromium or Chrome for this system"));
    }
    if missing.is_empty() && !fetch(folder)? {
        let remedy = format!("npm ci, in {}, where the network lets it", folder.display());
        missing.push(Missing::new("packages that drive the browser", remedy));
    }
    Ok(missing)
}

/// Fetches the packages, unless those of this lock file are here; whether they are now.
fn fetch(folder: &Path) -> anyhow::Result<bool> {
    let wanted = fs::read(folder.join("package-lock.json")).context("package-lock.json")?;
    let stamp = folder.join("node_modules").join(".roadbook-lock");
    if fs::read(&stamp).is_ok_and(|fetched| fetched == wanted) {
        return Ok(true);
    }
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    if !process::run(&mut npm)?.success() {
        return Ok(false);
    }
    fs::write(&stamp, wanted).context("the mark of what was fetched")?;
    Ok(true)
}

fn has_node() -> bool {
    let version = process::output(Command::new("node").arg("--version")).unwrap_or_default();
    major(&version).is_some_and(|major| major >= NODE_AT_LEAST)
}

/// Reads the major number of a version such as `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Finds the browser: the one that `ROADBOOK_CHROMIUM` names, else one on the path.
pub(super) fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("ROADBOOK_CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH")?;
    let on_path = BROWSERS.iter().find_map(|name| {
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    });
    on_path.or_else(|| Some(PathBuf::from(BROWSER_ON_MAC)).filter(|file| file.is_file()))
}

/// Ubuntu's package of that name is a stub for another store, so apt is asked on Debian alone.
fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_node_is_read() {
        assert_eq!(major("v18.20.4\n"), Some(18));
        assert_eq!(major("no such program"), None);
    }
}
