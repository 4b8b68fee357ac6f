//! The forecast of revenue and pipeline, put together.

use std::collections::BTreeMap;

use roadbook_api::commands::planning::{AdjustForecast, ShowForecast};
use roadbook_api::views::planning::{AdjustmentView, ForecastView, RollUpRowView, StageRateView};
use roadbook_domain::{Currency, Entity, Money, RecordId};
use roadbook_planning::pipeline::{Adjustment, Category, Sums, roll_up};

use super::book::{Book, Deal, Standing, major};
use super::dates::Quarter;
use super::in_force::Kept;
use super::kept::{self, KeptAdjustment, Snapshot};
use super::outlook::{AsOf, RUNS};
use super::revenue::{Revenue, revenue};
use super::tree::Tree;
use super::weeks;
use super::whose::{self, Whose};
use crate::app::Keeps;
use crate::errors::{ApiResult, bad_input, not_found};
use crate::planning::PlanWatch;
use crate::{App, Run};

/// Months that are forecast where nobody says.
const MONTHS: u32 = 6;
const MOST_MONTHS: u32 = 36;

impl Run<ShowForecast> for App {
    fn run(&self, command: ShowForecast) -> ApiResult<ForecastView> {
        let months = command.months.unwrap_or(MONTHS);
        if !(1..=MOST_MONTHS).contains(&months) {
            let remedy = format!("ask for 1 to {MOST_MONTHS}");
            return Err(bad_input("months", &format!("{months} cannot be forecast"), &remedy));
        }
        let book = Book::read(self, command.today.as_deref())?;
        let (kept, whose) = self.with(|replica| {
            let named = command.whose.as_deref().map(|text| whose::named(replica, text));
            Ok::<_, roadbook_api::ApiError>((Kept::read(replica)?, named.transpose()?))
        })?;
        let whose = whose.map_or(Whose::All, |named| Whose::of(&book, named));
        let quota = command.quota.as_deref().map(|text| money("quota", text, book.currency));
        let quota = quota.transpose()?;
        let ask = Ask { whose: &whose, quota, months };
        let view = self.desk.run(|watch| forecast(&book, &kept, &ask, watch))?;
        if command.today.is_none() && self.keeps == Keeps::OnDevice {
            // A snapshot is of all deals, whosever forecast is looked at.
            let all: Vec<&Deal> = book.deals.iter().collect();
            let quarter = Quarter::of(book.today);
            let expected = if whose == Whose::All || !weeks::is_due(&kept.snapshots, book.today) {
                view.outlook.mean
            } else {
                let as_of = AsOf::new(&book, &all, book.today, quarter);
                as_of.simulate(None, RUNS).outlook.mean
            };
            self.with(|replica| weeks::keep(replica, &book, &all, quarter, expected))?;
        }
        Ok(view)
    }
}

/// Reads an amount in the currency of the book.
pub(super) fn money(field: &str, text: &str, currency: Currency) -> ApiResult<f64> {
    let wrong = |problem: String| {
        bad_input(field, &problem, &format!("write it like 12000{}", currency.as_str()))
    };
    let money: Money =
        text.parse().map_err(|_| wrong(format!("`{text}` is no amount of money")))?;
    if money.currency != currency {
        return Err(wrong(format!("the deals are in {}", currency.as_str())));
    }
    Ok(major(money))
}

/// What is asked for.
pub(super) struct Ask<'a> {
    pub(super) whose: &'a Whose,
    /// The quota of the quarter in major units; that of the kept ones where absent.
    pub(super) quota: Option<f64>,
    pub(super) months: u32,
}

