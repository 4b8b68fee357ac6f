//! Cards that were moved on a board before the app has answered: shown at once where they go.

use std::collections::BTreeMap;
use std::rc::Rc;

use roadbook_api::views::BoardView;
use roadbook_domain::RecordId;
use yew::Reducible;

/// Moves that are on their way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moves {
    of: BTreeMap<RecordId, Move>,
    /// The last board that came, and of which look-up it was.
    seen: Option<(Rc<BoardView>, u32)>,
}

/// Where a card is shown: where its last move took it.
#[derive(Debug, Clone, PartialEq)]
struct Move {
    to: String,
    /// Moves of this card that are not answered. Until all are, a board may be from before one of
    /// them, even where it shows what the last one will come to.
    unanswered: u32,
    /// The last one was taken when this look-up of the board was the newest.
    taken: Option<u32>,
}

impl Move {
    /// Whether a board of this look-up shows all that was moved.
    fn is_in(&self, record: RecordId, board: &BoardView, turn: u32) -> bool {
        let stands = place_of(board, record);
        let arrived = stands.is_none_or(|(column, _)| board.columns[column].state == self.to);
        self.taken.is_some_and(|taken| turn > taken || arrived)
    }
}

/// What happens to a move.
#[derive(Debug, Clone, PartialEq)]
pub enum MovesAction {
    /// A card is moved to a column.
    Move(RecordId, String),
    /// The first move of a card that was not answered was taken, when this look-up of the board was
    /// the newest.
    Taken(RecordId, u32),
    /// It was not taken: the card goes back, unless it was moved on meanwhile.
    Refused(RecordId),
    /// A board came from the app, of this look-up. What was taken and is shown by it is done; so is
    /// what was taken before it was asked for, wherever the card stands now.
    Arrived(Rc<BoardView>, u32),
}

/// The column that a card stands in, and its place there.
#[must_use]
pub fn place_of(board: &BoardView, record: RecordId) -> Option<(usize, usize)> {
    board.columns.iter().enumerate().find_map(|(at, column)| {
        let place = column.cards.iter().position(|card| card.link.record == record)?;
        Some((at, place))
    })
}

/// The column one step before or after that of a card, among the open ones: what is won or lost
/// is said by name.
#[must_use]
pub fn stepped_column(board: &BoardView, record: RecordId, by: isize) -> Option<usize> {
    let (at, _) = place_of(board, record)?;
    let to = at.checked_add_signed(by)?;
    let open = |at: usize| board.columns.get(at).is_some_and(|column| !column.closed);
    (open(at) && open(to)).then_some(to)
}

/// The card beside another one: so many down, or so many columns to the side.
#[must_use]
pub fn neighbour(
    board: &BoardView,
    record: RecordId,
    (across, down): (isize, isize),
) -> Option<RecordId> {
    let (mut at, place) = place_of(board, record)?;
    let id = |at: usize, place: usize| {
        board.columns.get(at)?.cards.get(place).map(|card| card.link.record)
    };
    if across == 0 {
        return id(at, place.checked_add_signed(down)?);
    }
    loop {
        at = at.checked_add_signed(across)?;
        let cards = board.columns.get(at)?.cards.len();
        if cards > 0 {
            return id(at, place.min(cards - 1));
        }
    }
}

impl Moves {
    /// The board with these moves made.
    #[must_use]
    pub fn shown(&self, board: &BoardView) -> BoardView {
        let mut shown = board.clone();
        for (record, Move { to, .. }) in &self.of {
            let target = shown.columns.iter().position(|column| column.state == *to);
            let (Some((from, place)), Some(target)) = (place_of(&shown, *record), target) else {
                continue;
            };
            if from == target {
                continue;
            }
            let mut card = shown.columns[from].cards.remove(place);
            shown.columns[from].count = shown.columns[from].count.saturating_sub(1);
            card.pending = true;
            card.days = Some(0);
            shown.columns[target].cards.insert(0, card);
            shown.columns[target].count += 1;
        }
        shown
    }

    /// One more move of a card was answered; the move, if none is left without an answer.
    fn answered(&mut self, record: RecordId) -> Option<&mut Move> {
        let moved = self.of.get_mut(&record)?;
        moved.unanswered = moved.unanswered.saturating_sub(1);
        (moved.unanswered == 0).then_some(moved)
    }
}

impl Reducible for Moves {
    type Action = MovesAction;

