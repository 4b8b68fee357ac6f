//! The book: the records that planning reads, as plain values in one currency.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use roadbook_api::views::RecordLink;
use roadbook_api::views::planning::AsOfView;
use roadbook_domain::schema::{ForecastCategory, StateDef, StateMachine};
use roadbook_domain::value::LogEntry;
use roadbook_domain::{Currency, Entity, Money, RecordId, Value, ValueType};
use roadbook_planning::pipeline::{Past, WinRates};
use roadbook_replica::{Replica, Row, Trash};

use super::dates;
use crate::App;
use crate::errors::{self, ApiResult};
use crate::lookup;

/// The stage that a deal is taken to have had on a day for which no stage is known. It is never
/// today's: what came later is not known on that day.
pub(super) const EARLY: usize = 1;

/// Where a deal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    Won,
    Lost,
}

/// An opportunity.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    pub(super) id: RecordId,
    /// Place among [`Book::stages`].
    pub(super) stage: usize,
    pub(super) standing: Standing,
    /// The forecast category by its name.
    pub(super) category: String,
    pub(super) amount: Option<f64>,
    /// The written probability, 0 to 1.
    pub(super) written: f64,
    pub(super) opened: Option<Date>,
    pub(super) close: Option<Date>,
    pub(super) owner: Option<RecordId>,
    pub(super) territory: Option<RecordId>,
    pub(super) account: Option<RecordId>,
    pub(super) product: Option<RecordId>,
    /// Stages that it is known to have come to, with the day.
    pub(super) stages: Vec<(usize, Date)>,
}

impl Deal {
    /// Days since it was opened.
    pub(super) fn age(&self, day: Date) -> i32 {
        self.opened.map_or(0, |opened| dates::between(opened, day).max(0))
    }

    /// The open stage that it had on a day that is past: the last one that it had come to by then;
    /// [`EARLY`] where none is noted.
    pub(super) fn stage_on(&self, stages: &[StateDef], day: Date) -> usize {
        let open = |stage: usize| stages.get(stage).is_some_and(|state| !state.closed);
        let known = self.stages.iter().filter(|(stage, since)| *since <= day && open(*stage));
        known.max_by_key(|(_, since)| *since).map_or(EARLY, |(stage, _)| *stage)
    }

    /// The day on which it was decided.
    pub(super) fn decided(&self) -> Option<Date> {
        if self.standing == Standing::Open { None } else { self.close }
    }

    /// What it teaches about win rates: nothing while it is open, or without its days.
    fn past(&self) -> Option<(Date, Past)> {
        let (opened, decided) = (self.opened?, self.decided()?);
        let age = |day: Date| f64::from(dates::between(opened, day).max(0));
        let stages = self.stages.iter().map(|(stage, day)| (*stage, age(*day))).collect();
        let won = self.standing == Standing::Won;
        Some((decided, Past { stages, closed_age: age(decided), won }))
    }
}

/// A record with the values that planning reads, by field.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) id: RecordId,
    pub(super) name: String,
    row: Row,
}

impl Entry {
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.row.value(field).as_text().filter(|text| !text.is_empty())
    }

    pub(super) fn reference(&self, field: &str) -> Option<RecordId> {
        self.row.value(field).as_reference()
    }

    pub(super) fn integer(&self, field: &str) -> Option<i64> {
        self.row.value(field).as_integer()
    }

    /// The entries of an append-only list, oldest first.
    pub(super) fn log(&self, field: &str) -> &[LogEntry] {
        if let Value::Log(entries) = self.row.value(field) { entries } else { &[] }
    }

    /// When it was last changed.
    pub(super) fn updated_ms(&self) -> i64 {
        self.row.updated.millis()
    }

    pub(super) fn members(&self, field: &str) -> &[String] {
        self.row.value(field).members()
    }

    pub(super) fn money(&self, field: &str, currency: Currency) -> Option<f64> {
        let money = self.row.value(field).as_money();
        money.filter(|money| money.currency == currency).map(major)
    }

    pub(super) fn is_off(&self, field: &str) -> bool {
        matches!(self.row.value(field), Value::Boolean(false))
    }
}