/// Puts the forecast together.
///
/// # Errors
/// Where planning was stopped.
pub(super) fn forecast(
    book: &Book,
    kept: &Kept,
    ask: &Ask<'_>,
    watch: &PlanWatch<'_>,
) -> ApiResult<ForecastView> {
    let Ask { whose, quota, months } = *ask;
    let quarter = Quarter::of(book.today);
    let deals: Vec<&Deal> = book.deals.iter().filter(|deal| whose.has_deal(book, deal)).collect();
    let deals = deals.as_slice();
    // What was forecast for all says nothing about how the forecasts for one did.
    let judged: &[(i64, Snapshot)] = if *whose == Whose::All { &kept.snapshots } else { &[] };
    let Revenue { all, products, people, teams } = revenue(book, deals, months, watch)?;
    watch.step("solve", 0, 1)?;
    let as_of = AsOf::new(book, deals, book.today, quarter);
    let quotas = kept.quotas(book, whose, quarter);
    let adjusted = kept.adjustments(whose, quarter);
    let whole = quota.or_else(|| {
        let sum: f64 = quotas.values().sum();
        (sum > 0.0).then_some(sum)
    });
    let simulated = as_of.simulate(whole, RUNS);
    let open: Vec<&&Deal> = deals.iter().filter(|d| d.standing == Standing::Open).collect();
    let stages = book.stages.iter().enumerate().filter(|(_, state)| !state.closed);
    let stages = stages.map(|(stage, state)| {
        let here = || open.iter().filter(|deal| deal.stage == stage);
        StageRateView {
            stage: state.name.to_owned(),
            written: f64::from(state.probability_percent) / 100.0,
            calibrated: as_of.rates.of_stage(stage),
            deals: here().count() as u64,
            amount: here().map(|deal| book.worth(deal)).sum(),
        }
    });
    Ok(ForecastView {
        as_of: book.as_of.clone(),
        currency: book.currency.as_str().to_owned(),
        other_currencies: book.other_currencies,
        undated: open.iter().filter(|deal| deal.close.is_none()).count() as u64,
        quarter: quarter.label(),
        first: quarter.first.to_string(),
        last: quarter.last.to_string(),
        revenue: all,
        products,
        people,
        teams,
        outlook: as_of.view(&simulated),
        stages: stages.collect(),
        decided: as_of.rates.seen() as u64,
        roll_up: rolled_up(book, deals, &adjusted, &quotas, whole, quarter),
        adjustments: adjustments(book, &adjusted),
        waterfall: weeks::waterfalls(book, deals, quarter, &kept.snapshots),
        accuracy: weeks::judged(book, deals, judged, watch)?,
    })
}

fn category(deal: &Deal) -> Option<Category> {
    match deal.standing {
        Standing::Won => Some(Category::Closed),
        Standing::Lost => None,
        Standing::Open => match deal.category.as_str() {
            "Commit" | "Closed" => Some(Category::Commit),
            "Best case" => Some(Category::BestCase),
            "Omitted" => None,
            _ => Some(Category::Pipeline),
        },
    }
}

fn rolled_up(
    book: &Book,
    deals: &[&Deal],
    adjusted: &[(i64, KeptAdjustment)],
    quotas: &BTreeMap<RecordId, f64>,
    whole: Option<f64>,
    quarter: Quarter,
) -> Vec<RollUpRowView> {
    let tree = Tree::of(book);
    let in_quarter = |deal: &&&Deal| deal.close.is_some_and(|day| quarter.holds(day));
    let rows: Vec<(usize, Category, f64)> = deals
        .iter()
        .filter(in_quarter)
        .filter_map(|deal| Some((tree.node(deal.owner), category(deal)?, book.worth(deal))))
        .collect();
    let adjusted: Vec<Adjustment> = adjusted
        .iter()
        .filter_map(|(_, one)| {
            let (node, category) = (tree.node(one.whose), category_of(&one.category)?);
            Some(Adjustment { node, category, amount: one.amount })
        })
        .collect();
    let sums = roll_up(&tree.parents, &rows, &adjusted);
    // Quotas add up like deals do.
    let parts: Vec<(usize, Category, f64)> = quotas
        .iter()
        .map(|(rep, quota)| (tree.node(Some(*rep)), Category::Closed, *quota))
        .collect();
    let targets = roll_up(&tree.parents, &parts, &[]);
    let quota = |node: usize| match (node, whole) {
        (0, Some(whole)) => Some(whole),
        _ => Some(targets[node].of(Category::Closed)).filter(|quota| *quota > 0.0),
    };
    let shown: Vec<bool> = (0..sums.len())
        .map(|node| sums[node] != Sums::default() || quota(node).is_some())
        .collect();
    let row = |(node, depth): (usize, u32)| {
        let sums = &sums[node];
        let target = quota(node).map(|quota| sums.against(quota));
        let adjusted: f64 = Category::ALL.iter().map(|c| sums.adjustment(*c)).sum();
        RollUpRowView {
            label: tree.labels[node].clone(),
            link: tree.links[node].map(|(entity, record)| book.link(record, entity)),
            depth,
            closed: sums.of(Category::Closed),
            commit: sums.of(Category::Commit),
            best_case: sums.of(Category::BestCase),
            pipeline: sums.of(Category::Pipeline),
            adjusted,
            commit_forecast: sums.up_to(Category::Commit),
            best_case_forecast: sums.up_to(Category::BestCase),
            pipeline_forecast: sums.up_to(Category::Pipeline),
            deals: sums.deals as u64,
            quota: target.map(|target| target.quota),
            attainment: target.and_then(|target| target.attainment),
            gap: target.map(|target| target.gap),
            coverage: target.and_then(|target| target.coverage),
        }
    };
    tree.order(&shown).into_iter().map(row).collect()
}

