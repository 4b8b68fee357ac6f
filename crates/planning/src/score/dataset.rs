//! Data to learn from: numbers, categories and missing values.
//!
//! A [`Dataset`] holds named columns; a [`Schema`] remembers the columns and categories that a
//! model was trained on and turns later data, with columns in any order and categories that it has
//! never seen, into a [`Matrix`]. Rows are in the order of time wherever order matters.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ScoreError;
use super::num::index_u32;

/// Code of a missing category.
pub const MISSING: u32 = u32::MAX;

/// Most columns that a model takes.
const MOST_COLUMNS: usize = 4096;

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers; NaN is missing.
    Numeric(Vec<f64>),
    /// Codes into the levels; [`MISSING`] is missing.
    Categorical {
        /// One code for each row.
        codes: Vec<u32>,
        /// The names of the categories.
        levels: Vec<String>,
    },
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Values,
}

impl Column {
    /// Makes a column of numbers; NaN is missing.
    #[must_use]
    pub fn numeric(name: &str, values: Vec<f64>) -> Self {
        Self { name: name.to_owned(), values: Values::Numeric(values) }
    }

    /// Makes a column of categories; `None` is missing. Levels are sorted by name.
    #[must_use]
    pub fn categorical(name: &str, values: &[Option<&str>]) -> Self {
        let names: BTreeSet<&str> = values.iter().flatten().copied().collect();
        let code: BTreeMap<&str, u32> =
            names.iter().enumerate().map(|(code, name)| (*name, index_u32(code))).collect();
        let codes = values.iter().map(|v| v.map_or(MISSING, |v| code[v])).collect();
        let levels = names.into_iter().map(str::to_owned).collect();
        Self { name: name.to_owned(), values: Values::Categorical { codes, levels } }
    }

    fn len(&self) -> usize {
        match &self.values {
            Values::Numeric(values) => values.len(),
            Values::Categorical { codes, .. } => codes.len(),
        }
    }
}

/// Columns of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    columns: Vec<Column>,
    rows: usize,
}

impl Dataset {
    /// Takes columns of one length, with different names and without infinite numbers.
    ///
    /// # Errors
    /// What the columns break of this.
    pub fn new(columns: Vec<Column>) -> Result<Self, ScoreError> {
        let Some(first) = columns.first() else {
            return Err(ScoreError::Empty { what: "list of columns" });
        };
        let rows = first.len();
        if columns.len() > MOST_COLUMNS {
            let (expected, got) = (MOST_COLUMNS, columns.len());
            return Err(ScoreError::Shape { what: "list of columns", expected, got });
        }
        if rows == 0 || u32::try_from(rows).is_err() {
            return Err(ScoreError::Empty { what: "dataset" });
        }
        let mut names = BTreeSet::new();
        for column in &columns {
            let got = column.len();
            if got != rows {
                return Err(ScoreError::Shape { what: "column", expected: rows, got });
            }
            if !names.insert(column.name.as_str()) {
                return Err(ScoreError::Duplicate { column: column.name.clone() });
            }
            match &column.values {
                Values::Numeric(values) => {
                    if let Some(row) = values.iter().position(|v| v.is_infinite()) {
                        return Err(ScoreError::Infinite { column: column.name.clone(), row });
                    }
                }
                Values::Categorical { codes, levels } => {
                    if codes.iter().any(|c| *c != MISSING && *c as usize >= levels.len()) {
                        return Err(ScoreError::Column { column: column.name.clone() });
                    }
                }
            }
        }
        Ok(Self { columns, rows })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns rows in the given order; categories keep their codes.
    ///
    /// # Errors
    /// No rows, or a row that does not exist.
    pub fn select(&self, rows: &[usize]) -> Result<Self, ScoreError> {
        if let Some(row) = rows.iter().find(|r| **r >= self.rows) {
            return Err(ScoreError::Shape { what: "row number", expected: self.rows, got: *row });
        }
        let pick = |column: &Column| Column {
            name: column.name.clone(),
            values: match &column.values {
                Values::Numeric(values) => {
                    Values::Numeric(rows.iter().map(|r| values[*r]).collect())
                }
                Values::Categorical { codes, levels } => Values::Categorical {
                    codes: rows.iter().map(|r| codes[*r]).collect(),
                    levels: levels.clone(),
                },
            },
        };
        Self::new(self.columns.iter().map(pick).collect())
    }

    /// Returns the schema of this data.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let feature = |column: &Column| Feature {
            name: column.name.clone(),
            kind: match &column.values {
                Values::Numeric(_) => Kind::Numeric,
                Values::Categorical { levels, .. } => Kind::Categorical { levels: levels.clone() },
            },
        };
        Schema { features: self.columns.iter().map(feature).collect() }
    }
}

/// Kind of a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    /// Numbers.
    Numeric,
    /// Categories.
    Categorical {
        /// Names of the categories that were seen in training.
        levels: Vec<String>,
    },
}

/// A feature of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number.
    Number(f64),
    /// A category.
    Category(String),
    /// Nothing known.
    Missing,
}

/// The features that a model was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// Features in the model's order.
    pub features: Vec<Feature>,
}

