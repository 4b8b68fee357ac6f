//! What a deal looks like on a day: the features that scores are made of.

use std::collections::HashMap;

use jiff::civil::Date;
use roadbook_domain::RecordId;
use roadbook_planning::score::dataset::{Cell, Column, Dataset, Kind, Schema};
use roadbook_planning::score::explain::Phrase;

use super::book::{Book, Deal, Entry, Standing, Touch};
use super::dates;
use crate::errors::ApiResult;
use crate::planning::views;

/// Days that count as lately.
const LATELY: i32 = 90;

/// What a feature is called, and how it is put in words.
pub(super) struct Feature {
    pub(super) name: &'static str,
    pub(super) known: &'static str,
    pub(super) missing: &'static str,
}

const fn feature(name: &'static str, known: &'static str, missing: &'static str) -> Feature {
    Feature { name, known, missing }
}

const CATEGORIES: [Feature; 8] = [
    feature("product", "product {value}", "no product"),
    feature("family", "product family {value}", "no product family"),
    feature("owner", "with {value}", "nobody's"),
    feature("territory", "territory {value}", "no territory"),
    feature("industry", "industry {value}", "industry not known"),
    feature("country", "country {value}", "country not known"),
    feature("tier", "tier {value}", "no tier"),
    feature("account", "account {value}", "no account"),
];

pub(super) const NUMBERS: [Feature; 11] = [
    feature("age_days", "open for {value} days", "day of opening not known"),
    feature("list_price", "list price {value}", "no list price"),
    feature("employees", "{value} employees", "number of employees not known"),
    feature("revenue", "yearly revenue {value}", "revenue not known"),
    feature("won_before", "{value} deals won with the account before", "no account"),
    feature("lost_before", "{value} deals lost with the account before", "no account"),
    feature("visits", "{value} visits in 90 days", "no visit in 90 days"),
    feature("calls", "{value} calls in 90 days", "no call in 90 days"),
    feature("mails", "{value} e-mails in 90 days", "no e-mail in 90 days"),
    feature("meetings", "{value} meetings in 90 days", "no meeting in 90 days"),
    feature("quiet_days", "no contact for {value} days", "no contact yet"),
];

/// What a deal looks like on a day.
pub(super) struct Look<'a> {
    pub(super) book: &'a Book,
    accounts: HashMap<RecordId, &'a Entry>,
    products: HashMap<RecordId, &'a Entry>,
    touches: HashMap<RecordId, Vec<&'a Touch>>,
    /// Decided deals of each account: the day, and whether it was won.
    decided: HashMap<RecordId, Vec<(Date, bool)>>,
    /// The greatest age at which a deal was decided: nothing was learned about older ones.
    oldest: f64,
}

impl<'a> Look<'a> {
    pub(super) fn new(book: &'a Book) -> Self {
        let mut touches: HashMap<RecordId, Vec<&Touch>> = HashMap::new();
        for touch in &book.touches {
            for id in [touch.account, touch.about].into_iter().flatten() {
                touches.entry(id).or_default().push(touch);
            }
        }
        let mut decided: HashMap<RecordId, Vec<(Date, bool)>> = HashMap::new();
        for deal in &book.deals {
            if let (Some(account), Some(day)) = (deal.account, deal.decided()) {
                let won = deal.standing == Standing::Won;
                decided.entry(account).or_default().push((day, won));
            }
        }
        let ages = book.deals.iter().filter_map(|deal| Some(deal.age(deal.decided()?)));
        Self {
            book,
            oldest: f64::from(ages.max().unwrap_or(i32::MAX)),
            accounts: book.accounts.iter().map(|entry| (entry.id, entry)).collect(),
            products: book.products.iter().map(|entry| (entry.id, entry)).collect(),
            touches,
            decided,
        }
    }

