//! Starting again where the program that was asked to show itself was just ending.
//!
//! Who closes the window and opens it at once meets the old program while it still has its name on
//! the message bus: it is asked to come forward, and is gone before it answers. There can be one
//! event loop in the life of a process, so this one begins anew.

use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

/// How often this has been tried, in the environment of the next try.
const TRIES: &str = "ROADBOOK_WINDOW_TRIES";

/// The most tries, and how long is between two of them: five seconds in all.
const TRIES_MAX: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(100);

/// Begins this program anew if that is why it could not open. Returns if not, or if it was tried
/// for long enough.
pub(crate) fn when_the_other_has_ended(error: &tauri::Error) {
    if !matches!(error, tauri::Error::PluginInitialization(plugin, _) if plugin == "single-instance")
    {
        return;
    }
    let tries = std::env::var(TRIES).ok().and_then(|it| it.parse::<u32>().ok()).unwrap_or(0);
    let Ok(program) = std::env::current_exe() else { return };
    if tries >= TRIES_MAX {
        return;
    }
    std::thread::sleep(BETWEEN);
    let mut again = Command::new(program);
    again.args(std::env::args_os().skip(1)).env(TRIES, (tries + 1).to_string());
    // It only returns where it fails.
    let failed = again.exec();
    eprintln!("error: cannot start again: {failed}");
}
