//! The projection tables, generated from the schema: names, columns and statements.
//!
//! Fields must not begin with `row_`: that is how a table's own columns begin.

use std::fmt::Write as _;

use roadbook_domain::{Entity, EntityDef, FieldDef, MergeClass, Schema, ValueType};
use rusqlite::Connection;

use crate::StoreError;
use crate::projection::columns;
use crate::search;

/// Raised when the projections of the same schema would look different.
const FORMAT: u32 = 2;

/// A table's own columns, before those of the fields.
pub(crate) const OWN: &str = "row_number, row_record, row_alive, row_closed, row_updated, row_disputed, row_saved, row_search";
/// How many they are.
pub(crate) const OWN_COUNT: usize = 8;

/// One entity's table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// `SELECT <all columns> FROM <table>`.
    pub(crate) select: String,
    pub(crate) insert: String,
    /// Where each field's first column stands in a selected row, in the order of the schema.
    pub(crate) places: Vec<usize>,
}

/// All tables, in the order of [`Entity::ALL`].
#[derive(Debug)]
pub(crate) struct Tables(Vec<Table>);

impl Tables {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self(schema.entities().iter().map(Table::new).collect())
    }

    pub(crate) fn of(&self, entity: Entity) -> &Table {
        &self.0[entity as usize]
    }
}

impl Table {
    fn new(def: &EntityDef) -> Self {
        let name = format!("row_{}", def.entity.plural());
        let mut all = OWN.to_owned();
        let mut places = Vec::with_capacity(def.fields.len());
        let mut at = OWN_COUNT;
        for field in &def.fields {
            places.push(at);
            at += columns::width(field);
            for column in columns::names(field) {
                let _ = write!(all, ", {column}");
            }
        }
        let marks = vec!["?"; at].join(", ");
        Self {
            select: format!("SELECT {all} FROM {name}"),
            insert: format!("INSERT INTO {name} ({all}) VALUES ({marks})"),
            name,
            places,
        }
    }
}

/// What the projections are made by: when it changes, they are made again.
pub(crate) fn fingerprint(schema: &Schema) -> Vec<u8> {
    format!("{FORMAT} {} {}", search::FORMAT, schema.fingerprint()).into_bytes()
}

/// Drops what there is and makes empty tables.
pub(crate) fn recreate(connection: &Connection, schema: &Schema) -> Result<(), StoreError> {
    let old: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'row\\_%' ESCAPE '\\'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for name in old {
        connection.execute_batch(&format!("DROP TABLE \"{name}\""))?;
    }
    connection.execute_batch(
        "DROP TABLE IF EXISTS external_ids;
         DROP TABLE IF EXISTS open_conflicts;
         CREATE TABLE external_ids (
             external_id TEXT NOT NULL,
             number INTEGER NOT NULL,
             PRIMARY KEY (external_id, number)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE open_conflicts (
             document INTEGER NOT NULL,
             field TEXT NOT NULL,
             stake_minor INTEGER NOT NULL,
             body BLOB NOT NULL,
             PRIMARY KEY (document, field)
         ) STRICT, WITHOUT ROWID;",
    )?;
    for def in schema.entities() {
        connection.execute_batch(&ddl(def))?;
    }
    search::recreate(connection)
}

/// One table and its indexes: newest first; by name; newest first of an owner, and an owner's by
/// indexed fields; by state, with what a board adds up; by what a record refers to.
fn ddl(def: &EntityDef) -> String {
    let table = format!("row_{}", def.entity.plural());
    let mut sql = format!(
        "CREATE TABLE {table} (
             row_number INTEGER PRIMARY KEY,
             row_record BLOB NOT NULL,
             row_alive INTEGER NOT NULL,
             row_closed INTEGER NOT NULL,
             row_updated INTEGER NOT NULL,
             row_disputed TEXT,
             row_saved INTEGER NOT NULL,
             row_search INTEGER"
    );
    for field in &def.fields {
        for column in columns::names(field) {
            let _ = write!(sql, ", {column}");
        }
    }
    let _ = write!(sql, "); CREATE INDEX {table}_newest ON {table} (row_alive, row_updated);");
    let owned = def.field("owner").is_some();
    if owned {
        let _ = write!(
            sql,
            "CREATE INDEX {table}_owner ON {table}
                 (owner, row_alive, row_closed, row_updated) WHERE owner IS NOT NULL;
             CREATE INDEX {table}_name ON {table}
                 (row_alive, \"{title}\" COLLATE NOCASE, row_updated DESC);",
            title = def.title
        );
    }
    if owned && def.field("next_step").is_some() {
        let _ = write!(
            sql,
            "CREATE INDEX {table}_stuck ON {table} (owner, row_alive, row_closed, row_updated)
                 WHERE owner IS NOT NULL AND next_step IS NULL;"
        );
    }
    if let Some(state) = def.state_field() {
        let mut columns = format!("row_alive, \"{}\", row_updated, row_disputed", state.name);
        for field in def.fields.iter().filter(|field| is_board_money(field)) {
            let _ = write!(columns, ", {}", columns::names(field).join(", "));
        }
        let _ = write!(sql, "CREATE INDEX {table}_board ON {table} ({columns});");
    }
    let when = def.fields.iter().find(|field| field.indexed && is_time(field));
    let then = when.map_or_else(|| "row_updated".to_owned(), |field| format!("\"{}\"", field.name));
    for field in &def.fields {
        let name = field.name;
        if owned && field.indexed {
            let _ = write!(
                sql,
                "CREATE INDEX {table}_{name} ON {table}
                     (owner, row_alive, row_closed, \"{name}\")
                     WHERE owner IS NOT NULL AND \"{name}\" IS NOT NULL;"
            );
        } else if refers(field) {
            let _ = write!(
                sql,
                "CREATE INDEX {table}_{name} ON {table} (\"{name}\", row_alive, {then})
                     WHERE \"{name}\" IS NOT NULL;"
            );
        }
    }
    sql
}

const fn is_time(field: &FieldDef) -> bool {
    matches!(field.value_type, ValueType::Date | ValueType::Instant)
}

/// Whether a board adds the field up.
pub(crate) const fn is_board_money(field: &FieldDef) -> bool {
    matches!(field.value_type, ValueType::Money)
        && matches!(field.class, MergeClass::Review | MergeClass::Derived)
}

/// Whether records are found by what they refer to in this field. The directory is not: lists of
/// a user's, team's or territory's records are lists with a filter.
pub(crate) const fn refers(field: &FieldDef) -> bool {
    match field.value_type {
        ValueType::AnyReference => true,
        ValueType::Reference(entity) => {
            !matches!(entity, Entity::User | Entity::Team | Entity::Territory)
        }
        ValueType::Text
        | ValueType::LongText
        | ValueType::Integer
        | ValueType::Boolean
        | ValueType::Money
        | ValueType::Percent
        | ValueType::Date
        | ValueType::Instant
        | ValueType::Choice(_)
        | ValueType::State(_)
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => false,
    }
}

/// Whether a field's members are indexed for matching with other systems.
pub(crate) fn is_external_ids(def: &FieldDef) -> bool {
    def.name == "external_ids" && def.class == MergeClass::Set
}
