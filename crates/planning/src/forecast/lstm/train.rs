//! Training: the mean absolute error, by Adam with a falling rate.
//!
//! Kingma, Ba (2015), "Adam: A method for stochastic optimization"; the rate falls along a cosine,
//! Loshchilov, Hutter (2017), "SGDR: Stochastic gradient descent with warm restarts".

use super::Window;
use super::network::{FEATURES, LANES, Lane, Network};
use crate::forecast::number::{mean, single};
use crate::forecast::rng::Random;

const EPOCHS: usize = 8;
const RATE: f64 = 4e-3;
const FIRST_MOMENT: f32 = 0.9;
const SECOND_MOMENT: f32 = 0.999;

/// Trains and returns the deviation of the errors at each period, over the windows.
pub(super) fn train(network: &mut Network, windows: &[Window], random: &mut Random) -> Vec<f64> {
    let mut order: Vec<usize> = (0..windows.len()).collect();
    let size = network.weights.len();
    let (mut first, mut second) = (vec![0.0_f32; size], vec![0.0_f32; size]);
    let mut slopes = vec![0.0_f32; size];
    let batches = windows.len().div_ceil(LANES) * EPOCHS;
    let mut done = 0_usize;
    for _ in 0..EPOCHS {
        random.shuffle(&mut order);
        for batch in order.chunks(LANES) {
            slopes.fill(0.0);
            let (answers, memory) = network.forward(&features_of(windows, batch));
            let signs = signs(&answers, windows, batch);
            network.backward(&memory, &signs, &mut slopes);
            let share = done as f64 / batches as f64;
            let rate = RATE * 0.5 * (1.0 + (std::f64::consts::PI * share).cos());
            done += 1;
            // Moments start at 0; the division takes their bias out.
            let start = |moment: f32| 1.0 - f64::from(moment).powf(done as f64);
            let scale = single(rate * start(SECOND_MOMENT).sqrt() / start(FIRST_MOMENT));
            for at in 0..size {
                let slope = slopes[at];
                first[at] = FIRST_MOMENT * first[at] + (1.0 - FIRST_MOMENT) * slope;
                second[at] = SECOND_MOMENT * second[at] + (1.0 - SECOND_MOMENT) * slope * slope;
                network.weights[at] -= scale * first[at] / (second[at].sqrt() + 1e-8);
            }
        }
    }
    deviations(network, windows)
}

fn features_of<'a>(
    windows: &'a [Window],
    batch: &[usize],
) -> Vec<&'a [[f32; FEATURES]; super::WINDOW]> {
    batch.iter().map(|which| &windows[*which].features).collect()
}

/// Returns the slopes of the mean absolute error.
fn signs(answers: &[Lane], windows: &[Window], batch: &[usize]) -> Vec<Lane> {
    let size = 1.0 / single((batch.len() * answers.len()) as f64);
    let one = |(period, answer): (usize, &Lane)| {
        let mut out = [0.0; LANES];
        for (lane, which) in batch.iter().enumerate() {
            out[lane] = size * (answer[lane] - windows[*which].wanted[period]).signum();
        }
        out
    };
    answers.iter().enumerate().map(one).collect()
}

fn deviations(network: &Network, windows: &[Window]) -> Vec<f64> {
    let mut squares = vec![Vec::new(); network.horizon];
    let all: Vec<usize> = (0..windows.len()).collect();
    for batch in all.chunks(LANES) {
        let (answers, _) = network.forward(&features_of(windows, batch));
        for (period, answer) in answers.iter().enumerate() {
            for (lane, which) in batch.iter().enumerate() {
                let error = f64::from(answer[lane] - windows[*which].wanted[period]);
                squares[period].push(error * error);
            }
        }
    }
    squares.iter().map(|squares| mean(squares).sqrt()).collect()
}
