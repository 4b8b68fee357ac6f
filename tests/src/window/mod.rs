//! The real window, driven as a person drives it: journeys on a display that nobody sees, with the
//! real server and real devices.
//!
//! `cargo xtask test window` plays them all. Each fact is read from the page, from the
//! accessibility tree, or from the `--json` output of the other people's programs; the first that
//! is not so ends the run with an error. Nothing sleeps for a time: the page itself says when what
//! is waited for is there.

mod acts;
pub(crate) mod desktop;
pub(crate) mod driver;
mod notices;
pub(crate) mod person;
pub(crate) mod pictures;
mod tree;
mod wire;

use std::path::Path;

use anyhow::{Context as _, ensure};

use crate::story::Tell;
use crate::story::acts::company::{self, Company};
use desktop::Desktop;
use pictures::Pictures;

/// What a journey has at hand.
pub(crate) struct Stage<'a> {
    programs: &'a Path,
    /// For whatever the journey keeps.
    folder: &'a Path,
    desktop: &'a Desktop,
    pictures: &'a Pictures,
    company: &'a Company,
}

type Play = fn(&Stage<'_>, &mut dyn Tell) -> anyhow::Result<()>;

/// The journeys by name, in the order in which they are played.
const JOURNEYS: [(&str, Play); 9] = [
    ("walls", acts::walls::play),
    ("offline", acts::offline::play),
    ("revival", acts::revival::play),
    ("conflict", acts::conflict::play),
    ("link", acts::link::play),
    ("leaving", acts::leaving::play),
    ("keys", acts::keys::play),
    ("tree", acts::tree::play),
    ("many", acts::many::play),
];

/// Returns the names of all journeys.
#[must_use]
pub fn names() -> [&'static str; JOURNEYS.len()] {
    JOURNEYS.map(|(name, _)| name)
}

/// Plays the journeys of those names with the programs of a folder; pictures go to another.
///
/// # Errors
/// The first fact that did not come out right.
pub fn play(
    programs: &Path,
    pictures: &Path,
    chosen: &[String],
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    for name in chosen {
        ensure!(names().contains(&name.as_str()), "there is no journey `{name}`");
    }
    let folder = tempfile::Builder::new().prefix("roadbook-window-").tempdir()?;
    let company = company::found(programs, folder.path(), tell)?;
    let mut desktop = Desktop::start(&folder.path().join("desktop"))?;
    desktop.open_key_store()?;
    let pictures = Pictures::into(pictures)?;
    for (name, play) in JOURNEYS {
        if !chosen.is_empty() && !chosen.iter().any(|it| it == name) {
            continue;
        }
        let folder = folder.path().join(name);
        std::fs::create_dir_all(&folder)?;
        let stage = Stage {
            programs,
            folder: &folder,
            desktop: &desktop,
            pictures: &pictures,
            company: &company,
        };
        let played = play(&stage, tell).with_context(|| format!("in the journey `{name}`"));
        if played.is_err() {
            eprintln!("\n{}", desktop.account());
        }
        played?;
    }
    desktop.stop()
}
