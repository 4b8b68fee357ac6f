//! Lists: filters, order and a window over projected rows. Never loads a document.
//!
//! A window far down a list is had without walking there: the order of the whole list is kept as
//! row numbers (`window`) until something is written.

mod around;
mod sums;
pub(crate) mod window;

pub use around::{IdPart, Moment};
pub use sums::{Group, Sum};

use roadbook_domain::{Entity, FieldDef, RecordId, Value, ValueType};
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension as _, params_from_iter};

use crate::projection::{Projected, columns};
use crate::{Replica, Row, StoreError, opened, projection};

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

/// How a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// An index gives the rows in their order: the first ones are had at once.
    Direct,
    /// The keys of all rows are sorted, narrow as they are, and kept; rows are read by them.
    Keys,
}

/// A list as one SQL statement's end, and what it binds.
#[derive(Debug, Clone, PartialEq)]
struct Clause {
    sql: String,
    bound: Vec<Sql>,
}

impl Replica {
    /// One record as it is shown here; `None` if it is not on this device.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn record(&self, record: RecordId) -> Result<Option<Row>, StoreError> {
        let Some((number, entity)) = opened::find(&self.connection, record)? else {
            return Ok(None);
        };
        let projected =
            projection::read(&self.connection, &self.schema, &self.tables, entity, number)?;
        Ok(projected.map(|projected| projected.into_row(record, entity)))
    }

    /// Records in a window.
    ///
    /// # Errors
    /// [`StoreError::Query`] when the query names a field that there is not.
    pub fn list(&self, query: &ListQuery) -> Result<Vec<Row>, StoreError> {
        let table = self.tables.of(query.entity);
        let way = self.way(query);
        let clause = self.clause(query, way)?;
        let order = self.order(query)?;
        if let Some(numbers) = self.window(query, way, &clause, &order)? {
            return self.rows_of(query.entity, &numbers);
        }
        let Clause { sql, mut bound } = clause;
        bound.push(Sql::Integer(i64::from(query.limit)));
        bound.push(Sql::Integer(i64::from(query.offset)));
        let sql = format!("{}{sql} ORDER BY {order} LIMIT ? OFFSET ?", table.select);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(bound))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let record = crate::replica::record_id(row, 1)?;
            let projected = Projected::read(&self.schema, query.entity, table, row)?;
            out.push(projected.into_row(record, query.entity));
        }
        Ok(out)
    }

    /// How many records a query finds, whatever its window.
    ///
    /// # Errors
    /// [`StoreError::Query`] when the query names a field that there is not.
    pub fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        let clause = self.clause(query, Way::Direct)?;
        if let Some(count) = self.counted(query.entity, &clause) {
            return Ok(count);
        }
        let table = &self.tables.of(query.entity).name;
        let sql = format!("SELECT count(*) FROM {table}{}", clause.sql);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let count = statement.query_row(params_from_iter(&clause.bound), |row| row.get(0))?;
        drop(statement);
        self.note_count(query.entity, clause, count);
        Ok(count)
    }

    /// Rows by their numbers, in that order; those that are gone are left out.
    fn rows_of(&self, entity: Entity, numbers: &[i64]) -> Result<Vec<Row>, StoreError> {
        let table = self.tables.of(entity);
        let sql = format!("{} WHERE row_number = ?1", table.select);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut out = Vec::with_capacity(numbers.len());
        for number in numbers {
            let mut rows = statement.query([number])?;
            if let Some(row) = rows.next()? {
                let record = crate::replica::record_id(row, 1)?;
                let projected = Projected::read(&self.schema, entity, table, row)?;
                out.push(projected.into_row(record, entity));
            }
        }
        Ok(out)
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
        Ok(self
            .connection
            .prepare_cached(
                "SELECT records.record FROM external_ids
                 JOIN records ON records.number = external_ids.number
                 WHERE external_ids.external_id = ?1 AND records.entity = ?2
                 ORDER BY records.number LIMIT 1",
            )?
            .query_row((external_id, entity as u8), |row| crate::replica::record_id(row, 0))
            .optional()?)
    }

    /// Whether an index gives the rows in their order.
    fn way(&self, query: &ListQuery) -> Way {
        let def = self.schema.entity(query.entity);
        let newest = matches!(query.order, Order::Updated(_));
        let named = matches!(&query.order, Order::Field(name, Direction::Ascending)
            if *name == def.title && def.field("owner").is_some());
        let equal = |wanted: &dyn Fn(&FieldDef) -> bool| {
            query.filters.iter().any(|filter| {
                let def = def.field(&filter.field);
                filter.comparison == Comparison::Equal
                    && !filter.value.is_null()
                    && def.is_some_and(wanted)
            })
        };
        let owned = query.closed != Closed::Any && equal(&|field| field.name == "owner");
        let in_state = query.filters.len() == 1
            && query.closed == Closed::Any
            && equal(&|field| field.machine().is_some());
        let all = query.filters.is_empty() && query.closed == Closed::Any;
        let indexed = owned || (newest && in_state) || ((newest || named) && all);
        if indexed { Way::Direct } else { Way::Keys }
    }

    fn clause(&self, query: &ListQuery, way: Way) -> Result<Clause, StoreError> {
        // The sign keeps the database from walking all rows in the order of the newest.
        let alive = if way == Way::Keys { "+row_alive = ?" } else { "row_alive = ?" };
        let mut conditions = vec![alive.to_owned()];
        let mut bound = vec![Sql::Integer(i64::from(query.trash == Trash::Without))];
        match query.closed {
            Closed::Any => {}
            Closed::Open => conditions.push("row_closed = 0".into()),
            Closed::Closed => conditions.push("row_closed = 1".into()),
        }
        for filter in &query.filters {
            let field = self.field(query.entity, &filter.field)?;
            conditions.push(condition(field, filter, &mut bound));
        }
        Ok(Clause { sql: format!(" WHERE {}", conditions.join(" AND ")), bound })
    }

    fn order(&self, query: &ListQuery) -> Result<String, StoreError> {
        let way = |direction: &Direction| match direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        Ok(match &query.order {
            Order::Updated(direction) => format!("row_updated {}", way(direction)),
            Order::Field(name, direction) => {
                let field = self.field(query.entity, name)?;
                let text = matches!(
                    field.value_type,
                    ValueType::Text | ValueType::LongText | ValueType::Choice(_)
                );
                let collate = if text { " COLLATE NOCASE" } else { "" };
                format!(
                    "\"{}\"{collate} {} NULLS LAST, row_updated DESC",
                    field.name,
                    way(direction)
                )
            }
        })
    }

    fn field(&self, entity: Entity, name: &str) -> Result<&FieldDef, StoreError> {
        self.schema.field(entity, name).ok_or_else(|| {
            let known: Vec<_> =
                self.schema.entity(entity).fields.iter().map(|field| field.name).collect();
            StoreError::Query(format!(
                "{entity} has no field `{name}`; it has: {}",
                known.join(", ")
            ))
        })
    }
}

