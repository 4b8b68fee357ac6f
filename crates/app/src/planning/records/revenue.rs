//! Revenue by month, whole and by product, with forecasts that add up.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use roadbook_api::views::planning::{BandPointView, PointView, SeriesView};
use roadbook_domain::RecordId;
use roadbook_planning::forecast::clean::{LastPeriod, clean};
use roadbook_planning::forecast::{Forecast, Frequency, Hierarchy, Method, Reconciliation, Series};

use super::book::{Book, Deal, Standing};
use super::dates;
use crate::errors::ApiResult;
use crate::planning::{PlanWatch, views};

/// Months of history that are shown and read.
const HISTORY: i32 = 60;
/// Products that are forecast on their own; the others go together.
const PRODUCTS: usize = 12;

/// Revenue by month with its forecast, whole and by product; parts add up to the whole.
pub(super) fn revenue(
    book: &Book,
    deals: &[&Deal],
    months: u32,
    watch: &PlanWatch<'_>,
) -> ApiResult<(SeriesView, Vec<SeriesView>)> {
    let won: Vec<(Date, Option<RecordId>, f64)> = deals
        .iter()
        .filter(|deal| deal.standing == Standing::Won)
        .filter_map(|deal| Some((deal.close?, deal.product, book.worth(deal))))
        .filter(|(day, _, _)| *day <= book.today)
        .collect();
    let this = dates::month(book.today, 0);
    let first = won.iter().map(|(day, _, _)| dates::month(*day, 0)).min().unwrap_or(this);
    let first = first.max(dates::month(this, -HISTORY));
    let count = usize::try_from(dates::months_between(first, this)).unwrap_or(0);
    let mut totals: BTreeMap<Option<RecordId>, f64> = BTreeMap::new();
    for (_, product, amount) in &won {
        *totals.entry(*product).or_default() += amount;
    }
    let mut order: Vec<(Option<RecordId>, f64)> = totals.into_iter().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let own: Vec<Option<RecordId>> =
        order.iter().take(PRODUCTS).map(|(product, _)| *product).filter(Option::is_some).collect();
    let mut labels: Vec<String> = own.iter().map(|product| book.name(*product)).collect();
    if order.len() > own.len() {
        labels.push("Other".to_owned());
    }
    // One entry for each month and the open one after them.
    let mut parts = vec![vec![0.0; count + 1]; labels.len()];
    let mut whole = vec![0.0; count + 1];
    for (day, product, amount) in &won {
        let Ok(month) = usize::try_from(dates::months_between(first, *day)) else { continue };
        let part = own.iter().position(|own| own == product).unwrap_or(own.len());
        if let (Some(part), true) = (parts.get_mut(part), month <= count) {
            part[month] += amount;
            whole[month] += amount;
        }
    }
    let steps = labels.len() + 1;
    let mut told = vec![one(&whole[..count], first, months)];
    for (at, part) in parts.iter().enumerate() {
        watch.step("forecast", at + 1, steps)?;
        told.push(one(&part[..count], first, months));
    }
    add_up(&mut told);
    let view = |(label, values): (String, &[f64]), told: Predicted| SeriesView {
        label,
        history: points(values, first, &told.repaired),
        forecast: bands(&told, this),
        model: told.model,
        notes: told.notes,
    };
    let mut told = told.into_iter();
    let all = told.next().map(|told| view(("All".to_owned(), &whole), told));
    let all = all.unwrap_or_else(|| view(("All".to_owned(), &[]), Predicted::default()));
    let labelled = labels.into_iter().zip(parts.iter().map(Vec::as_slice));
    Ok((all, labelled.zip(told).map(|(part, told)| view(part, told)).collect()))
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

/// Makes the forecasts of the parts add up to that of the whole, and moves bands with them.
fn add_up(told: &mut [Predicted]) {
    let paths: Option<Vec<Vec<f64>>> =
        told.iter().map(|one| one.forecast.as_ref().map(|f| f.mean.clone())).collect();
    let (Some(paths), Some(parts)) = (paths, told.len().checked_sub(1).filter(|p| *p > 0)) else {
        return;
    };
    let Ok(hierarchy) = Hierarchy::new(parts, vec![(0..parts).collect()]) else { return };
    let equal = hierarchy.reconcile(&paths, Reconciliation::Equal);
    let sound = |paths: &Vec<Vec<f64>>| paths.iter().flatten().all(|value| *value >= 0.0);
    let paths = match equal {
        Ok(equal) if sound(&equal) => equal,
        // No part sells less than nothing: then the whole follows its parts.
        _ => match hierarchy.reconcile(&paths, Reconciliation::BottomUp) {
            Ok(paths) => paths,
            Err(_) => return,
        },
    };
    for (one, path) in told.iter_mut().zip(paths) {
        let Some(forecast) = &mut one.forecast else { continue };
        let moved: Vec<f64> = path.iter().zip(&forecast.mean).map(|(to, from)| to - from).collect();
        let Forecast { interval80, interval95, .. } = forecast;
        for limits in [
            &mut interval80.lower,
            &mut interval80.upper,
            &mut interval95.lower,
            &mut interval95.upper,
        ] {
            for (limit, moved) in limits.iter_mut().zip(&moved) {
                *limit = (*limit + moved).max(0.0);
            }
        }
        forecast.mean = path;
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
