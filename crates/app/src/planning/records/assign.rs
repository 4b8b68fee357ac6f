//! Who should get which lead: all that wait at once, or one at once.
//!
//! A lead of a territory goes to somebody who is at home there, where anybody is. What it is worth
//! with whom says [`super::worth`].

use std::collections::{BTreeSet, HashMap, HashSet};

use roadbook_api::ApiError;
use roadbook_api::commands::planning::{AssignLeads, Scored};
use roadbook_api::views::RecordLink;
use roadbook_api::views::planning::{AssignedLeadView, AssignmentView, QualityView, RepLoadView};
use roadbook_domain::{Entity, RecordId};
use roadbook_planning::optimise::assign::{
    Assignment, AssignmentProblem, Fairness, Rationale, Shortfall, Why, assign, assign_one,
};
use roadbook_planning::optimise::{Goal, OptimiseError, Quality};

use super::book::{Book, Entry};
use super::kept::{self, KeptPrices};
use super::lead::Lead;
use super::look::Leads;
use super::score::{active, lead_chances};
use super::worth::{Deals, Sources};
use crate::app::Keeps;
use crate::errors::{ApiResult, bad_input};
use crate::planning::signed::SignedModel;
use crate::planning::views::{FAIRNESS, Names, of_optimise};
use crate::{App, Run, lookup};

/// Open leads that a rep can have where nobody says.
const CAPACITY: u32 = 50;
/// What staying where it is counts for, in the currency of amounts: the smallest amount that the
/// plan tells apart, so that a lead moves only where somebody makes more of it.
const STAYS: f64 = 0.01;

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
        let (signed, one, prices) = self.with(|replica| {
            let find = |text: &str| lookup::record(replica, Some(Entity::Lead), text);
            let one = command.lead.as_deref().map(find).transpose()?.map(|row| row.record);
            let signed = active(replica, Scored::Leads)?;
            let prices: Vec<(i64, KeptPrices)> = kept::read(replica, kept::PRICES)?;
            Ok::<_, ApiError>((signed, one, prices.into_iter().next().map(|(_, prices)| prices)))
        })?;
        let view = self.desk.run(|watch| {
            watch.step("solve", 0, 1)?;
            let made = match one {
                None => assignment(&book, signed.as_ref(), &command)?,
                Some(lead) => at_once(&book, signed.as_ref(), &command, lead, prices.as_ref())?,
            };
            watch.step("solve", 1, 1)?;
            Ok::<_, ApiError>(made)
        })?;
        if one.is_none() && self.keeps == Keeps::OnDevice {
            self.with(|replica| kept::write(replica, kept::PRICES, 0, &prices_of(&view)))?;
        }
        Ok(view)
    }
}

/// What one more place with each rep is worth.
fn prices_of(view: &AssignmentView) -> KeptPrices {
    let reps = view.reps.iter().map(|rep| (rep.rep.record, rep.price)).collect();
    KeptPrices { currency: view.currency.clone(), reps }
}

/// Leads that look for a rep, and the reps: what each is worth with whom, and who may take it.
struct Table<'a> {
    book: &'a Book,
    reps: Vec<&'a Entry>,
    leads: Vec<&'a Entry>,
    /// The chance of each lead to be qualified with each rep, lead by lead.
    chance: Vec<f64>,
    /// What each is expected to be worth, in major units to the hundredth, in the same order.
    value: Vec<f64>,
    /// Whether a rep may take a lead by its territory, in the same order.
    allowed: Vec<bool>,
    /// Open leads of each rep that stay.
    today: Vec<u32>,
    /// Places that each rep has left.
    places: Vec<u32>,
}

