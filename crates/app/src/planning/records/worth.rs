//! What a lead is expected to be worth with a rep.
//!
//! The chance that it is qualified is its score, times how much more or less often leads of its
//! source were qualified with that rep than with all. What it brings once it is qualified is the
//! rep's win rate times the rep's usual amount, in the territory of the lead where it has one.
//!
//! Every rate is drawn towards the next wider one (a rep's in a territory to the rep's, that to the
//! one of all) as if it had had [`PRIOR`] cases of that more (the beta-binomial posterior mean;
//! Gelman et al., *Bayesian Data Analysis*, 3rd edition, section 2.4).

use std::collections::HashMap;

use roadbook_domain::RecordId;

use super::book::{Book, Deal, Standing};
use super::lead::{Lead, Verdict};
use super::look::Leads;

/// Cases of the next wider rate that every rate is given.
const PRIOR: f64 = 20.0;
/// Win rate and amount of a deal where none was won yet.
const NOTHING_WON: Usual = Usual { rate: 0.5, amount: 1_000.0 };

/// Decided deals.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    won: f64,
    decided: f64,
    /// What the won ones brought, in major units.
    sum: f64,
}

impl Tally {
    fn add(&mut self, book: &Book, deal: &Deal) {
        self.decided += 1.0;
        if deal.standing == Standing::Won {
            self.won += 1.0;
            self.sum += book.worth(deal);
        }
    }
}

/// A win rate, and what a won deal brings in major units.
#[derive(Debug, Clone, Copy)]
struct Usual {
    rate: f64,
    amount: f64,
}

impl Usual {
    /// What is usual for a part of the deals for which this is usual on the whole.
    fn of_part(self, part: Option<&Tally>) -> Self {
        let Tally { won, decided, sum } = part.copied().unwrap_or_default();
        Self {
            rate: (won + PRIOR * self.rate) / (decided + PRIOR),
            amount: (sum + PRIOR * self.amount) / (won + PRIOR),
        }
    }
}

/// How deals went, by rep and by territory.
pub(super) struct Deals {
    all: Usual,
    reps: HashMap<RecordId, Tally>,
    /// By rep and territory.
    there: HashMap<(RecordId, RecordId), Tally>,
}

impl Deals {
    pub(super) fn of(book: &Book) -> Self {
        let homes: HashMap<RecordId, RecordId> = book
            .users
            .iter()
            .filter_map(|user| Some((user.id, user.reference("territory")?)))
            .collect();
        let mut all = Tally::default();
        let mut reps: HashMap<RecordId, Tally> = HashMap::new();
        let mut there: HashMap<(RecordId, RecordId), Tally> = HashMap::new();
        for deal in book.deals.iter().filter(|deal| deal.standing != Standing::Open) {
            all.add(book, deal);
            let Some(rep) = deal.owner else { continue };
            reps.entry(rep).or_default().add(book, deal);
            if let Some(territory) = deal.territory.or_else(|| homes.get(&rep).copied()) {
                there.entry((rep, territory)).or_default().add(book, deal);
            }
        }
        let Tally { won, decided, sum } = all;
        let all =
            if won > 0.0 { Usual { rate: won / decided, amount: sum / won } } else { NOTHING_WON };
        Self { all, reps, there }
    }

    /// What a qualified lead is expected to bring, in major units: on average where nobody has it.
    pub(super) fn worth(&self, rep: Option<RecordId>, territory: Option<RecordId>) -> f64 {
        let mut usual = self.all.of_part(rep.and_then(|rep| self.reps.get(&rep)));
        if let (Some(rep), Some(territory)) = (rep, territory) {
            usual = usual.of_part(self.there.get(&(rep, territory)));
        }
        usual.rate * usual.amount
    }
}

/// How leads went, by source and rep: how many were qualified, and how many decided.
pub(super) struct Sources<'a>(HashMap<(Option<&'a str>, RecordId), (f64, f64)>);

impl<'a> Sources<'a> {
    pub(super) fn of(leads: &Leads<'a>) -> Self {
        let mut found: HashMap<(Option<&'a str>, RecordId), (f64, f64)> = HashMap::new();
        for lead in &leads.all {
            let Some((_, verdict)) = lead.decided else { continue };
            let Some(owner) = lead.entry.reference("owner") else { continue };
            let (qualified, decided) = found.entry((lead.source(), owner)).or_default();
            *decided += 1.0;
            if verdict == Verdict::Qualified {
                *qualified += 1.0;
            }
        }
        Self(found)
    }

    /// How much more often leads of a lead's source were qualified with a rep than with all; 1
    /// where the rep had none.
    pub(super) fn factor(&self, leads: &Leads<'a>, lead: &Lead<'a>, rep: RecordId) -> f64 {
        let usual = leads.share(lead);
        let (qualified, decided) = self.0.get(&(lead.source(), rep)).copied().unwrap_or_default();
        (qualified + PRIOR * usual) / (decided + PRIOR) / usual
    }
}
