//! A CSV file as columns for scoring: numbers where every cell is one, else categories.
//!
//! Where a semicolon divides the cells, a comma may be the decimal sign of a whole column.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use roadbook_planning::score::dataset::{Column, Kind, Schema};

use super::input::{self, wrong};
use super::period::whole_day;
use crate::errors::ApiResult;
use crate::planning::views::TimeKind;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Cells that mean that nothing is known.
const BLANK: [&str; 7] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL"];
/// Cells that mean the same among numbers; among words they may be a word like others.
const NO_NUMBER: [&str; 3] = ["-", "None", "none"];
/// Labels that mean yes and no where nobody says which is which.
const YES: [&str; 6] = ["1", "1.0", "yes", "true", "won", "y"];
const NO: [&str; 6] = ["0", "0.0", "no", "false", "lost", "n"];
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
    delimiter: u8,
}

/// Whether a table must hold both outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcomes {
    /// There is something to learn.
    Both,
    /// The positive one may not have happened yet.
    MayLackPositive,
}

/// The decimal sign of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decimal {
    Point,
    Comma,
}

impl Decimal {
    fn number(self, cell: &str) -> Option<f64> {
        self.plain(cell)?.parse().ok()
    }

    /// The number as programs write it.
    fn plain(self, cell: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Point => Some(Cow::Borrowed(cell)),
            Self::Comma if cell.contains('.') => None,
            Self::Comma => Some(Cow::Owned(cell.replacen(',', ".", 1))),
        }
    }
}

impl Sheet {
    /// Reads a file with a header.
    pub(super) fn read(path: &Path) -> ApiResult<Self> {
        let text = input::text(path)?;
        let file = input::shown(path);
        let lead: usize =
            text.split_inclusive('\n').take_while(|l| l.trim().is_empty()).map(str::len).sum();
        let (blank, body) = text.split_at(lead);
        let skipped = blank.matches('\n').count() as u64;
        let delimiter = delimiter(body);
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).from_reader(body.as_bytes());
        let of_csv = |error: &csv::Error| {
            let line = skipped + error.position().map_or(1, csv::Position::line);
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
            lines.push(skipped + record.position().map_or(0, csv::Position::line));
            for (column, cell) in cells.iter_mut().zip(record.iter()) {
                column.push(cell.trim().to_owned());
            }
        }
        if lines.is_empty() {
            return Err(wrong(&file, "has no rows", "give a header and at least one row"));
        }
        Ok(Self { file, columns, lines, cells, delimiter })
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
    /// Returns the reason instead where it looks like an id. What is a number in most cells, and
    /// would be left out as an id for the rest, is refused: a mistyped number must not cost a column.
    pub(super) fn feature(&self, name: &str) -> ApiResult<Result<Column, String>> {
        let cells = self.column(name)?;
        let known = || cells.iter().filter(|cell| !is_no_number(cell));
        let decimal = self.decimal(cells);
        let numbers = known().filter(|cell| decimal.number(cell).is_some()).count();
        if numbers > 0 && numbers == known().count() {
            return self.numeric(name).map(Ok);
        }
        let distinct = known().collect::<BTreeSet<_>>().len();
        if distinct > MOST_CATEGORIES && distinct * 2 > cells.len() {
            let is_text = |cell: &String| !is_no_number(cell) && decimal.number(cell).is_none();
            if let Some(row) = cells.iter().position(is_text).filter(|_| numbers * 2 > cells.len())
            {
                let problem = format!("`{}` is no number, and most of the column are", cells[row]);
                let remedy = "write a number, leave the cell empty where it is not known, or take \
                              the column out with --drop";
                return Err(self.wrong(row, name, &problem, remedy));
            }
            let why = format!(
                "{name}: {distinct} different texts in {} rows look like an id",
                cells.len()
            );
            return Ok(Err(why));
        }
        Ok(Ok(categorical(name, cells)))
    }

    /// The decimal sign of a column: a comma where that makes more of the known cells numbers.
    fn decimal(&self, cells: &[String]) -> Decimal {
        let numbers =
            |sign: Decimal| cells.iter().filter(|cell| sign.number(cell).is_some()).count();
        let comma = self.delimiter == b';' && numbers(Decimal::Comma) > numbers(Decimal::Point);
        if comma { Decimal::Comma } else { Decimal::Point }
    }

