//! Which rows of a list are at hand and which are selected: arrows, space, shift, all.

use std::collections::BTreeSet;
use std::rc::Rc;

use yew::Reducible;

/// The selection of a list of `length` rows, by their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// How many rows there are.
    pub length: usize,
    /// The row at hand: the one that keys act on.
    pub at_hand: Option<usize>,
    /// Where a range begins.
    anchor: Option<usize>,
    /// The selected rows.
    pub selected: BTreeSet<usize>,
}

/// What happens to a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectionAction {
    /// The list has another length; what lies beyond it is forgotten.
    Length(usize),
    /// So many rows down, or up if negative; the selection stays.
    Step(isize),
    /// To a row.
    To(usize),
    /// Selects a row or unselects it; ranges begin here.
    Toggle(usize),
    /// Selects from where the range began to a row.
    Range(usize),
    /// Selects all, or nothing if all are selected.
    All,
    /// Selects nothing.
    Clear,
}

impl Selection {
    /// No row is selected, the first one is not at hand yet.
    #[must_use]
    pub fn of(length: usize) -> Self {
        Self { length, ..Self::default() }
    }

    /// How much of the list is selected, for the box in the header.
    #[must_use]
    pub fn extent(&self) -> Extent {
        match self.selected.len() {
            0 => Extent::Nothing,
            some if some < self.length => Extent::Some,
            _ => Extent::All,
        }
    }
}

/// How much of a list is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// Nothing.
    Nothing,
    /// Some rows.
    Some,
    /// All rows.
    All,
}

impl Reducible for Selection {
    type Action = SelectionAction;

    fn reduce(self: Rc<Self>, action: SelectionAction) -> Rc<Self> {
        let mut next = (*self).clone();
        let last = next.length.saturating_sub(1);
        match action {
            SelectionAction::Length(length) => {
                next.length = length;
                next.selected.retain(|row| *row < length);
                next.at_hand = next.at_hand.filter(|row| *row < length);
                next.anchor = next.anchor.filter(|row| *row < length);
            }
            _ if next.length == 0 => return self,
            SelectionAction::Step(by) => {
                let first = if by < 0 { last } else { 0 };
                let to = next.at_hand.map_or(first, |row| row.saturating_add_signed(by).min(last));
                next.at_hand = Some(to);
            }
            SelectionAction::To(row) => next.at_hand = Some(row.min(last)),
            SelectionAction::Toggle(row) => {
                let row = row.min(last);
                if !next.selected.remove(&row) {
                    next.selected.insert(row);
                }
                next.at_hand = Some(row);
                next.anchor = Some(row);
            }
            SelectionAction::Range(row) => {
                let row = row.min(last);
                let anchor = next.anchor.or(next.at_hand).unwrap_or(row);
                next.selected.extend(anchor.min(row)..=anchor.max(row));
                next.anchor = Some(anchor);
                next.at_hand = Some(row);
            }
            SelectionAction::All => {
                let all = next.extent() == Extent::All;
                next.selected = if all { BTreeSet::new() } else { (0..next.length).collect() };
            }
            SelectionAction::Clear => {
                next.selected.clear();
                next.anchor = None;
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(length: usize, actions: &[SelectionAction]) -> Rc<Selection> {
        actions.iter().fold(Rc::new(Selection::of(length)), |state, action| state.reduce(*action))
    }

    fn rows(selection: &Selection) -> Vec<usize> {
        selection.selected.iter().copied().collect()
    }

    #[test]
    fn steps_stop_at_both_ends() {
        use SelectionAction::Step;
        assert_eq!(after(3, &[Step(1)]).at_hand, Some(0), "the first step is onto the first row");
        assert_eq!(after(3, &[Step(-1)]).at_hand, Some(2));
        assert_eq!(after(3, &[Step(1), Step(10)]).at_hand, Some(2));
        assert_eq!(after(3, &[Step(1), Step(-10)]).at_hand, Some(0));
        assert_eq!(after(0, &[Step(1)]).at_hand, None);
    }

    #[test]
    fn a_range_goes_from_the_last_toggled_row_in_both_directions() {
        use SelectionAction::{Range, Toggle};
        assert_eq!(rows(&after(9, &[Toggle(3), Range(5)])), [3, 4, 5]);
        assert_eq!(rows(&after(9, &[Toggle(3), Range(1)])), [1, 2, 3]);
        assert_eq!(rows(&after(9, &[Toggle(3), Range(5), Toggle(4)])), [3, 5]);
        assert_eq!(rows(&after(3, &[Range(99)])), [2], "beyond the end is the last row");
    }

    #[test]
    fn all_selects_everything_and_then_nothing() {
        use SelectionAction::{All, Clear, Toggle};
        assert_eq!(after(3, &[Toggle(1)]).extent(), Extent::Some);
        assert_eq!(after(3, &[Toggle(1), All]).extent(), Extent::All);
        assert_eq!(after(3, &[All, All]).extent(), Extent::Nothing);
        assert_eq!(after(3, &[All, Clear]).extent(), Extent::Nothing);
        assert_eq!(after(0, &[All]).extent(), Extent::Nothing);
    }

    #[test]
    fn a_shorter_list_forgets_what_lies_beyond_it() {
        use SelectionAction::{Length, Toggle};
        let state = after(9, &[Toggle(2), Toggle(7), Length(5)]);
        assert_eq!(rows(&state), [2]);
        assert_eq!(state.at_hand, None);
    }
}
