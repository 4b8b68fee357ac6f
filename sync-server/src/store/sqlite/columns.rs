//! The tables of the central pipeline, generated from the schema: one per entity and facet, with
//! typed columns and the log position of each row. Rebuildable; `accounts`,
//! `accounts_confidential` and so on.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use roadbook_domain::value::LogEntry;
use roadbook_domain::{Entity, Facet, FieldDef, RecordId, Schema, Value, ValueType};
use rusqlite::types::{Null, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use serde::Serialize;
use serde_json::json;

use super::{failed, signed};
use crate::store::{ProjectedRow, StoreResult};

/// What is stored of the schema that the tables were made by.
const FINGERPRINT: &str = "projection_fingerprint";
/// Raised when the generated form changes without the schema.
const FORM: u32 = 2;

/// The statements for one table.
#[derive(Debug)]
struct Table {
    name: String,
    create: String,
    upsert: String,
    types: Vec<ValueType>,
}

/// The statements for all tables.
#[derive(Debug)]
pub(super) struct Columns {
    tables: BTreeMap<(u8, u8), Table>,
    fingerprint: String,
}

/// The name of the table of an entity's facet.
pub(super) fn table_name(entity: Entity, facet: Facet) -> String {
    match facet {
        Facet::Internal => entity.plural().to_owned(),
        Facet::Confidential => format!("{}_confidential", entity.plural()),
    }
}

impl Columns {
    pub(super) fn of(schema: &Schema) -> Self {
        let mut tables = BTreeMap::new();
        for definition in schema.entities() {
            for facet in Facet::ALL {
                let fields: Vec<&FieldDef> =
                    definition.fields.iter().filter(|field| field.facet() == facet).collect();
                let key = (definition.entity as u8, facet as u8);
                tables.insert(key, Table::of(&table_name(definition.entity, facet), &fields));
            }
        }
        Self { tables, fingerprint: format!("{FORM};{}", schema.fingerprint()) }
    }

    pub(super) fn are_stale(&self, connection: &Connection) -> StoreResult<bool> {
        let stored: Result<Vec<u8>, _> =
            connection.query_row("SELECT value FROM meta WHERE name = ?1", [FINGERPRINT], |row| {
                row.get(0)
            });
        match stored {
            Ok(stored) => Ok(stored != self.fingerprint.as_bytes()),
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(true),
            Err(error) => Err(failed(error)),
        }
    }

    pub(super) fn reset(&self, connection: &Connection) -> StoreResult<()> {
        for table in self.tables.values() {
            let drop = format!("DROP TABLE IF EXISTS {};", table.name);
            connection.execute_batch(&drop).map_err(failed)?;
            connection.execute_batch(&table.create).map_err(failed)?;
        }
        connection
            .execute(
                "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)",
                (FINGERPRINT, self.fingerprint.as_bytes()),
            )
            .map_err(failed)?;
        Ok(())
    }

    pub(super) fn write(&self, connection: &Connection, row: &ProjectedRow<'_>) -> StoreResult<()> {
        let Some(table) = self.tables.get(&(row.entity as u8, row.facet as u8)) else {
            return Ok(());
        };
        let mut statement = connection.prepare_cached(&table.upsert).map_err(failed)?;
        let mut at = 0;
        let mut bind = |value: &dyn ToSql| {
            at += 1;
            statement.raw_bind_parameter(at, value).map_err(failed)
        };
        bind(row.record.as_bytes())?;
        bind(&signed(row.seq))?;
        bind(&row.alive)?;
        bind(&row.updated_ms)?;
        bind(&row.disputed.join(" "))?;
        for (value, of_type) in row.values.iter().zip(&table.types) {
            match (of_type, value) {
                (ValueType::Money, Value::Money(money)) => {
                    bind(&money.minor)?;
                    bind(&money.currency.as_str())?;
                }
                (ValueType::Money, _) => {
                    bind(&Null)?;
                    bind(&Null)?;
                }
                (_, value) => bind(&Column(value))?,
            }
        }
        statement.raw_execute().map_err(failed)?;
        Ok(())
    }
}

impl Table {
    fn of(name: &str, fields: &[&FieldDef]) -> Self {
        let mut columns =
            vec!["seq".to_owned(), "alive".into(), "updated_ms".into(), "disputed".into()];
        let mut declared = String::new();
        for field in fields {
            let name = field.name;
            if matches!(field.value_type, ValueType::Money) {
                columns.push(format!("{name}_minor"));
                columns.push(format!("{name}_currency"));
                let _ = write!(declared, ", \"{name}_minor\" INTEGER, \"{name}_currency\" TEXT");
            } else {
                columns.push(name.to_owned());
                let _ = write!(declared, ", \"{name}\" {}", sql_type(&field.value_type));
            }
        }
        let create = format!(
            "CREATE TABLE {name} (record BLOB PRIMARY KEY, seq INTEGER NOT NULL, \
             alive INTEGER NOT NULL, updated_ms INTEGER NOT NULL, disputed TEXT NOT NULL{declared}) \
             WITHOUT ROWID;"
        );
        let quoted: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
        let marks = vec!["?"; columns.len() + 1].join(", ");
        let sets: Vec<String> =
            quoted.iter().map(|column| format!("{column} = excluded.{column}")).collect();
        let upsert = format!(
            "INSERT INTO {name} (record, {}) VALUES ({marks}) \
             ON CONFLICT (record) DO UPDATE SET {}",
            quoted.join(", "),
            sets.join(", ")
        );
        let types = fields.iter().map(|field| field.value_type).collect();
        Self { name: name.to_owned(), create, upsert, types }
    }
}

const fn sql_type(value_type: &ValueType) -> &'static str {
    match value_type {
        ValueType::Integer | ValueType::Boolean | ValueType::Percent | ValueType::Instant => {
            "INTEGER"
        }
        ValueType::Reference(_) | ValueType::AnyReference => "BLOB",
        ValueType::Text
        | ValueType::LongText
        | ValueType::Money
        | ValueType::Date
        | ValueType::Choice(_)
        | ValueType::State(_)
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => "TEXT",
    }
}