    fn numeric(&self, name: &str) -> ApiResult<Column> {
        let cells = self.column(name)?;
        let decimal = self.decimal(cells);
        let number = |(row, cell): (usize, &String)| {
            if is_no_number(cell) {
                return Ok(f64::NAN);
            }
            match decimal.number(cell) {
                Some(number) if number.is_finite() => Ok(number),
                Some(_) => Err(self.wrong(
                    row,
                    name,
                    &format!("`{cell}` is not finite"),
                    "leave the cell empty where the value is not known",
                )),
                None => Err(self.wrong(
                    row,
                    name,
                    &format!("`{cell}` is no number, and the model reads numbers there"),
                    "write a number, or leave the cell empty where it is not known",
                )),
            }
        };
        let values: ApiResult<Vec<f64>> = cells.iter().enumerate().map(number).collect();
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
        outcomes: Outcomes,
    ) -> ApiResult<(Vec<bool>, String)> {
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
        let mut all_no = values.iter().map(|value| value.to_lowercase());
        if let Some(wanted) = positive
            && outcomes == Outcomes::MayLackPositive
            && all_no.all(|value| value != wanted.to_lowercase() && NO.contains(&value.as_str()))
        {
            return Ok((vec![false; cells.len()], format!("{name} is {wanted}")));
        }
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
        let decimal = self.decimal(cells);
        let number = |cell: &str| decimal.number(cell).is_some();
        const FORM: &str = "write it like 2026-03-01, 2026-03 or 2026-03-01T10:00:00";
        if let Some(row) = cells.iter().position(|cell| is_blank(cell)) {
            return Err(self.wrong(row, name, "is empty", "say when the row was, or take it out"));
        }
        if let Some(row) = cells.iter().position(|cell| !number(cell) && moment(cell).is_none()) {
            let problem = format!("`{}` is neither a date nor a number", cells[row]);
            return Err(self.wrong(row, name, &problem, FORM));
        }
        if cells.iter().all(|cell| number(cell)) {
            let time = |(row, cell): (usize, &String)| {
                decimal.plain(cell).and_then(|cell| thousandths(&cell)).ok_or_else(|| {
                    let problem = format!("`{cell}` is not finite, or too large to tell when");
                    self.wrong(row, name, &problem, "write a date, or a number below 9e15")
                })
            };
            let times: ApiResult<Vec<i64>> = cells.iter().enumerate().map(time).collect();
            return Ok((times?, TimeKind::Number));
        }
        let time = |(row, cell): (usize, &String)| {
            moment(cell).ok_or_else(|| {
                let problem = format!("`{cell}` is a number, and others of the column are dates");
                self.wrong(row, name, &problem, FORM)
            })
        };
        let times: ApiResult<Vec<i64>> = cells.iter().enumerate().map(time).collect();
        Ok((times?, TimeKind::Date))
    }
}

/// The delimiter that the header holds most often outside of quotes; a comma where there is none.
fn delimiter(text: &str) -> u8 {
    let (mut quoted, mut counts) = (false, [0_usize; DELIMITERS.len()]);
    // Only what begins a cell opens a quote; within a cell it is a letter.
    let mut begins = true;
    for byte in text.bytes() {
        let at = DELIMITERS.iter().position(|delimiter| *delimiter == byte);
        match (byte, at) {
            (b'"', _) if quoted || begins => quoted = !quoted,
            (b'\n', _) if !quoted => break,
            (_, Some(at)) if !quoted => counts[at] += 1,
            _ => {}
        }
        begins = at.is_some() && !quoted;
    }
    // The first of equals.
    let most = DELIMITERS.into_iter().zip(counts).rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(delimiter, _)| delimiter)
}

fn is_blank(cell: &str) -> bool {
    BLANK.contains(&cell)
}

fn is_no_number(cell: &str) -> bool {
    is_blank(cell) || NO_NUMBER.contains(&cell)
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
    let midnight = |day: Date| day.to_datetime(jiff::civil::Time::midnight());
    // A time of day that cannot be read is no midnight.
    let day = || whole_day(text).filter(|_| !text.contains(['T', ' '])).map(midnight);
    let civil = text.parse::<DateTime>().ok().or_else(day)?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}
