//! Carrying an import out.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use roadbook_api::commands::transfer::{ImportMode, ImportRecords};
use roadbook_api::views::{ImportReport, ImportedKind, RejectedRow};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::intent::check_editable;
use roadbook_domain::{Entity, Intent, InvalidIntent, RecordId, Schema, Value, ValueType};
use roadbook_policy::decide_directory;
use roadbook_replica::{DirectoryRequest, Replica, Trash};

use super::directory;
use super::mapping::{Form, Mapping, MappingError, Records};
use super::rows::{self, Found, Tables};
use super::table::TableError;
use crate::errors::{self, ApiResult};
use crate::{App, app, lookup, writes};

/// How far an import has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProgress<'a> {
    /// The section of the mapping.
    pub section: &'a str,
    /// Rows done.
    pub done: u64,
    /// Rows to do.
    pub total: u64,
}

/// Who watches an import, and may stop it between two rows.
pub struct ImportWatch<'a> {
    /// Told of every row.
    pub progress: &'a (dyn Fn(ImportProgress<'_>) + Send + Sync),
    /// Asked before every row.
    pub stop: &'a (dyn Fn() -> bool + Send + Sync),
}

/// A record that the import knows: there already, or made by it.
struct Known {
    entity: Entity,
    record: RecordId,
}

struct Work<'a> {
    mapping: &'a Mapping,
    mode: ImportMode,
    known: HashMap<String, Known>,
    report: ImportReport,
}

impl App {
    /// Reads records from the files that a mapping names.
    ///
    /// # Errors
    /// The user is no administrator, the mapping or a file cannot be used, the server is needed
    /// and cannot be reached, or the device cannot save. A bad row is reported, not an error.
    pub async fn import(
        &self,
        command: &ImportRecords,
        watch: &ImportWatch<'_>,
    ) -> ApiResult<ImportReport> {
        let schema = self.with(|replica| {
            may_import(replica)?;
            Ok::<_, ApiError>(replica.schema().clone())
        })?;
        let mapping =
            Mapping::open(&command.mapping, &schema).map_err(|error| of_mapping(&error))?;
        let tables =
            Tables::read(&mapping, Path::new(&command.folder)).map_err(|error| of_table(&error))?;
        let mut work = Work {
            mapping: &mapping,
            mode: command.mode,
            known: self.known(&mapping)?,
            report: ImportReport {
                dry_run: command.mode == ImportMode::DryRun,
                kinds: Vec::new(),
                rejected: Vec::new(),
                intents: 0,
                cancelled: false,
            },
        };
        let request = directory::request(&mapping, &tables, &mut work.report.rejected);
        self.write_directory(&request, &mut work).await?;
        let found = tables.look_ups(&mapping.lookups);
        for section in &mapping.records {
            if work.report.cancelled {
                break;
            }
            self.section(section, &tables, &found, watch, &mut work)?;
        }
        Ok(work.report)
    }

    /// The records that carry an external id of the system, of all kinds that the mapping names.
    fn known(&self, mapping: &Mapping) -> ApiResult<HashMap<String, Known>> {
        self.with(|replica| {
            let mut kinds = BTreeSet::from([Entity::User, Entity::Team, Entity::Territory]);
            for section in &mapping.records {
                kinds.insert(section.entity);
                for field in section.fields.iter().filter(|field| matches!(field.form, Form::Find))
                {
                    let def = replica.schema().field(section.entity, &field.name);
                    if let Some(ValueType::Reference(entity)) = def.map(|def| def.value_type) {
                        kinds.insert(entity);
                    }
                }
            }
            let mut known = HashMap::new();
            for entity in kinds {
                lookup::each(replica, entity, Trash::Without, &mut |row| {
                    for id in row.value("external_ids").members() {
                        known.insert(id.clone(), Known { entity, record: row.record });
                    }
                })?;
            }
            Ok(known)
        })
    }

    async fn write_directory(
        &self,
        request: &DirectoryRequest,
        work: &mut Work<'_>,
    ) -> ApiResult<()> {
        let there: HashSet<String> = work.known.keys().cloned().collect();
        let kinds = directory::kinds(work.mapping, request, &there);
        let missing = kinds.iter().any(|kind| kind.created > 0);
        work.report.kinds.extend(kinds);
        if !missing {
            return Ok(());
        }
        let lists = [
            (Entity::Territory, &request.territories),
            (Entity::Team, &request.teams),
            (Entity::User, &request.users),
        ];
        let ids: Vec<Vec<RecordId>> = if work.mode == ImportMode::DryRun {
            // Ids that stand for those that the server would make.
            lists.iter().map(|(_, of)| of.iter().map(|_| self.new_record()).collect()).collect()
        } else {
            let link = self.link()?;
            let answer = link
                .write_directory(&self.replica, &*self.host, request)
                .await
                .map_err(|error| errors::of_sync(&error))?;
            vec![answer.territories, answer.teams, answer.users]
        };
        for ((entity, entries), ids) in lists.into_iter().zip(ids) {
            for (entry, record) in entries.iter().zip(ids) {
                work.known.entry(entry.external_id.clone()).or_insert(Known { entity, record });
            }
        }
        Ok(())
    }

