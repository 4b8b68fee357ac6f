//! Which rows of a list are at hand and which are selected: arrows, space, shift, all.
//!
//! Rows are chosen by their place and kept by their record: as soon as a selected place is seen, it
//! remembers the record that stands there, and goes with it when the list is sorted anew.

use std::collections::BTreeMap;
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
    /// The selected places, each with the record that was chosen there; `None` for a row that has
    /// not been seen.
    pub selected: BTreeMap<usize, Option<Rc<str>>>,
}

/// A selected place that has another record now, or a record for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The place.
    pub from: usize,
    /// Where its record is now, and which it is; `None` if it is not in the list any more.
    pub to: Option<(usize, Rc<str>)>,
}

/// What happens to a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Selected places follow their records.
    Follow(Rc<[Followed]>),
}

impl Selection {
    /// No row is selected, the first one is not at hand yet.
    #[must_use]
    pub fn of(length: usize) -> Self {
        Self { length, ..Self::default() }
    }

    /// Which selected places are to follow their records. `shown` tells the record at a place, if its
    /// row is here, and `find` the place of a record; a list that is being read again (`settled` is
    /// `false`) names what stands at a place, and moves nothing yet.
    #[must_use]
    pub fn behind(
        &self,
        settled: bool,
        shown: impl Fn(usize) -> Option<Rc<str>>,
        find: impl Fn(&str) -> Option<usize>,
    ) -> Vec<Followed> {
        let moved = |(from, record): (&usize, &Option<Rc<str>>)| {
            let (from, here) = (*from, shown(*from));
            match (record, here) {
                (None, Some(here)) => Some(Followed { from, to: Some((from, here)) }),
                (Some(record), here) => {
                    let gone = here.is_none() && from >= self.length;
                    let other = here.is_some_and(|here| here != *record);
                    let to = || find(record).map(|place| (place, Rc::clone(record)));
                    (settled && (gone || other)).then(|| Followed { from, to: to() })
                }
                (None, None) => None,
            }
        };
        self.selected.iter().filter_map(moved).collect()
    }

    /// The records that are selected and known, in the order of the list.
    #[must_use]
    pub fn records(&self) -> Vec<String> {
        self.selected.values().flatten().map(ToString::to_string).collect()
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
                // A record that is known is looked for, and may be further up now.
                next.selected.retain(|row, record| *row < length || record.is_some());
                next.at_hand = next.at_hand.filter(|row| *row < length);
                next.anchor = next.anchor.filter(|row| *row < length);
            }
            SelectionAction::Follow(all) => {
                for followed in &*all {
                    next.selected.remove(&followed.from);
                }
                for (place, record) in all.iter().filter_map(|followed| followed.to.clone()) {
                    next.selected.insert(place, Some(record));
                }
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
                if next.selected.remove(&row).is_none() {
                    next.selected.insert(row, None);
                }
                next.at_hand = Some(row);
                next.anchor = Some(row);
            }
            SelectionAction::Range(row) => {
                let row = row.min(last);
                let anchor = next.anchor.or(next.at_hand).unwrap_or(row);
                for row in anchor.min(row)..=anchor.max(row) {
                    next.selected.entry(row).or_default();
                }
                next.anchor = Some(anchor);
                next.at_hand = Some(row);
            }
            SelectionAction::All => {
                let all = next.extent() == Extent::All;
                if all {
                    next.selected.clear();
                } else {
                    for row in 0..next.length {
                        next.selected.entry(row).or_default();
                    }
                }
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
        actions.iter().fold(Rc::new(Selection::of(length)), |it, action| it.reduce(action.clone()))
    }

    fn rows(selection: &Selection) -> Vec<usize> {
        selection.selected.keys().copied().collect()
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
    /// The selection after the list became these records.
    fn in_list(selection: &Rc<Selection>, settled: bool, list: &[&str]) -> Rc<Selection> {
        let sized = Rc::clone(selection).reduce(SelectionAction::Length(list.len()));
        let behind = sized.behind(
            settled,
            |at| list.get(at).map(|it| Rc::from(*it)),
            |record| list.iter().position(|it| *it == record),
        );
        sized.reduce(SelectionAction::Follow(behind.into()))
    }

    #[test]
    fn what_is_selected_goes_with_its_record() {
        use SelectionAction::Toggle;
        let chosen = in_list(&after(4, &[Toggle(1), Toggle(3)]), false, &["a", "b", "c", "d"]);
        assert_eq!(chosen.records(), ["b", "d"], "a row is known as soon as it is seen");

        let reading = in_list(&chosen, false, &["d", "a", "b", "c"]);
        assert_eq!(rows(&reading), [1, 3], "nothing moves while the list is read again");
        assert_eq!(reading.records(), ["b", "d"], "and what was chosen stays chosen");

        let sorted = in_list(&reading, true, &["d", "a", "b", "c"]);
        assert_eq!((rows(&sorted), sorted.records()), (vec![0, 2], vec!["d".into(), "b".into()]));

        let shorter = in_list(&sorted, true, &["c", "d"]);
        assert_eq!((rows(&shorter), shorter.records()), (vec![1], vec!["d".into()]));
        assert_eq!(in_list(&shorter, true, &[]).selected.len(), 0);
    }
}
