//! The bundle itself: glue for the wasm, one style sheet, the assets, and the page that joins them.
//!
//! Names hold a hash of what they were made from, so a host may let a browser keep them for ever;
//! only `index.html` is asked for again. The bundle is written beside the old one and then put in
//! its place, so a host that is running never sees half of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::{foreign, page};

/// What goes in, and where the bundle goes.
#[derive(Debug)]
pub(crate) struct Order {
    /// The compiled user interface.
    pub(crate) wasm: PathBuf,
    /// The folder with `index.html`, `styles` and `assets`.
    pub(crate) ui: PathBuf,
    /// The folder of the bundle; what is there is replaced.
    pub(crate) out: PathBuf,
}

/// A bundle that was made.
#[derive(Debug)]
pub(crate) struct Made {
    /// Its files relative to the folder, sorted.
    pub(crate) files: Vec<String>,
}

/// Makes the bundle.
pub(crate) fn make(order: &Order) -> anyhow::Result<Made> {
    let fresh = beside(&order.out, "new");
    remove(&fresh)?;
    let assets = fresh.join("assets");
    fs::create_dir_all(&assets).with_context(|| format!("make {}", assets.display()))?;

    let (program, parts) = glue(&order.wasm, &assets)?;
    let styles = join_styles(&order.ui.join("styles"), &assets)?;
    copy_assets(&order.ui.join("assets"), &assets)?;
    let template = read(&order.ui.join("index.html"))?;
    let names = page::Names { styles: &styles, program: &program, parts: &parts };
    write(&assets.join(page::starter_name(&program)), page::starter(&program).as_bytes())?;
    write(&fresh.join("index.html"), page::fill(&template, &names)?.as_bytes())?;

    let files = list(&fresh)?;
    refuse_foreign(&fresh, &files)?;
    replace(&fresh, &order.out)?;
    Ok(Made { files })
}

/// Splits the parts off, writes them, the glue and the wasm that the page starts with, and returns
/// the name that all begin with, and the names of the parts.
fn glue(wasm: &Path, assets: &Path) -> anyhow::Result<(String, Vec<String>)> {
    let bytes = fs::read(wasm).with_context(|| format!("read {}", wasm.display()))?;
    let name = format!("roadbook-{}", short_hash(&bytes));
    let (start, parts) = split(&name, &bytes, assets)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(&name, start).typescript(false);
    bindgen.web(true).context("wasm-bindgen: output for a page")?;
    // The parts are linked to what the linker itself names.
    bindgen.keep_lld_exports(true);
    // Names and producers are for debuggers, and there is none in a customer's page.
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(assets).with_context(|| format!("wasm-bindgen of {}", wasm.display()))?;
    for ending in [".js", "_bg.wasm"] {
        let file = format!("{name}{ending}");
        ensure!(assets.join(&file).is_file(), "wasm-bindgen did not write {file}");
    }
    Ok((name, parts))
}

/// Splits the parts off that are loaded later, writes them with the script that loads them, and
/// returns the rest, and the names of the parts.
fn split(name: &str, bytes: &[u8], assets: &Path) -> anyhow::Result<(Vec<u8>, Vec<String>)> {
    let folder = beside(assets, "split");
    remove(&folder)?;
    let (start, script) = (folder.join("start.wasm"), page::parts_name(name));
    let (link_name, main_module) = (format!("./{script}"), format!("./{name}.js"));
    let mut options = wasm_split_cli_support::Options::new(bytes);
    options.output_dir = &folder;
    options.main_out_path = &start;
    options.link_name = &link_name;
    options.main_module = &main_module;
    let parts = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow::anyhow!("split the parts off: {error:#}"))?;
    let mut loads = read(&folder.join(&script))?;
    let mut names = Vec::new();
    for part in &parts.split_modules {
        let file = part.file_name().context("a part has a name")?.to_string_lossy();
        let named = format!("{name}-{file}");
        loads = loads.replace(&format!("\"./{file}\""), &format!("\"./{named}\""));
        fs::copy(part, assets.join(&named)).with_context(|| format!("copy {file}"))?;
        names.push(named);
    }
    write(&assets.join(&script), loads.as_bytes())?;
    let start = fs::read(&start).with_context(|| format!("read {}", start.display()))?;
    remove(&folder)?;
    names.sort();
    Ok((start, names))
}

