//! Toasts: what was just done, with its undo; and what went wrong, which stays until it is closed.

use std::rc::Rc;

use yew::{AttrValue, Reducible};

/// How a toast looks and how long it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ToastKind {
    /// Something was done; goes away by itself.
    Done,
    /// Something could not be done; stays until it is closed.
    Problem,
}

/// What the undo of a toast does.
#[derive(Debug, Clone, PartialEq)]
pub enum TakeBack {
    /// Takes an intent back.
    Undo(AttrValue),
    /// Takes back that an intent was given up.
    Restore(AttrValue),
}

impl TakeBack {
    /// The intent.
    #[must_use]
    pub const fn intent(&self) -> &AttrValue {
        match self {
            Self::Undo(intent) | Self::Restore(intent) => intent,
        }
    }
}

/// One toast.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// Its number.
    pub id: u32,
    /// How it looks.
    pub kind: ToastKind,
    /// What is said.
    pub text: AttrValue,
    /// What its undo does.
    pub undo: Option<TakeBack>,
}

/// How many toasts are shown at once.
const MOST: usize = 3;

/// How long a toast stays, in milliseconds; long enough to read and to reach the undo.
pub const STAYS_MS: u32 = 8_000;

/// The toasts that are shown, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Toasts {
    next: u32,
    /// Those that are shown.
    pub shown: Vec<Toast>,
}

/// What happens to toasts.
#[derive(Debug, Clone, PartialEq)]
pub enum ToastAction {
    /// One more.
    Push {
        /// How it looks.
        kind: ToastKind,
        /// What is said.
        text: AttrValue,
        /// What its undo does.
        undo: Option<TakeBack>,
    },
    /// One goes.
    Close(u32),
    /// The one with this undo goes: it was done.
    Undone(TakeBack),
}

impl Toasts {
    /// What `u` does: the undo of the newest toast that has one.
    #[must_use]
    pub fn undoable(&self) -> Option<TakeBack> {
        self.shown.iter().rev().find_map(|toast| toast.undo.clone())
    }
}

impl Reducible for Toasts {
    type Action = ToastAction;

    fn reduce(self: Rc<Self>, action: ToastAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ToastAction::Push { kind, text, undo } => {
                next.shown.push(Toast { id: next.next, kind, text, undo });
                next.next += 1;
                if next.shown.len() > MOST {
                    let done = next.shown.iter().position(|toast| toast.kind == ToastKind::Done);
                    next.shown.remove(done.unwrap_or(0));
                }
            }
            ToastAction::Close(id) => next.shown.retain(|toast| toast.id != id),
            ToastAction::Undone(done) => {
                next.shown.retain(|toast| toast.undo.as_ref() != Some(&done));
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undo(intent: &'static str) -> TakeBack {
        TakeBack::Undo(intent.into())
    }

    fn push(kind: ToastKind, text: &'static str, intent: Option<&'static str>) -> ToastAction {
        ToastAction::Push { kind, text: text.into(), undo: intent.map(undo) }
    }

    fn after(actions: Vec<ToastAction>) -> Rc<Toasts> {
        actions.into_iter().fold(Rc::new(Toasts::default()), Toasts::reduce)
    }

    #[test]
    fn the_newest_undo_comes_first_and_goes_with_its_toast() {
        let two = vec![
            push(ToastKind::Done, "Saved", Some("i1")),
            push(ToastKind::Done, "Moved", Some("i2")),
            push(ToastKind::Problem, "No", None),
        ];
        let state = after(two);
        assert_eq!(state.undoable(), Some(undo("i2")));
        let state = state.reduce(ToastAction::Undone(undo("i2")));
        assert_eq!(state.undoable(), Some(undo("i1")));
        let state = state.reduce(ToastAction::Close(0));
        assert_eq!(state.undoable(), None);
        assert_eq!(state.shown.len(), 1);
    }

    #[test]
    fn problems_outlast_what_was_done() {
        let mut actions = vec![push(ToastKind::Problem, "No", None)];
        actions.extend(["a", "b", "c"].map(|text| push(ToastKind::Done, text, None)));
        let state = after(actions);
        let texts: Vec<_> = state.shown.iter().map(|toast| toast.text.as_str()).collect();
        assert_eq!(texts, ["No", "b", "c"]);
    }

    #[test]
    fn numbers_are_never_given_twice() {
        let state = after(vec![
            push(ToastKind::Done, "a", None),
            ToastAction::Close(0),
            push(ToastKind::Done, "b", None),
        ]);
        assert_eq!(state.shown[0].id, 1);
    }
}
