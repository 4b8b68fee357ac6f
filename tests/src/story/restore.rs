//! A server is restored from a backup: what came after it comes back from the devices that are
//! left, also the work of a device that is gone for ever.

use std::path::Path;

use serde_json::Value as Json;

use super::check;
use super::programs::{Device, Server, number, text};
use super::tell::Tell;

/// Plays the restore with the programs of a folder.
///
/// # Errors
/// The first fact that did not come out right.
pub fn restore(programs: &Path, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("roadbook-restore-").tempdir()?;
    let (mut server, [ben, ana, mia]) = people_of_the_north(programs, folder.path())?;

    tell.step("A backup, and a morning's work after it");
    ana.sync()?;
    let made = ana.ask(&["create", "account", "name=Pollux", "territory=North"])?;
    let account = text(&made, "/record")?.to_owned();
    let of = format!("account={account}");
    let made = ana.ask(&["create", "opportunity", "name=Pollux pumps", &of, "amount=1000EUR"])?;
    let deal = text(&made, "/record")?.to_owned();
    for device in [&ana, &ben] {
        device.sync()?;
    }
    let backup = folder.path().join("backup.db");
    let report = server.admin(&["backup", "--to", &backup.display().to_string()])?;
    let backed_up = number(&report, "/head")?;
    // Both facets by Ana; a dispute between both; and a tag that is Ben's alone.
    ana.ask(&["set", "opportunity", &deal, "amount=2000EUR", "margin=12%"])?;
    ben.ask(&["set", "opportunity", &deal, "amount=3000EUR", "next_step=call"])?;
    ben.ask(&["set", "account", &account, "nickname=Polly"])?;
    for device in [&ben, &ana, &ben] {
        device.sync()?;
    }
    let conflict = conflicts(&ana)?;
    let before = ana.ask(&["show", &deal])?;
    let head = log_end(&server)?;
    check::holds(tell, "the log went on after the backup", head > backed_up)?;

    tell.step("Ben's phone is gone for ever, and so is the server's disk");
    std::fs::remove_dir_all(&ben.folder)?;
    let said = server.restore(&backup)?;
    check::equal(tell, "the backup is in place", &number(&said, "/head")?, &backed_up)?;
    check::equal(tell, "and nothing else", &log_end(&server)?, &backed_up)?;
    server.admin(&["device", "revoke", &ben.id])?;

    tell.step("Ana syncs, and Mia for the first time");
    ana.sync()?;
    check::equal(tell, "Ana handed everything back", &log_end(&server)?, &head)?;
    check::equal(tell, "the dispute is the same one", &conflicts(&ana)?, &conflict)?;
    mia.sync()?;
    let row = mia.ask(&["show", &deal])?;
    for field in ["margin", "next_step"] {
        let (found, wanted) = (value(&row, field), value(&before, field));
        check::holds(tell, &format!("Mia has a `{field}`"), found.is_some())?;
        check::equal(tell, &format!("the `{field}` that Ana has"), &found, &wanted)?;
    }
    check::equal(tell, "and the dispute", &conflicts(&mia)?, &conflict)?;
    let row = mia.ask(&["show", &account])?;
    let nickname = value(&row, "nickname").unwrap_or_default();
    let what = "and what only Ben's lost phone had written";
    check::holds(tell, what, nickname.contains("Polly"))?;
    let history = mia.ask(&["history", "account", &account])?;
    check::holds(tell, "of which Ben is the author", history.to_string().contains("Ben Berg"))?;
    for device in [&ana, &mia] {
        let doctor = device.ask(&["doctor"])?;
        let equal = doctor.pointer("/equal").and_then(Json::as_bool);
        let what = format!("{}'s device holds exactly what the server says", device.who);
        check::equal(tell, &what, &equal, &Some(true))?;
    }
    ana.sync()?;
    check::equal(tell, "nothing is handed back twice", &log_end(&server)?, &head)
}

/// A server with a territory, and a rep, a senior rep and a manager there, each with a phone.
pub(super) fn people_of_the_north(
    programs: &Path,
    folder: &Path,
) -> anyhow::Result<(Server, [Device; 3])> {
    let server = Server::start(programs, &folder.join("server"))?;
    server.admin(&["territory", "add", "North"])?;
    for (name, login, role) in [
        ("Ben Berg", "ben", "Rep"),
        ("Ana Silva", "ana", "Senior rep"),
        ("Mia Meyer", "mia", "Manager"),
    ] {
        let user = ["user", "add", name, "--login", login, "--role", role];
        server.admin(&[&user[..], &["--territory", "North", "--password-stdin"]].concat())?;
    }
    let enrol = |who, login: &str| Device::enrol(programs, folder, &server, who, login, "phone");
    let devices = [enrol("Ben", "ben")?, enrol("Ana", "ana")?, enrol("Mia", "mia")?];
    Ok((server, devices))
}

/// A field of a shown record, as JSON.
fn value(row: &Json, field: &str) -> Option<String> {
    fn find(at: &Json, field: &str) -> Option<String> {
        match at {
            Json::Object(members) => {
                let named = members.get("name").or_else(|| members.get("field"));
                if named.and_then(Json::as_str) == Some(field) {
                    return members.get("value").map(Json::to_string);
                }
                members
                    .get(field)
                    .map(Json::to_string)
                    .or_else(|| members.values().find_map(|value| find(value, field)))
            }
            Json::Array(items) => items.iter().find_map(|item| find(item, field)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
        }
    }
    find(row, field).filter(|value| value != "null")
}

/// The ids of the open conflicts.
fn conflicts(device: &Device) -> anyhow::Result<Vec<String>> {
    let said = device.ask(&["conflicts"])?;
    let all = said.as_array().or_else(|| said.pointer("/conflicts").and_then(Json::as_array));
    let ids: Vec<String> = all
        .into_iter()
        .flatten()
        .filter_map(|it| it.pointer("/conflict"))
        .map(Json::to_string)
        .collect();
    anyhow::ensure!(!ids.is_empty(), "no conflict in {said}");
    Ok(ids)
}

/// The end of the server's log.
fn log_end(server: &Server) -> anyhow::Result<i64> {
    number(&server.admin(&["status"])?, "/tenants/0/head")
}