/// One condition. The name is the schema's, so it can stand in the statement.
fn condition(field: &FieldDef, filter: &Filter, bound: &mut Vec<Sql>) -> String {
    let name = format!("\"{}\"", field.name);
    let mut compare = |operator: &str| {
        bound.push(columns::scalar(&filter.value));
        let mut condition = format!("{name} {operator} ?");
        if let Value::Money(money) = &filter.value {
            bound.push(Sql::Text(money.currency.as_str().to_owned()));
            condition = if operator == "IS NOT" {
                format!("NOT ({name} IS ? AND \"{}__currency\" IS ?)", field.name)
            } else {
                format!("({condition} AND \"{}__currency\" = ?)", field.name)
            };
        }
        condition
    };
    match filter.comparison {
        Comparison::Equal if filter.value.is_null() => format!("{name} IS NULL"),
        Comparison::NotEqual if filter.value.is_null() => format!("{name} IS NOT NULL"),
        Comparison::Equal => compare("="),
        Comparison::NotEqual => compare("IS NOT"),
        Comparison::Less => compare("<"),
        Comparison::Greater => compare(">"),
        Comparison::Contains => {
            let wanted =
                filter.value.as_text().map_or_else(|| filter.value.to_string(), ToOwned::to_owned);
            bound.push(Sql::Text(wanted));
            if matches!(field.value_type, ValueType::Set) {
                format!("EXISTS (SELECT 1 FROM json_each({name}) WHERE value = ?)")
            } else {
                format!("instr(lower({name}), lower(?)) > 0")
            }
        }
    }
}

#[cfg(test)]
mod tests;
