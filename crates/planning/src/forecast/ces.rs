//! Complex exponential smoothing (CES), non-seasonal, simple, partial and full.
//!
//! Svetunkov, Kourentzes, Ord (2022), "Complex exponential smoothing", Naval Research Logistics
//! 69: state space form of equations 9 and 10 and its seasonal versions in section 3.3. First
//! states by backcasting; the likeliest versions by Akaike weights.

use super::akaike::Likely;
use super::descent::Descent;
use super::error::ForecastError;
use super::number::{dot, mean};
use super::outlook::Outcome;
use super::season::{SeasonForm, decompose};

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

/// Fits every version that the series allows and returns the likeliest ones.
///
/// # Errors
/// With less than six points, or where no version is stable.
pub(crate) fn select(values: &[f64], period: usize) -> Result<Likely<Fitted>, ForecastError> {
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
    let mut candidates: Vec<Candidate<'_>> =
        versions.iter().filter_map(|version| Candidate::new(values, period, *version)).collect();
    for candidate in &mut candidates {
        candidate.search(SHORT);
    }
    let best = candidates.iter().map(|one| one.aicc).fold(f64::INFINITY, f64::min);
    candidates.retain(|one| one.aicc <= best + OUT_OF_REACH);
    for candidate in &mut candidates {
        candidate.search(LONG);
    }
    let fitted = candidates.into_iter().filter_map(Candidate::finish).collect();
    Likely::of(fitted, |one: &Fitted| one.aicc).ok_or(ForecastError::Unstable { method: METHOD })
}

/// How long to search: rounds and steps at most, and the share of the sum that ends it.
#[derive(Debug, Clone, Copy)]
struct Effort(usize, usize, f64);

const SHORT: Effort = Effort(1, 4, 5e-3);
const LONG: Effort = Effort(3, 6, 1e-6);
/// No weight moves further than this in a round.
const REACH: f64 = 0.3;
const LOWER: [f64; 4] = [0.01, 0.01, 0.0, 0.0];
/// Versions whose short search ends this far above the best one are not searched further.
const OUT_OF_REACH: f64 = 6.0;

/// A version on the way to being fitted.
struct Candidate<'a> {
    values: &'a [f64],
    period: usize,
    version: Version,
    initial: States,
    /// Working space, and the last states of the latest evaluation.
    states: States,
    point: Vec<f64>,
    aicc: f64,
}

impl<'a> Candidate<'a> {
    fn new(values: &'a [f64], period: usize, version: Version) -> Option<Self> {
        let room = values.len() as f64 - version.parameters(period) as f64 - 1.0;
        let initial = initial_states(values, period, version)?;
        let states = initial.clone();
        let point = match version {
            Version::Plain | Version::Simple => vec![1.3, 1.0],
            Version::Partial => vec![1.3, 1.0, 0.1],
            Version::Full => vec![1.3, 1.0, 1.3, 1.0],
        };
        let aicc = f64::INFINITY;
        (room > 0.0).then_some(Self { values, period, version, initial, states, point, aicc })
    }

    /// Searches on from the best point so far.
    fn search(&mut self, effort: Effort) {
        let upper = match self.version {
            Version::Plain | Version::Simple | Version::Full => [2.4; 4],
            Version::Partial => [2.4, 2.4, 1.0, 1.0],
        };
        let mut point = std::mem::take(&mut self.point);
        let n = point.len();
        let Effort(rounds, steps, share) = effort;
        let (lower, upper) = (&LOWER[..n], &upper[..n]);
        let descent = Descent { lower, upper, reach: REACH, rounds, steps, share };
        let squares = descent.minimise(&mut point, |point, errors| {
            self.evaluate(point, errors);
            Some(())
        });
        self.point = point;
        let Some(squares) = squares else {
            self.aicc = f64::NAN;
            return;
        };
        let count = self.values.len() as f64;
        let parameters = self.version.parameters(self.period) as f64;
        self.aicc = count * squares.max(1e-30).ln()
            + 2.0 * parameters
            + 2.0 * parameters * (parameters + 1.0) / (count - parameters - 1.0);
    }

    /// Writes the errors at a point, from backcast first states.
    fn evaluate(&mut self, point: &[f64], errors: &mut Vec<f64>) {
        self.states.level.clone_from(&self.initial.level);
        self.states.season.clone_from(&self.initial.season);
        backcast(self.version, point, self.values, &mut self.states, errors);
    }

    fn finish(mut self) -> Option<Fitted> {
        let point = self.point.clone();
        let mut errors = Vec::with_capacity(self.values.len());
        self.evaluate(&point, &mut errors);
        let squares = dot(&errors, &errors);
        let variance = squares / (self.values.len() as f64 - point.len() as f64).max(1.0);
        let Self { version, states, aicc, .. } = self;
        variance.is_finite().then_some(Fitted { version, point, states, variance, aicc })
    }
}

