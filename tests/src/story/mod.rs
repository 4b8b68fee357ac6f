//! The story: two reps, one conflict, one manager, with the real programs on loopback.
//!
//! The end-to-end test and the demo play the same code. Every fact is read from the `--json`
//! output of the real programs, or found by the scan in what they left behind; the first that is
//! not so ends the story with an error.

pub(crate) mod acts;
mod app;
pub(crate) mod check;
mod import;
mod pages;
pub(crate) mod programs;
pub(crate) mod relay;
mod repair;
mod restore;
mod scan;
pub(crate) mod serving;
mod tell;
pub(crate) mod unchecked;
mod unlocked;

use std::path::Path;

pub use import::import;
pub use pages::pages;
pub use repair::repair;
pub use restore::restore;
pub use tell::{Console, Kept, Tell};

/// How many steps the story has.
pub const STEPS: u32 = 10;

/// Plays the story with the programs of a folder.
///
/// # Errors
/// The first fact that did not come out right.
pub fn play(programs: &Path, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("roadbook-story-").tempdir()?;
    let company = acts::company::found(programs, folder.path(), tell)?;
    acts::secrets::scan_finds_what_is_planted(&company, folder.path(), tell)?;
    acts::conflict::play(&company, acts::conflict::Order::BenFirst, tell)?;
    acts::conflict::play(&company, acts::conflict::Order::AnaFirst, tell)?;
    acts::denial::play(&company, tell)?;
    acts::secrets::nobody_has_what_is_not_theirs(&company, tell)?;
    acts::territory::play(&company, tell)?;
    Ok(())
}
