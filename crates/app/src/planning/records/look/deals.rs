//! What a deal looks like on a day.

use std::collections::HashMap;

use jiff::civil::Date;
use roadbook_domain::RecordId;
use roadbook_planning::pipeline::WinRates;

use super::{
    AGE, CALLS, Feature, Look, MAILS, MEETINGS, OWNER, QUIET, TERRITORY, Touches, VISITS, feature,
    lately, quiet_days,
};
use crate::planning::records::book::{Book, Deal, Entry, Standing, Touch};

/// All deals, and what is known of each.
pub(in crate::planning::records) struct Deals<'a> {
    pub(in crate::planning::records) book: &'a Book,
    /// Win rates by what is decided today.
    pub(in crate::planning::records) rates: WinRates,
    accounts: HashMap<RecordId, &'a Entry>,
    products: HashMap<RecordId, &'a Entry>,
    touches: Touches<'a>,
    /// Decided deals of each account: the day, and whether it was won.
    decided: HashMap<RecordId, Vec<(Date, bool)>>,
    /// The greatest age at which a deal was decided: nothing was learned about older ones.
    oldest: f64,
}

impl<'a> Deals<'a> {
    pub(in crate::planning::records) fn new(book: &'a Book) -> Self {
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
            rates: book.rates(book.today),
            oldest: f64::from(ages.max().unwrap_or(i32::MAX)),
            accounts: book.accounts.iter().map(|entry| (entry.id, entry)).collect(),
            products: book.products.iter().map(|entry| (entry.id, entry)).collect(),
            touches: Touches::of(book),
            decided,
        }
    }

    /// Contacts about a deal and with its account; each once.
    fn contacts(&self, deal: &Deal) -> impl Iterator<Item = &'a Touch> {
        let account = deal.account;
        let own = self.touches.with(Some(deal.id)).filter(move |touch| touch.account != account);
        own.chain(self.touches.with(account))
    }
}

impl Look for Deals<'_> {
    type Subject = Deal;

    const CATEGORIES: &'static [Feature] = &[
        feature("product", "product {value}", "no product"),
        feature("family", "product family {value}", "no product family"),
        OWNER,
        TERRITORY,
        feature("industry", "industry {value}", "industry not known"),
        feature("country", "country {value}", "country not known"),
        feature("tier", "tier {value}", "no tier"),
        feature("account", "account {value}", "no account"),
    ];

    const NUMBERS: &'static [Feature] = &[
        AGE,
        feature("list_price", "list price {value}", "no list price"),
        feature("employees", "{value} employees", "number of employees not known"),
        feature("revenue", "yearly revenue {value}", "revenue not known"),
        feature("won_before", "{value} deals won with the account before", "no account"),
        feature("lost_before", "{value} deals lost with the account before", "no account"),
        VISITS,
        CALLS,
        MAILS,
        MEETINGS,
        QUIET,
    ];

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

    fn number(&self, deal: &Deal, name: &str, day: Date) -> f64 {
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
            "quiet_days" => quiet_days(self.contacts(deal), day, self.oldest),
            _ => lately(self.contacts(deal), name, day),
        }
    }

    fn worth(&self, deal: &Deal) -> f64 {
        self.book.worth(deal)
    }
}
