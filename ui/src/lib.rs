//! The screens of Roadbook: Yew components in wasm, the same in the window and in a browser.
//!
//! | part | what it holds |
//! |---|---|
//! | [`bridge`] | the way to the app: typed commands out, news in |
//! | [`state`] | what screens remember, as pure reducers |
//! | [`context`] | the hooks that every screen uses |
//! | [`components`] | the parts, each once |
//! | [`screens`] | one file or folder a screen |
//! | [`app`] | the frame around them: rail, search, panel, bottom bar, keys |
//! | [`parts`] | what is loaded after the first screen, as wasm files of their own |
//! | [`gallery`] | `/components`: every part in every state, and what the snapshots are made of |
//!
//! Nothing here decides anything about data: that is the app's, behind a command. Nothing is loaded
//! from elsewhere. Styles are in `ui/styles` (joined in the order of their names; colours only by
//! the tokens of `10-tokens.css`), fonts and the icon in `ui/assets`.
//!
//! # Recipe: add a screen
//!
//! [`screens::today`] is the model; read it beside this.
//!
//! 1. Give it a path: a variant of [`route::Route`] with its line in `read`, `title` and `Display`.
//! 2. Make `screens/<name>/mod.rs` (or one file). The **page** is the component without properties:
//!    it asks ([`context::use_query`] with the command and what it watches), writes
//!    ([`context::use_write`], with the words for the toast), and hands plain values to the **view**.
//!    The view is a component whose properties are views of `roadbook-api`: no hooks that ask.
//! 3. Show it in `app/frame.rs` (`screen`), or in a part of [`parts`] if not every start needs it,
//!    and in the rail or under More if people go there.
//! 4. Use the parts of [`components`]. A new part is for everybody: one file there, one sheet in
//!    `ui/styles`, one section in [`gallery`]. No colours, sizes or fonts outside the tokens; no
//!    `<style>` element (the policy of the page forbids it).
//! 5. Keys come from [`keys::KEYS`] through [`context::use_action`], never from a listener of your own.
//! 6. What the screen remembers beyond one value is a reducer in [`state`] with its tests.
//! 7. Put example data into `sample`, render the view in `src/tests.rs` (empty, full, with long
//!    words, with an error), and accept the snapshot with `INSTA_UPDATE=always`.
//! 8. Look at it: `cargo xtask ui`, then light, dark, high contrast, phone, 200 % text.
//!
//! Rules that keep it one design: one primary button a screen; state by [`components::FieldMark`]
//! and nothing else; undo instead of questions; red for loss and overdue only; every number that is
//! not the record's own says as of when.

pub mod app;
pub mod bridge;
pub mod browser;
pub mod components;
pub mod context;
pub mod gallery;
pub mod keys;
pub mod parts;
pub mod refusal;
pub mod route;
#[cfg(any(test, feature = "sample"))]
pub mod sample;
pub mod screens;
pub mod state;
pub mod theme;
pub mod words;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tokens;
