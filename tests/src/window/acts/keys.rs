//! A device that the desktop's key store opens: nobody is asked for a passphrase.

use super::super::Stage;
use super::super::driver::until;
use super::super::person::{self, Rep};
use crate::story::Tell;
use crate::story::check;

/// Plays it.
pub(crate) fn play(stage: &Stage<'_>, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("In the window: the key store opens the device");
    let rep = Rep::new(stage)?;
    let window = rep.open(stage)?;
    person::enrol_with_key_store(&window, &rep.relay, "ben")?;
    person::is_up_to_date(&window)?;
    window.resize(1_300, 780)?;
    let size = window.size()?;
    window.close()?;
    let keys = std::fs::read_to_string(rep.folder.join("keys.json"))?;
    let form: serde_json::Value = serde_json::from_str(&keys)?;
    check::holds(tell, "no passphrase opens it", form.get("passphrase").is_none())?;
    let window = rep.open(stage)?;
    person::is_ready(&window)?;
    tell.fact("opened again, the day is shown and nobody is asked");
    // Only an app that ended in order has kept it.
    let what = "asked to end by the desktop, it ended in order: the window has its size again";
    until(what, || window.size().is_ok_and(|now| now == size))?;
    tell.fact(what);
    window.press("Settings")?;
    window.says("The key store of this computer")?;
    stage.pictures.keep("17-settings-key-store", &window.picture()?)?;
    window.close()
}
