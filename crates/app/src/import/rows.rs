//! From the lines of a table to the values of records, by a mapping.
//!
//! Knows no device: what a `find` names is resolved later, by whoever knows the records.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use roadbook_api::views::RejectedRow;
use roadbook_domain::schema::InvalidValue;
use roadbook_domain::{Currency, Schema, Value};

use super::mapping::{Field, Form, Lookup, Mapping, Records};
use super::table::{Table, TableError};
use super::template::{Cells, escape};

/// A report shows at most so many characters of a cell.
const GIVEN_CHARS: usize = 60;

/// One row, ready but for what it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) external_id: String,
    pub(crate) values: Vec<(String, Value)>,
    pub(crate) refers: Vec<Refers>,
}

/// A field that refers to a record by its external id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refers {
    pub(crate) field: String,
    pub(crate) column: String,
    pub(crate) external_id: String,
}

/// All tables of a mapping, each read once.
pub(crate) struct Tables(BTreeMap<String, Table>);

impl Tables {
    /// Reads every file that a mapping names, and checks that the columns are there.
    pub(crate) fn read(mapping: &Mapping, folder: &Path) -> Result<Self, TableError> {
        let mut tables = Self(BTreeMap::new());
        let added: Vec<&str> =
            mapping.lookups.iter().map(|lookup| lookup.column.as_str()).collect();
        for lookup in &mapping.lookups {
            let columns = [lookup.matching.columns(), lookup.value.columns()].concat();
            tables.need(folder, &lookup.file)?.require(&columns, &[])?;
        }
        for section in &mapping.directory {
            tables.need(folder, &section.file)?.require(&section.columns(), &[])?;
        }
        for section in &mapping.records {
            tables.need(folder, &section.file)?.require(&section.columns(), &added)?;
        }
        Ok(tables)
    }

    fn need(&mut self, folder: &Path, file: &str) -> Result<&Table, TableError> {
        if !self.0.contains_key(file) {
            self.0.insert(file.to_owned(), Table::read(folder, file)?);
        }
        Ok(self.of(file))
    }

    /// A table that was read.
    pub(crate) fn of(&self, file: &str) -> &Table {
        self.0.get(file).expect("every file of the mapping was read before")
    }

    /// What the lookups give: per column, the most frequent value of each match.
    pub(crate) fn look_ups(&self, lookups: &[Lookup]) -> Found {
        let mut found = HashMap::new();
        for lookup in lookups {
            let mut counts: HashMap<String, BTreeMap<String, u32>> = HashMap::new();
            for cells in self.of(&lookup.file).lines.iter().filter_map(|l| l.cells.as_ref().ok()) {
                let (key, value) = (lookup.matching.fill(cells), lookup.value.fill(cells));
                if !key.is_empty() && !value.is_empty() {
                    *counts.entry(key).or_default().entry(value).or_default() += 1;
                }
            }
            // Of equally frequent values the first in the alphabet, so that it is always the same.
            let most = counts.into_iter().filter_map(|(key, values)| {
                let best = values.into_iter().rev().max_by_key(|(_, count)| *count)?;
                Some((key, best.0))
            });
            found.insert(lookup.column.clone(), most.collect());
        }
        Found(found)
    }
}

/// The values that lookups give, by column and match.
pub(crate) struct Found(HashMap<String, HashMap<String, String>>);

/// Reads the rows of a section; what cannot be read is reported.
pub(crate) fn read(
    mapping: &Mapping,
    section: &Records,
    table: &Table,
    found: &Found,
    schema: &Schema,
    rejected: &mut Vec<RejectedRow>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut lines_of_keys: HashMap<String, u64> = HashMap::new();
    for line in &table.lines {
        let reject = |column: &str, given: &str, reason: String, remedy: &str| RejectedRow {
            file: table.file.clone(),
            line: line.number,
            column: column.to_owned(),
            given: given.chars().take(GIVEN_CHARS).collect(),
            reason,
            remedy: remedy.to_owned(),
        };
        let mut cells = match &line.cells {
            Ok(cells) => cells.clone(),
            Err(problem) => {
                rejected.push(reject("", "", format!("the line {problem}"), "mend the file"));
                continue;
            }
        };
        prepare(section, found, &mut cells);
        let Some(key) = section.key.key(&cells) else {
            let column = section.key.columns().first().copied().unwrap_or_default().to_owned();
            let reason = "is empty, so the row has no key".to_owned();
            rejected.push(reject(&column, "", reason, "fill it in; it tells records apart"));
            continue;
        };
        let external_id = mapping.external_id(&key);
        if let Some(first) = lines_of_keys.insert(external_id.clone(), line.number) {
            let column = section.key.columns().first().copied().unwrap_or_default().to_owned();
            let reason = format!("names the same record as line {first}");
            rejected.push(reject(&column, &key, reason, "keep one of the two lines"));
            lines_of_keys.insert(external_id, first);
            continue;
        }
        let mut row =
            Row { line: line.number, external_id, values: Vec::new(), refers: Vec::new() };
        let problem = section
            .fields
            .iter()
            .find_map(|field| fill(mapping, section, field, &cells, schema, &mut row).err());
        match problem {
            None => rows.push(row),
            Some(Problem { column, given, reason, remedy }) => {
                rejected.push(reject(&column, &given, reason, &remedy));
            }
        }
    }
    rows
}