#[cfg(test)]
impl Entry {
    /// A record as if it had been read.
    pub(super) fn made(entity: Entity, n: u8, values: &[(&'static str, Value)]) -> Self {
        let mut id = [n; 16];
        id[0] = entity as u8;
        let values: BTreeMap<&'static str, Value> = values.iter().cloned().collect();
        let name = values.get("name").and_then(Value::as_text).unwrap_or_default().to_owned();
        let row = Row {
            record: RecordId::from_bytes(id),
            entity,
            alive: true,
            updated: roadbook_domain::Hlc(0),
            values,
            disputed: Vec::new(),
            sync: roadbook_replica::SyncMark::Confirmed,
        };
        Self { id: row.record, name, row }
    }
}

#[cfg(test)]
impl Book {
    /// Takes in users as if they had been read.
    pub(super) fn hire(&mut self, users: Vec<Entry>) {
        for user in &users {
            self.names.insert(user.id, (Entity::User, user.name.clone()));
        }
        self.users = users;
    }
}

/// An activity.
#[derive(Debug, Clone)]
pub(super) struct Touch {
    pub(super) account: Option<RecordId>,
    pub(super) about: Option<RecordId>,
    pub(super) kind: String,
    pub(super) day: Date,
}

/// Everything that planning reads.
pub(super) struct Book {
    pub(super) as_of: AsOfView,
    pub(super) today: Date,
    /// The day that was asked for, after which nothing is known.
    pub(super) asked: Option<Date>,
    pub(super) me: RecordId,
    pub(super) currency: Currency,
    pub(super) other_currencies: u64,
    pub(super) stages: &'static [StateDef],
    pub(super) deals: Vec<Deal>,
    pub(super) accounts: Vec<Entry>,
    pub(super) leads: Vec<Entry>,
    pub(super) products: Vec<Entry>,
    pub(super) users: Vec<Entry>,
    pub(super) territories: Vec<Entry>,
    pub(super) teams: Vec<Entry>,
    pub(super) touches: Vec<Touch>,
    prices: HashMap<RecordId, f64>,
    names: HashMap<RecordId, (Entity, String)>,
}

/// Major units of money: 12,000.50 EUR is 12000.5.
pub(super) fn major(money: Money) -> f64 {
    money.minor as f64 / 10_f64.powi(i32::try_from(money.currency.decimals()).unwrap_or(2))
}

impl Book {
    /// Reads the book under one lock.
    pub(super) fn read(app: &App, asked: Option<&str>) -> ApiResult<Self> {
        let now_ms = app.host.wall_ms();
        let today = dates::today(asked, now_ms, app.host.as_ref())?;
        let mut book = app.with(|replica| Self::of(replica, today, now_ms))?;
        if asked.is_some() {
            book.go_back();
        }
        Ok(book)
    }

    /// Forgets what came after a day that was asked for: deals that were not there yet, how deals
    /// were decided later, and which stages they came to later, with the category and the
    /// probability that go with those.
    ///
    /// Stages have a history. Amounts, names and close dates have none, nor have categories and
    /// probabilities that somebody wrote over those of the stage: they are those of now. A deal
    /// that was decided later has no close date, as that is the day of its decision.
    fn go_back(&mut self) {
        let (today, stages) = (self.today, self.stages);
        self.asked = Some(today);
        self.deals.retain(|deal| deal.opened.is_none_or(|opened| opened <= today));
        for deal in &mut self.deals {
            match deal.decided() {
                Some(decided) if decided <= today => continue,
                Some(_) => {
                    deal.standing = Standing::Open;
                    deal.close = None;
                }
                None if deal.standing != Standing::Open => continue,
                None => {}
            }
            let stage = deal.stage_on(stages, today);
            if stage != deal.stage {
                deal.stage = stage;
                let category = stages[stage].category.map_or("Pipeline", ForecastCategory::name);
                deal.category = category.to_owned();
                deal.written = f64::from(stages[stage].probability_percent) / 100.0;
            }
        }
    }

    fn of(replica: &Replica, today: Date, now_ms: i64) -> ApiResult<Self> {
        let me = crate::app::user(replica)?.into();
        let status = replica.status().map_err(|error| errors::of_store(&error))?;
        let mut book = Self {
            as_of: AsOfView {
                at_ms: now_ms,
                today: today.to_string(),
                synced_ms: status.last_sync_ms,
                unsent: status.pending + status.waiting,
                records: 0,
                disputed: 0,
            },
            today,
            asked: None,
            me,
            currency: Currency::EUR,
            other_currencies: 0,
            stages: machine(replica).map_or(&[], |machine| machine.states),
            deals: Vec::new(),
            accounts: Vec::new(),
            leads: Vec::new(),
            products: Vec::new(),
            users: Vec::new(),
            territories: Vec::new(),
            teams: Vec::new(),
            touches: Vec::new(),
            prices: HashMap::new(),
            names: HashMap::new(),
        };
        book.accounts = book.entries(replica, Entity::Account)?;
        book.leads = book.entries(replica, Entity::Lead)?;
        book.products = book.entries(replica, Entity::Product)?;
        book.users = book.entries(replica, Entity::User)?;
        book.territories = book.entries(replica, Entity::Territory)?;
        book.teams = book.entries(replica, Entity::Team)?;
        let opportunities = book.entries(replica, Entity::Opportunity)?;
        let activities = book.entries(replica, Entity::Activity)?;
        book.take_deals(&opportunities);
        let currency = book.currency;
        let price = |entry: &Entry| entry.money("list_price", currency).map(|p| (entry.id, p));
        book.prices = book.products.iter().filter_map(price).collect();
        book.touches = activities.iter().filter_map(touch).collect();
        Ok(book)
    }

    fn entries(&mut self, replica: &Replica, entity: Entity) -> ApiResult<Vec<Entry>> {
        let mut out = Vec::new();
        lookup::each(replica, entity, Trash::Without, &mut |row| {
            self.as_of.disputed += row.disputed.len() as u64;
            let name = lookup::title(replica, &row);
            self.names.insert(row.record, (entity, name.clone()));
            out.push(Entry { id: row.record, name, row });
        })?;
        self.as_of.records += out.len() as u64;
        Ok(out)
    }

    fn take_deals(&mut self, rows: &[Entry]) {
        let mut currencies: BTreeMap<Currency, u64> = BTreeMap::new();
        for money in rows.iter().filter_map(|entry| entry.row.value("amount").as_money()) {
            *currencies.entry(money.currency).or_default() += 1;
        }
        let commonest = currencies.iter().max_by_key(|(_, count)| **count);
        self.currency = commonest.map_or(Currency::EUR, |(currency, _)| *currency);
        for entry in rows {
            let money = entry.row.value("amount").as_money();
            if money.is_some_and(|money| money.currency != self.currency) {
                self.other_currencies += 1;
                continue;
            }
            let named = entry.text("stage").unwrap_or_default();
            let place = |name: &str| {
                self.stages.iter().position(|state| state.name.eq_ignore_ascii_case(name))
            };
            let stage = place(named).unwrap_or(0);
            let Some(state) = self.stages.get(stage) else { continue };
            let standing = match (state.closed, state.probability_percent) {
                (false, _) => Standing::Open,
                (true, 0) => Standing::Lost,
                (true, _) => Standing::Won,
            };
            let day = |field: &str| {
                if let Value::Date(day) = entry.row.value(field) { Some(*day) } else { None }
            };
            let written = if let Value::Percent(points) = entry.row.value("probability") {
                *points as f64 / 1e4
            } else {
                f64::from(state.probability_percent) / 100.0
            };
            let history = entry.log("stage_history").iter().filter_map(|entry| {
                let last = entry.text.rsplit(['→', '>']).next().unwrap_or_default();
                Some((place(last.trim())?, dates::of_ms(entry.at_ms)))
            });
            self.deals.push(Deal {
                id: entry.id,
                stage,
                standing,
                category: entry.text("forecast_category").unwrap_or_default().to_owned(),
                amount: money.map(major),
                written: written.clamp(0.0, 1.0),
                opened: day("opened_on"),
                close: day("close_date"),
                owner: entry.reference("owner"),
                territory: entry.reference("territory"),
                account: entry.reference("account"),
                product: entry.reference("product"),
                stages: history.collect(),
            });
        }
    }

    /// A record, named.
    pub(super) fn link(&self, record: RecordId, entity: Entity) -> RecordLink {
        let title = self.names.get(&record).map(|(_, name)| name.clone()).unwrap_or_default();
        RecordLink { record, entity, title }
    }

    pub(super) fn name(&self, record: Option<RecordId>) -> String {
        let found = record.and_then(|record| self.names.get(&record));
        found.map(|(_, name)| name.clone()).unwrap_or_default()
    }

    /// What a deal is worth: its amount, or the list price of its product.
    pub(super) fn worth(&self, deal: &Deal) -> f64 {
        let price = || deal.product.and_then(|product| self.prices.get(&product)).copied();
        deal.amount.filter(|amount| *amount > 0.0).or_else(price).unwrap_or(0.0)
    }

    /// Win rates by the deals that were decided up to a day.
    pub(super) fn rates(&self, day: Date) -> WinRates {
        let written: Vec<f64> =
            self.stages.iter().map(|s| f64::from(s.probability_percent) / 100.0).collect();
        let past: Vec<Past> = self
            .deals
            .iter()
            .filter_map(Deal::past)
            .filter(|(decided, _)| *decided <= day)
            .map(|(_, past)| past)
            .collect();
        WinRates::learn(&written, &past)
    }

    /// A territory and everything below it.
    pub(super) fn below(&self, territory: RecordId) -> BTreeSet<RecordId> {
        let mut found = BTreeSet::from([territory]);
        loop {
            let before = found.len();
            for entry in &self.territories {
                if entry.reference("parent").is_some_and(|parent| found.contains(&parent)) {
                    found.insert(entry.id);
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }

    /// The territory of a user.
    pub(super) fn home(&self, user: RecordId) -> Option<RecordId> {
        self.users.iter().find(|entry| entry.id == user)?.reference("territory")
    }

    /// Users who sell: active reps, or all active users where nobody has that role.
    pub(super) fn reps(&self) -> Vec<&Entry> {
        let active: Vec<&Entry> = self.users.iter().filter(|user| !user.is_off("active")).collect();
        let sells = |user: &&&Entry| matches!(user.text("role"), Some("Rep" | "Senior rep"));
        let reps: Vec<&Entry> = active.iter().filter(sells).copied().collect();
        if reps.is_empty() { active } else { reps }
    }
}

fn machine(replica: &Replica) -> Option<&'static StateMachine> {
    let field = replica.schema().field(Entity::Opportunity, "stage")?;
    if let ValueType::State(machine) = field.value_type { Some(machine) } else { None }
}

fn touch(entry: &Entry) -> Option<Touch> {
    let at_ms = if let Value::Instant(at_ms) = entry.row.value("started_at") {
        *at_ms
    } else {
        entry.row.updated.millis()
    };
    Some(Touch {
        account: entry.reference("account"),
        about: entry.reference("about"),
        kind: entry.text("kind")?.to_owned(),
        day: dates::of_ms(at_ms),
    })
}
