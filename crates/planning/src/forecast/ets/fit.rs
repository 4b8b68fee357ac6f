//! Fitting one form, and choosing among all that a series allows.

use super::super::akaike::Likely;
use super::super::descent::Descent;
use super::super::error::ForecastError;
use super::super::number::{line, mean};
use super::super::season::{SeasonForm, decompose};
use super::form::{Form, SeasonPart, Trend};
use super::recursion::{Direction, Pass, Smoothing, States, run};

/// A fitted form with the states after the last value.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    pub(crate) form: Form,
    pub(crate) smoothing: Smoothing,
    pub(crate) states: States,
    /// Variance of the errors of one step, relative ones for multiplicative errors.
    pub(crate) variance: f64,
    pub(crate) aicc: f64,
}

const ALPHA: (f64, f64) = (1e-4, 0.9999);
/// Slopes move slowly: the weight of the newest error is at most a tenth of the level's. Measured on
/// the M1, M3, tourism and retail sets at three origins: OWA .823 at a tenth, .829 at a fifth.
const BETA: (f64, f64) = (1e-4, 0.1);
const PHI: (f64, f64) = (0.8, 0.99);

/// A damped trend is preferred to a straight one by this much AICc: straight lines carried far
/// ahead are the costliest errors (Gardner, McKenzie (1985), "Forecasting trends in time series",
/// Management Science 31). Chosen on the M1 and M3 sets, where it lowers OWA.
const STRAIGHT_TREND: f64 = 4.0;
/// Forms whose first, short search ends this far above the best one are not searched further.
const OUT_OF_REACH: f64 = 6.0;
/// Pairs of error and season whose trends are tried.
const KINDS: usize = 2;

/// Fits one form.
#[cfg(test)]
pub(crate) fn fit(values: &[f64], period: usize, form: Form) -> Option<Fitted> {
    let mut candidate = Candidate::new(values, period, form)?;
    candidate.search(LONG);
    candidate.finish()
}

/// Chooses among the forms that the series allows: the likeliest ones, by their Akaike weights.
///
/// Forms are searched shortly first: those without trend, then the trends of the two best of them;
/// those within reach of the best one are searched at length.
///
/// # Errors
/// Where no form can be fitted.
pub(crate) fn select(values: &[f64], period: usize) -> Result<Likely<Fitted>, ForecastError> {
    let forms = Form::allowed(values, period);
    let tried = |form: Form| {
        let mut candidate = Candidate::new(values, period, form)?;
        candidate.search(SHORT);
        Some(candidate)
    };
    let level = forms.iter().copied().filter(|form| form.trend == Trend::None);
    let mut candidates: Vec<Candidate<'_>> = level.filter_map(tried).collect();
    candidates.sort_by(|a, b| a.aicc.total_cmp(&b.aicc));
    let kinds: Vec<_> = candidates.iter().take(KINDS).map(|one| one.form.kind()).collect();
    let trends = forms.into_iter().filter(|form| form.trend != Trend::None);
    candidates.extend(trends.filter(|form| kinds.contains(&form.kind())).filter_map(tried));
    let best = candidates.iter().map(|one| one.aicc).fold(f64::INFINITY, f64::min);
    candidates.retain(|one| one.aicc <= best + OUT_OF_REACH);
    for candidate in &mut candidates {
        candidate.search(LONG);
    }
    let fitted = candidates.into_iter().filter_map(Candidate::finish).collect();
    Likely::of(fitted, |one: &Fitted| one.aicc).ok_or(ForecastError::Unstable { method: "ETS" })
}

/// How long to search: rounds and steps at most, and the share of the sum that ends it.
#[derive(Debug, Clone, Copy)]
struct Effort(usize, usize, f64);

const SHORT: Effort = Effort(3, 6, 5e-3);
const LONG: Effort = Effort(1, 3, 1e-6);
/// No weight moves further than this in a round.
const REACH: f64 = 0.3;