    fn category(&self, deal: &Deal, name: &str) -> Option<String> {
        let account = || deal.account.and_then(|id| self.accounts.get(&id));
        let product = || deal.product.and_then(|id| self.products.get(&id));
        let text = match name {
            "product" => self.book.name(deal.product),
            "family" => product()?.text("family")?.to_owned(),
            "owner" => self.book.name(deal.owner),
            "territory" => self.book.name(deal.territory.or_else(|| self.book.home(deal.owner?))),
            "industry" => account()?.text("industry")?.to_owned(),
            "country" => account()?.text("country")?.to_owned(),
            "tier" => account()?.text("tier")?.to_owned(),
            _ => self.book.name(deal.account),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// A number on a day, NaN where it is not known.
    pub(super) fn number(&self, deal: &Deal, name: &str, day: Date) -> f64 {
        let account = || deal.account.and_then(|id| self.accounts.get(&id));
        let count = |found: Option<i64>| found.map_or(f64::NAN, |count| count as f64);
        match name {
            "age_days" => {
                deal.opened.map_or(f64::NAN, |_| f64::from(deal.age(day)).min(self.oldest))
            }
            "list_price" => {
                let product = deal.product.and_then(|id| self.products.get(&id));
                let price = product.and_then(|p| p.money("list_price", self.book.currency));
                price.unwrap_or(f64::NAN)
            }
            "employees" => count(account().and_then(|entry| entry.integer("employees"))),
            "revenue" => {
                let revenue = account().and_then(|e| e.money("revenue", self.book.currency));
                revenue.unwrap_or(f64::NAN)
            }
            "won_before" | "lost_before" => deal.account.map_or(f64::NAN, |account| {
                let wanted = name == "won_before";
                let since = deal.opened.unwrap_or(day);
                let found = self.decided.get(&account).into_iter().flatten();
                found.filter(|(decided, won)| *decided < since && *won == wanted).count() as f64
            }),
            "quiet_days" => self
                .contacts(deal)
                .filter(|touch| touch.day < day)
                .map(|touch| f64::from(dates::between(touch.day, day)).min(self.oldest))
                .fold(f64::NAN, f64::min),
            _ => {
                let kind = match name {
                    "visits" => "Visit",
                    "calls" => "Call",
                    "mails" => "E-mail",
                    _ => "Meeting",
                };
                let lately = self.contacts(deal).filter(|touch| {
                    touch.kind == kind
                        && touch.day < day
                        && dates::between(touch.day, day) <= LATELY
                });
                match lately.count() {
                    0 => f64::NAN,
                    count => count as f64,
                }
            }
        }
    }

    /// Contacts about a deal and with its account; each once.
    fn contacts(&self, deal: &Deal) -> impl Iterator<Item = &&'a Touch> {
        let of =
            |id: Option<RecordId>| id.and_then(|id| self.touches.get(&id)).into_iter().flatten();
        let account = deal.account;
        let own = of(Some(deal.id)).filter(move |touch| touch.account != account);
        own.chain(of(account))
    }

    /// Decided or open deals as columns, each on its day.
    pub(super) fn dataset(&self, deals: &[(&Deal, Date)]) -> ApiResult<Dataset> {
        let mut columns = Vec::new();
        for feature in &CATEGORIES {
            let texts: Vec<Option<String>> =
                deals.iter().map(|(deal, _)| self.category(deal, feature.name)).collect();
            let values: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            columns.push(Column::categorical(feature.name, &values));
        }
        for feature in &NUMBERS {
            let values =
                deals.iter().map(|(deal, day)| self.number(deal, feature.name, *day)).collect();
            columns.push(Column::numeric(feature.name, values));
        }
        Dataset::new(columns).map_err(|error| views::of_score(&error))
    }

    /// One deal as the cells of a model.
    pub(super) fn cells(&self, schema: &Schema, deal: &Deal, day: Date) -> Vec<Cell> {
        let cell = |feature: &roadbook_planning::score::dataset::Feature| match feature.kind {
            Kind::Numeric => match self.number(deal, &feature.name, day) {
                number if number.is_nan() => Cell::Missing,
                number => Cell::Number(number),
            },
            Kind::Categorical { .. } => {
                self.category(deal, &feature.name).map_or(Cell::Missing, Cell::Category)
            }
        };
        schema.features.iter().map(cell).collect()
    }
}

pub(super) fn phrases() -> Vec<Phrase> {
    let phrase = |feature: &Feature| Phrase {
        feature: feature.name.to_owned(),
        known: feature.known.to_owned(),
        missing: feature.missing.to_owned(),
    };
    CATEGORIES.iter().chain(&NUMBERS).map(phrase).collect()
}
