//! An import of tables in the shape of the public CRM export, made up here: directory, records,
//! rejected rows, again without doubles, and a second device that ends up with the same.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value as Json;

use super::check;
use super::programs::{Device, Server, exit, list, number, text};
use super::tell::Tell;

const DEALS: u32 = 120;
const AGENTS: [(&str, &str, &str); 4] = [
    ("Moses Frase", "Dustin Brinkmann", "Central"),
    ("Anna Snelling", "Dustin Brinkmann", "Central"),
    ("Zane Levy", "Summer Sewald", "West"),
    ("Cassey Cress", "Rocco Neubert", "East"),
];
const ACCOUNTS: [&str; 3] = ["Cancity", "Isdom", "Bubba & Gump, Ltd"];

/// Plays the import with the programs of a folder.
///
/// # Errors
/// The first fact that did not come out right.
pub fn import(programs: &Path, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("roadbook-import-").tempdir()?;
    let tables = folder.path().join("tables");
    write_tables(&tables)?;
    let tables = tables.display().to_string();
    let server = Server::start(programs, &folder.path().join("server"))?;
    server.admin(&["territory", "add", "Central"])?;
    let rep = ["user", "add", "Moses Frase", "--login", "moses", "--role", "Rep"];
    server.admin(&[&rep[..], &["--territory", "Central", "--password-stdin"]].concat())?;
    let enrol = |login: &str, place: &str, name: &str| {
        let at = folder.path().join(place);
        Device::enrol(programs, &at, &server, "the administrator", login, name)
    };
    let first = enrol("admin", "first", "Ada's laptop")?;
    let moses = enrol("moses", "moses", "Moses' phone")?;
    first.sync()?;
    moses.sync()?;

    tell.step("A rep may not import, a dry run writes nothing");
    let refused = moses.run(&["import", &tables])?;
    check::equal(tell, "a rep is refused", &refused.code, &exit::REFUSED)?;
    let dry = first.ask(&["import", &tables, "--dry-run"])?;
    check::equal(tell, "a dry run saves nothing", &number(&dry, "/intents")?, &0)?;

    tell.step("An administrator imports");
    let done = first.ask(&["import", &tables])?;
    check::equal(tell, "the dry run had said the same", &counts(&done)?, &counts(&dry)?)?;
    let wanted = [
        ("territories", 3, 3, 0, 0),
        ("teams", 3, 3, 0, 0),
        ("users", 8, 8, 0, 0),
        ("products", 2, 2, 0, 0),
        ("accounts", 3, 3, 0, 0),
        ("opportunities", i64::from(DEALS) + 2, i64::from(DEALS), 0, 2),
    ];
    let wanted: Vec<_> = wanted.map(|(a, b, c, d, e)| (a.to_owned(), b, c, d, e)).into();
    check::equal(tell, "every good row is a record", &counts(&done)?, &wanted)?;
    let rejected = list(&done, "/rejected")?.iter();
    let rejected = rejected.map(|row| Ok((number(row, "/line")?, text(row, "/column")?)));
    let rejected: Vec<(i64, &str)> = rejected.collect::<anyhow::Result<_>>()?;
    let last = i64::from(DEALS) + 1;
    let named = vec![(last + 1, "close_date"), (last + 2, "account")];
    check::equal(tell, "bad rows are named by line and column", &rejected, &named)?;
    first.sync()?;
    let deal = first.ask(&["show", "crm:D0001"])?;
    let of = (text(&deal, "/title")?, text(&deal, "/fields/owner/text")?);
    let wanted = ("GTX Pro for Isdom", "Anna Snelling");
    check::equal(tell, "a deal has its agent, product and account", &of, &wanted)?;
    let users = first.ask(&["list", "users", "name=Moses Frase"])?;
    check::equal(tell, "an agent who was there is not made twice", &number(&users, "/total")?, &1)?;
    let users = first.ask(&["list", "users", "name=Zane Levy"])?;
    let login = users.pointer("/records/0/fields/login");
    check::equal(tell, "an unknown agent is a user without sign-in", &login, &None)?;

    tell.step("Importing again makes nothing twice");
    let again = first.ask(&["import", &tables])?;
    check::equal(tell, "nothing is saved", &number(&again, "/intents")?, &0)?;
    let same: i64 = list(&again, "/kinds")?
        .iter()
        .map(|kind| number(kind, "/unchanged"))
        .sum::<anyhow::Result<i64>>()?;
    check::equal(tell, "every record is as its row says", &same, &(i64::from(DEALS) + 19))?;

    tell.step("A second device gets the same");
    let second = enrol("admin", "second", "Ada's tablet")?;
    second.sync()?;
    let of = |device: &Device| {
        let status = device.ask(&["status"])?;
        Ok::<_, anyhow::Error>(status.pointer("/records").cloned())
    };
    check::equal(tell, "as many records of each kind", &of(&second)?, &of(&first)?)?;
    for (name, device) in [("first", &first), ("second", &second)] {
        let doctor = device.ask(&["doctor"])?;
        let equal = doctor.pointer("/equal").and_then(Json::as_bool);
        check::equal(tell, &format!("the {name} one's doctor says equal"), &equal, &Some(true))?;
    }
    let checksum = |device: &Device| {
        let doctor = device.ask(&["doctor"])?;
        Ok::<_, anyhow::Error>(text(&doctor, "/checksum")?.to_owned())
    };
    check::equal(tell, "both have one checksum", &checksum(&second)?, &checksum(&first)?)?;
    moses.sync()?;
    let own = moses.ask(&["list", "opportunities", "owner=me"])?;
    let all = first.ask(&["list", "opportunities", "owner=Moses Frase"])?;
    let both = (number(&own, "/total")?, number(&all, "/total")?);
    check::holds(tell, "the agent who can sign in has his deals", both.0 == both.1 && both.0 > 0)
}

