//! Whether a component is still there when an answer comes.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

/// Whether the component is still shown.
#[derive(Clone)]
pub(crate) struct Shown(Rc<Cell<bool>>);

impl Shown {
    /// Whether it is, now.
    pub(crate) fn is(&self) -> bool {
        self.0.get()
    }
}

/// Whether this component is still shown, for what is told to it later.
#[hook]
pub(crate) fn use_shown() -> Shown {
    let shown = use_memo((), |()| Rc::new(Cell::new(true)));
    let there = Rc::clone(&shown);
    use_effect_with((), move |()| move || there.set(false));
    Shown(Rc::clone(&shown))
}
