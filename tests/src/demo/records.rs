//! Half a year of work, from one seed: accounts, people, leads, deals in all stages, what was
//! decided in the two years before, visits, tasks for today and some that are late, two open
//! conflicts, and something that was denied.

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use roadbook_api::Assignment;
use roadbook_api::commands::writes::{AddNote, CompleteTask, CreateRecord, LogActivity, SetFields};
use roadbook_app::{App, Run as _};
use roadbook_domain::{RecordId, Value};

use super::people::People;
use crate::story::Tell;
use crate::story::programs::{Device, PASSPHRASE, list, text};
use crate::story::unchecked;

const SEED: u64 = 20_261_120;

const PLACES: [&str; 8] =
    ["Hamburg", "Bremen", "Lübeck", "Kiel", "Rostock", "Flensburg", "Husum", "Stade"];
const TRADES: [(&str, &str); 8] = [
    ("Bakery", "Food"),
    ("Shipyard", "Shipbuilding"),
    ("Logistics", "Transport"),
    ("Clinic", "Health"),
    ("Brewery", "Food"),
    ("Solar", "Energy"),
    ("Timber", "Building"),
    ("Optics", "Instruments"),
];
const NAMES: [&str; 12] = [
    "Hansen",
    "Petersen",
    "Möller",
    "Jensen",
    "Carstens",
    "Thomsen",
    "Lorenzen",
    "Brodersen",
    "Nissen",
    "Sönksen",
    "Ketels",
    "Albers",
];
const FIRST: [&str; 10] =
    ["Lena", "Jonas", "Marie", "Finn", "Greta", "Paul", "Ida", "Emil", "Klara", "Hauke"];
const ROLES: [&str; 5] = ["Buyer", "Head of purchasing", "Owner", "Plant manager", "Assistant"];
const DEALS: [&str; 6] =
    ["Renewal", "Line two", "Pilot", "Service contract", "New site", "Spare parts"];
const STAGES: [&str; 10] = [
    "Prospecting",
    "Prospecting",
    "Qualification",
    "Qualification",
    "Needs analysis",
    "Needs analysis",
    "Proposal",
    "Proposal",
    "Negotiation",
    "Closed won",
];
const STEPS: [&str; 6] = [
    "Send the comparison",
    "Fix a date with the plant manager",
    "Ask for the old contract",
    "Show the pilot's figures",
    "Call after the board has met",
    "Bring the samples",
];
const REPORTS: [&str; 6] = [
    "Showed the new line; they want numbers by Friday.",
    "Short talk at the gate, the buyer is on holiday until the end of the month.",
    "They compare us with two others. Price matters less than delivery.",
    "Walked through the plant. Two machines are due next year.",
    "Signed the service contract on the spot.",
    "Wants the offer split by site.",
];
const LOST: [&str; 3] = ["Price", "Delivery date", "Stays with its supplier"];
/// Decided deals of each account.
const DECIDED: u32 = 8;
const TASKS: [&str; 6] = [
    "Send the offer",
    "Call back about the delivery date",
    "Prepare the visit",
    "Ask for the tax certificate",
    "Check the stock for the order",
    "Bring the catalogue",
];

/// Makes it all, and leaves every device in sync but for what the demo shows.
pub(super) fn make(people: &People, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let today = Zoned::now().date();
    let mut deals = Vec::new();
    for (device, seed) in [(&people.ben, SEED), (&people.ana, SEED + 1)] {
        let app = people.open(device, seed)?;
        let dice = StdRng::seed_from_u64(seed);
        let mut maker = Maker { app: &app, dice, today, made: 0, accounts: Vec::new() };
        deals.push(maker.book()?);
        maker.past()?;
        let made = maker.made;
        people.sync(&app)?;
        tell.deed(&format!("{} made and sent {made} records", device.who));
    }
    let (ben, ana) = (people.open(&people.ben, SEED + 2)?, people.open(&people.ana, SEED + 3)?);
    people.sync(&ben)?;
    disagree(people, &ben, &ana, &deals[0], today)?;
    drop((ben, ana));
    tell.deed("Ben and Ana set an amount and a close date differently, each without a network");
    deny(people, deals[0].first().context("Ben has deals")?)?;
    tell.deed("Ben asked for another owner of a deal, and the server refused");
    people.mia.sync()?;
    let conflicts = people.mia.ask(&["conflicts"])?;
    let open = list(&conflicts, "")?.len();
    anyhow::ensure!(open == 2, "Mia has two conflicts to settle, not {open}");
    Ok(())
}

struct Maker<'a> {
    app: &'a App,
    dice: StdRng,
    today: Date,
    made: u32,
    /// The accounts, each with its trade.
    accounts: Vec<(RecordId, &'static str)>,
}

