//! The pipeline forecast of a quarter, as of any day: win rates of what was decided by then, and a
//! simulation over what was open then.
//!
//! On a day that is past a deal counts with the stage that it had then. The close date and the
//! category that it had then are not kept: the seller's date is left out, and the category is not
//! read here. Amounts are those of today.

use jiff::civil::Date;
use roadbook_api::views::planning::{BarView, DealPartView, OutlookView};
use roadbook_domain::Entity;
use roadbook_planning::pipeline::simulate;
use roadbook_planning::pipeline::{NewBusiness, OpenDeal, Outlook, Quarter as Left, WinRates};

use super::book::{Book, Deal, Standing};
use super::dates::{self, Quarter};

/// Runs of the simulation that is shown, and of those that only judge.
pub(super) const RUNS: usize = 4_000;
pub(super) const JUDGING_RUNS: usize = 300;
/// Quarters before that tell how much new business comes.
const QUARTERS_BEFORE: i32 = 4;
/// Durations are thinned to so many.
const DURATIONS: usize = 40;
/// The seller's date counts as much as so many durations.
const DATE_WEIGHT: usize = 40;
/// Deals that are shown.
const SHOWN: usize = 20;

/// The pipeline forecast as of a day.
pub(super) struct AsOf<'a> {
    book: &'a Book,
    deals: &'a [&'a Deal],
    day: Date,
    quarter: Quarter,
    /// Whether `day` is in the past: then nothing is known that came later.
    looking_back: bool,
    pub(super) rates: WinRates,
}

/// A simulated quarter with what it is made of.
pub(super) struct Simulated<'a> {
    pub(super) open: Vec<&'a Deal>,
    pub(super) outlook: Outlook,
    pub(super) won: f64,
    pub(super) new_business: f64,
    probabilities: Vec<f64>,
}

impl<'a> AsOf<'a> {
    pub(super) fn new(book: &'a Book, deals: &'a [&'a Deal], day: Date, quarter: Quarter) -> Self {
        let looking_back = day < book.today;
        Self { book, deals, day, quarter, looking_back, rates: book.rates(day) }
    }

    /// Whether a deal was open on the day.
    fn is_open(&self, deal: &Deal) -> bool {
        if self.looking_back { was_open(deal, self.day) } else { deal.standing == Standing::Open }
    }

    /// Won in the quarter up to the day.
    pub(super) fn won(&self) -> f64 {
        let in_time = |deal: &&&Deal| {
            let decided = deal.decided();
            deal.standing == Standing::Won
                && decided.is_some_and(|day| {
                    self.quarter.holds(day) && (!self.looking_back || day <= self.day)
                })
        };
        self.deals.iter().filter(in_time).map(|deal| self.book.worth(deal)).sum()
    }

    /// The probability of an open deal to be won some day.
    pub(super) fn probability(&self, deal: &Deal) -> f64 {
        let stage =
            if self.looking_back { deal.stage_on(self.book.stages, self.day) } else { deal.stage };
        self.rates.probability(stage, f64::from(deal.age(self.day)))
    }

    /// Wins in what is left of the quarter of deals that were not there on the day: how many on
    /// average, and what they were worth.
    fn new_business(&self) -> (f64, Vec<f64>) {
        let passed = dates::between(self.quarter.first, self.day);
        let (mut amounts, mut quarters) = (Vec::new(), 0.0);
        let first = self.deals.iter().filter_map(|deal| deal.opened).min();
        for back in 1..=QUARTERS_BEFORE {
            let before = self.quarter.away(-back);
            if first.is_none_or(|first| first > before.first) {
                break;
            }
            quarters += 1.0;
            let from = dates::of_number(dates::number(before.first) + passed);
            let came = |deal: &&&Deal| {
                deal.standing == Standing::Won
                    && deal.opened.is_some_and(|day| day > from && day <= before.last)
                    && deal.close.is_some_and(|day| before.holds(day))
            };
            amounts.extend(self.deals.iter().filter(came).map(|deal| self.book.worth(deal)));
        }
        if quarters > 0.0 { (amounts.len() as f64 / quarters, amounts) } else { (0.0, amounts) }
    }

    /// Simulates the quarter.
    pub(super) fn simulate(&self, quota: Option<f64>, runs: usize) -> Simulated<'a> {
        let open: Vec<&Deal> =
            self.deals.iter().copied().filter(|deal| self.is_open(deal)).collect();
        let probabilities: Vec<f64> = open.iter().map(|deal| self.probability(deal)).collect();
        let chances: Vec<OpenDeal> = open
            .iter()
            .zip(&probabilities)
            .map(|(deal, probability)| OpenDeal {
                amount: self.book.worth(deal),
                probability: *probability,
                days_left: self.days_left(deal),
                days_to_close: None,
            })
            .collect();
        let (wins, amounts) = self.new_business();
        let won = self.won();
        let mean = amounts.iter().sum::<f64>() / amounts.len().max(1) as f64;
        let outlook = simulate(
            &chances,
            &Left {
                days_left: f64::from(dates::between(self.day, self.quarter.last).max(0)),
                won,
                quota,
                new_business: NewBusiness { wins, amounts: &amounts },
                runs,
                seed: 1,
            },
        );
        Simulated { open, outlook, won, new_business: wins * mean, probabilities }
    }

