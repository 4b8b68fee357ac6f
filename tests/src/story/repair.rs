//! What people and devices mend: half of a record that nobody can hand back after a restore, a
//! device whose database was damaged, and history from the server.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::programs::{Device, PASSPHRASE, Server, exit, list, number, text};
use super::restore::people_of_the_north;
use super::tell::Tell;
use super::{check, unlocked};

const NOTE: &str = "her phone fell into a lake";
/// Less than the minute after which a device looks by itself.
const BEFORE_THE_TIMER: Duration = Duration::from_secs(40);

/// Plays the repairs with the programs of a folder.
///
/// # Errors
/// The first fact that did not come out right.
pub fn repair(programs: &Path, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("roadbook-repair-").tempdir()?;
    let (mut server, [ben, ana, mia]) = people_of_the_north(programs, folder.path())?;
    ana.sync()?;
    let made = ana.ask(&["create", "account", "name=Pollux", "territory=North"])?;
    let of = format!("account={}", text(&made, "/record")?);
    let made = ana.ask(&["create", "opportunity", "name=Pollux pumps", &of, "amount=1000EUR"])?;
    let deal = text(&made, "/record")?.to_owned();
    for device in [&ana, &ben, &mia] {
        device.sync()?;
    }
    give_back(&mut server, (&ana, &ben, &mia), &deal, folder.path(), tell)?;
    heal(&mia, &deal, tell)?;
    hear(&mia, &ben, &deal, tell)?;
    ask_for_history(&mut server, &mia, &deal, tell)
}

/// A rep's device holds the half that it may see; the other half is on a phone in a lake.
fn give_back(
    server: &mut Server,
    (ana, ben, mia): (&Device, &Device, &Device),
    deal: &str,
    folder: &Path,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    tell.step("After a restore, half of Ana's work is on no device that syncs");
    let backup = folder.join("backup.db");
    server.admin(&["backup", "--to", &backup.display().to_string()])?;
    let set = ana.ask(&["set", "opportunity", deal, "amount=2000EUR", "margin=12%"])?;
    let intent = text(&set, "/intent")?.to_owned();
    ana.sync()?;
    ben.sync()?;
    server.restore(&backup)?;
    ben.sync()?;
    let said = server.admin(&["quarantine", "list"])?;
    let waiting = list(&said, "/quarantine")?;
    check::equal(tell, "one intent waits", &waiting.len(), &1)?;
    check::equal(tell, "it is Ana's", &text(&waiting[0], "/user_name")?, &"Ana Silva")?;
    check::equal(tell, "and incomplete", &text(&waiting[0], "/reason")?, &"incomplete")?;
    check::equal(tell, "it is that one", &text(&waiting[0], "/intent")?, &intent.as_str())?;
    mia.sync()?;
    let seen = mia.ask(&["show", "opportunity", deal])?;
    check::holds(tell, "nobody sees half of it", !seen.to_string().contains("2000"))?;

    tell.step("The operator gives it back; then the phone is found");
    server.admin(&["quarantine", "give-back", &intent, "--note", NOTE])?;
    let said = server.admin(&["quarantine", "list"])?;
    check::equal(tell, "nothing waits any more", &list(&said, "/quarantine")?.len(), &0)?;
    let report = ana.run(&["sync"])?;
    check::equal(tell, "Ana's sync needs her", &report.code, &exit::NEEDS_YOU)?;
    let queue = ana.ask(&["pending"])?;
    let drawer = list(&queue, "/needs_you")?;
    check::equal(tell, "one intent came back", &drawer.len(), &1)?;
    check::holds(tell, "with the operator's words", text(&drawer[0], "/reason")?.contains(NOTE))?;
    let changes = drawer[0].to_string();
    let words = changes.contains("margin") && changes.contains("2000");
    check::holds(tell, "and with her own, of both halves", words)?;
    ana.ask(&["pending", "retry", &intent])?;
    ana.sync()?;
    mia.sync()?;
    let seen = mia.ask(&["show", "opportunity", deal])?;
    let both = text(&seen, "/fields/margin/text").is_ok() && seen.to_string().contains("2000");
    check::holds(tell, "sent again, the manager sees both halves", both)
}

