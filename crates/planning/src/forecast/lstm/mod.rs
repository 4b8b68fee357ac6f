//! A small network with memory (LSTM), trained once over all series of a tenant.
//!
//! Hochreiter, Schmidhuber (1997), "Long short-term memory", Neural Computation 9. As in Smyl
//! (2020), "A hybrid method of exponential smoothing and recurrent neural networks for time series
//! forecasting", International Journal of Forecasting 36, the network does not forecast from
//! nothing: it learns, over windows of all series, by how much the logarithm of what came differed
//! from a statistical forecast (here the theta model's). Untrained, it repeats that forecast.
//!
//! How much of its correction is used is decided on the newest windows of each series, none of whose
//! wanted values it is trained on: of that series it learns from windows that were over when the
//! first of those began. Of the series that are too short for both, one in [`SHORT_KEPT_BACK`] is
//! kept back whole, and the others are learned from to their end; a tenant with fewer such series,
//! and none that is longer, has nothing to keep back, and is judged by what it learned from.
//! Training is deterministic under its seed, and bounded: at most [`MOST_WINDOWS`] windows.

mod network;
mod train;

use super::error::ForecastError;
use super::method::{check_horizon, is_constant};
use super::number::{mean, single};
use super::outlook::{Forecast, Note, Outcome};
use super::rng::Random;
use super::rolling::{Origins, Usual};
use super::series::{Frequency, History, Series};
use super::{naive, theta};
use crate::Pace;
use network::{FEATURES, Network};

/// Values that the network looks back on.
const WINDOW: usize = 24;
/// Windows trained on at most, spread evenly over the series.
pub const MOST_WINDOWS: usize = 10_000;
/// Newest windows of each series that are kept back to decide on the share of the correction.
const KEPT_BACK: usize = 6;
/// Windows kept back at most.
const MOST_KEPT_BACK: usize = 2_000;
/// Windows that a series must still teach for its newest ones to be kept back.
const LEAST_TAUGHT: usize = 12;
/// Of series too short for both, one in so many is kept back whole.
pub const SHORT_KEPT_BACK: usize = 4;
/// Points of a series needed before a window's end.
const BEFORE: usize = 30;
/// Smallest value whose logarithm is taken, where the series' mean is 1.
const LEAST: f64 = 0.01;

/// By how much the deviations that all windows taught are off for one series.
const USUAL: Usual = Usual { near: 0.42, far: 0.42, origins: 1.0 };

/// A trained network.
#[derive(Debug, Clone)]
pub struct Lstm {
    network: Network,
    frequency: Frequency,
    horizon: usize,
    /// Deviation of the logarithm at each step, over the windows.
    deviation: Vec<f64>,
    /// Share of the correction that is used.
    share: f64,
}

/// What the network reads at one window's end, and what it should answer.
struct Window {
    features: [[f32; FEATURES]; WINDOW],
    wanted: Vec<f32>,
}

impl Lstm {
    /// Trains over all series; those too short for a window are left out.
    ///
    /// # Errors
    /// Without series, where they differ in frequency, or where none is long enough.
    pub fn train(series: &[Series], horizon: usize, seed: u64) -> Result<Self, ForecastError> {
        Self::train_watched(series, horizon, seed, &|_, _| Pace::Go)
    }