impl Schema {
    /// Turns data into a matrix. Columns are found by name; categories that were not seen in
    /// training count as missing.
    ///
    /// # Errors
    /// [`ScoreError::Column`] for a column that is absent or of another kind.
    pub fn matrix(&self, data: &Dataset) -> Result<Matrix, ScoreError> {
        let width = self.features.len();
        let mut values = vec![f64::NAN; data.rows * width];
        for (f, feature) in self.features.iter().enumerate() {
            let absent = || ScoreError::Column { column: feature.name.clone() };
            let column = data.columns.iter().find(|c| c.name == feature.name).ok_or_else(absent)?;
            match (&feature.kind, &column.values) {
                (Kind::Numeric, Values::Numeric(numbers)) => {
                    for (row, number) in numbers.iter().enumerate() {
                        values[row * width + f] = *number;
                    }
                }
                (Kind::Categorical { levels }, Values::Categorical { codes, levels: theirs }) => {
                    let known: BTreeMap<&str, usize> =
                        levels.iter().enumerate().map(|(i, l)| (l.as_str(), i)).collect();
                    let ours: Vec<f64> = theirs
                        .iter()
                        .map(|l| known.get(l.as_str()).map_or(f64::NAN, |i| *i as f64))
                        .collect();
                    for (row, code) in codes.iter().enumerate() {
                        if *code != MISSING {
                            values[row * width + f] = ours[*code as usize];
                        }
                    }
                }
                (Kind::Numeric, Values::Categorical { .. })
                | (Kind::Categorical { .. }, Values::Numeric(_)) => return Err(absent()),
            }
        }
        Ok(Matrix { width, values })
    }

    /// Turns one row, in the order of the features, into numbers.
    ///
    /// # Errors
    /// A row of the wrong length, a value of the wrong kind, or an infinite number.
    pub fn row(&self, cells: &[Cell]) -> Result<Vec<f64>, ScoreError> {
        if cells.len() != self.features.len() {
            let (expected, got) = (self.features.len(), cells.len());
            return Err(ScoreError::Shape { what: "row", expected, got });
        }
        let number = |(feature, cell): (&Feature, &Cell)| match (&feature.kind, cell) {
            (Kind::Numeric, Cell::Number(value)) if !value.is_infinite() => Ok(*value),
            (Kind::Numeric, Cell::Number(_)) => {
                Err(ScoreError::Infinite { column: feature.name.clone(), row: 0 })
            }
            (Kind::Categorical { levels }, Cell::Category(name)) => {
                Ok(levels.iter().position(|l| l == name).map_or(f64::NAN, |i| i as f64))
            }
            (Kind::Numeric | Kind::Categorical { .. }, Cell::Missing) => Ok(f64::NAN),
            (Kind::Numeric, Cell::Category(_)) | (Kind::Categorical { .. }, Cell::Number(_)) => {
                Err(ScoreError::Column { column: feature.name.clone() })
            }
        };
        self.features.iter().zip(cells).map(number).collect()
    }
}

/// Numbers row by row; a category is its code, NaN is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    width: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// Number of features.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// One row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..(row + 1) * self.width]
    }

    /// All rows.
    pub fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.width.max(1))
    }

    /// Returns a stretch of rows.
    #[must_use]
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Self {
        let end = rows.end.min(self.rows());
        let start = rows.start.min(end);
        let values = self.values[start * self.width..end * self.width].to_vec();
        Self { width: self.width, values }
    }

    /// Returns rows in the given order, for example the order of time.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn select(&self, rows: &[usize]) -> Result<Self, ScoreError> {
        if let Some(row) = rows.iter().find(|r| **r >= self.rows()) {
            let expected = self.rows();
            return Err(ScoreError::Shape { what: "row number", expected, got: *row });
        }
        let values = rows.iter().flat_map(|r| self.row(*r)).copied().collect();
        Ok(Self { width: self.width, values })
    }
}

/// Returns the rows in the order of time; equal times keep their order.
#[must_use]
pub fn time_order(times: &[i64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|row| times[*row]);
    order
}

/// Refuses labels that do not fit the data or cannot be told apart.
pub(super) fn check_labels(
    what: &'static str,
    rows: usize,
    labels: &[bool],
    needed: usize,
) -> Result<(), ScoreError> {
    if labels.len() != rows {
        return Err(ScoreError::Shape { what: "labels", expected: rows, got: labels.len() });
    }
    if rows == 0 {
        return Err(ScoreError::Empty { what: "dataset" });
    }
    let yes = labels.iter().filter(|l| **l).count();
    if yes == 0 || yes == rows {
        return Err(ScoreError::OneClass { rows, label: yes > 0 });
    }
    let got = yes.min(rows - yes);
    if got < needed { Err(ScoreError::TooFew { what, needed, got }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_unseen_categories_are_missing() {
        let train = Dataset::new(vec![
            Column::numeric("size", vec![1.0, f64::NAN]),
            Column::categorical("source", &[Some("web"), Some("fair")]),
        ])
        .unwrap();
        let later = Dataset::new(vec![
            Column::categorical("source", &[Some("phone"), Some("web"), None]),
            Column::numeric("size", vec![2.0, 3.0, 4.0]),
        ])
        .unwrap();
        let matrix = train.schema().matrix(&later).unwrap();
        assert!(matrix.row(0)[1].is_nan(), "phone was never seen");
        assert_eq!(matrix.row(1), [3.0, 1.0]);
        assert!(matrix.row(2)[1].is_nan(), "missing stays missing");
    }

    #[test]
    fn broken_data_is_refused() {
        assert!(Dataset::new(vec![]).is_err(), "no columns");
        let infinite = Column::numeric("a", vec![f64::INFINITY]);
        assert!(matches!(Dataset::new(vec![infinite]), Err(ScoreError::Infinite { .. })));
        let twice = vec![Column::numeric("a", vec![1.0]), Column::numeric("a", vec![1.0])];
        assert!(matches!(Dataset::new(twice), Err(ScoreError::Duplicate { .. })));
        assert!(matches!(check_labels("x", 2, &[true; 2], 1), Err(ScoreError::OneClass { .. })));
    }
}
