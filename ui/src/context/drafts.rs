//! What somebody has typed and not saved yet. It outlives the dialog that it is typed into, closed
//! by a slip or by a session that ended, and is there again when the same dialog opens. In a browser
//! it goes with the page, so whoever leaves it is asked first.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use yew::prelude::*;

use super::providers::{use_bridge, use_session};
use crate::bridge::{Bridge, Subscription};

/// All drafts of the page, by whose they are and what they are for; kept by the app, also while somebody signs in again.
#[derive(Clone, Default)]
pub(crate) struct Drafts(Rc<RefCell<BTreeMap<String, Kept>>>);

/// What is kept of a draft.
struct Kept {
    value: Rc<dyn Any>,
    /// Where something is typed, the page is held.
    _held: Option<Subscription>,
}

impl PartialEq for Drafts {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A draft.
pub(crate) struct Draft<T> {
    now: UseStateHandle<T>,
    drafts: Drafts,
    bridge: Option<Bridge>,
    key: Rc<str>,
    /// It was begun in a dialog that has closed since.
    pub(crate) is_kept: bool,
}

impl<T> Clone for Draft<T> {
    fn clone(&self) -> Self {
        let Self { now, drafts, bridge, key, is_kept } = self;
        Self {
            now: now.clone(),
            drafts: drafts.clone(),
            bridge: bridge.clone(),
            key: Rc::clone(key),
            is_kept: *is_kept,
        }
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
        self.store(next.clone());
        self.now.set(next);
    }

    /// The same where something else holds what is shown.
    pub(crate) fn store(&self, next: T) {
        let typed = (&next as &dyn Any).downcast_ref::<AttrValue>();
        let is_blank = typed.is_some_and(|text| text.trim().is_empty());
        let held = self.bridge.as_ref().filter(|_| !is_blank).map(Bridge::hold);
        self.put(next, held);
    }

    fn put(&self, next: T, held: Option<Subscription>) {
        let kept = Kept { value: Rc::new(next), _held: held };
        self.drafts.0.borrow_mut().insert(self.key.to_string(), kept);
    }

    /// It could not be saved: it is there when the dialog opens again, unless something newer is.
    pub(crate) fn keep(&self, text: T) {
        let is_newer = self.drafts.0.borrow().contains_key(&*self.key);
        if !is_newer {
            self.store(text);
        }
    }

    /// It is on its way. The callback is told whether it was saved; what was not is kept.
    pub(crate) fn send(&self) -> Callback<bool> {
        self.forget();
        let (draft, text) = (self.clone(), T::clone(self));
        Callback::from(move |is_saved: bool| {
            if !is_saved {
                draft.keep(text.clone());
            }
        })
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
    let kept = drafts.0.borrow().get(&*key).and_then(|it| it.value.downcast_ref::<T>().cloned());
    let is_kept = use_memo((), |()| kept.is_some());
    let now = use_state(|| kept.unwrap_or_else(start));
    Draft { now, drafts, bridge: use_bridge(), key, is_kept: *is_kept }
}

/// Keeps what a reducer makes of a draft: `now`, as long as it is something else than `start`. It
/// does not hold the page: what it is about may be settled by others, and nobody comes back to it.
#[hook]
pub(crate) fn use_stored<T: Clone + PartialEq + 'static>(draft: &Draft<T>, now: T, start: T) {
    let draft = draft.clone();
    use_effect_with((now, start), move |(now, start)| {
        if now == start {
            draft.forget();
        } else {
            draft.put(now.clone(), None);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::script::ScriptWire;
    use crate::tests::rendered;

    #[derive(Clone, Properties)]
    struct TypedProps {
        script: ScriptWire,
        #[prop_or_default]
        text: AttrValue,
    }

    impl PartialEq for TypedProps {
        fn eq(&self, other: &Self) -> bool {
            self.text == other.text
        }
    }

    /// A dialog into which something is typed: what was there, and how often the page is held then.
    #[function_component]
    fn Typed(props: &TypedProps) -> Html {
        let draft = use_draft("note", AttrValue::default);
        draft.store(props.text.clone());
        html! { <p>{ format!("{}, {}", *draft, props.script.holds()) }</p> }
    }

    /// The same dialog, whose text is sent and refused.
    #[function_component]
    fn Refused(props: &TypedProps) -> Html {
        let draft = use_draft("note", AttrValue::default);
        let told = draft.send();
        let sent = props.script.holds();
        told.emit(false);
        html! { <p>{ format!("{sent}, {}", props.script.holds()) }</p> }
    }

    #[function_component]
    fn Page() -> Html {
        let script = ScriptWire::default();
        html! {
            <ContextProvider<Option<Bridge>> context={Some(Bridge::over(script.clone()))}>
                <ContextProvider<Drafts> context={Drafts::default()}>
                    <Typed script={script.clone()} text="words" />
                    <Refused script={script.clone()} />
                    <Typed {script} text=" " />
                </ContextProvider<Drafts>>
            </ContextProvider<Option<Bridge>>>
        }
    }

    #[test]
    fn what_is_typed_holds_the_page_and_is_kept_when_it_was_not_saved() {
        let said = rendered::<Page>(|| ());
        assert_eq!(said, "<p>, 1</p>\n<p>0, 1</p>\n<p>words, 0</p>", "blanks hold nothing");
    }
}
