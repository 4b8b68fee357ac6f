//! The network: one layer with memory, one linear layer; forward and backward passes.
//!
//! Numbers lie unit by unit with the windows of a batch side by side ([`LANES`]), so that each
//! weight meets all windows of the batch in one row of additions.

use super::WINDOW;
use crate::forecast::number::single;
use crate::forecast::rng::Random;

/// Windows worked on together.
pub(super) const LANES: usize = 32;
/// Numbers read at each step.
pub(super) const FEATURES: usize = 3;
/// Units with memory.
pub(super) const UNITS: usize = 16;
/// Rows of the gates: in, forget, candidate, out.
const GATES: usize = 4 * UNITS;
/// Columns of a gate's row: features, units, and the bias.
const COLUMNS: usize = FEATURES + UNITS + 1;

/// One number for each window of a batch.
pub(super) type Lane = [f32; LANES];
const ZERO: Lane = [0.0; LANES];

/// The weights, in one vector: gates row by row, then the answers row by row with their bias.
#[derive(Debug, Clone)]
pub(super) struct Network {
    pub(super) weights: Vec<f32>,
    pub(super) horizon: usize,
}

/// What a forward pass leaves for the backward one.
pub(super) struct Memory {
    /// Inputs of each step: features, units before, ones.
    inputs: Vec<[Lane; COLUMNS]>,
    gates: Vec<[Lane; GATES]>,
    cells: Vec<[Lane; UNITS]>,
    /// Hyperbolic tangents of the cells.
    bounded: Vec<[Lane; UNITS]>,
    last: [Lane; UNITS],
}

impl Network {
    /// Draws small weights; answers start at 0, forget gates open (Jozefowicz, Zaremba, Sutskever
    /// (2015), "An empirical exploration of recurrent network architectures").
    pub(super) fn new(horizon: usize, random: &mut Random) -> Self {
        let mut weights = vec![0.0; GATES * COLUMNS + horizon * (UNITS + 1)];
        let size = (1.0 / (FEATURES + UNITS) as f64).sqrt();
        for (at, weight) in weights[..GATES * COLUMNS].iter_mut().enumerate() {
            let (row, column) = (at / COLUMNS, at % COLUMNS);
            *weight = if column < COLUMNS - 1 {
                single(0.6 * size * random.normal())
            } else if row / UNITS == 1 {
                1.0
            } else {
                0.0
            };
        }
        Self { weights, horizon }
    }

    /// Answers for one window.
    pub(super) fn answer(&self, features: &[[f32; FEATURES]; WINDOW]) -> Vec<f32> {
        let (answers, _) = self.forward(&[features]);
        answers.iter().map(|lane| lane[0]).collect()
    }

    /// Runs a batch of at most [`LANES`] windows; returns one row of answers for each period.
    pub(super) fn forward(&self, batch: &[&[[f32; FEATURES]; WINDOW]]) -> (Vec<Lane>, Memory) {
        let mut memory = Memory {
            inputs: Vec::with_capacity(WINDOW),
            gates: Vec::with_capacity(WINDOW),
            cells: Vec::with_capacity(WINDOW),
            bounded: Vec::with_capacity(WINDOW),
            last: [ZERO; UNITS],
        };
        let mut cell = [ZERO; UNITS];
        for step in 0..WINDOW {
            let mut input = [ZERO; COLUMNS];
            for (lane, window) in batch.iter().enumerate() {
                for feature in 0..FEATURES {
                    input[feature][lane] = window[step][feature];
                }
            }
            input[FEATURES..FEATURES + UNITS].copy_from_slice(&memory.last);
            input[COLUMNS - 1] = [1.0; LANES];
            let mut gates = [ZERO; GATES];
            for (row, gate) in gates.iter_mut().enumerate() {
                let weights = &self.weights[row * COLUMNS..(row + 1) * COLUMNS];
                for (weight, column) in weights.iter().zip(&input) {
                    add_scaled(gate, *weight, column);
                }
                let is_candidate = row / UNITS == 2;
                gate.iter_mut().for_each(|value| {
                    *value = if is_candidate { tanh(*value) } else { sigmoid(*value) };
                });
            }
            let mut bounded = [ZERO; UNITS];
            for unit in 0..UNITS {
                for lane in 0..LANES {
                    let kept = gates[UNITS + unit][lane] * cell[unit][lane];
                    let new = gates[unit][lane] * gates[2 * UNITS + unit][lane];
                    cell[unit][lane] = kept + new;
                    bounded[unit][lane] = tanh(cell[unit][lane]);
                    memory.last[unit][lane] = gates[3 * UNITS + unit][lane] * bounded[unit][lane];
                }
            }
            memory.inputs.push(input);
            memory.gates.push(gates);
            memory.cells.push(cell);
            memory.bounded.push(bounded);
        }
        let answers = (0..self.horizon).map(|period| {
            let weights = self.answer_weights(period);
            let mut sum = [weights[UNITS]; LANES];
            for unit in 0..UNITS {
                add_scaled(&mut sum, weights[unit], &memory.last[unit]);
            }
            sum
        });
        (answers.collect(), memory)
    }