/// A fitted version with the states after the last value.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    version: Version,
    point: Vec<f64>,
    states: States,
    variance: f64,
    aicc: f64,
}

/// Runs the filter forwards, backwards and forwards again, which leaves the states after the last
/// value and the errors of the last pass.
fn backcast(
    version: Version,
    point: &[f64],
    values: &[f64],
    states: &mut States,
    errors: &mut Vec<f64>,
) {
    errors.clear();
    errors.resize(values.len(), 0.0);
    filter::<false>(version, point, values, states, errors);
    filter::<true>(version, point, values, states, errors);
    filter::<false>(version, point, values, states, errors);
}

/// Runs the filter over the values, forwards or backwards; writes the errors in the order in which
/// it meets them.
fn filter<const REVERSED: bool>(
    version: Version,
    point: &[f64],
    values: &[f64],
    states: &mut States,
    errors: &mut [f64],
) {
    match version {
        Version::Plain => pass::<REVERSED, PLAIN>(point, values, states, errors),
        Version::Simple => pass::<REVERSED, SIMPLE>(point, values, states, errors),
        Version::Partial => pass::<REVERSED, PARTIAL>(point, values, states, errors),
        Version::Full => pass::<REVERSED, FULL>(point, values, states, errors),
    }
}

const PLAIN: u8 = 0;
const SIMPLE: u8 = 1;
const PARTIAL: u8 = 2;
const FULL: u8 = 3;

/// The filter of one version, so that the compiler sees only its terms.
fn pass<const REVERSED: bool, const VERSION: u8>(
    point: &[f64],
    values: &[f64],
    states: &mut States,
    errors: &mut [f64],
) {
    let n = values.len();
    let period = if VERSION == SIMPLE { states.level.len() } else { states.season.len().max(1) };
    let mut place = if REVERSED { (n + period - 1) % period } else { 0 };
    let mut level = if VERSION == SIMPLE { (0.0, 0.0) } else { states.level[0] };
    let cycle = if VERSION == SIMPLE { &mut states.level } else { &mut states.season };
    for (step, told) in errors.iter_mut().enumerate() {
        let value = if REVERSED { values[n - 1 - step] } else { values[step] };
        let seasonal = if VERSION == PLAIN { (0.0, 0.0) } else { cycle[place] };
        let error = value - level.0 - seasonal.0;
        *told = error;
        if VERSION != SIMPLE {
            level = turned(level, point[0], point[1], error);
        }
        match VERSION {
            SIMPLE => cycle[place] = turned(seasonal, point[0], point[1], error),
            PARTIAL => cycle[place].0 += point[2] * error,
            FULL => cycle[place] = turned(seasonal, point[2], point[3], error),
            _ => {}
        }
        if VERSION != PLAIN {
            if REVERSED {
                place = if place == 0 { period - 1 } else { place - 1 };
            } else {
                place += 1;
                if place == period {
                    place = 0;
                }
            }
        }
    }
    if VERSION != SIMPLE {
        states.level[0] = level;
    }
}

fn expected(version: Version, states: &States, at: usize) -> f64 {
    match version {
        Version::Plain => states.level[0].0,
        Version::Simple => states.level[at % states.level.len()].0,
        Version::Partial | Version::Full => {
            states.level[0].0 + states.season[at % states.season.len()].0
        }
    }
}

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
    if values.len() < period.max(LEAST) {
        return None;
    }
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

impl Likely<Fitted> {
    /// Runs the filters over other values with the same weights: the states that they end in.
    pub(crate) fn replay(&self, values: &[f64], period: usize) -> Option<Self> {
        self.map(|fitted| fitted.replay(values, period))
    }

    /// Returns the mean path of the likely versions after as many values as `first`.
    pub(crate) fn forecast(&self, first: usize, horizon: usize) -> Option<Outcome> {
        self.mean(|fitted| Some(fitted.forecast(first, horizon)))
    }
}

impl Fitted {
    /// Runs the filter over other values with the same weights: the states that it ends in.
    pub(crate) fn replay(&self, values: &[f64], period: usize) -> Option<Self> {
        let mut states = initial_states(values, period, self.version)?;
        backcast(self.version, &self.point, values, &mut states, &mut Vec::new());
        Some(Self { states, ..self.clone() })
    }

    /// Returns the path after as many values as `first`, with the deviation of each step.
    pub(crate) fn forecast(&self, first: usize, horizon: usize) -> Outcome {
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
        let outcome = select(&values, 4).unwrap().forecast(48, 4).unwrap();
        for (value, index) in outcome.mean.iter().zip(season) {
            assert!((value - 20.0 - index).abs() < 0.3, "{outcome:?}");
        }
    }

    #[test]
    fn too_few_points_are_refused() {
        assert!(matches!(select(&[1.0; 5], 12), Err(ForecastError::TooShort { .. })));
    }
}
