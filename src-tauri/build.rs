//! Feeds the shell from the one list of commands that a page may call: a Tauri command, a permission
//! and a line of the window's capability for each. So a command that a screen gains is in the window
//! at once, and one that no screen has cannot be called.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use roadbook_api::commands::of_pages;
use tauri_build::{AppManifest, Attributes};

/// What the page may use of Tauri itself: to listen to events. No file, shell or network access.
const OF_TAURI: [&str; 2] = ["core:event:allow-listen", "core:event:allow-unlisten"];

fn main() -> anyhow::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    let names: &'static [&'static str] = of_pages().leak();
    fs::write(out.join("commands.rs"), commands(names)?).context("write the commands")?;

    let capabilities = out.join("capabilities");
    fs::create_dir_all(&capabilities).context("make a folder for the capability")?;
    fs::write(capabilities.join("main.json"), capability(names)?)
        .context("write the capability")?;
    let pattern = format!("{}/*.json", capabilities.display());

    let attributes = Attributes::new()
        .app_manifest(AppManifest::new().commands(names))
        .capabilities_path_pattern(pattern.leak());
    tauri_build::try_build(attributes)?;
    embed_bundle(&out)
}

/// Writes a function of one line for each command, and the handler that knows them all.
fn commands(names: &[&str]) -> anyhow::Result<String> {
    let mut text = String::new();
    for name in names {
        writeln!(
            text,
            "#[tauri::command]\nasync fn {name}(desk: State<'_, Desk>, request: Value) -> Answer {{\n    \
             desk.call(\"{name}\", request).await\n}}\n"
        )?;
    }
    writeln!(
        text,
        "/// Knows every command by its name.\npub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync {{\n    \
         tauri::generate_handler![{}]\n}}",
        names.join(", ")
    )?;
    Ok(text)
}

/// Writes the capability of the window `main`: its own commands one by one.
fn capability(names: &[&str]) -> anyhow::Result<String> {
    let own = names.iter().map(|name| format!("allow-{}", name.replace('_', "-")));
    let permissions: Vec<String> = OF_TAURI.map(str::to_owned).into_iter().chain(own).collect();
    let capability = serde_json::json!({
        "identifier": "main",
        "description": "what the page in the window may do",
        "windows": ["main"],
        "permissions": permissions,
    });
    serde_json::to_string_pretty(&capability).context("the capability is plain JSON")
}

/// Finds the bundle of the user interface beside what is being built, wherever the target folder
/// is, and tells Tauri's macro where that is.
fn embed_bundle(out: &Path) -> anyhow::Result<()> {
    let places = out.ancestors().map(|folder| folder.join("ui").join("dist"));
    let bundle = places.into_iter().find(|place| place.join("index.html").is_file());
    let bundle = bundle.context(
        "the bundle of the user interface is missing: make it with `cargo xtask ui --release`",
    )?;
    // Every other file of the bundle has its hash in its name, so the page changes with any.
    println!("cargo::rerun-if-changed={}", bundle.join("index.html").display());
    println!("cargo::rerun-if-changed=tauri.conf.json");
    println!("cargo::rerun-if-changed=icons");
    let config = serde_json::json!({ "build": { "frontendDist": bundle } });
    println!("cargo::rustc-env=TAURI_CONFIG={config}");
    Ok(())
}
