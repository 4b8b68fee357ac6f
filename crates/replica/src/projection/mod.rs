//! Projections: one row per record, written in the transaction of the change (D1, D2).
//!
//! A pure function of the documents that are here, so everything in these tables can be made
//! again. Nothing but changed columns is written.

pub(crate) mod columns;
pub(crate) mod tables;

use std::collections::BTreeMap;

use roadbook_domain::{Entity, Facet, Hlc, RecordId, Schema, Value};
use roadbook_merge::{Conflict, Document, RecordView};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};

use crate::conflicts::StoredConflict;
use crate::{Row, StoreError, SyncMark, search};
pub(crate) use tables::{Table, Tables};

/// What is written of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Projected {
    pub(crate) alive: bool,
    pub(crate) closed: bool,
    pub(crate) updated: Hlc,
    /// Sorted by name.
    pub(crate) disputed: Vec<&'static str>,
    pub(crate) saved: bool,
    pub(crate) search: Option<i64>,
    pub(crate) values: BTreeMap<&'static str, Value>,
}

/// The number of a record's document: the record's number times two, plus the facet.
pub(crate) const fn document_number(record: i64, facet: Facet) -> i64 {
    record * 2 + facet as i64
}

impl Projected {
    /// Projects a merged record.
    pub(crate) fn new(schema: &Schema, view: RecordView, saved: bool) -> (Self, Vec<Conflict>) {
        let closed = schema.entity(view.entity).state_field().is_some_and(|field| {
            let state = view.value(field.name).as_text();
            let machine = field.machine();
            machine.zip(state).and_then(|(m, s)| m.state(s)).is_some_and(|state| state.closed)
        });
        let mut values = BTreeMap::new();
        let mut disputed = Vec::new();
        for (name, field) in view.fields {
            if field.disputed {
                disputed.push(name);
            }
            if !field.value.is_null() {
                values.insert(name, field.value);
            }
        }
        let projected = Self {
            alive: view.alive,
            closed,
            updated: view.updated,
            disputed,
            saved,
            search: None,
            values,
        };
        (projected, view.conflicts)
    }

    /// Reads a selected row.
    pub(crate) fn read(
        schema: &Schema,
        entity: Entity,
        table: &Table,
        row: &rusqlite::Row<'_>,
    ) -> Result<Self, rusqlite::Error> {
        let mut values = BTreeMap::new();
        let fields = &schema.entity(entity).fields;
        for (field, at) in fields.iter().zip(&table.places) {
            if let Some(value) = columns::read(field, row, *at)? {
                values.insert(field.name, value);
            }
        }
        let names: Option<String> = row.get(5)?;
        let names = names.unwrap_or_default();
        let mut disputed: Vec<&'static str> = fields
            .iter()
            .map(|field| field.name)
            .filter(|name| names.split(',').any(|other| other == *name))
            .collect();
        disputed.sort_unstable();
        Ok(Self {
            alive: row.get(2)?,
            closed: row.get(3)?,
            updated: Hlc(row.get(4)?),
            disputed,
            saved: row.get(6)?,
            search: row.get(7)?,
            values,
        })
    }

    /// The row that faces see.
    pub(crate) fn into_row(self, record: RecordId, entity: Entity) -> Row {
        Row {
            record,
            entity,
            alive: self.alive,
            updated: self.updated,
            values: self.values,
            disputed: self.disputed,
            sync: if self.saved { SyncMark::Saved } else { SyncMark::Confirmed },
        }
    }

    fn own_columns(&self) -> [Sql; 6] {
        let disputed = (!self.disputed.is_empty()).then(|| self.disputed.join(","));
        [
            Sql::Integer(i64::from(self.alive)),
            Sql::Integer(i64::from(self.closed)),
            Sql::Integer(self.updated.0),
            disputed.map_or(Sql::Null, Sql::Text),
            Sql::Integer(i64::from(self.saved)),
            self.search.map_or(Sql::Null, Sql::Integer),
        ]
    }
}

/// Writes projections. Lives for one transaction.
pub(crate) struct Projector<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) schema: &'a Schema,
    pub(crate) tables: &'a Tables,
    /// The next place in the search index: rises, so that newest comes first.
    pub(crate) next_search: &'a mut i64,
}

/// Which record a projection is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) number: i64,
    pub(crate) record: RecordId,
    pub(crate) entity: Entity,
}

