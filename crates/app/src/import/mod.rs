//! Import: records, users, teams and territories from the tables of another system.
//!
//! Everything is read and checked before anything is written. Rows become ordinary intents of the
//! administrator who imports, each saved on its own, so that a cancelled import loses nothing and
//! the next one goes on where it stopped. A row that cannot be taken in is reported and hinders
//! no other.

mod directory;
mod mapping;
mod rows;
mod run;
mod table;
mod template;
#[cfg(test)]
mod tests;

pub use run::{ImportProgress, ImportWatch};
