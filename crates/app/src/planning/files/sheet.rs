//! A CSV file as columns for scoring: numbers where every cell is one, else categories.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use roadbook_planning::score::dataset::{Column, Kind, Schema};

use super::input::{self, wrong};
use crate::errors::ApiResult;
use crate::planning::views::TimeKind;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Cells that mean that nothing is known.
const BLANK: [&str; 7] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL"];
/// A column of categories with more of them than this, in more than half of the rows, is an id.
const MOST_CATEGORIES: usize = 50;

/// A table in memory.
pub(super) struct Sheet {
    /// The file, for errors.
    pub(super) file: String,
    pub(super) columns: Vec<String>,
    /// The line of each row in the file; the header is line 1.
    pub(super) lines: Vec<u64>,
    cells: Vec<Vec<String>>,
}

impl Sheet {
    /// Reads a file with a header.
    pub(super) fn read(path: &Path) -> ApiResult<Self> {
        let text = input::text(path)?;
        let file = input::shown(path);
        let head = text.lines().next().unwrap_or_default();
        let count = |delimiter: &u8| head.bytes().filter(|byte| byte == delimiter).count();
        // The first of equals: a comma where there is no delimiter at all.
        let delimiter = DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',');
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        let of_csv = |error: &csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            let lengths =
                if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
                    Some((len, expected_len))
                } else {
                    None
                };
            let problem = lengths.map_or_else(
                || "cannot be read as CSV".to_owned(),
                |(len, wanted)| format!("has {len} cells, the header has {wanted}"),
            );
            wrong(
                &format!("{file} line {line}"),
                &problem,
                "mend the line; quote cells with commas",
            )
        };
        let headers = reader.headers().map_err(|error| of_csv(&error))?.clone();
        let columns: Vec<String> = headers.iter().map(|name| name.trim().to_owned()).collect();
        let mut seen = BTreeSet::new();
        for name in &columns {
            if !seen.insert(name.as_str()) {
                let problem = format!("has two columns `{name}`");
                return Err(wrong(&file, &problem, "give every column a name of its own"));
            }
        }
        let (mut lines, mut cells) = (Vec::new(), vec![Vec::new(); columns.len()]);
        for record in reader.records() {
            let record = record.map_err(|error| of_csv(&error))?;
            lines.push(record.position().map_or(0, csv::Position::line));
            for (column, cell) in cells.iter_mut().zip(record.iter()) {
                column.push(cell.trim().to_owned());
            }
        }
        if lines.is_empty() {
            return Err(wrong(&file, "has no rows", "give a header and at least one row"));
        }
        Ok(Self { file, columns, lines, cells })
    }

    /// The cells of a column.
    pub(super) fn column(&self, name: &str) -> ApiResult<&[String]> {
        let found = self.columns.iter().position(|column| column == name);
        found.map(|at| self.cells[at].as_slice()).ok_or_else(|| {
            let problem = format!("has no column `{name}`");
            wrong(&self.file, &problem, &format!("it has: {}", self.columns.join(", ")))
        })
    }

    /// An error at a row, counted from 0, of a column.
    pub(super) fn wrong(
        &self,
        row: usize,
        column: &str,
        problem: &str,
        remedy: &str,
    ) -> roadbook_api::ApiError {
        let line = self.lines.get(row).copied().unwrap_or_default();
        wrong(&format!("{} line {line}, {column}", self.file), problem, remedy)
    }

    /// A column as it looks: numbers where every known cell is one.
    ///
    /// Returns the reason instead where it looks like an id.
    pub(super) fn feature(&self, name: &str) -> ApiResult<Result<Column, String>> {
        let cells = self.column(name)?;
        let known = || cells.iter().filter(|cell| !is_blank(cell));
        if known().next().is_some() && known().all(|cell| cell.parse::<f64>().is_ok()) {
            return self.numeric(name).map(Ok);
        }
        let distinct = known().collect::<BTreeSet<_>>().len();
        if distinct > MOST_CATEGORIES && distinct * 2 > cells.len() {
            let why = format!(
                "{name}: {distinct} different texts in {} rows look like an id",
                cells.len()
            );
            return Ok(Err(why));
        }
        Ok(Ok(categorical(name, cells)))
    }

    fn numeric(&self, name: &str) -> ApiResult<Column> {
        let number = |(row, cell): (usize, &String)| {
            if is_blank(cell) {
                return Ok(f64::NAN);
            }
            match cell.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                Ok(_) => Err(self.wrong(
                    row,
                    name,
                    &format!("`{cell}` is not finite"),
                    "leave the cell empty where the value is not known",
                )),
                Err(_) => Err(self.wrong(
                    row,
                    name,
                    &format!("`{cell}` is no number, and the model reads numbers there"),
                    "write a number, or leave the cell empty where it is not known",
                )),
            }
        };
        let values: ApiResult<Vec<f64>> =
            self.column(name)?.iter().enumerate().map(number).collect();
        Ok(Column::numeric(name, values?))
    }

    /// The columns that a model wants, of the kinds that it wants.
    pub(super) fn for_model(&self, schema: &Schema) -> ApiResult<Vec<Column>> {
        let column = |feature: &roadbook_planning::score::dataset::Feature| match feature.kind {
            Kind::Numeric => self.numeric(&feature.name),
            Kind::Categorical { .. } => Ok(categorical(&feature.name, self.column(&feature.name)?)),
        };
        schema.features.iter().map(column).collect()
    }

    /// The labels of a column, and what a positive one means in words.
    pub(super) fn labels(
        &self,
        name: &str,
        positive: Option<&str>,
    ) -> ApiResult<(Vec<bool>, String)> {
        const YES: [&str; 6] = ["1", "1.0", "yes", "true", "won", "y"];
        let cells = self.column(name)?;
        if let Some(row) = cells.iter().position(|cell| is_blank(cell)) {
            let remedy = "every row needs an outcome; take the row out";
            return Err(self.wrong(row, name, "is empty", remedy));
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for cell in cells {
            *counts.entry(cell).or_default() += 1;
        }
        let values: Vec<&str> = counts.keys().copied().collect();
        let listed = values.iter().take(8).copied().collect::<Vec<_>>().join(", ");
        let chosen = match positive {
            Some(wanted) => values.iter().find(|value| **value == wanted),
            None if values.len() > 2 => None,
            None => values.iter().find(|value| YES.contains(&value.to_lowercase().as_str())),
        };
        let Some(chosen) = chosen else {
            let problem = match positive {
                // One value that is no known yes: nothing can be told apart either way.
                None if values.len() == 1 => format!("every row says `{listed}`"),
                Some(wanted) => format!("no row says `{wanted}`; there are: {listed}"),
                None => format!("which value counts as yes? There are: {listed}"),
            };
            let remedy = "say which value is the positive one with --positive, and give rows of \
                          both outcomes";
            return Err(wrong(&format!("{}, {name}", self.file), &problem, remedy));
        };
        let labels = cells.iter().map(|cell| cell == chosen).collect();
        Ok((labels, format!("{name} is {chosen}")))
    }

    /// The times of a column, as numbers that rise: numbers in thousandths, whole or not, so that
    /// another file of the same column is on the same scale.
    pub(super) fn times(&self, name: Option<&str>) -> ApiResult<(Vec<i64>, TimeKind)> {
        let Some(name) = name else {
            let rows = i64::try_from(self.lines.len()).unwrap_or(i64::MAX);
            return Ok(((0..rows).collect(), TimeKind::Row));
        };
        let cells = self.column(name)?;
        if cells.iter().all(|cell| cell.parse::<f64>().is_ok()) {
            let time = |(row, cell): (usize, &String)| {
                thousandths(cell).ok_or_else(|| {
                    let problem = format!("`{cell}` is not finite, or too large to tell when");
                    self.wrong(row, name, &problem, "write a date, or a number below 9e15")
                })
            };
            let times: ApiResult<Vec<i64>> = cells.iter().enumerate().map(time).collect();
            return Ok((times?, TimeKind::Number));
        }
        let time = |(row, cell): (usize, &String)| {
            moment(cell).ok_or_else(|| {
                let problem = format!("`{cell}` is neither a date nor a number");
                self.wrong(row, name, &problem, "write it like 2026-03-01 or 2026-03-01T10:00:00")
            })
        };
        let times: ApiResult<Vec<i64>> = cells.iter().enumerate().map(time).collect();
        Ok((times?, TimeKind::Date))
    }
}

fn is_blank(cell: &str) -> bool {
    BLANK.contains(&cell)
}

fn categorical(name: &str, cells: &[String]) -> Column {
    let values: Vec<Option<&str>> =
        cells.iter().map(|cell| Some(cell.as_str()).filter(|cell| !is_blank(cell))).collect();
    Column::categorical(name, &values)
}

/// A number in thousandths; `None` where it is not finite or too large.
fn thousandths(cell: &str) -> Option<i64> {
    if let Ok(whole) = cell.parse::<i64>() {
        return whole.checked_mul(1_000);
    }
    let number = cell.parse::<f64>().ok().filter(|number| number.abs() < 9e15)?;
    #[allow(clippy::cast_possible_truncation, reason = "within the limits of i64")]
    Some((number * 1e3).round() as i64)
}

/// Milliseconds since 1970 of a date or a point in time.
fn moment(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let civil = text
        .parse::<DateTime>()
        .or_else(|_| text.parse::<Date>().map(|day| day.to_datetime(jiff::civil::Time::midnight())))
        .ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}