impl<'a> Table<'a> {
    fn of(
        book: &'a Book,
        signed: Option<&SignedModel>,
        command: &AssignLeads,
        one: Option<RecordId>,
    ) -> ApiResult<Self> {
        let reps = book.reps();
        if reps.is_empty() {
            return Err(bad_input(
                "reps",
                "there are none on this device",
                "sync, or ask a Manager",
            ));
        }
        let all = Leads::new(book);
        let open: Vec<&Lead<'_>> = all.all.iter().filter(|lead| lead.decided.is_none()).collect();
        let owner = |lead: &Lead<'_>| {
            let owner = lead.entry.reference("owner");
            owner.and_then(|owner| reps.iter().position(|rep| rep.id == owner))
        };
        let looks = |lead: &&&Lead<'_>| match one {
            Some(one) => lead.entry.id == one,
            None => command.all || owner(lead).is_none(),
        };
        let leads: Vec<&Lead<'_>> = open.iter().filter(looks).copied().collect();
        if leads.is_empty() {
            return Err(nothing_to_do(book, one));
        }
        // What is assigned anew takes no place yet.
        let anew: HashSet<RecordId> = leads.iter().map(|lead| lead.entry.id).collect();
        let mut today = vec![0_u32; reps.len()];
        for lead in open.iter().filter(|lead| !anew.contains(&lead.entry.id)) {
            if let Some(rep) = owner(lead) {
                today[rep] += 1;
            }
        }
        let most = command.capacity.unwrap_or(CAPACITY);
        let scores = lead_chances(&all, signed, &leads)?;
        let (deals, sources) = (Deals::of(book), Sources::of(&all));
        let regions = Regions::of(book, &reps);
        let (mut chance, mut value, mut allowed) = (Vec::new(), Vec::new(), Vec::new());
        for (lead, score) in leads.iter().zip(scores) {
            let territory = regions.of_lead(lead.entry);
            let at_home = regions.at_home(territory);
            let nobody = !at_home.contains(&true);
            for (rep, at_home) in at_home.into_iter().enumerate() {
                let id = reps[rep].id;
                let with = (score * sources.factor(&all, lead, id)).min(1.0);
                let worth = with * deals.worth(Some(id), territory);
                let stays = if owner(lead) == Some(rep) { STAYS } else { 0.0 };
                chance.push(with);
                // To the hundredth, in which the optimum is proven.
                value.push((worth * 100.0).round() / 100.0 + stays);
                allowed.push(at_home || nobody);
            }
        }
        Ok(Self {
            book,
            leads: leads.iter().map(|lead| lead.entry).collect(),
            places: today.iter().map(|today| most.saturating_sub(*today)).collect(),
            reps,
            chance,
            value,
            allowed,
            today,
        })
    }

    /// What a clash is told as.
    fn clash(&self, error: &OptimiseError) -> ApiError {
        let name = |all: &[&Entry], at: usize| {
            all.get(at).map_or_else(String::new, |entry| entry.name.clone())
        };
        let (leads, reps) = (|at| name(&self.leads, at), |at| name(&self.reps, at));
        let names = Names { item: "lead", items: &leads, reps: &reps, ..Names::NUMBERS };
        of_optimise(error, &Names { least: FAIRNESS, ..names })
    }

    fn view(&self, found: &Assignment) -> AssignmentView {
        let link = |rep: usize| self.book.link(self.reps[rep].id, Entity::User);
        let lead = |(at, lead): (usize, &&Entry)| {
            let (rep, why) = (found.rep[at], &found.rationale[at]);
            let (word, reason) = told(why, &link);
            let owner = lead.reference("owner");
            AssignedLeadView {
                lead: self.book.link(lead.id, Entity::Lead),
                rep: rep.map(link),
                had: self.reps.iter().position(|rep| owner == Some(rep.id)).map(link),
                chance: rep.map_or(0.0, |rep| self.chance[at * self.reps.len() + rep]),
                value: why.value,
                why: word.to_owned(),
                reason,
                runner_up: why.runner_up.map(link),
                margin: why.margin,
            }
        };
        let load = |(rep, entry): (usize, &&Entry)| RepLoadView {
            rep: self.book.link(entry.id, Entity::User),
            today: self.today[rep],
            gets: found.load[rep],
            capacity: self.places[rep],
            price: found.price[rep],
        };
        AssignmentView {
            as_of: self.book.as_of.clone(),
            currency: self.book.currency.as_str().to_owned(),
            leads: self.leads.iter().enumerate().map(lead).collect(),
            reps: self.reps.iter().enumerate().map(load).collect(),
            quality: quality(found.quality),
            cost_of_fairness: found.cost_of_fairness,
        }
    }
}

fn nothing_to_do(book: &Book, one: Option<RecordId>) -> ApiError {
    let Some(lead) = one else {
        let remedy = "nothing is to do, unless all open leads shall be assigned anew";
        return bad_input("leads", "no open lead is without a rep", remedy);
    };
    let problem = format!("`{}` is decided", book.name(Some(lead)));
    bad_input("lead", &problem, "name an open lead")
}

