//! How much room there is.

use yew::prelude::*;

use crate::browser;

/// How much room the window has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Room {
    /// That of a phone: one column.
    Phone,
    /// That of a desk.
    #[default]
    Desk,
}

/// What is a phone, as in the sheets: larger text makes a window narrower.
const PHONE: &str = "(max-width: 47.99em)";

/// How much room the window has now.
#[hook]
pub fn use_room() -> Room {
    let room = use_state_eq(Room::default);
    let setter = room.setter();
    use_effect_with((), move |()| {
        let measure = move || {
            let narrow = browser::is_media(PHONE);
            setter.set(if narrow { Room::Phone } else { Room::Desk });
        };
        measure();
        let listener = browser::on_resize(Callback::from(move |()| measure()));
        move || drop(listener)
    });
    *room
}
