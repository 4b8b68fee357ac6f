//! Signing out with work that is nowhere else: it is exported into a file first, the person sees
//! where, and the file is there after the device is gone.

use std::path::PathBuf;

use anyhow::Context as _;

use super::super::Stage;
use super::super::person::{self, Rep};
use crate::story::Tell;
use crate::story::check;

/// Plays it.
pub(crate) fn play(stage: &Stage<'_>, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("In the window: signing out with work that is nowhere else");
    let deal = person::deal(stage, "Window Door")?;
    let rep = Rep::new(stage)?;
    let window = rep.open(stage)?;
    person::enrol(&window, &rep.relay, "ben")?;
    person::is_up_to_date(&window)?;
    person::visit(&window, &deal)?;
    rep.relay.cut();
    window.keys(&["n", "v"])?;
    window.press_in(".outcomes", "Met")?;
    window.says(" logged")?;
    window.press("Settings")?;
    // All of the page is here, so that nothing moves under the press.
    window.says("Offline since")?;
    window.says("Records on this device by kind")?;
    window.press_in("main", "Sign out")?;
    window.says("1 change is not at the server yet")?;
    stage.pictures.keep("14-sign-out-guard", &window.picture()?)?;
    tell.fact("signing out says what would be lost");
    window.press_in(".dialog", "Export to a file")?;
    window.says("It is exported")?;
    stage.pictures.keep("15-exported", &window.picture()?)?;
    let said = window.text(".dialog [role=status]")?;
    let file = said.strip_prefix("1 change is in ").and_then(|it| it.strip_suffix(", encrypted."));
    let file = PathBuf::from(file.with_context(|| format!("the dialog names the file: {said}"))?);
    let kept = std::fs::read(&file).with_context(|| format!("read {}", file.display()))?;
    let sealed: serde_json::Value = serde_json::from_slice(&kept)?;
    check::holds(tell, "the file is where the dialog says, and it is whole", sealed.is_object())?;
    let in_the_clear = kept.windows(11).any(|part| part == b"Window Door");
    check::holds(tell, "nothing in it can be read", !in_the_clear)?;
    window.press_in(".dialog", "Sign out")?;
    window.says("Set up this device")?;
    stage.pictures.keep("16-signed-out", &window.picture()?)?;
    let left = std::fs::read_dir(&rep.folder)?.count();
    check::equal(tell, "signed out, nothing of the device is left", &left, &0)?;
    check::holds(tell, "and the file is still there", file.exists())?;
    window.close()
}