impl Maker<'_> {
    /// A rep's whole book; the open deals.
    fn book(&mut self) -> anyhow::Result<Vec<RecordId>> {
        let mut deals = Vec::new();
        for _ in 0..12 {
            let account = self.account()?;
            for _ in 0..self.dice.random_range(1..=2) {
                self.contact(account)?;
            }
            for _ in 0..self.dice.random_range(2..=4) {
                self.activity(account)?;
            }
            for _ in 0..self.dice.random_range(1..=2) {
                deals.extend(self.deal(account)?);
            }
            self.task(account)?;
            if self.dice.random_bool(0.4) {
                let report = self.pick(&REPORTS);
                self.app.run(AddNote {
                    entity: None,
                    record: account.to_string(),
                    text: report.to_owned(),
                    title: None,
                })?;
                self.made += 1;
            }
        }
        for _ in 0..7 {
            self.lead()?;
        }
        Ok(deals)
    }

    /// What was decided in the two years before, for forecasts and scores to learn from: some trades
    /// buy more often than others, and large deals are lost more often.
    fn past(&mut self) -> anyhow::Result<()> {
        for (account, trade) in std::mem::take(&mut self.accounts) {
            for _ in 0..DECIDED {
                let name = self.pick(&DEALS);
                let thousands: i64 = self.dice.random_range(4..180);
                let closed = self.today.checked_sub(self.dice.random_range(8..700_i64).days())?;
                let opened = closed.checked_sub(self.dice.random_range(10..120_i64).days())?;
                let usual = match trade {
                    "Food" | "Transport" => 0.88,
                    "Energy" | "Health" => 0.15,
                    _ => 0.5,
                };
                let is_won =
                    self.dice.random_bool(if thousands > 110 { usual / 2.0 } else { usual });
                let mut values = vec![
                    ("name", name.to_owned()),
                    ("account", account.to_string()),
                    ("stage", if is_won { "Closed won" } else { "Closed lost" }.to_owned()),
                    ("amount", format!("{}EUR", thousands * 500)),
                    ("close_date", closed.to_string()),
                    ("opened_on", opened.to_string()),
                ];
                if !is_won {
                    values.push(("loss_reason", self.pick(&LOST).to_owned()));
                }
                self.create("opportunity", &values)?;
            }
        }
        Ok(())
    }

    fn account(&mut self) -> anyhow::Result<RecordId> {
        let (trade, industry) = *TRADES.choose(&mut self.dice).context("there are trades")?;
        let (name, city) = (self.pick(&NAMES), self.pick(&PLACES));
        let employees = self.dice.random_range(8..900);
        let tier = self.pick(&["A", "B", "B", "C"]);
        let (every, next) = (self.pick(&["14", "30", "60"]), self.steps());
        let account = self.create(
            "account",
            &[
                ("name", format!("{name} {trade} {city}")),
                ("industry", industry.to_owned()),
                ("city", city.to_owned()),
                ("country", "Germany".to_owned()),
                ("tier", tier.to_owned()),
                ("employees", employees.to_string()),
                ("visit_every_days", every.to_owned()),
                ("next_step", next),
            ],
        )?;
        self.accounts.push((account, industry));
        Ok(account)
    }

    fn contact(&mut self, account: RecordId) -> anyhow::Result<RecordId> {
        let (first, last) = (self.pick(&FIRST), self.pick(&NAMES));
        let role = self.pick(&ROLES);
        let phone = format!("+49 40 {}", self.dice.random_range(100_000..999_999));
        let mail = format!("{}@example.com", first.to_lowercase());
        self.create(
            "contact",
            &[
                ("name", format!("{first} {last}")),
                ("account", account.to_string()),
                ("role", role.to_owned()),
                ("phones", phone),
                ("emails", mail),
            ],
        )
    }

    fn lead(&mut self) -> anyhow::Result<RecordId> {
        let (first, last) = (self.pick(&FIRST), self.pick(&NAMES));
        let (trade, _) = *TRADES.choose(&mut self.dice).context("there are trades")?;
        let status = self.pick(&["New", "New", "Working", "Nurturing"]);
        let source = self.pick(&["Fair", "Web", "Referral", "Cold call"]);
        let company = format!("{last} {trade}");
        self.create(
            "lead",
            &[
                ("name", format!("{first} {last}")),
                ("company", company),
                ("status", status.to_owned()),
                ("source", source.to_owned()),
            ],
        )
    }

    /// A deal; `None` if it is closed.
    fn deal(&mut self, account: RecordId) -> anyhow::Result<Option<RecordId>> {
        let stage = self.pick(&STAGES);
        let name = self.pick(&DEALS);
        let thousands: i64 = self.dice.random_range(4..180);
        let closes = self.today.checked_add(self.dice.random_range(-5..120_i64).days())?;
        let opened = self.today.checked_sub(self.dice.random_range(5..150_i64).days())?;
        let mut values = vec![
            ("name", name.to_owned()),
            ("account", account.to_string()),
            ("stage", stage.to_owned()),
            ("amount", format!("{}EUR", thousands * 500)),
            ("close_date", closes.to_string()),
            ("opened_on", opened.to_string()),
        ];
        if self.dice.random_bool(0.7) {
            values.push(("next_step", self.steps()));
        }
        let deal = self.create("opportunity", &values)?;
        Ok((!stage.starts_with("Closed")).then_some(deal))
    }

    fn activity(&mut self, account: RecordId) -> anyhow::Result<()> {
        let kind = self.pick(&["Visit", "Visit", "Call", "Meeting"]);
        let day = self.today.checked_sub(self.dice.random_range(1..160_i64).days())?;
        let hour = self.dice.random_range(8..17);
        let started = format!("{day}T{hour:02}:00:00Z");
        let (outcome, report) = (self.pick(&["Met", "Met", "Call back"]), self.pick(&REPORTS));
        self.app.run(LogActivity {
            kind: kind.to_owned(),
            entity: None,
            record: account.to_string(),
            assignments: assignments(&[
                ("started_at", started),
                ("outcome", outcome.to_owned()),
                ("report", report.to_owned()),
            ]),
            why: None,
        })?;
        self.made += 1;
        Ok(())
    }

    fn task(&mut self, account: RecordId) -> anyhow::Result<()> {
        let offset: i64 = *[-6, -2, 0, 0, 0, 1, 3, 9].choose(&mut self.dice).context("offsets")?;
        let due = self.today.checked_add(offset.days())?;
        let (subject, priority) = (self.pick(&TASKS), self.pick(&["High", "Normal", "Normal"]));
        let task = self.create(
            "task",
            &[
                ("subject", subject.to_owned()),
                ("account", account.to_string()),
                ("due_on", due.to_string()),
                ("priority", priority.to_owned()),
            ],
        )?;
        if offset < 0 && self.dice.random_bool(0.3) {
            self.app.run(CompleteTask { record: task.to_string() })?;
        }
        Ok(())
    }

    fn steps(&mut self) -> String {
        self.pick(&STEPS).to_owned()
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from.choose(&mut self.dice).copied().unwrap_or_default()
    }

    fn create(&mut self, entity: &str, values: &[(&str, String)]) -> anyhow::Result<RecordId> {
        let made = self.app.run(CreateRecord {
            entity: entity.to_owned(),
            assignments: assignments(values),
            why: None,
        });
        let made = made.with_context(|| format!("a {entity} of the demo: {values:?}"))?;
        self.made += 1;
        Ok(made.link.record)
    }
}