/// A form on the way to being fitted.
struct Candidate<'a> {
    values: &'a [f64],
    period: usize,
    form: Form,
    initial: States,
    /// Working space, and the last states of the latest evaluation.
    states: States,
    point: Vec<f64>,
    aicc: f64,
}

impl<'a> Candidate<'a> {
    fn new(values: &'a [f64], period: usize, form: Form) -> Option<Self> {
        let initial = initial_states(values, period, form)?;
        let states = initial.clone();
        let point = bounds(form).0;
        Some(Self { values, period, form, initial, states, point, aicc: f64::INFINITY })
    }

    /// Searches on from the best point so far.
    fn search(&mut self, effort: Effort) {
        let (_, lower, upper) = bounds(self.form);
        let mut point = std::mem::take(&mut self.point);
        let Effort(rounds, steps, share) = effort;
        let descent = Descent { lower: &lower, upper: &upper, reach: REACH, rounds, steps, share };
        let count = self.values.len() as f64;
        // With the variance concentrated out, the likelihood is highest where squared relative errors
        // times the squared geometric mean of the fitted sizes sum to least.
        let least = descent.minimise(&mut point, |point, errors| {
            let logs = self.evaluate(point, errors).logs;
            let factor = (logs / count).exp();
            errors.iter_mut().for_each(|error| *error *= factor);
            Some(())
        });
        self.point = point;
        self.aicc = least.map_or(f64::NAN, |least| self.aicc_of(count * least.max(1e-30).ln()));
    }

    /// Runs the filter at a point and writes its errors.
    fn evaluate(&mut self, point: &[f64], errors: &mut Vec<f64>) -> Pass {
        let smoothing = smoothing_at(point, self.form);
        self.states.copy_from(&self.initial);
        backcast(self.form, smoothing, self.values, &mut self.states, errors);
        let direction = Direction::Forward;
        run(self.form, smoothing, self.values, &mut self.states, errors, direction)
    }

    fn aicc_of(&self, likelihood: f64) -> f64 {
        let parameters = self.form.parameters(self.period) as f64;
        let room = self.values.len() as f64 - parameters - 1.0;
        let small = if room > 0.0 {
            2.0 * parameters * (parameters + 1.0) / room
        } else {
            // Too short for the correction: the fewest parameters win.
            1e6 * parameters
        };
        let straight = if self.form.trend == Trend::Additive { STRAIGHT_TREND } else { 0.0 };
        likelihood + 2.0 * parameters + small + straight
    }

    fn finish(mut self) -> Option<Fitted> {
        let point = self.point.clone();
        let pass = self.evaluate(&point, &mut Vec::new());
        let freedom = (self.values.len() as f64 - point.len() as f64 - 1.0).max(1.0);
        let variance = pass.squares / freedom;
        let smoothing = smoothing_at(&point, self.form);
        let Self { form, states, aicc, .. } = self;
        let sound = states.is_sound() && variance.is_finite();
        sound.then_some(Fitted { form, smoothing, states, variance, aicc })
    }
}

impl Fitted {
    /// Runs the filter over other values with the same weights: the states that it ends in.
    pub(crate) fn replay(&self, values: &[f64], period: usize) -> Option<Self> {
        let mut states = initial_states(values, period, self.form)?;
        let mut errors = Vec::new();
        backcast(self.form, self.smoothing, values, &mut states, &mut errors);
        run(self.form, self.smoothing, values, &mut states, &mut errors, Direction::Forward);
        states.is_sound().then(|| Self { states, ..self.clone() })
    }
}

/// Runs the filter forwards and backwards, which leaves the states before the first value.
fn backcast(
    form: Form,
    smoothing: Smoothing,
    values: &[f64],
    states: &mut States,
    errors: &mut Vec<f64>,
) {
    run(form, smoothing, values, states, errors, Direction::Forward);
    turn(form, smoothing, states);
    run(form, smoothing, values, states, errors, Direction::Backward);
    turn(form, smoothing, states);
}

