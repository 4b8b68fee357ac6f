//! `cargo xtask ui`: the user interface as a bundle in `target/ui/dist`.
//!
//! Compiles the crate `roadbook-ui` for wasm in a target folder of its own (another compiler may
//! be at work there) and hands the result to `xtask-wasm`, which is built when it is needed.

mod debian;
mod toolchain;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, Outcome};
use crate::setup;
use crate::workspace::Workspace;
use toolchain::{TARGET, Toolchain};

/// The crate that is compiled, and the name of what comes out.
const PACKAGE: &str = "roadbook-ui";
/// What the gzipped wasm may have at most, in bytes.
const BUDGET_BYTES: u32 = 600_000;

/// How the interface is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    /// Quickly, and held to no budget.
    Working,
    /// As it is shipped, within the budget.
    Shipped,
    /// As it is shipped, whatever its size: for what is measured with it.
    Measured,
}

impl Finish {
    fn profile(self) -> &'static str {
        match self {
            Self::Working => "wasm-dev",
            Self::Shipped | Self::Measured => "wasm",
        }
    }
}

/// Returns the folder of the bundle.
pub(crate) fn bundle(workspace: &Workspace) -> PathBuf {
    workspace.target.join("ui").join("dist")
}

/// Sets up what is missing, compiles, and makes the bundle.
pub(crate) fn run(workspace: &Workspace, finish: Finish) -> anyhow::Result<Outcome> {
    if !workspace.has_binary(PACKAGE, PACKAGE) {
        eprintln!("error: the workspace has no package `{PACKAGE}` with a program to compile");
        return Ok(Outcome::Failed);
    }
    let missing = setup::for_builds();
    if !missing.is_empty() {
        return Ok(setup::report(&missing));
    }
    let folder = workspace.target.join("ui");
    let toolchain = match toolchain::ready(workspace)? {
        Ok(toolchain) => toolchain,
        Err(missing) => return Ok(setup::report(&[missing])),
    };
    toolchain::wipe_after_change(&toolchain, &folder)?;
    let mut compile = compile(&toolchain, &workspace.root, &folder, finish);
    if !process::run(&mut compile)?.success() {
        return Ok(Outcome::Failed);
    }
    let wasm = folder.join(TARGET).join(finish.profile()).join(format!("{PACKAGE}.wasm"));
    let mut pack = pack(workspace, &wasm, finish);
    Ok(Outcome::passed_if(process::run(&mut pack)?.success()))
}

fn compile(toolchain: &Toolchain, root: &Path, folder: &Path, finish: Finish) -> Command {
    let mut cargo = toolchain.cargo();
    cargo.current_dir(root).args(["build", "--package", PACKAGE, "--bin", PACKAGE]);
    cargo.args(["--target", TARGET, "--profile", finish.profile(), "--target-dir"]).arg(folder);
    // What splits the parts off has to know what refers to what.
    let mut flags = vec!["-Clink-arg=--emit-relocs".to_owned()];
    if finish != Finish::Working {
        // What is shipped does not tell where it was built.
        let from =
            |folder: &Path, to: &str| format!("--remap-path-prefix={}={to}", folder.display());
        flags.push(from(root, "roadbook"));
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
        flags.extend(home.map(|home| from(&home.join("registry").join("src"), "crates")));
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    cargo
}

fn pack(workspace: &Workspace, wasm: &Path, finish: Finish) -> Command {
    let mut cargo = process::cargo(["run", "--quiet", "--package", "xtask-wasm", "--"]);
    cargo.current_dir(&workspace.root).arg("--wasm").arg(wasm);
    cargo.arg("--ui").arg(workspace.root.join("ui")).arg("--out").arg(bundle(workspace));
    if finish == Finish::Shipped {
        cargo.args(["--budget", &BUDGET_BYTES.to_string()]);
    }
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &Command) -> String {
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        words.join(" ")
    }

    fn flags(command: &Command) -> String {
        let flags = command.get_envs().find(|(name, _)| *name == "CARGO_ENCODED_RUSTFLAGS");
        let flags = flags.and_then(|(_, value)| value).expect("flags are given");
        flags.to_string_lossy().into_owned()
    }

    #[test]
    fn what_is_shipped_is_compiled_small_and_does_not_tell_where() {
        let shipped = compile(&Toolchain::Own, Path::new("r"), Path::new("t"), Finish::Shipped);
        assert_eq!(
            line(&shipped),
            "build --package roadbook-ui --bin roadbook-ui --target wasm32-unknown-unknown \
             --profile wasm --target-dir t"
        );
        assert!(flags(&shipped).contains("--remap-path-prefix=r=roadbook\u{1f}"));
    }

    #[test]
    fn work_in_progress_is_compiled_quickly_and_keeps_its_paths() {
        let working = compile(&Toolchain::Own, Path::new("r"), Path::new("t"), Finish::Working);
        assert!(line(&working).contains("--profile wasm-dev"));
        assert_eq!(flags(&working), "-Clink-arg=--emit-relocs");
    }
}
