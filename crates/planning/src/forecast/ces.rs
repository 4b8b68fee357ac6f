//! Complex exponential smoothing (CES), non-seasonal, simple, partial and full.
//!
//! Svetunkov, Kourentzes, Ord (2022), "Complex exponential smoothing", Naval Research Logistics
//! 69: state space form of equations 9 and 10 and its seasonal versions in section 3.3. First
//! states by backcasting; form chosen by AICc.

use super::error::ForecastError;
use super::number::mean;
use super::outlook::Outcome;
use super::season::{SeasonForm, decompose};
use super::simplex::{Search, minimise};

const METHOD: &str = "CES";
const LEAST: usize = 6;

/// The versions of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// No season.
    Plain,
    /// One complex state for each place in the season, no level apart.
    Simple,
    /// A level, and a real season beside it.
    Partial,
    /// A level, and a complex season beside it.
    Full,
}

impl Version {
    const fn label(self) -> &'static str {
        match self {
            Self::Plain => "CES(N)",
            Self::Simple => "CES(S)",
            Self::Partial => "CES(P)",
            Self::Full => "CES(F)",
        }
    }

    /// Returns the numbers searched for.
    const fn dimensions(self) -> usize {
        match self {
            Self::Plain | Self::Simple => 2,
            Self::Partial => 3,
            Self::Full => 4,
        }
    }

    /// Returns the count of parameters: smoothing, first states, variance.
    const fn parameters(self, period: usize) -> usize {
        1 + match self {
            Self::Plain => 4,
            Self::Simple => 2 + 2 * period,
            Self::Partial => 5 + period,
            Self::Full => 6 + 2 * period,
        }
    }
}

/// Level pair (one entry without `Simple`), seasonal pair.
#[derive(Debug, Clone)]
struct States {
    level: Vec<(f64, f64)>,
    season: Vec<(f64, f64)>,
}

/// Fits every version that the series allows and forecasts with the one of the lowest AICc.
///
/// # Errors
/// With less than six points, or where no version is stable.
pub(crate) fn select(
    values: &[f64],
    period: usize,
    horizon: usize,
) -> Result<Outcome, ForecastError> {
    if values.len() < LEAST {
        let length = values.len();
        return Err(ForecastError::TooShort { method: METHOD, length, least: LEAST });
    }
    let seasonal = (2..=24).contains(&period) && values.len() >= 2 * period + 2;
    let versions: &[Version] = if seasonal {
        &[Version::Plain, Version::Simple, Version::Partial, Version::Full]
    } else {
        &[Version::Plain]
    };
    let fits = versions.iter().filter_map(|version| fit(values, period, *version));
    let best = fits.min_by(|a, b| a.aicc.total_cmp(&b.aicc));
    best.map(|fit| fit.forecast(values.len(), horizon))
        .ok_or(ForecastError::Unstable { method: METHOD })
}

struct Fitted {
    version: Version,
    point: Vec<f64>,
    states: States,
    variance: f64,
    aicc: f64,
}

fn fit(values: &[f64], period: usize, version: Version) -> Option<Fitted> {
    let initial = initial_states(values, period, version)?;
    let mut states = initial.clone();
    let evaluate = |point: &[f64], states: &mut States| {
        states.level.clone_from(&initial.level);
        states.season.clone_from(&initial.season);
        filter::<false>(version, point, values, states);
        filter::<true>(version, point, values, states);
        filter::<false>(version, point, values, states)
    };
    let start = [1.3, 1.0, 0.1, 0.1];
    let lower = [0.01, 0.01, 0.0, 0.0];
    let upper = [2.4, 2.4, 1.0, 1.0];
    let (start, lower, upper) = match version {
        Version::Plain | Version::Simple | Version::Partial => (start, lower, upper),
        Version::Full => ([1.3, 1.0, 1.3, 1.0], lower, [2.4; 4]),
    };
    let n = version.dimensions();
    let search = Search {
        start: &start[..n],
        lower: &lower[..n],
        upper: &upper[..n],
        step: 0.06,
        evaluations: 60 * n,
        tolerance: 1e-6,
    };
    let (point, _) = minimise(&search, |point| evaluate(point, &mut states));
    let squares = evaluate(&point[..n], &mut states);
    let count = values.len() as f64;
    let parameters = version.parameters(period) as f64;
    let room = count - parameters - 1.0;
    if room <= 0.0 || !squares.is_finite() {
        return None;
    }
    let aicc = count * squares.max(1e-30).ln()
        + 2.0 * parameters
        + 2.0 * parameters * (parameters + 1.0) / room;
    let variance = squares / (count - n as f64).max(1.0);
    Some(Fitted { version, point: point[..n].to_vec(), states, variance, aicc })
}

