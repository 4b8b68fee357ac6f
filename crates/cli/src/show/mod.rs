//! Sentences and tables for people, made from the views of `roadbook-api`.
//!
//! Codes and JSON never appear here, and nothing disputed is written as if it were final.

pub(crate) mod conflicts;
pub(crate) mod exchange;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod pages;
pub(crate) mod queue;
pub(crate) mod records;
pub(crate) mod table;
pub(crate) mod undo;
pub(crate) mod words;
