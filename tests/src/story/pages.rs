//! A page of a pull that is cut midway: what came whole before it stays, nothing of the half counts,
//! and the device goes on where it was, in the same sync or in a later one.

use std::path::Path;

use anyhow::Context as _;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value as Json;

use super::check;
use super::programs::{Device, exit, number};
use super::relay::Afterwards;
use super::restore::people_of_the_north;
use super::tell::Tell;

const ACCOUNTS: i64 = 14;
/// Text that does not compress well, so that an answer of one page is long.
const LETTERS: usize = 95_000;
const SEED: u64 = 4;

/// Plays it with the programs of a folder.
///
/// # Errors
/// The first fact that did not come out right.
pub fn pages(programs: &Path, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("roadbook-pages-").tempdir()?;
    let (server, [ben, ana, _mia]) = people_of_the_north(programs, folder.path())?;
    let enrol = |place: &str| {
        let at = folder.path().join(place);
        Device::enrol(programs, &at, &server, "Ben", "ben", place)
    };

    tell.step("A pull of several pages");
    ana.sync()?;
    let mut dice = StdRng::seed_from_u64(SEED);
    for n in 0..ACCOUNTS {
        let (name, text) = (format!("name=Account {n}"), letters(&mut dice));
        let long = format!("description={text}");
        ana.ask(&["create", "account", &name, "territory=North", &long])?;
    }
    ana.sync()?;
    let before = ben.relay.received().len();
    let report = ben.sync()?;
    let trips = number(&report, "/round_trips")?;
    let answers = answers(&ben.relay.received()[before..].concat())?;
    check::holds(tell, "it takes more than one page", trips >= 2 && answers.len() >= 2)?;
    check::equal(tell, "undisturbed, all accounts come", &accounts(&ben)?, &ACCOUNTS)?;
    let [first, second] = [answers[0], answers[1]];
    let in_first = first.0 + first.1 / 2;
    let in_second = first.0 + first.1 + second.0 + second.1 / 2;

    tell.step("The network goes in the middle of the first page");
    let other = enrol("second")?;
    other.relay.break_after(in_first, Afterwards::Open);
    let cut = other.run(&["sync"])?;
    check::holds(tell, "the connection broke there", other.relay.has_broken())?;
    check::equal(tell, "the device says so", &cut.code, &exit::UNREACHABLE)?;
    check::equal(tell, "half a page is no page", &accounts(&other)?, &0)?;

    tell.step("It goes in the middle of the second page, and stays away");
    other.relay.break_after(in_second, Afterwards::Cut);
    let cut = other.run(&["sync"])?;
    check::holds(tell, "the connection broke there", other.relay.has_broken())?;
    check::equal(tell, "the device says so", &cut.code, &exit::UNREACHABLE)?;
    let came = accounts(&other)?;
    check::holds(tell, "the first page stays, whole", came > 0 && came < ACCOUNTS)?;
    let offline = other.ask(&["doctor", "--offline"])?;
    let healthy = offline.pointer("/healthy").and_then(Json::as_bool);
    check::equal(tell, "and the device is sound", &healthy, &Some(true))?;

    tell.step("The network is back");
    other.relay.open();
    let on = other.sync()?;
    let fewer = number(&on, "/received")? < number(&report, "/received")?;
    check::holds(tell, "the device goes on, and does not begin again", fewer)?;
    check::equal(tell, "all accounts are there", &accounts(&other)?, &ACCOUNTS)?;
    check::equal(tell, "it holds what the server says", &equal(&other)?, &Some(true))?;

    tell.step("The connection breaks in the middle of a page, and the network stays");
    let third = enrol("third")?;
    third.relay.break_after(in_second, Afterwards::Open);
    let report = third.sync()?;
    check::holds(tell, "the connection broke there", third.relay.has_broken())?;
    let again = number(&report, "/round_trips")?;
    check::equal(tell, "one sync took all pages, each once", &again, &trips)?;
    check::equal(tell, "all accounts are there", &accounts(&third)?, &ACCOUNTS)?;
    check::equal(tell, "it holds what the server says", &equal(&third)?, &Some(true))
}

fn letters(dice: &mut StdRng) -> String {
    (0..LETTERS).map(|_| char::from(dice.random_range(b'a'..=b'z'))).collect()
}

fn accounts(device: &Device) -> anyhow::Result<i64> {
    number(&device.ask(&["list", "accounts", "--limit", "1"])?, "/total")
}

/// Whether the device holds exactly what the server says, by its own doctor.
fn equal(device: &Device) -> anyhow::Result<Option<bool>> {
    Ok(device.ask(&["doctor"])?.pointer("/equal").and_then(Json::as_bool))
}

/// The answers in what a server sent over one connection: the bytes of head and body of each.
fn answers(mut sent: &[u8]) -> anyhow::Result<Vec<(usize, usize)>> {
    let mut out = Vec::new();
    while !sent.is_empty() {
        let end = sent.windows(4).position(|window| window == b"\r\n\r\n");
        let head = end.context("an answer has a head")? + 4;
        let words = String::from_utf8_lossy(&sent[..head]).to_lowercase();
        let body = words.lines().find_map(|line| line.strip_prefix("content-length:"));
        let body: usize = body.context("an answer tells its length")?.trim().parse()?;
        sent = sent.get(head + body..).context("an answer is whole")?;
        out.push((head, body));
    }
    Ok(out)
}