    /// The same for whoever shows how far it has come and may stop it: `watch` is asked for each
    /// series while its windows are made, then before each epoch, with how many pieces are done and
    /// how many there are.
    ///
    /// # Errors
    /// As [`Lstm::train`]; stopped.
    pub fn train_watched(
        series: &[Series],
        horizon: usize,
        seed: u64,
        watch: &dyn Fn(usize, usize) -> Pace,
    ) -> Result<Self, ForecastError> {
        check_horizon(horizon)?;
        let frequency = series.first().ok_or(ForecastError::Empty)?.frequency();
        if let Some(other) = series.iter().find(|one| one.frequency() != frequency) {
            let (given, wanted) = (other.frequency().period(), frequency.period());
            return Err(ForecastError::Shape { what: "the season of a series", given, wanted });
        }
        let histories: Vec<History> = series.iter().map(Series::history).collect();
        let (ends, newest) = window_ends(&histories, horizon);
        let epochs = train::epochs(ends.len());
        let pieces = histories.len() + epochs;
        let make = |ends: Vec<End>, before: usize| -> Result<Vec<Window>, ForecastError> {
            let mut made = Vec::with_capacity(ends.len());
            let mut last = None;
            for (which, end) in ends {
                if last != Some(which) && watch(before.max(which), pieces) == Pace::Stop {
                    return Err(ForecastError::Stopped);
                }
                last = Some(which);
                made.extend(window(&histories[which], end, horizon));
            }
            Ok(made)
        };
        let windows = make(ends, 0)?;
        let kept_back = make(newest, histories.len())?;
        if windows.is_empty() {
            let length = histories.iter().map(|one| one.values.len()).max().unwrap_or(0);
            let least = BEFORE + horizon;
            return Err(ForecastError::TooShort { method: "LSTM", length, least });
        }
        let mut random = Random::new(seed);
        let mut network = Network::new(horizon, &mut random);
        let pace = |epoch: usize| watch(histories.len() + epoch, pieces);
        train::train(&mut network, &windows, epochs, &mut random, &pace)?;
        let judged = if kept_back.is_empty() { &windows } else { &kept_back };
        let (share, deviation) = train::judge(&network, judged);
        Ok(Self { network, frequency, horizon, deviation, share })
    }

    /// Forecasts the periods that the network was trained for.
    ///
    /// A constant series is repeated; one that is too short, or has negative values, gets Naive2,
    /// with a note.
    ///
    /// # Errors
    /// Where the series has another frequency than those trained on.
    pub fn forecast(&self, series: &Series) -> Result<Forecast, ForecastError> {
        if series.frequency() != self.frequency {
            let (given, wanted) = (series.frequency().period(), self.frequency.period());
            return Err(ForecastError::Shape { what: "the season of a series", given, wanted });
        }
        let history = series.history();
        let mut notes = Vec::new();
        if history.gaps > 0 {
            notes.push(Note::GapsFilled { count: history.gaps });
        }
        if history.dropped > 0 {
            notes.push(Note::OldPointsLeftOut { count: history.dropped });
        }
        let values = &history.values;
        if is_constant(values) {
            notes.push(Note::Constant);
            return Ok(naive::naive(values, self.horizon).finish(&history, notes));
        }
        let outcome = self.outcome(&history).unwrap_or_else(|because| {
            notes.push(Note::Fallback { wanted: "lstm", because: because.to_string() });
            naive::naive2(values, history.period, self.horizon)
        });
        Ok(outcome.finish(&history, notes))
    }

    fn outcome(&self, history: &History) -> Result<Outcome, ForecastError> {
        let (method, values) = ("LSTM", &history.values);
        if values.len() < BEFORE {
            return Err(ForecastError::TooShort { method, length: values.len(), least: BEFORE });
        }
        if let Some(position) = values.iter().position(|value| *value < 0.0) {
            return Err(ForecastError::Negative { method, position });
        }
        let mut outcome = self.path(values, history.period)?;
        let origins = Origins::many(values.len(), history.period, self.horizon);
        let trials = origins.each(|at, _| self.path(&values[..at], history.period).ok());
        origins.widen(values, &trials, &mut outcome, USUAL);
        if outcome.is_sound() { Ok(outcome) } else { Err(ForecastError::Unstable { method }) }
    }

    /// Returns the path after the values, with the deviations that all windows taught.
    fn path(&self, values: &[f64], period: usize) -> Result<Outcome, ForecastError> {
        let base = theta::dynamic_optimised(values, period, self.horizon)?;
        let answer = self.network.answer(&features(values, period));
        let factor = |value: &f32| (self.share * f64::from(*value).clamp(-1.0, 1.0)).exp();
        let factors = answer.iter().map(factor);
        let mean: Vec<f64> = base.mean.iter().zip(factors).map(|(b, f)| b * f).collect();
        let deviation = mean.iter().zip(&self.deviation).map(|(m, d)| m.abs() * d).collect();
        Ok(Outcome { mean, deviation, label: "LSTM on DOT".to_owned() })
    }
}

