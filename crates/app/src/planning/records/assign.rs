//! Who should get which lead.
//!
//! A lead is expected to be worth, with a rep, the rep's win rate times the rep's usual amount;
//! both are drawn towards those of all reps, as if everybody had [`PRIOR`] average deals more.

use roadbook_api::commands::planning::AssignLeads;
use roadbook_api::views::RecordLink;
use roadbook_api::views::planning::{AssignedLeadView, AssignmentView, QualityView, RepLoadView};
use roadbook_domain::{Entity, RecordId};
use roadbook_planning::optimise::Quality;
use roadbook_planning::optimise::assign::{
    AssignmentProblem, Fairness, Rationale, Shortfall, Why, assign,
};

use super::book::{Book, Deal, Entry, Standing};
use super::lead::is_open;
use crate::errors::{ApiResult, bad_input};
use crate::planning::views::{Names, of_optimise};
use crate::{App, Run};

/// Average deals that every rep is given.
const PRIOR: f64 = 20.0;
/// Open leads that a rep can have where nobody says.
const CAPACITY: u32 = 50;
/// What staying where it is counts for, in the currency of amounts: the smallest amount that the
/// plan tells apart, so that a lead moves only where somebody makes more of it.
const STAYS: f64 = 0.01;
/// What a lead of another territory is worth of what it would be at home.
const AWAY: f64 = 0.7;

/// The view of a quality.
pub(super) fn quality(quality: Quality) -> QualityView {
    QualityView { objective: quality.objective, bound: quality.bound, gap: quality.gap() }
}

impl Run<AssignLeads> for App {
    fn run(&self, command: AssignLeads) -> ApiResult<AssignmentView> {
        if command.fairness.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err(bad_input("fairness", "is no share", "give a number from 0 to 1"));
        }
        let book = Book::read(self, None)?;
        self.desk.run(|watch| {
            watch.step("solve", 0, 1)?;
            let made = assignment(&book, &command)?;
            watch.step("solve", 1, 1)?;
            Ok(made)
        })
    }
}

/// What a lead is expected to be worth with a rep who is at home with it; on average where nobody
/// has it.
pub(super) fn worth(book: &Book, rep: Option<RecordId>) -> f64 {
    let of = |deals: &mut dyn Iterator<Item = &Deal>| {
        let (mut won, mut all, mut sum) = (0.0, 0.0, 0.0);
        for deal in deals.filter(|deal| deal.standing != Standing::Open) {
            all += 1.0;
            if deal.standing == Standing::Won {
                won += 1.0;
                sum += book.worth(deal);
            }
        }
        (won, all, sum)
    };
    let (won, all, sum) = of(&mut book.deals.iter());
    let (rate, usual) = if won > 0.0 { (won / all, sum / won) } else { (0.5, 1_000.0) };
    let (won, all, sum) =
        of(&mut book.deals.iter().filter(|deal| rep.is_some() && deal.owner == rep));
    let own_rate = (won + PRIOR * rate) / (all + PRIOR);
    let own_usual = (sum + PRIOR * usual) / (won + PRIOR);
    own_rate * own_usual
}

