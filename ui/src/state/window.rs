//! Which part of a long list is drawn, and which pages of it are fetched. Pure arithmetic.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// Rows that are drawn beyond the edges, so that scrolling shows no gap.
pub const OVERSCAN: usize = 8;

/// What is seen of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// How many rows the list has.
    pub rows: usize,
    /// The height of a row in pixels.
    pub row_px: f64,
    /// How far the list is scrolled, in pixels.
    pub scroll_px: f64,
    /// How much of it is seen, in pixels.
    pub height_px: f64,
}

impl View {
    /// The rows to draw.
    #[must_use]
    pub fn drawn(&self) -> Range<usize> {
        let first = whole(self.scroll_px / self.row_px).min(self.rows);
        let seen = whole((self.height_px / self.row_px).ceil()) + 1;
        let start = first.saturating_sub(OVERSCAN);
        start..(first + seen + OVERSCAN).min(self.rows)
    }

    /// Where to scroll so that a row is wholly seen; `None` if it is.
    #[must_use]
    pub fn reveal(&self, row: usize, header_px: f64) -> Option<f64> {
        let top = px(row) * self.row_px;
        let seen = self.height_px - header_px;
        if top < self.scroll_px {
            return Some(top);
        }
        let bottom = top + self.row_px;
        (bottom > self.scroll_px + seen).then_some((bottom - seen).max(0.0))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is clamped by the cast, and a list has no rows before the first"
)]
fn whole(number: f64) -> usize {
    number.floor() as usize
}

/// A number of rows as a float; exact up to 2^53.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no list has 2^53 rows")]
pub fn px(rows: usize) -> f64 {
    rows as f64
}

/// How many rows are fetched at once.
pub const PAGE: usize = 100;

/// How many pages are kept; the ones used longest ago go first.
const KEPT: usize = 40;

/// Rows that came in pages, each kept with when it was last looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Pages<T> {
    /// How many rows there are altogether; `None` until the first page came.
    pub total: Option<usize>,
    pages: BTreeMap<usize, (u64, Rc<Vec<T>>)>,
    turn: u64,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { total: None, pages: BTreeMap::new(), turn: 0 }
    }
}

impl<T> Pages<T> {
    /// The row at a place, if its page is here.
    #[must_use]
    pub fn row(&self, at: usize) -> Option<&T> {
        self.pages.get(&(at / PAGE)).and_then(|(_, page)| page.get(at % PAGE))
    }

    /// The place of the first row here that is this.
    #[must_use]
    pub fn place(&self, is: impl Fn(&T) -> bool) -> Option<usize> {
        self.pages
            .iter()
            .find_map(|(number, (_, page))| page.iter().position(&is).map(|at| number * PAGE + at))
    }

    /// The numbers of the pages that are missing for these rows.
    #[must_use]
    pub fn missing(&self, rows: &Range<usize>) -> Vec<usize> {
        if self.total.is_none() {
            return vec![0];
        }
        if rows.is_empty() {
            return Vec::new();
        }
        let pages = rows.start / PAGE..=(rows.end - 1) / PAGE;
        pages.filter(|page| !self.pages.contains_key(page)).collect()
    }

    /// Takes a page in. The oldest page goes when there are too many.
    pub fn take_in(&mut self, page: usize, rows: Vec<T>, total: usize) {
        self.turn += 1;
        self.total = Some(total);
        self.pages.insert(page, (self.turn, Rc::new(rows)));
        if self.pages.len() > KEPT {
            let oldest = self.pages.iter().min_by_key(|(_, (turn, _))| *turn);
            if let Some(oldest) = oldest.map(|(page, _)| *page) {
                self.pages.remove(&oldest);
            }
        }
    }

    /// The pages that are here, to be fetched anew after a change.
    #[must_use]
    pub fn held(&self) -> Vec<usize> {
        self.pages.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(scroll_px: f64) -> View {
        View { rows: 50_000, row_px: 36.0, scroll_px, height_px: 720.0 }
    }

    #[test]
    fn only_what_is_seen_and_a_little_more_is_drawn() {
        assert_eq!(view(0.0).drawn(), 0..29);
        assert_eq!(view(36_000.0).drawn(), 992..1_029);
        assert_eq!(view(36.0 * 50_000.0).drawn(), 49_992..50_000);
        assert_eq!(view(9e12).drawn().end, 50_000, "beyond the end is the end");
        assert_eq!(view(-50.0).drawn().start, 0, "a list that is pulled down draws its top");
        assert_eq!(View { rows: 0, ..view(0.0) }.drawn(), 0..0);
    }

    #[test]
    fn a_row_out_of_sight_is_brought_into_it() {
        assert_eq!(view(0.0).reveal(3, 36.0), None);
        assert_eq!(view(360.0).reveal(3, 36.0), Some(108.0));
        assert_eq!(view(0.0).reveal(19, 36.0), Some(36.0));
    }

    #[test]
    fn pages_that_are_missing_are_named_and_old_ones_go() {
        let mut pages = Pages::default();
        assert_eq!(pages.missing(&(0..0)), [0], "the first page tells the total");
        pages.take_in(0, (0..PAGE).collect(), 50_000);
        assert_eq!(pages.missing(&(90..110)), [1]);
        assert_eq!(pages.row(99), Some(&99));
        assert_eq!(pages.row(100), None);
        for page in 1..=KEPT {
            pages.take_in(page, (0..PAGE).collect(), 50_000);
        }
        assert_eq!(pages.held().len(), KEPT);
        assert_eq!(pages.row(0), None, "the first page was the oldest");
    }
}