/// A series and a position in it where a window ends.
type End = (usize, usize);

/// Returns which windows end where, for training and kept back, each evenly thinned.
fn window_ends(histories: &[History], horizon: usize) -> (Vec<End>, Vec<End>) {
    let (mut ends, mut newest) = (Vec::new(), Vec::new());
    let mut short = 0;
    for (which, history) in histories.iter().enumerate() {
        if is_constant(&history.values) || history.values.iter().any(|value| *value < 0.0) {
            continue;
        }
        let last = (history.values.len() + 1).saturating_sub(horizon);
        if last <= BEFORE {
            continue;
        }
        let split = last.saturating_sub(KEPT_BACK).max(BEFORE);
        // What a window wants is over a horizon after its end; it must be when the kept ones begin.
        let taught = (split + 1).saturating_sub(horizon);
        if taught >= BEFORE + LEAST_TAUGHT {
            ends.extend((BEFORE..taught).map(|end| (which, end)));
            newest.extend((split..last).map(|end| (which, end)));
            continue;
        }
        short += 1;
        if short % SHORT_KEPT_BACK == 0 {
            newest.extend((split..last).map(|end| (which, end)));
        } else {
            ends.extend((BEFORE..last).map(|end| (which, end)));
        }
    }
    (thinned(&ends, MOST_WINDOWS), thinned(&newest, MOST_KEPT_BACK))
}

fn thinned(ends: &[End], most: usize) -> Vec<End> {
    ends.iter().step_by(ends.len().div_ceil(most).max(1)).copied().collect()
}

fn window(history: &History, end: usize, horizon: usize) -> Option<Window> {
    let values = &history.values;
    let base = theta::dynamic_optimised(&values[..end], history.period, horizon).ok()?;
    let wanted = (0..horizon)
        .map(|step| single((log(values[end + step]) - log(base.mean[step])).clamp(-1.0, 1.0)))
        .collect();
    Some(Window { features: features(&values[..end], history.period), wanted })
}

fn log(value: f64) -> f64 {
    value.max(LEAST).ln()
}

