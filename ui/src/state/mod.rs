//! What the screens remember, as pure reducers in plain Rust: a state, an action, the next state.
//!
//! No browser, no clock, no bridge here: those are in [`crate::app`] and its providers, which feed
//! these reducers. Each file has its tests at its end.

pub mod board;
pub mod decision;
pub mod edit;
pub mod entry;
pub mod grid;
pub mod listing;
pub mod palette;
pub mod quota;
pub mod retry;
pub mod scale;
pub mod selection;
pub mod session;
pub mod strip;
pub mod tally;
pub mod toasts;
pub mod window;
pub mod work;
