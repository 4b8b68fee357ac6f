//! Series as JSON lines: `{"id","freq","h","x",["start"]}`, and what else may stand there.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jiff::civil::Date;
use roadbook_api::ApiError;
use roadbook_api::views::planning::SeriesNoteView;
use roadbook_planning::forecast::{
    ForecastError, Frequency, MOST_PERIODS, MOST_POINTS, Regressors, Series,
};
use serde_json::{Map, Value};

use super::input::{self, wrong};
use super::period::{day, frequency, whole};
use crate::errors::ApiResult;
use crate::planning::watch::cancelled;

/// One line of the input.
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    pub(super) id: String,
    pub(super) series: Series,
    /// 0 where the line has none and none is needed.
    pub(super) horizon: usize,
    pub(super) regressors: Option<Regressors>,
    /// Positions of the values that stood there twice: one of each was left out.
    pub(super) duplicates: Vec<usize>,
    /// The line as it was, but for `dates`, which became a start.
    pub(super) object: Map<String, Value>,
    /// The line to the letter.
    pub(super) text: String,
}

/// Whether every line must say how many periods to forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Horizon {
    Needed,
    Unused,
}

impl Line {
    /// What the library refuses of this series.
    pub(super) fn refused(&self, error: &ForecastError) -> ApiError {
        named(of_forecast(self.number, error), &self.id)
    }

    /// A note on this series.
    pub(super) fn note(&self, code: &str, text: String) -> SeriesNoteView {
        SeriesNoteView { line: self.number, id: self.id.clone(), code: code.to_owned(), text }
    }
}

/// What becomes of a file with a series that cannot be read or forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBad {
    /// It is refused.
    Refuse,
    /// The series is left out with a note, and the others are done.
    LeaveOut,
}

/// A file of series.
pub(super) struct Lines {
    pub(super) lines: Vec<Line>,
    /// What was left out, and why.
    pub(super) left_out: Vec<SeriesNoteView>,
}

/// A note on a series that is left out.
pub(super) fn left_out(line: u64, id: &str, error: &ApiError) -> SeriesNoteView {
    let text = format!("left out: {}", error.message);
    SeriesNoteView { line, id: id.to_owned(), code: "left_out".to_owned(), text }
}

/// Reads all lines of a file; blank ones are passed over.
pub(super) fn read(path: &Path, horizon: Horizon, on_bad: OnBad) -> ApiResult<Lines> {
    let text = input::text(path)?;
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut out = Lines { lines: Vec::new(), left_out: Vec::new() };
    let mut first_bad = None;
    for (number, text) in (1_u64..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let (id, read) = match opened(number, text) {
            Ok((id, object)) => {
                let read = match seen.get(&id) {
                    Some(first) => {
                        let problem = format!("`{id}` is on line {first} already");
                        let remedy = "give every series an id of its own";
                        Err(wrong(&at(number, "id"), &problem, remedy))
                    }
                    None => {
                        line(number, text, &id, object, horizon).map_err(|error| named(error, &id))
                    }
                };
                (id, read)
            }
            Err(error) => (String::new(), Err(error)),
        };
        match read {
            Ok(line) => {
                seen.insert(id, number);
                out.lines.push(line);
            }
            Err(error) if on_bad == OnBad::Refuse => return Err(error),
            Err(error) => {
                out.left_out.push(left_out(number, &id, &error));
                first_bad.get_or_insert(error);
            }
        }
    }
    if !out.lines.is_empty() {
        return Ok(out);
    }
    let remedy = "write one JSON object a line, such as \
                  {\"id\":\"a\",\"freq\":12,\"h\":6,\"x\":[1,2,3]}";
    Err(first_bad.unwrap_or_else(|| wrong(&input::shown(path), "holds no series", remedy)))
}

/// The same error with the id of the series that it is about.
fn named(mut error: ApiError, id: &str) -> ApiError {
    if let Some(field) = error.fields.first_mut() {
        let place = format!("{} of `{id}`", field.field);
        error.message = error.message.replacen(&field.field, &place, 1);
        field.field = place;
    }
    error
}

fn at(number: u64, field: &str) -> String {
    format!("line {number}, {field}")
}

