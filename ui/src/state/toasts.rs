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

/// One toast.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// Its number.
    pub id: u32,
    /// How it looks.
    pub kind: ToastKind,
    /// What is said.
    pub text: AttrValue,
    /// The intent that its undo takes back.
    pub intent: Option<AttrValue>,
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
        /// The intent that its undo takes back.
        intent: Option<AttrValue>,
    },
    /// One goes.
    Close(u32),
    /// The one of an intent goes: it was taken back.
    Undone(AttrValue),
}

impl Toasts {
    /// The intent that `u` takes back: the newest one shown.
    #[must_use]
    pub fn undoable(&self) -> Option<AttrValue> {
        self.shown.iter().rev().find_map(|toast| toast.intent.clone())
    }
}

impl Reducible for Toasts {
    type Action = ToastAction;

    fn reduce(self: Rc<Self>, action: ToastAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ToastAction::Push { kind, text, intent } => {
                next.shown.push(Toast { id: next.next, kind, text, intent });
                next.next += 1;
                if next.shown.len() > MOST {
                    let done = next.shown.iter().position(|toast| toast.kind == ToastKind::Done);
                    next.shown.remove(done.unwrap_or(0));
                }
            }
            ToastAction::Close(id) => next.shown.retain(|toast| toast.id != id),
            ToastAction::Undone(intent) => {
                next.shown.retain(|toast| toast.intent.as_ref() != Some(&intent));
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(kind: ToastKind, text: &'static str, intent: Option<&'static str>) -> ToastAction {
        ToastAction::Push { kind, text: text.into(), intent: intent.map(AttrValue::from) }
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
        assert_eq!(state.undoable().as_deref(), Some("i2"));
        let state = state.reduce(ToastAction::Undone("i2".into()));
        assert_eq!(state.undoable().as_deref(), Some("i1"));
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
