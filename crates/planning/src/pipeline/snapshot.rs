//! What moved between two snapshots of the pipeline: the weekly waterfall.
//!
//! The waterfall is about what is open and to close within a window of days, such as a quarter. It
//! always adds up: start, plus and minus every part, is the end.

use std::collections::BTreeMap;

/// Where a deal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not decided.
    Open,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

/// A deal in a snapshot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deal {
    /// Which.
    pub id: [u8; 16],
    /// What it is worth.
    pub amount: f64,
    /// The day on which it is to close, or closed; `None` where nobody said.
    pub close_day: Option<i32>,
    /// Where it stands.
    pub state: State,
}

/// First and last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub first: i32,
    /// The last day.
    pub last: i32,
}

impl Window {
    fn holds(self, deal: &Deal) -> bool {
        deal.close_day.is_some_and(|day| (self.first..=self.last).contains(&day))
    }

    /// Whether a deal counts: open, and to close within the window.
    fn counts(self, deal: &Deal) -> bool {
        deal.state == State::Open && self.holds(deal)
    }
}

/// What became of a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Move {
    /// It was not there before.
    New,
    /// Its close date moved into the window, or it was opened again.
    PulledIn,
    /// Its close date moved out of the window.
    Pushed,
    /// It was won.
    Won,
    /// It was lost.
    Lost,
    /// Its amount changed.
    Amount,
    /// It is gone: deleted, or no longer visible.
    Gone,
}

impl Move {
    /// All moves, in the order of a waterfall.
    pub const ALL: [Self; 7] =
        [Self::New, Self::PulledIn, Self::Pushed, Self::Won, Self::Lost, Self::Amount, Self::Gone];
}

/// One deal's part of a waterfall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// Which deal.
    pub id: [u8; 16],
    /// What became of it.
    pub what: Move,
    /// What it adds; negative where it takes away.
    pub amount: f64,
}

/// What moved between two snapshots.
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall {
    /// Open and to close within the window, before.
    pub start: f64,
    /// The same, after.
    pub end: f64,
    /// Every deal that moved; a deal whose amount changed as it moved is there twice.
    pub moves: Vec<Moved>,
}

impl Waterfall {
    /// The sum of one kind of move, and how many deals it is.
    #[must_use]
    pub fn sum(&self, what: Move) -> (f64, usize) {
        let of = self.moves.iter().filter(|moved| moved.what == what);
        of.fold((0.0, 0), |(sum, count), moved| (sum + moved.amount, count + 1))
    }
}

/// Compares two snapshots.
#[must_use]
pub fn waterfall(before: &[Deal], after: &[Deal], window: Window) -> Waterfall {
    let amount = |deal: &Deal| if deal.amount.is_finite() { deal.amount } else { 0.0 };
    let total = |deals: &[Deal]| -> f64 {
        deals.iter().filter(|deal| window.counts(deal)).map(amount).sum()
    };
    let then: BTreeMap<[u8; 16], &Deal> = before.iter().map(|deal| (deal.id, deal)).collect();
    let now: BTreeMap<[u8; 16], &Deal> = after.iter().map(|deal| (deal.id, deal)).collect();
    let mut moves = Vec::new();
    for (id, old) in &then {
        let mut moved = |what, amount: f64| moves.push(Moved { id: *id, what, amount });
        let counted = window.counts(old);
        match now.get(id) {
            None if counted => moved(Move::Gone, -amount(old)),
            None => {}
            Some(new) if counted && window.counts(new) => {
                let change = amount(new) - amount(old);
                if change != 0.0 {
                    moved(Move::Amount, change);
                }
            }
            Some(new) if counted => {
                let what = match new.state {
                    State::Won => Move::Won,
                    State::Lost => Move::Lost,
                    State::Open => Move::Pushed,
                };
                moved(what, -amount(old));
            }
            Some(new) if window.counts(new) => moved(Move::PulledIn, amount(new)),
            Some(_) => {}
        }
    }
    for (id, new) in now.iter().filter(|(id, new)| !then.contains_key(*id) && window.counts(new)) {
        moves.push(Moved { id: *id, what: Move::New, amount: amount(new) });
    }
    Waterfall { start: total(before), end: total(after), moves }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { first: 0, last: 90 };

    fn deal(id: u8, amount: f64, close_day: i32, state: State) -> Deal {
        Deal { id: [id; 16], amount, close_day: Some(close_day), state }
    }

    #[test]
    fn every_part_has_its_deals_and_all_adds_up() {
        use State::{Lost, Open, Won};
        let before = [
            deal(1, 10.0, 30, Open),
            deal(2, 20.0, 30, Open),
            deal(3, 30.0, 30, Open),
            deal(4, 40.0, 120, Open),
            deal(5, 50.0, 60, Open),
            deal(6, 60.0, 60, Open),
            deal(7, 70.0, 10, Lost),
        ];
        let after = [
            deal(1, 12.0, 30, Won),
            deal(2, 20.0, 31, Lost),
            deal(3, 30.0, 99, Open),
            deal(4, 45.0, 80, Open),
            deal(5, 55.0, 61, Open),
            deal(7, 70.0, 50, Open),
            deal(8, 80.0, 90, Open),
        ];
        let found = waterfall(&before, &after, WINDOW);
        let parts: Vec<(Move, f64)> =
            Move::ALL.into_iter().map(|what| (what, found.sum(what).0)).collect();
        assert_eq!(
            parts,
            [
                (Move::New, 80.0),
                (Move::PulledIn, 115.0),
                (Move::Pushed, -30.0),
                (Move::Won, -10.0),
                (Move::Lost, -20.0),
                (Move::Amount, 5.0),
                (Move::Gone, -60.0),
            ]
        );
        let sum: f64 = parts.iter().map(|(_, amount)| amount).sum();
        assert!((found.start + sum - found.end).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn a_quiet_week_has_no_moves() {
        let deals = [deal(1, 10.0, 30, State::Open)];
        let found = waterfall(&deals, &deals, WINDOW);
        assert!(found.moves.is_empty() && (found.end - 10.0).abs() < 1e-9);
        assert!(waterfall(&[], &[], WINDOW).moves.is_empty());
    }
}
