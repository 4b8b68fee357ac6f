//! Hearing the key map: the newest hook that wants an action gets it.
//!
//! While a dialog is open, only what is in it hears keys: the screen behind is not there for a
//! person who cannot see or press it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use yew::prelude::*;

use crate::keys::{Action, Caret, Chord, Held, Press};

/// Where something hears keys: the page, or a dialog by its number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum KeyScope {
    /// The page.
    #[default]
    Page,
    /// A dialog, and what is in it.
    Dialog(u32),
}

#[derive(Clone)]
struct Heard {
    id: u32,
    scope: KeyScope,
    action: Action,
    heard: Callback<()>,
}

/// Who hears which action. The newest comes first, so that a panel hears before its screen; a
/// dialog alone is heard while it is open.
#[derive(Clone, Default)]
pub struct KeyHub {
    listeners: Rc<RefCell<Vec<Heard>>>,
    /// The dialogs that are open, the newest last.
    dialogs: Rc<RefCell<Vec<KeyScope>>>,
    chord: Rc<RefCell<Chord>>,
    next: Rc<Cell<u32>>,
}

impl PartialEq for KeyHub {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.listeners, &other.listeners)
    }
}

impl KeyHub {
    fn number(&self) -> u32 {
        let number = self.next.get();
        self.next.set(number.wrapping_add(1));
        number
    }

    fn add(&self, scope: KeyScope, action: Action, heard: Callback<()>) -> u32 {
        let id = self.number();
        self.listeners.borrow_mut().push(Heard { id, scope, action, heard });
        id
    }

    fn remove(&self, id: u32) {
        self.listeners.borrow_mut().retain(|found| found.id != id);
    }

    fn open(&self, dialog: KeyScope) {
        self.dialogs.borrow_mut().push(dialog);
    }

    fn close(&self, dialog: KeyScope) {
        self.dialogs.borrow_mut().retain(|open| *open != dialog);
    }

    /// Lets the newest listener of an action hear it; `false` if nobody wants it.
    pub fn tell(&self, action: Action) -> bool {
        let scope = self.dialogs.borrow().last().copied().unwrap_or_default();
        let fits = |it: &&Heard| it.action == action && it.scope == scope;
        let found = self.listeners.borrow().iter().rev().find(fits).cloned();
        found.map(|it| it.heard.emit(())).is_some()
    }

    /// Takes in a key of the page.
    pub(super) fn press(&self, event: &KeyboardEvent) {
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let held = match (event.ctrl_key() || event.meta_key(), event.alt_key()) {
            (_, true) => Held::Other,
            (true, false) => Held::Control,
            (false, false) => Held::Nothing,
        };
        let key = event.key();
        // When it was pressed, not when a busy page came to it.
        let at_ms = event.time_stamp();
        let press = Press { key: &key, held, caret: caret(event), at_ms };
        let action = self.chord.borrow_mut().press(&press);
        // Enter on a button or a link is the browser's own.
        if action == Some(Action::Open) && is_pressable(event) {
            return;
        }
        if let Some(action) = action
            && self.tell(action)
        {
            event.prevent_default();
        }
    }
}

fn target(event: &KeyboardEvent) -> Option<web_sys::HtmlElement> {
    event.target()?.dyn_into().ok()
}

fn caret(event: &KeyboardEvent) -> Caret {
    let Some(element) = target(event) else {
        return Caret::Away;
    };
    let tag = element.tag_name();
    let kind = element.get_attribute("type").unwrap_or_default();
    let pressed = matches!(kind.as_str(), "checkbox" | "radio" | "button");
    let writes = tag == "INPUT" && !pressed || tag == "TEXTAREA" || tag == "SELECT";
    if writes || element.is_content_editable() { Caret::InField } else { Caret::Away }
}

fn is_pressable(event: &KeyboardEvent) -> bool {
    target(event).is_some_and(|it| matches!(it.tag_name().as_str(), "BUTTON" | "A" | "SUMMARY"))
}

/// Hears an action of the key map while the component is shown.
#[hook]
pub fn use_action(action: Action, heard: Callback<()>) {
    let scope = use_context::<KeyScope>().unwrap_or_default();
    use_action_in(scope, action, heard);
}

/// The same in a scope that is named: for a dialog, that is around its own parts.
#[hook]
pub(crate) fn use_action_in(scope: KeyScope, action: Action, heard: Callback<()>) {
    let hub = use_context::<KeyHub>().unwrap_or_default();
    let latest = use_mut_ref(|| heard.clone());
    *latest.borrow_mut() = heard;
    use_effect_with((hub, scope, action), move |(hub, scope, action)| {
        let heard = Callback::from(move |()| {
            let now = latest.borrow().clone();
            now.emit(());
        });
        let (hub, id) = (hub.clone(), hub.add(*scope, *action, heard));
        move || hub.remove(id)
    });
}

/// The scope of a dialog; while it is shown, only what is in this scope hears keys.
#[hook]
pub(crate) fn use_dialog_scope() -> KeyScope {
    let hub = use_context::<KeyHub>().unwrap_or_default();
    let number = {
        let hub = hub.clone();
        use_memo((), move |()| hub.number())
    };
    let scope = KeyScope::Dialog(*number);
    use_effect_with((hub, scope), |(hub, scope)| {
        let (hub, scope) = (hub.clone(), *scope);
        hub.open(scope);
        move || hub.close(scope)
    });
    scope
}

#[cfg(test)]
mod tests {
    use super::*;

    type Noted = Rc<RefCell<Vec<&'static str>>>;

    fn noting(hub: &KeyHub) -> (Noted, impl Fn(KeyScope, Action, &'static str) -> u32) {
        let heard = Noted::default();
        let (hub, noted) = (hub.clone(), Rc::clone(&heard));
        let add = move |scope, action, name: &'static str| {
            let noted = Rc::clone(&noted);
            hub.add(scope, action, Callback::from(move |()| noted.borrow_mut().push(name)))
        };
        (heard, add)
    }

    #[test]
    fn the_newest_listener_hears_first_and_the_older_one_again_when_it_is_gone() {
        let hub = KeyHub::default();
        let (heard, add) = noting(&hub);
        add(KeyScope::Page, Action::Close, "screen");
        let panel = add(KeyScope::Page, Action::Close, "panel");
        assert!(hub.tell(Action::Close));
        hub.remove(panel);
        assert!(hub.tell(Action::Close));
        assert!(!hub.tell(Action::Undo), "nobody wants it");
        assert_eq!(*heard.borrow(), ["panel", "screen"]);
    }

    #[test]
    fn while_a_dialog_is_open_the_screen_behind_hears_nothing() {
        let hub = KeyHub::default();
        let (heard, add) = noting(&hub);
        let (outer, inner) = (KeyScope::Dialog(1), KeyScope::Dialog(2));
        for action in [Action::Close, Action::Undo, Action::Select, Action::GoPipeline] {
            add(KeyScope::Page, action, "screen");
        }
        add(outer, Action::Close, "outer");
        add(inner, Action::Close, "inner");
        hub.open(outer);
        for behind in [Action::Undo, Action::Select, Action::GoPipeline] {
            assert!(!hub.tell(behind), "{behind:?} is of the screen behind");
        }
        hub.tell(Action::Close);
        hub.open(inner);
        hub.tell(Action::Close);
        hub.close(inner);
        hub.tell(Action::Close);
        hub.close(outer);
        hub.tell(Action::Close);
        assert_eq!(*heard.borrow(), ["outer", "inner", "outer", "screen"]);
    }
}