/// Cleans spellings, then adds what lookups give; a lookup may use another one's column.
fn prepare(section: &Records, found: &Found, cells: &mut Cells) {
    for (column, spellings) in &section.clean {
        if let Some(cell) = cells.get_mut(column)
            && let Some(better) = spellings.get(cell.trim())
        {
            better.clone_into(cell);
        }
    }
    for _ in &section.look_up {
        for (column, matching) in &section.look_up {
            let value = found.0.get(column).and_then(|values| values.get(&matching.fill(cells)));
            cells.insert(column.clone(), value.cloned().unwrap_or_default());
        }
    }
}

struct Problem {
    column: String,
    given: String,
    reason: String,
    remedy: String,
}

fn fill(
    mapping: &Mapping,
    section: &Records,
    field: &Field,
    cells: &Cells,
    schema: &Schema,
    row: &mut Row,
) -> Result<(), Problem> {
    let text = field.from.fill(cells);
    if text.is_empty() {
        return Ok(());
    }
    let column = field.from.columns().first().copied().unwrap_or(&field.name).to_owned();
    let problem = |reason: &str, remedy: &str| Problem {
        column: column.clone(),
        given: text.clone(),
        reason: reason.to_owned(),
        remedy: remedy.to_owned(),
    };
    let def = schema
        .field(section.entity, &field.name)
        .expect("the mapping was checked against the schema");
    let value = match &field.form {
        Form::Find => {
            let external_id = mapping.external_id(&escape(&text));
            row.refers.push(Refers { field: field.name.clone(), column, external_id });
            return Ok(());
        }
        Form::Plain => def.parse(&text),
        Form::Words(words) => match words.get(&text) {
            Some(word) => def.parse(word),
            None => {
                let remedy = format!(
                    "correct it, or add it to [records.fields.{}.words] of the mapping",
                    field.name
                );
                return Err(problem("is not among the words of the mapping", &remedy));
            }
        },
        Form::Amount { currency, times } => match amount(&text, *currency, *times) {
            Some(text) => def.parse(&text),
            None => return Err(problem("is not a number", "write digits, like 1054 or 1054.50")),
        },
    };
    let value =
        value.map_err(|InvalidValue { problem: reason, remedy, .. }| problem(&reason, &remedy))?;
    row.values.push((field.name.clone(), value));
    Ok(())
}

/// A number with its currency as people write it, multiplied; `None` if it is no number or does
/// not come out in minor units.
fn amount(text: &str, currency: Currency, times: u32) -> Option<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, ',' | ' ' | '_')).collect();
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(part) || part.len() > 12 {
        return None;
    }
    let number: i128 = format!("{whole}{part}").parse().ok()?;
    let decimals = currency.decimals();
    let minor = number.checked_mul(i128::from(times))?.checked_mul(10_i128.pow(decimals))?;
    let unit = 10_i128.pow(u32::try_from(part.len()).ok()?);
    if minor % unit != 0 {
        return None;
    }
    let minor = i64::try_from(minor / unit).ok()?;
    let minor = if negative { -minor } else { minor };
    Some(roadbook_domain::Money::new(minor, currency).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_multiplied_without_rounding() {
        let usd = |text, times| amount(text, Currency::USD, times);
        assert_eq!(usd("1054.0", 1).as_deref(), Some("1054 USD"));
        assert_eq!(usd("1100.04", 1_000_000).as_deref(), Some("1100040000 USD"));
        assert_eq!(usd("1,234.5", 1).as_deref(), Some("1234.50 USD"));
        assert_eq!(usd("-3", 1).as_deref(), Some("-3 USD"));
        assert_eq!(usd("0.005", 1), None, "half a cent is no amount");
        assert_eq!(usd("12e3", 1), None);
        assert_eq!(usd("", 1), None);
        assert_eq!(usd("99999999999999999999", 1), None, "too large to hold");
    }
}
