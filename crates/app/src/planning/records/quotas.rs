//! Quotas of a year: the goal to reps and products, with edits from the bottom up.
//!
//! Potential is what a rep sold in the year before and the expected amount of the rep's open deals;
//! a product that a rep never sold starts at a tenth of the average, so that nobody's quota is
//! nothing for ever.

use std::collections::HashMap;

use jiff::civil::Date;
use roadbook_api::commands::planning::AllocateQuotas;
use roadbook_api::views::planning::{QuotaCellView, QuotaRepView, QuotaTotalView, QuotasView};
use roadbook_domain::{Entity, RecordId};
use roadbook_planning::optimise::quota::{Band, Edit, QuotaProblem, Why, allocate, split};
use roadbook_replica::Replica;

use super::assign::quality;
use super::book::{Book, Entry, Standing};
use super::dates;
use super::forecast::money;
use super::kept::{self, KeptQuotas};
use crate::app::Keeps;
use crate::errors::{ApiResult, bad_input};
use crate::planning::files::quota_reason;
use crate::planning::views::{Names, of_optimise};
use crate::{App, Run, lookup};

/// The least potential of a product with a rep, as a share of the average.
const LEAST: f64 = 0.1;
/// Quotas stay between these shares of what counts as history.
const QUOTA_BAND: Band = Band { lower: 0.5, upper: 2.0 };
/// And totals of territories between these.
const TERRITORY_BAND: Band = Band { lower: 0.8, upper: 1.6 };
const STRETCH_WEIGHT: f64 = 1e3;
/// Days of a year.
const YEAR: i32 = 365;

/// Reps, products, and what was sold.
pub(super) struct Table<'a> {
    reps: Vec<&'a Entry>,
    products: Vec<(Option<RecordId>, String)>,
    sold: Vec<f64>,
    potential: Vec<f64>,
    territory: Vec<usize>,
    territories: Vec<String>,
}

impl Run<AllocateQuotas> for App {
    fn run(&self, command: AllocateQuotas) -> ApiResult<QuotasView> {
        if command.keep && self.keeps == Keeps::Nothing {
            return Err(crate::hosted::nothing_is_kept());
        }
        let book = Book::read(self, command.today.as_deref())?;
        let table = table(&book)?;
        let edits = self.with(|replica| {
            let one = |edit: &roadbook_api::commands::planning::QuotaEdit| {
                let rep = lookup::record(replica, Some(Entity::User), &edit.rep)?.record;
                let product = lookup::record(replica, Some(Entity::Product), &edit.product)?.record;
                let place = table.reps.iter().position(|entry| entry.id == rep);
                let column = table.products.iter().position(|(id, _)| *id == Some(product));
                let (Some(rep), Some(product)) = (place, column) else {
                    let problem = format!("{} sells no {} here", edit.rep, edit.product);
                    let remedy = "name an active rep and a product that was sold or is in a deal";
                    return Err(bad_input("edits", &problem, remedy));
                };
                Ok(Edit { rep, product, amount: money("edits", &edit.amount, book.currency)? })
            };
            command.edits.iter().map(one).collect::<ApiResult<Vec<Edit>>>()
        })?;
        let effective = match command.effective.as_deref() {
            Some(text) => dates::parse("effective", text)?,
            None => book.today,
        };
        let goal = goal(&command.goal, &book, &table)?;
        let mut view = self.desk.run(|watch| {
            watch.step("solve", 0, 1)?;
            let made = allocated(&book, &table, goal, &edits)?;
            watch.step("solve", 1, 1)?;
            Ok::<_, roadbook_api::ApiError>(made)
        })?;
        view.effective = effective.to_string();
        if command.keep {
            self.with(|replica| keep(replica, &book, effective, &view))?;
            view.kept = true;
        }
        Ok(view)
    }
}

/// Keeps quotas that hold from a day on; those that hold from other days stay.
pub(super) fn keep(
    replica: &mut Replica,
    book: &Book,
    effective: Date,
    view: &QuotasView,
) -> ApiResult<()> {
    let effective = dates::number(effective);
    let kept = KeptQuotas {
        currency: book.currency.as_str().to_owned(),
        effective,
        reps: view.reps.iter().map(|rep| (rep.rep.record, rep.quota)).collect(),
    };
    kept::write(replica, kept::QUOTAS, i64::from(effective), &kept)
}

/// The goal: an amount, or growth over the year before.
pub(super) fn goal(text: &str, book: &Book, table: &Table<'_>) -> ApiResult<f64> {
    let Some(growth) = text.trim().strip_suffix('%') else {
        return money("goal", text, book.currency);
    };
    let percent = growth.trim().parse().ok().filter(|percent: &f64| percent.is_finite());
    let percent = percent.ok_or_else(|| {
        bad_input("goal", &format!("`{text}` is no growth"), "write it like +10% or 1200000EUR")
    })?;
    let sold: f64 = table.sold.iter().sum();
    if sold <= 0.0 {
        let remedy = "give the goal as an amount";
        return Err(bad_input("goal", "nothing was sold in the year before", remedy));
    }
    Ok((sold * (1.0 + percent / 100.0)).round())
}

