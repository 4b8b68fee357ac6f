//! Lists: filters, order and a window over projected rows. Never loads a document.

use roadbook_domain::{Entity, RecordId, Value};

use crate::{Replica, Row, StoreError};

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Equal; `Null` finds records without a value.
    Equal,
    /// Not equal; records without a value included unless compared with `Null`.
    NotEqual,
    /// Less than.
    Less,
    /// Greater than.
    Greater,
    /// A set has this member; a text contains this text, whatever the case of its ASCII letters.
    Contains,
}

/// One condition on one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The field.
    pub field: String,
    /// How to compare.
    pub comparison: Comparison,
    /// With what.
    pub value: Value,
}

/// Which way to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Greatest first.
    Descending,
}

/// By what to sort. Records that are equal in it come newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// By the clock of the last edit.
    Updated(Direction),
    /// By a field; records without a value come last.
    Field(String, Direction),
}

/// Whether records in a final state (closed deals, finished tasks) are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Closed {
    /// Only those that are not finished.
    Open,
    /// Only those that are finished.
    Closed,
    /// All.
    Any,
}

/// Whether records in the trash are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trash {
    /// Only those that are not in the trash.
    Without,
    /// Only those in the trash.
    Only,
}

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// Of which kind.
    pub entity: Entity,
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// Finished ones or not.
    pub closed: Closed,
    /// In the trash or not.
    pub trash: Trash,
    /// In which order.
    pub order: Order,
    /// At most how many.
    pub limit: u32,
    /// How many to pass over.
    pub offset: u32,
}

impl ListQuery {
    /// All live records of a kind, newest first.
    #[must_use]
    pub const fn newest(entity: Entity, limit: u32) -> Self {
        Self {
            entity,
            filters: Vec::new(),
            closed: Closed::Any,
            trash: Trash::Without,
            order: Order::Updated(Direction::Descending),
            limit,
            offset: 0,
        }
    }

    /// The same query with one condition more.
    #[must_use]
    pub fn with(mut self, field: &str, comparison: Comparison, value: Value) -> Self {
        self.filters.push(Filter { field: field.to_owned(), comparison, value });
        self
    }
}

impl Replica {
    /// One record as it is shown here; `None` if it is not on this device.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn record(&self, record: RecordId) -> Result<Option<Row>, StoreError> {
        unimplemented!("{record}")
    }

    /// Records in a window.
    ///
    /// # Errors
    /// [`StoreError::Query`] when the query names a field that there is not.
    pub fn list(&self, query: &ListQuery) -> Result<Vec<Row>, StoreError> {
        unimplemented!("{query:?}")
    }

    /// How many records a query finds, whatever its window.
    ///
    /// # Errors
    /// [`StoreError::Query`] when the query names a field that there is not.
    pub fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        unimplemented!("{query:?}")
    }

    /// The record of a kind that carries an external id (`system:id`).
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn find_external(
        &self,
        entity: Entity,
        external_id: &str,
    ) -> Result<Option<RecordId>, StoreError> {
        unimplemented!("{entity} {external_id}")
    }
}
