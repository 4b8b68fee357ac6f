//! An address of a record, opened while the app runs: the one window shows it. What is typed
//! elsewhere stays, and an address that means anything else is refused.

use anyhow::Context as _;

use super::super::Stage;
use super::super::person::{self, Rep};
use crate::story::Tell;
use crate::story::check;
use crate::story::programs::PASSPHRASE;

/// Plays it.
pub(crate) fn play(stage: &Stage<'_>, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("In the window: an address of a record");
    let deal = person::deal(stage, "Window Link")?;
    let rep = Rep::new(stage)?;
    let window = rep.open(stage)?;
    person::enrol(&window, &rep.relay, "ben")?;
    person::is_up_to_date(&window)?;
    let call = |address: &str| {
        let mut again = stage.desktop.command(stage.programs.join("roadbook-window"));
        again.arg("--dir").arg(&rep.folder).arg(address);
        again.output().context("roadbook-window does not start")
    };
    let opened = call(&format!("roadbook://record/{deal}"))?;
    check::holds(
        tell,
        "a second program hands the address over and ends",
        opened.status.success(),
    )?;
    window.wait(
        "the record is shown",
        "document.querySelector('.record')?.innerText.includes('Window Link renewal')",
    )?;
    tell.fact("the window that runs shows the record");
    let apps = stage.desktop.processes()?;
    let device = rep.folder.display().to_string();
    let program = stage.programs.join("roadbook-window").display().to_string();
    let of_device =
        apps.iter().filter(|(_, words)| words.starts_with(&program) && words.contains(&device));
    check::equal(tell, "one app runs over the device", &of_device.count(), &1)?;
    for address in ["roadbook://settings", "roadbook://record/../settings", "https://example.org/"]
    {
        let refused = call(address)?;
        let what = format!("{address} is refused with words");
        let words = String::from_utf8_lossy(&refused.stderr);
        let so = refused.status.code() == Some(2) && words.contains(address);
        check::holds(tell, &what, so)?;
    }
    let place = window.run("return location.pathname")?;
    check::equal(
        tell,
        "and leads nowhere",
        &place.as_str(),
        &Some(format!("/record/{deal}").as_str()),
    )?;
    stage.pictures.keep("13-link", &window.picture()?)?;
    window.close()?;

    let window = rep.open_at(stage, Some(&format!("roadbook://record/{deal}")))?;
    window.fill("#entry-passphrase", PASSPHRASE)?;
    window.press("Unlock")?;
    window.wait(
        "the record is shown",
        "document.querySelector('.record')?.innerText.includes('Window Link renewal')",
    )?;
    tell.fact("an app that did not run begins at the address, after it was unlocked");
    window.close()
}