/// Reads what a line is about: its id, and the whole as it stands there.
fn opened(number: u64, text: &str) -> ApiResult<(String, Map<String, Value>)> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        if let Some(word) = bare_word(text) {
            let problem = format!("holds {word}, which JSON does not know");
            return wrong(&at(number, "x"), &problem, "write null where no value is known");
        }
        if error.to_string().starts_with("number out of range") {
            let field = field_before(text, error.column()).unwrap_or("x");
            let problem = "holds a number that is too large";
            return wrong(&at(number, field), problem, "write numbers below 1e308");
        }
        let problem = format!("is no JSON object ({error})");
        wrong(&format!("line {number}"), &problem, "write one JSON object a line")
    })?;
    let id = match object.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        Some(_) => return Err(wrong(&at(number, "id"), "is no text", "write it in quotes")),
        None => return Err(wrong(&at(number, "id"), "is missing", "add \"id\":\"...\"")),
    };
    Ok((id, object))
}

/// The field of the outermost object that a place in its text lies in.
fn field_before(text: &str, column: usize) -> Option<&str> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    let (mut word, mut field) = (None, None);
    for (at, byte) in text.bytes().enumerate().take(column) {
        match (quote, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(from), b'"') => {
                word = text.get(from + 1..at);
                quote = None;
            }
            (Some(_), _) => {}
            (None, b'"') => quote = Some(at),
            (None, b':') if depth == 1 => field = word,
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
    }
    field
}

fn line(
    number: u64,
    text: &str,
    id: &str,
    mut object: Map<String, Value>,
    wanted: Horizon,
) -> ApiResult<Line> {
    let frequency = frequency(&at(number, "freq"), object.get("freq"))?;
    let horizon = horizon(number, object.get("h"), wanted)?;
    let values = numbers(number, "x", object.get("x"), MOST_POINTS)?;
    let start = match object.get("start") {
        None | Some(Value::Null) => None,
        Some(value) => Some(day(&at(number, "start"), value)?),
    };
    let (values, start, duplicates) = match object.get("dates") {
        None | Some(Value::Null) => (values, start, Vec::new()),
        Some(dates) => {
            let placed = by_date(number, frequency, dates, &values)?;
            if !placed.rises && object.get("regressors").is_some_and(|given| !given.is_null()) {
                let problem = "go by the order of x, and dates are not in order, or name a period \
                               twice";
                let remedy = "give x, dates and regressors oldest first, each period once";
                return Err(wrong(&at(number, "regressors"), problem, remedy));
            }
            object.remove("dates");
            object.insert("start".into(), Value::String(placed.start.to_string()));
            (placed.values, Some(placed.start), placed.duplicates)
        }
    };
    let series =
        Series::new(values, frequency, start).map_err(|error| of_forecast(number, &error))?;
    let regressors = match wanted {
        Horizon::Needed => known_ahead(number, &object, &series, horizon)?,
        Horizon::Unused => None,
    };
    let (id, text) = (id.to_owned(), text.to_owned());
    Ok(Line { number, id, series, horizon, regressors, duplicates, object, text })
}

/// A word outside of quotes that other programs write for numbers that are none.
fn bare_word(text: &str) -> Option<&'static str> {
    let outside: String =
        text.split('"').step_by(2).flat_map(|part| part.chars().chain([' '])).collect();
    ["NaN", "Infinity", "nan", "inf"].into_iter().find(|word| outside.contains(word))
}

fn horizon(number: u64, value: Option<&Value>, wanted: Horizon) -> ApiResult<usize> {
    let place = at(number, "h");
    let remedy = format!("write how many periods to forecast, 1 to {MOST_PERIODS}");
    match (value, wanted) {
        (_, Horizon::Unused) => Ok(0),
        (None | Some(Value::Null), Horizon::Needed) => Err(wrong(&place, "is missing", &remedy)),
        (Some(value), Horizon::Needed) => whole(value)
            .filter(|h| (1..=MOST_PERIODS).contains(h))
            .ok_or_else(|| wrong(&place, &format!("{value} is no count of periods"), &remedy)),
    }
}

