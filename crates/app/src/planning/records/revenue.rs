//! Revenue by month: whole, by product, by territory and person, and by team, with forecasts that add
//! up.
//!
//! The whole, territories, teams and people are brought together first: a territory is the sum of
//! the people below it, a team that of its members. Products then share the whole.

use std::collections::BTreeSet;

use jiff::civil::Date;
use roadbook_api::views::planning::{BandPointView, PointView, SeriesView};
use roadbook_domain::{Entity, RecordId};
use roadbook_planning::forecast::clean::{LastPeriod, clean};
use roadbook_planning::forecast::{Forecast, Frequency, Method, Series};

use super::book::{Book, Deal};
use super::crew::Crew;
use super::dates;
use super::lines::{Line, Months, OTHERS, summed, total};
use super::reconcile::{add_up, move_to, share};
use crate::errors::ApiResult;
use crate::planning::{PlanWatch, views};

/// Products that are forecast on their own; the others go together.
const PRODUCTS: usize = 12;

/// Revenue by month with its forecasts. Empty lists where there are no parts.
pub(super) struct Revenue {
    pub(super) all: SeriesView,
    /// They add up to all.
    pub(super) products: Vec<SeriesView>,
    /// Territories and people, parents before children, which add up to them.
    pub(super) people: Vec<SeriesView>,
    /// Each is the sum of its members.
    pub(super) teams: Vec<SeriesView>,
}

/// Revenue by month with its forecasts, which add up.
///
/// # Errors
/// Where planning was stopped.
pub(super) fn revenue(
    book: &Book,
    deals: &[&Deal],
    months: u32,
    watch: &PlanWatch<'_>,
) -> ApiResult<Revenue> {
    let span = Months::of(book, deals);
    let mut whole = span.sums(book, deals, |_| ());
    let values = whole.remove(&()).unwrap_or_else(|| vec![0.0; span.count + 1]);
    let all = Line { label: "All".to_owned(), values, ..Line::default() };
    let products = products(book, deals, &span);
    let crew = Crew::of(book, deals, &span);
    let mut lines = vec![&all];
    lines.extend(crew.totals.iter().chain(&crew.parts));
    let steps = lines.len() + products.len();
    let mut done = 0;
    let mut tell = |lines: &[&Line]| -> ApiResult<Vec<Predicted>> {
        let mut told = Vec::new();
        for line in lines {
            if done > 0 {
                watch.step("forecast", done, steps)?;
            }
            done += 1;
            told.push(one(&line.values[..span.count], span.first, months));
        }
        Ok(told)
    };
    let mut told = tell(&lines)?;
    let mut of_products = tell(&products.iter().collect::<Vec<_>>())?;
    if crew.parts.is_empty() {
        // Products say as much about the whole as it says about them.
        lines.extend(&products);
        told.append(&mut of_products);
        let parts = products.len();
        bring_together(&mut told, &lines, span.count, vec![(0..parts).collect()]);
        of_products = told.split_off(1);
    } else {
        let mut groups = vec![(0..crew.parts.len()).collect()];
        groups.extend(crew.groups.iter().cloned());
        bring_together(&mut told, &lines, span.count, groups);
        give_shares(&told[0], &mut of_products, &products);
    }
    let view = |(line, told): (&Line, Predicted)| series(book, &span, line, told);
    let products = products.iter().zip(of_products).map(view).collect();
    let mut told = told.into_iter();
    let all = view((&all, told.next().unwrap_or_default()));
    let of_crew = crew.totals.iter().chain(&crew.parts).zip(told);
    let mut views: Vec<Option<SeriesView>> = of_crew.map(view).map(Some).collect();
    let mut pick = |at: usize| views.get_mut(at).and_then(Option::take);
    let teams = crew.teams.clone().filter_map(&mut pick).collect();
    let people = crew.shown.iter().copied().filter_map(&mut pick).collect();
    Ok(Revenue { all, products, people, teams })
}

/// Revenue by product: those that sold most, and the others together.
fn products(book: &Book, deals: &[&Deal], span: &Months) -> Vec<Line> {
    let sums = span.sums(book, deals, |deal| deal.product);
    let mut order: Vec<(Option<RecordId>, Vec<f64>)> = sums.into_iter().collect();
    order.sort_by(|a, b| total(&b.1).total_cmp(&total(&a.1)));
    let own = order.iter().take(PRODUCTS).filter(|(product, _)| product.is_some());
    let own: BTreeSet<Option<RecordId>> = own.map(|(product, _)| *product).collect();
    let (own, others): (Vec<_>, Vec<_>) =
        order.into_iter().partition(|(product, _)| own.contains(product));
    let line = |(product, values): (Option<RecordId>, Vec<f64>)| Line {
        label: book.name(product),
        link: product.map(|product| (Entity::Product, product)),
        depth: 1,
        values,
    };
    let mut lines: Vec<Line> = own.into_iter().map(line).collect();
    if !others.is_empty() {
        let values = summed(span.count + 1, others.iter().map(|(_, values)| values.as_slice()));
        lines.push(Line { label: OTHERS.to_owned(), depth: 1, values, ..Line::default() });
    }
    lines
}

