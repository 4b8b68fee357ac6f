//! What a model answers: the path that it expects, its intervals, and what was done on the way.

use super::number::mean;
use super::series::{History, Scale};

/// Quantiles for intervals of 80 and 95 %: Student's distribution with 6 degrees of freedom, as
/// large errors are commoner than the normal law says.
pub(crate) const QUANTILE_80: f64 = 1.439_756;
pub(crate) const QUANTILE_95: f64 = 2.446_912;
/// Mean size of a number of that distribution.
pub(crate) const MEAN_SIZE: f64 = 0.918_559;

/// A forecast in the units of the series.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Expected value of each period after the end of the series.
    pub mean: Vec<f64>,
    /// Where four of five values are expected.
    pub interval80: Interval,
    /// Where nineteen of twenty values are expected.
    pub interval95: Interval,
    /// The model in the field's notation, such as `ETS(M,Ad,M)`.
    pub label: String,
    /// What was done beside the model: gaps filled, old points left out, another model used.
    pub notes: Vec<Note>,
}

/// The limits of a prediction interval, one pair for each period.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// Lower limits.
    pub lower: Vec<f64>,
    /// Upper limits.
    pub upper: Vec<f64>,
}

/// Something that a reader of a forecast should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Gaps were filled before the model saw the series.
    GapsFilled {
        /// How many.
        count: usize,
    },
    /// The oldest points were left out, see [`super::series::POINTS_READ`].
    OldPointsLeftOut {
        /// How many.
        count: usize,
    },
    /// All values are the same: the forecast repeats them, its intervals have no width.
    Constant,
    /// The model asked for could not be fitted, and a simpler one answers.
    Fallback {
        /// Name of the model asked for.
        wanted: &'static str,
        /// Why it could not be fitted.
        because: String,
    },
    /// Effects of regressors could not be told from trend and season, and were left out.
    RegressorsLeftOut {
        /// Why.
        because: String,
    },
}

impl Note {
    /// Returns whether another model than the one asked for answers.
    pub(crate) const fn is_of_another_model(&self) -> bool {
        match self {
            Self::Constant | Self::Fallback { .. } => true,
            Self::GapsFilled { .. }
            | Self::OldPointsLeftOut { .. }
            | Self::RegressorsLeftOut { .. } => false,
        }
    }
}

/// A model's answer at the size of the history, before it is brought back.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) mean: Vec<f64>,
    /// Standard deviation of the error of each period.
    pub(crate) deviation: Vec<f64>,
    pub(crate) label: String,
}

impl Outcome {
    /// Returns whether every number is finite and no deviation negative.
    pub(crate) fn is_sound(&self) -> bool {
        self.mean.iter().all(|value| value.is_finite() && value.abs() < 1e12)
            && self.deviation.iter().all(|value| value.is_finite() && *value >= 0.0)
    }

    /// Brings the answer back to the units of the series.
    ///
    /// Where the history has no negative value, neither has the forecast.
    pub(crate) fn finish(&self, history: &History, notes: Vec<Note>) -> Forecast {
        let floor = lowest(&history.values);
        let scale: Scale = history.scale;
        let told = if history.calendar.is_some() { " with calendar effects" } else { "" };
        let months = |step: usize| {
            let after = history.values.len() + step;
            history.calendar.as_ref().map_or(1.0, |calendar| calendar.factor(after))
        };
        let at = |factor: f64| -> Vec<f64> {
            let steps = self.mean.iter().zip(&self.deviation).enumerate();
            let value = |mean: f64, sd: f64| (mean + factor * sd).max(floor);
            steps.map(|(step, (mean, sd))| scale.back(value(*mean, *sd) * months(step))).collect()
        };
        let interval = |factor: f64| Interval { lower: at(-factor), upper: at(factor) };
        Forecast {
            mean: at(0.0),
            interval80: interval(QUANTILE_80),
            interval95: interval(QUANTILE_95),
            label: format!("{}{told}", self.label),
            notes,
        }
    }
}

/// Returns the limit below which no forecast goes: 0 for a history without negative values.
fn lowest(values: &[f64]) -> f64 {
    if values.iter().any(|value| *value < 0.0) { f64::NEG_INFINITY } else { 0.0 }
}

/// Returns the square root of the mean square, the deviation of errors around 0.
pub(crate) fn root_mean_square(errors: &[f64]) -> f64 {
    mean(&errors.iter().map(|error| error * error).collect::<Vec<_>>()).sqrt()
}
