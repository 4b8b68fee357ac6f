//! What can be wrong with data to learn from, or with a stored model.

use thiserror::Error;

/// Why there is no model or no score.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// There are no rows or no columns.
    #[error("{what} is empty")]
    Empty {
        /// What is empty.
        what: &'static str,
    },
    /// Two inputs that belong together have different lengths.
    #[error("{what} has {got} entries, expected {expected}")]
    Shape {
        /// The input with the wrong length.
        what: &'static str,
        /// The length that it should have.
        expected: usize,
        /// The length that it has.
        got: usize,
    },
    /// A value is infinite.
    #[error("column {column} is infinite in row {row}")]
    Infinite {
        /// The column.
        column: String,
        /// The row.
        row: usize,
    },
    /// A column name occurs twice.
    #[error("column {column} occurs twice")]
    Duplicate {
        /// The column.
        column: String,
    },
    /// A column that the model needs is absent, or holds another kind of value.
    #[error("column {column} is absent or of another kind")]
    Column {
        /// The column.
        column: String,
    },
    /// All labels are the same, so there is nothing to tell apart.
    #[error("all {rows} labels are {label}")]
    OneClass {
        /// How many rows.
        rows: usize,
        /// The label that all share.
        label: bool,
    },
    /// There are too few rows of either label for what was asked.
    #[error("{what} needs {needed} rows of each label, the rarer one has {got}")]
    TooFew {
        /// What needs them.
        what: &'static str,
        /// How many it needs.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// A setting is out of range.
    #[error("setting {setting} is out of range")]
    Setting {
        /// The setting.
        setting: &'static str,
    },
    /// Whoever watches stopped it.
    #[error("stopped")]
    Stopped,
    /// The bytes of a model are damaged, or of a version that this code does not read.
    #[error("model cannot be read: {reason}")]
    Artefact {
        /// What is wrong.
        reason: &'static str,
    },
}
