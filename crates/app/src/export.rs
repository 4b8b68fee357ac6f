//! Export: the records of this device as JSON lines or CSV, and unsent work as a sealed bundle.

use std::io::Write;

use roadbook_api::ApiError;
use roadbook_api::ErrorCode;
use roadbook_api::commands::transfer::{ExportFormat, ExportRecords};
use roadbook_api::views::ExportReport;
use roadbook_domain::{Entity, MergeClass};
use roadbook_replica::Trash;

use crate::errors::{self, ApiResult, bad_input};
use crate::host::HostEntropy;
use crate::records::{Names, Unsent, view};
use crate::{App, lookup};

/// Where an export goes.
pub type ExportTarget<'a> = &'a mut dyn Write;

impl App {
    /// Writes records, kind by kind, newest edit first.
    ///
    /// # Errors
    /// The target cannot be written, or CSV is asked for with other than one kind of record.
    pub fn export(&self, command: &ExportRecords, to: ExportTarget<'_>) -> ApiResult<ExportReport> {
        let mut kinds = Vec::new();
        for name in &command.entities {
            kinds.push(errors::entity(name)?);
        }
        if kinds.is_empty() && command.format == ExportFormat::JsonLines {
            kinds = Entity::ALL.to_vec();
        }
        let records = match (command.format, kinds.as_slice()) {
            (ExportFormat::JsonLines, kinds) => self.json_lines(kinds, to)?,
            (ExportFormat::Csv, [kind]) => self.csv(*kind, to)?,
            (ExportFormat::Csv, _) => {
                let problem = "a CSV file holds one kind of record";
                return Err(bad_input("entity", problem, "name one kind, or export JSON lines"));
            }
        };
        to.flush().map_err(|error| unwritable(&error))?;
        Ok(ExportReport { records, file: None })
    }

    /// All unsent work, sealed for the tenant's recovery key.
    ///
    /// # Errors
    /// The device is not enrolled, so there is no key to seal for.
    pub fn export_unsent(&self) -> ApiResult<Vec<u8>> {
        let mut entropy = HostEntropy(&*self.host);
        self.with(|replica| replica.export_unsent(None, &mut entropy))
            .map_err(|error| errors::of_store(&error))
    }

    fn json_lines(&self, kinds: &[Entity], to: ExportTarget<'_>) -> ApiResult<u64> {
        self.with(|replica| {
            let names = Names::new(replica);
            let unsent = Unsent::new(replica);
            let mut records = 0;
            for kind in kinds {
                let mut rows = Vec::new();
                lookup::each(replica, *kind, Trash::Without, &mut |row| rows.push(row))?;
                for row in &rows {
                    let view = view(&names, &unsent, row)?;
                    serde_json::to_writer(&mut *to, &view)
                        .map_err(|error| unwritable(&error.into()))?;
                    to.write_all(b"\n").map_err(|error| unwritable(&error))?;
                    records += 1;
                }
            }
            Ok(records)
        })
    }

    fn csv(&self, kind: Entity, to: ExportTarget<'_>) -> ApiResult<u64> {
        self.with(|replica| {
            let names = Names::new(replica);
            let fields: Vec<&str> = replica
                .schema()
                .entity(kind)
                .fields
                .iter()
                .filter(|def| def.class != MergeClass::Structured)
                .map(|def| def.name)
                .collect();
            let mut writer = csv::Writer::from_writer(to);
            let failed = |error: csv::Error| unwritable(&error.into());
            let header = std::iter::once("id").chain(fields.iter().copied());
            writer.write_record(header).map_err(failed)?;
            let mut rows = Vec::new();
            lookup::each(replica, kind, Trash::Without, &mut |row| rows.push(row))?;
            for row in &rows {
                let mut cells = vec![row.record.to_string()];
                for field in &fields {
                    let value = row.value(field);
                    // A disputed value is never written as if it were final.
                    cells.push(match (value.is_null(), row.is_disputed(field)) {
                        (_, true) => format!("disputed: {}", names.value(value)?.text),
                        (true, false) => String::new(),
                        (false, false) => names.value(value)?.text,
                    });
                }
                writer.write_record(&cells).map_err(failed)?;
            }
            writer.flush().map_err(|error| unwritable(&error))?;
            Ok(rows.len() as u64)
        })
    }
}

fn unwritable(error: &std::io::Error) -> ApiError {
    ApiError::new(ErrorCode::File, format!("the export cannot be written: {error}"))
}
