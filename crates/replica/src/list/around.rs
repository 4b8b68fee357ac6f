//! What is around a record, and records by a part of their id: narrow reads beside the lists.

use roadbook_domain::{Entity, FieldDef, RecordId, Value, ValueType};
use rusqlite::{OptionalExtension as _, params};

use super::ListQuery;
use crate::projection::tables::refers;
use crate::{Comparison, Replica, StoreError};

/// The time of an activity, note or task in a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub entity: Entity,
}

/// A part of an id, as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdPart {
    /// Its beginning.
    Beginning,
    /// Its end.
    End,
}

impl Replica {
    /// The fields by which records refer to a record of a kind, in the order of the schema.
    #[must_use]
    pub fn referring(&self, to: Entity) -> Vec<(Entity, &FieldDef)> {
        let mut out = Vec::new();
        for def in self.schema.entities() {
            for field in &def.fields {
                let other =
                    matches!(field.value_type, ValueType::Reference(entity) if entity != to);
                if refers(field) && !other {
                    out.push((def.entity, field));
                }
            }
        }
        out
    }

    /// The live activities, notes and tasks about a record, newest first: activities by their
    /// start, the others by when they were made.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn moments(&self, record: RecordId) -> Result<Vec<Moment>, StoreError> {
        let mut out = Vec::new();
        for entity in [Entity::Activity, Entity::Note, Entity::Task] {
            let def = self.schema.entity(entity);
            let start = def.field("started_at").map_or("NULL", |_| "started_at");
            let table = &self.tables.of(entity).name;
            for field in ["account", "about"] {
                let Some(field) = def.field(field) else { continue };
                let sql = format!(
                    "SELECT row_record, {start} FROM {table}
                     WHERE \"{}\" = ?1 AND row_alive = 1",
                    field.name
                );
                let mut statement = self.connection.prepare_cached(&sql)?;
                let mut rows = statement.query([record.as_bytes()])?;
                while let Some(row) = rows.next()? {
                    let id = crate::replica::record_id(row, 0)?;
                    let start: Option<i64> = row.get(1)?;
                    let at_ms = start.unwrap_or_else(|| id.made_ms());
                    out.push(Moment { at_ms, record: id, entity });
                }
            }
        }
        out.sort_by(|a, b| b.cmp(a));
        out.dedup();
        Ok(out)
    }

    /// The greatest value of an instant field, at most `until_ms`, among the live records of a kind
    /// that refer to a record by a field.
    ///
    /// # Errors
    /// [`StoreError::Query`] when there is no such field.
    pub fn latest(
        &self,
        entity: Entity,
        by: &str,
        of: RecordId,
        instant: &str,
        until_ms: i64,
    ) -> Result<Option<i64>, StoreError> {
        let (by, instant) = (self.field(entity, by)?.name, self.field(entity, instant)?.name);
        let table = &self.tables.of(entity).name;
        let sql = format!(
            "SELECT \"{instant}\" FROM {table}
             WHERE \"{by}\" = ?1 AND row_alive = 1 AND \"{instant}\" <= ?2
             ORDER BY \"{instant}\" DESC LIMIT 1"
        );
        Ok(self
            .connection
            .prepare_cached(&sql)?
            .query_row(params![of.as_bytes(), until_ms], |row| row.get(0))
            .optional()?)
    }

    /// The records whose id begins or ends with these hex digits (6 or more), at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn by_digits(
        &self,
        part: IdPart,
        digits: &str,
        limit: u32,
    ) -> Result<Vec<RecordId>, StoreError> {
        let digits = digits.to_lowercase();
        let plain =
            (6..=32).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if !plain {
            return Ok(Vec::new());
        }
        let bytes = |text: &str| crate::hex::read_all(text).unwrap_or_default();
        let limit = limit as usize;
        let mut out: Vec<RecordId> = Vec::new();
        let mut take = |sql: &str, bound: [Vec<u8>; 2]| -> Result<(), StoreError> {
            let [a, b] = bound;
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![a, b])?;
            while let Some(row) = rows.next()? {
                out.push(crate::replica::record_id(row, 0)?);
                if out.len() >= limit {
                    break;
                }
            }
            Ok(())
        };
        match part {
            IdPart::Beginning => {
                let (low, high) = (format!("{digits:0<32}"), format!("{digits:f<32}"));
                take(
                    "SELECT record FROM records WHERE record BETWEEN ?1 AND ?2 ORDER BY record",
                    [bytes(&low), bytes(&high)],
                )?;
            }
            IdPart::End => {
                let tail = bytes(&digits[digits.len() - 6..]);
                let whole = if digits.len().is_multiple_of(2) {
                    digits.clone()
                } else {
                    digits[1..].to_owned()
                };
                let end = bytes(&whole);
                take(
                    "SELECT record FROM records WHERE substr(record, 14) = ?1
                         AND substr(record, 17 - length(?2)) = ?2 ORDER BY record",
                    [tail, end],
                )?;
                // An odd first digit is half a byte.
                out.retain(|record| crate::hex::write(record.as_bytes()).ends_with(&digits));
            }
        }
        Ok(out)
    }

    /// A query with the condition that a field refers to a record.
    #[must_use]
    pub fn referring_query(entity: Entity, field: &str, to: RecordId, limit: u32) -> ListQuery {
        let value = Value::Reference(to);
        ListQuery::newest(entity, limit).with(field, Comparison::Equal, value)
    }
}