fn assignments(values: &[(&str, String)]) -> Vec<Assignment> {
    values.iter().map(|(field, value)| Assignment::set(*field, value)).collect()
}

/// Fills Ben's book up with deals, one account for fifty of them, for measuring with.
pub(super) fn fill(people: &People, deals: u32) -> anyhow::Result<()> {
    let app = people.open(&people.ben, SEED + 4)?;
    let dice = StdRng::seed_from_u64(SEED + 4);
    let today = Zoned::now().date();
    let mut maker = Maker { app: &app, dice, today, made: 0, accounts: Vec::new() };
    let mut account = maker.account()?;
    for deal in 0..deals {
        if deal % 50 == 49 {
            account = maker.account()?;
        }
        maker.deal(account)?;
    }
    people.sync(&app)
}

/// Both change the same two deals without having heard of each other.
fn disagree(
    people: &People,
    ben: &App,
    ana: &App,
    deals: &[RecordId],
    today: Date,
) -> anyhow::Result<()> {
    people.sync(ana)?;
    let [first, second, ..] = deals else { anyhow::bail!("Ben has two open deals") };
    let set = |app: &App, record: &RecordId, field: &str, value: String, why: &str| {
        app.run(SetFields {
            entity: None,
            record: record.to_string(),
            assignments: assignments(&[(field, value)]),
            why: Some(why.to_owned()),
        })
        .map(|_| ())
    };
    set(ben, first, "amount", "46500EUR".to_owned(), "the buyer added a second site")?;
    set(ana, first, "amount", "39900EUR".to_owned(), "they asked for the small package")?;
    let (soon, late) = (today.checked_add(20.days())?, today.checked_add(75.days())?);
    set(ben, second, "close_date", soon.to_string(), "they want it before the year ends")?;
    set(ana, second, "close_date", late.to_string(), "their board meets after the holidays")?;
    people.sync(ben)?;
    people.sync(ana)?;
    people.sync(ben)
}

/// Ben's device asks for what he may not do.
fn deny(people: &People, deal: &RecordId) -> anyhow::Result<()> {
    let device: &Device = &people.ben;
    let users = device.ask(&["list", "users", "name=Ana Silva"])?;
    let ana: RecordId = text(&users, "/records/0/record")?.parse()?;
    unchecked::edit(&device.folder, PASSPHRASE, *deal, "owner", Value::Reference(ana))?;
    let synced = device.run(&["sync"])?;
    anyhow::ensure!(synced.code == 5, "the server refuses it, and sync says so: {synced:?}");
    Ok(())
}