    /// Days that a deal may still take: those of earlier deals, and the seller's own date, which
    /// counts as much as they do. On a day that is past the seller's date is not known.
    fn days_left(&self, deal: &Deal) -> Vec<f64> {
        let mut days = self.rates.days_left(f64::from(deal.age(self.day))).unwrap_or_default();
        let step = days.len().div_ceil(DURATIONS).max(1);
        days = days.into_iter().skip(step / 2).step_by(step).collect();
        let date = deal.close.filter(|_| !self.looking_back && deal.standing == Standing::Open);
        let told = date.map(|date| dates::between(self.day, date)).filter(|days| *days >= 0);
        if let Some(told) = told {
            days.extend(std::iter::repeat_n(f64::from(told), DATE_WEIGHT));
        }
        days
    }

    /// The view of a simulated quarter; the deals that matter most come first.
    pub(super) fn view(&self, simulated: &Simulated<'_>) -> OutlookView {
        let Outlook { mean, median, interval80, interval95, bars, reach, within } =
            &simulated.outlook;
        let parts = simulated.open.iter().zip(&simulated.probabilities).zip(within);
        let mut deals: Vec<DealPartView> = parts
            .map(|((deal, probability), within)| {
                let amount = self.book.worth(deal);
                DealPartView {
                    link: self.book.link(deal.id, Entity::Opportunity),
                    stage: self.book.stages[deal.stage].name.to_owned(),
                    amount,
                    age_days: i64::from(deal.age(self.day)),
                    probability: *probability,
                    within: *within,
                    expected: amount * within,
                }
            })
            .collect();
        deals.sort_by(|a, b| b.expected.total_cmp(&a.expected));
        deals.truncate(SHOWN);
        let due = |deal: &&&Deal| deal.close.is_some_and(|day| self.quarter.holds(day));
        let weighted = simulated.open.iter().filter(due);
        let weighted: f64 = weighted.map(|deal| self.book.worth(deal) * deal.written).sum();
        OutlookView {
            won: simulated.won,
            weighted: simulated.won + weighted,
            mean: *mean,
            median: *median,
            lo80: interval80.0,
            hi80: interval80.1,
            lo95: interval95.0,
            hi95: interval95.1,
            new_business: simulated.new_business,
            reach: *reach,
            bars: bars
                .iter()
                .map(|bar| BarView { lower: bar.lower, upper: bar.upper, share: bar.share })
                .collect(),
            deals,
        }
    }
}

/// Whether a deal was open on a day that is past, as the records of today tell.
pub(super) fn was_open(deal: &Deal, day: Date) -> bool {
    let there = deal.opened.is_some_and(|opened| opened <= day);
    there
        && deal.decided().is_none_or(|decided| decided > day)
        && (deal.standing == Standing::Open || deal.close.is_some())
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use jiff::civil::date;

    use super::super::book::EARLY;
    use super::super::tests::staffed;
    use super::*;

    /// The probability of a deal and what is expected of the quarter, as of a day that is past.
    fn then(book: &Book, deal: &Deal, day: Date) -> (f64, f64) {
        let deals = [deal];
        let as_of = AsOf::new(book, &deals, day, Quarter::of(day));
        (as_of.probability(deal), as_of.simulate(None, JUDGING_RUNS).outlook.mean)
    }

    #[test]
    fn on_a_day_that_is_past_a_deal_has_the_stage_of_that_day_and_not_of_today() {
        let book = staffed();
        let day = date(2023, 5, 1);
        let away = |days: i64| day.checked_add(days.days()).unwrap();
        let stage = |name: &str| book.stages.iter().position(|state| state.name == name).unwrap();
        let (first, proposal) = (stage("Prospecting"), stage("Proposal"));
        let (late, lost) = (stage("Negotiation"), stage("Closed lost"));
        let open = book.deals.iter().find(|deal| deal.standing == Standing::Open).unwrap();
        let deal = |stage: usize, stages: &[(usize, i64)]| Deal {
            stage,
            opened: Some(away(-30)),
            stages: stages.iter().map(|(stage, days)| (*stage, away(*days))).collect(),
            ..open.clone()
        };
        let rate = |stage: usize| book.rates(day).probability(stage, 30.0);
        assert!((rate(first) - rate(late)).abs() > 0.05, "stages differ");
        for (known, wanted) in [
            (vec![(first, -30), (proposal, -10), (late, 5)], proposal),
            (vec![(first, -30), (proposal, 0), (late, 1)], proposal),
            (vec![(late, 5)], EARLY),
            (vec![], EARLY),
            // It was given up and taken up again: it counts as open, with the stage from before.
            (vec![(proposal, -20), (lost, -10), (late, 5)], proposal),
        ] {
            let (probability, mean) = then(&book, &deal(late, &known), day);
            assert!((probability - rate(wanted)).abs() < 1e-12, "{known:?}");
            // Where it came to later changes nothing.
            let other = then(&book, &deal(first, &known), day);
            assert!((probability - other.0).abs() < 1e-12 && (mean - other.1).abs() < 1e-9);
        }
        // Today is today.
        let now = deal(late, &[(first, -30)]);
        let deals = [&now];
        let as_of = AsOf::new(&book, &deals, book.today, Quarter::of(book.today));
        let age = f64::from(now.age(book.today));
        assert!((as_of.probability(&now) - as_of.rates.probability(late, age)).abs() < 1e-12);
    }
}
