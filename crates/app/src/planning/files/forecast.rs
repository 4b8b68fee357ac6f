//! Forecasts of a file of series.

use std::collections::BTreeMap;
use std::path::PathBuf;

use roadbook_api::ApiError;
use roadbook_api::views::planning::{ForecastFileView, SeriesNoteView};
use roadbook_planning::forecast::clean::{self, Cleaned, LastPeriod as Last};
use roadbook_planning::forecast::lstm::Lstm;
use roadbook_planning::forecast::{Forecast, ForecastError, Interval, Method, Note, Series};
use serde::Serialize;
use serde_json::Value;

use super::Made;
use super::clean::life_notes;
use super::input::wrong;
use super::series::{self, Horizon, Line, Lines, OnBad};
use crate::errors::ApiResult;
use crate::planning::PlanWatch;
use crate::planning::views::{self, counted};
use crate::planning::watch::cancelled;

/// The names of all models, simplest first, with what they are.
pub const MODELS: [(&str, &str); 12] = [
    ("naive", "repeats the last value"),
    ("seasonal_naive", "repeats the last season"),
    ("naive2", "naive on the seasonally adjusted series: the benchmark of the M competitions"),
    ("drift", "goes on along the line from the first to the last value"),
    ("ets", "exponential smoothing, form chosen by AICc"),
    ("theta", "dynamic optimised theta"),
    ("ces", "complex exponential smoothing"),
    ("arima", "seasonal ARIMA, orders chosen by AICc"),
    ("mstl", "seasons by STL, exponential smoothing of the rest"),
    ("additive", "trend with changepoints, Fourier seasons and regressors: Prophet's form"),
    ("lstm", "a small network trained here, once over all series of the file"),
    (
        "combination",
        "several models, weighted by how well each, fitted to all, retells the newest values",
    ),
];

/// Other names under which models are asked for.
const ALIASES: [(&str, &str); 7] = [
    ("autoets", "ets"),
    ("autoarima", "arima"),
    ("autoces", "ces"),
    ("autotheta", "theta"),
    ("dot", "theta"),
    ("prophet", "additive"),
    ("combined", "combination"),
];

/// Which interval `lo` and `hi` are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Four of five values.
    Eighty,
    /// Nineteen of twenty.
    NinetyFive,
}

impl Level {
    /// In per cent.
    #[must_use]
    pub const fn percent(self) -> u32 {
        match self {
            Self::Eighty => 80,
            Self::NinetyFive => 95,
        }
    }
}

/// Whether series are cleaned before the model sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleaning {
    /// They are not.
    Off,
    /// They are, as [`super::clean`] does, and every repair is told.
    On,
}

/// A file to forecast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForecastFile {
    /// JSON lines.
    pub input: PathBuf,
    /// One of [`MODELS`].
    pub model: String,
    /// Which interval `lo` and `hi` are.
    pub level: Level,
    /// Whether series are cleaned first.
    pub cleaning: Cleaning,
    /// Where the LSTM's chance starts.
    pub seed: u64,
    /// What becomes of the file where a series cannot be read or forecast.
    pub on_bad: OnBad,
}

enum Model {
    Each(Method),
    Lstm,
}

#[derive(Serialize)]
struct Band<'a> {
    lo: &'a [f64],
    hi: &'a [f64],
}

impl<'a> Band<'a> {
    fn of(interval: &'a Interval) -> Self {
        Self { lo: &interval.lower, hi: &interval.upper }
    }
}

#[derive(Serialize)]
struct Out<'a> {
    id: Option<&'a Value>,
    f: &'a [f64],
    lo: &'a [f64],
    hi: &'a [f64],
    level: u32,
    intervals: BTreeMap<&'static str, Band<'a>>,
    model: &'a str,
    notes: Vec<String>,
}

