//! The workspace as cargo and git see it: packages, target directory, files.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};

use crate::process;
use crate::setup;
use crate::ui;

/// The package of the window. It is built with the rest wherever what it needs is there.
pub(crate) const WINDOW: &str = "roadbook-window";

/// The package whose tests cross crates and start real processes.
pub(crate) const END_TO_END: &str = "roadbook-tests";

/// What `cargo metadata --no-deps` says, and where the root is.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root manifest.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
    /// Our own packages.
    pub(crate) packages: Vec<Package>,
    /// Those that a plain `cargo test` leaves alone: they need wasm or WebKit, or are heavy.
    pub(crate) apart: Vec<String>,
}

impl Workspace {
    /// Asks cargo about the workspace that holds the current folder.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("cargo metadata")?;
        let is_apart =
            |package: &&Package| !metadata.workspace_default_members.contains(&package.id);
        let apart = metadata.packages.iter().filter(is_apart);
        let apart = apart.map(|package| package.name.to_string()).collect();
        Ok(Self {
            apart,
            root: metadata.workspace_root.into_std_path_buf(),
            target: metadata.target_directory.into_std_path_buf(),
            packages: metadata.packages,
        })
    }

    /// Returns the words by which cargo selects everything but the packages apart.
    ///
    /// All tasks build this one selection: another one resolves features differently, and compiles
    /// the dependencies again.
    pub(crate) fn selection(&self) -> Vec<String> {
        selection(&self.apart, self.has_window())
    }

    /// Returns whether the window can be built: WebKitGTK is here, and there is a page to show.
    pub(crate) fn has_window(&self) -> bool {
        setup::has_webkit() && ui::bundle(self).join("index.html").is_file()
    }

    /// Asks cargo about every dependency too, as resolved for the given platforms.
    pub(crate) fn with_dependencies(&self, platforms: &[String]) -> anyhow::Result<Metadata> {
        let mut options = Vec::new();
        for platform in platforms {
            options.extend(["--filter-platform".to_owned(), platform.clone()]);
        }
        MetadataCommand::new()
            .current_dir(&self.root)
            .other_options(options)
            .exec()
            .context("cargo metadata with dependencies")
    }

    /// Returns the package's folder, relative to the root, with forward slashes.
    pub(crate) fn folder(&self, package: &Package) -> String {
        let manifest = package.manifest_path.as_std_path();
        let folder = manifest.parent().unwrap_or(manifest);
        relative(&self.root, folder)
    }

    /// Returns whether the package builds a binary of that name.
    pub(crate) fn has_binary(&self, package: &str, binary: &str) -> bool {
        self.packages.iter().filter(|candidate| candidate.name.as_str() == package).any(|found| {
            let mut targets = found.targets.iter();
            targets.any(|target| target.kind.contains(&TargetKind::Bin) && target.name == binary)
        })
    }

    /// Returns every file that is committed or would be, relative to the root, sorted.
    pub(crate) fn files(&self) -> anyhow::Result<Vec<String>> {
        let mut git = Command::new("git");
        // A clone that belongs to another user is still ours to read.
        git.arg("-c").arg(format!("safe.directory={}", self.root.display()));
        git.arg("-C").arg(&self.root);
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listing = process::output(&mut git)?;
        let mut files: Vec<String> = listing
            .split('\0')
            .filter(|name| !name.is_empty() && self.root.join(name).is_file())
            .map(str::to_owned)
            .collect();
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }

    /// Reads a file of the repository as text; bytes that are not UTF-8 are replaced.
    pub(crate) fn read(&self, file: &str) -> anyhow::Result<String> {
        let bytes = std::fs::read(self.root.join(file)).with_context(|| format!("read {file}"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn selection(apart: &[String], has_window: bool) -> Vec<String> {
    let excluded = apart.iter().filter(|name| !(has_window && *name == WINDOW));
    let excluded = excluded.flat_map(|name| ["--exclude".to_owned(), name.clone()]);
    std::iter::once("--workspace".to_owned()).chain(excluded).collect()
}

/// Returns `path` relative to `root` with forward slashes; unchanged when it lies elsewhere.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_selected_where_it_can_be_built() {
        let apart = [WINDOW.to_owned(), "heavy".to_owned()];
        assert_eq!(selection(&apart, true).join(" "), "--workspace --exclude heavy");
        let without = selection(&apart, false).join(" ");
        assert_eq!(without, format!("--workspace --exclude {WINDOW} --exclude heavy"));
    }

    #[test]
    fn the_window_is_a_package_apart() {
        let workspace = Workspace::load().expect("this is a workspace");
        assert!(workspace.apart.iter().any(|name| name == WINDOW), "{:?}", workspace.apart);
    }
}
