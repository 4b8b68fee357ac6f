//! The process that draws the page ends, as an engine that crashes does: the window shows the page
//! again, where it was, without being asked.

use rustix::process::{Signal, kill_process};

use super::super::Stage;
use super::super::driver::until;
use super::super::person::{self, Rep};
use crate::story::Tell;

/// What WebKit calls the process that draws a page.
const DRAWS: &str = "WebKitWebProcess";

/// Plays it.
pub(crate) fn play(stage: &Stage<'_>, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("In the window: the process of the page ends, and the page comes again");
    let deal = person::deal(stage, "Window Revival")?;
    let rep = Rep::new(stage)?;
    let window = rep.open(stage)?;
    person::enrol(&window, &rep.relay, "ben")?;
    person::is_up_to_date(&window)?;
    person::visit(&window, &deal)?;
    let mut drawing = Vec::new();
    // That of a window before may take a moment to end.
    until("one process draws the page", || {
        let all = stage.desktop.processes().unwrap_or_default();
        drawing = all.into_iter().filter(|(_, words)| words.contains(DRAWS)).collect();
        drawing.len() == 1
    })?;
    for (process, _) in drawing {
        kill_process(process, Signal::SEGV)?;
    }
    window.wait("the record is shown again", "document.querySelector('.record')")?;
    window.says("Window Revival renewal")?;
    tell.fact("it is on the same record, and nobody had to unlock the device");
    window.close()
}
