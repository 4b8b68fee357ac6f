//! The models by name, and one way to ask any of them.

use super::additive::{self, Columns};
use super::combine::{self, Member};
use super::error::ForecastError;
use super::outlook::{Forecast, Note, Outcome};
use super::rolling::Origins;
use super::series::{History, MOST_PERIODS, Series};
use super::{arima, ces, ets, mstl, naive, theta};

/// A forecasting model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Repeats the last value.
    Naive,
    /// Repeats the last season.
    SeasonalNaive,
    /// Naive on the seasonally adjusted series, the benchmark of the M competitions.
    Naive2,
    /// Goes on along the line from the first to the last value.
    Drift,
    /// Exponential smoothing, the likeliest forms.
    Ets,
    /// Dynamic optimised theta model.
    Theta,
    /// Complex exponential smoothing, the likeliest versions.
    Ces,
    /// Seasonal ARIMA, the likeliest orders of a stepwise walk.
    Arima,
    /// Seasons by STL, exponential smoothing of the rest.
    Mstl,
    /// Trend with changepoints, Fourier seasons, regressors: Prophet's form.
    Additive,
    /// Between the weighted mean of several models and their median; weights by how well each, fitted
    /// to the whole series, retells its newest values.
    Combination,
}

impl Method {
    /// Every method, simplest first.
    pub const ALL: [Self; 11] = [
        Self::Naive,
        Self::SeasonalNaive,
        Self::Naive2,
        Self::Drift,
        Self::Ets,
        Self::Theta,
        Self::Ces,
        Self::Arima,
        Self::Mstl,
        Self::Additive,
        Self::Combination,
    ];

    /// Returns the name by which the method is asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::SeasonalNaive => "seasonal_naive",
            Self::Naive2 => "naive2",
            Self::Drift => "drift",
            Self::Ets => "ets",
            Self::Theta => "theta",
            Self::Ces => "ces",
            Self::Arima => "arima",
            Self::Mstl => "mstl",
            Self::Additive => "additive",
            Self::Combination => "combination",
        }
    }

    /// Returns the method of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Forecasts the periods after the end of the series.
    ///
    /// Gaps are filled first. A constant series is repeated. A series that is too short for the
    /// model, or on which it finds no stable fit, gets Naive2, with a note.
    ///
    /// # Errors
    /// Where the horizon is 0 or beyond [`MOST_PERIODS`].
    pub fn forecast(self, series: &Series, horizon: usize) -> Result<Forecast, ForecastError> {
        check_horizon(horizon)?;
        let history = series.history();
        let (outcome, notes) = self.outcome(&history, horizon);
        Ok(outcome.finish(&history, notes))
    }

    /// Forecasts at the size of the history; always sound.
    pub(crate) fn outcome(self, history: &History, horizon: usize) -> (Outcome, Vec<Note>) {
        self.outcome_of(history, horizon, || self.fit(history, horizon))
    }

    /// The same where somebody else fits the model.
    pub(crate) fn outcome_of(
        self,
        history: &History,
        horizon: usize,
        fit: impl FnOnce() -> Result<Outcome, ForecastError>,
    ) -> (Outcome, Vec<Note>) {
        let mut notes = Vec::new();
        if history.gaps > 0 {
            notes.push(Note::GapsFilled { count: history.gaps });
        }
        if history.dropped > 0 {
            notes.push(Note::OldPointsLeftOut { count: history.dropped });
        }
        if is_constant(&history.values) {
            notes.push(Note::Constant);
            return (naive::naive(&history.values, horizon), notes);
        }
        let because = match fit() {
            Ok(outcome) if outcome.is_sound() => return (outcome, notes),
            Ok(_) => ForecastError::Unstable { method: self.name() },
            Err(error) => error,
        };
        notes.push(Note::Fallback { wanted: self.name(), because: because.to_string() });
        (naive::naive2(&history.values, history.period, horizon), notes)
    }

    fn fit(self, history: &History, horizon: usize) -> Result<Outcome, ForecastError> {
        let (values, period) = (history.values.as_slice(), history.period);
        match self {
            Self::Naive => Ok(naive::naive(values, horizon)),
            Self::SeasonalNaive => Ok(naive::seasonal_naive(values, period, horizon)),
            Self::Naive2 => Ok(naive::naive2(values, period, horizon)),
            Self::Drift => Ok(naive::drift(values, horizon)),
            Self::Ets => {
                member(&Member::Ets(ets::select(values, period)?), values, period, horizon)
            }
            Self::Theta => {
                theta::dynamic_optimised(values, period, horizon)?;
                member(&Member::Theta, values, period, horizon)
            }
            Self::Ces => {
                member(&Member::Ces(ces::select(values, period)?), values, period, horizon)
            }
            Self::Arima => {
                member(&Member::Arima(arima::select(values, period)?), values, period, horizon)
            }
            Self::Mstl => {
                let adjusted = mstl::adjust(values, &[period])?;
                let fitted = ets::select(adjusted.values(), 1)?;
                member(&Member::Mstl(fitted), values, period, horizon)
            }
            Self::Additive => additive::widened(values, period, horizon, Columns(&[])),
            Self::Combination => combine::forecast(values, period, horizon),
        }
    }
}

/// Forecasts by one fitted member, its intervals widened by what rolling origins tell. Orders and
/// coefficients, from the whole series, are held there; `Member::usual` makes up for what they have
/// seen.
fn member(
    member: &Member,
    values: &[f64],
    period: usize,
    horizon: usize,
) -> Result<Outcome, ForecastError> {
    let unstable = ForecastError::Unstable { method: member.name() };
    let mut outcome = member.forecast(values, period, horizon).ok_or(unstable)?;
    let origins = Origins::many(values.len(), period, horizon);
    let trials = origins.each(|at, reach| member.forecast(&values[..at], period, reach));
    origins.widen(values, &trials, &mut outcome, member.usual());
    Ok(outcome)
}

/// Checks the count of periods asked for.
///
/// # Errors
/// Where it is 0 or beyond [`MOST_PERIODS`].
pub(crate) const fn check_horizon(horizon: usize) -> Result<(), ForecastError> {
    if horizon == 0 || horizon > MOST_PERIODS {
        return Err(ForecastError::Horizon { horizon, most: MOST_PERIODS });
    }
    Ok(())
}

/// Returns whether all values are the same, but for rounding.
pub(crate) fn is_constant(values: &[f64]) -> bool {
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    high - low <= 1e-12 * high.abs().max(low.abs())
}