/// Forecasts every series of a file.
///
/// # Errors
/// A line that cannot be read or forecast, by its number; an unknown model; cancelled.
pub fn forecast(
    command: &ForecastFile,
    watch: &PlanWatch<'_>,
) -> ApiResult<Made<ForecastFileView>> {
    let (name, model) = model(&command.model)?;
    let Lines { mut lines, mut left_out } =
        series::read(&command.input, Horizon::Needed, command.on_bad)?;
    let mut cleaned = vec![Vec::new(); lines.len()];
    let mut repairs = 0;
    if command.cleaning == Cleaning::On {
        let total = lines.len();
        for (at, line) in lines.iter_mut().enumerate() {
            watch.step("clean", at, total)?;
            let found = clean::clean(&line.series, Last::Unknown);
            repairs += found.repairs.len();
            cleaned[at] = repaired(line, &found);
            line.series = found.series;
        }
    }
    let forecasts = match model {
        Model::Each(method) => each(method, &lines, command.on_bad, watch)?,
        Model::Lstm => together(&lines, command, watch)?,
    };
    let mut made = Made {
        report: ForecastFileView {
            model: name.to_owned(),
            series: 0,
            level: command.level.percent(),
            levels: vec![80, 95],
            fallbacks: 0,
            repairs: repairs as u64,
            left_out: 0,
            notes: Vec::new(),
            out: None,
        },
        output: Vec::new(),
        beside: Vec::new(),
    };
    for ((line, forecast), cleaned) in lines.iter().zip(&forecasts).zip(cleaned) {
        let forecast = match forecast {
            Ok(forecast) => forecast,
            Err(error) => {
                left_out.push(series::left_out(line.number, &line.id, error));
                continue;
            }
        };
        let notes = notes(line, forecast, cleaned);
        let fell_back = notes.iter().any(|note| note.code == "fallback");
        made.report.series += 1;
        made.report.fallbacks += u64::from(fell_back);
        write_line(&mut made.output, line, forecast, command.level, &notes)?;
        made.report.notes.extend(notes);
    }
    if let (0, Some(error)) = (made.report.series, forecasts.into_iter().find_map(Result::err)) {
        return Err(error);
    }
    made.report.left_out = left_out.len() as u64;
    left_out.sort_by_key(|note| note.line);
    // What is missing is told first.
    made.report.notes.splice(0..0, left_out);
    Ok(made)
}

fn model(asked: &str) -> ApiResult<(&'static str, Model)> {
    let plain = asked.to_lowercase().replace('-', "_");
    let alias = ALIASES.iter().find(|(other, _)| *other == plain.replace('_', ""));
    let wanted = alias.map_or(plain.as_str(), |(_, name)| name);
    let known = MODELS.iter().map(|(name, _)| *name).find(|name| *name == wanted);
    match (known, Method::from_name(wanted)) {
        (Some(name), Some(method)) => Ok((name, Model::Each(method))),
        (Some(name), None) => Ok((name, Model::Lstm)),
        (None, _) => {
            let names: Vec<&str> = MODELS.iter().map(|(name, _)| *name).collect();
            let remedy = format!("take one of {}", names.join(", "));
            Err(wrong("model", &format!("there is no model `{asked}`"), &remedy))
        }
    }
}

/// A forecast of each series, or why there is none.
type Forecasts = Vec<ApiResult<Forecast>>;

/// An error of one series ends all where bad series are refused.
fn kept(made: ApiResult<Forecast>, on_bad: OnBad) -> ApiResult<ApiResult<Forecast>> {
    match (made, on_bad) {
        (Err(error), OnBad::Refuse) => Err(error),
        (made, _) => Ok(made),
    }
}

fn each(
    method: Method,
    lines: &[Line],
    on_bad: OnBad,
    watch: &PlanWatch<'_>,
) -> ApiResult<Forecasts> {
    let one = |(at, line): (usize, &Line)| {
        watch.step("forecast", at, lines.len())?;
        let made = match &line.regressors {
            Some(regressors) => method.forecast_with(&line.series, line.horizon, regressors),
            None => method.forecast(&line.series, line.horizon),
        };
        kept(made.map_err(|error| line.refused(&error)), on_bad)
    };
    let made: ApiResult<Forecasts> = lines.iter().enumerate().map(one).collect();
    let made = made?;
    watch.step("forecast", lines.len(), lines.len())?;
    Ok(made)
}