/// Joins the sheets in the order of their names and returns the name of the one that comes out.
fn join_styles(folder: &Path, assets: &Path) -> anyhow::Result<String> {
    let mut joined = String::new();
    for file in list(folder)?.iter().filter(|file| file.ends_with(".css")) {
        joined += &read(&folder.join(file))?;
        joined.push('\n');
    }
    ensure!(!joined.trim().is_empty(), "{} has no style sheet", folder.display());
    let name = format!("roadbook-{}.css", short_hash(joined.as_bytes()));
    write(&assets.join(&name), joined.as_bytes())?;
    Ok(name)
}

fn copy_assets(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    for file in list(from)? {
        let target = to.join(&file);
        let parent = target.parent().context("an asset lies in a folder")?;
        fs::create_dir_all(parent).with_context(|| format!("make {}", parent.display()))?;
        fs::copy(from.join(&file), &target).with_context(|| format!("copy {file}"))?;
    }
    Ok(())
}

/// Looks through everything that a browser reads as text for addresses elsewhere.
fn refuse_foreign(folder: &Path, files: &[String]) -> anyhow::Result<()> {
    let mut found = Vec::new();
    for file in files {
        let kind = foreign::Kind::of(file);
        if let Some(kind) = kind {
            let text = read(&folder.join(file))?;
            found.extend(
                foreign::addresses(kind, &text).into_iter().map(|at| format!("{file}: {at}")),
            );
        }
    }
    ensure!(
        found.is_empty(),
        "the bundle must load nothing from elsewhere; put a copy into ui/assets instead:\n  {}",
        found.join("\n  ")
    );
    Ok(())
}

/// Returns twelve hexadecimal digits that stand for the bytes.
fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Lists the files under a folder, relative to it, with forward slashes, sorted.
fn list(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut files = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        let here = folder.join(&inner);
        for entry in fs::read_dir(&here).with_context(|| format!("read {}", here.display()))? {
            let entry = entry.with_context(|| format!("read {}", here.display()))?;
            let path = inner.join(entry.file_name());
            if entry.file_type().context("kind of a file")?.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(files.into_iter().collect())
}

fn replace(fresh: &Path, out: &Path) -> anyhow::Result<()> {
    let old = beside(out, "old");
    remove(&old)?;
    if out.exists() {
        fs::rename(out, &old).with_context(|| format!("move {} away", out.display()))?;
    }
    fs::rename(fresh, out).with_context(|| format!("put {} in place", out.display()))?;
    remove(&old)
}

fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    out.with_file_name(name)
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("remove {}", folder.display()))?;
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("read {}", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(file, bytes).with_context(|| format!("write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ui_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    #[test]
    fn sheets_are_joined_in_the_order_of_their_names() {
        let ui = ui_with(&[("styles/20-b.css", "b{}"), ("styles/10-a.css", "a{}")]);
        let name = join_styles(&ui.path().join("styles"), ui.path()).expect("joined");
        assert_eq!(read(&ui.path().join(&name)).expect("written"), "a{}\nb{}\n");
        assert_eq!(name, format!("roadbook-{}.css", short_hash(b"a{}\nb{}\n")));
    }

    #[test]
    fn a_page_without_styles_is_refused() {
        let ui = ui_with(&[("styles/notes.txt", "none")]);
        assert!(join_styles(&ui.path().join("styles"), ui.path()).is_err());
    }

    #[test]
    fn the_new_bundle_takes_the_place_of_the_old() {
        let place = ui_with(&[("dist/old.js", "old"), ("dist.new/new.js", "new")]);
        let out = place.path().join("dist");
        replace(&beside(&out, "new"), &out).expect("replaced");
        assert_eq!(list(place.path()).expect("listed"), ["dist/new.js"]);
    }

    #[test]
    fn an_address_elsewhere_stops_the_bundle() {
        let bundle = ui_with(&[("assets/a.css", "a{background:url(https://cdn.example/x.png)}")]);
        let files = list(bundle.path()).expect("listed");
        let refused = refuse_foreign(bundle.path(), &files).expect_err("it loads from elsewhere");
        assert!(refused.to_string().contains("cdn.example"), "{refused}");
    }
}
