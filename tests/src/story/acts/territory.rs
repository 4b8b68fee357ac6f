//! An account changes its territory: it leaves one device and arrives, with history, on another.

use serde_json::Value as Json;

use super::super::check;
use super::super::programs::{Device, PASSPHRASE, exit, list, number, text};
use super::super::scan::{Clear, Where};
use super::super::tell::Tell;
use super::company::Company;
use super::secrets;

/// Plays the act.
pub(crate) fn play(company: &Company, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("An account moves from the north to the south");
    let Company { ben, ana, mia, sam, .. } = company;
    let description = format!("description={}", secrets::MOVING);
    let made = mia.ask(&["create", "account", "name=Castor", "territory=North", &description])?;
    let account = text(&made, "/record")?.to_owned();
    let of = format!("account={account}");
    let deal = mia.ask(&["create", "opportunity", "name=Castor fleet", &of, "amount=5000EUR"])?;
    let deal = text(&deal, "/record")?.to_owned();
    mia.sync()?;
    for device in [ben, ana] {
        device.sync()?;
    }
    ben.ask(&["set", "account", &account, "next_step=ask for the depot"])?;
    ben.sync()?;
    check::equal(tell, "Ben has it and worked on it", &shows(ben, &account)?, &exit::OK)?;
    sam.sync()?;
    check::equal(tell, "Sam does not have it", &shows(sam, &account)?, &exit::NOT_FOUND)?;

    mia.sync()?;
    mia.ask(&["set", "account", &account, "territory=South"])?;
    for device in [mia, ben, ana, sam] {
        device.sync()?;
    }
    tell.deed("Mia moved it to the south, and everybody synced");
    for device in [ben, ana] {
        let who = device.who;
        let gone = (shows(device, &account)?, shows(device, &deal)?);
        let what = format!("it left {who}'s device, its deal with it");
        check::equal(tell, &what, &gone, &(exit::NOT_FOUND, exit::NOT_FOUND))?;
        let found = device.ask(&["search", secrets::MOVING])?;
        let what = format!("{who}'s search finds nothing of it");
        check::equal(tell, &what, &list(&found, "/hits")?.len(), &0)?;
        // What the server sent before the move was theirs to have then.
        let stored = Where { answers: Vec::new(), ..secrets::everything(device) };
        let traces = Clear::read(&stored, PASSPHRASE)?.find(secrets::MOVING);
        let traces: Vec<&str> = traces.into_iter().map(super::super::scan::Place::name).collect();
        let what = format!("no trace of it is left on {who}'s device, free pages included");
        check::equal(tell, &what, &traces, &Vec::new())?;
    }
    check::equal(tell, "Sam has the account now", &shows(sam, &account)?, &exit::OK)?;
    check::equal(tell, "and its deal", &shows(sam, &deal)?, &exit::OK)?;
    let history = sam.ask(&["history", "account", &account])?;
    let by_ben = list(&history, "")?.iter().any(|entry| wrote(entry, "Ben Berg", "next_step"));
    check::holds(tell, "Sam sees in its history what Ben did", by_ben)?;
    let moved = list(&history, "")?.iter().any(|entry| wrote(entry, "Mia Meyer", "territory"));
    check::holds(tell, "and that Mia moved it", moved)?;
    for device in [ben, ana, mia, sam] {
        let doctor = device.ask(&["doctor"])?;
        let equal = doctor.pointer("/equal").and_then(Json::as_bool);
        let what = format!("{}'s device holds exactly what the server says", device.who);
        check::equal(tell, &what, &equal, &Some(true))?;
    }
    let status = sam.ask(&["status"])?;
    check::equal(tell, "nothing waits anywhere", &number(&status, "/pending")?, &0)
}

/// How asking for a record ends.
fn shows(device: &Device, record: &str) -> anyhow::Result<i32> {
    Ok(device.run(&["show", record])?.code)
}

fn wrote(entry: &Json, who: &str, field: &str) -> bool {
    let by = text(entry, "/made_by/who").is_ok_and(|name| name == who);
    let changes = list(entry, "/changes").map(Vec::as_slice).unwrap_or_default();
    by && changes.iter().any(|change| text(change, "/field").is_ok_and(|name| name == field))
}