impl Projector<'_> {
    /// Merges a record's documents and writes what changed. Returns what is there now.
    pub(crate) fn project(
        &mut self,
        of: Subject,
        documents: &[&Document],
        saved: bool,
        before: Option<&Projected>,
    ) -> Result<Option<Projected>, StoreError> {
        let made = documents
            .iter()
            .any(|document| document.key().facet == Facet::Internal && document.is_created());
        if !made {
            if let Some(before) = before {
                self.remove(of, before)?;
            }
            return Ok(None);
        }
        let view = roadbook_merge::view(self.schema, of.entity, documents);
        let (mut after, conflicts) = Projected::new(self.schema, view, saved);
        after.search = self.index(of, &after, before)?;
        match before {
            Some(before) => self.update(of, &after, before)?,
            None => self.insert(of, &after)?,
        }
        let contested =
            !after.disputed.is_empty() || before.is_some_and(|before| !before.disputed.is_empty());
        if contested {
            self.write_conflicts(of, &conflicts)?;
        }
        self.write_external_ids(of, Some(&after), before)?;
        Ok(Some(after))
    }

    /// Removes all that is written of a record.
    pub(crate) fn remove(&mut self, of: Subject, before: &Projected) -> Result<(), StoreError> {
        let def = self.schema.entity(of.entity);
        if let Some(rowid) = before.search {
            search::remove(self.connection, rowid, &search::words(def, &before.values))?;
        }
        self.write_conflicts(of, &[])?;
        self.write_external_ids(of, None, Some(before))?;
        let table = &self.tables.of(of.entity).name;
        self.connection
            .prepare_cached(&format!("DELETE FROM {table} WHERE row_number = ?1"))?
            .execute([of.number])?;
        Ok(())
    }

    fn insert(&self, of: Subject, after: &Projected) -> Result<(), StoreError> {
        let table = self.tables.of(of.entity);
        let mut values = vec![Sql::Integer(of.number), Sql::Blob(of.record.as_bytes().to_vec())];
        values.extend(after.own_columns());
        for field in &self.schema.entity(of.entity).fields {
            let value = after.values.get(field.name).unwrap_or(&Value::Null);
            columns::write(field, value, &mut values);
        }
        self.connection.prepare_cached(&table.insert)?.execute(params_from_iter(values))?;
        Ok(())
    }

    fn update(&self, of: Subject, after: &Projected, before: &Projected) -> Result<(), StoreError> {
        const NAMES: [&str; 6] =
            ["row_alive", "row_closed", "row_updated", "row_disputed", "row_saved", "row_search"];
        let mut names: Vec<String> = Vec::new();
        let mut values: Vec<Sql> = Vec::new();
        let own = NAMES.into_iter().zip(after.own_columns()).zip(before.own_columns());
        for ((name, after), before) in own {
            if after != before {
                names.push(name.to_owned());
                values.push(after);
            }
        }
        for field in &self.schema.entity(of.entity).fields {
            let (new, old) = (after.values.get(field.name), before.values.get(field.name));
            if new != old {
                names.extend(columns::names(field));
                columns::write(field, new.unwrap_or(&Value::Null), &mut values);
            }
        }
        if names.is_empty() {
            return Ok(());
        }
        let sets: Vec<String> = names.iter().map(|name| format!("{name} = ?")).collect();
        let table = &self.tables.of(of.entity).name;
        values.push(Sql::Integer(of.number));
        self.connection
            .prepare_cached(&format!(
                "UPDATE {table} SET {} WHERE row_number = ?",
                sets.join(", ")
            ))?
            .execute(params_from_iter(values))?;
        Ok(())
    }

    /// Brings the search index up to date: a changed record moves to the newest end.
    fn index(
        &mut self,
        of: Subject,
        after: &Projected,
        before: Option<&Projected>,
    ) -> Result<Option<i64>, StoreError> {
        let def = self.schema.entity(of.entity);
        let old = before.and_then(|before| before.search);
        let unchanged = before.is_some_and(|before| {
            before.alive == after.alive
                && before.updated == after.updated
                && before.values == after.values
        });
        if unchanged {
            return Ok(old);
        }
        if let (Some(rowid), Some(before)) = (old, before) {
            search::remove(self.connection, rowid, &search::words(def, &before.values))?;
        }
        if !after.alive {
            return Ok(None);
        }
        let rowid = *self.next_search;
        *self.next_search += 1;
        let words = search::words(def, &after.values);
        search::insert(self.connection, rowid, of.number, of.entity, &words)?;
        Ok(Some(rowid))
    }

    fn write_conflicts(&self, of: Subject, conflicts: &[Conflict]) -> Result<(), StoreError> {
        let documents = Facet::ALL.map(|facet| document_number(of.number, facet));
        self.connection
            .prepare_cached("DELETE FROM open_conflicts WHERE document IN (?1, ?2)")?
            .execute(documents)?;
        for conflict in conflicts {
            let stored = StoredConflict::from(conflict);
            let body = postcard::to_allocvec(&stored)
                .map_err(|_| StoreError::Unreadable { what: "a conflict" })?;
            self.connection
                .prepare_cached(
                    "INSERT INTO open_conflicts (document, field, stake_minor, body)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    document_number(of.number, conflict.facet),
                    conflict.field,
                    conflict.stake.map_or(0, |stake| stake.minor),
                    body
                ])?;
        }
        Ok(())
    }

    fn write_external_ids(
        &self,
        of: Subject,
        after: Option<&Projected>,
        before: Option<&Projected>,
    ) -> Result<(), StoreError> {
        let def = self.schema.entity(of.entity);
        let Some(field) = def.fields.iter().find(|field| tables::is_external_ids(field)) else {
            return Ok(());
        };
        let members = |of: Option<&Projected>| -> Vec<String> {
            let value = of.and_then(|projected| projected.values.get(field.name));
            value.map(|value| value.members().to_vec()).unwrap_or_default()
        };
        let (new, old) = (members(after), members(before));
        for gone in old.iter().filter(|member| !new.contains(member)) {
            self.connection
                .prepare_cached("DELETE FROM external_ids WHERE external_id = ?1 AND number = ?2")?
                .execute(params![gone, of.number])?;
        }
        for added in new.iter().filter(|member| !old.contains(member)) {
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO external_ids (external_id, number) VALUES (?1, ?2)",
                )?
                .execute(params![added, of.number])?;
        }
        Ok(())
    }
}

/// The projection of one record by its number; `None` if it has no row.
pub(crate) fn read(
    connection: &Connection,
    schema: &Schema,
    tables: &Tables,
    entity: Entity,
    number: i64,
) -> Result<Option<Projected>, StoreError> {
    let table = tables.of(entity);
    Ok(connection
        .prepare_cached(&format!("{} WHERE row_number = ?1", table.select))?
        .query_row([number], |row| Projected::read(schema, entity, table, row))
        .optional()?)
}