/// Returns for each step of the window: the logarithm against the last season's mean, the change
/// against one season before, and whether that season is known.
fn features(values: &[f64], period: usize) -> [[f32; FEATURES]; WINDOW] {
    let n = values.len();
    let season = &values[n - period.min(n)..];
    let centre = mean(&season.iter().map(|value| log(*value)).collect::<Vec<_>>());
    let mut out = [[0.0; FEATURES]; WINDOW];
    for (step, entry) in out.iter_mut().enumerate() {
        let Some(at) = (n + step).checked_sub(WINDOW) else { continue };
        let now = log(values[at]);
        let before = at.checked_sub(period).map(|at| log(values[at]));
        entry[0] = single((now - centre).clamp(-3.0, 3.0));
        entry[1] = single(before.map_or(0.0, |before| (now - before).clamp(-3.0, 3.0)));
        entry[2] = if before.is_some() { 1.0 } else { 0.0 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Series that theta misjudges in one way: after each rise of 30 % there is a fall.
    fn tenant() -> Vec<Series> {
        let one = |which: usize| {
            let at = |i: usize| {
                let wave = if (i + which) % 8 < 4 { 1.3 } else { 0.9 };
                wave * (100.0 + which as f64) * (1.0 + 0.01 * ((i * 7 + which) % 5) as f64)
            };
            Series::complete((0..60).map(at).collect(), Frequency::Yearly, None).unwrap()
        };
        (0..3).map(one).collect()
    }

    fn error(forecast: &Forecast, which: usize) -> f64 {
        let at = |i: usize| if (i + which) % 8 < 4 { 1.3 } else { 0.9 } * (100.0 + which as f64);
        (0..4).map(|step| (forecast.mean[step] - at(60 + step)).abs()).sum()
    }

    #[test]
    fn it_learns_what_the_statistical_forecast_misses() {
        let series = tenant();
        let lstm = Lstm::train(&series, 4, 1).unwrap();
        let (mut learned, mut plain) = (0.0, 0.0);
        for (which, one) in series.iter().enumerate() {
            learned += error(&lstm.forecast(one).unwrap(), which);
            plain += error(&super::super::Method::Theta.forecast(one, 4).unwrap(), which);
        }
        assert!(learned < 0.8 * plain, "{learned} against {plain}");
    }

    #[test]
    fn what_windows_kept_back_want_is_not_trained_on() {
        let long = |length: usize| {
            let values = (0..length).map(|i| 100.0 + (i % 7) as f64).collect();
            Series::complete(values, Frequency::Monthly, None).unwrap().history()
        };
        for horizon in [1, 6, 18, 24] {
            let histories: Vec<History> =
                [40, 54, 60, 61, 75, 80, 90, 100, 140, 200, 30].map(long).into();
            let (ends, newest) = window_ends(&histories, horizon);
            assert!(!ends.is_empty() && !newest.is_empty(), "{horizon}");
            for (which, kept) in &newest {
                let seen = ends.iter().filter(|(other, _)| other == which);
                let after = seen.map(|(_, end)| end + horizon).max().unwrap_or(0);
                assert!(after <= *kept, "series {which}: {kept} to come, {after} seen");
            }
        }
        let (ends, newest) = window_ends(&[long(50)], 6);
        assert!(!ends.is_empty() && newest.is_empty(), "too little to keep any back");
    }

    #[test]
    fn training_tells_every_epoch_and_stops_where_it_is_told() {
        let told = std::cell::RefCell::new(Vec::new());
        let series = tenant();
        let until = |most: usize| {
            told.borrow_mut().clear();
            let watch = |done, all| {
                told.borrow_mut().push((done, all));
                if told.borrow().len() < most { Pace::Go } else { Pace::Stop }
            };
            Lstm::train_watched(&series, 4, 1, &watch)
        };
        assert!(until(usize::MAX).is_ok());
        let all = told.borrow().clone();
        assert!(all.len() > 10 && all.is_sorted(), "{all:?}");
        assert!(all.iter().all(|(done, of)| done < of), "{all:?}");
        for most in [1, 3, all.len() - 1] {
            assert_eq!(until(most).unwrap_err(), ForecastError::Stopped, "after {most}");
            assert_eq!(told.borrow().len(), most, "nothing more is done");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_forecast() {
        let series = &tenant()[..1];
        let trained = |seed| Lstm::train(series, 4, seed).unwrap().network.weights;
        let weights = trained(3);
        assert_eq!(weights, trained(3));
        assert_ne!(weights, Network::new(4, &mut Random::new(3)).weights, "it was trained");
    }

    #[test]
    fn bad_input_is_an_error_or_a_fallback() {
        assert!(matches!(Lstm::train(&[], 4, 1), Err(ForecastError::Empty)));
        let short = Series::complete(vec![1.0, 2.0], Frequency::Yearly, None).unwrap();
        assert!(matches!(
            Lstm::train(std::slice::from_ref(&short), 4, 1),
            Err(ForecastError::TooShort { .. })
        ));
        let lstm = Lstm::train(&tenant()[..1], 4, 1).unwrap();
        let forecast = lstm.forecast(&short).unwrap();
        assert!(forecast.notes.iter().any(|note| matches!(note, Note::Fallback { .. })));
        let other = Series::complete(vec![1.0; 9], Frequency::Monthly, None).unwrap();
        assert!(lstm.forecast(&other).is_err());
        let losses = (0..40).map(|i| f64::from(i % 7) - 3.0).collect();
        let negative = Series::complete(losses, Frequency::Yearly, None).unwrap();
        let notes = lstm.forecast(&negative).unwrap().notes;
        let because = |note: &Note| match note {
            Note::Fallback { because, .. } => because.contains("logarithms"),
            Note::GapsFilled { .. }
            | Note::OldPointsLeftOut { .. }
            | Note::RegressorsLeftOut { .. }
            | Note::Constant => false,
        };
        assert!(notes.iter().any(because), "no logarithm of a loss: {notes:?}");
    }
}