fn numbers(
    number: u64,
    field: &str,
    value: Option<&Value>,
    most: usize,
) -> ApiResult<Vec<Option<f64>>> {
    let place = at(number, field);
    let Some(value) = value else {
        let remedy = format!("add \"{field}\":[...] with one number for each period");
        return Err(wrong(&place, "is missing", &remedy));
    };
    let Value::Array(list) = value else {
        return Err(wrong(&place, "is no list", "write numbers in brackets, null for a gap"));
    };
    if list.len() > most {
        let problem = format!("has {} points, at most {most} are read", list.len());
        return Err(wrong(&place, &problem, "keep the newest ones"));
    }
    let one = |(index, value): (usize, &Value)| match value {
        Value::Null => Ok(None),
        Value::Number(number) if number.as_f64().is_some_and(f64::is_finite) => Ok(number.as_f64()),
        Value::Number(_)
        | Value::Bool(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            let problem = format!("{value} is no finite number");
            let remedy = "write a number, or null where no value is known";
            Err(wrong(&at(number, &format!("{field}[{index}]")), &problem, remedy))
        }
    };
    list.iter().enumerate().map(one).collect()
}

/// Everything of a line that is known over the periods of x and h: its own columns, holidays and
/// trading days.
fn known_ahead(
    number: u64,
    object: &Map<String, Value>,
    series: &Series,
    horizon: usize,
) -> ApiResult<Option<Regressors>> {
    let given = |field: &str| object.get(field).filter(|value| !value.is_null());
    let parts = [
        regressors(number, given("regressors"), series.values().len() + horizon)?,
        holidays(number, given("holidays"), series, horizon)?,
        trading_days(number, given("trading_days"), series, horizon)?,
    ];
    let all = parts.into_iter().flatten().reduce(Regressors::and);
    Ok(all.filter(|all| !all.is_empty()))
}

fn holidays(
    number: u64,
    value: Option<&Value>,
    series: &Series,
    horizon: usize,
) -> ApiResult<Option<Regressors>> {
    const FORM: &str = "write {\"fair\":[\"2025-03-10\",\"2026-03-09\"]}: each name with its days, \
                        past and to come";
    let Some(value) = value else { return Ok(None) };
    let place = at(number, "holidays");
    let Value::Object(named) = value else { return Err(wrong(&place, "is no object", FORM)) };
    let mut holidays = BTreeMap::new();
    for (name, days) in named {
        let field = format!("holidays.{name}");
        let Value::Array(list) = days else {
            return Err(wrong(&at(number, &field), "is no list", FORM));
        };
        let one =
            |(index, value): (usize, &Value)| day(&at(number, &format!("{field}[{index}]")), value);
        let days: ApiResult<Vec<Date>> = list.iter().enumerate().map(one).collect();
        holidays.insert(name.clone(), days?);
    }
    let found = Regressors::holidays(series, horizon, &holidays);
    found.map(Some).ok_or_else(|| {
        wrong(&place, "are days, and no period of x has a date", "add start, or dates")
    })
}

fn trading_days(
    number: u64,
    value: Option<&Value>,
    series: &Series,
    horizon: usize,
) -> ApiResult<Option<Regressors>> {
    let place = at(number, "trading_days");
    match value {
        None | Some(Value::Bool(false)) => Ok(None),
        Some(Value::Bool(true)) => {
            let found = Regressors::trading_days(series, horizon);
            found.map(Some).ok_or_else(|| {
                let remedy = "take freq 12 and add start or dates, or leave trading_days out";
                wrong(&place, "are counted for months with dates only", remedy)
            })
        }
        Some(other) => {
            let problem = format!("{other} is neither true nor false");
            Err(wrong(&place, &problem, "write true, or leave it out"))
        }
    }
}

fn regressors(number: u64, value: Option<&Value>, wanted: usize) -> ApiResult<Option<Regressors>> {
    let Some(value) = value else { return Ok(None) };
    let Value::Array(list) = value else {
        let remedy = "write a list of lists, each with one number for each period of x and h";
        return Err(wrong(&at(number, "regressors"), "is no list", remedy));
    };
    let mut columns = Vec::with_capacity(list.len());
    for (index, column) in list.iter().enumerate() {
        let field = format!("regressors[{index}]");
        let read = numbers(number, &field, Some(column), MOST_POINTS + MOST_PERIODS)?;
        let whole: Option<Vec<f64>> = read.into_iter().collect();
        let Some(whole) = whole else {
            let remedy = "regressors must be known for every period";
            return Err(wrong(&at(number, &field), "has a gap", remedy));
        };
        if whole.len() != wanted {
            let problem = format!("has {} entries and {wanted} are needed", whole.len());
            return Err(wrong(
                &at(number, &field),
                &problem,
                "give one for each period of x and h",
            ));
        }
        columns.push(whole);
    }
    Regressors::new(columns).map(Some).map_err(|error| of_forecast(number, &error))
}

