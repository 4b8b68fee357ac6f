//! Hearing the key map: the newest hook that wants an action gets it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use yew::prelude::*;

use crate::browser;
use crate::keys::{Action, Caret, Chord, Held, Press};

type Heard = (u32, Action, Callback<()>);

/// Who hears which action. The newest comes first, so that a dialog hears before its screen.
#[derive(Clone, Default)]
pub struct KeyHub {
    listeners: Rc<RefCell<Vec<Heard>>>,
    chord: Rc<RefCell<Chord>>,
    next: Rc<Cell<u32>>,
}

impl PartialEq for KeyHub {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.listeners, &other.listeners)
    }
}

impl KeyHub {
    fn add(&self, action: Action, heard: Callback<()>) -> u32 {
        let id = self.next.get();
        self.next.set(id + 1);
        self.listeners.borrow_mut().push((id, action, heard));
        id
    }

    fn remove(&self, id: u32) {
        self.listeners.borrow_mut().retain(|(found, ..)| *found != id);
    }

    /// Lets the newest listener of an action hear it; `false` if nobody wants it.
    pub fn tell(&self, action: Action) -> bool {
        let found = self.listeners.borrow().iter().rev().find(|it| it.1 == action).cloned();
        found.map(|(_, _, heard)| heard.emit(())).is_some()
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
        let press = Press { key: &key, held, caret: caret(event), at_ms: browser::tick_ms() };
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
    let hub = use_context::<KeyHub>().unwrap_or_default();
    let latest = use_mut_ref(|| heard.clone());
    *latest.borrow_mut() = heard;
    use_effect_with((hub, action), move |(hub, action)| {
        let heard = Callback::from(move |()| {
            let now = latest.borrow().clone();
            now.emit(());
        });
        let (hub, id) = (hub.clone(), hub.add(*action, heard));
        move || hub.remove(id)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_listener_hears_first_and_the_older_one_again_when_it_is_gone() {
        let hub = KeyHub::default();
        let heard = Rc::new(RefCell::new(Vec::new()));
        let note = |name: &'static str| {
            let heard = Rc::clone(&heard);
            Callback::from(move |()| heard.borrow_mut().push(name))
        };
        hub.add(Action::Close, note("screen"));
        let dialog = hub.add(Action::Close, note("dialog"));
        assert!(hub.tell(Action::Close));
        hub.remove(dialog);
        assert!(hub.tell(Action::Close));
        assert!(!hub.tell(Action::Undo), "nobody wants it");
        assert_eq!(*heard.borrow(), ["dialog", "screen"]);
    }
}