pub(super) fn table(book: &Book) -> ApiResult<Table<'_>> {
    let reps = book.reps();
    let place: HashMap<RecordId, usize> =
        reps.iter().enumerate().map(|(at, rep)| (rep.id, at)).collect();
    let rates = book.rates(book.today);
    let mut products: Vec<(Option<RecordId>, String)> = Vec::new();
    let mut cells: HashMap<(usize, usize), (f64, f64)> = HashMap::new();
    for deal in &book.deals {
        let Some(rep) = deal.owner.and_then(|owner| place.get(&owner)) else { continue };
        let (sold, expected) = match deal.standing {
            Standing::Open => {
                let chance = rates.probability(deal.stage, f64::from(deal.age(book.today)));
                (0.0, chance * book.worth(deal))
            }
            Standing::Won => {
                let lately = deal
                    .close
                    .is_some_and(|day| (0..YEAR).contains(&dates::between(day, book.today)));
                if lately { (book.worth(deal), 0.0) } else { (0.0, 0.0) }
            }
            Standing::Lost => (0.0, 0.0),
        };
        if sold + expected <= 0.0 {
            continue;
        }
        let column = products.iter().position(|(id, _)| *id == deal.product);
        let column = column.unwrap_or_else(|| {
            let name = book.name(deal.product);
            let name = if name.is_empty() { "No product".to_owned() } else { name };
            products.push((deal.product, name));
            products.len() - 1
        });
        let cell = cells.entry((*rep, column)).or_default();
        *cell = (cell.0 + sold, cell.1 + expected);
    }
    if reps.is_empty() || products.is_empty() {
        let remedy = "quotas follow sales and open deals of active reps; sync, or make some";
        return Err(bad_input("deals", "no rep sold anything or has an open deal", remedy));
    }
    let width = products.len();
    let mut sold = vec![0.0; reps.len() * width];
    let mut potential = sold.clone();
    for ((rep, column), (was, expected)) in cells {
        sold[rep * width + column] = was;
        potential[rep * width + column] = was + expected;
    }
    let least = (LEAST * potential.iter().sum::<f64>() / potential.len() as f64).max(1.0);
    potential.iter_mut().for_each(|value| *value = value.max(least));
    let mut territories: Vec<String> = Vec::new();
    let territory = reps.iter().map(|rep| {
        let name = book.name(rep.reference("territory"));
        territories.iter().position(|known| *known == name).unwrap_or_else(|| {
            territories.push(name);
            territories.len() - 1
        })
    });
    let territory = territory.collect();
    Ok(Table { reps, products, sold, potential, territory, territories })
}

/// Whole units of a number; amounts are far below the limits.
#[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn units(value: f64) -> i64 {
    value.round() as i64
}

pub(super) fn allocated(
    book: &Book,
    table: &Table<'_>,
    goal: f64,
    edits: &[Edit],
) -> ApiResult<QuotasView> {
    let width = table.products.len();
    let column = |values: &[f64], product: usize| -> f64 {
        values.iter().skip(product).step_by(width).sum()
    };
    let weights: Vec<f64> = (0..width).map(|product| column(&table.potential, product)).collect();
    let goals: Vec<f64> =
        split(units(goal), &weights).into_iter().map(|units| units as f64).collect();
    // What counts as history follows the goal, so that the bands are about who and not how much.
    let all: f64 = table.potential.iter().sum();
    let history: Vec<f64> =
        table.potential.iter().map(|value| value * (goal / all).max(0.0)).collect();
    let name = |at: usize| table.reps.get(at).map_or_else(String::new, |rep| rep.name.clone());
    let product = |at: usize| table.products.get(at).map_or_else(String::new, |p| p.1.clone());
    let territory = |at: usize| table.territories.get(at).cloned().unwrap_or_default();
    let names = Names {
        item: "rep",
        items: &name,
        reps: &name,
        products: &product,
        territories: &territory,
        ..Names::NUMBERS
    };
    let found = allocate(&QuotaProblem {
        potential: &table.potential,
        history: &history,
        territory: &table.territory,
        goal: &goals,
        quota_band: QUOTA_BAND,
        territory_band: TERRITORY_BAND,
        stretch_weight: STRETCH_WEIGHT,
        edits,
        unit: 1.0,
    })
    .map_err(|error| of_optimise(&error, &names))?;
    let rep = |(at, entry): (usize, &&Entry)| {
        let cells = at * width..(at + 1) * width;
        let cell = |cell: usize| QuotaCellView {
            product: table.products[cell % width].1.clone(),
            history: table.sold[cell],
            quota: found.amount[cell],
            reason: quota_reason(found.why[cell]).to_owned(),
            edited: found.why[cell] == Why::Edited,
        };
        QuotaRepView {
            rep: book.link(entry.id, Entity::User),
            territory: territory(table.territory[at]),
            history: table.sold[cells.clone()].iter().sum(),
            potential: table.potential[cells.clone()].iter().sum(),
            quota: found.by_rep[at],
            stretch: found.stretch[at],
            products: cells.map(cell).collect(),
        }
    };
    let products = table.products.iter().enumerate().map(|(at, (_, label))| QuotaTotalView {
        label: label.clone(),
        history: column(&table.sold, at),
        quota: found.by_product[at],
    });
    let territories = table.territories.iter().enumerate().map(|(at, label)| {
        let inside = |rep: &usize| table.territory[*rep] == at;
        let reps = (0..table.reps.len()).filter(inside);
        QuotaTotalView {
            label: label.clone(),
            history: reps
                .map(|rep| table.sold[rep * width..(rep + 1) * width].iter().sum::<f64>())
                .sum(),
            quota: found.by_territory[at],
        }
    });
    Ok(QuotasView {
        as_of: book.as_of.clone(),
        currency: book.currency.as_str().to_owned(),
        goal: found.by_product.iter().sum(),
        effective: String::new(),
        reps: table.reps.iter().enumerate().map(rep).collect(),
        products: products.collect(),
        territories: territories.collect(),
        quality: quality(found.quality),
        kept: false,
    })
}
