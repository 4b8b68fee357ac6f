//! What can be scored: what scoring asks of deals and of leads beside what they look like.

use jiff::civil::Date;
use roadbook_api::commands::planning::Scored;
use roadbook_domain::RecordId;

use crate::planning::records::book::{Book, Deal, Standing};
use crate::planning::records::dates;
use crate::planning::records::lead::{Lead, Verdict};
use crate::planning::records::look::{Deals, Leads, Look};

/// Days that something without a close date has left.
const DAYS_LEFT: f64 = 90.0;

/// The chance of something where there is no model, and why it is not the usual one.
pub(super) struct Chance {
    pub(super) usual: f64,
    pub(super) probability: f64,
    /// The feature that makes the difference, and its words.
    pub(super) feature: &'static str,
    pub(super) because: String,
}

/// What is scored, all of a kind.
pub(super) trait Subjects: Look {
    /// Deals or leads.
    const WHAT: Scored;
    /// What their models tell the probability of.
    const OUTCOME: &'static str;
    /// Features by which the card of a model tells how fair it is.
    const SEGMENTS: &'static [&'static str];
    /// What makes a decision, for who has none yet.
    const DECIDE: &'static str;
    /// What it means when many went well: `deals`, `were won`.
    const MANY: (&'static str, &'static str);

    fn book(&self) -> &Book;
    fn all(&self) -> &[Self::Subject];
    fn id(subject: &Self::Subject) -> RecordId;
    fn owner(subject: &Self::Subject) -> Option<RecordId>;
    /// The account of a deal, the company of a lead; empty where there is none.
    fn customer(&self, subject: &Self::Subject) -> String;
    /// The name of its stage or status.
    fn stage(&self, subject: &Self::Subject) -> String;
    /// When it was decided, and whether it went well; `None` where it is open or has no day.
    fn decided(subject: &Self::Subject) -> Option<(Date, bool)>;
    fn is_open(subject: &Self::Subject) -> bool;
    /// Days since it was opened.
    fn age(subject: &Self::Subject, day: Date) -> i32;
    /// Days until it closes or lapses.
    fn days_left(subject: &Self::Subject, today: Date) -> f64;
    /// Its chance by what was decided before, without a model.
    fn chance(&self, subject: &Self::Subject) -> Chance;
}

impl Subjects for Deals<'_> {
    const WHAT: Scored = Scored::Deals;
    const OUTCOME: &'static str = "the deal is won";
    const SEGMENTS: &'static [&'static str] = &["territory", "industry"];
    const DECIDE: &'static str = "close deals as won and lost first, with their dates";
    const MANY: (&'static str, &'static str) = ("deals", "were won");

    fn book(&self) -> &Book {
        self.book
    }

    fn all(&self) -> &[Deal] {
        &self.book.deals
    }

    fn id(deal: &Deal) -> RecordId {
        deal.id
    }

    fn owner(deal: &Deal) -> Option<RecordId> {
        deal.owner
    }

    fn customer(&self, deal: &Deal) -> String {
        self.book.name(deal.account)
    }

    fn stage(&self, deal: &Deal) -> String {
        self.book.stages.get(deal.stage).map_or_else(String::new, |stage| stage.name.to_owned())
    }

    fn decided(deal: &Deal) -> Option<(Date, bool)> {
        Some((deal.decided()?, deal.standing == Standing::Won))
    }

    fn is_open(deal: &Deal) -> bool {
        deal.standing == Standing::Open
    }

    fn age(deal: &Deal, day: Date) -> i32 {
        deal.age(day)
    }

    fn days_left(deal: &Deal, today: Date) -> f64 {
        deal.close.map_or(DAYS_LEFT, |day| f64::from(dates::between(today, day)))
    }

    /// The win rate of its stage and age.
    fn chance(&self, deal: &Deal) -> Chance {
        let age = deal.age(self.book.today);
        Chance {
            usual: self.rates.of_stage(deal.stage),
            probability: self.rates.probability(deal.stage, f64::from(age)),
            feature: "age_days",
            because: format!("open for {age} days"),
        }
    }
}

impl<'a> Subjects for Leads<'a> {
    const WHAT: Scored = Scored::Leads;
    const OUTCOME: &'static str = "the lead is qualified";
    const SEGMENTS: &'static [&'static str] = &["territory", "source"];
    const DECIDE: &'static str = "move leads to Qualified and Unqualified first";
    const MANY: (&'static str, &'static str) = ("leads", "were qualified");

    fn book(&self) -> &Book {
        self.book
    }

    fn all(&self) -> &[Lead<'a>] {
        &self.all
    }

    fn id(lead: &Lead<'a>) -> RecordId {
        lead.entry.id
    }

    fn owner(lead: &Lead<'a>) -> Option<RecordId> {
        lead.entry.reference("owner")
    }

    fn customer(&self, lead: &Lead<'a>) -> String {
        lead.entry.text("company").unwrap_or_default().to_owned()
    }

    fn stage(&self, lead: &Lead<'a>) -> String {
        lead.status.clone()
    }

    fn decided(lead: &Lead<'a>) -> Option<(Date, bool)> {
        lead.decided.map(|(day, verdict)| (day, verdict == Verdict::Qualified))
    }

    fn is_open(lead: &Lead<'a>) -> bool {
        lead.decided.is_none()
    }

    fn age(lead: &Lead<'a>, day: Date) -> i32 {
        lead.age(day)
    }

    /// A lead has no close date.
    fn days_left(_: &Lead<'a>, _: Date) -> f64 {
        DAYS_LEFT
    }

    /// The share of leads of its source that were qualified.
    fn chance(&self, lead: &Lead<'a>) -> Chance {
        let because = lead
            .source()
            .map_or_else(|| "source not known".to_owned(), |source| format!("source {source}"));
        Chance { usual: self.usual, probability: self.share(lead), feature: "source", because }
    }
}