/// A document is gone from a device's database; the doctor reads everything again.
fn heal(mia: &Device, deal: &str, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("A device's database is damaged, and mended");
    let equal = |doctor: &Json| doctor.pointer("/equal").and_then(Json::as_bool);
    let before = mia.ask(&["show", "opportunity", deal])?;
    check::equal(tell, "before", &equal(&mia.ask(&["doctor"])?), &Some(true))?;
    let key = unlocked::key(&mia.folder, PASSPHRASE)?;
    let database = unlocked::open(&mia.folder.join("device.db"), &key)?;
    let record = deal.parse::<roadbook_domain::RecordId>()?;
    let gone = database.execute(
        "DELETE FROM documents WHERE document / 2 =
         (SELECT number FROM records WHERE record = ?1)",
        [record.as_bytes()],
    )?;
    drop(database);
    check::holds(tell, "the documents of the deal are gone", gone > 0)?;
    let offline = mia.run(&["doctor", "--offline"])?;
    check::holds(tell, "the doctor sees it, without a network", offline.code != exit::OK)?;
    let doctor = mia.ask(&["doctor"])?;
    check::equal(tell, "with one, it holds what the server says", &equal(&doctor), &Some(true))?;
    let told = doctor.to_string().contains("read all of them again");
    check::holds(tell, "and says that it was mended", told)?;
    let after = mia.ask(&["show", "opportunity", deal])?;
    check::equal(tell, "the deal is what it was", &after, &before)?;
    let offline = mia.ask(&["doctor", "--offline"])?;
    let healthy = offline.pointer("/healthy").and_then(Json::as_bool);
    check::equal(tell, "and all is well", &healthy, &Some(true))
}

/// A device that keeps in sync hears of others' work from the server; its own timer would tell it a
/// minute later.
#[allow(clippy::disallowed_methods, reason = "real programs run beside it")]
fn hear(mia: &Device, ben: &Device, deal: &str, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("A device that keeps in sync hears of others' work");
    let mut watching = mia.watch()?;
    watching.line()?;
    ben.ask(&["note", "opportunity", deal, "They call on Friday"])?;
    ben.sync()?;
    let sent = Instant::now();
    while number(&watching.line()?, "/received")? == 0 {}
    check::holds(tell, "long before its timer", sent.elapsed() < BEFORE_THE_TIMER)?;
    watching.kill()?;
    let notes = mia.ask(&["list", "notes", &format!("about={deal}")])?;
    check::equal(tell, "the note is there", &number(&notes, "/total")?, &1)
}

/// History is asked of the server, and without it said to be out of reach.
fn ask_for_history(
    server: &mut Server,
    mia: &Device,
    deal: &str,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    tell.step("History from the server");
    let here = mia.ask(&["history", "opportunity", deal])?;
    let all = mia.ask(&["history", "opportunity", deal, "--older"])?;
    let intents = |history: &Json| -> anyhow::Result<Vec<String>> {
        list(history, "")?.iter().map(|entry| Ok(text(entry, "/intent")?.to_owned())).collect()
    };
    check::holds(tell, "there is history", intents(&here)?.len() >= 2)?;
    let (young, asked) = (intents(&here)?, intents(&all)?);
    check::equal(tell, "the server knows no more of so young a deal", &asked, &young)?;
    let told = |entry: &Json| {
        text(entry, "/made_by/who").is_ok_and(|who| who == "Ana Silva")
            && number(entry, "/made_by/accepted_ms").is_ok()
    };
    check::holds(tell, "it says who, and when it was accepted", list(&all, "")?.iter().all(told))?;
    server.halt()?;
    let cut = mia.run(&["history", "opportunity", deal, "--older"])?;
    check::equal(tell, "without the server it says so", &cut.code, &exit::UNREACHABLE)?;
    let still = mia.ask(&["history", "opportunity", deal])?;
    check::equal(tell, "and what came is still told", &still, &all)
}