/// Turns the states round in time: the level steps once beyond, the slope changes its sign.
fn turn(form: Form, smoothing: Smoothing, states: &mut States) {
    if form.trend != Trend::None {
        states.level += smoothing.phi * states.slope;
        states.slope = -states.slope;
    }
}

fn bounds(form: Form) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let mut all = vec![(0.3, ALPHA.0, ALPHA.1)];
    if form.trend != Trend::None {
        all.push((0.05, BETA.0, BETA.1));
    }
    if form.season != SeasonPart::None {
        all.push((0.1, 1e-4, 0.9999));
    }
    if form.trend == Trend::Damped {
        all.push((0.95, PHI.0, PHI.1));
    }
    let start = all.iter().map(|bound| bound.0).collect();
    let lower = all.iter().map(|bound| bound.1).collect();
    (start, lower, all.iter().map(|bound| bound.2).collect())
}

/// Reads smoothing weights from a point: beta as a share of alpha, gamma of what alpha leaves.
fn smoothing_at(point: &[f64], form: Form) -> Smoothing {
    let mut rest = point.iter().copied();
    let alpha = rest.next().unwrap_or(0.3);
    let beta = if form.trend == Trend::None { 0.0 } else { alpha * rest.next().unwrap_or(0.0) };
    let gamma = if form.season == SeasonPart::None {
        0.0
    } else {
        (1.0 - alpha) * rest.next().unwrap_or(0.0)
    };
    let phi = if form.trend == Trend::Damped { rest.next().unwrap_or(1.0) } else { 1.0 };
    Smoothing { alpha, beta, gamma, phi }
}

/// Returns first states: the season by decomposition, level and slope by a line through the first
/// values without it.
fn initial_states(values: &[f64], period: usize, form: Form) -> Option<States> {
    let shape = match form.season {
        SeasonPart::None => None,
        SeasonPart::Additive => Some(decompose(values, period, SeasonForm::Additive)?),
        SeasonPart::Multiplicative => Some(decompose(values, period, SeasonForm::Multiplicative)?),
    };
    let plain = shape.as_ref().map_or_else(|| values.to_vec(), |shape| shape.remove(values));
    let first = &plain[..plain.len().min(period.max(10))];
    let season = shape.map_or_else(Vec::new, |shape| shape.indices);
    let (level, slope) = line(first);
    Some(match form.trend {
        Trend::None => States { level: mean(first), slope: 0.0, season },
        Trend::Additive | Trend::Damped => States { level: level - slope, slope, season },
    })
}

#[cfg(test)]
mod tests {
    use super::super::form::{ErrorForm, SeasonPart};
    use super::*;

    const SIMPLE: Form =
        Form { error: ErrorForm::Additive, trend: Trend::None, season: SeasonPart::None };

    #[test]
    fn a_straight_line_is_recognised() {
        let values: Vec<f64> = (0..40).map(|index| 1.0 + 0.1 * f64::from(index)).collect();
        let fitted = select(&values, 1).unwrap();
        let outcome = fitted.forecast(&values, 3).unwrap();
        assert!((outcome.mean[2] - 5.2).abs() < 0.05, "{outcome:?}");
    }

    #[test]
    fn noise_round_a_level_gets_a_small_weight() {
        let values: Vec<f64> =
            (0..80_i32).map(|index| 1.0 + 0.1 * f64::from(index * 7 % 11 - 5)).collect();
        let fitted = fit(&values, 1, SIMPLE).unwrap();
        assert!(fitted.smoothing.alpha < 0.1, "{:?}", fitted.smoothing);
        assert!((fitted.states.level - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_random_walk_gets_the_whole_weight() {
        let (mut value, mut bits) = (10.0, 1_u32);
        let values: Vec<f64> = (0..80)
            .map(|_| {
                bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                value += f64::from(bits >> 8) / f64::from(1_u32 << 24) - 0.5;
                value
            })
            .collect();
        let fitted = fit(&values, 1, SIMPLE).unwrap();
        assert!(fitted.smoothing.alpha > 0.8, "{:?}", fitted.smoothing);
    }
}
