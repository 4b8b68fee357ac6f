//! Saying something: toasts for everybody, announcements for screen readers.

use yew::prelude::*;

use crate::state::toasts::{Done, TakeBack, ToastAction, ToastKind, Toasts};

/// The toasts that are shown; kept by the providers.
pub(crate) type ToastHandle = UseReducerHandle<Toasts>;

/// Changes them. A context of its own, so that whoever only says something is not rendered again
/// with each toast.
pub(crate) type ToastDispatcher = UseReducerDispatcher<Toasts>;

/// Says something in a toast.
#[derive(Clone)]
pub struct Say(Option<ToastDispatcher>);

impl Say {
    /// What was done, with the intent that its undo takes back.
    pub fn done(&self, text: impl Into<AttrValue>, intent: Option<AttrValue>) {
        self.push(ToastKind::Done, text.into(), intent.map(TakeBack::Undo));
    }

    /// That an intent was given up; the undo of the toast takes it back.
    pub fn given_up(&self, text: impl Into<AttrValue>, intent: impl Into<AttrValue>) {
        self.push(ToastKind::Done, text.into(), Some(TakeBack::Restore(intent.into())));
    }

    /// What could not be done, and what to do now.
    pub fn problem(&self, text: impl Into<AttrValue>) {
        self.push(ToastKind::Problem, text.into(), None);
    }

    /// What was done in part: what was not stays to be read, what was can be taken back.
    pub(super) fn partly(&self, text: impl Into<AttrValue>, done: Done) {
        let (kind, text) = (ToastKind::Problem, text.into());
        self.act(ToastAction::Push { kind, text, undo: Some(done) });
    }

    /// Something is being taken back, or cannot be.
    pub(super) fn gone(&self, what: TakeBack) {
        self.act(ToastAction::Gone(what));
    }

    /// It was not taken back after all.
    pub(super) fn again(&self, done: Done) {
        self.act(ToastAction::Again(done));
    }

    fn push(&self, kind: ToastKind, text: AttrValue, undo: Option<TakeBack>) {
        let undo = undo.map(|undo| Done { text: text.clone(), undo });
        self.act(ToastAction::Push { kind, text, undo });
    }

    fn act(&self, action: ToastAction) {
        if let Some(toasts) = &self.0 {
            toasts.dispatch(action);
        }
    }
}

/// Says something in a toast.
#[hook]
pub fn use_toast() -> Say {
    Say(use_context::<ToastDispatcher>())
}

/// Tells screen readers something that the eye sees: a move, a count, a state.
#[derive(Clone)]
pub struct Announce(Option<Callback<AttrValue>>);

impl Announce {
    pub(super) fn by(callback: Option<Callback<AttrValue>>) -> Self {
        Self(callback)
    }

    /// Says it, politely: when the reader is silent.
    pub fn say(&self, text: impl Into<AttrValue>) {
        if let Some(speak) = &self.0 {
            speak.emit(text.into());
        }
    }
}

/// Tells screen readers something.
#[hook]
pub fn use_announce() -> Announce {
    Announce::by(use_context::<Callback<AttrValue>>())
}

/// The toasts that are shown, for the frame.
#[hook]
pub(crate) fn use_toasts() -> Option<ToastHandle> {
    use_context::<ToastHandle>()
}