    fn reduce(self: Rc<Self>, action: MovesAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            MovesAction::Move(record, to) => {
                let unanswered = 1 + next.of.get(&record).map_or(0, |moved| moved.unanswered);
                next.of.insert(record, Move { to, unanswered, taken: None });
            }
            MovesAction::Taken(record, turn) => {
                if let Some(moved) = next.answered(record) {
                    moved.taken = Some(turn);
                }
                // The board may have come before the answer. While another one is out, that decides.
                if let Some((board, seen)) = next.seen.clone().filter(|(_, seen)| *seen == turn) {
                    next.of.retain(|record, moved| !moved.is_in(*record, &board, seen));
                }
            }
            MovesAction::Refused(record) => {
                if next.answered(record).is_some() {
                    next.of.remove(&record);
                }
            }
            MovesAction::Arrived(board, turn) => {
                next.of.retain(|record, moved| !moved.is_in(*record, &board, turn));
                next.seen = Some((board, turn));
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{WALL, work};

    fn card(number: u8) -> RecordId {
        RecordId::from_bytes([number; 16])
    }

    fn column_of(board: &BoardView, number: u8) -> &str {
        let (at, _) = place_of(board, card(number)).unwrap();
        &board.columns[at].state
    }

    #[test]
    fn a_card_goes_where_it_is_moved_at_once_and_back_if_that_is_refused() {
        let board = work::board(WALL);
        let moves = Rc::new(Moves::default());
        let moves = moves.reduce(MovesAction::Move(card(21), "Negotiation".into()));
        let shown = moves.shown(&board);
        assert_eq!(column_of(&shown, 21), "Negotiation");
        assert_eq!((shown.columns[3].count, shown.columns[4].count), (0, 3));
        let back = Rc::clone(&moves).reduce(MovesAction::Refused(card(21)));
        assert_eq!(back.shown(&board), board);
        let kept = Rc::clone(&moves).reduce(MovesAction::Arrived(Rc::new(board), 1));
        assert_eq!(kept.of, moves.of, "an answer from before the move changes nothing");
        let shown = Rc::new(shown);
        let board_first = Rc::clone(&kept).reduce(MovesAction::Arrived(Rc::clone(&shown), 2));
        assert_eq!(board_first.of, moves.of, "the move is not answered");
        let done = board_first.reduce(MovesAction::Taken(card(21), 2));
        assert!(done.of.is_empty(), "the board was here before the answer");
        let answer_first = kept.reduce(MovesAction::Taken(card(21), 1));
        assert_eq!(answer_first.of.len(), 1);
        let done = answer_first.reduce(MovesAction::Arrived(shown, 2));
        assert!(done.of.is_empty());
    }

    #[test]
    fn a_card_that_is_moved_there_and_back_at_once_is_never_shown_where_it_only_was() {
        let before = Rc::new(work::board(WALL));
        let there = Rc::new(Moves::default())
            .reduce(MovesAction::Arrived(Rc::clone(&before), 1))
            .reduce(MovesAction::Move(card(21), "Negotiation".into()));
        let between = Rc::new(there.shown(&before));
        let back = there.reduce(MovesAction::Move(card(21), "Proposal".into()));
        // A board from before both shows the place where the second one takes it; one from between
        // them comes next.
        let back = back.reduce(MovesAction::Arrived(Rc::clone(&before), 2));
        let back = back.reduce(MovesAction::Taken(card(21), 3));
        let back = back.reduce(MovesAction::Arrived(Rc::clone(&between), 3));
        assert_eq!(column_of(&back.shown(&between), 21), "Proposal");
        let back = back.reduce(MovesAction::Taken(card(21), 3));
        assert_eq!(column_of(&back.shown(&between), 21), "Proposal", "a board is still to come");
        let done = back.reduce(MovesAction::Arrived(before, 4));
        assert!(done.of.is_empty());
    }

    #[test]
    fn a_refusal_takes_a_card_back_only_if_it_was_not_moved_on() {
        let board = work::board(WALL);
        let moves = Rc::new(Moves::default())
            .reduce(MovesAction::Move(card(21), "Negotiation".into()))
            .reduce(MovesAction::Move(card(21), "Qualification".into()))
            .reduce(MovesAction::Refused(card(21)));
        assert_eq!(column_of(&moves.shown(&board), 21), "Qualification");
        let moves = moves.reduce(MovesAction::Refused(card(21)));
        assert_eq!(moves.shown(&board), board);
    }

    #[test]
    fn a_move_that_was_taken_back_before_a_board_showed_it_is_not_shown_for_ever() {
        let before = Rc::new(work::board(WALL));
        let moved = Rc::new(Moves::default())
            .reduce(MovesAction::Move(card(21), "Qualification".into()))
            .reduce(MovesAction::Move(card(21), "Negotiation".into()))
            .reduce(MovesAction::Taken(card(21), 3));
        let moved = moved.reduce(MovesAction::Arrived(Rc::clone(&before), 4));
        assert_eq!(column_of(&moved.shown(&before), 21), "Negotiation", "another move was taken");
        let taken = moved.reduce(MovesAction::Taken(card(21), 5));
        let taken = taken.reduce(MovesAction::Arrived(Rc::clone(&before), 5));
        assert_eq!(column_of(&taken.shown(&before), 21), "Negotiation", "asked for before it");
        let undone = taken.reduce(MovesAction::Arrived(Rc::clone(&before), 6));
        assert_eq!(undone.shown(&before), *before);
    }

    #[test]
    fn keys_step_among_open_columns_only() {
        let board = work::board(WALL);
        assert_eq!(stepped_column(&board, card(21), 1), Some(4));
        assert_eq!(stepped_column(&board, card(22), 1), None, "winning is said by name");
        assert_eq!(stepped_column(&board, card(31), -1), None);
        assert_eq!(stepped_column(&board, card(36), -1), None, "what is closed is opened by name");
    }

    #[test]
    fn arrows_go_to_the_card_beside() {
        let board = work::board(WALL);
        assert_eq!(neighbour(&board, card(31), (0, 1)), Some(card(32)));
        assert_eq!(neighbour(&board, card(32), (1, 0)), Some(card(23)));
        assert_eq!(neighbour(&board, card(31), (-1, 0)), None);
        assert_eq!(neighbour(&board, card(36), (1, 0)), None, "the next column is empty");
    }
}
