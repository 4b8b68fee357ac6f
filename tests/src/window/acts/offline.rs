//! A rep sets a device up in the window, logs a visit without a network, and is killed; the visit
//! is there once, and goes to the server once.

use anyhow::Context as _;
use serde_json::Value as Json;

use super::super::Stage;
use super::super::driver::Window;
use super::super::person::{self, Rep};
use crate::story::Tell;
use crate::story::check;
use crate::story::programs::{list, text};

/// Plays it.
pub(crate) fn play(stage: &Stage<'_>, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("In the window: set up, log a visit offline, kill -9, reopen, sync");
    let company = stage.company;
    let account = company.mia.ask(&[
        "create",
        "account",
        "name=Window Works",
        "team=Account team",
        "territory=North",
    ])?;
    let account = text(&account, "/record")?.to_owned();
    company.mia.sync()?;

    let rep = Rep::new(stage)?;
    let window = rep.open(stage)?;
    window.says("Set up this device")?;
    stage.pictures.keep("1-set-up", &window.picture()?)?;
    person::enrol(&window, &rep.relay, "ben")?;
    person::is_up_to_date(&window)?;
    tell.deed("Ben set his device up in the window");
    stage.pictures.keep("2-today", &window.picture()?)?;

    rep.relay.cut();
    log_visit(&window, stage)?;
    window.says("Visit at Window Works")?;
    stage.pictures.keep("4-logged", &window.picture()?)?;
    tell.deed("he logged a visit without a network, by two presses and the name of the account");
    window.kill()?;

    let window = rep.open(stage)?;
    window.says("Unlock this device")?;
    stage.pictures.keep("5-unlock", &window.picture()?)?;
    person::unlock(&window)?;
    let here = visits(&window, &account)?;
    check::equal(tell, "killed and opened again, the visit is there, once", &here, &1)?;
    stage.pictures.keep("6-after-kill", &window.picture()?)?;

    rep.relay.open();
    person::send_now(&window)?;
    company.mia.sync()?;
    let at_server = visits_of(&company.mia.ask(&["timeline", "account", &account])?)?;
    check::equal(tell, "synced, the manager sees the visit, once", &at_server, &1)?;
    window.close().context("the window closes")
}

fn log_visit(window: &Window, stage: &Stage<'_>) -> anyhow::Result<()> {
    window.press("Log a visit")?;
    window.fill("#quick-account", "Window")?;
    window.wait(
        "the account is offered",
        "document.querySelector('.offer')?.innerText.includes('Window Works')",
    )?;
    stage.pictures.keep("3-quick-log", &window.picture()?)?;
    window.press_in(".outcomes", "Met")
}

/// The visits on the account's page.
fn visits(window: &Window, account: &str) -> anyhow::Result<u64> {
    person::visit(window, account)?;
    window.wait("the timeline is shown", "document.querySelector('.timeline-line')")?;
    window.count(".timeline-main")
}

fn visits_of(timeline: &Json) -> anyhow::Result<u64> {
    let entries = list(timeline, "/entries")?;
    let is_visit = |entry: &&Json| entry.to_string().contains("\"visit\"");
    Ok(u64::try_from(entries.iter().filter(is_visit).count())?)
}
