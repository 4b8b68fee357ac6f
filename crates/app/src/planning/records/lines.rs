//! What was sold by month: series of one length, each with what it is called and where it stands.

use std::collections::BTreeMap;

use jiff::civil::Date;
use roadbook_domain::{Entity, RecordId};

use super::book::{Book, Deal, Standing};
use super::dates;

/// Months of history that are shown and read.
const HISTORY: i32 = 60;
/// The label of those that go together.
pub(super) const OTHERS: &str = "Other";

/// The months that are read: whole ones, and the open one after them.
pub(super) struct Months {
    pub(super) first: Date,
    /// The month that is not over.
    pub(super) this: Date,
    /// Whole months before it.
    pub(super) count: usize,
}

impl Months {
    pub(super) fn of(book: &Book, deals: &[&Deal]) -> Self {
        let this = dates::month(book.today, 0);
        let won = deals.iter().filter_map(|deal| won(book, deal));
        let first = won.map(|(day, _)| dates::month(day, 0)).min().unwrap_or(this);
        let first = first.max(dates::month(this, -HISTORY));
        let count = usize::try_from(dates::months_between(first, this)).unwrap_or(0);
        Self { first, this, count }
    }

    /// The place of a day's month; `None` where it is not read.
    fn place(&self, day: Date) -> Option<usize> {
        let place = usize::try_from(dates::months_between(self.first, day)).ok()?;
        (place <= self.count).then_some(place)
    }

    /// What the deals of each part brought by month; a part is named by what `part` says of a deal.
    pub(super) fn sums<K: Ord>(
        &self,
        book: &Book,
        deals: &[&Deal],
        part: impl Fn(&Deal) -> K,
    ) -> BTreeMap<K, Vec<f64>> {
        let mut out: BTreeMap<K, Vec<f64>> = BTreeMap::new();
        for deal in deals {
            let Some((day, amount)) = won(book, deal) else { continue };
            let Some(place) = self.place(day) else { continue };
            out.entry(part(deal)).or_insert_with(|| vec![0.0; self.count + 1])[place] += amount;
        }
        out
    }
}

/// The day and the worth of a deal that is won.
fn won(book: &Book, deal: &Deal) -> Option<(Date, f64)> {
    let day = deal.close.filter(|day| deal.standing == Standing::Won && *day <= book.today)?;
    Some((day, book.worth(deal)))
}

/// One series: what it is called, where it stands, and what was; the last month is not over.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) label: String,
    pub(super) link: Option<(Entity, RecordId)>,
    pub(super) depth: u32,
    pub(super) values: Vec<f64>,
}

/// The sum of a series.
pub(super) fn total(values: &[f64]) -> f64 {
    values.iter().sum()
}

/// The sum of series of one length.
pub(super) fn summed<'a>(length: usize, parts: impl Iterator<Item = &'a [f64]>) -> Vec<f64> {
    let mut out = vec![0.0; length];
    for part in parts {
        for (sum, value) in out.iter_mut().zip(part) {
            *sum += value;
        }
    }
    out
}