/// A value as a column: numbers as they are, ids as 16 bytes, a set as a JSON list of its members, a
/// log as a JSON list of `{"at_ms", "text"}` from the oldest on (both are opened up by `json_each`),
/// the rest as text.
struct Column<'a>(&'a Value);

impl ToSql for Column<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null => ToSqlOutput::from(Null),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Integer(number) | Value::Percent(number) | Value::Instant(number) => {
                ToSqlOutput::from(*number)
            }
            Value::Boolean(yes) => ToSqlOutput::from(*yes),
            Value::Reference(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            Value::Set(members) if members.is_empty() => ToSqlOutput::from(Null),
            Value::Set(members) => as_json(members)?,
            Value::Log(entries) if entries.is_empty() => ToSqlOutput::from(Null),
            Value::Log(entries) => {
                let line = |entry: &LogEntry| json!({ "at_ms": entry.at_ms, "text": entry.text });
                as_json(&entries.iter().map(line).collect::<Vec<_>>())?
            }
            Value::Money(_) | Value::Date(_) => ToSqlOutput::from(self.0.to_string()),
        })
    }
}

fn as_json(value: &impl Serialize) -> rusqlite::Result<ToSqlOutput<'static>> {
    serde_json::to_string(value)
        .map(ToSqlOutput::from)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// A row as column names and texts, without the empty columns.
pub(super) fn read(
    connection: &Connection,
    entity: Entity,
    facet: Facet,
    record: RecordId,
) -> StoreResult<Option<Vec<(String, String)>>> {
    let sql = format!("SELECT * FROM {} WHERE record = ?1", table_name(entity, facet));
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([record.as_bytes()]).map_err(failed)?;
    let Some(row) = rows.next().map_err(failed)? else { return Ok(None) };
    let mut out = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let text = match row.get_ref(at).map_err(failed)? {
            ValueRef::Null => continue,
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Blob(bytes) => match RecordId::from_slice(bytes) {
                Some(id) => id.to_string(),
                None => continue,
            },
        };
        out.push((name, text));
    }
    Ok(Some(out))
}
