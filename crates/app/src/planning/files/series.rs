//! Series as JSON lines: `{"id","freq","h","x",["start"]}`, and what else may stand there.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jiff::civil::Date;
use roadbook_api::ApiError;
use roadbook_planning::forecast::{
    ForecastError, Frequency, MOST_PERIODS, MOST_POINTS, Regressors, Series,
};
use serde_json::{Map, Value};

use super::input::{self, wrong};
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
    /// Values that stood there twice and were left out.
    pub(super) duplicates: usize,
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

/// Reads all lines of a file; blank ones are passed over.
pub(super) fn read(path: &Path, horizon: Horizon) -> ApiResult<Vec<Line>> {
    let text = input::text(path)?;
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut out = Vec::new();
    for (number, text) in (1_u64..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let line = line(number, text, horizon)?;
        if let Some(first) = seen.insert(line.id.clone(), number) {
            let problem = format!("`{}` is on line {first} already", line.id);
            return Err(wrong(&at(number, "id"), &problem, "give every series an id of its own"));
        }
        out.push(line);
    }
    if out.is_empty() {
        let remedy = "write one JSON object a line, such as \
                      {\"id\":\"a\",\"freq\":12,\"h\":6,\"x\":[1,2,3]}";
        return Err(wrong(&input::shown(path), "holds no series", remedy));
    }
    Ok(out)
}

fn at(number: u64, field: &str) -> String {
    format!("line {number}, {field}")
}

fn line(number: u64, text: &str, wanted: Horizon) -> ApiResult<Line> {
    let mut object: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        if let Some(word) = bare_word(text) {
            let problem = format!("holds {word}, which JSON does not know");
            return wrong(&at(number, "x"), &problem, "write null where no value is known");
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
    let frequency = frequency(number, object.get("freq"))?;
    let horizon = horizon(number, object.get("h"), wanted)?;
    let values = numbers(number, "x", object.get("x"), MOST_POINTS)?;
    let start = match object.get("start") {
        None | Some(Value::Null) => None,
        Some(value) => Some(day(&at(number, "start"), value)?),
    };
    let (values, start, duplicates) = match object.get("dates") {
        None | Some(Value::Null) => (values, start, 0),
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
    let text = text.to_owned();
    Ok(Line { number, id, series, horizon, regressors, duplicates, object, text })
}

/// A word outside of quotes that other programs write for numbers that are none.
fn bare_word(text: &str) -> Option<&'static str> {
    let outside: String =
        text.split('"').step_by(2).flat_map(|part| part.chars().chain([' '])).collect();
    ["NaN", "Infinity", "nan", "inf"].into_iter().find(|word| outside.contains(word))
}

fn frequency(number: u64, value: Option<&Value>) -> ApiResult<Frequency> {
    const KNOWN: &str = "write 1 (yearly), 4 (quarterly), 12 (monthly), 52 (weekly) or 7 (daily)";
    let place = at(number, "freq");
    let Some(value) = value else { return Err(wrong(&place, "is missing", KNOWN)) };
    let found = match value {
        Value::Number(period) => period
            .as_u64()
            .and_then(|period| usize::try_from(period).ok())
            .and_then(Frequency::from_period),
        Value::String(word) => match word.to_lowercase().as_str() {
            "yearly" | "y" | "a" => Some(Frequency::Yearly),
            "quarterly" | "q" => Some(Frequency::Quarterly),
            "monthly" | "m" | "ms" => Some(Frequency::Monthly),
            "weekly" | "w" => Some(Frequency::Weekly),
            "daily" | "d" => Some(Frequency::Daily),
            _ => None,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    found.ok_or_else(|| wrong(&place, &format!("{value} is no season that is known"), KNOWN))
}

fn horizon(number: u64, value: Option<&Value>, wanted: Horizon) -> ApiResult<usize> {
    let place = at(number, "h");
    let remedy = format!("write how many periods to forecast, 1 to {MOST_PERIODS}");
    match (value, wanted) {
        (_, Horizon::Unused) => Ok(0),
        (None | Some(Value::Null), Horizon::Needed) => Err(wrong(&place, "is missing", &remedy)),
        (Some(value), Horizon::Needed) => value
            .as_u64()
            .and_then(|h| usize::try_from(h).ok())
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

/// Reads a day: `2026`, `2026-03` or `2026-03-01`.
fn day(place: &str, value: &Value) -> ApiResult<Date> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text,
    };
    // A time of day, as other programs write it after dates, says nothing here.
    let whole = whole.split(['T', ' ']).next().unwrap_or_default();
    whole.parse().map_err(|_| {
        let problem = format!("{value} is no date");
        wrong(place, &problem, "write it like \"2026-03-01\", \"2026-03\" or \"2026\"")
    })
}

/// Values by period.
struct Placed {
    values: Vec<Option<f64>>,
    start: Date,
    duplicates: usize,
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
    let mut duplicates = 0;
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
        duplicates += 1;
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
    let placed = (*first..=*last).map(|period| periods.get(&period).and_then(|entry| entry.2));
    Ok(Placed { values: placed.collect(), start: *start, duplicates, rises })
}

/// What the library refuses, at the line that holds it.
pub(super) fn of_forecast(number: u64, error: &ForecastError) -> ApiError {
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
