//! Assignments, territories and quotas from binary instance files.
//!
//! Per array a little-endian `u64` count of dimensions, the `u64` sizes, then `f64` values in row
//! order. Leads, accounts, reps, territories and products are counted from 0.

use std::path::{Path, PathBuf};

use roadbook_api::views::planning::{AssignFileView, QuotaFileView, TerritoryFileView};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_planning::optimise::OptimiseError;
use roadbook_planning::optimise::assign::{
    AssignmentProblem, Fairness, Rationale, Shortfall, Why, assign, unit_for,
};
use roadbook_planning::optimise::instance::{Array, read_arrays};
use roadbook_planning::optimise::quota::{self, Band, QuotaProblem, allocate};
use roadbook_planning::optimise::territory::{
    NEAREST, TerritoryProblem, design_watched, fragments, neighbours, straight_line,
};

use super::Made;
use super::input::{bytes, shown, wrong};
use crate::errors::ApiResult;
use crate::planning::PlanWatch;
use crate::planning::views::{FAIRNESS, Names, of_optimise};

/// What the items of an assignment are called.
const LEAD: &str = "lead";

/// What happens to leads beyond all capacities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftover {
    /// Nothing is assigned, and the clash is told.
    Refuse,
    /// The least valuable ones are left out.
    LeaveOut,
}

/// Leads to assign: value (leads x reps), eligibility (the same, 0 or 1), capacity (reps).
#[derive(Debug, Clone, PartialEq)]
pub struct AssignFile {
    /// The instance.
    pub input: PathBuf,
    /// The least share of the average number of leads that every rep gets, 0 to 1.
    pub fairness: Option<f64>,
    /// What happens to leads beyond all capacities.
    pub leftover: Leftover,
}

/// Territories to design: accounts' places (accounts x 2), work (accounts), reps' homes
/// (reps x 2); then, if wished, today's rep and the pinned rep of each account, -1 for none.
#[derive(Debug, Clone, PartialEq)]
pub struct TerritoryFile {
    /// The instance.
    pub input: PathBuf,
    /// How far a load may be from the average, as a share.
    pub balance: f64,
    /// Distance that a change of rep must save per unit of work.
    pub change_penalty: f64,
    /// Whether territories hang together.
    pub shape: Shape,
}

/// Whether territories hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Nobody asks.
    Any,
    /// Where balance allows, an account that lies apart from its rep's others goes to a rep who has
    /// accounts beside it.
    Connected,
}

/// Quotas to allocate: potential and history (reps x products), territory (reps), goal (products).
#[derive(Debug, Clone, PartialEq)]
pub struct QuotaFile {
    /// The instance.
    pub input: PathBuf,
    /// Least and greatest quota, as shares of history.
    pub quota_band: (f64, f64),
    /// Least and greatest total of a territory, as shares of its history.
    pub territory_band: (f64, f64),
    /// Weight of the greatest stretch against deviations from fair shares.
    pub stretch_weight: f64,
    /// The unit of quotas.
    pub unit: f64,
}

/// Reads an instance with at least so many arrays.
fn arrays(path: &Path, least: usize, forms: &str) -> ApiResult<Vec<Array>> {
    let found = read_arrays(&bytes(path)?).map_err(|error| told("row", &error))?;
    if found.len() < least {
        let problem = format!("holds {} arrays, {least} are needed", found.len());
        return Err(wrong(&shown(path), &problem, &format!("write {forms}")));
    }
    Ok(found)
}

/// Checks the sizes of one array.
fn sized(array: &Array, name: &str, wanted: &[usize]) -> ApiResult<()> {
    if array.shape == wanted {
        return Ok(());
    }
    let problem = format!("has the sizes {:?}, {wanted:?} is needed", array.shape);
    Err(wrong(name, &problem, "write the arrays in the order and with the sizes of the help"))
}

fn told(item: &str, error: &OptimiseError) -> ApiError {
    let names = Names { item, ..Names::NUMBERS };
    let least = if item == LEAD { FAIRNESS } else { names.least };
    of_optimise(error, &Names { least, ..names })
}

/// A whole number in a range; instance files hold floating point.
fn whole(name: &str, index: usize, value: f64, most: f64) -> ApiResult<usize> {
    if value.fract() == 0.0 && (0.0..=most).contains(&value) {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be whole and in range"
        )]
        return Ok(value as usize);
    }
    let problem = format!("holds {value}, which is no whole number from 0 to {most}");
    Err(wrong(&format!("{name}[{index}]"), &problem, "mend the number"))
}

