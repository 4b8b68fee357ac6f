//! Search: one box over all searched fields, newest first.

use crate::{Replica, Row, StoreError};

/// What the search box found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The records, newest first.
    pub rows: Vec<Row>,
    /// The words that were looked for instead, when nothing matched what was typed.
    pub corrected: Option<String>,
}

impl Replica {
    /// Finds live records whose searched fields have words that begin with the words typed.
    ///
    /// Case and accents do not matter. Only when nothing matches, words within one or two typing
    /// errors are looked for.
    ///
    /// # Errors
    /// [`StoreError`] when the index cannot be read.
    pub fn search(&self, text: &str, limit: u32) -> Result<Found, StoreError> {
        unimplemented!("{text} {limit}")
    }
}