/// Where leads come from, and who is at home there.
struct Regions {
    /// The territories of each rep's home and below it; `None` where a rep has no home.
    homes: Vec<Option<BTreeSet<RecordId>>>,
    /// The territory of each account, by its name in small letters.
    accounts: HashMap<String, RecordId>,
}

impl Regions {
    fn of(book: &Book, reps: &[&Entry]) -> Self {
        let home = |rep: &&Entry| rep.reference("territory").map(|home| book.below(home));
        let account = |account: &Entry| {
            let owner = || book.home(account.reference("owner")?);
            let territory = account.reference("territory").or_else(owner)?;
            Some((account.name.trim().to_lowercase(), territory))
        };
        Self {
            homes: reps.iter().map(home).collect(),
            accounts: book.accounts.iter().filter_map(account).collect(),
        }
    }

    /// The territory of a lead: its own, or that of the account that bears its company's name.
    fn of_lead(&self, lead: &Entry) -> Option<RecordId> {
        let company = || self.accounts.get(&lead.text("company")?.trim().to_lowercase()).copied();
        lead.reference("territory").or_else(company)
    }

    /// Which reps are at home in a territory; nobody where there is none.
    fn at_home(&self, territory: Option<RecordId>) -> Vec<bool> {
        let is_home = |home: &Option<BTreeSet<RecordId>>| match (territory, home) {
            (Some(territory), Some(home)) => home.contains(&territory),
            (None, _) | (_, None) => false,
        };
        self.homes.iter().map(is_home).collect()
    }
}

/// The best assignment of all leads that look for a rep.
///
/// # Errors
/// Where nobody sells, no lead looks for a rep, or limits clash.
pub(super) fn assignment(
    book: &Book,
    signed: Option<&SignedModel>,
    command: &AssignLeads,
) -> ApiResult<AssignmentView> {
    let table = Table::of(book, signed, command, None)?;
    let reps = table.reps.len();
    let has_place = |(at, allowed): (usize, &bool)| *allowed && table.places[at % reps] > 0;
    let eligible: Vec<bool> = table.allowed.iter().enumerate().map(has_place).collect();
    let found = assign(&AssignmentProblem {
        value: &table.value,
        eligible: &eligible,
        capacity: &table.places,
        unit: 0.01,
        fairness: command.fairness.map_or(Fairness::ValueOnly, |share| Fairness::Floor { share }),
        shortfall: Shortfall::LeaveOut,
    })
    .map_err(|error| table.clash(&error))?;
    Ok(table.view(&found))
}

/// The rep for one lead, now: where it is worth most beside what a place was worth to others when
/// all were assigned last.
///
/// # Errors
/// Where nobody sells, the lead is decided, or nobody who may take it has a place left.
pub(super) fn at_once(
    book: &Book,
    signed: Option<&SignedModel>,
    command: &AssignLeads,
    lead: RecordId,
    prices: Option<&KeptPrices>,
) -> ApiResult<AssignmentView> {
    let table = Table::of(book, signed, command, Some(lead))?;
    let prices = prices.filter(|prices| prices.currency == book.currency.as_str());
    let known: HashMap<RecordId, f64> =
        prices.into_iter().flat_map(|prices| prices.reps.iter().copied()).collect();
    let price = |rep: &&Entry| known.get(&rep.id).copied().unwrap_or(0.0);
    let price: Vec<f64> = table.reps.iter().map(price).collect();
    let one = assign_one(&table.value, &table.allowed, &table.places, &price)
        .map_err(|error| table.clash(&error))?;
    let value = one.rationale.value;
    let load = (0..table.reps.len()).map(|rep| u32::from(rep == one.rep));
    Ok(table.view(&Assignment {
        rep: vec![Some(one.rep)],
        quality: Quality { goal: Goal::Maximise, objective: value, bound: value },
        load: load.collect(),
        price,
        cost_of_fairness: 0.0,
        rationale: vec![one.rationale],
    }))
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
        Why::NoPlace { rep, value } => {
            let rep = link(rep).title;
            let text = format!("{rep} would make it worth {value:.0}, but has no place for it");
            ("no_place", text)
        }
        Why::OnlyEligible => {
            ("only_eligible", "nobody else who may take it has a place left".to_owned())
        }
        Why::LeftOut => {
            let text = "all places of those who may take it went to leads worth more";
            ("left_out", text.to_owned())
        }
    }
}
