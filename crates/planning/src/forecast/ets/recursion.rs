//! The filter itself: one pass over the values, with the likelihood on the way.
//!
//! The updates of additive and multiplicative errors are the same in terms of the raw error; only
//! the likelihood differs.

use super::form::{ErrorForm, Form, SeasonPart, Trend};

/// Weights of the newest error in each state, and the damping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Smoothing {
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
    pub(crate) gamma: f64,
    pub(crate) phi: f64,
}

/// Level, slope and season at one moment; the season is indexed by position modulo its length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct States {
    pub(crate) level: f64,
    pub(crate) slope: f64,
    pub(crate) season: Vec<f64>,
}

impl States {
    /// Takes the numbers of other states without allocating.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.level = other.level;
        self.slope = other.slope;
        self.season.clear();
        self.season.extend_from_slice(&other.season);
    }
}

/// What a pass over the values measures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass {
    /// Sum of squared errors, relative ones for multiplicative errors.
    pub(crate) squares: f64,
    /// Sum of the logarithms of the fitted sizes, for multiplicative errors.
    pub(crate) logs: f64,
}

const ADDITIVE: u8 = 1;
const MULTIPLICATIVE: u8 = 2;

/// Runs the filter over the values in their order, or backwards, and leaves the last states.
///
/// Forwards, `errors` are those whose squares are summed.
pub(crate) fn run(
    form: Form,
    smoothing: Smoothing,
    values: &[f64],
    states: &mut States,
    errors: &mut Vec<f64>,
    direction: Direction,
) -> Pass {
    errors.clear();
    errors.resize(values.len(), 0.0);
    match (direction, form.error) {
        (Direction::Backward, _) => {
            by_season::<false, true>(form, smoothing, values, states, errors)
        }
        (Direction::Forward, ErrorForm::Additive) => {
            by_season::<false, false>(form, smoothing, values, states, errors)
        }
        (Direction::Forward, ErrorForm::Multiplicative) => {
            by_season::<true, false>(form, smoothing, values, states, errors)
        }
    }
}

/// Which way the filter runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the first value to the last, with the likelihood.
    Forward,
    /// From the last value to the first; the slope is that of reversed time.
    Backward,
}

fn by_season<const RELATIVE: bool, const REVERSED: bool>(
    form: Form,
    smoothing: Smoothing,
    values: &[f64],
    states: &mut States,
    errors: &mut [f64],
) -> Pass {
    match (form.trend == Trend::None, form.season) {
        (true, SeasonPart::None) => {
            filter::<RELATIVE, REVERSED, false, 0>(smoothing, values, states, errors)
        }
        (true, SeasonPart::Additive) => {
            filter::<RELATIVE, REVERSED, false, ADDITIVE>(smoothing, values, states, errors)
        }
        (true, SeasonPart::Multiplicative) => {
            filter::<RELATIVE, REVERSED, false, MULTIPLICATIVE>(smoothing, values, states, errors)
        }
        (false, SeasonPart::None) => {
            filter::<RELATIVE, REVERSED, true, 0>(smoothing, values, states, errors)
        }
        (false, SeasonPart::Additive) => {
            filter::<RELATIVE, REVERSED, true, ADDITIVE>(smoothing, values, states, errors)
        }
        (false, SeasonPart::Multiplicative) => {
            filter::<RELATIVE, REVERSED, true, MULTIPLICATIVE>(smoothing, values, states, errors)
        }
    }
}

/// Sizes below this are taken as this: a path through 0 has no relative error.
const LEAST: f64 = 1e-9;

#[inline(always)]
fn filter<const RELATIVE: bool, const REVERSED: bool, const TREND: bool, const SEASON: u8>(
    smoothing: Smoothing,
    values: &[f64],
    states: &mut States,
    errors: &mut [f64],
) -> Pass {
    let Smoothing { alpha, beta, gamma, phi } = smoothing;
    let n = values.len();
    let (mut level, mut slope) = (states.level, states.slope);
    let season = states.season.as_mut_slice();
    let period = season.len();
    let mut place = if SEASON != 0 && REVERSED { (n + period - 1) % period } else { 0 };
    let (mut squares, mut logs, mut product, mut count) = (0.0, 0.0, 1.0_f64, 0_u32);
    for (step, told) in errors.iter_mut().enumerate() {
        let value = if REVERSED { values[n - 1 - step] } else { values[step] };
        let grown = if TREND { phi * slope } else { 0.0 };
        let base = level + grown;
        let index = if SEASON == 0 { 0.0 } else { season[place] };
        let fitted = match SEASON {
            ADDITIVE => base + index,
            MULTIPLICATIVE => base * index,
            _ => base,
        };
        let error = value - fitted;
        if !REVERSED {
            if RELATIVE {
                let size = fitted.abs().max(LEAST);
                let relative = error * (1.0 / size);
                squares += relative * relative;
                *told = relative;
                product *= size;
                count += 1;
                if count == 32 {
                    logs += product.max(f64::MIN_POSITIVE).ln();
                    product = 1.0;
                    count = 0;
                }
            } else {
                squares += error * error;
                *told = error;
            }
        }
        // Reciprocals do not wait for the error: the chain from level to level stays short.
        let pull = if SEASON == MULTIPLICATIVE { error * (1.0 / guarded(index)) } else { error };
        level = base + alpha * pull;
        if TREND {
            slope = grown + beta * pull;
        }
        if SEASON == ADDITIVE {
            season[place] = index + gamma * error;
        } else if SEASON == MULTIPLICATIVE {
            season[place] = index + gamma * error * (1.0 / guarded(base));
        }
        if SEASON != 0 {
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
    logs += product.max(f64::MIN_POSITIVE).ln();
    states.level = level;
    states.slope = slope;
    Pass { squares, logs }
}

/// Keeps a divisor away from 0.
#[inline(always)]
fn guarded(value: f64) -> f64 {
    if value.abs() < LEAST { LEAST.copysign(value) } else { value }
}
