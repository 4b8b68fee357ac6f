//! Toasts: what was just done, with its undo; and what went wrong, which stays until it is closed.
//!
//! Beside them stands what was done since the page began, so that it can be taken back when its
//! toast has gone. It is kept in memory alone: older work is undone in the record's history.

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

/// Something that was done and is not taken back yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What was said of it.
    pub text: AttrValue,
    /// What takes it back.
    pub undo: TakeBack,
}

impl Done {
    /// The same without the intents that were taken back elsewhere; `None` if none are left.
    fn without(self, gone: &TakeBack) -> Option<Self> {
        let (TakeBack::Undo(all), TakeBack::Undo(gone)) = (&self.undo, gone) else {
            return (self.undo != *gone).then_some(self);
        };
        let is_gone = |intent: &&str| gone.split_whitespace().any(|it| it == *intent);
        let left: Vec<&str> = all.split_whitespace().filter(|it| !is_gone(it)).collect();
        let undo = TakeBack::Undo(left.join(" ").into());
        (!left.is_empty()).then_some(Self { undo, ..self })
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

/// So much of what was done is remembered at most.
const REMEMBERED: usize = 100;

/// The toasts that are shown, oldest first, and what can be taken back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Toasts {
    next: u32,
    /// What can be taken back, oldest first.
    done: Vec<Done>,
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
        /// What its undo takes back.
        undo: Option<Done>,
    },
    /// One goes. What it told of can still be taken back.
    Close(u32),
    /// This is taken back, or cannot be: it is offered no more, and its toasts go.
    Gone(TakeBack),
    /// It was not taken back after all, and can be tried again.
    Again(Done),
}

impl Toasts {
    /// What `u` takes back: the newest that is not taken back yet.
    #[must_use]
    pub fn undoable(&self) -> Option<&Done> {
        self.done.last()
    }

    /// What was said of something that can be taken back.
    #[must_use]
    pub fn said_of(&self, undo: &TakeBack) -> Option<&AttrValue> {
        self.done.iter().rev().find(|it| it.undo == *undo).map(|it| &it.text)
    }

    fn remember(&mut self, done: Done) {
        self.done.push(done);
        let over = self.done.len().saturating_sub(REMEMBERED);
        self.done.drain(..over);
    }
}

impl Reducible for Toasts {
    type Action = ToastAction;

    fn reduce(self: Rc<Self>, action: ToastAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ToastAction::Push { kind, text, undo } => {
                next.shown.push(Toast {
                    id: next.next,
                    kind,
                    text,
                    undo: undo.as_ref().map(|done| done.undo.clone()),
                });
                if let Some(done) = undo {
                    next.remember(done);
                }
                next.next += 1;
                if next.shown.len() > MOST {
                    let done = next.shown.iter().position(|toast| toast.kind == ToastKind::Done);
                    next.shown.remove(done.unwrap_or(0));
                }
            }
            ToastAction::Close(id) => next.shown.retain(|toast| toast.id != id),
            ToastAction::Gone(gone) => {
                next.shown.retain(|toast| toast.undo.as_ref() != Some(&gone));
                next.done = next.done.into_iter().filter_map(|it| it.without(&gone)).collect();
            }
            ToastAction::Again(done) => next.remember(done),
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
        let done = |intent| Done { text: text.into(), undo: undo(intent) };
        ToastAction::Push { kind, text: text.into(), undo: intent.map(done) }
    }

    fn after(actions: Vec<ToastAction>) -> Rc<Toasts> {
        actions.into_iter().fold(Rc::new(Toasts::default()), Toasts::reduce)
    }

    fn next(state: &Toasts) -> Option<&str> {
        state.undoable().map(|done| done.undo.intent().as_str())
    }

    #[test]
    fn the_newest_is_taken_back_first_also_when_its_toast_has_gone() {
        let state = after(vec![
            push(ToastKind::Done, "Saved", Some("i1")),
            push(ToastKind::Done, "Moved", Some("i2")),
            push(ToastKind::Problem, "No", None),
            ToastAction::Close(0),
            ToastAction::Close(1),
        ]);
        assert_eq!(next(&state), Some("i2"));
        assert_eq!(state.said_of(&undo("i1")).map(AttrValue::as_str), Some("Saved"));
        let state = state.reduce(ToastAction::Gone(undo("i2")));
        assert_eq!(next(&state), Some("i1"));
        let state = state.reduce(ToastAction::Gone(undo("i1")));
        assert_eq!(next(&state), None);
        assert_eq!(state.shown.len(), 1, "what went wrong stays");
    }

    #[test]
    fn what_could_not_be_taken_back_just_now_can_be_tried_again() {
        let state = after(vec![push(ToastKind::Done, "Saved", Some("i1"))]);
        let done = state.undoable().unwrap().clone();
        let state = state.reduce(ToastAction::Gone(undo("i1")));
        assert_eq!(next(&state), None, "it is on its way and is not taken back twice");
        assert_eq!(next(&state.reduce(ToastAction::Again(done))), Some("i1"));
    }

    #[test]
    fn what_was_taken_back_in_a_history_is_not_taken_back_again_with_the_others() {
        let state = after(vec![
            push(ToastKind::Done, "3 deals moved", Some("a b c")),
            ToastAction::Gone(undo("b")),
        ]);
        assert_eq!(next(&state), Some("a c"));
        let given_up = ToastAction::Gone(TakeBack::Restore("a".into()));
        assert_eq!(next(&state.reduce(given_up)), Some("a c"), "that is another undo");
    }

    #[test]
    fn only_the_newest_hundred_are_remembered() {
        let many = (0..150).map(|n| ToastAction::Push {
            kind: ToastKind::Done,
            text: "Saved".into(),
            undo: Some(Done { text: "Saved".into(), undo: TakeBack::Undo(n.to_string().into()) }),
        });
        let state = after(many.collect());
        assert_eq!((state.done.len(), next(&state)), (REMEMBERED, Some("149")));
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