    fn section(
        &self,
        section: &Records,
        tables: &Tables,
        found: &Found,
        watch: &ImportWatch<'_>,
        work: &mut Work<'_>,
    ) -> ApiResult<()> {
        let table = tables.of(&section.file);
        let (schema, mut there, in_trash) = self.with(|replica| {
            let there = by_external_id(replica, section.entity, Trash::Without, work.mapping)?;
            let in_trash = by_external_id(replica, section.entity, Trash::Only, work.mapping)?;
            Ok::<_, ApiError>((replica.schema().clone(), there, in_trash))
        })?;
        let before = work.report.rejected.len();
        let mut rows =
            rows::read(work.mapping, section, table, found, &schema, &mut work.report.rejected);
        let reject =
            |line: u64, column: &str, given: &str, reason: String, remedy: &str| RejectedRow {
                file: section.file.clone(),
                line,
                column: column.to_owned(),
                given: given.to_owned(),
                reason,
                remedy: remedy.to_owned(),
            };
        rows.retain(|row| {
            let deleted = in_trash.contains_key(&row.external_id);
            if deleted {
                let reason = "its record is in the trash".to_owned();
                let remedy = "restore the record, or take the row out";
                work.report.rejected.push(reject(row.line, "", &row.external_id, reason, remedy));
            }
            !deleted
        });
        for row in &rows {
            let made = || Known { entity: section.entity, record: self.new_record() };
            work.known.entry(row.external_id.clone()).or_insert_with(made);
        }
        self.drop_danglers(section, &schema, &mut rows, work);

        let mut kind = ImportedKind {
            section: section.section.clone(),
            file: section.file.clone(),
            rows: table.lines.len() as u64,
            created: 0,
            changed: 0,
            unchanged: 0,
            rejected: 0,
        };
        let total = rows.len() as u64;
        for (done, row) in (0_u64..).zip(&rows) {
            (watch.progress)(ImportProgress { section: &section.section, done, total });
            if (watch.stop)() {
                work.report.cancelled = true;
                break;
            }
            let mut values = row.values.clone();
            values.extend(row.refers.iter().filter_map(|refers| {
                let known = work.known.get(&refers.external_id)?;
                Some((refers.field.clone(), Value::Reference(known.record)))
            }));
            let record = work.known.get(&row.external_id).map(|known| known.record);
            let (Some(record), current) = (record, there.remove(&row.external_id)) else {
                continue;
            };
            let (intent, count) = match current {
                None => {
                    let ids = Value::Set(vec![row.external_id.clone()]);
                    values.push(("external_ids".to_owned(), ids));
                    let entity = section.entity;
                    (Intent::Create { record, entity, fields: values }, &mut kind.created)
                }
                Some(current) => {
                    let mut edits = writes::differences(&current, &values);
                    // What a row may not change stays as it is; the rest of the row is taken.
                    edits.retain(|edit| {
                        let refused = not_editable(&schema, section.entity, &edit.field);
                        if let Some(reason) = &refused {
                            let column = column_of(section, &edit.field);
                            let given = values.iter().find(|(name, _)| *name == edit.field);
                            let given = given.map(|(_, value)| value.to_string());
                            let given = given.unwrap_or_default();
                            let rejected =
                                reject(row.line, column, &given, reason.clone(), KEPT_AS_IT_IS);
                            work.report.rejected.push(rejected);
                        }
                        refused.is_none()
                    });
                    if edits.is_empty() {
                        kind.unchanged += 1;
                        continue;
                    }
                    let entity = section.entity;
                    (Intent::EditFields { record, entity, edits }, &mut kind.changed)
                }
            };
            match self.take(&intent, work.mode) {
                Ok(()) => {
                    *count += 1;
                    work.report.intents += u64::from(work.mode == ImportMode::Write);
                }
                Err(error) if is_of_row(error.code) => {
                    let field = error.fields.first();
                    let column = field.map_or("", |problem| column_of(section, &problem.field));
                    let remedy = field.map_or("mend the row or the record", |p| p.remedy.as_str());
                    let given = row
                        .values
                        .iter()
                        .find(|(name, _)| field.is_some_and(|it| it.field == *name))
                        .map_or_else(|| row.external_id.clone(), |(_, value)| value.to_string());
                    let reason = field.map_or_else(
                        || error.message.clone(),
                        |it| format!("{}: {}", it.field, it.problem),
                    );
                    work.report.rejected.push(reject(row.line, column, &given, reason, remedy));
                }
                Err(error) => return Err(error),
            }
        }
        (watch.progress)(ImportProgress { section: &section.section, done: total, total });
        kind.rejected = (work.report.rejected.len() - before) as u64;
        work.report.kinds.push(kind);
        Ok(())
    }