/// Assigns the leads of an instance; output: CSV with a line for each lead.
///
/// # Errors
/// A damaged file or numbers out of range, by place; leads and reps that clash; cancelled.
pub fn assign_leads(
    command: &AssignFile,
    watch: &PlanWatch<'_>,
) -> ApiResult<Made<AssignFileView>> {
    watch.step("read", 0, 1)?;
    let forms = "value (leads x reps), eligibility (the same) and capacity (reps)";
    let arrays = arrays(&command.input, 3, forms)?;
    let [value, eligible, capacity] = [&arrays[0], &arrays[1], &arrays[2]];
    let reps = capacity.values.len();
    let leads = value.shape.first().copied().unwrap_or(0);
    sized(value, "value", &[leads, reps])?;
    sized(eligible, "eligibility", &[leads, reps])?;
    let allowed: ApiResult<Vec<bool>> = eligible
        .values
        .iter()
        .enumerate()
        .map(|(at, value)| Ok(whole("eligibility", at, *value, 1.0)? == 1))
        .collect();
    let allowed = allowed?;
    let finite = value.values.iter().filter(|value| value.is_finite());
    let largest = finite.fold(0.0_f64, |most, value| most.max(value.abs()));
    let places: ApiResult<Vec<u32>> = capacity
        .values
        .iter()
        .enumerate()
        .map(|(rep, places)| {
            let places = whole("capacity", rep, *places, f64::from(u32::MAX))?;
            Ok(u32::try_from(places).unwrap_or(u32::MAX))
        })
        .collect();
    watch.step("solve", 0, 1)?;
    let found = assign(&AssignmentProblem {
        value: &value.values,
        eligible: &allowed,
        capacity: &places?,
        unit: unit_for(leads, reps, largest),
        fairness: command.fairness.map_or(Fairness::ValueOnly, |share| Fairness::Floor { share }),
        shortfall: match command.leftover {
            Leftover::Refuse => Shortfall::Refuse,
            Leftover::LeaveOut => Shortfall::LeaveOut,
        },
    })
    .map_err(|error| told(LEAD, &error))?;
    watch.step("solve", 1, 1)?;
    let mut rows = Rows::new(&["lead", "rep", "value", "reason"]);
    for (lead, (rep, why)) in found.rep.iter().zip(&found.rationale).enumerate() {
        let rep = rep.map_or_else(String::new, |rep| rep.to_string());
        rows.push(&[lead.to_string(), rep, why.value.to_string(), reason(why)]);
    }
    let report = AssignFileView {
        leads: leads as u64,
        reps: reps as u64,
        assigned: found.rep.iter().flatten().count() as u64,
        objective: found.quality.objective,
        bound: found.quality.bound,
        gap: found.quality.gap(),
        cost_of_fairness: found.cost_of_fairness,
        load: (
            found.load.iter().copied().min().unwrap_or(0),
            found.load.iter().copied().max().unwrap_or(0),
        ),
        out: None,
    };
    Ok(Made { report, output: rows.finish()?, beside: Vec::new() })
}

/// Why a lead went where it went, in a sentence.
fn reason(rationale: &Rationale) -> String {
    match rationale.why {
        Why::FirstChoice => "worth most with this rep".to_owned(),
        Why::FirstChoiceFull { rep, value, place_worth } => format!(
            "rep {rep} would make it worth {}, but a place there is worth {} to others",
            amount(value),
            amount(place_worth)
        ),
        Why::Fairness { rep, value } => {
            let value = amount(value);
            format!("rep {rep} would make it worth {value}, but this rep was short of leads")
        }
        Why::NoPlace { rep, value } => {
            format!("rep {rep} would make it worth {}, but has no place for it", amount(value))
        }
        Why::OnlyEligible => "no other rep may take it".to_owned(),
        Why::LeftOut => "all places went to leads worth more".to_owned(),
    }
}

/// An amount to the hundredth, and below one to three digits that tell something.
fn amount(value: f64) -> String {
    let decimals =
        (2..11_u8).find(|decimals| value.abs() * 10_f64.powi(i32::from(*decimals)) >= 100.0);
    format!("{value:.*}", usize::from(decimals.unwrap_or(2)))
}