/// Section, rows, made, changed, rejected.
type Counts = (String, i64, i64, i64, i64);

fn counts(report: &Json) -> anyhow::Result<Vec<Counts>> {
    let kinds = list(report, "/kinds")?.iter();
    kinds
        .map(|kind| {
            Ok((
                text(kind, "/section")?.to_owned(),
                number(kind, "/rows")?,
                number(kind, "/created")?,
                number(kind, "/changed")?,
                number(kind, "/rejected")?,
            ))
        })
        .collect()
}

fn write_tables(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text);
    write("crm_products.csv", "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n")?;
    let mut accounts = String::from(
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n",
    );
    for (at, name) in ACCOUNTS.iter().enumerate() {
        let parent = if at == 0 { "Isdom" } else { "" };
        writeln!(accounts, "\"{name}\",retail,200{at},718.62,24{at},United States,{parent}")?;
    }
    write("crm_accounts.csv", &accounts)?;
    let mut teams = String::from("sales_agent,manager,regional_office\n");
    for (agent, manager, office) in AGENTS {
        writeln!(teams, "{agent},{manager},{office}")?;
    }
    write("crm_sales_teams.csv", &teams)?;
    let mut deals = String::from(
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n",
    );
    for (at, (agent, ..)) in (0..DEALS).zip(AGENTS.iter().cycle()) {
        // One agent is in no team; one product is spelled in two ways; some accounts are missing.
        let agent = if at == 7 { "Nora Nobody" } else { agent };
        let product = if at % 2 == 0 { "MG Special" } else { "GTXPro" };
        let account = ACCOUNTS.iter().cycle().nth(at as usize).filter(|_| at % 5 != 0);
        let account = account.copied().unwrap_or_default();
        let rest = match at % 4 {
            0 => "Won,2016-10-20,2017-03-01,1054.0",
            1 => "Lost,2016-10-20,2017-03-01,0.0",
            2 => "Engaging,2016-10-20,,",
            _ => "Prospecting,,,",
        };
        writeln!(deals, "D{at:04},{agent},{product},\"{account}\",{rest}")?;
    }
    deals.push_str("BAD1,Zane Levy,GTXPro,Isdom,Won,2016-10-20,1.3.2017,5\n");
    deals.push_str("BAD2,Zane Levy,GTXPro,Nowhere,Won,2016-10-20,2017-03-01,5\n");
    write("crm_sales_pipeline.csv", &deals)?;
    Ok(())
}