pub(super) fn assignment(book: &Book, command: &AssignLeads) -> ApiResult<AssignmentView> {
    let reps = book.reps();
    if reps.is_empty() {
        return Err(bad_input("reps", "there are none on this device", "sync, or ask a Manager"));
    }
    let taken = |lead: &Entry| {
        lead.reference("owner").is_some_and(|owner| reps.iter().any(|rep| rep.id == owner))
    };
    let leads: Vec<&Entry> =
        book.leads.iter().filter(|lead| is_open(lead) && (command.all || !taken(lead))).collect();
    if leads.is_empty() {
        let remedy = "nothing is to do, unless all open leads shall be assigned anew";
        return Err(bad_input("leads", "no open lead is without a rep", remedy));
    }
    let today: Vec<u32> = reps
        .iter()
        .map(|rep| {
            let own = |lead: &&Entry| is_open(lead) && lead.reference("owner") == Some(rep.id);
            // What is assigned anew takes no place yet.
            let stays = if command.all { 0 } else { book.leads.iter().filter(own).count() };
            u32::try_from(stays).unwrap_or(u32::MAX)
        })
        .collect();
    let most = command.capacity.unwrap_or(CAPACITY);
    let capacity: Vec<u32> = today.iter().map(|today| most.saturating_sub(*today)).collect();
    let homes: Vec<Option<std::collections::BTreeSet<RecordId>>> =
        reps.iter().map(|rep| rep.reference("territory").map(|home| book.below(home))).collect();
    let at_home: Vec<f64> = reps.iter().map(|rep| worth(book, Some(rep.id))).collect();
    let (mut value, mut eligible) = (Vec::new(), Vec::new());
    for lead in &leads {
        let territory = lead.reference("territory");
        for (rep, home) in homes.iter().enumerate() {
            let inside = match (territory, home) {
                (Some(territory), Some(home)) => home.contains(&territory),
                (None, _) | (_, None) => true,
            };
            // To the hundredth, in which the optimum is proven.
            let worth = at_home[rep] * if inside { 1.0 } else { AWAY };
            let stays = lead.reference("owner") == Some(reps[rep].id);
            value.push((worth * 100.0).round() / 100.0 + if stays { STAYS } else { 0.0 });
            eligible.push(capacity[rep] > 0);
        }
    }
    let name = |lead: usize| leads.get(lead).map_or_else(String::new, |lead| lead.name.clone());
    let rep_name = |rep: usize| reps.get(rep).map_or_else(String::new, |rep| rep.name.clone());
    let names = Names { item: "lead", items: &name, reps: &rep_name, ..Names::NUMBERS };
    let found = assign(&AssignmentProblem {
        value: &value,
        eligible: &eligible,
        capacity: &capacity,
        unit: 0.01,
        fairness: command.fairness.map_or(Fairness::ValueOnly, |share| Fairness::Floor { share }),
        shortfall: Shortfall::LeaveOut,
    })
    .map_err(|error| of_optimise(&error, &names))?;
    let link = |rep: usize| book.link(reps[rep].id, Entity::User);
    let leads = leads.iter().zip(found.rep.iter().zip(&found.rationale));
    let leads = leads.map(|(lead, (rep, why))| {
        let (word, reason) = told(why, &link);
        AssignedLeadView {
            lead: book.link(lead.id, Entity::Lead),
            rep: rep.map(link),
            had: reps.iter().position(|rep| lead.reference("owner") == Some(rep.id)).map(link),
            value: why.value,
            why: word.to_owned(),
            reason,
            runner_up: why.runner_up.map(link),
            margin: why.margin,
        }
    });
    let load = |(rep, entry): (usize, &&Entry)| RepLoadView {
        rep: book.link(entry.id, Entity::User),
        today: today[rep],
        gets: found.load[rep],
        capacity: capacity[rep],
        price: found.price[rep],
    };
    Ok(AssignmentView {
        as_of: book.as_of.clone(),
        currency: book.currency.as_str().to_owned(),
        leads: leads.collect(),
        reps: reps.iter().enumerate().map(load).collect(),
        quality: quality(found.quality),
        cost_of_fairness: found.cost_of_fairness,
    })
}

/// Why a lead went where it went: the word and the sentence.
fn told(why: &Rationale, link: &dyn Fn(usize) -> RecordLink) -> (&'static str, String) {
    match why.why {
        Why::FirstChoice => ("first_choice", "worth most with this rep".to_owned()),
        Why::FirstChoiceFull { rep, value, place_worth } => {
            let rep = link(rep).title;
            let text = format!(
                "{rep} would make it worth {value:.0}, but a place there is worth {place_worth:.0} \
                 to others"
            );
            ("first_choice_full", text)
        }
        Why::Fairness { rep, value } => {
            let rep = link(rep).title;
            let text = format!("{rep} would make it worth {value:.0}, but this rep had too few");
            ("fairness", text)
        }
        Why::OnlyEligible => ("only_eligible", "nobody else has a place left".to_owned()),
        Why::LeftOut => ("left_out", "all places went to leads worth more".to_owned()),
    }
}