/// Reads one rep for each account, -1 for none.
fn reps_of(array: &Array, name: &str, accounts: usize) -> ApiResult<Vec<Option<usize>>> {
    sized(array, name, &[accounts])?;
    let one = |(index, value): (usize, &f64)| {
        if value.total_cmp(&-1.0).is_eq() {
            Ok(None)
        } else {
            whole(name, index, *value, 1e9).map(Some)
        }
    };
    array.values.iter().enumerate().map(one).collect()
}

/// Designs the territories of an instance; output: CSV with a line for each account.
///
/// # Errors
/// A damaged file or numbers out of range, by place; limits that clash; cancelled.
pub fn design_territories(
    command: &TerritoryFile,
    watch: &PlanWatch<'_>,
) -> ApiResult<Made<TerritoryFileView>> {
    watch.step("read", 0, 1)?;
    let forms = "places (accounts x 2), work (accounts) and homes of reps (reps x 2)";
    let arrays = arrays(&command.input, 3, forms)?;
    let accounts = arrays[1].values.len();
    let reps = arrays[2].shape.first().copied().unwrap_or(0);
    sized(&arrays[0], "places", &[accounts, 2])?;
    sized(&arrays[1], "work", &[accounts])?;
    sized(&arrays[2], "homes", &[reps, 2])?;
    let optional = |at: usize, name: &str| match arrays.get(at) {
        Some(array) => reps_of(array, name, accounts),
        None => Ok(Vec::new()),
    };
    let (today, pinned) = (optional(3, "today")?, optional(4, "pinned")?);
    for (name, array) in [("places", &arrays[0]), ("homes", &arrays[2])] {
        if let Some(at) = array.values.iter().position(|value| !(-3e8..=3e8).contains(value)) {
            let problem = format!("is {}, which is no place", array.values[at]);
            let place = format!("{name}[{}][{}]", at / 2, at % 2);
            return Err(wrong(&place, &problem, "mend the number"));
        }
    }
    for (name, list) in [("today", &today), ("pinned", &pinned)] {
        let named = list.iter().enumerate();
        let unknown = named.filter_map(|(at, rep)| Some((at, (*rep)?))).find(|it| it.1 >= reps);
        if let Some((at, rep)) = unknown {
            let problem = format!("names rep {rep}, and there are {reps}, counted from 0");
            let remedy = "name one of them, or -1 for none";
            return Err(wrong(&format!("{name}[{at}]"), &problem, remedy));
        }
    }
    let points = |array: &Array| -> Vec<[f64; 2]> { array.values.as_chunks::<2>().0.to_vec() };
    let distance = straight_line(&points(&arrays[0]), &points(&arrays[2]));
    watch.step("solve", 0, 1)?;
    let beside = match command.shape {
        Shape::Any => Vec::new(),
        Shape::Connected => neighbours(&points(&arrays[0]), NEAREST),
    };
    let problem = TerritoryProblem {
        distance: &distance,
        work: &arrays[1].values,
        reps,
        balance: command.balance,
        today: &today,
        change_penalty: command.change_penalty,
        pinned: &pinned,
        neighbours: &beside,
    };
    let pace = |done, total| watch.pace("solve", done, total);
    let found = design_watched(&problem, &pace).map_err(|error| told("account", &error))?;
    let apart = |rep: &[usize]| fragments(&problem, rep).iter().filter(|apart| **apart).count();
    let whole_today: Option<Vec<usize>> = today.iter().copied().collect();
    let whole_today = whole_today.filter(|all| !all.is_empty());
    let apart = match command.shape {
        Shape::Any => None,
        Shape::Connected => {
            let before = whole_today.map(|today| apart(&today) as u64);
            Some((before, found.fragments as u64))
        }
    };
    watch.step("solve", 1, 1)?;
    let mut rows = Rows::new(&["account", "rep", "work", "distance"]);
    for (account, rep) in found.rep.iter().enumerate() {
        let work = arrays[1].values[account];
        let far = distance[account * reps + rep];
        rows.push(&[account.to_string(), rep.to_string(), work.to_string(), far.to_string()]);
    }
    let report = TerritoryFileView {
        accounts: accounts as u64,
        reps: reps as u64,
        objective: found.quality.objective,
        bound: found.quality.bound,
        gap: found.quality.gap(),
        imbalance: found.after.worst_imbalance,
        changed: (!today.is_empty()).then_some(found.after.changed.len() as u64),
        travel_today: found.before.as_ref().map(|before| before.travel),
        travel: found.after.travel,
        apart,
        out: None,
    };
    Ok(Made { report, output: rows.finish()?, beside: Vec::new() })
}

