//! What somebody has typed and not saved yet. It outlives the dialog that it is typed into, closed
//! by a slip or by a session that ended, and is there again when the same dialog opens.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use yew::prelude::*;

use super::providers::use_session;

/// All drafts of the page, by whose they are and what they are for; kept by the app, also while somebody signs in again.
#[derive(Clone, Default)]
pub(crate) struct Drafts(Rc<RefCell<BTreeMap<String, Rc<dyn Any>>>>);

impl PartialEq for Drafts {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A draft.
pub(crate) struct Draft<T> {
    now: UseStateHandle<T>,
    drafts: Drafts,
    key: Rc<str>,
    /// It was begun in a dialog that has closed since.
    pub(crate) is_kept: bool,
}

impl<T> Clone for Draft<T> {
    fn clone(&self) -> Self {
        let Self { now, drafts, key, is_kept } = self;
        Self { now: now.clone(), drafts: drafts.clone(), key: Rc::clone(key), is_kept: *is_kept }
    }
}

impl<T> Deref for Draft<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.now
    }
}

impl<T: Clone + 'static> Draft<T> {
    /// It says something else now.
    pub(crate) fn set(&self, next: T) {
        self.drafts.0.borrow_mut().insert(self.key.to_string(), Rc::new(next.clone()));
        self.now.set(next);
    }

    /// It could not be saved: it is there when the dialog opens again, unless something newer is.
    pub(crate) fn keep(&self, text: T) {
        self.drafts.0.borrow_mut().entry(self.key.to_string()).or_insert_with(|| Rc::new(text));
    }

    /// It was saved, or is given up: the dialog begins with nothing next time.
    pub(crate) fn forget(&self) {
        self.drafts.0.borrow_mut().remove(&*self.key);
    }
}

/// What is typed into something: what was left there, or `start`. `about` tells it from what is
/// typed elsewhere: the dialog and the record.
#[hook]
pub(crate) fn use_draft<T: Clone + 'static>(about: &str, start: impl FnOnce() -> T) -> Draft<T> {
    let drafts = use_context::<Drafts>().unwrap_or_default();
    let whose = use_session().view().and_then(|view| view.user).map(|user| user.to_string());
    let key: Rc<str> = format!("{} {about}", whose.unwrap_or_default()).into();
    let kept = drafts.0.borrow().get(&*key).and_then(|it| it.downcast_ref::<T>().cloned());
    let is_kept = use_memo((), |()| kept.is_some());
    let now = use_state(|| kept.unwrap_or_else(start));
    Draft { now, drafts, key, is_kept: *is_kept }
}