/// Runs the filter over the values, forwards or backwards; returns the sum of squared errors.
fn filter<const REVERSED: bool>(
    version: Version,
    point: &[f64],
    values: &[f64],
    states: &mut States,
) -> f64 {
    let n = values.len();
    let mut squares = 0.0;
    for step in 0..n {
        let at = if REVERSED { n - 1 - step } else { step };
        let error = values[at] - expected(version, states, at);
        squares += error * error;
        advance(version, point, states, at, error);
    }
    squares
}

#[inline(always)]
fn expected(version: Version, states: &States, at: usize) -> f64 {
    match version {
        Version::Plain => states.level[0].0,
        Version::Simple => states.level[at % states.level.len()].0,
        Version::Partial | Version::Full => {
            states.level[0].0 + states.season[at % states.season.len()].0
        }
    }
}

#[inline(always)]
fn advance(version: Version, point: &[f64], states: &mut States, at: usize, error: f64) {
    let place = at % states.level.len();
    states.level[place] = turned(states.level[place], point[0], point[1], error);
    match version {
        Version::Plain | Version::Simple => {}
        Version::Partial => {
            let place = at % states.season.len();
            states.season[place].0 += point[2] * error;
        }
        Version::Full => {
            let place = at % states.season.len();
            states.season[place] = turned(states.season[place], point[2], point[3], error);
        }
    }
}

/// Moves one complex state by one step.
#[inline(always)]
fn turned(state: (f64, f64), real: f64, imaginary: f64, error: f64) -> (f64, f64) {
    let (level, potential) = state;
    (
        level - (1.0 - imaginary) * potential + (real - imaginary) * error,
        level + (1.0 - real) * potential + (real + imaginary) * error,
    )
}

fn initial_states(values: &[f64], period: usize, version: Version) -> Option<States> {
    let first = mean(&values[..values.len().min(period.max(6))]);
    let pair = |level: f64| (level, level / 1.1);
    Some(match version {
        Version::Plain => States { level: vec![pair(first)], season: vec![] },
        Version::Simple => States {
            level: values[..period].iter().map(|value| pair(*value)).collect(),
            season: vec![],
        },
        Version::Partial | Version::Full => {
            let shape = decompose(values, period, SeasonForm::Additive)?;
            let season = shape.indices.iter().map(|index| pair(*index)).collect();
            States { level: vec![pair(first)], season }
        }
    })
}

impl Fitted {
    fn forecast(&self, first: usize, horizon: usize) -> Outcome {
        let path = |states: &mut States, shock: f64| -> Vec<f64> {
            (0..horizon)
                .map(|step| {
                    let value = expected(self.version, states, first + step);
                    let error = if step == 0 { shock } else { 0.0 };
                    advance(self.version, &self.point, states, first + step, error);
                    value
                })
                .collect()
        };
        let mean = path(&mut self.states.clone(), 0.0);
        // The model is linear: the effect of one error now on every later value.
        let moved = path(&mut self.states.clone(), 1.0);
        let mut squares = 0.0;
        let mut deviation = Vec::with_capacity(horizon);
        for step in 0..horizon {
            if step > 0 {
                squares += (moved[step] - mean[step]).powi(2);
            }
            deviation.push((self.variance * (1.0 + squares)).sqrt());
        }
        Outcome { mean, deviation, label: self.version.label().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_is_carried_on() {
        let season = [3.0, -1.0, 0.0, -2.0];
        let values: Vec<f64> = (0..48).map(|index| 20.0 + season[index % 4]).collect();
        let outcome = select(&values, 4, 4).unwrap();
        for (value, index) in outcome.mean.iter().zip(season) {
            assert!((value - 20.0 - index).abs() < 0.3, "{outcome:?}");
        }
    }

    #[test]
    fn too_few_points_are_refused() {
        assert!(matches!(select(&[1.0; 5], 12, 3), Err(ForecastError::TooShort { .. })));
    }
}