    /// Rejects rows that refer to what is not there, until no row refers to a rejected one.
    fn drop_danglers(
        &self,
        section: &Records,
        schema: &Schema,
        rows: &mut Vec<rows::Row>,
        work: &mut Work<'_>,
    ) {
        let there: HashSet<RecordId> = match self.known(work.mapping) {
            Ok(known) => known.values().map(|known| known.record).collect(),
            Err(_) => HashSet::new(),
        };
        loop {
            let before = rows.len();
            rows.retain(|row| {
                let dangling = row.refers.iter().find_map(|refers| {
                    let field = schema.field(section.entity, &refers.field);
                    let wanted = match field.map(|def| def.value_type) {
                        Some(ValueType::Reference(entity)) => Some(entity),
                        _ => None,
                    };
                    let Some(known) = work.known.get(&refers.external_id) else {
                        let reason =
                            format!("refers to `{}`, which is not there", refers.external_id);
                        return Some((refers, reason));
                    };
                    let fits = wanted.is_none_or(|wanted| wanted == known.entity);
                    (!fits).then(|| (refers, format!("refers to a {}", known.entity)))
                });
                let Some((refers, reason)) = dangling else { return true };
                work.report.rejected.push(RejectedRow {
                    file: section.file.clone(),
                    line: row.line,
                    column: refers.column.clone(),
                    given: refers.external_id.clone(),
                    reason,
                    remedy: format!(
                        "add the missing record, or declare the spelling under \
                         [records.clean.{}] of the mapping",
                        refers.column
                    ),
                });
                let own = work.known.get(&row.external_id).map(|known| known.record);
                if own.is_some_and(|record| !there.contains(&record)) {
                    work.known.remove(&row.external_id);
                }
                false
            });
            if rows.len() == before {
                return;
            }
        }
    }

    fn take(&self, intent: &Intent, mode: ImportMode) -> ApiResult<()> {
        self.with(|replica| match mode {
            ImportMode::Write => self.save(replica, intent, None).map(drop),
            ImportMode::DryRun => {
                intent.plan(replica.schema()).map_err(|error| errors::of_invalid(&error))?;
                Ok(())
            }
        })
    }
}

/// Refuses whoever is not an administrator now, whatever they were when the device was enrolled,
/// with the words of the policy.
fn may_import(replica: &Replica) -> ApiResult<()> {
    let decision = decide_directory(replica.policies(), app::subject(replica)?);
    if decision.is_allowed() { Ok(()) } else { Err(errors::of_decision(&decision)) }
}

fn by_external_id(
    replica: &Replica,
    entity: Entity,
    trash: Trash,
    mapping: &Mapping,
) -> ApiResult<HashMap<String, roadbook_replica::Row>> {
    let own = mapping.external_id("");
    let mut out = HashMap::new();
    lookup::each(replica, entity, trash, &mut |row| {
        let ids = row.value("external_ids").members();
        let ids: Vec<String> = ids.iter().filter(|id| id.starts_with(&own)).cloned().collect();
        for id in ids {
            out.insert(id, row.clone());
        }
    })?;
    Ok(out)
}

/// What to do about a value that an import may not change.
const KEPT_AS_IT_IS: &str = "nothing: the rest of the row was taken in, and the value stays as it \
     is; this version does not change such values after the record was made";

/// Why a field of a record that is there cannot be changed; `None` if it can.
fn not_editable(schema: &Schema, entity: Entity, field: &str) -> Option<String> {
    let def = schema.field(entity, field)?;
    match check_editable(entity, def) {
        Err(InvalidIntent::NotWritable { problem, .. }) => Some(format!("{field}: {problem}")),
        Err(error) => Some(error.to_string()),
        Ok(()) => None,
    }
}

/// Says whether an error is about one row, so that the others go on.
const fn is_of_row(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::UnknownField
            | ErrorCode::InvalidValue
            | ErrorCode::MissingField
            | ErrorCode::NotWritable
            | ErrorCode::NothingToDo
            | ErrorCode::NotFound
            | ErrorCode::Deleted
            | ErrorCode::Disputed
            | ErrorCode::Stale
            | ErrorCode::Refused
            | ErrorCode::AlreadyThere
    )
}

fn column_of<'s>(section: &'s Records, field: &str) -> &'s str {
    let found = section.fields.iter().find(|known| known.name == field);
    found.and_then(|field| field.from.columns().first().copied()).unwrap_or_default()
}

fn of_mapping(error: &MappingError) -> ApiError {
    let code = match error {
        MappingError::File { .. } => ErrorCode::File,
        MappingError::Form(_) | MappingError::Version(_) | MappingError::Section { .. } => {
            ErrorCode::BadInput
        }
    };
    ApiError::new(code, error.to_string())
}

fn of_table(error: &TableError) -> ApiError {
    let code = match error {
        TableError::File { .. } => ErrorCode::File,
        TableError::Encoding { .. } | TableError::Empty { .. } | TableError::Column { .. } => {
            ErrorCode::BadInput
        }
    };
    ApiError::new(code, error.to_string())
}