    /// Adds to `slopes` how the loss moves with each weight, from how it moves with each answer.
    pub(super) fn backward(&self, memory: &Memory, answers: &[Lane], slopes: &mut [f32]) {
        let first = GATES * COLUMNS;
        let mut units = [ZERO; UNITS];
        for (period, slope) in answers.iter().enumerate() {
            let weights = self.answer_weights(period);
            let row = &mut slopes[first + period * (UNITS + 1)..][..=UNITS];
            for unit in 0..UNITS {
                row[unit] += dot(slope, &memory.last[unit]);
                add_scaled(&mut units[unit], weights[unit], slope);
            }
            row[UNITS] += slope.iter().sum::<f32>();
        }
        let mut cells = [ZERO; UNITS];
        for step in (0..WINDOW).rev() {
            let gates = &memory.gates[step];
            let mut moved = [ZERO; GATES];
            for unit in 0..UNITS {
                for lane in 0..LANES {
                    let (enter, keep) = (gates[unit][lane], gates[UNITS + unit][lane]);
                    let (new, out) = (gates[2 * UNITS + unit][lane], gates[3 * UNITS + unit][lane]);
                    let before = if step > 0 { memory.cells[step - 1][unit][lane] } else { 0.0 };
                    let bounded = memory.bounded[step][unit][lane];
                    let slope = units[unit][lane];
                    let cell = cells[unit][lane] + slope * out * (1.0 - bounded * bounded);
                    moved[unit][lane] = cell * new * enter * (1.0 - enter);
                    moved[UNITS + unit][lane] = cell * before * keep * (1.0 - keep);
                    moved[2 * UNITS + unit][lane] = cell * enter * (1.0 - new * new);
                    moved[3 * UNITS + unit][lane] = slope * bounded * out * (1.0 - out);
                    cells[unit][lane] = cell * keep;
                }
            }
            units = [ZERO; UNITS];
            for (row, gate) in moved.iter().enumerate() {
                let input = &memory.inputs[step];
                let targets = &mut slopes[row * COLUMNS..(row + 1) * COLUMNS];
                for (target, column) in targets.iter_mut().zip(input) {
                    *target += dot(gate, column);
                }
                for unit in 0..UNITS {
                    let weight = self.weights[row * COLUMNS + FEATURES + unit];
                    add_scaled(&mut units[unit], weight, gate);
                }
            }
        }
    }

    fn answer_weights(&self, period: usize) -> &[f32] {
        &self.weights[GATES * COLUMNS + period * (UNITS + 1)..][..=UNITS]
    }
}

#[inline(always)]
fn add_scaled(target: &mut Lane, weight: f32, source: &Lane) {
    for lane in 0..LANES {
        target[lane] += weight * source[lane];
    }
}

#[inline(always)]
fn dot(left: &Lane, right: &Lane) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in left.chunks_exact(8).zip(right.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

/// The hyperbolic tangent by Lambert's continued fraction to the seventh term, within 1e-4.
#[inline(always)]
fn tanh(value: f32) -> f32 {
    let x = value.clamp(-4.97, 4.97);
    let square = x * x;
    let upper = x * (135_135.0 + square * (17_325.0 + square * (378.0 + square)));
    let lower = 135_135.0 + square * (62_370.0 + square * (3_150.0 + 28.0 * square));
    upper / lower
}

#[inline(always)]
fn sigmoid(value: f32) -> f32 {
    0.5 + 0.5 * tanh(0.5 * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_equal_differences() {
        let mut random = Random::new(9);
        let mut network = Network::new(2, &mut random);
        for weight in &mut network.weights {
            *weight += single(0.3 * (random.unit() - 0.5));
        }
        let mut windows = vec![[[0.0; FEATURES]; WINDOW]; 3];
        windows.iter_mut().flatten().flatten().for_each(|value| *value = single(random.normal()));
        let batch: Vec<_> = windows.iter().collect();
        // The loss is the sum of the answers over the three windows.
        let loss = |network: &Network| -> f64 {
            let (answers, _) = network.forward(&batch);
            answers.iter().flat_map(|lane| &lane[..3]).map(|value| f64::from(*value)).sum()
        };
        let (_, memory) = network.forward(&batch);
        let mut one = ZERO;
        one[..3].fill(1.0);
        let mut slopes = vec![0.0; network.weights.len()];
        network.backward(&memory, &[one; 2], &mut slopes);
        for at in (0..slopes.len()).step_by(37) {
            let (mut up, mut down) = (network.clone(), network.clone());
            up.weights[at] += 0.01;
            down.weights[at] -= 0.01;
            let wanted = (loss(&up) - loss(&down)) / 0.02;
            let found = f64::from(slopes[at]);
            assert!((found - wanted).abs() < 0.02 + 0.02 * wanted.abs(), "{at} {found} {wanted}");
        }
    }

    #[test]
    fn the_fraction_is_the_hyperbolic_tangent() {
        for step in -60..=60_i16 {
            let x = f32::from(step) / 10.0;
            assert!((tanh(x) - x.tanh()).abs() < 2e-4, "{x}");
        }
    }
}