/// Trains one network for each frequency and horizon that occurs.
fn together(lines: &[Line], command: &ForecastFile, watch: &PlanWatch<'_>) -> ApiResult<Forecasts> {
    let mut groups: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    let mut made: Vec<Option<ApiResult<Forecast>>> = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        if line.regressors.is_some() {
            let place = format!("line {}, regressors of `{}`", line.number, line.id);
            let problem = "the lstm reads none, no holidays and no trading days";
            let error = Err(wrong(&place, problem, "take additive, arima or ets"));
            made.push(Some(kept(error, command.on_bad)?));
            continue;
        }
        made.push(None);
        groups.entry((line.series.frequency().period(), line.horizon)).or_default().push(at);
    }
    for ((_, horizon), members) in &groups {
        let series: Vec<Series> = members.iter().map(|at| lines[*at].series.clone()).collect();
        let pace = |done, pieces| watch.pace("train", done, pieces);
        let trained = Lstm::train_watched(&series, *horizon, command.seed, &pace);
        if trained.as_ref().is_err_and(|error| *error == ForecastError::Stopped) {
            return Err(cancelled());
        }
        for (done, at) in members.iter().enumerate() {
            watch.step("forecast", done, members.len())?;
            let line = &lines[*at];
            let forecast = match &trained {
                Ok(network) => network.forecast(&line.series),
                Err(error) => without_network(line, error),
            };
            let forecast = forecast.map_err(|error| line.refused(&error));
            made[*at] = Some(kept(forecast, command.on_bad)?);
        }
    }
    Ok(made.into_iter().flatten().collect())
}

/// What a series gets where there is too little to train a network on.
fn without_network(line: &Line, error: &ForecastError) -> Result<Forecast, ForecastError> {
    let mut forecast = Method::Naive2.forecast(&line.series, line.horizon)?;
    if !forecast.notes.contains(&Note::Constant) {
        forecast.notes.push(Note::Fallback { wanted: "lstm", because: error.to_string() });
    }
    Ok(forecast)
}

/// What cleaning did to a series before it is forecast.
fn repaired(line: &Line, found: &Cleaned) -> Vec<SeriesNoteView> {
    let mut out = life_notes(line, found.life);
    if !found.repairs.is_empty() {
        let values = counted(found.repairs.len(), "value was", "values were");
        let text = format!("{values} repaired first; `roadbook plan clean` lists them");
        out.push(line.note("repaired", text));
    }
    out
}

fn notes(line: &Line, forecast: &Forecast, cleaned: Vec<SeriesNoteView>) -> Vec<SeriesNoteView> {
    let mut out = Vec::new();
    if !line.duplicates.is_empty() {
        out.push(line.note("duplicates_left_out", duplicates_text(line.duplicates.len())));
    }
    out.extend(cleaned);
    out.extend(forecast.notes.iter().map(|note| {
        let (code, text) = views::note(note);
        line.note(code, text)
    }));
    out
}

/// What is told of periods that were given twice.
pub(super) fn duplicates_text(count: usize) -> String {
    let values = counted(count, "value", "values");
    format!("{values} stood there twice, the same both times; one of each was left out")
}

fn write_line(
    to: &mut Vec<u8>,
    line: &Line,
    forecast: &Forecast,
    level: Level,
    notes: &[SeriesNoteView],
) -> ApiResult<()> {
    let chosen = match level {
        Level::Eighty => &forecast.interval80,
        Level::NinetyFive => &forecast.interval95,
    };
    let out = Out {
        id: line.object.get("id"),
        f: &forecast.mean,
        lo: &chosen.lower,
        hi: &chosen.upper,
        level: level.percent(),
        intervals: BTreeMap::from([
            ("80", Band::of(&forecast.interval80)),
            ("95", Band::of(&forecast.interval95)),
        ]),
        model: &forecast.label,
        notes: notes.iter().map(|note| note.text.clone()).collect(),
    };
    serde_json::to_writer(&mut *to, &out).map_err(|_| not_json())?;
    to.push(b'\n');
    Ok(())
}

/// Numbers that JSON cannot hold never come here: the library gives finite ones.
pub(super) fn not_json() -> ApiError {
    ApiError::new(roadbook_api::ErrorCode::Internal, "an answer cannot be written as JSON")
}
