//! Records from files and into files.

use serde::{Deserialize, Serialize};

/// Whether an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// It writes.
    Write,
    /// It only says what it would do.
    DryRun,
}

/// Reads records from the files that a mapping names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRecords {
    /// The mapping: a file, or the name of one that Roadbook brings along.
    pub mapping: String,
    /// The folder of the data files.
    pub folder: String,
    /// Whether it writes.
    pub mode: ImportMode,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// One JSON object a line.
    JsonLines,
    /// Comma-separated values, one kind of record.
    Csv,
}

/// Writes the records of this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRecords {
    /// The kinds of records; empty for all.
    pub entities: Vec<String>,
    /// The form.
    pub format: ExportFormat,
}