/// Values by period.
struct Placed {
    values: Vec<Option<f64>>,
    start: Date,
    /// Positions of periods named twice.
    duplicates: Vec<usize>,
    /// Each date lies in a later period than the one before it.
    rises: bool,
}

/// Puts dated values into their periods. A period named twice with one value counts once; with two
/// values it is an error.
fn by_date(
    number: u64,
    frequency: Frequency,
    dates: &Value,
    values: &[Option<f64>],
) -> ApiResult<Placed> {
    let place = at(number, "dates");
    let Value::Array(list) = dates else {
        return Err(wrong(&place, "is no list", "write one date for each value of x"));
    };
    if list.len() != values.len() || list.is_empty() {
        let problem = format!("has {} entries, x has {}", list.len(), values.len());
        return Err(wrong(&place, &problem, "write one date for each value of x"));
    }
    let mut periods: BTreeMap<i64, (usize, Date, Option<f64>)> = BTreeMap::new();
    let mut twice = Vec::new();
    let (mut rises, mut latest) = (true, i64::MIN);
    for (index, (date, value)) in list.iter().zip(values).enumerate() {
        let day = day(&at(number, &format!("dates[{index}]")), date)?;
        let period = frequency.period_of(day);
        rises &= period > latest;
        latest = latest.max(period);
        let Some((first, _, there)) = periods.get_mut(&period) else {
            periods.insert(period, (index, day, *value));
            continue;
        };
        let differ = match (*there, *value) {
            (Some(one), Some(other)) => one.total_cmp(&other).is_ne(),
            (None, _) | (_, None) => false,
        };
        if differ {
            let problem = format!(
                "{day} lies in a period that x[{first}] and x[{index}] both give, with {} and {}",
                there.unwrap_or_default(),
                value.unwrap_or_default()
            );
            return Err(wrong(&place, &problem, "keep one value for each period"));
        }
        *there = there.or(*value);
        twice.push(period);
    }
    let ends = periods.first_key_value().zip(periods.last_key_value());
    let Some(((first, (_, start, _)), (last, _))) = ends else {
        return Err(wrong(&place, "is empty", "write one date for each value of x"));
    };
    let length = usize::try_from(last - first).unwrap_or(usize::MAX).saturating_add(1);
    if length > MOST_POINTS {
        let problem = format!("spans {length} periods, at most {MOST_POINTS} are read");
        return Err(wrong(&place, &problem, "check the first and the last date"));
    }
    let mut duplicates: Vec<usize> =
        twice.iter().filter_map(|period| usize::try_from(period - first).ok()).collect();
    duplicates.sort_unstable();
    let placed = (*first..=*last).map(|period| periods.get(&period).and_then(|entry| entry.2));
    Ok(Placed { values: placed.collect(), start: *start, duplicates, rises })
}

/// What the library refuses, at the line that holds it.
fn of_forecast(number: u64, error: &ForecastError) -> ApiError {
    let (field, remedy) = match error {
        ForecastError::Stopped => return cancelled(),
        ForecastError::Empty => ("x", "give at least one value"),
        ForecastError::NotFinite { .. } => ("x", "write null where no value is known"),
        ForecastError::TooLong { .. } => ("x", "keep the newest ones"),
        ForecastError::TooShort { .. } => ("x", "give more values, or take a simpler model"),
        ForecastError::Horizon { .. } => ("h", "ask for fewer periods"),
        ForecastError::Shape { .. } => ("regressors", "give one entry for each period of x and h"),
        ForecastError::Negative { .. } | ForecastError::Unstable { .. } => {
            ("x", "take another model, such as ets or combination")
        }
    };
    wrong(&at(number, field), &error.to_string(), remedy)
}
