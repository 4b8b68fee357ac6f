//! What a lead looks like on a day, and how leads of its source did before.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use roadbook_domain::RecordId;

use super::{
    AGE, CALLS, Feature, LATELY, Look, MAILS, MEETINGS, OWNER, QUIET, TERRITORY, Touches, VISITS,
    feature, lately, quiet_days,
};
use crate::planning::records::book::Book;
use crate::planning::records::dates;
use crate::planning::records::lead::{Lead, Verdict};
use crate::planning::records::worth;

/// Leads of the usual share that a source is given before its own count.
const PRIOR: f64 = 20.0;

/// The days on which leads of a source were decided, rising.
#[derive(Debug, Default)]
struct Decisions {
    qualified: Vec<Date>,
    unqualified: Vec<Date>,
}

impl Decisions {
    /// Qualified ones, and all.
    fn counts(&self) -> (f64, f64) {
        let qualified = self.qualified.len() as f64;
        (qualified, qualified + self.unqualified.len() as f64)
    }
}

/// All leads, and what is known of each.
pub(in crate::planning::records) struct Leads<'a> {
    pub(in crate::planning::records) book: &'a Book,
    pub(in crate::planning::records) all: Vec<Lead<'a>>,
    touches: Touches<'a>,
    /// Decisions by source; leads without a source are one, too.
    sources: HashMap<Option<&'a str>, Decisions>,
    /// The share of decided leads that were qualified, whatever their source.
    pub(in crate::planning::records) usual: f64,
    /// What a lead of each owner is expected to be worth.
    worth: HashMap<Option<RecordId>, f64>,
    /// The greatest age at which a lead was decided: nothing was learned about older ones.
    oldest: f64,
}

impl<'a> Leads<'a> {
    pub(in crate::planning::records) fn new(book: &'a Book) -> Self {
        let all: Vec<Lead<'_>> =
            book.leads.iter().filter_map(|entry| Lead::of(entry, book.asked)).collect();
        let mut sources: HashMap<Option<&str>, Decisions> = HashMap::new();
        for lead in &all {
            let Some((day, verdict)) = lead.decided else { continue };
            let decisions = sources.entry(lead.source()).or_default();
            match verdict {
                Verdict::Qualified => decisions.qualified.push(day),
                Verdict::Unqualified => decisions.unqualified.push(day),
            }
        }
        for decisions in sources.values_mut() {
            decisions.qualified.sort_unstable();
            decisions.unqualified.sort_unstable();
        }
        let owners: BTreeSet<Option<RecordId>> =
            all.iter().map(|lead| lead.entry.reference("owner")).collect();
        let deals = worth::Deals::of(book);
        let ages = all.iter().filter_map(|lead| Some(lead.age(lead.decided?.0)));
        Self {
            book,
            oldest: f64::from(ages.max().unwrap_or(i32::MAX)),
            touches: Touches::of(book),
            usual: usual(&sources),
            sources,
            worth: owners.into_iter().map(|owner| (owner, deals.worth(owner, None))).collect(),
            all,
        }
    }

    /// The share of decided leads of a lead's source that were qualified, drawn to the usual one
    /// as if the source had had [`PRIOR`] leads of the usual share more (the beta-binomial
    /// posterior mean; Gelman et al., *Bayesian Data Analysis*, 3rd edition, section 2.4).
    pub(in crate::planning::records) fn share(&self, lead: &Lead<'_>) -> f64 {
        let found = self.sources.get(&lead.source());
        let (qualified, decided) = found.map_or((0.0, 0.0), Decisions::counts);
        (qualified + PRIOR * self.usual) / (decided + PRIOR)
    }
}

/// The share of decided leads that were qualified, as if one lead more had been qualified and one
/// not, so that few leads make no certainty (the rule of succession).
fn usual(sources: &HashMap<Option<&str>, Decisions>) -> f64 {
    let counts = sources.values().map(Decisions::counts);
    let (qualified, decided) = counts.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (qualified + 1.0) / (decided + 2.0)
}

/// How many of these days, which rise, lie in the 90 before a day. All that came before would be
/// ever more, so that every open lead would look unlike those that were learned from.
fn lately_before(days: &[Date], day: Date) -> f64 {
    let end = days.partition_point(|one| *one < day);
    let start = days.partition_point(|one| dates::between(*one, day) > LATELY);
    end.saturating_sub(start) as f64
}

impl<'a> Look for Leads<'a> {
    type Subject = Lead<'a>;

    const CATEGORIES: &'static [Feature] = &[
        feature("source", "source {value}", "source not known"),
        OWNER,
        TERRITORY,
        feature("company", "company known", "company not known"),
        feature("description", "with a description", "no description"),
    ];

    const NUMBERS: &'static [Feature] = &[
        AGE,
        feature("emails", "e-mail addresses: {value}", "no e-mail address"),
        feature("phones", "phone numbers: {value}", "no phone number"),
        feature(
            "qualified_before",
            "{value} leads of its source qualified in the 90 days before it came",
            "not known",
        ),
        feature(
            "unqualified_before",
            "{value} leads of its source turned down in the 90 days before it came",
            "not known",
        ),
        VISITS,
        CALLS,
        MAILS,
        MEETINGS,
        QUIET,
    ];

    fn category(&self, lead: &Lead<'a>, name: &str) -> Option<String> {
        let owner = lead.entry.reference("owner");
        let text = match name {
            "source" => lead.source()?.to_owned(),
            "owner" => self.book.name(owner),
            "territory" => {
                let own = lead.entry.reference("territory");
                self.book.name(own.or_else(|| self.book.home(owner?)))
            }
            // Whether there is one counts, not what it is.
            known => lead.entry.text(known).map(|_| "yes".to_owned())?,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    fn number(&self, lead: &Lead<'a>, name: &str, day: Date) -> f64 {
        let before = |days: &[Date]| lately_before(days, lead.opened);
        let decisions = self.sources.get(&lead.source());
        let contacts = || self.touches.with(Some(lead.entry.id));
        match name {
            "age_days" => f64::from(lead.age(day)).min(self.oldest),
            "emails" | "phones" => match lead.entry.members(name).len() {
                0 => f64::NAN,
                count => count as f64,
            },
            "qualified_before" => decisions.map_or(0.0, |found| before(&found.qualified)),
            "unqualified_before" => decisions.map_or(0.0, |found| before(&found.unqualified)),
            "quiet_days" => quiet_days(contacts(), day, self.oldest),
            _ => lately(contacts(), name, day),
        }
    }

    fn worth(&self, lead: &Lead<'a>) -> f64 {
        let owner = lead.entry.reference("owner");
        self.worth.get(&owner).copied().unwrap_or_default()
    }
}