/// What a model says about one series.
#[derive(Default)]
struct Predicted {
    forecast: Option<Forecast>,
    model: String,
    repaired: BTreeSet<usize>,
    notes: Vec<String>,
}

fn one(values: &[f64], first: Date, months: u32) -> Predicted {
    let mut out = Predicted::default();
    let series = Series::complete(values.to_vec(), Frequency::Monthly, Some(first));
    let Some(series) = series.ok().filter(|_| values.len() >= 3) else {
        out.notes.push("fewer than three whole months of revenue: nothing to forecast from".into());
        return out;
    };
    let cleaned = clean(&series, LastPeriod::Closed);
    for repair in &cleaned.repairs {
        let month = i32::try_from(repair.position).unwrap_or(0);
        let label = dates::label(dates::month(first, month));
        out.notes.push(format!("{label}: {}", repair.damage.reason()));
        out.repaired.insert(repair.position);
    }
    let horizon = usize::try_from(months).unwrap_or(1);
    match Method::Combination.forecast(&cleaned.series, horizon) {
        Ok(forecast) => {
            out.model.clone_from(&forecast.label);
            out.notes.extend(forecast.notes.iter().map(|note| views::note(note).1));
            out.forecast = Some(forecast);
        }
        Err(error) => out.notes.push(error.to_string()),
    }
    out
}

/// The paths of all; `None` where one has none.
fn paths(told: &[Predicted]) -> Option<Vec<Vec<f64>>> {
    told.iter().map(|one| one.forecast.as_ref().map(|it| it.mean.clone())).collect()
}

fn move_all(told: &mut [Predicted], paths: Vec<Vec<f64>>) {
    for (one, path) in told.iter_mut().zip(paths) {
        if let Some(forecast) = &mut one.forecast {
            move_to(forecast, path);
        }
    }
}

/// Makes the forecasts of totals and parts add up; `groups` are the parts of each total.
fn bring_together(told: &mut [Predicted], lines: &[&Line], count: usize, groups: Vec<Vec<usize>>) {
    let histories: Vec<&[f64]> = lines.iter().map(|line| &line.values[..count]).collect();
    let found = paths(told).and_then(|paths| add_up(&paths, &histories, groups));
    if let Some(found) = found {
        move_all(told, found);
    }
}

/// Gives products their shares of the whole.
fn give_shares(all: &Predicted, products: &mut [Predicted], lines: &[Line]) {
    let before: Vec<f64> = lines.iter().map(|line| total(&line.values)).collect();
    if let (Some(all), Some(paths)) = (&all.forecast, paths(products)) {
        move_all(products, share(&all.mean, &paths, &before));
    }
}

fn series(book: &Book, span: &Months, line: &Line, told: Predicted) -> SeriesView {
    SeriesView {
        label: line.label.clone(),
        link: line.link.map(|(entity, record)| book.link(record, entity)),
        depth: line.depth,
        history: points(&line.values, span.first, &told.repaired),
        forecast: bands(&told, span.this),
        model: told.model,
        notes: told.notes,
    }
}

fn points(values: &[f64], first: Date, repaired: &BTreeSet<usize>) -> Vec<PointView> {
    let point = |(at, value): (usize, &f64)| {
        let month = dates::month(first, i32::try_from(at).unwrap_or(0));
        PointView {
            date: month.to_string(),
            label: dates::label(month),
            value: *value,
            repaired: repaired.contains(&at) || at + 1 == values.len(),
        }
    };
    values.iter().enumerate().map(point).collect()
}

fn bands(told: &Predicted, this: Date) -> Vec<BandPointView> {
    let Some(forecast) = &told.forecast else { return Vec::new() };
    let band = |(at, mean): (usize, &f64)| {
        let month = dates::month(this, i32::try_from(at).unwrap_or(0));
        BandPointView {
            date: month.to_string(),
            label: dates::label(month),
            mean: *mean,
            lo80: forecast.interval80.lower[at],
            hi80: forecast.interval80.upper[at],
            lo95: forecast.interval95.lower[at],
            hi95: forecast.interval95.upper[at],
        }
    };
    forecast.mean.iter().enumerate().map(band).collect()
}
