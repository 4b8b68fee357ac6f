//! Debian's compiler with a standard library for wasm, linked into rustup as `wasm-web`.
//!
//! Debian brings the library's source, not the library, so it is compiled once into a private
//! sysroot in the user's cache. Three things that are easily got wrong: Debian's rustc finds its
//! sysroot from its driver library, so it must be told; the library must hold bitcode, or link-time
//! optimization fails; and `rust-lld` in the sysroot is a link to Debian's lld.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::toolchain::TARGET;
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// The name under which rustup knows it.
pub(crate) const NAME: &str = "wasm-web";
/// The packages it takes.
pub(crate) const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LLD: &str = "/usr/bin/lld-22";
const LIBRARIES: &str = "/usr/lib/rustlib";

/// A crate with nothing in it, so that cargo builds the standard library alone.
const SEED: &str = "[package]\nname = \"seed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
    [lib]\n[profile.release]\nopt-level = 3\ndebug = false\n[workspace]\n";

/// Whether it can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is linked into rustup.
    Ready,
    /// This machine has no such packages.
    Absent,
}

/// Installs the packages where the machine knows them, makes the sysroot, and links it.
pub(crate) fn ready(workspace: &Workspace) -> anyhow::Result<State> {
    if !setup::has("rustup") {
        return Ok(State::Absent);
    }
    if !installed() {
        if !setup::knows_packages(&PACKAGES) {
            return Ok(State::Absent);
        }
        setup::install(&PACKAGES);
        if !installed() {
            return Ok(State::Absent);
        }
    }
    let sysroot = sysroot()?;
    let version = process::output(Command::new(RUSTC).arg("-V"))?;
    let stamp = sysroot.join(".stamp");
    if !fs::read_to_string(&stamp).is_ok_and(|made_by| made_by.trim() == version.trim()) {
        make(workspace, &sysroot, &version)?;
    }
    if !is_linked(&sysroot) {
        let mut link = Command::new("rustup");
        link.args(["toolchain", "link", NAME]).arg(&sysroot);
        ensure!(process::run(&mut link)?.success(), "rustup cannot link {}", sysroot.display());
    }
    Ok(State::Ready)
}

/// Says when the sysroot was made, as a text that is another one after it was made again.
pub(crate) fn made_at() -> anyhow::Result<String> {
    let stamp = sysroot()?.join(".stamp");
    let modified = fs::metadata(&stamp).and_then(|found| found.modified());
    let modified = modified.with_context(|| format!("look at {}", stamp.display()))?;
    Ok(format!("{NAME} {modified:?}"))
}

fn installed() -> bool {
    let source = Path::new(LIBRARIES).join("src");
    [Path::new(RUSTC), Path::new(CARGO), Path::new(LLD), &source].iter().all(|path| path.exists())
}

fn sysroot() -> anyhow::Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor HOME is set")?.join(format!("{NAME}-toolchain")))
}

fn is_linked(sysroot: &Path) -> bool {
    let mut ask = Command::new("rustup");
    ask.args(["run", NAME, "rustc", "--print", "sysroot"]).env_remove("RUSTUP_TOOLCHAIN");
    process::output(&mut ask).is_ok_and(|found| Path::new(found.trim()) == sysroot)
}

/// Builds the library and puts the sysroot together beside the old one, then in its place.
fn make(workspace: &Workspace, sysroot: &Path, version: &str) -> anyhow::Result<()> {
    let seed = workspace.target.join("wasm-std");
    write(&seed.join("Cargo.toml"), SEED)?;
    write(&seed.join("src").join("lib.rs"), "")?;
    let mut build = process::clean(Command::new(CARGO));
    build.current_dir(&seed).env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("RUSTUP_TOOLCHAIN");
    build.env("RUSTFLAGS", "-Cembed-bitcode=yes").env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1");
    build.args(["build", "--release", "-Z", "build-std=std,panic_abort", "--target", TARGET]);
    build.arg("--target-dir").arg(seed.join("target"));
    ensure!(process::run(&mut build)?.success(), "the standard library was not built");

    let fresh = sysroot.with_extension(format!("new-{}", std::process::id()));
    let host = host()?;
    let own = fresh.join("lib").join("rustlib");
    let library = own.join(TARGET).join("lib");
    make_folder(&library)?;
    copy_libraries(&seed.join("target").join(TARGET).join("release").join("deps"), &library)?;
    let of_host = own.join(&host);
    make_folder(&of_host.join("bin"))?;
    let links = [
        (Path::new(LIBRARIES).join(&host).join("lib"), of_host.join("lib")),
        (Path::new(LIBRARIES).join("src"), own.join("src")),
        (PathBuf::from(LLD), of_host.join("bin").join("rust-lld")),
    ];
    make_folder(&fresh.join("bin"))?;
    for (from, to) in links.into_iter().chain([(CARGO.into(), fresh.join("bin").join("cargo"))]) {
        symlink(&from, &to).with_context(|| format!("link {}", to.display()))?;
    }
    for program in ["rustc", "rustdoc"] {
        let script = fresh.join("bin").join(program);
        let at = sysroot.display();
        write(&script, &format!("#!/bin/sh\nexec /usr/bin/{program} --sysroot \"{at}\" \"$@\"\n"))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("make {} executable", script.display()))?;
    }
    write(&fresh.join(".stamp"), version)?;
    if sysroot.exists() {
        fs::remove_dir_all(sysroot).with_context(|| format!("remove {}", sysroot.display()))?;
    }
    fs::rename(&fresh, sysroot).with_context(|| format!("put {} in place", sysroot.display()))?;
    fs::remove_dir_all(&seed).with_context(|| format!("remove {}", seed.display()))
}

fn copy_libraries(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let entry = entry.context("read a folder of libraries")?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libseed-") {
            fs::copy(entry.path(), to.join(&name)).with_context(|| format!("copy {name}"))?;
        }
    }
    Ok(())
}

fn host() -> anyhow::Result<String> {
    let about = process::output(Command::new(RUSTC).arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say for which host it is")?.to_owned())
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    make_folder(file.parent().unwrap_or(file))?;
    fs::write(file, text).with_context(|| format!("write {}", file.display()))
}