/// Allocates the quotas of an instance; output: CSV with a line for each rep and product.
///
/// # Errors
/// A damaged file or numbers out of range, by place; limits that clash, with what would have to
/// give way; cancelled.
pub fn allocate_quotas(
    command: &QuotaFile,
    watch: &PlanWatch<'_>,
) -> ApiResult<Made<QuotaFileView>> {
    watch.step("read", 0, 1)?;
    let forms = "potential and history (reps x products), territory (reps) and goal (products)";
    let arrays = arrays(&command.input, 4, forms)?;
    let (reps, products) = (arrays[2].values.len(), arrays[3].values.len());
    sized(&arrays[0], "potential", &[reps, products])?;
    sized(&arrays[1], "history", &[reps, products])?;
    let territory: ApiResult<Vec<usize>> = arrays[2]
        .values
        .iter()
        .enumerate()
        .map(|(rep, value)| whole("territory", rep, *value, 1e9))
        .collect();
    // Territories are numbered without holes, so that their numbers stay below the reps' count.
    let (territory, numbers) = renumbered(&territory?);
    let band = |(lower, upper): (f64, f64)| Band { lower, upper };
    watch.step("solve", 0, 1)?;
    let found = allocate(&QuotaProblem {
        potential: &arrays[0].values,
        history: &arrays[1].values,
        territory: &territory,
        goal: &arrays[3].values,
        quota_band: band(command.quota_band),
        territory_band: band(command.territory_band),
        stretch_weight: command.stretch_weight,
        edits: &[],
        unit: command.unit,
    })
    .map_err(|error| told("rep", &error))?;
    watch.step("solve", 1, 1)?;
    let mut rows = Rows::new(&["rep", "product", "territory", "quota", "reason"]);
    for (cell, (amount, why)) in found.amount.iter().zip(&found.why).enumerate() {
        let (rep, product) = (cell / products, cell % products);
        rows.push(&[
            rep.to_string(),
            product.to_string(),
            numbers[territory[rep]].to_string(),
            amount.to_string(),
            quota_reason(*why).to_owned(),
        ]);
    }
    let report = QuotaFileView {
        reps: reps as u64,
        products: products as u64,
        territories: numbers.len() as u64,
        objective: found.quality.objective,
        bound: found.quality.bound,
        gap: found.quality.gap(),
        stretch: found.stretch.iter().copied().fold(0.0, f64::max),
        by_product: found.by_product.clone(),
        out: None,
    };
    Ok(Made { report, output: rows.finish()?, beside: Vec::new() })
}

/// Numbers without holes, and what each was before.
fn renumbered(numbers: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut known: Vec<usize> = numbers.to_vec();
    known.sort_unstable();
    known.dedup();
    let place = |number: &usize| known.partition_point(|other| other < number);
    (numbers.iter().map(place).collect(), known)
}

/// Why a quota is what it is, in a few words.
pub(in crate::planning) const fn quota_reason(why: quota::Why) -> &'static str {
    match why {
        quota::Why::FairShare => "fair share by potential",
        quota::Why::Edited => "fixed by hand",
        quota::Why::AtFloor => "the least share of history binds",
        quota::Why::AtCeiling => "the greatest share of history binds",
        quota::Why::TerritoryBand => "the territory's total is at a limit",
        quota::Why::Stretch => "the rep is among the most stretched",
        quota::Why::Goal => "carries what others of the product cannot",
    }
}

/// CSV in memory.
struct Rows(csv::Writer<Vec<u8>>, bool);

impl Rows {
    fn new(header: &[&str]) -> Self {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let sound = writer.write_record(header).is_ok();
        Self(writer, sound)
    }

    fn push<const N: usize>(&mut self, cells: &[String; N]) {
        self.1 &= self.0.write_record(cells).is_ok();
    }

    fn finish(self) -> ApiResult<Vec<u8>> {
        let failed = || ApiError::new(ErrorCode::Internal, "the output cannot be written");
        let bytes = self.0.into_inner().map_err(|_| failed())?;
        if self.1 { Ok(bytes) } else { Err(failed()) }
    }
}