fn category_of(word: &str) -> Option<Category> {
    match word {
        "commit" => Some(Category::Commit),
        "best_case" => Some(Category::BestCase),
        "pipeline" => Some(Category::Pipeline),
        _ => None,
    }
}

fn adjustments(book: &Book, kept: &[(i64, KeptAdjustment)]) -> Vec<AdjustmentView> {
    let view = |(number, one): &(i64, KeptAdjustment)| AdjustmentView {
        number: u32::try_from(*number).unwrap_or(0),
        link: one.whose.map(|whose| {
            let is_user = book.users.iter().any(|user| user.id == whose);
            book.link(whose, if is_user { Entity::User } else { Entity::Territory })
        }),
        category: one.category.clone(),
        amount: one.amount,
        why: one.why.clone(),
        at_ms: one.at_ms,
        quarter: one.quarter(),
    };
    kept.iter().map(view).collect()
}

impl Run<AdjustForecast> for App {
    fn run(&self, command: AdjustForecast) -> ApiResult<Vec<AdjustmentView>> {
        let book = Book::read(self, None)?;
        let at_ms = self.host.wall_ms();
        self.with(|replica| {
            let before: Vec<(i64, KeptAdjustment)> = kept::read(replica, kept::ADJUSTMENT)?;
            match command {
                AdjustForecast::Add { whose: named, category, amount, why } => {
                    if category_of(&category).is_none() {
                        let problem = format!("there is no category `{category}`");
                        let remedy = "take commit, best_case or pipeline";
                        return Err(bad_input("category", &problem, remedy));
                    }
                    if why.trim().is_empty() {
                        return Err(bad_input("why", "is empty", "say why, for those who read it"));
                    }
                    let whose = named.as_deref().map(|text| whose::named(replica, text));
                    let whose = whose.transpose()?;
                    let one = KeptAdjustment {
                        whose: whose.map(|(_, record)| record),
                        category,
                        amount: money("amount", &amount, book.currency)?,
                        why: why.trim().to_owned(),
                        at_ms,
                        quarter: Some(Quarter::of(book.today).label()),
                    };
                    let next = before.last().map_or(1, |(number, _)| number + 1);
                    kept::write(replica, kept::ADJUSTMENT, next, &one)?;
                }
                AdjustForecast::Remove { number } => {
                    let dropped = replica
                        .drop_planning(kept::ADJUSTMENT, i64::from(number))
                        .map_err(|error| crate::errors::of_store(&error))?;
                    if !dropped {
                        return Err(not_found("adjustment", &number.to_string()));
                    }
                }
            }
            Ok(adjustments(&book, &kept::read(replica, kept::ADJUSTMENT)?))
        })
    }
}
