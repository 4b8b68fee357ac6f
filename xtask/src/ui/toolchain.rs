//! A compiler that can make wasm: what is there is used before anything is fetched.
//!
//! The order: the target `wasm32-unknown-unknown` of the compiler that builds everything else;
//! then Debian's compiler with a standard library made here ([`super::debian`]); then
//! `rustup target add`. Debian's comes before rustup's because it needs no server but the package
//! mirror, which a build machine has anyway.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::debian;
use crate::process;
use crate::setup::{self, Missing};
use crate::workspace::Workspace;

/// What is compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler with a standard library for [`TARGET`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that builds everything else.
    Own,
    /// Debian's, linked into rustup under [`debian::NAME`].
    Debian,
}

impl Toolchain {
    /// Returns a command for its cargo.
    pub(crate) fn cargo(&self) -> Command {
        match self {
            Self::Own => process::cargo::<_, &str>([]),
            Self::Debian => {
                let mut rustup = process::clean(Command::new("rustup"));
                // Each of these would lead back to the compiler that builds everything else.
                for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTDOC"] {
                    rustup.env_remove(name);
                }
                rustup.args(["run", debian::NAME, "cargo"]);
                rustup
            }
        }
    }
}

/// Finds a toolchain, or makes one; the inner error says what a person can do.
pub(crate) fn ready(workspace: &Workspace) -> anyhow::Result<Result<Toolchain, Missing>> {
    if own_has_target() {
        return Ok(Ok(Toolchain::Own));
    }
    match debian::ready(workspace) {
        Ok(debian::State::Ready) => return Ok(Ok(Toolchain::Debian)),
        Ok(debian::State::Absent) => {}
        Err(error) => eprintln!("Debian's compiler cannot be used: {error:#}"),
    }
    if setup::has("rustup") {
        process::run(Command::new("rustup").args(["target", "add", TARGET]))?;
        if own_has_target() {
            return Ok(Ok(Toolchain::Own));
        }
    }
    let remedy = format!(
        "rustup target add {TARGET}\n    or, on Debian: sudo apt-get install --yes {}",
        debian::PACKAGES.join(" ")
    );
    Ok(Err(Missing::new("a compiler for wasm (the user interface is compiled to it)", remedy)))
}

/// Asks the compiler for its folder of the target and looks whether `core` is in it.
fn own_has_target() -> bool {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut ask = Command::new(compiler);
    ask.args(["--print", "target-libdir", "--target", TARGET]);
    let Ok(folder) = process::output(&mut ask) else {
        return false;
    };
    let entries = fs::read_dir(folder.trim()).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

/// Empties the folder when it was filled by another toolchain. Cargo knows compilers by their
/// version alone, and a standard library that was made again has the version of the one before.
pub(crate) fn wipe_after_change(toolchain: &Toolchain, folder: &Path) -> anyhow::Result<()> {
    let now = match toolchain {
        Toolchain::Own => "own".to_owned(),
        Toolchain::Debian => debian::made_at()?,
    };
    let stamp = folder.join("toolchain");
    if fs::read_to_string(&stamp).is_ok_and(|before| before == now) {
        return Ok(());
    }
    let built = folder.join(TARGET);
    if built.exists() {
        fs::remove_dir_all(&built).with_context(|| format!("remove {}", built.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    fs::write(&stamp, now).with_context(|| format!("write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_cargo_is_not_led_back_to_ours() {
        let cargo = Toolchain::Debian.cargo();
        let removed =
            |name: &str| cargo.get_envs().any(|(found, value)| found == name && value.is_none());
        for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTDOC"] {
            assert!(removed(name), "{name} leads back to the other compiler");
        }
    }
}
